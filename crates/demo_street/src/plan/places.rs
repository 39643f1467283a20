//! Named places: compounds, public buildings, shops, stations and stops.

use std::collections::BTreeMap;

use super::division::Division;
use super::frame::Frame;
use super::landuse::LandUse;
use super::majors::RoadClass;
use super::names::{
    COMPOUND_FIRST, COMPOUND_SECOND, FACTORIES, NEW_COMPOUND_ENDS, OLD_COMPOUND_ENDS, SHOPS,
    WORK_UNITS, numeral,
};
use super::network::Network;
use super::network_index::RoadSides;
use super::road_names::RoadNames;
use super::territory::Territory;
use super::transit::{MetroLine, metro, place_stops};
use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::ring::{centroid, contains, edges};

/// A point of interest in the terms of the OpenMapTiles schema.
#[derive(Clone, Debug)]
pub struct Poi {
    /// Where.
    pub at: Point,
    /// Name.
    pub name: String,
    /// OpenMapTiles class.
    pub class: &'static str,
    /// OpenMapTiles subclass.
    pub subclass: &'static str,
    /// 1 is the most important; high ranks appear on large scales only.
    pub rank: u8,
    /// Whether it lies in the street.
    pub in_street: bool,
}

/// A residential compound (小区 or 院落).
#[derive(Clone, Debug)]
pub struct Compound {
    /// Name.
    pub name: String,
    /// Its gate on the public road.
    pub gate: Point,
    /// A point inside.
    pub middle: Point,
    /// The kind of housing.
    pub kind: LandUse,
    /// Its cells.
    pub cells: Vec<usize>,
    /// Whether it lies in the street.
    pub in_street: bool,
}

/// All named places.
#[derive(Default)]
pub struct Places {
    /// Points of interest.
    pub pois: Vec<Poi>,
    /// Compounds.
    pub compounds: Vec<Compound>,
    /// Compound of each cell.
    pub compound_of_cell: Vec<Option<usize>>,
    /// Metro lines.
    pub metro: Vec<MetroLine>,
    /// Names of the communities, in their order, without `社区`.
    pub community_roots: Vec<String>,
}

/// What the places are named after.
pub struct Surroundings<'a> {
    /// The pattern of the city.
    pub frame: &'a Frame,
    /// Bearings of the avenues.
    pub avenues_deg: [f64; 3],
    /// Quarters.
    pub territory: &'a Territory,
    /// Grids.
    pub division: &'a Division,
    /// Road names.
    pub names: &'a RoadNames,
    /// Roads.
    pub network: &'a Network,
    /// Sides of cells.
    pub sides: &'a RoadSides,
    /// Use of every cell.
    pub uses: &'a [LandUse],
}

/// Names everything.
pub fn name_places(seed: u64, around: &Surroundings<'_>) -> Places {
    let mut places = Places {
        community_roots: community_roots(around),
        metro: metro(around.frame, around.avenues_deg),
        ..Places::default()
    };
    name_compounds(seed, around, &mut places);
    name_public_sites(seed, around, &mut places);
    open_shops(seed, around, &mut places);
    place_stops(seed, around, &mut places);
    for line in &places.metro {
        for (name, at) in &line.stations {
            if !places.pois.iter().any(|p| p.name == *name) {
                places.pois.push(Poi {
                    at: *at,
                    name: name.clone(),
                    class: "railway",
                    subclass: "subway",
                    rank: 2,
                    in_street: around.division.street.contains(*at),
                });
            }
        }
    }
    places.pois.sort_by_key(|poi| poi.rank);
    places
}

fn community_roots(around: &Surroundings<'_>) -> Vec<String> {
    let quarters = &around.territory.quarters;
    let mut roots: Vec<String> = Vec::new();
    for community in &around.division.communities {
        let mut inside: Vec<usize> = (0..quarters.len())
            .filter(|q| !quarters[*q].riverside && community.area.contains(quarters[*q].middle))
            .collect();
        inside.sort_by(|a, b| quarters[*b].area_m2.total_cmp(&quarters[*a].area_m2));
        roots.push(
            inside
                .first()
                .map_or("锦川", |q| around.names.quarter_roots[*q])
                .to_owned(),
        );
    }
    roots
}

impl Surroundings<'_> {
    /// The family word of the quarter around a point.
    fn root(&self, p: Point) -> &'static str {
        let quarters = &self.territory.quarters;
        let inside = (0..quarters.len()).find(|q| contains(&quarters[*q].ring, p));
        inside.map_or("锦川", |q| self.names.quarter_roots[q])
    }

    /// Whether a point lies in the street.
    pub fn in_street(&self, p: Point) -> bool {
        self.division.street.contains(p)
    }

    /// The named road nearest to a point.
    fn road_near(&self, p: Point) -> Option<&str> {
        let edges = self.network.edges.iter().filter(|e| !e.name.is_empty());
        edges
            .map(|e| (e.middle().distance(p), e.name.as_str()))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(far, _)| *far < 400.0)
            .map(|(_, name)| name)
    }
}

fn name_compounds(seed: u64, around: &Surroundings<'_>, places: &mut Places) {
    let mut dice = Dice::new(seed, "compounds");
    let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (cell, land) in around.division.cells.iter().enumerate() {
        if around.uses[cell].is_housing() {
            groups
                .entry((land.block, land.compound))
                .or_default()
                .push(cell);
        }
    }
    places.compound_of_cell = vec![None; around.division.cells.len()];
    let mut taken: Vec<String> = Vec::new();
    for cells in groups.into_values() {
        let first = &around.division.cells[cells[0]];
        let middle = centroid(&first.ring);
        let in_street = around.in_street(middle);
        let kind = around.uses[cells[0]];
        let gate = gate(around, &cells).unwrap_or(middle);
        let name = (0..12)
            .map(|_| compound_name(around, kind, gate, in_street, &mut dice))
            .find(|name| !taken.contains(name))
            .unwrap_or_else(|| format!("{}{}号院", around.root(middle), taken.len()));
        if in_street {
            taken.push(name.clone());
        }
        for cell in &cells {
            places.compound_of_cell[*cell] = Some(places.compounds.len());
        }
        places.pois.push(Poi {
            at: middle,
            name: name.clone(),
            class: "residential",
            subclass: "residential",
            rank: 14,
            in_street,
        });
        places.compounds.push(Compound {
            name,
            gate,
            middle,
            kind,
            cells,
            in_street,
        });
    }
}

/// The gate stands on the longest side along a quiet public road.
fn gate(around: &Surroundings<'_>, cells: &[usize]) -> Option<Point> {
    let mut best: Option<(f64, Point)> = None;
    for cell in cells {
        for (a, b) in edges(&around.division.cells[*cell].ring) {
            let Some(class) = around.sides.class_of(a, b) else {
                continue;
            };
            let quiet = match class {
                RoadClass::Residential => 2.0,
                RoadClass::Tertiary => 1.6,
                RoadClass::Secondary => 1.0,
                _ => 0.3,
            };
            let score = a.distance(b) * quiet;
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, a.toward(b, 0.5)));
            }
        }
    }
    best.map(|(_, at)| at)
}

fn compound_name(
    around: &Surroundings<'_>,
    kind: LandUse,
    gate: Point,
    in_street: bool,
    dice: &mut Dice,
) -> String {
    let root = around.root(gate);
    let two = |dice: &mut Dice| {
        format!(
            "{}{}",
            dice.pick(COMPOUND_FIRST),
            dice.pick(COMPOUND_SECOND)
        )
    };
    match kind {
        LandUse::OldHousing if dice.chance(0.55) => {
            // Looking for the road is slow and only matters where somebody reads it.
            let road = if in_street {
                around.road_near(gate)
            } else {
                None
            };
            format!("{}{}号院", road.unwrap_or(root), dice.whole(1, 188))
        }
        LandUse::OldHousing if dice.chance(0.5) => {
            format!(
                "{}{}",
                dice.pick(WORK_UNITS),
                dice.pick(&["家属院", "宿舍", "生活区"])
            )
        }
        LandUse::OldHousing | LandUse::MidHousing => {
            format!("{}{}", two(dice), dice.pick(OLD_COMPOUND_ENDS))
        }
        LandUse::Village => format!("{root}村{}组", numeral(dice.whole(1, 9) as usize)),
        _ => format!("{}{}", two(dice), dice.pick(NEW_COMPOUND_ENDS)),
    }
}

/// One name for each public site: blocks of a special use, and single cells.
fn name_public_sites(seed: u64, around: &Surroundings<'_>, places: &mut Places) {
    let mut dice = Dice::new(seed, "sites");
    let mut sites: BTreeMap<(usize, LandUse), Vec<usize>> = BTreeMap::new();
    for (cell, land) in around.division.cells.iter().enumerate() {
        let kind = around.uses[cell];
        if !kind.is_housing() && kind != LandUse::Riverside {
            sites.entry((land.block, kind)).or_default().push(cell);
        }
    }
    let mut parks = 0;
    let mut taken: Vec<String> = Vec::new();
    for ((_, kind), cells) in sites {
        let middle = centroid(&around.division.cells[cells[0]].ring);
        let in_street = around.in_street(middle);
        let root = around.root(middle);
        if kind == LandUse::Park && in_street {
            parks += 1;
        }
        let (name, class, subclass, rank) = site_name(
            kind,
            root,
            around,
            places,
            middle,
            (parks, in_street),
            &mut dice,
        );
        let mut unique = name.clone();
        let mut n = 2;
        while taken.contains(&unique) {
            unique = format!(
                "{name}（{}）",
                if n == 2 {
                    "东区".to_owned()
                } else {
                    numeral(n)
                }
            );
            n += 1;
        }
        taken.push(unique.clone());
        places.pois.push(Poi {
            at: middle,
            name: unique,
            class,
            subclass,
            rank,
            in_street,
        });
    }
}

type SiteName = (String, &'static str, &'static str, u8);

fn site_name(
    kind: LandUse,
    root: &str,
    around: &Surroundings<'_>,
    places: &Places,
    middle: Point,
    (parks, in_street): (usize, bool),
    dice: &mut Dice,
) -> SiteName {
    let community = around
        .division
        .communities
        .iter()
        .position(|c| c.area.contains(middle));
    let community = community.map_or(root, |c| places.community_roots[c].as_str());
    match kind {
        LandUse::PrimarySchool => (format!("{root}小学"), "school", "school", 5),
        LandUse::MiddleSchool => (format!("{root}中学"), "school", "school", 4),
        LandUse::Kindergarten => (format!("{root}幼儿园"), "school", "kindergarten", 8),
        LandUse::Hospital if in_street => ("锦川医院".to_owned(), "hospital", "hospital", 2),
        LandUse::Hospital => (format!("{root}医院"), "hospital", "hospital", 3),
        LandUse::HealthCentre => (format!("{root}社区卫生服务中心"), "hospital", "clinic", 6),
        LandUse::Park if parks == 1 && in_street => ("锦川公园".to_owned(), "park", "park", 1),
        LandUse::Park if dice.chance(0.5) => (format!("{root}公园"), "park", "park", 3),
        LandUse::Park => (format!("{root}游园"), "park", "park", 4),
        LandUse::Market => {
            let end = if dice.chance(0.5) {
                "农贸市场"
            } else {
                "菜市场"
            };
            (format!("{root}{end}"), "shop", "marketplace", 5)
        }
        LandUse::Mall => {
            let end = dice.pick(&["广场", "天地", "购物中心", "汇"]);
            (format!("{root}{end}"), "shop", "mall", 2)
        }
        LandUse::Office => {
            let end = dice.pick(&["大厦", "中心", "国际", "商务港"]);
            (format!("{root}{end}"), "office", "company", 7)
        }
        LandUse::Factory => (
            format!("{root}{}", dice.pick(FACTORIES)),
            "office",
            "industrial",
            9,
        ),
        LandUse::CreativePark => ("红砖里文创园".to_owned(), "attraction", "arts_centre", 3),
        LandUse::StreetOffice => ("锦川街道办事处".to_owned(), "town_hall", "townhall", 2),
        LandUse::CommunityCentre => (
            format!("{community}社区党群服务中心"),
            "town_hall",
            "community_centre",
            6,
        ),
        LandUse::Police => (format!("{community}派出所"), "police", "police", 4),
        LandUse::FireStation => (
            "锦川消防救援站".to_owned(),
            "fire_station",
            "fire_station",
            4,
        ),
        LandUse::Construction => (format!("{root}片区在建工地"), "office", "construction", 9),
        _ => (format!("{root}园"), "park", "garden", 9),
    }
}

fn open_shops(seed: u64, around: &Surroundings<'_>, places: &mut Places) {
    let mut dice = Dice::new(seed, "shops");
    let street = around.division.unit_grids.len();
    for (land, kind) in around.division.cells[..street].iter().zip(around.uses) {
        let has_shops = kind.is_housing()
            || matches!(
                kind,
                LandUse::Office | LandUse::Mall | LandUse::Market | LandUse::CreativePark
            );
        if !has_shops {
            continue;
        }
        let middle = centroid(&land.ring);
        for (a, b) in edges(&land.ring) {
            let class = around.sides.class_of(a, b);
            let per_100_m = match class {
                Some(RoadClass::Tertiary) => 1.5,
                Some(RoadClass::Residential) => 0.8,
                Some(RoadClass::Secondary) => 1.2,
                _ => continue,
            };
            let length = a.distance(b);
            if length < 20.0 || !dice.chance((length / 100.0 * per_100_m).min(1.0)) {
                continue;
            }
            let (name, class_name, subclass) = *dice.pick(SHOPS);
            let on_road = a.toward(b, dice.between(0.2, 0.8));
            let back = class.map_or(6.0, |c| c.width_m() / 2.0) + 8.0;
            let inward = (b - a).direction().left();
            let at = on_road + inward * back;
            let prefix = if dice.chance(0.35) {
                around.root(middle)
            } else {
                ""
            };
            places.pois.push(Poi {
                at,
                name: format!("{prefix}{name}"),
                class: class_name,
                subclass,
                rank: 20 + dice.below(10) as u8,
                in_street: true,
            });
        }
    }
}
