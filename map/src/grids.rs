//! The polygon layers: what the user interface sent, as features, classes and labels.

use std::collections::HashMap;

use map_core::{
    labels::{AreaLabel, Face, TextStyle},
    live::{AreaFeature, Polygon},
    projection::World,
};
use map_protocol::{Layer, Palette, PolygonFeature, PolygonValue, Position};

use crate::layers::palette::linear;

/// How one level of areas is drawn at a zoom; lengths in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelLook {
    pub outline_px: f32,
    /// Of outline and fill together, by zoom.
    pub opacity: f32,
    pub strong: bool,
    /// The zooms at which labels are shown.
    pub label_zooms: [f64; 2],
    pub label_px: f32,
}

/// The look of a layer at a zoom. Fine levels fade out where their cells become too small to be
/// told apart; coarse levels keep the map's structure.
pub fn look_of(layer: Layer, zoom: f64) -> LevelLook {
    let ramp = |from: f64, to: f64| ((zoom - from) / (to - from)).clamp(0.0, 1.0) as f32;
    let grown = |small: f32, large: f32| small + (large - small) * ramp(12.0, 17.0);
    let (outline_px, opacity, strong, label_zooms, label_px) = match layer {
        Layer::Street => (grown(2.0, 3.5), 1.0, true, [9.0, 12.6], 18.0),
        Layer::Communities => (grown(1.2, 2.4), ramp(10.5, 12.0), true, [12.2, 15.2], 15.0),
        Layer::GeneralGrids => (grown(0.8, 1.6), ramp(12.0, 13.5), false, [14.6, 16.4], 13.0),
        Layer::ExclusiveGrids => (grown(1.0, 1.8), ramp(12.0, 13.0), false, [14.6, 17.5], 13.0),
        Layer::UnitGrids => (grown(0.5, 1.0), ramp(13.6, 15.0), false, [17.2, 24.0], 12.0),
        Layer::Areas => (2.0, 1.0, true, [0.0, 24.0], 14.0),
        _ => (grown(0.6, 1.2), ramp(13.0, 14.4), false, [16.2, 24.0], 12.0),
    };
    LevelLook {
        outline_px,
        opacity,
        strong,
        label_zooms,
        label_px,
    }
}

/// One polygon layer.
#[derive(Debug, Default)]
pub struct Grid {
    pub ids: Vec<u32>,
    index: HashMap<u32, u32>,
    pub classes: Vec<u8>,
    pub hatched: Vec<bool>,
    pub features: Vec<AreaFeature>,
    labels: Vec<(String, World, f64)>,
    pub geometry_dirty: bool,
    pub classes_dirty: bool,
    pub labels_dirty: bool,
}

impl Grid {
    /// Replaces all features.
    pub fn set(&mut self, features: &[PolygonFeature]) {
        self.ids = features.iter().map(|feature| feature.id).collect();
        self.index = self
            .ids
            .iter()
            .enumerate()
            .map(|(at, id)| (*id, at as u32))
            .collect();
        self.classes = features.iter().map(|feature| feature.class).collect();
        self.hatched = features.iter().map(|feature| feature.hatched).collect();
        let anchor = anchor_of(features);
        self.features = features
            .iter()
            .map(|feature| area_of(feature, anchor))
            .collect();
        self.labels = features
            .iter()
            .zip(&self.features)
            .map(|(feature, area)| {
                (
                    feature.label.clone(),
                    world_of(feature.label_at),
                    width_of(area),
                )
            })
            .collect();
        self.geometry_dirty = true;
        self.classes_dirty = true;
        self.labels_dirty = true;
    }

    /// Changes classes and stripes; unknown ids are ignored.
    pub fn set_values(&mut self, values: &[PolygonValue]) {
        for value in values {
            if let Some(at) = self.index.get(&value.id) {
                let at = *at as usize;
                let (class, hatched) = (&mut self.classes[at], &mut self.hatched[at]);
                self.classes_dirty |= (*class, *hatched) != (value.class, value.hatched);
                (*class, *hatched) = (value.class, value.hatched);
            }
        }
    }

    /// The place of a feature in the layer.
    pub fn index_of(&self, id: u32) -> Option<u32> {
        self.index.get(&id).copied()
    }

    /// The labels of the layer for the label engine.
    pub fn area_labels(&self, layer: Layer, look: &LevelLook, palette: &Palette) -> Vec<AreaLabel> {
        let style = TextStyle {
            face: if look.strong {
                Face::Bold
            } else {
                Face::Regular
            },
            sizes_px: [look.label_px; 2],
            colour: linear(palette.polygon_label),
            halo: linear(palette.polygon_label_halo),
            halo_width_px: 1.6,
            halo_blur_px: 0.25,
            letter_spacing_em: if look.strong { 0.12 } else { 0.02 },
            ..TextStyle::default()
        };
        let rank = f32::from(layer as u8);
        self.labels
            .iter()
            .enumerate()
            .filter(|(_, (text, _, _))| !text.is_empty())
            .map(|(at, (text, place, room))| AreaLabel {
                id: u64::from(layer as u8) << 32 | u64::from(self.ids[at]),
                at: *place,
                text: text.clone(),
                style: style.clone(),
                priority: 10.0 + rank,
                room: *room,
            })
            .collect()
    }
}

/// A position as a point of the Mercator square.
pub fn world_of(position: Position) -> World {
    let [x, y] = position.mercator();
    World::new(x, y)
}

/// Positions as a line of the Mercator square that never jumps around the world: what steps over
/// the antimeridian goes on past the square's edge.
pub fn unwrapped(positions: &[Position]) -> Vec<World> {
    let mut points: Vec<World> = Vec::with_capacity(positions.len());
    for position in positions {
        let mut point = world_of(*position);
        if let Some(before) = points.last() {
            point.x += (before.x - point.x).round();
        }
        points.push(point);
    }
    points
}

/// A feature whose rings keep together across the antimeridian: holes and further parts lie in the same
/// world as the first ring, and that as near to `anchor` as it can.
fn area_of(feature: &PolygonFeature, anchor: World) -> AreaFeature {
    let mut anchor = anchor;
    let mut polygons = Vec::with_capacity(feature.polygons.len());
    for rings in &feature.polygons {
        let mut polygon = Polygon::default();
        for ring in rings {
            let ring = open_ring(ring, anchor);
            anchor = ring.first().copied().unwrap_or(anchor);
            polygon.rings.push(ring);
        }
        polygons.push(polygon);
    }
    AreaFeature { polygons }
}

/// A ring without a repeated last point, in the world where it begins nearest to `anchor`.
fn open_ring(ring: &[Position], anchor: World) -> Vec<World> {
    let closed = ring.len() > 1 && ring.first() == ring.last();
    let mut points = unwrapped(&ring[..ring.len() - usize::from(closed)]);
    let away = points
        .first()
        .map_or(0.0, |first| (anchor.x - first.x).round());
    for point in &mut points {
        point.x += away;
    }
    points
}

/// Where all features of a layer keep together: at the first of its places.
fn anchor_of(features: &[PolygonFeature]) -> World {
    let mut places = features
        .iter()
        .flat_map(|feature| feature.polygons.iter().flatten().flatten());
    places.next().copied().map(world_of).unwrap_or_default()
}

/// The width of the feature's box as a share of the world.
fn width_of(area: &AreaFeature) -> f64 {
    let xs = || {
        let rings = area.polygons.iter().flat_map(|polygon| &polygon.rings);
        rings.flatten().map(|point| point.x)
    };
    let (west, east) = (xs().reduce(f64::min), xs().reduce(f64::max));
    west.zip(east).map_or(0.0, |(west, east)| east - west)
}

#[cfg(test)]
mod tests {
    use map_core::projection::LonLat;

    use super::*;

    fn square(id: u32) -> PolygonFeature {
        let at = |x, y| Position { x, y };
        PolygonFeature {
            id,
            class: 1,
            hatched: false,
            polygons: vec![vec![vec![at(0, 0), at(9, 0), at(9, 9), at(0, 9), at(0, 0)]]],
            label: format!("第{id}网格"),
            label_at: at(4, 4),
        }
    }

    fn value(id: u32, class: u8, hatched: bool) -> PolygonValue {
        PolygonValue { id, class, hatched }
    }

    #[test]
    fn a_new_class_touches_no_geometry() {
        let mut grid = Grid::default();
        grid.set(&[square(7), square(8)]);
        assert_eq!(
            grid.features[0].polygons[0].rings[0].len(),
            4,
            "the ring is open"
        );
        (grid.geometry_dirty, grid.classes_dirty) = (false, false);
        grid.set_values(&[value(8, 1, false), value(99, 3, true)]);
        assert!(!grid.classes_dirty, "nothing changed");
        grid.set_values(&[value(8, 4, false)]);
        assert_eq!(grid.classes, [1, 4]);
        assert!(grid.classes_dirty && !grid.geometry_dirty);
        grid.classes_dirty = false;
        grid.set_values(&[value(7, 1, true)]);
        assert_eq!(grid.hatched, [true, false]);
        assert!(grid.classes_dirty && !grid.geometry_dirty);
    }

    #[test]
    fn a_grid_across_the_antimeridian_keeps_together() {
        let at = |lon: f64, lat: f64| Position::from_lon_lat(lon, lat);
        let frame = |west: f64, east: f64, half: f64| {
            vec![
                at(west, half),
                at(east, half),
                at(east, -half),
                at(west, -half),
                at(west, half),
            ]
        };
        let crossing = PolygonFeature {
            polygons: vec![
                vec![frame(179.0, -179.0, 1.0), frame(-179.5, -179.2, 0.5)],
                vec![frame(-178.9, -178.8, 1.0)],
            ],
            ..square(1)
        };
        let beyond = PolygonFeature {
            polygons: vec![vec![frame(-178.0, -177.0, 1.0)]],
            ..square(2)
        };
        let mut grid = Grid::default();
        grid.set(&[crossing, beyond]);
        let rings = grid.features.iter().flat_map(|area| &area.polygons);
        let points: Vec<World> = rings.flat_map(|p| &p.rings).flatten().copied().collect();
        let west = LonLat::new(179.0, 0.0).to_world().x;
        let span = 4.0 / 360.0 + 1e-9;
        assert_eq!(points.len(), 16);
        for point in points {
            assert!((0.0..=span).contains(&(point.x - west + 1e-9)), "{point:?}");
        }
        assert!((grid.labels[0].2 - 2.2 / 360.0).abs() < 1e-6, "its width");
    }

    #[test]
    fn fine_levels_fade_and_coarse_ones_stay() {
        assert!(look_of(Layer::UnitGrids, 12.0).opacity <= 0.0);
        assert!(look_of(Layer::UnitGrids, 16.0).opacity >= 1.0);
        assert!(look_of(Layer::Street, 9.0).opacity >= 1.0);
    }
}
