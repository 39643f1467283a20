//! The box that is drawn with Shift held down: let go, the view shows what lies inside it.

use map_core::projection::View;

use super::StreetMap;

/// A box smaller than this in either direction, in CSS pixels, was not meant.
const LEAST_BOX_PX: f64 = 8.0;
/// Flight to what lies inside the box.
const FLIGHT_MS: u32 = 350;

/// The box between where it was begun and where the pointer is now, in the map's own pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rubber {
    from: [f64; 2],
    to: [f64; 2],
}

impl Rubber {
    /// Left, top, right and bottom.
    pub fn sides(&self) -> [f64; 4] {
        let ([ax, ay], [bx, by]) = (self.from, self.to);
        [ax.min(bx), ay.min(by), ax.max(bx), ay.max(by)]
    }

    /// The view that shows the whole box as large as it can, if the box is large enough.
    fn shown_whole(&self, view: &View) -> Option<View> {
        let [left, top, right, bottom] = self.sides();
        let (width, height) = (right - left, bottom - top);
        // Written so that not-a-number is refused too.
        if !(width >= LEAST_BOX_PX && height >= LEAST_BOX_PX) {
            return None;
        }
        let growth = (view.width_px / width).min(view.height_px / height);
        let middle = [f64::midpoint(left, right), f64::midpoint(top, bottom)];
        Some(View {
            centre: view.world_from_screen(middle),
            zoom: view.zoom + growth.log2(),
            ..*view
        })
    }
}

impl StreetMap {
    /// The primary button went down with Shift held, at a place in CSS pixels. A map that is not
    /// moved by hand draws no box.
    pub fn box_started(&mut self, x: f64, y: f64) {
        if !self.interactive {
            return;
        }
        self.hand.cancel();
        if let Some(eye) = &mut self.eye {
            eye.stop();
        }
        let from = self.inner([x, y]);
        self.rubber = Some(Rubber { from, to: from });
        self.changed.anything = true;
    }

    /// Stretches the box; answers whether there is one.
    pub(super) fn box_stretched(&mut self, x: f64, y: f64) -> bool {
        let to = self.inner([x, y]);
        let Some(rubber) = &mut self.rubber else {
            return false;
        };
        rubber.to = to;
        self.changed.anything = true;
        true
    }

    /// Lets the box go and flies to what lies inside; answers whether there was one.
    pub(super) fn box_let_go(&mut self, x: f64, y: f64) -> bool {
        if !self.box_stretched(x, y) {
            return false;
        }
        let view = self.eye.as_ref().map(|eye| eye.view);
        let goal = self.rubber.take().zip(view);
        if let Some(goal) = goal.and_then(|(rubber, view)| rubber.shown_whole(&view)) {
            self.end_follow_by_user();
            self.go(goal.centre, goal.zoom, FLIGHT_MS);
            self.moved_by_user();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use map_core::projection::LonLat;

    use super::*;

    fn view() -> View {
        View::new(LonLat::new(104.04, 30.64), 14.0, 800.0, 600.0, 1.0)
    }

    #[test]
    fn the_box_fills_the_screen_in_whichever_direction_it_is_drawn() {
        let view = view();
        for (from, to) in [
            ([100.0, 50.0], [300.0, 150.0]),
            ([300.0, 150.0], [100.0, 50.0]),
        ] {
            let shown = Rubber { from, to }.shown_whole(&view).expect("a box");
            assert!((shown.zoom - 16.0).abs() < 1e-9, "{}", shown.zoom);
            let corner = view.world_from_screen([100.0, 50.0]);
            let [x, y] = shown.screen_from_world(corner);
            assert!(x.abs() < 1e-6 && (y - 100.0).abs() < 1e-6, "{x} {y}");
        }
    }

    #[test]
    fn a_slip_of_the_hand_and_nonsense_are_no_box() {
        for to in [[103.0, 400.0], [400.0, 53.0], [f64::NAN, 400.0]] {
            let rubber = Rubber {
                from: [100.0, 50.0],
                to,
            };
            assert_eq!(rubber.shown_whole(&view()), None, "{to:?}");
        }
    }
}
