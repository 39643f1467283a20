//! Labels on the GPU: instanced quads over an atlas of glyphs' distance fields and a texture of icons.

use map_core::labels::GlyphInstance;

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};

/// Width and height of the atlas in pixels.
pub const ATLAS_SIZE: u16 = 2048;

/// The glyph pipeline, the atlas and the quads of the frame.
pub struct LabelLayer {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    atlas: wgpu::Texture,
    atlas_group: wgpu::BindGroup,
    /// The side of the sprite's texture in pixels.
    sprite_side: u16,
    glyphs: Quads,
    signs: Quads,
    totals: Quads,
    /// Where the labels' origin stands on the screen, in CSS pixels.
    pub origin_px: [f64; 2],
    /// The same for the signs on marks and the totals of clusters.
    pub signs_px: [f64; 2],
    /// The place of the labels' uniforms in this frame; `None`: not drawn.
    pub plane: Option<PlaneOffset>,
    /// The same for the signs on marks and the totals of clusters.
    pub sign_plane: Option<PlaneOffset>,
}

struct Quads {
    buffer: GrowBuffer,
    count: u32,
}

impl Quads {
    fn new(label: &'static str) -> Self {
        Self {
            buffer: GrowBuffer::new(label, wgpu::BufferUsages::VERTEX),
            count: 0,
        }
    }

    fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, glyphs: &[GlyphInstance]) {
        self.count = glyphs.len() as u32;
        self.buffer.write(&gpu.device, queue, glyphs);
    }
}

impl LabelLayer {
    pub fn new(gpu: &Gpu) -> Self {
        let layout = lettering_layout(gpu);
        let attributes = wgpu::vertex_attr_array![
            0 => Float32x2, 1 => Float32x2, 2 => Float32x2, 3 => Uint16x4,
            4 => Unorm16x4, 5 => Unorm16x4, 6 => Float32x4, 7 => Float32
        ];
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "labels",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/labels.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<GlyphInstance>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &attributes,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: Some(&layout),
        });
        let side = u32::from(ATLAS_SIZE);
        let atlas = create_texture(gpu, "glyphs", [side; 2], wgpu::TextureFormat::R8Unorm);
        let no_sprites = create_texture(gpu, "icons", [1; 2], SPRITE_FORMAT);
        let atlas_group = lettering_group(gpu, &layout, &atlas, &no_sprites);
        Self {
            pipeline,
            layout,
            atlas,
            atlas_group,
            sprite_side: 1,
            glyphs: Quads::new("glyphs"),
            signs: Quads::new("signs"),
            totals: Quads::new("totals"),
            origin_px: [0.0; 2],
            signs_px: [0.0; 2],
            plane: None,
            sign_plane: None,
        }
    }

    /// Replaces the labels' quads.
    pub fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, glyphs: &[GlyphInstance]) {
        self.glyphs.write(gpu, queue, glyphs);
    }

    /// Replaces the quads of the signs on marks.
    pub fn write_signs(&mut self, gpu: &Gpu, queue: &wgpu::Queue, signs: &[GlyphInstance]) {
        self.signs.write(gpu, queue, signs);
    }

    /// Replaces the quads of the clusters' totals.
    pub fn write_totals(&mut self, gpu: &Gpu, queue: &wgpu::Queue, totals: &[GlyphInstance]) {
        self.totals.write(gpu, queue, totals);
    }

    /// Puts a glyph's field into the atlas.
    pub fn write_glyph(&self, queue: &wgpu::Queue, place: [u32; 2], size: [u32; 2], field: &[u8]) {
        write_field(queue, &self.atlas, place, size, field);
    }

    /// Replaces the sprite's texture: a square of four bytes per pixel.
    pub fn write_sprites(&mut self, gpu: &Gpu, queue: &wgpu::Queue, side: u16, pixels: &[u8]) {
        let wide = u32::from(side);
        let (Some(bytes_per_row), true) = (
            std::num::NonZeroU32::new(wide * 4),
            pixels.len() == (wide * wide * 4) as usize,
        ) else {
            return;
        };
        let sprites = create_texture(gpu, "icons", [wide; 2], SPRITE_FORMAT);
        queue.write_texture(
            sprites.as_image_copy(),
            pixels,
            wgpu::ImageDataLayout {
                offset: 0,
                bytes_per_row: Some(bytes_per_row),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width: wide,
                height: wide,
                depth_or_array_layers: 1,
            },
        );
        self.atlas_group = lettering_group(gpu, &self.layout, &self.atlas, &sprites);
        self.sprite_side = side;
    }

    /// Draws the labels; answers the number of draw calls.
    pub fn draw<'pass>(&'pass self, gpu: &'pass Gpu, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        self.draw_quads(&self.glyphs, self.plane, gpu, pass)
    }

    /// Draws the signs on marks; answers the number of draw calls.
    pub fn draw_signs<'pass>(
        &'pass self,
        gpu: &'pass Gpu,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        self.draw_quads(&self.signs, self.sign_plane, gpu, pass)
    }

    /// Draws the totals of clusters; answers the number of draw calls.
    pub fn draw_totals<'pass>(
        &'pass self,
        gpu: &'pass Gpu,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        self.draw_quads(&self.totals, self.sign_plane, gpu, pass)
    }

    fn draw_quads<'pass>(
        &'pass self,
        quads: &'pass Quads,
        plane: Option<PlaneOffset>,
        gpu: &'pass Gpu,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        let (Some(plane), Some(glyphs)) = (plane, quads.buffer.slice()) else {
            return 0;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[plane]);
        pass.set_bind_group(2, &self.atlas_group, &[]);
        pass.set_vertex_buffer(0, glyphs);
        pass.draw(0..4, 0..quads.count);
        1
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.glyphs.buffer.held_bytes()
            + self.signs.buffer.held_bytes()
            + self.totals.buffer.held_bytes()
            + u64::from(ATLAS_SIZE).pow(2)
            + u64::from(self.sprite_side).pow(2) * 4
    }
}

/// Writes a field of one byte per pixel into a texture; one of another length is left out.
pub(super) fn write_field(
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
    [x, y]: [u32; 2],
    size: [u32; 2],
    field: &[u8],
) {
    let fits = field.len() == (size[0] * size[1]) as usize;
    let (Some(bytes_per_row), true) = (std::num::NonZeroU32::new(size[0]), fits) else {
        return;
    };
    queue.write_texture(
        wgpu::ImageCopyTexture {
            texture,
            mip_level: 0,
            origin: wgpu::Origin3d { x, y, z: 0 },
            aspect: wgpu::TextureAspect::All,
        },
        field,
        wgpu::ImageDataLayout {
            offset: 0,
            bytes_per_row: Some(bytes_per_row),
            rows_per_image: None,
        },
        wgpu::Extent3d {
            width: size[0],
            height: size[1],
            depth_or_array_layers: 1,
        },
    );
}

/// Sprites hold sRGB-encoded values, which the device decodes before it mixes them.
const SPRITE_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;

/// The layout of a texture of distances with its sampler.
pub(super) fn atlas_layout(gpu: &Gpu) -> wgpu::BindGroupLayout {
    let entries = [texture_entry(0), sampler_entry(1)];
    layout_of(gpu, "distances", &entries)
}

/// The same with the texture of icons behind it.
fn lettering_layout(gpu: &Gpu) -> wgpu::BindGroupLayout {
    let entries = [texture_entry(0), sampler_entry(1), texture_entry(2)];
    layout_of(gpu, "glyphs and icons", &entries)
}

fn layout_of(
    gpu: &Gpu,
    label: &str,
    entries: &[wgpu::BindGroupLayoutEntry],
) -> wgpu::BindGroupLayout {
    let label = Some(label);
    gpu.device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries })
}

fn texture_entry(binding: u32) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: true },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
        count: None,
    }
}

fn sampler_entry(binding: u32) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
        count: None,
    }
}

/// An empty texture of distances.
pub(super) fn create_atlas(
    gpu: &Gpu,
    layout: &wgpu::BindGroupLayout,
    label: &'static str,
    size: [u32; 2],
) -> (wgpu::Texture, wgpu::BindGroup) {
    let atlas = create_texture(gpu, label, size, wgpu::TextureFormat::R8Unorm);
    let group = group_of(gpu, layout, &[&atlas]);
    (atlas, group)
}

fn lettering_group(
    gpu: &Gpu,
    layout: &wgpu::BindGroupLayout,
    glyphs: &wgpu::Texture,
    sprites: &wgpu::Texture,
) -> wgpu::BindGroup {
    group_of(gpu, layout, &[glyphs, sprites])
}

fn create_texture(
    gpu: &Gpu,
    label: &'static str,
    [width, height]: [u32; 2],
    format: wgpu::TextureFormat,
) -> wgpu::Texture {
    gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
    })
}

/// A group of a texture, a sampler, and another texture where there is one.
fn group_of(
    gpu: &Gpu,
    layout: &wgpu::BindGroupLayout,
    textures: &[&wgpu::Texture],
) -> wgpu::BindGroup {
    let sampler = gpu.device.create_sampler(&wgpu::SamplerDescriptor {
        mag_filter: wgpu::FilterMode::Linear,
        min_filter: wgpu::FilterMode::Linear,
        ..wgpu::SamplerDescriptor::default()
    });
    let views: Vec<wgpu::TextureView> = textures
        .iter()
        .map(|texture| texture.create_view(&wgpu::TextureViewDescriptor::default()))
        .collect();
    let mut entries = vec![wgpu::BindGroupEntry {
        binding: 1,
        resource: wgpu::BindingResource::Sampler(&sampler),
    }];
    entries.extend(
        views
            .iter()
            .zip([0, 2])
            .map(|(view, binding)| wgpu::BindGroupEntry {
                binding,
                resource: wgpu::BindingResource::TextureView(view),
            }),
    );
    gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout,
        entries: &entries,
    })
}
