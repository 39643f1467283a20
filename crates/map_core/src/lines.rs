//! A layer of lines in classes, tessellated once; width and colour are decided when it is drawn.

use std::ops::Range;

use crate::geometry::Point;
use crate::live::{AreaOutlineVertex, LiveOrigin};
use crate::projection::World;
use crate::style::{LineCap, LineJoin};
use crate::tessellate::ribbon::{Corner, RibbonShape, RibbonSink, ribbon, snorm};

/// As in [`crate::live`]: areas and lines of a city keep their digits in these units.
const WORKING_SCALE: f64 = (1_u64 << 25) as f64;

/// A line of a class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Its class; lines of a higher one lie above.
    pub class: u8,
    /// Its points; fewer than two different ones draw nothing. Both `x` and `x + 1` may stand for
    /// one place, so that a line can cross the antimeridian.
    pub points: Vec<World>,
}

/// A layer of lines, tessellated.
#[derive(Clone, Debug, Default)]
pub struct LineMesh {
    /// What positions are measured from.
    pub origin: LiveOrigin,
    /// Corners of the ribbons; `feature` is the class.
    pub vertices: Vec<AreaOutlineVertex>,
    /// Triangles, class by class.
    pub indices: Vec<u32>,
    /// The triangles of each class that has any, from below, as ranges of `indices`.
    pub classes: Vec<(u8, Range<u32>)>,
}

impl LineMesh {
    /// Tessellates lines.
    pub fn build(lines: &[Line]) -> Self {
        let mut mesh = Self {
            origin: LiveOrigin(middle(lines)),
            ..Self::default()
        };
        let mut order: Vec<&Line> = lines.iter().collect();
        order.sort_by_key(|line| line.class);
        for of_class in order.chunk_by(|a, b| a.class == b.class) {
            let start = mesh.indices.len() as u32;
            for line in of_class {
                mesh.add(line);
            }
            let end = mesh.indices.len() as u32;
            if end > start {
                mesh.classes.push((of_class[0].class, start..end));
            }
        }
        mesh
    }

    fn add(&mut self, line: &Line) {
        let origin = self.origin.0;
        let mut points: Vec<Point> = line
            .points
            .iter()
            .map(|p| [p.x - origin.x, p.y - origin.y].map(|v| v * WORKING_SCALE))
            .filter(|p| p.iter().all(|v| v.is_finite()))
            .collect();
        points.dedup();
        let mut sink = LineSink {
            mesh: self,
            class: line.class,
        };
        ribbon(&points, RIBBON, &mut sink);
    }
}

const RIBBON: RibbonShape = RibbonShape {
    closed: false,
    cap: LineCap::Round,
    join: LineJoin::Round,
    miter_limit: 2.0,
};

/// The middle of the box around all points.
fn middle(lines: &[Line]) -> World {
    let points = lines.iter().flat_map(|line| &line.points);
    let mut finite = points.filter(|p| p.x.is_finite() && p.y.is_finite());
    let Some(first) = finite.next() else {
        return World::default();
    };
    let (mut min, mut max) = (*first, *first);
    for p in finite {
        (min.x, min.y) = (min.x.min(p.x), min.y.min(p.y));
        (max.x, max.y) = (max.x.max(p.x), max.y.max(p.y));
    }
    World::new(f64::midpoint(min.x, max.x), f64::midpoint(min.y, max.y))
}

struct LineSink<'a> {
    mesh: &'a mut LineMesh,
    class: u8,
}

impl RibbonSink for LineSink<'_> {
    fn corner(&mut self, corner: Corner) -> u32 {
        self.mesh.vertices.push(AreaOutlineVertex {
            position: corner.at.map(|v| (v / WORKING_SCALE) as f32),
            extrude: snorm(corner.extrude, 4.0),
            edge: snorm(corner.edge, 1.0),
            feature: u32::from(self.class),
        });
        self.mesh.vertices.len() as u32 - 1
    }

    fn triangle(&mut self, corners: [u32; 3]) {
        self.mesh.indices.extend(corners);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(class: u8, points: &[[f64; 2]]) -> Line {
        Line {
            class,
            points: points.iter().map(|[x, y]| World::new(*x, *y)).collect(),
        }
    }

    #[test]
    fn lines_lie_class_by_class_from_below() {
        let mesh = LineMesh::build(&[
            line(4, &[[0.5, 0.5], [0.6, 0.5]]),
            line(0, &[[0.5, 0.5], [0.5, 0.6], [0.6, 0.6]]),
            line(4, &[[0.5, 0.4], [0.6, 0.4]]),
        ]);
        let classes: Vec<u8> = mesh.classes.iter().map(|(class, _)| *class).collect();
        assert_eq!(classes, [0, 4]);
        assert_eq!(mesh.classes[0].1.end, mesh.classes[1].1.start);
        for (class, range) in &mesh.classes {
            let own = &mesh.indices[range.start as usize..range.end as usize];
            let of = |index: &u32| mesh.vertices[*index as usize].feature;
            assert!(!own.is_empty() && own.iter().all(|index| of(index) == u32::from(*class)));
        }
    }

    #[test]
    fn a_line_without_a_way_draws_nothing() {
        for points in [
            &[][..],
            &[[0.5, 0.5]],
            &[[0.5, 0.5], [0.5, 0.5]],
            &[[0.5, f64::NAN], [0.5, 0.5]],
        ] {
            let mesh = LineMesh::build(&[line(1, points)]);
            assert!(
                mesh.indices.is_empty() && mesh.classes.is_empty(),
                "{points:?}"
            );
        }
        assert!(LineMesh::build(&[]).indices.is_empty());
    }
}
