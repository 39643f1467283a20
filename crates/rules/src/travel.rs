//! Reads the speeds of the three ways of moving.

use domain::roads::TravelRules;
use domain::rules::Rules;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;

/// Speeds in metres per second, and how far from a road somebody may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TravelText {
    walk_mps: Spanned<f64>,
    ebike_mps: Spanned<f64>,
    car_share: Spanned<f64>,
    car_most_mps: Spanned<f64>,
    approach_most_m: Spanned<f64>,
}

impl Section for TravelText {
    const NAME: &'static str = "travel";

    /// The bounds keep out slips of the pen; no speed may be nothing, since times divide by it.
    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        let mut number = |name: &str, value: &Spanned<f64>, least: f64, most: f64, unit: &str| {
            let number = *value.get_ref();
            let is_believable = (least..=most).contains(&number);
            faults.require(is_believable, at, value, &format!("travel.{name}"), || {
                format!("{number} is not between {least} and {most}{unit}")
            });
            number
        };
        rules.travel = TravelRules {
            walk_mps: number("walk_mps", &text.walk_mps, 0.5, 3.0, " m/s"),
            ebike_mps: number("ebike_mps", &text.ebike_mps, 0.5, 6.94, " m/s"),
            car_share: number("car_share", &text.car_share, 0.1, 1.0, ""),
            car_most_mps: number("car_most_mps", &text.car_most_mps, 5.0, 33.34, " m/s"),
            approach_most_m: number("approach_most_m", &text.approach_most_m, 50.0, 2e4, " m"),
        };
    }
}
