//! What is written on the map: labels of the base map and of grids, and signs on marks.

use map_core::{
    labels::{Face, GlyphInstance, GlyphMetrics},
    projection::{View, World},
};
use map_protocol::{Layer, ProblemKind, Severity, SpriteSheet};

use super::{StreetMap, looks};
use crate::{
    glyphs::GlyphAtlas,
    grids::look_of,
    incidents::{Drawn, has_picture},
    layers::{AREA_LAYERS, Scene, palette},
    motion::STEP,
    sprites,
};

/// Labels are placed at most this often while the view moves.
const PLACE_EVERY_MS: f64 = 240.0;
/// A sign smaller than this many CSS pixels of the page would not be read.
const LEAST_SIGN_PX: f32 = 10.0;
/// The height of a sign as a share of its mark's radius.
const SIGN_SHARE: f32 = 1.16;

/// What the quads on the device were written for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lettered {
    zoom: f64,
    origin: World,
    glyphs: usize,
    fading: bool,
}

impl StreetMap {
    /// Places labels where it is time to, and sets the glyphs of the frame; answers whether labels
    /// are fading.
    pub(super) fn set_labels(&mut self, view: &View, now_ms: f64, moving: bool) -> bool {
        self.set_area_labels(view.zoom);
        let started_over = self.glyphs.start_over_if_full();
        let due = started_over
            || self.changed.labels
            || self.labels.needs_placement()
            || self.changed.view;
        let in_time = !moving || now_ms - self.labels_placed_ms >= PLACE_EVERY_MS;
        let place = due && in_time;
        if place {
            self.labels.place(view, &mut self.glyphs, now_ms);
            self.labels_placed_ms = now_ms;
            if let Some(name) = self.glyphs.take_missing_icon() {
                self.warn(ProblemKind::Style, format!(
                    "the style's sprite has no icon \"{name}\" (nor perhaps others): it is left out"
                ));
            }
        }
        // Frames that only fade are not worth their price where the processor draws, and there is
        // nothing to fade into before the first whole picture.
        if self.pace.lags() || !self.was_whole {
            self.labels.end_fading();
        }
        self.changed.labels = due && !in_time;
        let uploads = self.glyphs.take_uploads();
        let frame = self.labels.frame(view, &mut self.glyphs, now_ms);
        let lettered = Lettered {
            zoom: frame.zoom,
            origin: frame.origin,
            glyphs: frame.glyphs.len(),
            fading: frame.animating,
        };
        // A pan needs no new quads. The end of a fading is written once more.
        let stale = place || lettered.fading || self.lettered != Some(lettered);
        self.lettered = Some(lettered);
        if let Some((scene, queue)) = self.engine.with_queue::<Scene>() {
            for upload in &uploads {
                scene
                    .labels
                    .write_glyph(queue, upload.place, upload.size, &upload.field);
            }
            if stale {
                scene.labels.write(&scene.gpu, queue, &frame.glyphs);
            }
            scene.labels.origin_px = view.screen_from_world(lettered.origin);
        }
        self.changed.anything |= stale;
        self.set_signs(view, place);
        lettered.fading
    }

    /// Takes the icons of the base map's style that is shown.
    pub(super) fn show_sprites(&mut self, sheets: &[SpriteSheet]) {
        let (sprites, problems) = sprites::read(sheets);
        for problem in problems {
            self.warn(ProblemKind::Style, problem);
        }
        if let Some((scene, queue)) = self.engine.with_queue::<Scene>() {
            scene
                .labels
                .write_sprites(&scene.gpu, queue, sprites.side, &sprites.pixels);
        }
        self.glyphs.set_icons(sprites.icons);
        self.labels.icons_changed();
        self.changed.labels = true;
    }

    /// Shows and hides the labels of the polygon layers by zoom.
    fn set_area_labels(&mut self, zoom: f64) {
        for (at, layer) in Layer::ALL.iter().copied().take(AREA_LAYERS).enumerate() {
            let look = look_of(layer, zoom);
            let [from, to] = look.label_zooms;
            let shown = self.visible[at] && zoom >= from && zoom < to;
            let grid = &mut self.grids[at];
            let stale = grid.labels_dirty || self.changed.palette;
            if shown != self.label_bands[at] || (shown && stale) {
                let labels = if shown {
                    grid.area_labels(layer, &look, &self.palette)
                } else {
                    Vec::new()
                };
                self.labels.set_area_labels(&format!("{layer:?}"), labels);
                self.label_bands[at] = shown;
                grid.labels_dirty = false;
                self.changed.anything = true;
            }
        }
    }

    /// The signs 微 小 中 大 on marks that are large enough to carry one.
    fn set_signs(&mut self, view: &View, glyphs_changed: bool) {
        let rests = self
            .signs_at
            .is_some_and(|(zoom, _)| (zoom - view.zoom).abs() < 1e-9);
        let stale = glyphs_changed || self.incidents.dirty || self.changed.palette || !rests;
        if stale {
            self.signs_at = Some((view.zoom, view.centre));
            let signs = self.signs(view);
            let totals = self.totals(view);
            if let Some((scene, queue)) = self.engine.with_queue::<Scene>() {
                scene.labels.write_signs(&scene.gpu, queue, &signs);
                scene.labels.write_totals(&scene.gpu, queue, &totals);
            }
        }
        let (Some((_, origin)), Some(scene)) = (self.signs_at, self.engine.resource_mut::<Scene>())
        else {
            return;
        };
        // The signs' places were measured on the screen that had this point in its middle.
        let [x, y] = view.screen_from_world(origin);
        scene.labels.signs_px = [x - view.width_px / 2.0, y - view.height_px / 2.0];
    }

    fn signs(&mut self, view: &View) -> Vec<GlyphInstance> {
        if !self.visible[Layer::Incidents as usize] {
            return Vec::new();
        }
        let ink = palette::linear(self.palette.incident_outline)
            .0
            .map(|v| (v * 65535.0) as u16);
        let growth = looks::incident_growth(view.zoom);
        let pictures_show = looks::picture_share(view.zoom) > 0.5;
        let least = LEAST_SIGN_PX / self.scale as f32;
        let glyphs = &mut self.glyphs;
        let clusters = &self.clusters;
        let all = self.incidents.drawn().iter();
        let incidents = all.filter(|drawn| !clusters.hides(drawn.incident.id));
        incidents
            .filter_map(|drawn| {
                let size = f32::from(drawn.pin.radius) / 4.0 * growth * SIGN_SHARE;
                let is_plain = !(pictures_show && has_picture(&drawn.pin));
                (is_plain && size >= least).then(|| sign_on(drawn, size, ink, view, glyphs))?
            })
            .collect()
    }
}

fn sign_on(
    drawn: &Drawn,
    size: f32,
    ink: [u16; 4],
    view: &View,
    glyphs: &mut GlyphAtlas,
) -> Option<GlyphInstance> {
    let sign = match drawn.incident.severity {
        Severity::Micro => '微',
        Severity::Small => '小',
        Severity::Medium => '中',
        Severity::Large => '大',
    };
    let glyph = glyphs.glyph(Face::Bold, sign)?;
    let rect = glyph.rect?;
    let [x, y] = drawn.pin.at.map(|step| f64::from(step) * STEP);
    let place = view.screen_from_world(World::new(x, y));
    let scale = size / glyphs.raster_size_px();
    Some(GlyphInstance {
        centre_px: place.map(|px| px as f32),
        half_size_px: [rect.width, rect.height].map(|px| f32::from(px) * scale / 2.0),
        rotation: [1.0, 0.0],
        atlas_px: [rect.x, rect.y, rect.x + rect.width, rect.y + rect.height],
        colour: ink,
        halo: [0; 4],
        halo_width_px: 0.0,
        scale,
        opacity: f32::from(drawn.pin.opacity) / 255.0,
        kind: 0.0,
        halo_blur_px: 0.0,
    })
}
