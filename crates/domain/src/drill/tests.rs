//! Nothing that stems from a drill is let through, and everything live is.

use super::*;
use crate::clocks::{Limit, LimitUnit};
use crate::ids::{IntentKey, OfficerId, PersonId};
use crate::incidents::{IncidentState, Level};
use crate::modes::{Mode, ModeSession};
use crate::orders::{OrderStamp, OrderState};
use crate::places::{GridPath, LonLat};
use crate::time::Timestamp;
use crate::trail::{Action, Actor, SourceChannel, TrailEntry};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

fn facts(is_drill: bool) -> ReportFacts {
    ReportFacts {
        category: "E85.01".parse().expect("a code"),
        channel: SourceChannel::EmergencyOffice,
        title: "低洼积水".to_owned(),
        description: String::new(),
        address: String::new(),
        location: LonLat::new(104.1, 30.66),
        grids: GridPath::default(),
        level: Level::Medium,
        level_reason: String::new(),
        level_reason_en: String::new(),
        is_drill,
        particulars: crate::particulars::Particulars::default(),
        source_crs: crate::places::Crs::default(),
    }
}

pub fn incident(number: u32, is_drill: bool) -> Incident {
    let limit = Limit {
        amount: 30,
        unit: LimitUnit::EmergencyMinute,
    };
    Incident::opened(&TrailEntry {
        incident: IncidentId::new(NOW, number),
        step: 1,
        action: Action::Report(Box::new(facts(is_drill))),
        state: IncidentState::Reported,
        by: Actor::Channel(SourceChannel::EmergencyOffice),
        reason: None,
        occurred_at: NOW,
        recorded_at: NOW,
        clock: Some(crate::clocks::StageClock::start(
            limit,
            NOW,
            &crate::clocks::Calendar::default(),
        )),
        rules_version: "test-1".to_owned(),
        from: None,
        mandate: None,
        previous_hash: String::new(),
        hash: String::new(),
    })
    .expect("an incident")
}

fn order(incident: &Incident) -> Order {
    Order {
        id: IntentKey(Uuid::from_u128(1)),
        incident: incident.id,
        to: PersonId(1),
        by: OfficerId::from("zhou.min"),
        instruction: "排水".to_owned(),
        override_reason: None,
        stamps: vec![OrderStamp {
            state: OrderState::Queued,
            at: NOW,
            location: None,
            note: None,
            source_crs: crate::places::Crs::default(),
        }],
    }
}

#[test]
fn the_mark_is_inherited_from_the_report() {
    for is_drill in [false, true] {
        assert_eq!(facts(is_drill).is_drill(), is_drill);
        assert_eq!(DrillMarked::is_drill(&incident(1, is_drill)), is_drill);
    }
}

#[test]
fn nothing_of_a_drill_is_let_through() {
    let exercise = ModeSession {
        mode: Mode::EmergencyRed,
        is_drill: true,
    };
    let drill = incident(1, true);
    assert_eq!(LiveOnly::new(exercise), Err(NotLive::Drill));
    assert_eq!(LiveOnly::new(facts(true)), Err(NotLive::Drill));
    assert_eq!(LiveOnly::order(order(&drill), &drill), Err(NotLive::Drill));
    assert_eq!(LiveOnly::new(drill).map(|_| ()), Err(NotLive::Drill));
}

#[test]
fn whatever_is_live_is_let_through_as_it_is() {
    let live = incident(1, false);
    let let_through = LiveOnly::new(live.clone()).expect("live");
    assert_eq!(let_through.id, live.id);
    let message = let_through.map(|incident| format!("{} {}", incident.id, incident.title));
    assert_eq!(message.into_inner(), "20261120-0001 低洼积水");
    let sent = LiveOnly::order(order(&live), &live).expect("live");
    assert_eq!(sent.into_inner(), order(&live));
    assert!(LiveOnly::new(ModeSession::from(Mode::EmergencyRed)).is_ok());
}

#[test]
fn a_live_incident_vouches_for_its_own_orders_only() {
    let (drill, live) = (incident(1, true), incident(2, false));
    let refused = LiveOnly::order(order(&drill), &live).expect_err("another's order");
    assert_eq!(
        refused,
        NotLive::OtherIncident {
            order: order(&drill).id,
            incident: live.id
        }
    );
    assert!(refused.to_string().contains("20261120-0002"), "{refused}");
}
