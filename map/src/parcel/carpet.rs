//! Leaves out what costs much and shows little: the outlines of carpets of small shapes.

use std::ops::Range;

use map_core::tessellate::{DrawKind, TileBuckets};

use super::{Kind, runs::kind_of};

/// A fill layer with so many indices in one tile is a carpet of small shapes (buildings from afar).
pub(super) const CARPET_INDICES: u32 = 24_000;
/// From this display zoom on the shapes of a carpet are large enough for outlines.
pub(super) const CARPET_OUTLINE_ZOOM: u8 = 15;

/// Leaves out the outlines of a carpet seen from afar: in a dense city they are two thirds of all
/// triangles and hardly seen.
pub(super) fn leave_out_outlines(buckets: &mut TileBuckets) {
    if buckets.key.display_zoom >= CARPET_OUTLINE_ZOOM {
        return;
    }
    let carpets: Vec<u32> = buckets
        .draws
        .iter()
        .filter(|draw| draw.kind == DrawKind::Fill && draw.range.len() as u32 > CARPET_INDICES)
        .map(|draw| draw.layer)
        .collect();
    // From the last to the first, so that the ranges of those before stay right.
    for at in (0..buckets.draws.len()).rev() {
        let draw = &buckets.draws[at];
        if draw.kind != DrawKind::FillOutline || !carpets.contains(&draw.layer) {
            continue;
        }
        let range = draw.range.clone();
        if remove_lines(buckets, &range) {
            buckets.draws.remove(at);
            for later in &mut buckets.draws[at..] {
                if kind_of(later.kind) == Kind::Line {
                    later.range = later.range.start - range.len() as u32
                        ..later.range.end - range.len() as u32;
                }
            }
        }
    }
}

/// Takes a range of line indices and their vertices out; answers whether that was possible, which
/// it is where no other line shares the vertices.
fn remove_lines(buckets: &mut TileBuckets, range: &Range<u32>) -> bool {
    let range = range.start as usize..range.end as usize;
    let Some(removed) = buckets.line_indices.get(range.clone()) else {
        return false;
    };
    let (Some(&first), Some(&last)) = (removed.iter().min(), removed.iter().max()) else {
        return false;
    };
    let shared = |index: &u32| (first..=last).contains(index);
    let others = buckets.line_indices[..range.start]
        .iter()
        .chain(&buckets.line_indices[range.end..]);
    if others.into_iter().any(shared) || last as usize >= buckets.line_vertices.len() {
        return false;
    }
    buckets.line_indices.drain(range);
    buckets.line_vertices.drain(first as usize..=last as usize);
    for index in &mut buckets.line_indices {
        if *index > last {
            *index -= last - first + 1;
        }
    }
    true
}
