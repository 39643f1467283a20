//! The styled base map on the GPU: a few buffers per tile, drawn tile by tile inside a scissor.
//!
//! The draws of one tile that use the same pipeline and lie side by side are drawn as one: every
//! vertex carries the number of its style layer, and the shader looks the layer's paint up in a
//! uniform array. A tile so takes a handful of draw calls instead of one per style layer.

use std::{collections::HashMap, ops::Range};

use bytemuck::{Pod, Zeroable};
use map_core::{
    style::LayerPaint,
    tessellate::{CircleInstance, FillVertex, LineVertex, TileKey},
};

use crate::parcel::{Array, Kind, MAX_STYLE_LAYERS, Parcel, Run};

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};
use super::pictures::{self, PicturePipeline, TilePicture};

/// One style layer's paint; `Paint` in `base.wgsl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Paint {
    /// Linear, premultiplied; of a line or a fill, or within a circle.
    colour: [f32; 4],
    /// A fill's outline, a circle's stroke; of a line the gap, the offset and the base of its widths' growth.
    second: [f32; 4],
    /// Width or radius, blur or stroke width, then the translation; CSS pixels.
    measure: [f32; 4],
    /// Dash, gap, dash, gap in CSS pixels.
    dashes: [f32; 4],
}

struct TileGpu {
    fill_vertices: GrowBuffer,
    fill_layers: GrowBuffer,
    fill_indices: GrowBuffer,
    line_vertices: GrowBuffer,
    line_layers: GrowBuffer,
    line_indices: GrowBuffer,
    circles: GrowBuffer,
    circle_layers: GrowBuffer,
    picture: Option<TilePicture>,
    runs: Vec<Run>,
}

/// A tile of this frame.
pub struct TileDraw {
    pub key: TileKey,
    pub plane: PlaneOffset,
    /// Left, top, width and height in device pixels, inside the surface and not empty.
    pub scissor: [u32; 4],
}

/// The base map's pipelines, tiles and paints.
pub struct BaseMap {
    fill: wgpu::RenderPipeline,
    line: wgpu::RenderPipeline,
    circle: wgpu::RenderPipeline,
    pictures: PicturePipeline,
    paint_buffer: wgpu::Buffer,
    paint_group: wgpu::BindGroup,
    paints: Vec<Paint>,
    hidden: Vec<bool>,
    /// Which layers keep the squares of enlarged pictures.
    nearest: Vec<bool>,
    tiles: HashMap<TileKey, TileGpu>,
    /// The tiles of the style before, which are drawn as long as they are here.
    former: Option<HashMap<TileKey, TileGpu>>,
    /// What this frame draws, in order.
    pub draws: Vec<TileDraw>,
    /// The whole surface in device pixels, to end the scissors.
    pub surface: [u32; 2],
}

impl BaseMap {
    pub fn new(gpu: &Gpu, queue: &wgpu::Queue) -> Self {
        let paint_bytes = (size_of::<Paint>() * MAX_STYLE_LAYERS) as u64;
        let (layout, paint_buffer, paint_group) = paint_group(gpu, paint_bytes);
        Self {
            fill: fill_pipeline(gpu, &layout),
            line: line_pipeline(gpu, &layout),
            circle: circle_pipeline(gpu, &layout),
            pictures: PicturePipeline::new(gpu, queue, paint_bytes),
            paint_buffer,
            paint_group,
            paints: Vec::new(),
            hidden: Vec::new(),
            nearest: Vec::new(),
            tiles: HashMap::new(),
            former: None,
            draws: Vec::new(),
            surface: [1, 1],
        }
    }

    /// Uploads a built tile; answers the bytes that it holds on the device.
    pub fn insert(&mut self, gpu: &Gpu, queue: &wgpu::Queue, parcel: &Parcel<'_>) -> usize {
        let mut tile = TileGpu::new(gpu, queue, parcel);
        tile.picture = self.pictures.upload(gpu, queue, &self.paint_buffer, parcel);
        let bytes = tile.held_bytes();
        self.tiles.insert(parcel.key, tile);
        bytes as usize
    }

    /// Frees a tile.
    pub fn remove(&mut self, key: TileKey) {
        self.tiles.remove(&key);
    }

    /// Frees a tile of the style before.
    pub fn remove_former(&mut self, key: TileKey) {
        if let Some(former) = &mut self.former {
            former.remove(&key);
        }
    }

    /// Frees all tiles.
    pub fn clear(&mut self) {
        self.tiles.clear();
        self.former = None;
    }

    /// Makes way for the tiles of another style: what is drawn now stays until
    /// [`BaseMap::show_own`].
    pub fn retire(&mut self) {
        let tiles = std::mem::take(&mut self.tiles);
        self.former.get_or_insert(tiles);
    }

    /// Draws the style's own tiles, and frees those of the style before.
    pub fn show_own(&mut self) {
        self.former = None;
    }

    /// Takes the layers' paints of this frame.
    pub fn set_paints(&mut self, queue: &wgpu::Queue, paints: &[LayerPaint]) {
        self.hidden.clear();
        self.hidden.extend(
            paints
                .iter()
                .map(|paint| matches!(paint, LayerPaint::Hidden)),
        );
        self.nearest.clear();
        self.nearest.extend(
            paints
                .iter()
                .map(|paint| matches!(paint, LayerPaint::Raster(raster) if raster.nearest)),
        );
        let new: Vec<Paint> = paints
            .iter()
            .take(MAX_STYLE_LAYERS)
            .map(Paint::of)
            .collect();
        if new != self.paints {
            self.paints = new;
            queue.write_buffer(&self.paint_buffer, 0, bytemuck::cast_slice(&self.paints));
        }
    }

    /// Draws the tiles; answers the number of draw calls.
    pub fn draw<'pass>(&'pass self, gpu: &'pass Gpu, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let mut calls = 0;
        let tiles = self.former.as_ref().unwrap_or(&self.tiles);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        for draw in &self.draws {
            let Some(tile) = tiles.get(&draw.key) else {
                continue;
            };
            let [x, y, width, height] = draw.scissor;
            pass.set_scissor_rect(x, y, width, height);
            let mut bound = None;
            for run in &tile.runs {
                if self.is_hidden(&run.layers) {
                    continue;
                }
                if run.kind == Kind::Picture {
                    calls += self.draw_picture(gpu, draw.plane, tile, run.layers.start, pass);
                    bound = None;
                    continue;
                }
                if bound != Some(run.kind) {
                    if !self.bind(tile, run.kind, pass) {
                        continue;
                    }
                    // Set after the pipeline, whose layout it needs.
                    pass.set_bind_group(1, &gpu.plane_group, &[draw.plane]);
                    pass.set_bind_group(2, &self.paint_group, &[]);
                    bound = Some(run.kind);
                }
                match run.kind {
                    Kind::Fill | Kind::Line => pass.draw_indexed(run.range.clone(), 0, 0..1),
                    Kind::Circle => pass.draw(0..4, run.range.clone()),
                    Kind::Picture => continue,
                }
                calls += 1;
            }
        }
        if !self.draws.is_empty() {
            pass.set_scissor_rect(0, 0, self.surface[0], self.surface[1]);
        }
        calls
    }

    fn draw_picture<'pass>(
        &'pass self,
        gpu: &'pass Gpu,
        plane: PlaneOffset,
        tile: &'pass TileGpu,
        layer: u32,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> u32 {
        let Some(picture) = &tile.picture else {
            return 0;
        };
        let nearest = self.nearest.get(layer as usize).copied().unwrap_or(false);
        let plane = (&gpu.plane_group, plane);
        self.pictures.draw(picture, layer, nearest, plane, pass);
        1
    }

    fn bind<'pass>(
        &'pass self,
        tile: &'pass TileGpu,
        kind: Kind,
        pass: &mut wgpu::RenderPass<'pass>,
    ) -> bool {
        let (pipeline, vertices, layers, indices) = match kind {
            Kind::Fill => (
                &self.fill,
                &tile.fill_vertices,
                &tile.fill_layers,
                Some(&tile.fill_indices),
            ),
            Kind::Line => (
                &self.line,
                &tile.line_vertices,
                &tile.line_layers,
                Some(&tile.line_indices),
            ),
            Kind::Circle => (&self.circle, &tile.circles, &tile.circle_layers, None),
            Kind::Picture => return false,
        };
        let (Some(vertices), Some(layers)) = (vertices.slice(), layers.slice()) else {
            return false;
        };
        pass.set_pipeline(pipeline);
        pass.set_vertex_buffer(0, vertices);
        pass.set_vertex_buffer(1, layers);
        if let Some(indices) = indices {
            let Some(indices) = indices.slice() else {
                return false;
            };
            pass.set_index_buffer(indices, wgpu::IndexFormat::Uint32);
        }
        true
    }

    fn is_hidden(&self, layers: &Range<u32>) -> bool {
        layers
            .clone()
            .all(|layer| self.hidden.get(layer as usize).copied().unwrap_or(true))
    }
}

fn fill_pipeline(gpu: &Gpu, layout: &wgpu::BindGroupLayout) -> wgpu::RenderPipeline {
    gpu.pipeline(&PipelineRecipe {
        label: "base fills",
        shader: concat!(
            include_str!("../shaders/frame.wgsl"),
            include_str!("../shaders/base.wgsl"),
            include_str!("../shaders/base_fill.wgsl")
        ),
        buffers: &[
            stream::<FillVertex>(
                wgpu::VertexStepMode::Vertex,
                &wgpu::vertex_attr_array![0 => Sint16x2, 1 => Unorm16x4],
            ),
            stream::<u32>(
                wgpu::VertexStepMode::Vertex,
                &wgpu::vertex_attr_array![2 => Uint32],
            ),
        ],
        topology: wgpu::PrimitiveTopology::TriangleList,
        extra_layout: Some(layout),
    })
}

fn line_pipeline(gpu: &Gpu, layout: &wgpu::BindGroupLayout) -> wgpu::RenderPipeline {
    gpu.pipeline(&PipelineRecipe {
        label: "base lines",
        shader: concat!(
            include_str!("../shaders/frame.wgsl"),
            include_str!("../shaders/base.wgsl"),
            include_str!("../shaders/base_line.wgsl")
        ),
        buffers: &[
            stream::<LineVertex>(
                wgpu::VertexStepMode::Vertex,
                &wgpu::vertex_attr_array![
                    0 => Sint16x2, 1 => Snorm16x2, 2 => Snorm16x2, 3 => Uint16x2, 4 => Unorm16x4,
                    5 => Float32
                ],
            ),
            stream::<u32>(
                wgpu::VertexStepMode::Vertex,
                &wgpu::vertex_attr_array![6 => Uint32],
            ),
        ],
        topology: wgpu::PrimitiveTopology::TriangleList,
        extra_layout: Some(layout),
    })
}

fn circle_pipeline(gpu: &Gpu, layout: &wgpu::BindGroupLayout) -> wgpu::RenderPipeline {
    gpu.pipeline(&PipelineRecipe {
        label: "base circles",
        shader: concat!(
            include_str!("../shaders/frame.wgsl"),
            include_str!("../shaders/base.wgsl"),
            include_str!("../shaders/base_circle.wgsl")
        ),
        buffers: &[
            stream::<CircleInstance>(
                wgpu::VertexStepMode::Instance,
                &wgpu::vertex_attr_array![0 => Sint16x2, 1 => Uint16x2, 2 => Unorm16x4],
            ),
            stream::<u32>(
                wgpu::VertexStepMode::Instance,
                &wgpu::vertex_attr_array![3 => Uint32],
            ),
        ],
        topology: wgpu::PrimitiveTopology::TriangleStrip,
        extra_layout: Some(layout),
    })
}

/// A vertex buffer of tightly packed `T`s.
fn stream<T>(
    step_mode: wgpu::VertexStepMode,
    attributes: &[wgpu::VertexAttribute],
) -> wgpu::VertexBufferLayout<'_> {
    wgpu::VertexBufferLayout {
        array_stride: size_of::<T>() as u64,
        step_mode,
        attributes,
    }
}

fn paint_group(gpu: &Gpu, size: u64) -> (wgpu::BindGroupLayout, wgpu::Buffer, wgpu::BindGroup) {
    let layout = gpu
        .device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("paints"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: wgpu::BufferSize::new(size),
                },
                count: None,
            }],
        });
    let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("paints"),
        size,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("paints"),
        layout: &layout,
        entries: &[wgpu::BindGroupEntry {
            binding: 0,
            resource: buffer.as_entire_binding(),
        }],
    });
    (layout, buffer, group)
}

impl Paint {
    fn of(paint: &LayerPaint) -> Self {
        match paint {
            LayerPaint::Hidden | LayerPaint::Background(_) | LayerPaint::Symbol => {
                // A negative width makes the shaders leave the layer out.
                Self {
                    measure: [-1.0, 0.0, 0.0, 0.0],
                    ..Self::default()
                }
            }
            LayerPaint::Fill(fill) => Self {
                colour: fill.colour.0,
                second: fill.outline.0,
                measure: [1.0, 0.0, fill.translate_px[0], fill.translate_px[1]],
                dashes: [0.0; 4],
            },
            LayerPaint::Line(line) => Self {
                colour: line.colour.0,
                second: [line.gap_width_px, line.offset_px, line.width_base, 0.0],
                measure: [
                    line.width_px,
                    line.blur_px,
                    line.translate_px[0],
                    line.translate_px[1],
                ],
                dashes: line.dashes_px,
            },
            LayerPaint::Circle(circle) => Self {
                colour: circle.colour.0,
                second: circle.stroke_colour.0,
                measure: [
                    circle.radius_px,
                    circle.stroke_width_px,
                    circle.blur,
                    circle.radius_base,
                ],
                dashes: [0.0; 4],
            },
            LayerPaint::Raster(raster) => {
                let [colour, second] = pictures::factors(raster);
                Self {
                    colour,
                    second,
                    ..Self::default()
                }
            }
        }
    }
}

impl TileGpu {
    fn new(gpu: &Gpu, queue: &wgpu::Queue, parcel: &Parcel<'_>) -> Self {
        let buffer = |label, usage, array| {
            let mut buffer = GrowBuffer::new(label, usage);
            buffer.write(&gpu.device, queue, parcel.array(array));
            buffer
        };
        let vertex = wgpu::BufferUsages::VERTEX;
        let index = wgpu::BufferUsages::INDEX;
        Self {
            fill_vertices: buffer("tile fill vertices", vertex, Array::FillVertices),
            fill_layers: buffer("tile fill layers", vertex, Array::FillLayers),
            fill_indices: buffer("tile fill indices", index, Array::FillIndices),
            line_vertices: buffer("tile line vertices", vertex, Array::LineVertices),
            line_layers: buffer("tile line layers", vertex, Array::LineLayers),
            line_indices: buffer("tile line indices", index, Array::LineIndices),
            circles: buffer("tile circles", vertex, Array::Circles),
            circle_layers: buffer("tile circle layers", vertex, Array::CircleLayers),
            picture: None,
            runs: parcel.runs.clone(),
        }
    }

    fn held_bytes(&self) -> u64 {
        [
            &self.fill_vertices,
            &self.fill_layers,
            &self.fill_indices,
            &self.line_vertices,
            &self.line_layers,
            &self.line_indices,
            &self.circles,
            &self.circle_layers,
        ]
        .iter()
        .map(|buffer| buffer.held_bytes())
        .sum::<u64>()
            + self.picture.as_ref().map_or(0, TilePicture::held_bytes)
    }
}
