//! One frame: move, take tiles in, set labels, upload what changed, draw, report.

use map_core::projection::View;
use map_protocol::{Bounds, FrameStats, FromMap, MapMemory, ProblemKind};

use super::{Changed, StreetMap, clock, pace::Figures};
use crate::{
    budget::{MemoryBudget, heap_bytes, held},
    layers::Scene,
    motion::Eye,
};

/// Where drawing lags behind, what is still coming is drawn at least so often until all is there; and
/// before the first whole picture, when nobody knows yet how long drawing takes.
const COLLECT_MS: f64 = 1_000.0;
const COLLECT_FIRST_MS: f64 = 250.0;

impl StreetMap {
    /// Draws a frame if anything changed; answers whether another one is wanted soon. `now_ms` is
    /// a steady clock; `elapsed_ms` measures from an arbitrary start how long the frame takes.
    pub fn frame(&mut self, now_ms: f64, elapsed_ms: &dyn Fn() -> f64) -> bool {
        let [width, height] = self.surface_px();
        self.clock_ms = clock(now_ms);
        self.keep_in_view();
        let Some(eye) = &mut self.eye else {
            return false;
        };
        if width == 0 || height == 0 {
            return false;
        }
        let started_ms = elapsed_ms();
        let moved = eye.step(now_ms);
        let moving = eye.is_moving();
        let view = eye.view;
        if moved || self.changed.view {
            self.changed.view = true;
            self.changed.anything = true;
            self.tiles.look_at(&view);
        }
        let gliding = self.people.gliding(self.clock_ms) | self.incidents.pulsing(self.clock_ms);
        if gliding {
            self.shader_clock_ms = self.clock_ms;
        }
        let taken = self.take_tiles(&view, moving);
        self.cluster_incidents(view.zoom);
        let fading = self.set_labels(&view, now_ms, moving);
        if !(self.changed.anything || gliding || taken || fading || moving) {
            self.tell_idle(false);
            return false;
        }
        let is_urgent = self.changed.view || self.changed.selection || gliding || moving;
        if !is_urgent && self.collects(now_ms) {
            return true;
        }
        self.drawn_ms = now_ms;
        self.drew = true;
        self.upload_live();
        self.upload_overlay();
        // A crowd's shadows are half of what it costs where the processor draws: they come when the
        // view rests.
        let plain = self.changed.view && self.pace.lags();
        self.set_planes(&view, if plain { 0.0 } else { 1.0 });
        self.engine.draw();
        self.announce();
        self.report_view(&view, moving);
        let more = moving || gliding || fading || self.has_tile_work();
        self.changed = Changed {
            areas_pickable: self.changed.areas_pickable,
            labels: self.changed.labels,
            by_user: self.changed.by_user && moving,
            anything: plain,
            ..Changed::default()
        };
        if let Some(figures) = self.stats.note(now_ms, elapsed_ms() - started_ms) {
            self.report(figures);
        }
        // What this frame moved under a resting pointer shows in the next one.
        self.hover_again();
        let more = more || self.changed.labels || self.changed.anything;
        self.tell_idle(more);
        self.pace.note(now_ms, more);
        self.tell_slow(now_ms);
        more
    }

    /// The frame that comes next was wanted for so long before it was let through.
    pub fn note_wait(&mut self, waited_ms: f64) {
        // Only behind a frame that was drawn does the wait say how long drawing takes.
        if std::mem::take(&mut self.drew) {
            self.pace.note_wait(waited_ms);
        }
    }

    /// Whether more is about to come that had better be drawn together: without a graphics card one
    /// frame costs more than all that comes in meanwhile.
    fn collects(&self, now_ms: f64) -> bool {
        let every_ms = match (self.pace.lags(), self.was_whole) {
            (true, _) => COLLECT_MS,
            (false, false) => COLLECT_FIRST_MS,
            (false, true) => return false,
        };
        let is_due = !(0.0..every_ms).contains(&(now_ms - self.drawn_ms));
        !is_due && (self.tiles.awaited() > 0 || self.glyphs.awaited() > 0)
    }

    /// Whether [`StreetMap::frame`] has something to draw; never on a canvas of no size.
    pub fn wants_frame(&self) -> bool {
        if self.surface_px().contains(&0) {
            return false;
        }
        self.eye.as_ref().is_some_and(Eye::is_moving)
            || self.changed.anything
            || self.has_tile_work()
    }

    fn report_view(&mut self, view: &View, moving: bool) {
        if !self.changed.view {
            return;
        }
        let centre = view.centre.to_lon_lat();
        let rect = view.world_rect();
        let (north_west, south_east) = (rect.min.to_lon_lat(), rect.max.to_lon_lat());
        let zoom = view.zoom + self.scale.log2();
        let message = FromMap::ViewChanged {
            view: map_protocol::View {
                lon: centre.lon,
                lat: centre.lat,
                zoom,
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

    fn report(&mut self, figures: Figures) {
        let live = self.engine.resource::<Scene>().map_or(0, Scene::held_bytes);
        let memory = self.memory();
        if self.live_limit.is_newly_passed(memory.live) {
            self.warn(ProblemKind::Content, format!(
                "the live layers hold {} MB on the device, more than the {} MB that they should; send fewer features or hide layers",
                memory.live.bytes >> 20,
                memory.live.limit >> 20
            ));
        }
        let traffic = std::mem::take(&mut self.traffic);
        self.outbox.push_back(FromMap::Stats {
            stats: FrameStats {
                frames: figures.frames,
                mean_ms: figures.mean_ms as f32,
                max_ms: figures.max_ms as f32,
                draws: self.engine.draws(),
                tiles_shown: self.tiles.draws().len() as u32,
                tiles_awaited: self.tiles.awaited() as u32,
                tiles_built_by_worker: self.yard.built.by_worker,
                tiles_built_by_page: self.yard.built.by_page,
                texts_set_by_worker: self.yard.built.texts_by_worker,
                texts_set_by_page: self.yard.built.texts_by_page,
                gpu_bytes: (self.tiles.held_bytes() as u64 + live) as u32,
                p95_ms: figures.p95_ms as f32,
                pace_ms: self.pace.mean_ms() as f32,
                messages_in: traffic.taken,
                messages_out: traffic.given,
                page_heap_bytes: heap_bytes(),
                worker_heap_bytes: self.yard.worker_heap_bytes,
                memory,
            },
        });
    }

    /// What is held now, by kind, against the budget.
    pub fn memory(&self) -> MapMemory {
        let live = self.engine.resource::<Scene>().map_or(0, Scene::held_bytes);
        let budget = &self.budget;
        MapMemory {
            raw_tiles: held(self.tiles.raw_bytes(), budget.raw_tiles),
            waiting_tiles: held(self.waiting_bytes(), budget.waiting_tiles),
            built_tiles: held(self.tiles.held_bytes(), budget.built_tiles),
            glyphs: held(self.glyphs.used_bytes(), MemoryBudget::GLYPHS),
            // The layer of labels counts the whole atlas too.
            live: held(
                usize::try_from(live)
                    .unwrap_or(usize::MAX)
                    .saturating_sub(MemoryBudget::GLYPHS),
                budget.live,
            ),
        }
    }

    /// Says that the picture is hard to use, again and again while it is, and when it is over.
    fn tell_slow(&mut self, now_ms: f64) {
        if let Some(slow) = self.pace.news(now_ms) {
            let frame_ms = self.pace.mean_ms() as f32;
            self.outbox.push_back(FromMap::Slow { slow, frame_ms });
            if slow {
                log::warn!("the map is slow: {frame_ms:.0} ms between two frames");
            }
        }
    }

    fn tell_idle(&mut self, more: bool) {
        let idle = !more && self.announced && self.tiles.awaited() == 0 && !self.hand.is_dragging();
        if idle && !self.idle_told {
            self.was_whole = true;
            self.idle_told = true;
            self.outbox.push_back(FromMap::Idle {});
        }
        self.idle_told &= idle;
    }
}
