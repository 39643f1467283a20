//! Reads when unanswered orders are passed on.

use domain::escalation::{EscalationLimits, EscalationRules};
use domain::incidents::Level;
use domain::rules::Rules;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;
use crate::texts::word;

/// Whoever waits longer than a day for an answer has no rule at all.
const LONGEST_MIN: u16 = 24 * 60;

/// The limits for some levels in one mode.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationText {
    mode: ModeText,
    levels: Spanned<Vec<Level>>,
    delivered_min: Spanned<u16>,
    read_min: Spanned<u16>,
    accepted_min: Spanned<u16>,
    leader_min: Spanned<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModeText {
    Normal,
    Emergency,
}

impl Section for Vec<Spanned<EscalationText>> {
    const NAME: &'static str = "escalation";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let mut limits: Vec<EscalationLimits> = Vec::new();
        for entry in text.get_ref() {
            let entry = entry.get_ref();
            check_minutes(at, entry, faults);
            for level in entry.levels.get_ref() {
                let is_emergency = entry.mode == ModeText::Emergency;
                let is_new = limits
                    .iter()
                    .all(|known| (known.level, known.is_emergency) != (*level, is_emergency));
                faults.require(is_new, at, &entry.levels, "escalation.levels", || {
                    format!("{} is given twice for this mode", word(level))
                });
                limits.push(EscalationLimits {
                    level: *level,
                    is_emergency,
                    delivered_min: *entry.delivered_min.get_ref(),
                    read_min: *entry.read_min.get_ref(),
                    accepted_min: *entry.accepted_min.get_ref(),
                    leader_min: *entry.leader_min.get_ref(),
                });
            }
        }
        for (is_emergency, mode) in [(false, "normal"), (true, "emergency")] {
            for level in Level::ALL {
                let mut given = limits.iter();
                let is_given =
                    given.any(|known| (known.level, known.is_emergency) == (level, is_emergency));
                faults.require(is_given, at, text, Self::NAME, || {
                    format!("nothing is said about {} in {mode} mode", word(&level))
                });
            }
        }
        rules.escalation = EscalationRules { limits };
    }
}

/// Each time is at least a minute, and none is shorter than the one before it on the order's way.
fn check_minutes(at: &Source, entry: &EscalationText, faults: &mut Faults) {
    let mut least = 1;
    for (name, value) in [
        ("delivered_min", &entry.delivered_min),
        ("read_min", &entry.read_min),
        ("accepted_min", &entry.accepted_min),
    ] {
        if check_between(at, value, name, least, faults) {
            least = *value.get_ref();
        }
    }
    check_between(at, &entry.leader_min, "leader_min", 1, faults);
}

fn check_between(
    at: &Source,
    value: &Spanned<u16>,
    name: &str,
    least: u16,
    faults: &mut Faults,
) -> bool {
    let minutes = *value.get_ref();
    let is_sound = (least..=LONGEST_MIN).contains(&minutes);
    faults.require(is_sound, at, value, &format!("escalation.{name}"), || {
        format!("{minutes} is not between {least} and {LONGEST_MIN} minutes")
    });
    is_sound
}
