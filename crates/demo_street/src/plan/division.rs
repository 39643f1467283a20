//! The administrative division: communities → general grids → micro grids, and the unit grids.
//!
//! Unit cells tile the street; every larger area is a union of cells, so each level tiles exactly
//! and none crosses a community.
//!
//! Codes (a scheme of this demo, after the standards named in the product's documents):
//! - community: 6 district + 3 street + 3 community = 12 digits;
//! - unit grid: community + 3-digit sequence = 15 digits, numbered by the domain's rule, row by
//!   row from north to south and from west to east inside a row;
//! - general grid: community + `01` + 3-digit sequence = 17 digits;
//! - exclusive grid: community + `02` + 3-digit sequence = 17 digits;
//! - responsibility grid: community + `03` or `04` + 3-digit sequence = 17 digits;
//! - micro grid: general grid + 3-digit sequence = 20 digits.

use domain::LonLat;
use domain::places::numbering::number_unit_grids;
use domain::places::{CommunityCode, SequenceDigits};

use super::blocks::{Blocks, common_border_m};
use super::cells::Cell;
use super::territory::{COMMUNITIES, Territory};
use super::unit_cells::{Ways, cut_cells};
use crate::geom::Point;
use crate::geom::ring::{Ring, area, centroid, outline_distance};
use crate::geom::shared::{Area, VertexIndex, union};
use crate::matters::located;

/// District code of Chenghua (GB/T 2260).
pub const DISTRICT_CODE: &str = "510108";
/// Code of the fictional street inside the district; real streets of Chenghua end at 017.
pub const STREET_CODE: &str = "099";
/// Unit grids of the street.
pub const UNIT_GRIDS: usize = 990;
/// General grids of the street.
pub const GENERAL_GRIDS: usize = 84;
/// Micro grids of the street.
pub const MICRO_GRIDS: usize = 760;

/// An area with a code.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Code as documented above.
    pub code: String,
    /// Index of the next larger area: the community for unit and general grids, the general grid
    /// for micro grids.
    pub parent: usize,
    /// The land.
    pub area: Area,
    /// A point inside, near the middle.
    pub middle: Point,
    /// Indices of the unit cells of which it consists.
    pub cells: Vec<usize>,
}

/// The cells of the whole map and the division of those inside the street.
pub struct Division {
    /// Cells of the map; those of the street come first, in the order of their codes.
    pub cells: Vec<Cell>,
    /// Ways between cells: the line, the block, and whether it runs inside one compound.
    pub ways: Vec<(Vec<Point>, usize, bool)>,
    /// The street.
    pub street: Area,
    /// Communities, from north to south and west to east.
    pub communities: Vec<Grid>,
    /// Unit grids; the index is that of the cell.
    pub unit_grids: Vec<Grid>,
    /// General grids.
    pub general_grids: Vec<Grid>,
    /// Micro grids.
    pub micro_grids: Vec<Grid>,
    /// Micro grid of each unit grid.
    pub micro_of_unit: Vec<usize>,
}

/// A cell of the street while it is being assigned.
struct Assigned {
    cell: Cell,
    community: usize,
    general: usize,
    /// Its unit grid code.
    code: String,
}

/// Divides the map into cells and the street into its grids.
pub fn divide_street(seed: u64, blocks: &Blocks, territory: &Territory) -> Division {
    let community_order = order_communities(territory);
    let block_community = block_communities(blocks, territory, &community_order);
    let (mut inside, mut outside, ways) = cut_cells(seed, blocks, &block_community);
    let index = VertexIndex::of(
        inside
            .iter()
            .chain(&outside)
            .map(|cell| cell.ring.as_slice())
            .chain(
                blocks
                    .stretches
                    .iter()
                    .map(|stretch| stretch.line.as_slice()),
            ),
    );
    for cell in inside.iter_mut().chain(&mut outside) {
        cell.ring = index.noded(&cell.ring);
    }
    let general = general_grids(blocks, territory, &block_community, &inside);
    let mut assigned: Vec<Assigned> = inside
        .into_iter()
        .zip(general)
        .map(|(cell, general)| {
            let community = block_community[cell.block].unwrap_or(0);
            Assigned {
                cell,
                community,
                general,
                code: String::new(),
            }
        })
        .collect();
    number(&mut assigned);
    build(assigned, outside, ways)
}

/// Gives the cells their codes, community by community, and sorts them by code.
fn number(assigned: &mut [Assigned]) {
    for c in 0..COMMUNITIES {
        let cells: Vec<&mut Assigned> = assigned.iter_mut().filter(|a| a.community == c).collect();
        let centres: Vec<LonLat> = cells
            .iter()
            .map(|a| located(centroid(&a.cell.ring)))
            .collect();
        let community: CommunityCode = community_code(c).parse().expect("a code of the scheme");
        let codes = number_unit_grids(community, SequenceDigits::Three, [], &centres)
            .expect("fewer unit grids than three digits can write");
        for (cell, code) in cells.into_iter().zip(codes) {
            cell.code = code.to_string();
        }
    }
    assigned.sort_by(|a, b| a.code.cmp(&b.code));
}

fn community_code(community: usize) -> String {
    format!("{DISTRICT_CODE}{STREET_CODE}{:03}", community + 1)
}

/// For each community of the territory its place in the order from north-west to south-east.
fn order_communities(territory: &Territory) -> Vec<usize> {
    let mut middles = [(Point::default(), 0.0); COMMUNITIES];
    for (quarter, community) in territory.quarters.iter().zip(&territory.community) {
        if let Some(c) = community {
            middles[*c].0 = middles[*c].0 + quarter.middle * quarter.area_m2;
            middles[*c].1 += quarter.area_m2;
        }
    }
    let key = |c: usize| {
        let middle = middles[c].0 * (1.0 / f64::max(middles[c].1, 1.0));
        (((-middle.y) / 1_100.0).floor() as i64, middle.x)
    };
    let mut order: Vec<usize> = (0..COMMUNITIES).collect();
    order.sort_by(|a, b| {
        let (a, b) = (key(*a), key(*b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let mut place = vec![0; COMMUNITIES];
    for (rank, c) in order.into_iter().enumerate() {
        place[c] = rank;
    }
    place
}

fn block_communities(
    blocks: &Blocks,
    territory: &Territory,
    order: &[usize],
) -> Vec<Option<usize>> {
    let mut of_block = vec![None; blocks.faces.len()];
    for (quarter, community) in territory.quarters.iter().zip(&territory.community) {
        for leaf in blocks.leaves(quarter.face) {
            of_block[leaf] = community.map(|c| order[c]);
        }
    }
    of_block
}

/// The general grid of each cell: the tree of faces is opened from the largest until there are
/// enough; the other cells join the neighbour with the longest common border.
fn general_grids(
    blocks: &Blocks,
    territory: &Territory,
    block_community: &[Option<usize>],
    cells: &[Cell],
) -> Vec<usize> {
    let inside = territory.quarters.iter().zip(&territory.community);
    let mut grids: Vec<usize> = inside
        .filter(|(q, c)| c.is_some() && is_grid_land(q))
        .map(|(q, _)| q.face)
        .collect();
    while grids.len() < GENERAL_GRIDS {
        let largest = (0..grids.len())
            .filter(|i| blocks.faces[grids[*i]].halves.is_some())
            .max_by(|a, b| {
                let size = |i: &usize| blocks.faces[grids[*i]].area_m2;
                size(a).total_cmp(&size(b))
            });
        let Some(at) = largest else { break };
        if let Some([a, b]) = blocks.faces[grids[at]].halves {
            grids[at] = a;
            grids.push(b);
        }
    }
    let mut of_block = vec![None; blocks.faces.len()];
    for (grid, face) in grids.iter().enumerate() {
        for leaf in blocks.leaves(*face) {
            of_block[leaf] = Some(grid);
        }
    }
    let mut of_cell: Vec<Option<usize>> = cells.iter().map(|cell| of_block[cell.block]).collect();
    attach_rest(block_community, cells, &mut of_cell);
    of_cell.into_iter().map(|grid| grid.unwrap_or(0)).collect()
}

/// Whether a quarter is large enough to be general grids of its own; the river with its banks and
/// the islands between main roads join a neighbour.
fn is_grid_land(quarter: &super::territory::Quarter) -> bool {
    !quarter.riverside && quarter.area_m2 > 45_000.0
}

fn attach_rest(block_community: &[Option<usize>], cells: &[Cell], of_cell: &mut [Option<usize>]) {
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for (i, cell) in cells
            .iter()
            .enumerate()
            .filter(|(i, _)| of_cell[*i].is_none())
        {
            let middle = centroid(&cell.ring);
            for (j, other) in cells.iter().enumerate() {
                let Some(grid) = of_cell[j] else { continue };
                if block_community[cell.block] != block_community[other.block]
                    || outline_distance(&other.ring, middle) > 250.0
                {
                    continue;
                }
                let border = common_border_m(&cell.ring, &other.ring);
                if border > best.map_or(0.0, |(most, ..)| most) {
                    best = Some((border, i, grid));
                }
            }
        }
        let Some((_, cell, grid)) = best else { return };
        of_cell[cell] = Some(grid);
    }
}

fn build(assigned: Vec<Assigned>, outside: Vec<Cell>, ways: Ways) -> Division {
    let rings: Vec<&Ring> = assigned.iter().map(|a| &a.cell.ring).collect();
    let grid_of = |code: String, parent: usize, cells: Vec<usize>| {
        let area = union(cells.iter().map(|i| rings[*i].as_slice()));
        Grid {
            code,
            parent,
            middle: inner_point(&area),
            area,
            cells,
        }
    };
    let all = |wanted: &dyn Fn(&Assigned) -> bool| -> Vec<usize> {
        (0..assigned.len())
            .filter(|i| wanted(&assigned[*i]))
            .collect()
    };
    let communities: Vec<Grid> = (0..COMMUNITIES)
        .map(|c| grid_of(community_code(c), 0, all(&|a| a.community == c)))
        .collect();
    let unit_grids: Vec<Grid> = assigned
        .iter()
        .enumerate()
        .map(|(i, a)| grid_of(a.code.clone(), a.community, vec![i]))
        .collect();
    let mut sequence = [0; COMMUNITIES];
    let mut general_grids = Vec::new();
    for general in ordered_groups(&assigned) {
        let cells = all(&|a| a.general == general);
        let community = assigned[cells[0]].community;
        sequence[community] += 1;
        let code = format!("{}01{:03}", community_code(community), sequence[community]);
        general_grids.push(grid_of(code, community, cells));
    }
    let (micro_grids, micro_of_unit) = micro_grids(&general_grids, &rings, &grid_of);
    let street = union(rings.iter().map(|ring| ring.as_slice()));
    let mut cells: Vec<Cell> = assigned.into_iter().map(|a| a.cell).collect();
    cells.extend(outside);
    Division {
        cells,
        ways,
        street,
        communities,
        unit_grids,
        general_grids,
        micro_grids,
        micro_of_unit,
    }
}

/// The general grids in the order in which their first cell is numbered.
fn ordered_groups(assigned: &[Assigned]) -> Vec<usize> {
    let mut seen = Vec::new();
    for a in assigned {
        if !seen.contains(&a.general) {
            seen.push(a.general);
        }
    }
    seen
}

/// Joins the smallest neighbouring cells of a general grid until the wanted number is left.
fn micro_grids(
    general_grids: &[Grid],
    rings: &[&Ring],
    grid_of: &dyn Fn(String, usize, Vec<usize>) -> Grid,
) -> (Vec<Grid>, Vec<usize>) {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for grid in general_grids {
        for (n, i) in grid.cells.iter().enumerate() {
            for j in &grid.cells[n + 1..] {
                let border = common_border_m(rings[*i], rings[*j]);
                if border > 30.0 {
                    // Small pairs first, and those that meet along a long side.
                    let size = area(rings[*i]) + area(rings[*j]);
                    pairs.push((size - border * 40.0, *i, *j));
                }
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut group: Vec<usize> = (0..rings.len()).collect();
    let mut members = vec![1; rings.len()];
    let mut left = rings.len();
    for most in [2, 3, 4] {
        for (_, i, j) in &pairs {
            let (a, b) = (group[*i], group[*j]);
            if left <= MICRO_GRIDS || a == b || members[a] + members[b] > most {
                continue;
            }
            members[a] += members[b];
            left -= 1;
            for g in &mut group {
                if *g == b {
                    *g = a;
                }
            }
        }
    }
    let mut micro = Vec::new();
    let mut of_unit = vec![0; rings.len()];
    for (parent, grid) in general_grids.iter().enumerate() {
        let mut sequence = 0;
        for i in &grid.cells {
            let cells: Vec<usize> = grid
                .cells
                .iter()
                .copied()
                .filter(|j| group[*j] == group[*i])
                .collect();
            if cells[0] != *i {
                continue;
            }
            sequence += 1;
            for cell in &cells {
                of_unit[*cell] = micro.len();
            }
            micro.push(grid_of(
                format!("{}{sequence:03}", grid.code),
                parent,
                cells,
            ));
        }
    }
    (micro, of_unit)
}

/// The centre of gravity, or where that lies outside, a point of the land near it.
pub fn inner_point(land: &Area) -> Point {
    let middle = centroid(&land.outer);
    if land.contains(middle) {
        return middle;
    }
    let mut best = (f64::NEG_INFINITY, middle);
    let (low, high) = crate::geom::ring::bounds(&land.outer);
    for i in 1..12 {
        for j in 1..12 {
            let p = crate::geom::point(
                low.x + (high.x - low.x) * f64::from(i) / 12.0,
                low.y + (high.y - low.y) * f64::from(j) / 12.0,
            );
            if land.contains(p) {
                let score = outline_distance(&land.outer, p) - 0.2 * p.distance(middle);
                if score > best.0 {
                    best = (score, p);
                }
            }
        }
    }
    best.1
}
