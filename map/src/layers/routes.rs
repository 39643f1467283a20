//! Routes on the GPU: one instanced capsule per segment, a casing below and a core above.

use bytemuck::{Pod, Zeroable};
use map_protocol::{Route, RouteState};

use super::gpu::{Gpu, GrowBuffer, PipelineRecipe, PlaneOffset};

/// A segment of a route; 24 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Segment {
    /// Steps of 2⁻³² of the world.
    from: [u32; 2],
    to: [u32; 2],
    /// From the route's start, in the same steps.
    distance: f32,
    /// 1: dashed.
    dashed: u32,
}

/// The layer of routes.
pub struct RouteLayer {
    pipeline: wgpu::RenderPipeline,
    segments: GrowBuffer,
    count: u32,
    /// Places of the uniforms in this frame: casing, then core; `None`: not drawn.
    pub planes: Option<[PlaneOffset; 2]>,
}

impl RouteLayer {
    pub fn new(gpu: &Gpu) -> Self {
        let pipeline = gpu.pipeline(&PipelineRecipe {
            label: "routes",
            shader: concat!(
                include_str!("../shaders/frame.wgsl"),
                include_str!("../shaders/route.wgsl")
            ),
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<Segment>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &wgpu::vertex_attr_array![
                    0 => Uint32x2, 1 => Uint32x2, 2 => Float32, 3 => Uint32
                ],
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            extra_layout: None,
        });
        let segments = GrowBuffer::new("route segments", wgpu::BufferUsages::VERTEX);
        Self {
            pipeline,
            segments,
            count: 0,
            planes: None,
        }
    }

    /// Whether there is anything to draw.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Replaces all routes.
    pub fn write(&mut self, gpu: &Gpu, queue: &wgpu::Queue, routes: &[Route]) {
        let segments: Vec<Segment> = routes.iter().flat_map(segments_of).collect();
        self.count = segments.len() as u32;
        self.segments.write(&gpu.device, queue, &segments);
    }

    /// Draws the routes; answers the number of draw calls.
    pub fn draw<'pass>(&'pass self, gpu: &'pass Gpu, pass: &mut wgpu::RenderPass<'pass>) -> u32 {
        let (Some(planes), Some(segments)) = (self.planes, self.segments.slice()) else {
            return 0;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_vertex_buffer(0, segments);
        for plane in planes {
            pass.set_bind_group(1, &gpu.plane_group, &[plane]);
            pass.draw(0..4, 0..self.count);
        }
        2
    }

    /// Bytes on the device.
    pub fn held_bytes(&self) -> u64 {
        self.segments.held_bytes()
    }
}

fn segments_of(route: &Route) -> Vec<Segment> {
    let mut distance = 0.0_f64;
    let mut segments = Vec::with_capacity(route.points.len().saturating_sub(1));
    for pair in route.points.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        // The short way around the world.
        let way = |from: u32, to: u32| f64::from(to.wrapping_sub(from).cast_signed());
        let length = way(from.x, to.x).hypot(way(from.y, to.y));
        if length > 0.0 {
            segments.push(Segment {
                from: [from.x, from.y],
                to: [to.x, to.y],
                distance: distance as f32,
                dashed: u32::from(route.state == RouteState::Proposed),
            });
        }
        distance += length;
    }
    segments
}

#[cfg(test)]
mod tests {
    use map_protocol::Position;

    use super::*;

    #[test]
    fn segments_carry_the_way_so_far_and_skip_standing_still() {
        let at = |x, y| Position { x, y };
        let route = Route {
            id: 1,
            state: RouteState::Proposed,
            points: vec![at(0, 0), at(3, 4), at(3, 4), at(3, 10)],
        };
        let segments = segments_of(&route);
        assert_eq!(segments.len(), 2);
        assert!((segments[1].distance - 5.0).abs() < f32::EPSILON);
        assert_eq!(segments[1].dashed, 1);
        assert!(
            segments_of(&Route {
                points: vec![at(1, 1)],
                ..route
            })
            .is_empty()
        );
    }
}
