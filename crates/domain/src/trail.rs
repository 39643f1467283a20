//! The append-only trail of an incident and its hash chain.

use serde::{Deserialize, Serialize};

use crate::clocks::{Limit, StageClock};
use crate::ids::{
    ConditionCode, DepartmentId, IncidentId, IntentKey, OfficerId, OrderId, PersonId,
};
use crate::incidents::{IncidentState, Level};
use crate::particulars::Particulars;
use crate::people::Provenance;
use crate::places::{Crs, GridPath, LonLat};
use crate::rules::CategoryCode;
use crate::time::Timestamp;
use crate::whistle::WhistlePush;

mod chain;
mod kinds;

pub use chain::{BrokenLink, Chain, ChainFault, Link, seal, verify_chain};
pub use kinds::{ActionKind, Taker};

/// Where a matter came from (来源); up to 19 channels are in service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceChannel {
    /// 网格员巡查.
    GridPatrol,
    /// 12345 热线.
    Hotline12345,
    /// 随手拍.
    CitizenSnapshot,
    /// 微信微博.
    SocialMedia,
    /// 公安转办.
    PoliceTransfer,
    /// 消防转办.
    FireTransfer,
    /// 应急办.
    EmergencyOffice,
    /// AI 摄像头.
    AiCamera,
    /// 物联感知.
    IotSensor,
    /// 城管采集员.
    CityCollector,
    /// 信访.
    LetterVisit,
    /// 媒体.
    Media,
    /// 领导交办.
    LeaderInstruction,
    /// 上级派发.
    HigherDispatch,
    /// 部门转办.
    DepartmentTransfer,
    /// 物业.
    PropertyCompany,
    /// 志愿者.
    VolunteerReport,
    /// 值班电话.
    DutyPhone,
    /// 督查.
    Inspection,
}

/// What officers may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficerRole {
    /// 值班长.
    ShiftLeader,
    /// 值班员.
    DutyOfficer,
    /// 街道领导.
    StreetLeader,
    /// 信息员 (IT person of the street).
    ItOfficer,
}

/// A named officer of the hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// Sign-in name.
    pub id: OfficerId,
    /// Full name.
    pub name: String,
    /// What the officer may do.
    pub role: OfficerRole,
    /// By which way the account came and when it or its PIN was recorded last; written by the backend
    /// that takes it, and `None` on accounts of earlier versions.
    #[serde(default)]
    pub provenance: Option<Provenance>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// An officer of the hall.
    Officer(OfficerId),
    /// A person in the street.
    Person(PersonId),
    /// A channel that delivers reports.
    Channel(SourceChannel),
    /// The backend by rule.
    Rule,
    /// A department that answers from its own office.
    Department(DepartmentId),
}

/// From where a step was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A machine, by the network address from which the backend was called.
    Terminal(String),
    /// A place in the street, as the phone gave it.
    Place(LonLat),
}

/// The facts of a new matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportFacts {
    /// Category.
    pub category: CategoryCode,
    /// Channel it came through.
    pub channel: SourceChannel,
    /// One line for lists.
    pub title: String,
    /// What was reported, in full.
    pub description: String,
    /// Address in words.
    pub address: String,
    /// Where, converted to CGCS2000.
    pub location: LonLat,
    /// The coordinate system that the place came in.
    #[serde(default)]
    pub source_crs: Crs,
    /// The grids of that point, decided on acceptance.
    pub grids: GridPath,
    /// Level, decided on acceptance.
    pub level: Level,
    /// Why this level, in Chinese.
    pub level_reason: String,
    /// The same in English; empty on records from before it was kept.
    #[serde(default)]
    pub level_reason_en: String,
    /// Harm, people affected, repeats, caller and origin.
    #[serde(default)]
    pub particulars: Particulars,
    /// Whether it belongs to a drill: shown with a mark everywhere, and never sent to a live gateway.
    #[serde(default)]
    pub is_drill: bool,
}

/// The part that an order has in a matter which several departments handle together (会诊).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DispatchDuty {
    /// 牵头: its report of completion is that of the matter.
    #[default]
    Lead,
    /// 协办: its completion is recorded and leaves the matter with the lead.
    Assist,
}

/// Whom an unanswered order was passed on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalatedTo {
    /// The next in line of the ranking.
    Person(PersonId),
    /// The shift leader (值班长) of the hall.
    ShiftLeader,
}

/// What a call-back (回访) to whoever reported the matter brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallBack {
    /// Whether the caller was reached at all; the other two count only then.
    pub is_reached: bool,
    /// Whether the caller says that the matter is solved.
    pub is_resolved: bool,
    /// Whether the caller is satisfied.
    pub is_satisfied: bool,
}

/// A step in the life of an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// 上报.
    Report(Box<ReportFacts>),
    /// 核实: it exists.
    Verify,
    /// 立案 with the handling limit.
    File {
        /// Handling limit of the filing condition.
        limit: Limit,
        /// The filing condition (立案条件); `None` is the first of the category.
        #[serde(default)]
        condition: Option<ConditionCode>,
    },
    /// 不予受理.
    NotAccept,
    /// 派遣 to one person.
    Dispatch {
        /// The order that carries it.
        order: OrderId,
        /// Who goes.
        to: PersonId,
        /// The department that answers for it: after a return, the same one resumes the clock.
        #[serde(default)]
        department: Option<DepartmentId>,
        /// Lead, or assistant in a joint handling.
        #[serde(default)]
        duty: DispatchDuty,
    },
    /// An order was refused or withdrawn; with the last one the matter waits for dispatch again.
    Undispatch {
        /// The order that ended.
        order: OrderId,
    },
    /// The responder began.
    StartHandling {
        /// By which order.
        order: OrderId,
    },
    /// 处置反馈.
    Handled {
        /// By which order.
        order: OrderId,
        /// Result in words.
        result: String,
    },
    /// 回退.
    Return,
    /// 挂账: pauses the clock.
    Suspend,
    /// End of a suspension.
    Resume,
    /// 延期: adds one original limit, at most twice.
    Extend,
    /// 返工 after a failed check.
    Rework,
    /// 核查结案.
    Close,
    /// 强制结案.
    ForceClose,
    /// 作废.
    Cancel,
    /// 督办.
    Supervise,
    /// A remark.
    Note {
        /// The remark.
        text: String,
    },
    /// The matter gets another category before it is dispatched.
    Recategorise {
        /// The right one.
        category: CategoryCode,
    },
    /// The level is decided anew, with the reason of the rules or of the officer.
    SetLevel {
        /// The new level.
        level: Level,
        /// Why, as stored on the record: in Chinese, or as the officer wrote it.
        level_reason: String,
        /// Why in English, where the rules said it; empty for an officer's words.
        #[serde(default)]
        level_reason_en: String,
    },
    /// 会诊: several departments handle the matter, one of them leads.
    Convene {
        /// 牵头.
        lead: DepartmentId,
        /// 协办.
        assistants: Vec<DepartmentId>,
    },
    /// 协办完成: an assistant has done its part.
    Assisted {
        /// By which order.
        order: OrderId,
        /// Result in words.
        result: String,
    },
    /// 督办回复: the answer that a supervised matter owes its leader.
    ReplyToSupervision {
        /// The answer.
        text: String,
    },
    /// First contact with whoever reported the matter (响应).
    ContactCaller,
    /// 回访.
    CallBack(CallBack),
    /// Flags a complaint as unreasonable or takes the flag back; it stays in every count and is
    /// shown with and without.
    FlagUnreasonable {
        /// The flag.
        is_unreasonable: bool,
    },
    /// Ends the matter as a repetition of another; an officer says so, never a rule.
    MarkDuplicate {
        /// The matter that goes on.
        of: IncidentId,
    },
    /// Whether a dispatch went to the right place, for 准确派遣率; without it a dispatch that was
    /// returned counts as wrong and every other as right.
    JudgeDispatch {
        /// The order.
        order: OrderId,
        /// The verdict.
        is_right: bool,
    },
    /// An unanswered order was passed on by the escalation rules.
    Escalate {
        /// The order.
        order: OrderId,
        /// Step of the rules, from 1.
        step: u8,
        /// To whom.
        to: EscalatedTo,
    },
    /// 吹哨: the street calls the named departments after it has tried itself.
    Whistle {
        /// Number of the whistle within the incident, from 1, given on acceptance.
        whistle: u16,
        /// Who is called.
        departments: Vec<DepartmentId>,
        /// What the street deliberated and why it needs them.
        deliberation: String,
        /// When it was pushed and under which limits, decided on acceptance; a proposal has none.
        #[serde(default)]
        push: Option<WhistlePush>,
    },
    /// 报到: a department signs in.
    SignIn {
        /// Which whistle.
        whistle: u16,
        /// Who.
        department: DepartmentId,
    },
    /// A department reports its part of a whistle done.
    WhistleHandled {
        /// Which whistle.
        whistle: u16,
        /// Who.
        department: DepartmentId,
        /// Result in words.
        result: String,
    },
    /// The street rates a department (反向评价).
    RateDepartment {
        /// Which whistle.
        whistle: u16,
        /// Who.
        department: DepartmentId,
        /// 0 to 100.
        rating: u8,
    },
    /// Points added or taken for a whistle, with a reason.
    AdjustPoints {
        /// Which whistle.
        whistle: u16,
        /// Who.
        department: DepartmentId,
        /// Points; negative ones are taken.
        points: i16,
    },
}

/// The intent of an officer that a step carries out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Its key.
    pub intent: IntentKey,
    /// That others had acted meanwhile, and why it was sent all the same; on the steps that the
    /// officer took, and not on what followed from them by rule.
    #[serde(default)]
    pub anyway: Option<AnywayOnRecord>,
}

/// A named override of a conflict as it stands on the record; the officer is whoever took the step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnywayOnRecord {
    /// The officer's reason.
    pub reason: String,
    /// The last step that was known when the intent was first composed.
    pub after_step: u32,
    /// The last step that the officer overrode.
    pub until_step: u32,
}

/// One link of the trail: written once, by the backend when it accepts the action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrailEntry {
    /// Whose trail.
    pub incident: IncidentId,
    /// 1 for the report, then counting.
    pub step: u32,
    /// What was done.
    pub action: Action,
    /// State after it.
    pub state: IncidentState,
    /// Who did it.
    pub by: Actor,
    /// From where; `None` where it is not known, for steps by rule, and on links of versions that
    /// did not record it.
    #[serde(default)]
    pub from: Option<Origin>,
    /// Why, where the table asks for a reason.
    pub reason: Option<String>,
    /// The officer's intent that it carries out; `None` for steps of the field and by rule, and on
    /// links of versions that did not record it, which are written as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<Mandate>,
    /// When it happened, corrected by the hall's clock offset.
    pub occurred_at: Timestamp,
    /// When the backend accepted it.
    pub recorded_at: Timestamp,
    /// The clock after it, as decided under `rules_version`.
    pub clock: Option<StageClock>,
    /// The rules that decided.
    pub rules_version: String,
    /// Chain hash of the backend's previous entry, hex; empty for the first.
    pub previous_hash: String,
    /// Chain hash of this entry, hex.
    pub hash: String,
}
