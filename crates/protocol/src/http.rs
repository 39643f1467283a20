//! The backend's HTTP interface: JSON bodies, times in milliseconds since the epoch.
//!
//! Every request carries the header [`PROTOCOL_HEADER`] and, except [`paths::HELLO`],
//! `Authorization: Bearer KEY` with the hall's key, the field's key or, for [`paths::PROPOSALS`]
//! and [`paths::SIGN_OUT`], the token of a signed-in officer. Errors have status 4xx/5xx and a
//! [`Problem`] body.

use domain::addressees::Addressee;
use domain::conflicts::Conflict;
use domain::drill::DrillMarked;
use domain::particulars::Particulars;
use domain::places::Crs;
use domain::situation::Record;
use domain::trail::{Officer, SourceChannel, TrailEntry};
use domain::{
    IncidentId, IntentKey, LonLat, OfficerId, Order, OrderId, OrderState, Person, PersonId,
    PositionFix, RefusalReasonId, Situation, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::errors::ErrorCode;
use crate::versions::SpokenVersions;

/// Header that carries the version in use in every request, and the newest one spoken in every reply.
pub const PROTOCOL_HEADER: &str = "streethall-protocol";
/// Header by which a hall names the [`LogId`] of the backend that it means a proposal for. A backend
/// that writes another log refuses the proposal by [`crate::ErrorCode::OtherLog`]: the hall has first
/// to find out what was forgotten. Without the header every backend takes it.
pub const LOG_HEADER: &str = "streethall-log";

/// Where each thing is asked for.
pub mod paths {
    /// `GET` → [`super::Hello`]; needs no key.
    pub const HELLO: &str = "/v1/hello";
    /// `POST` [`super::SignIn`] → [`super::SignedIn`]; needs the hall's key.
    pub const SIGN_IN: &str = "/v1/sign-in";
    /// `POST` with an officer's token: ends the session; the body is ignored, the reply empty.
    pub const SIGN_OUT: &str = "/v1/sign-out";
    /// `GET` → `Vec<OfficerStanding>` of all who can sign in; needs the hall's key.
    pub const OFFICERS: &str = "/v1/officers";
    /// `GET` → [`crate::Reference`].
    pub const REFERENCE: &str = "/v1/reference";
    /// `GET ?after=CURSOR&log=LOG` → [`super::Snapshot`]; the place is what the hall has, if anything.
    pub const SNAPSHOT: &str = "/v1/snapshot";
    /// `GET ?after=CURSOR&log=LOG&wait_ms=MS` → [`super::Changes`]; waits up to `wait_ms` for the
    /// first. Without `log` the cursor alone is looked at.
    pub const CHANGES: &str = "/v1/changes";
    /// `GET ?after=CURSOR&wait_ms=MS` → [`super::Positions`]; `POST` `Vec<NewPosition>` → [`super::Accepted`].
    pub const POSITIONS: &str = "/v1/positions";
    /// `POST` [`domain::Proposal`] with an officer's token → [`super::Receipt`].
    pub const PROPOSALS: &str = "/v1/proposals";
    /// `GET /v1/incidents/ID/trail` → `Vec<TrailEntry>`.
    pub const INCIDENT_TRAIL: &str = "/v1/incidents/{id}/trail";
    /// `GET ?from=MS&until=MS` → [`crate::heat::ReportPlaces`] of that span; needs the hall's key.
    pub const REPORT_PLACES: &str = "/v1/report-places";
    /// `GET ?from=DATE&to=DATE` with an officer's token → the JSON that
    /// `streethall-backend assess --json` prints. `&by=GROUP`, `&each=PART` and `&as_of=TIME` are the
    /// program's `--by`, `--each` and `--as-of`.
    pub const ASSESSMENT: &str = "/v1/assessment";
    /// `POST` [`super::NewReport`] → [`super::ReportAccepted`]; needs the field's or the hall's key.
    pub const REPORTS: &str = "/v1/reports";
    /// `POST` [`super::FieldReceipt`] → [`domain::Order`]; needs the field's key.
    pub const FIELD_RECEIPTS: &str = "/v1/field/receipts";
    /// `GET` → [`super::FieldOrders`] under way; `?after=CURSOR&wait_ms=MS` waits for a change.
    /// Orders of drills come only to a gateway that asks for them with `&drills=true`, and so says
    /// that it marks them. Field's key.
    pub const FIELD_ORDERS: &str = "/v1/field/orders";
    /// `POST` GeoJSON → [`super::Imported`]; needs the hall's key.
    pub const IMPORT_ROADS: &str = "/v1/import/roads";
    /// `POST` `Vec<Person>` → [`super::Imported`]; needs the hall's key.
    pub const IMPORT_PEOPLE: &str = "/v1/import/people";
    /// `POST` `Vec<domain::places::ResponsibilityGrid>`, all of the street → [`super::Imported`];
    /// needs the hall's key.
    pub const IMPORT_RESPONSIBILITY_GRIDS: &str = "/v1/import/responsibility-grids";
}

/// Identity of a change log: minted anew each time that a backend opens its database, so that a
/// database that was restored from a backup, copied or begun anew never passes for the one before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogId(pub String);

impl std::fmt::Display for LogId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far somebody has followed which log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPlace {
    /// The log that was followed last.
    pub log: LogId,
    /// Everything up to this change is known.
    pub cursor: u64,
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Which versions of the wire the backend speaks.
    #[serde(flatten)]
    pub spoken: SpokenVersions,
    /// Program version, for people.
    pub version: String,
    /// Name of the street, empty when none is imported.
    pub street: String,
    /// The log that changes are written to now.
    pub log: LogId,
    /// The backend's clock, for measuring the offset.
    pub now: Timestamp,
}

/// An officer's name and PIN.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Sign-in name.
    pub officer: OfficerId,
    /// PIN of 4–12 digits.
    pub pin: String,
}

impl std::fmt::Debug for SignIn {
    // A PIN must not reach a log by way of a debug print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn")
            .field("officer", &self.officer)
            .finish_non_exhaustive()
    }
}

/// A signed-in officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who.
    pub officer: Officer,
    /// Bearer token for [`paths::PROPOSALS`].
    pub token: String,
    /// When the session ends.
    pub expires_at: Timestamp,
    /// What [`OfficerStanding::credential`] is at this moment.
    #[serde(default)]
    pub credential: String,
}

/// What a hall needs to know of an officer whom it lets sign in without the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerStanding {
    /// Who, with the role of today.
    pub officer: Officer,
    /// Changes whenever the PIN is changed or the officer's sessions are revoked: what a hall has
    /// seen under another one no longer counts. It says nothing about the PIN.
    pub credential: String,
}

/// Everything at one cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The log that its cursor belongs to.
    pub log: LogId,
    /// Whether the place that was asked with lies in the past of this log. Otherwise it belongs to
    /// another one, or to a time that this backend has forgotten by being restored from a backup.
    pub continues: bool,
    /// Changes after this cursor are not in it.
    pub cursor: u64,
    /// Version of the reference data that goes with it.
    pub reference_version: u64,
    /// The picture, positions included.
    pub situation: Situation,
    /// Trails of the incidents in the picture.
    pub trail: Vec<TrailEntry>,
}

/// One entry of the change log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeBody {
    /// A record as it now is.
    Record(Record),
    /// A link was added to an incident's trail.
    Trail(Box<TrailEntry>),
    /// New reference data is in force.
    Reference {
        /// Its version.
        version: u64,
    },
}

/// A change with its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Cursor of this change; strictly growing.
    pub cursor: u64,
    /// When the backend recorded it.
    pub at: Timestamp,
    /// What changed.
    pub body: ChangeBody,
}

/// Changes after a cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// The log that their cursors belong to.
    pub log: LogId,
    /// In the order of the log; may be cut short, then ask again from the last cursor.
    pub changes: Vec<Change>,
    /// Cursor of the newest change of the log, so that the distance to the present is known.
    pub newest: u64,
    /// The backend's clock.
    pub now: Timestamp,
}

/// Newest positions that changed after a cursor of their own (lossy: the newest wins). Only those
/// that may be shown: of people on duty or with an order under way, and of others while the mode in
/// force allows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Positions {
    /// Newest position of each person that moved.
    pub fixes: Vec<PositionFix>,
    /// Cursor to ask from next.
    pub cursor: u64,
    /// People whose position may no longer be shown.
    #[serde(default)]
    pub gone: Vec<PersonId>,
    /// Whether these are all positions that may be shown: whoever is not among them is gone.
    #[serde(default)]
    pub is_whole: bool,
}

/// How many items of a batch were taken, and why the others were not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Taken.
    pub accepted: usize,
    /// One sentence for each refused item, at most twenty.
    pub refused: Vec<String>,
    /// How many were refused in all.
    pub refused_count: usize,
}

/// The backend has carried out a proposal; the same for every replay of its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The proposal.
    pub key: IntentKey,
    /// When the backend recorded it.
    pub recorded_at: Timestamp,
    /// Cursor of the last change it made.
    pub cursor: u64,
    /// For an order to several people: each of them with the order, or why there is none.
    #[serde(default)]
    pub addressees: Vec<Addressee>,
}

/// One position as a phone measured it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NewPosition {
    /// Whose position.
    pub person: PersonId,
    /// Where, in degrees of [`NewPosition::crs`].
    pub location: LonLat,
    /// The coordinate system of the location: `cgcs2000`, `wgs84`, `gcj02` or `bd09`.
    #[serde(default)]
    pub crs: Crs,
    /// When it was measured.
    pub at: Timestamp,
    /// Radius of the 68 % circle in metres.
    pub accuracy_m: f32,
    /// Speed over ground in metres per second.
    pub speed_mps: f32,
    /// Course in degrees from north, clockwise.
    pub heading_deg: f32,
}

/// A new matter from a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewReport {
    /// Minted by the channel so that a repeated delivery opens no second incident.
    pub key: IntentKey,
    /// Category code such as `E01.10`.
    pub category: String,
    /// Channel.
    pub channel: SourceChannel,
    /// One line for lists.
    pub title: String,
    /// What was reported.
    pub description: String,
    /// Address in words.
    pub address: String,
    /// Where, in degrees of [`NewReport::crs`].
    pub location: LonLat,
    /// The coordinate system of the location: `cgcs2000`, `wgs84`, `gcj02` or `bd09`.
    #[serde(default)]
    pub crs: Crs,
    /// When it was reported.
    pub occurred_at: Timestamp,
    /// Harm, people affected, repeats, caller and origin, as far as the channel knows them.
    #[serde(default)]
    pub particulars: Particulars,
    /// Whether it belongs to a drill (演练); nothing changes that later.
    #[serde(default)]
    pub is_drill: bool,
}

/// Answer to [`NewReport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportAccepted {
    /// Number of the incident.
    pub incident: IncidentId,
}

/// What a responder's phone reports about an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldReceipt {
    /// The order.
    pub order: OrderId,
    /// Whose phone.
    pub person: PersonId,
    /// Delivered, read, accepted, refused, arrived or done.
    pub state: OrderState,
    /// When.
    pub at: Timestamp,
    /// Where, in degrees of [`FieldReceipt::crs`].
    pub location: Option<LonLat>,
    /// The coordinate system of the location: `cgcs2000`, `wgs84`, `gcj02` or `bd09`.
    #[serde(default)]
    pub crs: Crs,
    /// What else there is to a refusal; result of the handling.
    pub note: Option<String>,
    /// Why it is refused: one of the reasons that the rules allow for the category. A refusal
    /// without one is not taken.
    #[serde(default)]
    pub refusal_reason: Option<RefusalReasonId>,
}

/// Orders for the field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldOrders {
    /// Orders that changed after the cursor (all under way when it was 0).
    pub orders: Vec<FieldOrder>,
    /// Cursor to ask from next.
    pub cursor: u64,
}

/// An order with what the phone needs to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldOrder {
    /// The order.
    pub order: Order,
    /// Where to go.
    pub location: LonLat,
    /// Address in words.
    pub address: String,
    /// What it is about.
    pub title: String,
    /// Whether it belongs to a drill (演练): the phone says so.
    #[serde(default)]
    pub is_drill: bool,
}

impl DrillMarked for FieldOrder {
    fn is_drill(&self) -> bool {
        self.is_drill
    }
}

/// Answer to an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Items taken.
    pub taken: usize,
    /// One sentence for each item left out, at most twenty.
    pub left_out: Vec<String>,
    /// Reference version now in force.
    pub reference_version: u64,
}

/// People of an import.
pub type PeopleImport = Vec<Person>;

/// The body of every error reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what, where and what to do.
    pub message: String,
    /// With [`ErrorCode::Conflict`]: how the incident stands, and what was done to it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Box<Conflict>>,
}
