//! Pins on the GPU: one instanced quad per incident or device, with its picture and its lamp.

use bytemuck::{Pod, Zeroable};

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};
use crate::pictograms::Sheet;

/// How long a new pin pulses; the shader has the same numbers.
pub const PULSE_MS: u32 = 1500 * 8;

/// No lamp, no halo.
pub const NONE: u8 = u8::MAX;

/// Outlines of pins and of people's marks, as the shader numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outline {
    Circle = 0,
    Diamond = 1,
    Triangle = 2,
    Hexagon = 3,
    Square = 4,
}

/// How one pin looks and where it is; 24 bytes, uploaded as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Pin {
    /// Steps of 2⁻³² of the world.
    pub at: [u32; 2],
    /// An [`Outline`].
    pub shape: u8,
    /// A slot of the palette.
    pub ring: u8,
    /// A [`map_protocol::Icon`].
    pub icon: u8,
    /// A slot of the palette, or [`NONE`].
    pub lamp: u8,
    /// Quarters of a CSS pixel.
    pub radius: u8,
    /// Of 255.
    pub opacity: u8,
    /// A [`map_protocol::Lamp`].
    pub lamp_form: u8,
    /// 1: waves leave it for [`PULSE_MS`] from `pulse_ms` on.
    pub pulses: u8,
    /// A slot of the palette, or [`NONE`].
    pub inner_halo: u8,
    pub outer_halo: u8,
    pub unused: [u8; 2],
    /// On the wrapping clock of the frame.
    pub pulse_ms: u32,
}

/// The pipeline that all pins share, with the sheet of pictures.
pub struct PinPipeline {
    pipeline: wgpu::RenderPipeline,
    pictures: wgpu::BindGroup,
    sheet: wgpu::Texture,
    drawn: Option<Sheet>,
}

impl PinPipeline {
    pub fn new(gpu: &Gpu) -> Self {
        let layout = super::labels::atlas_layout(gpu);
        let attributes = wgpu::vertex_attr_array![
            0 => Uint32x2, 1 => Uint8x4, 2 => Uint8x4, 3 => Uint8x4, 4 => Uint32
        ];
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "pins",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/shapes.wgsl"),
                include_str!("../shaders/pins.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<Pin>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &attributes,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: Some(&layout),
        });
        let drawn = Sheet::draw();
        let size = [drawn.width, drawn.height];
        let (sheet, pictures) = super::labels::create_atlas(gpu, &layout, "pictures", size);
        Self {
            pipeline,
            pictures,
            sheet,
            drawn: Some(drawn),
        }
    }

    /// Uploads the pictures, once.
    pub fn write_pictures(&mut self, queue: &wgpu::Queue) {
        if let Some(sheet) = self.drawn.take() {
            let size = [sheet.width, sheet.height];
            super::labels::write_field(queue, &self.sheet, [0; 2], size, &sheet.pixels);
        }
    }
}

/// The pins of one layer and where their uniforms lie in this frame.
pub struct PinLayer {
    pins: GrowBuffer,
    count: u32,
    /// `None`: not drawn.
    pub plane: Option<PlaneOffset>,
}

impl Default for PinLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl PinLayer {
    /// An empty layer.
    pub fn new() -> Self {
        Self {
            pins: GrowBuffer::new("pins", wgpu::BufferUsages::VERTEX),
            count: 0,
            plane: None,
        }
    }

    /// Replaces all pins.
    pub fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, pins: &[Pin]) {
        self.pins.write(&gpu.device, queue, pins);
        self.count = pins.len() as u32;
    }

    /// Draws the pins; answers the number of draw calls.
    pub fn draw<'pass>(
        &'pass self,
        pipeline: &'pass PinPipeline,
        gpu: &'pass Gpu,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        let (Some(plane), Some(pins)) = (self.plane, self.pins.slice()) else {
            return 0;
        };
        pass.set_pipeline(&pipeline.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[plane]);
        pass.set_bind_group(2, &pipeline.pictures, &[]);
        pass.set_vertex_buffer(0, pins);
        pass.draw(0..4, 0..self.count);
        1
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.pins.held_bytes()
    }
}
