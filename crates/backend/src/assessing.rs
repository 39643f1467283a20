//! The assessment of a data directory: reads the trail, verifies it, and makes every table twice.

mod json;
pub mod query;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::assessment::{Assessment, By, Figures, GroupKey, Period, Row, Table, recompute};
use domain::places::{Grid, ResponsibilityGrid};
use domain::rules::Rules;
use domain::trail::TrailEntry;
use domain::{DepartmentId, GridCode, IncidentId, PersonId, Timestamp};
use rusqlite::Connection;

use crate::chain::{ChainError, Verified, verify_chain};
use crate::config::DATABASE_FILE;
use crate::store::{self, StoreError};
use crate::tables::{people, reference_parts, trail};

pub use json::answer;

/// Why there is no assessment.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// The trail is not what was written: no number of it is worth anything.
    #[error("不作考核 / nothing is assessed: {0}")]
    Chain(#[from] ChainError),
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database has no rules that can be read.
    #[error(
        "数据库中没有可用的规则，请用 --rules 给出规则目录 / \
         the database has no rules that can be read: give a folder with --rules"
    )]
    NoRules,
    /// The computations differ.
    #[error(
        "两种算法结果不一致：{0}。请勿使用这些数字，并报告此问题 / \
         the two computations differ: {0}. Do not use the numbers, and report this"
    )]
    Differs(String),
}

/// The trail of a data directory, verified, and what names its groups.
#[derive(Debug)]
pub struct Ledger {
    /// The chain that was verified.
    pub verified: Verified,
    /// The rules that assess: those given, or those in force in the database.
    pub rules: Rules,
    trail: Vec<TrailEntry>,
    people: BTreeMap<PersonId, String>,
    grids: BTreeMap<GridCode, String>,
}

impl Ledger {
    /// Reads and verifies a data directory, also beside a running backend.
    pub fn open(data_dir: &Path, rules: Option<Rules>) -> Result<Self, AssessError> {
        let reader = store::open_reader(&data_dir.join(DATABASE_FILE))?;
        // One reading transaction, so that what was verified is what is assessed.
        let db = reader.unchecked_transaction().map_err(StoreError::from)?;
        Self::read(&db, rules)
    }

    /// Reads and verifies what one reading transaction sees.
    pub(crate) fn read(db: &Connection, rules: Option<Rules>) -> Result<Self, AssessError> {
        let verified = verify_chain(db)?;
        let stored = || reference_parts::get(db, reference_parts::RULES).unwrap_or(None);
        let rules = rules.or_else(stored).ok_or(AssessError::NoRules)?;
        let mut entries = Vec::new();
        trail::each_link(db, |row| {
            entries.push(row.entry()?);
            Ok::<(), StoreError>(())
        })?;
        let grids: Vec<Grid> =
            reference_parts::get(db, reference_parts::GRIDS)?.unwrap_or_default();
        let responsibility: Vec<ResponsibilityGrid> =
            reference_parts::get(db, reference_parts::RESPONSIBILITY_GRIDS)?.unwrap_or_default();
        let grids = grids.into_iter().map(|g| (g.code, g.name));
        let responsibility = responsibility.into_iter().map(|g| (g.code, g.name));
        Ok(Self {
            verified,
            rules,
            trail: entries,
            people: people::all(db)?
                .into_iter()
                .map(|person| (person.id, person.name))
                .collect(),
            grids: grids.chain(responsibility).collect(),
        })
    }

    /// The table of a period by both computations; an error when they differ.
    pub fn table(&self, period: Period, by: By, now: Timestamp) -> Result<Table, AssessError> {
        let rules = &self.rules.assessment;
        let mut live = Assessment::new(rules.clone(), period, by, now);
        for entry in &self.trail {
            live.apply(entry);
        }
        let slow = recompute(&self.trail, rules, period, by, now);
        match difference(&live.table(), &slow) {
            None => Ok(slow),
            Some(what) => Err(AssessError::Differs(what)),
        }
    }

    /// The versions of the rules on the steps behind a table, with how many steps each decided.
    pub fn versions(&self, table: &Table) -> BTreeMap<String, u64> {
        let figures = &table.total.all;
        let shares = figures.ratios.values().flat_map(|r| &r.denominator);
        let counted: BTreeSet<IncidentId> = shares
            .chain(figures.effort.keys())
            .map(|subject| subject.incident)
            .collect();
        let mut versions = BTreeMap::new();
        for entry in &self.trail {
            if counted.contains(&entry.incident) && entry.occurred_at < table.period.to {
                *versions.entry(entry.rules_version.clone()).or_default() += 1;
            }
        }
        versions
    }

    /// A group in words for people, Chinese: its name, with its code where it has one.
    pub fn name(&self, key: Option<&GroupKey>) -> String {
        let named = |code: String, name: Option<&str>| match name {
            Some(name) if !name.is_empty() => format!("{name}（{code}）"),
            _ => code,
        };
        match key {
            None => "未归属 / of no group".to_owned(),
            Some(GroupKey::Person(id)) => {
                named(id.to_string(), self.people.get(id).map(String::as_str))
            }
            Some(GroupKey::Grid(code)) => {
                named(code.to_string(), self.grids.get(code).map(String::as_str))
            }
            Some(GroupKey::Department(id)) => named(id.to_string(), self.department(id)),
            Some(GroupKey::Major(major)) => {
                let mut categories = self.rules.categories.iter();
                let rule = categories.find(|rule| rule.code.major_code() == *major);
                named(major.to_string(), rule.map(|r| r.major_name.as_str()))
            }
            Some(GroupKey::Category(code)) => {
                let rule = self.rules.category(*code);
                named(code.to_string(), rule.map(|rule| rule.name.as_str()))
            }
            Some(GroupKey::Channel(channel)) => match self.rules.channel(*channel) {
                Some(rule) => rule.name.zh.clone(),
                None => format!("{channel:?}"),
            },
        }
    }

    fn department(&self, id: &DepartmentId) -> Option<&str> {
        let department = self.rules.department(id);
        department.map(|department| department.name.as_str())
    }
}

/// The first thing in which two tables of one trail differ; `None` when they agree.
pub fn difference(live: &Table, slow: &Table) -> Option<String> {
    if live == slow {
        return None;
    }
    let rows = |table: &Table| -> BTreeMap<Option<GroupKey>, Row> {
        let rows = table.rows.iter().cloned();
        rows.map(|row| (row.key.clone(), row)).collect()
    };
    let (left, right) = (rows(live), rows(slow));
    let pairs = left
        .keys()
        .chain(right.keys())
        .map(|key| (format!("{key:?}"), left.get(key), right.get(key)));
    let total = [("total".to_owned(), Some(&live.total), Some(&slow.total))];
    for (name, left, right) in total.into_iter().chain(pairs) {
        let (Some(left), Some(right)) = (left, right) else {
            return Some(format!("only one of them has the group {name}"));
        };
        let what =
            between(&left.all, &right.all).or_else(|| between(&left.reasonable, &right.reasonable));
        if let Some(what) = what {
            return Some(format!("{name}: {what}"));
        }
    }
    Some("period, instant or grouping".to_owned())
}

fn between(live: &Figures, slow: &Figures) -> Option<String> {
    for indicator in domain::assessment::Indicator::ALL {
        let (left, right) = (live.ratio(indicator), slow.ratio(indicator));
        for (left, right) in [
            (&left.denominator, &right.denominator),
            (&left.numerator, &right.numerator),
        ] {
            if let Some(subject) = left.symmetric_difference(right).next() {
                return Some(format!("{} {subject}", indicator.name_zh()));
            }
        }
    }
    if live.effort != slow.effort {
        return Some("处置用时 / effort".to_owned());
    }
    (live.composites != slow.composites).then(|| "综合得分 / composite scores".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::assessment::{Each, Indicator, Ratio, Subject};

    fn table(step: Option<u32>) -> Table {
        let at = Timestamp::from_unix_ms(1_795_104_000_000);
        let mut figures = Figures::default();
        if let Some(step) = step {
            let subject = Subject {
                incident: IncidentId::new(at, 1),
                step,
            };
            let ratio = Ratio {
                numerator: BTreeSet::new(),
                denominator: [subject].into(),
            };
            figures.ratios.insert(Indicator::Handling, ratio);
        }
        Table {
            period: Period::holding(at, Each::Day),
            now: at,
            by: By::Person,
            total: Row {
                all: figures,
                ..Row::default()
            },
            rows: Vec::new(),
        }
    }

    #[test]
    fn tables_that_differ_name_the_first_thing() {
        assert_eq!(difference(&table(Some(4)), &table(Some(4))), None);
        let what = difference(&table(Some(4)), &table(None));
        assert_eq!(what.as_deref(), Some("total: 处置率 20261120-0001/4"));
        let mut more = table(Some(4));
        more.rows.push(Row {
            key: Some(GroupKey::Person(PersonId(7))),
            ..Row::default()
        });
        let what = difference(&more, &table(Some(4))).expect("a difference");
        assert!(what.contains("PersonId(7)"), "{what}");
        let mut later = table(Some(4));
        later.now = later.now.plus_ms(1);
        assert!(difference(&later, &table(Some(4))).is_some());
    }
}
