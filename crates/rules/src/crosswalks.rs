//! Reads how the classes of other systems are our categories.

use std::collections::BTreeSet;

use domain::crosswalk::{ClassMapping, Crosswalk};
use domain::rules::{CategoryCode, Rules};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;
use crate::texts::check_id;

/// Longest class of another system.
const LONGEST_CLASS_CHARS: usize = 120;

/// One other system.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrosswalkText {
    system: Spanned<String>,
    classes: Vec<Spanned<ClassText>>,
}

/// One class of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassText {
    class: Spanned<String>,
    category: Spanned<String>,
    #[serde(default)]
    is_sent: bool,
}

impl Section for Vec<Spanned<CrosswalkText>> {
    const NAME: &'static str = "crosswalk";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        for walk in text.get_ref() {
            let walk = walk.get_ref();
            let system = walk.system.get_ref();
            let field = format!("{} {system}", Self::NAME);
            check_id(at, &walk.system, &format!("{field}.system"), faults);
            let is_new = rules.crosswalk(system).is_none();
            faults.require(is_new, at, &walk.system, &field, || {
                "is given twice".to_owned()
            });
            let classes = read_classes(&walk.classes, at, &field, rules, faults);
            rules.crosswalks.push(Crosswalk {
                system: system.clone(),
                classes,
            });
        }
    }
}

fn read_classes(
    texts: &[Spanned<ClassText>],
    at: &Source,
    field: &str,
    rules: &Rules,
    faults: &mut Faults,
) -> Vec<ClassMapping> {
    let mut seen = BTreeSet::new();
    let mut classes = Vec::new();
    for text in texts {
        let text = text.get_ref();
        let class = text.class.get_ref();
        let length = class.chars().count();
        let is_class = (1..=LONGEST_CLASS_CHARS).contains(&length) && class.trim() == class;
        faults.require(is_class, at, &text.class, field, || {
            format!(
                "\"{class}\" is no class: 1 to {LONGEST_CLASS_CHARS} characters, no blank at \
                 either end"
            )
        });
        faults.require(seen.insert(class), at, &text.class, field, || {
            format!("\"{class}\" is mapped twice")
        });
        let category = text.category.get_ref();
        let code: Option<CategoryCode> = category.parse().ok();
        let code = code.filter(|code| rules.category(*code).is_some());
        faults.require(code.is_some(), at, &text.category, field, || {
            format!("there is no category \"{category}\"")
        });
        classes.extend(code.map(|category| ClassMapping {
            class: class.clone(),
            category,
            is_sent: text.is_sent,
        }));
    }
    mark_sent(&mut classes, texts, at, field, faults);
    classes
}

/// Each category goes out under one class: the only one, or the one that is marked.
fn mark_sent(
    classes: &mut [ClassMapping],
    texts: &[Spanned<ClassText>],
    at: &Source,
    field: &str,
    faults: &mut Faults,
) {
    let categories: BTreeSet<CategoryCode> = classes.iter().map(|class| class.category).collect();
    for category in categories {
        let mut own: Vec<&mut ClassMapping> = classes
            .iter_mut()
            .filter(|class| class.category == category)
            .collect();
        if let [only] = own.as_mut_slice() {
            only.is_sent = true;
            continue;
        }
        let marked = own.iter().filter(|class| class.is_sent).count();
        let text = texts
            .iter()
            .rfind(|text| text.get_ref().category.get_ref().parse() == Ok(category));
        let place = text.map(|text| &text.get_ref().category);
        if let (Some(place), true) = (place, marked != 1) {
            let problem = format!(
                "{} classes are {category}, and {marked} of them are marked is_sent instead of one",
                own.len()
            );
            faults.add(at, place.span(), field, problem);
        }
    }
}
