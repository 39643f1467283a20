//! The live features besides people: polygons, incidents, cameras and routes.

use crate::{
    geometry::Position,
    signs::{DeviceKind, Icon, Lamp},
    wire::{flag_bits, wire_enum, wire_struct},
};

wire_enum! {
    /// A layer; [`Layer::DRAW_ORDER`] says which lies above which.
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
        /// Roads where no base map shows them, between base map and grids; only its visibility can
        /// be set here, see [`crate::ToMap::SetLines`].
        Lines = 12,
    }
}

impl Layer {
    /// Every layer in draw order from below; what is picked comes in the opposite order,
    /// after what is selected.
    pub const DRAW_ORDER: [Self; 13] = [
        Self::BaseMap,
        Self::Lines,
        Self::UnitGrids,
        Self::MicroGrids,
        Self::GeneralGrids,
        Self::ExclusiveGrids,
        Self::Communities,
        Self::Street,
        Self::Areas,
        Self::Routes,
        Self::Cameras,
        Self::People,
        Self::Incidents,
    ];

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
    /// Whether stripes lie over the fill.
    pub hatched: bool,
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
    hatched: bool,
    polygons: Vec<Vec<Vec<Position>>>,
    label: String,
    label_at: Position,
});

/// A new colour class of one polygon, and whether it is hatched now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolygonValue {
    pub id: u32,
    pub class: u8,
    pub hatched: bool,
}

wire_struct!(PolygonValue {
    id: u32,
    class: u8,
    hatched: bool
});

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
    /// It has come a moment ago, and not only through a filter: it pulses while nobody has
    /// acknowledged it.
    pub const NEW: u8 = 16;
}

flag_bits!(IncidentFlags);

/// One incident. Higher severity is drawn above lower, the selected one above all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    pub at: Position,
    pub id: u32,
    pub severity: Severity,
    pub shape: IncidentShape,
    /// Shown from the zoom on at which it can be made out; below it the mark is plain.
    pub icon: Icon,
    pub lamp: Lamp,
    pub flags: IncidentFlags,
}

wire_struct!(Incident {
    at: Position,
    id: u32,
    severity: Severity,
    shape: IncidentShape,
    icon: Icon,
    lamp: Lamp,
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
    pub kind: DeviceKind,
    pub state: CameraState,
}

wire_struct!(Camera {
    at: Position,
    id: u32,
    kind: DeviceKind,
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
