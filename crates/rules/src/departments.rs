//! Reads the departments of the street and the posts that belong to each.

use std::collections::BTreeMap;

use domain::DepartmentId;
use domain::people::Post;
use domain::rules::{Department, Rules};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;
use crate::texts::{check_id, check_name, word};

/// One department.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentText {
    id: Spanned<String>,
    name: Spanned<String>,
    posts: Vec<Spanned<Post>>,
}

impl Section for Vec<Spanned<DepartmentText>> {
    const NAME: &'static str = "department";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let mut departments: Vec<Department> = Vec::new();
        let mut owners: BTreeMap<Post, &str> = BTreeMap::new();
        for department in text.get_ref() {
            let DepartmentText { id, name, posts } = department.get_ref();
            let field = format!("department {}", id.get_ref());
            check_id(at, id, &format!("{field}.id"), faults);
            check_name(at, name, &format!("{field}.name"), faults);
            let is_new = departments.iter().all(|d| d.id.as_str() != id.get_ref());
            faults.require(is_new, at, id, &field, || "is given twice".to_owned());
            for post in posts {
                let owner = owners.insert(*post.get_ref(), id.get_ref());
                faults.require(owner.is_none(), at, post, &format!("{field}.posts"), || {
                    format!(
                        "{} belongs to {} already",
                        word(post.get_ref()),
                        owner.unwrap_or_default()
                    )
                });
            }
            departments.push(Department {
                id: DepartmentId(id.get_ref().clone()),
                name: name.get_ref().clone(),
                posts: posts.iter().map(|post| *post.get_ref()).collect(),
            });
        }
        for post in Post::ALL {
            faults.require(owners.contains_key(&post), at, text, Self::NAME, || {
                format!("no department has the post {}", word(&post))
            });
        }
        rules.departments = departments;
    }
}
