//! The commands of the shell: one typed trait shared by both ends.

use std::collections::BTreeSet;

use domain::dispatch::Candidate;
pub use domain::duty::{HandoverSheet, TakenOver};
use domain::intents::Mode;
use domain::places::{Bounds, LonLat};
use domain::trail::Action;
pub use domain::trail::{Officer, TrailEntry};
use domain::{Incident, IncidentId, IntentKey, NewMatter, OfficerId, OrderId, PersonId, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Reference;
use crate::feed::{MapLayer, PushedDrawing, PushedSelection};
use crate::heat::{HeatWindow, ReportPlaces};

/// A command with its name and its reply; the value itself is the argument `args`.
pub trait Command: Serialize + DeserializeOwned {
    /// Name of the handler.
    const NAME: &'static str;
    /// Whether it changes anything; a wall is granted none of these.
    const CHANGES: bool;
    /// What comes back.
    type Reply: Serialize + DeserializeOwned;
}

macro_rules! command {
    ($(#[$doc:meta])* $name:ident = $text:literal, changes: $changes:literal -> $reply:ty { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty),* }

        impl Command for $name {
            const NAME: &'static str = $text;
            const CHANGES: bool = $changes;
            type Reply = $reply;
        }
    };
}

command!(
    /// What the window is and how it is to look.
    GetSettings = "get_settings", changes: false -> Settings {}
);
command!(
    /// The reference data of the cache; `None` until the first contact with a backend.
    GetReference = "get_reference", changes: false -> Option<Reference> {}
);
command!(
    /// The trail of an incident, oldest first.
    GetTrail = "get_trail", changes: false -> Vec<TrailEntry> {
        /// The incident.
        incident: IncidentId,
    }
);
command!(
    /// Where something was reported in a span of time, as the backend has it: a hall lets go of what
    /// ended days ago. Refused while there is no line.
    GetReports = "get_reports", changes: false -> ReportPlaces {
        /// The first instant.
        from: Timestamp,
        /// The first one after the span.
        until: Timestamp,
    }
);
command!(
    /// Alive: a window that is silent for five seconds is reloaded by the shell.
    Beat = "beat", changes: false -> () {
        /// Median time between drawn frames in milliseconds, 0 while nothing moves.
        frame_ms: f32,
        /// Whether the map has drawn a first complete picture.
        map_ready: bool,
        /// Frames that the window has taken of its feed since it subscribed: one that does not keep
        /// up is sent no more until it has, and then a snapshot instead of what piled up.
        frames_taken: u64,
    }
);
command!(
    /// What the map left out of its style, for the hall's log, which says each once per start,
    /// whichever window tells it.
    NoteMapStyle = "note_map_style", changes: false -> () {
        /// The style, one of [`crate::map_styles::STYLES`].
        style: String,
        /// What was left out, where, and what to do, in English.
        text: String,
    }
);
command!(
    /// Signs an officer in.
    SignInOfficer = "sign_in", changes: true -> Officer {
        /// Sign-in name.
        officer: OfficerId,
        /// PIN.
        pin: String,
    }
);
command!(
    /// Signs the officer out; queued orders keep their officer.
    SignOut = "sign_out", changes: true -> () {}
);
command!(
    /// Ranks responders for an incident and mints the key of the intent to send one.
    Propose = "propose", changes: true -> ShownProposal {
        /// The incident.
        incident: IncidentId,
    }
);
command!(
    /// Queues an order, durably, and wakes the sender. Every click on one proposal sends its key.
    SendOrder = "send_order", changes: true -> () {
        /// Key of the proposal shown.
        key: IntentKey,
        /// The incident.
        incident: IncidentId,
        /// Who goes.
        to: PersonId,
        /// What to do.
        instruction: String,
        /// Reason for sending somebody who is not offered.
        override_reason: Option<String>,
        /// The incident as the window showed it when the officer decided; `None` stands for what the
        /// hall shows at this moment.
        seen: Option<SeenIncident>,
        /// The parked proposal in whose place it comes.
        replaces: Option<IntentKey>,
    }
);
command!(
    /// 撤销: drops an order that has not left, or queues its withdrawal.
    WithdrawOrder = "withdraw_order", changes: true -> Withdrawal {
        /// The order.
        order: OrderId,
        /// Why.
        reason: String,
        /// The incident as the window showed it when the officer decided; `None` stands for what the
        /// hall shows at this moment.
        seen: Option<SeenIncident>,
    }
);
command!(
    /// Queues any other step on an incident.
    Act = "act", changes: true -> () {
        /// Minted by the window when the control was shown, a UUID.
        key: IntentKey,
        /// The incident.
        incident: IncidentId,
        /// The step.
        action: Action,
        /// Why.
        reason: Option<String>,
        /// The incident as the window showed it when the officer decided; `None` stands for what the
        /// hall shows at this moment.
        seen: Option<SeenIncident>,
        /// The parked proposal in whose place it comes.
        replaces: Option<IntentKey>,
    }
);
command!(
    /// Switches between normal and emergency mode.
    SetMode = "set_mode", changes: true -> () {
        /// Minted by the window when the switch was shown.
        key: IntentKey,
        /// The mode wanted.
        mode: Mode,
        /// Whether it is only exercised (演练).
        is_drill: bool,
    }
);
command!(
    /// Tries a parked proposal again, with its key.
    RetryParked = "retry_parked", changes: true -> () {
        /// The proposal.
        key: IntentKey,
    }
);
command!(
    /// Sends a proposal that is parked for a conflict all the same, in its old place and under a key
    /// of its own, in the name of the officer at the desk.
    SendAnyway = "send_anyway", changes: true -> () {
        /// The parked proposal.
        parked: IntentKey,
        /// Minted by the window when the conflict was shown, so that every click is one wish.
        key: IntentKey,
        /// Steps of the incident's trail that the officer has seen in the conflict; what comes after
        /// them is another conflict.
        seen_steps: u32,
        /// Why; it goes on the record.
        reason: String,
    }
);
command!(
    /// Drops a proposal that was refused, or takes back one that has not left yet.
    DropProposal = "drop_proposal", changes: true -> () {
        /// The proposal.
        key: IntentKey,
    }
);
command!(
    /// Stops or starts the line, for drills.
    SetLink = "set_link", changes: true -> () {
        /// Whether the line may be used.
        enabled: bool,
    }
);

command!(
    /// Shows a part of the map on every wall of this hall for a while, or lets the walls return to
    /// their own view. Answers how many walls listen.
    ShowOnWall = "show_on_wall", changes: true -> usize {
        /// What to show; `None` lets the walls return.
        place: Option<WallPlace>,
    }
);

command!(
    /// 登记: queues a matter that was reported at the desk, durably, and shows it. Answers the
    /// provisional number under which it is shown until the backend has given it one.
    TakeReport = "take_report", changes: true -> IncidentId {
        /// Minted by the window when the form was opened, a UUID.
        key: IntentKey,
        /// When it was reported, by the hall's clock: when the telephone rang.
        at: Timestamp,
        /// What was reported.
        matter: NewMatter,
    }
);

command!(
    /// Queues an entry of the duty log.
    LogDuty = "log_duty", changes: true -> () {
        /// Minted by the window when the field was shown.
        key: IntentKey,
        /// What happened.
        text: String,
    }
);
command!(
    /// Hands the desk over: the officer at the desk signs, the incoming one signs by the PIN and
    /// sits down. Answers what both have signed.
    HandOver = "hand_over", changes: true -> HandoverSheet {
        /// Minted by the window when the form was shown; names the handover.
        key: IntentKey,
        /// Key of the incoming officer's signature, minted in the same way.
        incoming_key: IntentKey,
        /// Who takes the desk over.
        incoming: OfficerId,
        /// That officer's PIN.
        pin: String,
        /// Everything undone, each with its remark.
        taken_over: Vec<TakenOver>,
        /// What else there is to say.
        remarks: String,
    }
);

/// A part of the map with what is selected there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WallPlace {
    /// What must be seen.
    pub bounds: Bounds,
    /// What is selected.
    pub selection: PushedSelection,
    /// What the map of the desk does not show.
    #[serde(default)]
    pub hidden: BTreeSet<MapLayer>,
    /// The window of the heat map that the desk shows.
    #[serde(default)]
    pub heat: Option<HeatWindow>,
    /// What is drawn on the desk's map.
    #[serde(default)]
    pub drawing: Option<PushedDrawing>,
}

/// What became of an order that was to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// It had not left the hall and is gone.
    Dropped,
    /// It had left: its withdrawal is queued behind it.
    Queued,
}

/// Which incident a window showed, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenIncident {
    /// Steps of its trail.
    pub steps: u32,
    /// When it was reported: the number alone may have come to stand for another matter.
    pub reported_at: Timestamp,
}

impl SeenIncident {
    /// An incident that is shown.
    pub const fn of(incident: &Incident) -> Self {
        Self {
            steps: incident.steps,
            reported_at: incident.reported_at,
        }
    }
}

/// A proposal as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownProposal {
    /// The incident.
    pub incident: IncidentId,
    /// What it was ranked on.
    pub seen: SeenIncident,
    /// When it was ranked.
    pub ranked_at: Timestamp,
    /// The offered, best first, at most sixteen, then others who are not offered, at most fifty-four.
    pub candidates: Vec<Candidate>,
    /// The keys of the orders to them, in the same order: whoever is chosen is another intent. Each is the
    /// same again while the incident has not moved on and nothing has become of it.
    pub keys: Vec<IntentKey>,
    /// Fastest way of the first candidate, for the map; empty when there is none.
    pub route: Vec<LonLat>,
    /// Suggested words of the order.
    pub instruction: String,
}

impl ShownProposal {
    /// The key of the order to one of the candidates.
    pub fn key_of(&self, person: PersonId) -> Option<IntentKey> {
        let at = self.candidates.iter().position(|c| c.person == person)?;
        self.keys.get(at).copied()
    }
}

/// Which window this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// The wall display.
    Wall,
    /// A duty officer's desk.
    Desk,
}

/// The base map that the window shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapSource {
    /// URL template with `{z}`, `{x}` and `{y}`.
    pub tile_url: String,
    /// `openmaptiles`, `protomaps`, `raster` or `unknown`; picks the style.
    pub schema: String,
    /// Name for people.
    pub name: String,
    /// What must be shown on the map.
    pub attribution: String,
    /// Deepest level that has tiles.
    pub max_zoom: u8,
    /// Shallowest level that has tiles.
    pub min_zoom: u8,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
}

/// What a window needs to know before it draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Which window.
    pub window: WindowKind,
    /// Width of the wall's picture in metres.
    pub wall_width_m: f64,
    /// Distance of the farthest seat in metres.
    pub farthest_seat_m: f64,
    /// The base map; `None` when there is none or it cannot be read.
    pub map: Option<MapSource>,
    /// `zh-CN` or `en`.
    pub language: String,
    /// `standard`, or `clear` for people who see some colours alike.
    pub palette: String,
    /// Whether to show the PINs of the demo officers.
    pub demo_pins: Vec<(OfficerId, String)>,
    /// Whether the crash hooks that tests use are available.
    pub test_hooks: bool,
    /// Program version.
    pub version: String,
}
