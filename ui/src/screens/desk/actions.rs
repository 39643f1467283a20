//! Which steps of the life cycle the desk offers for an incident.
//!
//! The table and the roles are the domain's; this module only asks them, so that a button is shown
//! exactly when the backend would carry the step out.

use domain::clocks::Limit;
use domain::incidents::{MAX_EXTENSIONS, is_allowed, needs_reason, next_state};
use domain::rules::Rules;
use domain::trail::{Action, OfficerRole};
use domain::{Incident, IncidentState};

/// A step that an officer can take by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 核实.
    Verify,
    /// 立案.
    File,
    /// 不予受理.
    NotAccept,
    /// 核查结案.
    Close,
    /// 返工.
    Rework,
    /// 回退.
    Return,
    /// 挂账.
    Suspend,
    /// End of a suspension.
    Resume,
    /// 延期.
    Extend,
    /// 督办.
    Supervise,
    /// A remark.
    Note,
    /// 强制结案.
    ForceClose,
    /// 作废.
    Cancel,
}

impl Step {
    /// Every step in the order of the screen: what moves the matter on stands first, what ends it
    /// by force last.
    pub const ALL: [Self; 13] = [
        Self::Verify,
        Self::File,
        Self::Close,
        Self::Rework,
        Self::Resume,
        Self::NotAccept,
        Self::Return,
        Self::Suspend,
        Self::Extend,
        Self::Supervise,
        Self::Note,
        Self::ForceClose,
        Self::Cancel,
    ];

    /// A word for attributes and tests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::File => "file",
            Self::NotAccept => "not-accept",
            Self::Close => "close",
            Self::Rework => "rework",
            Self::Return => "return",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Extend => "extend",
            Self::Supervise => "supervise",
            Self::Note => "note",
            Self::ForceClose => "force-close",
            Self::Cancel => "cancel",
        }
    }

    /// Whether the step ends the matter against its course and is therefore drawn as a warning.
    pub const fn is_grave(self) -> bool {
        matches!(self, Self::NotAccept | Self::ForceClose | Self::Cancel)
    }

    /// Whether the step is the one that the state waits for.
    pub const fn moves_on(self) -> bool {
        matches!(
            self,
            Self::Verify | Self::File | Self::Close | Self::Rework | Self::Resume
        )
    }

    /// Whether words are asked for before the step is taken: the reason, or the remark itself.
    pub fn asks_for_words(self) -> bool {
        matches!(self, Self::Note) || needs_reason(&self.bare_action())
    }

    /// The step as the table knows it, with `words` as the remark. `limit` is the handling limit of
    /// the incident's category, needed only for filing; `None` when the rules do not know it.
    pub fn action(self, limit: Option<Limit>, words: &str) -> Option<Action> {
        match self {
            Self::File => limit.map(|limit| Action::File {
                limit,
                condition: None,
            }),
            Self::Note => Some(Action::Note {
                text: words.trim().to_owned(),
            }),
            other => Some(other.bare_action()),
        }
    }

    /// The step without its contents, enough to look it up in the table.
    pub fn bare_action(self) -> Action {
        match self {
            Self::Verify => Action::Verify,
            Self::File => Action::File {
                limit: Limit {
                    amount: 0,
                    unit: domain::clocks::LimitUnit::EmergencyHour,
                },
                condition: None,
            },
            Self::NotAccept => Action::NotAccept,
            Self::Close => Action::Close,
            Self::Rework => Action::Rework,
            Self::Return => Action::Return,
            Self::Suspend => Action::Suspend,
            Self::Resume => Action::Resume,
            Self::Extend => Action::Extend,
            Self::Supervise => Action::Supervise,
            Self::Note => Action::Note {
                text: String::new(),
            },
            Self::ForceClose => Action::ForceClose,
            Self::Cancel => Action::Cancel,
        }
    }
}

/// The handling limit of an incident's category under the rules in force.
pub fn handling_limit(incident: &Incident, rules: Option<&Rules>) -> Option<Limit> {
    rules
        .and_then(|rules| rules.category(incident.category))
        .map(|rule| rule.limit)
}

/// The steps that are legal now. Without a signed-in officer (`role` is `None`) every step of the
/// table is offered, because the sign-in that precedes it decides.
pub fn legal_steps(
    incident: &Incident,
    role: Option<OfficerRole>,
    rules: Option<&Rules>,
) -> Vec<Step> {
    Step::ALL
        .into_iter()
        .filter(|step| {
            let Some(action) = step.action(handling_limit(incident, rules), "") else {
                return false;
            };
            next_state(incident.state, incident.suspended_from, &action).is_some()
                && role.is_none_or(|role| is_allowed(role, &action))
                && (*step != Step::Extend || incident.extensions < MAX_EXTENSIONS)
                && (*step != Step::Supervise || !incident.supervised)
        })
        .collect()
}

/// Whether somebody can be sent: the backend files a reported matter by the same act, and a
/// further responder can be added while the matter is under way.
pub const fn can_dispatch(state: IncidentState) -> bool {
    state.awaits_dispatch() || matches!(state, IncidentState::Dispatched | IncidentState::Handling)
}

/// Whether an officer of the role may send anybody.
pub const fn may_dispatch(role: Option<OfficerRole>) -> bool {
    match role {
        None => true,
        Some(role) => is_allowed(role, &Action::Verify),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn steps(state: IncidentState, role: Option<OfficerRole>) -> String {
        let mut incident = sample::incident(1);
        incident.state = state;
        legal_steps(&incident, role, Some(&sample::rules()))
            .into_iter()
            .map(Step::name)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_duty_officer_is_offered_what_the_state_allows() {
        let duty = Some(OfficerRole::DutyOfficer);
        for (state, offered) in [
            (IncidentState::Reported, "verify file not-accept note"),
            (IncidentState::PendingFile, "file not-accept note"),
            (IncidentState::Filed, "suspend note"),
            (IncidentState::Dispatched, "return suspend extend note"),
            (IncidentState::Handled, "close rework note"),
            (IncidentState::Suspended, "resume note"),
            (IncidentState::Closed, "note"),
        ] {
            assert_eq!(steps(state, duty), offered, "{state:?}");
        }
    }

    #[test]
    fn force_and_supervision_belong_to_the_leaders() {
        assert_eq!(
            steps(IncidentState::Handled, Some(OfficerRole::ShiftLeader)),
            "close rework supervise note force-close cancel"
        );
        assert_eq!(
            steps(IncidentState::Handled, Some(OfficerRole::StreetLeader)),
            "supervise note force-close cancel"
        );
        assert_eq!(
            steps(IncidentState::Handled, Some(OfficerRole::ItOfficer)),
            "note"
        );
    }

    #[test]
    fn nobody_signed_in_sees_the_table_alone() {
        assert_eq!(
            steps(IncidentState::Handled, None),
            "close rework supervise note force-close cancel"
        );
    }

    #[test]
    fn what_is_used_up_is_not_offered() {
        let mut incident = sample::incident(1);
        incident.state = IncidentState::Handling;
        incident.extensions = MAX_EXTENSIONS;
        incident.supervised = true;
        let offered = legal_steps(
            &incident,
            Some(OfficerRole::ShiftLeader),
            Some(&sample::rules()),
        );
        assert!(!offered.contains(&Step::Extend) && !offered.contains(&Step::Supervise));
        assert!(offered.contains(&Step::Return));
    }

    #[test]
    fn filing_needs_a_limit_from_the_rules() {
        let incident = sample::incident(1);
        assert!(!legal_steps(&incident, None, None).contains(&Step::File));
        let limit = handling_limit(&incident, Some(&sample::rules()));
        assert_eq!(
            Step::File.action(limit, ""),
            limit.map(|limit| Action::File {
                limit,
                condition: None,
            })
        );
        assert!(limit.is_some());
    }

    #[test]
    fn words_are_asked_for_where_the_table_needs_a_reason() {
        let asking: Vec<_> = Step::ALL
            .into_iter()
            .filter(|step| step.asks_for_words())
            .map(Step::name)
            .collect();
        assert_eq!(
            asking.join(" "),
            "rework not-accept return suspend extend note force-close cancel"
        );
    }

    #[test]
    fn somebody_can_be_sent_until_the_matter_is_handled() {
        assert!(can_dispatch(IncidentState::Reported));
        assert!(can_dispatch(IncidentState::Handling));
        for state in [
            IncidentState::Handled,
            IncidentState::Suspended,
            IncidentState::Closed,
        ] {
            assert!(!can_dispatch(state), "{state:?}");
        }
        assert!(may_dispatch(None) && may_dispatch(Some(OfficerRole::DutyOfficer)));
        assert!(!may_dispatch(Some(OfficerRole::ItOfficer)));
    }
}
