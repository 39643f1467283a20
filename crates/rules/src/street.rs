//! Reads the values that stand alone: the version and what holds for every category.

use domain::rules::Rules;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;

/// Longest version, so that it fits every record that it is written on.
const LONGEST_VERSION_BYTES: usize = 64;

/// The version of the set.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct VersionText(String);

impl Section for VersionText {
    const NAME: &'static str = "version";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let Self(version) = text.get_ref();
        let is_usable = !version.trim().is_empty() && version.len() <= LONGEST_VERSION_BYTES;
        faults.require(is_usable, at, text, Self::NAME, || {
            format!(
                "must be a text of 1 to {LONGEST_VERSION_BYTES} letters, such as \
                 \"chengdu-street-2026.1\""
            )
        });
        rules.version.clone_from(version);
    }
}

/// Share of a limit below which the lamp turns yellow.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct YellowShareText(f64);

impl Section for YellowShareText {
    const NAME: &'static str = "yellow_share";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let Self(share) = *text.get_ref();
        faults.require((0.0..=1.0).contains(&share), at, text, Self::NAME, || {
            format!("{share} is not between 0.0 and 1.0")
        });
        rules.yellow_share = share;
    }
}
