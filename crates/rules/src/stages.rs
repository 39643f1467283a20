//! Reads the limits of the stages around handling.

use domain::rules::{Rules, StageLimits};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::limits::read_limit;
use crate::section::Section;

/// Limits such as `"30 emergency_minute"`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageLimitsText {
    verify: Spanned<String>,
    file: Spanned<String>,
    dispatch: Spanned<String>,
    check: Spanned<String>,
}

impl Section for StageLimitsText {
    const NAME: &'static str = "stage_limits";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        if let Some(limits) = text.get_ref().limits(at, Self::NAME, faults) {
            rules.stage_limits = limits;
        }
    }
}

impl StageLimitsText {
    /// The limits; faults are added at fields of `table`, and `None` is returned when there are any.
    pub fn limits(&self, at: &Source, table: &str, faults: &mut Faults) -> Option<StageLimits> {
        let mut limit = |name: &str, text: &Spanned<String>| {
            read_limit(at, text, &format!("{table}.{name}"), faults)
        };
        let verify = limit("verify", &self.verify);
        let file = limit("file", &self.file);
        let dispatch = limit("dispatch", &self.dispatch);
        let check = limit("check", &self.check);
        Some(StageLimits {
            verify: verify?,
            file: file?,
            dispatch: dispatch?,
            check: check?,
        })
    }
}
