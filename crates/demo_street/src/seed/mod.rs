//! The demo street as a backend's seed: reference data, roster, officers, and the incidents of
//! yesterday and today with their past.

mod history;
mod reference;
mod responsibility;

use domain::intents::Mode;
use domain::people::{Person, Post};
use domain::rules::Rules;
use domain::trail::{Officer, OfficerRole};
use domain::{OfficerId, PositionFix, Timestamp};
use protocol::Seed;
use protocol::seed::SeedOfficer;

pub use history::{REFUSAL_REASON, REFUSALS, REWORKS, SUPERVISION_REPLY, key};
pub use reference::{reference, road_network};

use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::point::along_line;
use crate::matters::{Places, located};
use crate::plan::Plan;

/// Seed of the street that ships with the program.
pub const SHIPPED_SEED: u64 = 20_261_120;

/// The officers of the demo with their PINs, which are no secret: the sign-in form shows them.
pub fn officers() -> Vec<SeedOfficer> {
    let officer = |id: &str, name: &str, role, pin: &str| SeedOfficer {
        officer: Officer {
            id: OfficerId::from(id),
            name: name.to_owned(),
            role,
            provenance: None,
        },
        pin: pin.to_owned(),
    };
    vec![
        officer("zhou.min", "周敏", OfficerRole::DutyOfficer, "2580"),
        officer("luo.jun", "罗俊", OfficerRole::ShiftLeader, "1470"),
        officer("tang.rong", "唐蓉", OfficerRole::DutyOfficer, "3690"),
        officer("he.ping", "何平", OfficerRole::StreetLeader, "1590"),
        officer("deng.kai", "邓凯", OfficerRole::ItOfficer, "7530"),
    ]
}

/// The colleague who works through what nobody at the desk takes up; see [`crate::field`].
pub const COLLEAGUE: &str = "zhou.min";

/// Everything a fresh backend starts from, as it stands at `now`.
pub fn seed(plan: &Plan, rules: &Rules, now: Timestamp) -> Seed {
    let places = Places::new(plan);
    let positions = positions(plan, now);
    Seed {
        reference: reference(plan, rules),
        people: people(plan),
        officers: officers(),
        incidents: history::incidents(plan, &places, rules, now),
        positions,
        mode: Mode::Normal,
    }
}

/// The roster of the plan; one of each community's staff answers for each of its exclusive grids, as
/// long as there are any.
fn people(plan: &Plan) -> Vec<Person> {
    let mut people = plan.people.clone();
    for grid in reference::exclusive_grids(plan) {
        let is_free = |person: &&mut Person| {
            person.post == Post::CommunityWorker && person.home_grid == grid.parent
        };
        if let Some(person) = people.iter_mut().find(is_free) {
            person.home_grid = Some(grid.code);
        }
    }
    people
}

/// Where a person begins: the middle of the home grid or a place of the post, moved to the road.
pub fn starting_point(plan: &Plan, person: &Person, dice: &mut Dice) -> Point {
    let division = &plan.division;
    let home = person.home_grid.as_ref().and_then(|code| {
        let levels = [
            &division.micro_grids,
            &division.general_grids,
            &division.communities,
        ];
        levels
            .into_iter()
            .flatten()
            .find(|grid| grid.code == code.0)
    });
    let station = |subclass: &str| {
        let found: Vec<Point> = plan
            .places
            .pois
            .iter()
            .filter(|poi| poi.in_street && poi.subclass == subclass)
            .map(|poi| poi.at)
            .collect();
        (!found.is_empty()).then(|| found[person.id.0 as usize % found.len()])
    };
    let base = home.map(|grid| grid.middle).or_else(|| match person.post {
        Post::Police => station("police"),
        Post::Emergency => station("fire_station"),
        Post::StreetOfficial => station("townhall"),
        _ => None,
    });
    // Those who stay in an office are there; everybody else is somewhere on the roads around.
    let in_office =
        matches!(person.post, Post::StreetOfficial | Post::CommunityWorker) && dice.chance(0.7);
    if let Some(base) = base.filter(|_| in_office) {
        return base
            + Point {
                x: dice.between(-12.0, 12.0),
                y: dice.between(-12.0, 12.0),
            };
    }
    let reach = if person.home_grid.is_some() {
        260.0
    } else {
        1_100.0
    };
    let base = base.unwrap_or(division.communities[person.id.0 as usize % 8].middle);
    let near: Vec<usize> = (0..plan.network.edges.len())
        .filter(|e| {
            let edge = &plan.network.edges[*e];
            edge.in_street && edge.middle().distance(base) < reach
        })
        .collect();
    if near.is_empty() {
        return base;
    }
    let edge = &plan.network.edges[*dice.pick(&near)];
    along_line(&edge.line, edge.length_m * dice.unit()).0
}

/// Positions of those on duty: most fresh, a few old, as phones are.
fn positions(plan: &Plan, now: Timestamp) -> Vec<PositionFix> {
    let mut dice = Dice::new(plan.seed, "positions");
    let mut fixes = Vec::new();
    for person in &plan.people {
        let at = starting_point(plan, person, &mut dice);
        let age_s = match dice.weighted(&[0.92, 0.06, 0.02]) {
            0 => dice.whole(2, 110),
            1 => dice.whole(330, 1_500),
            _ => dice.whole(1_900, 4_000),
        };
        if !person.shift.covers(now) {
            continue;
        }
        fixes.push(PositionFix {
            person: person.id,
            location: located(at),
            at: now.plus_ms(-age_s * 1_000),
            accuracy_m: dice.between(4.0, 18.0) as f32,
            speed_mps: 0.0,
            heading_deg: dice.whole(0, 359) as f32,
            source_crs: domain::places::Crs::Wgs84,
            source: domain::PositionSource::default(),
        });
    }
    fixes
}
