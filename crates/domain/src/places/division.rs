//! What is wrong with a division of the land before it is imported.
//!
//! The division rules: closed outlines that do not cross themselves, no overlaps inside a level,
//! no gap between the unit grids of a community, no grid that crosses its community, no building
//! split between unit grids. Every finding says which codes, how many square metres and where.
//!
//! The check runs on a plane in metres on which the straight edges of the file stay straight:
//! projected coordinates as they are, degrees of any system stretched around the middle of the
//! data. A conversion between systems bends long edges by centimetres, enough to open gaps where a
//! corner of one grid lies on an edge of another, so that data are checked in the system in which
//! they were drawn and only the places of findings are converted. Areas are true to 1 % as long
//! as the data are less than 1° high.
//!
//! What is smaller than the [`Tolerances`] is not reported: two surveys of one wall never agree to
//! the millimetre.

mod buildings;
mod communities;
mod outlines;
mod pairs;
mod plane;

use std::collections::BTreeMap;

use super::codes::UnitGridCode;
use super::crs::Crs;
use super::grids::{Grid, GridLevel};
use super::position::LonLat;
use crate::ids::GridCode;

use outlines::Land;
use plane::Plane;

/// A ring in the coordinates of the data: longitude and latitude, or easting and northing.
pub type Ring = Vec<(f64, f64)>;

/// A grid that is to be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnGrid {
    /// Its code.
    pub code: GridCode,
    /// Its level.
    pub level: GridLevel,
    /// The grid that it says it lies in.
    pub parent: Option<GridCode>,
    /// The outline first, then holes.
    pub rings: Vec<Ring>,
}

/// A building that must not be split.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnBuilding {
    /// Its number or name.
    pub name: String,
    /// The outline first, then courtyards.
    pub rings: Vec<Ring>,
}

/// A division with the coordinate system in which it was drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Division {
    /// The coordinate system of all rings.
    pub crs: Crs,
    /// Grids of all levels.
    pub grids: Vec<DrawnGrid>,
    /// Buildings, where they are known.
    pub buildings: Vec<DrawnBuilding>,
}

impl Division {
    /// The division of grids that are stored already.
    pub fn of_grids(grids: &[Grid]) -> Self {
        let pair = |p: &LonLat| (p.lon, p.lat);
        let drawn = |grid: &Grid| DrawnGrid {
            code: grid.code.clone(),
            level: grid.level,
            parent: grid.parent.clone(),
            rings: grid
                .rings
                .iter()
                .map(|ring| ring.iter().map(pair).collect())
                .collect(),
        };
        Self {
            crs: Crs::Cgcs2000,
            grids: grids.iter().map(drawn).collect(),
            buildings: Vec::new(),
        }
    }
}

/// What is too small to be reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerances {
    /// Pieces of overlap, gap, crossing or self-intersection below this many square metres are
    /// slivers of surveying and left out.
    pub sliver_m2: f64,
    /// A building is split when at least two unit grids hold this many square metres of it.
    pub building_m2: f64,
}

impl Default for Tolerances {
    fn default() -> Self {
        Self {
            sliver_m2: 0.5,
            building_m2: 1.0,
        }
    }
}

/// The kinds of faults, in the order of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Two grids have one code.
    DuplicateCode,
    /// No ring with three corners, or no land inside.
    NoOutline,
    /// A corner that is no number or lies outside of the coordinate system.
    BadCoordinate,
    /// A ring whose last corner is not its first.
    NotClosed,
    /// An outline that crosses itself or its holes; the area is what lies on the wrong side.
    CrossesItself,
    /// A grid below the communities that leads to none of them.
    NoCommunity,
    /// Two grids of one level share land.
    Overlap,
    /// Land of a community that belongs to no unit grid.
    Gap,
    /// A grid reaches out of its community; the area is what lies outside.
    CrossesCommunity,
    /// A building in several unit grids; the area is what the largest part leaves over.
    BuildingSplit,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What kind of fault.
    pub fault: Fault,
    /// The grids concerned; of a split building its name first.
    pub codes: Vec<String>,
    /// How much land, in square metres; 0 for faults that have no area.
    pub area_m2: f64,
    /// Where: a point of the largest piece, or a corner; `None` where no corner is a place.
    pub at: Option<LonLat>,
}

/// What a check found and what it looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DivisionReport {
    /// Everything wrong, by fault and codes; empty when the division may be imported.
    pub findings: Vec<Finding>,
    /// Grids by level.
    pub grids: BTreeMap<GridLevel, usize>,
    /// Buildings.
    pub buildings: usize,
}

impl DivisionReport {
    /// Whether gaps and crossings could be looked for, which needs communities and unit grids.
    pub fn has_looked_for_gaps(&self) -> bool {
        [GridLevel::Community, GridLevel::Unit]
            .iter()
            .all(|level| self.grids.contains_key(level))
    }
}

/// Checks a division. The same division gives the same report, whatever the order of its grids.
pub fn check_division(division: &Division, tolerances: Tolerances) -> DivisionReport {
    let mut report = DivisionReport {
        buildings: division.buildings.len(),
        ..DivisionReport::default()
    };
    for grid in &division.grids {
        *report.grids.entry(grid.level).or_default() += 1;
    }
    let Some(plane) = Plane::of(division) else {
        // Not one corner is a place, and there is nothing to measure.
        let no_place = |grid: &DrawnGrid| Finding {
            fault: match grid.rings.iter().flatten().next() {
                Some(_) => Fault::BadCoordinate,
                None => Fault::NoOutline,
            },
            codes: vec![grid.code.0.clone()],
            area_m2: 0.0,
            at: None,
        };
        report.findings = division.grids.iter().map(no_place).collect();
        sort(&mut report.findings);
        return report;
    };
    let mut check = Check {
        plane,
        tolerances,
        findings: Vec::new(),
    };
    let sheet = Sheet::read(division, &mut check);
    pairs::find_overlaps(&sheet, &mut check);
    communities::find_crossings_and_gaps(&sheet, &mut check);
    buildings::find_split(&division.buildings, &sheet, &mut check);
    report.findings = check.findings;
    sort(&mut report.findings);
    report
}

fn sort(findings: &mut [Finding]) {
    let place = |finding: &Finding| finding.at.map_or((0.0, 0.0), |at| (at.lon, at.lat));
    findings.sort_by(|a, b| {
        let (here, there) = (place(a), place(b));
        (a.fault, &a.codes)
            .cmp(&(b.fault, &b.codes))
            .then(here.0.total_cmp(&there.0))
            .then(here.1.total_cmp(&there.1))
    });
}

/// A running check: where it measures, what it lets pass, what it has found.
struct Check {
    plane: Plane,
    tolerances: Tolerances,
    findings: Vec<Finding>,
}

impl Check {
    fn find(&mut self, fault: Fault, codes: &[&str], area_m2: f64, at: Option<geo::Coord>) {
        self.findings.push(Finding {
            fault,
            codes: codes.iter().map(|&code| code.to_owned()).collect(),
            area_m2,
            at: at.and_then(|at| self.plane.position(at)),
        });
    }

    /// Reports the pieces of land that are no slivers as one finding.
    fn find_pieces(&mut self, fault: Fault, codes: &[&str], pieces: &geo::MultiPolygon) {
        if let Some((area_m2, at)) = outlines::measured(pieces, self.tolerances.sliver_m2) {
            self.find(fault, codes, area_m2, at);
        }
    }
}

/// The grids with land, by code, and their communities.
struct Sheet<'a> {
    grids: Vec<SheetGrid<'a>>,
    by_code: BTreeMap<&'a str, usize>,
}

struct SheetGrid<'a> {
    drawn: &'a DrawnGrid,
    land: Land,
}

impl<'a> Sheet<'a> {
    /// Reads the outlines; what is wrong with one alone is found here.
    fn read(division: &'a Division, check: &mut Check) -> Self {
        let mut sorted: Vec<&DrawnGrid> = division.grids.iter().collect();
        sorted.sort_by(|a, b| (&a.code, a.level).cmp(&(&b.code, b.level)));
        let mut sheet = Self {
            grids: Vec::new(),
            by_code: BTreeMap::new(),
        };
        let mut last = None;
        for drawn in sorted {
            let code = drawn.code.as_str();
            let land = outlines::read(&drawn.rings, code, true, check);
            if last == Some(code) {
                let at = land.as_ref().map(Land::corner);
                check.find(Fault::DuplicateCode, &[code], 0.0, at);
            }
            last = Some(code);
            if let Some(land) = land {
                sheet.by_code.entry(code).or_insert(sheet.grids.len());
                sheet.grids.push(SheetGrid { drawn, land });
            }
        }
        sheet
    }

    fn of_level(&self, level: GridLevel) -> Vec<&SheetGrid<'a>> {
        let of_level = |grid: &&SheetGrid<'a>| grid.drawn.level == level;
        self.grids.iter().filter(of_level).collect()
    }

    fn grid(&self, code: &str) -> Option<&SheetGrid<'a>> {
        self.by_code.get(code).map(|at| &self.grids[*at])
    }

    /// The community of a grid: up its parents, or for a unit grid the one that its standard code
    /// begins with.
    fn community_of<'s>(&'s self, grid: &'s SheetGrid<'a>) -> Option<&'s SheetGrid<'a>> {
        let mut at = Some(grid);
        // More steps than levels would be a circle.
        for _ in 0..GridLevel::ALL.len() {
            let Some(here) = at else { break };
            if here.drawn.level == GridLevel::Community {
                return at;
            }
            let parent = here.drawn.parent.as_ref();
            at = parent.and_then(|parent| self.grid(parent.as_str()));
        }
        let code: UnitGridCode = grid.drawn.code.as_str().parse().ok()?;
        self.grid(&code.community().to_string())
            .filter(|found| found.drawn.level == GridLevel::Community)
    }
}

#[cfg(test)]
mod tests;
