//! Whether a whistle may be blown.
//!
//! The order of the field: the street handles first, which the trail must show, deliberates, and
//! only then calls departments. Which levels and categories may be whistled, and which departments
//! called, stands in the rules file.

use super::{MatterWhistles, WhistleRefused, WhistleRules};
use crate::ids::DepartmentId;
use crate::incidents::{Incident, Level};
use crate::rules::CategoryCode;

/// How a matter may be whistled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// By its level or category.
    ByRule,
    /// With a reason under an officer's name.
    WithReason,
}

/// A whistle that somebody wants to blow.
#[derive(Debug, Clone, Copy)]
pub struct WhistleWanted<'a> {
    /// Who is to be called.
    pub departments: &'a [DepartmentId],
    /// What the street deliberated.
    pub deliberation: &'a str,
    /// Reason for a level that needs one.
    pub override_reason: Option<&'a str>,
}

/// Whether the matter can be whistled at all, whomever it calls: what a screen asks before it
/// offers the form.
pub fn may_whistle(
    incident: &Incident,
    matter: &MatterWhistles,
    rules: &WhistleRules,
) -> Result<Permission, WhistleRefused> {
    if matter.ended_at.is_some() {
        return Err(WhistleRefused::MatterEnded);
    }
    let permission = permission(incident.level, incident.category, rules)?;
    if !matter.has_street_handled(&[]) {
        return Err(WhistleRefused::StreetHasNotHandled);
    }
    matter.next_number()?;
    Ok(permission)
}

/// Whether the whistle may be blown as it is wanted.
pub fn check_whistle(
    incident: &Incident,
    matter: &MatterWhistles,
    wanted: &WhistleWanted<'_>,
    rules: &WhistleRules,
) -> Result<(), WhistleRefused> {
    let permission = may_whistle(incident, matter, rules)?;
    let is_blank = |text: &str| text.trim().is_empty();
    if permission == Permission::WithReason && wanted.override_reason.is_none_or(is_blank) {
        return Err(WhistleRefused::OverrideNeeded {
            level: incident.level,
        });
    }
    if is_blank(wanted.deliberation) {
        return Err(WhistleRefused::DeliberationMissing);
    }
    for department in wanted.departments {
        if !rules.departments.contains(department) {
            return Err(WhistleRefused::UnknownDepartment {
                department: department.clone(),
            });
        }
    }
    matter.check_departments(wanted.departments)?;
    if !matter.has_street_handled(wanted.departments) {
        return Err(WhistleRefused::StreetHasNotHandled);
    }
    Ok(())
}

fn permission(
    level: Level,
    category: CategoryCode,
    rules: &WhistleRules,
) -> Result<Permission, WhistleRefused> {
    if rules.levels.contains(&level) || rules.categories.contains(&category) {
        Ok(Permission::ByRule)
    } else if rules.levels_with_override.contains(&level) {
        Ok(Permission::WithReason)
    } else {
        Err(WhistleRefused::LevelNotAllowed { level, category })
    }
}

/// Whether so many points can be added or taken at once.
pub fn check_points(points: i16, rules: &WhistleRules) -> Result<(), WhistleRefused> {
    let most = rules.points.most_at_once;
    if points == 0 || points.unsigned_abs() > most {
        return Err(WhistleRefused::PointsOutOfRange { points, most });
    }
    Ok(())
}
