//! What the user interface says: each message to where it belongs.

use map_protocol::{
    Crowd, DecodeError, FromMap, Init, Layer, PersonRecord, PolygonFeature, ProblemKind, ToMap,
};

use super::{StreetMap, clock};

impl StreetMap {
    /// Takes the bytes of a [`ToMap`]. Malformed bytes change nothing.
    pub fn receive(&mut self, bytes: &[u8], now_ms: f64) -> Result<(), DecodeError> {
        if let Some(crowd) = Crowd::of_message(bytes) {
            self.note_message();
            self.set_people(crowd.people(), crowd.glide_ms, now_ms);
            return Ok(());
        }
        let message = ToMap::decode(bytes)?;
        self.take(message, now_ms);
        Ok(())
    }

    /// Takes a message.
    pub fn take(&mut self, message: ToMap, now_ms: f64) {
        self.note_message();
        match message {
            ToMap::Init { init } => self.init(init),
            ToMap::Resize { viewport } => self.resize(viewport),
            ToMap::SetView { view, duration_ms } => self.set_view(view, duration_ms),
            ToMap::FitBounds {
                bounds,
                padding,
                max_zoom,
                duration_ms,
            } => {
                self.fit(bounds, padding, max_zoom, duration_ms);
            }
            ToMap::SetStyle { style_json } => self.set_style(&style_json),
            ToMap::SetPalette { palette } => self.set_palette(palette),
            ToMap::SetTileSource {
                tile_url,
                min_source_zoom,
                max_source_zoom,
            } => {
                self.set_source(tile_url, min_source_zoom, max_source_zoom);
            }
            ToMap::SetMarkScale { scale } => self.set_scale(f64::from(scale)),
            ToMap::SetSprites { sheets } => self.set_sprites(sheets),
            ToMap::Pick { x, y, request } => self.pick(f64::from(x), f64::from(y), request),
            ToMap::SetInteractive { interactive } => {
                self.interactive = interactive;
                self.hand.cancel();
                self.rubber = None;
            }
            ToMap::Follow { target } => self.follow(target),
            ToMap::SetCalm { calm } => self.calm = calm,
            ToMap::Trap {} => trap(),
            other => self.take_layer(other, now_ms),
        }
    }

    fn note_message(&mut self) {
        self.traffic.taken += 1;
        self.changed.anything = true;
        self.idle_told = false;
    }

    fn set_people(
        &mut self,
        people: impl ExactSizeIterator<Item = PersonRecord> + Clone,
        glide_ms: u32,
        now_ms: f64,
    ) {
        let glide_ms = self.glide(glide_ms);
        self.people.set(people, glide_ms, clock(now_ms));
    }

    /// Takes a message about the content of a layer.
    fn take_layer(&mut self, message: ToMap, now_ms: f64) {
        match message {
            ToMap::SetPolygons { layer, features } => self.set_polygons(layer, &features),
            ToMap::SetPolygonValues { layer, values } => {
                if let Some(grid) = self.grids.get_mut(layer as usize) {
                    grid.set_values(&values);
                    self.changed.ground = true;
                }
            }
            ToMap::SetPeople { people, glide_ms } => {
                self.set_people(people.iter().map(PersonRecord::from), glide_ms, now_ms);
            }
            ToMap::PatchPeople {
                changed,
                removed,
                glide_ms,
            } => {
                let glide_ms = self.glide(glide_ms);
                self.people
                    .patch(&changed, &removed, glide_ms, clock(now_ms));
            }
            ToMap::SetHeat { points, radius_m } => {
                let peak = self.heat.set(&points, radius_m);
                self.changed.ground = true;
                self.outbox.push_back(FromMap::HeatMeasured { peak });
            }
            ToMap::SetTrails { trails } => self.trails.set(trails),
            ToMap::SetIncidents { incidents } => self.incidents.set(&incidents),
            ToMap::PatchIncidents { changed, removed } => {
                let pulse_ms = (!self.pace.is_slow()).then(|| clock(now_ms));
                self.incidents.patch(&changed, &removed, pulse_ms);
            }
            ToMap::SetLines { lines } => {
                self.new_lines = Some(lines);
                self.changed.ground = true;
            }
            ToMap::SetCameras { cameras } => {
                self.cameras = cameras;
                self.changed.cameras = true;
            }
            ToMap::SetRoutes { routes } => {
                self.routes = routes;
                self.changed.routes = true;
            }
            ToMap::SetTool { tool, points, held } => self.sketch.set(tool, points, held),
            ToMap::Select { targets } => {
                self.reticle.note_selected(&targets);
                self.selection = targets;
                self.changed.selection = true;
                self.changed.ground = true;
            }
            ToMap::Highlight { target } => {
                self.highlight = target;
                self.changed.selection = true;
                self.changed.ground = true;
            }
            ToMap::SetLayerVisible { layer, visible } => {
                self.visible[layer as usize] = visible;
                self.changed.selection = true;
                self.changed.ground = true;
                self.changed.labels = true;
            }
            // All others were taken before.
            _ => {}
        }
    }

    fn set_polygons(&mut self, layer: Layer, features: &[PolygonFeature]) {
        let Some(grid) = self.grids.get_mut(layer as usize) else {
            self.warn(ProblemKind::Content, format!(
                "polygons were sent for the layer {layer:?}, which holds none; send them for a grid layer"
            ));
            return;
        };
        grid.set(features);
        self.changed.ground = true;
        self.changed.areas_pickable = true;
        self.changed.selection = true;
    }

    /// How long people glide: not at all where frames come too slowly to show it.
    fn glide(&self, wanted_ms: u32) -> u32 {
        if self.pace.is_slow() { 0 } else { wanted_ms }
    }

    fn init(&mut self, init: Init) {
        // In the page the canvas has told its size already, and more exactly.
        if self.viewport.width <= 0.0 {
            self.viewport = init.viewport;
        }
        self.interactive = init.interactive;
        self.open_eye(init.view, [init.min_zoom, init.max_zoom]);
        self.set_palette(init.palette);
        self.set_style(&init.style_json);
        self.set_source(init.tile_url, init.min_source_zoom, init.max_source_zoom);
        self.announced = false;
    }
}

/// Ends the module on request, so that recovery can be seen; natively the test ends.
fn trap() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    log::error!("the map was asked to trap; natively it goes on");
}
