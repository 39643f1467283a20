//! Reads the four signals: the precedence among them and the signal of every major.

use std::collections::BTreeMap;

use domain::rules::{MajorCode, Rules};
use domain::signals::{Signal, SignalRules};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::matching::read_nearness;
use crate::section::Section;
use crate::texts::word;

/// The section as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalsText {
    within_m: Spanned<f64>,
    within_min: Spanned<u32>,
    precedence: Spanned<Vec<Signal>>,
    majors: Spanned<BTreeMap<Spanned<String>, Signal>>,
}

impl Section for SignalsText {
    const NAME: &'static str = "signals";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        let precedence = text.precedence.get_ref();
        for signal in Signal::ALL {
            let times = precedence.iter().filter(|s| **s == signal).count();
            let field = "signals.precedence";
            faults.require(times == 1, at, &text.precedence, field, || {
                format!("names {} {times} times instead of once", word(&signal))
            });
        }
        rules.signals = SignalRules {
            nearness: read_nearness(&text.within_m, &text.within_min, at, Self::NAME, faults),
            precedence: precedence.clone(),
            majors: read_majors(&text.majors, at, rules, faults),
        };
    }
}

/// The signal of each major; every major of the categories has one, and no other.
fn read_majors(
    text: &Spanned<BTreeMap<Spanned<String>, Signal>>,
    at: &Source,
    rules: &Rules,
    faults: &mut Faults,
) -> BTreeMap<MajorCode, Signal> {
    let field = "signals.majors";
    let mut known: Vec<MajorCode> = rules
        .categories
        .iter()
        .map(|c| c.code.major_code())
        .collect();
    known.dedup();
    let mut majors = BTreeMap::new();
    for (code, signal) in text.get_ref() {
        let major = code.get_ref().parse().ok().filter(|m| known.contains(m));
        faults.require(major.is_some(), at, code, field, || {
            format!("there is no major \"{}\"", code.get_ref())
        });
        majors.extend(major.map(|major| (major, *signal)));
    }
    for major in known {
        faults.require(majors.contains_key(&major), at, text, field, || {
            format!("nothing is said about {major}")
        });
    }
    majors
}
