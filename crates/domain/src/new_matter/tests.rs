//! What a desk takes in, as it is checked and shown before the backend has it.

use super::*;
use crate::incidents::IncidentState;
use crate::intents::Intent;
use crate::levels::Harm;
use crate::modes::Mode;
use crate::orders::{Order, OrderState};
use crate::samples::{self, NOW, SCENE, key, rules};
use crate::situation::{Record, Situation, Touched};

fn matter() -> NewMatter {
    NewMatter {
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::DutyPhone,
        title: "暴露垃圾".to_owned(),
        description: "商铺门口堆了一夜".to_owned(),
        address: "建设路 18 号".to_owned(),
        location: SCENE,
        crs: Crs::Cgcs2000,
        particulars: Particulars::default(),
        is_drill: false,
    }
}

fn shown(of: &NewMatter, known: &Known<'_>) -> Incident {
    let by = Actor::Officer("li.na".into());
    of.shown_as(IncidentId::provisional(key(7)), by, NOW, known)
}

/// The incident that the backend makes of it.
fn numbered(of: &NewMatter) -> Incident {
    let rules = rules();
    let known = Known {
        rules: Some(&rules),
        ..Known::default()
    };
    let mut incident = shown(of, &known);
    incident.id = IncidentId::new(NOW, 1);
    incident.fold_version = crate::incidents::FOLD_VERSION;
    incident.particulars.provisional = Some(IncidentId::provisional(key(7)));
    incident
}

fn record(incident: &Incident) -> Record {
    Record::Incident(Box::new(incident.clone()))
}

#[test]
fn every_fault_is_found_at_once() {
    let rules = rules();
    assert!(matter().faults(&rules).is_empty());
    let mut bad = matter();
    bad.category = "E09.99".parse().expect("a code");
    bad.title = "  ".to_owned();
    bad.address = "路".repeat(LONGEST_LINE + 1);
    bad.description = "字".repeat(LONGEST_TEXT + 1);
    bad.location = LonLat::new(204.0, 30.0);
    assert_eq!(
        bad.faults(&rules),
        [
            MatterFault::UnknownCategory,
            MatterFault::NoTitle,
            MatterFault::LongAddress,
            MatterFault::LongDescription,
            MatterFault::NoPlace,
        ]
    );
    bad.title = "题".repeat(LONGEST_LINE + 1);
    assert!(bad.faults(&rules).contains(&MatterFault::LongTitle));
    let mut in_metres = matter();
    in_metres.crs = "cgcs2000-3deg-35".parse().expect("a system");
    assert_eq!(in_metres.faults(&rules), [MatterFault::NoPlace]);
}

#[test]
fn a_matter_is_shown_as_rules_and_mode_decide_it() {
    let rules = rules();
    let mut grave = matter();
    grave.particulars.harm = Harm::Life;
    grave.crs = Crs::Gcj02;
    grave.location = LonLat::new(104.102_542, 30.657_603);
    let known = Known {
        rules: Some(&rules),
        version: 3,
        mode: Mode::EmergencyRed.into(),
        ..Known::default()
    };
    let incident = shown(&grave, &known);
    let expected = rules.level_of(grave.category, &grave.particulars);
    assert_eq!(Some(incident.level), expected.map(|decided| decided.level));
    assert_eq!(incident.state, IncidentState::Reported);
    assert_eq!(incident.reported_at, NOW);
    assert!(incident.location.distance_m(LonLat::new(104.1, 30.66)) < 0.2);
    let session = rules_in_mode(&rules, Mode::EmergencyRed);
    let effective = session.for_incident(&incident).effective();
    assert_eq!(incident.clock, decide_report(NOW, &effective).clock);
    assert_eq!((incident.steps, incident.fold_version), (1, 3));
}

#[test]
fn without_reference_data_a_matter_is_shown_all_the_same() {
    let incident = shown(&matter(), &Known::default());
    assert_eq!(incident.title, "暴露垃圾");
    assert_eq!((incident.clock, incident.fold_version), (None, 0));
    let rules = rules();
    let known = Known {
        rules: Some(&rules),
        version: 1,
        ..Known::default()
    };
    let mut situation = Situation::default();
    situation.apply(record(&incident));
    let anew = shown(&matter(), &known);
    assert_eq!(situation.apply(record(&anew)), Touched::Incident(anew.id));
    assert!(situation.incidents[&anew.id].clock.is_some());
}

#[test]
fn the_numbered_matter_takes_the_place_of_the_one_without_whichever_comes_first() {
    let echo = shown(&matter(), &Known::default());
    let real = numbered(&matter());
    let order = Order {
        incident: echo.id,
        ..samples::order(1, 1, OrderState::Queued)
    };
    let order = || Record::Order(Box::new(order.clone()));
    for records in [
        [record(&echo), order(), record(&real)],
        [record(&echo), record(&real), order()],
        [record(&real), record(&echo), order()],
        [record(&real), order(), record(&echo)],
        [order(), record(&echo), record(&real)],
        [order(), record(&real), record(&echo)],
    ] {
        let mut situation = Situation::default();
        for record in records {
            situation.apply(record);
        }
        assert_eq!(situation.incidents.keys().collect::<Vec<_>>(), [&real.id]);
        let orders: Vec<_> = situation.orders.values().map(|o| o.incident).collect();
        assert_eq!(orders, [real.id], "the order is about the numbered matter");
        assert_eq!(situation.number_of(echo.id), real.id);
    }
}

#[test]
fn a_dropped_matter_is_forgotten_with_its_orders_and_a_numbered_one_never() {
    let echo = shown(&matter(), &Known::default());
    let real = numbered(&matter());
    let order = Order {
        incident: echo.id,
        ..samples::order(1, 1, OrderState::Queued)
    };
    let mut situation = Situation::default();
    situation.apply(record(&echo));
    situation.apply(Record::Order(Box::new(order)));
    assert!(situation.forget_provisional(echo.id));
    assert_eq!(situation, Situation::default());
    situation.apply(record(&real));
    assert!(!situation.forget_provisional(real.id) && !situation.forget_provisional(echo.id));
    assert_eq!(situation.incidents.len(), 1);
}

#[test]
fn likely_duplicates_are_found_among_matters_without_a_number() {
    let nearness = crate::nearness::Nearness {
        within_m: 50.0,
        within_ms: 30 * crate::time::MINUTE_MS,
    };
    let mut situation = Situation::default();
    let echo = shown(&matter(), &Known::default());
    situation.apply(record(&echo));
    let mut other = numbered(&matter());
    other.particulars.provisional = None;
    situation.apply(record(&other));
    let found = |of: &Incident| {
        let suggestions = situation.duplicates_of(of, &nearness);
        suggestions.iter().map(|s| s.of).collect::<Vec<_>>()
    };
    assert_eq!(found(&other), [echo.id]);
    assert_eq!(found(&echo), [other.id]);
}

#[test]
fn what_is_wanted_about_a_provisional_number_is_carried_out_about_the_real_one() {
    let (old, new) = (IncidentId::provisional(key(7)), IncidentId::new(NOW, 1));
    let number = |id| if id == old { new } else { id };
    let act = |incident, of| Intent::Act {
        incident,
        action: Action::MarkDuplicate { of },
        reason: None,
    };
    assert_eq!(act(old, old).renumbered(number), act(new, new));
    assert_eq!(act(new, new).renumbered(number), act(new, new));
    let report = intent_of(key(7), Box::new(matter()));
    assert_eq!(report.incident(), Some(old));
    assert_eq!(
        report.renumbered(number),
        report,
        "its number follows from its key"
    );
}

#[test]
fn callers_are_known_again_by_their_telephone_and_cannot_be_dialled() {
    let caller = |street, phone| caller_of_phone(street, phone);
    let known = caller("府青路", "138 0000-0000");
    assert_eq!(known, caller("府青路", "13800000000"));
    assert_ne!(known, caller("府青路", "13800000001"));
    assert_ne!(known, caller("双桥子", "13800000000"));
    assert!(!known.expect("digits").as_str().contains("138000"));
    assert_eq!(caller("府青路", "不详"), None);
}
