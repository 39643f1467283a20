//! The rows of the transition table, in the order of [`ActionKind`].

use super::ClockEffect::{Extend, Keep, Pause, Resume, StartHandling, StartStage, Stop};
use super::IncidentState::{
    self, Cancelled, Closed, Dispatched, Filed, Handled, Handling, NotAccepted, PendingFile,
    Reported, Returned, Suspended,
};
use super::When::{Always, LastLeadOrder, LeadStays};
use super::{ActionRow, ClockEffect, Guard, Move, RequiredField, Stage, To};
use crate::trail::ActionKind;
use crate::trail::OfficerRole::{DutyOfficer, ItOfficer, ShiftLeader, StreetLeader};
use crate::trail::Taker::{self, Channel, Department, Field, Officer, Rule};

/// The desk: whoever is on duty.
const DESK: &[Taker] = &[Officer(DutyOfficer), Officer(ShiftLeader)];
/// Who brings a new matter: a channel, or the desk that took it in itself.
const CHANNEL_AND_DESK: &[Taker] = &[Channel, Officer(DutyOfficer), Officer(ShiftLeader)];
/// Those who answer for the street.
const LEADERS: &[Taker] = &[Officer(ShiftLeader), Officer(StreetLeader)];
const FIELD: &[Taker] = &[Field, Rule];
const DESK_AND_RULE: &[Taker] = &[Officer(DutyOfficer), Officer(ShiftLeader), Rule];
const DESK_AND_DEPARTMENT: &[Taker] = &[Officer(DutyOfficer), Officer(ShiftLeader), Department];
const ANYBODY: &[Taker] = &[
    Officer(DutyOfficer),
    Officer(ShiftLeader),
    Officer(StreetLeader),
    Officer(ItOfficer),
    Field,
    Department,
    Rule,
];

const ALL: &[IncidentState] = &IncidentState::ALL;
const OPEN: &[IncidentState] = &[
    Reported,
    PendingFile,
    Filed,
    Dispatched,
    Handling,
    Handled,
    Returned,
    Suspended,
];
const WITH_THE_FIELD: &[IncidentState] = &[Dispatched, Handling];
const NOT_FILED: &[IncidentState] = &[Reported, PendingFile];

const REASON: &[RequiredField] = &[RequiredField::Reason];

const fn to(from: &'static [IncidentState], state: IncidentState, clock: ClockEffect) -> Move {
    Move {
        from,
        when: Always,
        to: To::State(state),
        clock,
        only: &[],
    }
}

const fn stays(from: &'static [IncidentState]) -> Move {
    Move {
        from,
        when: Always,
        to: To::Same,
        clock: Keep,
        only: &[],
    }
}

/// The table.
pub const TABLE: [ActionRow; ActionKind::ALL.len()] = [
    ActionRow {
        action: ActionKind::Report,
        takers: CHANNEL_AND_DESK,
        requires: &[],
        guards: &[],
        moves: &[],
        note: "Opens the matter in the state reported, with the clock of verification; it is \
               never a later step. An officer takes in what is reported at the desk itself. \
               Whether the matter belongs to a drill is said here and never changes.",
    },
    ActionRow {
        action: ActionKind::Verify,
        takers: DESK,
        requires: &[],
        guards: &[],
        moves: &[to(&[Reported], PendingFile, StartStage(Stage::File))],
        note: "Comes before filing: somebody has made sure that the matter exists. (The check \
               comes after handling.)",
    },
    ActionRow {
        action: ActionKind::File,
        takers: DESK,
        requires: &[],
        guards: &[Guard::NotPastReturner, Guard::InRules],
        moves: &[to(NOT_FILED, Filed, StartStage(Stage::Dispatch))],
        note: "Fixes the filing condition and its handling limit. What a channel has verified \
               already may be filed at once, unless the filing stage has returned it.",
    },
    ActionRow {
        action: ActionKind::NotAccept,
        takers: DESK,
        requires: REASON,
        guards: &[Guard::ReplyGiven],
        moves: &[to(NOT_FILED, NotAccepted, Stop)],
        note: "",
    },
    ActionRow {
        action: ActionKind::Dispatch,
        takers: DESK_AND_RULE,
        requires: &[],
        guards: &[Guard::NewOrder, Guard::LeadFirst, Guard::ConvenedDuty],
        moves: &[
            to(&[Filed, Returned], Dispatched, StartHandling),
            stays(WITH_THE_FIELD),
        ],
        note: "Follows from an order of the desk, or of the rules where an order stays unanswered. \
               After a return the same department resumes the handling \
               clock, another one, or one that is not known, starts it anew. A further order \
               while the matter is with the field changes neither state nor clock. An assistant \
               is sent only while a lead is under way, and only if its department was convened.",
    },
    ActionRow {
        action: ActionKind::Undispatch,
        takers: &[Officer(DutyOfficer), Officer(ShiftLeader), Field, Rule],
        requires: &[],
        guards: &[Guard::OrderUnderWay],
        moves: &[
            Move {
                from: WITH_THE_FIELD,
                when: LastLeadOrder,
                to: To::State(Filed),
                clock: StartStage(Stage::Dispatch),
                only: &[],
            },
            Move {
                from: WITH_THE_FIELD,
                when: LeadStays,
                to: To::Same,
                clock: Keep,
                only: &[],
            },
            stays(&[Handled]),
        ],
        note: "Follows from an order that was refused or withdrawn. With the last one of the lead \
               the matter waits for dispatch again, its assistants are called back, and the \
               handling clock stands still until the same department is sent again.",
    },
    ActionRow {
        action: ActionKind::StartHandling,
        takers: FIELD,
        requires: &[],
        guards: &[Guard::OrderUnderWay],
        moves: &[to(WITH_THE_FIELD, Handling, Keep)],
        note: "Follows from the first arrival, of the lead or of an assistant.",
    },
    ActionRow {
        action: ActionKind::Handled,
        takers: FIELD,
        requires: &[],
        guards: &[Guard::LeadOrder, Guard::AssistantsDone],
        moves: &[to(WITH_THE_FIELD, Handled, StartStage(Stage::Check))],
        note: "Only the lead's report is that of the matter, and only once every assistant has \
               done its part, declined, or had its order withdrawn with a reason; a lead that \
               reports earlier is heard, and the matter is handled when the last assistant ends. \
               Other orders of the lead stay under way until the matter is checked.",
    },
    ActionRow {
        action: ActionKind::Return,
        takers: &[
            Officer(DutyOfficer),
            Officer(ShiftLeader),
            Field,
            Department,
        ],
        requires: REASON,
        guards: &[],
        moves: &[
            Move {
                only: DESK,
                ..to(&[PendingFile], Reported, StartStage(Stage::Verify))
            },
            Move {
                only: DESK,
                ..to(&[Filed, Returned], PendingFile, StartStage(Stage::File))
            },
            to(WITH_THE_FIELD, Returned, StartStage(Stage::Dispatch)),
        ],
        note: "Gives the matter back to the stage before. Whoever receives it cannot push it past \
               the returner: until the returner's stage has been gone through again, every stage \
               is taken one by one. A return by those who handle pauses the handling clock, calls \
               back everybody under way, and starts the clock of dispatch: until somebody is sent \
               again, the desk owes the next step.",
    },
    ActionRow {
        action: ActionKind::Suspend,
        takers: DESK,
        requires: REASON,
        guards: &[],
        moves: &[to(&[Filed, Dispatched, Handling], Suspended, Pause)],
        note: "Orders under way stay so. What the field reports meanwhile is noted and takes \
               effect when the suspension ends.",
    },
    ActionRow {
        action: ActionKind::Resume,
        takers: DESK,
        requires: &[],
        guards: &[],
        moves: &[Move {
            from: &[Suspended],
            when: Always,
            to: To::WhereSuspended,
            clock: Resume,
            only: &[],
        }],
        note: "Back to the state in which the suspension began, with the time that was left.",
    },
    ActionRow {
        action: ActionKind::Extend,
        takers: DESK,
        requires: REASON,
        guards: &[Guard::ExtensionLeft],
        moves: &[Move {
            from: WITH_THE_FIELD,
            when: Always,
            to: To::Same,
            clock: Extend,
            only: &[],
        }],
        note: "Adds one original limit to the deadline, at most twice in the life of a matter, \
               whoever handles it.",
    },
    ActionRow {
        action: ActionKind::Rework,
        takers: DESK,
        requires: REASON,
        guards: &[],
        moves: &[to(&[Handled], Filed, StartStage(Stage::Dispatch))],
        note: "The check has failed. Orders still under way are called back, and the next dispatch \
               starts the handling clock anew, whoever gets it.",
    },
    ActionRow {
        action: ActionKind::Close,
        takers: DESK,
        requires: &[],
        guards: &[Guard::ReplyGiven],
        moves: &[to(&[Handled], Closed, Stop)],
        note: "The check, after handling. A supervised matter is closed only after a reply. Orders \
               still under way are called back.",
    },
    ActionRow {
        action: ActionKind::ForceClose,
        takers: LEADERS,
        requires: REASON,
        guards: &[],
        moves: &[to(OPEN, Closed, Stop)],
        note: "Ends the matter as settled in the name of the leader, whatever is owed. Everybody \
               under way is called back.",
    },
    ActionRow {
        action: ActionKind::Cancel,
        takers: LEADERS,
        requires: REASON,
        guards: &[],
        moves: &[to(OPEN, Cancelled, Stop)],
        note: "Ends the matter as void in the name of the leader. Everybody under way is called \
               back.",
    },
    ActionRow {
        action: ActionKind::Supervise,
        takers: LEADERS,
        requires: &[],
        guards: &[],
        moves: &[stays(OPEN)],
        note: "A leader watches the matter until it is replied to; doing it again asks again.",
    },
    ActionRow {
        action: ActionKind::Note,
        takers: ANYBODY,
        requires: &[RequiredField::Text],
        guards: &[],
        moves: &[stays(ALL)],
        note: "",
    },
    ActionRow {
        action: ActionKind::Recategorise,
        takers: DESK,
        requires: &[],
        guards: &[Guard::InRules],
        moves: &[stays(NOT_FILED)],
        note: "Before filing, because the category decides conditions and limits: a matter that is \
               filed is returned first.",
    },
    ActionRow {
        action: ActionKind::SetLevel,
        takers: DESK_AND_RULE,
        requires: &[RequiredField::LevelReason],
        guards: &[],
        moves: &[stays(OPEN)],
        note: "",
    },
    ActionRow {
        action: ActionKind::Convene,
        takers: DESK,
        requires: &[RequiredField::Departments],
        guards: &[],
        moves: &[stays(&[Filed, Dispatched, Handling, Returned])],
        note: "From now on the lead's orders go to the lead and assistants' orders to the named \
               departments; orders that are under way stay as they are. Convening again replaces \
               it.",
    },
    ActionRow {
        action: ActionKind::Assisted,
        takers: FIELD,
        requires: &[],
        guards: &[Guard::AssistantOrder],
        moves: &[stays(WITH_THE_FIELD)],
        note: "An assistant's part is done; the matter stays with the lead.",
    },
    ActionRow {
        action: ActionKind::ReplyToSupervision,
        takers: DESK_AND_DEPARTMENT,
        requires: &[RequiredField::Text],
        guards: &[Guard::ReplyOwed],
        moves: &[stays(OPEN)],
        note: "Ends the supervision.",
    },
    ActionRow {
        action: ActionKind::ContactCaller,
        takers: DESK_AND_DEPARTMENT,
        requires: &[],
        guards: &[],
        moves: &[stays(OPEN)],
        note: "The first one counts as the response; later ones are further contacts.",
    },
    ActionRow {
        action: ActionKind::CallBack,
        takers: DESK,
        requires: &[],
        guards: &[],
        moves: &[stays(&[Handled, Closed])],
        note: "What whoever reported the matter says about its outcome; of a caller who was not \
               reached it says nothing. The last one counts.",
    },
    ActionRow {
        action: ActionKind::FlagUnreasonable,
        takers: DESK,
        requires: REASON,
        guards: &[],
        moves: &[stays(ALL)],
        note: "Sets the flag or takes it back. The matter goes its way and stays in every count.",
    },
    ActionRow {
        action: ActionKind::MarkDuplicate,
        takers: DESK,
        requires: REASON,
        guards: &[Guard::ReplyGiven, Guard::OtherMatter],
        moves: &[to(
            &[Reported, PendingFile, Filed, Returned],
            Cancelled,
            Stop,
        )],
        note: "Said by an officer, never by rule. The other matter must go on or have been settled, \
               and neither may be part of another pair: no chains.",
    },
    ActionRow {
        action: ActionKind::JudgeDispatch,
        takers: DESK,
        requires: REASON,
        guards: &[],
        moves: &[stays(ALL)],
        note: "The order must have been sent for this matter. The last verdict on it counts.",
    },
    ActionRow {
        action: ActionKind::Escalate,
        takers: &[Rule],
        requires: &[],
        guards: &[Guard::OrderUnderWay],
        moves: &[stays(WITH_THE_FIELD)],
        note: "Nobody has answered the order in time.",
    },
    ActionRow {
        action: ActionKind::Whistle,
        takers: DESK,
        requires: &[RequiredField::Departments, RequiredField::Deliberation],
        guards: &[],
        moves: &[stays(&[Filed, Dispatched, Handling, Returned])],
        note: "Whether the street has tried itself is asked by the whistle's own rules.",
    },
    ActionRow {
        action: ActionKind::SignIn,
        takers: DESK_AND_DEPARTMENT,
        requires: &[],
        guards: &[],
        moves: &[stays(OPEN)],
        note: "",
    },
    ActionRow {
        action: ActionKind::WhistleHandled,
        takers: DESK_AND_DEPARTMENT,
        requires: &[],
        guards: &[],
        moves: &[stays(OPEN)],
        note: "",
    },
    ActionRow {
        action: ActionKind::RateDepartment,
        takers: DESK,
        requires: &[RequiredField::Rating],
        guards: &[],
        moves: &[stays(ALL)],
        note: "",
    },
    ActionRow {
        action: ActionKind::AdjustPoints,
        takers: DESK,
        requires: REASON,
        guards: &[],
        moves: &[stays(ALL)],
        note: "",
    },
];
