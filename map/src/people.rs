//! The people on the map: their marks, and how they glide between two known positions.

use std::collections::HashMap;

use map_protocol::{Person, PersonAge, PersonClass, PersonFlags};

use crate::layers::{
    marks::{Glide, HOLLOW, Mark, NO_RING, heading_flags},
    palette,
    pins::Outline,
};

/// What must be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dirty {
    Nothing,
    /// These indices, which may repeat or lie past the end since somebody was removed.
    Some(Vec<u32>),
    All,
}

impl Dirty {
    /// Takes what must be uploaded and leaves nothing.
    pub fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Nothing)
    }

    fn add(&mut self, index: u32) {
        match self {
            Self::Nothing => *self = Self::Some(vec![index]),
            Self::Some(indices) => indices.push(index),
            Self::All => {}
        }
    }
}

/// All people, in the order in which they are drawn.
#[derive(Debug)]
pub struct People {
    ids: Vec<u32>,
    index: HashMap<u32, u32>,
    marks: Vec<Mark>,
    glides: Vec<Glide>,
    /// The latest end of a glide, on the wrapping clock, and whether there is one.
    gliding_until_ms: Option<u32>,
    pub dirty: Dirty,
}

impl Default for People {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            index: HashMap::new(),
            marks: Vec::new(),
            glides: Vec::new(),
            gliding_until_ms: None,
            dirty: Dirty::Nothing,
        }
    }
}

impl People {
    /// Replaces everybody. Who was there before glides from where it is shown now.
    pub fn set(&mut self, people: &[Person], glide_ms: u32, now_ms: u32) {
        let mut glides = Vec::with_capacity(people.len());
        let same_order = self.ids.len() == people.len()
            && self
                .ids
                .iter()
                .zip(people)
                .all(|(id, person)| *id == person.id);
        for (place, person) in people.iter().enumerate() {
            let before = if glide_ms == 0 {
                None
            } else if same_order {
                Some(place as u32)
            } else {
                self.index.get(&person.id).copied()
            };
            glides.push(self.glide_from(before, person, glide_ms, now_ms));
        }
        self.marks.clear();
        self.marks.extend(people.iter().map(mark_of));
        self.glides = glides;
        if !same_order {
            self.ids.clear();
            self.ids.extend(people.iter().map(|person| person.id));
            self.index.clear();
            self.index
                .extend(self.ids.iter().enumerate().map(|(at, id)| (*id, at as u32)));
        }
        self.dirty = Dirty::All;
    }

    /// Adds or changes some and removes others.
    pub fn patch(&mut self, changed: &[Person], removed: &[u32], glide_ms: u32, now_ms: u32) {
        for id in removed {
            self.remove(*id);
        }
        for person in changed {
            if let Some(at) = self.index.get(&person.id).copied() {
                let glide = self.glide_from(Some(at), person, glide_ms, now_ms);
                self.marks[at as usize] = mark_of(person);
                self.glides[at as usize] = glide;
                self.dirty.add(at);
            } else {
                self.index.insert(person.id, self.ids.len() as u32);
                self.ids.push(person.id);
                self.marks.push(mark_of(person));
                self.glides.push(Glide::STANDING);
                self.dirty.add(self.ids.len() as u32 - 1);
            }
        }
    }

    fn remove(&mut self, id: u32) {
        let Some(at) = self.index.remove(&id) else {
            return;
        };
        let at = at as usize;
        self.ids.swap_remove(at);
        self.marks.swap_remove(at);
        self.glides.swap_remove(at);
        if let Some(moved) = self.ids.get(at) {
            self.index.insert(*moved, at as u32);
        }
        // Even where the last one went, the number of marks has changed.
        self.dirty.add(at as u32);
    }

    fn glide_from(
        &mut self,
        before: Option<u32>,
        person: &Person,
        glide_ms: u32,
        now_ms: u32,
    ) -> Glide {
        let to = place_of(person);
        let Some(before) = before.filter(|_| glide_ms > 0).map(|at| at as usize) else {
            return Glide::STANDING;
        };
        let from = self.glides[before].shown_at(self.marks[before].at, now_ms);
        if from == to {
            return Glide::STANDING;
        }
        self.gliding_until_ms = Some(now_ms.wrapping_add(glide_ms));
        Glide {
            from,
            start_ms: now_ms,
            duration_ms: glide_ms,
        }
    }

    /// Whether a frame is due because somebody is under way between two positions; once more
    /// after the last arrival, so that everybody is drawn at the goal.
    pub fn gliding(&mut self, now_ms: u32) -> bool {
        let Some(until) = self.gliding_until_ms else {
            return false;
        };
        if until.wrapping_sub(now_ms).cast_signed() <= 0 {
            self.gliding_until_ms = None;
        }
        true
    }

    /// The mark of a person, and where it comes from.
    pub fn mark_of(&self, id: u32) -> Option<(Mark, Glide)> {
        let at = *self.index.get(&id)? as usize;
        Some((self.marks[at], self.glides[at]))
    }

    /// The marks, and where they come from.
    pub fn marks(&self) -> (&[Mark], &[Glide]) {
        (&self.marks, &self.glides)
    }

    /// The ids, in the order of the marks.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }
}

fn place_of(person: &Person) -> [u32; 2] {
    [person.at.x, person.at.y]
}

fn mark_of(person: &Person) -> Mark {
    let selected = person.flags.has(PersonFlags::SELECTED);
    let opacity = match person.age {
        _ if person.flags.has(PersonFlags::DIMMED) => 56,
        PersonAge::Fresh | PersonAge::Stale => 255,
        PersonAge::Lost => 120,
    };
    Mark {
        at: place_of(person),
        shape: match person.class {
            PersonClass::Staff => Outline::Circle,
            PersonClass::Forces => Outline::Square,
            PersonClass::Social => Outline::Triangle,
        } as u8,
        fill: palette::state_slot(person.state),
        outline: palette::PERSON_OUTLINE,
        inner_ring: if selected || person.flags.has(PersonFlags::PROPOSED) {
            palette::SELECTION
        } else {
            NO_RING
        },
        // Quarters of a CSS pixel: 4.5 px, more for the one that matters now.
        radius: if selected { 24 } else { 18 },
        opacity,
        flags: match (person.age, person.heading) {
            (PersonAge::Fresh, heading) => heading.map_or(0, heading_flags),
            (PersonAge::Stale, heading) => HOLLOW | heading.map_or(0, heading_flags),
            (PersonAge::Lost, _) => HOLLOW,
        },
        outer_ring: NO_RING,
    }
}

#[cfg(test)]
mod tests {
    use map_protocol::Position;

    use super::*;

    fn person(id: u32, x: u32) -> Person {
        Person {
            at: Position { x, y: 0 },
            id,
            class: PersonClass::Staff,
            state: 0,
            age: PersonAge::Fresh,
            heading: None,
            flags: PersonFlags::default(),
        }
    }

    /// A layer as it stands on the device, changed only by what is dirty.
    fn upload(people: &mut People, held: &mut Vec<Mark>) -> usize {
        let (marks, written) = (people.marks().0.to_vec(), people.dirty.take());
        match written {
            Dirty::Nothing => 0,
            Dirty::All => {
                held.clone_from(&marks);
                marks.len()
            }
            Dirty::Some(indices) => {
                let blank = Mark {
                    radius: 0,
                    ..mark_of(&person(0, 0))
                };
                held.resize(marks.len(), blank);
                let inside = indices.iter().filter(|at| (**at as usize) < marks.len());
                inside
                    .map(|at| held[*at as usize] = marks[*at as usize])
                    .count()
            }
        }
    }

    #[test]
    fn who_was_there_glides_and_who_is_new_stands() {
        let mut people = People::default();
        people.set(&[person(1, 100), person(2, 200)], 1000, 0);
        assert!(!people.gliding(0), "nobody was there before");
        people.set(&[person(2, 300), person(3, 50), person(1, 100)], 1000, 5000);
        let (_, glides) = people.marks();
        assert_eq!(
            glides[0],
            Glide {
                from: [200, 0],
                start_ms: 5000,
                duration_ms: 1000
            }
        );
        assert_eq!(glides[1].duration_ms, 0);
        assert_eq!(glides[2].duration_ms, 0, "it did not move");
        assert!(people.gliding(5999));
        assert!(people.gliding(6100), "everybody is drawn at the goal");
        assert!(!people.gliding(6101));
    }

    #[test]
    fn a_new_position_under_way_starts_from_the_place_shown() {
        let mut people = People::default();
        people.set(&[person(1, 0)], 0, 0);
        people.set(&[person(1, 100)], 1000, 0);
        people.patch(&[person(1, 200)], &[], 1000, 500);
        assert_eq!(people.marks().1[0].from, [50, 0]);
    }

    #[test]
    fn one_changed_person_is_one_upload() {
        let mut people = People::default();
        let everybody: Vec<Person> = (0..100).map(|id| person(id, id)).collect();
        people.set(&everybody, 0, 0);
        let mut held = Vec::new();
        assert_eq!(upload(&mut people, &mut held), 100);
        people.patch(&[person(2, 9)], &[], 0, 0);
        assert_eq!(people.dirty, Dirty::Some(vec![2]));
        assert_eq!(upload(&mut people, &mut held), 1);
        people.patch(&[], &[1, 777], 0, 0);
        assert_eq!(
            upload(&mut people, &mut held),
            1,
            "the last one took the place"
        );
        people.patch(&[person(1, 10)], &[], 0, 0);
        assert_eq!(upload(&mut people, &mut held), 1, "one more at the end");
        let last = people.ids()[people.ids().len() - 1];
        people.patch(&[], &[last], 0, 0);
        assert_eq!(upload(&mut people, &mut held), 0, "only the number is less");
        assert_eq!(held, people.marks().0, "the device holds what is shown");
        people.patch(&[person(99, 12)], &[], 0, 0);
        assert_eq!(people.dirty, Dirty::Some(vec![1]), "the index followed");
    }

    #[test]
    fn a_lost_position_says_nothing_of_the_direction() {
        let heading = Some(map_protocol::Heading(64));
        let flags = |age| {
            mark_of(&Person {
                age,
                heading,
                ..person(1, 0)
            })
            .flags
        };
        assert_eq!(flags(PersonAge::Lost), HOLLOW);
        assert_eq!(flags(PersonAge::Stale), flags(PersonAge::Fresh) | HOLLOW);
        assert_ne!(flags(PersonAge::Fresh), 0);
    }
}
