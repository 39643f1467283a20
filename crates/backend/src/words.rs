//! Chinese words for what the domain names in code, for the sentences that officers read.

use domain::addressees::NotAddressed;
use domain::admission::NotAdmitted;
use domain::incidents::{ActionRefused, IncidentState};
use domain::orders::OrderState;
use domain::trail::OfficerRole;

/// The state of an incident.
pub const fn incident_state(state: IncidentState) -> &'static str {
    match state {
        IncidentState::Reported => "已上报",
        IncidentState::PendingFile => "待立案",
        IncidentState::Filed => "已立案",
        IncidentState::NotAccepted => "不予受理",
        IncidentState::Dispatched => "已派遣",
        IncidentState::Handling => "处置中",
        IncidentState::Handled => "待核查",
        IncidentState::Returned => "已回退",
        IncidentState::Suspended => "已挂账",
        IncidentState::Closed => "已结案",
        IncidentState::Cancelled => "已作废",
    }
}

/// The state of an order.
pub const fn order_state(state: OrderState) -> &'static str {
    match state {
        OrderState::Queued => "待发送",
        OrderState::Parked => "已搁置",
        OrderState::Sent => "已发送",
        OrderState::Delivered => "已送达",
        OrderState::Read => "已读",
        OrderState::Accepted => "已接单",
        OrderState::Arrived => "已到场",
        OrderState::Done => "已完成",
        OrderState::Refused => "已拒绝",
        OrderState::Withdrawn => "已撤回",
    }
}

/// Why the responsibility list does not admit somebody, as what follows the name, in Chinese and
/// English.
pub const fn not_admitted(why: NotAdmitted) -> (&'static str, &'static str) {
    match why {
        NotAdmitted::NoList => (
            "无法派遣：现行规则中没有该类别的责任清单",
            "cannot be charged: the rules in force have no responsibility list",
        ),
        NotAdmitted::NotOnList => (
            "的岗位不在责任清单上",
            "has a post that is not on the responsibility list",
        ),
        NotAdmitted::AssistsOnly => (
            "的岗位在责任清单上只可协办",
            "has a post that may only assist",
        ),
        NotAdmitted::GridNotCharged => (
            "属网格岗位，该类别未准入网格",
            "works for a grid, and grids are not charged with this category",
        ),
        NotAdmitted::OtherDepartment => {
            ("的岗位不属于承办部门", "has a post of another department")
        }
    }
}

/// Why somebody gets no order, in both languages, to follow their number.
pub const fn not_addressed(why: NotAddressed) -> (&'static str, &'static str) {
    match why {
        NotAddressed::NotInRoster => ("不在名册中", "is not in the roster"),
        NotAddressed::OnTheWayAlready => {
            ("已受派处置此案件", "is on the way to the incident already")
        }
        NotAddressed::NotAdmitted { why } => not_admitted(why),
        NotAddressed::OffDuty => ("不在岗", "is off duty"),
    }
}

/// The role of an officer.
pub const fn role(role: OfficerRole) -> &'static str {
    match role {
        OfficerRole::ShiftLeader => "值班长",
        OfficerRole::DutyOfficer => "值班员",
        OfficerRole::StreetLeader => "街道领导",
        OfficerRole::ItOfficer => "信息员",
    }
}

/// Why an action was refused.
pub fn refused(why: &ActionRefused) -> String {
    match why {
        ActionRefused::NotInThisState { state } => {
            format!("案件{}，此时不能这样做", incident_state(*state))
        }
        ActionRefused::NotForThisRole { role: held } => {
            format!("{}无权这样做", role(*held))
        }
        ActionRefused::ReasonNeeded => "须说明理由".to_owned(),
        ActionRefused::ExtendedTwice => "已延期两次，不能再延".to_owned(),
        ActionRefused::UnknownCategory {
            category,
            rules_version,
        } => format!("规则 {rules_version} 中没有类别 {category}"),
    }
}
