//! The quads of one label: plate, halos, glyphs.

use super::engine::Shown;
use super::shaping::{MIDDLE_EM, SetGlyph};
use super::{GlyphInstance, GlyphMetrics};
use crate::projection::View;

/// Room between a plate's text and its edge, in CSS pixels: across and along the line.
const PLATE_PADDING_PX: [f32; 2] = [5.0, 2.0];

/// A glyph's middle on the map and its turn.
struct Standing {
    glyph: SetGlyph,
    /// The pen's place, or for text along a line the middle of the advance on the line.
    at: [f32; 2],
    rotation: [f32; 2],
    along_line: bool,
}

/// Writes a label's quads, measured from the view's centre. `false` where a glyph is missing.
pub(super) fn write(
    shown: &Shown,
    view: &View,
    text_scale: f32,
    metrics: &mut dyn GlyphMetrics,
    out: &mut Vec<GlyphInstance>,
) -> bool {
    let prepared = &shown.prepared;
    let Some(set) = prepared.set_already() else {
        return false;
    };
    let size_px = prepared.size_px(view.zoom) * text_scale;
    let opacity = shown.opacity * prepared.opacity(view.zoom);
    if opacity <= 0.0 || size_px <= 0.0 {
        return true;
    }
    let world_size_px = view.world_size_px();
    let standing: Vec<Standing> = if prepared.along_line() {
        let path = prepared.pixel_path(view.centre, shown.wrap, world_size_px);
        let centre = path.length() * shown.place as f32;
        // The sharpest turn was checked when the label was placed; while zooming it may be a little more.
        let Some(turned) = path.set(set, size_px, centre, 180.0) else {
            return true;
        };
        let stand = |t: &super::along::TurnedGlyph| Standing {
            glyph: set.glyphs[t.index],
            at: t.centre,
            rotation: t.rotation,
            along_line: true,
        };
        turned.iter().map(stand).collect()
    } else {
        let at = shown.at();
        let x = ((at.x - view.centre.x) * world_size_px) as f32;
        let y = ((at.y - view.centre.y) * world_size_px) as f32;
        if let Some(plate) = prepared.style.plate {
            out.push(plate_quad(
                [x, y],
                set.bounds.map(|v| v * size_px),
                plate,
                shown,
                opacity,
            ));
        }
        let stand = |g: &SetGlyph| Standing {
            glyph: *g,
            at: [x + g.pen[0] * size_px, y + g.pen[1] * size_px],
            rotation: [1.0, 0.0],
            along_line: false,
        };
        set.glyphs.iter().map(stand).collect()
    };
    let style = &prepared.style;
    let has_halo = style.halo_width_px > 0.0 && style.halo.0[3] > 0.0 && style.plate.is_none();
    let start = out.len();
    let mut complete = true;
    for s in &standing {
        complete &= glyph_quad(s, size_px, shown, opacity, metrics, out);
    }
    if has_halo {
        // All halos of a label lie below all of its glyphs, or each halo would cover its left neighbour's edge.
        let glyphs: Vec<GlyphInstance> = out.drain(start..).collect();
        let halo = style.halo.to_unorm16();
        out.extend(glyphs.iter().map(|g| GlyphInstance {
            colour: [0; 4],
            halo,
            halo_width_px: style.halo_width_px,
            ..*g
        }));
        out.extend(glyphs);
    }
    complete
}

/// Writes a glyph's quad without halo, nothing for a blank; `false` for a missing glyph.
fn glyph_quad(
    standing: &Standing,
    size_px: f32,
    shown: &Shown,
    opacity: f32,
    metrics: &mut dyn GlyphMetrics,
    out: &mut Vec<GlyphInstance>,
) -> bool {
    let style = &shown.prepared.style;
    let Some(glyph) = metrics.glyph(style.face, standing.glyph.ch) else {
        return false;
    };
    let Some(rect) = glyph.rect else { return true };
    let scale = size_px / metrics.raster_size_px();
    let half = [
        f32::from(rect.width) * scale / 2.0,
        f32::from(rect.height) * scale / 2.0,
    ];
    // From the point that the glyph stands on to the middle of its quad, before the turn.
    let mut offset = [glyph.left * scale + half[0], -glyph.top * scale + half[1]];
    if standing.along_line {
        offset[0] -= standing.glyph.advance * size_px / 2.0;
        offset[1] += MIDDLE_EM * size_px;
    }
    let [cos, sin] = standing.rotation;
    let centre_px = [
        standing.at[0] + offset[0] * cos - offset[1] * sin,
        standing.at[1] + offset[0] * sin + offset[1] * cos,
    ];
    out.push(GlyphInstance {
        centre_px,
        half_size_px: half,
        rotation: standing.rotation,
        atlas_px: [rect.x, rect.y, rect.x + rect.width, rect.y + rect.height],
        colour: style.colour.to_unorm16(),
        halo: [0; 4],
        halo_width_px: 0.0,
        scale,
        opacity,
        kind: 0.0,
    });
    true
}

fn plate_quad(
    at: [f32; 2],
    [left, top, right, bottom]: [f32; 4],
    plate: crate::colour::Colour,
    shown: &Shown,
    opacity: f32,
) -> GlyphInstance {
    GlyphInstance {
        centre_px: [
            at[0] + f32::midpoint(left, right),
            at[1] + f32::midpoint(top, bottom),
        ],
        half_size_px: [
            (right - left) / 2.0 + PLATE_PADDING_PX[0],
            (bottom - top) / 2.0 + PLATE_PADDING_PX[1],
        ],
        rotation: [1.0, 0.0],
        atlas_px: [0; 4],
        colour: plate.to_unorm16(),
        halo: shown.prepared.style.halo.to_unorm16(),
        halo_width_px: shown.prepared.style.halo_width_px,
        scale: 1.0,
        opacity,
        kind: 1.0,
    }
}
