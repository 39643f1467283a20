//! From any point to the nearest road that a mode may use.

use rstar::{AABB, PointDistance, RTree, RTreeObject};

use super::arcs::{ModeGraph, NONE};
use super::{RoadNetwork, mode_number};
use crate::people::TravelMode;
use crate::places::{Bounds, LonLat};

/// Metres of a degree of latitude.
const METRES_PER_DEGREE: f64 = 111_195.08;

/// A plane in metres around the middle of a network. Its metres are right to a few in a thousand
/// within a city, which is enough for finding what is near; every length that is told to anybody
/// is measured on the globe.
#[derive(Debug, Clone, Copy)]
pub struct Plane {
    middle: LonLat,
    per_lon: f64,
}

impl Plane {
    /// The plane around the middle of the points.
    pub fn around(points: impl IntoIterator<Item = LonLat>) -> Self {
        let on_globe = points.into_iter().filter(|point| point.is_on_globe());
        let middle = Bounds::around(on_globe).map_or_else(LonLat::default, |b| b.centre());
        Self {
            middle,
            per_lon: METRES_PER_DEGREE * middle.lat.to_radians().cos().max(1e-6),
        }
    }

    /// East and north of the middle; 32 bits keep a city to a centimetre.
    pub fn metres(&self, point: LonLat) -> [f32; 2] {
        [
            ((point.lon - self.middle.lon) * self.per_lon) as f32,
            ((point.lat - self.middle.lat) * METRES_PER_DEGREE) as f32,
        ]
    }
}

/// A point on a road, as near as may be to a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoadPoint {
    /// The edge.
    pub edge: u32,
    /// Which piece of its line, counted from 0.
    pub piece: u32,
    /// The point.
    pub point: LonLat,
    /// Share of the length of the line before it, in `0.0..=1.0`.
    pub share: f64,
    /// Metres between the place and the point.
    pub approach_m: f64,
}

/// All pieces of road by where they are.
#[derive(Debug)]
pub struct RoadIndex {
    plane: Plane,
    pieces: RTree<Piece>,
}

/// One straight piece of an edge.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    a: [f32; 2],
    b: [f32; 2],
    edge: u32,
    /// Which piece of its line, counted from 0.
    number: u32,
    /// One bit for each mode that may use the edge in either direction.
    modes: u8,
}

impl RTreeObject for Piece {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.a, self.b)
    }
}

impl PointDistance for Piece {
    fn distance_2(&self, p: &[f32; 2]) -> f32 {
        let along = share_of(self.a, self.b, *p);
        let dx = self.a[0] + (self.b[0] - self.a[0]) * along - p[0];
        let dy = self.a[1] + (self.b[1] - self.a[1]) * along - p[1];
        dx * dx + dy * dy
    }
}

/// Where the foot of `p` falls between `a` (0) and `b` (1).
fn share_of(a: [f32; 2], b: [f32; 2], p: [f32; 2]) -> f32 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length_2 = dx * dx + dy * dy;
    if length_2 <= 0.0 {
        return 0.0;
    }
    (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length_2).clamp(0.0, 1.0)
}

impl RoadIndex {
    /// Indexes every edge that anybody may use; a road drawn once for both directions only once.
    pub fn new(network: &RoadNetwork, twins: &[u32], modes: &[ModeGraph; 3]) -> Self {
        let plane = Plane::around(network.nodes.iter().copied());
        let mut pieces = Vec::new();
        for (edge_number, edge) in network.edges.iter().enumerate() {
            let open = (0..3u8).filter(|mode| modes[usize::from(*mode)].is_open(edge_number));
            let bits = open.fold(0, |bits, mode| bits | 1 << mode);
            if bits == 0 || is_drawn_by_twin(network, edge_number, twins[edge_number]) {
                continue;
            }
            let line: Vec<[f32; 2]> = network.line(edge).map(|p| plane.metres(p)).collect();
            pieces.extend((0u32..).zip(line.windows(2)).map(|(number, ends)| Piece {
                a: ends[0],
                b: ends[1],
                edge: edge_number as u32,
                number,
                modes: bits,
            }));
        }
        Self {
            plane,
            pieces: RTree::bulk_load(pieces),
        }
    }

    /// Bytes of the pieces; the boxes around them add about a fifth.
    pub fn bytes(&self) -> usize {
        self.pieces.size() * size_of::<Piece>()
    }

    /// The nearest point of a road that the mode may use; `None` when there is no such road, or
    /// the place is not on the globe.
    pub fn nearest(
        &self,
        network: &RoadNetwork,
        place: LonLat,
        mode: TravelMode,
    ) -> Option<RoadPoint> {
        if !place.is_on_globe() {
            return None;
        }
        let bit = 1u8 << mode_number(mode);
        let found = self
            .pieces
            .nearest_neighbor_iter(self.plane.metres(place))
            .find(|piece| piece.modes & bit != 0)?;
        Some(foot(network, found.edge, found.number, place))
    }
}

/// Whether the same line is indexed by the other direction of the road already.
fn is_drawn_by_twin(network: &RoadNetwork, number: usize, twin: u32) -> bool {
    if twin == NONE || twin as usize > number {
        return false;
    }
    let (edge, other) = (&network.edges[number], &network.edges[twin as usize]);
    edge.for_cars == other.for_cars
        && edge.via.len() == other.via.len()
        && edge.via.iter().eq(other.via.iter().rev())
}

/// The foot of a place on one piece of an edge, computed on the spot with full precision.
fn foot(network: &RoadNetwork, number: u32, piece: u32, place: LonLat) -> RoadPoint {
    let edge = &network.edges[number as usize];
    let line: Vec<LonLat> = network.line(edge).collect();
    let (a, b) = (line[piece as usize], line[piece as usize + 1]);
    let lon_scale = place.lat.to_radians().cos();
    let (dx, dy) = ((b.lon - a.lon) * lon_scale, b.lat - a.lat);
    let length_2 = dx * dx + dy * dy;
    let along = if length_2 > 0.0 {
        let product = (place.lon - a.lon) * lon_scale * dx + (place.lat - a.lat) * dy;
        (product / length_2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let point = if along >= 1.0 { b } else { a.towards(b, along) };
    let before_m = super::line_m(line[..=piece as usize].iter().copied().chain([point]));
    let after_m = super::line_m(
        [point]
            .into_iter()
            .chain(line[piece as usize + 1..].iter().copied()),
    );
    let whole_m = before_m + after_m;
    RoadPoint {
        edge: number,
        piece,
        point,
        share: if whole_m > 0.0 {
            before_m / whole_m
        } else {
            0.0
        },
        approach_m: place.distance_m(point),
    }
}
