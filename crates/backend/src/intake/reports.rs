//! Reports from the channels: each opens one incident.

use domain::clusters::Complaint;
use domain::levels::{LevelDecision, LevelFacts};
use domain::particulars::Particulars;
use domain::places::GridIndex;
use domain::rules::{CategoryCode, Rules};
use domain::trail::{Action, Actor, ReportFacts, TrailEntry};
use domain::{IncidentId, Timestamp};
use protocol::http::NewReport;

use super::places::in_cgcs2000;
use super::texts::{LONGEST_LINE, LONGEST_TEXT, limit, require};
use super::work::{Step, Work};
use crate::refusal::Refusal;
use crate::tables::{complaints, day_numbers, reports, trail};

/// Opens an incident, or returns the one that this report opened before. Grids and level are
/// decided here. A matter outside of all grids is taken: somebody has to look at it.
pub fn take(
    work: &mut Work<'_>,
    grids: &GridIndex,
    report: &NewReport,
) -> Result<IncidentId, Refusal> {
    if let Some(known) = reports::incident(work.db(), report.key)? {
        return Ok(known);
    }
    let mut facts = check(work, grids, report)?;
    let at: Timestamp = report.occurred_at.min(work.now());
    let id = day_numbers::next_incident(work.db(), at)?;
    let row = complaints::Row::of(id, &facts, at);
    let counted = count_repeats(work, &row)?;
    // A channel may know of calls that never reached this street; nobody makes a matter smaller
    // by not knowing of them.
    facts.particulars.repeats = facts.particulars.repeats.max(counted);
    decide_level(work.rules(), &mut facts);
    complaints::insert(work.db(), &row)?;
    work.open(id, facts, at)?;
    reports::insert(work.db(), report.key, id)?;
    Ok(id)
}

fn check(work: &Work<'_>, grids: &GridIndex, report: &NewReport) -> Result<ReportFacts, Refusal> {
    let category: CategoryCode = report.category.parse().map_err(|_| {
        Refusal::bad_request(
            format!("类别“{}”写法有误，应如 E01.10", report.category),
            format!(
                "category \"{}\" is malformed, write such as E01.10",
                report.category
            ),
        )
    })?;
    let rules = work.rules();
    let Some(rule) = rules.category(category) else {
        return Err(Refusal::bad_request(
            format!("规则 {} 中没有类别 {category}", rules.version),
            format!("category {category} is not in rules {}", rules.version),
        ));
    };
    require(&report.title, LONGEST_LINE, "标题", "the title")?;
    limit(&report.address, LONGEST_LINE, "地址", "the address")?;
    limit(&report.description, LONGEST_TEXT, "描述", "the description")?;
    let location = in_cgcs2000(report.location, report.crs)?;
    Ok(ReportFacts {
        category,
        channel: report.channel,
        title: report.title.clone(),
        description: report.description.clone(),
        address: report.address.clone(),
        location,
        source_crs: report.crs,
        grids: grids.locate(location),
        level: rule.level,
        level_reason: String::new(),
        level_reason_en: String::new(),
        particulars: check_particulars(&report.particulars)?,
        is_drill: report.is_drill,
    })
}

/// How many repeats the channel told of beyond those that were counted here. They are stored as one
/// number; where it is the one that is counted, nothing else is known.
pub fn repeats_told(work: &mut Work<'_>, id: IncidentId) -> Result<u32, Refusal> {
    let incident = work.incident(id)?.clone();
    let counted = count_repeats(work, &complaints::Row::of_incident(&incident))?;
    let stored = incident.particulars.repeats;
    Ok(if stored == counted { 0 } else { stored })
}

/// Decides the level of a matter anew once its category is another one: repeats are counted within
/// the category, and the rules of levels look at it. A level that an officer has set stays, because
/// a person has looked. `told` are the repeats of [`repeats_told`].
pub fn level_again(
    work: &mut Work<'_>,
    id: IncidentId,
    told: u32,
    at: Timestamp,
) -> Result<(), Refusal> {
    let set_by_officer = |entry: &TrailEntry| {
        matches!(
            (&entry.action, &entry.by),
            (Action::SetLevel { .. }, Actor::Officer(_))
        )
    };
    if trail::entries_of(work.db(), id)?.iter().any(set_by_officer) {
        return Ok(());
    }
    let incident = work.incident(id)?.clone();
    let counted = count_repeats(work, &complaints::Row::of_incident(&incident))?;
    let repeats = told.max(counted);
    let particulars = Particulars {
        repeats,
        ..incident.particulars
    };
    let Some(decided) = level_of(work.rules(), incident.category, &particulars) else {
        return Ok(());
    };
    let action = Action::SetLevel {
        level: decided.level,
        level_reason: decided.reason.zh,
        level_reason_en: decided.reason.en,
    };
    let by_rule = Step {
        action,
        by: Actor::Rule,
        role: None,
        reason: None,
        at,
    };
    work.act(id, by_rule)
}

/// How often the same matter was complained about before, as the rules count. The table finds what
/// comes into question, the incident itself says whether it counts.
fn count_repeats(work: &mut Work<'_>, row: &complaints::Row) -> Result<u32, Refusal> {
    let rules = work.rules();
    let complaint = row.complaint();
    let from = complaint.at.plus_ms(-rules.clusters.nearness().within_ms);
    let earlier = complaints::of_category(work.db(), complaint.category, from, complaint.at)?;
    let mut count = 0;
    for row in &earlier {
        if complaint.repeats(&row.complaint(), &rules.clusters) {
            let incident = work.incident(row.incident())?;
            count += u32::from(Complaint::of(incident, rules).is_some());
        }
    }
    Ok(count)
}

fn decide_level(rules: &Rules, facts: &mut ReportFacts) {
    if let Some(decided) = level_of(rules, facts.category, &facts.particulars) {
        facts.level = decided.level;
        facts.level_reason = decided.reason.zh;
        facts.level_reason_en = decided.reason.en;
    }
}

/// The level by the rules; `None` when they do not know the category.
fn level_of(
    rules: &Rules,
    category: CategoryCode,
    particulars: &Particulars,
) -> Option<LevelDecision> {
    let rule = rules.category(category)?;
    let facts = LevelFacts {
        harm: particulars.harm,
        people_affected: particulars.people_affected,
        repeats: particulars.repeats,
        departments: rules.departments_needed(rule),
    };
    Some(rules.level(rule, &facts))
}

/// The particulars with their texts checked: they are ids, so they are short and never blank.
fn check_particulars(particulars: &Particulars) -> Result<Particulars, Refusal> {
    if let Some(caller) = &particulars.caller {
        require(caller.as_str(), LONGEST_LINE, "来电人标识", "the caller")?;
    }
    if let Some(origin) = &particulars.origin {
        require(
            &origin.system,
            LONGEST_LINE,
            "来源系统",
            "the origin's system",
        )?;
        require(&origin.id, LONGEST_LINE, "来源编号", "the origin's number")?;
        limit(
            &origin.class,
            LONGEST_LINE,
            "来源类别",
            "the origin's class",
        )?;
    }
    Ok(particulars.clone())
}
