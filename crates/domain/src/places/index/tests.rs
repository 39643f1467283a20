//! The index against asking every polygon, on tilings, on arbitrary outlines, and at the corners
//! where rounding could tell them apart.

use proptest::prelude::*;

use super::*;
use crate::places::{Hierarchy, UnitGridCode};

/// A square grid with corners at `from` and `to` on both axes.
pub(crate) fn square(code: &str, level: GridLevel, from: f64, to: f64) -> Grid {
    let corners = [(from, from), (to, from), (to, to), (from, to), (from, from)];
    grid(
        code,
        level,
        vec![corners.map(|(x, y)| LonLat::new(x, y)).to_vec()],
    )
}

fn grid(code: &str, level: GridLevel, rings: Vec<Vec<LonLat>>) -> Grid {
    Grid {
        code: code.into(),
        name: code.to_owned(),
        level,
        parent: None,
        label_at: rings
            .first()
            .and_then(|ring| ring.first())
            .copied()
            .unwrap_or_default(),
        rings,
    }
}

/// What asking every polygon answers.
fn brute_force(grids: &[Grid], p: LonLat) -> GridPath {
    let smallest = |level| {
        let inside = grids.iter().filter(|g| g.level == level && g.contains(p));
        inside.map(|g| g.code.clone()).min()
    };
    let mut exclusive: Vec<GridCode> = grids
        .iter()
        .filter(|g| g.level == GridLevel::Exclusive && g.contains(p))
        .map(|g| g.code.clone())
        .collect();
    exclusive.sort();
    GridPath {
        community: smallest(GridLevel::Community),
        general: smallest(GridLevel::General),
        micro: smallest(GridLevel::Micro),
        unit: smallest(GridLevel::Unit),
        exclusive,
        responsibility: Vec::new(),
    }
}

#[test]
fn a_point_finds_one_grid_of_each_level() {
    let index = GridIndex::new(vec![
        square("c1", GridLevel::Community, 0.0, 10.0),
        square("g1", GridLevel::General, 0.0, 5.0),
        square("m2", GridLevel::Micro, 0.0, 3.0),
        square("m1", GridLevel::Micro, 1.0, 3.0),
        square("u1", GridLevel::Unit, 1.5, 2.5),
        square("x2", GridLevel::Exclusive, 0.0, 3.0),
        square("x1", GridLevel::Exclusive, 1.0, 9.0),
    ]);
    let here = LonLat::new(2.0, 2.0);
    let path = index.locate(here);
    assert_eq!(path.community, Some("c1".into()));
    assert_eq!(path.general, Some("g1".into()));
    assert_eq!(path.micro, Some("m1".into()), "the smallest code wins");
    assert_eq!(path.unit, Some("u1".into()));
    assert_eq!(path.exclusive, ["x1".into(), "x2".into()]);
    let found = index.find(here);
    assert_eq!(found.unit.map(|g| g.code.as_str()), Some("u1"));
    assert_eq!(index.find(LonLat::new(7.0, 7.0)).unit, None);
    assert_eq!(index.locate(LonLat::new(11.0, 2.0)), GridPath::default());
    assert_eq!(index.grids().len(), 7);
    assert!(index.raster_bytes() > 0);
}

#[test]
fn nothing_is_found_without_grids_outlines_or_numbers() {
    let origin = LonLat::new(0.0, 0.0);
    assert_eq!(GridIndex::default().locate(origin), GridPath::default());
    let mut broken = square("b", GridLevel::Unit, 0.0, 1.0);
    broken.rings[0][2].lat = f64::NAN;
    let mut far = square("f", GridLevel::Unit, 0.0, 1.0);
    far.rings[0][1].lon = 1e300;
    let empty = grid("e", GridLevel::Unit, Vec::new());
    let dot = grid("d", GridLevel::Unit, vec![vec![origin]]);
    let hollow = grid("h", GridLevel::Exclusive, vec![Vec::new()]);
    let index = GridIndex::new(vec![broken, far, empty, dot, hollow]);
    for p in [(0.5, 0.5), (0.0, 0.0), (1.0, 1.0)] {
        assert_eq!(index.locate(LonLat::new(p.0, p.1)), GridPath::default());
    }
    let index = GridIndex::new(vec![square("u", GridLevel::Unit, 0.0, 1.0)]);
    for (lon, lat) in [
        (f64::NAN, 0.5),
        (0.5, f64::NAN),
        (f64::INFINITY, 0.5),
        (0.5, f64::NEG_INFINITY),
        (f64::MAX, f64::MIN),
    ] {
        assert_eq!(index.locate(LonLat::new(lon, lat)), GridPath::default());
    }
    assert_eq!(index.locate(LonLat::new(0.5, 0.5)).unit, Some("u".into()));
}

#[test]
fn responsibility_follows_from_the_unit_grid() {
    let owner = |code: &str, units: &[&str]| ResponsibilityGrid {
        code: code.into(),
        name: String::new(),
        kind: code.to_owned(),
        unit_grids: units.iter().map(|unit| GridCode::from(*unit)).collect(),
        responsible: None,
    };
    let grids = vec![
        square("u1", GridLevel::Unit, 0.0, 1.0),
        square("u2", GridLevel::Unit, 2.0, 3.0),
    ];
    let index = GridIndex::new(grids)
        .with_responsibility(&[owner("r2", &["u1"]), owner("r1", &["u1", "u2"])]);
    let at = |lon| index.locate(LonLat::new(lon, lon)).responsibility;
    assert_eq!(at(0.5), ["r1".into(), "r2".into()]);
    assert_eq!(at(2.5), ["r1".into()]);
    assert_eq!(at(1.5), Vec::<GridCode>::new());
    assert_eq!(
        index.responsibility_of(&"u9".into()),
        Vec::<GridCode>::new()
    );
}

/// A small deterministic generator, so that a tiling is a function of one number.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn inside(grid: Grid, parent: &str) -> Grid {
    let parent = Some(parent.into());
    Grid { parent, ..grid }
}

/// A tiling of `size` × `size` four-sided cells with common corners that are moved about. Each row
/// is a general grid; every second cell forms a micro grid with its eastern neighbour, so that the
/// last one of an odd row lies in the general grid itself; all of them form a community that has
/// the first cell as a hole. Each grid names its parent.
fn tiling(size: usize, seed: u64) -> Vec<Grid> {
    let mut dice = Dice(seed);
    let step = 0.001;
    let corner: Vec<Vec<LonLat>> = (0..=size)
        .map(|y| {
            (0..=size)
                .map(|x| {
                    let (dx, dy) = (dice.next() * 0.6, dice.next() * 0.6);
                    LonLat::new(
                        104.0 + step * (x as f64 + dx),
                        30.0 + step * (y as f64 + dy),
                    )
                })
                .collect()
        })
        .collect();
    let ring = |x: usize, y: usize, width: usize| {
        let mut ring: Vec<LonLat> = (x..=x + width).map(|i| corner[y][i]).collect();
        ring.extend((x..=x + width).rev().map(|i| corner[y + 1][i]));
        ring.push(corner[y][x]);
        ring
    };
    let mut grids = Vec::new();
    for y in 0..size {
        let code_at = |x: usize| format!("5101080990{:02}{:03}", y + 10, x + 1);
        let row = format!("g{y:02}");
        let general = grid(&row, GridLevel::General, vec![ring(0, y, size)]);
        grids.push(inside(general, "510108099010"));
        for x in 0..size {
            let first = x - x % 2;
            let micro = (first + 1 < size).then(|| format!("m{}", code_at(first)));
            if let Some(micro) = micro.as_ref().filter(|_| x == first) {
                let pair = grid(micro, GridLevel::Micro, vec![ring(x, y, 2)]);
                grids.push(inside(pair, &row));
            }
            let unit = grid(&code_at(x), GridLevel::Unit, vec![ring(x, y, 1)]);
            grids.push(inside(unit, micro.as_ref().unwrap_or(&row)));
        }
    }
    let mut outline: Vec<LonLat> = corner[0].clone();
    outline.extend(corner.iter().skip(1).map(|row| row[size]));
    outline.extend(corner[size].iter().rev().skip(1));
    outline.extend(corner.iter().rev().skip(1).map(|row| row[0]));
    let rings = vec![outline, ring(0, 0, 1)];
    grids.push(grid("510108099010", GridLevel::Community, rings));
    grids
}

/// Points where it matters: all about, on corners, on edges and a hair beside them.
fn hard_points(grids: &[Grid], dice: &mut Dice, count: usize) -> Vec<LonLat> {
    let around = Bounds::around(grids.iter().flat_map(|g| g.rings.iter().flatten().copied()));
    let Some(around) = around else {
        return Vec::new();
    };
    let edges: Vec<(LonLat, LonLat)> = grids.iter().flat_map(Grid::edges).collect();
    let mut points = Vec::new();
    for _ in 0..count {
        let (dx, dy) = (dice.next() * 1.2 - 0.1, dice.next() * 1.2 - 0.1);
        points.push(LonLat::new(
            around.min.lon + (around.max.lon - around.min.lon) * dx,
            around.min.lat + (around.max.lat - around.min.lat) * dy,
        ));
        let (a, b) = edges[(dice.next() * edges.len() as f64) as usize];
        let on_edge = a.towards(b, dice.next());
        points.extend([a, on_edge]);
        points.push(LonLat::new(on_edge.lon.next_up(), on_edge.lat));
        points.push(LonLat::new(on_edge.lon, on_edge.lat.next_down()));
        points.push(LonLat::new(a.lon, on_edge.lat));
        points.push(LonLat::new(on_edge.lon, b.lat));
    }
    points
}

fn check(grids: &[Grid], points: &[LonLat]) {
    let index = GridIndex::new(grids.to_vec());
    for p in points {
        assert_eq!(index.locate(*p), brute_force(grids, *p), "{p:?}");
    }
}

#[test]
fn one_grid_far_away_does_not_spoil_the_answers() {
    let mut grids = tiling(9, 4);
    grids.push(square("far", GridLevel::Unit, -30.0, -29.0));
    let index = GridIndex::new(grids.clone());
    assert!(
        index.raster.rasters.len() > 1,
        "the street has a raster of its own"
    );
    let points = hard_points(&grids[..grids.len() - 1], &mut Dice(9), 300);
    check(&grids, &points);
    check(&grids, &[LonLat::new(-29.5, -29.5), LonLat::new(37.0, 0.0)]);
}

#[test]
fn outlines_on_top_of_each_other_end_in_lists_and_not_in_endless_division() {
    let grids: Vec<Grid> = (0..200)
        .map(|i| square(&format!("u{i:03}"), GridLevel::Unit, 0.0, 1.0))
        .collect();
    let index = GridIndex::new(grids.clone());
    assert!(index.raster.cells.len() <= 200 * (8 * 16 + 5 * 4 + 32));
    check(&grids, &hard_points(&grids, &mut Dice(1), 20));
}

#[test]
fn where_very_many_edges_meet_the_polygons_are_asked() {
    // Two hundred spikes into one point: no raster is fine enough around it.
    let ring: Vec<LonLat> = (0..400)
        .map(|i| {
            let angle = f64::from(i) / 400.0 * std::f64::consts::TAU;
            let far = if i % 2 == 0 { 1e-7 } else { 1.0 };
            LonLat::new(104.0 + far * angle.cos(), 30.0 + far * angle.sin())
        })
        .collect();
    let grids = vec![
        grid("star", GridLevel::Unit, vec![ring]),
        square("b", GridLevel::Unit, 0.0, 10.0),
        grid(
            "m",
            GridLevel::Micro,
            vec![vec![
                LonLat::new(103.0, 29.0),
                LonLat::new(105.0, 29.0),
                LonLat::new(104.0, 31.0),
            ]],
        ),
    ];
    let index = GridIndex::new(grids.clone());
    let is = |kind| move |cell: &&Cell| cell.0 & KIND_BITS == kind;
    assert!(index.raster.cells.iter().any(|cell| is(CROWDED)(&cell)));
    let mut points = hard_points(&grids, &mut Dice(77), 300);
    points.extend((0..200).map(|i| {
        let angle = f64::from(i);
        LonLat::new(104.0 + 3e-7 * angle.cos(), 30.0 + 3e-7 * angle.sin())
    }));
    check(&grids, &points);
}

#[test]
fn a_tiling_has_no_seams() {
    let grids = tiling(12, 7);
    let index = GridIndex::new(grids.clone());
    let mut dice = Dice(3);
    // Well inside, also on common edges and corners, there is exactly one unit grid.
    for p in hard_points(&grids, &mut dice, 400) {
        let holders = grids
            .iter()
            .filter(|g| g.level == GridLevel::Unit && g.contains(p));
        let is_inside = (104.001..104.011).contains(&p.lon) && (30.001..30.011).contains(&p.lat);
        if is_inside {
            assert_eq!(holders.count(), 1, "{p:?}");
            let unit = index.find(p).unit.expect("one");
            assert!(unit.code.as_str().parse::<UnitGridCode>().is_ok());
        }
    }
    let mixed = index
        .raster
        .cells
        .iter()
        .filter(|cell| cell.0 & KIND_BITS == MIXED);
    assert!(
        mixed.count() < index.raster.cells.len() * 9 / 10,
        "cells are finer than grids"
    );
}

/// Any closed or open outline, also one that crosses itself.
fn any_ring() -> impl Strategy<Value = Vec<LonLat>> {
    // A coarse raster of corners makes edges meet, run level and lie on each other.
    let corner = (0_i32..12, 0_i32..12, prop::bool::ANY);
    prop::collection::vec(corner, 0..9).prop_map(|corners| {
        corners
            .into_iter()
            .map(|(x, y, is_off)| {
                let off = if is_off { 0.1 / 3.0 } else { 0.0 };
                LonLat::new(
                    104.0 + f64::from(x) * 0.1 + off,
                    30.0 + f64::from(y) * 0.1 - off,
                )
            })
            .collect()
    })
}

fn any_grids() -> impl Strategy<Value = Vec<Grid>> {
    let one = (0_usize..5, prop::collection::vec(any_ring(), 0..3));
    prop::collection::vec(one, 0..12).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(i, (level, rings))| {
                // Codes that are not in the order of the list, some of them twice.
                let code = format!("g{}", (i * 7) % 9);
                grid(&code, GridLevel::ALL[level], rings)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn any_outlines_give_what_asking_every_polygon_gives(grids in any_grids(), seed: u64) {
        check(&grids, &hard_points(&grids, &mut Dice(seed), 12));
    }

    #[test]
    fn any_tiling_gives_what_asking_every_polygon_gives(size in 1_usize..8, seed: u64) {
        let grids = tiling(size, seed);
        check(&grids, &hard_points(&grids, &mut Dice(seed ^ 5), 25));
    }

    #[test]
    fn the_way_up_from_a_unit_grid_is_where_its_points_are_found(
        size in 1_usize..8,
        seed: u64,
    ) {
        let mut grids = tiling(size, seed);
        // Without the hole: a unit grid in it would name a community that it does not lie in.
        grids.last_mut().expect("the community").rings.truncate(1);
        let (hierarchy, faults) = Hierarchy::new(&grids);
        prop_assert_eq!(faults, []);
        let index = GridIndex::new(grids.clone());
        let points = hard_points(&grids, &mut Dice(seed ^ 3), 40);
        let found: Vec<_> = points.iter().map(|p| index.locate(*p)).collect();
        prop_assert!(found.iter().any(|path| path.unit.is_some()));
        for (p, path) in points.iter().zip(found) {
            let unit = path.unit.as_ref();
            let way_up = unit.map(|unit| hierarchy.path_of(unit)).unwrap_or_default();
            prop_assert_eq!(way_up, path, "{:?}", p);
        }
    }

    #[test]
    fn the_order_of_the_grids_changes_nothing(seed: u64, turn in 0_usize..20) {
        let mut grids = tiling(4, seed);
        let points = hard_points(&grids, &mut Dice(seed ^ 9), 10);
        let index = GridIndex::new(grids.clone());
        let turn = turn % grids.len();
        grids.rotate_left(turn);
        let turned = GridIndex::new(grids);
        for p in points {
            prop_assert_eq!(index.locate(p), turned.locate(p));
        }
    }
}
