//! The quads of one label: icon, plate, halos, glyphs.

use super::along::{PixelPath, TurnedGlyph};
use super::engine::Shown;
use super::placing::{Ground, beside, icon_place};
use super::shaping::{MIDDLE_EM, SetGlyph, SetText, Stand};
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

/// Writes a label's quads, measured from the view's centre: the icon below the text. `false` where a glyph is missing.
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
    let path = prepared
        .on_line()
        .then(|| prepared.pixel_path(view.centre, shown.wrap, view.world_size_px()));
    let ground = Ground {
        path: path.as_ref(),
        place: shown.place,
        zoom: view.zoom,
        scale: text_scale,
        stand: shown.stand,
    };
    write_icon(shown, set, &ground, point_px(shown, view), metrics, out);
    let size_px = prepared.size_px(view.zoom) * text_scale;
    let opacity = shown.text.opacity * prepared.opacity(view.zoom);
    if opacity <= 0.0 || size_px <= 0.0 {
        return true;
    }
    let standing = if let Some(path) = path.filter(|_| prepared.along_line()) {
        standing_along_line(shown, set, &path, size_px)
    } else {
        let stand = &prepared.stands[shown.stand.min(prepared.stands.len() - 1)];
        if let Some(plate) = prepared.style.plate {
            let bounds = set.bounds(stand).map(|v| v * size_px);
            let at = point_px(shown, view);
            out.push(plate_quad(at, bounds, plate, shown, opacity));
        }
        standing_at_point(shown, set, stand, view, size_px)
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
            halo_blur_px: style.halo_blur_px,
            ..*g
        }));
        out.extend(glyphs);
    }
    complete
}

/// The icon's quad, where there is an icon.
fn write_icon(
    shown: &Shown,
    set: &SetText,
    ground: &Ground<'_>,
    at: [f32; 2],
    metrics: &mut dyn GlyphMetrics,
    out: &mut Vec<GlyphInstance>,
) {
    let prepared = &shown.prepared;
    let Some(style) = prepared.icon.as_ref() else {
        return;
    };
    let opacity = shown.icon.opacity * prepared.icon_at(style, ground.zoom).1;
    if opacity <= 0.0 {
        return;
    }
    let Some(icon) = metrics.icon(&style.name) else {
        return;
    };
    let set = Some(set).filter(|set| !set.glyphs.is_empty());
    if let Some(place) = icon_place(prepared, &icon, set, ground) {
        out.push(place.quad(style, &icon, at, opacity));
    }
}

/// The glyphs of a label along its line.
fn standing_along_line(
    shown: &Shown,
    set: &SetText,
    path: &PixelPath,
    size_px: f32,
) -> Vec<Standing> {
    let style = &shown.prepared.style;
    let [dx, dy] = style.translate_px;
    let centre = path.length() * shown.place as f32;
    // The sharpest turn was checked when the label was placed; while zooming it may be a little more.
    let turned = path.set(set, size_px, centre, 180.0).unwrap_or_default();
    let stand = |t: &TurnedGlyph| {
        let [x, y] = beside(t, style.offset_em[1] * size_px);
        Standing {
            glyph: set.glyphs[t.index],
            at: [x + dx, y + dy],
            rotation: t.rotation,
            along_line: true,
        }
    };
    turned.iter().map(stand).collect()
}

/// The glyphs of a label at a point.
fn standing_at_point(
    shown: &Shown,
    set: &SetText,
    stand: &Stand,
    view: &View,
    size_px: f32,
) -> Vec<Standing> {
    let [x, y] = point_px(shown, view);
    let [dx, dy] = shown.prepared.style.translate_px;
    let standing = |g: &SetGlyph| {
        let [pen_x, pen_y] = set.pen(g, stand);
        Standing {
            glyph: *g,
            at: [x + dx + pen_x * size_px, y + dy + pen_y * size_px],
            rotation: [1.0, 0.0],
            along_line: false,
        }
    };
    set.glyphs.iter().map(standing).collect()
}

/// Where a label at a point stands, in CSS pixels from the view's centre.
fn point_px(shown: &Shown, view: &View) -> [f32; 2] {
    let (at, scale) = (shown.at(), view.world_size_px());
    [
        ((at.x - view.centre.x) * scale) as f32,
        ((at.y - view.centre.y) * scale) as f32,
    ]
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
        halo_blur_px: 0.0,
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
        halo_blur_px: 0.0,
    }
}
