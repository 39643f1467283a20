//! Where labels of a tile may stand: points, the middles of polygons, and lines joined to be long enough for a name.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::EXTENT;
use super::budget::Budget;
use super::clip::{self, ClipBox};
use crate::geometry::{Point, deepest_point};
use crate::labels::SymbolCandidate;
use crate::mvt::{Feature, GeometryKind};
use crate::style::{BakedSymbol, Placement};

/// The tile itself, without what lies around it: a label belongs to the tile that its place lies in.
const TILE: ClipBox = ClipBox {
    min: 0.0,
    max: EXTENT as f64,
};

/// Lines and their labels of one layer that are still to be joined, by text and icon.
#[derive(Default)]
pub(super) struct LineLabels {
    by_text: HashMap<String, (BakedSymbol, Vec<Vec<Point>>)>,
    order: Vec<String>,
}

impl LineLabels {
    fn push(&mut self, baked: BakedSymbol, lines: Vec<Vec<Point>>) {
        let icon = baked.icon.as_ref().map_or("", |icon| icon.name.as_str());
        let key = format!("{}\n{icon}", baked.text);
        if let Some((_, known)) = self.by_text.get_mut(&key) {
            known.extend(lines);
            return;
        }
        self.order.push(key.clone());
        self.by_text.insert(key, (baked, lines));
    }

    /// The candidates of all lines, those with the same text joined where they meet.
    pub(super) fn into_candidates(
        mut self,
        layer: u32,
        zooms: [f32; 2],
        out: &mut Vec<SymbolCandidate>,
    ) {
        for text in std::mem::take(&mut self.order) {
            let Some((baked, lines)) = self.by_text.remove(&text) else {
                continue;
            };
            // An icon alone may tell the line's direction, which joining would turn around.
            let lines = if baked.text.is_empty() {
                lines
            } else {
                joined(lines)
            };
            for line in lines {
                let middle = line[line.len() / 2];
                out.push(candidate(&baked, layer, zooms, middle, &line));
            }
        }
    }
}

/// Adds what may be labelled of one feature: candidates at points at once, lines for later. Breaks where the tile's
/// budget leaves something out.
pub(super) fn collect(
    baked: BakedSymbol,
    feature: &Feature,
    parts: &[Vec<Point>],
    (layer, zooms): (u32, [f32; 2]),
    (lines, out): (&mut LineLabels, &mut Vec<SymbolCandidate>),
    budget: &mut Budget,
) -> ControlFlow<()> {
    let bytes = bytes_of(&baked);
    let here = |p: &Point| p.iter().all(|v| (0.0..f64::from(EXTENT)).contains(v));
    match (baked.placement, feature.kind) {
        (Placement::Line | Placement::LineCentre, GeometryKind::Point) => {}
        (Placement::Line | Placement::LineCentre, kind) => {
            let closed = kind == GeometryKind::Polygon;
            let (clipped, flow) = pieces(parts, closed, bytes, budget);
            if !clipped.is_empty() {
                lines.push(baked, clipped);
            }
            return flow;
        }
        (Placement::Point, GeometryKind::Point) => {
            for point in parts.iter().flatten().filter(|p| here(p)) {
                if !budget.takes_label(bytes) {
                    return ControlFlow::Break(());
                }
                out.push(candidate(&baked, layer, zooms, *point, &[]));
            }
        }
        (Placement::Point, GeometryKind::LineString) => {
            for part in parts {
                let middle = part[part.len() / 2];
                if here(&middle) {
                    if !budget.takes_label(bytes) {
                        return ControlFlow::Break(());
                    }
                    out.push(candidate(&baked, layer, zooms, middle, &[]));
                }
            }
        }
        (Placement::Point, GeometryKind::Polygon) => {
            // Of many parts the first is labelled; it is the largest in tiles as they are commonly made.
            let first = parts.get(..1).unwrap_or_default();
            if !budget.takes_search(first.iter().map(Vec::len).sum()) {
                return ControlFlow::Break(());
            }
            if let Some((middle, _)) = deepest_point(first)
                && here(&middle)
            {
                if !budget.takes_label(bytes) {
                    return ControlFlow::Break(());
                }
                out.push(candidate(&baked, layer, zooms, middle, &[]));
            }
        }
    }
    ControlFlow::Continue(())
}

/// The pieces of lines or outlines that lie in the tile, each to be a label of so many bytes; breaks where the budget
/// leaves some out.
fn pieces(
    parts: &[Vec<Point>],
    closed: bool,
    bytes: usize,
    budget: &mut Budget,
) -> (Vec<Vec<Point>>, ControlFlow<()>) {
    let mut clipped = Vec::new();
    for part in parts {
        let mut line = part.clone();
        if closed {
            line.extend(part.first().copied());
        }
        let flow = clip::each_part(&line, TILE, &mut |piece| {
            if !budget.takes_label(bytes + size_of_val(piece)) {
                return ControlFlow::Break(());
            }
            clipped.push(piece.to_vec());
            ControlFlow::Continue(())
        });
        if flow.is_break() {
            return (clipped, flow);
        }
    }
    (clipped, ControlFlow::Continue(()))
}

/// Memory of one candidate, but for its line.
fn bytes_of(baked: &BakedSymbol) -> usize {
    let icon = baked.icon.as_ref().map_or(0, |icon| icon.name.len());
    let anchors = size_of_val(baked.anchors.as_slice());
    size_of::<SymbolCandidate>() + baked.text.len() + icon + anchors
}

fn candidate(
    baked: &BakedSymbol,
    layer: u32,
    zooms: [f32; 2],
    anchor: Point,
    path: &[Point],
) -> SymbolCandidate {
    let units = |p: Point| p.map(|v| v.round() as i16);
    let centred = baked.placement == Placement::LineCentre;
    SymbolCandidate {
        layer,
        text: baked.text.clone(),
        icon: baked.icon.clone(),
        anchor: units(anchor),
        path: path.iter().map(|p| units(*p)).collect(),
        spacing_px: if centred {
            f32::INFINITY
        } else {
            baked.spacing_px
        },
        text_along: baked.text_along,
        anchors: baked.anchors.clone(),
        max_angle_deg: baked.max_angle_deg,
        zooms,
        style: baked.style.clone(),
        sort_key: baked.sort_key,
        allow_overlap: baked.allow_overlap,
        ignore_placement: baked.ignore_placement,
        text_optional: baked.text_optional,
        set: None,
    }
}

/// Joins lines end to end where exactly two ends meet; roads are often cut into many pieces of the same name.
fn joined(lines: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    let end_key = |p: Point| p.map(|v| v.round() as i32);
    let mut lines: Vec<Option<Vec<Point>>> = lines.into_iter().map(Some).collect();
    let mut ends: HashMap<[i32; 2], Vec<usize>> = HashMap::new();
    for (i, line) in lines.iter().enumerate() {
        for end in line.iter().flat_map(|l| [l[0], l[l.len() - 1]]) {
            ends.entry(end_key(end)).or_default().push(i);
        }
    }
    let mut done = Vec::new();
    for i in 0..lines.len() {
        let Some(mut line) = lines[i].take() else {
            continue;
        };
        // Once from its end, once from its start.
        for _ in 0..2 {
            while let Some(next) = neighbour(&line, i, &ends, &mut lines, end_key) {
                line.extend(next.into_iter().skip(1));
            }
            line.reverse();
        }
        done.push(line);
    }
    done
}

/// The one other line that begins where this one ends, turned so that it does, if there is one that is still free.
fn neighbour(
    line: &[Point],
    own: usize,
    ends: &HashMap<[i32; 2], Vec<usize>>,
    lines: &mut [Option<Vec<Point>>],
    end_key: impl Fn(Point) -> [i32; 2],
) -> Option<Vec<Point>> {
    let end = end_key(*line.last()?);
    let meeting = ends.get(&end).filter(|m| m.len() == 2)?;
    let next = *meeting
        .iter()
        .find(|i| **i != own && lines[**i].is_some())?;
    let mut found = lines[next].take()?;
    if end_key(found[0]) != end {
        found.reverse();
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_road_are_joined_in_any_direction() {
        let lines = vec![
            vec![[20.0, 0.0], [10.0, 0.0]],
            vec![[0.0, 0.0], [10.0, 0.0]],
            vec![[20.0, 0.0], [30.0, 0.0], [40.0, 0.0]],
        ];
        let joined = joined(lines);
        assert_eq!(joined.len(), 1);
        let mut xs: Vec<f64> = joined[0].iter().map(|p| p[0]).collect();
        if xs[0] > 0.0 {
            xs.reverse();
        }
        assert_eq!(xs, [0.0, 10.0, 20.0, 30.0, 40.0]);
    }

    #[test]
    fn at_a_fork_nothing_is_joined() {
        let from_middle = |x: f64, y: f64| vec![[50.0, 50.0], [x, y]];
        let joined = joined(vec![
            from_middle(0.0, 0.0),
            from_middle(99.0, 0.0),
            from_middle(0.0, 99.0),
        ]);
        assert_eq!(joined.len(), 3);
    }

    #[test]
    fn a_ring_of_pieces_ends() {
        let corners = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        let lines = (0..3)
            .map(|i| vec![corners[i], corners[(i + 1) % 3]])
            .collect();
        let joined = joined(lines);
        assert_eq!(joined.len(), 1);
        assert_eq!((joined[0].len(), joined[0].first()), (4, joined[0].last()));
    }
}
