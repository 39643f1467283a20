//! Admission (准入) by the responsibility list (责任清单): who may be charged with a matter, as
//! lead or as assistant, at which post.
//!
//! The power goes with the responsibility (权随责走): an order outside the list is blocked, or an
//! officer overrides the list by name and with a reason, which stays on the order and in the trail.

use serde::{Deserialize, Serialize};

use crate::ids::{DepartmentId, OfficerId, RefusalReasonId};
use crate::people::Post;
use crate::places::GridLevel;
use crate::rules::{CategoryCode, CategoryRule, Rules, Words};
use crate::trail::DispatchDuty;

/// A reason for which the field may refuse an order (`[[refusal_reason]]` of the rules files).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalReason {
    /// Its id, as a phone sends it.
    pub id: RefusalReasonId,
    /// What the phone and the hall show.
    pub words: Words,
    /// Whether it may be given for every category; the others only where a category names them.
    pub holds_everywhere: bool,
}

/// Why the responsibility list does not admit somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotAdmitted {
    /// The rules in force have no list for the category.
    NoList,
    /// The post is on the list neither as lead nor as assistant.
    NotOnList,
    /// The post may assist with the matter and not lead it.
    AssistsOnly,
    /// The post belongs to a grid, and the grid may not be charged with this category.
    GridNotCharged,
    /// The post does not belong to the department that is to answer for the matter.
    OtherDepartment,
}

/// Whom an order would charge.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// Post of the person.
    pub post: Post,
    /// As lead or as assistant.
    pub duty: DispatchDuty,
    /// The department that is to answer for the matter; `None` is that of the post.
    pub department: Option<&'a DepartmentId>,
}

/// An officer who answers for an order outside the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The officer, by name.
    pub by: OfficerId,
    /// Why; blank counts as no override at all.
    pub reason: String,
}

/// The verdict on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// On the list.
    Admitted {
        /// As lead or as assistant.
        duty: DispatchDuty,
    },
    /// Not on the list, and nobody answers for it.
    Blocked {
        /// Why.
        why: NotAdmitted,
    },
    /// Not on the list, and an officer answers for it.
    Overridden {
        /// What was overridden.
        why: NotAdmitted,
        /// By whom, and the reason.
        by: Override,
    },
}

/// The level of the grid that a post works for; `None` for posts that belong to no grid.
pub const fn grid_of(post: Post) -> Option<GridLevel> {
    match post {
        Post::GridHead | Post::GridMember => Some(GridLevel::General),
        Post::MicroGridMember | Post::BuildingHead => Some(GridLevel::Micro),
        Post::StreetOfficial
        | Post::CommunityWorker
        | Post::Police
        | Post::CityManagement
        | Post::Emergency
        | Post::PublicOrder
        | Post::Maintenance
        | Post::Volunteer => None,
    }
}

impl CategoryRule {
    /// Whether the list charges a post with the category in this duty. Whoever may lead may also
    /// assist.
    pub fn admits(&self, post: Post, duty: DispatchDuty) -> Result<(), NotAdmitted> {
        let may_lead = self.posts.contains(&post);
        match duty {
            _ if may_lead => Ok(()),
            DispatchDuty::Assist if self.assist_posts.contains(&post) => Ok(()),
            DispatchDuty::Lead if self.assist_posts.contains(&post) => {
                Err(NotAdmitted::AssistsOnly)
            }
            _ if grid_of(post).is_some() && !self.grid_may_be_charged => {
                Err(NotAdmitted::GridNotCharged)
            }
            _ => Err(NotAdmitted::NotOnList),
        }
    }

    /// Whether the field may refuse an order about the category for this reason.
    pub fn may_be_refused_for(&self, reason: &RefusalReasonId) -> bool {
        self.refusal_reasons.contains(reason)
    }
}

/// Judges an order by the responsibility list in force.
pub fn admit(
    rules: &Rules,
    category: CategoryCode,
    charge: &Charge<'_>,
    override_by: Option<&Override>,
) -> Admission {
    let verdict = rules
        .category(category)
        .ok_or(NotAdmitted::NoList)
        .and_then(|list| list.admits(charge.post, charge.duty))
        .and_then(|()| belongs_to_department(rules, charge));
    match (verdict, override_by) {
        (Ok(()), _) => Admission::Admitted { duty: charge.duty },
        (Err(why), Some(by)) if !by.reason.trim().is_empty() => Admission::Overridden {
            why,
            by: by.clone(),
        },
        (Err(why), _) => Admission::Blocked { why },
    }
}

fn belongs_to_department(rules: &Rules, charge: &Charge<'_>) -> Result<(), NotAdmitted> {
    let Some(wanted) = charge.department else {
        return Ok(());
    };
    match rules.department_of(charge.post) {
        Some(own) if own.id == *wanted => Ok(()),
        _ => Err(NotAdmitted::OtherDepartment),
    }
}

#[cfg(test)]
mod tests;
