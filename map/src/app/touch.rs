//! Fingers on a wall panel: one pans and taps, two pan and zoom, a tap of two zooms out.

use super::StreetMap;

/// A finger is less exact than a mouse: it may move this far, in CSS pixels, and still tap.
const TAP_SLACK_PX: f64 = 12.0;
/// Two fingers that are lifted within this time without having moved zoom out.
const TWO_FINGER_TAP_MS: f64 = 300.0;
/// Fingers this close together count as being this far apart, in CSS pixels.
const LEAST_SPAN_PX: f64 = 8.0;

#[derive(Debug, Clone, Copy)]
struct Finger {
    id: i32,
    at: [f64; 2],
}

/// The fingers that are down; more than two change nothing.
#[derive(Debug, Default)]
pub struct Fingers {
    down: Vec<Finger>,
    second_at_ms: f64,
    /// How far the two have moved since the second came.
    moved_px: f64,
    /// Whether the pointer is a finger, which is less exact than a mouse.
    pub is_pointing: bool,
}

impl Fingers {
    /// Middle and span of the two fingers.
    fn pair(&self) -> Option<([f64; 2], f64)> {
        let [a, b] = self.down.as_slice() else {
            return None;
        };
        let ([ax, ay], [bx, by]) = (a.at, b.at);
        let span = (ax - bx).hypot(ay - by).max(LEAST_SPAN_PX);
        Some(([f64::midpoint(ax, bx), f64::midpoint(ay, by)], span))
    }

    /// Moves a finger that is down; answers its way.
    fn slide(&mut self, id: i32, to: [f64; 2]) -> Option<f64> {
        let finger = self.down.iter_mut().find(|finger| finger.id == id)?;
        let [x, y] = std::mem::replace(&mut finger.at, to);
        Some((to[0] - x).hypot(to[1] - y))
    }
}

impl StreetMap {
    /// A finger came down at a place in CSS pixels.
    pub fn finger_down(&mut self, id: i32, x: f64, y: f64, now_ms: f64) {
        if self.fingers.down.len() >= 2 || !(x.is_finite() && y.is_finite()) {
            return;
        }
        self.fingers.down.retain(|finger| finger.id != id);
        self.fingers.down.push(Finger { id, at: [x, y] });
        if self.fingers.down.len() == 1 {
            // What was tapped before is told of until now; a finger rests nowhere.
            self.hover_at = None;
            self.set_hovered_cluster(Vec::new(), [x, y]);
            self.pointer_pressed(x, y, now_ms);
            self.fingers.is_pointing = true;
            self.hand.allow(TAP_SLACK_PX);
        } else {
            self.hand.cancel();
            self.tool_abandoned();
            self.fingers.second_at_ms = now_ms;
            self.fingers.moved_px = 0.0;
        }
    }

    /// A finger moved.
    pub fn finger_moved(&mut self, id: i32, x: f64, y: f64, now_ms: f64) {
        let before = self.fingers.pair();
        let Some(way) = self.fingers.slide(id, [x, y]) else {
            return;
        };
        let (Some((from, span)), Some((to, new_span))) = (before, self.fingers.pair()) else {
            self.pointer_moved(x, y, now_ms);
            return;
        };
        self.fingers.moved_px += way;
        if self.fingers.moved_px >= TAP_SLACK_PX {
            let way = [to[0] - from[0], to[1] - from[1]];
            self.pinched(to, way, (new_span / span).log2());
        }
    }

    /// A finger was lifted.
    pub fn finger_up(&mut self, id: i32, x: f64, y: f64, now_ms: f64) {
        let before = self.fingers.down.len();
        let pair = self.fingers.pair();
        self.fingers.down.retain(|finger| finger.id != id);
        let Some(rest) = self.fingers.down.first().copied() else {
            if before == 1 {
                self.pointer_released(x, y, now_ms);
                self.fingers.is_pointing = false;
            }
            return;
        };
        let Some((middle, _)) = pair.filter(|_| before == 2) else {
            return;
        };
        let is_tap = self.fingers.moved_px < TAP_SLACK_PX
            && now_ms - self.fingers.second_at_ms <= TWO_FINGER_TAP_MS;
        if is_tap {
            self.double_clicked(middle[0], middle[1], true);
        } else {
            // The finger that stays pans on; lifted too, it is no tap.
            self.hand.grasp(rest.at[0], rest.at[1], now_ms);
        }
    }

    /// The fingers were taken away (another window, a palm).
    pub fn fingers_gone(&mut self) {
        self.fingers.down.clear();
        self.pointer_left();
    }
}
