//! The engine broken on purpose, and for each way the seeds at which the simulation notices it.
//!
//! A check that never fails proves nothing. Each variant breaks one promise where the code that
//! keeps it stands: in the engine by a [`Fault`], in a store or in the backend by its model.

use std::fmt;
use std::str::FromStr;

use sync_engine::faults::Fault;

/// One way of being broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// The engine does something wrong.
    Engine(Fault),
    /// The outbox says that a proposal is stored before the disk has it.
    ShowBeforeSync,
    /// The cache stores the cursor before the rows.
    CursorFirst,
    /// A store that says that its disk is full has taken the row all the same.
    HalfWritten,
    /// The outbox stores the two signatures of a handover one after the other.
    HandOverInTwo,
    /// The cache does not replace the reference data by newer.
    KeepFirstReference,
    /// What has failed is not tried again by itself while the line stays up.
    NoTimer,
    /// The backend does not know a key again.
    BackendForgetsKeys,
    /// The backend does not look at what others have done since the officer saw the incident.
    BackendIgnoresConflicts,
    /// The backend carries out what is wanted about a matter without a number on another one.
    BackendConfusesNumbers,
    /// The backend takes whatever matter bears the number for the one that is meant.
    BackendTrustsNumbers,
}

/// Of each variant a seed at which the simulation notices it, found by
/// `cargo xtask sim --seeds 0..200 --every-broken`.
pub const NOTICED_AT: [(Variant, u64); 40] = [
    (Variant::Engine(Fault::DeleteBeforeReceipt), 0),
    (Variant::Engine(Fault::NewKeyPerTry), 0),
    (Variant::Engine(Fault::IgnoreOrder), 3),
    (Variant::Engine(Fault::NewestFirst), 0),
    (Variant::Engine(Fault::ParkedBlocksAll), 0),
    (Variant::Engine(Fault::ParkedHoldsLane), 0),
    (Variant::Engine(Fault::RetryRefused), 0),
    (Variant::Engine(Fault::DropAfterSent), 19),
    (Variant::Engine(Fault::ForgetDeparture), 19),
    (Variant::Engine(Fault::SleepThroughReconnect), 4),
    (Variant::Engine(Fault::SnapshotHidesQueue), 0),
    (Variant::Engine(Fault::ForgetOnReceipt), 0),
    (Variant::Engine(Fault::SkipGap), 0),
    (Variant::Engine(Fault::ShowOlderRecord), 19),
    (Variant::Engine(Fault::ShowOlderPosition), 11),
    (Variant::Engine(Fault::NoJitter), 3),
    (Variant::Engine(Fault::NoPause), 0),
    (Variant::Engine(Fault::LoseBatchOnCut), 36),
    (Variant::Engine(Fault::TrustOldReceipts), 3),
    (Variant::Engine(Fault::LoseReference), 0),
    (Variant::Engine(Fault::FollowAnyLog), 3),
    (Variant::Engine(Fault::SendToAnyLog), 3),
    (Variant::Engine(Fault::SwapInTwo), 37),
    (Variant::Engine(Fault::ForgetOwn), 3),
    (Variant::ShowBeforeSync, 0),
    (Variant::CursorFirst, 0),
    (Variant::HalfWritten, 8),
    (Variant::HandOverInTwo, 0),
    (Variant::KeepFirstReference, 0),
    (Variant::NoTimer, 1),
    (Variant::BackendForgetsKeys, 0),
    (Variant::BackendIgnoresConflicts, 0),
    (Variant::Engine(Fault::EchoStays), 0),
    (Variant::BackendConfusesNumbers, 3),
    (Variant::BackendTrustsNumbers, 3),
    (Variant::Engine(Fault::TrustGreeting), 0),
    (Variant::Engine(Fault::ForgetFailures), 0),
    (Variant::Engine(Fault::AskOnAndOn), 0),
    (Variant::Engine(Fault::TakeGivenUp), 94),
    (Variant::Engine(Fault::BelieveCivilClock), 4),
];

impl Variant {
    /// Every variant.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [
            Self::ShowBeforeSync,
            Self::CursorFirst,
            Self::HalfWritten,
            Self::HandOverInTwo,
            Self::KeepFirstReference,
            Self::NoTimer,
            Self::BackendForgetsKeys,
            Self::BackendIgnoresConflicts,
            Self::BackendConfusesNumbers,
            Self::BackendTrustsNumbers,
        ];
        Fault::ALL.into_iter().map(Self::Engine).chain(others)
    }

    /// The fault that is put into the engine.
    pub const fn fault(self) -> Option<Fault> {
        match self {
            Self::Engine(fault) => Some(fault),
            _ => None,
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(fault) => write!(f, "{fault:?}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl FromStr for Variant {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::all().find(|variant| variant.to_string() == name);
        found.ok_or_else(|| {
            let names: Vec<String> = Self::all().map(|variant| variant.to_string()).collect();
            format!("there is no variant {name}; there are {}", names.join(", "))
        })
    }
}
