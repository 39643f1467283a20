//! The held picture of base map and areas.
//!
//! On a wall the view rests for hours while people move over it. What lies below them is drawn
//! once into a texture then and copied under every frame: one draw call instead of one per tile
//! and kind, and nothing proportional to the base map.

use super::gpu::{Gpu, PipelineRecipe};

/// Where a frame takes the base map and the areas from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// They are drawn into the frame, since the view moves.
    Drawn,
    /// They are drawn into the held picture, which is copied into the frame.
    Renewed,
    /// The held picture is copied into the frame.
    Held,
}

struct Picture {
    view: wgpu::TextureView,
    group: wgpu::BindGroup,
    size: [u32; 2],
}

/// The held picture.
pub struct Still {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    picture: Option<Picture>,
    is_valid: bool,
    ground: Ground,
}

impl Still {
    pub fn new(gpu: &Gpu) -> Self {
        let layout = gpu
            .device
            .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some("still"),
                entries: &[wgpu::BindGroupLayoutEntry {
                    binding: 0,
                    visibility: wgpu::ShaderStages::FRAGMENT,
                    ty: wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: false },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                    count: None,
                }],
            });
        let pipeline = gpu.opaque_pipeline(&PipelineRecipe {
            label: "still",
            shader: include_str!("../shaders/still.wgsl"),
            buffers: &[],
            topology: wgpu::PrimitiveTopology::TriangleList,
            extra_layout: Some(&layout),
        });
        Self {
            pipeline,
            layout,
            picture: None,
            is_valid: false,
            ground: Ground::Drawn,
        }
    }

    /// Decides where this frame takes its ground from. `size` is the surface's, in device pixels.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        size: [u32; 2],
        view_moved: bool,
        changed: bool,
    ) -> Ground {
        self.ground = if view_moved {
            self.is_valid = false;
            Ground::Drawn
        } else {
            let fits = self
                .picture
                .as_ref()
                .is_some_and(|picture| picture.size == size);
            if !fits {
                self.picture = Some(Picture::new(gpu, &self.layout, size));
            }
            let holds = self.is_valid && fits && !changed;
            self.is_valid = true;
            if holds { Ground::Held } else { Ground::Renewed }
        };
        self.ground
    }

    /// Where this frame takes its ground from.
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// The picture to be drawn anew in this frame.
    pub fn renewed(&self) -> Option<&wgpu::TextureView> {
        let picture = self.picture.as_ref()?;
        (self.ground == Ground::Renewed).then_some(&picture.view)
    }

    /// Copies the picture into the frame; answers the number of draw calls.
    pub fn draw<'pass>(&'pass self, gpu: &'pass Gpu, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let Some(picture) = &self.picture else {
            return 0;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &gpu.plane_group, &[0]);
        pass.set_bind_group(2, &picture.group, &[]);
        pass.draw(0..3, 0..1);
        1
    }

    /// Bytes held on the device.
    pub fn held_bytes(&self) -> u64 {
        self.picture.as_ref().map_or(
            0,
            |Picture {
                 size: [width, height],
                 ..
             }| { u64::from(*width) * u64::from(*height) * 4 },
        )
    }
}

impl Picture {
    fn new(gpu: &Gpu, layout: &wgpu::BindGroupLayout, size: [u32; 2]) -> Self {
        let [width, height] = size;
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("still"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: gpu.format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("still"),
            layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(&view),
            }],
        });
        Self { view, group, size }
    }
}
