//! The live features: polygons, people, incidents, cameras and routes.

use crate::{
    geometry::Position,
    wire::{DecodeError, Reader, Wire, wire_enum, wire_struct},
};

wire_enum! {
    /// A layer of live features, declared in draw order from below.
    pub enum Layer, "layer" {
        /// Unit grids (单元网格), the finest level.
        UnitGrids = 0,
        /// Micro grids (微网格).
        MicroGrids = 1,
        /// General grids (一般网格).
        GeneralGrids = 2,
        /// Exclusive grids (专属网格).
        ExclusiveGrids = 3,
        /// Communities (社区).
        Communities = 4,
        /// The boundary of the street.
        Street = 5,
        /// Areas of the moment: a cordon, a flooded zone, a drawn selection.
        Areas = 6,
        /// Lines from responders to incidents.
        Routes = 7,
        /// Cameras and other devices.
        Cameras = 8,
        /// People of the roster.
        People = 9,
        /// Incidents.
        Incidents = 10,
        /// The styled base map with its labels; only its visibility can be set.
        BaseMap = 11,
    }
}

impl Layer {
    /// Whether [`crate::ToMap::SetPolygons`] may name this layer.
    pub const fn holds_polygons(self) -> bool {
        (self as u8) <= Self::Areas as u8
    }
}

/// One feature of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    pub layer: Layer,
    pub id: u32,
}

wire_struct!(Target {
    layer: Layer,
    id: u32
});

/// An area with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct PolygonFeature {
    pub id: u32,
    /// Index into `Palette::polygon_classes`.
    pub class: u8,
    /// Polygons; of each the outer ring first, then its holes. A ring may repeat its first point
    /// at the end or not; a ring with fewer than three points is ignored.
    pub polygons: Vec<Vec<Vec<Position>>>,
    /// Empty for no label.
    pub label: String,
    /// Where the label is centred.
    pub label_at: Position,
}

wire_struct!(PolygonFeature {
    id: u32,
    class: u8,
    polygons: Vec<Vec<Vec<Position>>>,
    label: String,
    label_at: Position,
});

/// A new colour class of one polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolygonValue {
    pub id: u32,
    pub class: u8,
}

wire_struct!(PolygonValue { id: u32, class: u8 });

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

/// One person, 16 bytes on the wire; the module keeps them in this layout on the GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub at: Position,
    pub id: u32,
    pub class: PersonClass,
    /// Index into `Palette::person_states`.
    pub state: u8,
    pub age: PersonAge,
    pub flags: PersonFlags,
}

/// Written out by hand: ten thousand of them come in one message, and one check of the length each
/// is a third of the time of one per field.
impl Wire for Person {
    const MIN_LEN: usize = 16;

    fn write(&self, out: &mut Vec<u8>) {
        let mut bytes = [0; Self::MIN_LEN];
        bytes[0..4].copy_from_slice(&self.at.x.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.at.y.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.id.to_le_bytes());
        bytes[12..].copy_from_slice(&[self.class as u8, self.state, self.age as u8, self.flags.0]);
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
            class,
            state,
            age,
            flags,
        ] = from.array()?;
        let unknown = |what, value, at| DecodeError::UnknownValue { what, value, at };
        Ok(Self {
            at: Position {
                x: u32::from_le_bytes([x0, x1, x2, x3]),
                y: u32::from_le_bytes([y0, y1, y2, y3]),
            },
            id: u32::from_le_bytes([i0, i1, i2, i3]),
            class: PersonClass::from_u8(class)
                .ok_or_else(|| unknown("class of person", class, at + 12))?,
            state,
            age: PersonAge::from_u8(age)
                .ok_or_else(|| unknown("age of a position", age, at + 14))?,
            flags: PersonFlags(flags),
        })
    }
}

wire_enum! {
    /// The level of an incident: 微 小 中 大.
    pub enum Severity, "severity" {
        Micro = 0,
        Small = 1,
        Medium = 2,
        Large = 3,
    }
}

impl Severity {
    /// The shape that goes with a severity, so that the level is readable without its colour.
    pub const fn shape(self) -> IncidentShape {
        match self {
            Self::Micro => IncidentShape::Circle,
            Self::Small => IncidentShape::Diamond,
            Self::Medium => IncidentShape::Triangle,
            Self::Large => IncidentShape::Hexagon,
        }
    }
}

wire_enum! {
    /// The outline of an incident's mark.
    pub enum IncidentShape, "shape of an incident" {
        Circle = 0,
        Diamond = 1,
        Triangle = 2,
        Hexagon = 3,
    }
}

/// Marks of an incident, combined with `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct IncidentFlags(pub u8);

impl IncidentFlags {
    pub const OVERDUE: u8 = 1;
    pub const UNACKNOWLEDGED: u8 = 2;
    pub const SELECTED: u8 = 4;
    /// Not part of the set that a filter shows: drawn faint, still picked.
    pub const DIMMED: u8 = 8;
}

macro_rules! flag_bits {
    ($($name:ty),*) => {$(
        impl $name {
            /// Whether every bit of `flag` is set.
            pub const fn has(self, flag: u8) -> bool {
                self.0 & flag == flag
            }
        }
        impl Wire for $name {
            const MIN_LEN: usize = 1;
            fn write(&self, out: &mut Vec<u8>) {
                out.push(self.0);
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok(Self(u8::read(from)?))
            }
        }
    )*};
}
flag_bits!(PersonFlags, IncidentFlags);

/// One incident. Higher severity is drawn above lower, the selected one above all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    pub at: Position,
    pub id: u32,
    pub severity: Severity,
    pub shape: IncidentShape,
    pub flags: IncidentFlags,
}

wire_struct!(Incident {
    at: Position,
    id: u32,
    severity: Severity,
    shape: IncidentShape,
    flags: IncidentFlags,
});

wire_enum! {
    /// Whether a camera delivers.
    pub enum CameraState, "state of a camera" {
        Online = 0,
        Offline = 1,
    }
}

/// One camera or other device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Camera {
    pub at: Position,
    pub id: u32,
    pub state: CameraState,
}

wire_struct!(Camera {
    at: Position,
    id: u32,
    state: CameraState
});

wire_enum! {
    /// Whether the way is only proposed or already taken.
    pub enum RouteState, "state of a route" {
        /// Drawn dashed.
        Proposed = 0,
        /// Drawn solid.
        Underway = 1,
    }
}

/// The way of a responder to an incident, along the road network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub id: u32,
    pub state: RouteState,
    /// From the responder to the incident; fewer than two points draw nothing.
    pub points: Vec<Position>,
}

wire_struct!(Route { id: u32, state: RouteState, points: Vec<Position> });
