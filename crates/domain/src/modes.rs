//! Normal and emergency mode (平/战): which rules change in each, and for which matters.
//!
//! A switch is immediate and changes nothing that has begun: the rules themselves stay as they
//! are, [`rules_in_mode`] only looks at them through the mode in force. Both streams of work stay
//! alive. A matter of a category that the mode's rule does not name is verified, dispatched,
//! ranked and timed as on any other day; and a clock that runs keeps the limit that it was
//! started with, whatever the mode becomes. What a mode changes is the file `modes.toml`.

mod in_force;
mod session;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::clocks::Limit;
use crate::ids::{ConditionCode, IdError};
use crate::incidents::Incident;
use crate::rules::{CategoryCode, CategoryKind, CategoryRule, RankingWeights, Rules, StageLimits};

pub use in_force::{ModeInForce, ModeSwitch};
pub use session::{ModeSession, SwitchRefused};

/// Normal or emergency mode (平/战) with the four emergency levels; a graver mode is greater.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 平.
    #[default]
    Normal,
    /// 战, Ⅳ blue.
    EmergencyBlue,
    /// 战, Ⅲ yellow.
    EmergencyYellow,
    /// 战, Ⅱ orange.
    EmergencyOrange,
    /// 战, Ⅰ red.
    EmergencyRed,
}

impl Mode {
    /// All modes, normal first, then from Ⅳ to Ⅰ.
    pub const ALL: [Self; 5] = [
        Self::Normal,
        Self::EmergencyBlue,
        Self::EmergencyYellow,
        Self::EmergencyOrange,
        Self::EmergencyRed,
    ];

    /// The emergency level: 1 for Ⅰ (red) to 4 for Ⅳ (blue); `None` in normal mode.
    pub const fn emergency_level(self) -> Option<u8> {
        match self {
            Self::Normal => None,
            Self::EmergencyBlue => Some(4),
            Self::EmergencyYellow => Some(3),
            Self::EmergencyOrange => Some(2),
            Self::EmergencyRed => Some(1),
        }
    }
}

/// A major category with all its minors, or one minor, written `E85` or `E85.02`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CategoryScope {
    /// Event or component.
    pub kind: CategoryKind,
    /// 大类.
    pub major: u8,
    /// 小类; all of them when `None`.
    pub minor: Option<u8>,
}

impl CategoryScope {
    /// Whether the category belongs to the scope.
    pub fn covers(self, code: CategoryCode) -> bool {
        self.kind == code.kind
            && self.major == code.major
            && self.minor.is_none_or(|minor| minor == code.minor)
    }
}

impl std::str::FromStr for CategoryScope {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = format!("{text}.01").parse::<CategoryCode>();
        let code = whole.clone().or_else(|_| text.parse());
        let code = code.map_err(|_: IdError| IdError {
            text: text.to_owned(),
            expected: "a major such as E85 or a minor such as E85.02",
        })?;
        Ok(Self {
            kind: code.kind,
            major: code.major,
            minor: whole.is_err().then_some(code.minor),
        })
    }
}

/// Tokens of the theme that a mode may name: those of the national warning colours.
pub const THEMES: [&str; 4] = [
    "emergency-blue",
    "emergency-yellow",
    "emergency-orange",
    "emergency-red",
];

/// Panels of the wall that a mode may bring to the front.
pub const PANELS: [&str; 7] = [
    "headline",
    "levels",
    "majors",
    "curve",
    "incidents",
    "orders",
    "people",
];

/// What the screens show of a mode; names only, the colours are the theme's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeScreen {
    /// The theme's token for the mode's colour, one of [`THEMES`].
    pub theme: String,
    /// The panel that comes to the front on the wall, one of [`PANELS`].
    pub panel: String,
}

/// What one emergency mode changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeRule {
    /// The mode; normal mode changes nothing and has no rule.
    pub mode: Mode,
    /// The matters that the emergency rules hold for; all others keep those of every day.
    pub scopes: Vec<CategoryScope>,
    /// Whether the second duty set (战时值班) joins the first, which goes on working.
    pub calls_emergency_duty: bool,
    /// Whether positions of people outside the roster may be shown; each is then logged.
    pub shows_outside_roster: bool,
    /// Whether handling limits in working hours and days never stop, as emergency hours and days.
    pub is_round_the_clock: bool,
    /// Limits around handling instead of those of every day.
    pub stage_limits: Option<StageLimits>,
    /// Weights of the ranking instead of those of every day.
    pub ranking: Option<RankingWeights>,
    /// What the screens show.
    pub screen: ModeScreen,
}

/// The rules as they hold in a mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RulesInMode<'a> {
    rules: &'a Rules,
    session: ModeSession,
    rule: Option<&'a ModeRule>,
}

/// The rules as they hold in a mode for one matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RulesForMatter<'a> {
    rules: &'a Rules,
    category: CategoryCode,
    /// The mode's rule, when it holds for the matter.
    rule: Option<&'a ModeRule>,
}

/// The rules seen through a mode, or through a session of it. A mode that the rules files do not
/// describe changes nothing.
pub fn rules_in_mode(rules: &Rules, session: impl Into<ModeSession>) -> RulesInMode<'_> {
    let session = session.into();
    RulesInMode {
        rules,
        session,
        rule: rules.modes.iter().find(|rule| rule.mode == session.mode),
    }
}

impl<'a> RulesInMode<'a> {
    /// The rules for a matter of a category; `is_drill` tells whether the matter is a drill's.
    /// While a mode is only exercised, a live matter keeps the rules of every day.
    pub fn for_matter(&self, category: CategoryCode, is_drill: bool) -> RulesForMatter<'a> {
        let holds = |rule: &&ModeRule| {
            (is_drill || !self.session.is_drill)
                && rule.scopes.iter().any(|scope| scope.covers(category))
        };
        RulesForMatter {
            rules: self.rules,
            category,
            rule: self.rule.filter(holds),
        }
    }

    /// The rules for an incident.
    pub fn for_incident(&self, incident: &Incident) -> RulesForMatter<'a> {
        self.for_matter(incident.category, incident.is_drill)
    }

    /// The mode in which the roster is asked who is on duty for a matter: the mode in force where
    /// it calls the emergency duty set, normal mode otherwise. A set that is called for an exercise
    /// is on duty for drill matters alone.
    pub fn duty_mode(&self, is_drill: bool) -> Mode {
        self.mode_where(|rule| rule.calls_emergency_duty && (is_drill || !self.session.is_drill))
    }

    /// The mode in which is asked whether a position outside the roster may be shown: the mode in
    /// force where it allows that, normal mode otherwise and in every drill.
    pub fn position_mode(&self) -> Mode {
        self.mode_where(|rule| rule.shows_outside_roster && !self.session.is_drill)
    }

    /// What the screens show of the mode; `None` when they look as on any other day.
    pub fn screen(&self) -> Option<&'a ModeScreen> {
        self.rule.map(|rule| &rule.screen)
    }

    fn mode_where(&self, holds: impl Fn(&ModeRule) -> bool) -> Mode {
        if self.rule.is_some_and(holds) {
            self.session.mode
        } else {
            Mode::Normal
        }
    }
}

impl<'a> RulesForMatter<'a> {
    /// Whether the emergency rules hold for the matter.
    pub const fn is_emergency(&self) -> bool {
        self.rule.is_some()
    }

    /// Limits of the stages around handling, for clocks that start now.
    pub fn stage_limits(&self) -> StageLimits {
        let own = self.rule.and_then(|rule| rule.stage_limits);
        own.unwrap_or(self.rules.stage_limits)
    }

    /// Weights of the ranking of responders.
    pub fn ranking(&self) -> RankingWeights {
        let own = self.rule.and_then(|rule| rule.ranking);
        own.unwrap_or(self.rules.ranking)
    }

    /// The rule of the category, the same in every mode.
    pub fn category(&self) -> Option<&'a CategoryRule> {
        self.rules.category(self.category)
    }

    /// The handling limit under a filing condition, for clocks that start now; `None` when the
    /// category or the condition is not in the rules.
    pub fn handling_limit(&self, condition: Option<&ConditionCode>) -> Option<Limit> {
        self.category()?
            .limit_under(condition)
            .map(|limit| self.timed(limit))
    }

    /// The whole rules with what the mode changes for this matter, for functions that decide by
    /// [`Rules`]; those of every day, borrowed, where it changes nothing. Only this matter's
    /// category is changed in them.
    pub fn effective(&self) -> Cow<'a, Rules> {
        if !self.is_emergency() {
            return Cow::Borrowed(self.rules);
        }
        let mut rules = self.rules.clone();
        rules.stage_limits = self.stage_limits();
        rules.ranking = self.ranking();
        let own = |category: &&mut CategoryRule| category.code == self.category;
        for category in rules.categories.iter_mut().filter(own) {
            category.limit = self.timed(category.limit);
            for condition in &mut category.conditions {
                condition.limit = self.timed(condition.limit);
                for interim in &mut condition.interim {
                    interim.limit = self.timed(interim.limit);
                }
            }
        }
        Cow::Owned(rules)
    }

    /// A handling limit as the mode has it.
    fn timed(&self, limit: Limit) -> Limit {
        if self.rule.is_some_and(|rule| rule.is_round_the_clock) {
            limit.round_the_clock()
        } else {
            limit
        }
    }
}

#[cfg(test)]
mod tests;
