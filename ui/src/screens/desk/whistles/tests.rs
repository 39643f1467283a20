//! When whistles are offered, how far departments are, and what can be recorded of them.

use super::super::sample;
use super::*;
use domain::clocks::{Limit, LimitUnit};
use domain::rules::Department;
use domain::whistle::{WhistlePush, WhistleRules};
use domain::{Incident, IncidentState, Level};
use protocol::feed::OutboxItem;

const DUTY: Option<OfficerRole> = Some(OfficerRole::DutyOfficer);

fn rules() -> Rules {
    let department = |id: &str, name: &str| Department {
        id: id.into(),
        name: name.to_owned(),
        posts: Vec::new(),
    };
    Rules {
        departments: vec![
            department("police", "派出所"),
            department("gas", "燃气公司"),
        ],
        whistle: WhistleRules {
            levels: vec![Level::Large],
            levels_with_override: vec![Level::Medium],
            departments: vec!["police".into(), "gas".into()],
            ..WhistleRules::default()
        },
        ..sample::rules()
    }
}

/// A large matter that the street has begun to handle.
fn tried() -> (Incident, Vec<TrailEntry>) {
    let mut incident = sample::incident(4);
    incident.level = Level::Large;
    incident.state = IncidentState::Handling;
    let mut trail = sample::trail(4);
    let order = trail.iter().find_map(|entry| match &entry.action {
        Action::Dispatch { order, .. } => Some(*order),
        _ => None,
    });
    let order = order.expect("the sample's trail has a dispatch");
    add(&mut trail, 0, Action::StartHandling { order });
    (incident, trail)
}

fn add(trail: &mut Vec<TrailEntry>, minutes: i64, action: Action) {
    let mut entry = trail.last().expect("a trail").clone();
    entry.step += 1;
    entry.action = action;
    entry.occurred_at = sample::NOON.plus_ms(minutes * 60_000);
    trail.push(entry);
}

fn whistle(trail: &mut Vec<TrailEntry>, number: u16, departments: &[&str]) {
    let action = Action::Whistle {
        whistle: number,
        departments: departments.iter().copied().map(Into::into).collect(),
        deliberation: "街道无执法权".to_owned(),
        push: Some(WhistlePush {
            at: sample::NOON,
            response: rules().whistle.response,
            handling: Limit {
                amount: 1,
                unit: LimitUnit::EmergencyDay,
            },
        }),
    };
    add(trail, 0, action);
}

fn shown(incident: &Incident, trail: &[TrailEntry], minutes: i64) -> WhistleCard {
    shown_with(incident, trail, minutes, &[])
}

/// The same while something waits.
fn shown_with(
    incident: &Incident,
    trail: &[TrailEntry],
    minutes: i64,
    outbox: &[OutboxItem],
) -> WhistleCard {
    let now = sample::NOON.plus_ms(minutes * 60_000);
    let mut reference = sample::reference();
    reference.rules = rules();
    let mut incident = incident.clone();
    incident.steps = trail.last().map_or(1, |last| last.step);
    let situation = sample::situation();
    let prospect = Prospect::of(&incident, &situation, outbox, Some(&reference));
    card(&prospect, Some(trail), DUTY, &rules(), now).expect("a card")
}

fn bare(incident: &Incident) -> Prospect<'_> {
    Prospect::of(incident, &sample::situation(), &[], None)
}

fn offered(incident: &Incident, trail: &[TrailEntry]) -> Result<Permission, WhyNot> {
    shown(incident, trail, 0).offer
}

#[test]
fn the_form_is_offered_exactly_when_the_rules_allow_it() {
    let (mut incident, trail) = tried();
    assert_eq!(offered(&incident, &trail), Ok(Permission::ByRule));
    incident.level = Level::Medium;
    assert_eq!(offered(&incident, &trail), Ok(Permission::WithReason));
    incident.level = Level::Micro;
    let refused = offered(&incident, &trail);
    assert!(
        matches!(
            refused,
            Err(WhyNot::Rule(WhistleRefused::LevelNotAllowed { .. }))
        ),
        "{refused:?}"
    );
    incident.level = Level::Large;
    let untried = offered(&incident, &trail[..trail.len() - 1]);
    let why = WhyNot::Rule(WhistleRefused::StreetHasNotHandled);
    assert_eq!(untried, Err(why));
    incident.state = IncidentState::Handled;
    assert_eq!(offered(&incident, &trail), Err(WhyNot::State));
}

#[test]
fn role_and_trail_are_asked_first() {
    let (incident, trail) = tried();
    let card = |trail, role| {
        let prospect = bare(&incident);
        let card = card(&prospect, trail, role, &rules(), sample::NOON).expect("a card");
        (card.offer, card.may_record)
    };
    let it_officer = Some(OfficerRole::ItOfficer);
    assert_eq!(card(Some(&trail), it_officer), (Err(WhyNot::Role), false));
    assert_eq!(card(None, DUTY), (Err(WhyNot::Loading), true));
    assert_eq!(card(Some(&trail), None), (Ok(Permission::ByRule), true));
}

#[test]
fn each_called_department_has_its_state_and_clock() {
    let (incident, mut trail) = tried();
    whistle(&mut trail, 1, &["gas", "police"]);
    let states = |trail: &[TrailEntry], minutes| -> Vec<CallState> {
        let card = shown(&incident, trail, minutes);
        card.rows.iter().map(|row| row.state).collect()
    };
    assert_eq!(states(&trail, 120), [CallState::Called; 2]);
    assert_eq!(states(&trail, 121), [CallState::Unanswered; 2]);
    let sign_in = |department: &str| Action::SignIn {
        whistle: 1,
        department: department.into(),
    };
    add(&mut trail, 30, sign_in("gas"));
    add(&mut trail, 150, sign_in("police"));
    let in_time = CallState::SignedIn { is_late: false };
    let late = CallState::SignedIn { is_late: true };
    assert_eq!(states(&trail, 160), [in_time, late]);
    let done = Action::WhistleHandled {
        whistle: 1,
        department: "gas".into(),
        result: "已关阀".to_owned(),
    };
    add(&mut trail, 170, done);
    let card = shown(&incident, &trail, 180);
    assert_eq!(card.rows[0].state, CallState::Done { is_late: false });
    assert_eq!(card.rows[0].name, "燃气公司");
    assert_eq!(card.rows[0].clock.limit.unit, LimitUnit::EmergencyDay);
    assert!(card.rows[0].clock.paused_at.is_some());
}

#[test]
fn what_waits_rests_and_what_follows_from_it_is_offered() {
    let (incident, mut trail) = tried();
    let blow = Action::Whistle {
        whistle: 0,
        departments: vec!["gas".into()],
        deliberation: "街道无执法权".to_owned(),
        push: None,
    };
    let blown = [sample::queued_step(1, 4, blow)];
    let card = shown_with(&incident, &trail, 1, &blown);
    assert_eq!((card.offer, card.rows), (Err(WhyNot::Waiting), Vec::new()));
    whistle(&mut trail, 1, &["gas", "police"]);
    let offered = |outbox: &[OutboxItem]| -> Vec<_> {
        let card = shown_with(&incident, &trail, 1, outbox);
        let rows = card.rows.iter();
        assert!(rows.clone().all(|row| row.state == CallState::Called));
        rows.map(|row| (row.sign_in, row.completion)).collect()
    };
    let (open, waiting) = (Some(Recording::Open), Some(Recording::Waiting));
    assert_eq!(offered(&[]), [(open, None), (open, None)]);
    let sign_in = Action::SignIn {
        whistle: 1,
        department: "gas".into(),
    };
    let done = Action::WhistleHandled {
        whistle: 1,
        department: "gas".into(),
        result: "已关阀".to_owned(),
    };
    let mut outbox = vec![sample::queued_step(2, 4, sign_in)];
    assert_eq!(offered(&outbox), [(waiting, open), (open, None)]);
    outbox.push(sample::queued_step(3, 4, done));
    assert_eq!(offered(&outbox), [(waiting, waiting), (open, None)]);
    let mut ended = sample::queued_step(5, 4, Action::ForceClose);
    if let domain::Intent::Act { reason, .. } = &mut ended.proposal.intent {
        *reason = Some("领导决定".to_owned());
    }
    ended.proposal.officer = "somebody".into();
    assert_eq!(offered(&[ended]), [(None, None), (None, None)]);
}

#[test]
fn who_is_at_work_cannot_be_chosen_and_the_newest_whistle_stands_first() {
    let (incident, mut trail) = tried();
    whistle(&mut trail, 1, &["gas"]);
    let card = shown(&incident, &trail, 1);
    let called: Vec<bool> = card.choices.iter().map(|c| c.is_called).collect();
    assert_eq!(
        (called, card.offer),
        (vec![false, true], Ok(Permission::ByRule))
    );
    whistle(&mut trail, 2, &["police"]);
    let card = shown(&incident, &trail, 1);
    let numbers: Vec<u16> = card.rows.iter().map(|row| row.whistle).collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!(card.offer, Err(WhyNot::AllCalled));
}

#[test]
fn an_ended_matter_keeps_its_whistles_and_without_any_has_no_card() {
    let (mut incident, mut trail) = tried();
    incident.state = IncidentState::Closed;
    assert_eq!(
        card(&bare(&incident), Some(&trail), DUTY, &rules(), sample::NOON),
        None
    );
    whistle(&mut trail, 1, &["gas"]);
    add(&mut trail, 5, Action::ForceClose);
    trail.last_mut().expect("a trail").state = IncidentState::Closed;
    let card = shown(&incident, &trail, 10);
    assert_eq!(card.rows[0].state, CallState::Released);
    assert!(!card.may_record);
}
