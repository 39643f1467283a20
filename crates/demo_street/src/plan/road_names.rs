//! Names of the roads: parts of the rings and avenues, and families of streets and lanes around a
//! root word for every quarter, as in the older parts of Chengdu.

use super::blocks::Blocks;
use super::frame::Frame;
use super::majors::{Naming, RoadClass};
use super::names::{ROAD_ROOTS, numeral};
use super::territory::Territory;
use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::point::{along_line, line_length};
use crate::geom::ring::outline_distance;

/// The name rule of every road.
pub struct RoadNames {
    rules: Vec<Rule>,
    /// For each quarter its root word.
    pub quarter_roots: Vec<&'static str>,
    frame: Frame,
}

enum Rule {
    Fixed(String),
    Parts {
        stem: &'static str,
        changes: Vec<f64>,
        first: usize,
        by_radius: bool,
    },
}

impl RoadNames {
    /// The name of road `road` at a place on it; empty for a lane without a name.
    pub fn at(&self, road: usize, p: Point) -> String {
        match &self.rules[road] {
            Rule::Fixed(name) => name.clone(),
            Rule::Parts {
                stem,
                changes,
                first,
                by_radius,
            } => {
                let (radius, bearing) = self.frame.measure(p);
                let at = if *by_radius { radius } else { -bearing };
                let part = first + changes.iter().filter(|change| at > **change).count();
                format!("{stem}{}段", numeral(part))
            }
        }
    }
}

struct Candidate {
    road: usize,
    class: RoadClass,
    length_m: f64,
    middle: Point,
    runs_east: bool,
}

/// Names all roads.
pub fn name_roads(seed: u64, frame: &Frame, blocks: &Blocks, territory: &Territory) -> RoadNames {
    let mut dice = Dice::new(seed, "road_names");
    let mut roots = ROAD_ROOTS.to_vec();
    dice.shuffle(&mut roots);
    let mut pool = roots.into_iter().cycle();
    // Quarters of the street choose first, so that no root is used twice inside it.
    let mut order: Vec<usize> = (0..territory.quarters.len()).collect();
    order.sort_by_key(|q| territory.community[*q].is_none());
    let mut quarter_roots = vec![""; order.len()];
    for quarter in order {
        quarter_roots[quarter] = pool.next().unwrap_or("");
    }
    let mut rules: Vec<Rule> = blocks
        .roads
        .iter()
        .map(|road| match &road.naming {
            Naming::Whole(name) => Rule::Fixed((*name).to_owned()),
            Naming::Parts {
                stem,
                changes,
                first,
                by_radius,
            } => Rule::Parts {
                stem,
                changes: changes.clone(),
                first: *first,
                by_radius: *by_radius,
            },
            Naming::Later => Rule::Fixed(String::new()),
        })
        .collect();
    let mut taken: Vec<String> = Vec::new();
    let mut lanes = vec![0_usize; territory.quarters.len()];
    for candidate in candidates(frame, blocks) {
        let quarter = quarter_of(territory, candidate.middle);
        let root = if candidate.class == RoadClass::Secondary {
            pool.next().unwrap_or("")
        } else {
            quarter_roots[quarter]
        };
        let off = candidate.middle - territory.quarters[quarter].middle;
        let name = match candidate.class {
            RoadClass::Secondary => fresh(&taken, [format!("{root}路"), format!("{root}大街")]),
            RoadClass::Residential => {
                let nameless = candidate.length_m < 175.0 || dice.chance(0.3);
                if !nameless {
                    lanes[quarter] += 1;
                }
                (!nameless).then(|| format!("{root}{}巷", numeral(lanes[quarter])))
            }
            _ => fresh(&taken, street_names(root, candidate.runs_east, off)),
        };
        let name = name.unwrap_or_default();
        taken.push(name.clone());
        rules[candidate.road] = Rule::Fixed(name);
    }
    RoadNames {
        rules,
        quarter_roots,
        frame: frame.clone(),
    }
}

/// What a street of the family may be called, the plain name first.
fn street_names(root: &str, runs_east: bool, off: Point) -> Vec<String> {
    let (one, other) = if runs_east {
        (if off.y > 0.0 { "北" } else { "南" }, "街")
    } else {
        (if off.x > 0.0 { "东" } else { "西" }, "路")
    };
    let mut names = vec![format!("{root}{other}"), format!("{root}{one}{other}")];
    if runs_east {
        names.extend([
            format!("{root}横街"),
            format!("{root}正街"),
            format!("{root}中街"),
        ]);
    } else {
        names.extend([
            format!("{root}中路"),
            format!("{root}直街"),
            format!("{root}后街"),
        ]);
    }
    names.extend((1..12).map(|n| format!("{root}{}{other}", numeral(n))));
    names
}

fn fresh(taken: &[String], names: impl IntoIterator<Item = String>) -> Option<String> {
    names.into_iter().find(|name| !taken.contains(name))
}

/// The roads still without a name, the more important and the longer first.
fn candidates(frame: &Frame, blocks: &Blocks) -> Vec<Candidate> {
    let mut list: Vec<Candidate> = Vec::new();
    for (road, spec) in blocks.roads.iter().enumerate() {
        if spec.naming != Naming::Later {
            continue;
        }
        let lines: Vec<&[Point]> = blocks
            .stretches
            .iter()
            .filter(|stretch| stretch.road == road)
            .map(|stretch| stretch.line.as_slice())
            .collect();
        let Some(longest) = lines
            .iter()
            .max_by(|a, b| line_length(a).total_cmp(&line_length(b)))
        else {
            continue;
        };
        let (middle, dir) = along_line(longest, line_length(longest) / 2.0);
        let outward = frame.outward(middle);
        list.push(Candidate {
            road,
            class: spec.class,
            length_m: lines.iter().map(|line| line_length(line)).sum(),
            middle,
            runs_east: dir.dot(outward).abs() > 0.707,
        });
    }
    list.sort_by(|a, b| {
        a.class
            .cmp(&b.class)
            .then(b.length_m.total_cmp(&a.length_m))
            .then(a.road.cmp(&b.road))
    });
    list
}

fn quarter_of(territory: &Territory, p: Point) -> usize {
    let quarters = &territory.quarters;
    (0..quarters.len())
        .find(|q| crate::geom::ring::contains(&quarters[*q].ring, p))
        .or_else(|| {
            (0..quarters.len()).min_by(|a, b| {
                let far = |q: &usize| outline_distance(&quarters[*q].ring, p);
                far(a).total_cmp(&far(b))
            })
        })
        .unwrap_or(0)
}
