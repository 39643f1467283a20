//! Picking by the keyboard: a cross in the middle, and marks from there outwards.

use map_core::projection::View;
use map_protocol::{FromMap, Layer, Target};

use super::StreetMap;
use crate::motion::STEP;

/// Marks that were picked one after the other since the view was last moved by hand.
#[derive(Debug, Default)]
pub struct Reticle {
    /// Whether the cross is shown: from a key until the pointer moves.
    pub is_shown: bool,
    walked: Vec<Target>,
}

impl Reticle {
    /// The view was moved: begins at the middle again.
    pub fn begin_again(&mut self) {
        self.walked.clear();
    }

    /// The next of the candidates, nearest first, that was not picked yet, or the one before the
    /// last; past the last one it begins again.
    fn step(&mut self, nearest_first: &[Target], back: bool) -> Option<Target> {
        if back {
            self.walked.pop();
            return self.walked.last().copied();
        }
        let fresh = |walked: &[Target]| {
            let mut targets = nearest_first.iter();
            targets.find(|target| !walked.contains(target)).copied()
        };
        let next = fresh(&self.walked).or_else(|| {
            self.walked.clear();
            fresh(&[])
        })?;
        self.walked.push(next);
        Some(next)
    }
}

impl StreetMap {
    /// Picks the mark nearest to the middle, or the next one outwards; where there is none, what
    /// lies in the middle itself.
    pub(super) fn pick_next(&mut self, back: bool) {
        let Some(eye) = &self.eye else { return };
        let view = eye.view;
        let nearest_first = self.marks_on_screen(&view);
        let targets = match self.reticle.step(&nearest_first, back) {
            Some(target) => vec![target],
            None if back => return,
            None => {
                let middle = [view.width_px, view.height_px].map(|px| px / 2.0 * self.scale);
                self.targets_at(middle)
            }
        };
        let centre = view.centre.to_lon_lat();
        self.outbox.push_back(FromMap::Picked {
            request: 0,
            x: (view.width_px / 2.0 * self.scale) as f32,
            y: (view.height_px / 2.0 * self.scale) as f32,
            lon: centre.lon,
            lat: centre.lat,
            targets,
        });
    }

    /// Incidents and people on the screen, the nearest to the middle first.
    fn marks_on_screen(&self, view: &View) -> Vec<Target> {
        let shows = |layer: Layer| self.visible[layer as usize];
        let mut found: Vec<(f64, Target)> = Vec::new();
        let mut add = |layer: Layer, id: u32, at: [u32; 2]| {
            if let Some(distance) = distance_px(view, at) {
                found.push((distance, Target { layer, id }));
            }
        };
        if shows(Layer::Incidents) {
            for drawn in self.incidents.drawn() {
                add(Layer::Incidents, drawn.incident.id, drawn.pin.at);
            }
        }
        if shows(Layer::People) {
            let places = self.people.shown_at(self.clock_ms);
            for (place, id) in places.zip(self.people.ids()) {
                add(Layer::People, *id, place);
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.into_iter().map(|(_, target)| target).collect()
    }
}

/// How far from the middle of the screen a fixed-point place is, in the map's own pixels; `None`
/// outside of the screen.
fn distance_px(view: &View, at: [u32; 2]) -> Option<f64> {
    let centre = [view.centre.x, view.centre.y].map(|share| (share / STEP) as i64 as u32);
    let px = STEP * view.world_size_px();
    let [dx, dy] =
        [0, 1].map(|axis| f64::from(at[axis].wrapping_sub(centre[axis]).cast_signed()) * px);
    let is_inside = dx.abs() <= view.width_px / 2.0 && dy.abs() <= view.height_px / 2.0;
    is_inside.then(|| dx.hypot(dy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_walks_outwards_and_back_and_begins_again() {
        let people = [7, 3, 5].map(|id| Target {
            layer: Layer::People,
            id,
        });
        let mut reticle = Reticle::default();
        let mut walk = |back| reticle.step(&people, back).map(|target| target.id);
        assert_eq!([walk(false), walk(false)], [Some(7), Some(3)]);
        assert_eq!(walk(true), Some(7));
        assert_eq!(walk(true), None, "there is none before the first");
        let round: Vec<_> = (0..4).map(|_| walk(false)).collect();
        assert_eq!(round, [Some(7), Some(3), Some(5), Some(7)]);
        assert_eq!(Reticle::default().step(&[], false), None);
    }
}
