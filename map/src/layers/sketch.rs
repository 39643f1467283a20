//! What is drawn with a tool, on the GPU: the area with its outline, the line, the spots that were
//! set.

use map_core::live::AreaMesh;
use map_protocol::{Route, RouteState};

use super::{
    areas::{AreaLayer, AreaPipelines},
    gpu::Gpu,
    palette,
    pins::{NONE, Outline, Pin, PinLayer, PinPipeline},
    routes::RouteLayer,
};
use crate::sketch::Sketch;

/// Quarters of a CSS pixel.
const SPOT_RADIUS: u8 = 14;

/// The layer of the sketch.
pub struct SketchLayer {
    pub area: AreaLayer,
    pub line: RouteLayer,
    pub spots: PinLayer,
}

impl SketchLayer {
    pub fn new(gpu: &Gpu) -> Self {
        Self {
            area: AreaLayer::new(),
            line: RouteLayer::new(gpu),
            spots: PinLayer::new(),
        }
    }

    /// Replaces what is drawn.
    pub fn write(
        &mut self,
        gpu: &Gpu,
        queue: &wgpu::Queue,
        pipelines: &AreaPipelines,
        sketch: &Sketch,
    ) {
        self.area
            .write_mesh(gpu, queue, AreaMesh::build(&[sketch.area()]));
        let fill = vec![palette::TOOL_FILL];
        self.area.write_texels(gpu, queue, pipelines, fill);
        let line = Route {
            id: 0,
            state: RouteState::Underway,
            points: sketch.line(),
        };
        self.line.write(gpu, queue, &[line]);
        let spots: Vec<Pin> = sketch.spots().iter().map(|at| spot([at.x, at.y])).collect();
        self.spots.write(gpu, queue, &spots);
    }

    /// Draws the sketch; answers the number of draw calls.
    pub fn draw<'pass>(
        &'pass self,
        areas: &'pass AreaPipelines,
        pins: &'pass PinPipeline,
        gpu: &'pass Gpu,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        self.area.draw(areas, gpu, pass)
            + self.line.draw(gpu, pass)
            + self.spots.draw(pins, gpu, pass)
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.area.held_bytes() + self.spots.held_bytes()
    }
}

fn spot(at: [u32; 2]) -> Pin {
    Pin {
        at,
        shape: Outline::Circle as u8,
        ring: palette::TOOL,
        icon: 0,
        lamp: NONE,
        radius: SPOT_RADIUS,
        opacity: 255,
        lamp_form: 0,
        pulses: 0,
        inner_halo: NONE,
        outer_halo: NONE,
        unused: [0; 2],
        pulse_ms: 0,
    }
}
