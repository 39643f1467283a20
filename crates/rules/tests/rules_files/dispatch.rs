//! Who is offered, and when an unanswered order is passed on.

use domain::incidents::Level;
use expect_test::expect;

use super::check;

#[test]
fn the_shipped_files_bound_and_escalate_by_mode() {
    let rules = rules::shipped().expect("the shipped rules load");
    let orders = |is_emergency| rules.dispatch.bounds(is_emergency).most_open_orders;
    assert_eq!((orders(false), orders(true)), (3, 5));
    let social = |is_emergency| {
        rules
            .dispatch
            .bounds(is_emergency)
            .highest_level
            .social_force
    };
    assert_eq!((social(false), social(true)), (Level::Small, Level::Medium));
    assert_eq!(rules.dispatch.needs_skill.len(), 2);
    let of = |level, is_emergency| {
        let limits = rules.escalation.limits(level, is_emergency).expect("given");
        (
            limits.delivered_min,
            limits.read_min,
            limits.accepted_min,
            limits.leader_min,
        )
    };
    assert_eq!(of(Level::Micro, false), (5, 10, 15, 15));
    assert_eq!(of(Level::Large, false), (3, 5, 8, 5));
    assert_eq!(of(Level::Medium, true), (2, 3, 5, 3));
}

#[test]
fn faults_of_eligibility_are_named() {
    check(
        "dispatch.toml",
        "most_open_orders = 3",
        "most_open_orders = 0",
        &expect!["dispatch.toml:HERE: dispatch.normal.most_open_orders: 0 is not between 1 and 50"],
    );
    check(
        "dispatch.toml",
        "\"C01.28\"",
        "\"C99.28\"",
        &expect![[
            r#"dispatch.toml:HERE: dispatch.needs_skill: "C99.28" is no category of these rules that names skills; write such as "C01.28""#
        ]],
    );
    check(
        "dispatch.toml",
        "\"C01.28\"",
        "\"power\"",
        &expect![[
            r#"dispatch.toml:HERE: dispatch.needs_skill: "power" is no category of these rules that names skills; write such as "C01.28""#
        ]],
    );
    check(
        "dispatch.toml",
        "social_force = \"small\"",
        "social_force = \"tiny\"",
        &expect![
            "dispatch.toml:HERE: highest_level: unknown variant `tiny`, expected one of `micro`, `small`, `medium`, `large`"
        ],
    );
    check(
        "dispatch.toml",
        "skill_min = 3.0",
        "skill_min = -3.0",
        &expect!["dispatch.toml:HERE: ranking.skill_min: -3 is not between 0 and 1440 minutes"],
    );
}

#[test]
fn faults_of_escalation_are_named() {
    check(
        "escalation.toml",
        "read_min = 10",
        "read_min = 4",
        &expect!["escalation.toml:HERE: escalation.read_min: 4 is not between 5 and 1440 minutes"],
    );
    check(
        "escalation.toml",
        "leader_min = 15",
        "leader_min = 0",
        &expect![
            "escalation.toml:HERE: escalation.leader_min: 0 is not between 1 and 1440 minutes"
        ],
    );
    check(
        "escalation.toml",
        "delivered_min = 5",
        "delivered_min = 2000",
        &expect![
            "escalation.toml:HERE: escalation.delivered_min: 2000 is not between 1 and 1440 minutes"
        ],
    );
    check(
        "escalation.toml",
        "levels = [\"micro\", \"small\"]",
        "levels = [\"micro\", \"large\"]",
        &expect![[r"
            escalation.toml:HERE+8: escalation.levels: large is given twice for this mode
            escalation.toml:7: escalation: nothing is said about small in normal mode"]],
    );
    check(
        "escalation.toml",
        "mode = \"normal\"",
        "mode = \"war\"",
        &expect![
            "escalation.toml:HERE: mode: unknown variant `war`, expected `normal` or `emergency`"
        ],
    );
}
