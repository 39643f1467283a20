//! What lies under a pixel.
//!
//! Points are compared one by one, which costs less than the upkeep of a tree under positions that
//! change every frame ([`map_core::crowd`]). Areas, which seldom change, have an index.

use map_core::{crowd::Probe, projection::View};
use map_protocol::{FromMap, Layer, Target};

use super::{StreetMap, live::DEVICE_RADIUS, looks};
use crate::{
    grids::look_of,
    incidents::has_picture,
    layers::{AREA_LAYERS, marks::Look, pins::Pin},
};

/// What the cursor is on or near, with how far it is beyond the edge ([`Probe::beyond`]).
type Hits = Vec<(f64, Target)>;

/// Points count as hit this far beyond their edge, in CSS pixels.
const SLACK_PX: f64 = 4.0;
/// The same under a finger.
const TOUCH_SLACK_PX: f64 = 12.0;
/// What is drawn fainter than this is not hit.
const LEAST_OPACITY: f32 = 0.3;

impl StreetMap {
    /// Answers what lies at a place in CSS pixels, the topmost first.
    pub(super) fn pick(&mut self, x: f64, y: f64, request: u32) {
        if request == 0 && self.pick_cluster(x, y) {
            return;
        }
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

    /// The ids of all people, those who are drawn above others last.
    pub fn people_in_drawing_order(&self) -> &[u32] {
        self.people.ids()
    }

    /// Every visible feature under a place in CSS pixels, from the highest layer down: of each those
    /// whose mark the place is on, the topmost first, then those within the slack, the nearest first.
    /// Of a hidden layer the selected marks are visible; a selected area of one is only an outline.
    pub fn targets_at(&mut self, at: [f64; 2]) -> Vec<Target> {
        self.index_areas();
        let at = self.inner(at);
        let Some(eye) = &self.eye else {
            return Vec::new();
        };
        let view = eye.view;
        let probe = self.probe(&view, at);
        let mut targets = Vec::new();
        self.incidents_at(&probe, view.zoom, &mut targets);
        self.people_at(&probe, view.zoom, &mut targets);
        self.cameras_at(&probe, view.zoom, &mut targets);
        // What is selected or stands out is drawn above all others; of an area that is only its outline.
        targets.sort_by_key(|target| !self.is_drawn_above(*target));
        self.areas_at(&view, at, &mut targets);
        targets
    }

    /// A probe at a place in the map's own pixels, wider under a finger.
    pub(super) fn probe(&self, view: &View, at: [f64; 2]) -> Probe {
        let slack_px = if self.fingers.is_pointing {
            TOUCH_SLACK_PX
        } else {
            SLACK_PX
        };
        Probe::new(view, at, slack_px)
    }

    fn is_drawn_above(&self, target: Target) -> bool {
        let stands_out = target.layer == Layer::Incidents && self.incidents.stands_out(target.id);
        stands_out || self.selection.contains(&target)
    }

    fn incidents_at(&self, probe: &Probe, zoom: f64, targets: &mut Vec<Target>) {
        let beyond = |pin: &Pin| {
            let radius = looks::incident_radius_px(pin.radius, zoom, has_picture(pin));
            probe.beyond(pin.at, f64::from(radius))
        };
        let incident = |id: u32| Target {
            layer: Layer::Incidents,
            id,
        };
        let mut hits = Hits::new();
        // The selected are drawn once more above all others, and are in no cluster.
        for target in self.selection.iter().rev() {
            let pin = self.incidents.pin_of(target.id);
            let pin = pin.filter(|_| target.layer == Layer::Incidents);
            if let Some(beyond) = pin.and_then(|pin| beyond(&pin)) {
                hits.push((beyond, *target));
            }
        }
        if self.visible[Layer::Incidents as usize] {
            for shown in self.clusters.shown().iter().rev() {
                let radius = looks::donut_radius_px(shown.donut.radius, zoom);
                if let Some(beyond) = probe.beyond(shown.donut.at, f64::from(radius)) {
                    let members = shown.cluster.members.iter();
                    hits.extend(members.map(|id| (beyond, incident(*id))));
                }
            }
            for drawn in self.shown_incidents().rev() {
                let target = incident(drawn.incident.id);
                if let (Some(beyond), false) =
                    (beyond(&drawn.pin), self.selection.contains(&target))
                {
                    hits.push((beyond, target));
                }
            }
        }
        targets.extend(in_order(hits));
    }

    fn people_at(&self, probe: &Probe, zoom: f64, targets: &mut Vec<Target>) {
        let shown = self.visible[Layer::People as usize];
        if !shown && self.selection.is_empty() {
            return;
        }
        let growth = f64::from(looks::mark_growth(zoom));
        let radius = |look: &Look| f64::from(look.radius) / 4.0 * growth;
        let crowd = self.people.crowd();
        let crowd = crowd.map(|(place, glide, look)| (place, glide, radius(look)));
        let ids = self.people.ids();
        let hits = probe.crowd_at(crowd, self.clock_ms);
        let people = hits.into_iter().map(|at| Target {
            layer: Layer::People,
            id: ids[at],
        });
        targets.extend(people.filter(|person| shown || self.selection.contains(person)));
    }

    fn cameras_at(&self, probe: &Probe, zoom: f64, targets: &mut Vec<Target>) {
        let shown = self.shows_devices(zoom);
        if !shown && self.selection.is_empty() {
            return;
        }
        let radius = f64::from(looks::device_radius_px(DEVICE_RADIUS, zoom));
        let hits = self.cameras.iter().rev().filter_map(|camera| {
            let target = Target {
                layer: Layer::Cameras,
                id: camera.id,
            };
            let is_drawn = shown || self.selection.contains(&target);
            let beyond = probe.beyond([camera.at.x, camera.at.y], radius)?;
            is_drawn.then_some((beyond, target))
        });
        targets.extend(in_order(hits.collect()));
    }

    /// Whether devices can be seen at a zoom.
    pub(super) fn shows_devices(&self, zoom: f64) -> bool {
        self.visible[Layer::Cameras as usize] && looks::device_opacity(zoom) >= LEAST_OPACITY
    }

    fn areas_at(&self, view: &View, at: [f64; 2], targets: &mut Vec<Target>) {
        for hit in self.picking.pick(view, at) {
            let rank = hit.rank as usize;
            let Some(layer) = Layer::ALL.get(rank).copied() else {
                continue;
            };
            let shown = self.visible[rank] && look_of(layer, view.zoom).opacity > LEAST_OPACITY;
            if let (true, Some(id)) = (shown, self.grids[rank].ids.get(hit.feature as usize)) {
                targets.push(Target { layer, id: *id });
            }
        }
    }

    fn index_areas(&mut self) {
        if !std::mem::take(&mut self.changed.areas_pickable) {
            return;
        }
        for (at, grid) in self.grids.iter().enumerate().take(AREA_LAYERS) {
            if grid.features.is_empty() {
                self.picking.remove(at as u32);
            } else {
                self.picking.set_areas(at as u32, &grid.features);
            }
        }
    }
}

/// The features of one layer, which come the topmost first, in the order of a pick.
fn in_order(mut hits: Hits) -> impl Iterator<Item = Target> {
    hits.sort_by(|a, b| a.0.total_cmp(&b.0));
    hits.into_iter().map(|(_, target)| target)
}
