//! Device, uniform groups and the small things that every layer needs from them.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use maplibre::render::Renderer;

use super::palette::SLOTS;

/// Bytes between two planes in their buffer; the largest alignment that a device may ask for.
pub const PLANE_STRIDE: u64 = 256;

/// Planes that one frame can have: the marks, the area layers and the tiles.
const MAX_PLANES: usize = 1200;

/// What all shaders share; `Frame` in `frame.wgsl`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct FrameUniform {
    /// Width and height in CSS pixels, device pixels per CSS pixel, nothing.
    pub viewport: [f32; 4],
    /// The clock in milliseconds, wrapping, then three unused numbers.
    pub clock: [u32; 4],
    /// The palette.
    pub colours: [[f32; 4]; SLOTS],
}

/// Where the coordinates of one draw lie on the screen; `Plane` in `frame.wgsl`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Plane {
    /// Clip space from the plane's units.
    pub clip: [[f32; 4]; 4],
    /// Subtracted from fixed-point positions.
    pub origin: [u32; 2],
    /// CSS pixels for one unit.
    pub px_per_unit: f32,
    /// How far the zoom is between the two that data-dependent values were baked for.
    pub zoom_fraction: f32,
    /// A colour, where the draw has one of its own: linear, premultiplied.
    pub tint: [f32; 4],
    /// Line width in CSS pixels, opacity, and two unused numbers.
    pub measure: [f32; 4],
}

/// The device with the bind groups that all layers share.
pub struct Gpu {
    pub device: Arc<wgpu::Device>,
    pub format: wgpu::TextureFormat,
    pub frame_layout: wgpu::BindGroupLayout,
    pub plane_layout: wgpu::BindGroupLayout,
    pub frame_group: wgpu::BindGroup,
    pub plane_group: wgpu::BindGroup,
    frame_buffer: wgpu::Buffer,
    plane_buffer: wgpu::Buffer,
    planes: Vec<u8>,
    /// What the two buffers hold.
    uploaded_frame: FrameUniform,
    uploaded_planes: Vec<u8>,
}

/// A plane's place in the buffer, as a dynamic offset.
pub type PlaneOffset = u32;

impl Gpu {
    /// The shared groups on a renderer's device.
    pub fn new(renderer: &Renderer) -> Self {
        let device = renderer.device.clone();
        let frame_layout = uniform_layout(&device, "frame", false, size_of::<FrameUniform>());
        let plane_layout = uniform_layout(&device, "plane", true, size_of::<Plane>());
        let frame_buffer = uniform_buffer(&device, "frame", size_of::<FrameUniform>() as u64);
        let plane_buffer = uniform_buffer(&device, "planes", PLANE_STRIDE * MAX_PLANES as u64);
        let frame_group = uniform_group(
            &device,
            &frame_layout,
            &frame_buffer,
            size_of::<FrameUniform>(),
        );
        let plane_group = uniform_group(&device, &plane_layout, &plane_buffer, size_of::<Plane>());
        Self {
            format: renderer.surface().surface_format(),
            device,
            frame_layout,
            plane_layout,
            frame_group,
            plane_group,
            frame_buffer,
            plane_buffer,
            planes: Vec::new(),
            uploaded_frame: FrameUniform::zeroed(),
            uploaded_planes: Vec::new(),
        }
    }

    /// Forgets the planes of the last frame.
    pub fn begin_planes(&mut self) {
        self.planes.clear();
    }

    /// Adds a plane for this frame. Past the limit the last place is used again.
    pub fn add_plane(&mut self, plane: &Plane) -> PlaneOffset {
        let stride = PLANE_STRIDE as usize;
        if self.planes.len() == stride * MAX_PLANES {
            self.planes.truncate(stride * (MAX_PLANES - 1));
        }
        let offset = self.planes.len();
        self.planes.extend_from_slice(bytemuck::bytes_of(plane));
        self.planes.resize(offset + stride, 0);
        offset as PlaneOffset
    }

    /// Uploads what differs from the last frame of its uniforms and of all planes: while the view
    /// rests, that is the clock.
    pub fn upload(&mut self, queue: &wgpu::Queue, frame: &FrameUniform) {
        let clock = FrameUniform {
            clock: frame.clock,
            ..self.uploaded_frame
        };
        if bytemuck::bytes_of(frame) != bytemuck::bytes_of(&clock) {
            queue.write_buffer(&self.frame_buffer, 0, bytemuck::bytes_of(frame));
        } else if frame.clock != self.uploaded_frame.clock {
            let offset = std::mem::offset_of!(FrameUniform, clock) as u64;
            queue.write_buffer(&self.frame_buffer, offset, bytemuck::bytes_of(&frame.clock));
        }
        self.uploaded_frame = *frame;
        if !self.planes.is_empty() && self.planes != self.uploaded_planes {
            queue.write_buffer(&self.plane_buffer, 0, &self.planes);
            self.uploaded_planes.clone_from(&self.planes);
        }
    }

    /// A pipeline with premultiplied blending on the colour target.
    pub fn pipeline(&self, recipe: &PipelineRecipe<'_>) -> wgpu::RenderPipeline {
        self.blending_pipeline(recipe, Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING))
    }

    /// A pipeline that replaces what is on the colour target, without reading it.
    pub fn opaque_pipeline(&self, recipe: &PipelineRecipe<'_>) -> wgpu::RenderPipeline {
        self.blending_pipeline(recipe, None)
    }

    fn blending_pipeline(
        &self,
        recipe: &PipelineRecipe<'_>,
        blend: Option<wgpu::BlendState>,
    ) -> wgpu::RenderPipeline {
        let module = self
            .device
            .create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(recipe.label),
                source: wgpu::ShaderSource::Wgsl(recipe.shader.into()),
            });
        let mut groups = vec![&self.frame_layout, &self.plane_layout];
        groups.extend(recipe.extra_layout);
        let layout = self
            .device
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(recipe.label),
                bind_group_layouts: &groups,
                push_constant_ranges: &[],
            });
        self.device
            .create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(recipe.label),
                layout: Some(&layout),
                vertex: wgpu::VertexState {
                    module: &module,
                    entry_point: "vertex",
                    buffers: recipe.buffers,
                },
                fragment: Some(wgpu::FragmentState {
                    module: &module,
                    entry_point: "fragment",
                    targets: &[Some(wgpu::ColorTargetState {
                        format: self.format,
                        blend,
                        write_mask: wgpu::ColorWrites::ALL,
                    })],
                }),
                primitive: wgpu::PrimitiveState {
                    topology: recipe.topology,
                    ..wgpu::PrimitiveState::default()
                },
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                multiview: None,
            })
    }
}

/// What tells one pipeline from another.
pub struct PipelineRecipe<'a> {
    pub label: &'static str,
    pub shader: &'static str,
    pub buffers: &'a [wgpu::VertexBufferLayout<'a>],
    pub topology: wgpu::PrimitiveTopology,
    /// The layout of the third bind group, where there is one.
    pub extra_layout: Option<&'a wgpu::BindGroupLayout>,
}

fn uniform_layout(
    device: &wgpu::Device,
    label: &str,
    has_dynamic_offset: bool,
    size: usize,
) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some(label),
        entries: &[wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset,
                min_binding_size: wgpu::BufferSize::new(size as u64),
            },
            count: None,
        }],
    })
}

fn uniform_buffer(device: &wgpu::Device, label: &str, size: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

fn uniform_group(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    buffer: &wgpu::Buffer,
    size: usize,
) -> wgpu::BindGroup {
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout,
        entries: &[wgpu::BindGroupEntry {
            binding: 0,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer,
                offset: 0,
                size: wgpu::BufferSize::new(size as u64),
            }),
        }],
    })
}

/// A vertex, instance or index buffer that grows with its content and never shrinks below it.
pub struct GrowBuffer {
    label: &'static str,
    usage: wgpu::BufferUsages,
    buffer: Option<wgpu::Buffer>,
    capacity: u64,
    len: u64,
}

impl GrowBuffer {
    /// An empty buffer; `usage` in addition to being written.
    pub fn new(label: &'static str, usage: wgpu::BufferUsages) -> Self {
        Self {
            label,
            usage,
            buffer: None,
            capacity: 0,
            len: 0,
        }
    }

    /// Replaces the content. The first content gets a buffer of its size, since tiles never
    /// change; a later one that does not fit gets room to grow. A buffer four times too large is
    /// given back.
    pub fn write<T: Pod>(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, content: &[T]) {
        let bytes = bytemuck::cast_slice::<T, u8>(content);
        self.len = bytes.len() as u64;
        if bytes.is_empty() {
            self.buffer = None;
            self.capacity = 0;
            return;
        }
        let needed = self.len.next_multiple_of(4);
        if self.capacity < needed || self.capacity > needed.saturating_mul(4).max(4096) {
            let first = self.buffer.is_none();
            self.capacity = if first {
                needed
            } else {
                needed.next_power_of_two()
            };
            self.buffer = Some(device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(self.label),
                size: self.capacity,
                usage: self.usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        self.write_at(queue, 0, bytes);
    }

    /// Changes a part of the content that [`GrowBuffer::write`] has set; offset and length are
    /// multiples of four.
    pub fn write_at(&self, queue: &wgpu::Queue, offset: u64, bytes: &[u8]) {
        let Some(buffer) = &self.buffer else { return };
        if bytes.len().is_multiple_of(4) {
            queue.write_buffer(buffer, offset, bytes);
        } else {
            let mut padded = bytes.to_vec();
            padded.resize(bytes.len().next_multiple_of(4), 0);
            queue.write_buffer(buffer, offset, &padded);
        }
    }

    /// Sets how many bytes of the buffer are content, without writing any; answers whether so many
    /// fit and the room is not far too large for them.
    pub fn set_len(&mut self, len: u64) -> bool {
        let fits =
            len > 0 && len <= self.capacity && self.capacity <= len.saturating_mul(4).max(4096);
        if fits {
            self.len = len;
        }
        fits
    }

    /// The content, or `None` where there is none.
    pub fn slice(&self) -> Option<wgpu::BufferSlice<'_>> {
        self.buffer.as_ref().map(|buffer| buffer.slice(..self.len))
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.capacity
    }
}
