//! Following: the view goes after a person or an incident that moves.
//!
//! The view rests while its target stays in the middle part of the screen, so that what lies below
//! is not drawn anew for every step of somebody who walks, and flies after it when it leaves.

use map_core::projection::{View, World};
use map_protocol::{FollowEnd, FromMap, Layer, Target};

use super::StreetMap;
use crate::motion::STEP;

/// The part of the screen around its middle, in each direction, in which the target may move.
const CALM_SHARE: f64 = 0.5;
/// Flight after a target that left that part.
const FLIGHT_MS: u32 = 700;

impl StreetMap {
    /// Follows a feature from now on, or nothing.
    pub(super) fn follow(&mut self, target: Option<Target>) {
        self.followed = target;
        if let (Some(target), Some(eye)) = (target, &self.eye) {
            let zoom = eye.view.zoom;
            if let Some(place) = self.place_of(target) {
                self.go(place, zoom, FLIGHT_MS);
            }
        }
    }

    /// The user moved the picture: who was followed is followed no longer.
    pub(super) fn end_follow_by_user(&mut self) {
        self.end_follow(FollowEnd::ByUser);
    }

    fn end_follow(&mut self, end: FollowEnd) {
        if let Some(target) = self.followed.take() {
            self.outbox.push_back(FromMap::FollowEnded { target, end });
        }
    }

    /// Before a frame: flies after the target when it has left the middle part of the screen.
    pub(super) fn keep_in_view(&mut self) {
        let Some(target) = self.followed else { return };
        let Some(eye) = &self.eye else { return };
        let (view, is_busy) = (eye.view, eye.is_moving() || self.hand.is_dragging());
        match self.place_of(target) {
            None => self.end_follow(FollowEnd::Gone),
            Some(place) if !is_busy && !is_calm(&view, place) => {
                self.go(place, view.zoom, FLIGHT_MS);
            }
            Some(_) => {}
        }
    }

    /// Where a feature is shown now.
    fn place_of(&self, target: Target) -> Option<World> {
        let at = match target.layer {
            Layer::People => {
                let (mark, glide) = self.people.mark_of(target.id)?;
                glide.shown_at(mark.at, self.clock_ms)
            }
            Layer::Incidents => self.incidents.pin_of(target.id)?.at,
            _ => return None,
        };
        let [x, y] = at.map(|steps| f64::from(steps) * STEP);
        Some(World::new(x, y))
    }
}

/// Whether a place lies in the middle part of the screen.
fn is_calm(view: &View, place: World) -> bool {
    // The world repeats to the east and west; the nearest of its copies counts.
    let east = (place.x - view.centre.x + 0.5).rem_euclid(1.0) - 0.5;
    let south = place.y - view.centre.y;
    let world_px = view.world_size_px();
    east.abs() * world_px <= view.width_px / 2.0 * CALM_SHARE
        && south.abs() * world_px <= view.height_px / 2.0 * CALM_SHARE
}

#[cfg(test)]
mod tests {
    use map_core::projection::LonLat;

    use super::*;

    #[test]
    fn the_middle_part_is_half_the_screen_on_either_side_of_the_antimeridian() {
        for lon in [104.04, 179.9999, -179.9999] {
            let view = View::new(LonLat::new(lon, 30.64), 15.0, 800.0, 600.0, 1.0);
            let at = |x, y| {
                let place = view.world_from_screen([x, y]);
                World::new(place.x.rem_euclid(1.0), place.y)
            };
            assert!(is_calm(&view, at(590.0, 300.0)), "at {lon}");
            assert!(!is_calm(&view, at(610.0, 300.0)), "at {lon}");
            assert!(is_calm(&view, at(400.0, 440.0)) && !is_calm(&view, at(400.0, 460.0)));
        }
    }
}
