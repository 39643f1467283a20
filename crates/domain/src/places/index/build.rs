//! Building the raster: which grids cover a cell whole, which in part, and which tests decide.

use std::collections::BTreeMap;

use super::{
    ALWAYS, Answer, CROWDED, Candidate, Cell, MIXED, MOST_TESTS, Mixed, NONE, RASTER, Raster,
    RasterSet, Span, TILING,
};
use crate::places::grids::Grid;
use crate::places::position::{Bounds, LonLat};

/// An edge this near to a cell counts as touching it: far more than any rounding, 0.1 mm on the
/// ground.
const MARGIN_DEG: f64 = 1e-9;
/// Cells of a raster for each grid in it.
const CELLS_PER_GRID: usize = 16;
/// A cell with more candidates becomes a raster of its own.
const MOST_CANDIDATES: usize = 32;
/// Rasters in rasters in rasters: enough for one grid at the other end of the country.
const MOST_DEPTH: u32 = 4;
/// All cells together for each grid, so that outlines that lie on top of each other, which no
/// raster can tell apart, end in long lists and not in endless division.
const MOST_CELLS_PER_GRID: usize = 8 * CELLS_PER_GRID;
/// And as many for each corner, for few grids with long outlines.
const MOST_CELLS_PER_CORNER: usize = 4;
/// A raster has at least this many cells, however few grids.
const LEAST_CELLS: usize = 64;

/// Whether the grid has an outline that can be asked.
pub(super) fn is_usable(grid: &Grid) -> bool {
    let mut corners = grid.rings.iter().flatten().peekable();
    corners.peek().is_some() && corners.all(|corner| corner.is_on_globe())
}

/// Builds the raster of grids that are sorted by level and code.
pub(super) fn build(grids: &[Grid]) -> RasterSet {
    let members: Vec<Member> = (0..)
        .zip(grids)
        .filter(|(_, grid)| is_usable(grid))
        .filter_map(|(at, grid)| {
            let level = TILING.iter().position(|level| *level == grid.level)?;
            Some(Member {
                grid: at,
                level: level as u32,
                is_whole: false,
            })
        })
        .collect();
    let corners = members
        .iter()
        .flat_map(|member| grids[member.grid as usize].rings.iter().flatten());
    let Some(around) = Bounds::around(corners.clone().copied()) else {
        return RasterSet::default();
    };
    let mut builder = Builder {
        grids,
        cells_left: members.len() * MOST_CELLS_PER_GRID + corners.count() * MOST_CELLS_PER_CORNER,
        set: RasterSet::default(),
        answers: BTreeMap::new(),
    };
    builder.raster(widened(around), &members, 0);
    builder.set
}

fn widened(bounds: Bounds) -> Bounds {
    let LonLat { lon, lat } = bounds.min;
    Bounds {
        min: LonLat::new(lon - MARGIN_DEG, lat - MARGIN_DEG),
        max: LonLat::new(bounds.max.lon + MARGIN_DEG, bounds.max.lat + MARGIN_DEG),
    }
}

/// A grid inside a box: it holds the whole of it, or a part.
#[derive(Debug, Clone, Copy)]
struct Member {
    grid: u32,
    level: u32,
    is_whole: bool,
}

struct Builder<'a> {
    grids: &'a [Grid],
    cells_left: usize,
    set: RasterSet,
    /// Each answer is kept once.
    answers: BTreeMap<Answer, u32>,
}

impl Builder<'_> {
    /// Covers a box with cells and returns the place of the raster.
    fn raster(&mut self, bounds: Bounds, members: &[Member], depth: u32) -> u32 {
        let raster = self.laid_out(bounds, members.len());
        let count = raster.cols as usize * raster.rows as usize;
        let mut inside: Vec<Vec<Member>> = vec![Vec::new(); count];
        for member in members {
            if member.is_whole {
                for cell in &mut inside {
                    cell.push(*member);
                }
                continue;
            }
            let grid = &self.grids[member.grid as usize];
            for (cell, is_whole) in covered(&raster, grid) {
                let member = Member {
                    is_whole,
                    ..*member
                };
                inside[cell as usize].push(member);
            }
        }
        let place = self.set.rasters.len() as u32;
        self.cells_left = self.cells_left.saturating_sub(count);
        self.set.cells.resize(self.set.cells.len() + count, Cell(0));
        self.set.rasters.push(raster.clone());
        for (cell, members) in (0..).zip(inside) {
            let kind = self.cell(&cell_bounds(&raster, cell), members, depth);
            self.set.cells[(raster.first + cell) as usize] = kind;
        }
        place
    }

    /// So many nearly square cells that there are some for each grid.
    fn laid_out(&self, bounds: Bounds, grids: usize) -> Raster {
        let width = bounds.max.lon - bounds.min.lon;
        let height = bounds.max.lat - bounds.min.lat;
        let squeezed = width * bounds.centre().lat.to_radians().cos().max(0.1);
        let wanted = (grids * CELLS_PER_GRID).max(LEAST_CELLS) as f64;
        let cols = (wanted * squeezed / height)
            .sqrt()
            .clamp(1.0, wanted)
            .ceil();
        let rows = (wanted / cols).ceil();
        Raster {
            bounds,
            cols: cols as u32,
            rows: rows as u32,
            cols_per_deg: cols / width,
            rows_per_deg: rows / height,
            first: self.set.cells.len() as u32,
        }
    }

    fn cell(&mut self, bounds: &Bounds, mut members: Vec<Member>, depth: u32) -> Cell {
        leave_out_hidden(&mut members);
        let open = members.iter().filter(|member| !member.is_whole).count();
        let next = (members.len() * CELLS_PER_GRID).max(LEAST_CELLS);
        if open > MOST_CANDIDATES && depth < MOST_DEPTH && next <= self.cells_left {
            return Cell(RASTER | self.raster(*bounds, &members, depth + 1));
        }
        let settled = settled(&members);
        if open == 0 {
            let fresh = self.answers.len() as u32;
            let place = *self.answers.entry(settled).or_insert(fresh);
            if place == fresh {
                self.set.answers.push(settled);
            }
            return Cell(place);
        }
        members.retain(|member| settled[member.level as usize] == NONE);
        let tests = Tests::of(&widened(*bounds), &members, self.grids);
        if tests.is_none() && depth < MOST_DEPTH && next <= self.cells_left {
            // What was settled for the whole cell is so in each part of it.
            members.extend(whole(settled));
            members.sort_by_key(|member| (member.level, member.grid));
            return Cell(RASTER | self.raster(*bounds, &members, depth + 1));
        }
        let (kind, tests) = match tests {
            Some(tests) => (MIXED, tests),
            None => (CROWDED, Tests::none(&members)),
        };
        Cell(kind | self.mixed(settled, &members, &tests))
    }

    /// Writes down a cell with candidates and returns its place.
    fn mixed(&mut self, settled: Answer, members: &[Member], tests: &Tests) -> u32 {
        let set = &mut self.set;
        let candidates = members
            .iter()
            .zip(&tests.of_member)
            .map(|(member, tests)| Candidate::new(member.level, member.grid, *tests));
        set.mixed.push(Mixed {
            settled,
            candidates: append(&mut set.candidates, candidates),
            edges: append(&mut set.edges, tests.edges.iter().copied()),
        });
        set.mixed.len() as u32 - 1
    }
}

fn append<T>(list: &mut Vec<T>, more: impl Iterator<Item = T>) -> Span {
    let first = list.len() as u32;
    list.extend(more);
    Span {
        first,
        end: list.len() as u32,
    }
}

/// The tests of one cell.
#[derive(Debug, Default)]
struct Tests {
    /// Edges from south to north, each once.
    edges: Vec<(LonLat, LonLat)>,
    /// For each member the bits of its tests.
    of_member: Vec<u32>,
}

impl Tests {
    /// The tests that decide between members inside a box; `None` when there are too many.
    fn of(cell: &Bounds, members: &[Member], grids: &[Grid]) -> Option<Self> {
        let mut tests = Self::default();
        for member in members {
            let bits = if member.is_whole {
                ALWAYS
            } else {
                tests.bits(cell, &grids[member.grid as usize])?
            };
            tests.of_member.push(bits);
        }
        Some(tests)
    }

    /// The tests of one grid; the same test twice says nothing.
    fn bits(&mut self, cell: &Bounds, grid: &Grid) -> Option<u32> {
        let mut bits = 0;
        // Along a chain of edges that all lie east, every corner but the two ends counts twice,
        // which is not at all.
        let mut chain_ends: Vec<f64> = Vec::new();
        for (a, b) in grid.edges() {
            match part_in_cell(cell, a, b) {
                Part::None => {}
                Part::Decides => bits ^= self.bit(in_order(a, b))?,
                Part::East => {
                    toggle(&mut chain_ends, a.lat);
                    toggle(&mut chain_ends, b.lat);
                }
            }
        }
        for lat in chain_ends {
            if lat <= cell.min.lat {
                bits ^= ALWAYS;
            } else if lat <= cell.max.lat {
                bits ^= self.bit(far_east(lat))?;
            }
        }
        Some(bits)
    }

    /// The bit of a test, which is added when it is new; `None` when there is none left.
    fn bit(&mut self, edge: (LonLat, LonLat)) -> Option<u32> {
        let known = self.edges.iter().position(|known| *known == edge);
        let at = known.unwrap_or_else(|| {
            self.edges.push(edge);
            self.edges.len() - 1
        });
        (at < MOST_TESTS).then(|| 1 << at)
    }

    /// No tests: whoever holds a part of the cell is asked.
    fn none(members: &[Member]) -> Self {
        let bits = |member: &Member| if member.is_whole { ALWAYS } else { 0 };
        Self {
            edges: Vec::new(),
            of_member: members.iter().map(bits).collect(),
        }
    }
}

/// An edge that every eastward ray from a latitude on crosses.
fn far_east(lat: f64) -> (LonLat, LonLat) {
    (
        LonLat::new(f64::MAX, lat),
        LonLat::new(f64::MAX, f64::INFINITY),
    )
}

/// Adds what is not in the list and takes out what is.
fn toggle(list: &mut Vec<f64>, item: f64) {
    match list.iter().position(|known| known.total_cmp(&item).is_eq()) {
        Some(at) => {
            list.swap_remove(at);
        }
        None => list.push(item),
    }
}

fn in_order(a: LonLat, b: LonLat) -> (LonLat, LonLat) {
    if a.lat <= b.lat { (a, b) } else { (b, a) }
}

/// The members that hold a whole cell.
fn whole(settled: Answer) -> impl Iterator<Item = Member> {
    (0..)
        .zip(settled)
        .filter(|(_, grid)| *grid != NONE)
        .map(|(level, grid)| Member {
            grid,
            level,
            is_whole: true,
        })
}

/// Takes out what a whole grid with a smaller code of the same level always wins over.
fn leave_out_hidden(members: &mut Vec<Member>) {
    let mut is_settled = [false; TILING.len()];
    members.retain(|member| {
        let settled = &mut is_settled[member.level as usize];
        let is_seen = !*settled;
        *settled |= member.is_whole;
        is_seen
    });
}

/// The levels whose first member holds the whole cell.
fn settled(members: &[Member]) -> Answer {
    let mut answer = [NONE; TILING.len()];
    for (level, slot) in (0..).zip(&mut answer) {
        let first = members.iter().find(|member| member.level == level);
        if let Some(member) = first.filter(|member| member.is_whole) {
            *slot = member.grid;
        }
    }
    answer
}

fn cell_bounds(raster: &Raster, cell: u32) -> Bounds {
    let (col, row) = (f64::from(cell % raster.cols), f64::from(cell / raster.cols));
    let corner = |col: f64, row: f64| {
        LonLat::new(
            raster.bounds.min.lon + col / raster.cols_per_deg,
            raster.bounds.min.lat + row / raster.rows_per_deg,
        )
    };
    Bounds {
        min: corner(col, row),
        max: corner(col + 1.0, row + 1.0),
    }
}

/// What an edge means for the points of one cell.
enum Part {
    /// No point's eastward ray crosses it.
    None,
    /// It lies east of all points: only their latitude counts.
    East,
    /// It depends on the point.
    Decides,
}

fn part_in_cell(cell: &Bounds, a: LonLat, b: LonLat) -> Part {
    let (low, high) = in_order(a, b);
    let is_beside = high.lat < cell.min.lat || low.lat > cell.max.lat || low.lat >= high.lat;
    if is_beside || a.lon.max(b.lon) < cell.min.lon {
        Part::None
    } else if a.lon.min(b.lon) > cell.max.lon {
        Part::East
    } else {
        Part::Decides
    }
}

/// The cells that a grid holds, each with whether it holds the whole of it.
fn covered(raster: &Raster, grid: &Grid) -> Vec<(u32, bool)> {
    let Some(bounds) = grid.bounds().map(widened) else {
        return Vec::new();
    };
    let window = Window::of(raster, &bounds);
    let mut touched = vec![false; window.len()];
    for (a, b) in grid.edges() {
        touch(raster, &window, &mut touched, a, b);
    }
    let mut cells = Vec::new();
    for row in window.rows.clone() {
        // Between two touched cells nothing changes, so one point speaks for all.
        let mut known: Option<bool> = None;
        for col in window.cols.clone() {
            let cell = row * raster.cols + col;
            if touched[window.place(col, row)] {
                known = None;
                cells.push((cell, false));
                continue;
            }
            let is_inside =
                *known.get_or_insert_with(|| grid.contains(cell_bounds(raster, cell).centre()));
            if is_inside {
                cells.push((cell, true));
            }
        }
    }
    cells
}

/// Marks the cells that an edge touches, row by row.
fn touch(raster: &Raster, window: &Window, touched: &mut [bool], a: LonLat, b: LonLat) {
    let (low, high) = in_order(a, b);
    let around = widened(raster.bounds);
    if high.lat < around.min.lat
        || low.lat > around.max.lat
        || a.lon.max(b.lon) < around.min.lon
        || a.lon.min(b.lon) > around.max.lon
    {
        return;
    }
    let rows = raster.row(low.lat - MARGIN_DEG)..=raster.row(high.lat + MARGIN_DEG);
    for row in rows {
        let south = raster.bounds.min.lat + f64::from(row) / raster.rows_per_deg - MARGIN_DEG;
        let north = raster.bounds.min.lat + f64::from(row + 1) / raster.rows_per_deg + MARGIN_DEG;
        let at = |lat: f64| {
            let share = ((lat - low.lat) / (high.lat - low.lat)).clamp(0.0, 1.0);
            low.lon + (high.lon - low.lon) * share
        };
        let (from, to) = if high.lat - low.lat < MARGIN_DEG {
            (low.lon, high.lon)
        } else {
            (at(south), at(north))
        };
        // Rounding must not lead beyond the window, which the corners have set.
        let (first, last) = (*window.cols.start(), *window.cols.end());
        let west = raster.col(from.min(to) - MARGIN_DEG).clamp(first, last);
        let east = raster.col(from.max(to) + MARGIN_DEG).clamp(first, last);
        for col in west..=east {
            touched[window.place(col, row)] = true;
        }
    }
}

/// The columns and rows that a box meets.
struct Window {
    cols: std::ops::RangeInclusive<u32>,
    rows: std::ops::RangeInclusive<u32>,
}

impl Window {
    fn of(raster: &Raster, bounds: &Bounds) -> Self {
        Self {
            cols: raster.col(bounds.min.lon)..=raster.col(bounds.max.lon),
            rows: raster.row(bounds.min.lat)..=raster.row(bounds.max.lat),
        }
    }

    fn width(&self) -> usize {
        (self.cols.end() - self.cols.start()) as usize + 1
    }

    fn len(&self) -> usize {
        self.width() * ((self.rows.end() - self.rows.start()) as usize + 1)
    }

    fn place(&self, col: u32, row: u32) -> usize {
        let (col, row) = (col - self.cols.start(), row - self.rows.start());
        row as usize * self.width() + col as usize
    }
}
