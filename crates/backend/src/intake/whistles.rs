//! Steps of whistles (吹哨报到): numbered, pushed and held to their order before they are decided on.

use domain::rules::Rules;
use domain::trail::Action;
use domain::whistle::{
    MatterWhistles, WhistlePush, WhistleRefused, WhistleWanted, check_points, check_whistle,
};
use domain::{DepartmentId, IncidentId, Level, Timestamp};
use protocol::ErrorCode;

use super::texts::{LONGEST_TEXT, limit};
use super::work::Work;
use crate::refusal::Refusal;
use crate::tables::trail;

/// The action as it is accepted. A whistle gets its number, the moment of its push and the limits
/// in force, whatever the hall believed them to be; every other action is left as it is.
pub fn accepted(
    work: &mut Work<'_>,
    incident: IncidentId,
    action: Action,
    reason: Option<&str>,
    at: Timestamp,
) -> Result<Action, Refusal> {
    let text = match &action {
        Action::Whistle { deliberation, .. } => deliberation,
        Action::WhistleHandled { result, .. } => result,
        Action::SignIn { .. } | Action::RateDepartment { .. } | Action::AdjustPoints { .. } => "",
        _ => return Ok(action),
    };
    limit(text, LONGEST_TEXT, "文字", "the text")?;
    // A number that nobody has is told before anything about its whistles.
    work.incident(incident)?;
    let matter = MatterWhistles::of_trail(&trail::entries_of(work.db(), incident)?);
    let rules = work.rules();
    let accepted = match action {
        Action::Whistle {
            departments,
            deliberation,
            ..
        } => {
            let wanted = WhistleWanted {
                departments: &departments,
                deliberation: &deliberation,
                override_reason: reason,
            };
            let present = work.incident(incident)?.clone();
            check_whistle(&present, &matter, &wanted, &rules.whistle)
                .and_then(|()| matter.next_number())
                .map(|whistle| Action::Whistle {
                    whistle,
                    departments,
                    deliberation,
                    push: Some(WhistlePush {
                        at: work.received_at(at),
                        response: rules.whistle.response,
                        handling: rules.whistle.handling,
                    }),
                })
        }
        Action::AdjustPoints { points, .. } => {
            check_points(points, &rules.whistle).map(|()| action)
        }
        other => Ok(other),
    };
    accepted
        .and_then(|action| matter.check_order(&action).map(|()| action))
        .map_err(|why| refusal(&why, incident, rules))
}

fn refusal(why: &WhistleRefused, incident: IncidentId, rules: &Rules) -> Refusal {
    let code = match why {
        WhistleRefused::DeliberationMissing
        | WhistleRefused::NoDepartment
        | WhistleRefused::NamedTwice { .. }
        | WhistleRefused::UnknownDepartment { .. }
        | WhistleRefused::OverrideNeeded { .. }
        | WhistleRefused::RatingOutOfRange { .. }
        | WhistleRefused::PointsOutOfRange { .. } => ErrorCode::BadRequest,
        WhistleRefused::NoSuchWhistle { .. } | WhistleRefused::NotCalled { .. } => {
            ErrorCode::NotFound
        }
        _ => ErrorCode::NotAllowedNow,
    };
    Refusal::new(
        code,
        format!("案件 {incident}：{}", words(why, rules)),
        format!("incident {incident}: {why}"),
    )
}

fn words(why: &WhistleRefused, rules: &Rules) -> String {
    use WhistleRefused as W;
    let name = |id: &DepartmentId| {
        let known = rules.department(id);
        known.map_or_else(|| id.to_string(), |department| department.name.clone())
    };
    match why {
        W::LevelNotAllowed { level, category } => {
            format!("{}级、类别 {category} 按规则不可吹哨", level_word(*level))
        }
        W::OverrideNeeded { level } => {
            format!("{}级案件吹哨须说明理由", level_word(*level))
        }
        W::StreetHasNotHandled => "街道尚未先行处置（被吹哨部门以外），请先派人处置".to_owned(),
        W::DeliberationMissing => "缺少会商意见".to_owned(),
        W::NoDepartment => "未选择部门".to_owned(),
        W::NamedTwice { department } => format!("{}重复选择", name(department)),
        W::UnknownDepartment { department } => {
            format!("{}不在可吹哨部门之列", name(department))
        }
        W::StillOpen {
            department,
            whistle,
        } => format!("{}尚未办结第 {whistle} 号哨", name(department)),
        W::WrongNumber { whistle, expected } => {
            format!("哨号 {whistle} 不连续，应为 {expected}")
        }
        W::NoNumberLeft => "此案件的哨号已用完".to_owned(),
        W::NotPushed => "此哨尚未推送".to_owned(),
        W::NoSuchWhistle { whistle } => format!("没有第 {whistle} 号哨"),
        W::NotCalled {
            whistle,
            department,
        } => format!("第 {whistle} 号哨未叫到{}", name(department)),
        W::SignedInAlready { department } => format!("{}已报到", name(department)),
        W::NotSignedIn { department } => format!("{}尚未报到", name(department)),
        W::HandledAlready { department } => format!("{}已办结", name(department)),
        W::NotHandled { department } => format!("{}尚未办结", name(department)),
        W::RatingOutOfRange { rating } => format!("评分为 0 至 100，不能是 {rating}"),
        W::PointsOutOfRange { points, most } => {
            format!("每次加减分不超过 {most} 分且不能为 0，收到 {points}")
        }
        W::MatterEnded => "案件已结束".to_owned(),
        W::NotTheNextStep { step, last } => format!("第 {step} 步不接在第 {last} 步之后"),
    }
}

const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Micro => "微",
        Level::Small => "小",
        Level::Medium => "中",
        Level::Large => "大",
    }
}
