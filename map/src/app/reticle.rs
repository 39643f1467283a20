//! Picking by the keyboard: a cross in the middle, and marks from there outwards.

use map_core::projection::View;
use map_protocol::{FromMap, Layer, Target};

use super::StreetMap;
use crate::motion::STEP;

/// Marks that were picked one after the other since the view was last moved by hand.
///
/// Whoever is told of a pick of what is selected takes that back, as after a second click. By the keyboard
/// `Escape` does so, and what is selected is passed over.
#[derive(Debug, Default)]
pub struct Reticle {
    /// Whether the cross is shown: from a key until the pointer moves.
    pub is_shown: bool,
    walked: Vec<Target>,
    /// What lay in the middle when that was picked, until it is told which of it is selected.
    middle: Vec<Target>,
    /// Which that was.
    chosen: Option<Target>,
}

/// What a key comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Pick(Target),
    /// There is no other one.
    Stay,
    /// There are no marks.
    Middle,
}

impl Reticle {
    /// The view was moved: begins at the middle again.
    pub fn begin_again(&mut self) {
        self.walked.clear();
    }

    /// The next of the candidates, nearest first, that was not picked yet; past the last one it begins again.
    fn step_on(&mut self, nearest_first: &[Target], selected: &[Target]) -> Step {
        if nearest_first.is_empty() {
            return Step::Middle;
        }
        let next = self.walk(nearest_first, selected).or_else(|| {
            self.walked.clear();
            self.walk(nearest_first, selected)
        });
        next.map_or(Step::Stay, Step::Pick)
    }

    /// Walks to the first one that is neither walked nor selected; those that are passed over count as walked.
    fn walk(&mut self, nearest_first: &[Target], selected: &[Target]) -> Option<Target> {
        for target in nearest_first {
            if !self.walked.contains(target) {
                self.walked.push(*target);
                if !selected.contains(target) {
                    return Some(*target);
                }
            }
        }
        None
    }

    /// The one before the last.
    fn step_back(&mut self, selected: &[Target]) -> Step {
        self.walked.pop();
        while let Some(before) = self.walked.last() {
            if !selected.contains(before) {
                return Step::Pick(*before);
            }
            self.walked.pop();
        }
        Step::Stay
    }

    /// These are selected from now on.
    pub fn note_selected(&mut self, selected: &[Target]) {
        let middle = std::mem::take(&mut self.middle);
        let chosen = selected.iter().find(|target| middle.contains(target));
        self.chosen = chosen.copied().or(self.chosen);
    }

    /// What is told of the middle, where these lie, the topmost first; `None` where that would only take a selection
    /// back.
    fn middle(&mut self, mut targets: Vec<Target>, selected: &[Target]) -> Option<Vec<Target>> {
        let is_mark = |target: &Target| !target.layer.holds_polygons();
        let is_selected = |target: &Target| selected.contains(target);
        if targets
            .iter()
            .any(|target| is_mark(target) && is_selected(target))
        {
            targets.retain(|target| !(is_mark(target) && is_selected(target)));
            return targets.iter().any(is_mark).then_some(targets);
        }
        // Areas lie in each other, and only the page knows which of them it chooses.
        let is_chosen = |target: &Target| is_selected(target) && self.chosen == Some(*target);
        if targets.iter().any(is_chosen) {
            return None;
        }
        self.middle.clone_from(&targets);
        Some(targets)
    }
}

impl StreetMap {
    /// Picks the mark nearest to the middle, or the next one outwards; where there is none, what
    /// lies in the middle itself. Never what is selected already.
    pub(super) fn pick_next(&mut self, back: bool) {
        let Some(eye) = &self.eye else { return };
        let view = eye.view;
        let step = if back {
            self.reticle.step_back(&self.selection)
        } else {
            let nearest_first = self.marks_on_screen(&view);
            self.reticle.step_on(&nearest_first, &self.selection)
        };
        let targets = match step {
            Step::Pick(target) => vec![target],
            Step::Stay => return,
            Step::Middle => {
                let middle = [view.width_px, view.height_px].map(|px| px / 2.0 * self.scale);
                let targets = self.targets_at(middle);
                let Some(targets) = self.reticle.middle(targets, &self.selection) else {
                    return;
                };
                targets
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

    /// Incidents, people and devices that are drawn on the screen, the nearest to the middle first.
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
        if self.shows_devices(view.zoom) {
            for device in &self.cameras {
                add(Layer::Cameras, device.id, [device.at.x, device.at.y]);
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

    fn person(id: u32) -> Target {
        Target {
            layer: Layer::People,
            id,
        }
    }

    fn picked(step: Step) -> Option<u32> {
        match step {
            Step::Pick(target) => Some(target.id),
            Step::Stay | Step::Middle => None,
        }
    }

    #[test]
    fn enter_walks_outwards_and_back_and_begins_again() {
        let people = [7, 3, 5].map(person);
        let mut reticle = Reticle::default();
        let on = |reticle: &mut Reticle| picked(reticle.step_on(&people, &[]));
        assert_eq!([on(&mut reticle), on(&mut reticle)], [Some(7), Some(3)]);
        assert_eq!(picked(reticle.step_back(&[])), Some(7));
        let none = reticle.step_back(&[]);
        assert_eq!(none, Step::Stay, "there is none before the first");
        let round: Vec<_> = (0..4).map(|_| on(&mut reticle)).collect();
        assert_eq!(round, [Some(7), Some(3), Some(5), Some(7)]);
        assert_eq!(Reticle::default().step_on(&[], &[]), Step::Middle);
    }

    #[test]
    fn enter_passes_over_what_is_selected_and_never_takes_it_back() {
        let people = [7, 3, 5].map(person);
        let mut reticle = Reticle::default();
        // The nearest one was selected in a list. From then on the page selects what is picked.
        let mut selected = vec![person(7)];
        let mut walk = |selected: &mut Vec<Target>, back: bool| {
            let step = if back {
                reticle.step_back(selected)
            } else {
                reticle.step_on(&people, selected)
            };
            let picked = picked(step);
            if let Some(id) = picked {
                assert_ne!(selected[..], [person(id)], "it is selected already");
                *selected = vec![person(id)];
            }
            picked
        };
        let on: Vec<_> = (0..4).map(|_| walk(&mut selected, false)).collect();
        assert_eq!(on, [Some(3), Some(5), Some(7), Some(3)]);
        assert_eq!(walk(&mut selected, true), Some(7));
        // A click beside the keyboard selects one that was walked to before.
        assert_eq!(walk(&mut selected, false), Some(3));
        selected = vec![person(7)];
        assert_eq!(walk(&mut selected, true), None);
        assert_eq!(walk(&mut selected, false), Some(3));
        let mut alone = Reticle::default();
        assert_eq!(alone.step_on(&people[..1], &[person(7)]), Step::Stay);
        assert_eq!(picked(alone.step_on(&people[..1], &[])), Some(7));
    }

    #[test]
    fn what_lies_in_the_middle_stays_selected_when_enter_is_pressed_again() {
        let at = |layer, id| Target { layer, id };
        let (grid, community) = (at(Layer::MicroGrids, 4), at(Layer::Communities, 1));
        let areas = || vec![grid, community];
        let mut reticle = Reticle::default();
        assert_eq!(
            reticle.middle(areas(), &[community]),
            Some(areas()),
            "a finer one may be chosen within what a list has selected"
        );
        reticle.note_selected(&[grid]);
        assert_eq!(reticle.middle(areas(), &[grid]), None);
        reticle.note_selected(&[community]);
        assert_eq!(reticle.middle(areas(), &[community]), Some(areas()));
        reticle.note_selected(&[grid]);
        let beside = vec![at(Layer::MicroGrids, 5), community];
        assert_eq!(reticle.middle(beside.clone(), &[grid]), Some(beside));
        let (device, other) = (at(Layer::Cameras, 2), at(Layer::Cameras, 3));
        assert_eq!(reticle.middle(vec![device, grid], &[device]), None);
        assert_eq!(
            reticle.middle(vec![device, other, grid], &[device]),
            Some(vec![other, grid])
        );
        assert_eq!(reticle.middle(Vec::new(), &[grid]), Some(Vec::new()));
    }
}
