//! What has to be there before a whistle is blown.

use super::*;

fn wanted<'a>(departments: &'a [DepartmentId], reason: Option<&'a str>) -> WhistleWanted<'a> {
    WhistleWanted {
        departments,
        deliberation: "街道无执法权",
        override_reason: reason,
    }
}

fn check(
    matter: &Matter,
    level: Level,
    departments: &[&str],
    reason: Option<&str>,
) -> Result<(), WhistleRefused> {
    let departments = depts(departments);
    let wanted = wanted(&departments, reason);
    let incident = matter.incident(level);
    check_whistle(&incident, &matter.whistles, &wanted, &rules().whistle)
}

fn may(matter: &Matter, level: Level) -> Result<Permission, WhistleRefused> {
    let incident = matter.incident(level);
    may_whistle(&incident, &matter.whistles, &rules().whistle)
}

#[test]
fn the_street_handles_first() {
    let missing = Err(WhistleRefused::StreetHasNotHandled);
    let mut matter = Matter::reported(1);
    assert_eq!(check(&matter, Level::Large, &["gas"], None), missing);
    matter.take(1, dispatch(1, None)).expect("sent");
    assert_eq!(check(&matter, Level::Large, &["gas"], None), missing);
    let withdrawn = Action::Undispatch { order: order(1) };
    matter.take(2, withdrawn).expect("withdrawn");
    // Nobody was on the way any more when the matter was given back.
    matter.by = Actor::Person(PersonId(1));
    matter.take(3, Action::Return).expect("returned");
    assert_eq!(
        may(&matter, Level::Large),
        missing.clone().map(|()| Permission::ByRule)
    );
    matter.take(4, dispatch(2, None)).expect("sent");
    // Nor does a return by the desk show that anybody has tried.
    matter.by = Actor::Officer("zhou.min".into());
    matter.take(5, Action::Return).expect("returned");
    assert_eq!(check(&matter, Level::Large, &["gas"], None), missing);
    matter.by = Actor::Person(PersonId(2));
    matter.take(6, Action::Return).expect("returned");
    assert_eq!(check(&matter, Level::Large, &["gas"], None), Ok(()));
}

#[test]
fn each_kind_of_work_counts_as_handling() {
    let result = String::new;
    for work in [
        Action::StartHandling { order: order(1) },
        Action::Handled {
            order: order(1),
            result: result(),
        },
        Action::Assisted {
            order: order(1),
            result: result(),
        },
    ] {
        let mut matter = Matter::reported(1);
        matter.take(1, dispatch(1, None)).expect("sent");
        matter.take(2, work).expect("worked");
        assert_eq!(may(&matter, Level::Large), Ok(Permission::ByRule));
        // What was begun stays tried, also when the order is taken back afterwards.
        let withdrawn = Action::Undispatch { order: order(1) };
        matter.take(3, withdrawn).expect("withdrawn");
        assert_eq!(may(&matter, Level::Large), Ok(Permission::ByRule));
    }
    let mut unknown = Matter::reported(1);
    let begin = Action::StartHandling { order: order(9) };
    unknown.take(1, begin).expect("folded");
    assert_eq!(
        may(&unknown, Level::Large),
        Err(WhistleRefused::StreetHasNotHandled)
    );
}

#[test]
fn what_the_called_department_did_is_not_the_streets_own_handling() {
    let mut matter = Matter::reported(1);
    matter.take(1, dispatch(1, Some("gas"))).expect("sent");
    let begin = Action::StartHandling { order: order(1) };
    matter.take(2, begin).expect("begun");
    assert_eq!(
        check(&matter, Level::Large, &["gas"], None),
        Err(WhistleRefused::StreetHasNotHandled)
    );
    assert_eq!(check(&matter, Level::Large, &["fire"], None), Ok(()));
}

#[test]
fn levels_and_categories_are_those_of_the_rules() {
    let matter = Matter::tried(1);
    assert_eq!(may(&matter, Level::Large), Ok(Permission::ByRule));
    assert_eq!(may(&matter, Level::Medium), Ok(Permission::WithReason));
    let needed = Err(WhistleRefused::OverrideNeeded {
        level: Level::Medium,
    });
    assert_eq!(check(&matter, Level::Medium, &["gas"], None), needed);
    assert_eq!(check(&matter, Level::Medium, &["gas"], Some(" ")), needed);
    let reason = Some("分管领导同意");
    assert_eq!(check(&matter, Level::Medium, &["gas"], reason), Ok(()));
    for level in [Level::Micro, Level::Small] {
        let category = "E01.10".parse().expect("a code");
        let refused = WhistleRefused::LevelNotAllowed { level, category };
        assert_eq!(may(&matter, level), Err(refused.clone()));
        assert_eq!(check(&matter, level, &["gas"], reason), Err(refused));
        let mut listed = matter.incident(level);
        listed.category = "E01.01".parse().expect("a code");
        assert_eq!(
            may_whistle(&listed, &matter.whistles, &rules().whistle),
            Ok(Permission::ByRule)
        );
    }
}

#[test]
fn departments_and_deliberation_are_named() {
    let matter = Matter::whistled(1, &["gas"]);
    let department = dept("police");
    assert_eq!(
        check(&matter, Level::Large, &["fire", "police"], None),
        Err(WhistleRefused::UnknownDepartment { department })
    );
    assert_eq!(
        check(&matter, Level::Large, &[], None),
        Err(WhistleRefused::NoDepartment)
    );
    assert_eq!(
        check(&matter, Level::Large, &["gas"], None),
        Err(WhistleRefused::StillOpen {
            department: dept("gas"),
            whistle: 1
        })
    );
    let fire = depts(&["fire"]);
    for deliberation in ["", " \n"] {
        let wanted = WhistleWanted {
            deliberation,
            ..wanted(&fire, None)
        };
        let incident = matter.incident(Level::Large);
        assert_eq!(
            check_whistle(&incident, &matter.whistles, &wanted, &rules().whistle),
            Err(WhistleRefused::DeliberationMissing)
        );
    }
}

#[test]
fn an_ended_matter_is_not_whistled() {
    let mut matter = Matter::tried(1);
    matter.take(1, Action::Close).expect("closed");
    assert_eq!(may(&matter, Level::Large), Err(WhistleRefused::MatterEnded));
}

#[test]
fn rules_from_before_whistles_let_nobody_be_called() {
    let matter = Matter::tried(1);
    let none = WhistleRules::default();
    for level in Level::ALL {
        let incident = matter.incident(level);
        assert!(may_whistle(&incident, &matter.whistles, &none).is_err());
    }
    let json = serde_json::to_string(&none).expect("json");
    assert_eq!(serde_json::from_str::<WhistleRules>(&json).ok(), Some(none));
}

#[test]
fn points_stay_within_their_bounds() {
    let whistle = rules().whistle;
    for good in [5, 1, -1, -5] {
        assert_eq!(check_points(good, &whistle), Ok(()), "{good}");
    }
    for points in [0, 6, -6, i16::MIN, i16::MAX] {
        assert_eq!(
            check_points(points, &whistle),
            Err(WhistleRefused::PointsOutOfRange { points, most: 5 })
        );
    }
}
