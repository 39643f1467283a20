//! A whole street with its history, as the demo street and file seeds hand it to a fresh backend.
//!
//! The backend replays every report and every step through the same decisions as live traffic, so
//! that a seeded incident has a real, chained trail and equals the fold of it.

use domain::intents::Mode;
use domain::trail::{Action, Actor, Officer};
use domain::{
    LonLat, OfficerId, OrderId, OrderState, Person, PersonId, PositionFix, RefusalReasonId,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::Reference;
use crate::http::NewReport;

/// Everything that a fresh backend starts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seed {
    /// Street, grids, cameras, sensors and roads. `version`, `rules` and `officers` are set by the backend
    /// (from its own count, its rules files and [`Seed::officers`]); what stands here is not read.
    pub reference: Reference,
    /// The roster.
    pub people: Vec<Person>,
    /// Officers who can sign in.
    pub officers: Vec<SeedOfficer>,
    /// Incidents with their past, in any order.
    pub incidents: Vec<SeedIncident>,
    /// Newest positions.
    pub positions: Vec<PositionFix>,
    /// Normal or emergency.
    pub mode: Mode,
}

/// An officer with the PIN to sign in with; the backend keeps only its hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedOfficer {
    /// Who.
    pub officer: Officer,
    /// PIN of 4–12 digits.
    pub pin: String,
}

impl std::fmt::Debug for SeedOfficer {
    // A PIN must not reach a log by way of a debug print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeedOfficer")
            .field("officer", &self.officer)
            .finish_non_exhaustive()
    }
}

/// One incident with its past. The backend gives it a number of the local day on which it was
/// reported, and decides its grids, level and clocks by the rules in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeedIncident {
    /// The report that opened it.
    pub report: NewReport,
    /// What happened since, oldest first.
    pub steps: Vec<SeedStep>,
}

/// One thing that happened to a seeded incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedStep {
    /// A step that carries no order: verify, file, close, a note and so on.
    Act {
        /// When.
        at: Timestamp,
        /// Who; an officer's role is checked as it would be live.
        by: Actor,
        /// The step.
        action: Action,
        /// Why, where the table asks for a reason.
        reason: Option<String>,
    },
    /// An order; verifies and files the incident first where that has not happened.
    Order {
        /// When.
        at: Timestamp,
        /// Who sent it.
        by: OfficerId,
        /// Key of the order, unique in the seed.
        key: OrderId,
        /// Who was sent.
        to: PersonId,
        /// What to do.
        instruction: String,
    },
    /// A receipt of an order from the field, with its effect on the incident.
    Receipt {
        /// When.
        at: Timestamp,
        /// The order.
        key: OrderId,
        /// Delivered, read, accepted, refused, arrived or done.
        state: OrderState,
        /// Where the responder was.
        location: Option<LonLat>,
        /// What else there is to a refusal; result of the handling.
        note: Option<String>,
        /// Why it is refused.
        #[serde(default)]
        refusal_reason: Option<RefusalReasonId>,
    },
}

impl SeedStep {
    /// When it happened.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Act { at, .. } | Self::Order { at, .. } | Self::Receipt { at, .. } => *at,
        }
    }
}
