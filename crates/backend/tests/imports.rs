//! Imports of roads and people.

use std::path::Path;

use domain::roads::RoadGraph;
use domain::roster::{Absence, AbsenceKind, Span};
use domain::situation::Record;
use domain::time::HOUR_MS;
use domain::{PersonId, people::TravelMode};
use protocol::http::{Accepted, ChangeBody, Imported, paths};
use protocol::{ErrorCode, Reference};
use testkit::{RunningBackend, builders};

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
    assert_eq!(imported.reference_version, 1);
    let reference: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
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
    assert_eq!(changes[0].body, ChangeBody::Reference { version: 2 });
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
