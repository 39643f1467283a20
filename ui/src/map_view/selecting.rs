//! Shows on the map what is selected, and takes what was chosen there.

use domain::GridCode;
use leptos::prelude::*;
use map_protocol::{Layer, Target, ToMap};

use super::host::Host;
use super::{devices, pack};
use crate::state::Selection;

impl Host {
    /// Selects what is selected (marks by their flags, areas by their outline), and flies there unless it was clicked on the map itself.
    pub fn selection_changed(&mut self) {
        self.refresh_incidents();
        self.refresh_people();
        self.tell_selection();
        let selection = self.hall.selection.get_untracked();
        if self.picked.take().as_ref() == Some(&selection) {
            return;
        }
        let unflown = self.control.unflown.get_value();
        if unflown.is_some() {
            self.control.unflown.set_value(None);
            if unflown.as_ref() == Some(&selection) {
                return;
            }
        }
        let followed = self.control.followed.get_untracked();
        if followed.is_some() && followed == selection.person() {
            // The map goes there by itself.
            return;
        }
        let place = self.hall.with(|hall| match &selection {
            Selection::Incident(id) => hall.situation.incidents.get(id).map(|i| i.location),
            Selection::Person(id) => hall.situation.positions.get(id).map(|fix| fix.location),
            Selection::Camera(id) => {
                self.with_catalogue(|catalogue| Some(catalogue?.camera(id)?.location))
            }
            Selection::Sensor(id) => {
                self.with_catalogue(|catalogue| Some(catalogue?.sensor(id)?.location))
            }
            Selection::Nothing | Selection::Grid(_) => None,
        });
        if let Some(at) = place {
            self.fly_to(at);
        }
    }

    /// Selects what was chosen among marks on each other; it lies in view.
    pub fn take_choice(&mut self) {
        let Some(chosen) = self.control.chosen.get_untracked() else {
            return;
        };
        self.control.chosen.set(None);
        if self.hall.selection.get_untracked() != chosen {
            self.picked = Some(chosen.clone());
            self.hall.selection.set(chosen);
        }
    }

    /// The selected thing, as the map knows it.
    pub(super) fn tell_selection(&self) {
        let selection = self.hall.selection.get_untracked();
        let target = match &selection {
            Selection::Nothing => None,
            Selection::Grid(code) => return self.tell_grid(code),
            Selection::Incident(id) => {
                let number = self.incident_numbers.known(id);
                number.map(|id| (Layer::Incidents, id))
            }
            Selection::Person(id) => Some((Layer::People, id.0)),
            Selection::Camera(_) | Selection::Sensor(_) => self.with_catalogue(|catalogue| {
                Some((Layer::Cameras, devices::number_of(catalogue?, &selection)?))
            }),
        };
        let targets = target.map(|(layer, id)| Target { layer, id });
        self.send(&ToMap::Select {
            targets: targets.into_iter().collect(),
        });
    }

    /// A grid is shown by its outline, a responsibility grid by those of its unit grids.
    fn tell_grid(&self, code: &GridCode) {
        let targets = self.with_catalogue(|catalogue| {
            let Some(catalogue) = catalogue else {
                return Vec::new();
            };
            let outlines = catalogue.outlines_of(code).into_iter();
            let target = |index: usize| Target {
                layer: pack::layer_of(catalogue.reference.grids[index].level),
                id: index as u32,
            };
            outlines.map(target).collect()
        });
        self.send(&ToMap::Select { targets });
    }
}
