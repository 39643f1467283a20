//! Reads the weights of the ranking of responders.

use domain::rules::{RankingWeights, Rules};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;

/// No weight of the ranking is worth more minutes of road time than a day has.
const MOST_WEIGHT_MIN: f64 = 24.0 * 60.0;

/// Minutes of road time.
#[derive(Debug, Deserialize)]
#[allow(
    clippy::struct_field_names,
    reason = "the unit belongs into the name of each field of the file"
)]
#[serde(deny_unknown_fields)]
pub struct RankingText {
    lead_post_min: Spanned<f64>,
    skill_min: Spanned<f64>,
    open_order_min: Spanned<f64>,
    home_grid_min: Spanned<f64>,
    stale_position_min: Spanned<f64>,
}

impl Section for RankingText {
    const NAME: &'static str = "ranking";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        rules.ranking = text.get_ref().weights(at, Self::NAME, faults);
    }
}

impl RankingText {
    /// The weights; faults are added at fields of `table`.
    pub fn weights(&self, at: &Source, table: &str, faults: &mut Faults) -> RankingWeights {
        let mut weight = |name: &str, value: &Spanned<f64>| {
            let minutes = *value.get_ref();
            let is_weight = (0.0..=MOST_WEIGHT_MIN).contains(&minutes);
            faults.require(is_weight, at, value, &format!("{table}.{name}"), || {
                format!("{minutes} is not between 0 and {MOST_WEIGHT_MIN} minutes")
            });
            minutes
        };
        RankingWeights {
            lead_post_min: weight("lead_post_min", &self.lead_post_min),
            skill_min: weight("skill_min", &self.skill_min),
            open_order_min: weight("open_order_min", &self.open_order_min),
            home_grid_min: weight("home_grid_min", &self.home_grid_min),
            stale_position_min: weight("stale_position_min", &self.stale_position_min),
        }
    }
}
