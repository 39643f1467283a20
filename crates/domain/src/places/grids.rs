//! Grids of every level: outline, levels, and the path of grids that holds one point.

use serde::{Deserialize, Serialize};

use super::position::{Bounds, LonLat};
use crate::ids::GridCode;

/// The levels of the grid hierarchy below the street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridLevel {
    /// 社区.
    Community,
    /// 一般网格.
    General,
    /// 微网格, 30–100 households.
    Micro,
    /// 单元网格, about 10,000 m².
    Unit,
    /// 专属网格: a market, a campus; lies beside the others.
    Exclusive,
}

impl GridLevel {
    /// All levels from the largest to the smallest, the exclusive grids last.
    pub const ALL: [Self; 5] = [
        Self::Community,
        Self::General,
        Self::Micro,
        Self::Unit,
        Self::Exclusive,
    ];

    /// The levels that a grid's parent may have; none for a community, which belongs to the street.
    /// Unit grids tile the community, so that they may name any of the levels between.
    pub const fn parents(self) -> &'static [Self] {
        match self {
            Self::Community => &[],
            Self::General | Self::Exclusive => &[Self::Community],
            Self::Micro => &[Self::General],
            Self::Unit => &[Self::Micro, Self::General, Self::Community],
        }
    }
}

/// One grid of any level with its outline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Unique within the street.
    pub code: GridCode,
    /// Name for people, such as `锦水社区第3网格`.
    pub name: String,
    /// Level in the hierarchy.
    pub level: GridLevel,
    /// The grid one level up (unit grids belong to a micro grid); `None` for a community.
    pub parent: Option<GridCode>,
    /// Rings in degrees: the outline first, then holes; closed (first point repeated).
    pub rings: Vec<Vec<LonLat>>,
    /// A point inside, for the label.
    pub label_at: LonLat,
}

impl Grid {
    /// Whether the point lies inside (even-odd over all rings, so holes are outside). A ring whose
    /// last point is not its first is closed here. Of two grids with an edge in common, a point on
    /// that edge is inside exactly one.
    pub fn contains(&self, p: LonLat) -> bool {
        let mut inside = false;
        for (a, b) in self.edges() {
            if crosses_eastward_ray(a, b, p) {
                inside = !inside;
            }
        }
        inside
    }

    /// The edges of all rings, each with the edge that closes it.
    pub fn edges(&self) -> impl Iterator<Item = (LonLat, LonLat)> + '_ {
        self.rings.iter().flat_map(|ring| {
            let next = ring.iter().skip(1).chain(ring.first());
            ring.iter().copied().zip(next.copied())
        })
    }

    /// The box around the outline; `None` without one.
    pub fn bounds(&self) -> Option<Bounds> {
        Bounds::around(self.rings.iter().flatten().copied())
    }

    /// The centre of gravity of the land, holes taken off, on a plane of degrees, which is exact
    /// enough inside one city. `None` for an outline without land.
    pub fn centroid(&self) -> Option<LonLat> {
        // Measured from a corner, so that the products keep their digits.
        let base = *self.rings.first()?.first()?;
        let (mut twice_area, mut lon, mut lat) = (0.0, 0.0, 0.0);
        for (at, ring) in self.rings.iter().enumerate() {
            let (ring_area, ring_lon, ring_lat) = moments(ring, base);
            // Whatever way they run, the outline counts for and the holes against.
            let sign = if (ring_area >= 0.0) == (at == 0) {
                1.0
            } else {
                -1.0
            };
            twice_area += sign * ring_area;
            lon += sign * ring_lon;
            lat += sign * ring_lat;
        }
        let centre = LonLat::new(
            base.lon + lon / (3.0 * twice_area),
            base.lat + lat / (3.0 * twice_area),
        );
        centre.is_on_globe().then_some(centre)
    }
}

/// Whether the edge between `a` and `b` crosses the ray that runs eastward from `p`. Every inside
/// test of the street is made of this one expression, and it takes the edge from south to north
/// whichever way it runs, so that neighbours answer alike to the last bit.
pub(super) fn crosses_eastward_ray(a: LonLat, b: LonLat, p: LonLat) -> bool {
    let (low, high) = if a.lat <= b.lat { (a, b) } else { (b, a) };
    low.lat <= p.lat
        && p.lat < high.lat
        && p.lon < (high.lon - low.lon) * (p.lat - low.lat) / (high.lat - low.lat) + low.lon
}

/// Twice the signed area of a ring and three times its moments, measured from `base`.
fn moments(ring: &[LonLat], base: LonLat) -> (f64, f64, f64) {
    let next = ring.iter().skip(1).chain(ring.first());
    let mut sum = (0.0, 0.0, 0.0);
    for (a, b) in ring.iter().zip(next) {
        let (ax, ay) = (a.lon - base.lon, a.lat - base.lat);
        let (bx, by) = (b.lon - base.lon, b.lat - base.lat);
        let cross = ax * by - bx * ay;
        sum = (
            sum.0 + cross,
            sum.1 + (ax + bx) * cross,
            sum.2 + (ay + by) * cross,
        );
    }
    sum
}

/// The grids of each level that hold one point.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GridPath {
    /// 社区.
    pub community: Option<GridCode>,
    /// 一般网格.
    pub general: Option<GridCode>,
    /// 微网格.
    pub micro: Option<GridCode>,
    /// 单元网格.
    pub unit: Option<GridCode>,
    /// 专属网格, by code; they lie beside the others and may overlap.
    #[serde(default)]
    pub exclusive: Vec<GridCode>,
    /// 责任网格 that the unit grid belongs to, by code: at most one of each kind.
    #[serde(default)]
    pub responsibility: Vec<GridCode>,
}

impl GridPath {
    /// The codes of all grids: the largest first, then those beside them, the exclusive grids and
    /// the responsibility grids.
    pub fn codes(&self) -> impl Iterator<Item = &GridCode> + '_ {
        [&self.community, &self.general, &self.micro, &self.unit]
            .into_iter()
            .flatten()
            .chain(&self.exclusive)
            .chain(&self.responsibility)
    }

    /// Whether one of the grids has the code.
    pub fn holds(&self, code: &GridCode) -> bool {
        self.codes().any(|own| own == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(from: f64, to: f64) -> Vec<LonLat> {
        [(from, from), (to, from), (to, to), (from, to), (from, from)]
            .map(|(x, y)| LonLat::new(x, y))
            .to_vec()
    }

    fn grid(rings: Vec<Vec<LonLat>>) -> Grid {
        Grid {
            code: "g".into(),
            name: String::new(),
            level: GridLevel::Unit,
            parent: None,
            rings,
            label_at: LonLat::new(1.0, 1.0),
        }
    }

    #[test]
    fn a_hole_is_outside() {
        let grid = grid(vec![square(0.0, 10.0), square(4.0, 6.0)]);
        assert!(grid.contains(LonLat::new(1.0, 1.0)));
        assert!(!grid.contains(LonLat::new(5.0, 5.0)));
        assert!(!grid.contains(LonLat::new(11.0, 5.0)));
        assert!(!grid.contains(LonLat::new(f64::NAN, 5.0)));
    }

    #[test]
    fn an_open_ring_is_closed() {
        let mut ring = square(0.0, 10.0);
        let closed = grid(vec![ring.clone()]);
        ring.pop();
        let open = grid(vec![ring]);
        for p in [(5.0, 5.0), (-1.0, 5.0), (11.0, 5.0), (0.0, 3.0)] {
            let p = LonLat::new(p.0, p.1);
            assert_eq!(open.contains(p), closed.contains(p), "{p:?}");
        }
    }

    #[test]
    fn the_centroid_minds_holes_and_not_the_way_a_ring_runs() {
        let plain = grid(vec![square(2.0, 4.0)]);
        assert_eq!(plain.centroid(), Some(LonLat::new(3.0, 3.0)));
        let mut turned = square(2.0, 4.0);
        turned.reverse();
        assert_eq!(grid(vec![turned]).centroid(), Some(LonLat::new(3.0, 3.0)));
        for reversed in [false, true] {
            // 100 m² about 5, less 4 m² about 8: the rest balances at (500 - 32) / 96.
            let mut hole = square(7.0, 9.0);
            if reversed {
                hole.reverse();
            }
            let centre = grid(vec![square(0.0, 10.0), hole])
                .centroid()
                .expect("land");
            assert!((centre.lon - 4.875).abs() < 1e-12, "{centre:?}");
            assert!((centre.lat - 4.875).abs() < 1e-12, "{centre:?}");
        }
        assert_eq!(grid(Vec::new()).centroid(), None);
        let line = vec![LonLat::new(1.0, 1.0), LonLat::new(2.0, 2.0)];
        assert_eq!(grid(vec![line]).centroid(), None);
    }

    #[test]
    fn a_path_of_the_previous_version_still_reads() {
        let old = r#"{"community":"c","general":null,"micro":null,"unit":"u"}"#;
        let path: GridPath = serde_json::from_str(old).expect("reads");
        assert!(path.exclusive.is_empty() && path.responsibility.is_empty());
        assert!(path.holds(&"u".into()) && path.holds(&"c".into()) && !path.holds(&"x".into()));
        let path = GridPath {
            exclusive: vec!["x".into()],
            responsibility: vec!["r".into()],
            ..path
        };
        assert!(path.holds(&"x".into()) && path.holds(&"r".into()));
        let codes: Vec<&str> = path.codes().map(GridCode::as_str).collect();
        assert_eq!(codes, ["c", "u", "x", "r"]);
    }
}
