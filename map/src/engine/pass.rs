//! The one render pass, and the stages of the schedule around it.
//!
//! Replaces three things of maplibre's render plugin: the resources stage (it allocates a depth
//! buffer and a tile mask, which a flat map drawn in order needs not), the queue stage (its tile
//! pattern) and the main pass.

use std::{
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering},
};

use maplibre::{
    context::MapContext,
    kernel::Kernel,
    plugin::Plugin,
    render::{
        RenderResources, RenderStageLabel, Renderer,
        eventually::Eventually::Initialized,
        graph::{Node, NodeRunError, RenderContext, RenderGraph, RenderGraphContext},
    },
    schedule::Schedule,
    tcs::{system::stage::SystemStage, world::World},
};

use super::environment::StreetEnvironment;
use crate::layers::Scene;

const DRAW_GRAPH: &str = "draw";
const ENGINE_PASS: &str = "main_pass";
const STREET_PASS: &str = "street_pass";

/// How much the last frame drew.
#[derive(Default)]
pub struct Drawn {
    calls: AtomicU32,
}

impl Drawn {
    /// Draw calls.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Puts the street map's pass in place of the engine's.
pub struct DrawPlugin;

impl Plugin<StreetEnvironment> for DrawPlugin {
    fn build(
        &self,
        schedule: &mut Schedule,
        _kernel: Rc<Kernel<StreetEnvironment>>,
        world: &mut World,
        graph: &mut RenderGraph,
    ) {
        world.resources.init::<Drawn>();
        schedule.remove_stage(RenderStageLabel::Prepare);
        schedule.remove_stage(RenderStageLabel::Queue);
        schedule.add_stage_after(
            RenderStageLabel::Extract,
            RenderStageLabel::Prepare,
            SystemStage::default().with_system(prepare_target),
        );
        if let Some(draw_graph) = graph.get_sub_graph_mut(DRAW_GRAPH) {
            draw_graph
                .remove_node(ENGINE_PASS)
                .expect("the engine's render plugin, built before this one, has its main pass");
            draw_graph.add_node(STREET_PASS, StreetPass);
        }
    }
}

/// Makes the colour target fit the surface.
fn prepare_target(context: &mut MapContext) {
    let Renderer {
        device, resources, ..
    } = &mut context.renderer;
    let surface = &mut resources.surface;
    surface.reconfigure(device);
    resources
        .render_target
        .initialize(|| surface.create_view(device));
}

/// The pass that draws every layer of the [`Scene`] in its fixed order.
struct StreetPass;

impl Node for StreetPass {
    fn run(
        &self,
        _graph: &mut RenderGraphContext,
        render_context: &mut RenderContext,
        resources: &RenderResources,
        world: &World,
    ) -> Result<(), NodeRunError> {
        let (Initialized(target), Some(scene)) =
            (&resources.render_target, world.resources.get::<Scene>())
        else {
            return Ok(());
        };
        let mut calls = 0;
        if let Some(picture) = scene.still.renewed() {
            let mut pass = begin(render_context, scene, picture);
            calls += scene.draw_ground(&mut pass);
        }
        let mut pass = begin(render_context, scene, target);
        calls += scene.draw(&mut pass);
        if let Some(drawn) = world.resources.get::<Drawn>() {
            drawn.calls.store(calls, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Begins a pass on a target that starts with the scene's background.
fn begin<'pass>(
    render_context: &'pass mut RenderContext,
    scene: &Scene,
    target: &'pass wgpu::TextureView,
) -> wgpu::RenderPass<'pass> {
    render_context
        .command_encoder
        .begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some(STREET_PASS),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(scene.clear_colour()),
                    store: true,
                },
            })],
            depth_stencil_attachment: None,
        })
}
