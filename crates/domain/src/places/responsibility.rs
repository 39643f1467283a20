//! Responsibility grids (责任网格): sets of unit grids that somebody answers for.
//!
//! A responsibility grid is a set of whole unit grids, so it needs no outline of its own. There
//! are several kinds beside each other (city management, police, sanitation …); inside one kind a
//! unit grid has one owner at most.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::grids::{Grid, GridLevel};
use crate::ids::GridCode;

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
}

/// Everything that is wrong with the responsibility grids of a street, in a fixed order; empty
/// when all is well. Unit grids without an owner are no fault.
pub fn check_responsibility(
    grids: &[Grid],
    responsibility: &[ResponsibilityGrid],
) -> Vec<ResponsibilityFault> {
    let units: BTreeSet<&GridCode> = grids
        .iter()
        .filter(|grid| grid.level == GridLevel::Unit)
        .map(|grid| &grid.code)
        .collect();
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
        if grid.unit_grids.is_empty() {
            faults.push(ResponsibilityFault::Empty { code: code.clone() });
        }
        for unit in &grid.unit_grids {
            if !units.contains(unit) {
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
            ],
        );
        assert_eq!(
            said(&faults),
            [
                "the responsibility grid code r2 is used twice: give one of them another code",
                "responsibility grid r2 has no unit grid: name at least one",
                "responsibility grid r1 names m0, which is no unit grid of the street",
            ]
        );
    }

    proptest! {
        #[test]
        fn two_owners_are_found_exactly_where_two_sets_of_a_kind_meet(
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
            prop_assert_eq!(check_responsibility(&units(8), &all).len(), expected);
        }
    }
}
