//! Scores: rounding, missing terms.

use super::rates::{fielded, street};
use super::street::*;
use crate::assessment::Indicator as I;
use crate::assessment::{AssessmentRules, CompositeRule, CompositeScore, Missing, TermRule};

fn score(composite: CompositeRule) -> CompositeScore {
    let rules = AssessmentRules {
        composites: vec![composite],
        ..AssessmentRules::default()
    };
    street().figures(&rules).composites.remove(0)
}

fn beijing(missing: Missing) -> CompositeRule {
    let term = |indicator, weight: u32| TermRule {
        indicator,
        weight_hundredths: weight * 100,
        is_inverted: false,
    };
    CompositeRule {
        name: "热线".to_owned(),
        missing,
        terms: vec![
            term(I::Handling, 10),
            term(I::HotlineResolution, 45),
            term(I::Rework, 45),
        ],
    }
}

#[test]
fn a_missing_term_makes_a_dash() {
    let score = score(beijing(Missing::Dash));
    let points: Vec<_> = score.terms.iter().map(|t| t.points_hundredths).collect();
    assert_eq!(points, [Some(833), None, Some(900)]);
    assert_eq!(score.score_hundredths, None);
}

#[test]
fn the_weight_of_a_missing_term_goes_to_the_others() {
    // 10 × 5/6 + 45 × 1/5 = 8.33 + 9.00 of 55 points, brought to 100: 31.509…
    let score = score(beijing(Missing::Redistribute));
    assert_eq!(score.score_hundredths, Some(3_151));
}

#[test]
fn redistributing_nothing_changes_nothing_and_all_missing_is_a_dash() {
    let whole = CompositeRule {
        missing: Missing::Redistribute,
        ..fielded()
    };
    assert_eq!(score(whole).score_hundredths, Some(7_933));
    let none = CompositeRule {
        terms: vec![beijing(Missing::Redistribute).terms[1]],
        ..beijing(Missing::Redistribute)
    };
    assert_eq!(score(none).score_hundredths, None);
}

#[test]
fn half_a_hundredth_is_rounded_up() {
    // 0.03 × 1/6 = 0.005 exactly; 0.02 × 1/6 = 0.0033…
    for (weight_hundredths, expected) in [(3, 1), (2, 0)] {
        let term = TermRule {
            indicator: I::Extension,
            weight_hundredths,
            is_inverted: false,
        };
        let small = CompositeRule {
            terms: vec![term],
            ..fielded()
        };
        assert_eq!(score(small).score_hundredths, Some(expected));
    }
}

#[test]
fn a_rate_of_thirds_and_eighths_is_rounded_half_up() {
    let percent = |n: u32, d: u32| {
        let subject = |step| crate::assessment::Subject {
            incident: crate::ids::IncidentId::new(FRIDAY, 1),
            step,
        };
        crate::assessment::Ratio {
            numerator: (0..n).map(subject).collect(),
            denominator: (0..d).map(subject).collect(),
        }
        .percent()
    };
    assert_eq!(percent(2, 3), "66.67%");
    assert_eq!(percent(1, 3), "33.33%");
    assert_eq!(percent(1, 32), "3.13%");
    assert_eq!(percent(0, 7), "0.00%");
    assert_eq!(percent(7, 7), "100.00%");
    assert_eq!(percent(1, 20), "5.00%");
    assert_eq!(percent(0, 0), "—");
}
