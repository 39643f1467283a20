//! Responsibility grids (责任网格): sets of unit grids that somebody answers for.
//!
//! A responsibility grid is a set of whole unit grids, so it needs no outline of its own. There
//! are several kinds beside each other (city management, police, sanitation …); inside one kind a
//! unit grid has one owner at most.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::grids::{Grid, GridLevel};
use crate::ids::{GridCode, PersonId};

/// One responsibility grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponsibilityGrid {
    /// Unique within the street.
    pub code: GridCode,
    /// Name for people.
    pub name: String,
    /// Which kind of responsibility, such as `城管`; the site names its kinds.
    pub kind: String,
    /// The unit grids of which it consists.
    pub unit_grids: BTreeSet<GridCode>,
    /// Who answers for it, by roster number; `None` while the site has not said it.
    #[serde(default)]
    pub responsible: Option<PersonId>,
}

/// What is wrong with a set of responsibility grids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum ResponsibilityFault {
    /// Two have one code.
    #[error("the responsibility grid code {code} is used twice: give one of them another code")]
    DuplicateCode {
        /// The code.
        code: GridCode,
    },
    /// It has no unit grid, so nothing is answered for.
    #[error("responsibility grid {code} has no unit grid: name at least one")]
    Empty {
        /// Which.
        code: GridCode,
    },
    /// Its code is that of a grid of another kind, so that work in the two could not be told apart.
    #[error(
        "the responsibility grid code {code} is that of a {level:?} grid: give it another code"
    )]
    CodeOfAnotherGrid {
        /// The code.
        code: GridCode,
        /// The level of the grid that has it.
        level: GridLevel,
    },
    /// It names a grid that is no unit grid of the street.
    #[error("responsibility grid {code} names {unit_grid}, which is no unit grid of the street")]
    UnknownUnitGrid {
        /// Which.
        code: GridCode,
        /// The grid that is not known.
        unit_grid: GridCode,
    },
    /// A unit grid has two owners of one kind.
    #[error(
        "unit grid {unit_grid} is in two responsibility grids of the kind {kind}, {first} and \
         {second}: take it out of one"
    )]
    TwoOwners {
        /// The unit grid.
        unit_grid: GridCode,
        /// The kind.
        kind: String,
        /// The owner with the smaller code.
        first: GridCode,
        /// The other.
        second: GridCode,
    },
    /// Nobody answers for a unit grid.
    #[error("unit grid {unit_grid} is in no responsibility grid: add it to one")]
    NoOwner {
        /// The unit grid.
        unit_grid: GridCode,
    },
}

impl ResponsibilityFault {
    /// The responsibility grid that is to be corrected; `None` where one is missing.
    pub const fn faulty(&self) -> Option<&GridCode> {
        match self {
            Self::DuplicateCode { code }
            | Self::Empty { code }
            | Self::CodeOfAnotherGrid { code, .. }
            | Self::UnknownUnitGrid { code, .. }
            | Self::TwoOwners { second: code, .. } => Some(code),
            Self::NoOwner { .. } => None,
        }
    }
}

/// Everything that is wrong with the responsibility grids of a street, in a fixed order; empty
/// when all is well. A unit grid needs an owner of some kind, not of every kind: a contractor may
/// answer for a part of the street.
pub fn check_responsibility(
    grids: &[Grid],
    responsibility: &[ResponsibilityGrid],
) -> Vec<ResponsibilityFault> {
    let levels: BTreeMap<&GridCode, GridLevel> =
        grids.iter().map(|grid| (&grid.code, grid.level)).collect();
    let is_unit = |code: &GridCode| levels.get(code) == Some(&GridLevel::Unit);
    let mut faults = Vec::new();
    let mut codes = BTreeSet::new();
    let mut owners: BTreeMap<(&str, &GridCode), &GridCode> = BTreeMap::new();
    let mut sorted: Vec<&ResponsibilityGrid> = responsibility.iter().collect();
    sorted.sort_by(|a, b| a.code.cmp(&b.code));
    for grid in sorted {
        let code = grid.code.clone();
        if !codes.insert(&grid.code) {
            faults.push(ResponsibilityFault::DuplicateCode { code });
            continue;
        }
        if let Some(level) = levels.get(&grid.code) {
            faults.push(ResponsibilityFault::CodeOfAnotherGrid {
                code: code.clone(),
                level: *level,
            });
        }
        if grid.unit_grids.is_empty() {
            faults.push(ResponsibilityFault::Empty { code: code.clone() });
        }
        for unit in &grid.unit_grids {
            if !is_unit(unit) {
                faults.push(ResponsibilityFault::UnknownUnitGrid {
                    code: code.clone(),
                    unit_grid: unit.clone(),
                });
            }
            if let Some(first) = owners.insert((&grid.kind, unit), &grid.code) {
                faults.push(ResponsibilityFault::TwoOwners {
                    unit_grid: unit.clone(),
                    kind: grid.kind.clone(),
                    first: first.clone(),
                    second: code.clone(),
                });
            }
        }
    }
    let owned: BTreeSet<&GridCode> = owners.keys().map(|(_, unit)| *unit).collect();
    let unowned = levels
        .keys()
        .filter(|code| is_unit(code) && !owned.contains(*code));
    faults.extend(unowned.map(|code| ResponsibilityFault::NoOwner {
        unit_grid: (*code).clone(),
    }));
    faults.sort();
    faults
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::places::index::tests::square;

    fn owner(code: &str, kind: &str, units: &[&str]) -> ResponsibilityGrid {
        ResponsibilityGrid {
            code: code.into(),
            name: code.to_owned(),
            kind: kind.to_owned(),
            unit_grids: units.iter().map(|unit| GridCode::from(*unit)).collect(),
            responsible: None,
        }
    }

    fn units(count: usize) -> Vec<Grid> {
        let name = |i: usize| format!("u{i}");
        (0..count)
            .map(|i| square(&name(i), GridLevel::Unit, 0.0, 1.0))
            .chain([square("m0", GridLevel::Micro, 0.0, 1.0)])
            .collect()
    }

    fn said(faults: &[ResponsibilityFault]) -> Vec<String> {
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn owners_of_two_kinds_may_share_and_of_one_kind_may_not() {
        let grids = units(3);
        let apart = [
            owner("r1", "城管", &["u0", "u1"]),
            owner("r2", "城管", &["u2"]),
            owner("r3", "公安", &["u0", "u2"]),
        ];
        assert_eq!(check_responsibility(&grids, &apart), []);
        let shared = [owner("r2", "城管", &["u1", "u2"]), apart[0].clone()];
        let faults = check_responsibility(&grids, &shared);
        assert_eq!(
            said(&faults),
            [
                "unit grid u1 is in two responsibility grids of the kind 城管, r1 and r2: take it \
                 out of one"
            ]
        );
    }

    #[test]
    fn unknown_empty_and_doubled_ones_are_named() {
        let faults = check_responsibility(
            &units(1),
            &[
                owner("r1", "城管", &["m0"]),
                owner("r2", "城管", &[]),
                owner("r2", "公安", &["u0"]),
                owner("u0", "公安", &["u0"]),
            ],
        );
        assert_eq!(
            said(&faults),
            [
                "the responsibility grid code r2 is used twice: give one of them another code",
                "responsibility grid r2 has no unit grid: name at least one",
                "the responsibility grid code u0 is that of a Unit grid: give it another code",
                "responsibility grid r1 names m0, which is no unit grid of the street",
            ]
        );
        let faulty: Vec<_> = faults
            .iter()
            .filter_map(ResponsibilityFault::faulty)
            .collect();
        assert_eq!(
            faulty,
            ["r2", "r2", "u0", "r1"]
                .map(GridCode::from)
                .iter()
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_unit_grid_that_nobody_answers_for_is_named() {
        let faults = check_responsibility(
            &units(4),
            &[owner("r1", "城管", &["u1"]), owner("r2", "公安", &["u3"])],
        );
        assert_eq!(
            said(&faults),
            [
                "unit grid u0 is in no responsibility grid: add it to one",
                "unit grid u2 is in no responsibility grid: add it to one",
            ]
        );
        assert!(faults.iter().all(|fault| fault.faulty().is_none()));
    }

    #[test]
    fn a_responsibility_grid_of_the_previous_version_still_reads() {
        let old = r#"{"code":"r","name":"n","kind":"城管","unit_grids":["u0"]}"#;
        let grid: ResponsibilityGrid = serde_json::from_str(old).expect("reads");
        assert_eq!(grid.responsible, None);
    }

    proptest! {
        #[test]
        fn owners_are_found_to_be_two_or_none_exactly_where_the_sets_say_so(
            sets in proptest::collection::vec(
                (0_u8..2, proptest::collection::btree_set(0_usize..8, 1..5)), 0..6),
        ) {
            let all: Vec<ResponsibilityGrid> = sets
                .iter()
                .enumerate()
                .map(|(i, (kind, units))| {
                    let names: Vec<String> = units.iter().map(|u| format!("u{u}")).collect();
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    owner(&format!("r{i}"), &format!("k{kind}"), &names)
                })
                .collect();
            // Each further owner of a unit grid within a kind is one fault.
            let mut expected = 0;
            for kind in 0..2 {
                for unit in 0..8 {
                    let owners = sets.iter().filter(|(k, u)| *k == kind && u.contains(&unit)).count();
                    expected += owners.saturating_sub(1);
                }
            }
            let unowned = (0..8).filter(|unit| sets.iter().all(|(_, u)| !u.contains(unit))).count();
            let faults = check_responsibility(&units(8), &all);
            let of_two = faults.iter().filter(|fault| fault.faulty().is_some()).count();
            prop_assert_eq!((of_two, faults.len() - of_two), (expected, unowned));
        }
    }
}
