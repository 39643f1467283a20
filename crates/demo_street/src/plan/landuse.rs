//! What the blocks are used for, and which cells carry a public building.

use super::blocks::Blocks;
use super::division::Division;
use super::frame::Frame;
use super::majors::{River, RoadClass, SECOND_RING_M};
use super::network_index::RoadSides;
use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::point::segment_distance;
use crate::geom::ring::centroid;

/// The use of a block or of a single cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LandUse {
    /// Rows of six- or seven-storey slabs from before 2000.
    OldHousing,
    /// Towers in a garden, after 2005.
    NewHousing,
    /// Eleven-storey slabs.
    MidHousing,
    /// Houses that the villagers built themselves.
    Village,
    /// Shopping centre.
    Mall,
    /// Offices.
    Office,
    /// 小学.
    PrimarySchool,
    /// 中学.
    MiddleSchool,
    /// 幼儿园.
    Kindergarten,
    /// Hospital.
    Hospital,
    /// 社区卫生服务中心.
    HealthCentre,
    /// Park.
    Park,
    /// 菜市场.
    Market,
    /// Factory or depot.
    Factory,
    /// Old works turned into studios and cafés.
    CreativePark,
    /// 街道办事处 with its operation centre.
    StreetOffice,
    /// 社区党群服务中心.
    CommunityCentre,
    /// 派出所.
    Police,
    /// 消防站.
    FireStation,
    /// Building site.
    Construction,
    /// Banks of the river.
    Riverside,
}

impl LandUse {
    /// Whether it is planted rather than built.
    pub const fn is_green(self) -> bool {
        matches!(self, Self::Park | Self::Riverside)
    }

    /// Whether people live there.
    pub const fn is_housing(self) -> bool {
        matches!(
            self,
            Self::OldHousing | Self::NewHousing | Self::MidHousing | Self::Village
        )
    }
}

/// The uses of a plan.
pub struct LandUses {
    /// Use of each face; only blocks have a meaningful one.
    pub blocks: Vec<LandUse>,
    /// Use of each cell of the division.
    pub cells: Vec<LandUse>,
}

struct Site {
    block: usize,
    middle: Point,
    size_m2: f64,
    river_m: f64,
    /// Most important road around it.
    front: RoadClass,
    in_street: bool,
    ring_m: f64,
}

/// Decides what every block and cell is used for.
pub fn assign(
    seed: u64,
    frame: &Frame,
    blocks: &Blocks,
    division: &Division,
    river: &River,
    sides: &RoadSides,
) -> LandUses {
    let mut dice = Dice::new(seed, "landuse");
    let sites = survey(frame, blocks, division, river, sides);
    let mut uses: Vec<Option<LandUse>> = vec![None; blocks.faces.len()];
    for (i, face) in blocks.faces.iter().enumerate() {
        if face.riverside {
            uses[i] = Some(LandUse::Riverside);
        }
    }
    place_in_street(&sites, &mut uses, &mut dice);
    let housing: Vec<LandUse> = sites.iter().map(|site| rest(site, &mut dice)).collect();
    for (site, rest) in sites.iter().zip(housing) {
        uses[site.block].get_or_insert(rest);
    }
    let blocks: Vec<LandUse> = uses
        .into_iter()
        .map(|u| u.unwrap_or(LandUse::OldHousing))
        .collect();
    let cells = cell_uses(&blocks, division, sides, &mut dice);
    LandUses { blocks, cells }
}

fn survey(
    frame: &Frame,
    blocks: &Blocks,
    division: &Division,
    river: &River,
    sides: &RoadSides,
) -> Vec<Site> {
    let faces = blocks.faces.iter().enumerate();
    faces
        .filter(|(_, face)| face.halves.is_none() && !face.riverside)
        .map(|(block, face)| {
            let middle = centroid(&face.ring);
            let river_m = river
                .middle
                .windows(2)
                .map(|s| segment_distance(middle, s[0], s[1]))
                .fold(f64::INFINITY, f64::min);
            Site {
                block,
                middle,
                size_m2: face.area_m2,
                river_m,
                front: sides.front(&face.ring),
                in_street: division.street.contains(middle),
                ring_m: frame.measure(middle).0,
            }
        })
        .collect()
}

/// How many sites of a use the street has, and what suits them.
struct Wish {
    kind: LandUse,
    count: usize,
    /// Least distance between two of them in metres.
    apart_m: f64,
    /// The best size in square metres, and how much it matters.
    size: (f64, f64),
    /// How much a main road in front is worth.
    arterial: f64,
    /// How much a quiet road in front is worth.
    quiet: f64,
    /// How much lying in the east of the street is worth.
    east: f64,
    /// How much lying on the river is worth.
    river: f64,
    /// How much lying in the middle is worth.
    middle: f64,
}

const fn wish(
    kind: LandUse,
    count: usize,
    apart_m: f64,
    size: (f64, f64),
    [arterial, quiet, east, river, middle]: [f64; 5],
) -> Wish {
    Wish {
        kind,
        count,
        apart_m,
        size,
        arterial,
        quiet,
        east,
        river,
        middle,
    }
}

// One use is one line; broken at every comma the table could not be read as a table.
#[rustfmt::skip]
const WISHES: &[Wish] = &[
    //                                                  size        weight  main quiet east river middle
    wish(LandUse::Park,         2, 900.0, (80_000.0, 1.2), [0.0, 0.0, 0.0, 2.4, 0.0]),
    wish(LandUse::Park,         3, 800.0, (42_000.0, 1.0), [0.0, 1.0, 0.0, -0.3, 0.0]),
    wish(LandUse::Mall,         3, 700.0, (32_000.0, 1.0), [1.5, 0.0, 0.0, 0.0, 0.0]),
    wish(LandUse::Hospital,     1, 0.0,   (46_000.0, 1.0), [1.0, 0.0, 0.0, 0.0, 0.0]),
    wish(LandUse::CreativePark, 1, 0.0,   (55_000.0, 1.0), [0.0, 0.0, 1.0, 0.0, 0.0]),
    wish(LandUse::MiddleSchool, 3, 900.0, (45_000.0, 1.0), [0.0, 1.0, 0.0, 0.0, 0.0]),
    wish(LandUse::PrimarySchool, 6, 600.0, (33_000.0, 1.0), [0.0, 0.7, 0.0, 0.0, 0.0]),
    wish(LandUse::StreetOffice, 1, 0.0,   (31_000.0, 1.0), [0.0, 0.0, 0.0, 0.0, 1.4]),
    wish(LandUse::Factory,      8, 0.0,   (52_000.0, 0.5), [0.0, 0.0, 2.5, 0.0, 0.0]),
    wish(LandUse::Office,       9, 250.0, (34_000.0, 1.0), [1.2, 0.0, 0.0, 0.0, 0.0]),
    wish(LandUse::Construction, 3, 800.0, (36_000.0, 1.0), [0.0, 0.0, 1.0, 0.0, 0.0]),
    wish(LandUse::Village,      4, 500.0, (40_000.0, 1.0), [0.0, 1.0, 0.8, 0.0, 0.0]),
];

impl Wish {
    fn score(&self, site: &Site) -> f64 {
        let (best_m2, weight) = self.size;
        let is = |yes: bool| f64::from(u8::from(yes));
        self.arterial * is(site.front <= RoadClass::Primary)
            + self.quiet * is(site.front >= RoadClass::Tertiary)
            + self.east * (site.ring_m - SECOND_RING_M) / 3_000.0
            - weight * (site.size_m2 - best_m2).abs() / best_m2
            - self.river * site.river_m / 1_000.0
            - self.middle * site.middle.length() / 1_000.0
    }
}

/// The public and special sites of the street, each the best block that is still free and far
/// enough from its like.
fn place_in_street(sites: &[Site], uses: &mut [Option<LandUse>], dice: &mut Dice) {
    for wish in WISHES {
        for _ in 0..wish.count {
            let best = sites
                .iter()
                .filter(|s| s.in_street && uses[s.block].is_none() && s.size_m2 > 17_000.0)
                .filter(|s| {
                    !sites.iter().any(|other| {
                        uses[other.block] == Some(wish.kind)
                            && other.middle.distance(s.middle) < wish.apart_m
                    })
                })
                .map(|s| (s.block, wish.score(s) + dice.between(0.0, 0.7)))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((block, _)) = best {
                uses[block] = Some(wish.kind);
            }
        }
    }
}

/// What a block is when nothing special was placed there.
fn rest(site: &Site, dice: &mut Dice) -> LandUse {
    let eastness = ((site.ring_m - SECOND_RING_M) / 3_200.0).clamp(-0.4, 1.0);
    let roll = dice.unit();
    if !site.in_street {
        let special = [
            (LandUse::Park, 0.05),
            (LandUse::PrimarySchool, 0.035),
            (LandUse::MiddleSchool, 0.02),
            (LandUse::Mall, 0.02),
            (LandUse::Office, 0.05),
            (LandUse::Factory, 0.03 + 0.14 * eastness.max(0.0)),
            (LandUse::Construction, 0.02),
            (LandUse::Village, 0.02 + 0.05 * eastness.max(0.0)),
        ];
        let mut left = roll;
        for (kind, p) in special {
            left -= p;
            if left < 0.0 {
                return kind;
            }
        }
    }
    let old = 0.62 - 0.42 * eastness;
    let mid = 0.16;
    match dice.unit() {
        r if r < old => LandUse::OldHousing,
        r if r < old + mid => LandUse::MidHousing,
        _ => LandUse::NewHousing,
    }
}

/// Cells take the use of their block, except those that carry a public building, and except that
/// compounds of one block may be of different age.
fn cell_uses(
    blocks: &[LandUse],
    division: &Division,
    sides: &RoadSides,
    dice: &mut Dice,
) -> Vec<LandUse> {
    use RoadClass::{Residential, Secondary, Tertiary};

    let mut uses: Vec<LandUse> = division
        .cells
        .iter()
        .map(|cell| {
            let of_block = blocks[cell.block];
            // The second compound of a block is often of another age.
            let other = cell.compound % 2 == 1 && (cell.block * 7 + cell.compound) % 3 == 0;
            match of_block {
                LandUse::OldHousing if other => LandUse::NewHousing,
                LandUse::NewHousing if other => LandUse::OldHousing,
                kept => kept,
            }
        })
        .collect();
    let street = division.unit_grids.len();
    let fronts: Vec<RoadClass> = division.cells[..street]
        .iter()
        .map(|cell| sides.front(&cell.ring))
        .collect();
    let middles: Vec<Point> = division.cells[..street]
        .iter()
        .map(|cell| centroid(&cell.ring))
        .collect();
    let mut place = |kind: LandUse, near: Option<Point>, apart_m: f64, fronts_ok: &[RoadClass]| {
        let best = (0..street)
            .filter(|i| uses[*i].is_housing() && fronts_ok.contains(&fronts[*i]))
            .filter(|i| {
                !(0..street).any(|j| uses[j] == kind && middles[j].distance(middles[*i]) < apart_m)
            })
            .map(|i| {
                let pull = near.map_or(0.0, |p| p.distance(middles[i]));
                (i, pull + dice.between(0.0, 260.0))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((cell, _)) = best {
            uses[cell] = kind;
        }
    };
    for community in &division.communities {
        let middle = Some(community.middle);
        place(
            LandUse::CommunityCentre,
            middle,
            0.0,
            &[Tertiary, Residential],
        );
        place(LandUse::Market, middle, 550.0, &[Tertiary]);
    }
    for _ in 0..13 {
        place(LandUse::Kindergarten, None, 420.0, &[Tertiary, Residential]);
    }
    for _ in 0..3 {
        place(LandUse::HealthCentre, None, 900.0, &[Tertiary, Secondary]);
    }
    for _ in 0..2 {
        place(LandUse::Police, None, 1_200.0, &[Secondary, Tertiary]);
    }
    place(LandUse::FireStation, None, 0.0, &[Secondary]);
    uses
}
