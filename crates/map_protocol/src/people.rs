//! People: how one is drawn, which way one goes, and where a selected one came from.

use crate::{
    geometry::Position,
    wire::{DecodeError, Reader, Wire, flag_bits, wire_enum, wire_struct},
};

wire_enum! {
    /// The three classes of people (三类人员); decides the shape.
    pub enum PersonClass, "class of person" {
        /// Street and community staff: a circle.
        Staff = 0,
        /// Stationed forces (police, city management, emergency): a square.
        Forces = 1,
        /// Social forces (micro-grid members, building heads, volunteers): a triangle.
        Social = 2,
    }
}

wire_enum! {
    /// How old a position is; decides how solid the mark is drawn.
    pub enum PersonAge, "age of a position" {
        /// At most 5 minutes: filled.
        Fresh = 0,
        /// Older than 5 minutes: hollow.
        Stale = 1,
        /// Older than 30 minutes: hollow and faint, not offered for dispatch.
        Lost = 2,
    }
}

/// Marks of a person, combined with `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PersonFlags(pub u8);

impl PersonFlags {
    pub const SELECTED: u8 = 1;
    /// Not part of the set that a filter shows, or of a drill: drawn faint, still picked.
    pub const DIMMED: u8 = 2;
    /// The proposed responder of the selected incident.
    pub const PROPOSED: u8 = 4;
}
flag_bits!(PersonFlags);

/// A direction over ground in 256ths of a full turn, clockwise from north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Heading(pub u8);

impl Heading {
    /// The nearest direction to so many degrees clockwise from north; `None` for what is no number.
    pub fn from_degrees(degrees: f64) -> Option<Self> {
        let turns = (degrees / 360.0).rem_euclid(1.0);
        turns
            .is_finite()
            .then(|| Self(((turns * 256.0).round() as u16 % 256) as u8))
    }

    /// The direction of the way between two places; `None` where they are the same.
    pub fn of_way(from: Position, to: Position) -> Option<Self> {
        let east = to.x.wrapping_sub(from.x).cast_signed();
        let south = to.y.wrapping_sub(from.y).cast_signed();
        if east == 0 && south == 0 {
            return None;
        }
        // Mercator keeps angles, so the way on the map is the way over ground.
        Self::from_degrees(f64::from(east).atan2(-f64::from(south)).to_degrees())
    }
}

/// One person, 16 bytes on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub at: Position,
    pub id: u32,
    pub class: PersonClass,
    /// Index into `Palette::person_states`.
    pub state: u8,
    pub age: PersonAge,
    /// Which way the person goes; `None` for one who stands or of whom it is not known. Not drawn
    /// for a position that is [`PersonAge::Lost`].
    pub heading: Option<Heading>,
    pub flags: PersonFlags,
}

/// Set in the byte of class and age where the heading is known.
const HEADING_KNOWN: u8 = 0x80;

/// A person as it travels: 16 bytes whose class and age are known ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct PersonRecord([u8; PersonRecord::LEN]);

impl PersonRecord {
    const LEN: usize = 16;
    /// Where what a mark looks like begins.
    const LOOK: usize = 12;

    pub fn id(&self) -> u32 {
        self.number(8)
    }

    pub fn at(&self) -> Position {
        Position {
            x: self.number(0),
            y: self.number(4),
        }
    }

    /// Class, state, age, heading and flags as one number: two people with the same one look the
    /// same.
    pub fn look(&self) -> u32 {
        self.number(Self::LOOK)
    }

    fn number(&self, at: usize) -> u32 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|byte| self.0[at + byte]);
        u32::from_le_bytes([a, b, c, d])
    }
}

impl From<&Person> for PersonRecord {
    fn from(person: &Person) -> Self {
        let known = if person.heading.is_some() {
            HEADING_KNOWN
        } else {
            0
        };
        let kind = person.class as u8 | (person.age as u8) << 4 | known;
        let heading = person.heading.map_or(0, |heading| heading.0);
        let mut bytes = [0; Self::LEN];
        bytes[0..4].copy_from_slice(&person.at.x.to_le_bytes());
        bytes[4..8].copy_from_slice(&person.at.y.to_le_bytes());
        bytes[8..12].copy_from_slice(&person.id.to_le_bytes());
        bytes[Self::LOOK..].copy_from_slice(&[kind, person.state, heading, person.flags.0]);
        Self(bytes)
    }
}

impl From<&PersonRecord> for Person {
    fn from(record: &PersonRecord) -> Self {
        let [kind, state, heading, flags] = record.look().to_le_bytes();
        Self {
            at: record.at(),
            id: record.id(),
            // Every record was made from known values or was looked through.
            class: class_of(kind).unwrap_or(PersonClass::Staff),
            state,
            age: age_of(kind).unwrap_or(PersonAge::Lost),
            heading: (kind & HEADING_KNOWN != 0).then_some(Heading(heading)),
            flags: PersonFlags(flags),
        }
    }
}

const fn class_of(kind: u8) -> Option<PersonClass> {
    PersonClass::from_u8(kind & 0x0f)
}

const fn age_of(kind: u8) -> Option<PersonAge> {
    PersonAge::from_u8((kind & !HEADING_KNOWN) >> 4)
}

/// Written out by hand: ten thousand of them come in one message, and one check of the length each
/// is a third of the time of one per field.
impl Wire for Person {
    const MIN_LEN: usize = PersonRecord::LEN;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&PersonRecord::from(self).0);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = from.at() + PersonRecord::LOOK;
        let record = PersonRecord(from.array()?);
        let kind = record.0[PersonRecord::LOOK];
        let unknown = |what, value| DecodeError::UnknownValue { what, value, at };
        if class_of(kind).is_none() {
            return Err(unknown("class of person", kind & 0x0f));
        }
        if age_of(kind).is_none() {
            return Err(unknown("age of a position", (kind & !HEADING_KNOWN) >> 4));
        }
        Ok(Self::from(&record))
    }
}

/// Everybody, as [`crate::ToMap::SetPeople`] has them, read where they lie: a crowd that comes anew
/// in every frame is not built up in memory first.
#[derive(Debug, Clone, Copy)]
pub struct Crowd<'a> {
    people: &'a [u8],
    pub glide_ms: u32,
}

impl<'a> Crowd<'a> {
    const TAG: u8 = 9;

    /// The crowd of a message. `None` where it is another message, and where anything is wrong with
    /// it, which [`crate::ToMap::decode`] tells.
    pub fn of_message(bytes: &'a [u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (people, glide_ms) = rest.split_last_chunk()?;
        let count = u32::from_le_bytes(*count) as usize;
        let fits = *tag == Self::TAG && count.checked_mul(PersonRecord::LEN) == Some(people.len());
        let is_known = |record: &[u8]| {
            let kind = record[PersonRecord::LOOK];
            class_of(kind).is_some() && age_of(kind).is_some()
        };
        (fits && people.chunks_exact(PersonRecord::LEN).all(is_known)).then_some(Self {
            people,
            glide_ms: u32::from_le_bytes(*glide_ms),
        })
    }

    /// Everybody, in order.
    pub fn people(&self) -> impl ExactSizeIterator<Item = PersonRecord> + Clone + use<'a> {
        let records = self.people.chunks_exact(PersonRecord::LEN);
        records.map(|record| {
            let mut bytes = [0; PersonRecord::LEN];
            bytes.copy_from_slice(record);
            PersonRecord(bytes)
        })
    }
}

/// Where a person was before, drawn behind the mark and fading with the age of the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Of [`Person::id`]; a trail of somebody who is not on the map is not drawn.
    pub person: u32,
    /// Earlier positions, the oldest first, without the present one. At most
    /// [`Trail::MOST_POINTS`] are drawn, the newest of them.
    pub points: Vec<Position>,
}

impl Trail {
    /// Points of one trail that are drawn.
    pub const MOST_POINTS: usize = 64;
}

wire_struct!(Trail {
    person: u32,
    points: Vec<Position>,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_go_round_and_nonsense_has_none() {
        let turn = |degrees| Heading::from_degrees(degrees).map(|heading| heading.0);
        assert_eq!(turn(0.0), Some(0));
        assert_eq!(turn(90.0), Some(64));
        assert_eq!(turn(-90.0), Some(192));
        assert_eq!(turn(359.9), Some(0), "the last half step is north again");
        assert_eq!(turn(720.0 + 45.0), Some(32));
        for nonsense in [f64::NAN, f64::INFINITY] {
            assert_eq!(turn(nonsense), None);
        }
    }

    #[test]
    fn a_way_has_the_direction_in_which_it_goes() {
        let from = Position { x: 10, y: 10 };
        let to = |x, y| Heading::of_way(from, Position { x, y }).map(|heading| heading.0);
        assert_eq!(to(10, 5), Some(0), "to the north");
        assert_eq!(to(15, 10), Some(64), "to the east");
        assert_eq!(to(10, 15), Some(128), "to the south");
        assert_eq!(
            to(4_294_967_290, 10),
            Some(192),
            "west across the antimeridian"
        );
        assert_eq!(to(10, 10), None);
    }
}
