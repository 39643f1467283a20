//! Who is best to send: eligibility and ranking, with the reasons spelled out.
//!
//! [`Standing`] holds everything that is known of a person but the way; with the way it becomes a
//! [`Candidate`]. The score is road time in minutes with every weight added or taken off, and lists
//! its terms, so that anyone can add it up again.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::ids::{DepartmentId, PersonId};
use crate::incidents::{Incident, Level, duty_of_post};
use crate::modes::{Mode, ModeSession, rules_in_mode};
use crate::people::{Person, PersonClass, PositionAge, PositionFix, Post, Skill};
use crate::roads::Route;
use crate::roster::{Duty, OnDutyBy, Roster};
use crate::rules::{CategoryCode, CategoryRule, RankingWeights, Rules};
use crate::time::Timestamp;
use crate::trail::DispatchDuty;

mod infinite_as_none;
mod reasons;

pub use reasons::{Reason, reasons};

/// Why somebody cannot be offered; an officer may override it by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOffered {
    /// The roster has the person off duty.
    OffDuty,
    /// No position for more than 30 minutes.
    PositionLost,
    /// The responsibility list of the category does not charge the post ([`crate::admission`]).
    NotResponsible,
    /// There is no way by road.
    Unreachable,
    /// As many orders are under way as anybody may have.
    Overloaded,
    /// The level is above what the person's class is sent to.
    LevelAboveClass,
    /// The category needs a skill that the person has not.
    SkillNeeded,
    /// The person would assist in a joint handling, and no lead is under way.
    LeadFirst,
}

impl NotOffered {
    /// Every reason, in the order in which a candidate lists them.
    pub const ALL: [Self; 8] = [
        Self::OffDuty,
        Self::PositionLost,
        Self::NotResponsible,
        Self::LeadFirst,
        Self::LevelAboveClass,
        Self::SkillNeeded,
        Self::Overloaded,
        Self::Unreachable,
    ];
}

/// The rules of eligibility beside the responsibility list (`[dispatch]` of the rules files).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DispatchRules {
    /// On any other day, and for matters that an emergency leaves alone.
    pub normal: Eligibility,
    /// For matters of which the mode makes an emergency.
    pub emergency: Eligibility,
    /// Categories that only somebody with a fitting skill is offered for, in order.
    pub needs_skill: Vec<CategoryCode>,
}

impl DispatchRules {
    /// What holds for a matter: the mode's rules say for which it is an emergency.
    pub const fn bounds(&self, is_emergency: bool) -> &Eligibility {
        if is_emergency {
            &self.emergency
        } else {
            &self.normal
        }
    }
}

/// Bounds on who is offered. The default bounds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eligibility {
    /// Nobody with so many orders under way is offered another.
    pub most_open_orders: u32,
    /// The highest level that each class is sent to.
    pub highest_level: ClassLevels,
}

impl Default for Eligibility {
    fn default() -> Self {
        Self {
            most_open_orders: u32::MAX,
            highest_level: ClassLevels {
                street_staff: Level::Large,
                stationed_force: Level::Large,
                social_force: Level::Large,
            },
        }
    }
}

/// A level for each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassLevels {
    /// 街道社区.
    pub street_staff: Level,
    /// 下沉力量.
    pub stationed_force: Level,
    /// 社会力量.
    pub social_force: Level,
}

impl ClassLevels {
    /// The level of a class.
    pub const fn of(&self, class: PersonClass) -> Level {
        match class {
            PersonClass::StreetStaff => self.street_staff,
            PersonClass::StationedForce => self.stationed_force,
            PersonClass::SocialForce => self.social_force,
        }
    }
}

/// What a term of the score is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreWhat {
    /// Road time; as the crow flies at a metre a second where no road leads.
    RoadTime,
    /// Orders under way.
    OpenOrders,
    /// The post leads the responsibility list.
    LeadPost,
    /// A skill fits.
    FittingSkill,
    /// The person's own grid.
    HomeGrid,
    /// A position of 5 to 30 minutes.
    StalePosition,
}

/// One term of the score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScoreTerm {
    /// What for.
    pub what: ScoreWhat,
    /// Minutes added, or taken off when negative; infinite for the way of somebody without a
    /// position.
    #[serde(with = "infinite_as_none")]
    pub minutes: f64,
}

/// One person judged for one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub person: PersonId,
    /// Everything that speaks against offering; empty for somebody who is offered.
    pub not_offered: Vec<NotOffered>,
    /// On duty by what, or when the next turn begins.
    pub duty: Duty,
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
    /// As lead, or as assistant of a joint handling.
    #[serde(default)]
    pub charge: DispatchDuty,
    /// The department that answers for the matter through the person.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// Road time in minutes after all weights; the smallest is best, infinite without a position.
    #[serde(with = "infinite_as_none")]
    pub score_min: f64,
    /// What the score is the sum of, added from the first to the last.
    pub terms: Vec<ScoreTerm>,
}

impl Candidate {
    /// Whether one click may send this person.
    pub fn is_offered(&self) -> bool {
        self.not_offered.is_empty()
    }
}

/// What is the same for everybody who is judged for one matter: the rules as they hold for it in
/// the mode in force.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    incident: &'a Incident,
    rules: &'a Rules,
    category: Option<&'a CategoryRule>,
    weights: RankingWeights,
    bounds: &'a Eligibility,
    needs_skill: bool,
    roster: &'a Roster<'a>,
    duty_mode: Mode,
    now: Timestamp,
}

impl<'a> Matter<'a> {
    /// The matter of an incident under the rules in force, with the whole roster, in a mode and at
    /// an instant.
    pub fn new(
        incident: &'a Incident,
        rules: &'a Rules,
        roster: &'a Roster<'a>,
        mode: impl Into<ModeSession>,
        now: Timestamp,
    ) -> Self {
        let in_mode = rules_in_mode(rules, mode);
        let of_matter = in_mode.for_incident(incident);
        Self {
            incident,
            rules,
            category: of_matter.category(),
            weights: of_matter.ranking(),
            bounds: rules.dispatch.bounds(of_matter.is_emergency()),
            needs_skill: rules.dispatch.needs_skill.contains(&incident.category),
            roster,
            duty_mode: in_mode.duty_mode(incident.is_drill),
            now,
        }
    }

    /// Whether the responsibility list of the category charges a post with the duty that it has
    /// in the matter.
    pub fn may_charge(&self, post: Post) -> bool {
        self.category
            .is_some_and(|list| list.admits(post, self.charge(post)).is_ok())
    }

    /// As what somebody of the post would be sent: in a joint handling its departments have their
    /// duties, and everybody else leads.
    fn charge(&self, post: Post) -> DispatchDuty {
        duty_of_post(self.incident, post, self.rules)
    }

    /// The weights of the ranking.
    pub const fn weights(&self) -> &RankingWeights {
        &self.weights
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

/// Everything that is known of a person for a matter but the way. It needs no memory of its own,
/// so that a hundred thousand can be looked through before a single way is.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    duty: Option<OnDutyBy>,
    age: PositionAge,
    is_admitted: bool,
    turn: Turn,
    is_lead_post: bool,
    highest_level: Level,
    level: Level,
    skill: SkillFit,
    is_home_grid: bool,
    open_orders: u32,
    most_open_orders: u32,
}

/// When somebody can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Now,
    /// An assistant has to wait until a lead is under way.
    AfterALead,
}

/// How the skills of a person fit the category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SkillFit {
    Fits,
    NotNeeded,
    Missing,
}

impl Standing {
    /// How a person stands; the way of the responder is not looked at.
    pub fn of(responder: &Responder<'_>, matter: &Matter<'_>) -> Self {
        let (person, incident) = (responder.person, matter.incident);
        let bounds = matter.bounds;
        let grids = &incident.grids;
        Self {
            duty: matter.roster.on_duty(person, matter.now, matter.duty_mode),
            age: responder
                .fix
                .map_or(PositionAge::Lost, |fix| PositionAge::of(fix.at, matter.now)),
            is_admitted: matter.may_charge(person.post),
            turn: match matter.charge(person.post) {
                DispatchDuty::Assist if incident.orders.is_empty() => Turn::AfterALead,
                _ => Turn::Now,
            },
            is_lead_post: matter
                .category
                .is_some_and(|list| list.posts.first() == Some(&person.post)),
            highest_level: bounds.highest_level.of(person.class()),
            level: incident.level,
            skill: if fitting(person, matter.category).next().is_some() {
                SkillFit::Fits
            } else if matter.needs_skill {
                SkillFit::Missing
            } else {
                SkillFit::NotNeeded
            },
            is_home_grid: person
                .home_grid
                .as_ref()
                .is_some_and(|home| grids.holds(home)),
            open_orders: responder.open_orders,
            most_open_orders: bounds.most_open_orders,
        }
    }

    /// Whether a reason against offering applies; whether there is a way is not known here.
    fn objects(self, reason: NotOffered) -> bool {
        match reason {
            NotOffered::OffDuty => self.duty.is_none(),
            NotOffered::PositionLost => self.age == PositionAge::Lost,
            NotOffered::NotResponsible => !self.is_admitted,
            NotOffered::LeadFirst => self.turn == Turn::AfterALead,
            NotOffered::LevelAboveClass => self.level > self.highest_level,
            NotOffered::SkillNeeded => self.skill == SkillFit::Missing,
            NotOffered::Overloaded => self.open_orders >= self.most_open_orders,
            NotOffered::Unreachable => false,
        }
    }

    /// Whether the person is offered as soon as there is a way.
    pub fn is_offered_given_a_way(self) -> bool {
        !NotOffered::ALL
            .into_iter()
            .any(|reason| self.objects(reason))
    }

    /// Whether nothing but the lost position speaks against the person. What is known of the way
    /// leads from there, too, and is no objection of its own.
    pub fn is_held_back_by_position_alone(self) -> bool {
        self.age == PositionAge::Lost
            && NotOffered::ALL
                .into_iter()
                .all(|reason| reason == NotOffered::PositionLost || !self.objects(reason))
    }

    /// Whether the matter lies in the person's own grid.
    pub const fn is_home_grid(self) -> bool {
        self.is_home_grid
    }

    /// The score of somebody who is on the way for so many seconds.
    ///
    /// It grows with the time and never falls, so that a lower bound of the time gives one of the
    /// score: see [`Self::score_lower_bound_min`].
    fn score_min(self, travel_time_s: f64, weights: &RankingWeights) -> f64 {
        let terms = self.terms(travel_time_s, weights);
        terms.into_iter().fold(0.0, |sum, term| sum + term.minutes)
    }

    /// A lower bound of the score from a lower bound of the travel time: whoever has a bound above
    /// the score of the tenth best need not be looked up on the roads.
    ///
    /// Every other term is known, and adding the same numbers in the same order to something not
    /// greater rounds to something not greater.
    pub fn score_lower_bound_min(self, time_lower_bound_s: f64, weights: &RankingWeights) -> f64 {
        self.score_min(time_lower_bound_s, weights)
    }

    fn terms(self, travel_time_s: f64, weights: &RankingWeights) -> [ScoreTerm; 6] {
        let worth = |applies: bool, minutes: f64| if applies { minutes } else { 0.0 };
        let is_stale = self.age == PositionAge::Stale;
        [
            (ScoreWhat::RoadTime, travel_time_s / 60.0),
            (
                ScoreWhat::OpenOrders,
                f64::from(self.open_orders) * weights.open_order_min,
            ),
            (
                ScoreWhat::LeadPost,
                -worth(self.is_lead_post, weights.lead_post_min),
            ),
            (
                ScoreWhat::FittingSkill,
                -worth(self.skill == SkillFit::Fits, weights.skill_min),
            ),
            (
                ScoreWhat::HomeGrid,
                -worth(self.is_home_grid, weights.home_grid_min),
            ),
            (
                ScoreWhat::StalePosition,
                worth(is_stale, weights.stale_position_min),
            ),
        ]
        .map(|(what, minutes)| ScoreTerm { what, minutes })
    }
}

/// Skills of the person that fit the category.
fn fitting(person: &Person, category: Option<&CategoryRule>) -> impl Iterator<Item = Skill> {
    let wanted = category.map_or(&[][..], |rule| &rule.skills);
    wanted
        .iter()
        .filter(|skill| person.skills.contains(skill))
        .copied()
}

/// Judges one person.
pub fn judge(responder: &Responder<'_>, matter: &Matter<'_>) -> Candidate {
    let (person, now) = (responder.person, matter.now);
    let standing = Standing::of(responder, matter);
    let is_unreachable = responder.fix.is_some() && responder.route.is_none();
    let not_offered = NotOffered::ALL
        .into_iter()
        .filter(|reason| {
            standing.objects(*reason) || (*reason == NotOffered::Unreachable && is_unreachable)
        })
        .collect();
    let crow_m = responder.fix.map_or(f64::INFINITY, |fix| {
        fix.location.distance_m(matter.incident.location)
    });
    // Where no road leads, on foot at about a metre a second: the metres are the seconds.
    let travel_time_s = responder.route.map_or(crow_m, |route| route.time_s);
    let weights = &matter.weights;
    let terms = standing.terms(travel_time_s, weights);
    Candidate {
        person: person.id,
        not_offered,
        duty: matter.roster.duty(person, now, matter.duty_mode),
        distance_m: responder.route.map_or(crow_m, |route| route.distance_m),
        travel_time_s,
        position_age_s: responder.fix.map(|fix| now.ms_since(fix.at).max(0) / 1000),
        fitting_skills: fitting(person, matter.category).collect(),
        is_lead_post: standing.is_lead_post,
        is_home_grid: standing.is_home_grid,
        open_orders: responder.open_orders,
        charge: matter.charge(person.post),
        department: matter
            .rules
            .department_of(person.post)
            .map(|one| one.id.clone()),
        score_min: standing.score_min(travel_time_s, weights),
        terms: terms
            .into_iter()
            .filter(|term| term.what == ScoreWhat::RoadTime || term.minutes != 0.0)
            .collect(),
    }
}

/// Which of two candidates stands first: the offered before the others, then the smaller score,
/// then the smaller roster number. The order is total and the same everywhere.
pub fn compare(a: &Candidate, b: &Candidate) -> Ordering {
    b.is_offered()
        .cmp(&a.is_offered())
        .then(a.score_min.total_cmp(&b.score_min))
        .then(a.person.cmp(&b.person))
}

/// Sorts candidates by [`compare`].
pub fn rank(candidates: &mut [Candidate]) {
    candidates.sort_by(compare);
}

#[cfg(test)]
mod tests;
