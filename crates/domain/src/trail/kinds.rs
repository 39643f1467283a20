//! Kinds of actions and of those who take them: what the transition table is written in.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Action, Actor, OfficerRole};

/// Declares [`ActionKind`] together with the list of all kinds and with the way from an action to
/// its kind, so that none of the three can forget a variant.
macro_rules! action_kinds {
    ($($variant:ident $name:literal $pattern:pat),+ $(,)?) => {
        /// What an [`Action`] is, without its contents.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum ActionKind {
            $(
                #[doc = concat!("Kind of [`Action::", stringify!($variant), "`].")]
                $variant,
            )+
        }

        impl ActionKind {
            /// Every kind, in the order of [`Action`].
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name under which the kind is stored and its words are found.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        impl Action {
            /// What it is, without its contents.
            pub const fn kind(&self) -> ActionKind {
                match self {
                    $($pattern => ActionKind::$variant,)+
                }
            }
        }
    };
}

action_kinds! {
    Report "report" Action::Report(_),
    Verify "verify" Action::Verify,
    File "file" Action::File { .. },
    NotAccept "not_accept" Action::NotAccept,
    Dispatch "dispatch" Action::Dispatch { .. },
    Undispatch "undispatch" Action::Undispatch { .. },
    StartHandling "start_handling" Action::StartHandling { .. },
    Handled "handled" Action::Handled { .. },
    Return "return" Action::Return,
    Suspend "suspend" Action::Suspend,
    Resume "resume" Action::Resume,
    Extend "extend" Action::Extend,
    Rework "rework" Action::Rework,
    Close "close" Action::Close,
    ForceClose "force_close" Action::ForceClose,
    Cancel "cancel" Action::Cancel,
    Supervise "supervise" Action::Supervise,
    Note "note" Action::Note { .. },
    Recategorise "recategorise" Action::Recategorise { .. },
    SetLevel "set_level" Action::SetLevel { .. },
    Convene "convene" Action::Convene { .. },
    Assisted "assisted" Action::Assisted { .. },
    ReplyToSupervision "reply_to_supervision" Action::ReplyToSupervision { .. },
    ContactCaller "contact_caller" Action::ContactCaller,
    CallBack "call_back" Action::CallBack(_),
    FlagUnreasonable "flag_unreasonable" Action::FlagUnreasonable { .. },
    MarkDuplicate "mark_duplicate" Action::MarkDuplicate { .. },
    JudgeDispatch "judge_dispatch" Action::JudgeDispatch { .. },
    Escalate "escalate" Action::Escalate { .. },
    Whistle "whistle" Action::Whistle { .. },
    SignIn "sign_in" Action::SignIn { .. },
    WhistleHandled "whistle_handled" Action::WhistleHandled { .. },
    RateDepartment "rate_department" Action::RateDepartment { .. },
    AdjustPoints "adjust_points" Action::AdjustPoints { .. },
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who takes an action, as far as the transition table asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taker {
    /// An officer of the hall, by role.
    Officer(OfficerRole),
    /// A person in the street.
    Field,
    /// A channel that delivers reports.
    Channel,
    /// The backend by rule.
    Rule,
    /// A department that answers from its own office.
    Department,
}

impl Taker {
    /// Everybody, the officers first.
    pub const ALL: [Self; 8] = [
        Self::Officer(OfficerRole::DutyOfficer),
        Self::Officer(OfficerRole::ShiftLeader),
        Self::Officer(OfficerRole::StreetLeader),
        Self::Officer(OfficerRole::ItOfficer),
        Self::Field,
        Self::Department,
        Self::Rule,
        Self::Channel,
    ];

    /// What an actor is to the table. An officer whose role is not known counts as the one who may
    /// do least.
    pub fn of(actor: &Actor, role: Option<OfficerRole>) -> Self {
        match actor {
            Actor::Officer(_) => Self::Officer(role.unwrap_or(OfficerRole::ItOfficer)),
            Actor::Person(_) => Self::Field,
            Actor::Channel(_) => Self::Channel,
            Actor::Rule => Self::Rule,
            Actor::Department(_) => Self::Department,
        }
    }
}

impl fmt::Display for Taker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Officer(OfficerRole::ShiftLeader) => "shift leader",
            Self::Officer(OfficerRole::DutyOfficer) => "duty officer",
            Self::Officer(OfficerRole::StreetLeader) => "street leader",
            Self::Officer(OfficerRole::ItOfficer) => "IT officer",
            Self::Field => "person in the field",
            Self::Channel => "channel",
            Self::Rule => "rule",
            Self::Department => "department",
        })
    }
}
