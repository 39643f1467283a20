//! An incident with what waits about it: what can be done next is judged by where the incident will
//! stand once that has been carried out. What is shown of it stays what the backend has.

use domain::foresight::{Foreseen, Pending, foresee};
use domain::trail::{Action, TrailEntry};
use domain::{Incident, IncidentId, Intent, IntentKey, OrderState, Proposal, Situation};
use protocol::Reference;
use protocol::feed::OutboxItem;

use super::actions::Step;
use super::outbox::step_of;
use crate::state::{Catalogue, Hall};

/// An incident and the proposals about it that the backend has not refused.
#[derive(Debug)]
pub struct Prospect<'a> {
    shown: &'a Incident,
    waiting: Vec<&'a Proposal>,
    foreseen: Vec<Foreseen<'a>>,
}

impl<'a> Prospect<'a> {
    /// An incident with what waits about it. Without reference data, which has the rules and the
    /// roles, nothing is foreseen.
    pub fn of(
        shown: &'a Incident,
        situation: &Situation,
        outbox: &'a [OutboxItem],
        reference: Option<&Reference>,
    ) -> Self {
        let id = shown.id;
        let unrefused = || {
            let about = move |item: &&OutboxItem| item.proposal.intent.incident() == Some(id);
            let waits =
                |item: &&OutboxItem| matches!(item.state, OrderState::Queued | OrderState::Sent);
            outbox.iter().filter(about).filter(waits)
        };
        let foreseen = reference.map_or_else(Vec::new, |reference| {
            // What stands behind a refused one waits for somebody's decision about that, and what
            // others have acted against is going to be refused.
            let sound = unrefused().filter(|item| !item.is_held);
            let sound = sound.take_while(|item| item.conflict.is_none());
            let pending = sound.map(|item| {
                let officers = reference.officers.iter();
                let mut officers = officers.filter(|one| one.id == item.proposal.officer);
                Pending {
                    proposal: &item.proposal,
                    role: officers.next().map(|officer| officer.role),
                    is_accepted: item.state == OrderState::Sent,
                }
            });
            foresee(shown, situation, &reference.rules, pending)
        });
        Self {
            shown,
            waiting: unrefused().map(|item| &item.proposal).collect(),
            foreseen,
        }
    }

    /// The incident of that number in the picture, with what waits about it.
    pub fn in_hall(hall: &'a Hall, catalogue: Option<&Catalogue>, id: IncidentId) -> Option<Self> {
        let shown = hall.situation.incidents.get(&id)?;
        let reference = catalogue.map(|catalogue| &catalogue.reference);
        Some(Self::of(shown, &hall.situation, &hall.outbox, reference))
    }

    /// The incident as the backend has it.
    pub const fn shown(&self) -> &'a Incident {
        self.shown
    }

    /// The incident as it will stand.
    pub fn incident(&self) -> &Incident {
        self.foreseen
            .last()
            .map_or(self.shown, |last| &last.incident)
    }

    /// The steps that will have led there.
    pub fn steps(&self) -> impl Iterator<Item = &TrailEntry> {
        self.foreseen.iter().flat_map(|one| &one.steps)
    }

    /// The steps of officers that wait, those behind a refused one included.
    pub fn waiting(&self) -> impl Iterator<Item = (IntentKey, &'a Action)> {
        self.waiting
            .iter()
            .filter_map(|proposal| match &proposal.intent {
                Intent::Act { action, .. } => Some((proposal.key, action)),
                _ => None,
            })
    }

    /// What a waiting step by hand will have made of the incident: one entry for each time that it
    /// waits, none in it where that is not foreseen.
    pub fn after(&self, step: Step) -> impl Iterator<Item = Option<&Incident>> {
        let of_step = self.waiting();
        let of_step = of_step.filter(move |(_, action)| step_of(action) == Some(step));
        of_step.map(move |(key, _)| {
            let mut foreseen = self.foreseen.iter();
            let foreseen = foreseen.find(|one| one.proposal.key == key);
            foreseen.map(|one| &one.incident)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::actions::{OfferedStep, can_dispatch, offered_steps};
    use super::super::sample;
    use super::*;
    use domain::IncidentState;
    use domain::trail::OfficerRole;

    /// A queued step with the reason that the table may ask for.
    fn queued(number: u8, action: Action) -> OutboxItem {
        let mut item = sample::queued_step(number, 1, action);
        if let Intent::Act { reason, .. } = &mut item.proposal.intent {
            *reason = Some("无法施工".to_owned());
        }
        item
    }

    fn file() -> Action {
        let limit = sample::rules().categories[0].limit;
        Step::File.action(Some(limit), "").expect("limit given")
    }

    /// The buttons of incident 1 in that state; those that rest bear a mark.
    fn buttons(state: IncidentState, outbox: &[OutboxItem]) -> String {
        let mut incident = sample::incident(1);
        incident.state = state;
        let (situation, reference) = (sample::situation(), sample::reference());
        let prospect = Prospect::of(&incident, &situation, outbox, Some(&reference));
        let role = Some(OfficerRole::DutyOfficer);
        let offered = offered_steps(&prospect, role, Some(&reference.rules));
        let name = |one: OfferedStep| {
            let mark = if one.is_waiting { "…" } else { "" };
            format!("{}{mark}", one.step.name())
        };
        let names: Vec<String> = offered.into_iter().map(name).collect();
        names.join(" ")
    }

    #[test]
    fn what_is_offered_follows_from_what_waits() {
        use IncidentState as S;
        let others = "contact-caller flag-unreasonable note";
        let [verify, suspend, resume] = [
            (1, Action::Verify),
            (2, Action::Suspend),
            (3, Action::Resume),
        ]
        .map(|(number, action)| queued(number, action));
        for (state, outbox, offered) in [
            (S::Filed, vec![suspend.clone()], "resume suspend…"),
            (
                S::Filed,
                vec![suspend.clone(), resume],
                "resume… return suspend",
            ),
            (S::Reported, vec![verify], "verify… file not-accept return"),
            (S::Reported, vec![queued(4, file())], "file… return suspend"),
            (
                S::Reported,
                vec![sample::queued_order(5, 1, 1)],
                "return suspend extend",
            ),
            (
                S::PendingFile,
                vec![queued(6, Action::NotAccept)],
                "not-accept…",
            ),
        ] {
            let all = match state {
                S::PendingFile => format!("{offered} flag-unreasonable note"),
                _ => format!("{offered} {others}"),
            };
            assert_eq!(buttons(state, &outbox), all);
        }
        let elsewhere = sample::queued_step(7, 2, Action::Verify);
        let all = format!("verify file not-accept {others}");
        assert_eq!(buttons(S::Reported, &[elsewhere]), all);
    }

    #[test]
    fn a_step_rests_until_what_came_after_it_asks_for_it_again() {
        use IncidentState as S;
        let [extend, note] = [
            queued(1, Action::Extend),
            sample::queued_step(2, 1, Step::Note.action(None, "x").expect("words")),
        ];
        let offered = buttons(S::Handling, &[extend, note]);
        assert!(
            offered.contains("extend…") && offered.contains("note…"),
            "{offered}"
        );
        let twice = [Action::Suspend, Action::Resume, Action::Suspend];
        let twice: Vec<_> = (1..)
            .zip(twice)
            .map(|(n, action)| queued(n, action))
            .collect();
        let offered = buttons(S::Filed, &twice);
        assert!(offered.starts_with("resume suspend… "), "{offered}");
    }

    #[test]
    fn what_was_refused_is_not_foreseen_and_neither_is_what_it_holds() {
        use IncidentState as S;
        let mut parked = queued(1, Action::Suspend);
        parked.state = OrderState::Parked;
        let mut held = queued(2, Action::Resume);
        held.is_held = true;
        let others = "contact-caller flag-unreasonable note";
        let offered = buttons(S::Filed, &[parked.clone()]);
        assert_eq!(offered, format!("return suspend {others}"));
        let offered = buttons(S::Filed, &[parked, held]);
        assert_eq!(offered, format!("resume… return suspend {others}"));
        let mut against = queued(5, Action::Suspend);
        against.conflict = Some(Box::new(domain::conflicts::Conflict {
            theirs: domain::conflicts::Version::of(&sample::incident(1), Vec::new()),
            since: Vec::new(),
        }));
        let offered = buttons(S::Filed, &[against, queued(6, Action::Resume)]);
        assert_eq!(offered, format!("resume… return suspend… {others}"));
        // What would be refused holds up the rest; both rest until that is known.
        let blocked = [queued(3, Action::Close), queued(4, Action::Suspend)];
        let offered = buttons(S::Filed, &blocked);
        assert_eq!(offered, format!("close… return suspend… {others}"));
    }

    #[test]
    fn what_has_arrived_may_be_in_the_record_already() {
        let mut sent = queued(1, Action::Verify);
        sent.state = OrderState::Sent;
        let behind = queued(2, file());
        let offered = buttons(IncidentState::PendingFile, &[sent, behind]);
        assert!(
            offered.starts_with("verify… file… return suspend "),
            "{offered}"
        );
    }

    #[test]
    fn nothing_is_foreseen_without_rules_and_the_shown_incident_stays() {
        let (situation, reference) = (sample::situation(), sample::reference());
        let incident = sample::incident(1);
        let outbox = [queued(1, Action::Verify)];
        let prospect = Prospect::of(&incident, &situation, &outbox, None);
        assert_eq!(prospect.incident(), &incident);
        let prospect = Prospect::of(&incident, &situation, &outbox, Some(&reference));
        assert_eq!(prospect.shown(), &incident);
        assert_eq!(prospect.incident().state, IncidentState::PendingFile);
        assert_eq!(prospect.steps().count(), 1);
        assert!(can_dispatch(prospect.incident()));
    }
}
