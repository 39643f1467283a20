//! One frame: move, find tiles, build, upload what changed, place labels, draw, report.

use map_core::{
    labels::GlyphInstance,
    projection::{View, World},
    tessellate::EXTENT,
};
use map_protocol::{Bounds, FrameStats, FromMap, Layer, Severity};

use super::{StreetMap, clock};
use crate::{
    grids::look_of,
    layers::{
        AREA_LAYERS, Scene,
        areas::AreaPlanes,
        base_map::TileDraw,
        gpu::{FrameUniform, Plane},
        palette,
    },
    people::Dirty,
};

/// One step of a fixed-point position as a share of the world.
const STEP: f64 = 1.0 / 4_294_967_296.0;
/// Labels are placed at most this often while the view moves.
const PLACE_EVERY_MS: f64 = 240.0;
/// Reports of figures are at least this far apart.
const REPORT_EVERY_MS: f64 = 1_000.0;

/// Frames that follow each other more slowly than this are too slow to show a glide.
const SLOW_PACE_MS: f64 = 70.0;

/// How fast frames follow each other while something moves.
#[derive(Debug, Default)]
pub struct Pace {
    mean_ms: f64,
    last_ms: Option<f64>,
}

impl Pace {
    /// A frame was drawn; `more` says whether the next one follows at once.
    fn note(&mut self, now_ms: f64, more: bool) {
        if let Some(last_ms) = self.last_ms {
            self.mean_ms += ((now_ms - last_ms).clamp(0.0, 1000.0) - self.mean_ms) * 0.2;
        }
        self.last_ms = more.then_some(now_ms);
    }

    /// Whether frames come so slowly, as without a graphics card, that gliding would only keep the
    /// processor busy.
    pub fn is_slow(&self) -> bool {
        self.mean_ms > SLOW_PACE_MS
    }
}

/// Figures since the last report.
#[derive(Debug, Default)]
pub struct Stats {
    frames: u32,
    sum_ms: f64,
    max_ms: f64,
    reported_ms: f64,
}

impl StreetMap {
    /// Draws a frame if anything changed; answers whether another one is wanted soon. `now_ms` is
    /// a steady clock; `elapsed_ms` measures from an arbitrary start how long the frame takes.
    pub fn frame(&mut self, now_ms: f64, elapsed_ms: &dyn Fn() -> f64) -> bool {
        let [width, height] = self.surface_px();
        let Some(eye) = &mut self.eye else {
            return false;
        };
        if width == 0 || height == 0 {
            return false;
        }
        let started_ms = elapsed_ms();
        self.clock_ms = clock(now_ms);
        let moved = eye.step(now_ms);
        let moving = eye.is_moving();
        let view = eye.view;
        if moved || self.changed.view {
            self.changed.view = true;
            self.changed.anything = true;
            self.tiles.look_at(&view);
        }
        let gliding = self.people.gliding(clock(now_ms));
        let built = self.take_tiles(&view, moving);
        let fading = self.set_labels(&view, now_ms, moving);
        if !(self.changed.anything || gliding || built || fading || moving) {
            return false;
        }
        self.upload_live();
        self.set_planes(&view, now_ms);
        self.engine.look_at(&view);
        self.engine.draw();
        self.announce();
        self.report_view(&view, moving);
        self.hover_again();
        let more = moving || gliding || fading || self.has_tile_work();
        self.changed = super::Changed {
            areas_pickable: self.changed.areas_pickable,
            labels: self.changed.labels,
            by_user: self.changed.by_user && moving,
            ..super::Changed::default()
        };
        self.report_figures(now_ms, elapsed_ms() - started_ms);
        self.tell_idle(more);
        let more = more || self.changed.labels;
        self.pace.note(now_ms, more);
        more
    }

    /// Whether [`StreetMap::frame`] has something to draw.
    pub fn wants_frame(&self) -> bool {
        self.eye.as_ref().is_some_and(crate::motion::Eye::is_moving)
            || self.changed.anything
            || self.has_tile_work()
    }

    /// Places labels where it is time to, and sets the glyphs of the frame; answers whether labels
    /// are fading.
    fn set_labels(&mut self, view: &View, now_ms: f64, moving: bool) -> bool {
        self.set_area_labels(view.zoom);
        if self.glyphs.start_over_if_full() {
            self.changed.labels = true;
        }
        let due = self.changed.labels || self.labels.needs_placement() || self.changed.view;
        let in_time = !moving || now_ms - self.labels_placed_ms >= PLACE_EVERY_MS;
        self.changed.labels = false;
        if due && in_time {
            self.labels.place(view, &mut self.glyphs, now_ms);
            self.labels_placed_ms = now_ms;
        } else if due {
            self.changed.labels = true;
        }
        let uploads = self.glyphs.take_uploads();
        let frame = self.labels.frame(view, &mut self.glyphs, now_ms);
        let origin = view.screen_from_world(frame.origin);
        let fading = frame.animating;
        if let Some((scene, queue)) = self.engine.with_queue::<Scene>() {
            for upload in uploads {
                scene
                    .labels
                    .write_glyph(queue, upload.place, upload.size, &upload.field);
            }
            scene.labels.write(&scene.gpu, queue, &frame.glyphs);
            scene.labels.origin_px = origin;
        }
        self.set_signs(view);
        fading
    }

    /// Shows and hides the labels of the polygon layers by zoom.
    fn set_area_labels(&mut self, zoom: f64) {
        for (at, layer) in Layer::ALL.iter().copied().take(AREA_LAYERS).enumerate() {
            let look = look_of(layer, zoom);
            let [from, to] = look.label_zooms;
            let shown = self.visible[at] && zoom >= from && zoom < to;
            let grid = &mut self.grids[at];
            let stale = grid.labels_dirty || self.changed.labels || self.changed.palette;
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
    fn set_signs(&mut self, view: &View) {
        use map_core::labels::{Face, GlyphMetrics};
        let ink = palette::linear(self.palette.incident_outline)
            .0
            .map(|v| (v * 65535.0) as u16);
        let raster = self.glyphs.raster_size_px();
        let mut signs = Vec::new();
        if self.visible[Layer::Incidents as usize] {
            for drawn in self.incidents.drawn() {
                let radius = f32::from(drawn.mark.radius) / 4.0 * incident_growth(view.zoom);
                let size = radius * 1.16;
                let sign = match drawn.incident.severity {
                    Severity::Micro => '微',
                    Severity::Small => '小',
                    Severity::Medium => '中',
                    Severity::Large => '大',
                };
                if size < 10.0 {
                    continue;
                }
                let Some(glyph) = self.glyphs.glyph(Face::Bold, sign) else {
                    continue;
                };
                let Some(rect) = glyph.rect else { continue };
                let [x, y] = view.screen_from_world(World::new(
                    f64::from(drawn.mark.at[0]) * STEP,
                    f64::from(drawn.mark.at[1]) * STEP,
                ));
                let scale = size / raster;
                let half = [
                    f32::from(rect.width) * scale / 2.0,
                    f32::from(rect.height) * scale / 2.0,
                ];
                signs.push(GlyphInstance {
                    centre_px: [x as f32, y as f32],
                    half_size_px: half,
                    rotation: [1.0, 0.0],
                    atlas_px: [rect.x, rect.y, rect.x + rect.width, rect.y + rect.height],
                    colour: ink,
                    halo: [0; 4],
                    halo_width_px: 0.0,
                    scale,
                    opacity: f32::from(drawn.mark.opacity) / 255.0,
                    kind: 0.0,
                });
            }
        }
        if let Some((scene, queue)) = self.engine.with_queue::<Scene>() {
            scene.labels.write_signs(&scene.gpu, queue, &signs);
        }
    }

    /// Uploads the live layers that changed.
    fn upload_live(&mut self) {
        let cameras = self.changed.cameras.then(|| self.camera_marks());
        let dirty = self.people.dirty.take();
        let incidents = std::mem::take(&mut self.incidents.dirty).then(|| self.incidents.marks());
        let emphasis: Vec<_> = (0..AREA_LAYERS).map(|at| self.emphasis_of(at)).collect();
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        let gpu = &scene.gpu;
        for ((grid, layer), (selected, hovered)) in
            self.grids.iter_mut().zip(&mut scene.areas).zip(emphasis)
        {
            if std::mem::take(&mut grid.geometry_dirty) {
                let mesh = map_core::live::AreaMesh::build(&grid.features);
                layer.write_mesh(gpu, queue, mesh);
            }
            if std::mem::take(&mut grid.classes_dirty) {
                layer.write_classes(gpu, queue, &scene.area_pipelines, &grid.classes);
            }
            layer.selected = selected;
            layer.hovered = hovered;
        }
        match dirty {
            Dirty::Nothing => {}
            Dirty::All => {
                let (marks, glides) = self.people.marks();
                scene.people.layer.write(gpu, queue, marks, glides);
            }
            Dirty::Some(indices) => {
                let (marks, glides) = self.people.marks();
                for index in indices {
                    let at = index as usize;
                    scene
                        .people
                        .layer
                        .write_one(queue, index, &marks[at], &glides[at]);
                }
            }
        }
        if let Some((marks, glides)) = incidents {
            scene.incidents.layer.write(gpu, queue, &marks, &glides);
        }
        if let Some((marks, glides)) = cameras {
            scene.cameras.layer.write(gpu, queue, &marks, &glides);
        }
        if self.changed.routes {
            scene.routes.write(gpu, queue, &self.routes);
        }
    }

    /// The selected and the hovered features of a polygon layer.
    fn emphasis_of(&self, at: usize) -> (Vec<u32>, Option<u32>) {
        let index = |target: &map_protocol::Target| {
            (target.layer as usize == at)
                .then(|| self.grids[at].index_of(target.id))
                .flatten()
        };
        let selected = self.selection.iter().filter_map(index).collect();
        let hovered = self
            .highlight
            .as_ref()
            .or(self.hovered.as_ref())
            .and_then(index);
        (selected, hovered)
    }

    /// Writes where everything lies on the screen.
    fn set_planes(&mut self, view: &View, now_ms: f64) {
        // The engine's camera must stand before its matrices are read.
        self.engine.look_at(view);
        let lens = self.engine.lens(view);
        let surface = self.surface_px();
        let frame = FrameUniform {
            viewport: [
                view.width_px as f32,
                view.height_px as f32,
                view.dpr as f32,
                0.0,
            ],
            clock: [clock(now_ms), 0, 0, 0],
            colours: palette::slots(&self.palette),
        };
        let background = self.background(view.zoom);
        let paints = std::mem::take(&mut self.paints);
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        scene.gpu.begin_planes();
        scene.background = background;
        scene.base_map.surface = surface;
        scene.base_map.set_paints(queue, &paints);
        scene.base_map.draws.clear();
        if self.visible[Layer::BaseMap as usize] {
            for draw in self.tiles.draws() {
                let Some(scissor) = scissor_of(view, draw.clip.rect(), draw.wrap, surface) else {
                    continue;
                };
                let min = draw.key.tile.rect().min;
                let origin = [min.x + f64::from(draw.wrap), min.y];
                let unit = 1.0 / f64::from(draw.key.tile.z).exp2() / f64::from(EXTENT);
                let plane = scene.gpu.add_plane(&Plane {
                    clip: lens.clip_from_plane(origin, unit),
                    origin: [0; 2],
                    px_per_unit: lens.px_per_unit(unit),
                    zoom_fraction: draw.key.zoom_fraction(view.zoom),
                    tint: [1.0; 4],
                    measure: [1.0, 1.0, 0.0, 0.0],
                });
                scene.base_map.draws.push(TileDraw {
                    key: draw.key,
                    plane,
                    scissor,
                });
            }
        }
        for (at, layer) in scene.areas.iter_mut().enumerate() {
            let look = look_of(Layer::ALL[at], view.zoom);
            layer.planes = None;
            if layer.is_empty() || !self.visible[at] || look.opacity <= 0.0 {
                continue;
            }
            let slot = if look.strong {
                palette::POLYGON_OUTLINE_STRONG
            } else {
                palette::POLYGON_OUTLINE
            };
            let mut place = |slot: u8, width: f32, opacity: f32| {
                scene.gpu.add_plane(&Plane {
                    clip: lens.clip_from_plane(layer.origin, 1.0),
                    origin: [0; 2],
                    px_per_unit: lens.px_per_unit(1.0),
                    zoom_fraction: 0.0,
                    tint: frame.colours[usize::from(slot)].map(|channel| channel * opacity),
                    measure: [width, opacity, 0.0, 0.0],
                })
            };
            layer.planes = Some(AreaPlanes {
                plain: place(slot, look.outline_px, look.opacity),
                selected: place(palette::SELECTION, 2.6, 1.0),
                hovered: place(palette::HOVER, 1.8, 1.0),
            });
        }
        let centre = [view.centre.x, view.centre.y];
        let origin = centre.map(|share| (share / STEP) as u32);
        let from_centre = Plane {
            clip: lens.clip_from_plane(origin.map(|step| f64::from(step) * STEP), STEP),
            origin,
            px_per_unit: lens.px_per_unit(STEP),
            zoom_fraction: 0.0,
            tint: [1.0; 4],
            measure: [1.0, 1.0, 0.0, 0.0],
        };
        let grown = mark_growth(view.zoom);
        for (marks, layer, opacity) in [
            (
                &mut scene.cameras,
                Layer::Cameras,
                camera_opacity(view.zoom),
            ),
            (&mut scene.people, Layer::People, 1.0),
            (&mut scene.incidents, Layer::Incidents, 1.0),
        ] {
            let shown = self.visible[layer as usize] && opacity > 0.0;
            marks.plane = shown.then(|| {
                let size = if layer == Layer::Incidents {
                    incident_growth(view.zoom)
                } else {
                    grown
                };
                let measure = [size, opacity, 0.0, 0.0];
                scene.gpu.add_plane(&Plane {
                    measure,
                    ..from_centre
                })
            });
        }
        scene.routes.planes = None;
        if self.visible[Layer::Routes as usize] && !scene.routes.is_empty() {
            let mut place = |slot: u8, width: f32, extra: f32| {
                scene.gpu.add_plane(&Plane {
                    tint: frame.colours[usize::from(slot)],
                    measure: [width, 1.0, extra, 0.0],
                    ..from_centre
                })
            };
            scene.routes.planes = Some([
                place(palette::ROUTE_CASING, 7.0, 1.5),
                place(palette::ROUTE, 3.6, 0.0),
            ]);
        }
        let label_plane = |origin: [f64; 2]| Plane {
            tint: [origin[0] as f32, origin[1] as f32, 0.0, 0.0],
            ..from_centre
        };
        let origin = scene.labels.origin_px;
        scene.labels.plane = Some(scene.gpu.add_plane(&label_plane(origin)));
        scene.labels.sign_plane = Some(scene.gpu.add_plane(&label_plane([0.0; 2])));
        scene.gpu.upload(queue, &frame);
        self.paints = paints;
    }

    /// The colour below everything, from the style where it has a background; reads the paints of
    /// this zoom on the way.
    fn background(&mut self, zoom: f64) -> map_core::colour::Colour {
        self.style.paints_at(zoom, &mut self.paints);
        self.paints
            .iter()
            .find_map(|paint| match paint {
                map_core::style::LayerPaint::Background(colour) => Some(*colour),
                _ => None,
            })
            .filter(|_| self.visible[Layer::BaseMap as usize])
            .unwrap_or_else(|| palette::linear(self.palette.background))
    }

    fn report_view(&mut self, view: &View, moving: bool) {
        if !self.changed.view {
            return;
        }
        let centre = view.centre.to_lon_lat();
        let rect = view.world_rect();
        let (north_west, south_east) = (rect.min.to_lon_lat(), rect.max.to_lon_lat());
        let message = FromMap::ViewChanged {
            view: map_protocol::View {
                lon: centre.lon,
                lat: centre.lat,
                zoom: view.zoom + self.scale.log2(),
            },
            bounds: Bounds {
                west: north_west.lon,
                south: south_east.lat,
                east: south_east.lon,
                north: north_west.lat,
            },
            settled: !moving && !self.hand.is_dragging(),
            by_user: self.changed.by_user,
        };
        // Only the latest view matters to a reader who did not come in between.
        self.outbox
            .retain(|waiting| !matches!(waiting, FromMap::ViewChanged { .. }));
        self.outbox.push_back(message);
    }

    fn report_figures(&mut self, now_ms: f64, frame_ms: f64) {
        let stats = &mut self.stats;
        stats.frames += 1;
        stats.sum_ms += frame_ms;
        stats.max_ms = stats.max_ms.max(frame_ms);
        if now_ms - stats.reported_ms < REPORT_EVERY_MS {
            return;
        }
        let frames = stats.frames;
        let (mean_ms, max_ms) = (stats.sum_ms / f64::from(frames), stats.max_ms);
        self.stats = Stats {
            reported_ms: now_ms,
            ..Stats::default()
        };
        let live = self.engine.resource::<Scene>().map_or(0, Scene::held_bytes);
        self.outbox.push_back(FromMap::Stats {
            stats: FrameStats {
                frames,
                mean_ms: mean_ms as f32,
                max_ms: max_ms as f32,
                draws: self.engine.draws(),
                tiles_shown: self.tiles.draws().len() as u32,
                tiles_awaited: self.tiles.awaited() as u32,
                gpu_bytes: (self.tiles.held_bytes() as u64 + live) as u32,
            },
        });
    }

    fn tell_idle(&mut self, more: bool) {
        let idle =
            !more && !self.changed.labels && self.tiles.awaited() == 0 && !self.hand.is_dragging();
        if idle && !self.idle_told {
            self.idle_told = true;
            self.outbox.push_back(FromMap::Idle {});
        }
        self.idle_told &= idle;
    }
}

/// Marks of people and cameras grow with the zoom, so that a crowd stays readable from afar.
pub(super) fn mark_growth(zoom: f64) -> f32 {
    (0.62
        + 0.38 * ((zoom - 11.5) / 3.5).clamp(0.0, 1.0)
        + 0.35 * ((zoom - 15.0) / 3.0).clamp(0.0, 1.0)) as f32
}

/// Incidents shrink a little where a whole street is a hand wide.
pub(super) fn incident_growth(zoom: f64) -> f32 {
    (0.72 + 0.28 * ((zoom - 12.0) / 2.5).clamp(0.0, 1.0)) as f32
}

/// Cameras show from the zoom at which they can be told apart.
pub(super) fn camera_opacity(zoom: f64) -> f32 {
    ((zoom - 14.2) / 0.8).clamp(0.0, 1.0) as f32
}

/// The part of the surface that a tile may touch, in device pixels; `None` where it lies outside.
fn scissor_of(
    view: &View,
    rect: map_core::projection::WorldRect,
    wrap: i32,
    surface: [u32; 2],
) -> Option<[u32; 4]> {
    let shifted = |p: World| World::new(p.x + f64::from(wrap), p.y);
    let [left, top] = view.screen_from_world(shifted(rect.min));
    let [right, bottom] = view.screen_from_world(shifted(rect.max));
    // Shared edges are rounded the same way from both sides, so tiles neither gap nor overlap.
    let clamped = |px: f64, end: u32| (px * view.dpr).round().clamp(0.0, f64::from(end)) as u32;
    let (left, right) = (clamped(left, surface[0]), clamped(right, surface[0]));
    let (top, bottom) = (clamped(top, surface[1]), clamped(bottom, surface[1]));
    (right > left && bottom > top).then(|| [left, top, right - left, bottom - top])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_frames_that_follow_each_other_tell_the_pace() {
        let mut pace = Pace::default();
        for second in 0..20 {
            pace.note(f64::from(second) * 1000.0, false);
        }
        assert!(!pace.is_slow(), "one frame a second is a resting map");
        for frame in 0..20 {
            pace.note(20_000.0 + f64::from(frame) * 300.0, true);
        }
        assert!(pace.is_slow());
        for frame in 0..20 {
            pace.note(26_000.0 + f64::from(frame) * 16.0, true);
        }
        assert!(!pace.is_slow());
    }
}
