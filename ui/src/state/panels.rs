//! The panels of figures, each a pure function of the situation. Every count is the count of an
//! [`IncidentSet`], so that clicking it opens exactly what was counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::clocks::StageClock;
use domain::rules::CategoryKind;
use domain::sets::IncidentSet;
use domain::{GridCode, Incident, IncidentId, IncidentState, Level, Situation, Timestamp};

use super::catalogue::Catalogue;

/// A set with how many incidents it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What was counted.
    pub set: IncidentSet,
    /// How many.
    pub count: usize,
}

/// Counts a set.
pub fn count(situation: &Situation, set: IncidentSet, now: Timestamp) -> Count {
    Count {
        count: situation.count(&set, now),
        set,
    }
}

/// The big numbers: open, overdue, done today.
pub fn headline(situation: &Situation, now: Timestamp) -> [Count; 3] {
    [
        IncidentSet::Open,
        IncidentSet::Overdue,
        IncidentSet::DoneToday,
    ]
    .map(|set| count(situation, set, now))
}

/// How many of the open incidents belong to drills: they are among those counted, and said apart.
pub fn open_drills(situation: &Situation, now: Timestamp) -> usize {
    let open = situation.members(&IncidentSet::Open, now);
    open.filter(|incident| incident.is_drill).count()
}

/// Where the open incidents stand: waiting for dispatch, under way, waiting for the check.
pub fn by_stage(situation: &Situation, now: Timestamp) -> [Count; 3] {
    [
        IncidentSet::AwaitingDispatch,
        IncidentSet::UnderWay,
        IncidentSet::AwaitingCheck,
    ]
    .map(|set| count(situation, set, now))
}

/// Open incidents of each level, the largest level first.
pub fn by_level(situation: &Situation, now: Timestamp) -> [(Level, Count); 4] {
    let mut levels = Level::ALL;
    levels.reverse();
    levels.map(|level| {
        (
            level,
            count(situation, IncidentSet::OpenOfLevel(level), now),
        )
    })
}

/// Open incidents of one major category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MajorCount {
    /// Name of the category.
    pub name: String,
    /// The set and its count.
    pub count: Count,
    /// How many of them are overdue.
    pub overdue: usize,
}

/// Open incidents by major category, the most first.
pub fn by_major(
    situation: &Situation,
    catalogue: Option<&Catalogue>,
    now: Timestamp,
) -> Vec<MajorCount> {
    let mut majors: BTreeMap<(CategoryKind, u8), (usize, usize)> = BTreeMap::new();
    for incident in situation.members(&IncidentSet::Open, now) {
        let key = (incident.category.kind, incident.category.major);
        let (open, overdue) = majors.entry(key).or_default();
        *open += 1;
        *overdue += usize::from(incident.is_overdue(now));
    }
    let mut rows: Vec<_> = majors
        .into_iter()
        .map(|((kind, major), (count, overdue))| MajorCount {
            name: catalogue.map_or_else(|| format!("{major:02}"), |c| c.major_name(kind, major)),
            count: Count {
                set: IncidentSet::OpenOfMajor(kind, major),
                count,
            },
            overdue,
        })
        .collect();
    rows.sort_by_key(|row| Reverse(row.count.count));
    rows
}

/// One hour of the day curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourCount {
    /// Local hour of the day, 0–23.
    pub hour: u8,
    /// Incidents reported in it.
    pub reported: u32,
}

/// Reports of the last 24 hours, oldest first; the last one is the hour that is running.
pub fn day_curve(situation: &Situation, now: Timestamp) -> Vec<HourCount> {
    let reports = situation.reports_by_hour(now);
    let this_hour = usize::from(now.local_hour());
    reports
        .iter()
        .enumerate()
        .map(|(i, reported)| HourCount {
            hour: ((this_hour + 1 + i) % 24) as u8,
            reported: *reported,
        })
        .collect()
}

/// An incident as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentRow {
    /// Number.
    pub id: IncidentId,
    /// Level.
    pub level: Level,
    /// State.
    pub state: IncidentState,
    /// One line.
    pub title: String,
    /// Name of the category.
    pub category: String,
    /// Address in words.
    pub address: String,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// Clock of the stage; `None` when none runs. What it shows moves every second, so that is
    /// left to whoever draws it and the row itself rests.
    pub clock: Option<StageClock>,
    /// Watched by a leader.
    pub is_supervised: bool,
    /// Belongs to a drill.
    pub is_drill: bool,
    /// Orders under way.
    pub orders: usize,
}

/// The row of an incident.
pub fn incident_row(incident: &Incident, catalogue: Option<&Catalogue>) -> IncidentRow {
    IncidentRow {
        id: incident.id,
        level: incident.level,
        state: incident.state,
        title: incident.title.clone(),
        category: catalogue.map_or_else(
            || incident.category.to_string(),
            |c| c.category_name(incident.category),
        ),
        address: incident.address.clone(),
        reported_at: incident.reported_at,
        clock: incident.clock.filter(|_| incident.state.is_open()),
        is_supervised: incident.supervised,
        is_drill: incident.is_drill,
        orders: incident.orders.len(),
    }
}

/// The newest incidents of a set, newest first, at most `limit`.
pub fn newest(
    situation: &Situation,
    catalogue: Option<&Catalogue>,
    set: &IncidentSet,
    now: Timestamp,
    limit: usize,
) -> Vec<IncidentRow> {
    let mut members: Vec<_> = situation.members(set, now).collect();
    members.sort_by_key(|incident| Reverse((incident.reported_at, incident.id)));
    members
        .into_iter()
        .take(limit)
        .map(|incident| incident_row(incident, catalogue))
        .collect()
}

/// The open work of one grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GridWork {
    /// Open incidents.
    pub open: usize,
    /// Those of them that are overdue.
    pub overdue: usize,
}

/// Open work in each grid of every level; an incident counts once in each grid of its path.
pub fn work_by_grid(situation: &Situation, now: Timestamp) -> BTreeMap<GridCode, GridWork> {
    let mut work: BTreeMap<GridCode, GridWork> = BTreeMap::new();
    for incident in situation.members(&IncidentSet::Open, now) {
        let overdue = usize::from(incident.is_overdue(now));
        for code in incident.grids.codes() {
            let work = work.entry(code.clone()).or_default();
            work.open += 1;
            work.overdue += overdue;
        }
    }
    work
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use domain::clocks::{Limit, LimitUnit};
    use domain::people::{Person, PersonClass, Post, Shift, TravelMode};
    use domain::places::GridPath;
    use domain::rules::CategoryCode;
    use domain::time::{HOUR_MS, MINUTE_MS};
    use domain::trail::SourceChannel;
    use domain::{LonLat, PersonId};
    use proptest::prelude::*;
    use protocol::feed::{Line, LineState, Picture};

    /// Friday, 20 November 2026, 15:30 local time.
    pub const NOW: Timestamp =
        Timestamp::from_unix_ms(1_795_104_000_000 + 15 * HOUR_MS + 30 * MINUTE_MS);

    /// The `n`-th incident: reported `n` hours ago, levels and states taking turns.
    pub fn incident(n: u32) -> Incident {
        let reported_at = NOW.plus_ms(-i64::from(n) * HOUR_MS);
        let state = IncidentState::ALL[n as usize % IncidentState::ALL.len()];
        let limit = Limit {
            amount: 2,
            unit: LimitUnit::EmergencyHour,
        };
        Incident {
            id: IncidentId::new(reported_at, n),
            steps: 1,
            state,
            fold_version: domain::incidents::FOLD_VERSION,
            suspended_from: None,
            category: CategoryCode {
                kind: CategoryKind::Event,
                major: 1 + (n % 3) as u8,
                minor: 10,
            },
            channel: SourceChannel::GridPatrol,
            title: format!("matter {n}"),
            description: String::new(),
            address: String::new(),
            location: LonLat::new(104.0, 30.6),
            grids: GridPath {
                community: Some(format!("c{}", n % 2).as_str().into()),
                general: Some(format!("g{}", n % 4).as_str().into()),
                ..GridPath::default()
            },
            level: Level::ALL[n as usize % 4],
            level_reason: String::new(),
            level_reason_en: String::new(),
            reported_at,
            state_since: reported_at,
            ended_at: (!state.is_open()).then_some(NOW.plus_ms(-MINUTE_MS)),
            clock: Some(StageClock {
                limit,
                started_at: reported_at,
                deadline: reported_at.plus_ms(2 * HOUR_MS),
                paused_at: None,
            }),
            orders: Vec::new(),
            supervised: false,
            extensions: 0,
            reworks: 0,
            rules_version: "test".to_owned(),
            condition: None,
            department: None,
            assisting: Vec::new(),
            duplicate_of: None,
            is_unreasonable: false,
            particulars: domain::particulars::Particulars::default(),
            is_drill: false,
            course: domain::incidents::Course::default(),
        }
    }

    /// A roster entry whose post goes by its number.
    pub fn person(n: u32) -> Person {
        let posts = [Post::GridMember, Post::Police, Post::Volunteer];
        Person {
            id: PersonId(n),
            name: format!("name {n}"),
            post: posts[n as usize % 3],
            skills: Vec::new(),
            phone: "13800000000".to_owned(),
            home_grid: None,
            shift: Shift {
                from_minute: 8 * 60,
                to_minute: 20 * 60,
            },
            travel: TravelMode::Walk,
            duty: domain::roster::DutyPlan::default(),
            groups: Vec::new(),
            provenance: None,
        }
    }

    /// 40 incidents and 9 people, three of each class.
    pub fn picture() -> Picture {
        let mut situation = Situation::default();
        for n in 0..40 {
            let incident = incident(n);
            situation.incidents.insert(incident.id, incident);
        }
        for n in 0..9 {
            situation.people.insert(PersonId(n), person(n));
        }
        Picture {
            reference_version: 1,
            situation,
            line: Line {
                state: LineState::Online,
                since: NOW,
                last_contact: Some(NOW),
                clock_offset_ms: 0,
                behind: 0,
                detail: String::new(),
                backend: "embedded".to_owned(),
            },
            outbox: Vec::new(),
            officer: None,
            notices: Vec::new(),
            pushed_view: None,
            is_offline_sign_in: false,
            now: NOW,
        }
    }

    #[test]
    fn every_count_is_the_length_of_the_list_it_opens() {
        let situation = picture().situation;
        let mut counts: Vec<Count> = headline(&situation, NOW).into();
        counts.extend(by_stage(&situation, NOW));
        counts.extend(by_level(&situation, NOW).map(|(_, count)| count));
        counts.extend(
            by_major(&situation, None, NOW)
                .into_iter()
                .map(|row| row.count),
        );
        for Count { set, count } in counts {
            let list = newest(&situation, None, &set, NOW, usize::MAX);
            assert_eq!(list.len(), count, "{set:?}");
        }
    }

    #[test]
    fn levels_and_majors_each_add_up_to_the_open() {
        let situation = picture().situation;
        let open = situation.count(&IncidentSet::Open, NOW);
        let levels: usize = by_level(&situation, NOW).iter().map(|r| r.1.count).sum();
        let majors = by_major(&situation, None, NOW);
        assert_eq!(levels, open);
        assert_eq!(majors.iter().map(|r| r.count.count).sum::<usize>(), open);
        assert!(majors.is_sorted_by(|a, b| a.count.count >= b.count.count));
    }

    #[test]
    fn the_curve_ends_with_the_running_hour() {
        let curve = day_curve(&picture().situation, NOW);
        assert_eq!(curve.len(), 24);
        assert_eq!((curve[0].hour, curve[23].hour), (16, 15));
        assert_eq!(curve.iter().map(|h| h.reported).sum::<u32>(), 24);
    }

    #[test]
    fn the_newest_come_first_and_no_more_than_asked_for() {
        let situation = picture().situation;
        let rows = newest(&situation, None, &IncidentSet::ReportedToday, NOW, 5);
        assert_eq!(rows.len(), 5);
        assert!(rows.is_sorted_by(|a, b| a.reported_at >= b.reported_at));
        assert_eq!(rows[0].id, incident(0).id);
    }

    #[test]
    fn an_incident_counts_once_in_each_grid_of_its_path() {
        let situation = picture().situation;
        let open = situation.count(&IncidentSet::Open, NOW);
        let work = work_by_grid(&situation, NOW);
        let of = |prefix: &str, count: fn(&GridWork) -> usize| -> usize {
            let grids = work.iter().filter(|(g, _)| g.as_str().starts_with(prefix));
            grids.map(|(_, work)| count(work)).sum()
        };
        assert_eq!((of("c", |w| w.open), of("g", |w| w.open)), (open, open));
        let overdue = situation.count(&IncidentSet::Overdue, NOW);
        assert_eq!(
            (of("c", |w| w.overdue), of("g", |w| w.overdue)),
            (overdue, overdue)
        );
        for (code, work) in &work {
            let set = IncidentSet::OpenInGrid(code.clone());
            assert_eq!(situation.count(&set, NOW), work.open);
        }
    }

    #[test]
    fn classes_of_people_cover_the_roster() {
        let people = crate::state::people::on_duty(&picture().situation, None, NOW);
        assert_eq!(people.map(|row| row.class), PersonClass::ALL);
        assert_eq!(people.map(|row| row.on_duty), [3, 3, 3]);
    }

    proptest! {
        #[test]
        fn the_curve_counts_what_was_reported_in_its_24_hours(ages_h in prop::collection::vec(0u32..60, 0..30)) {
            let mut situation = Situation::default();
            for (n, age) in ages_h.iter().enumerate() {
                let mut one = incident(*age);
                one.id = IncidentId(n as u64);
                situation.incidents.insert(one.id, one);
            }
            let curve = day_curve(&situation, NOW);
            let shown: u32 = curve.iter().map(|h| h.reported).sum();
            prop_assert_eq!(shown as usize, ages_h.iter().filter(|age| **age < 24).count());
        }
    }
}
