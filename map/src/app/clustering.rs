//! Clusters of incidents: kept up to date, lettered with their totals, and clicked.

use map_core::{
    clusters::ClusterPoint,
    labels::{Face, GlyphInstance, GlyphMetrics},
    projection::{View, World},
};
use map_protocol::{FromMap, IncidentFlags, Layer};

use super::{StreetMap, looks};
use crate::{
    clusters::{Clusters, Shown, point_of},
    glyphs::GlyphAtlas,
    incidents::Drawn,
    layers::{donuts::Donut, palette, pins::Pin},
    motion::STEP,
};

/// The height of a total's digits as a share of the donut's radius.
const DIGIT_SHARE: f32 = 0.86;
/// The share of the donut's inner width that a total may take; longer ones are set smaller.
const MOST_WIDTH_SHARE: f32 = 1.3;

impl StreetMap {
    /// Brings the clusters up to date with incidents, selection and zoom.
    pub(super) fn cluster_incidents(&mut self, zoom: f64) {
        let changed = self.incidents.dirty || self.changed.selection;
        let selected = self.selection.iter();
        let selected = selected.filter(|target| target.layer == Layer::Incidents);
        let flagged = self.incidents.all();
        let flagged = flagged.filter(|incident| incident.flags.has(IncidentFlags::SELECTED));
        let new = self.incidents.standing_out();
        let exempt = if changed || self.clusters.is_stale(zoom) {
            let flagged = flagged.map(|incident| incident.id);
            let new = new.map(|drawn| drawn.incident.id);
            let selected = selected.map(|target| target.id);
            selected.chain(flagged).chain(new).collect()
        } else {
            return;
        };
        if self
            .clusters
            .refresh(self.incidents.all(), zoom, changed, &exempt)
        {
            self.incidents.dirty = true;
        }
    }

    /// The incidents that no cluster stands for, in drawing order.
    pub(super) fn shown_incidents(&self) -> impl DoubleEndedIterator<Item = &Drawn> {
        let drawn = self.incidents.drawn().iter();
        drawn.filter(|drawn| !self.clusters.hides(drawn.incident.id))
    }

    /// What is uploaded: the incidents that stand alone, and the clusters of the others. Those that
    /// stand out are drawn with the emphasised marks, since a cluster would cover them.
    pub(super) fn incident_pins(&self) -> (Vec<Pin>, Vec<Donut>) {
        let incidents = self.shown_incidents();
        let pins = incidents
            .filter(|drawn| !self.incidents.stands_out(drawn.incident.id))
            .map(|drawn| drawn.pin)
            .collect();
        let donuts = self.clusters.shown().iter();
        (pins, donuts.map(|shown| shown.donut).collect())
    }

    /// The topmost cluster at a place in CSS pixels; none where an incident lies above it that is
    /// selected or stands out.
    pub(super) fn cluster_at(&self, at: [f64; 2]) -> Option<&Shown> {
        let view = self.eye.as_ref()?.view;
        if !self.visible[Layer::Incidents as usize] {
            return None;
        }
        let probe = self.probe(&view, self.inner(at));
        let selected = self.selection.iter();
        let selected = selected.filter(|target| target.layer == Layer::Incidents);
        let selected = selected.filter_map(|target| self.incidents.get(target.id));
        let new = self.incidents.standing_out().map(|drawn| &drawn.incident);
        let is_covered = selected.chain(new).any(|incident| {
            let place = [incident.at.x, incident.at.y];
            probe.beyond(place, 8.0).is_some()
        });
        if is_covered {
            return None;
        }
        self.clusters.shown().iter().rev().find(|shown| {
            let radius = looks::donut_radius_px(shown.donut.radius, view.zoom);
            probe.beyond(shown.donut.at, f64::from(radius)).is_some()
        })
    }

    /// Tells of a click on a cluster; answers whether there was one.
    pub(super) fn pick_cluster(&mut self, x: f64, y: f64) -> bool {
        let (Some(shown), Some(eye)) = (self.cluster_at([x, y]), &self.eye) else {
            return false;
        };
        let ids = shown.cluster.members.clone();
        let [world_x, world_y] = shown.cluster.at.map(|step| f64::from(step) * STEP);
        let place = World::new(world_x, world_y).to_lon_lat();
        let members: Vec<ClusterPoint> = ids
            .iter()
            .filter_map(|id| self.incidents.get(*id))
            .map(point_of)
            .collect();
        let outwards = self.scale.log2();
        let most = self.zoom_limits[1] - outwards;
        let apart = Clusters::apart_at(&members, eye.view.zoom, most);
        // A finger cannot come upon a cluster without tapping it.
        if self.fingers.is_pointing {
            self.set_hovered_cluster(ids.clone(), [x, y]);
        }
        self.outbox.push_back(FromMap::ClusterPicked {
            x: x as f32,
            y: y as f32,
            lon: place.lon,
            lat: place.lat,
            ids,
            apart_zoom: apart.map(|zoom| zoom + outwards),
        });
        true
    }

    /// The totals in the middle of the donuts.
    pub(super) fn totals(&mut self, view: &View) -> Vec<GlyphInstance> {
        if !self.visible[Layer::Incidents as usize] {
            return Vec::new();
        }
        let ink = palette::linear(self.palette.icon)
            .0
            .map(|v| (v * 65535.0) as u16);
        let mut totals = Vec::new();
        for shown in self.clusters.shown() {
            let radius = looks::donut_radius_px(shown.donut.radius, view.zoom);
            total_in(shown, radius, ink, view, &mut self.glyphs, &mut totals);
        }
        totals
    }
}

/// Sets the total of a cluster in a row around its middle.
fn total_in(
    shown: &Shown,
    radius: f32,
    ink: [u16; 4],
    view: &View,
    glyphs: &mut GlyphAtlas,
    totals: &mut Vec<GlyphInstance>,
) {
    let text = shown.cluster.members.len().to_string();
    let digits: Vec<_> = text
        .chars()
        .filter_map(|digit| glyphs.glyph(Face::Bold, digit))
        .collect();
    let raster_px = glyphs.raster_size_px();
    let row_px: f32 = digits.iter().map(|glyph| glyph.advance).sum();
    // As high as looks well, as wide as there is room.
    let scale = (radius * DIGIT_SHARE / raster_px).min(radius * MOST_WIDTH_SHARE / row_px.max(1.0));
    let [x, y] = shown.donut.at.map(|step| f64::from(step) * STEP);
    let middle = view.screen_from_world(World::new(x, y)).map(|px| px as f32);
    let mut pen = middle[0] - row_px * scale / 2.0;
    for glyph in digits {
        if let Some(rect) = glyph.rect {
            let size = [rect.width, rect.height].map(|px| f32::from(px) * scale);
            totals.push(GlyphInstance {
                centre_px: [pen + glyph.left * scale + size[0] / 2.0, middle[1]],
                half_size_px: size.map(|px| px / 2.0),
                rotation: [1.0, 0.0],
                atlas_px: [rect.x, rect.y, rect.x + rect.width, rect.y + rect.height],
                colour: ink,
                halo: [0; 4],
                halo_width_px: 0.0,
                scale,
                opacity: f32::from(shown.donut.opacity) / 255.0,
                kind: 0.0,
                halo_blur_px: 0.0,
            });
        }
        pen += glyph.advance * scale;
    }
}
