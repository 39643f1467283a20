//! The published table, transcribed by hand and compared cell by cell.

use super::*;
use crate::incidents::ActionRefused as Refused;
use crate::trail::OfficerRole::{DutyOfficer, ItOfficer, ShiftLeader, StreetLeader};
use crate::trail::Taker::{Channel, Department, Field, Officer, Rule};

/// One line for each action: `from>to` for every legal start, all others refused; `open` and `all`
/// keep the state. A suspension began here while 处置中, and one order of the lead is under way.
const PUBLISHED: [(&str, &str); ActionKind::ALL.len()] = [
    ("report", ""),
    ("verify", "Reported>PendingFile"),
    ("file", "Reported>Filed PendingFile>Filed"),
    ("not_accept", "Reported>NotAccepted PendingFile>NotAccepted"),
    (
        "dispatch",
        "Filed>Dispatched Returned>Dispatched Dispatched>Dispatched Handling>Handling",
    ),
    (
        "undispatch",
        "Dispatched>Filed Handling>Filed Handled>Handled",
    ),
    ("start_handling", "Dispatched>Handling Handling>Handling"),
    ("handled", "Dispatched>Handled Handling>Handled"),
    (
        "return",
        "PendingFile>Reported Filed>PendingFile Returned>PendingFile Dispatched>Returned \
         Handling>Returned",
    ),
    (
        "suspend",
        "Filed>Suspended Dispatched>Suspended Handling>Suspended",
    ),
    ("resume", "Suspended>Handling"),
    ("extend", "Dispatched>Dispatched Handling>Handling"),
    ("rework", "Handled>Filed"),
    ("close", "Handled>Closed"),
    (
        "force_close",
        "Reported>Closed PendingFile>Closed Filed>Closed Dispatched>Closed Handling>Closed \
         Handled>Closed Returned>Closed Suspended>Closed",
    ),
    (
        "cancel",
        "Reported>Cancelled PendingFile>Cancelled Filed>Cancelled Dispatched>Cancelled \
         Handling>Cancelled Handled>Cancelled Returned>Cancelled Suspended>Cancelled",
    ),
    ("supervise", "open"),
    ("note", "all"),
    ("recategorise", "Reported>Reported PendingFile>PendingFile"),
    ("set_level", "open"),
    (
        "convene",
        "Filed>Filed Dispatched>Dispatched Handling>Handling Returned>Returned",
    ),
    ("assisted", "Dispatched>Dispatched Handling>Handling"),
    ("reply_to_supervision", "open"),
    ("contact_caller", "open"),
    ("call_back", "Handled>Handled Closed>Closed"),
    ("flag_unreasonable", "all"),
    (
        "mark_duplicate",
        "Reported>Cancelled PendingFile>Cancelled Filed>Cancelled Returned>Cancelled",
    ),
    ("judge_dispatch", "all"),
    ("escalate", "Dispatched>Dispatched Handling>Handling"),
    (
        "whistle",
        "Filed>Filed Dispatched>Dispatched Handling>Handling Returned>Returned",
    ),
    ("sign_in", "open"),
    ("whistle_handled", "open"),
    ("rate_department", "all"),
    ("adjust_points", "all"),
];

fn published(line: &str, from: IncidentState) -> Option<String> {
    let name = format!("{from:?}");
    let stays = match line {
        "open" => from.is_open(),
        "all" => true,
        _ => {
            return line
                .split_whitespace()
                .filter_map(|cell| cell.split_once('>'))
                .find(|(start, _)| *start == name)
                .map(|(_, to)| to.to_owned());
        }
    };
    stays.then_some(name)
}

#[test]
fn every_legal_transition_is_taken_and_every_other_refused() {
    for (action, (name, line)) in all_actions(1).iter().zip(PUBLISHED) {
        assert_eq!(action.kind().name(), name);
        for from in IncidentState::ALL {
            let mut incident = dispatched();
            incident.state = from;
            incident.suspended_from =
                (from == IncidentState::Suspended).then_some(IncidentState::Handling);
            let to = next_state(&incident, action).map(|to| format!("{to:?}"));
            assert_eq!(to, published(line, from), "{name} from {from:?}");
            if to.is_none() {
                let refused = decide(
                    &incident,
                    action,
                    row(action.kind()).takers[0],
                    Some("理由"),
                    NOW,
                    &rules(),
                );
                assert_eq!(
                    refused,
                    Err(Refused::NotInThisState { state: from }),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn the_table_is_in_the_order_of_the_kinds_and_no_two_moves_meet() {
    for (kind, row) in ActionKind::ALL.into_iter().zip(&TABLE) {
        assert_eq!(kind, row.action);
        assert_eq!(super::row(kind).action, kind);
        for from in IncidentState::ALL {
            for when in [When::LastLeadOrder, When::LeadStays] {
                let meets = |one: &&Move| {
                    one.from.contains(&from) && (one.when == When::Always || one.when == when)
                };
                assert!(
                    row.moves.iter().filter(meets).count() <= 1,
                    "{kind} from {from:?}"
                );
            }
        }
    }
    let names: Vec<_> = all_actions(1).iter().map(Action::kind).collect();
    assert_eq!(names, ActionKind::ALL);
}

#[test]
fn the_name_of_a_kind_is_the_one_it_is_stored_under() {
    for action in all_actions(1) {
        let name = action.kind().name();
        let stored = match serde_json::to_value(&action).expect("json") {
            serde_json::Value::Object(fields) => fields.keys().next().cloned(),
            text => text.as_str().map(str::to_owned),
        };
        assert_eq!(stored.as_deref(), Some(name));
        let kind = serde_json::to_string(&action.kind()).expect("json");
        assert_eq!(kind, format!("\"{name}\""));
        assert_eq!(action.kind().to_string(), name);
    }
}

#[test]
fn whoever_may_act_is_the_one_to_whom_the_office_gives_it() {
    use ActionKind as A;
    let desk = vec![Officer(DutyOfficer), Officer(ShiftLeader)];
    let with = |others: &[Taker]| [desk.clone(), others.to_vec()].concat();
    for kind in ActionKind::ALL {
        let expected = match kind {
            A::Report => [vec![Channel], desk.clone()].concat(),
            A::ForceClose | A::Cancel | A::Supervise => {
                vec![Officer(ShiftLeader), Officer(StreetLeader)]
            }
            A::Note => with(&[
                Officer(StreetLeader),
                Officer(ItOfficer),
                Field,
                Department,
                Rule,
            ]),
            A::StartHandling | A::Handled | A::Assisted => vec![Field, Rule],
            A::Undispatch => with(&[Field, Rule]),
            A::Return => with(&[Field, Department]),
            A::SetLevel | A::Dispatch => with(&[Rule]),
            A::Escalate => vec![Rule],
            A::ReplyToSupervision | A::ContactCaller | A::SignIn | A::WhistleHandled => {
                with(&[Department])
            }
            _ => desk.clone(),
        };
        for taker in Taker::ALL {
            assert_eq!(
                is_allowed(taker, kind),
                expected.contains(&taker),
                "{kind} by {taker}"
            );
        }
    }
}

#[test]
fn whoever_is_not_in_the_row_is_refused_before_anything_else() {
    for (action, taker) in [
        (Action::Verify, Officer(ItOfficer)),
        (Action::Close, Rule),
        (dispatch(1), Field),
        (
            Action::MarkDuplicate {
                of: IncidentId::new(NOW, 2),
            },
            Rule,
        ),
    ] {
        let refused = decide(&reported(), &action, taker, None, NOW, &rules());
        assert_eq!(refused, Err(Refused::NotForThisTaker { taker }));
    }
}

#[test]
fn an_actor_is_what_the_table_calls_it() {
    for (actor, role, taker) in [
        (officer("a"), Some(StreetLeader), Officer(StreetLeader)),
        (officer("a"), None, Officer(ItOfficer)),
        (Actor::Person(PersonId(1)), None, Field),
        (Actor::Channel(SourceChannel::Media), None, Channel),
        (Actor::Rule, Some(ShiftLeader), Rule),
        (Actor::Department("water".into()), None, Department),
    ] {
        assert_eq!(Taker::of(&actor, role), taker);
    }
    let names: std::collections::BTreeSet<String> =
        Taker::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(names.len(), Taker::ALL.len());
}

#[test]
fn states_that_are_not_open_can_only_be_commented_upon() {
    use ActionKind as A;
    let afterwards = [
        A::Note,
        A::FlagUnreasonable,
        A::JudgeDispatch,
        A::RateDepartment,
        A::AdjustPoints,
    ];
    for state in IncidentState::ALL.into_iter().filter(|s| !s.is_open()) {
        let mut incident = dispatched();
        incident.state = state;
        for action in all_actions(1) {
            let is_call_back = action.kind() == A::CallBack && state == IncidentState::Closed;
            let may = afterwards.contains(&action.kind()) || is_call_back;
            assert_eq!(next_state(&incident, &action), may.then_some(state));
        }
    }
}

#[test]
fn a_reason_is_asked_for_where_the_table_says_so() {
    use ActionKind as A;
    let asking: Vec<_> = ActionKind::ALL
        .into_iter()
        .filter(|kind| needs_reason(*kind))
        .collect();
    let expected = [
        A::NotAccept,
        A::Return,
        A::Suspend,
        A::Extend,
        A::Rework,
        A::ForceClose,
        A::Cancel,
        A::FlagUnreasonable,
        A::MarkDuplicate,
        A::JudgeDispatch,
        A::AdjustPoints,
    ];
    assert_eq!(asking, expected);
    let cancel = |reason| {
        let leader = Officer(ShiftLeader);
        decide(&reported(), &Action::Cancel, leader, reason, NOW, &rules())
    };
    for reason in [None, Some(""), Some(" \n")] {
        let field = RequiredField::Reason;
        assert_eq!(
            cancel(reason),
            Err(Refused::FieldNeeded { field }),
            "{reason:?}"
        );
    }
    assert!(cancel(Some("误报")).is_ok());
}

/// Every way in which an action can be empty, and what is then asked for.
fn hollow() -> Vec<(Action, RequiredField)> {
    let whistle = |departments: &[&str], deliberation: &str| Action::Whistle {
        whistle: 1,
        push: None,
        departments: departments.iter().map(|name| (*name).into()).collect(),
        deliberation: deliberation.to_owned(),
    };
    let blank = || " ".to_owned();
    vec![
        (Action::Note { text: blank() }, RequiredField::Text),
        (
            Action::ReplyToSupervision { text: blank() },
            RequiredField::Text,
        ),
        (
            Action::SetLevel {
                level: Level::Large,
                level_reason: blank(),
                level_reason_en: String::new(),
            },
            RequiredField::LevelReason,
        ),
        (convene("a", &[]), RequiredField::Departments),
        (convene("a", &["a"]), RequiredField::Departments),
        (convene("a", &["b", "b"]), RequiredField::Departments),
        (convene("a", &["b", ""]), RequiredField::Departments),
        (convene("", &["b"]), RequiredField::Departments),
        (whistle(&[], "x"), RequiredField::Departments),
        (whistle(&["a", "a"], "x"), RequiredField::Departments),
        (whistle(&["a"], " "), RequiredField::Deliberation),
        (
            Action::RateDepartment {
                whistle: 1,
                department: "a".into(),
                rating: 101,
            },
            RequiredField::Rating,
        ),
    ]
}

#[test]
fn an_action_without_its_contents_is_refused() {
    for (action, field) in hollow() {
        let mut incident = dispatched();
        incident.supervised = action.kind() == ActionKind::ReplyToSupervision;
        let taker = row(action.kind()).takers[0];
        let refused = decide(&incident, &action, taker, Some("理由"), NOW, &rules());
        assert_eq!(refused, Err(Refused::FieldNeeded { field }), "{action:?}");
    }
}

#[test]
fn sound_contents_are_taken() {
    let best = Action::RateDepartment {
        whistle: 1,
        department: "a".into(),
        rating: 100,
    };
    let sound = all_actions(1).into_iter().chain([best]);
    for action in sound {
        for field in row(action.kind()).requires {
            assert_eq!(
                guards::required(*field, &action, Some("理由")),
                Ok(()),
                "{action:?}"
            );
        }
    }
}
