//! Reads who is offered for an order, beside the responsibility lists.

use domain::dispatch::{ClassLevels, DispatchRules, Eligibility};
use domain::incidents::Level;
use domain::rules::{CategoryCode, Rules};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;

/// Nobody carries out more orders at a time.
const MOST_OPEN_ORDERS: u32 = 50;

/// Eligibility in both modes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispatchText {
    needs_skill: Vec<Spanned<String>>,
    normal: EligibilityText,
    emergency: EligibilityText,
}

/// Bounds in one mode.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EligibilityText {
    most_open_orders: Spanned<u32>,
    highest_level: ClassLevelsText,
}

/// The highest level of each class.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassLevelsText {
    street_staff: Level,
    stationed_force: Level,
    social_force: Level,
}

impl Section for DispatchText {
    const NAME: &'static str = "dispatch";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        let mut needs_skill: Vec<CategoryCode> = text
            .needs_skill
            .iter()
            .filter_map(|code| read_code(at, code, rules, faults))
            .collect();
        needs_skill.sort_unstable();
        rules.dispatch = DispatchRules {
            normal: read_eligibility(at, &text.normal, "normal", faults),
            emergency: read_eligibility(at, &text.emergency, "emergency", faults),
            needs_skill,
        };
    }
}

/// A category that has skills to ask for.
fn read_code(
    at: &Source,
    text: &Spanned<String>,
    rules: &Rules,
    faults: &mut Faults,
) -> Option<CategoryCode> {
    let code: Option<CategoryCode> = text.get_ref().parse().ok();
    let has_skills = code
        .and_then(|code| rules.category(code))
        .is_some_and(|rule| !rule.skills.is_empty());
    faults.require(has_skills, at, text, "dispatch.needs_skill", || {
        format!(
            "\"{}\" is no category of these rules that names skills; write such as \"C01.28\"",
            text.get_ref()
        )
    });
    code.filter(|_| has_skills)
}

fn read_eligibility(
    at: &Source,
    text: &EligibilityText,
    mode: &str,
    faults: &mut Faults,
) -> Eligibility {
    let most_open_orders = *text.most_open_orders.get_ref();
    let field = format!("dispatch.{mode}.most_open_orders");
    let is_sound = (1..=MOST_OPEN_ORDERS).contains(&most_open_orders);
    faults.require(is_sound, at, &text.most_open_orders, &field, || {
        format!("{most_open_orders} is not between 1 and {MOST_OPEN_ORDERS}")
    });
    let levels = &text.highest_level;
    Eligibility {
        most_open_orders,
        highest_level: ClassLevels {
            street_staff: levels.street_staff,
            stationed_force: levels.stationed_force,
            social_force: levels.social_force,
        },
    }
}
