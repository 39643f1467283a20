//! Uploading of the live layers that changed.

use map_core::live::AreaMesh;
use map_protocol::{CameraState, Layer, Target};

use super::{StreetMap, looks};
use crate::{
    layers::{
        AREA_LAYERS, Scene,
        marks::{Glide, Mark, NO_RING, Shape},
        palette,
    },
    people::Dirty,
};

/// Quarters of a CSS pixel.
const CAMERA_RADIUS: u8 = 15;
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
        let cameras = self.changed.cameras.then(|| self.camera_marks());
        let incidents = std::mem::take(&mut self.incidents.dirty).then(|| self.incidents.marks());
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        if let Some((marks, glides)) = incidents {
            scene
                .incidents
                .layer
                .write(&scene.gpu, queue, &marks, &glides);
        }
        if let Some((marks, glides)) = cameras {
            scene
                .cameras
                .layer
                .write(&scene.gpu, queue, &marks, &glides);
        }
        if let Some((marks, glides)) = emphasis {
            scene
                .emphasis
                .layer
                .write(&scene.gpu, queue, &marks, &glides);
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
                layer.write_classes(gpu, queue, &scene.area_pipelines, &grid.classes);
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
        let (marks, glides) = self.people.marks();
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        let layer = &mut scene.people.layer;
        match dirty {
            Dirty::Nothing => {}
            Dirty::All => layer.write(&scene.gpu, queue, marks, glides),
            Dirty::Some(indices) => {
                layer.write_some(&scene.gpu, queue, indices, (marks, glides));
            }
        }
    }

    /// The selected and the hovered features of a polygon layer.
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
            .and_then(index);
        (selected, hovered)
    }

    /// Whether the marks that are drawn once more may look or lie differently.
    fn emphasis_changed(&self) -> bool {
        self.changed.selection
            || self.changed.view
            || self.incidents.dirty
            || self.people.dirty != Dirty::Nothing
    }

    /// The selected and the hovered marks, larger and with a ring.
    fn emphasised(&self) -> (Vec<Mark>, Vec<Glide>) {
        let hovered = self.highlight.or(self.hovered);
        let hovered = hovered.filter(|target| !self.selection.contains(target));
        let hovered = hovered.into_iter().map(|target| (target, palette::HOVER));
        let selected = self
            .selection
            .iter()
            .map(|target| (*target, palette::SELECTION));
        hovered
            .chain(selected)
            .filter(|(target, _)| self.visible[target.layer as usize])
            .filter_map(|(target, ring)| self.emphasised_mark(target, ring))
            .unzip()
    }

    fn emphasised_mark(&self, target: Target, ring: u8) -> Option<(Mark, Glide)> {
        let zoom = self.eye.as_ref()?.view.zoom;
        let (mark, glide, growth) = match target.layer {
            Layer::Incidents => {
                let mark = self.incidents.mark_of(target.id)?;
                (mark, Glide::STANDING, looks::incident_growth(zoom))
            }
            Layer::People => {
                let (mark, glide) = self.people.mark_of(target.id)?;
                (mark, glide, looks::mark_growth(zoom))
            }
            _ => return None,
        };
        let radius = f32::from(mark.radius) * growth + EMPHASIS_RADIUS;
        let (inner_ring, outer_ring) = match mark.inner_ring {
            NO_RING => (ring, NO_RING),
            held if held == ring || mark.outer_ring == ring => (held, mark.outer_ring),
            held => (held, ring),
        };
        let radius = radius.round() as u8;
        Some((
            Mark {
                radius,
                opacity: 255,
                inner_ring,
                outer_ring,
                ..mark
            },
            glide,
        ))
    }

    fn camera_marks(&self) -> (Vec<Mark>, Vec<Glide>) {
        let mark = |camera: &map_protocol::Camera| {
            let at = [camera.at.x, camera.at.y];
            let mark = Mark {
                at,
                shape: Shape::Camera as u8,
                fill: match camera.state {
                    CameraState::Online => palette::CAMERA_ONLINE,
                    CameraState::Offline => palette::CAMERA_OFFLINE,
                },
                outline: palette::PERSON_OUTLINE,
                inner_ring: NO_RING,
                radius: CAMERA_RADIUS,
                opacity: 255,
                flags: 0,
                outer_ring: NO_RING,
            };
            (mark, Glide::STANDING)
        };
        self.cameras.iter().map(mark).unzip()
    }
}
