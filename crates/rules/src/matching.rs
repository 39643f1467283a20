//! Reads how near reports have to be to be duplicates or repeated complaints.

use domain::clusters::ClusterRules;
use domain::nearness::Nearness;
use domain::rules::Rules;
use domain::time::MINUTE_MS;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;

/// Farther apart than this is not one place, in metres.
const FARTHEST_M: f64 = 10_000.0;
/// Longer apart than a week is not one affair, in minutes.
const LONGEST_MIN: u32 = 7 * 24 * 60;
/// No complaint is remembered for longer than a year.
const MOST_DAYS: u32 = 366;
/// So many complaints are no cluster any more, but a slip of the pen.
const MOST_COMPLAINTS: u32 = 1_000;

/// A measure of place and time, shared by the sections that need one.
pub fn read_nearness(
    within_m: &Spanned<f64>,
    within_min: &Spanned<u32>,
    at: &Source,
    section: &str,
    faults: &mut Faults,
) -> Nearness {
    check_metres(within_m, at, section, faults);
    let minutes = *within_min.get_ref();
    faults.require(
        (1..=LONGEST_MIN).contains(&minutes),
        at,
        within_min,
        &format!("{section}.within_min"),
        || format!("{minutes} is not between 1 and {LONGEST_MIN} minutes"),
    );
    Nearness {
        within_m: *within_m.get_ref(),
        within_ms: i64::from(minutes) * MINUTE_MS,
    }
}

fn check_metres(within_m: &Spanned<f64>, at: &Source, section: &str, faults: &mut Faults) {
    let metres = *within_m.get_ref();
    faults.require(
        (1.0..=FARTHEST_M).contains(&metres),
        at,
        within_m,
        &format!("{section}.within_m"),
        || format!("{metres} is not between 1 and {FARTHEST_M} metres"),
    );
}

/// Duplicates.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicatesText {
    within_m: Spanned<f64>,
    within_min: Spanned<u32>,
}

impl Section for DuplicatesText {
    const NAME: &'static str = "duplicates";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        rules.duplicates = read_nearness(&text.within_m, &text.within_min, at, Self::NAME, faults);
    }
}

/// Repeated complaints.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClustersText {
    within_days: Spanned<u32>,
    within_m: Spanned<f64>,
    complaints_from: Spanned<u32>,
}

impl Section for ClustersText {
    const NAME: &'static str = "clusters";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        check_metres(&text.within_m, at, Self::NAME, faults);
        let mut count = |name: &str, value: &Spanned<u32>, least: u32, most: u32| {
            let count = *value.get_ref();
            let field = format!("{}.{name}", Self::NAME);
            faults.require((least..=most).contains(&count), at, value, &field, || {
                format!("{count} is not between {least} and {most}")
            });
            count
        };
        rules.clusters = ClusterRules {
            within_days: count("within_days", &text.within_days, 1, MOST_DAYS),
            within_m: *text.within_m.get_ref(),
            complaints_from: count("complaints_from", &text.complaints_from, 2, MOST_COMPLAINTS),
        };
    }
}
