//! Loads a street's rules files (`assets/rules/*.toml`) into [`domain::rules::Rules`].
//!
//! A set of rules is a folder of TOML files. Scalars and tables such as `version` or `calendar`
//! stand in exactly one of them; `[[major]]` tables may be spread over all. Everything is checked:
//! an unknown field, a missing one, a limit that cannot be read, a code given twice are faults, and
//! each fault names file, line and field. All faults are reported at once, so that a site mends its
//! file in one go.

mod calendar;
mod categories;
mod fault;
mod limits;
mod schema;

use std::path::Path;

use domain::rules::{RankingWeights, Rules, StageLimits};
use limits::read_limit;
use toml::Spanned;

pub use fault::{Fault, RulesError};
use fault::{Faults, Source};
use schema::{RankingText, RulesFile, StageLimitsText};

/// Repeats beyond this are a slip of the pen and not a rule.
const MOST_REPEATS: u32 = 1_000;
/// No weight of the ranking is worth more minutes of road time than a day has.
const MOST_WEIGHT_MIN: f64 = 24.0 * 60.0;

/// The rules that ship with the program, for a street in Chengdu.
pub fn shipped() -> Result<Rules, RulesError> {
    let sources = [
        (
            "calendar.toml",
            include_str!("../../../assets/rules/calendar.toml"),
        ),
        (
            "components.toml",
            include_str!("../../../assets/rules/components.toml"),
        ),
        (
            "events.toml",
            include_str!("../../../assets/rules/events.toml"),
        ),
        (
            "local.toml",
            include_str!("../../../assets/rules/local.toml"),
        ),
        (
            "street.toml",
            include_str!("../../../assets/rules/street.toml"),
        ),
    ];
    let sources: Vec<Source> = sources
        .into_iter()
        .map(|(name, text)| Source::new(format!("assets/rules/{name}"), text.to_owned()))
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
    let parsed_all = faults.is_empty();
    let rules = assemble(&files, &mut faults, parsed_all);
    match rules {
        Some(rules) if faults.is_empty() => Ok(rules),
        _ => Err(faults.into_error()),
    }
}

/// Puts the files together; `None` when something is missing. While a file could not be parsed,
/// nothing is called missing, because it may stand there.
fn assemble(
    files: &[(&Source, RulesFile)],
    faults: &mut Faults,
    parsed_all: bool,
) -> Option<Rules> {
    let mut only = Only {
        files,
        faults,
        parsed_all,
    };
    let version = only.pick("version", |f| f.version.as_ref());
    let yellow_share = only.pick("yellow_share", |f| f.yellow_share.as_ref());
    let repeats = only.pick("repeat_raises_level_from", |f| {
        f.repeat_raises_level_from.as_ref()
    });
    let stages = only.pick("stage_limits", |f| f.stage_limits.as_ref());
    let ranking = only.pick("ranking", |f| f.ranking.as_ref());
    let calendar = only.pick("calendar", |f| f.calendar.as_ref());

    let calendar = calendar.and_then(|(at, text)| calendar::read(at, text.get_ref(), faults));
    let stage_limits = stages.and_then(|(at, text)| read_stages(at, text.get_ref(), faults));
    let ranking = ranking.and_then(|(at, text)| read_ranking(at, text.get_ref(), faults));
    let version = version.and_then(|(at, text)| {
        let is_usable = !text.get_ref().trim().is_empty() && text.get_ref().len() <= 64;
        faults.require(is_usable, at, text, "version", || {
            "must be a text of 1 to 64 letters, such as \"chengdu-street-2026.1\"".to_owned()
        });
        is_usable.then(|| text.get_ref().clone())
    });
    let yellow_share = yellow_share.and_then(|(at, share)| {
        let is_share = (0.0..=1.0).contains(share.get_ref());
        faults.require(is_share, at, share, "yellow_share", || {
            format!("{} is not between 0.0 and 1.0", share.get_ref())
        });
        is_share.then_some(*share.get_ref())
    });
    let repeats = repeats.and_then(|(at, count)| {
        let is_count = (1..=MOST_REPEATS).contains(count.get_ref());
        faults.require(is_count, at, count, "repeat_raises_level_from", || {
            format!("{} is not between 1 and {MOST_REPEATS}", count.get_ref())
        });
        is_count.then_some(*count.get_ref())
    });
    let categories = categories::read(files, faults);
    if categories.is_empty() && faults.is_empty() {
        faults.add_missing("major", files);
    }
    Some(Rules {
        version: version?,
        calendar: calendar?,
        stage_limits: stage_limits?,
        yellow_share: yellow_share?,
        ranking: ranking?,
        repeat_raises_level_from: repeats?,
        categories,
    })
}

/// Finds values that stand in exactly one file.
struct Only<'a, 'f> {
    files: &'a [(&'a Source, RulesFile)],
    faults: &'f mut Faults,
    parsed_all: bool,
}

impl<'a> Only<'a, '_> {
    fn pick<T>(
        &mut self,
        field: &str,
        get: impl Fn(&'a RulesFile) -> Option<&'a Spanned<T>>,
    ) -> Option<(&'a Source, &'a Spanned<T>)> {
        let mut found: Option<(&'a Source, &'a Spanned<T>)> = None;
        for (source, file) in self.files {
            let Some(value) = get(file) else { continue };
            if let Some((first, _)) = found {
                let message = format!("stands in {} already", first.name());
                self.faults.add(source, value.span(), field, message);
            } else {
                found = Some((source, value));
            }
        }
        if found.is_none() && self.parsed_all {
            self.faults.add_missing(field, self.files);
        }
        found
    }
}

fn read_stages(at: &Source, text: &StageLimitsText, faults: &mut Faults) -> Option<StageLimits> {
    let mut limit = |name: &str, text: &Spanned<String>| {
        read_limit(at, text, &format!("stage_limits.{name}"), faults)
    };
    let (verify, file) = (limit("verify", &text.verify), limit("file", &text.file));
    let (dispatch, check) = (
        limit("dispatch", &text.dispatch),
        limit("check", &text.check),
    );
    Some(StageLimits {
        verify: verify?,
        file: file?,
        dispatch: dispatch?,
        check: check?,
    })
}

fn read_ranking(at: &Source, text: &RankingText, faults: &mut Faults) -> Option<RankingWeights> {
    let mut weight = |name: &str, value: &Spanned<f64>| {
        let minutes = *value.get_ref();
        let is_weight = (0.0..=MOST_WEIGHT_MIN).contains(&minutes);
        faults.require(is_weight, at, value, &format!("ranking.{name}"), || {
            format!("{minutes} is not between 0 and {MOST_WEIGHT_MIN} minutes")
        });
        is_weight.then_some(minutes)
    };
    let lead_post_min = weight("lead_post_min", &text.lead_post_min);
    let skill_min = weight("skill_min", &text.skill_min);
    let open_order_min = weight("open_order_min", &text.open_order_min);
    let home_grid_min = weight("home_grid_min", &text.home_grid_min);
    let stale_position_min = weight("stale_position_min", &text.stale_position_min);
    Some(RankingWeights {
        lead_post_min: lead_post_min?,
        skill_min: skill_min?,
        open_order_min: open_order_min?,
        home_grid_min: home_grid_min?,
        stale_position_min: stale_position_min?,
    })
}
