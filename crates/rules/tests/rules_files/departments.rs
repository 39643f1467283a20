//! Departments and their posts.

use domain::people::Post;
use expect_test::expect;

use crate::check;

#[test]
fn every_post_belongs_to_one_department() {
    let rules = rules::shipped().expect("shipped rules");
    for post in Post::ALL {
        let department = rules.department_of(post).expect("a department");
        assert_eq!(rules.department(&department.id), Some(department));
        let owners = rules.departments.iter().filter(|d| d.posts.contains(&post));
        assert_eq!(owners.count(), 1, "{post:?}");
    }
    check(
        "departments.toml",
        "posts = [\"police\"]",
        "posts = []",
        &expect!["departments.toml:8: department: no department has the post police"],
    );
    check(
        "departments.toml",
        "posts = [\"police\"]",
        "posts = [\"police\", \"emergency\"]",
        &expect![
            "departments.toml:31: department emergency.posts: emergency belongs to police already"
        ],
    );
    check(
        "departments.toml",
        "posts = [\"police\"]",
        "posts = [\"policeman\"]",
        &expect![
            "departments.toml:HERE: posts: unknown variant `policeman`, expected one of `street_official`, `community_worker`, `grid_head`, `grid_member`, `police`, `city_management`, `emergency`, `public_order`, `maintenance`, `micro_grid_member`, `building_head`, `volunteer`"
        ],
    );
}

#[test]
fn departments_have_ids_and_names() {
    check(
        "departments.toml",
        "id = \"police\"",
        "id = \"Police\"",
        &expect![[
            r#"departments.toml:HERE: department Police.id: "Police" is no id; write 1 to 40 lower-case letters, digits and "_", a letter first"#
        ]],
    );
    check(
        "departments.toml",
        "id = \"police\"",
        "id = \"community\"",
        &expect!["departments.toml:HERE: department community: is given twice"],
    );
    check(
        "departments.toml",
        "name = \"派出所\"",
        "name = \" \"",
        &expect![
            "departments.toml:HERE: department police.name: a name has 1 to 24 characters, this one has 0"
        ],
    );
}
