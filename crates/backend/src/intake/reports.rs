//! Reports from the channels: each opens one incident.

use domain::places::GridIndex;
use domain::rules::CategoryCode;
use domain::trail::ReportFacts;
use domain::{IncidentId, Timestamp};
use protocol::http::NewReport;

use super::texts::{LONGEST_LINE, LONGEST_TEXT, limit, require};
use super::work::Work;
use crate::refusal::Refusal;
use crate::tables::{day_numbers, reports};

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
    let facts = check(work, grids, report)?;
    let at: Timestamp = report.occurred_at.min(work.now());
    let id = day_numbers::next_incident(work.db(), at)?;
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
    if !report.location.is_on_globe() {
        return Err(Refusal::bad_request(
            format!("坐标 {}, {} 无效", report.location.lon, report.location.lat),
            format!(
                "{}, {} is no longitude and latitude",
                report.location.lon, report.location.lat
            ),
        ));
    }
    let (level, level_reason) = rules.level(rule, report.repeats);
    Ok(ReportFacts {
        category,
        channel: report.channel,
        title: report.title.clone(),
        description: report.description.clone(),
        address: report.address.clone(),
        location: report.location,
        grids: grids.locate(report.location),
        level,
        level_reason,
        is_drill: false,
    })
}
