//! The score by hand: every figure below is added up in the comment above it.

use super::super::score::{Scope, ScorePart, WhistleScore, hundredths_text};
use super::*;

fn score_of(matters: &[Matter], scope: Scope) -> WhistleScore {
    book(matters).score(scope, after(30 * 24 * 60), &rules())
}

fn shares(score: &WhistleScore) -> Vec<(usize, usize, Option<u32>)> {
    let terms = score.terms.iter();
    terms
        .map(|t| (t.numerator.len(), t.denominator.len(), t.worth_hundredths))
        .collect()
}

fn gas() -> Scope {
    Scope::period(dept("gas"), NINE, after(1))
}

/// Three whistles for the gas company: one answered and done in time, one answered late and done in
/// time, one never answered. After the first two a caller was reached, once satisfied.
fn three_whistles() -> Vec<Matter> {
    let mut good = Matter::whistled(1, &["gas"]).answers("gas", Some(60), Some(90));
    good.take(100, call_back(true, true)).expect("reached");
    let mut late = Matter::whistled(2, &["gas"]).answers("gas", Some(180), Some(200));
    late.take(210, call_back(true, false)).expect("reached");
    vec![good, late, Matter::whistled(3, &["gas"])]
}

#[test]
fn three_rates_and_two_sums_of_points_make_the_score() {
    let mut matters = three_whistles();
    matters[0].take(300, points(1, "gas", 3)).expect("added");
    matters[1].take(300, points(1, "gas", -1)).expect("taken");
    let score = score_of(&matters, gas());
    // 30 × 1/3 = 10.00, 40 × 2/3 = 26.666… → 26.67, 30 × 1/2 = 15.00.
    assert_eq!(
        shares(&score),
        [
            (1, 3, Some(1_000)),
            (2, 3, Some(2_667)),
            (1, 2, Some(1_500))
        ]
    );
    // 10.00 + 26.67 + 15.00 + 3 − 1.
    assert_eq!(score.total_hundredths, Some(5_367));
    assert_eq!(hundredths_text(score.total_hundredths), "53.67");
    assert_eq!((score.points_added, score.points_taken), (3, 1));
    assert_eq!(score.rules_version, "test.1");
    let call = |number| CallRef {
        incident: IncidentId::new(NINE, number),
        whistle: 1,
        department: dept("gas"),
    };
    let response = score.term(ScorePart::Response).expect("a term");
    assert_eq!(response.weight, 30);
    assert_eq!(response.numerator, [call(1)]);
    assert_eq!(response.denominator, [call(1), call(2), call(3)]);
    let satisfaction = score.term(ScorePart::Satisfaction).expect("a term");
    assert_eq!(satisfaction.denominator, [call(1), call(2)]);
    assert_eq!(score.unanswered, [call(3)]);
    let points: Vec<_> = score
        .points
        .iter()
        .map(|p| (&p.call, p.added, p.taken))
        .collect();
    assert_eq!(points, [(&call(1), 3, 0), (&call(2), 0, 1)]);
}

#[test]
fn one_whistle_is_scored_by_itself() {
    let matters = three_whistles();
    let call = |incident, department: &str| CallRef {
        incident: IncidentId::new(NINE, incident),
        whistle: 1,
        department: dept(department),
    };
    let total = |call| score_of(&matters, Scope::call(&call)).total_hundredths;
    assert_eq!(total(call(1, "gas")), Some(10_000));
    assert_eq!(total(call(2, "gas")), Some(4_000));
    assert_eq!(total(call(3, "gas")), Some(0));
    assert_eq!(total(call(1, "fire")), None);
    assert_eq!(total(call(4, "gas")), None);
}

#[test]
fn a_rate_without_a_denominator_gives_its_weight_to_the_others() {
    let answered = Matter::whistled(1, &["gas"]).answers("gas", Some(60), None);
    let done_in_time = Matter::whistled(2, &["gas"]).answers("gas", Some(180), Some(200));
    let matters = [answered, done_in_time];
    // At 200 minutes the first is still in its handling time, and nobody was called back:
    // 30/70 × 100 × 1/2 = 21.428… → 21.43, 40/70 × 100 × 1/1 = 57.142… → 57.14.
    let score = book(&matters).score(gas(), after(200), &rules());
    assert_eq!(
        shares(&score),
        [(1, 2, Some(2_143)), (1, 1, Some(5_714)), (0, 0, None)]
    );
    assert_eq!(score.total_hundredths, Some(7_857));
}

#[test]
fn nothing_due_is_no_score_whatever_the_points() {
    let mut waiting = Matter::whistled(1, &["gas"]);
    waiting.take(5, points(1, "gas", 5)).expect("added");
    let score = book(&[waiting]).score(gas(), after(120), &rules());
    assert_eq!(shares(&score), [(0, 0, None); 3]);
    assert_eq!(score.total_hundredths, None);
    assert_eq!(hundredths_text(None), "—");
    assert_eq!(hundredths_text(Some(5)), "0.05");
    assert!(score.unanswered.is_empty());
    assert_eq!(score.points_added, 5);
}

#[test]
fn points_count_up_to_their_bounds_and_no_score_is_below_zero() {
    let with_points = |handled, step: i16, times: usize| {
        let mut matter = Matter::whistled(1, &["gas"]).answers("gas", Some(180), handled);
        for _ in 0..times {
            matter.take(300, points(1, "gas", step)).expect("counted");
        }
        let score = score_of(&[matter], gas());
        (
            score.points_added,
            score.points_taken,
            score.total_hundredths,
        )
    };
    // Answered late, done in time: 40/70 × 100 = 57.14.
    assert_eq!(with_points(Some(200), 5, 3), (10, 0, Some(6_714)));
    assert_eq!(with_points(Some(200), -5, 9), (0, 20, Some(3_714)));
    assert_eq!(with_points(None, -5, 1), (0, 5, Some(0)));
}

#[test]
fn rounding_never_makes_more_than_a_full_score() {
    let mut rules = rules();
    let full = |response, closing, rules: &mut Rules| {
        rules.whistle.weights = WhistleWeights {
            response,
            closing,
            satisfaction: 0,
        };
        let perfect = Matter::whistled(1, &["gas"]).answers("gas", Some(1), Some(2));
        book(&[perfect]).score(gas(), after(9), rules)
    };
    // 1/32 of 10,000 hundredths is 312.5 and 31/32 is 9,687.5: both are rounded up.
    let score = full(1, 31, &mut rules);
    assert_eq!(
        shares(&score),
        [(1, 1, Some(313)), (1, 1, Some(9_688)), (0, 0, None)]
    );
    assert_eq!(score.total_hundredths, Some(10_000));
    // No weight at all is nothing to divide by.
    assert_eq!(full(0, 0, &mut rules).total_hundredths, None);
    assert_eq!(
        full(u32::MAX, u32::MAX, &mut rules).total_hundredths,
        Some(10_000)
    );
}

#[test]
fn a_period_holds_what_was_pushed_in_it_and_its_end_is_out() {
    let matters = three_whistles();
    let due = |from, before| {
        let score = score_of(&matters, Scope::period(dept("gas"), from, before));
        score.terms[0].denominator.len()
    };
    assert_eq!(due(NINE, after(1)), 3);
    assert_eq!(due(NINE.plus_ms(1), after(1)), 0);
    assert_eq!(due(after(-1), NINE), 0);
    let all = score_of(&matters, Scope::everything());
    assert_eq!(all.terms[0].denominator.len(), 3);
}

#[test]
fn drills_never_count_and_unreasonable_complaints_only_where_wanted() {
    let mut drill = Matter::whistled(1, &["gas"]).answers("gas", Some(1), Some(2));
    if let Action::Report(facts) = &mut drill.trail[0].action {
        facts.is_drill = true;
    }
    let mut flagged = Matter::whistled(2, &["gas"]).answers("gas", Some(1), Some(2));
    let flag = |is_unreasonable| Action::FlagUnreasonable { is_unreasonable };
    flagged.take(3, flag(true)).expect("flagged");
    let without = Scope {
        counts_unreasonable: false,
        ..gas()
    };
    let due = |matters: &[Matter], scope: &Scope| {
        score_of(matters, scope.clone()).terms[0].denominator.len()
    };
    let mut matters = [drill, flagged];
    assert_eq!(due(&matters, &gas()), 1);
    assert_eq!(due(&matters, &without), 0);
    matters[1].take(4, flag(false)).expect("taken back");
    assert_eq!(due(&matters, &without), 1);
}
