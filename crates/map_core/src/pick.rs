//! Which areas lie under the cursor: all of all layers, in drawing order. Who moves is asked one by one, see
//! [`crate::crowd`].

use std::collections::BTreeMap;

use rstar::{AABB, RTree, RTreeObject};

use crate::geometry::{self, Point};
use crate::live::AreaFeature;
use crate::projection::{View, World};

/// An area under the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The layer's rank as given to the index; larger is drawn later, i.e. above.
    pub rank: u32,
    /// The feature's index in its layer.
    pub feature: u32,
}

/// An index over areas.
#[derive(Debug, Default)]
pub struct PickIndex {
    layers: BTreeMap<u32, RTree<PickArea>>,
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
        self.layers.insert(rank, RTree::bulk_load(areas.collect()));
    }

    /// Removes a layer.
    pub fn remove(&mut self, rank: u32) {
        self.layers.remove(&rank);
    }

    /// All areas under a point of the screen (CSS pixels), what is drawn last first.
    pub fn pick(&self, view: &View, screen: [f64; 2]) -> Vec<Hit> {
        let at = view.world_from_screen(screen);
        let at = World::new(at.x.rem_euclid(1.0), at.y);
        let mut hits = Vec::new();
        for (&rank, tree) in self.layers.iter().rev() {
            let start = hits.len();
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
                }));
            }
            hits[start..].sort_by_key(|hit| std::cmp::Reverse(hit.feature));
            hits.dedup_by_key(|hit| (hit.rank, hit.feature));
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

#[cfg(test)]
mod tests {
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
        let ids = |screen| -> Vec<(u32, u32)> {
            index
                .pick(&view, screen)
                .iter()
                .map(|h| (h.rank, h.feature))
                .collect()
        };
        assert_eq!(ids(middle), [(1, 2), (1, 0)], "the hole is not hit");
        assert_eq!(ids([400.0, 330.0]), [(1, 2), (1, 1), (1, 0)]);
        assert_eq!(ids([10.0, 10.0]), []);
        index.set_areas(3, &[area(vec![square(&view, middle, 10.0)])]);
        assert_eq!(
            index.pick(&view, middle)[0],
            Hit {
                rank: 3,
                feature: 0
            }
        );
        index.remove(1);
        assert_eq!(index.pick(&view, middle).len(), 1);
    }

    #[test]
    fn empty_layers_and_nonsense_are_harmless() {
        let view = view();
        let mut index = PickIndex::new();
        index.set_areas(
            2,
            &[AreaFeature::default(), area(vec![vec![]]), area(vec![])],
        );
        assert!(index.pick(&view, [400.0, 300.0]).is_empty());
    }
}
