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
        let text = text.get_ref();
        let mut limit = |name: &str, text: &Spanned<String>| {
            read_limit(at, text, &format!("{}.{name}", Self::NAME), faults)
        };
        let verify = limit("verify", &text.verify);
        let file = limit("file", &text.file);
        let dispatch = limit("dispatch", &text.dispatch);
        let check = limit("check", &text.check);
        if let (Some(verify), Some(file), Some(dispatch), Some(check)) =
            (verify, file, dispatch, check)
        {
            rules.stage_limits = StageLimits {
                verify,
                file,
                dispatch,
                check,
            };
        }
    }
}
