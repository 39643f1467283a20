//! The rules of the street as pure values and functions.
//!
//! Nothing in this crate performs IO, reads a clock or knows a screen: every function takes
//! `now` as an argument and returns a decision, so that the backend, the hall, the simulated
//! field and the user interface (compiled to WASM) all decide alike, and every rule can be tested
//! without a machine around it.

pub mod addressees;
pub mod admission;
pub mod assessment;
pub mod channels;
pub mod clocks;
pub mod clusters;
pub mod conflicts;
pub mod crosswalk;
pub mod crowd;
pub mod dispatch;
pub mod drill;
pub mod duplicates;
pub mod duty;
pub mod escalation;
pub mod foresight;
pub mod ids;
pub mod incidents;
pub mod intents;
pub mod levels;
pub mod masking;
pub mod modes;
pub mod nearness;
pub mod new_matter;
pub mod orders;
pub mod particulars;
pub mod people;
pub mod places;
pub mod roads;
pub mod roster;
pub mod rules;
pub mod sets;
pub mod signals;
pub mod situation;
pub mod time;
pub mod trail;
pub mod whistle;

pub use ids::{
    CallerId, CameraId, ConditionCode, DepartmentId, GridCode, GroupId, IncidentId, IntentKey,
    OfficerId, OrderId, PersonId, RefusalReasonId, SensorId,
};
pub use incidents::{Incident, IncidentState, Level};
pub use intents::{Intent, Proposal};
pub use modes::Mode;
pub use new_matter::NewMatter;
pub use orders::{Order, OrderState};
pub use people::{Person, PositionFix, PositionSource, Provenance, Supply};
pub use places::LonLat;
pub use situation::Situation;
pub use time::Timestamp;

#[cfg(test)]
mod samples;
