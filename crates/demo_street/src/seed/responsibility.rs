//! The responsibility grids of the demo street: who answers for which unit grids.
//!
//! City management patrols runs of about a dozen neighbouring unit grids; each community is one
//! police beat. Both cover the whole street. Codes are of this demo's scheme: the community's with
//! `03` (city management) or `04` (police) and a sequence of three digits.

use std::collections::BTreeSet;

use domain::people::{Person, Post};
use domain::places::ResponsibilityGrid;
use domain::{GridCode, PersonId};

use crate::plan::Plan;

/// Unit grids that one patrol of city management answers for, at most.
const MOST_UNITS_OF_A_PATROL: usize = 12;

/// The responsibility grids of the plan, by kind and code.
pub fn responsibility_grids(plan: &Plan) -> Vec<ResponsibilityGrid> {
    let roots = &plan.places.community_roots;
    let communities = plan.division.communities.iter().zip(roots).enumerate();
    let (mut patrols, mut beats) = (Vec::new(), Vec::new());
    for (index, (community, root)) in communities {
        // In the order of their codes, which run in rows, so that a run lies together.
        let units: Vec<GridCode> = plan
            .division
            .unit_grids
            .iter()
            .filter(|unit| unit.parent == index)
            .map(|unit| GridCode(unit.code.clone()))
            .collect();
        let runs = units.len().div_ceil(MOST_UNITS_OF_A_PATROL).max(1);
        for (sequence, run) in (1..).zip(units.chunks(units.len().div_ceil(runs).max(1))) {
            patrols.push(ResponsibilityGrid {
                code: GridCode(format!("{}03{sequence:03}", community.code)),
                name: format!("{root}社区城管第{sequence}责任网格"),
                kind: "城管".to_owned(),
                unit_grids: run.iter().cloned().collect(),
                responsible: of_post(plan, Post::CityManagement, Some(&community.code), sequence),
            });
        }
        beats.push(ResponsibilityGrid {
            code: GridCode(format!("{}04001", community.code)),
            name: format!("{root}社区警务责任网格"),
            kind: "公安".to_owned(),
            unit_grids: units.into_iter().collect::<BTreeSet<_>>(),
            responsible: of_post(plan, Post::Police, None, index),
        });
    }
    patrols.extend(beats);
    patrols
}

/// Those of a post, at a community where one is given, take turns.
fn of_post(plan: &Plan, post: Post, community: Option<&str>, turn: usize) -> Option<PersonId> {
    let fits = |person: &&Person| {
        let home = person.home_grid.as_ref().map(GridCode::as_str);
        person.post == post && (community.is_none() || home == community)
    };
    let people: Vec<&Person> = plan.people.iter().filter(fits).collect();
    let at = turn.checked_rem(people.len())?;
    people.get(at).map(|person| person.id)
}
