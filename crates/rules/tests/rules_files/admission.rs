//! The responsibility list and the reasons for a refusal.

use domain::admission::grid_of;
use expect_test::expect;

use crate::check;

#[test]
fn the_shipped_lists_are_sound() {
    let rules = rules::shipped().expect("shipped rules");
    assert!(!rules.refusal_reasons.is_empty());
    for rule in &rules.categories {
        let code = rule.code;
        assert!(!rule.posts.is_empty(), "{code} has nobody");
        let both = rule.posts.iter().find(|p| rule.assist_posts.contains(p));
        assert_eq!(both, None, "{code} lists a post twice");
        let has_grid_post = rule.posts.iter().any(|post| grid_of(*post).is_some());
        assert!(rule.grid_may_be_charged || !has_grid_post, "{code}");
        for reason in &rules.refusal_reasons {
            let may = rule.may_be_refused_for(&reason.id);
            assert!(may || !reason.holds_everywhere, "{code} {}", reason.id);
        }
    }
    let gas = rules
        .category("E05.02".parse().expect("code"))
        .expect("gas");
    assert!(!gas.grid_may_be_charged && gas.may_be_refused_for(&"unsafe_alone".into()));
    let rubbish = rules.category("E01.10".parse().expect("code"));
    let rubbish = rubbish.expect("rubbish");
    assert!(rubbish.grid_may_be_charged && !rubbish.may_be_refused_for(&"unsafe_alone".into()));
}

#[test]
fn grid_posts_are_listed_only_where_grids_may_be_charged() {
    check(
        "local.toml",
        "posts = [\"police\", \"public_order\"]\n",
        "posts = [\"police\", \"grid_head\"]\n",
        &expect![
            "local.toml:HERE: E83.posts: grid_head works for a grid, and grid_may_be_charged is false"
        ],
    );
    check(
        "events.toml",
        "assist_posts = [\"grid_head\"], grid_may_be_charged = true",
        "assist_posts = [\"grid_head\", \"grid_head\"]",
        &expect![[r"
            events.toml:HERE: E05.07.assist_posts: names a post twice
            events.toml:HERE: E05.07.posts: grid_member works for a grid, and grid_may_be_charged is false"]],
    );
}

#[test]
fn refusals_name_known_reasons() {
    check(
        "local.toml",
        "refusal_reasons = [\"unsafe_alone\"]",
        "refusal_reasons = [\"tired\"]",
        &expect![[r#"local.toml:HERE: E81.refusal_reasons: no refusal_reason has the id "tired""#]],
    );
    check(
        "admission.toml",
        "id = \"graver_matter\"",
        "id = \"not_my_duty\"",
        &expect!["admission.toml:HERE: refusal_reason not_my_duty: is given twice"],
    );
    check(
        "admission.toml",
        "en = \"outside of my area\"",
        "en = \"\"",
        &expect![
            "admission.toml:HERE: refusal_reason outside_my_area.words.en: a text has 1 to 120 characters, this one has 0"
        ],
    );
}
