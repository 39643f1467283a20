//! Chinese words for what the domain names in code, for the sentences that officers read.

use domain::addressees::NotAddressed;
use domain::admission::NotAdmitted;
use domain::incidents::{ActionRefused, IncidentState, MAX_EXTENSIONS, RequiredField, Stage};
use domain::orders::OrderState;
use domain::places::responsibility::ResponsibilityFault;
use domain::trail::{OfficerRole, Taker};

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
        NotAddressed::LeadFirst => (
            "为协办，须先派出牵头人员",
            "would assist, and a lead has to be sent first",
        ),
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

/// Who takes an action.
const fn taker(taker: Taker) -> &'static str {
    match taker {
        Taker::Officer(held) => role(held),
        Taker::Field => "现场人员",
        Taker::Channel => "上报渠道",
        Taker::Rule => "系统规则",
        Taker::Department => "部门",
    }
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Verify => "核实",
        Stage::File => "立案",
        Stage::Dispatch => "派遣",
        Stage::Handle => "处置",
        Stage::Check => "核查",
    }
}

const fn field(field: RequiredField) -> &'static str {
    match field {
        RequiredField::Reason => "须说明理由",
        RequiredField::Text => "须填写内容",
        RequiredField::LevelReason => "须说明定级理由",
        RequiredField::Departments => "须指明部门，不得重复，牵头部门不得同时协办",
        RequiredField::Deliberation => "须填写会商意见",
        RequiredField::Rating => "评分须在 0 到 100 之间",
    }
}

/// Why an action was refused.
pub fn refused(why: &ActionRefused) -> String {
    match why {
        ActionRefused::NotInThisState { state } => {
            format!("案件{}，此时不能这样做", incident_state(*state))
        }
        ActionRefused::NotForThisTaker { taker: who } => {
            format!("{}无权这样做", taker(*who))
        }
        ActionRefused::FieldNeeded { field: missing } => field(*missing).to_owned(),
        ActionRefused::ExtensionsUsedUp => format!("已延期 {MAX_EXTENSIONS} 次，不能再延"),
        ActionRefused::UnknownCategory {
            category,
            rules_version,
        } => format!("规则 {rules_version} 中没有类别 {category}"),
        ActionRefused::UnknownCondition {
            category,
            condition,
        } => format!("类别 {category} 没有立案条件 {condition}"),
        ActionRefused::PastReturner { stage: returner } => format!(
            "案件已被回退，须逐环节办理，重新经过{}环节前不能越过回退人",
            stage(*returner)
        ),
        ActionRefused::ReplyOwed => "督办尚未回复，请先回复督办".to_owned(),
        ActionRefused::NotSupervised => "案件没有督办，无须回复".to_owned(),
        ActionRefused::AssistantsUnderWay { count } => {
            format!("还有 {count} 个协办未完成，请等待或说明理由后撤回")
        }
        ActionRefused::OrderNotUnderWay { order } => {
            format!("派单 {order} 不在本案件的在办派单中")
        }
        ActionRefused::OrderUnderWay { order } => format!("派单 {order} 已在办"),
        ActionRefused::LeadFirst => "须先派牵头部门，再派协办".to_owned(),
        ActionRefused::NotConvened { department } => match department {
            Some(department) => format!("会诊未安排部门 {department} 承担此职责"),
            None => "会诊案件只能派给参与会诊的部门".to_owned(),
        },
        ActionRefused::DuplicateOfItself => "案件不能并入自身".to_owned(),
        ActionRefused::DuplicateChain => {
            "不能并入：对方已作废、不予受理或本身是重复件，或已有案件并入本案件".to_owned()
        }
    }
}

/// What is wrong with a responsibility grid, and what to do, in Chinese; the fault itself says it in
/// English.
pub fn responsibility_fault(fault: &ResponsibilityFault) -> String {
    use ResponsibilityFault as F;
    match fault {
        F::DuplicateCode { code } => format!("责任网格编码 {code} 重复，请更换其一"),
        F::Empty { code } => format!("责任网格 {code} 不含单元网格，请至少指定一个"),
        F::CodeOfAnotherGrid { code, .. } => {
            format!("责任网格编码 {code} 已用于其他层级的网格，请更换")
        }
        F::UnknownUnitGrid { code, unit_grid } => {
            format!("责任网格 {code} 所含 {unit_grid} 不是本街道的单元网格")
        }
        F::TwoOwners {
            unit_grid,
            kind,
            first,
            second,
        } => format!("单元网格 {unit_grid} 同属“{kind}”责任网格 {first} 与 {second}，请从其一移出"),
        F::NoOwner { unit_grid } => {
            format!("单元网格 {unit_grid} 不属于任何责任网格，请划入一个")
        }
    }
}
