//! Joint handling: a lead, its assistants, and when the matter is handled.

use super::*;
use crate::incidents::ActionRefused as Refused;
use crate::incidents::duty_of_post;
use crate::people::Post;

const ASSIST: DispatchDuty = DispatchDuty::Assist;

fn lead(number: u128, department: &str) -> Action {
    dispatch_to(number, Some(department), DispatchDuty::Lead)
}

fn assist(number: u128, department: &str) -> Action {
    dispatch_to(number, Some(department), ASSIST)
}

/// 城管 leads with order 1, 水务 assists with order 2.
fn joint() -> Incident {
    let mut incident = reported();
    live(
        &mut incident,
        [
            file(),
            convene("urban_management", &["water", "power"]),
            lead(1, "urban_management"),
            assist(2, "water"),
        ],
    );
    incident
}

#[test]
fn each_department_of_a_joint_handling_has_its_duty() {
    let mut incident = reported();
    live(
        &mut incident,
        [file(), convene("urban_management", &["water"])],
    );
    let refused = take(&mut incident, lead(9, "water"), NOW);
    let department = Some("water".into());
    assert_eq!(refused, Err(Refused::NotConvened { department }));
    live(&mut incident, [lead(1, "urban_management")]);
    for department in ["urban_management", "police"] {
        let refused = take(&mut incident, assist(9, department), NOW);
        let department = Some(department.into());
        assert_eq!(refused, Err(Refused::NotConvened { department }));
    }
    live(&mut incident, [assist(2, "water")]);
    assert_eq!(incident.orders, [order(1)]);
    assert_eq!(incident.assisting, [order(2)]);
    assert_eq!(incident.department, Some("urban_management".into()));
    // Whoever is of no department of the joint handling stands on the side of the lead.
    live(&mut incident, [lead(3, "police"), dispatch(4)]);
    assert_eq!(incident.orders, [order(1), order(3), order(4)]);
}

#[test]
fn nobody_assists_without_a_joint_handling_or_before_the_lead() {
    let mut incident = reported();
    live(&mut incident, [file()]);
    let refused = take(&mut incident, assist(1, "water"), NOW);
    assert_eq!(refused, Err(Refused::LeadFirst));
    live(&mut incident, [dispatch(1)]);
    let refused = take(&mut incident, assist(2, "water"), NOW);
    let department = Some("water".into());
    assert_eq!(refused, Err(Refused::NotConvened { department }));
    let mut convened = reported();
    live(
        &mut convened,
        [file(), convene("urban_management", &["water"])],
    );
    let refused = take(&mut convened, assist(1, "water"), NOW);
    assert_eq!(refused, Err(Refused::LeadFirst));
}

#[test]
fn the_duty_of_a_department_is_read_off_the_joint_handling() {
    let incident = joint();
    for (department, duty) in [
        (Some("urban_management"), DispatchDuty::Lead),
        (Some("water"), ASSIST),
        (Some("power"), ASSIST),
        (Some("police"), DispatchDuty::Lead),
        (None, DispatchDuty::Lead),
    ] {
        let department = department.map(DepartmentId::from);
        assert_eq!(duty_at(&incident, department.as_ref()), duty);
    }
    let water = Some("water".into());
    assert_eq!(duty_at(&dispatched(), water.as_ref()), DispatchDuty::Lead);
}

#[test]
fn the_matter_is_handled_by_the_lead_once_its_assistants_are_done() {
    let mut incident = joint();
    let clock = incident.clock;
    let too_early = take(&mut incident, handled(1), NOW);
    assert_eq!(too_early, Err(Refused::AssistantsUnderWay { count: 1 }));
    live(&mut incident, [assisted(2)]);
    assert_eq!(incident.state, IncidentState::Dispatched);
    assert_eq!((incident.clock, incident.assisting.len()), (clock, 0));
    live(&mut incident, [handled(1)]);
    assert_eq!(incident.state, IncidentState::Handled);
}

#[test]
fn an_assistant_can_be_released() {
    let mut incident = joint();
    live(&mut incident, [undispatch(2)]);
    assert_eq!(incident.state, IncidentState::Dispatched);
    assert_eq!(incident.orders, [order(1)]);
    live(&mut incident, [handled(1)]);
}

#[test]
fn reports_count_only_in_their_own_duty() {
    let mut incident = joint();
    let refused = take(&mut incident, handled(2), NOW);
    assert_eq!(refused, Err(Refused::OrderNotUnderWay { order: order(2) }));
    let refused = take(&mut incident, assisted(1), NOW);
    assert_eq!(refused, Err(Refused::OrderNotUnderWay { order: order(1) }));
    let again = take(&mut incident, assist(1, "power"), NOW);
    assert_eq!(again, Err(Refused::OrderUnderWay { order: order(1) }));
    let again = take(&mut incident, assist(2, "power"), NOW);
    assert_eq!(again, Err(Refused::OrderUnderWay { order: order(2) }));
}

#[test]
fn an_assistant_on_the_spot_begins_the_handling() {
    let mut incident = joint();
    live(&mut incident, [start(2)]);
    assert_eq!(incident.state, IncidentState::Handling);
    let escalated = Action::Escalate {
        order: order(2),
        step: 1,
        to: EscalatedTo::ShiftLeader,
    };
    live(&mut incident, [escalated]);
}

#[test]
fn without_a_lead_the_assistants_are_called_back() {
    let mut incident = joint();
    live(&mut incident, [undispatch(1)]);
    assert_eq!(incident.state, IncidentState::Filed);
    assert!(incident.assisting.is_empty() && incident.orders.is_empty());
}

#[test]
fn convening_again_replaces_the_joint_handling_and_leaves_orders_alone() {
    let mut incident = joint();
    live(&mut incident, [convene("water", &["police"])]);
    let expected = Joint {
        lead: "water".into(),
        assistants: vec!["police".into()],
    };
    assert_eq!(incident.course.joint, Some(expected));
    assert_eq!((incident.orders.len(), incident.assisting.len()), (1, 1));
}

#[test]
fn further_people_do_not_change_who_answers_for_the_matter() {
    let mut incident = reported();
    live(&mut incident, [file(), lead(1, "water"), lead(2, "police")]);
    assert_eq!(incident.department, Some("water".into()));
    live(
        &mut incident,
        [undispatch(1), undispatch(2), lead(3, "police")],
    );
    assert_eq!(incident.department, Some("police".into()));
    let mut unknown = dispatched();
    live(&mut unknown, [lead(2, "police")]);
    assert_eq!(
        unknown.department,
        Some("police".into()),
        "now somebody is known"
    );
}

#[test]
fn a_post_has_the_duty_of_its_department() {
    let (rules, incident) = crate::samples::joint_handling();
    let duty = |post| duty_of_post(&incident, post, &rules);
    assert_eq!(duty(Post::Police), ASSIST);
    assert_eq!(duty(Post::CityManagement), DispatchDuty::Lead);
    // A post of no department stands on the side of the lead.
    assert_eq!(duty(Post::Maintenance), DispatchDuty::Lead);
}
