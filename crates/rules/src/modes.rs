//! Reads what each emergency mode changes.

use std::str::FromStr;

use domain::Mode;
use domain::modes::{CategoryScope, ModeRule, ModeScreen, PANELS, THEMES};
use domain::rules::Rules;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::ranking::RankingText;
use crate::section::Section;
use crate::stages::StageLimitsText;
use crate::texts::word;

/// One emergency mode.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeText {
    mode: Spanned<Mode>,
    categories: Vec<Spanned<String>>,
    calls_emergency_duty: bool,
    shows_outside_roster: bool,
    is_round_the_clock: bool,
    stage_limits: Option<StageLimitsText>,
    ranking: Option<RankingText>,
    theme: Spanned<String>,
    panel: Spanned<String>,
}

impl Section for Vec<Spanned<ModeText>> {
    const NAME: &'static str = "mode";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let mut modes: Vec<ModeRule> = Vec::new();
        for mode in text.get_ref() {
            let rule = read_mode(at, mode.get_ref(), rules, faults);
            let field = format!("mode {}", word(&rule.mode));
            let place = &mode.get_ref().mode;
            let is_new = modes.iter().all(|known| known.mode != rule.mode);
            faults.require(is_new, at, place, &field, || "is given twice".to_owned());
            let is_emergency = rule.mode != Mode::Normal;
            faults.require(is_emergency, at, place, &field, || {
                "normal mode is what all other files say; it changes nothing".to_owned()
            });
            modes.push(rule);
        }
        for mode in Mode::ALL {
            let is_there = mode == Mode::Normal || modes.iter().any(|rule| rule.mode == mode);
            faults.require(is_there, at, text, Self::NAME, || {
                format!("there is no rule for {}", word(&mode))
            });
        }
        modes.sort_by_key(|rule| rule.mode);
        rules.modes = modes;
    }
}

fn read_mode(at: &Source, text: &ModeText, rules: &Rules, faults: &mut Faults) -> ModeRule {
    let mode = *text.mode.get_ref();
    let field = format!("mode {}", word(&mode));
    for (name, text, what, known) in [
        ("theme", &text.theme, "token of the theme", &THEMES[..]),
        ("panel", &text.panel, "panel of the wall", &PANELS[..]),
    ] {
        let written = text.get_ref();
        let is_known = known.contains(&written.as_str());
        faults.require(is_known, at, text, &format!("{field}.{name}"), || {
            let known = known.join(", ");
            format!("\"{written}\" is no {what} for a mode; known: {known}")
        });
    }
    let stage_limits = text
        .stage_limits
        .as_ref()
        .and_then(|limits| limits.limits(at, &format!("{field}.stage_limits"), faults));
    let ranking = text
        .ranking
        .as_ref()
        .map(|weights| weights.weights(at, &format!("{field}.ranking"), faults));
    ModeRule {
        mode,
        scopes: read_scopes(at, &text.categories, rules, &field, faults),
        calls_emergency_duty: text.calls_emergency_duty,
        shows_outside_roster: text.shows_outside_roster,
        is_round_the_clock: text.is_round_the_clock,
        stage_limits,
        ranking,
        screen: ModeScreen {
            theme: text.theme.get_ref().clone(),
            panel: text.panel.get_ref().clone(),
        },
    }
}

/// Majors with all their minors, or single minors, each of which the street has.
pub fn read_scopes(
    at: &Source,
    texts: &[Spanned<String>],
    rules: &Rules,
    field: &str,
    faults: &mut Faults,
) -> Vec<CategoryScope> {
    let mut scopes = Vec::new();
    for text in texts {
        let scope = CategoryScope::from_str(text.get_ref());
        let covers_any =
            |scope: &CategoryScope| rules.categories.iter().any(|rule| scope.covers(rule.code));
        let problem = match &scope {
            Err(error) => Some(error.to_string()),
            Ok(scope) if !covers_any(scope) => Some(format!("no category is {}", text.get_ref())),
            Ok(_) => None,
        };
        let is_known = problem.is_none();
        faults.require(is_known, at, text, &format!("{field}.categories"), || {
            problem.unwrap_or_default()
        });
        scopes.extend(scope);
    }
    scopes
}
