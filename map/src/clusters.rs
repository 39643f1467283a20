//! Incidents that stand too close together to be told apart: which they are at a zoom, and the
//! donuts that stand for them.

use std::collections::{HashMap, HashSet};

use map_core::clusters::{Cluster, ClusterPoint, groups};
use map_protocol::{Incident, IncidentFlags};

use crate::layers::{donuts::Donut, palette, pins::NONE};

/// Incidents closer than this many CSS pixels come together; at the end of a level, 1.2 times this.
const REACH_PX: f64 = 30.0;
/// Levels per step of the zoom.
const LEVELS_PER_ZOOM: f64 = 4.0;
/// As a share of a level: much more than is lost by adding and taking off, and too little to be seen.
const LEVEL_SLACK: f64 = 1e-6;
/// Steps of a fixed-point position across the world.
const STEPS: f64 = 4_294_967_296.0;
/// CSS pixels of the world's width at zoom 0.
const WORLD_PX: f64 = 512.0;

/// The clusters of one level.
#[derive(Debug, Default)]
pub struct Clusters {
    level: Option<i32>,
    groups: Vec<Vec<ClusterPoint>>,
    shown: Vec<Shown>,
    hidden: HashSet<u32>,
}

/// A cluster as it is drawn.
#[derive(Debug, Clone)]
pub struct Shown {
    pub cluster: Cluster,
    pub donut: Donut,
}

/// The level of a zoom: the clustering is the same for a quarter of a step of the zoom. A zoom goes out to the page
/// with the scale of the marks added and comes back with it taken off, which may lose its last digit: a zoom so
/// little below a level is that level.
fn level_of(zoom: f64) -> i32 {
    (zoom * LEVELS_PER_ZOOM + LEVEL_SLACK)
        .floor()
        .clamp(-100.0, 100.0) as i32
}

/// The reach of a level in steps of the world.
fn reach_of(level: i32) -> f64 {
    let world_px = WORLD_PX * (f64::from(level) / LEVELS_PER_ZOOM).exp2();
    REACH_PX / world_px * STEPS
}

impl Clusters {
    /// Whether the zoom has left the level.
    pub fn is_stale(&self, zoom: f64) -> bool {
        self.level != Some(level_of(zoom))
    }

    /// Clusters the incidents for a zoom where they or the level have changed. `exempt` are drawn by
    /// themselves whatever stands beside them. Answers whether anything may look different.
    pub fn refresh<'a>(
        &mut self,
        incidents: impl Iterator<Item = &'a Incident>,
        zoom: f64,
        changed: bool,
        exempt: &HashSet<u32>,
    ) -> bool {
        if !changed && !self.is_stale(zoom) {
            return false;
        }
        let level = level_of(zoom);
        self.level = Some(level);
        let incidents: Vec<&Incident> = incidents.collect();
        let points: Vec<ClusterPoint> = incidents.iter().map(|one| point_of(one)).collect();
        self.groups = groups(&points, reach_of(level));
        self.shown.clear();
        self.hidden.clear();
        let flags_of: HashMap<u32, u8> =
            incidents.iter().map(|one| (one.id, one.flags.0)).collect();
        for group in &self.groups {
            let left: Vec<ClusterPoint> = group
                .iter()
                .filter(|member| !exempt.contains(&member.id))
                .copied()
                .collect();
            // With one left nothing hides it any more.
            let Some(cluster) = Cluster::of(&left) else {
                continue;
            };
            self.hidden.extend(&cluster.members);
            let flags = cluster
                .members
                .iter()
                .filter_map(|id| flags_of.get(id))
                .fold(0, |all, flags| all | flags);
            let donut = donut_of(&cluster, IncidentFlags(flags));
            self.shown.push(Shown { cluster, donut });
        }
        // What matters most lies above, then the southern one, as with single incidents.
        self.shown.sort_by_key(|shown| {
            let [.., large] = shown.cluster.counts;
            (large, shown.cluster.at[1], shown.cluster.members[0])
        });
        true
    }

    /// The clusters in drawing order.
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// Whether a cluster stands for the incident.
    pub fn hides(&self, id: u32) -> bool {
        self.hidden.contains(&id)
    }

    /// The first zoom after `zoom`, up to `most`, at which these no longer stand as one; `None`
    /// where zooming never parts them.
    pub fn apart_at(members: &[ClusterPoint], zoom: f64, most: f64) -> Option<f64> {
        (level_of(zoom) + 1..=level_of(most))
            .find(|level| {
                let groups = groups(members, reach_of(*level));
                groups
                    .first()
                    .is_none_or(|group| group.len() < members.len())
            })
            .map(|level| f64::from(level) / LEVELS_PER_ZOOM)
    }
}

/// An incident as it is clustered; faint ones (drills) never come together with the others.
pub fn point_of(incident: &Incident) -> ClusterPoint {
    ClusterPoint {
        id: incident.id,
        at: [incident.at.x, incident.at.y],
        class: incident.severity as u8,
        group: u8::from(incident.flags.has(IncidentFlags::DIMMED)),
    }
}

fn donut_of(cluster: &Cluster, any: IncidentFlags) -> Donut {
    let total = cluster.counts.iter().sum::<u32>().max(1);
    let mut ends = [0; 4];
    let mut so_far = 0;
    // From the top clockwise: large, medium, small, micro.
    for (end, count) in ends.iter_mut().zip(cluster.counts.iter().rev()) {
        so_far += count;
        *end = (f64::from(so_far) / f64::from(total) * 65_535.0).round() as u16;
    }
    let halos = [
        (any.has(IncidentFlags::OVERDUE), palette::OVERDUE),
        (
            any.has(IncidentFlags::UNACKNOWLEDGED),
            palette::UNACKNOWLEDGED,
        ),
    ];
    let mut shown = halos.iter().filter(|(shown, _)| *shown);
    let mut next = || shown.next().map_or(NONE, |(_, slot)| *slot);
    Donut {
        at: cluster.at,
        ends,
        radius: match total {
            0..10 => 58,
            10..100 => 68,
            _ => 80,
        },
        opacity: if cluster.group == 0 { 255 } else { 96 },
        inner_halo: next(),
        outer_halo: next(),
    }
}

#[cfg(test)]
mod tests {
    use map_protocol::{Icon, Lamp, Position, Severity};

    use super::*;

    fn incident(id: u32, x: u32, severity: Severity, flags: u8) -> Incident {
        Incident {
            at: Position { x, y: 1 << 31 },
            id,
            severity,
            shape: severity.shape(),
            icon: Icon::Bin,
            lamp: Lamp::None,
            flags: IncidentFlags(flags),
        }
    }

    fn clusters(incidents: &[Incident], zoom: f64, exempt: &[u32]) -> Clusters {
        let mut clusters = Clusters::default();
        let exempt = exempt.iter().copied().collect();
        assert!(clusters.refresh(incidents.iter(), zoom, true, &exempt));
        assert!(!clusters.refresh(incidents.iter(), zoom, false, &exempt));
        clusters
    }

    #[test]
    fn the_selected_is_in_no_cluster_and_the_counts_are_of_the_others() {
        let all = [
            incident(1, 1_000, Severity::Large, 0),
            incident(2, 1_010, Severity::Micro, IncidentFlags::OVERDUE),
            incident(3, 1_020, Severity::Micro, 0),
            incident(4, 1_005, Severity::Large, IncidentFlags::DIMMED),
        ];
        let together = clusters(&all, 14.0, &[]);
        let [shown] = together.shown() else {
            panic!("{:?}", together.shown())
        };
        assert_eq!(shown.cluster.counts, [2, 0, 0, 1]);
        assert_eq!(shown.donut.inner_halo, palette::OVERDUE);
        assert_eq!(shown.donut.ends[3], 65_535);
        assert!(!together.hides(4), "a drill is no part of what is real");
        let selected = clusters(&all, 14.0, &[1]);
        assert_eq!(selected.shown()[0].cluster.counts, [2, 0, 0, 0]);
        assert!(!selected.hides(1) && selected.hides(2));
        let pair = clusters(&all[..2], 14.0, &[2]);
        assert!(pair.shown().is_empty() && !pair.hides(1));
    }

    #[test]
    fn zooming_parts_what_stands_apart_and_only_that() {
        let metre = (STEPS / 40_075_016.0) as u32;
        let points = |gap: u32| [0, gap].map(|x| point_of(&incident(x, x, Severity::Small, 0)));
        let zoom = Clusters::apart_at(&points(100 * metre), 12.0, 20.0).expect("they part");
        assert!((14.0..17.0).contains(&zoom), "{zoom}");
        let [one, other] = points(100 * metre);
        let at = |zoom: f64| groups(&[one, other], reach_of(level_of(zoom))).len();
        assert_eq!((at(zoom - 0.1), at(zoom)), (1, 0));
        let same = [1, 2].map(|id| point_of(&incident(id, 7, Severity::Small, 0)));
        assert_eq!(Clusters::apart_at(&same, 12.0, 20.0), None);
    }

    #[test]
    fn a_zoom_that_was_told_in_pixels_of_any_scale_comes_back_at_its_level() {
        for scale in [1.333, 1.354, 1.411, 1.6, 1.69, 1.778, 2.53, 2.667, 2.708] {
            // The page sends it in single precision.
            for scale in [scale, f64::from(scale as f32)] {
                let outwards = scale.log2();
                for level in 0..96 {
                    let told = f64::from(level) / LEVELS_PER_ZOOM + outwards;
                    assert_eq!(level_of(told - outwards), level, "at the scale {scale}");
                }
            }
        }
    }

    #[test]
    fn a_level_lasts_a_quarter_of_a_step() {
        assert_eq!(level_of(14.0), level_of(14.24));
        assert_ne!(level_of(14.24), level_of(14.25));
        assert!(reach_of(56) > reach_of(57));
    }
}
