//! Levels of matters (微 小 中 大): decided by the rule file, with the reason to be stored.
//!
//! A matter starts at the level of its category. The rules of the file are then gone through in
//! their order; one whose conditions all hold lifts the level to a floor or raises it by one. No
//! rule lowers a level, so a graver matter never gets a smaller one.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::incidents::Level;
use crate::particulars::Particulars;
use crate::rules::{CategoryCode, CategoryRule, MajorCode, Rules, Words};

/// What is in danger, from least to most.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// Nothing.
    #[default]
    None,
    /// 财产.
    Property,
    /// 生命.
    Life,
}

/// What the level depends on beside the category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LevelFacts {
    /// What is in danger.
    pub harm: Harm,
    /// How many people are affected, as far as is known.
    pub people_affected: u32,
    /// How often the same matter was reported before.
    pub repeats: u32,
    /// How many departments have to work together.
    pub departments: u32,
}

/// When a rule applies: all conditions that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LevelCondition {
    /// One of these majors; none given is any.
    pub majors: Vec<MajorCode>,
    /// At least this is in danger.
    pub harm_from: Option<Harm>,
    /// At least so many people.
    pub people_from: Option<u32>,
    /// At least so many repeats.
    pub repeats_from: Option<u32>,
    /// At least so many departments.
    pub departments_from: Option<u32>,
}

impl LevelCondition {
    /// Whether every condition given holds.
    pub fn holds(&self, major: MajorCode, facts: &LevelFacts) -> bool {
        let from = |least: Option<u32>, value: u32| least.is_none_or(|least| value >= least);
        (self.majors.is_empty() || self.majors.contains(&major))
            && self.harm_from.is_none_or(|least| facts.harm >= least)
            && from(self.people_from, facts.people_affected)
            && from(self.repeats_from, facts.repeats)
            && from(self.departments_from, facts.departments)
    }
}

/// What a rule does to the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelEffect {
    /// The level is at least this.
    AtLeast(Level),
    /// One level up; 大 stays 大.
    Raise,
}

impl LevelEffect {
    /// The level after the rule.
    pub fn applied_to(self, level: Level) -> Level {
        match self {
            Self::AtLeast(floor) => level.max(floor),
            Self::Raise => level.raised(),
        }
    }
}

/// One rule of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelRule {
    /// Its id, named in the reason.
    pub id: String,
    /// When it applies.
    pub when: LevelCondition,
    /// What it does.
    pub effect: LevelEffect,
    /// Why, with `{people}`, `{repeats}` and `{departments}` where the numbers stand.
    pub reason: Words,
}

/// What a level means: who settles a matter of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelMeaning {
    /// The level.
    pub level: Level,
    /// What screens call it.
    pub name: Words,
    /// Who settles it.
    pub settled_by: Words,
}

/// The section `[levels]` of the rules files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LevelRules {
    /// One for each level, the smallest first.
    pub meanings: Vec<LevelMeaning>,
    /// In the order in which they are applied.
    pub rules: Vec<LevelRule>,
}

impl LevelRules {
    /// What a level means; loaded rules say it for each.
    pub fn meaning(&self, level: Level) -> Option<&LevelMeaning> {
        self.meanings.iter().find(|meaning| meaning.level == level)
    }
}

/// A level and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelDecision {
    /// The level.
    pub level: Level,
    /// Ids of the rules that changed the level, in their order.
    pub changed_by: Vec<String>,
    /// The category's own level, every change with the id of its rule, and the version of the
    /// rules. Both texts are stored on the record.
    pub reason: Words,
}

impl Rules {
    /// The level of a matter that is reported with these particulars; `None` when the rules do not
    /// know its category.
    pub fn level_of(
        &self,
        category: CategoryCode,
        particulars: &Particulars,
    ) -> Option<LevelDecision> {
        let rule = self.category(category)?;
        let facts = LevelFacts {
            harm: particulars.harm,
            people_affected: particulars.people_affected,
            repeats: particulars.repeats,
            departments: self.departments_needed(rule),
        };
        Some(self.level(rule, &facts))
    }

    /// How many departments have to work together by the responsibility list: that of the lead
    /// post and those of the assisting posts, each counted once, and never fewer than one.
    pub fn departments_needed(&self, category: &CategoryRule) -> u32 {
        let posts = category.posts.iter().take(1).chain(&category.assist_posts);
        let mut ids: Vec<_> = posts
            .filter_map(|post| self.department_of(*post))
            .map(|department| &department.id)
            .collect();
        ids.sort();
        ids.dedup();
        u32::try_from(ids.len()).unwrap_or(u32::MAX).max(1)
    }

    /// The level of a matter and the reason to be stored with it.
    pub fn level(&self, category: &CategoryRule, facts: &LevelFacts) -> LevelDecision {
        let mut level = category.level;
        let mut changed_by = Vec::new();
        let mut reason = Words {
            zh: format!("{}：{}", category.name, self.level_name(level).zh),
            en: format!("{}: {}", category.name, self.level_name(level).en),
        };
        for rule in &self.levels.rules {
            if !rule.when.holds(category.code.major_code(), facts) {
                continue;
            }
            let after = rule.effect.applied_to(level);
            if after == level {
                continue;
            }
            level = after;
            changed_by.push(rule.id.clone());
            let (name, why) = (self.level_name(level), with_numbers(&rule.reason, facts));
            // Writing to a String cannot fail.
            write!(reason.zh, " → {}，{}（{}）", name.zh, why.zh, rule.id).ok();
            write!(reason.en, " → {}, {} ({})", name.en, why.en, rule.id).ok();
        }
        write!(reason.zh, "（规则 {}）", self.version).ok();
        write!(reason.en, " (rules {})", self.version).ok();
        LevelDecision {
            level,
            changed_by,
            reason,
        }
    }

    fn level_name(&self, level: Level) -> Words {
        self.levels
            .meaning(level)
            .map(|meaning| meaning.name.clone())
            .unwrap_or_default()
    }
}

fn with_numbers(words: &Words, facts: &LevelFacts) -> Words {
    let fill = |text: &str| {
        text.replace("{people}", &facts.people_affected.to_string())
            .replace("{repeats}", &facts.repeats.to_string())
            .replace("{departments}", &facts.departments.to_string())
    };
    Words {
        zh: fill(&words.zh),
        en: fill(&words.en),
    }
}

#[cfg(test)]
mod tests;
