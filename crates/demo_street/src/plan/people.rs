//! The 1,000 people of the street: three classes, posts, skills, grids and shifts.

use domain::people::{Person, Post, Shift, Skill, TravelMode};
use domain::roster::DutyPlan;
use domain::{GridCode, PersonId};

use super::division::Division;
use super::names::{GIVEN_FEMALE, GIVEN_MALE, SURNAMES};
use crate::dice::Dice;

/// People of the street.
pub const PEOPLE: usize = 1_000;

/// How many hold a post, and how their grids and shifts are chosen.
struct Establishment {
    post: Post,
    count: usize,
    home: Home,
    /// Shifts with their weights.
    shifts: &'static [(u16, u16, f64)],
    travel: &'static [(TravelMode, f64)],
    skills: &'static [Skill],
}

#[derive(Clone, Copy)]
enum Home {
    None,
    Community,
    General,
    Micro,
}

const OFFICE: &[(u16, u16, f64)] = &[(510, 1080, 0.8), (720, 1260, 0.2)];
/// Morning, afternoon and night, a quarter of them at night.
const ROUND_THE_CLOCK: &[(u16, u16, f64)] =
    &[(450, 930, 0.4), (930, 1410, 0.35), (1410, 450, 0.25)];
const PATROL: &[(u16, u16, f64)] = &[(420, 900, 0.45), (840, 1320, 0.43), (1290, 420, 0.12)];
const NEIGHBOUR: &[(u16, u16, f64)] = &[(480, 720, 0.3), (840, 1260, 0.4), (480, 1200, 0.3)];

const ON_FOOT: &[(TravelMode, f64)] = &[(TravelMode::Walk, 0.85), (TravelMode::EBike, 0.15)];
const BY_BIKE: &[(TravelMode, f64)] = &[(TravelMode::EBike, 0.7), (TravelMode::Walk, 0.3)];
const BY_CAR: &[(TravelMode, f64)] = &[
    (TravelMode::Car, 0.55),
    (TravelMode::EBike, 0.3),
    (TravelMode::Walk, 0.15),
];

const fn entry(
    post: Post,
    count: usize,
    home: Home,
    shifts: &'static [(u16, u16, f64)],
    travel: &'static [(TravelMode, f64)],
    skills: &'static [Skill],
) -> Establishment {
    Establishment {
        post,
        count,
        home,
        shifts,
        travel,
        skills,
    }
}

/// 1,000 people: 376 of the street and its communities, 246 stationed, 378 of society.
// One post is one line; broken at every comma the table could not be read as a table.
#[rustfmt::skip]
const ESTABLISHMENTS: &[Establishment] = &[
    entry(Post::StreetOfficial, 28, Home::None, OFFICE, BY_CAR, &[Skill::Mediation]),
    entry(Post::CommunityWorker, 96, Home::Community, OFFICE, BY_BIKE, &[Skill::Mediation, Skill::FirstAid]),
    entry(Post::GridHead, 84, Home::General, PATROL, BY_BIKE, &[Skill::Mediation, Skill::FirstAid, Skill::StreetOrder]),
    entry(Post::GridMember, 168, Home::General, PATROL, BY_BIKE,
        &[Skill::Sanitation, Skill::StreetOrder, Skill::Mediation, Skill::Greenery, Skill::FirstAid]),
    entry(Post::Police, 60, Home::None, ROUND_THE_CLOCK, BY_CAR, &[Skill::PublicSecurity, Skill::FirstAid, Skill::Mediation]),
    entry(Post::CityManagement, 70, Home::Community, PATROL, BY_CAR, &[Skill::StreetOrder, Skill::Sanitation, Skill::Greenery]),
    entry(Post::Emergency, 36, Home::None, ROUND_THE_CLOCK, BY_CAR, &[Skill::Firefighting, Skill::FloodControl, Skill::FirstAid]),
    entry(Post::PublicOrder, 40, Home::Community, ROUND_THE_CLOCK, BY_BIKE, &[Skill::PublicSecurity, Skill::StreetOrder]),
    entry(Post::Maintenance, 40, Home::None, ROUND_THE_CLOCK, BY_CAR,
        &[Skill::RoadRepair, Skill::Plumbing, Skill::Electrician, Skill::Greenery, Skill::FloodControl]),
    entry(Post::MicroGridMember, 180, Home::Micro, NEIGHBOUR, ON_FOOT, &[Skill::Sanitation, Skill::Mediation]),
    entry(Post::BuildingHead, 118, Home::Micro, NEIGHBOUR, ON_FOOT, &[Skill::Mediation]),
    entry(Post::Volunteer, 80, Home::Community, NEIGHBOUR, ON_FOOT,
        &[Skill::FirstAid, Skill::Electrician, Skill::Plumbing, Skill::Sanitation]),
];

/// Draws the roster. Names are put together from common surnames and given names; phone numbers
/// use the prefix 140, which is given to machines only, so that none can belong to a person.
pub fn draw_roster(seed: u64, division: &Division) -> Vec<Person> {
    let mut dice = Dice::new(seed, "people");
    let weights: Vec<f64> = SURNAMES.iter().map(|(_, weight)| *weight).collect();
    let mut people = Vec::with_capacity(PEOPLE);
    for entry in ESTABLISHMENTS {
        let phase = dice.below(1_000);
        for i in 0..entry.count {
            let number = people.len() + 1;
            let surname = SURNAMES[dice.weighted(&weights)].0;
            let given = if dice.chance(0.52) {
                dice.pick(GIVEN_MALE)
            } else {
                dice.pick(GIVEN_FEMALE)
            };
            let (from_minute, to_minute, _) = entry.shifts[dice.weighted(
                &entry
                    .shifts
                    .iter()
                    .map(|(.., weight)| *weight)
                    .collect::<Vec<_>>(),
            )];
            let travel = entry.travel[dice.weighted(
                &entry
                    .travel
                    .iter()
                    .map(|(_, weight)| *weight)
                    .collect::<Vec<_>>(),
            )]
            .0;
            people.push(Person {
                id: PersonId(number as u32),
                name: format!("{surname}{given}"),
                post: entry.post,
                skills: skills(entry.skills, &mut dice),
                phone: format!("140{:08}", (number * 7_919 + 10_007) % 100_000_000),
                home_grid: home(entry.home, i + phase, division),
                shift: Shift {
                    from_minute,
                    to_minute,
                },
                travel,
                duty: DutyPlan::default(),
                groups: Vec::new(),
                provenance: None,
            });
        }
    }
    people
}

fn skills(of_post: &[Skill], dice: &mut Dice) -> Vec<Skill> {
    let mut skills = of_post.to_vec();
    dice.shuffle(&mut skills);
    let most = skills.len().min(3);
    skills.truncate(1 + dice.below(most));
    skills.sort_unstable();
    skills
}

/// Grids are given out evenly in the order of their codes.
fn home(kind: Home, turn: usize, division: &Division) -> Option<GridCode> {
    let grids = match kind {
        Home::None => return None,
        Home::Community => &division.communities,
        Home::General => &division.general_grids,
        Home::Micro => &division.micro_grids,
    };
    // A step coprime to the number of grids spreads few people over the whole street.
    let step = if matches!(kind, Home::Micro) { 7 } else { 1 };
    grids
        .get(turn * step % grids.len().max(1))
        .map(|grid| GridCode(grid.code.clone()))
}
