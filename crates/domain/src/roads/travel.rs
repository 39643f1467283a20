//! How fast people move, and which way each of them may use a road.

use serde::{Deserialize, Serialize};

use super::RoadEdge;
use crate::people::TravelMode;

/// No car is slower than this where it may drive at all, whatever a file says (3.6 km/h).
const CAR_LEAST_MPS: f64 = 1.0;
/// An edge that takes longer than a day leads nowhere that anybody is sent to; its length or its
/// place is a mistake, and it is left out.
const MOST_EDGE_MS: f64 = 86_400_000.0;

/// Speeds of the three ways of moving; a section of the rules, because a hill town walks slower.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TravelRules {
    /// Walking, in metres per second; also between a road and a door, and for a pushed e-bike.
    pub walk_mps: f64,
    /// An electric bicycle, in metres per second (built for at most 25 km/h by GB 17761).
    pub ebike_mps: f64,
    /// Share of the permitted speed that a car reaches on average, lights and queues included.
    pub car_share: f64,
    /// No permitted speed above this is believed, in metres per second (120 km/h is the highest
    /// that the regulation for the Road Traffic Safety Law, article 78, allows anywhere).
    pub car_most_mps: f64,
    /// Who is farther than this from every road that they may use has no way by road, in metres.
    pub approach_most_m: f64,
}

impl Default for TravelRules {
    /// The starting values that ship with the program, for records that were stored without.
    fn default() -> Self {
        Self {
            walk_mps: 1.3,
            ebike_mps: 5.0,
            car_share: 0.6,
            car_most_mps: 33.33,
            approach_most_m: 2_000.0,
        }
    }
}

/// How one way of moving may use a class of road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Not at all.
    Barred,
    /// Only in the direction of the edge, as the traffic goes.
    WithTraffic,
    /// In both directions, whatever the direction of the edge.
    BothWays,
    /// In both directions at walking speed, the bicycle pushed.
    Pushed,
}

/// One row of the table of access: classes of road by their OSM `highway` value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The classes; empty for all that no other row names.
    pub classes: &'static [&'static str],
    /// On foot.
    pub walk: Use,
    /// By electric bicycle.
    pub ebike: Use,
    /// By car or motorcycle, where the edge is for cars at all.
    pub car: Use,
    /// Why.
    pub because: &'static str,
}

/// Who may use which road, the first row that names the class. One-way traffic binds vehicles: an
/// electric bicycle is one on a carriageway, a walker is none anywhere.
pub const ACCESS: [Access; 6] = [
    Access {
        classes: &["motorway", "motorway_link"],
        walk: Use::Barred,
        ebike: Use::Barred,
        car: Use::WithTraffic,
        because: "walkers and non-motor vehicles may not enter an expressway (Road Traffic Safety Law, article 67)",
    },
    Access {
        classes: &["trunk", "trunk_link"],
        walk: Use::Barred,
        ebike: Use::Barred,
        car: Use::WithTraffic,
        because: "in a town this is an elevated or fenced urban expressway; the side roads that walkers and bicycles use are edges of their own",
    },
    Access {
        classes: &["steps"],
        walk: Use::BothWays,
        ebike: Use::Barred,
        car: Use::Barred,
        because: "nobody carries an electric bicycle up a flight of stairs",
    },
    Access {
        classes: &["footway", "pedestrian", "corridor"],
        walk: Use::BothWays,
        ebike: Use::Pushed,
        car: Use::Barred,
        because: "riding is not allowed among walkers, pushing is",
    },
    Access {
        classes: &["path", "cycleway", "track", "bridleway"],
        walk: Use::BothWays,
        ebike: Use::BothWays,
        car: Use::Barred,
        because: "there is no motor traffic whose direction could bind anybody",
    },
    Access {
        classes: &[],
        walk: Use::BothWays,
        ebike: Use::WithTraffic,
        car: Use::WithTraffic,
        because: "one-way signs bind vehicles, bicycles among them, and not walkers",
    },
];

/// The row of the table for a class of road.
pub fn access(class: &str) -> &'static Access {
    let [named @ .., rest] = &ACCESS;
    named
        .iter()
        .find(|row| row.classes.contains(&class))
        .unwrap_or(rest)
}

/// Milliseconds along an edge and against it; `None` where the mode may not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EdgeTimes {
    /// From its first node to its last.
    pub along_ms: Option<u32>,
    /// From its last node to its first.
    pub against_ms: Option<u32>,
}

impl TravelRules {
    /// Times of an edge of `length_m` metres.
    pub(super) fn edge_times(&self, edge: &RoadEdge, length_m: f64, mode: TravelMode) -> EdgeTimes {
        let row = access(&edge.class);
        let usage = match mode {
            TravelMode::Walk => row.walk,
            TravelMode::EBike => row.ebike,
            TravelMode::Car if edge.for_cars => row.car,
            TravelMode::Car => Use::Barred,
        };
        let speed_mps = match (mode, usage) {
            (TravelMode::Walk, _) | (_, Use::Pushed) => self.walk_mps,
            (TravelMode::EBike, _) => self.ebike_mps,
            (TravelMode::Car, _) => self.car_mps(edge.speed_mps),
        };
        let time_ms = whole_ms(length_m, speed_mps);
        EdgeTimes {
            along_ms: time_ms.filter(|_| usage != Use::Barred),
            against_ms: time_ms.filter(|_| matches!(usage, Use::BothWays | Use::Pushed)),
        }
    }

    /// Speed of a car where `permitted_mps` is allowed. A speed that is no number, or none, counts
    /// as the slowest, so that an absurd road is avoided and not preferred.
    fn car_mps(&self, permitted_mps: f32) -> f64 {
        let permitted = f64::from(permitted_mps);
        let believed = if permitted.is_finite() {
            permitted
        } else {
            0.0
        };
        (believed.min(self.car_most_mps) * self.car_share).max(CAR_LEAST_MPS * self.car_share)
    }

    /// Milliseconds of a walk, rounded up.
    pub(super) fn walk_ms(&self, metres: f64) -> u64 {
        (metres / self.walk_mps * 1_000.0).ceil() as u64
    }
}

/// Whole milliseconds of an edge, rounded up and at least one; `None` where the time is absurd.
///
/// Searches add whole numbers, so that equal ways are equal on every machine and no order of
/// additions shows. The price: a way of n edges is said to take up to n milliseconds longer than it
/// does, never less. So the way found is at most n milliseconds slower than the fastest, where n is
/// the number of edges of the fastest: a second on the way across a large city.
fn whole_ms(length_m: f64, speed_mps: f64) -> Option<u32> {
    let time_ms = length_m / speed_mps * 1_000.0;
    (time_ms <= MOST_EDGE_MS).then(|| time_ms.ceil().max(1.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(class: &str, for_cars: bool, speed_mps: f32) -> RoadEdge {
        RoadEdge {
            from: 0,
            to: 1,
            length_m: 100.0,
            speed_mps,
            for_cars,
            class: class.to_owned(),
            name: String::new(),
            via: Vec::new(),
        }
    }

    /// Times of 130 m along and against, in walk, e-bike, car.
    fn times(edge: &RoadEdge) -> [(Option<u32>, Option<u32>); 3] {
        [TravelMode::Walk, TravelMode::EBike, TravelMode::Car].map(|mode| {
            let times = TravelRules::default().edge_times(edge, 130.0, mode);
            (times.along_ms, times.against_ms)
        })
    }

    #[test]
    fn each_class_is_open_as_the_table_says() {
        let walk = (Some(100_000), Some(100_000));
        let ridden = Some(26_000);
        let driven = Some(21_667);
        let shut = (None, None);
        for (class, expected) in [
            ("motorway", [shut, shut, (driven, None)]),
            ("trunk_link", [shut, shut, (driven, None)]),
            ("steps", [walk, shut, shut]),
            ("footway", [walk, walk, shut]),
            ("path", [walk, (ridden, ridden), shut]),
            ("cycleway", [walk, (ridden, ridden), shut]),
            ("residential", [walk, (ridden, None), (driven, None)]),
            ("", [walk, (ridden, None), (driven, None)]),
        ] {
            assert_eq!(times(&edge(class, true, 10.0)), expected, "{class}");
        }
        assert_eq!(times(&edge("residential", false, 10.0))[2], shut);
    }

    #[test]
    fn every_row_says_why_and_no_class_stands_in_two() {
        let classes: Vec<&str> = ACCESS.iter().flat_map(|row| row.classes).copied().collect();
        for (i, class) in classes.iter().enumerate() {
            assert!(!classes[..i].contains(class), "{class} twice");
        }
        assert!(ACCESS.iter().all(|row| row.because.len() > 20));
        assert!(ACCESS.last().is_some_and(|row| row.classes.is_empty()));
    }

    #[test]
    fn absurd_speeds_and_lengths_make_no_road_attractive() {
        let car = |speed: f32, length_m: f64| {
            let edge = edge("primary", true, speed);
            let times = TravelRules::default().edge_times(&edge, length_m, TravelMode::Car);
            times.along_ms
        };
        let slowest = Some(216_667);
        for speed in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -9.0, 0.5] {
            assert_eq!(car(speed, 130.0), slowest, "{speed}");
        }
        // 33.33 m/s × 0.6 is the most, whatever is claimed.
        assert_eq!(car(9_999.0, 130.0), Some(6_501));
        assert_eq!(car(10.0, 0.0), Some(1), "no edge takes no time");
        for length_m in [f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(car(10.0, length_m), None, "{length_m}");
        }
    }
}
