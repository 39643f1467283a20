//! How grids nest: city → district → street → community → general → micro, with the unit grids
//! tiling the communities and the exclusive grids beside.

use std::collections::BTreeMap;

use super::codes::{CodeError, CommunityCode, UnitGridCode};
use super::grids::{Grid, GridLevel, GridPath};
use crate::ids::GridCode;

/// What is wrong with the way grids nest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum HierarchyFault {
    /// Two grids have one code.
    #[error("the grid code {code} is used twice: give one of them another code")]
    DuplicateCode {
        /// The code.
        code: GridCode,
    },
    /// A grid below the communities names no parent.
    #[error("grid {code} names no parent: name the grid that it lies in")]
    NoParent {
        /// Which.
        code: GridCode,
    },
    /// The parent is not among the grids.
    #[error("grid {code} names the parent {parent}, which is not among the grids")]
    UnknownParent {
        /// Which.
        code: GridCode,
        /// The parent that is not known.
        parent: GridCode,
    },
    /// The parent is of a level that cannot hold this one.
    #[error(
        "grid {code} of the level {level:?} cannot lie in {parent} of the level {parent_level:?}"
    )]
    WrongLevel {
        /// Which.
        code: GridCode,
        /// Its level.
        level: GridLevel,
        /// The parent.
        parent: GridCode,
        /// The parent's level.
        parent_level: GridLevel,
    },
}

/// The grids of a street by code, with the way up from each.
#[derive(Debug, Clone, Default)]
pub struct Hierarchy<'a> {
    grids: BTreeMap<&'a GridCode, &'a Grid>,
}

impl<'a> Hierarchy<'a> {
    /// Takes grids and says everything that is wrong with the way they nest, in a fixed order. Of
    /// two grids with one code the first is kept.
    pub fn new(grids: &'a [Grid]) -> (Self, Vec<HierarchyFault>) {
        let mut hierarchy = Self::default();
        let mut faults = Vec::new();
        for grid in grids {
            if hierarchy.grids.contains_key(&grid.code) {
                let code = grid.code.clone();
                faults.push(HierarchyFault::DuplicateCode { code });
            } else {
                hierarchy.grids.insert(&grid.code, grid);
            }
        }
        faults.extend(grids.iter().filter_map(|grid| hierarchy.parent_fault(grid)));
        faults.sort();
        faults.dedup();
        (hierarchy, faults)
    }

    fn parent_fault(&self, grid: &Grid) -> Option<HierarchyFault> {
        let code = || grid.code.clone();
        let Some(parent) = &grid.parent else {
            return (grid.level != GridLevel::Community)
                .then(|| HierarchyFault::NoParent { code: code() });
        };
        let Some(found) = self.grids.get(parent) else {
            return Some(HierarchyFault::UnknownParent {
                code: code(),
                parent: parent.clone(),
            });
        };
        (!grid.level.parents().contains(&found.level)).then(|| HierarchyFault::WrongLevel {
            code: code(),
            level: grid.level,
            parent: parent.clone(),
            parent_level: found.level,
        })
    }

    /// The grid with a code.
    pub fn grid(&self, code: &GridCode) -> Option<&'a Grid> {
        self.grids.get(code).copied()
    }

    /// A grid and those above it, the community last. The way ends where the levels are wrong, so
    /// it ends for any input.
    pub fn way_up(&self, code: &GridCode) -> impl Iterator<Item = &'a Grid> + '_ {
        std::iter::successors(self.grid(code), |grid| {
            let parent = self.grid(grid.parent.as_ref()?)?;
            grid.level
                .parents()
                .contains(&parent.level)
                .then_some(parent)
        })
    }

    /// The community that a grid lies in, by its parents; its own for a community.
    pub fn community_of(&self, code: &GridCode) -> Option<&'a Grid> {
        self.way_up(code)
            .find(|grid| grid.level == GridLevel::Community)
    }

    /// The path of a grid by its parents, without asking for outlines.
    pub fn path_of(&self, code: &GridCode) -> GridPath {
        let mut path = GridPath::default();
        for grid in self.way_up(code) {
            let code = grid.code.clone();
            match grid.level {
                GridLevel::Community => path.community = Some(code),
                GridLevel::General => path.general = Some(code),
                GridLevel::Micro => path.micro = Some(code),
                GridLevel::Unit => path.unit = Some(code),
                GridLevel::Exclusive => path.exclusive.push(code),
            }
        }
        path
    }
}

impl GridPath {
    /// The community by its standard code, from which follow street, district and city: that of
    /// the community grid, or the one that the unit grid's code begins with.
    pub fn community_code(&self) -> Option<Result<CommunityCode, CodeError>> {
        if let Some(community) = &self.community {
            return Some(community.as_str().parse());
        }
        let unit = self.unit.as_ref()?.as_str().parse::<UnitGridCode>();
        Some(unit.map(UnitGridCode::community))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::index::tests::square;

    fn grid(code: &str, level: GridLevel, parent: Option<&str>) -> Grid {
        Grid {
            parent: parent.map(GridCode::from),
            ..square(code, level, 0.0, 1.0)
        }
    }

    fn sound() -> Vec<Grid> {
        vec![
            grid("510108014003", GridLevel::Community, None),
            grid("g", GridLevel::General, Some("510108014003")),
            grid("m", GridLevel::Micro, Some("g")),
            grid("u", GridLevel::Unit, Some("m")),
            grid("x", GridLevel::Exclusive, Some("510108014003")),
        ]
    }

    #[test]
    fn the_way_up_ends_at_the_community_and_names_street_district_and_city() {
        let grids = sound();
        let (hierarchy, faults) = Hierarchy::new(&grids);
        assert_eq!(faults, []);
        let path = hierarchy.path_of(&"u".into());
        assert_eq!(
            path,
            GridPath {
                community: Some("510108014003".into()),
                general: Some("g".into()),
                micro: Some("m".into()),
                unit: Some("u".into()),
                ..GridPath::default()
            }
        );
        let community = path.community_code().expect("has one").expect("standard");
        let street = community.street();
        assert_eq!(street.to_string(), "510108014");
        assert_eq!(street.district().to_string(), "510108");
        assert_eq!(street.district().city().to_string(), "510100");
        assert_eq!(hierarchy.path_of(&"x".into()).exclusive, ["x".into()]);
        let community = hierarchy.community_of(&"x".into());
        assert_eq!(community.map(|c| c.code.as_str()), Some("510108014003"));
        assert_eq!(hierarchy.path_of(&"?".into()), GridPath::default());
    }

    #[test]
    fn the_community_follows_from_the_unit_code_alone() {
        let path = GridPath {
            unit: Some("51010801400312".into()),
            ..GridPath::default()
        };
        let code = path.community_code().expect("has one").expect("standard");
        assert_eq!(code.to_string(), "510108014003");
        assert_eq!(GridPath::default().community_code(), None);
        let odd = GridPath {
            community: Some("锦水".into()),
            ..GridPath::default()
        };
        assert!(odd.community_code().expect("has one").is_err());
    }

    #[test]
    fn every_wrong_nesting_is_named() {
        let mut grids = sound();
        grids.extend([
            grid("g", GridLevel::General, Some("510108014003")),
            grid("m2", GridLevel::Micro, None),
            grid("m3", GridLevel::Micro, Some("nowhere")),
            grid("m4", GridLevel::Micro, Some("m")),
            grid("c2", GridLevel::Community, Some("510108014003")),
            grid("u2", GridLevel::Unit, Some("u2")),
        ]);
        let (hierarchy, faults) = Hierarchy::new(&grids);
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "the grid code g is used twice: give one of them another code",
                "grid m2 names no parent: name the grid that it lies in",
                "grid m3 names the parent nowhere, which is not among the grids",
                "grid c2 of the level Community cannot lie in 510108014003 of the level Community",
                "grid m4 of the level Micro cannot lie in m of the level Micro",
                "grid u2 of the level Unit cannot lie in u2 of the level Unit",
            ]
        );
        // A grid that names itself has no way up, and no endless one.
        assert_eq!(hierarchy.way_up(&"u2".into()).count(), 1);
    }

    #[test]
    fn unit_grids_may_lie_in_any_level_between() {
        for (level, parent) in [
            (GridLevel::Micro, "m"),
            (GridLevel::General, "g"),
            (GridLevel::Community, "510108014003"),
        ] {
            let mut grids = sound();
            grids.push(grid("u2", GridLevel::Unit, Some(parent)));
            let (hierarchy, faults) = Hierarchy::new(&grids);
            assert_eq!(faults, [], "{level:?}");
            let community = hierarchy.community_of(&"u2".into());
            assert!(community.is_some(), "{level:?}");
        }
    }
}
