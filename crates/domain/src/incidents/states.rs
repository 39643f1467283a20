//! Where an incident stands, and at which level it is settled.

use serde::{Deserialize, Serialize};

/// Levels 微 小 中 大.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 微: settled in the micro grid.
    Micro,
    /// 小: settled by the community.
    Small,
    /// 中: the street with its stationed forces.
    Medium,
    /// 大: whistled or reported to the district.
    Large,
}

impl Level {
    /// All levels, the smallest first.
    pub const ALL: [Self; 4] = [Self::Micro, Self::Small, Self::Medium, Self::Large];

    /// One level up; 大 stays 大.
    pub const fn raised(self) -> Self {
        match self {
            Self::Micro => Self::Small,
            Self::Small => Self::Medium,
            Self::Medium | Self::Large => Self::Large,
        }
    }
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// 上报, waiting to be verified.
    Reported,
    /// 核实 done, waiting to be filed.
    PendingFile,
    /// 立案, waiting for dispatch.
    Filed,
    /// 不予受理.
    NotAccepted,
    /// 派遣, nobody on the spot yet.
    Dispatched,
    /// 处置中.
    Handling,
    /// 处置 reported, waiting for the check.
    Handled,
    /// 回退, waiting to be dispatched elsewhere.
    Returned,
    /// 挂账.
    Suspended,
    /// 结案.
    Closed,
    /// 作废.
    Cancelled,
}

impl IncidentState {
    /// Every state, in the order of the life cycle.
    pub const ALL: [Self; 11] = [
        Self::Reported,
        Self::PendingFile,
        Self::Filed,
        Self::NotAccepted,
        Self::Dispatched,
        Self::Handling,
        Self::Handled,
        Self::Returned,
        Self::Suspended,
        Self::Closed,
        Self::Cancelled,
    ];

    /// Whether work remains to be done.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::NotAccepted | Self::Closed | Self::Cancelled)
    }

    /// Whether the hall has to send somebody.
    pub const fn awaits_dispatch(self) -> bool {
        matches!(
            self,
            Self::Reported | Self::PendingFile | Self::Filed | Self::Returned
        )
    }

    /// The stage that the matter waits in; `None` while it is suspended and when it has ended.
    pub const fn stage(self) -> Option<Stage> {
        match self {
            Self::Reported => Some(Stage::Verify),
            Self::PendingFile => Some(Stage::File),
            Self::Filed | Self::Returned => Some(Stage::Dispatch),
            Self::Dispatched | Self::Handling => Some(Stage::Handle),
            Self::Handled => Some(Stage::Check),
            Self::Suspended | Self::NotAccepted | Self::Closed | Self::Cancelled => None,
        }
    }
}

/// The stages that a matter goes through, each with somebody who passes it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 核实.
    Verify,
    /// 立案.
    File,
    /// 派遣.
    Dispatch,
    /// 处置.
    Handle,
    /// 核查.
    Check,
}

impl Stage {
    /// Every stage, the first first.
    pub const ALL: [Self; 5] = [
        Self::Verify,
        Self::File,
        Self::Dispatch,
        Self::Handle,
        Self::Check,
    ];
}
