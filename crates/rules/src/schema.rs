//! The shape of the rules files as they are written, before anything is checked.

use domain::incidents::Level;
use domain::people::{Post, Skill};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

/// One file; every field is optional because a set is spread over several.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesFile {
    pub version: Option<Spanned<String>>,
    pub yellow_share: Option<Spanned<f64>>,
    pub repeat_raises_level_from: Option<Spanned<u32>>,
    pub stage_limits: Option<Spanned<StageLimitsText>>,
    pub ranking: Option<Spanned<RankingText>>,
    pub calendar: Option<Spanned<CalendarText>>,
    #[serde(default)]
    pub major: Vec<Spanned<MajorText>>,
}

/// Limits such as `"30 emergency_minute"`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageLimitsText {
    pub verify: Spanned<String>,
    pub file: Spanned<String>,
    pub dispatch: Spanned<String>,
    pub check: Spanned<String>,
}

/// Minutes of road time.
#[derive(Debug, Deserialize)]
#[allow(
    clippy::struct_field_names,
    reason = "the unit belongs into the name of each field of the file"
)]
#[serde(deny_unknown_fields)]
pub struct RankingText {
    pub lead_post_min: Spanned<f64>,
    pub skill_min: Spanned<f64>,
    pub open_order_min: Spanned<f64>,
    pub home_grid_min: Spanned<f64>,
    pub stale_position_min: Spanned<f64>,
}

/// Working windows and the days that differ from the week.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarText {
    pub windows: Vec<Spanned<String>>,
    #[serde(default)]
    pub holiday: Vec<Spanned<HolidayText>>,
}

/// One holiday with its make-up days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayText {
    pub name: String,
    pub from: Spanned<Datetime>,
    pub to: Spanned<Datetime>,
    #[serde(default)]
    pub make_up_days: Vec<Spanned<Datetime>>,
}

/// A major category with what its minors take from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajorText {
    pub code: Spanned<String>,
    pub name: Spanned<String>,
    pub limit: Spanned<String>,
    pub level: Level,
    pub posts: Spanned<Vec<Post>>,
    pub skills: Vec<Skill>,
    pub minors: Spanned<Vec<Spanned<MinorText>>>,
}

/// A minor category with what differs from its major.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinorText {
    pub code: Spanned<String>,
    pub name: Spanned<String>,
    pub limit: Option<Spanned<String>>,
    pub level: Option<Level>,
    pub posts: Option<Spanned<Vec<Post>>>,
    pub skills: Option<Vec<Skill>>,
}
