//! Faults that are put into the engine on purpose, so that the simulation shows that it would
//! notice each of them.
//!
//! Without the crate's feature `faults`, which no product enables (`cargo xtask tidy` checks it),
//! [`has`] is a constant `false` and nothing of a fault remains in the program. With it, a fault is
//! in force only on a thread that has asked for it.

use domain::IntentKey;

/// Something that the engine could do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// A proposal is deleted when it is handed out for sending.
    DeleteBeforeReceipt,
    /// Each further try goes out under another key.
    NewKeyPerTry,
    /// What follows an older proposal of the same incident does not wait for its answer.
    IgnoreOrder,
    /// Of an incident's proposals the newest goes out first.
    NewestFirst,
    /// One parked proposal holds up all incidents.
    ParkedBlocksAll,
    /// A parked proposal holds up all that is wished about its incident later on.
    ParkedHoldsLane,
    /// What the backend has refused is tried again and again.
    RetryRefused,
    /// An order that is under way is dropped as if it had never left.
    DropAfterSent,
    /// What has left is not on the disk, so that nobody knows of it after a restart.
    ForgetDeparture,
    /// Nothing wakes the sender when the line comes back.
    SleepThroughReconnect,
    /// A snapshot replaces the picture without what is queued here.
    SnapshotHidesQueue,
    /// An acknowledged proposal is deleted before the cache holds its effect.
    ForgetOnReceipt,
    /// Where the change log has a gap, what is missing is skipped.
    SkipGap,
    /// Records are shown in the order of their arrival, also older ones.
    ShowOlderRecord,
    /// Positions are shown in the order of their arrival, also older ones.
    ShowOlderPosition,
    /// All halls pause equally long after a failure.
    NoJitter,
    /// There is no pause after a failure.
    NoPause,
    /// A batch that was cut off between disk and screen is not shown.
    LoseBatchOnCut,
    /// What was acknowledged in a log that has been replaced counts as done.
    TrustOldReceipts,
    /// A cache that is begun anew while it is in use lacks the reference data.
    LoseReference,
    /// The cursor is followed in whatever log is found.
    FollowAnyLog,
    /// A proposal goes to whatever backend answers, also to one that has forgotten earlier ones.
    SendToAnyLog,
    /// What takes the place of a parked proposal is stored after that one was deleted.
    SwapInTwo,
    /// A proposal does not name the own ones that it stands on.
    ForgetOwn,
    /// A matter that has got its number goes on being shown without one as well.
    EchoStays,
    /// A backend that greets counts as a line, whatever else it answers.
    TrustGreeting,
    /// A greeting ends the row of failures, whatever else is answered.
    ForgetFailures,
    /// A question for changes that is cut off is asked again behind a greeting, however often.
    AskOnAndOn,
    /// A late click on a form queues again what somebody has given up since.
    TakeGivenUp,
    /// A clock that somebody sets while there is no line is believed, though it is said.
    BelieveCivilClock,
}

impl Fault {
    /// Every fault of the engine.
    pub const ALL: [Self; 30] = [
        Self::DeleteBeforeReceipt,
        Self::NewKeyPerTry,
        Self::IgnoreOrder,
        Self::NewestFirst,
        Self::ParkedBlocksAll,
        Self::ParkedHoldsLane,
        Self::RetryRefused,
        Self::DropAfterSent,
        Self::ForgetDeparture,
        Self::SleepThroughReconnect,
        Self::SnapshotHidesQueue,
        Self::ForgetOnReceipt,
        Self::SkipGap,
        Self::ShowOlderRecord,
        Self::ShowOlderPosition,
        Self::NoJitter,
        Self::NoPause,
        Self::LoseBatchOnCut,
        Self::TrustOldReceipts,
        Self::LoseReference,
        Self::FollowAnyLog,
        Self::SendToAnyLog,
        Self::SwapInTwo,
        Self::ForgetOwn,
        Self::EchoStays,
        Self::TrustGreeting,
        Self::ForgetFailures,
        Self::AskOnAndOn,
        Self::TakeGivenUp,
        Self::BelieveCivilClock,
    ];
}

/// The key under which a try goes out where each has its own.
pub fn key_of_try(key: IntentKey, attempts: u32) -> IntentKey {
    let text = key.to_string();
    let others = text.get(8..).unwrap_or_default();
    match attempts {
        0 => key,
        _ => format!("{attempts:08x}{others}").parse().unwrap_or(key),
    }
}

#[cfg(feature = "faults")]
mod injected {
    use std::cell::Cell;

    use super::Fault;

    thread_local! {
        static IN_FORCE: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    /// Whether the fault is in force on this thread.
    pub fn has(fault: Fault) -> bool {
        IN_FORCE.get() == Some(fault)
    }

    /// Puts a fault, or none, in force on this thread.
    pub fn inject(fault: Option<Fault>) {
        IN_FORCE.set(fault);
    }
}

#[cfg(feature = "faults")]
pub use injected::{has, inject};

/// Whether the fault is in force: never.
#[cfg(not(feature = "faults"))]
pub const fn has(_fault: Fault) -> bool {
    false
}
