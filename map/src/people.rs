//! The people on the map: their marks, and how they glide between two known positions.

use std::collections::HashMap;

use map_protocol::{Person, PersonAge, PersonClass, PersonFlags, PersonRecord};

use crate::layers::{
    marks::{Glide, HOLLOW, Look, Mark, Marks, NO_RING, heading_flags},
    palette,
    pins::Outline,
};

/// So many more indices than there are people are kept before everybody counts as changed.
const SPARE_INDICES: usize = 64;

/// What must be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dirty {
    Nothing,
    /// These indices, which may repeat or lie past the end since somebody was removed.
    Some(Vec<u32>),
    /// The places of all, who look as before.
    Places,
    All,
}

impl Dirty {
    /// Takes what must be uploaded and leaves nothing.
    pub fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Nothing)
    }

    /// Notes one of so many people. While no frame is drawn, as in a window that is minimised for days, nobody takes
    /// the indices: beyond the number of people they say no more than that everybody has changed.
    fn add(&mut self, index: u32, people: usize) {
        match self {
            Self::Nothing => *self = Self::Some(vec![index]),
            Self::Some(indices) if indices.len() >= people + SPARE_INDICES => *self = Self::All,
            Self::Some(indices) => indices.push(index),
            // Some of them may look another way now.
            Self::Places => *self = Self::All,
            Self::All => {}
        }
    }

    fn add_places(&mut self) {
        *self = match self {
            Self::Nothing | Self::Places => Self::Places,
            Self::Some(_) | Self::All => Self::All,
        };
    }
}

/// All people, in the order in which they are drawn.
#[derive(Debug)]
pub struct People {
    ids: Vec<u32>,
    index: HashMap<u32, u32>,
    places: Vec<[u32; 2]>,
    looks: Vec<Look>,
    /// What each look was made from, so that one who only moves costs no more than that.
    looks_from: Vec<u32>,
    glides: Vec<Glide>,
    /// Whether any of the glides is more than standing.
    glided: bool,
    /// The latest end of a glide, on the wrapping clock, and whether there is one.
    gliding_until_ms: Option<u32>,
    pub dirty: Dirty,
}

impl Default for People {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            index: HashMap::new(),
            places: Vec::new(),
            looks: Vec::new(),
            looks_from: Vec::new(),
            glides: Vec::new(),
            glided: false,
            gliding_until_ms: None,
            dirty: Dirty::Nothing,
        }
    }
}

impl People {
    /// Replaces everybody. Who was there before glides from where it is shown now.
    pub fn set(
        &mut self,
        people: impl ExactSizeIterator<Item = PersonRecord> + Clone,
        glide_ms: u32,
        now_ms: u32,
    ) {
        let same_order = self.ids.len() == people.len()
            && self
                .ids
                .iter()
                .zip(people.clone())
                .all(|(id, person)| *id == person.id());
        if same_order {
            self.move_all(people, glide_ms, now_ms);
        } else {
            self.replace(people, glide_ms, now_ms);
        }
    }

    /// Everybody is there still, in the same order.
    fn move_all(
        &mut self,
        people: impl ExactSizeIterator<Item = PersonRecord> + Clone,
        glide_ms: u32,
        now_ms: u32,
    ) {
        if glide_ms > 0 {
            for (at, person) in people.clone().enumerate() {
                self.glides[at] = self.glide_from(Some(at), place_of(&person), glide_ms, now_ms);
            }
            self.glided = true;
        } else if std::mem::take(&mut self.glided) {
            self.glides.fill(Glide::STANDING);
        }
        self.dirty.add_places();
        let marks = self.places.iter_mut().zip(&mut self.looks);
        let marks = marks.zip(&mut self.looks_from);
        for (((place, look), look_from), person) in marks.zip(people) {
            *place = place_of(&person);
            if *look_from != person.look() {
                *look_from = person.look();
                *look = look_of(&Person::from(&person));
                self.dirty = Dirty::All;
            }
        }
    }

    fn replace(
        &mut self,
        people: impl ExactSizeIterator<Item = PersonRecord> + Clone,
        glide_ms: u32,
        now_ms: u32,
    ) {
        let mut glides = Vec::with_capacity(people.len());
        for person in people.clone() {
            let before = self.index.get(&person.id()).map(|at| *at as usize);
            glides.push(self.glide_from(before, place_of(&person), glide_ms, now_ms));
        }
        self.glided = glide_ms > 0;
        self.glides = glides;
        self.places.clear();
        self.places.extend(people.clone().map(|p| place_of(&p)));
        self.looks_from.clear();
        self.looks_from.extend(people.clone().map(|p| p.look()));
        self.looks.clear();
        self.looks
            .extend(people.clone().map(|p| look_of(&Person::from(&p))));
        self.ids.clear();
        self.ids.extend(people.map(|person| person.id()));
        self.index.clear();
        self.index
            .extend(self.ids.iter().enumerate().map(|(at, id)| (*id, at as u32)));
        self.dirty = Dirty::All;
    }

    /// Adds or changes some and removes others.
    pub fn patch(&mut self, changed: &[Person], removed: &[u32], glide_ms: u32, now_ms: u32) {
        for id in removed {
            self.remove(*id);
        }
        // Those who change together mostly lie beside each other, which is found out sooner than
        // looked up.
        let mut next = 0;
        for person in changed {
            let record = PersonRecord::from(person);
            let is_next = self.ids.get(next) == Some(&person.id);
            let known = is_next.then_some(next as u32);
            let known = known.or_else(|| self.index.get(&person.id).copied());
            let at = known.unwrap_or_else(|| self.add(&record));
            self.change(at as usize, &record, glide_ms, now_ms);
            self.dirty.add(at, self.ids.len());
            next = at as usize + 1;
        }
    }

    /// Adds one at its goal; answers its place.
    fn add(&mut self, person: &PersonRecord) -> u32 {
        let at = self.ids.len() as u32;
        self.index.insert(person.id(), at);
        self.ids.push(person.id());
        self.places.push(place_of(person));
        self.looks.push(look_of(&Person::from(person)));
        self.looks_from.push(person.look());
        self.glides.push(Glide::STANDING);
        at
    }

    fn change(&mut self, at: usize, person: &PersonRecord, glide_ms: u32, now_ms: u32) {
        let glide = self.glide_from(Some(at), place_of(person), glide_ms, now_ms);
        self.glided |= glide != Glide::STANDING;
        self.glides[at] = glide;
        self.places[at] = place_of(person);
        if self.looks_from[at] != person.look() {
            self.looks_from[at] = person.look();
            self.looks[at] = look_of(&Person::from(person));
        }
    }

    fn remove(&mut self, id: u32) {
        let Some(at) = self.index.remove(&id) else {
            return;
        };
        let at = at as usize;
        self.ids.swap_remove(at);
        self.places.swap_remove(at);
        self.looks.swap_remove(at);
        self.looks_from.swap_remove(at);
        self.glides.swap_remove(at);
        if let Some(moved) = self.ids.get(at) {
            self.index.insert(*moved, at as u32);
        }
        // Even where the last one went, the number of marks has changed.
        self.dirty.add(at as u32, self.ids.len());
    }

    fn glide_from(
        &mut self,
        before: Option<usize>,
        to: [u32; 2],
        glide_ms: u32,
        now_ms: u32,
    ) -> Glide {
        let Some(before) = before.filter(|_| glide_ms > 0) else {
            return Glide::STANDING;
        };
        let from = self.glides[before].shown_at(self.places[before], now_ms);
        if from == to {
            return Glide::STANDING;
        }
        // Others may be under way for longer.
        let left_ms = |until: u32| {
            until
                .wrapping_sub(now_ms)
                .cast_signed()
                .max(0)
                .cast_unsigned()
        };
        let longest_ms = self.gliding_until_ms.map_or(0, left_ms).max(glide_ms);
        self.gliding_until_ms = Some(now_ms.wrapping_add(longest_ms));
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
        let mark = Mark {
            at: self.places[at],
            look: self.looks[at],
        };
        Some((mark, self.glides[at]))
    }

    /// The marks, and where they come from.
    pub fn marks(&self) -> Marks<'_> {
        Marks {
            places: &self.places,
            looks: &self.looks,
            glides: self.glided.then_some(self.glides.as_slice()),
        }
    }

    /// Where everybody is shown at a time, in the order of the marks.
    pub fn shown_at(&self, now_ms: u32) -> impl Iterator<Item = [u32; 2]> {
        let crowd = self.places.iter().zip(&self.glides);
        crowd.map(move |(place, glide)| glide.shown_at(*place, now_ms))
    }

    /// Goals, glides and looks, in the order of the marks.
    pub fn crowd(&self) -> impl Iterator<Item = ([u32; 2], Glide, &Look)> {
        let crowd = self.places.iter().zip(&self.glides).zip(&self.looks);
        crowd.map(|((place, glide), look)| (*place, *glide, look))
    }

    /// The ids, in the order of the marks.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }
}

fn place_of(person: &PersonRecord) -> [u32; 2] {
    let at = person.at();
    [at.x, at.y]
}

fn look_of(person: &Person) -> Look {
    let selected = person.flags.has(PersonFlags::SELECTED);
    let opacity = match person.age {
        _ if person.flags.has(PersonFlags::DIMMED) => 56,
        PersonAge::Fresh | PersonAge::Stale => 255,
        PersonAge::Lost => 120,
    };
    Look {
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
mod tests;
