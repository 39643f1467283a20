//! What lies near in space and time: an index that finds the neighbours of a point among hundreds
//! of thousands, exactly those that a comparison with each would find, anywhere on the globe.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::places::LonLat;
use crate::time::Timestamp;

/// Mean Earth radius in metres, that of [`LonLat::distance_m`].
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// How much wider than asked the index looks, so that no rounding loses a neighbour; what it finds
/// is measured afterwards.
const MARGIN: f64 = 1.001;
/// Distances are compared to the millimetre: a coordinate is never better than that, and what a
/// rule includes must not depend on the last bits of a sine.
const HALF_MILLIMETRE_M: f64 = 0.0005;

/// A place and a time.
pub type Spot = (LonLat, Timestamp);

/// How near two matters have to be.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Nearness {
    /// Metres between them at most, inclusive to the millimetre.
    pub within_m: f64,
    /// Milliseconds between them at most, inclusive.
    pub within_ms: i64,
}

impl Nearness {
    /// The distance in metres between two spots, if they are near.
    pub fn distance_m(&self, a: Spot, b: Spot) -> Option<f64> {
        if a.1.ms_since(b.1).abs() > self.within_ms {
            return None;
        }
        let distance_m = a.0.distance_m(b.0);
        (distance_m <= self.within_m + HALF_MILLIMETRE_M).then_some(distance_m)
    }
}

/// A cell: the kind of thing, the row of latitude, the slot of time, and the longitude in
/// billionths of a degree.
type Cell<K> = (K, i64, i64, i64);

/// Items of a kind `K` by place and time.
#[derive(Debug, Clone)]
pub struct NearIndex<K, I> {
    nearness: Nearness,
    cells: BTreeMap<Cell<K>, Vec<(I, Spot)>>,
}

impl<K: Ord + Copy, I: PartialEq + Copy> NearIndex<K, I> {
    /// An empty index for one measure of nearness.
    pub const fn new(nearness: Nearness) -> Self {
        Self {
            nearness,
            cells: BTreeMap::new(),
        }
    }

    /// Adds an item. One whose place is not on the globe is near to nothing and is left out.
    pub fn insert(&mut self, kind: K, item: I, spot: Spot) {
        if spot.0.is_on_globe() {
            let cell = self.cells.entry(self.nearness.cell(kind, spot));
            cell.or_default().push((item, spot));
        }
    }

    /// Takes an item out again; it is named with the kind and the spot that it was added with.
    pub fn remove(&mut self, kind: K, item: I, spot: Spot) {
        let cell = self.nearness.cell(kind, spot);
        if let Some(items) = self.cells.get_mut(&cell) {
            items.retain(|(other, _)| *other != item);
            if items.is_empty() {
                self.cells.remove(&cell);
            }
        }
    }

    /// The items of a kind near a spot with their own spots and their distances in metres, in no
    /// order to rely on. An item at the spot itself is among them.
    pub fn near(&self, kind: K, spot: Spot) -> impl Iterator<Item = (I, Spot, f64)> {
        let spans = if spot.0.is_on_globe() {
            lon_spans(
                spot.0,
                (self.nearness.within_m + HALF_MILLIMETRE_M) * MARGIN,
            )
        } else {
            [None; 3]
        };
        let (_, row, slot, _) = self.nearness.cell(kind, spot);
        (row - 1..=row + 1)
            .flat_map(move |row| (slot - 1..=slot + 1).map(move |slot| (row, slot)))
            .flat_map(move |(row, slot)| {
                spans.into_iter().flatten().flat_map(move |(west, east)| {
                    let cells = (kind, row, slot, west)..=(kind, row, slot, east);
                    self.cells.range(cells).flat_map(|(_, items)| items)
                })
            })
            .filter_map(move |(item, there)| {
                let distance_m = self.nearness.distance_m(spot, *there)?;
                Some((*item, *there, distance_m))
            })
    }
}

impl Nearness {
    /// Rows are a little higher and slots as long as the reach, so that a neighbour lies in the
    /// next one at most.
    fn cell<K>(&self, kind: K, (place, at): Spot) -> Cell<K> {
        let height_m = self.within_m.max(1.0) * MARGIN;
        let row = (place.lat.to_radians() * EARTH_RADIUS_M / height_m).floor() as i64;
        let slot = at.unix_ms().div_euclid(self.within_ms.max(1));
        (kind, row, slot, billionths(place.lon))
    }
}

/// The longitudes within `reach_m` metres of a place, in billionths of a degree, west and east
/// inclusive; a span that crosses the date line comes in two parts.
///
/// By the haversine formula two points at distance `d` differ in longitude by at most
/// `2·asin(sin(d/2R) / √(cos φ₁·cos φ₂))`; the smaller cosine stands for both.
fn lon_spans(place: LonLat, reach_m: f64) -> [Option<(i64, i64)>; 3] {
    let angle = reach_m / EARTH_RADIUS_M;
    let smallest_cosine = (place.lat.to_radians().abs() + angle)
        .min(std::f64::consts::FRAC_PI_2)
        .cos();
    let share = (angle / 2.0).sin() / smallest_cosine;
    let half_width = 2.0 * share.min(1.0).asin().to_degrees();
    // Around the poles, and when the reach is a quarter of the globe, every longitude is near.
    let is_all_round = angle >= std::f64::consts::FRAC_PI_2 || !(0.0..0.7).contains(&share);
    if is_all_round {
        return [Some(span(-180.0, 180.0)), None, None];
    }
    let (west, east) = (place.lon - half_width, place.lon + half_width);
    [
        Some(span(west.max(-180.0), east.min(180.0))),
        (west <= -180.0).then(|| span(west + 360.0, 180.0)),
        (east >= 180.0).then(|| span(-180.0, east - 360.0)),
    ]
}

fn span(west: f64, east: f64) -> (i64, i64) {
    (billionths(west) - 1, billionths(east) + 1)
}

fn billionths(degrees: f64) -> i64 {
    (degrees * 1e9).floor() as i64
}

#[cfg(test)]
mod tests;
