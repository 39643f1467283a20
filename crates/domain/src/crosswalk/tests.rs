//! What is mapped, what waits, and that nothing is lost.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::samples::NOW;

fn category(code: &str) -> CategoryCode {
    code.parse().expect("a code")
}

fn rules() -> Rules {
    let mapping = |class: &str, code: &str, is_sent| ClassMapping {
        class: class.to_owned(),
        category: category(code),
        is_sent,
    };
    Rules {
        crosswalks: vec![Crosswalk {
            system: "hotline".to_owned(),
            classes: vec![
                mapping("rubbish late", "E01.10", false),
                mapping("rubbish", "E01.10", true),
                mapping("noise", "E03.01", true),
            ],
        }],
        ..Rules::default()
    }
}

fn record(system: &str, class: &str) -> ForeignRecord {
    ForeignRecord {
        system: system.to_owned(),
        id: "7".to_owned(),
        class: class.to_owned(),
    }
}

#[test]
fn classes_become_categories_and_answers_keep_their_class() {
    let rules = rules();
    let walk = rules.crosswalk("hotline").expect("a crosswalk");
    assert_eq!(walk.category_of("rubbish late"), Some(category("E01.10")));
    assert_eq!(walk.category_of("Rubbish"), None);
    assert_eq!(walk.class_of(category("E01.10")), Some("rubbish"));
    assert_eq!(walk.class_of(category("E01.11")), None);
    let answer = |origin: Option<&ForeignRecord>, code: &str| {
        walk.class_of_answer(origin, category(code))
            .map(str::to_owned)
    };
    let late = record("hotline", "rubbish late");
    // Whatever the category became here, the answer goes back under the class of the record.
    assert_eq!(
        answer(Some(&late), "E03.01").as_deref(),
        Some("rubbish late")
    );
    let foreign = record("police", "brawl");
    assert_eq!(answer(Some(&foreign), "E03.01").as_deref(), Some("noise"));
    assert_eq!(answer(None, "E01.10").as_deref(), Some("rubbish"));
    assert_eq!(answer(None, "E01.11"), None);
    assert!(rules.crosswalk("police").is_none());
}

#[test]
fn what_nothing_maps_waits_until_somebody_maps_it() {
    let mut rules = rules();
    let mut queue = UnmappedQueue::default();
    let mut seen = |class: &str, minutes: i64| {
        let at = NOW.plus_ms(minutes * 60_000);
        rules.translate("hotline", class, at, &mut queue)
    };
    assert_eq!(seen("noise", 0), Some(category("E03.01")));
    assert_eq!(seen("bees", 5), None);
    assert_eq!(seen("wasps", 6), None);
    assert_eq!(seen("wasps", 2), None);
    assert_eq!(seen("wasps", 4), None);
    let waiting = queue.waiting();
    assert_eq!(waiting.len(), 2);
    assert_eq!(
        *waiting[0],
        Unmapped {
            system: "hotline".to_owned(),
            class: "wasps".to_owned(),
            count: 3,
            first_seen: NOW.plus_ms(2 * 60_000),
            last_seen: NOW.plus_ms(6 * 60_000),
        }
    );
    rules.crosswalks[0].classes.push(ClassMapping {
        class: "wasps".to_owned(),
        category: category("E01.21"),
        is_sent: true,
    });
    queue.settle(&rules);
    let waiting: Vec<&str> = queue.waiting().iter().map(|u| u.class.as_str()).collect();
    assert_eq!(waiting, ["bees"]);
}

#[test]
fn numbers_are_tied_one_to_one() {
    let (first, second) = (IncidentId::new(NOW, 1), IncidentId::new(NOW, 2));
    let mut numbers = NumberCrosswalk::default();
    assert_eq!(numbers.tie("hotline", "A1", first), Ok(()));
    assert_eq!(numbers.tie("hotline", "A1", first), Ok(()));
    assert_eq!(numbers.tie("police", "A1", second), Ok(()));
    let before = numbers.clone();
    assert_eq!(
        numbers.tie("hotline", "A1", second),
        Err(TieRefused::RecordTaken {
            system: "hotline".to_owned(),
            id: "A1".to_owned(),
            incident: first
        })
    );
    assert_eq!(
        numbers.tie("hotline", "A2", first),
        Err(TieRefused::IncidentTaken {
            system: "hotline".to_owned(),
            id: "A1".to_owned(),
            incident: first
        })
    );
    assert_eq!(numbers, before);
    assert_eq!(numbers.incident("police", "A1"), Some(second));
    assert_eq!(numbers.number("hotline", first), Some("A1"));
    assert_eq!(numbers.number("hotline", second), None);
}

proptest! {
    /// However numbers are tied, each that is taken leads back, and nothing refused leaves a trace.
    #[test]
    fn every_tie_leads_back(
        ties in prop::collection::vec((select(vec!["a", "b"]), 0..6_u8, 0..6_u32), 0..40),
    ) {
        let mut numbers = NumberCrosswalk::default();
        let mut taken = Vec::new();
        for (system, record, own) in ties {
            let (id, incident) = (record.to_string(), IncidentId::new(NOW, own));
            if numbers.tie(system, &id, incident).is_ok() {
                taken.push((system, id, incident));
            } else {
                let has_rival = taken
                    .iter()
                    .any(|(s, i, o)| *s == system && (*i == id || *o == incident));
                prop_assert!(has_rival && numbers.incident(system, &id) != Some(incident));
            }
        }
        for (system, id, incident) in taken {
            prop_assert_eq!(numbers.incident(system, &id), Some(incident));
            prop_assert_eq!(numbers.number(system, incident), Some(id.as_str()));
        }
    }

    /// Every record is either mapped or counted in the queue.
    #[test]
    fn no_record_is_lost(classes in prop::collection::vec("[a-c]|noise|rubbish", 0..60)) {
        let rules = rules();
        let mut queue = UnmappedQueue::default();
        let mapped = classes
            .iter()
            .filter(|class| rules.translate("hotline", class, NOW, &mut queue).is_some())
            .count();
        let waiting: u64 = queue.waiting().iter().map(|unmapped| unmapped.count).sum();
        prop_assert_eq!(mapped as u64 + waiting, classes.len() as u64);
    }
}
