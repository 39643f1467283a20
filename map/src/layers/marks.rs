//! Marks on the GPU: one instanced quad per person.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};
pub use map_core::crowd::Glide;
use map_protocol::Heading;

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};

/// More changed runs than this are written all at once.
const MOST_RUNS: usize = 256;

/// No ring.
pub const NO_RING: u8 = u8::MAX;

/// The mark is drawn hollow.
pub const HOLLOW: u8 = 1;
/// The mark has a wedge in the direction that [`heading_flags`] puts above this bit.
const HEADED: u8 = 2;

/// The flags of a mark that goes in a direction, which is drawn to a 64th of a turn.
pub fn heading_flags(heading: Heading) -> u8 {
    let sixty_fourth = (u16::from(heading.0) + 2) / 4 % 64;
    HEADED | (sixty_fourth as u8) << 2
}

/// How one mark looks and where it is; 16 bytes, uploaded as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Mark {
    /// Steps of 2⁻³² of the world.
    pub at: [u32; 2],
    pub shape: u8,
    /// Slots of the palette.
    pub fill: u8,
    pub outline: u8,
    /// A slot of the palette, or [`NO_RING`].
    pub inner_ring: u8,
    /// Quarters of a CSS pixel.
    pub radius: u8,
    /// Of 255.
    pub opacity: u8,
    /// [`HOLLOW`], [`heading_flags`].
    pub flags: u8,
    /// A slot of the palette, or [`NO_RING`].
    pub outer_ring: u8,
}

/// The pipeline that all kinds of marks share.
pub struct MarkPipeline {
    pipeline: wgpu::RenderPipeline,
}

impl MarkPipeline {
    pub fn new(gpu: &Gpu) -> Self {
        let mark = wgpu::vertex_attr_array![0 => Uint32x2, 1 => Uint8x4, 2 => Uint8x4];
        let glide = wgpu::vertex_attr_array![3 => Uint32x2, 4 => Uint32x2];
        let instances = |attributes, stride: usize| wgpu::VertexBufferLayout {
            array_stride: stride as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes,
        };
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "marks",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/shapes.wgsl"),
                include_str!("../shaders/marks.wgsl")
            ),
            buffers: &[
                instances(&mark, size_of::<Mark>()),
                instances(&glide, size_of::<Glide>()),
            ],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: None,
        });
        Self { pipeline }
    }
}

/// The marks of one layer.
pub struct MarkLayer {
    marks: GrowBuffer,
    glides: GrowBuffer,
    count: u32,
    /// Whether any of the uploaded marks glides.
    glide: bool,
}

impl Default for MarkLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl MarkLayer {
    /// An empty layer.
    pub fn new() -> Self {
        Self {
            marks: GrowBuffer::new("marks", wgpu::BufferUsages::VERTEX),
            glides: GrowBuffer::new("glides", wgpu::BufferUsages::VERTEX),
            count: 0,
            glide: false,
        }
    }

    /// Replaces all marks; both slices have one entry per mark. Where nobody glided before and
    /// nobody glides now, only the marks themselves are uploaded.
    pub fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, marks: &[Mark], glides: &[Glide]) {
        let count = marks.len().min(glides.len()) as u32;
        let glide = glides.iter().any(|glide| glide.duration_ms > 0);
        self.marks.write(&gpu.device, queue, marks);
        if glide || self.glide || count != self.count {
            self.glides.write(&gpu.device, queue, glides);
        }
        self.glide = glide;
        self.count = count;
    }

    /// Writes the marks at some indices; all of them where they do not fit into the room or are so
    /// many that one large write is cheaper. `indices` may repeat and lie past the end.
    pub fn write_some(
        &mut self,
        gpu: &Gpu,
        queue: &wgpu::Queue,
        indices: Vec<u32>,
        (marks, glides): (&[Mark], &[Glide]),
    ) {
        let count = marks.len().min(glides.len());
        let bytes = (count * size_of::<Mark>()) as u64;
        let runs = runs_of(indices, count);
        if runs.len() > MOST_RUNS || !(self.marks.set_len(bytes) && self.glides.set_len(bytes)) {
            self.write(gpu, queue, marks, glides);
            return;
        }
        self.count = count as u32;
        for run in runs {
            let offset = (run.start * size_of::<Mark>()) as u64;
            self.glide |= glides[run.clone()]
                .iter()
                .any(|glide| glide.duration_ms > 0);
            self.marks
                .write_at(queue, offset, bytemuck::cast_slice(&marks[run.clone()]));
            self.glides
                .write_at(queue, offset, bytemuck::cast_slice(&glides[run]));
        }
    }

    /// Draws the marks; answers the number of draw calls.
    pub fn draw<'pass>(
        &'pass self,
        pipeline: &'pass MarkPipeline,
        gpu: &'pass Gpu,
        plane: PlaneOffset,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        let (Some(marks), Some(glides)) = (self.marks.slice(), self.glides.slice()) else {
            return 0;
        };
        pass.set_pipeline(&pipeline.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[plane]);
        pass.set_vertex_buffer(0, marks);
        pass.set_vertex_buffer(1, glides);
        pass.draw(0..4, 0..self.count);
        1
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.marks.held_bytes() + self.glides.held_bytes()
    }
}

/// Indices below `count` as runs without gaps, in order.
fn runs_of(mut indices: Vec<u32>, count: usize) -> Vec<Range<usize>> {
    indices.sort_unstable();
    indices.dedup();
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in indices.into_iter().map(|at| at as usize) {
        match runs.last_mut() {
            _ if at >= count => break,
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_become_runs_and_none_lies_past_the_end() {
        assert_eq!(runs_of(vec![7, 3, 4, 3, 9, 5], 9), [3..6, 7..8]);
        assert!(runs_of(vec![4, 5], 4).is_empty());
    }

    #[test]
    fn a_heading_is_drawn_to_the_nearest_64th() {
        let turn = |at| heading_flags(Heading(at)) >> 2;
        assert_eq!((turn(0), turn(1), turn(2), turn(64)), (0, 0, 1, 16));
        assert_eq!(turn(255), 0, "almost north is north");
        assert_eq!(heading_flags(Heading(64)) & (HOLLOW | HEADED), HEADED);
    }
}
