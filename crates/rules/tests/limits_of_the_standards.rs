//! Every time limit that the field's public sources give, against the shipped rules.

use domain::clocks::Limit;
use domain::clocks::LimitUnit::{
    self, EmergencyDay, EmergencyHour, EmergencyMinute, WorkingDay, WorkingHour,
};
use domain::rules::Rules;

/// The shaft covers of the components: each may be missing, broken or have a sunken frame.
const COVERS: [&str; 10] = [
    "C01.01", "C01.02", "C01.03", "C01.04", "C01.06", "C01.10", "C01.11", "C01.14", "C01.18",
    "C01.23",
];

/// Category, condition (none where the category has only one) and handling limit.
const LIMITS: [(&str, Option<&str>, u32, LimitUnit); 11] = [
    ("E05.01 供水管破裂", None, 1, EmergencyHour),
    ("E05.02 燃气", None, 1, EmergencyHour),
    ("E05.04 热力", None, 1, EmergencyHour),
    ("E05.05 路面塌陷", None, 2, EmergencyHour),
    ("E01.10 暴露垃圾", None, 4, WorkingHour),
    ("E01.01 私搭乱建", None, 15, WorkingDay),
    ("E01.01 私搭乱建", Some("illegal_building"), 15, WorkingDay),
    // 12345: feedback for danger to life or property, for utilities, ordinary and complex demands.
    ("E80.01 危及生命财产", None, 2, EmergencyHour),
    ("E80.02 水电气热供应", None, 24, EmergencyHour),
    ("E80.03 一般诉求", None, 7, EmergencyDay),
    ("E80.04 复杂诉求", None, 15, EmergencyDay),
];

fn limit_of(rules: &Rules, category: &str, condition: Option<&str>) -> Option<Limit> {
    let (code, name) = category.split_once(' ').unwrap_or((category, ""));
    let rule = rules
        .category(code.parse().expect(code))
        .unwrap_or_else(|| panic!("{code} is missing"));
    assert!(
        name.is_empty() || rule.name == name,
        "{code} is {}",
        rule.name
    );
    rule.limit_under(condition.map(Into::into).as_ref())
}

#[test]
fn handling_limits() {
    let rules = rules::shipped().expect("shipped rules");
    for (category, condition, amount, unit) in LIMITS {
        assert_eq!(
            limit_of(&rules, category, condition),
            Some(Limit { amount, unit }),
            "{category} {condition:?}"
        );
    }
}

#[test]
fn covers_have_a_limit_for_each_condition() {
    let rules = rules::shipped().expect("shipped rules");
    for cover in COVERS {
        for (condition, amount, unit) in [
            (None, 2, EmergencyHour),
            (Some("missing"), 2, EmergencyHour),
            (Some("broken"), 4, WorkingHour),
            (Some("sunken_frame"), 5, WorkingDay),
        ] {
            let limit = Some(Limit { amount, unit });
            assert_eq!(
                limit_of(&rules, cover, condition),
                limit,
                "{cover} {condition:?}"
            );
        }
        assert_eq!(limit_of(&rules, cover, Some("stolen")), None);
    }
    let with_covers = |rule: &&domain::rules::CategoryRule| rule.conditions.len() == 3;
    let count = rules.categories.iter().filter(with_covers).count();
    assert_eq!(count, COVERS.len());
}

#[test]
fn an_illegal_building_is_stopped_before_it_is_demolished() {
    let rules = rules::shipped().expect("shipped rules");
    let rule = rules
        .category("E01.01".parse().expect("code"))
        .expect("rule");
    let condition = rule.condition(None).expect("a condition");
    let interim: Vec<_> = condition.interim.iter().map(|i| i.limit).collect();
    let stop = Limit {
        amount: 2,
        unit: EmergencyDay,
    };
    assert_eq!(interim, [stop]);
}

#[test]
fn stages_around_handling_and_the_telephone() {
    let rules = rules::shipped().expect("shipped rules");
    let minutes = |amount| Limit {
        amount,
        unit: EmergencyMinute,
    };
    assert_eq!(rules.stage_limits.file, minutes(15));
    assert_eq!(rules.stage_limits.dispatch, minutes(15));
    assert_eq!(rules.stage_limits.verify, minutes(30));
    assert_eq!(rules.stage_limits.check, minutes(30));
    assert_eq!(rules.hotline.answer_within_s, 15);
    assert!((rules.hotline.connection_rate - 0.95).abs() < f64::EPSILON);
    assert_eq!(rules.hotline, domain::rules::HotlineRules::default());
}

#[test]
fn a_working_day_has_eight_hours_in_two_windows() {
    let calendar = rules::shipped().expect("shipped rules").calendar;
    assert_eq!(
        calendar,
        domain::clocks::Calendar {
            holidays: calendar.holidays.clone(),
            make_up_days: calendar.make_up_days.clone(),
            ..domain::clocks::Calendar::default()
        }
    );
    assert_eq!(calendar.working_ms_per_day(), 8 * 3_600_000);
    let year = |year| time::Date::from_calendar_date(year, time::Month::January, 1).expect("a day");
    // 365 days, 104 of them in weekends; the notice takes 19 weekdays and gives 6 weekend days.
    assert_eq!(calendar.working_days_between(year(2026), year(2027)), 248);
}
