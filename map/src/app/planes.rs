//! Where everything lies on the screen: the uniforms of one frame.

use map_core::{
    cover::DrawTile,
    projection::{View, World, WorldRect},
    tessellate::EXTENT,
};
use map_protocol::Layer;

use super::{StreetMap, looks};
use crate::{
    engine::Lens,
    grids::look_of,
    layers::{
        Scene,
        areas::AreaPlanes,
        base_map::TileDraw,
        gpu::{FrameUniform, Plane},
        palette,
        still::Ground,
    },
    motion::STEP,
};

/// What all planes of a frame are made from.
struct Stand<'a> {
    view: &'a View,
    lens: &'a Lens,
    frame: FrameUniform,
    visible: &'a [bool],
    /// The strength of the shadows below people.
    shadows: f32,
}

impl Stand<'_> {
    fn shows(&self, layer: Layer) -> bool {
        self.visible[layer as usize]
    }

    /// Clip space from a plane of world units, in the world that is nearest: its origin may lie on the
    /// other side of the antimeridian than the middle of the screen.
    fn clip_nearby(&self, [x, y]: [f64; 2]) -> [[f32; 4]; 4] {
        let x = x + (self.view.centre.x - x).round();
        self.lens.clip_from_plane([x, y], 1.0)
    }

    fn colour(&self, slot: u8) -> [f32; 4] {
        self.frame.colours[usize::from(slot)]
    }
}

impl StreetMap {
    /// Writes the uniforms of a frame, with so strong shadows below people.
    pub(super) fn set_planes(&mut self, view: &View, shadows: f32) {
        // The engine's camera must stand before its matrices are read.
        self.engine.look_at(view);
        let lens = self.engine.lens(view);
        let surface = self.surface_px();
        let background = self.background(view.zoom);
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        let frame = FrameUniform {
            viewport: [
                view.width_px as f32,
                view.height_px as f32,
                view.dpr as f32,
                0.0,
            ],
            clock: [self.shader_clock_ms, 0, 0, 0],
            colours: self.colours,
        };
        let stand = Stand {
            view,
            lens: &lens,
            frame,
            visible: &self.visible,
            shadows,
        };
        scene.gpu.begin_planes();
        scene.background = background;
        let ground =
            scene
                .still
                .prepare(&scene.gpu, surface, self.changed.view, self.changed.ground);
        if ground != Ground::Held {
            scene.base_map.surface = surface;
            scene.base_map.set_paints(queue, &self.paints);
            set_tiles(scene, &stand, self.tiles.draws(), surface);
            set_lines(scene, &stand);
            set_areas(scene, &stand);
        }
        let from_centre = plane_from_centre(&stand);
        if ground != Ground::Held {
            let shown = !scene.heat.is_empty();
            scene.heat.plane = shown.then(|| scene.gpu.add_plane(&from_centre));
        }
        set_marks(scene, &stand, &from_centre);
        set_routes(scene, &stand, &from_centre);
        set_trails(scene, &stand, &from_centre);
        set_sketch(scene, &stand, &from_centre);
        let origin_plane = |[x, y]: [f64; 2]| Plane {
            tint: [x as f32, y as f32, 0.0, 0.0],
            ..from_centre
        };
        let (labels, signs) = (scene.labels.origin_px, scene.labels.signs_px);
        scene.labels.plane = Some(scene.gpu.add_plane(&origin_plane(labels)));
        let signs = stand.shows(Layer::Incidents).then(|| origin_plane(signs));
        scene.overlay.plane = scene.labels.plane;
        scene.labels.sign_plane = signs.map(|plane| scene.gpu.add_plane(&plane));
        scene.gpu.upload(queue, &stand.frame);
    }

    /// The colour below everything, from the style where it has a background; reads the paints of
    /// this zoom on the way.
    fn background(&mut self, zoom: f64) -> map_core::colour::Colour {
        let ground_may_differ = self.changed.view || self.changed.ground || self.paints.is_empty();
        if ground_may_differ {
            self.shown_style.paints_at(zoom, &mut self.paints);
        }
        let painted = self.paints.iter().find_map(|paint| match paint {
            map_core::style::LayerPaint::Background(colour) => Some(*colour),
            _ => None,
        });
        painted
            .filter(|_| self.visible[Layer::BaseMap as usize])
            .unwrap_or_else(|| palette::linear(self.palette.background))
    }
}

fn set_tiles(scene: &mut Scene, stand: &Stand<'_>, tiles: &[DrawTile], surface: [u32; 2]) {
    scene.base_map.draws.clear();
    if !stand.shows(Layer::BaseMap) {
        return;
    }
    for tile in tiles {
        let Some(scissor) = scissor_of(stand.view, tile.clip.rect(), tile.wrap, surface) else {
            continue;
        };
        let min = tile.key.tile.rect().min;
        let origin = [min.x + f64::from(tile.wrap), min.y];
        let unit = 1.0 / f64::from(tile.key.tile.z).exp2() / f64::from(EXTENT);
        let plane = scene.gpu.add_plane(&Plane {
            clip: stand.lens.clip_from_plane(origin, unit),
            origin: [0; 2],
            px_per_unit: stand.lens.px_per_unit(unit),
            zoom_fraction: tile.key.zoom_fraction(stand.view.zoom),
            tint: [1.0; 4],
            measure: [1.0, 1.0, 0.0, 0.0],
        });
        scene.base_map.draws.push(TileDraw {
            key: tile.key,
            plane,
            scissor,
        });
    }
}

fn set_areas(scene: &mut Scene, stand: &Stand<'_>) {
    for (layer, area) in Layer::ALL.iter().zip(scene.areas.iter_mut()) {
        let look = look_of(*layer, stand.view.zoom);
        area.planes = None;
        let shows = stand.shows(*layer) && look.opacity > 0.0;
        if area.is_empty() || !(shows || area.has_emphasis()) {
            continue;
        }
        let slot = if look.strong {
            palette::POLYGON_OUTLINE_STRONG
        } else {
            palette::POLYGON_OUTLINE
        };
        let clip = stand.clip_nearby(area.origin);
        let mut place = |slot: u8, width: f32, opacity: f32| {
            scene.gpu.add_plane(&Plane {
                clip,
                origin: [0; 2],
                px_per_unit: stand.lens.px_per_unit(1.0),
                zoom_fraction: stand.view.zoom.rem_euclid(1.0) as f32,
                tint: stand.colour(slot).map(|channel| channel * opacity),
                measure: [width, opacity, 0.0, 0.0],
            })
        };
        area.planes = Some(AreaPlanes {
            plain: shows.then(|| place(slot, look.outline_px, look.opacity)),
            selected: place(palette::SELECTION, looks::SELECTED_OUTLINE_PX, 1.0),
            hovered: place(palette::HOVER, looks::HOVERED_OUTLINE_PX, 1.0),
        });
    }
}

/// The plane of fixed-point positions around the middle of the screen, where they are exact.
fn plane_from_centre(stand: &Stand<'_>) -> Plane {
    let centre = stand.view.centre;
    let origin = [centre.x, centre.y].map(|share| (share / STEP) as u32);
    Plane {
        clip: stand
            .lens
            .clip_from_plane(origin.map(|step| f64::from(step) * STEP), STEP),
        origin,
        px_per_unit: stand.lens.px_per_unit(STEP),
        zoom_fraction: 0.0,
        tint: [1.0; 4],
        measure: [1.0, 1.0, 0.0, 0.0],
    }
}

fn set_marks(scene: &mut Scene, stand: &Stand<'_>, from_centre: &Plane) {
    let zoom = stand.view.zoom;
    let grown = looks::mark_growth(zoom);
    let headed = looks::heading_opacity(zoom);
    let picture = looks::picture_share(zoom);
    let mut place = |layer: Layer, measure: [f32; 4]| {
        let shown = stand.shows(layer) && measure[1] > 0.0;
        let plane = Plane {
            measure,
            ..*from_centre
        };
        shown.then(|| scene.gpu.add_plane(&plane))
    };
    scene.devices.plane = place(
        Layer::Cameras,
        [
            grown,
            looks::device_opacity(zoom),
            looks::device_picture_share(zoom),
            looks::device_room_px(zoom),
        ],
    );
    scene.people.plane = place(Layer::People, [grown, 1.0, headed, stand.shadows]);
    let size = looks::incident_growth(zoom);
    let room_px = looks::picture_room_px(zoom);
    scene.incidents.plane = place(Layer::Incidents, [size, 1.0, picture, room_px]);
    scene.clusters.plane = place(Layer::Incidents, [size, 1.0, 0.0, 0.0]);
    // The emphasised marks have their sizes already, since their layers differ.
    let plane = Plane {
        measure: [1.0; 4],
        ..*from_centre
    };
    scene.emphasis.plane = Some(scene.gpu.add_plane(&plane));
    let plane = Plane {
        measure: [1.0, 1.0, picture, 0.0],
        ..*from_centre
    };
    scene.emphasised_pins.plane = Some(scene.gpu.add_plane(&plane));
}

/// All casings below all cores, so that crossings are open.
fn set_lines(scene: &mut Scene, stand: &Stand<'_>) {
    scene.lines.draws.clear();
    if !stand.shows(Layer::Lines) {
        return;
    }
    let clip = stand.clip_nearby(scene.lines.origin);
    let px_per_unit = stand.lens.px_per_unit(1.0);
    for (is_casing, more_px) in [(true, 2.0 * looks::LINE_CASING_PX), (false, 0.0)] {
        for class in scene.lines.classes() {
            let width = looks::line_px(class, stand.view.zoom);
            if width <= 0.0 {
                continue;
            }
            let slot = if is_casing {
                palette::LINE_CASING
            } else {
                palette::line_slot(class)
            };
            let plane = scene.gpu.add_plane(&Plane {
                clip,
                origin: [0; 2],
                px_per_unit,
                zoom_fraction: 0.0,
                tint: stand.colour(slot),
                measure: [width + more_px, 1.0, 0.0, 0.0],
            });
            scene.lines.draws.push((class, plane));
        }
    }
}

fn set_routes(scene: &mut Scene, stand: &Stand<'_>, from_centre: &Plane) {
    scene.routes.planes = None;
    if !stand.shows(Layer::Routes) || scene.routes.is_empty() {
        return;
    }
    let mut place = |slot: u8, width: f32, reach: f32| {
        scene.gpu.add_plane(&Plane {
            tint: stand.colour(slot),
            measure: [width, 1.0, reach, 0.0],
            ..*from_centre
        })
    };
    scene.routes.planes = Some([
        place(
            palette::ROUTE_CASING,
            looks::ROUTE_CASING_PX,
            looks::ROUTE_CASING_REACH_PX,
        ),
        place(palette::ROUTE, looks::ROUTE_PX, 0.0),
    ]);
}

fn set_trails(scene: &mut Scene, stand: &Stand<'_>, from_centre: &Plane) {
    let shown = stand.shows(Layer::People) && !scene.trails.is_empty();
    let width = looks::TRAIL_PX * looks::mark_growth(stand.view.zoom);
    let plane = Plane {
        measure: [width, 1.0, 0.0, 0.0],
        ..*from_centre
    };
    scene.trails.plane = shown.then(|| scene.gpu.add_plane(&plane));
}

fn set_sketch(scene: &mut Scene, stand: &Stand<'_>, from_centre: &Plane) {
    let sketch = &mut scene.sketch;
    sketch.line.planes = (!sketch.line.is_empty()).then(|| {
        [
            (palette::ROUTE_CASING, looks::ROUTE_CASING_PX - 1.0),
            (palette::TOOL, looks::TOOL_PX),
        ]
        .map(|(slot, width)| {
            scene.gpu.add_plane(&Plane {
                tint: stand.colour(slot),
                measure: [width, 1.0, 0.0, 0.0],
                ..*from_centre
            })
        })
    });
    sketch.spots.plane = Some(scene.gpu.add_plane(from_centre));
    let plain = scene.gpu.add_plane(&Plane {
        clip: stand.clip_nearby(sketch.area.origin),
        origin: [0; 2],
        px_per_unit: stand.lens.px_per_unit(1.0),
        zoom_fraction: 0.0,
        tint: stand.colour(palette::TOOL),
        measure: [looks::TOOL_PX, 1.0, 0.0, 0.0],
    });
    sketch.area.planes = (!sketch.area.is_empty()).then_some(AreaPlanes {
        plain: Some(plain),
        selected: plain,
        hovered: plain,
    });
}

/// The part of the surface that a tile may touch, in device pixels; `None` where it lies outside.
fn scissor_of(view: &View, rect: WorldRect, wrap: i32, surface: [u32; 2]) -> Option<[u32; 4]> {
    let shifted = |p: World| World::new(p.x + f64::from(wrap), p.y);
    let [left, top] = view.screen_from_world(shifted(rect.min));
    let [right, bottom] = view.screen_from_world(shifted(rect.max));
    // Shared edges are rounded the same way from both sides, so tiles neither gap nor overlap.
    let clamped = |px: f64, end: u32| (px * view.dpr).round().clamp(0.0, f64::from(end)) as u32;
    let (left, right) = (clamped(left, surface[0]), clamped(right, surface[0]));
    let (top, bottom) = (clamped(top, surface[1]), clamped(bottom, surface[1]));
    (right > left && bottom > top).then(|| [left, top, right - left, bottom - top])
}

#[cfg(test)]
mod tests {
    use map_core::projection::{LonLat, TileId};

    use super::*;

    #[test]
    fn neighbouring_tiles_share_an_edge_without_gap_or_overlap() {
        let view = View::new(LonLat::new(104.04, 30.64), 14.37, 801.0, 601.0, 1.25);
        let surface = [1001, 751];
        let middle = view.centre;
        let n = f64::from(1_u32 << 14);
        let tile = TileId {
            z: 14,
            x: (middle.x * n) as u32,
            y: (middle.y * n) as u32,
        };
        let east = TileId {
            x: tile.x + 1,
            ..tile
        };
        let one = scissor_of(&view, tile.rect(), 0, surface).expect("the middle tile is shown");
        match scissor_of(&view, east.rect(), 0, surface) {
            Some([left, ..]) => assert_eq!(one[0] + one[2], left),
            None => assert_eq!(one[0] + one[2], surface[0]),
        }
        assert_eq!(
            scissor_of(&view, tile.rect(), 1, surface),
            None,
            "a world away"
        );
    }
}
