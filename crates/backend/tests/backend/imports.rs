//! Imports of roads, people and responsibility grids.

use std::path::Path;

use backend::{Backend, BackendConfig};
use domain::places::{Grid, GridLevel, ResponsibilityGrid};
use domain::roads::RoadGraph;
use domain::roster::{Absence, AbsenceKind, Span};
use domain::rules::Rules;
use domain::situation::Record;
use domain::time::HOUR_MS;
use domain::{PersonId, Provenance, Supply, people::TravelMode};
use protocol::http::{Accepted, ChangeBody, Imported, ReportAccepted, paths};
use protocol::{ErrorCode, Reference, ReferencePart};
use testkit::{FakeClock, RunningBackend, builders};

#[tokio::test]
async fn the_roads_of_wuhou_become_a_routable_graph() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/chengdu-wuhou-roads.geojson");
    let Ok(body) = std::fs::read(&file) else {
        println!("skipped: there is no {}", file.display());
        return;
    };
    let running = RunningBackend::start_empty();
    let hall = running.hall();
    let imported: Imported = hall
        .post_bytes(paths::IMPORT_ROADS, body)
        .await
        .expect("imported");
    assert_eq!(imported.taken, 852, "{:?}", imported.left_out);
    assert_eq!(imported.left_out, Vec::<String>::new());
    let reference: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
    assert!(reference.version > 0);
    assert_eq!(reference.version, imported.reference_version);
    assert_eq!(reference.roads.nodes.len(), 459);
    assert_eq!(reference.roads.edges.len(), 852);
    let bounds = reference.bounds.expect("the roads say what to show");
    assert!((104.03..104.05).contains(&bounds.min.lon), "{bounds:?}");
    let named = reference.roads.edges.iter().filter(|e| !e.name.is_empty());
    assert_eq!(named.count(), 637);
    let graph = RoadGraph::new(reference.roads, &reference.rules.travel).expect("sound");
    let mut to_middle = graph.ways_to(bounds.centre(), TravelMode::Car);
    // The cut-out ends one-way streets at its border, so that not every node has a way.
    let ways: Vec<f64> = (graph.network().nodes.iter())
        .filter_map(|node| to_middle.route(*node))
        .map(|route| route.distance_m)
        .collect();
    assert!(ways.len() > 400, "{} nodes reach the middle", ways.len());
    let longest = ways.iter().copied().fold(0.0, f64::max);
    assert!((2_000.0..12_000.0).contains(&longest), "{longest} m");
}

#[tokio::test]
async fn bad_roads_are_named_and_a_bad_file_replaces_nothing() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let before: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
    for body in ["", "nonsense", "{}", r#"{"features":[{}]}"#] {
        let refused = hall
            .post_bytes::<Imported>(paths::IMPORT_ROADS, body)
            .await
            .expect_err(body);
        assert_eq!(refused.code, ErrorCode::BadRequest);
    }
    let after: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
    assert_eq!(before, after);

    let cursor = hall.snapshot().await.cursor;
    let good = r#"{"properties":{"from":"a","to":"b"},"geometry":{"type":"LineString",
        "coordinates":[[104.1,30.6],[104.2,30.6]]}}"#;
    let mut features = vec![good.to_owned()];
    features.extend((0..30).map(|_| "{}".to_owned()));
    let body = format!(r#"{{"features":[{}]}}"#, features.join(","));
    let imported: Imported = hall
        .post_bytes(paths::IMPORT_ROADS, body)
        .await
        .expect("one is good");
    assert_eq!((imported.taken, imported.left_out.len()), (1, 20));
    assert!(
        imported.left_out[19].contains("11 more"),
        "{:?}",
        imported.left_out
    );
    let changes = hall.changes(cursor, 0).await.expect("changes").changes;
    assert_eq!(changes.len(), 1);
    let version = imported.reference_version;
    assert!(version > before.version);
    assert_eq!(changes[0].body, ChangeBody::Reference { version });
}

#[tokio::test]
async fn what_was_taken_says_by_which_way_and_when() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let begun = running.clock.now();
    running.clock.turn(HOUR_MS);
    let road = r#"{"features":[{"properties":{"from":"a","to":"b"},"geometry":{
        "type":"LineString","coordinates":[[104.1,30.6],[104.2,30.6]]}}]}"#;
    let _: Imported = hall
        .post_bytes(paths::IMPORT_ROADS, road)
        .await
        .expect("imported");
    // What an entry says of itself does not count.
    let mut boastful = builders::person(50);
    boastful.provenance = Some(Provenance {
        supply: Supply::Seed,
        at: begun,
    });
    let _: Imported = hall
        .post(paths::IMPORT_PEOPLE, &[boastful])
        .await
        .expect("imported");
    let now = running.clock.now();
    let [seeded, imported] = [(Supply::Seed, begun), (Supply::Import, now)]
        .map(|(supply, at)| Some(Provenance { supply, at }));
    let reference: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
    let of = |part| reference.provenance.get(&part).copied();
    assert_eq!(of(ReferencePart::Grids), seeded);
    assert_eq!(of(ReferencePart::Roads), imported);
    assert_eq!(
        of(ReferencePart::Rules).map(|from| from.supply),
        Some(Supply::RulesFiles)
    );
    let people = hall.snapshot().await.situation.people;
    assert_eq!(people[&PersonId(1)].provenance, seeded);
    assert_eq!(people[&PersonId(50)].provenance, imported);
}

#[tokio::test]
async fn rules_of_a_database_from_before_sources_were_kept_have_none_until_they_change() {
    let dir = tempfile::tempdir().expect("directory");
    RunningBackend::start_in(dir.path(), FakeClock::default(), 0).stop();
    let database = rusqlite::Connection::open(dir.path().join("backend.db")).expect("database");
    let forget = "UPDATE reference_parts SET provenance = NULL";
    assert!(database.execute(forget, []).expect("written") > 1);
    drop(database);
    let told = async |rules: Rules| {
        let running = RunningBackend::start_under(rules, dir.path(), builders::seed());
        let reference: Reference = running.hall().get(paths::REFERENCE).await.expect("loaded");
        let from = reference.provenance.get(&ReferencePart::Rules).copied();
        let now = running.clock.now();
        running.stop();
        (reference.rules.version, from, now)
    };
    // The same rules as before: nobody knows since when, and nobody makes it up.
    let (version, from, _) = told(builders::rules()).await;
    assert_eq!((version, from), (builders::rules().version, None));
    let changed = Rules {
        version: "ours.2".to_owned(),
        ..builders::rules()
    };
    let (version, from, at) = told(changed).await;
    let supply = Supply::RulesFiles;
    assert_eq!(version, "ours.2");
    assert_eq!(from, Some(Provenance { supply, at }));
}

#[tokio::test]
async fn people_join_the_roster_and_their_positions_are_taken() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let cursor = hall.snapshot().await.cursor;
    let fix = builders::fix(50, builders::CENTRE, running.clock.now());
    let post = async || -> Accepted {
        running
            .field()
            .post(paths::POSITIONS, &[fix])
            .await
            .expect("answered")
    };
    assert_eq!(post().await.accepted, 0);

    let mut nameless = builders::person(51);
    nameless.name = String::new();
    let mut strange = builders::person(52);
    strange.phone = "call me".to_owned();
    let mut sleepless = builders::person(53);
    sleepless.shift.to_minute = 1_440;
    let mut batch: Vec<_> = [builders::person(50), nameless, strange, sleepless]
        .iter()
        .map(|person| serde_json::to_value(person).expect("json"))
        .collect();
    batch.push(serde_json::json!({"id": "x"}));
    let imported: Imported = hall
        .post(paths::IMPORT_PEOPLE, &batch)
        .await
        .expect("answered");
    assert_eq!(
        (imported.taken, imported.left_out.len()),
        (1, 4),
        "{imported:?}"
    );

    assert_eq!(post().await.accepted, 1);
    let changes = hall.changes(cursor, 0).await.expect("changes").changes;
    assert!(matches!(
        &changes[..],
        [change] if matches!(&change.body, ChangeBody::Record(Record::Person(p)) if p.id == PersonId(50))
    ));
}

#[tokio::test]
async fn substitutes_who_are_absent_themselves_are_left_out_of_an_import() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let now = running.clock.now();
    let away = |number: u32, substitute: u32, from_h: i64, to_h: i64| {
        let mut person = builders::person(number);
        person.duty.absences = vec![Absence {
            span: Span {
                from: now.plus_ms(from_h * HOUR_MS),
                to: now.plus_ms(to_h * HOUR_MS),
            },
            kind: AbsenceKind::Leave,
            substitute: Some(PersonId(substitute)),
        }];
        person
    };
    // 50 and 51 stand in for each other; 52 has a sound substitute who comes later in the batch;
    // 53 names nobody known.
    let batch = [
        away(50, 51, 0, 8),
        away(51, 50, 4, 12),
        away(52, 54, 0, 8),
        away(53, 99, 0, 8),
        builders::person(54),
    ];
    let imported: Imported = hall
        .post(paths::IMPORT_PEOPLE, &batch)
        .await
        .expect("answered");
    assert_eq!(imported.taken, 2, "{imported:?}");
    let said = imported.left_out.join("\n");
    assert!(said.contains("P000051 stands in for P000050"), "{said}");
    assert!(
        said.contains("P000099, who stands in, is not in the roster"),
        "{said}"
    );

    // What is stored counts as well: 54 stands in for 52 already.
    let again = [away(54, 1, 2, 4)];
    let imported: Imported = hall
        .post(paths::IMPORT_PEOPLE, &again)
        .await
        .expect("answered");
    assert_eq!(imported.taken, 0);
    assert!(imported.left_out[0].contains("P000054 stands in for P000052"));
    let people = hall.snapshot().await.situation.people;
    assert!(
        people[&PersonId(54)].duty.absences.is_empty(),
        "the old entry stays"
    );
}

#[tokio::test]
async fn responsibility_grids_are_checked_and_name_who_answers_where_a_matter_lies() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let before: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
    assert_eq!(before.responsibility_grids.len(), 1);
    let grid = |code: &str, kind: &str, unit: &str, responsible| ResponsibilityGrid {
        code: code.into(),
        name: format!("责任网格 {code}"),
        kind: kind.to_owned(),
        unit_grids: [unit.into()].into(),
        responsible,
    };
    let unit = "510108099001001";
    let import = async |grids: Vec<ResponsibilityGrid>| {
        hall.post::<Imported>(paths::IMPORT_RESPONSIBILITY_GRIDS, &grids)
            .await
    };
    // A file of which nothing fits replaces nothing.
    let refused = import(vec![grid("r1", "城管", "elsewhere", None)]).await;
    let refused = refused.expect_err("no such unit grid");
    assert_eq!(refused.code, ErrorCode::BadRequest);
    assert!(refused.message.contains("elsewhere"), "{refused:?}");
    let refused = import(Vec::new()).await.expect_err("nothing in it");
    assert_eq!(refused.code, ErrorCode::BadRequest);
    let after: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
    assert_eq!(before, after);

    let imported = import(vec![
        grid("r1", "城管", unit, Some(PersonId(1))),
        grid("r2", "城管", unit, None),
        grid("r3", "公安", unit, None),
        grid("r4", "环卫", unit, Some(PersonId(9_999))),
        grid("r5", "", unit, None),
    ]);
    let imported = imported.await.expect("two are sound");
    assert_eq!(imported.taken, 2, "{imported:?}");
    assert_eq!(imported.left_out.len(), 3, "{imported:?}");
    assert!(imported.left_out[0].contains("r1 and r2"), "{imported:?}");
    assert!(
        imported.left_out[1].contains("not in the roster"),
        "{imported:?}"
    );
    let after: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
    assert_eq!(after.version, imported.reference_version);
    let codes: Vec<&str> = after
        .responsibility_grids
        .iter()
        .map(|g| g.code.as_str())
        .collect();
    assert_eq!(codes, ["r1", "r3"]);

    let report = builders::report(1, running.clock.now());
    let accepted: ReportAccepted = running
        .field()
        .post(paths::REPORTS, &report)
        .await
        .expect("accepted");
    let situation = hall.snapshot().await.situation;
    let path = &situation.incidents[&accepted.incident].grids;
    assert_eq!(path.responsibility, ["r1".into(), "r3".into()]);
}

#[tokio::test]
async fn a_seed_names_the_responsibility_and_exclusive_grids_of_a_matter() {
    let mut seed = builders::seed();
    let unit = seed.reference.grids.last().expect("a unit grid").clone();
    seed.reference.grids.push(Grid {
        code: "510108099001X1".into(),
        level: GridLevel::Exclusive,
        parent: Some("510108099001".into()),
        ..unit
    });
    let running = RunningBackend::start_with(seed.clone());
    let report = builders::report(1, running.clock.now());
    let accepted: ReportAccepted = running
        .field()
        .post(paths::REPORTS, &report)
        .await
        .expect("accepted");
    let situation = running.hall().snapshot().await.situation;
    let path = &situation.incidents[&accepted.incident].grids;
    assert_eq!(path.responsibility, ["510108099001R1".into()]);
    assert_eq!(path.exclusive, ["510108099001X1".into()]);

    // What is there must be sound; a unit grid that nobody answers for is the site's business.
    seed.reference.responsibility_grids[0].unit_grids = ["elsewhere".into()].into();
    let rules = builders::rules();
    let refused = Backend::open(BackendConfig {
        seed: Some(seed.clone()),
        ..BackendConfig::in_memory(rules.clone())
    });
    let refused = refused.expect_err("no such unit grid").to_string();
    assert!(refused.contains("elsewhere"), "{refused}");
    seed.reference.responsibility_grids.clear();
    Backend::open(BackendConfig {
        seed: Some(seed),
        ..BackendConfig::in_memory(rules)
    })
    .expect("nobody answers for anything yet");
}
