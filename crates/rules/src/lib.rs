//! Loads a street's rules files (`assets/rules/*.toml`) into [`domain::rules::Rules`].
//!
//! A set of rules is a folder of TOML files. Sections such as `version` or `calendar` stand in
//! exactly one of them; `[[major]]` and `[[condition_set]]` tables may be
//! spread over all. Everything is checked:
//! an unknown field, a missing one, a limit that cannot be read, a code given twice are faults, and
//! each fault names file, line and field. The faults of all files are reported at once,
//! first those of the notation and then those of the values, so that a site mends them in one go.

mod admission;
mod assessment;
mod calendar;
mod categories;
mod channels;
mod charges;
mod conditions;
mod crosswalks;
mod departments;
mod dispatch;
mod escalation;
mod fault;
mod hotline;
mod levels;
mod limits;
mod matching;
mod modes;
mod ranking;
mod schema;
mod section;
mod signals;
mod stages;
mod street;
mod texts;
mod travel;
mod whistle;

use std::path::Path;

pub use domain::rules::Rules;

pub use fault::{Fault, RulesError};
use fault::{Faults, Source};
use schema::RulesFile;
use section::Only;

macro_rules! shipped_files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../assets/rules/", $name)))),*]
    };
}

/// The shipped files by name; a test holds the list against the folder.
const SHIPPED: &[(&str, &str)] = &shipped_files!(
    "admission.toml"
    "assessment.toml"
    "calendar.toml"
    "channels.toml"
    "components.toml"
    "crosswalk.toml"
    "departments.toml"
    "dispatch.toml"
    "escalation.toml"
    "events.toml"
    "levels.toml"
    "local.toml"
    "matching.toml"
    "signals.toml"
    "modes.toml"
    "street.toml"
    "travel.toml"
    "whistle.toml"
);

/// The files of the shipped rules by name, with their texts: what a street begins its own from.
pub const fn shipped_files() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}

/// The rules that ship with the program, for a street in Chengdu.
pub fn shipped() -> Result<Rules, RulesError> {
    let sources: Vec<Source> = SHIPPED
        .iter()
        .map(|(name, text)| Source::new(format!("assets/rules/{name}"), (*text).to_owned()))
        .collect();
    load(&sources)
}

/// The rules of a folder: every file in it that ends with `.toml`, in the order of their names.
pub fn load_dir(path: impl AsRef<Path>) -> Result<Rules, RulesError> {
    let folder = path.as_ref();
    let unreadable = |path: &Path, source| RulesError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))? {
        let file = entry.map_err(|e| unreadable(folder, e))?.path();
        if file
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(RulesError::NoFiles {
            path: folder.to_owned(),
        });
    }
    let mut sources = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|e| unreadable(&file, e))?;
        sources.push(Source::new(file.display().to_string(), text));
    }
    load(&sources)
}

fn load(sources: &[Source]) -> Result<Rules, RulesError> {
    let mut faults = Faults::default();
    let mut files = Vec::new();
    for source in sources {
        match toml::from_str::<RulesFile>(source.text()) {
            Ok(file) => files.push((source, file)),
            Err(error) => faults.add_toml(source, &error),
        }
    }
    // While a file cannot be parsed, whatever stands there would be called missing.
    if faults.is_empty() {
        let rules = assemble(&files, &mut faults);
        if faults.is_empty() {
            return Ok(rules);
        }
    }
    Err(faults.into_error())
}

/// Puts the files together. Refusal reasons, categories and departments come first, because other
/// sections name them. What a section cannot use stays at its default and has left a fault.
fn assemble(files: &[(&Source, RulesFile)], faults: &mut Faults) -> Rules {
    let condition_sets = conditions::read(files, faults);
    let mut rules = Rules::default();
    let r = &mut rules;
    let mut only = Only { files, faults };
    only.read(r, |f| f.refusal_reason.as_ref());
    categories::read(files, &condition_sets, r, only.faults);
    if r.categories.is_empty() && only.faults.is_empty() {
        only.faults.add_missing("major", files);
    }
    only.read(r, |f| f.department.as_ref());
    only.read(r, |f| f.version.as_ref());
    only.read(r, |f| f.yellow_share.as_ref());
    only.read(r, |f| f.stage_limits.as_ref());
    only.read(r, |f| f.ranking.as_ref());
    only.read(r, |f| f.dispatch.as_ref());
    only.read(r, |f| f.escalation.as_ref());
    only.read(r, |f| f.calendar.as_ref());
    only.read(r, |f| f.travel.as_ref());
    only.read(r, |f| f.hotline.as_ref());
    only.read(r, |f| f.mode.as_ref());
    only.read(r, |f| f.levels.as_ref());
    only.read(r, |f| f.channel.as_ref());
    only.read(r, |f| f.whistle.as_ref());
    only.read(r, |f| f.duplicates.as_ref());
    only.read(r, |f| f.clusters.as_ref());
    only.read(r, |f| f.signals.as_ref());
    only.read(r, |f| f.crosswalk.as_ref());
    only.read(r, |f| f.assessment.as_ref());
    rules
}
