//! The feed from the shell to its windows: a snapshot, then numbered binary deltas.
//!
//! Frames are postcard. A window that sees a gap in the numbers asks for a new snapshot by
//! subscribing again. Frames for a wall carry masked names and phones: the wall's web view never
//! holds what it must not show.

use std::collections::BTreeSet;

use domain::conflicts::Conflict;
use domain::places::Bounds;
use domain::situation::Record;
use domain::trail::Officer;
use domain::{
    CameraId, GridCode, IncidentId, IntentKey, LonLat, OrderState, PersonId, PositionFix, Proposal,
    SensorId, Situation, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::heat::HeatWindow;

/// State of the line to the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineState {
    /// Not yet connected since the start.
    Connecting,
    /// Connected.
    Online,
    /// Lost; tried again by itself.
    Offline,
    /// Stopped by an officer for a drill.
    SwitchedOff,
    /// The backend speaks another protocol version.
    ProtocolMismatch,
    /// The backend refuses the hall's key.
    KeyRefused,
    /// Something answers, but it is no backend of ours.
    Nonsense,
}

/// The line with what people want to know about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// State.
    pub state: LineState,
    /// Since when.
    pub since: Timestamp,
    /// When the backend last said how things are in the street, and not merely greeted; `None` when it
    /// never did. Data is as old as this.
    pub last_contact: Option<Timestamp>,
    /// The backend's clock minus ours in milliseconds.
    pub clock_offset_ms: i64,
    /// Changes that the backend has and we do not yet have.
    pub behind: u64,
    /// The last error in words, empty when there is none.
    pub detail: String,
    /// Address of the backend, for people; `embedded` for the built-in one.
    pub backend: String,
}

/// Where a proposal in the outbox stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// What and by whom.
    pub proposal: Proposal,
    /// `Queued`, `Sent`, `Parked` or `Withdrawn` (dropped before it was sent).
    pub state: OrderState,
    /// Tries so far.
    pub attempts: u32,
    /// Reason of the last failure, in words.
    pub last_error: Option<String>,
    /// When it is tried next; `None` when it waits for the line or for an officer.
    pub next_attempt_at: Option<Timestamp>,
    /// What others have done since the officer saw the incident, where that speaks against it: of a
    /// parked one what an officer has to decide about, of a queued one what the backend is going to
    /// say. The officer's own version is the basis of the proposal.
    pub conflict: Option<Box<Conflict>>,
    /// Whether it waits for a decision about an older one that was refused.
    pub is_held: bool,
    /// Whether it can be dropped: the backend has refused it or cannot have it, or it was for another backend than that
    /// of now.
    pub can_drop: bool,
}

/// Something that the officers must be told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Grows by one.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What, for the catalogue of strings.
    pub kind: NoticeKind,
    /// The detail that goes into the sentence: a path, an error.
    pub detail: String,
}

/// Kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeKind {
    /// The cache was damaged; it was kept aside and is fetched anew.
    CacheRebuilt,
    /// The outbox was damaged; kept aside, rescued rows are in the new one.
    OutboxRescued,
    /// The key does not open the outbox; it was kept aside, and its orders are not shown or sent
    /// until a start that has its key.
    OutboxLocked,
    /// The key of the databases lies in a file and not in the keyring, which did not answer when it was made.
    KeyInFile,
    /// The base map cannot be read, and none is shown.
    MapUnreadable,
    /// A window hung and was reloaded.
    WindowReloaded,
    /// The clock of this machine differs from the backend's.
    ClockOffset,
    /// The disk cannot be written.
    StorageFailed,
    /// The base map cannot be read; the demo street's own is shown instead.
    MapReplaced,
    /// The tile service does not answer; what was kept of it is shown, and it is asked again.
    MapOffline,
    /// The backend's log is no longer the one that was followed, as after its database was restored
    /// from a backup; everything was fetched anew, and what it had only acknowledged is sent again.
    LogReplaced,
    /// A database is not encrypted yet, because the disk had no room for it.
    NotEncrypted,
    /// The cache lies in memory only, because the disk has no room for it.
    CacheInMemory,
    /// The cache is larger than its budget although everything that may go is gone.
    CacheOverBudget,
    /// Officers without a session at the backend have something queued; they have to sign in.
    SignInAgain,
    /// The backend no longer knows the officer's PIN or has revoked the sessions; the desk is empty.
    OfficerRevoked,
    /// How much of the street's base map is kept for when the line is lost.
    MapAhead,
    /// The backend inside the application does not open; it is tried again now and then.
    BackendFailed,
}

/// What is selected on a view that is shown on the wall.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushedSelection {
    /// Nothing.
    #[default]
    Nothing,
    /// An incident.
    Incident(IncidentId),
    /// A person of the roster.
    Person(PersonId),
    /// A grid of any level.
    Grid(GridCode),
    /// A camera.
    Camera(CameraId),
    /// A sensor.
    Sensor(SensorId),
}

/// A group of marks of the map that a desk can hide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapLayer {
    /// Incidents.
    Incidents,
    /// People: staff of the street.
    StreetStaff,
    /// People: forces stationed in the street.
    StationedForce,
    /// People: social forces.
    SocialForce,
    /// Trails of people.
    Trails,
    /// Cameras and sensors.
    Cameras,
    /// Grids with their names and colours.
    Grids,
    /// The heat map of reports.
    Heat,
}

/// What a tool has drawn on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawnShape {
    /// A measured line.
    Line,
    /// A circle: its middle, then a point of its rim.
    Circle,
    /// A line around something; its end is joined with its start.
    Outline,
}

/// Most points of a pushed drawing, well above what the map lets a hand draw.
pub const MOST_DRAWN_POINTS: usize = 20_000;

/// A drawing that is shown on the wall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PushedDrawing {
    /// What it is.
    pub shape: DrawnShape,
    /// Its points, in the order in which they were set.
    pub points: Vec<LonLat>,
}

/// What a desk shows on the wall for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PushedView {
    /// Grows by one with each push since the start of the hall.
    pub number: u64,
    /// Name of the officer who pushed it; masked for a wall.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// When the wall returns to its own view.
    pub until: Timestamp,
    /// What must be seen. A wall has another shape than a desk, so it may show more.
    pub bounds: Bounds,
    /// What is selected.
    pub selection: PushedSelection,
    /// What the desk does not show and the wall shows neither, and says so.
    #[serde(default)]
    pub hidden: BTreeSet<MapLayer>,
    /// The window of the heat map; `None` shows none.
    #[serde(default)]
    pub heat: Option<HeatWindow>,
    /// What is drawn on the map.
    #[serde(default)]
    pub drawing: Option<PushedDrawing>,
}

/// Everything a window starts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Version of the reference data to load; 0 while there is none.
    pub reference_version: u64,
    /// The situation.
    pub situation: Situation,
    /// The line.
    pub line: Line,
    /// The outbox, oldest first.
    pub outbox: Vec<OutboxItem>,
    /// The signed-in officer; always `None` on a wall.
    pub officer: Option<Officer>,
    /// Notices since the start.
    pub notices: Vec<Notice>,
    /// What the walls show at a desk's request; it may be over already.
    pub pushed_view: Option<PushedView>,
    /// The hall's clock corrected by the measured offset.
    pub now: Timestamp,
    /// Whether the officer has signed in without the line and is not known at the backend yet:
    /// what is queued waits until then.
    pub is_offline_sign_in: bool,
}

/// One change of the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PictureChange {
    /// A record as it now is.
    Record(Record),
    /// Positions that moved.
    Positions(Vec<PositionFix>),
    /// People whose position may no longer be shown.
    PositionsGone(Vec<PersonId>),
    /// The line.
    Line(Line),
    /// The whole outbox, where too much of it has changed at once.
    Outbox(Vec<OutboxItem>),
    /// Items of the outbox as they now are; those that are new are the youngest, in their order.
    OutboxItems(Vec<OutboxItem>),
    /// Proposals that were dropped or acknowledged and left the outbox.
    OutboxLeft(Vec<IntentKey>),
    /// The signed-in officer.
    Officer(Option<Officer>),
    /// A notice.
    Notice(Notice),
    /// New reference data is in force.
    Reference {
        /// Its version.
        version: u64,
    },
    /// The incident's trail grew: reload it where it is shown.
    TrailGrew(IncidentId),
    /// What the walls show at a desk's request, or that they return to their own view.
    PushedView(Option<PushedView>),
    /// A matter that was shown under a provisional number is given up, with the orders about it.
    IncidentGone(IncidentId),
    /// Whether the officer has signed in without the line and is not known at the backend yet.
    OfflineSignIn(bool),
}

/// A frame of the feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Frame {
    /// The beginning, or a new beginning after a gap.
    Snapshot(Box<Picture>),
    /// Changes since the frame before.
    Delta {
        /// 1 after a snapshot, then counting.
        number: u64,
        /// The hall's corrected clock.
        now: Timestamp,
        /// In order.
        changes: Vec<PictureChange>,
    },
}

/// Bytes that are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the feed sent bytes that are no frame: {0}")]
pub struct FrameError(String);

impl Frame {
    /// The bytes of the frame.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        postcard::to_stdvec(self).map_err(|e| FrameError(e.to_string()))
    }

    /// The frame of the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        postcard::from_bytes(bytes).map_err(|e| FrameError(e.to_string()))
    }
}
