//! Reads what 12345 demands of those who answer the telephone.

use domain::rules::{HotlineRules, Rules};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;

/// No hotline lets a caller wait longer on purpose.
const LONGEST_ANSWER_S: u32 = 3_600;

/// What 12345 demands of the telephone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HotlineText {
    answer_within_s: Spanned<u32>,
    connection_rate: Spanned<f64>,
}

impl Section for HotlineText {
    const NAME: &'static str = "hotline";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        let answer_within_s = *text.answer_within_s.get_ref();
        let is_time = (1..=LONGEST_ANSWER_S).contains(&answer_within_s);
        let field = "hotline.answer_within_s";
        faults.require(is_time, at, &text.answer_within_s, field, || {
            format!("{answer_within_s} is not between 1 and {LONGEST_ANSWER_S} seconds")
        });
        let connection_rate = *text.connection_rate.get_ref();
        let is_share = (0.0..=1.0).contains(&connection_rate);
        let field = "hotline.connection_rate";
        faults.require(is_share, at, &text.connection_rate, field, || {
            format!("{connection_rate} is not between 0.0 and 1.0")
        });
        rules.hotline = HotlineRules {
            answer_within_s,
            connection_rate,
        };
    }
}
