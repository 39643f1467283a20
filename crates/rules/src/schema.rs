//! The shape of a rules file; the shape of each section stands in the section's own file.

use serde::Deserialize;
use toml::Spanned;

use crate::admission::RefusalReasonText;
use crate::assessment::AssessmentText;
use crate::calendar::CalendarText;
use crate::categories::MajorText;
use crate::channels::ChannelText;
use crate::conditions::ConditionSetText;
use crate::crosswalks::CrosswalkText;
use crate::departments::DepartmentText;
use crate::dispatch::DispatchText;
use crate::escalation::EscalationText;
use crate::hotline::HotlineText;
use crate::levels::LevelsText;
use crate::matching::{ClustersText, DuplicatesText};
use crate::modes::ModeText;
use crate::ranking::RankingText;
use crate::signals::SignalsText;
use crate::stages::StageLimitsText;
use crate::street::{VersionText, YellowShareText};
use crate::travel::TravelText;
use crate::whistle::WhistleText;

/// One file; every field is optional because a set is spread over several.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesFile {
    pub version: Option<Spanned<VersionText>>,
    pub yellow_share: Option<Spanned<YellowShareText>>,
    pub stage_limits: Option<Spanned<StageLimitsText>>,
    pub ranking: Option<Spanned<RankingText>>,
    pub dispatch: Option<Spanned<DispatchText>>,
    pub escalation: Option<Spanned<Vec<Spanned<EscalationText>>>>,
    pub calendar: Option<Spanned<CalendarText>>,
    pub travel: Option<Spanned<TravelText>>,
    pub hotline: Option<Spanned<HotlineText>>,
    pub mode: Option<Spanned<Vec<Spanned<ModeText>>>>,
    pub department: Option<Spanned<Vec<Spanned<DepartmentText>>>>,
    pub refusal_reason: Option<Spanned<Vec<Spanned<RefusalReasonText>>>>,
    pub channel: Option<Spanned<Vec<Spanned<ChannelText>>>>,
    pub levels: Option<Spanned<LevelsText>>,
    pub whistle: Option<Spanned<WhistleText>>,
    pub duplicates: Option<Spanned<DuplicatesText>>,
    pub clusters: Option<Spanned<ClustersText>>,
    pub signals: Option<Spanned<SignalsText>>,
    pub crosswalk: Option<Spanned<Vec<Spanned<CrosswalkText>>>>,
    pub assessment: Option<Spanned<AssessmentText>>,
    #[serde(default)]
    pub condition_set: Vec<ConditionSetText>,
    #[serde(default)]
    pub major: Vec<Spanned<MajorText>>,
}
