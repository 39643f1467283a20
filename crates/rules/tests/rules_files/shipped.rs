//! What the shipped files say.

use std::collections::BTreeSet;

use domain::clocks::LimitUnit::{EmergencyHour, WorkingDay, WorkingHour};
use domain::clocks::{Limit, LimitUnit};
use domain::rules::CategoryKind;

#[test]
fn the_shipped_rules_load_and_hold_what_the_sources_give() {
    let rules = rules::shipped().expect("shipped rules");
    assert_eq!(rules.version, "chengdu-street-2026.1");
    let limit = |code: &str| {
        let rule = rules
            .category(code.parse().expect("code"))
            .unwrap_or_else(|| panic!("{code} is missing"));
        (rule.name.as_str(), rule.limit.amount, rule.limit.unit)
    };
    assert_eq!(limit("C01.02"), ("污水井盖", 2, EmergencyHour));
    assert_eq!(limit("E05.01"), ("供水管破裂", 1, EmergencyHour));
    assert_eq!(limit("E05.05"), ("路面塌陷", 2, EmergencyHour));
    assert_eq!(limit("E01.10"), ("暴露垃圾", 4, WorkingHour));
    assert_eq!(limit("E01.01"), ("私搭乱建", 15, WorkingDay));
    let minutes = |amount| Limit {
        amount,
        unit: LimitUnit::EmergencyMinute,
    };
    assert_eq!(rules.stage_limits.verify, minutes(30));
    assert_eq!(rules.stage_limits.file, minutes(15));
    assert_eq!(rules.stage_limits.dispatch, minutes(15));
    assert_eq!(rules.stage_limits.check, minutes(30));
    let count = |kind, local: bool| {
        rules
            .categories
            .iter()
            .filter(|r| r.code.kind == kind && (r.code.major >= 79) == local)
            .count()
    };
    assert_eq!(count(CategoryKind::Event, false), 66);
    assert_eq!(count(CategoryKind::Component, false), 44);
    assert_eq!(count(CategoryKind::Event, true), 26);
    let days = |list: &BTreeSet<_>| list.len();
    assert_eq!(days(&rules.calendar.holidays), 3 + 9 + 3 + 5 + 3 + 3 + 7);
    assert_eq!(days(&rules.calendar.make_up_days), 1 + 2 + 1 + 2);
}

#[test]
fn the_embedded_set_is_the_folder() {
    assert_eq!(
        rules::load_dir(crate::SHIPPED).expect("folder"),
        rules::shipped().expect("shipped")
    );
}
