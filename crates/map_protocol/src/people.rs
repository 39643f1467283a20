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

/// Written out by hand: ten thousand of them come in one message, and one check of the length each
/// is a third of the time of one per field.
impl Wire for Person {
    const MIN_LEN: usize = 16;

    fn write(&self, out: &mut Vec<u8>) {
        let known = if self.heading.is_some() {
            HEADING_KNOWN
        } else {
            0
        };
        let kind = self.class as u8 | (self.age as u8) << 4 | known;
        let heading = self.heading.map_or(0, |heading| heading.0);
        let mut bytes = [0; Self::MIN_LEN];
        bytes[0..4].copy_from_slice(&self.at.x.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.at.y.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.id.to_le_bytes());
        bytes[12..].copy_from_slice(&[kind, self.state, heading, self.flags.0]);
        out.extend_from_slice(&bytes);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = from.at();
        let [
            x0,
            x1,
            x2,
            x3,
            y0,
            y1,
            y2,
            y3,
            i0,
            i1,
            i2,
            i3,
            kind,
            state,
            heading,
            flags,
        ] = from.array()?;
        let (class, age) = (kind & 0x0f, (kind & !HEADING_KNOWN) >> 4);
        let unknown = |what, value| DecodeError::UnknownValue {
            what,
            value,
            at: at + 12,
        };
        Ok(Self {
            at: Position {
                x: u32::from_le_bytes([x0, x1, x2, x3]),
                y: u32::from_le_bytes([y0, y1, y2, y3]),
            },
            id: u32::from_le_bytes([i0, i1, i2, i3]),
            class: PersonClass::from_u8(class).ok_or_else(|| unknown("class of person", class))?,
            state,
            age: PersonAge::from_u8(age).ok_or_else(|| unknown("age of a position", age))?,
            heading: (kind & HEADING_KNOWN != 0).then_some(Heading(heading)),
            flags: PersonFlags(flags),
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
