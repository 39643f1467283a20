//! The best few of very many, without looking at all of them.
//!
//! What decides is expensive (a way by road) and has a cheap lower bound (the distance as the crow
//! flies at the highest speed). [`best_first`] looks at candidates in the order of their bounds and
//! stops as soon as nobody who is left can be better than the last of the best, so that the result
//! is the same as if all had been looked at. [`Crowd`] hands out the people of a city in the order
//! of the least time in which they could be at a place.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};

use crate::ids::PersonId;
use crate::people::{Person, Post, TravelMode};
use crate::places::LonLat;
use crate::roads::RoadGraph;

mod offers;

pub use offers::{best_offered, by_distance, by_least_time, held_back_to_call, nearest_held_back};

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

/// What a person's place in a crowd depends on beside the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// The post, of which most are not charged with a matter.
    pub post: Post,
    /// How the person moves: within the minutes that count, a car comes from ten times as far as a
    /// walker.
    pub travel: TravelMode,
}

impl Kind {
    /// The kind of a person.
    pub const fn of(person: &Person) -> Self {
        Self {
            post: person.post,
            travel: person.travel,
        }
    }
}

/// Where everybody is, for asking who can be near in time. Each kind is kept apart, so that a
/// question passes by those who are out of it.
#[derive(Debug, Default)]
pub struct Crowd {
    trees: BTreeMap<Kind, RTree<Standpoint>>,
    known: BTreeMap<PersonId, (Kind, [f64; 3])>,
}

impl Crowd {
    /// Everybody at once, which is faster than one by one. The last position of a person counts;
    /// positions that are not on the globe count as none.
    pub fn of(positions: impl IntoIterator<Item = (PersonId, Kind, LonLat)>) -> Self {
        let known: BTreeMap<PersonId, (Kind, [f64; 3])> = positions
            .into_iter()
            .filter(|(_, _, place)| place.is_on_globe())
            .map(|(person, kind, place)| (person, (kind, on_sphere(place))))
            .collect();
        let mut points: BTreeMap<Kind, Vec<Standpoint>> = BTreeMap::new();
        for (person, (kind, point)) in &known {
            let of_kind = points.entry(*kind).or_default();
            of_kind.push(Standpoint::new(*point, *person));
        }
        let trees = points
            .into_iter()
            .map(|(kind, points)| (kind, RTree::bulk_load(points)));
        Self {
            trees: trees.collect(),
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
    pub fn locate(&mut self, person: PersonId, kind: Kind, place: LonLat) {
        if let Some((kind, before)) = self.known.remove(&person)
            && let Some(tree) = self.trees.get_mut(&kind)
        {
            tree.remove(&Standpoint::new(before, person));
        }
        if place.is_on_globe() {
            let point = on_sphere(place);
            self.known.insert(person, (kind, point));
            let tree = self.trees.entry(kind).or_default();
            tree.insert(Standpoint::new(point, person));
        }
    }

    /// Everybody of the wanted posts with a number of seconds that no way on those roads to the
    /// place can beat, the lowest first; nobody for a place that is not on the globe.
    pub fn outward(
        &self,
        roads: &RoadGraph,
        place: LonLat,
        is_wanted: impl Fn(Post) -> bool,
    ) -> impl Iterator<Item = (f64, PersonId)> {
        let from = place.is_on_globe().then(|| on_sphere(place));
        let wanted = self.trees.iter().filter(|(kind, _)| is_wanted(kind.post));
        let streams = from
            .into_iter()
            .flat_map(|from| wanted.clone().map(move |tree| (from, tree)));
        let mut streams: Vec<_> = streams
            .map(|(from, (kind, tree))| {
                let fastest_mps = roads.fastest_mps(kind.travel);
                let near = tree.nearest_neighbor_iter(from);
                let timed = near.map(move |standpoint| {
                    let crow_m = arc_m(standpoint.geom().distance_2(&from));
                    (least_s(crow_m, fastest_mps), standpoint.data)
                });
                timed.peekable()
            })
            .collect();
        std::iter::from_fn(move || {
            let bound = |stream: &mut std::iter::Peekable<_>| -> f64 {
                stream
                    .peek()
                    .map_or(f64::INFINITY, |(least_s, _): &(f64, PersonId)| *least_s)
            };
            let next = streams
                .iter_mut()
                .map(|stream| (bound(stream), stream))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            next?.1.next()
        })
    }
}

/// Seconds that nobody beats who is so far away as the crow flies. Sums of distances along a way
/// differ from their true value by less than the share that is taken off.
fn least_s(crow_m: f64, fastest_mps: f64) -> f64 {
    crow_m * (1.0 - 1e-9) / fastest_mps
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
