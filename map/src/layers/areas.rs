//! Polygon layers on the GPU: grids filled by class, their outlines, and one more outline for the
//! selected and the hovered one.

use map_core::live::{AreaMesh, AreaOutlineVertex, AreaRange, AreaVertex};

use super::{
    gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset},
    palette,
};

/// Features per row of the class texture.
const ROW: u32 = 256;

/// The bit of a feature's texel that says that stripes lie over its fill.
const HATCHED: u8 = 128;

/// The pipelines that all polygon layers share.
pub struct AreaPipelines {
    fill: wgpu::RenderPipeline,
    stripes: wgpu::RenderPipeline,
    pub(super) outline: wgpu::RenderPipeline,
    class_layout: wgpu::BindGroupLayout,
}

impl AreaPipelines {
    pub fn new(gpu: &Gpu) -> Self {
        let class_layout = gpu
            .device
            .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some("area classes"),
                entries: &[wgpu::BindGroupLayoutEntry {
                    binding: 0,
                    visibility: wgpu::ShaderStages::VERTEX,
                    ty: wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Uint,
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                    count: None,
                }],
            });
        let over_features = |label: &'static str, shader: &'static str| {
            gpu.pipeline(&PipelineRecipe {
                label,
                shader,
                buffers: &[wgpu::VertexBufferLayout {
                    array_stride: size_of::<AreaVertex>() as u64,
                    step_mode: wgpu::VertexStepMode::Vertex,
                    attributes: &wgpu::vertex_attr_array![0 => Float32x2, 1 => Uint32],
                }],
                topology: wgpu::PrimitiveTopology::TriangleList,
                extra_layout: Some(&class_layout),
            })
        };
        let fill = over_features(
            "area fills",
            concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/area.wgsl"),
                include_str!("../shaders/area_fill.wgsl")
            ),
        );
        let stripes = over_features(
            "area stripes",
            concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/area.wgsl"),
                include_str!("../shaders/area_stripes.wgsl")
            ),
        );
        let outline = gpu.pipeline(&PipelineRecipe {
            label: "area outlines",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/area_outline.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<AreaOutlineVertex>() as u64,
                step_mode: wgpu::VertexStepMode::Vertex,
                attributes: &wgpu::vertex_attr_array![
                    0 => Float32x2, 1 => Snorm16x2, 2 => Snorm16x2
                ],
            }],
            topology: wgpu::PrimitiveTopology::TriangleList,
            extra_layout: None,
        });
        Self {
            fill,
            stripes,
            outline,
            class_layout,
        }
    }
}

/// The planes of a layer for one frame.
#[derive(Clone, Copy, Default)]
pub struct AreaPlanes {
    /// `None`: all but the selected and the hovered one is hidden.
    pub plain: Option<PlaneOffset>,
    pub selected: PlaneOffset,
    pub hovered: PlaneOffset,
}

/// One polygon layer.
pub struct AreaLayer {
    fill_vertices: GrowBuffer,
    fill_indices: GrowBuffer,
    outline_vertices: GrowBuffer,
    outline_indices: GrowBuffer,
    fill_count: u32,
    outline_count: u32,
    ranges: Vec<AreaRange>,
    classes: Option<Classes>,
    /// Whether any feature has stripes.
    striped: bool,
    /// What positions are measured from, as shares of the world.
    pub origin: [f64; 2],
    /// Indices of the features with the selection's outline.
    pub selected: Vec<u32>,
    /// The index of the feature under the pointer.
    pub hovered: Option<u32>,
    /// Places of the uniforms in this frame; `None`: not drawn.
    pub planes: Option<AreaPlanes>,
}

struct Classes {
    texture: wgpu::Texture,
    group: wgpu::BindGroup,
    rows: u32,
}

impl Default for AreaLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl AreaLayer {
    /// An empty layer.
    pub fn new() -> Self {
        let vertices = wgpu::BufferUsages::VERTEX;
        let indices = wgpu::BufferUsages::INDEX;
        Self {
            fill_vertices: GrowBuffer::new("area fill vertices", vertices),
            fill_indices: GrowBuffer::new("area fill indices", indices),
            outline_vertices: GrowBuffer::new("area outline vertices", vertices),
            outline_indices: GrowBuffer::new("area outline indices", indices),
            fill_count: 0,
            outline_count: 0,
            ranges: Vec::new(),
            classes: None,
            striped: false,
            origin: [0.0; 2],
            selected: Vec::new(),
            hovered: None,
            planes: None,
        }
    }

    /// Whether there is anything to draw.
    pub fn is_empty(&self) -> bool {
        self.fill_count == 0 && self.outline_count == 0
    }

    /// Whether any feature is selected or hovered.
    pub fn has_emphasis(&self) -> bool {
        self.hovered.is_some() || !self.selected.is_empty()
    }

    /// Replaces the geometry.
    pub fn write_mesh(&mut self, gpu: &Gpu, queue: &wgpu::Queue, mesh: AreaMesh) {
        self.fill_vertices
            .write(&gpu.device, queue, &mesh.fill_vertices);
        self.fill_indices
            .write(&gpu.device, queue, &mesh.fill_indices);
        self.outline_vertices
            .write(&gpu.device, queue, &mesh.outline_vertices);
        self.outline_indices
            .write(&gpu.device, queue, &mesh.outline_indices);
        self.fill_count = mesh.fill_indices.len() as u32;
        self.outline_count = mesh.outline_indices.len() as u32;
        self.origin = [mesh.origin.0.x, mesh.origin.0.y];
        self.ranges = mesh.ranges;
        self.selected.clear();
        self.hovered = None;
    }

    /// Replaces classes and stripes, both one per feature: one byte for each, no tessellation.
    pub fn write_classes(
        &mut self,
        gpu: &Gpu,
        queue: &wgpu::Queue,
        pipelines: &AreaPipelines,
        classes: &[u8],
        hatched: &[bool],
    ) {
        let slots = classes
            .iter()
            .zip(hatched)
            .map(|(class, hatched)| palette::class_slot(*class) | (u8::from(*hatched) * HATCHED));
        self.write_texels(gpu, queue, pipelines, slots.collect());
    }

    /// Replaces the fills by slots of the palette, one per feature.
    pub fn write_texels(
        &mut self,
        gpu: &Gpu,
        queue: &wgpu::Queue,
        pipelines: &AreaPipelines,
        mut texels: Vec<u8>,
    ) {
        self.striped = texels.iter().any(|texel| texel & HATCHED != 0);
        let rows = (texels.len() as u32).div_ceil(ROW).max(1);
        if self.classes.as_ref().is_none_or(|held| held.rows != rows) {
            self.classes = Some(Classes::new(gpu, pipelines, rows));
        }
        let Some(held) = &self.classes else { return };
        texels.resize((rows * ROW) as usize, 0);
        queue.write_texture(
            held.texture.as_image_copy(),
            &texels,
            wgpu::ImageDataLayout {
                offset: 0,
                bytes_per_row: std::num::NonZeroU32::new(ROW),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width: ROW,
                height: rows,
                depth_or_array_layers: 1,
            },
        );
    }

    /// Draws fills, then outlines, then the emphasised ones; answers the number of draw calls.
    pub fn draw<'pass>(
        &'pass self,
        pipelines: &'pass AreaPipelines,
        gpu: &'pass Gpu,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        let Some(planes) = self.planes else { return 0 };
        let mut calls = 0;
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        if let (Some(plain), Some(vertices), Some(indices), Some(classes)) = (
            planes.plain,
            self.fill_vertices.slice(),
            self.fill_indices.slice(),
            &self.classes,
        ) {
            pass.set_pipeline(&pipelines.fill);
            pass.set_bind_group(1, &gpu.plane_group, &[plain]);
            pass.set_bind_group(2, &classes.group, &[]);
            pass.set_vertex_buffer(0, vertices);
            pass.set_index_buffer(indices, wgpu::IndexFormat::Uint32);
            pass.draw_indexed(0..self.fill_count, 0, 0..1);
            calls += 1;
            if self.striped {
                pass.set_pipeline(&pipelines.stripes);
                pass.draw_indexed(0..self.fill_count, 0, 0..1);
                calls += 1;
            }
        }
        let (Some(vertices), Some(indices)) =
            (self.outline_vertices.slice(), self.outline_indices.slice())
        else {
            return calls;
        };
        pass.set_pipeline(&pipelines.outline);
        pass.set_vertex_buffer(0, vertices);
        pass.set_index_buffer(indices, wgpu::IndexFormat::Uint32);
        let hovered = self.hovered.map(|index| (index, planes.hovered));
        let emphasised = hovered
            .into_iter()
            .chain(self.selected.iter().map(|index| (*index, planes.selected)))
            .filter_map(|(index, plane)| {
                let range = &self.ranges.get(index as usize)?.outline;
                Some((range.clone(), plane))
            });
        let plain = planes.plain.map(|plane| (0..self.outline_count, plane));
        for (range, plane) in plain.into_iter().chain(emphasised) {
            pass.set_bind_group(1, &gpu.plane_group, &[plane]);
            pass.draw_indexed(range, 0, 0..1);
            calls += 1;
        }
        calls
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.fill_vertices.held_bytes()
            + self.fill_indices.held_bytes()
            + self.outline_vertices.held_bytes()
            + self.outline_indices.held_bytes()
            + self
                .classes
                .as_ref()
                .map_or(0, |classes| u64::from(classes.rows * ROW))
    }
}

impl Classes {
    fn new(gpu: &Gpu, pipelines: &AreaPipelines, rows: u32) -> Self {
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("area classes"),
            size: wgpu::Extent3d {
                width: ROW,
                height: rows,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::R8Uint,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("area classes"),
            layout: &pipelines.class_layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(&view),
            }],
        });
        Self {
            texture,
            group,
            rows,
        }
    }
}
