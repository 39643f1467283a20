//! The user's hand: pan, zoom, hover, click and keys; and what lies under a pixel.

use map_core::live::AreaFeature;
use map_protocol::{FromMap, Layer, Target};

use super::StreetMap;
use crate::{hand::Gesture, layers::AREA_LAYERS};

/// CSS pixels of wheel travel for one zoom level.
const WHEEL_PX_PER_LEVEL: f64 = 260.0;
/// CSS pixels by which an arrow key moves the view.
const KEY_PAN_PX: f64 = 120.0;
/// Points count as hit this far beyond their edge, in CSS pixels.
const PICK_SLACK_PX: f64 = 4.0;

/// A key that moves the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Left,
    Right,
    Up,
    Down,
    ZoomIn,
    ZoomOut,
}

impl Key {
    /// The key of a DOM event's `key` value, if it moves the map.
    pub fn from_dom(name: &str) -> Option<Self> {
        Some(match name {
            "ArrowLeft" => Self::Left,
            "ArrowRight" => Self::Right,
            "ArrowUp" => Self::Up,
            "ArrowDown" => Self::Down,
            "+" | "=" => Self::ZoomIn,
            "-" | "_" => Self::ZoomOut,
            _ => return None,
        })
    }
}

impl StreetMap {
    /// The primary button went down at a place in CSS pixels.
    pub fn pointer_pressed(&mut self, x: f64, y: f64, now_ms: f64) {
        self.hand.press(x, y, now_ms);
        if self.interactive
            && let Some(eye) = &mut self.eye
        {
            eye.stop();
        }
    }

    /// The pointer moved.
    pub fn pointer_moved(&mut self, x: f64, y: f64, now_ms: f64) {
        match self.hand.travel(x, y, now_ms) {
            Gesture::Drag { dx, dy } if self.interactive => {
                if let Some(eye) = &mut self.eye {
                    eye.drag(dx / self.scale, dy / self.scale);
                    self.moved_by_user();
                }
            }
            Gesture::Hover { x, y } => {
                self.hover_at = Some([x, y]);
                self.hover();
            }
            _ => {}
        }
    }

    /// The button went up.
    pub fn pointer_released(&mut self, x: f64, y: f64, now_ms: f64) {
        match self.hand.release(x, y, now_ms) {
            Gesture::Click { x, y } => self.pick(x, y, 0),
            Gesture::Throw { velocity } if self.interactive => {
                if let Some(eye) = &mut self.eye {
                    eye.throw(velocity.map(|axis| axis / self.scale));
                    self.moved_by_user();
                }
            }
            // The view settles where it is.
            _ => self.changed.view |= self.interactive,
        }
        self.changed.anything = true;
    }

    /// The pointer left the canvas or was taken away.
    pub fn pointer_left(&mut self) {
        self.hand.cancel();
        self.hover_at = None;
        self.set_hovered(None, [0.0; 2]);
    }

    /// The wheel turned by so many CSS pixels, positive towards the user.
    pub fn wheel(&mut self, x: f64, y: f64, travel_px: f64) {
        let steps = -(travel_px / WHEEL_PX_PER_LEVEL).clamp(-2.0, 2.0);
        self.zoom_by(self.inner([x, y]), steps);
    }

    /// A double click zooms in, with `out` zooms out.
    pub fn double_clicked(&mut self, x: f64, y: f64, out: bool) {
        self.zoom_by(self.inner([x, y]), if out { -1.0 } else { 1.0 });
    }

    /// A key went down.
    pub fn key_pressed(&mut self, key: Key) {
        let Some(eye) = &mut self.eye else { return };
        if !self.interactive {
            return;
        }
        let middle = [eye.view.width_px / 2.0, eye.view.height_px / 2.0];
        match key {
            Key::Left => eye.drag(KEY_PAN_PX, 0.0),
            Key::Right => eye.drag(-KEY_PAN_PX, 0.0),
            Key::Up => eye.drag(0.0, KEY_PAN_PX),
            Key::Down => eye.drag(0.0, -KEY_PAN_PX),
            Key::ZoomIn => eye.zoom_by(middle, 1.0),
            Key::ZoomOut => eye.zoom_by(middle, -1.0),
        }
        self.moved_by_user();
    }

    fn zoom_by(&mut self, at: [f64; 2], steps: f64) {
        if self.interactive
            && steps.is_finite()
            && let Some(eye) = &mut self.eye
        {
            eye.zoom_by(at, steps);
            self.moved_by_user();
        }
    }

    /// A place in the map's own pixels, which are `scale` times as large as CSS pixels.
    fn inner(&self, at: [f64; 2]) -> [f64; 2] {
        at.map(|axis| axis / self.scale)
    }

    fn moved_by_user(&mut self) {
        self.changed.view = true;
        self.changed.anything = true;
        self.changed.by_user = true;
        self.idle_told = false;
    }

    /// Whether a feature is under the pointer, for the cursor.
    pub fn is_over_feature(&self) -> bool {
        self.hovered.is_some()
    }

    /// Whether the picture is being dragged, for the cursor.
    pub fn is_dragging(&self) -> bool {
        self.interactive && self.hand.is_dragging()
    }

    /// Answers what lies at a place, the topmost first.
    pub(super) fn pick(&mut self, x: f64, y: f64, request: u32) {
        let targets = self.targets_at([x, y]);
        let Some(eye) = &self.eye else { return };
        let place = eye.view.world_from_screen(self.inner([x, y])).to_lon_lat();
        self.outbox.push_back(FromMap::Picked {
            request,
            x: x as f32,
            y: y as f32,
            lon: place.lon,
            lat: place.lat,
            targets,
        });
    }

    fn hover(&mut self) {
        let Some(at) = self.hover_at else { return };
        let top = hoverable(&self.targets_at(at));
        self.set_hovered(top, at);
    }

    /// Things move under a resting pointer too.
    pub(super) fn hover_again(&mut self) {
        if self.hover_at.is_some() && !self.hand.is_dragging() {
            self.hover();
        }
    }

    fn set_hovered(&mut self, target: Option<Target>, at: [f64; 2]) {
        if self.hovered == target {
            return;
        }
        self.hovered = target;
        self.changed.selection = true;
        self.changed.anything = true;
        self.outbox
            .retain(|waiting| !matches!(waiting, FromMap::Hovered { .. }));
        self.outbox.push_back(FromMap::Hovered {
            target,
            x: at[0] as f32,
            y: at[1] as f32,
        });
    }

    /// Every visible feature under a place, the topmost first.
    ///
    /// Points are compared one by one: the comparison of 100,000 fixed-point pairs takes about a
    /// tenth of a millisecond, less than the upkeep of a tree under positions that change every
    /// frame. Areas, which seldom change, have an index.
    pub fn targets_at(&mut self, at: [f64; 2]) -> Vec<Target> {
        self.index_areas();
        let at = self.inner(at);
        let Some(eye) = &self.eye else {
            return Vec::new();
        };
        let view = eye.view;
        let mut targets = Vec::new();
        let growth = f64::from(super::frame::mark_growth(view.zoom));
        let incident_growth = f64::from(super::frame::incident_growth(view.zoom));
        let steps_per_px = 4_294_967_296.0 / view.world_size_px();
        let cursor = view.world_from_screen(at);
        let cursor = [cursor.x, cursor.y].map(|share| (share * 4_294_967_296.0) as i64 as u32);
        let near = |place: [u32; 2], radius_px: f64| {
            let reach = (radius_px + PICK_SLACK_PX) * steps_per_px;
            let dx = f64::from(place[0].wrapping_sub(cursor[0]).cast_signed());
            let dy = f64::from(place[1].wrapping_sub(cursor[1]).cast_signed());
            (dx.abs() <= reach && dy.abs() <= reach && dx.hypot(dy) <= reach).then(|| dx.hypot(dy))
        };
        if self.visible[Layer::Incidents as usize] {
            for drawn in self.incidents.drawn().iter().rev() {
                if near(
                    drawn.mark.at,
                    f64::from(drawn.mark.radius) / 4.0 * incident_growth,
                )
                .is_some()
                {
                    targets.push(Target {
                        layer: Layer::Incidents,
                        id: drawn.incident.id,
                    });
                }
            }
        }
        if self.visible[Layer::People as usize] {
            let (marks, glides) = self.people.marks();
            let now_ms = self.clock_ms;
            let mut hits: Vec<(f64, u32)> = marks
                .iter()
                .zip(glides)
                .zip(self.people.ids())
                .filter_map(|((mark, glide), id)| {
                    let place = glide.shown_at(mark.at, now_ms);
                    Some((near(place, f64::from(mark.radius) / 4.0 * growth)?, *id))
                })
                .collect();
            hits.sort_by(|a, b| a.0.total_cmp(&b.0));
            targets.extend(hits.iter().map(|(_, id)| Target {
                layer: Layer::People,
                id: *id,
            }));
        }
        if self.visible[Layer::Cameras as usize] && super::frame::camera_opacity(view.zoom) > 0.3 {
            for camera in self.cameras.iter().rev() {
                if near([camera.at.x, camera.at.y], 4.0 * growth).is_some() {
                    targets.push(Target {
                        layer: Layer::Cameras,
                        id: camera.id,
                    });
                }
            }
        }
        for hit in self.picking.pick(&view, at, 0.0) {
            let rank = hit.rank as usize;
            let Some(layer) = Layer::ALL.get(rank).copied() else {
                continue;
            };
            let shown = self.visible[rank] && crate::grids::look_of(layer, view.zoom).opacity > 0.3;
            if let (true, Some(id)) = (shown, self.grids[rank].ids.get(hit.feature as usize)) {
                targets.push(Target { layer, id: *id });
            }
        }
        targets
    }

    fn index_areas(&mut self) {
        if !std::mem::take(&mut self.changed.areas_pickable) {
            return;
        }
        for at in 0..AREA_LAYERS {
            let features: &[AreaFeature] = &self.grids[at].features;
            if features.is_empty() {
                self.picking.remove(at as u32);
            } else {
                self.picking.set_areas(at as u32, features);
            }
        }
    }
}

/// What the pointer emphasises: a mark where there is one, else the finest area, since the coarser
/// ones would light up everywhere. The street itself is the whole map.
fn hoverable(targets: &[Target]) -> Option<Target> {
    let mark = targets.iter().find(|target| !target.layer.holds_polygons());
    let areas = targets
        .iter()
        .filter(|target| target.layer != Layer::Street);
    mark.or_else(|| areas.min_by_key(|target| (target.layer != Layer::Areas, target.layer)))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_emphasises_marks_then_the_finest_area() {
        let at = |layer, id| Target { layer, id };
        let areas = [
            at(Layer::Street, 1),
            at(Layer::Communities, 2),
            at(Layer::UnitGrids, 3),
        ];
        assert_eq!(hoverable(&areas), Some(at(Layer::UnitGrids, 3)));
        let with_person = [at(Layer::People, 9), areas[0], areas[2]];
        assert_eq!(hoverable(&with_person), Some(at(Layer::People, 9)));
        assert_eq!(
            hoverable(&[at(Layer::Areas, 4), areas[2]]),
            Some(at(Layer::Areas, 4))
        );
        assert_eq!(hoverable(&areas[..1]), None);
    }
}
