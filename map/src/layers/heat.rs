//! The heat map on the GPU: the grid of densities as a texture on one quad, coloured by a ramp.

use bytemuck::{Pod, Zeroable};
use map_core::heat::HeatGrid;
use map_protocol::Rgba;

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};

/// Colours of the ramp.
const RAMP: usize = 256;
/// Below this share of the peak the colour fades to nothing.
const FADE_BELOW: f32 = 0.12;

/// Where the grid lies, in steps of 2⁻³² of the world.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Extent {
    corner: [u32; 2],
    opposite: [u32; 2],
}

/// The layer of the heat map.
pub struct HeatLayer {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    extent: GrowBuffer,
    group: Option<wgpu::BindGroup>,
    held_bytes: u64,
    /// Place of the uniforms in this frame; `None`: not drawn.
    pub plane: Option<PlaneOffset>,
}

impl HeatLayer {
    pub fn new(gpu: &Gpu) -> Self {
        let layout = layout(&gpu.device);
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "heat",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/heat.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<Extent>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &wgpu::vertex_attr_array![0 => Uint32x2, 1 => Uint32x2],
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: Some(&layout),
        });
        let sampler = gpu.device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("heat"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..wgpu::SamplerDescriptor::default()
        });
        Self {
            pipeline,
            layout,
            sampler,
            extent: GrowBuffer::new("heat", wgpu::BufferUsages::VERTEX),
            group: None,
            held_bytes: 0,
            plane: None,
        }
    }

    /// Whether there is anything to draw.
    pub fn is_empty(&self) -> bool {
        self.group.is_none()
    }

    /// Replaces the grid and its colours, from the lowest density to the highest.
    pub fn write(
        &mut self,
        gpu: &Gpu,
        queue: &wgpu::Queue,
        grid: Option<&HeatGrid>,
        ramp: &[Rgba],
    ) {
        let Some(grid) = grid.filter(|_| !ramp.is_empty()) else {
            self.group = None;
            self.held_bytes = 0;
            return;
        };
        let size = [grid.columns, grid.rows];
        let field = texture(gpu, queue, wgpu::TextureFormat::R8Unorm, size, &grid.values);
        let format = wgpu::TextureFormat::Rgba8UnormSrgb;
        let colours = texture(gpu, queue, format, [RAMP as u32, 1], &ramp_of(ramp));
        let side = |cells: u32| cells.wrapping_mul(grid.cell_steps);
        let extent = Extent {
            corner: grid.corner,
            opposite: [
                grid.corner[0].wrapping_add(side(grid.columns)),
                grid.corner[1].wrapping_add(side(grid.rows)),
            ],
        };
        self.extent.write(&gpu.device, queue, &[extent]);
        self.held_bytes = (grid.values.len() + RAMP * 4) as u64;
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        self.group = Some(gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("heat"),
            layout: &self.layout,
            entries: &[
                entry(0, wgpu::BindingResource::TextureView(&field)),
                entry(1, wgpu::BindingResource::TextureView(&colours)),
                entry(2, wgpu::BindingResource::Sampler(&self.sampler)),
            ],
        }));
    }

    /// Draws the heat map; answers the number of draw calls.
    pub fn draw<'pass>(&'pass self, gpu: &'pass Gpu, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let (Some(plane), Some(group), Some(extent)) =
            (self.plane, &self.group, self.extent.slice())
        else {
            return 0;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[plane]);
        pass.set_bind_group(2, group, &[]);
        pass.set_vertex_buffer(0, extent);
        pass.draw(0..4, 0..1);
        1
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.held_bytes
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty,
        count: None,
    };
    let texture = wgpu::BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Float { filterable: true },
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    };
    let sampler = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("heat"),
        entries: &[entry(0, texture), entry(1, texture), entry(2, sampler)],
    })
}

fn texture(
    gpu: &Gpu,
    queue: &wgpu::Queue,
    format: wgpu::TextureFormat,
    [width, height]: [u32; 2],
    bytes: &[u8],
) -> wgpu::TextureView {
    let size = wgpu::Extent3d {
        width,
        height,
        depth_or_array_layers: 1,
    };
    let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("heat"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
    });
    let row = std::num::NonZeroU32::new(bytes.len() as u32 / height.max(1));
    let data_layout = wgpu::ImageDataLayout {
        offset: 0,
        bytes_per_row: row,
        rows_per_image: None,
    };
    queue.write_texture(texture.as_image_copy(), bytes, data_layout, size);
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

/// The colours of all densities: evenly spaced stops with straight alpha.
fn ramp_of(stops: &[Rgba]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RAMP * 4);
    for at in 0..RAMP {
        let share = at as f32 / (RAMP - 1) as f32;
        let place = share * (stops.len() - 1) as f32;
        let low = stops[(place as usize).min(stops.len() - 1)].0;
        let high = stops[(place as usize + 1).min(stops.len() - 1)].0;
        let fade = (share / FADE_BELOW).min(1.0);
        for channel in 0..4 {
            let (from, to) = (f32::from(low[channel]), f32::from(high[channel]));
            let value = from + (to - from) * place.fract();
            bytes.push(if channel == 3 { value * fade } else { value }.round() as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ramp_goes_through_its_stops_and_begins_with_nothing() {
        let stops = [[0, 0, 0, 200], [100, 0, 0, 200], [200, 50, 0, 200]].map(Rgba);
        let ramp = ramp_of(&stops);
        let colour = |at: usize| &ramp[at * 4..at * 4 + 4];
        assert_eq!(ramp.len(), RAMP * 4);
        assert_eq!(colour(0), [0, 0, 0, 0]);
        assert_eq!(colour(255), [200, 50, 0, 200]);
        assert!((i32::from(colour(127)[0]) - 100).abs() <= 1);
        assert_eq!(
            ramp_of(&stops[..1]).len(),
            RAMP * 4,
            "one colour is a ramp too"
        );
    }
}
