//! Everything that is drawn, on the GPU, in its fixed order.
//!
//! `map_protocol` says at its head what lies above what.

pub mod areas;
pub mod base_map;
pub mod donuts;
pub mod gpu;
pub mod heat;
pub mod labels;
pub mod lines;
pub mod marks;
pub mod overlay;
pub mod palette;
pub mod pictures;
pub mod pins;
pub mod routes;
pub mod sketch;
pub mod still;
pub mod trails;

use map_core::colour::Colour;
use maplibre::render::Renderer;

use self::{
    areas::{AreaLayer, AreaPipelines},
    base_map::BaseMap,
    donuts::DonutLayer,
    gpu::{Gpu, PlaneOffset},
    heat::HeatLayer,
    labels::LabelLayer,
    lines::LineLayer,
    marks::{MarkLayer, MarkPipeline},
    overlay::OverlayLayer,
    pins::{PinLayer, PinPipeline},
    routes::RouteLayer,
    sketch::SketchLayer,
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
    pub lines: LineLayer,
    pub labels: LabelLayer,
    pub routes: RouteLayer,
    pub trails: TrailLayer,
    pub sketch: SketchLayer,
    pub heat: HeatLayer,
    mark_pipeline: MarkPipeline,
    pub pin_pipeline: PinPipeline,
    pub devices: PinLayer,
    pub people: PlacedMarks,
    pub incidents: PinLayer,
    pub clusters: DonutLayer,
    /// The selected and the hovered people; the same devices and incidents are `emphasised_pins`,
    /// together with the incidents that pulse.
    pub emphasis: PlacedMarks,
    pub overlay: OverlayLayer,
    pub emphasised_pins: PinLayer,
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
            lines: LineLayer::new(),
            labels: LabelLayer::new(&gpu),
            routes: RouteLayer::new(&gpu),
            trails: TrailLayer::new(&gpu),
            sketch: SketchLayer::new(&gpu),
            heat: HeatLayer::new(&gpu),
            mark_pipeline: MarkPipeline::new(&gpu),
            pin_pipeline: PinPipeline::new(&gpu),
            devices: PinLayer::new(),
            people: PlacedMarks::new(),
            incidents: PinLayer::new(),
            clusters: DonutLayer::new(&gpu),
            emphasis: PlacedMarks::new(),
            overlay: OverlayLayer::new(&gpu),
            emphasised_pins: PinLayer::new(),
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
        calls += self
            .sketch
            .draw(&self.area_pipelines, &self.pin_pipeline, gpu, pass);
        calls += self.trails.draw(gpu, pass);
        calls += self.devices.draw(&self.pin_pipeline, gpu, pass);
        calls += self.draw_marks(&self.people, pass);
        calls += self.labels.draw(gpu, pass);
        calls += self.incidents.draw(&self.pin_pipeline, gpu, pass);
        calls += self.clusters.draw(gpu, pass);
        calls += self.labels.draw_totals(gpu, pass);
        calls += self.draw_marks(&self.emphasis, pass);
        calls += self.emphasised_pins.draw(&self.pin_pipeline, gpu, pass);
        calls += self.labels.draw_signs(gpu, pass);
        calls + self.overlay.draw(gpu, pass)
    }

    /// Draws base map, lines, areas and heat map; answers the number of draw calls.
    pub fn draw_ground<'pass>(&'pass self, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let gpu = &self.gpu;
        let mut calls = self.base_map.draw(gpu, pass);
        calls += self.lines.draw(&self.area_pipelines, gpu, pass);
        for layer in &self.areas {
            calls += layer.draw(&self.area_pipelines, gpu, pass);
        }
        calls + self.heat.draw(gpu, pass)
    }

    fn draw_marks<'pass>(
        &'pass self,
        marks: &'pass PlacedMarks,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        marks.plane.map_or(0, |plane| {
            let layer = &marks.layer;
            layer.draw(&self.mark_pipeline, &self.gpu, plane, pass)
        })
    }

    /// Bytes of the live layers and the labels on the device, without the tiles.
    pub fn held_bytes(&self) -> u64 {
        self.areas.iter().map(AreaLayer::held_bytes).sum::<u64>()
            + self.labels.held_bytes()
            + self.still.held_bytes()
            + self.lines.held_bytes()
            + self.sketch.held_bytes()
            + self.routes.held_bytes()
            + self.trails.held_bytes()
            + self.people.layer.held_bytes()
            + self.emphasis.layer.held_bytes()
            + self.emphasised_pins.held_bytes()
            + self.overlay.held_bytes()
            + self.devices.held_bytes()
            + self.incidents.held_bytes()
            + self.clusters.held_bytes()
            + self.heat.held_bytes()
    }
}
