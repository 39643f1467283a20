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

/// How one mark looks; 8 bytes, uploaded as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Look {
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

/// One mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Steps of 2⁻³² of the world.
    pub at: [u32; 2],
    pub look: Look,
}

/// Marks as they are uploaded. Each of their parts has a buffer of its own: of a crowd that moves,
/// only the places change.
#[derive(Clone, Copy, Debug)]
pub struct Marks<'a> {
    /// Steps of 2⁻³² of the world.
    pub places: &'a [[u32; 2]],
    pub looks: &'a [Look],
    /// Where each comes from; `None` where all stand.
    pub glides: Option<&'a [Glide]>,
}

/// A few marks.
#[derive(Default)]
pub struct FewMarks {
    places: Vec<[u32; 2]>,
    looks: Vec<Look>,
    glides: Vec<Glide>,
}

impl FewMarks {
    pub fn push(&mut self, mark: Mark, glide: Glide) {
        self.places.push(mark.at);
        self.looks.push(mark.look);
        self.glides.push(glide);
    }

    pub fn as_ref(&self) -> Marks<'_> {
        Marks {
            places: &self.places,
            looks: &self.looks,
            glides: Some(&self.glides),
        }
    }
}

/// The pipeline that all kinds of marks share.
pub struct MarkPipeline {
    pipeline: wgpu::RenderPipeline,
}

impl MarkPipeline {
    pub fn new(gpu: &Gpu) -> Self {
        let place = wgpu::vertex_attr_array![0 => Uint32x2];
        let look = wgpu::vertex_attr_array![1 => Uint8x4, 2 => Uint8x4];
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
                instances(&place, size_of::<[u32; 2]>()),
                instances(&look, size_of::<Look>()),
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
    places: GrowBuffer,
    looks: GrowBuffer,
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
            places: GrowBuffer::new("mark places", wgpu::BufferUsages::VERTEX),
            looks: GrowBuffer::new("mark looks", wgpu::BufferUsages::VERTEX),
            glides: GrowBuffer::new("glides", wgpu::BufferUsages::VERTEX),
            count: 0,
            glide: false,
        }
    }

    /// Replaces all marks; the slices have one entry per mark.
    pub fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, marks: Marks<'_>) {
        self.looks.write(&gpu.device, queue, marks.looks);
        self.write_places(gpu, queue, marks);
    }

    /// Replaces the places of the marks, who look as before. Where nobody glided before and nobody
    /// glides now, nothing else is uploaded.
    pub fn write_places(&mut self, gpu: &Gpu, queue: &wgpu::Queue, marks: Marks<'_>) {
        let count = marks.places.len() as u32;
        self.places.write(&gpu.device, queue, marks.places);
        let held = count == self.count && !self.glide;
        match marks.glides {
            Some(glides) => self.glides.write(&gpu.device, queue, glides),
            None if held => {}
            None => {
                let standing = vec![Glide::STANDING; marks.places.len()];
                self.glides.write(&gpu.device, queue, &standing);
            }
        }
        self.glide = marks.glides.is_some();
        self.count = count;
    }

    /// Writes the marks at some indices; all of them where they do not fit into the room or are so
    /// many that one large write is cheaper. `indices` may repeat and lie past the end.
    pub fn write_some(
        &mut self,
        gpu: &Gpu,
        queue: &wgpu::Queue,
        indices: Vec<u32>,
        marks: Marks<'_>,
    ) {
        let count = marks.places.len();
        let runs = runs_of(indices, count);
        let fits = self.places.set_len(bytes_of::<[u32; 2]>(count))
            && self.looks.set_len(bytes_of::<Look>(count))
            && self.glides.set_len(bytes_of::<Glide>(count));
        if runs.len() > MOST_RUNS || !fits {
            self.write(gpu, queue, marks);
            return;
        }
        let held = self.count as usize;
        self.count = count as u32;
        for run in runs {
            write_run(&self.places, queue, marks.places, &run);
            write_run(&self.looks, queue, marks.looks, &run);
            match marks.glides {
                Some(glides) => write_run(&self.glides, queue, glides, &run),
                // Past those that were held may lie what is left of one that is gone.
                None if self.glide || run.end > held => {
                    let standing = vec![Glide::STANDING; run.len()];
                    let offset = bytes_of::<Glide>(run.start);
                    let bytes = bytemuck::cast_slice(&standing);
                    self.glides.write_at(queue, offset, bytes);
                }
                None => {}
            }
        }
        self.glide |= marks.glides.is_some();
    }

    /// Draws the marks; answers the number of draw calls.
    pub fn draw<'pass>(
        &'pass self,
        pipeline: &'pass MarkPipeline,
        gpu: &'pass Gpu,
        plane: PlaneOffset,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        let (Some(places), Some(looks), Some(glides)) =
            (self.places.slice(), self.looks.slice(), self.glides.slice())
        else {
            return 0;
        };
        pass.set_pipeline(&pipeline.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[plane]);
        pass.set_vertex_buffer(0, places);
        pass.set_vertex_buffer(1, looks);
        pass.set_vertex_buffer(2, glides);
        pass.draw(0..4, 0..self.count);
        1
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.places.held_bytes() + self.looks.held_bytes() + self.glides.held_bytes()
    }
}

fn bytes_of<T>(count: usize) -> u64 {
    (count * size_of::<T>()) as u64
}

fn write_run<T: Pod>(buffer: &GrowBuffer, queue: &wgpu::Queue, all: &[T], run: &Range<usize>) {
    let bytes = bytemuck::cast_slice(&all[run.clone()]);
    buffer.write_at(queue, bytes_of::<T>(run.start), bytes);
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
