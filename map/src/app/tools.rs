//! The hand with a tool: what it draws is told to whoever gave the tool.

use map_protocol::{FromMap, Position};

use super::StreetMap;
use crate::sketch::Drawn;

/// CSS pixels between two points of a lasso.
const LASSO_STEP_PX: f64 = 3.0;
/// Steps of a fixed-point position across the world.
const STEPS: f64 = 4_294_967_296.0;

impl StreetMap {
    /// The button went down; answers whether the tool takes the drag.
    pub(super) fn tool_pressed(&mut self, at: [f64; 2]) -> bool {
        let Some(place) = self.place_at(at).filter(|_| self.sketch.takes_drags()) else {
            return false;
        };
        self.sketch.begin(place);
        self.changed.anything = true;
        true
    }

    /// The pointer moved; answers whether the tool draws.
    pub(super) fn tool_moved(&mut self, at: [f64; 2]) -> bool {
        let (Some(place), Some(eye)) = (self.place_at(at), &self.eye) else {
            return false;
        };
        let least = LASSO_STEP_PX / eye.view.world_size_px() * STEPS;
        let drawn = self.sketch.travel(place, least);
        let draws = drawn.is_some();
        self.tell_drawn(drawn);
        self.changed.anything |= self.sketch.dirty;
        draws
    }

    /// The button went up; answers whether that ended a drawing.
    pub(super) fn tool_released(&mut self) -> bool {
        let drawn = self.sketch.end();
        let ended = drawn.is_some();
        self.tell_drawn(drawn);
        ended
    }

    /// The hand turned out to be pinching: what it began to draw was not meant.
    pub(super) fn tool_abandoned(&mut self) {
        let drawn = self.sketch.abandon();
        self.tell_drawn(drawn);
    }

    /// A click; answers whether it was the tool's.
    pub(super) fn tool_clicked(&mut self, at: [f64; 2]) -> bool {
        if !self.sketch.is_held() {
            return false;
        }
        let drawn = self.place_at(at).and_then(|place| self.sketch.click(place));
        self.tell_drawn(drawn);
        true
    }

    /// The pointer left the canvas or was taken away: a drawing under way ends as it is.
    pub(super) fn tool_left(&mut self) {
        self.tool_released();
        self.sketch.leave();
        self.changed.anything |= self.sketch.dirty;
    }

    /// Whether a tool is in hand, for the cursor.
    pub fn holds_tool(&self) -> bool {
        self.sketch.is_held()
    }

    fn tell_drawn(&mut self, drawn: Option<Drawn>) {
        let Some(Drawn { points, finished }) = drawn else {
            return;
        };
        self.changed.anything = true;
        // Only the latest drawing matters to a reader who did not come in between.
        self.outbox.retain(|waiting| {
            !matches!(
                waiting,
                FromMap::ToolDrawn {
                    finished: false,
                    ..
                }
            )
        });
        self.outbox.push_back(FromMap::ToolDrawn {
            tool: self.sketch.tool(),
            points,
            finished,
        });
    }

    /// The position at a place in CSS pixels.
    fn place_at(&self, at: [f64; 2]) -> Option<Position> {
        let view = self.eye.as_ref()?.view;
        let world = view.world_from_screen(self.inner(at));
        let inside = world.x.is_finite() && (0.0..1.0).contains(&world.y);
        inside.then(|| Position::from_mercator(world.x.rem_euclid(1.0), world.y))
    }
}
