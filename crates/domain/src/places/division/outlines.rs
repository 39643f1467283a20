//! One outline alone: closed, with land inside, not crossing itself.

use geo::{
    Area, BooleanOps, BoundingRect, Coord, InteriorPoint, LineString, MultiPolygon, Polygon, Rect,
};

use super::{Check, Fault, Ring};

/// The land inside an outline by the even-odd rule, as points are looked up.
#[derive(Debug, Clone)]
pub struct Land {
    /// The land, its outlines counter-clockwise.
    pub shape: MultiPolygon,
    /// The box around it.
    pub bounds: Rect,
}

impl Land {
    fn new(shape: MultiPolygon) -> Option<Self> {
        let bounds = shape.bounding_rect()?;
        Some(Self { shape, bounds })
    }

    /// A corner of it.
    pub fn corner(&self) -> Coord {
        let first = self.shape.0.first();
        first
            .and_then(|polygon| polygon.exterior().0.first())
            .copied()
            .unwrap_or_else(|| self.bounds.min())
    }
}

/// Reads rings and reports what is wrong with them; `None` when there is no land to go on with.
/// Whether a ring is closed is only asked of grids: buildings are but looked at.
pub fn read(rings: &[Ring], name: &str, is_grid: bool, check: &mut Check) -> Option<Land> {
    let corners = || {
        rings
            .iter()
            .flatten()
            .map(|corner| check.plane.corner(*corner))
    };
    if corners().any(|corner| corner.is_none()) {
        let good = corners().flatten().next();
        check.find(Fault::BadCoordinate, &[name], 0.0, good);
        return None;
    }
    let line = |ring: &Ring| -> Vec<Coord> {
        let corners = ring.iter().map(|corner| check.plane.corner(*corner));
        corners.flatten().collect()
    };
    let mut lines: Vec<Vec<Coord>> = rings.iter().map(line).collect();
    let first = lines.first().and_then(|line| line.first()).copied();
    let mut expected_m2 = 0.0;
    for (at, line) in lines.iter_mut().enumerate() {
        if line.first() != line.last() {
            if is_grid {
                check.find(Fault::NotClosed, &[name], 0.0, line.last().copied());
            }
            line.extend(line.first().copied());
        }
        let ring_m2 = Polygon::new(LineString(line.clone()), Vec::new()).unsigned_area();
        expected_m2 += if at == 0 { ring_m2 } else { -ring_m2 };
    }
    let mut rings = lines.into_iter().map(LineString);
    let outline = rings.next().unwrap_or_else(|| LineString(Vec::new()));
    let drawn = Polygon::new(outline, rings.collect());
    // Meeting itself takes the outline apart where it crosses itself; the even-odd rule stays.
    let shape = drawn.intersection(&drawn);
    let wrong_m2 = ((shape.unsigned_area() - expected_m2) / 2.0).abs();
    if wrong_m2 >= check.tolerances.sliver_m2 {
        let at = crossing(&drawn).or(first);
        check.find(Fault::CrossesItself, &[name], wrong_m2, at);
    }
    let land = Land::new(shape).filter(|land| land.shape.unsigned_area() > 0.0);
    if land.is_none() {
        check.find(Fault::NoOutline, &[name], 0.0, first);
    }
    land
}

/// The pieces that are no slivers: their square metres, and a point inside the largest.
pub fn measured(pieces: &MultiPolygon, sliver_m2: f64) -> Option<(f64, Option<Coord>)> {
    let mut total_m2 = 0.0;
    let mut largest: Option<(f64, &Polygon)> = None;
    for piece in pieces {
        let area_m2 = piece.unsigned_area();
        if area_m2 < sliver_m2 || area_m2 <= 0.0 {
            continue;
        }
        total_m2 += area_m2;
        if largest.is_none_or(|(most, _)| area_m2 > most) {
            largest = Some((area_m2, piece));
        }
    }
    let (_, piece) = largest?;
    Some((total_m2, piece.interior_point().map(|point| point.0)))
}

/// Where two edges of an outline cross, or where it passes twice: the westernmost such place.
fn crossing(drawn: &Polygon) -> Option<Coord> {
    let rings = std::iter::once(drawn.exterior()).chain(drawn.interiors());
    let mut edges: Vec<(Coord, Coord)> = rings
        .flat_map(LineString::lines)
        .map(|line| {
            let (a, b) = (line.start, line.end);
            if a.x <= b.x { (a, b) } else { (b, a) }
        })
        .collect();
    edges.sort_by(|a, b| a.0.x.total_cmp(&b.0.x).then(a.0.y.total_cmp(&b.0.y)));
    let mut best: Option<Coord> = None;
    for (at, first) in edges.iter().enumerate() {
        for second in edges[at + 1..].iter().take_while(|e| e.0.x <= first.1.x) {
            if let Some(here) = proper_crossing(*first, *second)
                && best.is_none_or(|b| (here.x, here.y) < (b.x, b.y))
            {
                best = Some(here);
            }
        }
    }
    best.or_else(|| passed_twice(drawn))
}

/// The point in the inside of both edges where they cross.
fn proper_crossing(a: (Coord, Coord), b: (Coord, Coord)) -> Option<Coord> {
    let (along, across, off) = (a.1 - a.0, b.1 - b.0, b.0 - a.0);
    let turn = along.x * across.y - along.y * across.x;
    let at_a = (off.x * across.y - off.y * across.x) / turn;
    let at_b = (off.x * along.y - off.y * along.x) / turn;
    let inside = 1e-9..1.0 - 1e-9;
    (inside.contains(&at_a) && inside.contains(&at_b)).then(|| a.0 + along * at_a)
}

/// A corner that an outline passes twice.
fn passed_twice(drawn: &Polygon) -> Option<Coord> {
    let mut corners: Vec<Coord> = drawn.exterior().0.iter().skip(1).copied().collect();
    corners.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let twice = corners.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(twice[0])
}
