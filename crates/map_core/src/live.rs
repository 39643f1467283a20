//! Packing of what changes often: grid polygons and points.
//!
//! Positions are `f32` offsets from a [`LiveOrigin`] in units of the Mercator square; within a city that is exact to a
//! millimetre. Polygons are tessellated once; every vertex carries its feature's index, and the renderer looks colours
//! up by it (a texture or a buffer with one texel per feature), so that a changed class costs four bytes.

use bytemuck::{Pod, Zeroable};

use crate::geometry::{Point, deepest_point, triangulate, twice_area};
use crate::projection::World;
use crate::style::{LineCap, LineJoin};
use crate::tessellate::ribbon::{Corner, RibbonShape, RibbonSink, ribbon, snorm};

/// Units of the Mercator square are multiplied by this before any geometry is computed, so that areas keep their
/// digits; one unit is then 1.2 m at the equator.
const WORKING_SCALE: f64 = (1_u64 << 25) as f64;

/// The point that live positions are measured from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LiveOrigin(pub World);

impl LiveOrigin {
    /// A point as an offset from the origin.
    pub fn local(self, p: World) -> [f32; 2] {
        [(p.x - self.0.x) as f32, (p.y - self.0.y) as f32]
    }

    /// The point back from its offset.
    pub fn world(self, local: [f32; 2]) -> World {
        World::new(
            self.0.x + f64::from(local[0]),
            self.0.y + f64::from(local[1]),
        )
    }
}

/// A polygon: an outer ring and its holes, not closed, in any winding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polygon {
    /// The outer ring first, then the holes.
    pub rings: Vec<Vec<World>>,
}

/// A feature of a polygon layer; it may have several parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AreaFeature {
    /// Its parts.
    pub polygons: Vec<Polygon>,
}

/// A corner of a filled area. 12 bytes: `Float32x2` at 0, `Uint32` at 8.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct AreaVertex {
    /// From the origin, in units of the Mercator square.
    pub position: [f32; 2],
    /// Which feature.
    pub feature: u32,
}

/// A corner of an area's outline. 20 bytes: `Float32x2` at 0, `Snorm16x2` at 8, `Snorm16x2` at 12, `Uint32` at 16;
/// `extrude` and `edge` as in [`crate::tessellate::LineVertex`].
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct AreaOutlineVertex {
    /// From the origin, in units of the Mercator square.
    pub position: [f32; 2],
    /// Direction to the ribbon's edge in half widths, divided by 4.
    pub extrude: [i16; 2],
    /// Place within the ribbon.
    pub edge: [i16; 2],
    /// Which feature.
    pub feature: u32,
}

/// A layer of areas, tessellated.
#[derive(Clone, Debug, Default)]
pub struct AreaMesh {
    /// What positions are measured from.
    pub origin: LiveOrigin,
    /// Corners of the fills.
    pub fill_vertices: Vec<AreaVertex>,
    /// Triangles of the fills, feature by feature.
    pub fill_indices: Vec<u32>,
    /// Corners of the outlines.
    pub outline_vertices: Vec<AreaOutlineVertex>,
    /// Triangles of the outlines, feature by feature.
    pub outline_indices: Vec<u32>,
    /// For each feature where a label stands well inside of it: the point farthest from its outline, and that distance.
    pub label_points: Vec<(World, f64)>,
    /// For each feature its triangles in `fill_indices` and in `outline_indices`, as index ranges.
    pub ranges: Vec<AreaRange>,
}

/// Where a feature's triangles lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AreaRange {
    /// In `fill_indices`.
    pub fill: std::ops::Range<u32>,
    /// In `outline_indices`.
    pub outline: std::ops::Range<u32>,
}

impl AreaMesh {
    /// Tessellates a layer. Features keep their index; one without usable geometry gets empty ranges.
    pub fn build(features: &[AreaFeature]) -> Self {
        let origin = LiveOrigin(middle(features));
        let mut mesh = Self {
            origin,
            ..Self::default()
        };
        for (index, feature) in features.iter().enumerate() {
            mesh.add(index as u32, feature);
        }
        mesh
    }

    fn add(&mut self, index: u32, feature: &AreaFeature) {
        let starts = [
            self.fill_indices.len() as u32,
            self.outline_indices.len() as u32,
        ];
        let mut best: Option<(Point, f64)> = None;
        for polygon in &feature.polygons {
            let rings = working_rings(self.origin, polygon);
            let Some((corners, triangles)) = triangulate(&rings) else {
                continue;
            };
            let base = self.fill_vertices.len() as u32;
            let vertex = |p: &Point| AreaVertex {
                position: from_working(*p),
                feature: index,
            };
            self.fill_vertices.extend(corners.iter().map(vertex));
            self.fill_indices.extend(triangles.iter().map(|i| base + i));
            let mut sink = OutlineSink {
                mesh: self,
                feature: index,
            };
            for ring in &rings {
                ribbon(ring, OUTLINE, &mut sink);
            }
            best = match (best, deepest_point(&rings)) {
                (Some(a), Some(b)) => Some(if b.1 > a.1 { b } else { a }),
                (a, b) => a.or(b),
            };
        }
        let (at, depth) = best.unwrap_or_default();
        let at = at.map(|v| v / WORKING_SCALE);
        let at = World::new(self.origin.0.x + at[0], self.origin.0.y + at[1]);
        self.label_points.push((at, depth / WORKING_SCALE));
        self.ranges.push(AreaRange {
            fill: starts[0]..self.fill_indices.len() as u32,
            outline: starts[1]..self.outline_indices.len() as u32,
        });
    }
}

const OUTLINE: RibbonShape = RibbonShape {
    closed: true,
    cap: LineCap::Butt,
    join: LineJoin::Miter,
    miter_limit: 2.0,
};

/// The middle of the box around all features.
fn middle(features: &[AreaFeature]) -> World {
    let corners = features
        .iter()
        .flat_map(|f| &f.polygons)
        .flat_map(|p| &p.rings)
        .flatten();
    let mut bounds: Option<(World, World)> = None;
    for p in corners.filter(|p| p.x.is_finite() && p.y.is_finite()) {
        let (min, max) = bounds.get_or_insert((*p, *p));
        (min.x, min.y) = (min.x.min(p.x), min.y.min(p.y));
        (max.x, max.y) = (max.x.max(p.x), max.y.max(p.y));
    }
    bounds
        .map(|(min, max)| World::new(f64::midpoint(min.x, max.x), f64::midpoint(min.y, max.y)))
        .unwrap_or_default()
}

/// A polygon's rings in working units, without repeated points; nothing where the outer ring has no area.
fn working_rings(origin: LiveOrigin, polygon: &Polygon) -> Vec<Vec<Point>> {
    let local = |p: &World| {
        [
            (p.x - origin.0.x) * WORKING_SCALE,
            (p.y - origin.0.y) * WORKING_SCALE,
        ]
    };
    let mut rings = Vec::with_capacity(polygon.rings.len());
    for (i, ring) in polygon.rings.iter().enumerate() {
        let mut points: Vec<Point> = ring
            .iter()
            .map(local)
            .filter(|p| p.iter().all(|v| v.is_finite()))
            .collect();
        points.dedup();
        if points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        let usable = points.len() >= 3 && twice_area(&points) != 0.0;
        if usable {
            rings.push(points);
        } else if i == 0 {
            return Vec::new();
        }
    }
    rings
}

fn from_working(p: Point) -> [f32; 2] {
    p.map(|v| (v / WORKING_SCALE) as f32)
}

struct OutlineSink<'a> {
    mesh: &'a mut AreaMesh,
    feature: u32,
}

impl RibbonSink for OutlineSink<'_> {
    fn corner(&mut self, corner: Corner) -> u32 {
        self.mesh.outline_vertices.push(AreaOutlineVertex {
            position: from_working(corner.at),
            extrude: snorm(corner.extrude, 4.0),
            edge: snorm(corner.edge, 1.0),
            feature: self.feature,
        });
        self.mesh.outline_vertices.len() as u32 - 1
    }

    fn triangle(&mut self, corners: [u32; 3]) {
        self.mesh.outline_indices.extend(corners);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::LonLat;

    /// A square with its north-western corner at a place, `size` degrees wide.
    fn square(lon: f64, lat: f64, size: f64) -> Vec<World> {
        let corner = |dx: f64, dy: f64| LonLat::new(lon + dx * size, lat - dy * size).to_world();
        vec![
            corner(0.0, 0.0),
            corner(1.0, 0.0),
            corner(1.0, 1.0),
            corner(0.0, 1.0),
            corner(0.0, 0.0),
        ]
    }

    fn area(mesh: &AreaMesh, range: &std::ops::Range<u32>) -> f64 {
        let indices = &mesh.fill_indices[range.start as usize..range.end as usize];
        let corner = |i: u32| mesh.fill_vertices[i as usize].position.map(f64::from);
        indices
            .chunks_exact(3)
            .map(|t| twice_area(&[corner(t[0]), corner(t[1]), corner(t[2])]).abs() / 2.0)
            .sum()
    }

    #[test]
    fn features_keep_their_index_area_and_place() {
        let with_hole = Polygon {
            rings: vec![square(104.0, 30.7, 0.01), square(104.004, 30.696, 0.002)],
        };
        let broken = Polygon {
            rings: vec![vec![World::new(0.8, 0.4); 3]],
        };
        let two = [square(104.05, 30.65, 0.001), square(104.06, 30.65, 0.002)]
            .map(|r| Polygon { rings: vec![r] });
        let features = [
            AreaFeature {
                polygons: vec![with_hole],
            },
            AreaFeature {
                polygons: vec![broken],
            },
            AreaFeature {
                polygons: two.to_vec(),
            },
        ];
        let mesh = AreaMesh::build(&features);
        assert_eq!((mesh.ranges.len(), mesh.label_points.len()), (3, 3));
        assert!(mesh.ranges[1].fill.is_empty() && mesh.ranges[1].outline.is_empty());
        let square_area = |size: f64| (size / 360.0).powi(2) / 30.695_f64.to_radians().cos();
        let (got, want) = (
            area(&mesh, &mesh.ranges[0].fill),
            square_area(0.01) - square_area(0.002),
        );
        assert!((got / want - 1.0).abs() < 1e-3, "{got} {want}");
        for range in [0, 2] {
            let r = &mesh.ranges[range].fill;
            let own = mesh.fill_indices[r.start as usize..r.end as usize].iter();
            assert!(
                own.map(|i| mesh.fill_vertices[*i as usize].feature)
                    .all(|f| f == range as u32)
            );
        }
        let label = mesh.label_points[2].0.to_lon_lat();
        assert!(
            (label.lon - 104.061).abs() < 2e-4 && (label.lat - 30.649).abs() < 2e-4,
            "{label:?}"
        );
    }

    #[test]
    fn places_are_exact_to_a_centimetre() {
        let mesh = AreaMesh::build(&[
            AreaFeature {
                polygons: vec![Polygon {
                    rings: vec![square(104.0, 30.7, 0.001)],
                }],
            },
            AreaFeature {
                polygons: vec![Polygon {
                    rings: vec![square(104.2, 30.5, 0.001)],
                }],
            },
        ]);
        let want = LonLat::new(104.0, 30.7).to_world();
        let metres = |p: World| (p.x - want.x).hypot(p.y - want.y) * want.metres_per_unit();
        let nearest = mesh
            .fill_vertices
            .iter()
            .map(|v| metres(mesh.origin.world(v.position)))
            .fold(f64::MAX, f64::min);
        assert!(nearest < 0.01, "{nearest} m");
    }

    #[test]
    fn nothing_and_nonsense_give_an_empty_mesh() {
        assert!(AreaMesh::build(&[]).fill_vertices.is_empty());
        let nan = Polygon {
            rings: vec![vec![World::new(f64::NAN, 0.0); 4], Vec::new()],
        };
        let mesh = AreaMesh::build(&[AreaFeature {
            polygons: vec![nan, Polygon::default()],
        }]);
        assert!(mesh.fill_indices.is_empty() && mesh.ranges.len() == 1);
    }
}
