//! One Friday with every rate worked out by hand.

use super::street::*;
use crate::assessment::Indicator as I;
use crate::assessment::{AssessmentRules, By, CompositeRule, Missing, TermRule};
use crate::ids::IncidentId;
use crate::time::MINUTE_MS;
use crate::trail::{Action, ReportFacts};

/// Everything in time. Clocks: file by 8:25, dispatch by 8:35, handle by 10:30, check by 10:10.
fn ordinary(street: &mut Street) {
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 30), dispatch(1)),
        (at(9, 0), start(1)),
        (at(9, 40), handled(1)),
        (at(10, 0), Action::Close),
    ];
    street.live(1, at(8, 0), facts(), steps);
}

/// Everything late. Clocks: file by 8:25, dispatch by 8:41, handle by 10:50, check by 11:30.
fn late(street: &mut Street) {
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 26), file()),
        (at(8, 50), dispatch(2)),
        (at(9, 0), start(2)),
        (at(11, 0), handled(2)),
        (at(11, 40), Action::Close),
        (
            at(12, 0),
            Action::JudgeDispatch {
                order: order(2),
                is_right: false,
            },
        ),
    ];
    street.live(2, at(8, 0), facts(), steps);
}

/// Extended from 11:20 to 13:20 and never handled.
fn extended(street: &mut Street) {
    let steps = vec![
        (at(9, 10), Action::Verify),
        (at(9, 15), file()),
        (at(9, 20), dispatch(3)),
        (at(10, 0), Action::Extend),
    ];
    street.live(3, at(9, 0), facts(), steps);
}

/// Fails its check once. Clocks of the second round: dispatch by 10:35, handle by 12:30, check by
/// 11:30.
fn reworked(street: &mut Street) {
    let steps = vec![
        (at(9, 5), Action::Verify),
        (at(9, 10), file()),
        (at(9, 15), dispatch(4)),
        (at(9, 30), start(4)),
        (at(10, 0), handled(4)),
        (at(10, 20), Action::Rework),
        (at(10, 30), dispatch(40)),
        (at(10, 40), start(40)),
        (at(11, 0), handled(40)),
        (at(11, 20), Action::Close),
    ];
    street.live(4, at(9, 0), facts(), steps);
}

/// Sent to a department that returns it, then to another, which handles it by 11:10.
fn returned(street: &mut Street) {
    let steps = vec![
        (at(8, 5), Action::Verify),
        (at(8, 10), file()),
        (at(8, 15), dispatch_for(6, Some("water"))),
        (at(9, 0), Action::Return),
        (at(9, 10), dispatch_for(60, Some("roads"))),
        (at(9, 50), handled(60)),
        (at(10, 0), Action::Close),
    ];
    street.live(6, at(8, 0), facts(), steps);
}

pub fn street() -> Street {
    let mut street = Street::new();
    ordinary(&mut street);
    late(&mut street);
    extended(&mut street);
    reworked(&mut street);
    street.live(5, at(8, 0), facts(), vec![(at(8, 30), Action::NotAccept)]);
    returned(&mut street);
    let drill = ReportFacts {
        is_drill: true,
        ..facts()
    };
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 30), dispatch(7)),
        (at(12, 0), handled(7)),
    ];
    street.live(7, at(8, 0), drill, steps);
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 30), dispatch(8)),
        (at(12, 0), handled(8)),
        (at(12, 10), Action::Cancel),
    ];
    street.live(8, at(8, 0), facts(), steps);
    let of = IncidentId::new(FRIDAY, 1);
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 40), file()),
        (at(8, 50), Action::MarkDuplicate { of }),
    ];
    street.live(9, at(8, 0), facts(), steps);
    street
}

fn term(indicator: I, weight: u32, is_inverted: bool) -> TermRule {
    TermRule {
        indicator,
        weight_hundredths: weight * 100,
        is_inverted,
    }
}

/// 处置率×30 + 按期处置率×20 + (1−返工率)×20 + (1−超期待处置率)×20 + (1−延期率)×10.
pub fn fielded() -> CompositeRule {
    CompositeRule {
        name: "综合得分".to_owned(),
        missing: Missing::Dash,
        terms: vec![
            term(I::Handling, 30, false),
            term(I::OnTimeHandling, 20, false),
            term(I::Rework, 20, true),
            term(I::OverduePending, 20, true),
            term(I::Extension, 10, true),
        ],
    }
}

#[test]
fn a_friday_by_hand() {
    let figures = street().figures(&AssessmentRules::default());
    let expected = [
        // Eight reports without the drill; 5 was not accepted, 8 cancelled, 9 a duplicate.
        (I::ValidReporting, "1/1 2/1 3/1 4/1 6/1 | 5/1 8/1 9/1"),
        (I::OnTimeFiling, "1/3 3/3 4/3 6/3 | 2/3"),
        // 6 was sent on in time after its return.
        (I::OnTimeDispatch, "1/3 3/3 4/3 4/7 6/3 6/5 | 2/3"),
        // 2 was judged wrong, the first of 6 was returned.
        (I::AccurateDispatch, "1/3 3/3 4/3 4/7 6/5 | 2/3 6/3"),
        // The returned round of 6 ended before its deadline and is owed by nobody.
        (I::Handling, "1/4 2/4 4/4 4/8 6/6 | 3/4"),
        (I::OnTimeHandling, "1/4 4/4 4/8 6/6 | 2/4 3/4"),
        (I::OverduePending, "3/4 | 1/4 2/4 4/4 4/8 6/6"),
        (I::Extension, "3/4 | 1/4 2/4 4/4 4/8 6/6"),
        (I::Closing, "1/1 2/1 4/1 6/1 | 3/1"),
        (I::OnTimeClosing, "1/1 4/1 6/1 | 2/1 3/1"),
        (I::Rework, "4/1 | 1/1 2/1 3/1 6/1"),
        (I::HotlineResponse, "|"),
    ];
    check(&figures, &expected);
    let percent = |indicator| figures.ratio(indicator).percent();
    assert_eq!(percent(I::ValidReporting), "62.50%");
    assert_eq!(percent(I::Handling), "83.33%");
    assert_eq!(percent(I::OnTimeHandling), "66.67%");
    assert_eq!(percent(I::Rework), "20.00%");
    assert_eq!(percent(I::HotlineResponse), "—");
}

#[test]
fn the_fielded_score_by_hand() {
    let rules = AssessmentRules {
        composites: vec![fielded()],
        ..AssessmentRules::default()
    };
    let score = street().figures(&rules).composites.remove(0);
    let points: Vec<_> = score.terms.iter().map(|t| t.points_hundredths).collect();
    // 30 × 5/6, 20 × 4/6, 20 × (1 − 1/5), 20 × (1 − 1/6), 10 × (1 − 1/6).
    let expected = [2_500, 1_333, 1_600, 1_667, 833];
    assert_eq!(points, expected.map(Some));
    assert_eq!(score.score_hundredths, Some(7_933));
}

#[test]
fn the_effort_of_each_order_by_hand() {
    let figures = street().figures(&AssessmentRules::default());
    let minutes: Vec<_> = figures
        .effort
        .iter()
        .map(|(s, e)| (s.incident.number(), s.step, e.order, e.spent_ms / MINUTE_MS))
        .collect();
    let expected = [
        (1, 6, order(1), 40),
        (2, 6, order(2), 120),
        (4, 6, order(4), 30),
        (4, 10, order(40), 20),
        // 6 was never started: from its dispatch.
        (6, 7, order(60), 40),
    ];
    assert_eq!(minutes, expected);
    assert_eq!(figures.effort_min(), 250);
}

#[test]
fn an_empty_street_has_no_rate_and_no_score() {
    let rules = AssessmentRules {
        composites: vec![fielded()],
        ..AssessmentRules::default()
    };
    let table = Street::new().table(&rules, friday(), By::Channel, at(24, 0));
    assert!(table.rows.is_empty());
    let figures = table.total.all;
    for indicator in I::ALL {
        assert_eq!(figures.ratio(indicator).percent(), "—");
    }
    assert_eq!(figures.composites[0].score_hundredths, None);
    assert!(
        figures.composites[0]
            .terms
            .iter()
            .all(|term| term.points_hundredths.is_none())
    );
    assert_eq!(figures.effort_min(), 0);
}

#[test]
fn indicators_have_the_names_and_formulas_of_the_field() {
    let lines: Vec<String> = I::ALL
        .iter()
        .map(|indicator| format!("{} = {}", indicator.name_zh(), indicator.formula_zh()))
        .collect();
    assert_eq!(
        lines,
        [
            "有效上报率 = 有效/上报",
            "按时立案率 = 按时立案/立案",
            "按时派遣率 = 按时派遣/应派遣",
            "准确派遣率 = 准确派遣/应派遣",
            "处置率 = 处置/应处置",
            "按期处置率 = 按期处置/应处置",
            "超期待处置率 = 超期待处置/应处置",
            "延期率 = 延期/应处置",
            "结案率 = 结案/应结案",
            "按期结案率 = 按期结案/应结案",
            "返工率 = 返工/应结案",
            "热线响应率 = 按时响应/应响应",
            "热线解决率 = 解决/回访",
            "热线满意率 = 满意/回访",
        ]
    );
}
