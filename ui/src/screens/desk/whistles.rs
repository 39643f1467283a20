//! Whistles of an incident as rows, and whether another may be blown.
//!
//! The rules are the domain's; this module asks them, so that the form is offered exactly when the
//! backend would accept a whistle.

use domain::clocks::StageClock;
use domain::incidents::{is_allowed, next_state};
use domain::rules::Rules;
use domain::trail::{Action, ActionKind, OfficerRole, Taker, TrailEntry};
use domain::whistle::{
    MatterWhistles, Permission, Progress, Standing, WhistleRefused, may_whistle,
};
use domain::{DepartmentId, Incident, Timestamp};

/// How far a called department has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// Not signed in, still in time.
    Called,
    /// Not signed in, the limit has run out.
    Unanswered,
    /// Signed in, within the limit or late.
    SignedIn {
        /// After the limit.
        is_late: bool,
    },
    /// Done, within the limit or late.
    Done {
        /// After the limit.
        is_late: bool,
    },
    /// The matter ended first.
    Released,
}

/// One department called by one whistle.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// Number of the whistle.
    pub whistle: u16,
    /// The department.
    pub department: DepartmentId,
    /// Its name, or its id where the rules in force do not know it.
    pub name: String,
    /// How far it has come.
    pub state: CallState,
    /// The clock that counts now: that of the response until the sign-in, then that of the handling.
    pub clock: StageClock,
    /// The street's rating.
    pub rating: Option<u8>,
}

/// Why no whistle is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// The trail is not there yet.
    Loading,
    /// The state of the matter has no whistle.
    State,
    /// The officer's role may not.
    Role,
    /// Everybody who could be called is at work already.
    AllCalled,
    /// The rules of whistles.
    Rule(WhistleRefused),
}

/// A department that the form lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The department.
    pub department: DepartmentId,
    /// Its name.
    pub name: String,
    /// Whether it has not finished an earlier whistle.
    pub is_called: bool,
}

/// What the card shows.
#[derive(Debug, Clone, PartialEq)]
pub struct WhistleCard {
    /// The calls, the newest whistle first.
    pub rows: Vec<CallRow>,
    /// The form, or why there is none.
    pub offer: Result<Permission, WhyNot>,
    /// The departments of the form.
    pub choices: Vec<Choice>,
    /// Whether the matter goes on and the officer may record what departments do.
    pub may_record: bool,
}

/// The card of an incident; `None` where there is nothing to say about whistles.
pub fn card(
    incident: &Incident,
    trail: Option<&[TrailEntry]>,
    role: Option<OfficerRole>,
    rules: &Rules,
    now: Timestamp,
) -> Option<WhistleCard> {
    let matter = trail.map(MatterWhistles::of_trail);
    let rows = matter
        .as_ref()
        .map_or_else(Vec::new, |matter| rows(matter, rules, now));
    if rows.is_empty() && !incident.state.is_open() {
        return None;
    }
    let choices = choices(matter.as_ref(), rules);
    Some(WhistleCard {
        rows,
        offer: offer(incident, matter.as_ref(), role, rules, &choices),
        choices,
        may_record: incident.state.is_open() && may(role),
    })
}

fn rows(matter: &MatterWhistles, rules: &Rules, now: Timestamp) -> Vec<CallRow> {
    let newest_first = matter.whistles.values().rev();
    newest_first
        .flat_map(|whistle| {
            let called = whistle.departments.iter();
            called.map(|(department, progress)| CallRow {
                whistle: whistle.number,
                department: department.clone(),
                name: name_of(department, rules),
                state: state(progress, rules, now),
                clock: clock(progress, rules),
                rating: progress.rating,
            })
        })
        .collect()
}

fn name_of(department: &DepartmentId, rules: &Rules) -> String {
    let known = rules.department(department);
    known.map_or_else(|| department.to_string(), |known| known.name.clone())
}

fn state(progress: &Progress, rules: &Rules, now: Timestamp) -> CallState {
    let is_late = |standing| standing == Standing::Late;
    let response = progress.response(now, &rules.calendar);
    if progress.handled_at.is_some() {
        let handling = progress.handling(now, &rules.calendar);
        CallState::Done {
            is_late: is_late(handling),
        }
    } else if progress.ended_at.is_some() {
        CallState::Released
    } else if progress.signed_in_at.is_some() {
        CallState::SignedIn {
            is_late: is_late(response),
        }
    } else if response == Standing::Overdue {
        CallState::Unanswered
    } else {
        CallState::Called
    }
}

fn clock(progress: &Progress, rules: &Rules) -> StageClock {
    if progress.signed_in_at.is_some() {
        progress.handling_clock(&rules.calendar)
    } else {
        progress.response_clock(&rules.calendar)
    }
}

fn choices(matter: Option<&MatterWhistles>, rules: &Rules) -> Vec<Choice> {
    let callable = rules.whistle.departments.iter();
    callable
        .map(|department| Choice {
            department: department.clone(),
            name: name_of(department, rules),
            is_called: matter.is_some_and(|m| m.open_whistle(department).is_some()),
        })
        .collect()
}

/// Without a signed-in officer the form is offered, because the sign-in that precedes it decides.
fn may(role: Option<OfficerRole>) -> bool {
    role.is_none_or(|role| is_allowed(Taker::Officer(role), ActionKind::Whistle))
}

/// A whistle without its contents, enough to look it up in the table.
fn a_whistle() -> Action {
    Action::Whistle {
        whistle: 0,
        departments: Vec::new(),
        deliberation: String::new(),
        push: None,
    }
}

fn offer(
    incident: &Incident,
    matter: Option<&MatterWhistles>,
    role: Option<OfficerRole>,
    rules: &Rules,
    choices: &[Choice],
) -> Result<Permission, WhyNot> {
    if !may(role) {
        return Err(WhyNot::Role);
    }
    if next_state(incident, &a_whistle()).is_none() {
        return Err(WhyNot::State);
    }
    let matter = matter.ok_or(WhyNot::Loading)?;
    let permission = may_whistle(incident, matter, &rules.whistle).map_err(WhyNot::Rule)?;
    if choices.iter().all(|choice| choice.is_called) {
        return Err(WhyNot::AllCalled);
    }
    Ok(permission)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use domain::clocks::{Limit, LimitUnit};
    use domain::rules::Department;
    use domain::whistle::{WhistlePush, WhistleRules};
    use domain::{IncidentState, Level};

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
        let now = sample::NOON.plus_ms(minutes * 60_000);
        card(incident, Some(trail), DUTY, &rules(), now).expect("a card")
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
            let card = card(&incident, trail, role, &rules(), sample::NOON).expect("a card");
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
            card(&incident, Some(&trail), DUTY, &rules(), sample::NOON),
            None
        );
        whistle(&mut trail, 1, &["gas"]);
        add(&mut trail, 5, Action::ForceClose);
        trail.last_mut().expect("a trail").state = IncidentState::Closed;
        let card = shown(&incident, &trail, 10);
        assert_eq!(card.rows[0].state, CallState::Released);
        assert!(!card.may_record);
    }
}
