//! The best few of very many, without looking at all of them.
//!
//! What decides is expensive (a way by road) and has a cheap lower bound (the distance as the crow
//! flies at the highest speed). [`best_first`] looks at candidates in the order of their bounds and
//! stops as soon as nobody who is left can be better than the last of the best, so that the result
//! is the same as if all had been looked at. [`Crowd`] hands out the people of a city in the order
//! of their distance from a place.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};

use crate::ids::PersonId;
use crate::places::LonLat;

mod offers;

pub use offers::{best_offered, by_distance, nearest_held_back};

/// The `limit` best of all candidates in the order of `compare`.
///
/// `by_bound` gives each candidate with a lower bound of its score, the lowest first. `look` makes
/// the exact judgement, or none for somebody who is out of the question; it is told the score above
/// which nobody is wanted any more, infinite while there is room, so that it need not finish for
/// whom a closer bound puts beyond it. `score` is never below the bound, and `compare` orders by score first and is total, so that of two equal scores the
/// same one wins whatever the order of looking; whoever has a bound equal to the last score of the
/// best is therefore still looked at.
pub fn best_first<C, J>(
    limit: usize,
    by_bound: impl IntoIterator<Item = (f64, C)>,
    mut look: impl FnMut(C, f64) -> Option<J>,
    score: impl Fn(&J) -> f64,
    compare: impl Fn(&J, &J) -> Ordering,
) -> Vec<J> {
    let mut best: Vec<J> = Vec::with_capacity(limit.min(1_024));
    if limit == 0 {
        return best;
    }
    for (bound, candidate) in by_bound {
        let is_full = best.len() >= limit;
        let wanted_to = best
            .last()
            .filter(|_| is_full)
            .map_or(f64::INFINITY, &score);
        if bound > wanted_to {
            break;
        }
        let Some(judged) = look(candidate, wanted_to) else {
            continue;
        };
        let place = best.partition_point(|known| compare(known, &judged) != Ordering::Greater);
        best.insert(place, judged);
        best.truncate(limit);
    }
    best
}

/// A person and a point of the unit sphere: straight distances in space order people as distances
/// on the globe do, at every latitude, and need no map projection.
type Standpoint = GeomWithData<[f64; 3], PersonId>;

/// Where everybody is, for asking who is near.
#[derive(Debug, Default)]
pub struct Crowd {
    tree: RTree<Standpoint>,
    known: BTreeMap<PersonId, [f64; 3]>,
}

impl Crowd {
    /// Everybody at once, which is faster than one by one. The last position of a person counts;
    /// positions that are not on the globe count as none.
    pub fn of(positions: impl IntoIterator<Item = (PersonId, LonLat)>) -> Self {
        let known: BTreeMap<PersonId, [f64; 3]> = positions
            .into_iter()
            .filter(|(_, place)| place.is_on_globe())
            .map(|(person, place)| (person, on_sphere(place)))
            .collect();
        let points = known
            .iter()
            .map(|(person, point)| Standpoint::new(*point, *person));
        Self {
            tree: RTree::bulk_load(points.collect()),
            known,
        }
    }

    /// How many people have a position.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nobody has a position.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Takes a new position of a person; one that is not on the globe takes the person out.
    pub fn locate(&mut self, person: PersonId, place: LonLat) {
        if let Some(before) = self.known.remove(&person) {
            self.tree.remove(&Standpoint::new(before, person));
        }
        if place.is_on_globe() {
            let point = on_sphere(place);
            self.known.insert(person, point);
            self.tree.insert(Standpoint::new(point, person));
        }
    }

    /// Everybody with a distance in metres as the crow flies that is not above the true one, the
    /// nearest first; nobody for a place that is not on the globe.
    pub fn outward(&self, from: LonLat) -> impl Iterator<Item = (f64, PersonId)> {
        let from = from.is_on_globe().then(|| on_sphere(from));
        from.into_iter().flat_map(|from| {
            let near = self.tree.nearest_neighbor_iter(from);
            near.map(move |standpoint| {
                let crow_m = arc_m(standpoint.geom().distance_2(&from));
                (crow_m, standpoint.data)
            })
        })
    }
}

/// A lower bound of the distance on the globe, from the square of the straight distance between
/// two points of the unit sphere. Coordinates of 64 bits are exact to nanometres; a micrometre is
/// taken off for them.
fn arc_m(straight_2: f64) -> f64 {
    let half_circle_m = LonLat::new(0.0, 0.0).distance_m(LonLat::new(180.0, 0.0));
    let share = 2.0 * (straight_2.sqrt() / 2.0).min(1.0).asin() / std::f64::consts::PI;
    (share * half_circle_m - 1e-6).max(0.0)
}

fn on_sphere(place: LonLat) -> [f64; 3] {
    let (lon, lat) = (place.lon.to_radians(), place.lat.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

#[cfg(test)]
mod tests;
