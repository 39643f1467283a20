//! One frame: move, take tiles in, set labels, upload what changed, draw, report.

use map_core::projection::View;
use map_protocol::{Bounds, FrameStats, FromMap};

use super::{Changed, StreetMap, clock, pace::Figures};
use crate::{layers::Scene, motion::Eye};

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
        let gliding = self.people.gliding(self.clock_ms);
        let taken = self.take_tiles(&view, moving);
        let fading = self.set_labels(&view, now_ms, moving);
        if !(self.changed.anything || gliding || taken || fading || moving) {
            self.tell_idle(false);
            return false;
        }
        self.upload_live();
        self.set_planes(&view);
        self.engine.draw();
        self.announce();
        self.report_view(&view, moving);
        let more = moving || gliding || fading || self.has_tile_work();
        self.changed = Changed {
            areas_pickable: self.changed.areas_pickable,
            labels: self.changed.labels,
            by_user: self.changed.by_user && moving,
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
        more
    }

    /// Whether [`StreetMap::frame`] has something to draw.
    pub fn wants_frame(&self) -> bool {
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
        self.outbox.push_back(FromMap::Stats {
            stats: FrameStats {
                frames: figures.frames,
                mean_ms: figures.mean_ms as f32,
                max_ms: figures.max_ms as f32,
                draws: self.engine.draws(),
                tiles_shown: self.tiles.draws().len() as u32,
                tiles_awaited: self.tiles.awaited() as u32,
                gpu_bytes: (self.tiles.held_bytes() as u64 + live) as u32,
            },
        });
    }

    fn tell_idle(&mut self, more: bool) {
        let idle = !more && self.announced && self.tiles.awaited() == 0 && !self.hand.is_dragging();
        if idle && !self.idle_told {
            self.idle_told = true;
            self.outbox.push_back(FromMap::Idle {});
        }
        self.idle_told &= idle;
    }
}
