//! A conflict as it is shown: the incident as the officer saw it beside how it is now, what others
//! have done since, and which of the three choices are open.

use domain::conflicts::{LaterStep, Version, is_possible};
use domain::incidents::row;
use domain::trail::{Action, ActionKind};
use domain::{
    IncidentId, IncidentState, Intent, IntentKey, OrderState, PersonId, Situation, Timestamp,
};
use protocol::commands::SeenIncident;
use protocol::feed::OutboxItem;
use rust_i18n::t;

use super::actions::Step;
use super::outbox::{Wish, name_of, step_of, wish, words_of};
use super::timeline::{self, Doer};
use crate::state::Catalogue;
use crate::strings::{self, officer_name};

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is compared.
    pub what: Compared,
    /// As the officer saw it.
    pub ours: String,
    /// As it is now.
    pub theirs: String,
}

impl Line {
    /// Whether the two sides differ.
    pub fn differs(&self) -> bool {
        self.ours != self.theirs
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// State.
    State,
    /// Who is under way.
    UnderWay,
    /// Level.
    Level,
    /// Category.
    Category,
    /// Whether a leader watches it.
    Supervised,
}

/// A step of others.
#[derive(Debug, Clone, PartialEq)]
pub struct Since {
    /// Its number.
    pub step: u32,
    /// What was done.
    pub action: Action,
    /// Whom or what it concerns.
    pub about: Option<String>,
    /// Who.
    pub by: Doer,
    /// When.
    pub at: Timestamp,
    /// Why, where a reason was given.
    pub reason: Option<String>,
    /// Whether it speaks against the wish.
    pub is_against: bool,
}

/// How a wish can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// By the proposal, with these words of the order.
    Order {
        /// What to do.
        instruction: String,
    },
    /// By the form of its step, with what stands in it.
    Step {
        /// The step.
        step: Step,
        /// The reason or the text.
        words: String,
    },
    /// Not at all: the incident no longer takes it, or it has no form.
    No,
}

/// A conflict.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictView {
    /// The proposal.
    pub key: IntentKey,
    /// Its incident.
    pub incident: IncidentId,
    /// What it wants.
    pub wish: Wish,
    /// What the officer has written for it.
    pub words: String,
    /// Who wanted it.
    pub officer: String,
    /// When.
    pub wanted_at: Timestamp,
    /// The incident on both sides.
    pub lines: Vec<Line>,
    /// What others have done, oldest first.
    pub since: Vec<Since>,
    /// Steps of the incident that are shown here: what an override knows of.
    pub seen_steps: u32,
    /// The same, with the matter that it is about.
    pub seen: Option<SeenIncident>,
    /// State of the incident now.
    pub state: IncidentState,
    /// Whether the backend has refused it, so that an officer can decide.
    pub is_parked: bool,
    /// Whether the life cycle would still carry it out.
    pub may_send: bool,
    /// How it can be changed.
    pub change: Change,
}

/// The conflict of an item; `None` where there is none.
pub fn view(
    item: &OutboxItem,
    situation: &Situation,
    catalogue: Option<&Catalogue>,
) -> Option<ConflictView> {
    let conflict = item.conflict.as_deref()?;
    let proposal = &item.proposal;
    let incident = situation.number_of(proposal.intent.incident()?);
    let reference = catalogue.map(|catalogue| &catalogue.reference);
    let officers = reference.map_or(&[][..], |reference| &reference.officers);
    let known = situation.incidents.get(&incident);
    let state = conflict.theirs.state;
    let may_send = known.map_or_else(
        || is_possible_in(&proposal.intent, state),
        |known| is_possible(&proposal.intent, known),
    );
    // What is not here any more has no form to change anything in.
    let change = match known {
        Some(_) => change(&proposal.intent, may_send),
        None => Change::No,
    };
    let since = |step: &LaterStep| Since {
        step: step.step,
        about: timeline::about(&step.action, situation, reference),
        action: step.action.clone(),
        by: timeline::doer(&step.by, situation, reference),
        at: step.occurred_at,
        reason: step
            .reason
            .clone()
            .filter(|reason| !reason.trim().is_empty()),
        is_against: step.is_in_conflict,
    };
    Some(ConflictView {
        key: proposal.key,
        incident,
        wish: wish(&proposal.intent, situation, reference),
        words: words_of(&proposal.intent),
        officer: officer_name(&proposal.officer, officers),
        wanted_at: proposal.occurred_at,
        lines: match &proposal.basis {
            Some(basis) => lines(&basis.seen, &conflict.theirs, situation, catalogue),
            None => Vec::new(),
        },
        since: conflict.since.iter().map(since).collect(),
        seen_steps: conflict.theirs.steps,
        seen: conflict.theirs.reported_at.map(|reported_at| SeenIncident {
            steps: conflict.theirs.steps,
            reported_at,
        }),
        state,
        is_parked: item.state == OrderState::Parked,
        may_send,
        change,
    })
}

/// Whether the life cycle carries a wish out from some state, as far as that alone tells: of an incident
/// that is not here any more nothing else is known.
fn is_possible_in(intent: &Intent, state: IncidentState) -> bool {
    let moves = |kind: ActionKind| row(kind).moves.iter().any(|one| one.from.contains(&state));
    match intent {
        Intent::SendOrder { .. } | Intent::SendOrders { .. } => {
            state.awaits_dispatch() || moves(ActionKind::Dispatch)
        }
        Intent::WithdrawOrder { .. } => moves(ActionKind::Undispatch),
        Intent::Act { action, .. } => moves(action.kind()),
        Intent::SetMode { .. }
        | Intent::Report { .. }
        | Intent::LogDuty { .. }
        | Intent::HandOver { .. } => true,
    }
}

/// The conflicts of an incident, oldest first; of all incidents for `None`.
pub fn views(
    outbox: &[OutboxItem],
    of: Option<IncidentId>,
    situation: &Situation,
    catalogue: Option<&Catalogue>,
) -> Vec<ConflictView> {
    let about = |item: &OutboxItem| {
        let incident = item.proposal.intent.incident();
        incident.map(|id| situation.number_of(id))
    };
    outbox
        .iter()
        .filter(|item| of.is_none() || about(item) == of)
        .filter_map(|item| view(item, situation, catalogue))
        .collect()
}

/// How many parked items wait for one of the three choices.
pub fn count(outbox: &[OutboxItem]) -> usize {
    outbox
        .iter()
        .filter(|item| item.state == OrderState::Parked && item.conflict.is_some())
        .count()
}

fn lines(
    ours: &Version,
    theirs: &Version,
    situation: &Situation,
    catalogue: Option<&Catalogue>,
) -> Vec<Line> {
    let people = |people: &[PersonId]| {
        if people.is_empty() {
            return t!("conflict.nobody").into_owned();
        }
        let names: Vec<String> = people.iter().map(|p| name_of(*p, situation)).collect();
        names.join("、")
    };
    let category = |version: &Version| {
        let code = version.category;
        catalogue.map_or_else(|| code.to_string(), |c| c.category_name(code))
    };
    let yes_or_no = |is_so: bool| {
        if is_so {
            t!("conflict.yes")
        } else {
            t!("conflict.no")
        }
    };
    let both = |what: Compared, of: &dyn Fn(&Version) -> String| Line {
        what,
        ours: of(ours),
        theirs: of(theirs),
    };
    vec![
        both(Compared::State, &|v| strings::incident_state(v.state)),
        both(Compared::UnderWay, &|v| people(&v.under_way)),
        both(Compared::Level, &|v| strings::level(v.level)),
        both(Compared::Category, &category),
        both(Compared::Supervised, &|v| {
            yes_or_no(v.is_supervised).into_owned()
        }),
    ]
}

fn change(intent: &Intent, may_send: bool) -> Change {
    match intent {
        Intent::SendOrder { instruction, .. } if may_send => Change::Order {
            instruction: instruction.clone(),
        },
        Intent::Act { action, reason, .. } if may_send => match step_of(action) {
            Some(step) if step.asks_for_words() => Change::Step {
                step,
                words: match action {
                    Action::Note { text } | Action::ReplyToSupervision { text } => text.clone(),
                    _ => reason.clone().unwrap_or_default(),
                },
            },
            _ => Change::No,
        },
        _ => Change::No,
    }
}

/// The word of a line.
pub fn compared(what: Compared) -> String {
    match what {
        Compared::State => t!("conflict.state"),
        Compared::UnderWay => t!("conflict.under_way"),
        Compared::Level => t!("conflict.level"),
        Compared::Category => t!("conflict.category"),
        Compared::Supervised => t!("conflict.supervised"),
    }
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use domain::conflicts::{Basis, Conflict};
    use domain::trail::{Actor, DispatchDuty};

    fn version(state: IncidentState, under_way: &[u32]) -> Version {
        let people = under_way.iter().map(|number| PersonId(*number)).collect();
        Version {
            state,
            ..Version::of(&sample::incident(1), people)
        }
    }

    fn in_conflict(mut item: OutboxItem) -> OutboxItem {
        item.state = OrderState::Parked;
        item.proposal.basis = Some(Box::new(Basis {
            seen: version(IncidentState::Reported, &[]),
            own: Vec::new(),
            anyway: None,
        }));
        let sent = Action::Dispatch {
            order: sample::key(9),
            to: PersonId(2),
            department: None,
            duty: DispatchDuty::Lead,
        };
        let step = |step, action, is_in_conflict| LaterStep {
            step,
            action,
            state: IncidentState::Dispatched,
            by: Actor::Officer("zhou.min".into()),
            intent: None,
            reason: None,
            occurred_at: sample::NOON,
            recorded_at: sample::NOON,
            is_in_conflict,
        };
        item.conflict = Some(Box::new(Conflict {
            theirs: Version {
                steps: 5,
                ..version(IncidentState::Dispatched, &[2])
            },
            since: vec![step(4, Action::Verify, false), step(5, sent, true)],
        }));
        item
    }

    #[test]
    fn both_versions_stand_side_by_side_and_what_differs_is_known() {
        rust_i18n::set_locale("zh-CN");
        let item = in_conflict(sample::queued_order(7, 1, 1));
        let shown = view(&item, &sample::situation(), None).expect("a conflict");
        let differing: Vec<_> = shown.lines.iter().filter(|l| l.differs()).collect();
        let pairs: Vec<_> = differing
            .iter()
            .map(|l| (l.what, l.ours.as_str(), l.theirs.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                (Compared::State, "待核实", "已派遣"),
                (Compared::UnderWay, "无", "王芳"),
            ]
        );
        assert_eq!(shown.lines.len(), 5);
        assert_eq!(shown.seen_steps, 5);
        assert!(shown.is_parked);
        let told: Vec<_> = shown
            .since
            .iter()
            .map(|s| (s.step, s.is_against, s.about.as_deref()))
            .collect();
        assert_eq!(told, [(4, false, None), (5, true, Some("王芳"))]);
    }

    #[test]
    fn what_the_incident_no_longer_takes_can_only_be_dropped() {
        let mut situation = sample::situation();
        let order = in_conflict(sample::queued_order(7, 1, 1));
        let open = view(&order, &situation, None).expect("a conflict");
        assert!(open.may_send);
        assert!(matches!(open.change, Change::Order { .. }));
        let incident = situation.incidents.get_mut(&sample::incident_id(1));
        incident.expect("sample").state = IncidentState::Closed;
        let closed = view(&order, &situation, None).expect("a conflict");
        assert!(!closed.may_send);
        assert_eq!(closed.change, Change::No);
    }

    #[test]
    fn of_an_incident_that_is_gone_only_what_its_state_allows_can_be_sent_and_nothing_changed() {
        let gone = Situation::default();
        let at = |state, mut item: OutboxItem| {
            if let Some(conflict) = item.conflict.as_mut() {
                conflict.theirs.state = state;
            }
            let shown = view(&item, &gone, None).expect("a conflict");
            assert_eq!(shown.change, Change::No, "{state:?}");
            shown.may_send
        };
        let order = || in_conflict(sample::queued_order(7, 1, 1));
        let withdrawal = || in_conflict(sample::queued_withdrawal(7, 1, sample::key(9)));
        let step = |action| in_conflict(sample::queued_step(8, 1, action));
        assert!(!at(IncidentState::Closed, order()));
        assert!(!at(IncidentState::Closed, withdrawal()));
        assert!(!at(IncidentState::Closed, step(Action::Suspend)));
        assert!(at(IncidentState::Reported, order()));
        assert!(at(IncidentState::Handling, order()));
        assert!(at(IncidentState::Handling, withdrawal()));
        assert!(at(IncidentState::Handling, step(Action::Suspend)));
    }

    #[test]
    fn a_card_says_what_the_officer_has_written() {
        let text = "井口较大，已围挡".to_owned();
        let mut item = in_conflict(sample::queued_step(8, 1, Action::Note { text }));
        if let Intent::Act { reason, .. } = &mut item.proposal.intent {
            *reason = Some("补充".to_owned());
        }
        let shown = view(&item, &sample::situation(), None).expect("a conflict");
        assert_eq!(shown.words, "井口较大，已围挡\n补充");
    }

    #[test]
    fn a_step_is_changed_in_the_form_that_it_came_from() {
        let mut item = in_conflict(sample::queued_step(8, 1, Action::NotAccept));
        if let Intent::Act { reason, .. } = &mut item.proposal.intent {
            *reason = Some("重复诉求".to_owned());
        }
        let situation = sample::situation();
        let mut reported = situation.clone();
        let incident = reported.incidents.get_mut(&sample::incident_id(1));
        incident.expect("sample").state = IncidentState::Reported;
        let shown = view(&item, &reported, None).expect("a conflict");
        assert_eq!(
            shown.change,
            Change::Step {
                step: Step::NotAccept,
                words: "重复诉求".to_owned()
            }
        );
    }

    #[test]
    fn conflicts_are_counted_and_found_by_their_incident() {
        let mut ahead = in_conflict(sample::queued_order(6, 2, 1));
        ahead.state = OrderState::Queued;
        let outbox = [
            in_conflict(sample::queued_order(7, 1, 1)),
            sample::queued_order(8, 1, 2),
            ahead,
        ];
        assert_eq!(count(&outbox), 1);
        let situation = sample::situation();
        let of = |incident| views(&outbox, incident, &situation, None).len();
        assert_eq!(of(None), 2);
        assert_eq!(of(Some(sample::incident_id(1))), 1);
        let ahead = &views(&outbox, Some(sample::incident_id(2)), &situation, None)[0];
        assert!(!ahead.is_parked);
    }
}
