//! Assessment: choices, the hotline's response time, the weights of the scores.

use domain::assessment::{AssessmentRules, Counting, DueAt, Indicator, Missing, ReworkOutOf};
use domain::time::HOUR_MS;
use domain::trail::SourceChannel;
use expect_test::expect;

use crate::check;

fn shipped() -> AssessmentRules {
    rules::shipped().expect("shipped rules").assessment
}

#[test]
fn the_scores_have_the_published_weights() {
    let rules = shipped();
    let [fielded, hotline] = &rules.composites[..] else {
        panic!("two scores");
    };
    let terms = |composite: &domain::assessment::CompositeRule| {
        let terms = composite.terms.iter();
        let term = |t: &domain::assessment::TermRule| {
            (t.indicator, t.weight_hundredths / 100, t.is_inverted)
        };
        terms.map(term).collect::<Vec<_>>()
    };
    assert_eq!(
        terms(fielded),
        [
            (Indicator::Handling, 30, false),
            (Indicator::OnTimeHandling, 20, false),
            (Indicator::Rework, 20, true),
            (Indicator::OverduePending, 20, true),
            (Indicator::Extension, 10, true),
        ]
    );
    assert_eq!(
        terms(hotline),
        [
            (Indicator::HotlineResponse, 10, false),
            (Indicator::HotlineResolution, 45, false),
            (Indicator::HotlineSatisfaction, 45, false),
        ]
    );
    assert_eq!(fielded.missing, Missing::Dash);
}

#[test]
fn the_choices_are_read() {
    let rules = shipped();
    assert_eq!(rules.due_at, DueAt::Deadline);
    assert_eq!(rules.rework_out_of, ReworkOutOf::DueToClose);
    assert_eq!(rules.forced_closes, Counting::Counted);
    assert_eq!(rules.cancelled, Counting::LeftOut);
    assert_eq!(rules.duplicates, Counting::LeftOut);
    assert_eq!(rules.undecided_reports, Counting::Counted);
    assert_eq!(rules.unjudged_dispatches, Counting::Counted);
    assert_eq!(rules.unreached_call_backs, Counting::LeftOut);
    assert_eq!(rules.hotline.channels, [SourceChannel::Hotline12345]);
    assert_eq!(rules.hotline.response_within_ms, 24 * HOUR_MS);
    let exceptions = rules.hotline.exceptions.iter();
    let exceptions: Vec<_> = exceptions
        .map(|e| (e.major.to_string(), e.minor, e.within_ms / HOUR_MS))
        .collect();
    let expected = [("E05".to_owned(), None, 2), ("E80".to_owned(), Some(1), 2)];
    assert_eq!(exceptions, expected);
    // 12345 [V]: feedback in 2 hours for danger to life or property, in 24 otherwise.
    let hours = |code: &str| {
        let at = domain::Timestamp::from_unix_ms(0);
        let deadline = rules
            .hotline
            .response_deadline(code.parse().expect("a code"), at);
        deadline.unix_ms() / HOUR_MS
    };
    assert_eq!(
        ["E05.02", "E80.01", "E80.02", "E80.03"].map(hours),
        [2, 2, 24, 24]
    );
}

#[test]
fn choices_are_checked() {
    check(
        "assessment.toml",
        "due_at = \"deadline\"",
        "due_at = \"never\"",
        &expect![
            "assessment.toml:HERE: due_at: unknown variant `never`, expected `deadline` or `settled`"
        ],
    );
    check(
        "assessment.toml",
        "cancelled = \"left_out\"",
        "",
        &expect!["assessment.toml:5: assessment: missing field `cancelled`"],
    );
    check(
        "assessment.toml",
        "[\"hotline12345\"]",
        "[\"hotline12345\", \"hotline12345\"]",
        &expect!["assessment.toml:HERE: assessment.hotline.channels: hotline12345 is named twice"],
    );
    check(
        "assessment.toml",
        "\"24 emergency_hour\"",
        "\"24 working_hour\"",
        &expect![[
            r#"assessment.toml:HERE: assessment.hotline.response_within: "24 working_hour" stops at night; write emergency_minute, emergency_hour or emergency_day"#
        ]],
    );
    check(
        "assessment.toml",
        "\"2 emergency_hour\"",
        "\"soon\"",
        &expect![[
            r#"assessment.toml:HERE: assessment.hotline.exceptions.within: "soon" is no limit; write an amount of 1 to 1000 and a unit, such as "4 working_hour" (units: emergency_minute, emergency_hour, emergency_day, working_hour, working_day)"#
        ]],
    );
    check(
        "assessment.toml",
        "[\"E05\", \"E80.01\"]",
        "[\"E77\"]",
        &expect![[
            r"assessment.toml:HERE: assessment.hotline.exceptions.categories: no category is E77"
        ]],
    );
    check(
        "assessment.toml",
        "[\"E05\", \"E80.01\"]",
        "[\"E05\", \"E05\"]",
        &expect![
            "assessment.toml:HERE: assessment.hotline.exceptions.categories: E05 is named twice"
        ],
    );
}

#[test]
fn weights_are_checked() {
    check(
        "assessment.toml",
        "weight = 30",
        "weight = 31",
        &expect![
            "assessment.toml:46: assessment.composite 处置综合得分: its weights add up to 101.00 and not to 100"
        ],
    );
    check(
        "assessment.toml",
        "weight = 30",
        "weight = 30.005",
        &expect![
            "assessment.toml:HERE: assessment.composite 处置综合得分.weight: 30.005 is no weight from 0.01 to 100 with at most two decimals"
        ],
    );
    check(
        "assessment.toml",
        "weight = 30",
        "weight = nan",
        &expect![
            "assessment.toml:HERE: assessment.composite 处置综合得分.weight: NaN is no weight from 0.01 to 100 with at most two decimals"
        ],
    );
    check(
        "assessment.toml",
        "\"on_time_handling\"",
        "\"handling\"",
        &expect![
            "assessment.toml:HERE: assessment.composite 处置综合得分: has the term handling twice"
        ],
    );
    check(
        "assessment.toml",
        "\"on_time_handling\"",
        "\"handled\"",
        &expect![
            "assessment.toml:HERE: indicator: unknown variant `handled`, expected one of `valid_reporting`, `on_time_filing`, `on_time_dispatch`, `accurate_dispatch`, `handling`, `on_time_handling`, `overdue_pending`, `extension`, `closing`, `on_time_closing`, `rework`, `hotline_response`, `hotline_resolution`, `hotline_satisfaction`"
        ],
    );
    check(
        "assessment.toml",
        "name = \"热线综合得分\"",
        "name = \"处置综合得分\"",
        &expect!["assessment.toml:HERE: assessment.composite 处置综合得分: is given twice"],
    );
    check(
        "assessment.toml",
        "missing = \"dash\"",
        "missing = \"zero\"",
        &expect![
            "assessment.toml:HERE: missing: unknown variant `zero`, expected `dash` or `redistribute`"
        ],
    );
}
