//! `grid-lookup`: point → unit, micro, general grid and community in a city district of 11,000
//! unit grids, against asking every polygon and against an R-tree of boxes.
//!
//! The district is a tiling drawn from a seed: 11,000 irregular cells of about a hectare, each with
//! sixteen edges, in about 8,400 micro grids, 1,000 general grids and 100 communities. The street,
//! the district and the city follow from the community's code and cost none of the contestants
//! anything. Every contestant answers for the same points.

use std::hint::black_box;

use anyhow::{Result, ensure};
use domain::LonLat;
use domain::places::{Grid, GridIndex, GridLevel};
use geo::{Contains, Coord, LineString, Polygon};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

use crate::Setting;
use crate::report::{Report, Unit, take_turns, timed};

/// Cells of the district from west to east and from south to north.
const CELLS: (usize, usize) = (110, 100);
/// Cells of a community.
const COMMUNITY: (usize, usize) = (11, 10);
/// Side of a cell in degrees, about 100 m.
const SIDE: (f64, f64) = (0.001_04, 0.000_9);
/// South-west corner of the district.
const ORIGIN: (f64, f64) = (104.0, 30.6);
/// Bends of a side between two corners.
const BENDS: usize = 3;
/// Points for the fast contestants.
const POINTS: usize = 200_000;
/// Points for asking every polygon, which would take minutes for all.
const FEW_POINTS: usize = 400;

/// Measures.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let grids = District::drawn().grids();
    let to_index = grids.clone();
    let (index, build_s) = timed(|| GridIndex::new(to_index));
    let every = Polygons::new(&grids);
    let tree = BoxTree::new(&every);
    let points = scattered(POINTS, 0x5eed);
    let few = &points[..FEW_POINTS];
    for point in few {
        let ours = codes(&index, *point);
        ensure!(
            ours == every.codes(&grids, *point),
            "asking every polygon differs at {point:?}"
        );
        ensure!(
            ours == tree.codes(&every, &grids, *point),
            "the R-tree differs at {point:?}"
        );
    }
    report.figure("polygons", grids.len() as f64, "polygons");
    report.figure("index-build", build_s * 1e3, "ms");
    report.figure("index-memory", index.raster_bytes() as f64 / 1e6, "MB");
    let ours = || {
        for point in &points {
            black_box(index.find(black_box(*point)));
        }
    };
    let with_tree = || {
        for point in &points {
            black_box(tree.find(&every, black_box(*point)));
        }
    };
    let with_every = || {
        for point in few {
            black_box(every.find(black_box(*point)));
        }
    };
    let mut contestants = [
        ("streethall", Box::new(ours) as Box<dyn FnMut()>),
        ("geo", Box::new(with_every)),
        ("rstar", Box::new(with_tree)),
    ];
    let taken = take_turns(setting.runs, &mut contestants);
    let per_point: Vec<(&str, f64)> = taken
        .into_iter()
        .map(|(name, seconds)| {
            let points = if name == "geo" { FEW_POINTS } else { POINTS };
            (name, seconds / points as f64)
        })
        .collect();
    report.times("lookup", Unit::Ns, &per_point);
    Ok(())
}

/// A small generator of its own, so that the district is the same on every machine.
struct Dice(u64);

impl Dice {
    /// A number from 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn scattered(count: usize, seed: u64) -> Vec<LonLat> {
    let mut dice = Dice(seed);
    (0..count)
        .map(|_| {
            LonLat::new(
                ORIGIN.0 + dice.next() * SIDE.0 * CELLS.0 as f64,
                ORIGIN.1 + dice.next() * SIDE.1 * CELLS.1 as f64,
            )
        })
        .collect()
}

/// The sides of the cells: from each corner eastward and northward.
pub struct District {
    eastward: Vec<Vec<LonLat>>,
    northward: Vec<Vec<LonLat>>,
}

impl District {
    /// The district, the same in every run.
    pub fn drawn() -> Self {
        let mut dice = Dice(11_000);
        let mut near = |x: f64, y: f64, reach: f64| {
            let (dx, dy) = ((dice.next() - 0.5) * reach, (dice.next() - 0.5) * reach);
            LonLat::new(ORIGIN.0 + (x + dx) * SIDE.0, ORIGIN.1 + (y + dy) * SIDE.1)
        };
        let (cols, rows) = (CELLS.0 + 1, CELLS.1 + 1);
        let corners: Vec<LonLat> = (0..cols * rows)
            .map(|i| near((i % cols) as f64, (i / cols) as f64, 0.5))
            .collect();
        let mut side = |from: usize, to: Option<&LonLat>, dx: f64, dy: f64| {
            let mut line = vec![corners[from]];
            let (x, y) = ((from % cols) as f64, (from / cols) as f64);
            for bend in 1..=BENDS {
                let share = bend as f64 / (BENDS + 1) as f64;
                line.push(near(x + dx * share, y + dy * share, 0.12));
            }
            line.extend(to);
            line
        };
        let all = 0..cols * rows;
        Self {
            eastward: all
                .clone()
                .map(|i| side(i, corners.get(i + 1), 1.0, 0.0))
                .collect(),
            northward: all
                .map(|i| side(i, corners.get(i + cols), 0.0, 1.0))
                .collect(),
        }
    }

    /// The outline of a block of cells.
    fn outline(&self, x: usize, y: usize, width: usize, height: usize) -> Vec<LonLat> {
        let cols = CELLS.0 + 1;
        let mut ring: Vec<LonLat> = Vec::new();
        let mut walk = |line: &[LonLat], is_back: bool| {
            let mut line = line.to_vec();
            if is_back {
                line.reverse();
            }
            line.pop();
            ring.extend(line);
        };
        for i in 0..width {
            walk(&self.eastward[y * cols + x + i], false);
        }
        for i in 0..height {
            walk(&self.northward[(y + i) * cols + x + width], false);
        }
        for i in (0..width).rev() {
            walk(&self.eastward[(y + height) * cols + x + i], true);
        }
        for i in (0..height).rev() {
            walk(&self.northward[(y + i) * cols + x], true);
        }
        ring.extend(ring.first().copied());
        ring
    }

    /// Its grids of all levels.
    pub fn grids(&self) -> Vec<Grid> {
        let mut dice = Dice(8_400);
        let mut grids = Vec::new();
        let mut push = |level, code: String, (x, y): (usize, usize), width, height| {
            let ring = self.outline(x, y, width, height);
            grids.push(Grid {
                name: String::new(),
                code: code.as_str().into(),
                level,
                parent: None,
                label_at: ring[0],
                rings: vec![ring],
            });
        };
        let communities = (CELLS.0 / COMMUNITY.0) * (CELLS.1 / COMMUNITY.1);
        for c in 0..communities {
            let across = CELLS.0 / COMMUNITY.0;
            let (west, south) = (c % across * COMMUNITY.0, c / across * COMMUNITY.1);
            let code = format!("510108{:03}{:03}", c / 10 + 1, c % 10 + 1);
            push(
                GridLevel::Community,
                code.clone(),
                (west, south),
                COMMUNITY.0,
                COMMUNITY.1,
            );
            for (g, (x, width)) in [(0, 5), (5, 6)].into_iter().cycle().take(10).enumerate() {
                let (x, y) = (west + x, south + g / 2 * 2);
                push(
                    GridLevel::General,
                    format!("{code}01{:03}", g + 1),
                    (x, y),
                    width,
                    2,
                );
            }
            for row in 0..COMMUNITY.1 {
                let y = south + row;
                for x in 0..COMMUNITY.0 {
                    let code = format!("{code}{:03}", row * COMMUNITY.0 + x + 1);
                    push(GridLevel::Unit, code, (west + x, y), 1, 1);
                }
                // Micro grids of one or two cells that stay inside their general grid.
                let mut x = 0;
                while x < COMMUNITY.0 {
                    let is_pair = x != 4 && x != 10 && dice.next() < 0.35;
                    let code = format!("{code}03{:03}", row * COMMUNITY.0 + x + 1);
                    let width = 1 + usize::from(is_pair);
                    push(GridLevel::Micro, code, (west + x, y), width, 1);
                    x += width;
                }
            }
        }
        grids
    }
}

/// Community, general, micro and unit grid by their place among the grids.
type Places = [Option<usize>; 4];

fn level_place(level: GridLevel) -> usize {
    match level {
        GridLevel::Community => 0,
        GridLevel::General => 1,
        GridLevel::Micro => 2,
        GridLevel::Unit | GridLevel::Exclusive => 3,
    }
}

fn codes(index: &GridIndex, point: LonLat) -> [Option<&str>; 4] {
    let found = index.find(point);
    [found.community, found.general, found.micro, found.unit]
        .map(|grid| grid.map(|grid| grid.code.as_str()))
}

fn codes_of(grids: &[Grid], places: Places) -> [Option<&str>; 4] {
    places.map(|place| place.map(|place| grids[place].code.as_str()))
}

/// The peer that asks every polygon, level by level, until one answers.
struct Polygons {
    levels: [Vec<(usize, Polygon)>; 4],
}

impl Polygons {
    fn new(grids: &[Grid]) -> Self {
        let mut levels: [Vec<(usize, Polygon)>; 4] = Default::default();
        for (place, grid) in grids.iter().enumerate() {
            let ring = grid.rings[0].iter();
            let line: LineString = ring.map(|p| Coord { x: p.lon, y: p.lat }).collect();
            levels[level_place(grid.level)].push((place, Polygon::new(line, Vec::new())));
        }
        Self { levels }
    }

    fn find(&self, point: LonLat) -> Places {
        let at = Coord {
            x: point.lon,
            y: point.lat,
        };
        self.levels.each_ref().map(|level| {
            let holder = level.iter().find(|(_, polygon)| polygon.contains(&at));
            holder.map(|(place, _)| *place)
        })
    }

    fn codes<'a>(&self, grids: &'a [Grid], point: LonLat) -> [Option<&'a str>; 4] {
        codes_of(grids, self.find(point))
    }
}

/// A box with level and place of its polygon in [`Polygons`].
type PolygonBox = GeomWithData<Rectangle<[f64; 2]>, (usize, usize)>;

/// The peer that finds boxes in an R-tree and then asks their polygons.
struct BoxTree {
    tree: RTree<PolygonBox>,
}

impl BoxTree {
    fn new(every: &Polygons) -> Self {
        let mut boxes = Vec::new();
        for (level, polygons) in every.levels.iter().enumerate() {
            for (at, (_, polygon)) in polygons.iter().enumerate() {
                let corners = polygon.exterior().0.iter();
                let rectangle = corners.fold(([f64::MAX; 2], [f64::MIN; 2]), |(low, high), c| {
                    (
                        [low[0].min(c.x), low[1].min(c.y)],
                        [high[0].max(c.x), high[1].max(c.y)],
                    )
                });
                let rectangle = Rectangle::from_corners(rectangle.0, rectangle.1);
                boxes.push(GeomWithData::new(rectangle, (level, at)));
            }
        }
        Self {
            tree: RTree::bulk_load(boxes),
        }
    }

    fn find(&self, every: &Polygons, point: LonLat) -> Places {
        let at = Coord {
            x: point.lon,
            y: point.lat,
        };
        let mut places = Places::default();
        for hit in self.tree.locate_all_at_point([point.lon, point.lat]) {
            let (level, place) = hit.data;
            let (grid, polygon) = &every.levels[level][place];
            if places[level].is_none() && polygon.contains(&at) {
                places[level] = Some(*grid);
            }
        }
        places
    }

    fn codes<'a>(
        &self,
        every: &Polygons,
        grids: &'a [Grid],
        point: LonLat,
    ) -> [Option<&'a str>; 4] {
        codes_of(grids, self.find(every, point))
    }
}
