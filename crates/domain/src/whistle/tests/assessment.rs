//! The street's ratings and the admonitory talk.

use super::super::assessment::{AdmonitionCause, admonition};
use super::super::score::Scope;
use super::*;
use crate::time::DAY_MS;

#[test]
fn the_reverse_assessment_has_a_row_for_each_department_called() {
    let mut first = Matter::whistled(1, &["gas", "fire", "water"]);
    first = first.answers("gas", Some(1), Some(2));
    first = first.answers("fire", Some(1), Some(2));
    first.take(3, rate(1, "gas", 90)).expect("rated");
    let mut second = Matter::whistled(2, &["gas"]).answers("gas", Some(1), Some(2));
    second.take(3, rate(1, "gas", 85)).expect("rated");
    let mut third = Matter::whistled(3, &["gas"]).answers("gas", Some(1), Some(2));
    third.take(3, rate(1, "gas", 0)).expect("rated");
    let book = book(&[first, second, third]);
    let rows = book.reverse_assessment(&Scope::everything());
    let short: Vec<_> = rows
        .iter()
        .map(|row| {
            let ratings: Vec<u8> = row.rated.iter().map(|(_, rating)| *rating).collect();
            (
                row.department.as_str(),
                ratings,
                row.unrated.len(),
                row.mean_hundredths,
            )
        })
        .collect();
    // (90 + 85 + 0) / 3 = 58.333…; the water company is still at work.
    assert_eq!(
        short,
        [
            ("fire", vec![], 1, None),
            ("gas", vec![90, 85, 0], 0, Some(5_833)),
            ("water", vec![], 0, None),
        ]
    );
    let gas = Scope::period(dept("gas"), NINE, after(1));
    assert_eq!(book.reverse_assessment(&gas).len(), 1);
}

#[test]
fn the_mean_is_rounded_half_up() {
    // 1/8 = 0.125 and 3/8 = 0.375: halves of a hundredth go up.
    let mean = |sum: u8| {
        let matters: Vec<Matter> = (1..=8)
            .map(|number| {
                let mut matter =
                    Matter::whistled(number, &["gas"]).answers("gas", Some(1), Some(2));
                let rating = u8::from(number <= u32::from(sum));
                matter.take(3, rate(1, "gas", rating)).expect("rated");
                matter
            })
            .collect();
        book(&matters).reverse_assessment(&Scope::everything())[0].mean_hundredths
    };
    assert_eq!(mean(1), Some(13));
    assert_eq!(mean(3), Some(38));
    assert_eq!(mean(8), Some(100));
}

fn talk(matters: &[Matter], department: Option<&str>) -> Option<Vec<AdmonitionCause>> {
    let scope = Scope {
        department: department.map(dept),
        ..Scope::everything()
    };
    let rules = rules();
    let score = book(matters).score(scope, after(30 * 24 * 60), &rules);
    admonition(&score, &rules).map(|talk| talk.causes)
}

/// Signed in late and done in time, which is worth 57.14.
fn late(number: u32) -> Matter {
    Matter::whistled(number, &["gas"]).answers("gas", Some(180), Some(200))
}

/// Signed in and done in time, which is worth 100.
fn good(number: u32) -> Matter {
    Matter::whistled(number, &["gas"]).answers("gas", Some(60), Some(200))
}

#[test]
fn a_low_score_asks_for_a_talk_once_there_are_enough_whistles() {
    let gas = Some("gas");
    assert_eq!(talk(&[late(1), late(2)], gas), None);
    let low = AdmonitionCause::ScoreBelow {
        score_hundredths: 5_714,
        threshold_hundredths: 6_000,
    };
    assert_eq!(talk(&[late(1), late(2), late(3)], gas), Some(vec![low]));
    assert_eq!(talk(&[good(1), good(2), good(3)], gas), None);
    // All departments together are nobody who could be asked.
    assert_eq!(talk(&[late(1), late(2), late(3)], None), None);
    assert_eq!(talk(&[late(1), late(2), late(3)], Some("fire")), None);
}

#[test]
fn a_score_at_the_threshold_asks_for_none() {
    let mut rules = rules();
    let matters = [late(1), late(2), late(3)];
    let scope = Scope::period(dept("gas"), NINE, after(1));
    rules.whistle.weights = WhistleWeights {
        response: 40,
        closing: 60,
        satisfaction: 0,
    };
    let score = book(&matters).score(scope.clone(), after(300), &rules);
    assert_eq!(score.total_hundredths, Some(6_000));
    assert_eq!(admonition(&score, &rules), None);
    rules.whistle.admonition.score_below = 61;
    assert!(admonition(&score, &rules).is_some());
}

#[test]
fn whistles_without_any_answer_ask_for_a_talk_whatever_the_score() {
    let ignored = |number| Matter::whistled(number, &["gas"]);
    let gas = Some("gas");
    let many: Vec<Matter> = (10..40).map(good).chain([ignored(1)]).collect();
    assert_eq!(talk(&many, gas), None);
    let many: Vec<Matter> = (10..40).map(good).chain([ignored(1), ignored(2)]).collect();
    let unanswered = AdmonitionCause::Unanswered { count: 2, from: 2 };
    assert_eq!(talk(&many, gas), Some(vec![unanswered]));
}

#[test]
fn a_talk_has_a_leader_and_a_time() {
    let rules = rules();
    let matters = [late(1), late(2), late(3)];
    let scope = Scope::period(dept("gas"), NINE, after(1));
    let score = book(&matters).score(scope, after(300), &rules);
    let talk = admonition(&score, &rules).expect("a talk");
    assert_eq!(talk.department, dept("gas"));
    assert_eq!(talk.led_by, OfficerRole::StreetLeader);
    assert_eq!(talk.rules_version, "test.1");
    // Five working days after Friday 14:00: Friday 14:00 is the same as 12:00 of working time, and
    // the fifth day is full at the end of the next Friday's morning.
    let friday_noon = NINE.plus_ms(7 * DAY_MS + 3 * HOUR_MS);
    assert_eq!(talk.due_by, friday_noon);
}
