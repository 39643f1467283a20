//! The trail of an incident as rows: what, who, when it happened and when it was recorded.

use domain::trail::{
    Action, Actor, AnywayOnRecord, EscalatedTo, OfficerRole, Origin, SourceChannel, TrailEntry,
};
use domain::{DepartmentId, IncidentState, OrderId, Situation, Timestamp};
use protocol::Reference;

/// Recorded so much later than it happened (milliseconds) that the row says both times.
const LATE_MS: i64 = 5_000;

/// Who did it, with a name where one is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doer {
    /// An officer; the role is known while the officer is on the list.
    Officer {
        /// Name, or the sign-in name.
        name: String,
        /// Role.
        role: Option<OfficerRole>,
    },
    /// Somebody in the street.
    Person {
        /// Name, or the roster number.
        name: String,
    },
    /// A department from its own office.
    Department {
        /// Its id in the rules.
        id: String,
    },
    /// A channel that delivers reports.
    Channel(SourceChannel),
    /// The backend by rule.
    Rule,
}

/// One row of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineRow {
    /// Number of the step.
    pub step: u32,
    /// What was done.
    pub action: Action,
    /// State after it.
    pub state: IncidentState,
    /// Who.
    pub by: Doer,
    /// From where, where that is on the record.
    pub from: Option<Origin>,
    /// Name of the person whom the step concerns, for a dispatch.
    pub about: Option<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the backend recorded it, where that was noticeably later.
    pub recorded_late_at: Option<Timestamp>,
    /// Why, or what was found: the reason, the result of the handling or the remark.
    pub words: Option<String>,
    /// That others had acted meanwhile, and why it was sent all the same.
    pub anyway: Option<AnywayOnRecord>,
    /// The whole chain hash.
    pub hash: String,
}

impl TimelineRow {
    /// The first eight digits of the hash, enough to compare by eye.
    pub fn short_hash(&self) -> &str {
        self.hash.get(..8).unwrap_or(&self.hash)
    }
}

/// The rows, the newest first, because that is what an officer looks for.
pub fn rows(
    trail: &[TrailEntry],
    situation: &Situation,
    reference: Option<&Reference>,
) -> Vec<TimelineRow> {
    trail
        .iter()
        .rev()
        .map(|entry| row(entry, situation, reference))
        .collect()
}

fn row(entry: &TrailEntry, situation: &Situation, reference: Option<&Reference>) -> TimelineRow {
    TimelineRow {
        step: entry.step,
        state: entry.state,
        by: doer(&entry.by, situation, reference),
        from: entry.from.clone(),
        about: about(&entry.action, situation, reference),
        occurred_at: entry.occurred_at,
        recorded_late_at: (entry.recorded_at.ms_since(entry.occurred_at) > LATE_MS)
            .then_some(entry.recorded_at),
        words: words(entry),
        anyway: entry
            .mandate
            .as_ref()
            .and_then(|mandate| mandate.anyway.clone()),
        hash: entry.hash.clone(),
        action: entry.action.clone(),
    }
}

/// Who did it, with a name where one is known.
pub fn doer(by: &Actor, situation: &Situation, reference: Option<&Reference>) -> Doer {
    match by {
        Actor::Officer(id) => {
            let officer = reference.and_then(|r| r.officers.iter().find(|o| o.id == *id));
            Doer::Officer {
                name: officer.map_or_else(|| id.to_string(), |officer| officer.name.clone()),
                role: officer.map(|officer| officer.role),
            }
        }
        Actor::Person(id) => Doer::Person {
            name: situation
                .people
                .get(id)
                .map_or_else(|| id.to_string(), |person| person.name.clone()),
        },
        Actor::Channel(channel) => Doer::Channel(*channel),
        Actor::Rule => Doer::Rule,
        Actor::Department(id) => Doer::Department { id: id.to_string() },
    }
}

/// Name of whom or what a step concerns.
pub fn about(
    action: &Action,
    situation: &Situation,
    reference: Option<&Reference>,
) -> Option<String> {
    let department = |id: &DepartmentId| {
        let known = reference.and_then(|reference| reference.rules.department(id));
        known.map_or_else(|| id.to_string(), |known| known.name.clone())
    };
    let name_by_order = |order: &OrderId| {
        let order = situation.orders.get(order)?;
        situation.people.get(&order.to).map(|p| p.name.clone())
    };
    match action {
        Action::Dispatch { to, .. } => Some(
            situation
                .people
                .get(to)
                .map_or_else(|| to.to_string(), |person| person.name.clone()),
        ),
        Action::Undispatch { order }
        | Action::Assisted { order, .. }
        | Action::JudgeDispatch { order, .. }
        | Action::Escalate {
            order,
            to: EscalatedTo::ShiftLeader,
            ..
        } => name_by_order(order),
        Action::Escalate {
            to: EscalatedTo::Person(to),
            ..
        } => Some(
            situation
                .people
                .get(to)
                .map_or_else(|| to.to_string(), |person| person.name.clone()),
        ),
        Action::MarkDuplicate { of } => Some(of.to_string()),
        Action::SignIn {
            department: one, ..
        }
        | Action::WhistleHandled {
            department: one, ..
        }
        | Action::RateDepartment {
            department: one, ..
        }
        | Action::AdjustPoints {
            department: one, ..
        } => Some(department(one)),
        Action::Whistle { departments, .. } => {
            let names: Vec<String> = departments.iter().map(department).collect();
            Some(names.join("、"))
        }
        _ => None,
    }
}

/// The words that a step itself consists of.
pub const fn own_words(action: &Action) -> Option<&String> {
    match action {
        Action::Handled { result, .. }
        | Action::Assisted { result, .. }
        | Action::WhistleHandled { result, .. } => Some(result),
        Action::Note { text } | Action::ReplyToSupervision { text } => Some(text),
        Action::Whistle { deliberation, .. } => Some(deliberation),
        Action::SetLevel { level_reason, .. } => Some(level_reason),
        _ => None,
    }
}

fn words(entry: &TrailEntry) -> Option<String> {
    let own = match &entry.action {
        Action::SetLevel {
            level_reason,
            level_reason_en,
            ..
        } => Some(crate::strings::level_reason(level_reason, level_reason_en)),
        Action::Report(facts) => Some(crate::strings::level_reason(
            &facts.level_reason,
            &facts.level_reason_en,
        )),
        action => own_words(action).cloned(),
    };
    [entry.reason.clone(), own]
        .into_iter()
        .flatten()
        .find(|words| !words.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use domain::PersonId;

    #[test]
    fn the_newest_step_stands_first_with_names() {
        let situation = sample::situation();
        let reference = sample::reference();
        let trail = sample::trail(4);
        let rows = rows(&trail, &situation, Some(&reference));
        let steps: Vec<u32> = rows.iter().map(|row| row.step).collect();
        assert_eq!(steps, [3, 2, 1]);
        assert_eq!(rows[0].about.as_deref(), Some("王芳"));
        assert_eq!(
            rows[0].by,
            Doer::Officer {
                name: "周敏".to_owned(),
                role: Some(OfficerRole::DutyOfficer)
            }
        );
        assert_eq!(rows[2].by, Doer::Channel(SourceChannel::Hotline12345));
        assert_eq!(rows[0].short_hash().len(), 8);
    }

    #[test]
    fn both_times_are_said_only_when_they_differ() {
        let mut trail = sample::trail(4);
        trail[2].recorded_at = trail[2].occurred_at.plus_ms(40 * 60_000);
        let rows = rows(&trail, &sample::situation(), None);
        assert_eq!(rows[0].recorded_late_at, Some(trail[2].recorded_at));
        assert_eq!(rows[1].recorded_late_at, None);
    }

    #[test]
    fn unknown_people_and_officers_keep_their_numbers() {
        let mut trail = sample::trail(4);
        trail[2].by = Actor::Person(PersonId(999));
        let rows = rows(&trail, &domain::Situation::default(), None);
        assert_eq!(
            rows[0].by,
            Doer::Person {
                name: "P000999".to_owned()
            }
        );
        assert_eq!(rows[0].about.as_deref(), Some("P000002"));
    }

    #[test]
    fn an_override_of_a_conflict_stays_visible() {
        let mut trail = sample::trail(4);
        let anyway = AnywayOnRecord {
            reason: "需两人".to_owned(),
            after_step: 1,
            until_step: 2,
        };
        trail[2].mandate = Some(domain::trail::Mandate {
            intent: sample::key(1),
            anyway: Some(anyway.clone()),
        });
        let rows = rows(&trail, &sample::situation(), None);
        assert_eq!(rows[0].anyway, Some(anyway));
        assert_eq!(rows[1].anyway, None);
    }

    #[test]
    fn a_reason_goes_before_the_words_of_the_action() {
        let mut trail = sample::trail(4);
        trail[1].action = Action::Note {
            text: "已电话联系".to_owned(),
        };
        let noted = rows(&trail, &sample::situation(), None);
        assert_eq!(noted[1].words.as_deref(), Some("已电话联系"));
        trail[1].reason = Some("补充".to_owned());
        let reasoned = rows(&trail, &sample::situation(), None);
        assert_eq!(reasoned[1].words.as_deref(), Some("补充"));
    }
}
