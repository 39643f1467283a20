//! Keeps the map's people as the hall knows them: all of them every second, since ages and
//! activities go on by themselves, and who moved at once.

use std::collections::BTreeMap;

use leptos::prelude::*;
use map_protocol::ToMap;
use protocol::feed::MapLayer;

use super::host::{Host, asks_for_calm};
use super::pack;
use crate::state::people::Activities;
use crate::state::{Changes, Hall, Selection};

/// Time in which a mark glides to a new position; positions come about once a second.
const GLIDE_MS: u32 = 1000;

impl Host {
    /// Everybody, with ages and activities as they are at this second.
    pub fn refresh_people(&mut self) {
        let now = self.hall.now.get_untracked();
        let emphasis = self.emphasis();
        let kept = self.hall.with(|hall| self.kept_people(hall));
        let mut tracks = std::mem::take(&mut self.tracks);
        self.hall.with(|hall| {
            let positions = &hall.situation.positions;
            tracks.keep(|person| positions.contains_key(&person));
            for fix in positions.values() {
                tracks.note(fix);
            }
        });
        let wanted: BTreeMap<_, _> = self.with_catalogue(|catalogue| {
            self.hall.with(|hall| {
                let situation = &hall.situation;
                let activities = Activities::at(situation, catalogue, now);
                let ids = situation.positions.keys();
                ids.filter_map(|id| {
                    let mark = pack::person(situation, *id, &activities, emphasis, &tracks, now);
                    let mark = mark.filter(|_| self.shows(hall, *id, &kept))?;
                    Some((id.0, mark))
                })
                .collect()
            })
        });
        self.tracks = tracks;
        self.note_people(wanted.len());
        let patch = self.people.replace(wanted);
        if !patch.is_empty() {
            self.send(&ToMap::PatchPeople {
                changed: patch.changed,
                removed: patch.removed,
                glide_ms: glide_ms(),
            });
        }
        self.tell_trails();
    }

    /// The people who moved, at once and nobody else.
    pub fn people_moved(&mut self, hall: &Hall, changes: &Changes) {
        if changes.positions.is_empty() {
            return;
        }
        let now = self.hall.now.get_untracked();
        let emphasis = self.emphasis();
        let kept = self.kept_people(hall);
        let catalogue = self.hall.catalogue.get_untracked();
        let activities = Activities::at(&hall.situation, catalogue.as_deref(), now);
        let (mut changed, mut removed) = (Vec::new(), Vec::new());
        for id in &changes.positions {
            match hall.situation.positions.get(id) {
                Some(fix) => self.tracks.note(fix),
                None => self.tracks.forget(*id),
            }
            let tracks = &self.tracks;
            let mark = pack::person(&hall.situation, *id, &activities, emphasis, tracks, now);
            let mark = mark.filter(|_| self.shows(hall, *id, &kept));
            if self.people.set(id.0, mark) {
                match mark {
                    Some(mark) => changed.push(mark),
                    None => removed.push(id.0),
                }
            }
        }
        if !changed.is_empty() || !removed.is_empty() {
            self.send(&ToMap::PatchPeople {
                changed,
                removed,
                glide_ms: glide_ms(),
            });
        }
        self.tell_trails();
    }

    /// The trail of the selected person, where it differs from the one shown.
    fn tell_trails(&mut self) {
        let selected = self.hall.selection.with_untracked(Selection::person);
        let selected = selected.filter(|_| !self.control.hides(MapLayer::Trails));
        let trail = selected.and_then(|person| {
            let shown = self.people.get(person.0)?;
            self.tracks.trail(person, shown.at)
        });
        let trails: Vec<_> = trail.into_iter().collect();
        if trails != self.trails {
            self.trails.clone_from(&trails);
            self.send(&ToMap::SetTrails { trails });
        }
    }

    /// Says on the page how many are drawn, so that a test can see what is hidden.
    fn note_people(&self, drawn: usize) {
        let drawn = drawn.to_string();
        self.container.set_attribute("data-people", &drawn).ok();
    }

    fn emphasis(&self) -> pack::Emphasis {
        let proposed = self.control.proposed;
        pack::Emphasis {
            proposed: proposed.with_untracked(|way| way.as_ref().map(|way| way.person)),
            selected: self.hall.selection.with_untracked(Selection::person),
        }
    }
}

/// Where reduced motion is asked for, people jump.
fn glide_ms() -> u32 {
    glide_for(asks_for_calm())
}

const fn glide_for(is_calm: bool) -> u32 {
    if is_calm { 0 } else { GLIDE_MS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_glides_where_reduced_motion_is_asked_for() {
        assert_eq!(glide_for(true), 0);
        assert_eq!(glide_for(false), GLIDE_MS);
    }
}
