//! Everything that crosses a wire, with one encoded example of each kind: a search that begins from nothing hardly
//! ever finds a whole one.

use std::collections::BTreeSet;

use domain::dispatch;
use domain::intents::Mode;
use domain::places::{Bounds, Crs};
use domain::situation::Record;
use domain::trail::{Action, OfficerRole, TrailEntry};
use domain::{IncidentId, IncidentState, Intent, OrderState, PersonId, Proposal, Situation};
use protocol::commands::{self, Command};
use protocol::feed::{
    DrawnShape, Frame, Line, LineState, Notice, NoticeKind, OutboxItem, Picture, PictureChange,
    PushedDrawing, PushedSelection, PushedView,
};
use protocol::heat::{self, HeatWindow};
use protocol::{ErrorCode, Reference, UiError, http};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::builders::{
    self, CENTRE, entry, fix, incident, key, officer, order, person, proposal, send,
};
use crate::clock::FRIDAY_NINE as NOW;
use crate::map_messages;

/// Reads bytes as a type; what could be read can be written.
fn read_as<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    serde_json::from_slice::<T>(bytes)
        .map(|value| serde_json::to_vec(&value).expect("it is written again"))
        .is_ok()
}

fn example<T: Serialize + DeserializeOwned>(value: &T) -> Vec<u8> {
    let bytes = serde_json::to_vec(value).expect("it can be written");
    assert!(read_as::<T>(&bytes), "{}", std::any::type_name::<T>());
    bytes
}

/// Each type that travels as JSON with examples of it.
macro_rules! json {
    ($($kind:ty: [$($value:expr),+ $(,)?]),+ $(,)?) => {
        fn read_json(bytes: &[u8]) {
            $(read_as::<$kind>(bytes);)+
        }

        fn json_examples() -> Vec<(String, Vec<u8>)> {
            let mut all = Vec::new();
            $(
                let kind = stringify!($kind).replace(|c: char| !c.is_ascii_alphanumeric(), "-");
                let values: Vec<$kind> = vec![$($value),+];
                for (number, value) in values.iter().enumerate() {
                    all.push((format!("json-{kind}-{number}"), example(value)));
                }
            )+
            all
        }
    };
}

/// Each command of a window with an example of its arguments; its reply stands among the types above or is a plain
/// value.
macro_rules! window_commands {
    ($($kind:ident $value:tt),+ $(,)?) => {
        fn read_commands(bytes: &[u8]) {
            $(
                read_as::<commands::$kind>(bytes);
                read_as::<<commands::$kind as Command>::Reply>(bytes);
            )+
        }

        fn command_examples() -> Vec<(String, Vec<u8>)> {
            vec![$((format!("command-{}", commands::$kind::NAME), example(&commands::$kind $value))),+]
        }
    };
}

json! {
    Proposal: [proposal(1, send(matter(), 1)), proposal(2, builders::take_in(2))],
    Record: [
        Record::Incident(Box::new(incident(1, IncidentState::Filed))),
        Record::Order(Box::new(order(1, matter(), 1))),
        Record::Person(Box::new(person(1))),
    ],
    Situation: [situation()],
    Vec<TrailEntry>: [vec![link()]],
    Reference: [builders::reference()],
    protocol::seed::Seed: [builders::seed()],
    http::Hello: [http::Hello {
        spoken: protocol::SpokenVersions::OURS,
        version: "0.1.0".to_owned(),
        street: "测试街道".to_owned(),
        log: log(),
        now: NOW,
    }],
    http::SignIn: [http::SignIn { officer: duty().id, pin: builders::PIN.to_owned() }],
    http::SignedIn: [http::SignedIn {
        officer: duty(),
        token: "token".to_owned(),
        expires_at: NOW,
        credential: "1".to_owned(),
    }],
    http::OfficerStanding: [http::OfficerStanding { officer: duty(), credential: "1".to_owned() }],
    http::LogPlace: [http::LogPlace { log: log(), cursor: 7 }],
    http::Snapshot: [http::Snapshot {
        log: log(),
        continues: true,
        cursor: 7,
        reference_version: 1,
        situation: situation(),
        trail: vec![link()],
    }],
    http::Changes: [http::Changes {
        log: log(),
        changes: [
            http::ChangeBody::Record(Record::Incident(Box::new(incident(1, IncidentState::Filed)))),
            http::ChangeBody::Trail(Box::new(link())),
            http::ChangeBody::Reference { version: 2 },
        ]
        .into_iter()
        .zip(1..)
        .map(|(body, cursor)| http::Change { cursor, at: NOW, body })
        .collect(),
        newest: 3,
        now: NOW,
    }],
    heat::ReportPlaces: [heat::ReportPlaces {
        since: NOW,
        reports: vec![heat::ReportPlace { incident: matter(), at: NOW, location: CENTRE }],
    }],
    http::Positions: [http::Positions {
        fixes: vec![fix(1, CENTRE, NOW)],
        cursor: 3,
        gone: vec![PersonId(2)],
        is_whole: false,
    }],
    http::Accepted: [http::Accepted { accepted: 1, refused: vec!["why".to_owned()], refused_count: 1 }],
    http::Receipt: [http::Receipt { key: key(1), recorded_at: NOW, cursor: 7, addressees: Vec::new() }],
    http::NewPosition: [new_position()],
    Vec<http::NewPosition>: [vec![new_position()]],
    http::NewReport: [builders::report(1, NOW)],
    http::ReportAccepted: [http::ReportAccepted { incident: matter() }],
    http::FieldReceipt: [http::FieldReceipt {
        order: key(1),
        person: PersonId(1),
        state: OrderState::Arrived,
        at: NOW,
        location: Some(CENTRE),
        crs: Crs::default(),
        note: Some("到了".to_owned()),
        refusal_reason: None,
    }],
    http::FieldOrders: [http::FieldOrders {
        orders: vec![http::FieldOrder {
            order: order(1, matter(), 1),
            location: CENTRE,
            address: "锦川路 12 号".to_owned(),
            title: "暴露垃圾".to_owned(),
            is_drill: false,
        }],
        cursor: 3,
    }],
    http::Imported: [http::Imported { taken: 1, left_out: vec!["why".to_owned()], reference_version: 2 }],
    http::PeopleImport: [vec![person(1), person(2)]],
    Vec<domain::places::ResponsibilityGrid>: [builders::reference().responsibility_grids],
    http::Problem: [http::Problem { code: ErrorCode::NotAllowedNow, message: "why".to_owned(), conflict: None }],
    UiError: [UiError::fatal(ErrorCode::NotFound, "why")],
    commands::ShownProposal: [commands::ShownProposal {
        incident: matter(),
        seen: seen(),
        ranked_at: NOW,
        candidates: Vec::<dispatch::Candidate>::new(),
        keys: vec![key(1)],
        route: vec![CENTRE],
        instruction: "请到现场处置".to_owned(),
    }],
    commands::Settings: [commands::Settings {
        window: commands::WindowKind::Desk,
        wall_width_m: 6.0,
        farthest_seat_m: 8.0,
        map: Some(commands::MapSource {
            tile_url: "tiles://localhost/{z}/{x}/{y}".to_owned(),
            schema: "protomaps".to_owned(),
            name: "map".to_owned(),
            attribution: String::new(),
            max_zoom: 15,
            min_zoom: 0,
            bounds: [104.0, 30.0, 105.0, 31.0],
        }),
        language: "zh-CN".to_owned(),
        palette: "standard".to_owned(),
        demo_pins: vec![(duty().id, builders::PIN.to_owned())],
        test_hooks: false,
        version: "0.1.0".to_owned(),
    }],
}

window_commands! {
    GetSettings {},
    GetReference {},
    GetTrail { incident: matter() },
    GetReports { from: NOW, until: NOW },
    Beat { frame_ms: 16.6, map_ready: true, frames_taken: 9 },
    NoteMapStyle { style: "protomaps_dark".to_owned(), text: "what".to_owned() },
    SignInOfficer { officer: duty().id, pin: builders::PIN.to_owned() },
    SignOut {},
    Propose { incident: matter() },
    SendOrder {
        key: key(1),
        incident: matter(),
        to: PersonId(1),
        instruction: "请到现场处置".to_owned(),
        override_reason: Some("why".to_owned()),
        seen: Some(seen()),
        replaces: Some(key(2)),
    },
    WithdrawOrder { order: key(1), reason: "why".to_owned(), seen: Some(seen()) },
    Act {
        key: key(1),
        incident: matter(),
        action: Action::Verify,
        reason: Some("why".to_owned()),
        seen: Some(seen()),
        replaces: None,
    },
    SetMode { key: key(1), mode: Mode::Normal, is_drill: true },
    RetryParked { key: key(1) },
    SendAnyway { parked: key(1), key: key(2), seen_steps: 3, reason: "why".to_owned() },
    DropProposal { key: key(1) },
    SetLink { enabled: false },
    ShowOnWall { place: Some(commands::WallPlace {
        bounds: bounds(),
        selection: PushedSelection::Incident(matter()),
        hidden: BTreeSet::new(),
        heat: Some(HeatWindow::Between(NOW, NOW)),
        drawing: Some(drawing()),
    }) },
    TakeReport { key: key(1), at: NOW, matter: builders::new_matter() },
    LogDuty { key: key(1), text: "交接".to_owned() },
    HandOver {
        key: key(1),
        incoming_key: key(2),
        incoming: officer(OfficerRole::ShiftLeader).id,
        pin: builders::PIN.to_owned(),
        taken_over: Vec::new(),
        remarks: "remarks".to_owned(),
    },
}

fn matter() -> IncidentId {
    incident(1, IncidentState::Filed).id
}

fn duty() -> domain::trail::Officer {
    officer(OfficerRole::DutyOfficer)
}

fn log() -> http::LogId {
    http::LogId("log".to_owned())
}

fn link() -> TrailEntry {
    entry(matter(), 2, Action::Verify, IncidentState::PendingFile)
}

fn seen() -> commands::SeenIncident {
    commands::SeenIncident::of(&incident(1, IncidentState::Filed))
}

fn drawing() -> PushedDrawing {
    PushedDrawing {
        shape: DrawnShape::Outline,
        points: vec![CENTRE],
    }
}

fn bounds() -> Bounds {
    builders::reference().bounds.expect("the street has bounds")
}

fn new_position() -> http::NewPosition {
    http::NewPosition {
        person: PersonId(1),
        location: CENTRE,
        crs: Crs::default(),
        at: NOW,
        accuracy_m: 8.0,
        speed_mps: 1.0,
        heading_deg: 90.0,
    }
}

fn situation() -> Situation {
    let mut situation = Situation::default();
    situation.apply(Record::Incident(Box::new(incident(
        1,
        IncidentState::Filed,
    ))));
    situation.apply(Record::Order(Box::new(order(1, matter(), 1))));
    situation.apply(Record::Person(Box::new(person(1))));
    situation.positions.insert(PersonId(1), fix(1, CENTRE, NOW));
    situation
}

fn frames() -> Vec<Frame> {
    let line = Line {
        state: LineState::Online,
        since: NOW,
        last_contact: Some(NOW),
        clock_offset_ms: -5,
        behind: 3,
        detail: String::new(),
        backend: "embedded".to_owned(),
    };
    let item = OutboxItem {
        proposal: proposal(
            1,
            Intent::SetMode {
                mode: Mode::Normal,
                is_drill: false,
            },
        ),
        state: OrderState::Queued,
        attempts: 1,
        last_error: Some("why".to_owned()),
        next_attempt_at: Some(NOW),
        conflict: None,
        is_held: true,
        can_drop: true,
    };
    let notice = Notice {
        number: 1,
        at: NOW,
        kind: NoticeKind::MapAhead,
        detail: "7/9".to_owned(),
    };
    let view = PushedView {
        number: 1,
        by: duty().name,
        at: NOW,
        until: NOW,
        bounds: bounds(),
        selection: PushedSelection::Person(PersonId(1)),
        hidden: BTreeSet::new(),
        heat: Some(HeatWindow::SevenDays),
        drawing: Some(drawing()),
    };
    let picture = Picture {
        reference_version: 1,
        situation: situation(),
        line: line.clone(),
        outbox: vec![item.clone()],
        officer: Some(duty()),
        notices: vec![notice.clone()],
        pushed_view: Some(view.clone()),
        now: NOW,
        is_offline_sign_in: false,
    };
    let changes = changes(line, item, notice, view);
    vec![
        Frame::Snapshot(Box::new(picture)),
        Frame::Delta {
            number: 1,
            now: NOW,
            changes,
        },
    ]
}

fn changes(line: Line, item: OutboxItem, notice: Notice, view: PushedView) -> Vec<PictureChange> {
    vec![
        PictureChange::Record(Record::Person(Box::new(person(2)))),
        PictureChange::Positions(vec![fix(1, CENTRE, NOW)]),
        PictureChange::PositionsGone(vec![PersonId(1)]),
        PictureChange::Line(line),
        PictureChange::OutboxItems(vec![item]),
        PictureChange::OutboxLeft(vec![key(1)]),
        PictureChange::Officer(None),
        PictureChange::Notice(notice),
        PictureChange::Reference { version: 2 },
        PictureChange::TrailGrew(matter()),
        PictureChange::PushedView(Some(view)),
        PictureChange::IncidentGone(matter()),
        PictureChange::OfflineSignIn(true),
    ]
}

/// Reads bytes as everything that crosses a wire.
pub fn read(bytes: &[u8]) {
    if let Ok(frame) = Frame::decode(bytes) {
        // What could be read can be written and read again.
        let again = frame.encode().expect("a frame");
        Frame::decode(&again).expect("the same frame");
    }
    if let Ok(message) = map_protocol::ToMap::decode(bytes) {
        map_protocol::ToMap::decode(&message.encode()).expect("the same message");
    }
    if let Ok(message) = map_protocol::FromMap::decode(bytes) {
        map_protocol::FromMap::decode(&message.encode()).expect("the same message");
    }
    read_json(bytes);
    read_commands(bytes);
}

/// One encoded value of each kind; each can be read.
pub fn examples() -> Vec<(String, Vec<u8>)> {
    let mut all = json_examples();
    all.extend(command_examples());
    for (number, frame) in frames().iter().enumerate() {
        let bytes = frame.encode().expect("a frame");
        assert!(Frame::decode(&bytes).is_ok(), "frame {number}");
        all.push((format!("frame-{number}"), bytes));
    }
    for (number, message) in map_messages::to_map().iter().enumerate() {
        let bytes = message.encode();
        assert!(
            map_protocol::ToMap::decode(&bytes).is_ok(),
            "to the map {number}"
        );
        all.push((format!("to-map-{number}"), bytes));
    }
    for (number, message) in map_messages::from_map().iter().enumerate() {
        let bytes = message.encode();
        assert!(
            map_protocol::FromMap::decode(&bytes).is_ok(),
            "from the map {number}"
        );
        all.push((format!("from-map-{number}"), bytes));
    }
    all
}
