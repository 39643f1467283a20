//! Which grids hold a point.

use domain::LonLat;
use domain::places::{Bounds, Grid, GridLevel, GridPath};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

/// The grids of a street, indexed by their boxes.
#[derive(Debug, Default)]
pub struct GridIndex {
    grids: Vec<Grid>,
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl GridIndex {
    /// Indexes grids; one without an outline holds no point.
    pub fn new(grids: Vec<Grid>) -> Self {
        let boxes = grids.iter().enumerate().filter_map(|(index, grid)| {
            let bounds = Bounds::around(grid.rings.iter().flatten().copied())?;
            let corners = Rectangle::from_corners(
                [bounds.min.lon, bounds.min.lat],
                [bounds.max.lon, bounds.max.lat],
            );
            Some(GeomWithData::new(corners, index))
        });
        Self {
            boxes: RTree::bulk_load(boxes.collect()),
            grids,
        }
    }

    /// The grids of every level at a point. Where outlines overlap, the smallest code wins, so that
    /// the answer is the same everywhere.
    pub fn locate(&self, point: LonLat) -> GridPath {
        let mut path = GridPath::default();
        for hit in self.boxes.locate_all_at_point([point.lon, point.lat]) {
            let Some(grid) = self.grids.get(hit.data).filter(|g| g.contains(point)) else {
                continue;
            };
            let slot = match grid.level {
                GridLevel::Community => &mut path.community,
                GridLevel::General => &mut path.general,
                GridLevel::Micro => &mut path.micro,
                GridLevel::Unit => &mut path.unit,
                GridLevel::Exclusive => continue,
            };
            if slot.as_ref().is_none_or(|code| grid.code < *code) {
                *slot = Some(grid.code.clone());
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(code: &str, level: GridLevel, from: f64, to: f64) -> Grid {
        let corners = [(from, from), (to, from), (to, to), (from, to), (from, from)];
        Grid {
            code: code.into(),
            name: code.to_owned(),
            level,
            parent: None,
            rings: vec![corners.map(|(lon, lat)| LonLat::new(lon, lat)).to_vec()],
            label_at: LonLat::new(from, from),
        }
    }

    #[test]
    fn a_point_finds_one_grid_of_each_level() {
        let index = GridIndex::new(vec![
            square("c1", GridLevel::Community, 0.0, 10.0),
            square("g1", GridLevel::General, 0.0, 5.0),
            square("m2", GridLevel::Micro, 0.0, 3.0),
            square("m1", GridLevel::Micro, 1.0, 3.0),
            square("x1", GridLevel::Exclusive, 0.0, 3.0),
        ]);
        let path = index.locate(LonLat::new(2.0, 2.0));
        assert_eq!(path.community, Some("c1".into()));
        assert_eq!(path.general, Some("g1".into()));
        assert_eq!(path.micro, Some("m1".into()));
        assert_eq!(path.unit, None);
        assert_eq!(index.locate(LonLat::new(11.0, 2.0)), GridPath::default());
        assert_eq!(
            GridIndex::default().locate(LonLat::new(0.0, 0.0)),
            GridPath::default()
        );
    }
}
