//! The four signals (四情) and their correlation in space and time.

use serde::{Deserialize, Serialize};

/// The four signals (四情).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// 警情.
    Police,
    /// 案情.
    Case,
    /// 民情.
    Demand,
    /// 舆情.
    Opinion,
}

impl Signal {
    /// All four, in the order in which the field names them.
    pub const ALL: [Self; 4] = [Self::Police, Self::Case, Self::Demand, Self::Opinion];
}
