//! The roads that were there first: two ring roads, the arterial cross, the avenues, the river
//! with its embankment roads, and the bridges.

use super::frame::{Frame, MAP_HALF_M};
use crate::dice::Dice;
use crate::geom::point::{line_length, offset_line};
use crate::geom::{Point, point};

/// Class of a road, by importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoadClass {
    /// Elevated ring road.
    Trunk,
    /// Ramps between the elevated ring and the street below.
    TrunkLink,
    /// Arterial.
    Primary,
    /// Main street.
    Secondary,
    /// Street between blocks.
    Tertiary,
    /// Lane.
    Residential,
    /// Way inside a compound.
    Service,
    /// Foot and cycle path.
    Path,
}

impl RoadClass {
    /// Width from wall to wall of the road space in metres.
    pub const fn width_m(self) -> f64 {
        match self {
            Self::Trunk => 24.0,
            Self::Primary => 42.0,
            Self::Secondary => 30.0,
            Self::Tertiary => 20.0,
            Self::Residential => 12.0,
            Self::TrunkLink => 8.0,
            Self::Service => 6.0,
            Self::Path => 3.0,
        }
    }

    /// Lanes in one direction.
    pub const fn lanes(self) -> u8 {
        match self {
            Self::Trunk | Self::Primary => 3,
            Self::Secondary => 2,
            _ => 1,
        }
    }

    /// Speed at which it is driven when free, in metres per second.
    pub const fn speed_mps(self) -> f64 {
        match self {
            Self::Trunk => 22.22,
            Self::Primary => 16.67,
            Self::Secondary | Self::TrunkLink => 13.89,
            Self::Tertiary => 11.11,
            Self::Residential => 8.33,
            Self::Service => 4.17,
            Self::Path => 2.78,
        }
    }

    /// The OpenStreetMap `highway` value.
    pub const fn osm(self) -> &'static str {
        match self {
            Self::Trunk => "trunk",
            Self::TrunkLink => "trunk_link",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Tertiary => "tertiary",
            Self::Residential => "residential",
            Self::Service => "service",
            Self::Path => "footway",
        }
    }
}

/// How a first road gets its name.
#[derive(Clone, Debug, PartialEq)]
pub enum Naming {
    /// One name for all of it.
    Whole(&'static str),
    /// A name with a numbered part (`二环路东三段`): parts change at the given bearings (for rings)
    /// or radii (for avenues), numbered from `first`.
    Parts {
        /// The name before the part.
        stem: &'static str,
        /// Where a new part begins, ascending in the order of numbering.
        changes: Vec<f64>,
        /// Number of the part before the first change.
        first: usize,
        /// Whether the measure is the radius (avenue) or the bearing (ring).
        by_radius: bool,
    },
    /// Named later with the lanes around it.
    Later,
}

/// A first road.
#[derive(Clone, Debug)]
pub struct Major {
    /// Its line.
    pub line: Vec<Point>,
    /// Its class.
    pub class: RoadClass,
    /// Its name.
    pub naming: Naming,
}

/// The river, as wide as it is.
#[derive(Clone, Debug)]
pub struct River {
    /// The middle, from north to south.
    pub middle: Vec<Point>,
    /// Half the width of the water at each point of `middle`, in metres.
    pub half_width_m: Vec<f64>,
}

/// Distance of the embankment roads from the middle of the river in metres.
pub const EMBANKMENT_M: f64 = 52.0;

impl River {
    /// The water as a ring.
    pub fn water(&self) -> Vec<Point> {
        let edge = |sign: f64| -> Vec<Point> {
            let line = offset_line(&self.middle, |_| sign);
            self.middle
                .iter()
                .zip(line)
                .zip(&self.half_width_m)
                .map(|((middle, side), half)| *middle + (side - *middle) * *half)
                .collect()
        };
        let mut ring = edge(1.0);
        ring.extend(edge(-1.0).into_iter().rev());
        if crate::geom::ring::area(&ring) < 0.0 {
            ring.reverse();
        }
        ring
    }
}

/// Radius of the second ring road in metres from the city centre.
pub const SECOND_RING_M: f64 = 3_900.0;
/// Radius of the north–south arterial.
pub const CROSS_ARC_M: f64 = 5_560.0;
/// Radius of the street half way between the arterial and the third ring road.
pub const EAST_STREET_M: f64 = 6_380.0;
/// Radius of the third ring road.
pub const THIRD_RING_M: f64 = 7_120.0;

/// The first roads and the river of a seed.
pub struct Majors {
    /// Roads in a fixed order.
    pub roads: Vec<Major>,
    /// The river.
    pub river: River,
    /// Bearings of the three avenues in degrees: the northern, the middle, the southern.
    pub avenues_deg: [f64; 3],
}

/// Lays out the first roads.
pub fn lay_out(seed: u64, frame: &Frame) -> Majors {
    let mut dice = Dice::new(seed, "majors");
    let river = river(frame, &mut dice);
    let (mut roads, avenues_deg) = rings_and_avenues(frame, &mut dice);
    for (side, name) in [(EMBANKMENT_M, "锦川河东路"), (-EMBANKMENT_M, "锦川河西路")] {
        roads.push(Major {
            line: offset_line(&river.middle, |_| side),
            class: RoadClass::Tertiary,
            naming: Naming::Whole(name),
        });
    }
    let roads = roads.iter().flat_map(clipped_to_map).collect();
    Majors {
        roads,
        river,
        avenues_deg,
    }
}

fn river(frame: &Frame, dice: &mut Dice) -> River {
    let (wide, narrow) = (dice.between(120.0, 165.0), dice.between(45.0, 70.0));
    let (p, q) = (
        dice.between(0.0, std::f64::consts::TAU),
        dice.between(0.0, std::f64::consts::TAU),
    );
    let steps = 340;
    let middle: Vec<Point> = (0..=steps)
        .map(|i| {
            // From north (+50°) to south (−50°); the meanders are measured along the course.
            let bearing = 50.0 - 100.0 * f64::from(i) / f64::from(steps);
            let s = bearing.to_radians() * 4_700.0;
            let radius = 4_720.0 - bearing * 7.0
                + wide * libm::sin(s / 330.0 + p)
                + narrow * libm::sin(s / 142.0 + q);
            frame.polar(radius, bearing)
        })
        .collect();
    let w = dice.between(0.0, std::f64::consts::TAU);
    let half_width_m = (0..middle.len())
        .map(|i| 19.5 + 3.5 * libm::sin(i as f64 * 0.31 + w))
        .collect();
    River {
        middle,
        half_width_m,
    }
}

fn rings_and_avenues(frame: &Frame, dice: &mut Dice) -> (Vec<Major>, [f64; 3]) {
    use RoadClass::{Primary, Secondary, Tertiary};

    let mut jitter = |degrees: f64| degrees + dice.between(-0.7, 0.7);
    let (north, east, south) = (jitter(16.5), jitter(1.6), jitter(-13.8));
    let ring = |radius: f64, class, stem, first| Major {
        line: frame.arc(radius, 64.0, -64.0),
        class,
        naming: Naming::Parts {
            stem,
            changes: vec![-north, -east, -south],
            first,
            by_radius: false,
        },
    };
    let avenue = |bearing: f64, class, stem| Major {
        line: frame.spoke((1_800.0, bearing), (9_200.0, bearing)),
        class,
        naming: Naming::Parts {
            stem,
            changes: vec![SECOND_RING_M, CROSS_ARC_M, THIRD_RING_M],
            first: 1,
            by_radius: true,
        },
    };
    let mut roads = vec![
        ring(SECOND_RING_M, RoadClass::Primary, "二环路东", 1),
        ring(CROSS_ARC_M, RoadClass::Primary, "锦华路", 1),
        ring(THIRD_RING_M, RoadClass::Trunk, "三环路东", 2),
        avenue(east, RoadClass::Primary, "锦川大道"),
        avenue(north, RoadClass::Primary, "青桐大道"),
        avenue(south, RoadClass::Primary, "东顺路"),
        avenue(jitter(31.5), RoadClass::Secondary, "北星路"),
        avenue(jitter(-29.5), RoadClass::Secondary, "南屏路"),
    ];
    let mut bridge = |from: f64, to: f64, bearing: f64, bend: f64, class, name| {
        let bearing = bearing + dice.between(-0.6, 0.6);
        roads.push(Major {
            line: frame.spoke((from - 30.0, bearing), (to + 30.0, bearing + bend)),
            class,
            naming: Naming::Whole(name),
        });
    };
    bridge(SECOND_RING_M, THIRD_RING_M, 9.2, 0.7, Primary, "枫桥路");
    bridge(SECOND_RING_M, CROSS_ARC_M, 5.2, -0.4, Tertiary, "石马桥街");
    bridge(SECOND_RING_M, CROSS_ARC_M, -4.6, 0.8, Secondary, "双柏路");
    bridge(SECOND_RING_M, CROSS_ARC_M, -9.4, -0.5, Tertiary, "望溪桥街");
    bridge(SECOND_RING_M, CROSS_ARC_M, 24.0, -0.9, Secondary, "翠屏路");
    bridge(SECOND_RING_M, THIRD_RING_M, -21.5, 0.9, Secondary, "沙堰路");
    // A street that follows an old country road cuts across the pattern.
    roads.push(Major {
        line: frame.spoke((CROSS_ARC_M - 40.0, 3.4), (THIRD_RING_M + 40.0, 13.0)),
        class: Secondary,
        naming: Naming::Whole("建业路"),
    });
    roads.push(Major {
        line: frame.arc(EAST_STREET_M, 17.6, -14.8),
        class: Secondary,
        naming: Naming::Whole("东郊街"),
    });
    (roads, [north, east, south])
}

/// The parts of a road inside the map square, each reaching three metres beyond its edge.
fn clipped_to_map(major: &Major) -> Vec<Major> {
    let limit = MAP_HALF_M + 3.0;
    let inside = |p: Point| p.x.abs() <= limit && p.y.abs() <= limit;
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in major.line.windows(2) {
        let Some((a, b)) = clip_segment(pair[0], pair[1], limit) else {
            open = false;
            continue;
        };
        match parts.last_mut().filter(|_| open) {
            Some(part) => part.push(b),
            None => parts.push(vec![a, b]),
        }
        open = inside(pair[1]);
    }
    parts
        .into_iter()
        .filter(|line| line_length(line) > 60.0)
        .map(|line| Major {
            line,
            class: major.class,
            naming: major.naming.clone(),
        })
        .collect()
}

/// The part of a segment within `limit` of the origin on both axes.
fn clip_segment(a: Point, b: Point, limit: f64) -> Option<(Point, Point)> {
    let (mut t0, mut t1) = (0.0_f64, 1.0_f64);
    let d = b - a;
    for (start, step) in [(a.x, d.x), (a.y, d.y)] {
        if step.abs() < 1e-12 {
            if start.abs() > limit {
                return None;
            }
            continue;
        }
        let (u, v) = ((-limit - start) / step, (limit - start) / step);
        t0 = t0.max(u.min(v));
        t1 = t1.min(u.max(v));
    }
    (t0 < t1).then(|| (a.toward(b, t0), a.toward(b, t1)))
}

/// The edge of the map as a closed line.
pub fn map_edge() -> Vec<Point> {
    let h = MAP_HALF_M;
    vec![
        point(-h, -h),
        point(h, -h),
        point(h, h),
        point(-h, h),
        point(-h, -h),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::ring::area;

    #[test]
    fn the_river_is_as_wide_as_a_city_river() {
        let majors = lay_out(1, &Frame::new(1));
        let width = area(&majors.river.water()) / line_length(&majors.river.middle);
        assert!((30.0..50.0).contains(&width), "{width}");
    }

    #[test]
    fn roads_end_just_outside_the_map() {
        let majors = lay_out(3, &Frame::new(3));
        assert!(majors.roads.len() >= 16, "{}", majors.roads.len());
        for road in &majors.roads {
            assert!(road.line.iter().all(|p| p.x.abs() < MAP_HALF_M + 4.0));
        }
    }
}
