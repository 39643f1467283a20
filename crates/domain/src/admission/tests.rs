//! Who is admitted, who is blocked, and what an override does.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::clocks::{Limit, LimitUnit};
use crate::rules::Department;

const CODE: &str = "E83.01";

fn rules(posts: &[Post], assist_posts: &[Post], grid_may_be_charged: bool) -> Rules {
    let limit = Limit {
        amount: 1,
        unit: LimitUnit::EmergencyHour,
    };
    Rules {
        categories: vec![CategoryRule {
            posts: posts.to_vec(),
            assist_posts: assist_posts.to_vec(),
            grid_may_be_charged,
            refusal_reasons: vec!["unsafe_alone".into()],
            ..CategoryRule::new(CODE.parse().expect("a code"), limit)
        }],
        departments: vec![
            Department {
                id: "police".into(),
                name: String::new(),
                posts: vec![Post::Police],
            },
            Department {
                id: "community".into(),
                name: String::new(),
                posts: vec![Post::GridHead, Post::GridMember, Post::MicroGridMember],
            },
        ],
        ..Rules::default()
    }
}

fn charge(post: Post, duty: DispatchDuty) -> Charge<'static> {
    Charge {
        post,
        duty,
        department: None,
    }
}

fn named(reason: &str) -> Override {
    Override {
        by: "zhou.min".into(),
        reason: reason.to_owned(),
    }
}

fn judge(rules: &Rules, charge: &Charge<'_>) -> Admission {
    admit(rules, CODE.parse().expect("a code"), charge, None)
}

#[test]
fn the_list_says_who_leads_and_who_assists() {
    use DispatchDuty::{Assist, Lead};
    let rules = rules(&[Post::Police], &[Post::GridHead], false);
    let blocked = |why| Admission::Blocked { why };
    for (post, duty, expected) in [
        (Post::Police, Lead, Admission::Admitted { duty: Lead }),
        (Post::Police, Assist, Admission::Admitted { duty: Assist }),
        (Post::GridHead, Assist, Admission::Admitted { duty: Assist }),
        (Post::GridHead, Lead, blocked(NotAdmitted::AssistsOnly)),
        (Post::GridMember, Lead, blocked(NotAdmitted::GridNotCharged)),
        (
            Post::MicroGridMember,
            Assist,
            blocked(NotAdmitted::GridNotCharged),
        ),
        (Post::Emergency, Lead, blocked(NotAdmitted::NotOnList)),
    ] {
        assert_eq!(judge(&rules, &charge(post, duty)), expected, "{post:?}");
    }
}

#[test]
fn a_grid_post_off_the_list_is_just_not_listed_where_grids_may_be_charged() {
    let rules = rules(&[Post::GridHead], &[], true);
    assert_eq!(
        judge(&rules, &charge(Post::GridMember, DispatchDuty::Lead)),
        Admission::Blocked {
            why: NotAdmitted::NotOnList
        }
    );
}

#[test]
fn the_department_must_be_that_of_the_post() {
    let rules = rules(&[Post::Police, Post::Volunteer], &[], false);
    let (police, community) = (
        DepartmentId::from("police"),
        DepartmentId::from("community"),
    );
    let to = |post, department| Charge {
        department: Some(department),
        ..charge(post, DispatchDuty::Lead)
    };
    let other = Admission::Blocked {
        why: NotAdmitted::OtherDepartment,
    };
    let admitted = Admission::Admitted {
        duty: DispatchDuty::Lead,
    };
    assert_eq!(judge(&rules, &to(Post::Police, &police)), admitted);
    assert_eq!(judge(&rules, &to(Post::Police, &community)), other);
    // Nobody has volunteers in these rules, so no department answers for them.
    assert_eq!(judge(&rules, &to(Post::Volunteer, &community)), other);
}

#[test]
fn an_override_has_a_name_and_a_reason() {
    let rules = rules(&[Post::Police], &[], false);
    let code = CODE.parse().expect("a code");
    let emergency = charge(Post::Emergency, DispatchDuty::Lead);
    let why = NotAdmitted::NotOnList;
    assert_eq!(
        admit(&rules, code, &emergency, Some(&named("最近"))),
        Admission::Overridden {
            why,
            by: named("最近")
        }
    );
    for blank in ["", " \t"] {
        assert_eq!(
            admit(&rules, code, &emergency, Some(&named(blank))),
            Admission::Blocked { why }
        );
    }
    // Where nothing has to be overridden, the reason changes nothing.
    let police = charge(Post::Police, DispatchDuty::Lead);
    assert_eq!(
        admit(&rules, code, &police, Some(&named("x"))),
        judge(&rules, &police)
    );
}

#[test]
fn a_category_without_a_list_charges_nobody() {
    let rules = rules(&[Post::Police], &[], false);
    let unknown = "E83.99".parse().expect("a code");
    let police = charge(Post::Police, DispatchDuty::Lead);
    assert_eq!(
        admit(&rules, unknown, &police, None),
        Admission::Blocked {
            why: NotAdmitted::NoList
        }
    );
}

#[test]
fn only_listed_reasons_refuse() {
    let rules = rules(&[Post::Police], &[], false);
    let rule = &rules.categories[0];
    assert!(rule.may_be_refused_for(&"unsafe_alone".into()));
    assert!(!rule.may_be_refused_for(&"tired".into()));
}

proptest! {
    /// 权随责走, both ways: exactly the listed are admitted, and without a name nobody else is.
    #[test]
    fn nobody_off_the_list_goes_without_a_name(
        posts in subsequence(Post::ALL.to_vec(), 0..=12),
        assist in subsequence(Post::ALL.to_vec(), 0..=12),
        grid in any::<bool>(),
        post in select(Post::ALL.to_vec()),
        duty in select(vec![DispatchDuty::Lead, DispatchDuty::Assist]),
        reason in prop::option::of(select(vec!["", " ", "附近没有其他人"])),
    ) {
        let rules = rules(&posts, &assist, grid);
        let listed = posts.contains(&post)
            || (duty == DispatchDuty::Assist && assist.contains(&post));
        let by = reason.map(named);
        let verdict = admit(&rules, CODE.parse().expect("a code"), &charge(post, duty), by.as_ref());
        match verdict {
            Admission::Admitted { duty: as_duty } => {
                prop_assert!(listed);
                prop_assert_eq!(as_duty, duty);
            }
            Admission::Blocked { .. } => {
                prop_assert!(!listed && reason.is_none_or(|r| r.trim().is_empty()));
            }
            Admission::Overridden { by, .. } => {
                prop_assert!(!listed);
                prop_assert_eq!(Some(by.reason.as_str()), reason);
            }
        }
    }
}
