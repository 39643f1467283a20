//! Buildings that lie in several unit grids.

use geo::{BooleanOps, Coord, Rect};

use super::pairs::MeetingBoxes;
use super::{Check, DrawnBuilding, Fault, Sheet, outlines};
use crate::places::grids::GridLevel;

/// Reports every building of which two unit grids hold a part.
pub fn find_split(buildings: &[DrawnBuilding], sheet: &Sheet<'_>, check: &mut Check) {
    let units = sheet.of_level(GridLevel::Unit);
    let boxes: Vec<Rect> = units.iter().map(|unit| unit.land.bounds).collect();
    let meeting = MeetingBoxes::new(&boxes);
    for building in buildings {
        let name = building.name.as_str();
        let Some(land) = outlines::read(&building.rings, name, false, check) else {
            continue;
        };
        let near: Vec<usize> = meeting.of(&land.bounds).collect();
        if near.len() < 2 {
            continue;
        }
        let mut parts: Vec<Part<'_>> = Vec::new();
        for unit in near {
            let part = land.shape.intersection(&units[unit].land.shape);
            let Some((area_m2, at)) = outlines::measured(&part, 0.0) else {
                continue;
            };
            if area_m2 >= check.tolerances.building_m2 {
                let code = units[unit].drawn.code.as_str();
                parts.push(Part { code, area_m2, at });
            }
        }
        parts.sort_by(|a, b| b.area_m2.total_cmp(&a.area_m2).then(a.code.cmp(b.code)));
        if let [_, rest @ ..] = parts.as_slice()
            && let Some(second) = rest.first()
        {
            let cut_off_m2 = rest.iter().map(|part| part.area_m2).sum();
            let mut codes: Vec<&str> = parts.iter().map(|part| part.code).collect();
            codes.sort_unstable();
            codes.insert(0, name);
            check.find(Fault::BuildingSplit, &codes, cut_off_m2, second.at);
        }
    }
}

/// What one unit grid holds of a building.
struct Part<'a> {
    code: &'a str,
    area_m2: f64,
    at: Option<Coord>,
}
