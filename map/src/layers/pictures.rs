//! Picture tiles on the GPU: one texture per tile, drawn as a square with the layer's colour changes.

use std::num::NonZeroU32;

use map_core::style::RasterPaint;

use crate::parcel::{Array, MAX_STYLE_LAYERS, Parcel};

use super::gpu::{Gpu, PipelineRecipe};

/// What all pictures share.
pub struct PicturePipeline {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    linear: wgpu::Sampler,
    nearest: wgpu::Sampler,
    /// The numbers of the style layers, so that a draw names its layer by the instance it draws.
    layer_numbers: wgpu::Buffer,
}

/// A tile's picture.
pub struct TilePicture {
    linear: wgpu::BindGroup,
    nearest: wgpu::BindGroup,
    bytes: u64,
}

impl PicturePipeline {
    /// `paint_bytes` is the length of the paints of the base map.
    pub fn new(gpu: &Gpu, queue: &wgpu::Queue, paint_bytes: u64) -> Self {
        let layout = group_layout(gpu, paint_bytes);
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "base pictures",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/base.wgsl"),
                include_str!("../shaders/base_picture.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<u32>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &wgpu::vertex_attr_array![0 => Uint32],
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: Some(&layout),
        });
        let numbers: Vec<u32> = (0..MAX_STYLE_LAYERS as u32).collect();
        let layer_numbers = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("layer numbers"),
            size: size_of_val(numbers.as_slice()) as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        queue.write_buffer(&layer_numbers, 0, bytemuck::cast_slice(&numbers));
        Self {
            pipeline,
            layout,
            linear: sampler(gpu, wgpu::FilterMode::Linear),
            nearest: sampler(gpu, wgpu::FilterMode::Nearest),
            layer_numbers,
        }
    }

    /// Uploads the picture of a tile; `None` where the tile is no picture.
    pub fn upload(
        &self,
        gpu: &Gpu,
        queue: &wgpu::Queue,
        paints: &wgpu::Buffer,
        parcel: &Parcel<'_>,
    ) -> Option<TilePicture> {
        let [width, height] = parcel.picture_size;
        let pixels = parcel.array(Array::Picture);
        let bytes_per_row = NonZeroU32::new(width.checked_mul(4)?)?;
        NonZeroU32::new(height)?;
        let size = wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        };
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("tile picture"),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            // The colour changes are defined on sRGB values, so the shader gets them as they are.
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        });
        let layout = wgpu::ImageDataLayout {
            offset: 0,
            bytes_per_row: Some(bytes_per_row),
            rows_per_image: None,
        };
        queue.write_texture(texture.as_image_copy(), pixels, layout, size);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = |sampler| {
            gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("tile picture"),
                layout: &self.layout,
                entries: &[
                    wgpu::BindGroupEntry {
                        binding: 0,
                        resource: paints.as_entire_binding(),
                    },
                    wgpu::BindGroupEntry {
                        binding: 1,
                        resource: wgpu::BindingResource::TextureView(&view),
                    },
                    wgpu::BindGroupEntry {
                        binding: 2,
                        resource: wgpu::BindingResource::Sampler(sampler),
                    },
                ],
            })
        };
        Some(TilePicture {
            linear: group(&self.linear),
            nearest: group(&self.nearest),
            bytes: pixels.len() as u64,
        })
    }

    /// Draws a picture for a style layer; the plane is set after the pipeline, whose layout it needs.
    pub fn draw<'pass>(
        &'pass self,
        picture: &'pass TilePicture,
        layer: u32,
        nearest: bool,
        plane: (&'pass wgpu::BindGroup, u32),
        pass: &mut wgpu::RenderPass<'pass>,
    ) {
        let group = if nearest {
            &picture.nearest
        } else {
            &picture.linear
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(1, plane.0, &[plane.1]);
        pass.set_bind_group(2, group, &[]);
        pass.set_vertex_buffer(0, self.layer_numbers.slice(..));
        pass.draw(0..4, layer..layer + 1);
    }
}

impl TilePicture {
    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.bytes
    }
}

/// What the shader takes: the weights of the hue's turn with the opacity, and what black and white
/// become with the factors of contrast and saturation.
///
/// The formulas are those by which MapLibre draws the properties of the style specification: the
/// hue turns around the grey axis, the saturation moves a colour from or to its mean, the contrast
/// from or to the middle, and the brightness squeezes black and white to its two ends.
pub fn factors(paint: &RasterPaint) -> [[f32; 4]; 2] {
    let (sine, cosine) = paint.hue_rotate_deg.to_radians().sin_cos();
    let root = 3.0_f32.sqrt();
    let turn = [
        (2.0 * cosine + 1.0) / 3.0,
        (1.0 - cosine - root * sine) / 3.0,
        (1.0 - cosine + root * sine) / 3.0,
    ];
    // Full contrast and saturation would divide by nothing.
    let grown = |value: f32| 1.0 / (1.001 - value);
    let contrast = if paint.contrast > 0.0 {
        grown(paint.contrast)
    } else {
        1.0 + paint.contrast
    };
    let saturation = if paint.saturation > 0.0 {
        1.0 - grown(paint.saturation)
    } else {
        -paint.saturation
    };
    let [black, white] = paint.brightness;
    [
        [turn[0], turn[1], turn[2], paint.opacity],
        [black, white, contrast, saturation],
    ]
}

fn sampler(gpu: &Gpu, filter: wgpu::FilterMode) -> wgpu::Sampler {
    gpu.device.create_sampler(&wgpu::SamplerDescriptor {
        label: Some("tile picture"),
        mag_filter: filter,
        min_filter: filter,
        ..wgpu::SamplerDescriptor::default()
    })
}

fn group_layout(gpu: &Gpu, paint_bytes: u64) -> wgpu::BindGroupLayout {
    let entry = |binding, visibility, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility,
        ty,
        count: None,
    };
    let paints = wgpu::BindingType::Buffer {
        ty: wgpu::BufferBindingType::Uniform,
        has_dynamic_offset: false,
        min_binding_size: wgpu::BufferSize::new(paint_bytes),
    };
    let texture = wgpu::BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Float { filterable: true },
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    };
    let sampler = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
    gpu.device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("tile picture"),
            entries: &[
                entry(0, wgpu::ShaderStages::VERTEX, paints),
                entry(1, wgpu::ShaderStages::FRAGMENT, texture),
                entry(2, wgpu::ShaderStages::FRAGMENT, sampler),
            ],
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(paint: &RasterPaint, colour: [f32; 3]) -> [f32; 3] {
        let [turn, [black, white, contrast, saturation]] = factors(paint);
        let dot = |w: [f32; 3]| colour.iter().zip(w).map(|(c, w)| c * w).sum::<f32>();
        let [a, b, c, _] = turn;
        let turned = [dot([a, b, c]), dot([c, a, b]), dot([b, c, a])];
        let grey = turned.iter().sum::<f32>() / 3.0;
        turned.map(|channel| {
            let channel = channel + (grey - channel) * saturation;
            let channel = (channel - 0.5) * contrast + 0.5;
            black + (white - black) * channel
        })
    }

    fn near(a: [f32; 3], b: [f32; 3]) {
        assert!(
            a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.01),
            "{a:?} {b:?}"
        );
    }

    #[test]
    fn the_changes_do_what_their_names_say() {
        let plain = RasterPaint {
            opacity: 1.0,
            brightness: [0.0, 1.0],
            contrast: 0.0,
            saturation: 0.0,
            hue_rotate_deg: 0.0,
            nearest: false,
        };
        let colour = [0.8, 0.4, 0.2];
        near(changed(&plain, colour), colour);
        let turned = RasterPaint {
            hue_rotate_deg: 120.0,
            ..plain
        };
        near(changed(&turned, colour), [0.2, 0.8, 0.4]);
        let grey = RasterPaint {
            saturation: -1.0,
            ..plain
        };
        near(changed(&grey, colour), [0.4667; 3]);
        let flat = RasterPaint {
            contrast: -1.0,
            ..plain
        };
        near(changed(&flat, colour), [0.5; 3]);
        let dark = RasterPaint {
            brightness: [0.1, 0.5],
            ..plain
        };
        near(changed(&dark, [0.0, 0.5, 1.0]), [0.1, 0.3, 0.5]);
        let full = RasterPaint {
            contrast: 1.0,
            saturation: 1.0,
            ..plain
        };
        assert!(
            changed(&full, colour)
                .iter()
                .all(|channel| channel.is_finite())
        );
    }
}
