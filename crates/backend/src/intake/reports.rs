//! Reports, from the channels and from the desk itself: each opens one incident.

use domain::clusters::Complaint;
use domain::incidents::{ActionRefused, is_allowed};
use domain::new_matter::decide_level;
use domain::particulars::Particulars;
use domain::places::GridIndex;
use domain::rules::CategoryCode;
use domain::trail::{Action, ActionKind, Actor, Officer, ReportFacts, Taker, TrailEntry};
use domain::{IncidentId, IntentKey, NewMatter, Timestamp};
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
    let facts = check(work, grids, &matter_of(report)?)?;
    let by = Actor::Channel(facts.channel);
    open(work, report.key, facts, by, report.occurred_at)
}

/// The same for a matter that an officer took in at the desk, on whose trail the officer stands as
/// who reported it. `provisional` is the number under which the hall shows it until it has this one.
pub fn take_at_desk(
    work: &mut Work<'_>,
    grids: &GridIndex,
    officer: &Officer,
    (key, provisional): (IntentKey, IncidentId),
    matter: &NewMatter,
    at: Timestamp,
) -> Result<IncidentId, Refusal> {
    let by = Actor::Officer(officer.id.clone());
    let taker = Taker::of(&by, Some(officer.role));
    if !is_allowed(taker, ActionKind::Report) {
        let why = ActionRefused::NotForThisTaker { taker };
        return Err(Refusal::of_action(&why, provisional));
    }
    if provisional != IncidentId::provisional(key) {
        return Err(Refusal::bad_request(
            format!("临时编号 {provisional} 与登记凭据 {key} 不符"),
            format!("the provisional number {provisional} does not follow from the key {key}"),
        ));
    }
    let is_used = reports::incident(work.db(), key)?.is_some()
        || reports::numbered(work.db(), provisional)?.is_some();
    if is_used {
        return Err(Refusal::bad_request(
            format!("编号 {key} 已用于另一上报，请重新登记"),
            format!("key {key} has been used for another report: take the matter in again"),
        ));
    }
    let mut facts = check(work, grids, matter)?;
    facts.particulars.provisional = Some(provisional);
    let id = open(work, key, facts, by, at)?;
    reports::insert_provisional(work.db(), provisional, id)?;
    Ok(id)
}

/// The number of a matter that a hall names by its provisional one; any other number is its own.
pub fn number_of(work: &Work<'_>, id: IncidentId) -> Result<IncidentId, Refusal> {
    if !id.is_provisional() {
        return Ok(id);
    }
    reports::numbered(work.db(), id)?.ok_or_else(|| {
        Refusal::not_found(
            format!("后台没有收到登记 {id}，请先处理该登记"),
            format!("the report {id} has not been taken here: see to that report first"),
        )
    })
}

fn open(
    work: &mut Work<'_>,
    key: IntentKey,
    mut facts: ReportFacts,
    by: Actor,
    at: Timestamp,
) -> Result<IncidentId, Refusal> {
    let at = at.min(work.now());
    let id = day_numbers::next_incident(work.db(), at)?;
    let row = complaints::Row::of(id, &facts, at);
    let counted = count_repeats(work, &row)?;
    // A channel may know of calls that never reached this street; nobody makes a matter smaller
    // by not knowing of them.
    facts.particulars.repeats = facts.particulars.repeats.max(counted);
    decide_level(work.rules(), &mut facts);
    complaints::insert(work.db(), &row)?;
    work.open(id, facts, by, at)?;
    reports::insert(work.db(), key, id)?;
    Ok(id)
}

/// What a channel reports, as a desk would have taken it in.
fn matter_of(report: &NewReport) -> Result<NewMatter, Refusal> {
    let category: CategoryCode = report.category.parse().map_err(|_| {
        Refusal::bad_request(
            format!("类别“{}”写法有误，应如 E01.10", report.category),
            format!(
                "category \"{}\" is malformed, write such as E01.10",
                report.category
            ),
        )
    })?;
    Ok(NewMatter {
        category,
        channel: report.channel,
        title: report.title.clone(),
        description: report.description.clone(),
        address: report.address.clone(),
        location: report.location,
        crs: report.crs,
        particulars: report.particulars.clone(),
        is_drill: report.is_drill,
    })
}

fn check(work: &Work<'_>, grids: &GridIndex, matter: &NewMatter) -> Result<ReportFacts, Refusal> {
    let rules = work.rules();
    let Some(rule) = rules.category(matter.category) else {
        let category = matter.category;
        return Err(Refusal::bad_request(
            format!("规则 {} 中没有类别 {category}", rules.version),
            format!("category {category} is not in rules {}", rules.version),
        ));
    };
    require(&matter.title, LONGEST_LINE, "标题", "the title")?;
    limit(&matter.address, LONGEST_LINE, "地址", "the address")?;
    limit(&matter.description, LONGEST_TEXT, "描述", "the description")?;
    let location = in_cgcs2000(matter.location, matter.crs)?;
    Ok(ReportFacts {
        particulars: check_particulars(&matter.particulars)?,
        ..matter.facts(location, grids.locate(location), rule.level)
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
    let Some(decided) = work.rules().level_of(incident.category, &particulars) else {
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
    // Only a desk shows a matter before it has its number, and that is not for a channel to say.
    Ok(Particulars {
        provisional: None,
        ..particulars.clone()
    })
}
