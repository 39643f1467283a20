//! Grids that cross their community, and land of a community that no unit grid holds.

use geo::{BooleanOps, Contains, Coord, MultiPolygon, Rect};

use super::pairs::MeetingBoxes;
use super::{Check, Fault, Sheet, SheetGrid};
use crate::places::grids::GridLevel;
use geo::algorithm::bool_ops::FillRule;

/// Levels whose grids must lie in one community.
const WITHIN: [GridLevel; 3] = [GridLevel::General, GridLevel::Micro, GridLevel::Unit];

/// Reports both; without communities there is nothing to compare with.
pub fn find_crossings_and_gaps(sheet: &Sheet<'_>, check: &mut Check) {
    let communities = sheet.of_level(GridLevel::Community);
    if communities.is_empty() {
        return;
    }
    for grid in WITHIN.iter().flat_map(|level| sheet.of_level(*level)) {
        let code = grid.drawn.code.as_str();
        match sheet.community_of(grid) {
            Some(community) => find_crossing(grid, community, check),
            None => check.find(Fault::NoCommunity, &[code], 0.0, Some(grid.land.corner())),
        }
    }
    let units = sheet.of_level(GridLevel::Unit);
    if units.is_empty() {
        return;
    }
    let boxes: Vec<Rect> = units.iter().map(|unit| unit.land.bounds).collect();
    let meeting = MeetingBoxes::new(&boxes);
    for community in communities {
        let held: Vec<_> = meeting
            .of(&community.land.bounds)
            .flat_map(|unit| units[unit].land.shape.0.iter().cloned())
            .collect();
        // The outlines run counter-clockwise, so that land held twice stays held.
        let free = community
            .land
            .shape
            .difference_with_fill_rule(&MultiPolygon(held), FillRule::NonZero);
        let code = community.drawn.code.as_str();
        for piece in free {
            let piece = MultiPolygon(vec![piece]);
            check.find_pieces(Fault::Gap, &[code], &piece);
        }
    }
}

fn find_crossing(grid: &SheetGrid<'_>, community: &SheetGrid<'_>, check: &mut Check) {
    let codes = [grid.drawn.code.as_str(), community.drawn.code.as_str()];
    let (inner, outer) = (&grid.land, &community.land);
    // Most grids lie away from the border, and one corner then speaks for all the land.
    if !meets_outline(&outer.shape, &inner.bounds) && outer.shape.contains(&inner.corner()) {
        return;
    }
    let outside = inner.shape.difference(&outer.shape);
    check.find_pieces(Fault::CrossesCommunity, &codes, &outside);
}

/// Whether the box around some edge of a shape meets a box.
fn meets_outline(shape: &MultiPolygon, bounds: &Rect) -> bool {
    let apart = |a: Coord, b: Coord| {
        a.x.max(b.x) < bounds.min().x
            || a.x.min(b.x) > bounds.max().x
            || a.y.max(b.y) < bounds.min().y
            || a.y.min(b.y) > bounds.max().y
    };
    shape
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
        .flat_map(|ring| ring.0.windows(2))
        .any(|edge| !apart(edge[0], edge[1]))
}
