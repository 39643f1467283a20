//! What part of the world is shown, how large, and on how many pixels.

use map_core::projection::{LonLat, View, World};
use map_protocol::{Bounds, Padding, Viewport};

use super::StreetMap;
use crate::motion::{Eye, fitted};

impl StreetMap {
    /// The canvas has another size or pixel ratio.
    pub fn resized(&mut self, viewport: Viewport) {
        if viewport != self.viewport {
            self.resize(viewport);
        }
    }

    /// The next frame is drawn although nothing has changed.
    pub fn draw_again(&mut self) {
        self.changed.anything = true;
    }

    /// Starts with a view of the map's first place.
    pub(super) fn open_eye(&mut self, view: map_protocol::View, zoom_limits: [f64; 2]) {
        self.zoom_limits = zoom_limits;
        let view = View::new(
            LonLat::new(view.lon, view.lat),
            self.inner_zoom(view.zoom),
            f64::from(self.viewport.width) / self.scale,
            f64::from(self.viewport.height) / self.scale,
            f64::from(self.viewport.pixel_ratio) * self.scale,
        );
        let [min, max] = zoom_limits.map(|zoom| self.inner_zoom(zoom));
        self.eye = Some(Eye::new(view, min, max));
        self.resize(self.viewport);
    }

    pub(super) fn resize(&mut self, viewport: Viewport) {
        self.viewport = viewport;
        self.changed.anything = true;
        self.changed.view = true;
        let [width, height] = self.surface_px();
        self.engine.resize(width, height);
        let ratio = self.pixel_ratio() * self.scale;
        if let Some(eye) = &mut self.eye
            && width > 0
            && height > 0
        {
            eye.view.width_px = f64::from(width) / ratio;
            eye.view.height_px = f64::from(height) / ratio;
            eye.view.dpr = ratio;
        }
    }

    /// The size that the drawing surface must have, in device pixels; `[0, 0]` draws nothing.
    pub fn surface_px(&self) -> [u32; 2] {
        let ratio = self.pixel_ratio();
        [self.viewport.width, self.viewport.height].map(|css| {
            let px = (f64::from(css.max(0.0)) * ratio).round();
            px.clamp(0.0, f64::from(self.largest_side_px())) as u32
        })
    }

    /// Device pixels per CSS pixel, less where the device could not hold so large a surface.
    fn pixel_ratio(&self) -> f64 {
        let wanted = f64::from(self.viewport.pixel_ratio).clamp(0.25, 8.0);
        let side = f64::from(self.viewport.width.max(self.viewport.height)).max(1.0);
        wanted.min(f64::from(self.largest_side_px()) / side)
    }

    fn largest_side_px(&self) -> u32 {
        self.engine
            .renderer()
            .device
            .limits()
            .max_texture_dimension_2d
    }

    /// The zoom of the map's own pixels, which are `scale` times as large as CSS pixels.
    fn inner_zoom(&self, zoom: f64) -> f64 {
        zoom - self.scale.log2()
    }

    /// A place in the map's own pixels, which are `scale` times as large as CSS pixels.
    pub(super) fn inner(&self, at: [f64; 2]) -> [f64; 2] {
        at.map(|axis| axis / self.scale)
    }

    pub(super) fn set_scale(&mut self, scale: f64) {
        let scale = scale.clamp(0.25, 16.0);
        let grown = (scale / self.scale).log2();
        self.scale = scale;
        let [min, max] = self.zoom_limits.map(|zoom| self.inner_zoom(zoom));
        if let Some(eye) = &mut self.eye {
            // The same part of the world stays on the screen.
            let view = View {
                zoom: eye.view.zoom - grown,
                ..eye.view
            };
            *eye = Eye::new(view, min, max);
        }
        self.resize(self.viewport);
    }

    pub(super) fn set_view(&mut self, view: map_protocol::View, duration_ms: u32) {
        let centre = LonLat::new(view.lon, view.lat).to_world();
        self.go(centre, self.inner_zoom(view.zoom), duration_ms);
    }

    pub(super) fn fit(
        &mut self,
        bounds: Bounds,
        padding: Padding,
        max_zoom: f64,
        duration_ms: u32,
    ) {
        let Some(eye) = &self.eye else { return };
        let corners = [
            LonLat::new(bounds.west, bounds.north),
            LonLat::new(bounds.east, bounds.south),
        ];
        let padding = [padding.top, padding.right, padding.bottom, padding.left]
            .map(|px| f64::from(px) / self.scale);
        let (centre, zoom) = fitted(&eye.view, corners, padding, self.inner_zoom(max_zoom));
        self.go(centre, zoom, duration_ms);
    }

    pub(super) fn go(&mut self, centre: World, zoom: f64, duration_ms: u32) {
        let duration_ms = if self.calm { 0 } else { duration_ms };
        if let Some(eye) = &mut self.eye {
            eye.go(centre, zoom, f64::from(duration_ms));
            self.changed.view = true;
            self.changed.by_user = false;
        }
    }
}
