//! The reasons of a ranking as values: what a row says about a candidate, such as "380 m · on duty ·
//! electrician · 1 open order". The words of both languages are the catalogue's.

use crate::people::{POSITION_STALE_MS, Skill};
use crate::roster::{Duty, OnDutyBy};

use super::{Candidate, NotOffered};

/// One reason, in the order in which a row says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Metres by road.
    ByRoad {
        /// Distance in metres, rounded for reading.
        distance_m: u32,
    },
    /// Metres as the crow flies, where no way by road is known.
    AsTheCrowFlies {
        /// Distance in metres, rounded for reading.
        distance_m: u32,
    },
    /// Road time in minutes, at least 1.
    Minutes(u32),
    /// The roster has the person on duty.
    OnDuty(OnDutyBy),
    /// A skill that fits the category.
    Skill(Skill),
    /// Orders already under way; 0 is said as well, because being free is a reason.
    OpenOrders(u32),
    /// The incident lies in the person's own grid.
    HomeGrid,
    /// The post leads the responsibility list.
    LeadPost,
    /// The position is older than it should be.
    StalePosition {
        /// Age in whole minutes.
        minutes: u32,
    },
}

/// Everything that a row says about a candidate beside the objections ([`Candidate::not_offered`]).
pub fn reasons(candidate: &Candidate) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if candidate.distance_m.is_finite() {
        let distance_m = rounded_distance_m(candidate.distance_m);
        if candidate.not_offered.contains(&NotOffered::Unreachable) {
            reasons.push(Reason::AsTheCrowFlies { distance_m });
        } else {
            reasons.push(Reason::ByRoad { distance_m });
            let minutes = (candidate.travel_time_s / 60.0).ceil().max(1.0);
            reasons.push(Reason::Minutes(minutes as u32));
        }
    }
    if let Duty::On { by } = candidate.duty {
        reasons.push(Reason::OnDuty(by));
    }
    reasons.extend(candidate.fitting_skills.iter().copied().map(Reason::Skill));
    reasons.push(Reason::OpenOrders(candidate.open_orders));
    if candidate.is_home_grid {
        reasons.push(Reason::HomeGrid);
    }
    if candidate.is_lead_post {
        reasons.push(Reason::LeadPost);
    }
    if let Some(age_s) = candidate.position_age_s
        && age_s > POSITION_STALE_MS / 1000
        && !candidate.not_offered.contains(&NotOffered::PositionLost)
    {
        reasons.push(Reason::StalePosition {
            minutes: u32::try_from(age_s / 60).unwrap_or(u32::MAX),
        });
    }
    reasons
}

/// Metres as people read them: to 10 m below a kilometre, to 100 m above.
fn rounded_distance_m(distance_m: f64) -> u32 {
    let to = if distance_m < 995.0 { 10.0 } else { 100.0 };
    ((distance_m / to).round() * to).max(0.0) as u32
}
