//! Lines on the GPU: roads where no base map shows them, by class a casing below and a core above.

use map_core::lines::LineMesh;

use super::{
    areas::AreaPipelines,
    gpu::{Gpu, GrowBuffer, PlaneOffset},
};

/// The layer of lines.
pub struct LineLayer {
    vertices: GrowBuffer,
    indices: GrowBuffer,
    /// Each class with its triangles, from below.
    classes: Vec<(u8, std::ops::Range<u32>)>,
    /// What positions are measured from, as shares of the world.
    pub origin: [f64; 2],
    /// What is drawn in this frame, in order: the class and the place of its uniforms.
    pub draws: Vec<(u8, PlaneOffset)>,
}

impl Default for LineLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl LineLayer {
    /// An empty layer.
    pub fn new() -> Self {
        Self {
            vertices: GrowBuffer::new("line vertices", wgpu::BufferUsages::VERTEX),
            indices: GrowBuffer::new("line indices", wgpu::BufferUsages::INDEX),
            classes: Vec::new(),
            origin: [0.0; 2],
            draws: Vec::new(),
        }
    }

    /// Replaces all lines.
    pub fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, mesh: LineMesh) {
        self.vertices.write(&gpu.device, queue, &mesh.vertices);
        self.indices.write(&gpu.device, queue, &mesh.indices);
        self.origin = [mesh.origin.0.x, mesh.origin.0.y];
        self.classes = mesh.classes;
    }

    /// The classes that have lines, from below.
    pub fn classes(&self) -> Vec<u8> {
        self.classes.iter().map(|(class, _)| *class).collect()
    }

    /// Draws the lines; answers the number of draw calls.
    pub fn draw<'pass>(
        &'pass self,
        pipelines: &'pass AreaPipelines,
        gpu: &'pass Gpu,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        let (Some(vertices), Some(indices)) = (self.vertices.slice(), self.indices.slice()) else {
            return 0;
        };
        if self.draws.is_empty() {
            return 0;
        }
        pass.set_pipeline(&pipelines.outline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_vertex_buffer(0, vertices);
        pass.set_index_buffer(indices, wgpu::IndexFormat::Uint32);
        let mut calls = 0;
        for (class, plane) in &self.draws {
            let range = self.classes.iter().find(|(of, _)| of == class);
            if let Some((_, range)) = range {
                pass.set_bind_group(1, &gpu.plane_group, &[*plane]);
                pass.draw_indexed(range.clone(), 0, 0..1);
                calls += 1;
            }
        }
        calls
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.vertices.held_bytes() + self.indices.held_bytes()
    }
}
