//! Everything that is drawn, on the GPU, in its fixed order.
//!
//! From below: the background (the clear colour), the base map's areas and lines, the polygon
//! layers with their outlines, routes, trails, cameras, people, labels, incidents, the selected and the
//! hovered marks once more, the signs on incidents, the rubber band and the cross of the keyboard.

pub mod areas;
pub mod base_map;
pub mod gpu;
pub mod labels;
pub mod marks;
pub mod overlay;
pub mod palette;
pub mod pictures;
pub mod routes;
pub mod still;
pub mod trails;

use map_core::colour::Colour;
use maplibre::render::Renderer;

use self::{
    areas::{AreaLayer, AreaPipelines},
    base_map::BaseMap,
    gpu::{Gpu, PlaneOffset},
    labels::LabelLayer,
    marks::{MarkLayer, MarkPipeline},
    overlay::OverlayLayer,
    routes::RouteLayer,
    still::{Ground, Still},
    trails::TrailLayer,
};

/// Polygon layers of the protocol.
pub const AREA_LAYERS: usize = 7;

/// A layer of marks and where its uniforms lie in this frame.
pub struct PlacedMarks {
    pub layer: MarkLayer,
    /// `None`: not drawn.
    pub plane: Option<PlaneOffset>,
}

impl PlacedMarks {
    fn new() -> Self {
        Self {
            layer: MarkLayer::new(),
            plane: None,
        }
    }
}

/// All layers on the GPU.
pub struct Scene {
    pub gpu: Gpu,
    pub background: Colour,
    pub still: Still,
    pub base_map: BaseMap,
    pub area_pipelines: AreaPipelines,
    pub areas: [AreaLayer; AREA_LAYERS],
    pub labels: LabelLayer,
    pub routes: RouteLayer,
    pub trails: TrailLayer,
    mark_pipeline: MarkPipeline,
    pub cameras: PlacedMarks,
    pub people: PlacedMarks,
    pub incidents: PlacedMarks,
    /// The selected and the hovered marks.
    pub emphasis: PlacedMarks,
    pub overlay: OverlayLayer,
}

impl Scene {
    /// Empty layers on a renderer's device.
    pub fn new(renderer: &Renderer) -> Self {
        let gpu = Gpu::new(renderer);
        Self {
            background: Colour::BLACK,
            still: Still::new(&gpu),
            base_map: BaseMap::new(&gpu, &renderer.queue),
            area_pipelines: AreaPipelines::new(&gpu),
            areas: std::array::from_fn(|_| AreaLayer::new()),
            labels: LabelLayer::new(&gpu),
            routes: RouteLayer::new(&gpu),
            trails: TrailLayer::new(&gpu),
            mark_pipeline: MarkPipeline::new(&gpu),
            cameras: PlacedMarks::new(),
            people: PlacedMarks::new(),
            incidents: PlacedMarks::new(),
            emphasis: PlacedMarks::new(),
            overlay: OverlayLayer::new(&gpu),
            gpu,
        }
    }

    /// The colour below everything.
    pub fn clear_colour(&self) -> wgpu::Color {
        let [r, g, b, a] = self.background.0.map(f64::from);
        wgpu::Color { r, g, b, a }
    }

    /// Draws all layers, the lowest of them from the held picture where it stands; answers the
    /// number of draw calls.
    pub fn draw<'pass>(&'pass self, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let gpu = &self.gpu;
        let mut calls = match self.still.ground() {
            Ground::Drawn => self.draw_ground(pass),
            Ground::Renewed | Ground::Held => self.still.draw(gpu, pass),
        };
        calls += self.routes.draw(gpu, pass);
        calls += self.trails.draw(gpu, pass);
        calls += self.draw_marks(&[&self.cameras, &self.people], pass);
        calls += self.labels.draw(gpu, pass);
        calls += self.draw_marks(&[&self.incidents, &self.emphasis], pass);
        calls += self.labels.draw_signs(gpu, pass);
        calls + self.overlay.draw(gpu, pass)
    }

    /// Draws base map and areas; answers the number of draw calls.
    pub fn draw_ground<'pass>(&'pass self, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let gpu = &self.gpu;
        let mut calls = self.base_map.draw(gpu, pass);
        for layer in &self.areas {
            calls += layer.draw(&self.area_pipelines, gpu, pass);
        }
        calls
    }

    fn draw_marks<'pass>(
        &'pass self,
        layers: &[&'pass PlacedMarks],
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        let mut calls = 0;
        for marks in layers {
            if let Some(plane) = marks.plane {
                calls += marks
                    .layer
                    .draw(&self.mark_pipeline, &self.gpu, plane, pass);
            }
        }
        calls
    }

    /// Bytes of the live layers and the labels on the device, without the tiles.
    pub fn held_bytes(&self) -> u64 {
        self.areas.iter().map(AreaLayer::held_bytes).sum::<u64>()
            + self.labels.held_bytes()
            + self.still.held_bytes()
            + [&self.cameras, &self.people, &self.incidents]
                .iter()
                .map(|marks| marks.layer.held_bytes())
                .sum::<u64>()
    }
}
