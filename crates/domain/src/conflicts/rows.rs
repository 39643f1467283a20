//! The one table of conflicts: which later step of others speaks against which wish.
//!
//! Three thoughts stand behind the rows. Whatever makes a wish impossible is a conflict, so that the
//! officer is shown what happened and by whom and not merely a refusal (a property test holds the
//! table to that). What does the same as the wish, or takes away its grounds, is one: somebody else
//! was sent, the level was set, the limit extended. What only adds to the record is none: remarks,
//! contacts, points never hold up anybody.

use ActionKind as K;

use crate::trail::ActionKind;

/// What an officer wants of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// Send somebody.
    Order,
    /// Take an order back.
    Withdrawal,
    /// Another step.
    Step(ActionKind),
}

/// What the table says about a wish and a later step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They go together.
    Fits,
    /// The one speaks against the other.
    Conflicts,
    /// It does where both are about the same order, or the same call of a department.
    SameSubject,
}

/// All that the table says about one wish.
#[derive(Debug, Clone, Copy)]
pub struct WantedRow {
    /// The wish.
    pub wanted: Wanted,
    /// Later steps that speak against it, in groups.
    pub against: &'static [&'static [ActionKind]],
    /// Those that do only where both are about the same.
    pub same: &'static [ActionKind],
}

impl WantedRow {
    /// Later steps that speak against it, those about the same included.
    pub fn conflicts(&self) -> impl Iterator<Item = ActionKind> {
        let groups = self.against.iter().flat_map(|group| group.iter());
        groups.chain(self.same).copied()
    }
}

/// What the table says; a wish without a row (only the field and the rules take such steps) fits
/// everything.
pub fn verdict(wanted: Wanted, later: ActionKind) -> Verdict {
    let Some(row) = TABLE.iter().find(|row| row.wanted == wanted) else {
        return Verdict::Fits;
    };
    if row.against.iter().any(|group| group.contains(&later)) {
        Verdict::Conflicts
    } else if row.same.contains(&later) {
        Verdict::SameSubject
    } else {
        Verdict::Fits
    }
}

/// The matter has come to its end.
const ENDED: &[K] = &[
    K::NotAccept,
    K::Close,
    K::ForceClose,
    K::Cancel,
    K::MarkDuplicate,
];
/// It was passed back.
const SENT_BACK: &[K] = &[K::Return, K::Rework];
/// It rests, or goes on after a rest.
const RESTED: &[K] = &[K::Suspend, K::Resume];
/// It is judged otherwise.
const JUDGED: &[K] = &[K::Recategorise, K::SetLevel];
/// Departments were called.
const CALLED: &[K] = &[K::Convene, K::Whistle];
/// Somebody was sent.
const SENT: &[K] = &[K::Dispatch];
/// The desk has taken it on.
const TAKEN_ON: &[K] = &[K::Verify, K::File];
/// The field is at it, or has done it.
const AT_WORK: &[K] = &[K::StartHandling, K::Handled];

const fn row(wanted: Wanted, against: &'static [&'static [K]]) -> WantedRow {
    about(wanted, against, &[])
}

const fn about(wanted: Wanted, against: &'static [&'static [K]], same: &'static [K]) -> WantedRow {
    WantedRow {
        wanted,
        against,
        same,
    }
}

const fn step(kind: K) -> Wanted {
    Wanted::Step(kind)
}

/// Every wish of an officer about an incident.
pub const TABLE: &[WantedRow] = &[
    // Two people at one manhole, or somebody at one that is closed, is what this is all about.
    row(
        Wanted::Order,
        &[
            ENDED,
            SENT,
            SENT_BACK,
            RESTED,
            JUDGED,
            CALLED,
            &[K::Handled, K::WhistleHandled],
        ],
    ),
    // Whoever is at work there already is not called back unawares.
    about(
        Wanted::Withdrawal,
        &[ENDED, SENT_BACK, &[K::Undispatch]],
        &[K::StartHandling, K::Handled, K::Assisted],
    ),
    row(
        step(K::Verify),
        &[ENDED, TAKEN_ON, SENT, SENT_BACK, &[K::Recategorise]],
    ),
    // A filing condition is one of its category.
    row(
        step(K::File),
        &[ENDED, SENT, SENT_BACK, &[K::File, K::Recategorise]],
    ),
    row(
        step(K::NotAccept),
        &[ENDED, TAKEN_ON, SENT, SENT_BACK, JUDGED, &[K::Supervise]],
    ),
    row(
        step(K::Return),
        &[
            ENDED,
            TAKEN_ON,
            SENT,
            SENT_BACK,
            RESTED,
            CALLED,
            AT_WORK,
            &[K::Undispatch, K::Recategorise, K::Supervise],
        ],
    ),
    row(
        step(K::Suspend),
        &[
            ENDED,
            SENT,
            SENT_BACK,
            RESTED,
            JUDGED,
            CALLED,
            AT_WORK,
            &[K::Extend, K::Supervise, K::SignIn],
        ],
    ),
    row(step(K::Resume), &[ENDED, RESTED]),
    // Two extensions are all that there are.
    row(
        step(K::Extend),
        &[
            ENDED,
            SENT_BACK,
            RESTED,
            &[K::Extend, K::Handled, K::Undispatch, K::Supervise],
        ],
    ),
    row(
        step(K::Rework),
        &[ENDED, SENT, SENT_BACK, JUDGED, &[K::Handled, K::CallBack]],
    ),
    // A matter is closed for what is known of it.
    row(
        step(K::Close),
        &[
            ENDED,
            SENT,
            SENT_BACK,
            RESTED,
            JUDGED,
            CALLED,
            &[K::Handled, K::Supervise, K::CallBack, K::SignIn],
        ],
    ),
    row(
        step(K::ForceClose),
        &[
            ENDED,
            SENT,
            SENT_BACK,
            RESTED,
            JUDGED,
            CALLED,
            AT_WORK,
            TAKEN_ON,
            &[
                K::Assisted,
                K::Supervise,
                K::CallBack,
                K::SignIn,
                K::WhistleHandled,
            ],
        ],
    ),
    row(
        step(K::Cancel),
        &[
            ENDED,
            SENT,
            SENT_BACK,
            RESTED,
            JUDGED,
            CALLED,
            AT_WORK,
            TAKEN_ON,
            &[
                K::Assisted,
                K::Supervise,
                K::CallBack,
                K::SignIn,
                K::WhistleHandled,
            ],
        ],
    ),
    row(
        step(K::MarkDuplicate),
        &[
            ENDED,
            SENT,
            RESTED,
            JUDGED,
            CALLED,
            AT_WORK,
            &[K::File, K::Supervise],
        ],
    ),
    row(step(K::Supervise), &[ENDED]),
    // A remark is true whatever happens.
    row(step(K::Note), &[]),
    // The level follows from the category, and would be decided anew.
    row(step(K::Recategorise), &[ENDED, SENT, JUDGED, &[K::File]]),
    row(step(K::SetLevel), &[ENDED, JUDGED]),
    row(
        step(K::Convene),
        &[
            ENDED,
            SENT,
            SENT_BACK,
            RESTED,
            CALLED,
            &[K::Handled, K::Recategorise],
        ],
    ),
    row(
        step(K::ReplyToSupervision),
        &[ENDED, &[K::ReplyToSupervision]],
    ),
    row(step(K::ContactCaller), &[ENDED]),
    row(step(K::CallBack), &[&[K::Rework, K::ForceClose, K::Cancel]]),
    row(step(K::FlagUnreasonable), &[&[K::FlagUnreasonable]]),
    about(step(K::JudgeDispatch), &[], &[K::JudgeDispatch]),
    row(
        step(K::Whistle),
        &[
            ENDED,
            SENT,
            SENT_BACK,
            RESTED,
            JUDGED,
            CALLED,
            &[K::Handled],
        ],
    ),
    about(step(K::SignIn), &[ENDED], &[K::SignIn]),
    about(step(K::WhistleHandled), &[ENDED], &[K::WhistleHandled]),
    about(step(K::RateDepartment), &[], &[K::RateDepartment]),
    about(step(K::AdjustPoints), &[], &[K::AdjustPoints]),
];
