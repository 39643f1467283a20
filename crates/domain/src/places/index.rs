//! Which grids hold a point: all levels at once, far below a microsecond among 11,000 polygons.
//!
//! The land is covered by a raster of small cells. A cell that no outline touches lies in the same
//! grids everywhere, so its answer is written in it and no polygon is asked. A cell that outlines
//! cross lists the few grids that come into question and the few tests that can decide inside it:
//! does the eastward ray from the point cross this edge? Whatever lies east of the cell is a chain
//! of edges, of which the even-odd rule needs only the ends. Neighbours and levels share edges, so
//! each test is made once, and a grid holds the point when an odd number of its own tests say so. The answer is, to the last bit, that of the even-odd rule
//! over all edges of the polygon ([`Grid::contains`]).
//!
//! A cell with very many candidates (grids far apart from each other make the raster coarse) is a
//! raster of its own.

mod build;

use std::collections::BTreeMap;

use super::grids::{Grid, GridLevel, GridPath, crosses_eastward_ray};
use super::position::{Bounds, LonLat};
use super::responsibility::ResponsibilityGrid;
use crate::ids::GridCode;

/// The levels that tile the land, in the order of an [`Answer`].
const TILING: [GridLevel; 4] = [
    GridLevel::Community,
    GridLevel::General,
    GridLevel::Micro,
    GridLevel::Unit,
];
/// No grid of a level.
const NONE: u32 = u32::MAX;
/// For each level of [`TILING`] the grid by its place in the index, or [`NONE`].
type Answer = [u32; 4];

/// The grids of a street or district, ready to be asked where points lie. Where outlines of one
/// level overlap, the smallest code wins, so that the answer is the same everywhere. A grid without
/// an outline, or with a corner that is not on the globe, holds no point.
#[derive(Debug, Clone, Default)]
pub struct GridIndex {
    /// Sorted by level and code.
    grids: Vec<Grid>,
    /// Exclusive grids with their boxes.
    exclusive: Vec<(Bounds, u32)>,
    /// Codes of responsibility grids by unit grid.
    responsibility: BTreeMap<GridCode, Vec<GridCode>>,
    raster: RasterSet,
}

/// The grids of the tiling levels that hold one point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Found<'a> {
    /// 社区.
    pub community: Option<&'a Grid>,
    /// 一般网格.
    pub general: Option<&'a Grid>,
    /// 微网格.
    pub micro: Option<&'a Grid>,
    /// 单元网格.
    pub unit: Option<&'a Grid>,
}

impl GridIndex {
    /// Indexes grids of all levels.
    pub fn new(mut grids: Vec<Grid>) -> Self {
        grids.sort_by(|a, b| (a.level, &a.code).cmp(&(b.level, &b.code)));
        let raster = build::build(&grids);
        let exclusive = (0..)
            .zip(&grids)
            .filter(|(_, grid)| grid.level == GridLevel::Exclusive && build::is_usable(grid))
            .filter_map(|(at, grid)| Some((grid.bounds()?, at)))
            .collect();
        Self {
            grids,
            exclusive,
            responsibility: BTreeMap::new(),
            raster,
        }
    }

    /// Adds the responsibility grids, which are sets of unit grids.
    pub fn with_responsibility(mut self, responsibility: &[ResponsibilityGrid]) -> Self {
        for grid in responsibility {
            for unit in &grid.unit_grids {
                let owners = self.responsibility.entry(unit.clone()).or_default();
                owners.push(grid.code.clone());
                owners.sort();
                owners.dedup();
            }
        }
        self
    }

    /// The grids of the tiling levels at a point, without allocating.
    pub fn find(&self, point: LonLat) -> Found<'_> {
        let [community, general, micro, unit] = self.raster.answer(&self.grids, point);
        // What is not found has a place beyond the end.
        let grid = |at: u32| self.grids.get(at as usize);
        Found {
            community: grid(community),
            general: grid(general),
            micro: grid(micro),
            unit: grid(unit),
        }
    }

    /// The exclusive grids at a point, by code; they may overlap.
    pub fn exclusive_at(&self, point: LonLat) -> impl Iterator<Item = &Grid> + '_ {
        self.exclusive
            .iter()
            .filter(move |(bounds, _)| bounds.contains(point))
            .filter_map(|(_, at)| self.grids.get(*at as usize))
            .filter(move |grid| grid.contains(point))
    }

    /// The responsibility grids that a unit grid belongs to, by code.
    pub fn responsibility_of(&self, unit: &GridCode) -> &[GridCode] {
        self.responsibility.get(unit).map_or(&[], Vec::as_slice)
    }

    /// The codes of all grids at a point, to be stored with what happened there.
    pub fn locate(&self, point: LonLat) -> GridPath {
        let found = self.find(point);
        let code = |grid: Option<&Grid>| grid.map(|grid| grid.code.clone());
        let owners = found.unit.map(|unit| self.responsibility_of(&unit.code));
        GridPath {
            community: code(found.community),
            general: code(found.general),
            micro: code(found.micro),
            unit: code(found.unit),
            exclusive: self.exclusive_at(point).map(|g| g.code.clone()).collect(),
            responsibility: owners.unwrap_or_default().to_vec(),
        }
    }

    /// All grids, by level and code.
    pub fn grids(&self) -> &[Grid] {
        &self.grids
    }

    /// Bytes that the raster holds beyond the grids themselves.
    pub fn raster_bytes(&self) -> usize {
        self.raster.bytes()
    }
}

/// The raster and those inside its cells; the first covers everything.
#[derive(Debug, Clone, Default)]
struct RasterSet {
    rasters: Vec<Raster>,
    /// The cells of all rasters, row by row from the south-west.
    cells: Vec<Cell>,
    answers: Vec<Answer>,
    mixed: Vec<Mixed>,
    candidates: Vec<Candidate>,
    /// The tests: edges from south to north.
    edges: Vec<(LonLat, LonLat)>,
}

/// One raster over a box.
#[derive(Debug, Clone)]
struct Raster {
    bounds: Bounds,
    cols: u32,
    rows: u32,
    cols_per_deg: f64,
    rows_per_deg: f64,
    /// Place of its first cell.
    first: u32,
}

impl Raster {
    /// The column of a longitude; what lies beside the raster counts to its edge.
    fn col(&self, lon: f64) -> u32 {
        // The conversion turns what is negative, or no number, into 0.
        (((lon - self.bounds.min.lon) * self.cols_per_deg) as u32).min(self.cols - 1)
    }

    fn row(&self, lat: f64) -> u32 {
        (((lat - self.bounds.min.lat) * self.rows_per_deg) as u32).min(self.rows - 1)
    }

    fn cell_at(&self, point: LonLat) -> usize {
        (self.first + self.row(point.lat) * self.cols + self.col(point.lon)) as usize
    }
}

/// What a cell holds: two bits say what kind of thing, the others which.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell(u32);

const KIND_BITS: u32 = 0b11 << 30;
const MIXED: u32 = 0b01 << 30;
const RASTER: u32 = 0b10 << 30;
const CROWDED: u32 = 0b11 << 30;

/// A cell that outlines cross.
#[derive(Debug, Clone)]
struct Mixed {
    /// The levels that are the same in the whole cell.
    settled: Answer,
    /// Its candidates for the other levels, by level and code.
    candidates: Span,
    /// Its tests, at most [`MOST_TESTS`].
    edges: Span,
}

/// A part of one of the lists of a [`RasterSet`].
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    first: u32,
    end: u32,
}

impl Span {
    fn of<T>(self, list: &[T]) -> &[T] {
        &list[self.first as usize..self.end as usize]
    }
}

/// As many tests as a candidate's mask has bits beside [`ALWAYS`].
const MOST_TESTS: usize = 31;
/// The bit of a test that always says yes, for a grid that holds a point when its others say no.
const ALWAYS: u32 = 1 << MOST_TESTS;

/// A grid that holds a part of a cell, or, as the last of its level, all of it.
#[derive(Debug, Clone)]
struct Candidate {
    /// The place of its level in [`TILING`], two bits, and the grid's own.
    place: u32,
    /// The tests that concern it: the lowest bit is the first edge of the cell.
    tests: u32,
}

impl Candidate {
    fn new(level: u32, grid: u32, tests: u32) -> Self {
        Self {
            place: level << KIND_BITS.trailing_zeros() | grid,
            tests,
        }
    }

    fn level(&self) -> usize {
        (self.place >> KIND_BITS.trailing_zeros()) as usize
    }

    fn grid(&self) -> u32 {
        self.place & !KIND_BITS
    }
}

impl RasterSet {
    fn answer(&self, grids: &[Grid], point: LonLat) -> Answer {
        let Some(mut raster) = self.rasters.first() else {
            return [NONE; 4];
        };
        if !raster.bounds.contains(point) {
            return [NONE; 4];
        }
        loop {
            let Cell(cell) = self.cells[raster.cell_at(point)];
            let which = (cell & !KIND_BITS) as usize;
            match cell & KIND_BITS {
                MIXED => return self.decided(&self.mixed[which], point),
                RASTER => raster = &self.rasters[which],
                CROWDED => return self.asked(&self.mixed[which], grids, point),
                _ => return self.answers[which],
            }
        }
    }

    fn decided(&self, cell: &Mixed, point: LonLat) -> Answer {
        let (mut said, mut bit) = (ALWAYS, 1);
        for (low, high) in cell.edges.of(&self.edges) {
            if crosses_eastward_ray(*low, *high, point) {
                said |= bit;
            }
            bit <<= 1;
        }
        self.first_of_each_level(cell, |candidate| {
            (said & candidate.tests).count_ones() % 2 == 1
        })
    }

    /// The answer of a cell with more tests than bits: its polygons are asked.
    fn asked(&self, cell: &Mixed, grids: &[Grid], point: LonLat) -> Answer {
        self.first_of_each_level(cell, |candidate| {
            candidate.tests == ALWAYS || grids[candidate.grid() as usize].contains(point)
        })
    }

    fn first_of_each_level(&self, cell: &Mixed, holds: impl Fn(&Candidate) -> bool) -> Answer {
        let mut answer = cell.settled;
        for candidate in cell.candidates.of(&self.candidates) {
            let slot = &mut answer[candidate.level()];
            if *slot == NONE && holds(candidate) {
                *slot = candidate.grid();
            }
        }
        answer
    }

    fn bytes(&self) -> usize {
        size_of_val(self.rasters.as_slice())
            + size_of_val(self.cells.as_slice())
            + size_of_val(self.answers.as_slice())
            + size_of_val(self.mixed.as_slice())
            + size_of_val(self.candidates.as_slice())
            + size_of_val(self.edges.as_slice())
    }
}

#[cfg(test)]
pub(crate) mod tests;
