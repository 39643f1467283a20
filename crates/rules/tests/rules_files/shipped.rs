//! What the shipped files say.

use std::collections::BTreeSet;

use domain::rules::CategoryKind;

#[test]
fn the_shipped_rules_load() {
    let rules = rules::shipped().expect("shipped rules");
    assert_eq!(rules.version, "chengdu-street-2026.1");
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
