//! Buildings: every cell is filled after the recipe of its use, in rows that face south as far as
//! the roads around allow, with a set-back from every side that depends on the road there.

use std::f64::consts::TAU;

use super::division::Division;
use super::landuse::LandUse;
use super::majors::RoadClass;
use super::network_index::RoadSides;
use super::recipes::{Recipe, recipe_of};
use super::rows::{Row, Rows, fill_rows, tower_outline};
use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::ring::{Ring, area, centroid, contains, edges, extent, inset, main_direction};

/// Storey height in metres.
const STOREY_M: f64 = 3.0;

/// A building.
#[derive(Clone, Debug)]
pub struct Building {
    /// Footprint, counter-clockwise.
    pub ring: Ring,
    /// Storeys above ground.
    pub levels: u8,
    /// Use of the land it stands on.
    pub kind: LandUse,
    /// The cell it stands in.
    pub cell: usize,
}

impl Building {
    /// Height in metres.
    pub fn height_m(&self) -> f64 {
        f64::from(self.levels) * STOREY_M + 1.0
    }
}

/// What stands and grows on the cells.
#[derive(Default)]
pub struct Grounds {
    /// Buildings.
    pub buildings: Vec<Building>,
    /// Sports grounds: running tracks around a field.
    pub pitches: Vec<Ring>,
    /// Lawns and plantings.
    pub lawns: Vec<Ring>,
    /// Lakes and ponds.
    pub lakes: Vec<Ring>,
    /// For each cell the land inside the walls; empty where there is too little.
    pub yards: Vec<Ring>,
}

/// Builds on all cells of the map.
pub fn build(seed: u64, division: &Division, uses: &[LandUse], sides: &RoadSides) -> Grounds {
    let mut grounds = Grounds::default();
    let fields = school_fields(division, uses);
    for (cell, (land, kind)) in division.cells.iter().zip(uses).enumerate() {
        let mut dice = Dice::fork(seed, "buildings", cell);
        let classes: Vec<Option<RoadClass>> = edges(&land.ring)
            .map(|(a, b)| sides.class_of(a, b))
            .collect();
        let yard = inset(&land.ring, |i| set_back_m(classes[i]));
        let site = Site {
            cell,
            kind: *kind,
            ring: &land.ring,
            classes: &classes,
        };
        if area(&yard) > 900.0 {
            if fields.contains(&cell) {
                grounds.pitch(&yard);
            } else {
                grounds.fill(&site, &yard, &mut dice);
            }
            grounds.yards.push(yard);
        } else {
            grounds.yards.push(Vec::new());
        }
    }
    grounds
}

struct Site<'a> {
    cell: usize,
    kind: LandUse,
    ring: &'a [Point],
    classes: &'a [Option<RoadClass>],
}

/// From the middle of the road to the walls; between cells, half of the way between them.
fn set_back_m(class: Option<RoadClass>) -> f64 {
    class.map_or(4.5, |class| class.width_m() / 2.0 + 4.0)
}

/// The second cell of every school is its sports ground.
fn school_fields(division: &Division, uses: &[LandUse]) -> Vec<usize> {
    let mut fields: Vec<usize> = Vec::new();
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for (cell, (land, kind)) in division.cells.iter().zip(uses).enumerate() {
        if !matches!(kind, LandUse::PrimarySchool | LandUse::MiddleSchool) {
            continue;
        }
        match seen.iter_mut().find(|(block, _)| *block == land.block) {
            Some((_, count)) => {
                *count += 1;
                if *count == 2 {
                    fields.push(cell);
                }
            }
            None => seen.push((land.block, 1)),
        }
    }
    fields
}

impl Grounds {
    fn fill(&mut self, site: &Site<'_>, yard: &[Point], dice: &mut Dice) {
        match site.kind {
            LandUse::Riverside => {}
            LandUse::Park => self.plant_park(yard, dice),
            LandUse::Mall => self.raise_mall(site, yard, dice),
            _ => {
                let mut free = yard.to_vec();
                if matches!(
                    site.kind,
                    LandUse::OldHousing | LandUse::MidHousing | LandUse::Village
                ) {
                    free = self.raise_shops(site, dice).unwrap_or(free);
                }
                if let Some(recipe) = recipe_of(site.kind) {
                    self.raise_rows(site, &free, &recipe, dice);
                }
                if matches!(
                    site.kind,
                    LandUse::NewHousing | LandUse::Hospital | LandUse::StreetOffice
                ) {
                    self.lawns.push(yard.to_vec());
                }
            }
        }
    }

    fn raise_rows(&mut self, site: &Site<'_>, yard: &[Point], recipe: &Recipe, dice: &mut Dice) {
        let along = east_axis(site.ring);
        let depth = dice.between(recipe.depth_m.0, recipe.depth_m.1);
        let mut rows = Rows {
            along,
            depth,
            pitch: depth + dice.between(recipe.between_rows_m.0, recipe.between_rows_m.1),
            length: recipe.length_m,
            gap: dice.between(recipe.gap_m.0, recipe.gap_m.1),
            stagger: recipe.is_tower,
        };
        let mut built = fill_rows(yard, &rows, dice);
        let size = |built: &[Row]| built.iter().map(|row| area(&row.ring)).sum::<f64>();
        if size(&built) < 0.17 * area(yard) {
            // A yard that is long from south to north holds more when the houses face east.
            rows.along = along.left();
            let turned = fill_rows(yard, &rows, dice);
            if size(&turned) > 1.3 * size(&built) {
                built = turned;
            }
        }
        let common = dice.whole(recipe.levels.0, recipe.levels.1);
        for Row { ring } in built {
            if dice.chance(recipe.left_out) {
                continue;
            }
            let spread = if recipe.is_tower { 3 } else { 1 };
            let levels =
                (common + dice.whole(-spread, spread)).clamp(recipe.levels.0, recipe.levels.1);
            let ring = if recipe.is_tower && levels > 8 {
                tower_outline(&ring)
            } else {
                ring
            };
            self.buildings.push(Building {
                ring,
                levels: levels as u8,
                kind: site.kind,
                cell: site.cell,
            });
        }
    }

    /// Shop houses along the streets; what remains behind them is returned.
    fn raise_shops(&mut self, site: &Site<'_>, dice: &mut Dice) -> Option<Ring> {
        const DEPTH_M: f64 = 10.0;
        let shop_street = |class: Option<RoadClass>| {
            matches!(class, Some(RoadClass::Tertiary | RoadClass::Secondary))
        };
        if !site.classes.iter().any(|class| shop_street(*class)) || dice.chance(0.25) {
            return None;
        }
        let wall = |i: usize| set_back_m(site.classes[i]);
        let outer = inset(site.ring, |i| wall(i) - 0.1);
        let behind = inset(site.ring, |i| {
            wall(i)
                + if shop_street(site.classes[i]) {
                    DEPTH_M + 7.0
                } else {
                    0.0
                }
        });
        let mut shops: Vec<Ring> = Vec::new();
        for (i, (a, b)) in edges(site.ring).enumerate() {
            let length = a.distance(b);
            if !shop_street(site.classes[i]) || length < 16.0 {
                continue;
            }
            let (along, inward) = ((b - a).direction(), (b - a).direction().left());
            let front = wall(i);
            let parts = (length / 34.0).ceil();
            for part in 0..parts as usize {
                let start = length * part as f64 / parts + 1.0;
                let end = length * (part + 1) as f64 / parts - 1.0;
                let corner = |s: f64, d: f64| a + along * s + inward * d;
                let ring = vec![
                    corner(start, front),
                    corner(end, front),
                    corner(end, front + DEPTH_M),
                    corner(start, front + DEPTH_M),
                ];
                let fits = ring.iter().all(|p| contains(&outer, *p));
                let clear = shops.iter().all(|s| {
                    centroid(s).distance(centroid(&ring)) > DEPTH_M + 3.0
                        && !ring.iter().any(|p| contains(s, *p))
                });
                if fits && clear && !dice.chance(0.12) {
                    shops.push(ring);
                }
            }
        }
        for ring in shops {
            let levels = dice.whole(1, 3) as u8;
            self.buildings.push(Building {
                ring,
                levels,
                kind: site.kind,
                cell: site.cell,
            });
        }
        (behind.len() > 2).then_some(behind)
    }

    fn raise_mall(&mut self, site: &Site<'_>, yard: &[Point], dice: &mut Dice) {
        let podium = inset(yard, |_| 5.0);
        if area(&podium) < 700.0 {
            return;
        }
        let levels = dice.whole(4, 6) as u8;
        self.buildings.push(Building {
            ring: podium.clone(),
            levels,
            kind: site.kind,
            cell: site.cell,
        });
        let rows = Rows {
            along: east_axis(site.ring),
            depth: 26.0,
            pitch: 70.0,
            length: (30.0, 40.0),
            gap: 40.0,
            stagger: false,
        };
        let towers = fill_rows(&inset(&podium, |_| 8.0), &rows, dice);
        if let Some(Row { ring }) = towers.first()
            && dice.chance(0.6)
        {
            let levels = dice.whole(22, 38) as u8;
            self.buildings.push(Building {
                ring: tower_outline(ring),
                levels,
                kind: site.kind,
                cell: site.cell,
            });
        }
    }

    fn plant_park(&mut self, yard: &[Point], dice: &mut Dice) {
        self.lawns.push(yard.to_vec());
        if dice.chance(0.5) && area(yard) > 5_000.0 {
            let middle = centroid(yard);
            let room = crate::geom::ring::outline_distance(yard, middle) * 0.72;
            let (p, q) = (dice.between(0.0, TAU), dice.between(0.0, TAU));
            let lake = (0..28)
                .map(|i| {
                    let angle = f64::from(i) / 28.0 * TAU;
                    let swell =
                        0.74 + 0.16 * libm::sin(2.0 * angle + p) + 0.1 * libm::sin(3.0 * angle + q);
                    middle + crate::geom::point(room * swell, 0.0).turned(angle)
                })
                .collect();
            self.lakes.push(lake);
        }
    }

    fn pitch(&mut self, yard: &[Point]) {
        let middle = centroid(yard);
        let main = main_direction(yard);
        let span = |axis: Point| {
            let (low, high) = extent(yard, axis);
            high - low
        };
        let (mut u, mut v) = (main, main.left());
        if span(u) < span(v) {
            (u, v) = (v, u);
        }
        // A running track is two half circles joined by straights, as large as the yard allows.
        for size in [1.0, 0.88, 0.76, 0.64, 0.52] {
            let radius = (span(v) / 2.0 * size).min(37.0);
            let straight = ((span(u) / 2.0 * size) - radius).clamp(6.0, 43.0);
            let ring: Ring = (0..32)
                .map(|i| {
                    let angle = (f64::from(i) + 0.5) / 32.0 * TAU;
                    let (x, y) = (libm::cos(angle) * radius, libm::sin(angle) * radius);
                    middle + u * (x + straight * x.signum()) + v * y
                })
                .collect();
            if ring.iter().all(|p| contains(yard, *p)) {
                self.pitches.push(if area(&ring) < 0.0 {
                    ring.into_iter().rev().collect()
                } else {
                    ring
                });
                return;
            }
        }
    }
}

/// The axis of the outline that runs nearest to east–west, so that fronts face south.
fn east_axis(ring: &[Point]) -> Point {
    let main = main_direction(ring);
    let axis = if main.x.abs() >= main.y.abs() {
        main
    } else {
        main.left()
    };
    if axis.x < 0.0 { axis * -1.0 } else { axis }
}
