//! Rectangles on the screen itself, above everything: the rubber band of a box and the cross in
//! the middle that the keyboard picks by.

use bytemuck::{Pod, Zeroable};

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};

/// A rectangle on the screen; 48 bytes, uploaded as they are.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct ScreenBox {
    /// Left, top, right and bottom in the map's own pixels from the upper left corner.
    pub sides: [f32; 4],
    /// Colours, linear and premultiplied.
    pub fill: [f32; 4],
    pub edge: [f32; 4],
}

/// The rectangles of a frame.
pub struct OverlayLayer {
    pipeline: wgpu::RenderPipeline,
    boxes: GrowBuffer,
    held: Vec<ScreenBox>,
    /// Any plane of the frame: the shaders' layout asks for one, though this layer needs none.
    pub plane: Option<PlaneOffset>,
}

impl OverlayLayer {
    pub fn new(gpu: &Gpu) -> Self {
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "overlay",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/overlay.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<ScreenBox>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &wgpu::vertex_attr_array![
                    0 => Float32x4, 1 => Float32x4, 2 => Float32x4
                ],
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: None,
        });
        Self {
            pipeline,
            boxes: GrowBuffer::new("overlay boxes", wgpu::BufferUsages::VERTEX),
            held: Vec::new(),
            plane: None,
        }
    }

    /// Shows these; the same ones again cost nothing.
    pub fn show(&mut self, gpu: &Gpu, queue: &wgpu::Queue, boxes: Vec<ScreenBox>) {
        if boxes != self.held {
            self.boxes.write(&gpu.device, queue, &boxes);
            self.held = boxes;
        }
    }

    /// Draws the rectangles; answers the number of draw calls.
    pub fn draw<'pass>(&'pass self, gpu: &'pass Gpu, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let (Some(plane), Some(boxes)) = (self.plane, self.boxes.slice()) else {
            return 0;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[plane]);
        pass.set_vertex_buffer(0, boxes);
        pass.draw(0..4, 0..self.held.len() as u32);
        1
    }

    /// Bytes on the device.
    pub fn held_bytes(&self) -> u64 {
        self.boxes.held_bytes()
    }
}
