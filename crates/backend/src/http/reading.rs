//! What is read whole: hello, reference data, snapshot, trails.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use domain::incidents::SHOWN_AFTER_END_MS;
use domain::{IncidentId, Situation, Timestamp};
use protocol::heat::{MOST_REPORTS, ReportPlaces};
use protocol::http::{Hello, LogId, LogPlace};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::caller::HallCaller;
use super::reply::{Answer, Poll, Rejected};
use super::{App, blocking, reading_store};
use crate::refusal::Refusal;
use crate::tables::{
    changes, counters, duty_log, handovers, incidents, log_openings, modes, orders, people, trail,
};
use crate::{Shared, StoreError};

pub async fn hello(State(app): State<App>) -> Json<Hello> {
    Json(app.hello())
}

pub async fn reference(State(app): State<App>, _: HallCaller) -> Response {
    let json = app.reference().json.clone();
    ([(CONTENT_TYPE, "application/json")], json).into_response()
}

/// [`protocol::http::Snapshot`] with trail entries that are not read again on their way.
#[derive(Debug, Serialize)]
pub struct SnapshotReply {
    pub log: LogId,
    pub continues: bool,
    pub cursor: u64,
    pub reference_version: u64,
    pub situation: Situation,
    pub trail: Vec<Box<RawValue>>,
}

impl SnapshotReply {
    /// Everything at this moment, for somebody who has come to a place already or to none.
    pub fn read(shared: &Shared, known: Option<&LogPlace>) -> Result<Self, Refusal> {
        let since = shared.clock.now().plus_ms(-SHOWN_AFTER_END_MS);
        shared.renew_visible()?;
        let mut reply = shared.store.read(|db| -> Result<_, StoreError> {
            let incidents = incidents::current(db, since)?;
            let orders = orders::current(db, since)?;
            let people = people::all(db)?;
            let continues = match known {
                Some(place) => log_openings::leads_here(db, place)?,
                None => false,
            };
            Ok(Self {
                log: shared.log.clone(),
                continues,
                cursor: changes::newest(db)?,
                reference_version: counters::get(db, counters::REFERENCE_VERSION)?,
                situation: Situation {
                    incidents: incidents.into_iter().map(|i| (i.id, i)).collect(),
                    orders: orders.into_iter().map(|o| (o.id, o)).collect(),
                    people: people.into_iter().map(|p| (p.id, p)).collect(),
                    positions: BTreeMap::new(),
                    mode: modes::in_force(db)?,
                    duty_log: (duty_log::newest(db)?.into_iter())
                        .map(|entry| (entry.id, entry))
                        .collect(),
                    handovers: (handovers::newest(db)?.into_iter())
                        .map(|handover| (handover.sheet.id, handover))
                        .collect(),
                },
                trail: trail::current(db, since)?,
            })
        })?;
        let fixes = shared.board.all();
        reply.situation.positions = fixes.into_iter().map(|fix| (fix.person, fix)).collect();
        Ok(reply)
    }
}

pub async fn snapshot(State(app): State<App>, _: HallCaller, poll: Poll) -> Answer<SnapshotReply> {
    let known = poll.place();
    let reply = blocking(&app, move |shared| {
        SnapshotReply::read(shared, known.as_ref())
    });
    Ok(Json(reply.await?))
}

/// From an instant up to and without another, in milliseconds since the epoch.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    from: Timestamp,
    until: Timestamp,
}

pub async fn report_places(
    State(app): State<App>,
    _: HallCaller,
    span: Result<Query<Span>, QueryRejection>,
) -> Answer<ReportPlaces> {
    let span = span.ok().map(|Query(span)| (span.from, span.until));
    let span = span.filter(|(from, until)| from < until).ok_or_else(|| {
        Refusal::bad_request(
            "查询参数有误，应为 ?from=毫秒&until=毫秒，且起始早于截止",
            "the query is no ?from=MS&until=MS, the first before the second",
        )
    })?;
    let found = reading_store(&app, move |db| incidents::reported(db, span, MOST_REPORTS));
    Ok(Json(found.await?))
}

pub async fn trail(
    State(app): State<App>,
    _: HallCaller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<Box<RawValue>>>, Rejected> {
    // Bytes that are no text are no incident number either.
    let id = parse_incident(id.as_ref().map_or("?", |Path(id)| id))?;
    let entries = reading_store(&app, move |db| trail::of_incident(db, id)).await?;
    if entries.is_empty() {
        return Err(Refusal::not_found(
            format!("没有案件 {id}"),
            format!("there is no incident {id}"),
        )
        .into());
    }
    Ok(Json(entries))
}

/// An incident as people write it (`20261120-0042`) or as the wire does (`20261120000042`).
fn parse_incident(text: &str) -> Result<IncidentId, Refusal> {
    text.parse()
        .ok()
        .or_else(|| text.parse().map(IncidentId).ok())
        .filter(|id| i64::try_from(id.0).is_ok())
        .ok_or_else(|| {
            Refusal::bad_request(
                format!("“{text}”不是案件编号，应如 20261120-0042"),
                format!("\"{text}\" is no incident number such as 20261120-0042"),
            )
        })
}
