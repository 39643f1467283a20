//! Points that stand too close together to be told apart, taken together with their counts.
//!
//! A clustering depends on the points and on the reach alone, not on what part of the world is
//! shown nor on the order in which the points came: panning never changes it. Points are visited by
//! their ids; the first that is not taken yet takes everything of its group within its reach. A new
//! point with a higher id therefore joins a cluster or founds one, and changes no other.

use std::collections::HashMap;

/// Classes that are counted apart.
pub const CLASSES: usize = 4;

/// Steps of a fixed-point position around the world.
const STEPS: f64 = 4_294_967_296.0;

/// A point to be clustered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterPoint {
    /// Its id; no two points have the same.
    pub id: u32,
    /// Steps of 2⁻³² of the world; `x` wraps.
    pub at: [u32; 2],
    /// Its class, below [`CLASSES`]; a higher one counts as the last.
    pub class: u8,
    /// Points of different groups never come together.
    pub group: u8,
}

/// Two points or more that stand for one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Ids of the members, rising.
    pub members: Vec<u32>,
    /// Members of each class.
    pub counts: [u32; CLASSES],
    /// The middle of the members, in steps of 2⁻³² of the world.
    pub at: [u32; 2],
    /// The members' group.
    pub group: u8,
}

impl Cluster {
    /// A cluster of these points, at the middle between them; `None` of fewer than two.
    pub fn of(members: &[ClusterPoint]) -> Option<Self> {
        let [first, _, ..] = members else {
            return None;
        };
        let mut counts = [0; CLASSES];
        let mut sums = [0_i64; 2];
        for member in members {
            counts[usize::from(member.class).min(CLASSES - 1)] += 1;
            for (sum, (from, to)) in sums.iter_mut().zip(first.at.iter().zip(member.at)) {
                *sum += i64::from(offset(*from, to));
            }
        }
        let middle = |axis: usize| {
            let mean = sums[axis] / members.len() as i64;
            first.at[axis].wrapping_add_signed(mean as i32)
        };
        let mut ids: Vec<u32> = members.iter().map(|member| member.id).collect();
        ids.sort_unstable();
        Some(Self {
            members: ids,
            counts,
            at: [middle(0), middle(1)],
            group: first.group,
        })
    }
}

/// The way from one place to another along an axis, the short way around.
fn offset(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

/// The clusters of the points: groups of two and more; each point is in one group at most. `reach`
/// is in steps of 2⁻³² of the world. Takes time in proportion to the number of points.
pub fn groups(points: &[ClusterPoint], reach: f64) -> Vec<Vec<ClusterPoint>> {
    let cells = Cells::new(reach);
    let mut order: Vec<u32> = (0..points.len() as u32).collect();
    order.sort_unstable_by_key(|index| points[*index as usize].id);
    let mut waiting: HashMap<(u8, u32, u32), Vec<u32>> = HashMap::new();
    for index in &order {
        let point = &points[*index as usize];
        let [x, y] = cells.of(point.at);
        waiting.entry((point.group, x, y)).or_default().push(*index);
    }
    let mut is_taken = vec![false; points.len()];
    let mut found = Vec::new();
    for index in order {
        if is_taken[index as usize] {
            continue;
        }
        let seed = points[index as usize];
        let mut members = Vec::new();
        for [x, y] in cells.around(seed.at) {
            let Some(here) = waiting.get_mut(&(seed.group, x, y)) else {
                continue;
            };
            here.retain(|other| {
                let at = points[*other as usize].at;
                let [dx, dy] = [0, 1].map(|axis| f64::from(offset(seed.at[axis], at[axis])));
                let joins = *other == index || dx.hypot(dy) <= reach;
                if joins {
                    is_taken[*other as usize] = true;
                    members.push(points[*other as usize]);
                }
                !joins
            });
        }
        if members.len() > 1 {
            members.sort_unstable_by_key(|member| member.id);
            found.push(members);
        }
    }
    found
}

/// The squares of a grid around the world, each at least as wide as the reach.
struct Cells {
    count: u32,
    size: f64,
}

impl Cells {
    fn new(reach: f64) -> Self {
        // A point's cell and its neighbours hold everything within reach, and the last column is as
        // wide as the others, so that it neighbours the first.
        let count = (STEPS / reach.max(1.0)).floor().clamp(1.0, 16_777_216.0);
        Self {
            count: count as u32,
            size: STEPS / count,
        }
    }

    fn of(&self, at: [u32; 2]) -> [u32; 2] {
        at.map(|step| ((f64::from(step) / self.size) as u32).min(self.count - 1))
    }

    /// The cell of a place and its neighbours, each once.
    fn around(&self, at: [u32; 2]) -> Vec<[u32; 2]> {
        let [x, y] = self.of(at);
        let count = self.count;
        let mut columns = vec![x, (x + 1) % count, (x + count - 1) % count];
        columns.sort_unstable();
        columns.dedup();
        let rows = y.saturating_sub(1)..=(y + 1).min(count - 1);
        let row = |y| columns.iter().map(move |x| [*x, y]).collect::<Vec<_>>();
        rows.flat_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn any_points() -> impl Strategy<Value = Vec<ClusterPoint>> {
        let places = prop_oneof![
            // A town, the same town over the antimeridian, the edges of the world.
            (4_000_u32..9_000, 5_000_u32..9_000),
            (
                prop_oneof![0_u32..2_500, u32::MAX - 2_500..=u32::MAX],
                0_u32..2_000
            ),
            (any::<u32>(), prop_oneof![Just(0_u32), Just(u32::MAX)]),
        ];
        prop::collection::vec((places, 0_u8..6, 0_u8..2), 0..120).prop_map(|all| {
            all.into_iter()
                .enumerate()
                .map(|(id, ((x, y), class, group))| ClusterPoint {
                    id: id as u32 * 7 % 1_000,
                    at: [x, y],
                    class,
                    group,
                })
                .collect()
        })
    }

    fn distance(a: &ClusterPoint, b: &ClusterPoint) -> f64 {
        f64::from(offset(a.at[0], b.at[0])).hypot(f64::from(offset(a.at[1], b.at[1])))
    }

    proptest! {
        #[test]
        fn every_point_is_counted_once_and_where_it_belongs(
            points in any_points(), reach in prop_oneof![0.0..3_000.0_f64, Just(3e9), Just(1e12)],
        ) {
            let found = groups(&points, reach);
            let mut seen = BTreeSet::new();
            for members in &found {
                let cluster = Cluster::of(members).expect("two at least");
                prop_assert_eq!(cluster.members.len(), members.len());
                prop_assert_eq!(cluster.counts.iter().sum::<u32>() as usize, members.len());
                for (class, count) in cluster.counts.iter().enumerate() {
                    let own = members.iter().filter(|m| usize::from(m.class).min(CLASSES - 1) == class);
                    prop_assert_eq!(own.count(), *count as usize);
                }
                for member in members {
                    prop_assert!(seen.insert(member.id), "{} twice", member.id);
                    prop_assert_eq!(member.group, cluster.group);
                    prop_assert!(distance(&members[0], member) <= reach || members[0] == *member);
                }
            }
            let alone: Vec<_> = points.iter().filter(|p| !seen.contains(&p.id)).collect();
            for (at, one) in alone.iter().enumerate() {
                for other in &alone[at + 1..] {
                    prop_assert!(one.group != other.group || distance(one, other) > reach);
                }
            }
        }

        #[test]
        fn the_order_in_which_points_came_plays_no_part(points in any_points(), turn in 0_usize..120) {
            let mut turned = points.clone();
            turned.rotate_left(turn.min(points.len()));
            turned.reverse();
            prop_assert_eq!(groups(&points, 700.0), groups(&turned, 700.0));
        }

        #[test]
        fn a_newcomer_changes_no_cluster_but_its_own(points in any_points(), x in 4_000_u32..9_000, y in 5_000_u32..9_000) {
            let before = groups(&points, 500.0);
            let newcomer = ClusterPoint { id: 5_000, at: [x, y], class: 0, group: 0 };
            let mut more = points.clone();
            more.push(newcomer);
            let after: Vec<_> = groups(&more, 500.0)
                .into_iter()
                .map(|members| members.into_iter().filter(|m| m.id != 5_000).collect::<Vec<_>>())
                .filter(|members| members.len() > 1)
                .collect();
            prop_assert_eq!(before, after);
        }

        #[test]
        fn the_middle_lies_among_the_members(points in any_points()) {
            for members in groups(&points, 900.0) {
                let cluster = Cluster::of(&members).expect("two at least");
                let middle = ClusterPoint { at: cluster.at, ..members[0] };
                prop_assert!(distance(&members[0], &middle) <= 901.0);
            }
        }
    }

    #[test]
    fn one_point_and_none_are_no_cluster() {
        assert_eq!(groups(&[], 10.0), Vec::<Vec<ClusterPoint>>::new());
        let one = ClusterPoint {
            id: 1,
            at: [5, 5],
            class: 0,
            group: 0,
        };
        assert!(groups(&[one], f64::NAN).is_empty());
        assert_eq!(Cluster::of(&[one]), None);
    }
}
