//! The pointer: tells a click from a drag, and how fast a drag was let go.

/// A press that moves less than this many CSS pixels is a click.
const CLICK_SLACK_PX: f64 = 4.0;
/// Only the last part of a drag counts for its speed.
const SPEED_WINDOW_MS: f64 = 90.0;

#[derive(Debug, Clone, Copy)]
struct Sample {
    x: f64,
    y: f64,
    at_ms: f64,
}

/// What a pointer event means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gesture {
    Nothing,
    /// The pointer is over this place.
    Hover {
        x: f64,
        y: f64,
    },
    /// The picture follows the pointer by this way.
    Drag {
        dx: f64,
        dy: f64,
    },
    Click {
        x: f64,
        y: f64,
    },
    /// The drag was let go at this speed in CSS pixels per second.
    Throw {
        velocity: [f64; 2],
    },
}

/// A pointer of the mouse or a finger.
#[derive(Debug, Default)]
pub struct Hand {
    pressed: Option<Sample>,
    dragging: bool,
    trail: Vec<Sample>,
    /// A press that moves less than this is a click.
    slack_px: f64,
}

impl Hand {
    /// The primary button went down.
    pub fn press(&mut self, x: f64, y: f64, at_ms: f64) {
        let sample = Sample { x, y, at_ms };
        self.pressed = Some(sample);
        self.dragging = false;
        self.trail = vec![sample];
        self.slack_px = CLICK_SLACK_PX;
    }

    /// This press may move so many CSS pixels and still be a click.
    pub fn allow(&mut self, slack_px: f64) {
        self.slack_px = slack_px;
    }

    /// The picture is held from here on without a press, so that letting go is no click.
    pub fn grasp(&mut self, x: f64, y: f64, at_ms: f64) {
        self.press(x, y, at_ms);
        self.dragging = true;
    }

    /// The pointer moved.
    pub fn travel(&mut self, x: f64, y: f64, at_ms: f64) -> Gesture {
        let Some(start) = self.pressed else {
            return Gesture::Hover { x, y };
        };
        if !self.dragging && (x - start.x).hypot(y - start.y) < self.slack_px {
            return Gesture::Nothing;
        }
        self.dragging = true;
        let last = self.trail.last().copied().unwrap_or(start);
        self.trail.push(Sample { x, y, at_ms });
        self.trail
            .retain(|sample| at_ms - sample.at_ms <= SPEED_WINDOW_MS);
        Gesture::Drag {
            dx: x - last.x,
            dy: y - last.y,
        }
    }

    /// The button went up.
    pub fn release(&mut self, x: f64, y: f64, at_ms: f64) -> Gesture {
        if self.pressed.take().is_none() {
            return Gesture::Nothing;
        }
        if !self.dragging {
            return Gesture::Click { x, y };
        }
        self.dragging = false;
        self.trail
            .retain(|sample| at_ms - sample.at_ms <= SPEED_WINDOW_MS);
        let Some(first) = self.trail.first() else {
            return Gesture::Nothing;
        };
        let passed_ms = (at_ms - first.at_ms).max(1.0);
        let speed = |way: f64| way / passed_ms * 1000.0;
        Gesture::Throw {
            velocity: [speed(x - first.x), speed(y - first.y)],
        }
    }

    /// The pointer was taken away (another window, a lost capture).
    pub fn cancel(&mut self) {
        self.pressed = None;
        self.dragging = false;
    }

    /// Whether the picture is being dragged.
    pub fn is_dragging(&self) -> bool {
        self.dragging
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trembling_press_is_a_click() {
        let mut hand = Hand::default();
        hand.press(100.0, 100.0, 0.0);
        assert_eq!(hand.travel(102.0, 101.0, 10.0), Gesture::Nothing);
        assert_eq!(
            hand.release(102.0, 101.0, 20.0),
            Gesture::Click { x: 102.0, y: 101.0 }
        );
    }

    #[test]
    fn a_drag_covers_the_whole_way_and_keeps_its_speed() {
        let mut hand = Hand::default();
        hand.press(0.0, 0.0, 0.0);
        assert_eq!(
            hand.travel(10.0, 0.0, 20.0),
            Gesture::Drag { dx: 10.0, dy: 0.0 }
        );
        assert_eq!(
            hand.travel(30.0, 0.0, 40.0),
            Gesture::Drag { dx: 20.0, dy: 0.0 }
        );
        assert!(hand.is_dragging());
        let Gesture::Throw { velocity } = hand.release(30.0, 0.0, 50.0) else {
            panic!("a throw")
        };
        assert!((velocity[0] - 600.0).abs() < 1.0, "{velocity:?}");
    }

    #[test]
    fn a_drag_that_rests_before_letting_go_is_not_thrown() {
        let mut hand = Hand::default();
        hand.press(0.0, 0.0, 0.0);
        hand.travel(100.0, 0.0, 20.0);
        assert_eq!(hand.release(100.0, 0.0, 400.0), Gesture::Nothing);
    }

    #[test]
    fn a_finger_may_tremble_more_and_what_is_grasped_is_never_clicked() {
        let mut hand = Hand::default();
        hand.press(0.0, 0.0, 0.0);
        hand.allow(12.0);
        assert_eq!(hand.travel(8.0, 0.0, 10.0), Gesture::Nothing);
        assert_eq!(
            hand.release(8.0, 0.0, 20.0),
            Gesture::Click { x: 8.0, y: 0.0 }
        );
        hand.grasp(0.0, 0.0, 30.0);
        let let_go = hand.release(0.0, 0.0, 40.0);
        assert!(!matches!(let_go, Gesture::Click { .. }), "{let_go:?}");
    }

    #[test]
    fn without_a_press_the_pointer_hovers() {
        let mut hand = Hand::default();
        assert_eq!(
            hand.travel(5.0, 6.0, 0.0),
            Gesture::Hover { x: 5.0, y: 6.0 }
        );
        assert_eq!(hand.release(5.0, 6.0, 1.0), Gesture::Nothing);
    }
}
