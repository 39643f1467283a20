//! Whom to send of a street or of a city: exactly those whom judging everybody would put first.

use crate::dispatch::{Candidate, Matter, Responder, Standing, compare, judge};
use crate::places::LonLat;
use crate::roads::{RoadGraph, WaysByMode};
use crate::rules::RankingWeights;

use super::{best_first, least_s};

/// Sums of a few numbers in another order differ by less than this, in minutes.
const ROUNDING_MIN: f64 = 1e-6;
/// Sums of distances differ by less than this share.
const ROUNDING_SHARE: f64 = 1e-9;

/// People by their distance from a place as the crow flies in metres, the nearest first: what
/// [`nearest_held_back`] takes. Who has no position is infinitely far.
pub fn by_distance<'a>(
    from: LonLat,
    responders: impl IntoIterator<Item = Responder<'a>>,
) -> Vec<(f64, Responder<'a>)> {
    let far = |responder: Responder<'a>| {
        let fix = responder.fix;
        let crow_m = fix.map_or(f64::INFINITY, |fix| fix.location.distance_m(from));
        (crow_m, responder)
    };
    let mut nearby: Vec<_> = responders.into_iter().map(far).collect();
    nearby.sort_by(|a, b| a.0.total_cmp(&b.0));
    nearby
}

/// The people of one street with a number of seconds that no way on those roads to the place can
/// beat, the lowest first: what [`best_offered`] takes where there is no [`super::Crowd`].
pub fn by_least_time<'a>(
    roads: &RoadGraph,
    place: LonLat,
    responders: impl IntoIterator<Item = Responder<'a>>,
) -> Vec<(f64, Responder<'a>)> {
    let mut nearby = by_distance(place, responders);
    for (bound, responder) in &mut nearby {
        *bound = least_s(*bound, roads.fastest_mps(responder.person.travel));
    }
    nearby.sort_by(|a, b| a.0.total_cmp(&b.0));
    nearby
}

/// The `limit` best who are offered for a matter, best first, with the reasons.
///
/// `nearby` gives people with seconds that no way of theirs can beat, the lowest first, as
/// [`super::Crowd::outward`] and [`by_least_time`] do; a way in a responder is not looked at. Who is
/// not offered whatever the way, and who even at the highest speed and as the crow flies stands
/// behind those found already, costs no search of the roads.
pub fn best_offered<'a>(
    limit: usize,
    matter: &Matter<'_>,
    ways: &mut WaysByMode<'_>,
    nearby: impl IntoIterator<Item = (f64, Responder<'a>)>,
) -> Vec<Candidate> {
    let weights = matter.weights();
    let most_gain_min = most_gain_min(weights) + ROUNDING_MIN;
    let by_bound = nearby
        .into_iter()
        .map(|(least_s, responder)| (least_s / 60.0 - most_gain_min, (least_s, responder)));
    let look = |(least_s, responder): (f64, Responder<'a>), wanted_to: f64| {
        let standing = Standing::of(&responder, matter);
        if !standing.is_offered_given_a_way()
            || standing.score_lower_bound_min(least_s, weights) > wanted_to
        {
            return None;
        }
        let ways = ways.of(responder.person.travel);
        let route = Some(ways.route(responder.fix?.location)?);
        Some(judge(&Responder { route, ..responder }, matter)).filter(Candidate::is_offered)
    };
    best_first(limit, by_bound, look, |judged| judged.score_min, compare)
}

/// The `limit` nearest who are not offered, with what speaks against them: by road, and as the
/// crow flies where no road leads. `nearby` as [`by_distance`] gives it; people without a position
/// come last.
pub fn nearest_held_back<'a>(
    limit: usize,
    matter: &Matter<'_>,
    ways: &mut WaysByMode<'_>,
    nearby: impl IntoIterator<Item = (f64, Responder<'a>)>,
) -> Vec<Candidate> {
    let by_bound = nearby
        .into_iter()
        .map(|(crow_m, responder)| (crow_m * (1.0 - ROUNDING_SHARE), responder));
    let look = |responder: Responder<'a>, _: f64| {
        let ways = ways.of(responder.person.travel);
        let route = responder.fix.and_then(|fix| ways.route(fix.location));
        let judged = judge(&Responder { route, ..responder }, matter);
        (!judged.is_offered()).then_some(judged)
    };
    best_first(
        limit,
        by_bound,
        look,
        |judged| judged.distance_m,
        |a, b| a.distance_m.total_cmp(&b.distance_m).then(compare(a, b)),
    )
}

/// Whom an officer can send by name where few are offered, as after half an hour without the line,
/// when every position is lost: first those against whom nothing speaks but that, of whom the
/// members of the matter's own grids stand before the others, then everybody else who is not
/// offered; the nearest first in each of the three. At most `limit`, and `least_others` more of the
/// last, so that whoever is seen round the corner is named however many can be called.
///
/// `nearby` as [`by_distance`] gives it.
pub fn held_back_to_call<'a>(
    (limit, least_others): (usize, usize),
    matter: &Matter<'_>,
    ways: &mut WaysByMode<'_>,
    nearby: impl IntoIterator<Item = (f64, Responder<'a>)>,
) -> Vec<Candidate> {
    let mut groups: [Vec<(f64, Responder<'a>)>; 3] = Default::default();
    for (crow_m, responder) in nearby {
        let standing = Standing::of(&responder, matter);
        let group = match (
            standing.is_held_back_by_position_alone(),
            standing.is_home_grid(),
        ) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        groups[group].push((crow_m, responder));
    }
    let [own_grid, elsewhere, others] = groups;
    let mut listed = nearest_held_back(limit, matter, ways, own_grid);
    let room = limit.saturating_sub(listed.len());
    listed.extend(nearest_held_back(room, matter, ways, elsewhere));
    let room = limit.saturating_sub(listed.len()).max(least_others);
    listed.extend(nearest_held_back(room, matter, ways, others));
    listed
}

/// The most that anything but the way can take off a score, in minutes; infinite where weights are
/// of the wrong sign, so that everybody is looked at.
fn most_gain_min(weights: &RankingWeights) -> f64 {
    if weights.open_order_min < 0.0 || weights.stale_position_min < 0.0 {
        return f64::INFINITY;
    }
    let gains = [
        weights.lead_post_min,
        weights.skill_min,
        weights.home_grid_min,
    ];
    gains.into_iter().map(|gain| gain.max(0.0)).sum()
}

#[cfg(test)]
mod tests;
