//! Which draws of a tile go in one call, and which layer each vertex belongs to.

use map_core::tessellate::{DrawKind, TileBuckets};

use super::{Kind, MAX_STYLE_LAYERS, Run};

/// An outline of a fill takes the second colour of its layer's paint: this bit of a vertex's layer
/// number tells so.
pub(super) const SECOND_COLOUR: u32 = 1 << 16;

pub(super) fn kind_of(kind: DrawKind) -> Kind {
    match kind {
        DrawKind::Fill => Kind::Fill,
        DrawKind::FillOutline | DrawKind::Line => Kind::Line,
        DrawKind::Circle => Kind::Circle,
    }
}

/// The number of the style layer for each vertex (or circle) of one pipeline.
pub(super) fn vertex_layers(buckets: &TileBuckets, kind: Kind) -> Vec<u32> {
    let (count, indices) = match kind {
        Kind::Fill => (buckets.fill_vertices.len(), Some(&buckets.fill_indices)),
        Kind::Line => (buckets.line_vertices.len(), Some(&buckets.line_indices)),
        Kind::Circle => (buckets.circles.len(), None),
        Kind::Picture => (0, None),
    };
    let mut layers = vec![0; count];
    for draw in buckets
        .draws
        .iter()
        .filter(|draw| kind_of(draw.kind) == kind)
    {
        let outline = if draw.kind == DrawKind::FillOutline {
            SECOND_COLOUR
        } else {
            0
        };
        let layer = draw.layer.min(MAX_STYLE_LAYERS as u32 - 1) | outline;
        let range = draw.range.start as usize..draw.range.end as usize;
        if let Some(indices) = indices {
            for index in indices.get(range).unwrap_or_default() {
                if let Some(slot) = layers.get_mut(*index as usize) {
                    *slot = layer;
                }
            }
        } else if let Some(slots) = layers.get_mut(range) {
            slots.fill(layer);
        }
    }
    layers
}

/// Joins neighbouring draws of the same pipeline whose ranges lie side by side.
pub(super) fn runs_of(buckets: &TileBuckets) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for draw in buckets
        .draws
        .iter()
        .filter(|draw| (draw.layer as usize) < MAX_STYLE_LAYERS)
    {
        let kind = kind_of(draw.kind);
        match runs.last_mut() {
            Some(run) if run.kind == kind && run.range.end == draw.range.start => {
                run.range.end = draw.range.end;
                run.layers.end = draw.layer + 1;
            }
            _ => runs.push(Run {
                kind,
                range: draw.range.clone(),
                layers: draw.layer..draw.layer + 1,
            }),
        }
    }
    runs
}
