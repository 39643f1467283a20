//! Each choice of the rules file, both ways; suspensions, returns and ends that leave something
//! owed.

use super::rates::street;
use super::street::*;
use crate::assessment::Indicator as I;
use crate::assessment::{
    AssessmentRules, By, Counting, DueAt, HotlineChannels, Period, ResponseLimit, ReworkOutOf,
};
use crate::time::{HOUR_MS, Timestamp};
use crate::trail::{Action, CallBack, ReportFacts, SourceChannel};

fn with(change: impl FnOnce(&mut AssessmentRules)) -> AssessmentRules {
    let mut rules = AssessmentRules::default();
    change(&mut rules);
    rules
}

/// Dispatched at 8:30 with a deadline at 10:30, and then the given steps.
fn dispatched(steps: Vec<(Timestamp, Action)>) -> Street {
    let mut all = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 30), dispatch(1)),
    ];
    all.extend(steps);
    let mut street = Street::new();
    street.live(1, at(8, 0), facts(), all);
    street
}

#[test]
fn settled_work_is_due_when_it_is_done() {
    let settled = with(|rules| rules.due_at = DueAt::Settled);
    let street = street();
    let morning = Period {
        from: FRIDAY,
        to: at(10, 5),
    };
    let figures = |rules: &AssessmentRules| {
        let table = street.table(rules, morning, By::Whole, at(24, 0));
        table.total.all
    };
    // By 10:05 no handling has run out, but three rounds are done; closing is done twice.
    let nothing = [(I::Handling, "|"), (I::Closing, "|")];
    check(&figures(&AssessmentRules::default()), &nothing);
    let done = [
        (I::Handling, "1/4 4/4 6/6 |"),
        (I::OnTimeHandling, "1/4 4/4 6/6 |"),
        (I::Closing, "1/1 6/1 |"),
        (I::OnTimeClosing, "1/1 6/1 |"),
    ];
    check(&figures(&settled), &done);
    // What is late is due at its deadline either way.
    check(
        &street.figures(&settled),
        &[(I::OverduePending, "3/4 | 1/4 2/4 4/4 4/8 6/6")],
    );
}

#[test]
fn settled_late_work_is_due_at_its_deadline() {
    let settled = with(|rules| rules.due_at = DueAt::Settled);
    // Due at 10:30, handled at 12:00.
    let street = dispatched(vec![(at(12, 0), handled(1))]);
    let afternoon = Period {
        from: at(11, 0),
        to: at(24, 0),
    };
    let table = street.table(&settled, afternoon, By::Whole, at(24, 0));
    check(&table.total.all, &[(I::Handling, "|")]);
    let owed = [(I::Handling, "1/4 |"), (I::OnTimeHandling, "| 1/4")];
    check(&street.figures(&settled), &owed);
}

#[test]
fn rework_has_the_denominator_that_the_site_sets() {
    let street = street();
    let seen = |out_of| {
        shown(
            &street.figures(&with(|r| r.rework_out_of = out_of)),
            I::Rework,
        )
    };
    assert_eq!(seen(ReworkOutOf::DueToClose), "4/1 | 1/1 2/1 3/1 6/1");
    assert_eq!(seen(ReworkOutOf::Checked), "4/4 | 1/4 2/4 4/8 6/6");
    assert_eq!(seen(ReworkOutOf::Handled), "4/4 | 1/4 2/4 4/8 6/6");
    let unchecked = dispatched(vec![(at(9, 0), handled(1))]);
    let seen = |out_of| {
        shown(
            &unchecked.figures(&with(|r| r.rework_out_of = out_of)),
            I::Rework,
        )
    };
    assert_eq!(seen(ReworkOutOf::Checked), "|");
    assert_eq!(seen(ReworkOutOf::Handled), "| 1/4");
}

#[test]
fn a_check_after_midnight_counts_there() {
    let street = dispatched(vec![(at(9, 0), handled(1)), (at(25, 0), Action::Rework)]);
    let saturday = Period {
        from: at(24, 0),
        to: at(48, 0),
    };
    for (out_of, friday_text, saturday_text) in [
        (ReworkOutOf::Checked, "|", "1/4 |"),
        (ReworkOutOf::Handled, "| 1/4", "|"),
    ] {
        let rules = with(|rules| rules.rework_out_of = out_of);
        assert_eq!(shown(&street.figures(&rules), I::Rework), friday_text);
        let table = street.table(&rules, saturday, By::Whole, at(48, 0));
        assert_eq!(shown(&table.total.all, I::Rework), saturday_text);
    }
}

#[test]
fn a_forced_close_counts_as_closed_or_ends_what_was_owed() {
    let left_out = with(|rules| rules.forced_closes = Counting::LeftOut);
    let early = dispatched(vec![(at(9, 0), Action::ForceClose)]);
    let owed = [
        (I::Handling, "|"),
        (I::Closing, "1/1 |"),
        (I::OnTimeClosing, "1/1 |"),
    ];
    check(&early.figures(&AssessmentRules::default()), &owed);
    check(&early.figures(&left_out), &[(I::Closing, "|")]);
    let late = dispatched(vec![(at(11, 0), Action::ForceClose)]);
    let owed = [
        (I::Handling, "| 1/4"),
        (I::OverduePending, "| 1/4"),
        (I::Closing, "1/1 |"),
        (I::OnTimeClosing, "| 1/1"),
    ];
    check(&late.figures(&AssessmentRules::default()), &owed);
    check(&late.figures(&left_out), &[(I::Closing, "| 1/1")]);
    let checked = dispatched(vec![
        (at(9, 0), handled(1)),
        (at(9, 20), Action::ForceClose),
    ]);
    check(
        &checked.figures(&left_out),
        &[(I::Handling, "1/4 |"), (I::Closing, "|")],
    );
}

#[test]
fn an_end_at_the_deadline_itself_leaves_nothing_owed() {
    let left_out = with(|rules| rules.forced_closes = Counting::LeftOut);
    let street = dispatched(vec![(at(10, 30), Action::ForceClose)]);
    check(
        &street.figures(&left_out),
        &[(I::Handling, "|"), (I::Closing, "|")],
    );
    let street = dispatched(vec![(at(10, 30).plus_ms(1), Action::ForceClose)]);
    let owed = [(I::Handling, "| 1/4"), (I::Closing, "| 1/1")];
    check(&street.figures(&left_out), &owed);
}

#[test]
fn cancelled_and_duplicate_matters_count_by_choice() {
    let street = street();
    let cancelled = street.figures(&with(|rules| rules.cancelled = Counting::Counted));
    let expected = [
        (I::ValidReporting, "1/1 2/1 3/1 4/1 6/1 | 5/1 8/1 9/1"),
        (I::OnTimeFiling, "1/3 3/3 4/3 6/3 8/3 | 2/3"),
        // Handled at 12:00 although due at 10:30; cancelled at 12:10, before its check was due.
        (I::Handling, "1/4 2/4 4/4 4/8 6/6 8/4 | 3/4"),
        (I::OnTimeHandling, "1/4 4/4 4/8 6/6 | 2/4 3/4 8/4"),
        (I::Closing, "1/1 2/1 4/1 6/1 | 3/1"),
    ];
    check(&cancelled, &expected);
    let duplicates = street.figures(&with(|rules| rules.duplicates = Counting::Counted));
    let expected = [
        (I::ValidReporting, "1/1 2/1 3/1 4/1 6/1 9/1 | 5/1 8/1"),
        (I::OnTimeFiling, "1/3 3/3 4/3 6/3 | 2/3 9/3"),
        // Marked at 8:50, five minutes before its dispatch was due.
        (I::OnTimeDispatch, "1/3 3/3 4/3 4/7 6/3 6/5 | 2/3"),
    ];
    check(&duplicates, &expected);
}

#[test]
fn a_wait_that_ends_undone_after_its_deadline_was_due() {
    let mut street = Street::new();
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 36), Action::ForceClose),
    ];
    street.live(1, at(8, 0), facts(), steps);
    let expected = [
        (I::OnTimeDispatch, "| 1/3"),
        (I::AccurateDispatch, "| 1/3"),
        // Nothing was ever sent: no handling and no closing was owed.
        (I::Handling, "|"),
        (I::Closing, "|"),
    ];
    check(&street.figures(&AssessmentRules::default()), &expected);
}

#[test]
fn undecided_reports_count_by_choice() {
    let mut street = Street::new();
    street.report(1, at(8, 0), facts());
    street.live(2, at(8, 0), facts(), vec![(at(8, 10), Action::Verify)]);
    street.live(3, at(8, 0), facts(), vec![(at(8, 10), Action::ForceClose)]);
    let figures = street.figures(&AssessmentRules::default());
    check(&figures, &[(I::ValidReporting, "| 1/1 2/1 3/1")]);
    let left_out = with(|rules| rules.undecided_reports = Counting::LeftOut);
    check(&street.figures(&left_out), &[(I::ValidReporting, "| 3/1")]);
}

#[test]
fn only_judged_dispatches_count_where_the_site_says_so() {
    let rules = with(|rules| rules.unjudged_dispatches = Counting::LeftOut);
    check(&street().figures(&rules), &[(I::AccurateDispatch, "| 2/3")]);
    let judge = |is_right| Action::JudgeDispatch {
        order: order(1),
        is_right,
    };
    let street = dispatched(vec![
        (at(8, 40), judge(false)),
        (at(9, 0), Action::Return),
        (at(9, 10), judge(true)),
    ]);
    // The later verdict counts, although the matter was returned. That nobody was sent afterwards
    // needs no verdict to be a miss.
    for rules in [rules, AssessmentRules::default()] {
        check(
            &street.figures(&rules),
            &[(I::AccurateDispatch, "1/3 | 1/6")],
        );
    }
}

#[test]
fn a_verdict_is_about_its_own_order_and_never_comes_before_it() {
    let judge = |number, is_right| Action::JudgeDispatch {
        order: order(number),
        is_right,
    };
    let street = dispatched(vec![
        (at(8, 40), judge(2, true)),
        (at(9, 0), handled(1)),
        (at(9, 10), Action::Rework),
        (at(9, 12), judge(3, false)),
        (at(9, 15), dispatch(2)),
        (at(9, 20), judge(2, false)),
        (at(9, 30), Action::Return),
        (at(9, 40), dispatch(3)),
    ]);
    // The verdict on 3 was given before it was sent.
    let expected = [(I::AccurateDispatch, "1/3 1/11 | 1/7")];
    check(&street.figures(&AssessmentRules::default()), &expected);
}

#[test]
fn a_suspended_clock_owes_nothing_unless_it_had_run_out() {
    let rules = AssessmentRules::default();
    let in_time = dispatched(vec![(at(9, 0), Action::Suspend)]);
    check(
        &in_time.figures(&rules),
        &[(I::Handling, "|"), (I::Closing, "|")],
    );
    let just_in_time = dispatched(vec![(at(10, 30), Action::Suspend)]);
    check(
        &just_in_time.figures(&rules),
        &[(I::Handling, "|"), (I::Closing, "|")],
    );
    let too_late = dispatched(vec![(at(10, 31), Action::Suspend)]);
    let owed = [(I::OverduePending, "1/4 |"), (I::Closing, "| 1/1")];
    check(&too_late.figures(&rules), &owed);
    // Two hours of suspension move the deadline from 10:30 to 12:30.
    let resumed = dispatched(vec![
        (at(9, 0), Action::Suspend),
        (at(11, 0), Action::Resume),
        (at(12, 30), handled(1)),
    ]);
    let expected = [(I::Handling, "1/4 |"), (I::OnTimeHandling, "1/4 |")];
    check(&resumed.figures(&rules), &expected);
    // Suspended before it was sent: the wait for dispatch stands still.
    let mut street = Street::new();
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 30), Action::Suspend),
        (at(9, 0), Action::Resume),
        (at(9, 5), dispatch(1)),
    ];
    street.live(1, at(8, 0), facts(), steps);
    check(&street.figures(&rules), &[(I::OnTimeDispatch, "1/3 |")]);
}

#[test]
fn a_return_after_the_deadline_does_not_wash_the_delay_away() {
    let street = dispatched(vec![(at(11, 0), Action::Return)]);
    let expected = [
        (I::Handling, "| 1/4"),
        (I::OverduePending, "| 1/4"),
        (I::AccurateDispatch, "| 1/3 1/5"),
        // Its closing is owed again with the next dispatch, which the desk owes now.
        (I::Closing, "|"),
        (I::OnTimeDispatch, "1/3 | 1/5"),
    ];
    check(&street.figures(&AssessmentRules::default()), &expected);
    let in_time = dispatched(vec![(at(9, 0), Action::Return)]);
    let expected = [
        (I::Handling, "|"),
        (I::Closing, "|"),
        (I::OnTimeDispatch, "1/3 | 1/5"),
    ];
    check(&in_time.figures(&AssessmentRules::default()), &expected);
    let back = dispatched(vec![(at(9, 0), Action::Undispatch { order: order(1) })]);
    let expected = [
        (I::Handling, "|"),
        (I::OnTimeDispatch, "1/3 | 1/5"),
        (I::AccurateDispatch, "1/3 | 1/5"),
        (I::Closing, "|"),
    ];
    check(&back.figures(&AssessmentRules::default()), &expected);
}

/// The matter was taken back at half past nine; that the desk had returned it at nine came in later,
/// so that a period that ends between sees the desk's return right after the work.
#[test]
fn a_return_by_the_desk_is_none_by_the_field_where_the_step_between_is_not_seen() {
    let street = dispatched(vec![
        (at(9, 30), Action::Undispatch { order: order(1) }),
        (at(9, 0), Action::Return),
    ]);
    let early = Period {
        from: FRIDAY,
        to: at(9, 15),
    };
    let table = street.table(&AssessmentRules::default(), early, By::Whole, at(24, 0));
    check(&table.total.all, &[(I::AccurateDispatch, "1/3 |")]);
}

fn hotline_rules() -> AssessmentRules {
    with(|rules| {
        rules.hotline = HotlineChannels {
            channels: vec![SourceChannel::Hotline12345],
            response_within_ms: 2 * HOUR_MS,
            exceptions: vec![ResponseLimit {
                major: "C01".parse().expect("a major"),
                minor: None,
                within_ms: HOUR_MS,
            }],
        };
    })
}

fn call(is_reached: bool, is_resolved: bool, is_satisfied: bool) -> Action {
    Action::CallBack(CallBack {
        is_reached,
        is_resolved,
        is_satisfied,
    })
}

#[test]
fn callers_are_answered_in_time() {
    let component = || ReportFacts {
        category: "C01.02".parse().expect("a code"),
        ..hotline()
    };
    let mut street = Street::new();
    let contact = |minute| vec![(at(8, minute), Action::ContactCaller)];
    street.live(1, at(8, 0), hotline(), contact(120));
    street.live(2, at(8, 0), hotline(), contact(121));
    street.live(3, at(8, 0), hotline(), Vec::new());
    street.live(4, at(8, 0), component(), contact(61));
    street.live(5, at(8, 0), facts(), contact(1));
    let again = vec![
        (at(8, 30), Action::ContactCaller),
        (at(11, 0), Action::ContactCaller),
    ];
    street.live(6, at(8, 0), component(), again);
    // Not due before tomorrow.
    street.report(7, at(23, 0), hotline());
    let figures = street.figures(&hotline_rules());
    check(&figures, &[(I::HotlineResponse, "1/1 6/1 | 2/1 3/1 4/1")]);
    let settled = AssessmentRules {
        due_at: DueAt::Settled,
        ..hotline_rules()
    };
    let until = |to| Period { from: FRIDAY, to };
    let table = street.table(&settled, until(at(8, 31)), By::Whole, at(24, 0));
    check(&table.total.all, &[(I::HotlineResponse, "6/1 |")]);
}

#[test]
fn the_latest_call_back_counts() {
    let mut street = Street::new();
    let mut called = |number: u32, calls: Vec<Action>| {
        let mut steps = vec![
            (at(8, 10), Action::Verify),
            (at(8, 20), file()),
            (at(8, 30), dispatch(number)),
            (at(9, 0), handled(number.into())),
        ];
        steps.extend((10..).map(|hour| at(hour, 0)).zip(calls));
        street.live(number, at(8, 0), hotline(), steps);
    };
    called(1, vec![call(true, true, true)]);
    called(2, vec![call(true, true, false)]);
    called(3, vec![call(true, false, false), call(true, true, true)]);
    called(4, vec![call(true, true, true), call(false, false, false)]);
    // What an unreached caller is said to have answered is no answer.
    called(5, vec![call(false, true, true)]);
    called(6, Vec::new());
    let expected = [
        (I::HotlineResolution, "1/6 2/6 3/7 4/6 |"),
        (I::HotlineSatisfaction, "1/6 3/7 4/6 | 2/6"),
    ];
    check(&street.figures(&hotline_rules()), &expected);
    let counted = AssessmentRules {
        unreached_call_backs: Counting::Counted,
        ..hotline_rules()
    };
    let expected = [
        (I::HotlineResolution, "1/6 2/6 3/7 | 4/7 5/6"),
        (I::HotlineSatisfaction, "1/6 3/7 | 2/6 4/7 5/6"),
    ];
    check(&street.figures(&counted), &expected);
    // Nobody calls back outside of the hotline's channels.
    let none = AssessmentRules::default();
    check(&street.figures(&none), &[(I::HotlineResolution, "|")]);
    // A call-back counts in its own period: incident 3 was called again at 11:00.
    let late = Period {
        from: at(10, 30),
        to: at(24, 0),
    };
    let table = street.table(&hotline_rules(), late, By::Whole, at(24, 0));
    check(&table.total.all, &[(I::HotlineResolution, "3/7 |")]);
}
