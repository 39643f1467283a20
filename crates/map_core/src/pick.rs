//! What lies under the cursor: all features of all layers, in drawing order.

use std::collections::BTreeMap;

use rstar::{AABB, RTree, RTreeObject};

use crate::geometry::{self, Point};
use crate::live::AreaFeature;
use crate::projection::{View, World};

/// A feature under the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The layer's rank as given to the index; larger is drawn later, i.e. above.
    pub rank: u32,
    /// The feature's index in its layer.
    pub feature: u32,
    /// Distance from the cursor to the point in CSS pixels; 0 for areas.
    pub distance_px: f64,
}

/// An index over areas and points.
#[derive(Debug, Default)]
pub struct PickIndex {
    layers: BTreeMap<u32, PickLayer>,
}

#[derive(Debug)]
enum PickLayer {
    Areas(RTree<PickArea>),
    Points(PointGrid),
}

impl PickIndex {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces a layer of areas.
    pub fn set_areas(&mut self, rank: u32, features: &[AreaFeature]) {
        let areas = features.iter().enumerate().flat_map(|(i, feature)| {
            feature
                .polygons
                .iter()
                .filter_map(move |polygon| PickArea::new(i as u32, &polygon.rings))
        });
        self.layers
            .insert(rank, PickLayer::Areas(RTree::bulk_load(areas.collect())));
    }

    /// Replaces a layer of points that are drawn with this radius in CSS pixels.
    pub fn set_points(&mut self, rank: u32, points: &[World], radius_px: f64) {
        self.layers
            .insert(rank, PickLayer::Points(PointGrid::new(points, radius_px)));
    }

    /// Removes a layer.
    pub fn remove(&mut self, rank: u32) {
        self.layers.remove(&rank);
    }

    /// Everything under a point of the screen (CSS pixels), what is drawn last first; points within `slack_px` beyond
    /// their radius count too, the nearest of a layer first.
    pub fn pick(&self, view: &View, screen: [f64; 2], slack_px: f64) -> Vec<Hit> {
        let at = view.world_from_screen(screen);
        let at = World::new(at.x.rem_euclid(1.0), at.y);
        let mut hits = Vec::new();
        for (&rank, layer) in self.layers.iter().rev() {
            let start = hits.len();
            match layer {
                PickLayer::Areas(tree) => {
                    // What lies across the antimeridian reaches beyond the world's edge.
                    for x in [at.x - 1.0, at.x, at.x + 1.0] {
                        let at = World::new(x, at.y);
                        let here = AABB::from_point([at.x, at.y]);
                        let under = tree
                            .locate_in_envelope_intersecting(here)
                            .filter(|a| a.contains(at));
                        hits.extend(under.map(|a| Hit {
                            rank,
                            feature: a.feature,
                            distance_px: 0.0,
                        }));
                    }
                    hits[start..].sort_by_key(|hit| std::cmp::Reverse(hit.feature));
                    hits.dedup_by_key(|hit| (hit.rank, hit.feature));
                }
                PickLayer::Points(grid) => {
                    grid.near(
                        at,
                        view.world_size_px(),
                        slack_px,
                        &mut |feature, distance_px| {
                            hits.push(Hit {
                                rank,
                                feature,
                                distance_px,
                            });
                        },
                    );
                    hits[start..].sort_by(|a, b| {
                        a.distance_px
                            .total_cmp(&b.distance_px)
                            .then(b.feature.cmp(&a.feature))
                    });
                }
            }
        }
        hits
    }
}

/// A polygon with its box.
#[derive(Debug)]
struct PickArea {
    feature: u32,
    envelope: AABB<Point>,
    rings: Vec<Vec<Point>>,
}

impl PickArea {
    fn new(feature: u32, rings: &[Vec<World>]) -> Option<Self> {
        let usable = |p: &World| p.x.is_finite() && p.y.is_finite();
        let rings: Vec<Vec<Point>> = rings
            .iter()
            .map(|r| {
                r.iter()
                    .copied()
                    .filter(usable)
                    .map(|p| [p.x, p.y])
                    .collect()
            })
            .collect();
        let outer = rings.first().filter(|r| r.len() >= 3)?;
        Some(Self {
            feature,
            envelope: AABB::from_points(outer),
            rings,
        })
    }

    fn contains(&self, p: World) -> bool {
        geometry::contains(&self.rings, [p.x, p.y])
    }
}

impl RTreeObject for PickArea {
    type Envelope = AABB<Point>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// Points by the cells of a grid. Built in one pass over the points, as they all move at once.
#[derive(Debug)]
struct PointGrid {
    radius_px: f64,
    min: World,
    cell: f64,
    columns: usize,
    rows: usize,
    /// Where each cell's points begin in `members`; one more entry than cells.
    starts: Vec<u32>,
    members: Vec<(u32, World)>,
}

impl PointGrid {
    /// The most cells along one side.
    const MOST_CELLS: f64 = 512.0;

    fn new(points: &[World], radius_px: f64) -> Self {
        let usable = || {
            points
                .iter()
                .enumerate()
                .filter(|(_, p)| p.x.is_finite() && p.y.is_finite())
        };
        let (mut min, mut max) = (
            World::new(f64::MAX, f64::MAX),
            World::new(f64::MIN, f64::MIN),
        );
        for (_, p) in usable() {
            (min.x, min.y) = (min.x.min(p.x), min.y.min(p.y));
            (max.x, max.y) = (max.x.max(p.x), max.y.max(p.y));
        }
        let span = (max.x - min.x).max(max.y - min.y).max(1e-12);
        let side = (points.len() as f64)
            .sqrt()
            .ceil()
            .clamp(1.0, Self::MOST_CELLS);
        let cell = span / side;
        let count = |low: f64, high: f64| {
            if high >= low {
                ((high - low) / cell) as usize + 1
            } else {
                1
            }
        };
        let (columns, rows) = (count(min.x, max.x), count(min.y, max.y));
        let mut grid = Self {
            radius_px,
            min,
            cell,
            columns,
            rows,
            starts: vec![0; columns * rows + 1],
            members: Vec::new(),
        };
        // Count, sum up, fill: the cells' points come to lie one after the other.
        for (_, p) in usable() {
            let at = grid.cell_of(*p);
            grid.starts[at + 1] += 1;
        }
        for i in 1..grid.starts.len() {
            grid.starts[i] += grid.starts[i - 1];
        }
        let mut next = grid.starts.clone();
        grid.members = vec![(0, World::default()); usable().count()];
        for (i, p) in usable() {
            let at = grid.cell_of(*p);
            grid.members[next[at] as usize] = (i as u32, *p);
            next[at] += 1;
        }
        grid
    }

    fn cell_of(&self, p: World) -> usize {
        self.row(p.y) * self.columns + self.column(p.x)
    }

    fn column(&self, x: f64) -> usize {
        (((x - self.min.x) / self.cell).max(0.0) as usize).min(self.columns - 1)
    }

    fn row(&self, y: f64) -> usize {
        (((y - self.min.y) / self.cell).max(0.0) as usize).min(self.rows - 1)
    }

    /// Gives every point within the radius and the slack, with its distance in pixels.
    fn near(&self, at: World, world_size_px: f64, slack_px: f64, found: &mut dyn FnMut(u32, f64)) {
        let reach_px = self.radius_px + slack_px;
        let reach = reach_px / world_size_px;
        for row in self.row(at.y - reach)..=self.row(at.y + reach) {
            let first = row * self.columns + self.column(at.x - reach);
            let last = row * self.columns + self.column(at.x + reach);
            for (feature, p) in
                &self.members[self.starts[first] as usize..self.starts[last + 1] as usize]
            {
                let distance_px = (p.x - at.x).hypot(p.y - at.y) * world_size_px;
                if distance_px <= reach_px {
                    found(*feature, distance_px);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::live::Polygon;
    use crate::projection::LonLat;

    fn view() -> View {
        View::new(LonLat::new(104.1, 30.66), 15.0, 800.0, 600.0, 1.0)
    }

    /// A square around a point of the screen.
    fn square(view: &View, [x, y]: [f64; 2], half_px: f64) -> Vec<World> {
        [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]
            .map(|[sx, sy]| view.world_from_screen([x + sx * half_px, y + sy * half_px]))
            .to_vec()
    }

    fn area(rings: Vec<Vec<World>>) -> AreaFeature {
        AreaFeature {
            polygons: vec![Polygon { rings }],
        }
    }

    proptest! {
        #[test]
        fn points_are_found_exactly_within_their_reach(
            points in prop::collection::vec((0.0..800.0f64, 0.0..600.0f64), 0..300),
            at in (0.0..800.0f64, 0.0..600.0f64), radius in 1.0..40.0f64,
        ) {
            let view = view();
            let world: Vec<World> = points.iter().map(|(x, y)| view.world_from_screen([*x, *y])).collect();
            let mut index = PickIndex::new();
            index.set_points(7, &world, radius);
            let hits = index.pick(&view, [at.0, at.1], 2.0);
            let distance = |p: &(f64, f64)| (p.0 - at.0).hypot(p.1 - at.1);
            let want = points.iter().filter(|p| distance(p) < radius + 2.0 - 1e-3).count();
            let most = points.iter().filter(|p| distance(p) < radius + 2.0 + 1e-3).count();
            prop_assert!((want..=most).contains(&hits.len()), "{} of {}", hits.len(), want);
            prop_assert!(hits.windows(2).all(|h| h[0].distance_px <= h[1].distance_px));
        }
    }

    #[test]
    fn all_features_under_the_cursor_come_in_drawing_order() {
        let view = view();
        let middle = [400.0, 300.0];
        let mut index = PickIndex::new();
        let with_hole = area(vec![
            square(&view, middle, 100.0),
            square(&view, middle, 20.0),
        ]);
        index.set_areas(
            1,
            &[
                area(vec![square(&view, middle, 50.0)]),
                with_hole,
                area(vec![square(&view, middle, 80.0)]),
            ],
        );
        index.set_points(
            5,
            &[
                view.world_from_screen([403.0, 300.0]),
                view.world_from_screen([500.0, 300.0]),
            ],
            6.0,
        );
        let ids = |screen| -> Vec<(u32, u32)> {
            index
                .pick(&view, screen, 0.0)
                .iter()
                .map(|h| (h.rank, h.feature))
                .collect()
        };
        assert_eq!(ids(middle), [(5, 0), (1, 2), (1, 0)], "the hole is not hit");
        assert_eq!(ids([400.0, 330.0]), [(1, 2), (1, 1), (1, 0)]);
        assert_eq!(ids([10.0, 10.0]), []);
        index.remove(1);
        assert_eq!(index.pick(&view, middle, 0.0).len(), 1);
    }

    #[test]
    fn empty_layers_and_nonsense_are_harmless() {
        let view = view();
        let mut index = PickIndex::new();
        index.set_points(0, &[], 5.0);
        index.set_points(1, &[World::new(f64::NAN, 0.5)], 5.0);
        index.set_areas(
            2,
            &[AreaFeature::default(), area(vec![vec![]]), area(vec![])],
        );
        assert!(index.pick(&view, [400.0, 300.0], 5.0).is_empty());
    }
}
