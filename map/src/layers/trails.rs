//! Trails on the GPU: one instanced step per earlier position of the people who have one.

use bytemuck::{Pod, Zeroable};

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};

/// From one position to the next; 36 bytes. All places are steps of 2⁻³² of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    pub start: [u32; 2],
    /// Where the end glides from.
    pub before: [u32; 2],
    pub end: [u32; 2],
    /// On the wrapping clock of the frame.
    pub start_ms: u32,
    /// 0: the end stands.
    pub duration_ms: u32,
    /// A slot of the palette.
    pub colour: u8,
    /// Of 255, at the start and at the end.
    pub opacity: [u8; 2],
    pub unused: u8,
}

/// The layer of trails.
pub struct TrailLayer {
    pipeline: wgpu::RenderPipeline,
    buffer: GrowBuffer,
    /// What the buffer holds.
    steps: Vec<Step>,
    /// Place of the uniforms in this frame; `None`: not drawn.
    pub plane: Option<PlaneOffset>,
}

impl TrailLayer {
    pub fn new(gpu: &Gpu) -> Self {
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "trails",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/trail.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<Step>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &wgpu::vertex_attr_array![
                    0 => Uint32x2, 1 => Uint32x2, 2 => Uint32x2, 3 => Uint32x2, 4 => Uint8x4
                ],
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: None,
        });
        Self {
            pipeline,
            buffer: GrowBuffer::new("trail steps", wgpu::BufferUsages::VERTEX),
            steps: Vec::new(),
            plane: None,
        }
    }

    /// Whether there is anything to draw.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Replaces all steps; uploads nothing where they are the same.
    pub fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, steps: Vec<Step>) {
        if steps != self.steps {
            self.buffer.write(&gpu.device, queue, &steps);
            self.steps = steps;
        }
    }

    /// Draws the trails; answers the number of draw calls.
    pub fn draw<'pass>(&'pass self, gpu: &'pass Gpu, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let (Some(plane), Some(steps)) = (self.plane, self.buffer.slice()) else {
            return 0;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[plane]);
        pass.set_vertex_buffer(0, steps);
        pass.draw(0..4, 0..self.steps.len() as u32);
        1
    }

    /// Bytes on the device.
    pub fn held_bytes(&self) -> u64 {
        self.buffer.held_bytes()
    }
}
