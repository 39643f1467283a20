//! Clusters on the GPU: one instanced donut per cluster.

use bytemuck::{Pod, Zeroable};

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};

/// How one cluster looks and where it is; 20 bytes, uploaded as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Donut {
    /// Steps of 2⁻³² of the world.
    pub at: [u32; 2],
    /// Where each part of the ring ends, in 65,535ths of a turn from the top clockwise: large,
    /// medium, small, micro.
    pub ends: [u16; 4],
    /// Quarters of a CSS pixel.
    pub radius: u8,
    /// Of 255.
    pub opacity: u8,
    /// A slot of the palette, or [`super::pins::NONE`].
    pub inner_halo: u8,
    pub outer_halo: u8,
}

/// The layer of clusters.
pub struct DonutLayer {
    pipeline: wgpu::RenderPipeline,
    donuts: GrowBuffer,
    count: u32,
    /// `None`: not drawn.
    pub plane: Option<PlaneOffset>,
}

impl DonutLayer {
    pub fn new(gpu: &Gpu) -> Self {
        let attributes = wgpu::vertex_attr_array![0 => Uint32x2, 1 => Unorm16x4, 2 => Uint8x4];
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "donuts",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/shapes.wgsl"),
                include_str!("../shaders/donuts.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<Donut>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &attributes,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: None,
        });
        Self {
            pipeline,
            donuts: GrowBuffer::new("donuts", wgpu::BufferUsages::VERTEX),
            count: 0,
            plane: None,
        }
    }

    /// Replaces all donuts.
    pub fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, donuts: &[Donut]) {
        self.donuts.write(&gpu.device, queue, donuts);
        self.count = donuts.len() as u32;
    }

    /// Draws the donuts; answers the number of draw calls.
    pub fn draw<'pass>(&'pass self, gpu: &'pass Gpu, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let (Some(plane), Some(donuts)) = (self.plane, self.donuts.slice()) else {
            return 0;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[plane]);
        pass.set_vertex_buffer(0, donuts);
        pass.draw(0..4, 0..self.count);
        1
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.donuts.held_bytes()
    }
}
