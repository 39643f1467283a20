//! Every guard of every row: for each a matter that violates it alone, and what is answered.

use super::*;
use crate::incidents::ActionRefused as Refused;

/// A guard of a row as it is violated.
struct Violated {
    guard: Guard,
    incident: Incident,
    action: Action,
    answer: Refused,
}

fn violated(guard: Guard, incident: Incident, action: Action, answer: Refused) -> Violated {
    Violated {
        guard,
        incident,
        action,
        answer,
    }
}

/// A matter that a life of these actions leads to.
fn after(actions: impl IntoIterator<Item = Action>) -> Incident {
    let mut incident = reported();
    live(&mut incident, actions);
    incident
}

/// Sent to the water department as the lead, and where `is_assisted` to the police as well.
fn joint(is_assisted: bool) -> Incident {
    let lead = dispatch_to(1, Some("water"), DispatchDuty::Lead);
    let assist = dispatch_to(2, Some("police"), DispatchDuty::Assist);
    let sent = [convene("water", &["police"]), lead];
    let steps = [Action::Verify, file()].into_iter().chain(sent);
    after(steps.chain(is_assisted.then_some(assist)))
}

fn supervised(incident: Incident) -> Incident {
    let mut incident = incident;
    live(&mut incident, [Action::Supervise]);
    incident
}

/// The guards of the way to the field.
fn before_the_field() -> Vec<Violated> {
    let unknown: CategoryCode = "E01.99".parse().expect("a code");
    let not_in_rules = || Refused::UnknownCategory {
        category: unknown,
        rules_version: "test.1".to_owned(),
    };
    let mut foreign = after([Action::Verify]);
    foreign.category = unknown;
    let recategorise = Action::Recategorise { category: unknown };
    let filed_as = |code: &str| Action::File {
        limit: HANDLING,
        condition: Some(code.into()),
    };
    let no_condition = Refused::UnknownCondition {
        category: category(),
        condition: "stolen".into(),
    };
    let returned = after([Action::Verify, Action::Return]);
    let past = Refused::PastReturner { stage: Stage::File };
    let itself = Action::MarkDuplicate { of: reported().id };
    let other = Action::MarkDuplicate {
        of: IncidentId::new(NOW, 2),
    };
    let owed = || supervised(reported());
    vec![
        violated(Guard::NotPastReturner, returned, file(), past),
        violated(Guard::InRules, foreign, file(), not_in_rules()),
        violated(Guard::InRules, reported(), filed_as("stolen"), no_condition),
        violated(Guard::InRules, reported(), recategorise, not_in_rules()),
        violated(
            Guard::ReplyGiven,
            owed(),
            Action::NotAccept,
            Refused::ReplyOwed,
        ),
        violated(Guard::ReplyGiven, owed(), other, Refused::ReplyOwed),
        violated(
            Guard::OtherMatter,
            reported(),
            itself,
            Refused::DuplicateOfItself,
        ),
        violated(
            Guard::ReplyOwed,
            reported(),
            reply(),
            Refused::NotSupervised,
        ),
    ]
}

/// The guards of orders and of the handling.
fn with_the_field() -> Vec<Violated> {
    let known = |number| Refused::OrderUnderWay {
        order: order(number),
    };
    let unknown = |number| Refused::OrderNotUnderWay {
        order: order(number),
    };
    let assist = dispatch_to(2, Some("police"), DispatchDuty::Assist);
    let convened = [Action::Verify, file(), convene("water", &["police"])];
    let alone = dispatch_to(2, Some("water"), DispatchDuty::Assist);
    let not_convened = Refused::NotConvened {
        department: Some("water".into()),
    };
    let done = supervised(after([Action::Verify, file(), dispatch(1), handled(1)]));
    let extended = [Action::Verify, file(), dispatch(1), Action::Extend];
    let extended = after(extended.into_iter().chain([Action::Extend]));
    let under_way = Refused::AssistantsUnderWay { count: 1 };
    let [undispatch, start, escalate] = [5, 6, 28].map(|at| all_actions(9).swap_remove(at));
    vec![
        violated(Guard::NewOrder, dispatched(), dispatch(1), known(1)),
        violated(
            Guard::LeadFirst,
            after(convened),
            assist,
            Refused::LeadFirst,
        ),
        violated(Guard::ConvenedDuty, joint(false), alone, not_convened),
        violated(Guard::OrderUnderWay, dispatched(), undispatch, unknown(9)),
        violated(Guard::OrderUnderWay, dispatched(), start, unknown(9)),
        violated(Guard::OrderUnderWay, dispatched(), escalate, unknown(9)),
        violated(Guard::LeadOrder, joint(true), handled(2), unknown(2)),
        violated(Guard::AssistantsDone, joint(true), handled(1), under_way),
        violated(Guard::AssistantOrder, joint(true), assisted(1), unknown(1)),
        violated(
            Guard::ExtensionLeft,
            extended,
            Action::Extend,
            Refused::ExtensionsUsedUp,
        ),
        violated(Guard::ReplyGiven, done, Action::Close, Refused::ReplyOwed),
    ]
}

fn all_violated() -> Vec<Violated> {
    let mut all = before_the_field();
    all.extend(with_the_field());
    all
}

#[test]
fn every_guard_of_every_row_refuses_what_it_guards_against() {
    for case in all_violated() {
        let kind = case.action.kind();
        let taker = row(kind).takers[0];
        let name = format!("{kind}: {:?}", case.guard);
        assert!(row(kind).guards.contains(&case.guard), "{name}");
        let asked =
            |action: &Action| decide(&case.incident, action, taker, Some("理由"), NOW, &rules());
        assert_eq!(asked(&case.action), Err(case.answer), "{name}");
        // Nothing else stands in the way: every other guard of the row holds.
        let target = next_state(&case.incident, &case.action).expect("legal in this state");
        for other in row(kind).guards.iter().filter(|g| **g != case.guard) {
            let held = guards::check(*other, &case.incident, &case.action, target);
            let is_same_question =
                (case.guard, *other) == (Guard::LeadOrder, Guard::AssistantsDone);
            assert!(held.is_ok() || is_same_question, "{name}: {other:?}");
        }
    }
}

#[test]
fn no_row_has_a_guard_that_is_not_seen_to_refuse() {
    let seen: Vec<(ActionKind, Guard)> = all_violated()
        .iter()
        .map(|case| (case.action.kind(), case.guard))
        .collect();
    for row in &TABLE {
        for guard in row.guards {
            assert!(
                seen.contains(&(row.action, *guard)),
                "{}: {guard:?}",
                row.action
            );
        }
    }
}

#[test]
fn every_field_says_what_it_asks_for_and_no_note_has_a_hole() {
    for row in &TABLE {
        for field in row.requires {
            assert!(field.to_string().len() > 3, "{field:?}");
        }
        assert!(
            !row.note.contains("  "),
            "{}: a note with a hole",
            row.action
        );
    }
}
