//! The seed of the demo street, loaded into a real backend at different hours of the day.

use std::collections::{BTreeMap, BTreeSet};

use backend::assessing::Ledger;
use backend::{Backend, BackendConfig};
use demo_street::plan::Plan;
use demo_street::seed::{SHIPPED_SEED, officers, seed};
use domain::assessment::{By, Indicator, Period};
use domain::people::{Person, Post, TravelMode};
use domain::places::division::{Division, DrawnBuilding, Tolerances, check_division};
use domain::places::numbering::number_unit_grids;
use domain::places::responsibility::check_responsibility;
use domain::places::{
    CommunityCode, GridIndex, GridLevel, Hierarchy, SequenceDigits, UnitGridCode,
};
use domain::roads::RoadGraph;
use domain::time::HOUR_MS;
use domain::trail::{Action, DispatchDuty};
use domain::{LonLat, Timestamp};
use protocol::seed::SeedStep;

/// Friday 20 November 2026, local midnight.
const MIDNIGHT_MS: i64 = 1_795_104_000_000;

#[derive(Debug)]
struct Fixed(Timestamp);

impl backend::clock::Clock for Fixed {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[test]
fn a_backend_takes_the_seed_at_any_hour() {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules load");
    for hour in [3, 16] {
        let now = Timestamp::from_unix_ms(MIDNIGHT_MS + hour * HOUR_MS + 17 * 60_000);
        let seed = seed(&plan, &rules, now);
        let reports = seed.incidents.len();
        assert!(
            (100..500).contains(&reports),
            "{reports} incidents at {hour}"
        );
        let config = BackendConfig {
            seed: Some(seed),
            clock: std::sync::Arc::new(Fixed(now)),
            ..BackendConfig::in_memory(rules.clone())
        };
        let backend = Backend::open(config).unwrap_or_else(|error| panic!("{hour} h: {error}"));
        assert!(!backend.is_empty());
        let verified = backend.verify_chain();
        assert!(verified.is_ok(), "{verified:?}");
    }
}

/// Whatever the hour, the one click that the hall exists for has something to send somebody to.
#[test]
fn something_waits_for_dispatch_at_every_hour() {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules load");
    for half_hour in 0..48 {
        let now = Timestamp::from_unix_ms(MIDNIGHT_MS + half_hour * HOUR_MS / 2);
        let seed = seed(&plan, &rules, now);
        let settles = |step: &SeedStep| {
            matches!(
                step,
                SeedStep::Order { .. }
                    | SeedStep::Act {
                        action: Action::Close | Action::NotAccept,
                        ..
                    }
            )
        };
        let waiting = seed
            .incidents
            .iter()
            .filter(|incident| !incident.steps.iter().any(settles));
        let mut count = 0;
        for incident in waiting {
            count += 1;
            let code = incident.report.category.parse().expect("a code");
            let list = rules.category(code).expect("in the rules");
            let needs_skill = rules.dispatch.needs_skill.contains(&code);
            let fits = seed.people.iter().filter(|person| {
                person.shift.covers(now)
                    && list.admits(person.post, DispatchDuty::Lead).is_ok()
                    && (!needs_skill || person.skills.iter().any(|s| list.skills.contains(s)))
            });
            let fitting = fits.count();
            assert!(fitting > 0, "nobody for {code} at {half_hour} half hours");
        }
        assert!(
            (5..40).contains(&count),
            "{count} at {half_hour} half hours"
        );
    }
}

#[test]
fn a_hall_finds_open_overdue_and_ended_incidents() {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules load");
    for hour in [4, 10, 15, 20] {
        let now = Timestamp::from_unix_ms(MIDNIGHT_MS + hour * HOUR_MS);
        let seed = seed(&plan, &rules, now);
        assert_eq!(
            seed,
            demo_street::seed::seed(&plan, &rules, now),
            "same seed, same past"
        );
        let is_open = |incident: &&protocol::seed::SeedIncident| {
            !incident.steps.iter().any(|step| {
                matches!(
                    step,
                    protocol::seed::SeedStep::Act {
                        action: domain::trail::Action::Close | domain::trail::Action::NotAccept,
                        ..
                    }
                )
            })
        };
        let open = seed.incidents.iter().filter(is_open).count();
        eprintln!("{hour} h: {open} open of {}", seed.incidents.len());
        assert!((15..=70).contains(&open), "{open} open at {hour}");
        let keys: BTreeSet<_> = seed.incidents.iter().map(|i| i.report.key).collect();
        assert_eq!(keys.len(), seed.incidents.len());
        let on_duty = seed.people.iter().filter(|p| p.shift.covers(now)).count();
        assert_eq!(
            seed.positions.len(),
            on_duty,
            "positions of those on duty and nobody else"
        );
        for incident in &seed.incidents {
            let report = &incident.report;
            assert!(
                !report.title.contains('{') && !report.description.contains('{'),
                "{report:?}"
            );
            let code = report.category.parse().expect("a code");
            assert!(rules.category(code).is_some(), "{code} is not in the rules");
        }
    }
}

#[test]
fn reference_data_fit_together() {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules load");
    let reference = demo_street::seed::reference(&plan, &rules);
    assert!(reference.street.is_demo);
    let count = |level| reference.grids.iter().filter(|g| g.level == level).count();
    assert_eq!(count(GridLevel::Community), 8);
    assert_eq!(count(GridLevel::General), 84);
    assert_eq!(count(GridLevel::Micro), 760);
    assert_eq!(count(GridLevel::Unit), 990);
    assert!(count(GridLevel::Exclusive) >= 8);
    let mut known = BTreeSet::new();
    for grid in &reference.grids {
        assert!(
            grid.contains(grid.label_at),
            "{} has its label outside",
            grid.name
        );
        assert!(
            grid.parent
                .as_ref()
                .is_none_or(|parent| known.contains(parent)),
            "{}",
            grid.code
        );
        assert!(known.insert(grid.code.clone()), "{} twice", grid.code);
        for ring in &grid.rings {
            assert_eq!(ring.first(), ring.last(), "{} is not closed", grid.code);
        }
        if grid.level == GridLevel::Unit {
            let code: domain::places::UnitGridCode = grid.code.as_str().parse().expect("standard");
            assert_eq!(code.community().street().to_string(), "510108099");
        }
    }
    for person in &plan.people {
        assert!(
            person
                .home_grid
                .as_ref()
                .is_none_or(|code| known.contains(code))
        );
    }
    let graph =
        RoadGraph::new(reference.roads.clone(), &reference.rules.travel).expect("a sound network");
    let goal = reference.cameras[0].location;
    let mut ways = graph.ways_to(goal, TravelMode::EBike);
    let reached = reference
        .roads
        .nodes
        .iter()
        .filter(|n| ways.route(**n).is_some());
    let share = reached.count() as f64 / reference.roads.nodes.len() as f64;
    assert!(share > 0.98, "{share}");
    assert_eq!(officers().len(), 5);
}

#[test]
fn unit_grids_are_numbered_by_the_rule_of_the_domain() {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules load");
    let reference = demo_street::seed::reference(&plan, &rules);
    let mut by_community: BTreeMap<CommunityCode, Vec<(UnitGridCode, LonLat)>> = BTreeMap::new();
    // The centres of the published outlines are off those of the plan by the rounding of degrees.
    for grid in reference
        .grids
        .iter()
        .filter(|g| g.level == GridLevel::Unit)
    {
        let code: UnitGridCode = grid.code.as_str().parse().expect("standard");
        let centre = grid.centroid().expect("land");
        by_community
            .entry(code.community())
            .or_default()
            .push((code, centre));
    }
    assert_eq!(by_community.len(), 8);
    for (community, mut units) in by_community {
        units.reverse();
        let centres: Vec<LonLat> = units.iter().map(|(_, centre)| *centre).collect();
        let codes = number_unit_grids(community, SequenceDigits::Three, [], &centres);
        let expected: Vec<UnitGridCode> = units.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes.expect("numbers"), expected, "{community}");
    }
}

#[test]
fn the_division_of_the_street_is_without_fault() {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules load");
    let reference = demo_street::seed::reference(&plan, &rules);
    let (_, faults) = Hierarchy::new(&reference.grids);
    assert_eq!(faults, []);
    let mut division = Division::of_grids(&reference.grids);
    let inside = plan.division.unit_grids.len();
    let buildings = plan.grounds.buildings.iter().enumerate();
    for (number, building) in buildings.filter(|(_, building)| building.cell < inside) {
        let ring: Vec<(f64, f64)> = building
            .ring
            .iter()
            .chain(building.ring.first())
            .map(|p| demo_street::plan::frame::lon_lat(*p).into())
            .collect();
        division.buildings.push(DrawnBuilding {
            name: format!("building {number}"),
            rings: vec![ring],
        });
    }
    let report = check_division(&division, Tolerances::default());
    assert!(report.buildings > 3_000, "{}", report.buildings);
    assert!(report.has_looked_for_gaps());
    assert_eq!(report.findings, []);
}

#[test]
fn somebody_of_the_roster_answers_for_every_unit_and_exclusive_grid() {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules load");
    let reference = demo_street::seed::reference(&plan, &rules);
    let responsibility = &reference.responsibility_grids;
    assert_eq!(check_responsibility(&reference.grids, responsibility), []);
    let kinds = ["城管", "公安"];
    for kind in kinds {
        let of_kind = responsibility.iter().filter(|grid| grid.kind == kind);
        let units: usize = of_kind.map(|grid| grid.unit_grids.len()).sum();
        assert_eq!(units, 990, "{kind}");
    }
    let patrols = responsibility.iter().filter(|grid| grid.kind == "城管");
    assert!(patrols.clone().count() >= 80, "{}", patrols.count());
    for grid in responsibility {
        let id = grid.responsible.expect("somebody");
        let person = plan.people.iter().find(|person| person.id == id);
        let post = person.expect("of the roster").post;
        let expected = if grid.kind == "公安" {
            Post::Police
        } else {
            Post::CityManagement
        };
        assert_eq!(post, expected, "{}", grid.name);
    }
    let people = seed(&plan, &rules, Timestamp::from_unix_ms(MIDNIGHT_MS)).people;
    for grid in reference
        .grids
        .iter()
        .filter(|g| g.level == GridLevel::Exclusive)
    {
        let answers = |person: &&Person| person.home_grid.as_ref() == Some(&grid.code);
        let person = people.iter().find(answers).expect("somebody");
        assert_eq!(person.post, Post::CommunityWorker, "{}", grid.name);
    }
    let index = GridIndex::new(reference.grids.clone()).with_responsibility(responsibility);
    for grid in &reference.grids {
        let path = index.locate(grid.label_at);
        assert!(path.holds(&grid.code), "{}", grid.name);
        assert_eq!(path.responsibility.len(), kinds.len(), "{}", grid.name);
    }
}

#[test]
fn the_days_of_the_seed_can_be_assessed() {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules load");
    let now = Timestamp::from_unix_ms(MIDNIGHT_MS + 17 * HOUR_MS);
    let folder = tempfile::tempdir().expect("folder");
    let config = BackendConfig {
        seed: Some(seed(&plan, &rules, now)),
        clock: std::sync::Arc::new(Fixed(now)),
        ..BackendConfig::in_dir(folder.path(), rules)
    };
    drop(Backend::open(config).expect("seeded"));
    let ledger = Ledger::open(folder.path(), None).expect("a whole chain");
    let two_days = Period {
        from: Timestamp::from_unix_ms(MIDNIGHT_MS - 24 * HOUR_MS),
        to: Timestamp::from_unix_ms(MIDNIGHT_MS + 24 * HOUR_MS),
    };
    for by in [
        By::Person,
        By::Department,
        By::Grid(GridLevel::Community),
        By::MinorCategory,
        By::Channel,
    ] {
        // An error would say that the two computations differ.
        let table = ledger.table(two_days, by, now).expect("a table");
        let all = &table.total.all;
        for indicator in [Indicator::Handling, Indicator::Closing] {
            let due = all.ratio(indicator).denominator.len();
            assert!(due >= 20, "{due} {indicator:?}");
        }
        assert!(all.composites[0].score_hundredths.is_some(), "{by:?}");
        assert!(all.effort_min() > 0 && !table.rows.is_empty(), "{by:?}");
    }
}
