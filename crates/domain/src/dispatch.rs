//! Who is best to send: eligibility and ranking, with the reasons spelled out.

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;
use crate::incidents::Incident;
use crate::people::{Person, PositionAge, PositionFix, Skill};
use crate::roads::Route;
use crate::rules::{CategoryRule, RankingWeights, Rules};
use crate::time::Timestamp;

/// Why somebody cannot be offered; an officer may override it by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOffered {
    /// The roster has the person off duty.
    OffDuty,
    /// No position for more than 30 minutes.
    PositionLost,
    /// The post is not on the responsibility list of the category.
    NotResponsible,
    /// There is no way by road.
    Unreachable,
}

/// One person judged for one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub person: PersonId,
    /// Everything that speaks against offering; empty for somebody who is offered.
    pub not_offered: Vec<NotOffered>,
    /// Distance by road in metres, as the crow flies when `Unreachable`; infinite without a position.
    #[serde(with = "infinite_as_none")]
    pub distance_m: f64,
    /// Road time in seconds; infinite without a position.
    #[serde(with = "infinite_as_none")]
    pub travel_time_s: f64,
    /// Age of the position in seconds; `None` when there is none.
    pub position_age_s: Option<i64>,
    /// Skills that fit the category.
    pub fitting_skills: Vec<Skill>,
    /// Whether the post leads the responsibility list.
    pub is_lead_post: bool,
    /// Whether the incident lies in the person's own grid.
    pub is_home_grid: bool,
    /// Orders already under way.
    pub open_orders: u32,
    /// Road time in minutes after all weights; the smallest is best, infinite without a position.
    #[serde(with = "infinite_as_none")]
    pub score_min: f64,
}

impl Candidate {
    /// Whether one click may send this person.
    pub fn is_offered(&self) -> bool {
        self.not_offered.is_empty()
    }
}

/// A person with what is known at the moment of ranking.
#[derive(Debug, Clone, Copy)]
pub struct Responder<'a> {
    /// Roster entry.
    pub person: &'a Person,
    /// Newest position.
    pub fix: Option<&'a PositionFix>,
    /// Orders already under way.
    pub open_orders: u32,
    /// Way to the incident; `None` when there is none by road.
    pub route: Option<Route>,
}

/// Judges one person.
pub fn judge(
    responder: &Responder<'_>,
    incident: &Incident,
    category: Option<&CategoryRule>,
    rules: &Rules,
    now: Timestamp,
) -> Candidate {
    let person = responder.person;
    let mut not_offered = Vec::new();
    if !person.is_on_duty(now) {
        not_offered.push(NotOffered::OffDuty);
    }
    let age = responder
        .fix
        .map_or(PositionAge::Lost, |fix| PositionAge::of(fix.at, now));
    if age == PositionAge::Lost {
        not_offered.push(NotOffered::PositionLost);
    }
    let posts = category.map_or(&[][..], |rule| &rule.posts);
    if !posts.is_empty() && !posts.contains(&person.post) {
        not_offered.push(NotOffered::NotResponsible);
    }
    if responder.fix.is_some() && responder.route.is_none() {
        not_offered.push(NotOffered::Unreachable);
    }
    let crow_m = responder
        .fix
        .map_or(f64::INFINITY, |f| f.location.distance_m(incident.location));
    let distance_m = responder.route.map_or(crow_m, |route| route.distance_m);
    // Where no road leads, on foot at about a metre a second: the metres are the seconds.
    let travel_time_s = responder.route.map_or(crow_m, |route| route.time_s);
    let fitting_skills: Vec<Skill> = category
        .map(|rule| {
            rule.skills
                .iter()
                .filter(|s| person.skills.contains(s))
                .copied()
                .collect()
        })
        .unwrap_or_default();
    let is_lead_post = posts.first() == Some(&person.post);
    let grids = &incident.grids;
    let is_home_grid = person.home_grid.is_some()
        && [&grids.community, &grids.general, &grids.micro, &grids.unit]
            .contains(&&person.home_grid);
    let mut candidate = Candidate {
        person: person.id,
        not_offered,
        distance_m,
        travel_time_s,
        position_age_s: responder.fix.map(|fix| now.ms_since(fix.at).max(0) / 1000),
        fitting_skills,
        is_lead_post,
        is_home_grid,
        open_orders: responder.open_orders,
        score_min: 0.0,
    };
    candidate.score_min = score_min(&candidate, age, &rules.ranking);
    candidate
}

/// Road time in minutes after all weights.
fn score_min(candidate: &Candidate, age: PositionAge, weights: &RankingWeights) -> f64 {
    let worth = |applies: bool, minutes: f64| if applies { minutes } else { 0.0 };
    candidate.travel_time_s / 60.0 + f64::from(candidate.open_orders) * weights.open_order_min
        - worth(candidate.is_lead_post, weights.lead_post_min)
        - worth(!candidate.fitting_skills.is_empty(), weights.skill_min)
        - worth(candidate.is_home_grid, weights.home_grid_min)
        + worth(age == PositionAge::Stale, weights.stale_position_min)
}

/// Sorts candidates: the offered before the others, then by score, then by roster number, so that
/// the order is total and the same everywhere.
pub fn rank(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        a.not_offered
            .len()
            .min(1)
            .cmp(&b.not_offered.len().min(1))
            .then(a.score_min.total_cmp(&b.score_min))
            .then(a.person.cmp(&b.person))
    });
}

/// JSON has no infinity, and a person without a position must not spoil the list of the others.
mod infinite_as_none {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes fields by reference"
    )]
    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        value.is_finite().then_some(*value).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
    }
}

#[cfg(test)]
mod tests;
