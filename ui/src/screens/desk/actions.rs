//! Which steps of the life cycle the desk offers for an incident.
//!
//! The table and the roles are the domain's; this module only asks them, so that a button is shown
//! exactly when the backend would carry the step out, after what waits for it already.

use domain::clocks::Limit;
use domain::incidents::{check_direct_dispatch, is_allowed, legal_now, needs_reason};
use domain::rules::Rules;
use domain::trail::{Action, ActionKind, OfficerRole, Taker};
use domain::{Incident, IncidentState};

use super::prospect::Prospect;

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
    /// 督办回复.
    Reply,
    /// First contact with whoever reported the matter.
    ContactCaller,
    /// Flags the complaint as unreasonable.
    FlagUnreasonable,
    /// Takes that flag back.
    TakeFlagBack,
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
    pub const ALL: [Self; 17] = [
        Self::Verify,
        Self::File,
        Self::Close,
        Self::Rework,
        Self::Resume,
        Self::Reply,
        Self::NotAccept,
        Self::Return,
        Self::Suspend,
        Self::Extend,
        Self::Supervise,
        Self::ContactCaller,
        Self::FlagUnreasonable,
        Self::TakeFlagBack,
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
            Self::Reply => "reply",
            Self::ContactCaller => "contact-caller",
            Self::FlagUnreasonable => "flag-unreasonable",
            Self::TakeFlagBack => "take-flag-back",
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
            Self::Verify | Self::File | Self::Close | Self::Rework | Self::Resume | Self::Reply
        )
    }

    /// Whether the step consists of words: a remark, a reply.
    pub const fn is_words(self) -> bool {
        matches!(self, Self::Note | Self::Reply)
    }

    /// Whether words are asked for before the step is taken: the reason, or the step's own.
    pub fn asks_for_words(self) -> bool {
        self.is_words() || needs_reason(self.bare_action().kind())
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
            Self::Reply => Some(Action::ReplyToSupervision {
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
            Self::Reply => Action::ReplyToSupervision {
                text: String::new(),
            },
            Self::ContactCaller => Action::ContactCaller,
            Self::FlagUnreasonable => Action::FlagUnreasonable {
                is_unreasonable: true,
            },
            Self::TakeFlagBack => Action::FlagUnreasonable {
                is_unreasonable: false,
            },
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
            legal_now(incident, &action).is_ok()
                && role.is_none_or(|role| is_allowed(Taker::Officer(role), action.kind()))
                && is_of_use(*step, incident)
        })
        .collect()
}

/// A step as it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OfferedStep {
    /// The step.
    pub step: Step,
    /// Whether it waits to be carried out already.
    pub is_waiting: bool,
}

/// The steps that are legal once what waits has been carried out, and those that wait. One that
/// waits is offered anew where what comes after it has made it possible again: a matter that was
/// resumed can be suspended a second time.
pub fn offered_steps(
    prospect: &Prospect<'_>,
    role: Option<OfficerRole>,
    rules: Option<&Rules>,
) -> Vec<OfferedStep> {
    let legal = legal_steps(prospect.incident(), role, rules);
    let offered = Step::ALL.into_iter().filter_map(|step| {
        let is_legal = legal.contains(&step);
        let is_waiting = prospect.after(step).any(|after| {
            let stays_legal = |after| legal_steps(after, role, rules).contains(&step);
            !is_legal || after.is_none_or(stays_legal)
        });
        (is_legal || is_waiting).then_some(OfferedStep { step, is_waiting })
    });
    offered.collect()
}

/// Whether the step would change anything that is not so already.
const fn is_of_use(step: Step, incident: &Incident) -> bool {
    match step {
        Step::Supervise => !incident.supervised,
        Step::FlagUnreasonable => !incident.is_unreasonable,
        Step::TakeFlagBack => incident.is_unreasonable,
        _ => true,
    }
}

/// Whether somebody can be sent: the backend files a reported matter by the same act, unless this
/// would pass over whoever returned it, and a further responder can be added while the matter is
/// under way.
pub fn can_dispatch(incident: &Incident) -> bool {
    let state = incident.state;
    let is_under_way = matches!(state, IncidentState::Dispatched | IncidentState::Handling);
    (state.awaits_dispatch() || is_under_way) && check_direct_dispatch(incident).is_ok()
}

/// Whether an officer of the role may send anybody.
pub fn may_dispatch(role: Option<OfficerRole>) -> bool {
    role.is_none_or(|role| is_allowed(Taker::Officer(role), ActionKind::Dispatch))
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
            (
                IncidentState::Reported,
                "verify file not-accept contact-caller flag-unreasonable note",
            ),
            (
                IncidentState::PendingFile,
                "file not-accept return contact-caller flag-unreasonable note",
            ),
            (
                IncidentState::Filed,
                "return suspend contact-caller flag-unreasonable note",
            ),
            (
                IncidentState::Dispatched,
                "return suspend extend contact-caller flag-unreasonable note",
            ),
            (
                IncidentState::Handled,
                "close rework contact-caller flag-unreasonable note",
            ),
            (
                IncidentState::Suspended,
                "resume contact-caller flag-unreasonable note",
            ),
            (IncidentState::Closed, "flag-unreasonable note"),
        ] {
            assert_eq!(steps(state, duty), offered, "{state:?}");
        }
    }

    #[test]
    fn force_and_supervision_belong_to_the_leaders() {
        assert_eq!(
            steps(IncidentState::Handled, Some(OfficerRole::ShiftLeader)),
            "close rework supervise contact-caller flag-unreasonable note force-close cancel"
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
            "close rework supervise contact-caller flag-unreasonable note force-close cancel"
        );
    }

    #[test]
    fn what_is_used_up_is_not_offered() {
        let mut incident = sample::incident(1);
        incident.state = IncidentState::Handling;
        incident.extensions = domain::incidents::MAX_EXTENSIONS;
        incident.supervised = true;
        let offered = legal_steps(
            &incident,
            Some(OfficerRole::ShiftLeader),
            Some(&sample::rules()),
        );
        assert!(!offered.contains(&Step::Extend) && !offered.contains(&Step::Supervise));
        assert!(offered.contains(&Step::Reply), "a reply is owed");
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
            "rework reply not-accept return suspend extend flag-unreasonable take-flag-back note \
             force-close cancel"
        );
    }

    #[test]
    fn a_flag_can_be_set_or_taken_back() {
        let mut incident = sample::incident(1);
        for is_flagged in [false, true] {
            incident.is_unreasonable = is_flagged;
            let offered = legal_steps(&incident, None, Some(&sample::rules()));
            assert_eq!(offered.contains(&Step::FlagUnreasonable), !is_flagged);
            assert_eq!(offered.contains(&Step::TakeFlagBack), is_flagged);
        }
    }

    #[test]
    fn a_supervised_matter_is_replied_to_before_it_is_closed() {
        let mut incident = sample::incident(1);
        incident.state = IncidentState::Handled;
        incident.supervised = true;
        let duty = Some(OfficerRole::DutyOfficer);
        let offered = legal_steps(&incident, duty, Some(&sample::rules()));
        assert!(offered.contains(&Step::Reply) && !offered.contains(&Step::Close));
        let reply = Step::Reply.action(None, " 已处置 ");
        let text = "已处置".to_owned();
        assert_eq!(reply, Some(Action::ReplyToSupervision { text }));
    }

    #[test]
    fn somebody_can_be_sent_until_the_matter_is_handled() {
        let can = |state| {
            let mut incident = sample::incident(1);
            incident.state = state;
            can_dispatch(&incident)
        };
        assert!(can(IncidentState::Reported) && can(IncidentState::Handling));
        for state in [
            IncidentState::Handled,
            IncidentState::Suspended,
            IncidentState::Closed,
        ] {
            assert!(!can(state), "{state:?}");
        }
        assert!(may_dispatch(None) && may_dispatch(Some(OfficerRole::DutyOfficer)));
        assert!(!may_dispatch(Some(OfficerRole::ItOfficer)));
    }
}
