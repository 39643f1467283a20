//! Lines as ribbons of triangles whose width is decided in the shader: every corner says where on the centre line it
//! stands and which way it is pushed out.

use std::f64::consts::FRAC_PI_6;

use crate::geometry::{Point, length, nearest_i16};
use crate::style::{LineCap, LineJoin};

/// A corner of a ribbon.
pub(crate) struct Corner {
    /// On the centre line.
    pub(crate) at: Point,
    /// Which way, in half widths; at most 4 long.
    pub(crate) extrude: Point,
    /// Place in the ribbon: across, and along a round cap.
    pub(crate) edge: Point,
    /// Length from the line's start.
    pub(crate) distance: f64,
}

/// Takes corners and triangles.
pub(crate) trait RibbonSink {
    /// Keeps a corner and returns its index.
    fn corner(&mut self, corner: Corner) -> u32;
    /// Keeps a triangle of three corners.
    fn triangle(&mut self, corners: [u32; 3]);
    /// Whether there is no room for another piece: the ribbon ends there.
    fn is_full(&self) -> bool {
        false
    }
}

/// How a ribbon is shaped.
#[derive(Clone, Copy)]
pub(crate) struct RibbonShape {
    /// The last point is joined with the first.
    pub(crate) closed: bool,
    pub(crate) cap: LineCap,
    pub(crate) join: LineJoin,
    pub(crate) miter_limit: f64,
}

/// Longer miters do not fit the vertex.
const LONGEST_MITER: f64 = 3.9;

/// The left and the right corner at one place.
type Pair = [u32; 2];

/// Makes the ribbon of a line. Points that repeat their predecessor must have been removed.
pub(crate) fn ribbon(points: &[Point], shape: RibbonShape, sink: &mut dyn RibbonSink) {
    let closed = shape.closed && points.len() > 2;
    if points.len() < 2 || sink.is_full() {
        return;
    }
    let segments = if closed {
        points.len()
    } else {
        points.len() - 1
    };
    // Found as they are needed: a line may be long, and be left before its end.
    let corner = |i: usize| points[i % points.len()];
    let along = |i: usize| direction(corner(i), corner(i + 1));
    let last = segments - 1;
    let mut maker = RibbonMaker { shape, sink };
    let mut distance = 0.0;
    let first = along(0);
    let mut open_end = if closed {
        maker.joint(corner(0), along(last), first, 0.0)[1]
    } else {
        maker.cap(corner(0), first, 0.0, -1.0)
    };
    let mut d = first;
    for i in 0..segments {
        if maker.sink.is_full() {
            return;
        }
        let (from, to) = (corner(i), corner(i + 1));
        distance += length([to[0] - from[0], to[1] - from[1]]);
        let next = if i < last { along(i + 1) } else { first };
        let [incoming, outgoing] = if i < last || closed {
            maker.joint(to, d, next, distance)
        } else {
            let end = maker.cap(to, d, distance, 1.0);
            [end, end]
        };
        maker.quad(open_end, incoming);
        open_end = outgoing;
        d = next;
    }
}

fn direction(a: Point, b: Point) -> Point {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = length(d);
    if length > 0.0 {
        scaled(d, 1.0 / length)
    } else {
        [1.0, 0.0]
    }
}

fn normal(d: Point) -> Point {
    [-d[1], d[0]]
}

fn scaled(v: Point, by: f64) -> Point {
    [v[0] * by, v[1] * by]
}

struct RibbonMaker<'a> {
    shape: RibbonShape,
    sink: &'a mut dyn RibbonSink,
}

impl RibbonMaker<'_> {
    fn pair(&mut self, at: Point, extrude: Point, distance: f64) -> Pair {
        [1.0, -1.0].map(|side| {
            let corner = Corner {
                at,
                extrude: scaled(extrude, side),
                edge: [side, 0.0],
                distance,
            };
            self.sink.corner(corner)
        })
    }

    fn quad(&mut self, a: Pair, b: Pair) {
        self.sink.triangle([a[0], a[1], b[0]]);
        self.sink.triangle([b[0], a[1], b[1]]);
    }

    /// The end of an open line; `outwards` is −1 at its start and 1 at its end.
    fn cap(&mut self, at: Point, d: Point, distance: f64, outwards: f64) -> Pair {
        let n = normal(d);
        let base = self.pair(at, n, distance);
        let along = match self.shape.cap {
            LineCap::Butt => return base,
            LineCap::Square => 0.0,
            LineCap::Round => 1.0,
        };
        let far = [1.0, -1.0].map(|side| {
            let extrude = [n[0] * side + d[0] * outwards, n[1] * side + d[1] * outwards];
            self.sink.corner(Corner {
                at,
                extrude,
                edge: [side, along],
                distance,
            })
        });
        self.quad(base, far);
        base
    }

    /// The corners where one segment ends and where the next begins; the same two for a miter.
    fn joint(&mut self, at: Point, d0: Point, d1: Point, distance: f64) -> [Pair; 2] {
        let (n0, n1) = (normal(d0), normal(d1));
        let sum = [n0[0] + n1[0], n0[1] + n1[1]];
        let length = length(sum);
        // The longest point that still looks like the join that was asked for.
        let limit = match self.shape.join {
            LineJoin::Miter => self.shape.miter_limit.clamp(1.0, LONGEST_MITER),
            LineJoin::Round => 1.04,
            LineJoin::Bevel => 1.01,
        };
        // The miter is 1 / cos(half the turn), and |n0 + n1| is twice that cosine.
        let miter = 2.0 / length;
        if length > 1e-6 && miter <= limit {
            let pair = self.pair(at, scaled(sum, miter / length), distance);
            return [pair, pair];
        }
        self.fan(at, d0, d1, distance);
        [self.pair(at, n0, distance), self.pair(at, n1, distance)]
    }

    /// Fills the wedge on the outer side of a turn.
    fn fan(&mut self, at: Point, d0: Point, d1: Point, distance: f64) {
        let cross = d0[0] * d1[1] - d0[1] * d1[0];
        let dot = d0[0] * d1[0] + d0[1] * d1[1];
        let turn = cross.atan2(dot);
        let side = if turn > 0.0 { -1.0 } else { 1.0 };
        let steps = if self.shape.join == LineJoin::Round {
            (turn.abs() / FRAC_PI_6).ceil().max(1.0)
        } else {
            1.0
        };
        let start = scaled(normal(d0), side);
        let centre = self.sink.corner(Corner {
            at,
            extrude: [0.0; 2],
            edge: [0.0; 2],
            distance,
        });
        let mut rim = |angle: f64| {
            let (sin, cos) = angle.sin_cos();
            let extrude = [
                start[0] * cos - start[1] * sin,
                start[0] * sin + start[1] * cos,
            ];
            self.sink.corner(Corner {
                at,
                extrude,
                edge: [side, 0.0],
                distance,
            })
        };
        let rims: Vec<u32> = (0..=steps as u32)
            .map(|step| rim(turn * f64::from(step) / steps))
            .collect();
        for pair in rims.windows(2) {
            self.sink.triangle([centre, pair[0], pair[1]]);
        }
    }
}

/// A vector of at most `range` as two `Snorm16`.
pub(crate) fn snorm(v: Point, range: f64) -> [i16; 2] {
    v.map(|c| nearest_i16(c / range * 32_767.0).max(-32_767))
}
