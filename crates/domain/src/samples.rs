//! Incidents for tests.

use crate::ids::IncidentId;
use crate::incidents::{Incident, IncidentState, Level};
use crate::places::{GridPath, LonLat};
use crate::time::Timestamp;
use crate::trail::{Action, Actor, ReportFacts, SourceChannel, TrailEntry};

/// Friday, 20 November 2026, 09:00 local time.
pub const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);
/// Where everything happens unless a test says otherwise.
pub const SCENE: LonLat = LonLat::new(104.1, 30.66);

/// Exposed rubbish, reported by the hotline at [`NOW`] under this number of the day.
pub fn incident(number: u32) -> Incident {
    let facts = ReportFacts {
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::Hotline12345,
        title: String::new(),
        description: String::new(),
        address: String::new(),
        location: SCENE,
        grids: GridPath::default(),
        level: Level::Micro,
        level_reason: String::new(),
        particulars: crate::particulars::Particulars::default(),
        is_drill: false,
    };
    let entry = TrailEntry {
        incident: IncidentId::new(NOW, number),
        step: 1,
        action: Action::Report(Box::new(facts)),
        state: IncidentState::Reported,
        by: Actor::Rule,
        reason: None,
        occurred_at: NOW,
        recorded_at: NOW,
        clock: None,
        rules_version: String::new(),
        previous_hash: String::new(),
        hash: String::new(),
    };
    Incident::opened(&entry).expect("a report opens an incident")
}
