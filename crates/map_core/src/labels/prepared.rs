//! Candidates made ready for placement: in world coordinates, ranked, with their places along lines.

use std::sync::{Arc, OnceLock};

use super::along::PixelPath;
use super::shaping::{self, SetText, Stand};
use super::{Anchor, AreaLabel, GlyphMetrics, IconStyle, SymbolCandidate, TextStyle};
use crate::projection::{TILE_SIZE_PX, World};
use crate::tessellate::{EXTENT, TileKey};

/// What makes a label the same label from tile to tile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Symbol {
        layer: u32,
        text: Arc<str>,
        icon: Option<Arc<str>>,
    },
    Area {
        set: Arc<str>,
        id: u64,
    },
}

/// Which label goes first: smaller goes first.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Rank {
    /// Area labels with a priority of 0 and more stand before all labels of tiles, others after them.
    class: u8,
    negative_priority: f32,
    /// Later layers stand above earlier ones and so go first.
    layer_from_above: u32,
    sort_key: f32,
}

/// A candidate, ready to be placed.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of the style, not a state"
)]
pub(super) struct Prepared {
    pub(super) identity: Identity,
    pub(super) rank: Rank,
    pub(super) text: Arc<str>,
    pub(super) style: TextStyle,
    pub(super) icon: Option<IconStyle>,
    /// Where the text's block may be put, the first that has room; never empty.
    pub(super) stands: Vec<Stand>,
    /// The zoom that the first of paired values belongs to.
    display_zoom: f64,
    pub(super) zooms: [f32; 2],
    /// At a point: the point. Along a line: the line's points.
    pub(super) line: Vec<World>,
    /// Where on the line, as parts of its length; one entry for a label at a point.
    pub(super) places: Vec<f64>,
    pub(super) spacing_px: f32,
    pub(super) max_angle_deg: f32,
    text_along: bool,
    pub(super) allow_overlap: bool,
    pub(super) ignore_placement: bool,
    pub(super) text_optional: bool,
    pub(super) room: f64,
    set: OnceLock<SetText>,
    /// All glyphs of the set text have been there.
    glyphs_came: OnceLock<()>,
}

impl Prepared {
    /// Whether it stands on a line.
    pub(super) fn on_line(&self) -> bool {
        self.line.len() > 1
    }

    /// Whether its text runs along its line.
    pub(super) fn along_line(&self) -> bool {
        self.on_line() && self.text_along
    }

    /// Labels with the same text or icon closer to each other than this are one, in CSS pixels.
    pub(super) fn apart_px(&self, text_px: f64, icon_px: f64) -> f64 {
        if self.text.is_empty() {
            icon_px
        } else if self.on_line() && self.spacing_px.is_finite() {
            f64::from(self.spacing_px) * 0.6
        } else {
            text_px
        }
    }

    /// In which world it stands nearest to a place, which may lie across the antimeridian.
    pub(super) fn nearest_wrap(&self, place: World) -> i32 {
        let at = self.line.first().map_or(place.x, |first| first.x);
        (place.x - at).round() as i32
    }

    fn fraction(&self, zoom: f64) -> f32 {
        (zoom - self.display_zoom).clamp(0.0, 1.0) as f32
    }

    /// The font size at a zoom.
    pub(super) fn size_px(&self, zoom: f64) -> f32 {
        let [low, high] = self.style.sizes_px;
        low + (high - low) * self.fraction(zoom)
    }

    /// The opacity at a zoom.
    pub(super) fn opacity(&self, zoom: f64) -> f32 {
        let [low, high] = self.style.opacities;
        low + (high - low) * self.fraction(zoom)
    }

    /// The icon's size at a zoom, as a factor, and its opacity.
    pub(super) fn icon_at(&self, icon: &IconStyle, zoom: f64) -> (f32, f32) {
        let t = self.fraction(zoom);
        let mix = |[low, high]: [f32; 2]| low + (high - low) * t;
        (mix(icon.sizes), mix(icon.opacities))
    }

    /// The set text, made when it is first asked for where it did not come set; `None` while glyphs are missing.
    pub(super) fn set(&self, metrics: &mut dyn GlyphMetrics) -> Option<&SetText> {
        if self.glyphs_came.get().is_none() {
            let is_whole = match self.set.get() {
                // Who set it elsewhere knew how wide the glyphs are, and asked nobody to draw them.
                Some(set) => shaping::has_glyphs(set, self.style.face, metrics),
                None => match shaping::set(&self.text, &self.style, metrics) {
                    Some(set) => self.set.set(set).is_ok(),
                    None => false,
                },
            };
            if !is_whole {
                return None;
            }
            self.glyphs_came.get_or_init(|| ());
        }
        self.set.get()
    }

    /// The set text where it has been made.
    pub(super) fn set_already(&self) -> Option<&SetText> {
        self.set.get()
    }

    /// The line in CSS pixels from `origin`.
    pub(super) fn pixel_path(&self, origin: World, wrap: i32, world_size_px: f64) -> PixelPath {
        let px = |p: &World| {
            [
                ((p.x + f64::from(wrap) - origin.x) * world_size_px) as f32,
                ((p.y - origin.y) * world_size_px) as f32,
            ]
        };
        PixelPath::new(self.line.iter().map(px).collect())
    }

    /// The point of the world at a part of the line's length.
    pub(super) fn world_at(&self, place: f64, wrap: i32) -> World {
        let shifted = |p: World| World::new(p.x + f64::from(wrap), p.y);
        if !self.on_line() {
            return shifted(self.line[0]);
        }
        let step = |pair: &[World]| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y);
        let mut left = self.line.windows(2).map(step).sum::<f64>() * place;
        for pair in self.line.windows(2) {
            let length = step(pair);
            if left <= length && length > 0.0 {
                let t = left / length;
                return shifted(World::new(
                    pair[0].x + (pair[1].x - pair[0].x) * t,
                    pair[0].y + (pair[1].y - pair[0].y) * t,
                ));
            }
            left -= length;
        }
        shifted(self.line[self.line.len() - 1])
    }
}

/// A tile's candidate.
pub(super) fn prepare_symbol(key: TileKey, symbol: SymbolCandidate) -> Prepared {
    let rect = key.tile.rect();
    let size = rect.max.x - rect.min.x;
    let world = |p: [i16; 2]| {
        let [x, y] = p.map(|v| f64::from(v) / f64::from(EXTENT) * size);
        World::new(rect.min.x + x, rect.min.y + y)
    };
    let text: Arc<str> = symbol.text.into();
    let line: Vec<World> = if symbol.path.len() > 1 {
        symbol.path.iter().map(|p| world(*p)).collect()
    } else {
        vec![world(symbol.anchor)]
    };
    Prepared {
        identity: Identity::Symbol {
            layer: symbol.layer,
            text: text.clone(),
            icon: symbol.icon.as_ref().map(|icon| icon.name.as_str().into()),
        },
        rank: Rank {
            class: 1,
            negative_priority: 0.0,
            layer_from_above: u32::MAX - symbol.layer,
            sort_key: symbol.sort_key,
        },
        places: places(&line, symbol.spacing_px, key.display_zoom),
        text,
        stands: stands(&symbol.style, &symbol.anchors),
        style: symbol.style,
        icon: symbol.icon,
        display_zoom: f64::from(key.display_zoom),
        zooms: symbol.zooms,
        line,
        spacing_px: symbol.spacing_px,
        max_angle_deg: symbol.max_angle_deg,
        text_along: symbol.text_along,
        allow_overlap: symbol.allow_overlap,
        ignore_placement: symbol.ignore_placement,
        text_optional: symbol.text_optional,
        room: f64::INFINITY,
        set: symbol.set.map_or_else(OnceLock::new, OnceLock::from),
        glyphs_came: OnceLock::new(),
    }
}

/// Where a text may be put: at the anchors that are to be tried, else at the style's own.
fn stands(style: &TextStyle, anchors: &[(Anchor, [f32; 2])]) -> Vec<Stand> {
    let own = [(style.anchor, style.offset_em)];
    let tried = if anchors.is_empty() { &own } else { anchors };
    tried
        .iter()
        .map(|(anchor, offset_em)| Stand {
            anchor: *anchor,
            offset_em: *offset_em,
            justify: style.justify,
        })
        .collect()
}

/// The places along a line: evenly spread, about `spacing_px` apart at the display zoom, and so the same at any zoom
/// until the next tile comes.
fn places(line: &[World], spacing_px: f32, display_zoom: u8) -> Vec<f64> {
    let length: f64 = line
        .windows(2)
        .map(|p| (p[1].x - p[0].x).hypot(p[1].y - p[0].y))
        .sum();
    let length_px = length * TILE_SIZE_PX * f64::from(display_zoom).exp2();
    let count = (length_px / f64::from(spacing_px)).floor().clamp(1.0, 64.0);
    (0..count as u32)
        .map(|i| (f64::from(i) + 0.5) / count)
        .collect()
}

/// A label of the caller.
pub(super) fn prepare_area(set: &Arc<str>, label: AreaLabel) -> Prepared {
    Prepared {
        identity: Identity::Area {
            set: set.clone(),
            id: label.id,
        },
        rank: Rank {
            class: if label.priority >= 0.0 { 0 } else { 2 },
            negative_priority: -label.priority,
            layer_from_above: 0,
            sort_key: 0.0,
        },
        text: label.text.into(),
        stands: stands(&label.style, &[]),
        style: label.style,
        icon: None,
        // Sizes of area labels do not change with the zoom: the first of each pair always holds.
        display_zoom: f64::INFINITY,
        zooms: [0.0, f32::INFINITY],
        line: vec![label.at],
        places: vec![0.5],
        spacing_px: f32::INFINITY,
        max_angle_deg: 0.0,
        text_along: false,
        allow_overlap: false,
        ignore_placement: false,
        text_optional: false,
        room: label.room,
        set: OnceLock::new(),
        glyphs_came: OnceLock::new(),
    }
}
