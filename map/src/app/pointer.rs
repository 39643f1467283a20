//! The user's hand: pan, zoom, hover, click and keys.

use map_protocol::{FromMap, Layer, Target};

use super::StreetMap;
use crate::{hand::Gesture, motion::Eye};

/// CSS pixels of wheel travel for one zoom level.
const WHEEL_PX_PER_LEVEL: f64 = 260.0;
/// The same for two fingers on a trackpad, which a browser tells as a wheel that turns by a hundred
/// times the logarithm of how much further apart they are: 100 ln 2 is twice as far, one level.
const PINCH_PX_PER_LEVEL: f64 = 69.3;
/// A wheel that travels this far at once while Ctrl is held is no trackpad.
const LEAST_NOTCH_PX: f64 = 50.0;
/// CSS pixels by which an arrow key moves the view.
const KEY_PAN_PX: f64 = 120.0;

/// A key of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Left,
    Right,
    Up,
    Down,
    ZoomIn,
    ZoomOut,
    /// Picks the mark nearest to the middle, then the next one outwards.
    PickNext,
    PickBefore,
    /// Ends a box, a flight or following.
    Cancel,
}

impl Key {
    /// The key of a DOM event's `key` value, if it is the map's.
    pub fn from_dom(name: &str, shift: bool) -> Option<Self> {
        Some(match name {
            "Enter" if shift => Self::PickBefore,
            "Enter" => Self::PickNext,
            "Escape" => Self::Cancel,
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
        if self.tool_pressed([x, y]) {
            return;
        }
        self.hand.press(x, y, now_ms);
        self.fingers.is_pointing = false;
        if self.interactive
            && let Some(eye) = &mut self.eye
        {
            eye.stop();
        }
    }

    /// The pointer moved.
    pub fn pointer_moved(&mut self, x: f64, y: f64, now_ms: f64) {
        if self.box_stretched(x, y) || self.tool_moved([x, y]) {
            return;
        }
        self.hide_cross();
        match self.hand.travel(x, y, now_ms) {
            Gesture::Drag { dx, dy } if self.interactive => {
                if let Some(eye) = &mut self.eye {
                    eye.drag(dx / self.scale, dy / self.scale);
                    self.end_follow_by_user();
                    self.moved_by_user();
                }
                self.hover_at = Some([x, y]);
                self.set_hovered_cluster(Vec::new(), [x, y]);
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
        if self.box_let_go(x, y) || self.tool_released() {
            return;
        }
        match self.hand.release(x, y, now_ms) {
            Gesture::Click { x, y } if self.tool_clicked([x, y]) => {}
            Gesture::Click { x, y } => self.pick(x, y, 0),
            Gesture::Throw { velocity } if self.interactive && !self.calm => {
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
        self.tool_left();
        self.hand.cancel();
        self.rubber = None;
        self.fingers.is_pointing = false;
        self.hover_at = None;
        self.set_hovered(None, [0.0; 2]);
        self.set_hovered_cluster(Vec::new(), [0.0; 2]);
    }

    /// The wheel turned by so many CSS pixels, positive towards the user.
    pub fn wheel(&mut self, x: f64, y: f64, travel_px: f64) {
        let steps = -(travel_px / WHEEL_PX_PER_LEVEL).clamp(-2.0, 2.0);
        self.zoom_by(self.inner([x, y]), steps);
    }

    /// The wheel turned with Ctrl held, which is how a browser tells of two fingers that move apart or
    /// together on a trackpad. The picture follows them at once.
    pub fn trackpad_pinched(&mut self, x: f64, y: f64, travel_px: f64) {
        if travel_px.abs() >= LEAST_NOTCH_PX {
            self.wheel(x, y, travel_px);
            return;
        }
        let at = self.inner([x, y]);
        let finite = at.iter().all(|axis| axis.is_finite()) && travel_px.is_finite();
        if self.interactive
            && finite
            && let Some(eye) = &mut self.eye
        {
            eye.pinch(at, [0.0; 2], -travel_px / PINCH_PX_PER_LEVEL);
            self.moved_by_user();
        }
    }

    /// Two fingers moved: their middle is now at a place and moved by a way, in CSS pixels, and
    /// their distance grew by `steps` doublings.
    pub fn pinched(&mut self, at: [f64; 2], way_px: [f64; 2], steps: f64) {
        self.hand.cancel();
        let (at, way_px) = (self.inner(at), self.inner(way_px));
        let finite = at.iter().chain(&way_px).all(|value| value.is_finite()) && steps.is_finite();
        if self.interactive
            && finite
            && let Some(eye) = &mut self.eye
        {
            eye.pinch(at, way_px, steps);
            self.end_follow_by_user();
            self.moved_by_user();
        }
    }

    /// A double click zooms in, with `out` zooms out.
    pub fn double_clicked(&mut self, x: f64, y: f64, out: bool) {
        // Two quick clicks with a tool are two points.
        if !self.holds_tool() {
            self.zoom_by(self.inner([x, y]), if out { -1.0 } else { 1.0 });
        }
    }

    /// A key went down; answers whether it did anything.
    pub fn key_pressed(&mut self, key: Key) -> bool {
        match key {
            Key::Cancel => return self.cancel(),
            Key::PickNext | Key::PickBefore => self.pick_next(key == Key::PickBefore),
            _ if !self.interactive => return false,
            Key::ZoomIn | Key::ZoomOut => self.step_by(key),
            _ => {
                self.step_by(key);
                self.end_follow_by_user();
            }
        }
        self.reticle.is_shown = true;
        self.changed.anything = true;
        true
    }

    /// Ends what goes on by itself: a box, a flight, following.
    fn cancel(&mut self) -> bool {
        let had_box = self.rubber.take().is_some();
        let was_moving = self.eye.as_ref().is_some_and(Eye::is_moving);
        let followed = self.followed.is_some();
        if let Some(eye) = &mut self.eye {
            eye.stop();
        }
        self.end_follow_by_user();
        self.hide_cross();
        self.changed.anything = true;
        self.changed.view |= was_moving;
        had_box || was_moving || followed
    }

    /// The pointer moves again: the cross of the keyboard is in its way.
    fn hide_cross(&mut self) {
        self.changed.anything |= std::mem::take(&mut self.reticle.is_shown);
    }

    /// An arrow or a zoom key.
    fn step_by(&mut self, key: Key) {
        let Some(eye) = &mut self.eye else { return };
        let middle = [eye.view.width_px / 2.0, eye.view.height_px / 2.0];
        match key {
            Key::Left => eye.drag(KEY_PAN_PX, 0.0),
            Key::Right => eye.drag(-KEY_PAN_PX, 0.0),
            Key::Up => eye.drag(0.0, KEY_PAN_PX),
            Key::Down => eye.drag(0.0, -KEY_PAN_PX),
            Key::ZoomIn => eye.zoom_by(middle, 1.0),
            Key::ZoomOut => eye.zoom_by(middle, -1.0),
            Key::PickNext | Key::PickBefore | Key::Cancel => return,
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

    pub(super) fn moved_by_user(&mut self) {
        self.reticle.begin_again();
        self.changed.view = true;
        self.changed.anything = true;
        self.changed.by_user = true;
        self.idle_told = false;
    }

    /// Whether a feature is under the pointer, for the cursor.
    pub fn is_over_feature(&self) -> bool {
        self.hovered.is_some()
            || self
                .hover_at
                .is_some_and(|at| self.cluster_at(at).is_some())
    }

    /// Whether the picture is being dragged, for the cursor.
    pub fn is_dragging(&self) -> bool {
        self.interactive && self.hand.is_dragging()
    }

    fn hover(&mut self) {
        let Some(at) = self.hover_at else { return };
        // A click goes to the tool, or to a cluster and to none of its members.
        let cluster = self.cluster_at(at).filter(|_| !self.holds_tool());
        let members = cluster.map(|shown| &shown.cluster.members[..]);
        let members = members.unwrap_or_default();
        let is_over_cluster = !members.is_empty();
        let news = (members != self.hovered_cluster).then(|| members.to_vec());
        let top = if self.holds_tool() || is_over_cluster {
            None
        } else {
            hoverable(&self.targets_at(at))
        };
        self.set_hovered(top, at);
        if let Some(members) = news {
            self.set_hovered_cluster(members, at);
        }
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
        let before = std::mem::replace(&mut self.hovered, target);
        self.changed.selection = true;
        // Only areas change the ground when they are hovered.
        let is_area =
            |target: Option<Target>| target.is_some_and(|target| target.layer.holds_polygons());
        self.changed.ground |= is_area(before) || is_area(target);
        self.changed.anything = true;
        self.outbox
            .retain(|waiting| !matches!(waiting, FromMap::Hovered { .. }));
        self.outbox.push_back(FromMap::Hovered {
            target,
            x: at[0] as f32,
            y: at[1] as f32,
        });
    }

    pub(super) fn set_hovered_cluster(&mut self, ids: Vec<u32>, at: [f64; 2]) {
        if self.hovered_cluster == ids {
            return;
        }
        self.hovered_cluster.clone_from(&ids);
        self.outbox
            .retain(|waiting| !matches!(waiting, FromMap::ClusterHovered { .. }));
        let [x, y] = at.map(|px| px as f32);
        self.outbox.push_back(FromMap::ClusterHovered { ids, x, y });
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
