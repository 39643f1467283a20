//! Uploading of the live layers that changed.

use map_core::{
    lines::{Line, LineMesh},
    live::AreaMesh,
};
use map_protocol::{Camera, CameraState, DeviceKind, Icon, Layer, LineFeature, Target};

use super::{StreetMap, looks};
use crate::{
    grids::unwrapped,
    incidents::has_picture,
    layers::{
        AREA_LAYERS, Scene,
        marks::{FewMarks, Glide, Look, Mark, NO_RING},
        palette,
        pins::{NONE, Outline, Pin},
    },
    people::Dirty,
};

/// Quarters of a CSS pixel.
pub(super) const DEVICE_RADIUS: u8 = 15;
/// How much larger an emphasised mark is, in quarters of a CSS pixel.
const EMPHASIS_RADIUS: f32 = 6.0;

impl StreetMap {
    /// Uploads what changed since the last frame.
    pub(super) fn upload_live(&mut self) {
        self.upload_areas();
        // Asked before the layers below are clean again.
        let emphasis = self.emphasis_changed().then(|| self.emphasised());
        self.upload_trails();
        self.upload_people();
        let devices = self
            .changed
            .cameras
            .then(|| self.cameras.iter().map(device_pin).collect::<Vec<_>>());
        let incidents = std::mem::take(&mut self.incidents.dirty).then(|| self.incident_pins());
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        scene.pin_pipeline.write_pictures(queue);
        if let Some((pins, donuts)) = incidents {
            scene.incidents.write(&scene.gpu, queue, &pins);
            scene.clusters.write(&scene.gpu, queue, &donuts);
        }
        if let Some(pins) = devices {
            scene.devices.write(&scene.gpu, queue, &pins);
        }
        if let Some((marks, pins)) = emphasis {
            let people = &mut scene.emphasis.layer;
            people.write(&scene.gpu, queue, marks.as_ref());
            scene.emphasised_pins.write(&scene.gpu, queue, &pins);
        }
        if std::mem::take(&mut self.sketch.dirty) {
            scene
                .sketch
                .write(&scene.gpu, queue, &scene.area_pipelines, &self.sketch);
        }
        if let Some(lines) = self.new_lines.take() {
            let lines: Vec<Line> = lines.iter().map(line_of).collect();
            scene
                .lines
                .write(&scene.gpu, queue, LineMesh::build(&lines));
        }
        if std::mem::take(&mut self.heat.dirty) || self.changed.palette {
            let grid = self.heat.grid.as_ref();
            scene
                .heat
                .write(&scene.gpu, queue, grid, &self.palette.heat);
        }
        if self.changed.routes {
            scene.routes.write(&scene.gpu, queue, &self.routes);
        }
    }

    fn upload_areas(&mut self) {
        let emphasis: Vec<_> = (0..AREA_LAYERS).map(|at| self.emphasis_of(at)).collect();
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        let gpu = &scene.gpu;
        let layers = self.grids.iter_mut().zip(&mut scene.areas);
        for ((grid, layer), (selected, hovered)) in layers.zip(emphasis) {
            if std::mem::take(&mut grid.geometry_dirty) {
                layer.write_mesh(gpu, queue, AreaMesh::build(&grid.features));
            }
            if std::mem::take(&mut grid.classes_dirty) {
                let pipelines = &scene.area_pipelines;
                layer.write_classes(gpu, queue, pipelines, &grid.classes, &grid.hatched);
            }
            layer.selected = selected;
            layer.hovered = hovered;
        }
    }

    /// Before the people are clean again, since a trail goes with its mark.
    fn upload_trails(&mut self) {
        if !std::mem::take(&mut self.trails.dirty) && self.people.dirty == Dirty::Nothing {
            return;
        }
        let steps = self.trails.steps(&self.people);
        if let Some((scene, queue)) = self.engine.with_queue::<Scene>() {
            scene.trails.write(&scene.gpu, queue, steps);
        }
    }

    fn upload_people(&mut self) {
        let dirty = self.people.dirty.take();
        let marks = self.people.marks();
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        let layer = &mut scene.people.layer;
        match dirty {
            Dirty::Nothing => {}
            Dirty::Places => layer.write_places(&scene.gpu, queue, marks),
            Dirty::All => layer.write(&scene.gpu, queue, marks),
            Dirty::Some(indices) => layer.write_some(&scene.gpu, queue, indices, marks),
        }
    }

    /// The selected features of a polygon layer, and the hovered one unless the layer is hidden.
    fn emphasis_of(&self, at: usize) -> (Vec<u32>, Option<u32>) {
        let index = |target: &Target| {
            let here = target.layer as usize == at;
            here.then(|| self.grids[at].index_of(target.id)).flatten()
        };
        let selected = self.selection.iter().filter_map(index).collect();
        let hovered = self
            .highlight
            .as_ref()
            .or(self.hovered.as_ref())
            .filter(|_| self.visible[at])
            .and_then(index);
        (selected, hovered)
    }

    /// Whether the marks that are drawn once more may look or lie differently.
    fn emphasis_changed(&self) -> bool {
        self.changed.selection
            || self.changed.view
            || self.changed.cameras
            || self.incidents.dirty
            || self.people.dirty != Dirty::Nothing
    }

    /// The selected and the hovered people as marks, devices and incidents as pins, larger and with
    /// a ring, and below those pins the incidents that stand out. Only what is selected is drawn of a
    /// hidden layer.
    fn emphasised(&self) -> (FewMarks, Vec<Pin>) {
        let hovered = self.highlight.or(self.hovered);
        let hovered = hovered.filter(|target| {
            self.visible[target.layer as usize] && !self.selection.contains(target)
        });
        let hovered = hovered.into_iter().map(|target| (target, palette::HOVER));
        let selected = self
            .selection
            .iter()
            .map(|target| (*target, palette::SELECTION));
        let (mut marks, mut pins) = (FewMarks::default(), self.standing_out());
        for (target, ring) in hovered.chain(selected) {
            if target.layer == Layer::People {
                if let Some((mark, glide)) = self.emphasised_person(target.id, ring) {
                    marks.push(mark, glide);
                }
            } else {
                pins.extend(self.emphasised_pin(target, ring));
            }
        }
        (marks, pins)
    }

    /// The pins of the incidents that stand out, as large as they are among the others.
    fn standing_out(&self) -> Vec<Pin> {
        let Some(eye) = &self.eye else {
            return Vec::new();
        };
        if !self.visible[Layer::Incidents as usize] {
            return Vec::new();
        }
        let zoom = eye.view.zoom;
        let new = self.incidents.standing_out().map(|drawn| {
            let pin = drawn.pin;
            let radius_px = looks::incident_radius_px(pin.radius, zoom, has_picture(&pin));
            Pin {
                radius: (radius_px * 4.0).round() as u8,
                ..pin
            }
        });
        new.collect()
    }

    fn emphasised_person(&self, id: u32, ring: u8) -> Option<(Mark, Glide)> {
        let zoom = self.eye.as_ref()?.view.zoom;
        let (mark, glide) = self.people.mark_of(id)?;
        let look = mark.look;
        let radius = f32::from(look.radius) * looks::mark_growth(zoom) + EMPHASIS_RADIUS;
        let (inner_ring, outer_ring) = with_ring(look.inner_ring, look.outer_ring, ring, NO_RING);
        let look = Look {
            radius: radius.round() as u8,
            opacity: 255,
            inner_ring,
            outer_ring,
            ..look
        };
        Some((Mark { look, ..mark }, glide))
    }

    fn emphasised_pin(&self, target: Target, ring: u8) -> Option<Pin> {
        let zoom = self.eye.as_ref()?.view.zoom;
        let (mut pin, radius_px) = match target.layer {
            Layer::Incidents => {
                let pin = self.incidents.pin_of(target.id)?;
                let radius_px = looks::incident_radius_px(pin.radius, zoom, has_picture(&pin));
                (pin, radius_px)
            }
            Layer::Cameras => {
                let camera = self.cameras.iter().find(|camera| camera.id == target.id)?;
                let mut pin = device_pin(camera);
                if looks::device_picture_share(zoom) < 0.5 {
                    pin.icon = Icon::Nothing as u8;
                }
                let radius_px = looks::device_radius_px(pin.radius, zoom);
                (pin, radius_px)
            }
            _ => return None,
        };
        pin.radius = (radius_px * 4.0 + EMPHASIS_RADIUS).round() as u8;
        pin.opacity = 255;
        (pin.inner_halo, pin.outer_halo) = with_ring(pin.inner_halo, pin.outer_halo, ring, NONE);
        Some(pin)
    }
}

/// The inner and the outer ring with one more; one that is there already stays where it is.
fn with_ring(inner: u8, outer: u8, ring: u8, none: u8) -> (u8, u8) {
    if inner == none {
        (ring, none)
    } else if inner == ring || outer == ring {
        (inner, outer)
    } else {
        (inner, ring)
    }
}

/// The pin of a device: its kind decides outline and picture.
fn device_pin(device: &Camera) -> Pin {
    let (outline, icon) = match device.kind {
        DeviceKind::Camera => (Outline::Square, Icon::Lens),
        DeviceKind::WaterLevel => (Outline::Triangle, Icon::Gauge),
        DeviceKind::Smoke => (Outline::Circle, Icon::Smoke),
        DeviceKind::Gas => (Outline::Diamond, Icon::Flame),
        DeviceKind::Sensor => (Outline::Hexagon, Icon::Antenna),
    };
    Pin {
        at: [device.at.x, device.at.y],
        shape: outline as u8,
        ring: match device.state {
            CameraState::Online => palette::CAMERA_ONLINE,
            CameraState::Offline => palette::CAMERA_OFFLINE,
        },
        icon: icon as u8,
        lamp: NONE,
        radius: DEVICE_RADIUS,
        opacity: 255,
        lamp_form: 0,
        pulses: 0,
        inner_halo: NONE,
        outer_halo: NONE,
        unused: [0; 2],
        pulse_ms: 0,
    }
}

/// A line in the map's own terms.
fn line_of(line: &LineFeature) -> Line {
    Line {
        class: line.class as u8,
        points: unwrapped(&line.points),
    }
}

#[cfg(test)]
mod tests {
    use map_protocol::{LineClass, Position};

    use super::*;

    #[test]
    fn a_line_over_the_antimeridian_takes_the_short_way() {
        let line = line_of(&LineFeature {
            class: LineClass::Primary,
            points: [179.9, -179.9, 179.8]
                .map(|lon| Position::from_lon_lat(lon, 0.0))
                .to_vec(),
        });
        let xs: Vec<f64> = line.points.iter().map(|point| point.x).collect();
        assert!(xs[1] > 1.0 && (xs[1] - xs[0]).abs() < 0.001, "{xs:?}");
        assert!(xs[2] < 1.0, "{xs:?}");
    }

    #[test]
    fn a_ring_more_keeps_those_that_are_there() {
        let (old, new) = (palette::OVERDUE, palette::HOVER);
        assert_eq!(with_ring(NONE, NONE, new, NONE), (new, NONE));
        assert_eq!(with_ring(old, NONE, new, NONE), (old, new));
        assert_eq!(with_ring(old, new, new, NONE), (old, new));
        assert_eq!(with_ring(new, old, new, NONE), (new, old));
    }
}
