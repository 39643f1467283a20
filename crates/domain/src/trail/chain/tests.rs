//! Whole chains, and every way in which one can be broken.

use super::*;
use crate::clocks::{Limit, LimitUnit, StageClock};
use crate::ids::PersonId;
use crate::incidents::{IncidentState, Level};
use crate::particulars::Particulars;
use crate::places::{GridPath, LonLat};
use crate::time::Timestamp;
use crate::trail::{Action, Actor, DispatchDuty, ReportFacts, SourceChannel};

const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

fn incident(number: u32) -> IncidentId {
    IncidentId::new(NOW, number)
}

fn entry(number: u32, step: u32, action: Action, state: IncidentState) -> TrailEntry {
    let at = NOW.plus_ms(i64::from(step) * 60_000);
    TrailEntry {
        incident: incident(number),
        step,
        action,
        state,
        by: Actor::Person(PersonId(7)),
        reason: Some("理由 \"引号\"\n".to_owned()),
        occurred_at: at,
        recorded_at: at,
        clock: None,
        rules_version: "test.1".to_owned(),
        from: None,
        mandate: None,
        previous_hash: String::new(),
        hash: String::new(),
    }
}

fn report(number: u32) -> TrailEntry {
    let facts = ReportFacts {
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::GridPatrol,
        title: "暴露垃圾".to_owned(),
        description: String::new(),
        address: "锦川路 12 号".to_owned(),
        location: LonLat::new(104.1, 30.66),
        grids: GridPath::default(),
        level: Level::Micro,
        level_reason: String::new(),
        level_reason_en: String::new(),
        particulars: Particulars::default(),
        is_drill: false,
        source_crs: crate::places::Crs::default(),
    };
    let report = Action::Report(Box::new(facts));
    entry(number, 1, report, IncidentState::Reported)
}

/// Two matters whose steps lie between each other.
fn chain() -> Vec<TrailEntry> {
    let state = IncidentState::PendingFile;
    let mut entries = vec![
        report(1),
        report(2),
        entry(2, 2, Action::Verify, state),
        entry(1, 2, Action::Verify, state),
        entry(1, 3, Action::Cancel, IncidentState::Cancelled),
    ];
    let mut head = String::new();
    for entry in &mut entries {
        seal(entry, &head).expect("json");
        head.clone_from(&entry.hash);
    }
    entries
}

fn fault(entries: &[TrailEntry]) -> (u64, ChainFault) {
    let broken = verify_chain(entries).expect_err("broken");
    (broken.position, broken.fault)
}

#[test]
fn a_whole_chain_tells_its_length_its_head_and_its_incidents() {
    let entries = chain();
    let whole = verify_chain(&entries).expect("whole");
    assert_eq!((whole.links(), whole.head()), (5, entries[4].hash.as_str()));
    let states: Vec<_> = whole
        .into_incidents()
        .into_values()
        .map(|incident| (incident.steps, incident.state))
        .collect();
    let expected = [
        (3, IncidentState::Cancelled),
        (2, IncidentState::PendingFile),
    ];
    assert_eq!(states, expected);
    let none = verify_chain(&[]).expect("nothing is whole");
    assert_eq!((none.links(), none.head()), (0, ""));
}

#[test]
fn the_hash_is_the_one_that_is_written_down() {
    // As `sha256sum` computes it: SHA-256 over the previous hash, a zero byte and the text.
    let text = "{\"a\":1}";
    assert_eq!(
        chain_hash("", text),
        "c7261463ebd776f4650b6d0fe942d9cc38c925d90f77d440ab6df8d5dd258c5f"
    );
    assert_ne!(chain_hash("0", text), chain_hash("", text));
}

#[test]
fn canonical_json_sorts_its_keys_and_leaves_its_hash_out() {
    let mut link = entry(1, 2, Action::Verify, IncidentState::PendingFile);
    link.clock = Some(StageClock {
        limit: Limit {
            amount: 15,
            unit: LimitUnit::EmergencyMinute,
        },
        started_at: NOW,
        deadline: NOW,
        paused_at: None,
    });
    link.action = Action::Dispatch {
        order: crate::ids::IntentKey(uuid::Uuid::from_u128(1)),
        to: PersonId(7),
        department: None,
        duty: DispatchDuty::Lead,
    };
    link.hash = "x".to_owned();
    let text = canonical_json_without_hash(&link).expect("json");
    expect_test::expect![[r#"{"action":{"dispatch":{"department":null,"duty":"lead","order":"00000000-0000-0000-0000-000000000001","to":7}},"by":{"person":7},"clock":{"deadline":1795136400000,"limit":{"amount":15,"unit":"emergency_minute"},"paused_at":null,"started_at":1795136400000},"from":null,"incident":20261120000001,"occurred_at":1795136520000,"previous_hash":"","reason":"理由 \"引号\"\n","recorded_at":1795136520000,"rules_version":"test.1","state":"pending_file","step":2}"#]].assert_eq(&text);
    assert!(!text.contains("\"hash\""));
    let read: serde_json::Value = serde_json::from_str(&text).expect("json");
    assert_eq!(read["previous_hash"], "");
}

#[test]
fn the_first_broken_link_is_named() {
    let broken = |change: &dyn Fn(&mut Vec<TrailEntry>)| {
        let mut entries = chain();
        change(&mut entries);
        fault(&entries)
    };
    let changed = |position| (position, ChainFault::Changed);
    let unlinked = |position| (position, ChainFault::Unlinked);
    assert_eq!(broken(&|e| e[2].by = Actor::Rule), changed(3));
    assert_eq!(broken(&|e| e[0].reason = None), changed(1));
    assert_eq!(broken(&|e| e[4].hash.make_ascii_uppercase()), changed(5));
    assert_eq!(broken(&|e| e[3].step = 9), changed(4));
    assert_eq!(broken(&|e| drop(e.remove(1))), unlinked(2));
    assert_eq!(broken(&|e| drop(e.remove(0))), unlinked(1));
    assert_eq!(broken(&|e| e.swap(1, 2)), unlinked(2));
    assert_eq!(broken(&|e| e.push(e[4].clone())), unlinked(6));
    // Whoever changes a link and seals it anew breaks the one behind it.
    let resealed = broken(&|e| {
        e[1].reason = None;
        let before = e[0].hash.clone();
        seal(&mut e[1], &before).expect("json");
    });
    assert_eq!(resealed, unlinked(3));
}

#[test]
fn steps_that_do_not_follow_are_found_even_when_they_are_sealed() {
    let sealed_on = |mut next: TrailEntry| {
        let mut entries = chain();
        let head = entries[4].hash.clone();
        seal(&mut next, &head).expect("json");
        entries.push(next);
        fault(&entries)
    };
    let expected = (6, ChainFault::OutOfStep);
    let state = IncidentState::PendingFile;
    assert_eq!(sealed_on(entry(2, 4, Action::Verify, state)), expected);
    assert_eq!(sealed_on(entry(2, 2, Action::Verify, state)), expected);
    assert_eq!(sealed_on(entry(3, 1, Action::Verify, state)), expected);
    assert_eq!(sealed_on(report(1)), expected);
}

#[test]
fn a_stored_link_has_to_be_what_it_is_stored_as() {
    let mut first = report(1);
    let body = seal(&mut first, "").expect("json");
    let link = Link {
        position: 1,
        incident: incident(1),
        step: 1,
        body: &body,
        hash: &first.hash,
    };
    let broken = |link: Link<'_>| {
        let mut chain = Chain::default();
        let broken = chain.take(&link).expect_err("broken");
        assert_eq!((chain.links(), chain.head()), (0, ""), "it stays as it was");
        assert_eq!((broken.position, broken.step), (1, link.step));
        assert_eq!(broken.incident, link.incident);
        broken.fault
    };
    assert_eq!(
        broken(Link {
            position: 2,
            ..link
        }),
        ChainFault::Gap
    );
    assert_eq!(
        broken(Link {
            position: 0,
            ..link
        }),
        ChainFault::Gap
    );
    assert_eq!(broken(Link { step: 2, ..link }), ChainFault::Misplaced);
    let elsewhere = incident(2);
    let moved = Link {
        incident: elsewhere,
        ..link
    };
    assert_eq!(broken(moved), ChainFault::Misplaced);
    for body in ["x", "[]", "{}", "7"] {
        assert_eq!(broken(Link { body, ..link }), ChainFault::Unreadable);
    }
    let spaced = body.replacen(':', ": ", 1);
    assert_eq!(
        broken(Link {
            body: &spaced,
            ..link
        }),
        ChainFault::Changed
    );
    let mut chain = Chain::default();
    assert_eq!(chain.take(&link).expect("whole"), first);
}

#[test]
fn a_link_of_an_older_version_stays_whole() {
    // A field that this version knows was not there when the link was written.
    let mut first = report(1);
    seal(&mut first, "").expect("json");
    let mut fields = serde_json::to_value(&first).expect("json");
    let object = fields.as_object_mut().expect("an object");
    object.remove("hash");
    let facts = object["action"]["report"].as_object_mut().expect("facts");
    facts.remove("is_drill").expect("a newer field");
    facts.remove("particulars").expect("a newer field");
    let mut body = String::new();
    write_canonical(&fields, &mut body);
    let hash = chain_hash("", &body);
    let link = Link {
        position: 1,
        incident: incident(1),
        step: 1,
        body: &body,
        hash: &hash,
    };
    let mut chain = Chain::default();
    let read = chain.take(&link).expect("whole");
    assert_eq!((read.hash, read.action), (hash, first.action));
}

#[test]
fn a_fault_says_where_and_what() {
    let mut entries = chain();
    entries[3].reason = None;
    let text = verify_chain(&entries).expect_err("broken").to_string();
    assert_eq!(
        text,
        "link 4 (incident 20261120-0001, step 2): 内容被改动 / its content was changed"
    );
}

#[test]
fn canonical_lists_keep_their_order_and_are_parted_by_commas() {
    let value = serde_json::json!({"b": [3, 1, [], ["y", "x"]], "a": [null]});
    let mut text = String::new();
    write_canonical(&value, &mut text);
    assert_eq!(text, r#"{"a":[null],"b":[3,1,[],["y","x"]]}"#);
}
