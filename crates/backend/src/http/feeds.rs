//! What is waited for: changes, positions, orders for the field. A request with nothing to answer
//! stays open until there is something, its time is over, or the backend stops.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use domain::Timestamp;
use domain::drill::LiveOnly;
use protocol::ErrorCode;
use protocol::http::{FieldOrder, FieldOrders, LogId, LogPlace, Positions};
use serde::Serialize;
use tokio::sync::watch;

use super::caller::{FieldCaller, HallCaller};
use super::reply::{Answer, Poll};
use super::{App, blocking, reading_store};
use crate::Shared;
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::tables::changes::ChangeRow;
use crate::tables::{changes, incidents, log_openings, orders};

/// Longest wait, below the time-outs of common proxies.
const LONGEST_WAIT_MS: u64 = 25_000;
/// Changes in one answer; a hall that is further behind asks again.
const CHANGES_PER_REPLY: usize = 2_000;

/// When a request stops waiting.
struct Wait {
    until: tokio::time::Instant,
    stopping: watch::Receiver<bool>,
}

impl Wait {
    fn new(app: &App, wait_ms: u64) -> Self {
        let wait = Duration::from_millis(wait_ms.min(LONGEST_WAIT_MS));
        Self {
            until: tokio::time::Instant::now() + wait,
            stopping: app.stopping.subscribe(),
        }
    }

    /// Waits until the newest cursor is past `after`; `false` when the time is over.
    async fn past(&mut self, newest: &mut watch::Receiver<u64>, after: u64) -> bool {
        tokio::select! {
            moved = newest.wait_for(|newest| *newest > after) => moved.is_ok(),
            () = tokio::time::sleep_until(self.until) => false,
            _ = self.stopping.wait_for(|stopping| *stopping) => false,
        }
    }
}

/// [`protocol::http::Changes`] with bodies that are not read again on their way.
#[derive(Debug, Serialize)]
pub struct ChangesReply {
    pub log: LogId,
    pub changes: Vec<ChangeRow>,
    pub newest: u64,
    pub now: Timestamp,
}

impl ChangesReply {
    /// What follows a cursor at this moment; where its log is said, only if that led here.
    pub fn read(shared: &Shared, after: u64, of: Option<&LogPlace>) -> Result<Self, Refusal> {
        let (found, newest) = shared.store.read(|db| -> Result<_, StoreError> {
            let is_ours = match of {
                Some(place) => log_openings::leads_here(db, place)?,
                None => true,
            };
            let found = if is_ours {
                changes::after(db, after, CHANGES_PER_REPLY)?
            } else {
                None
            };
            Ok((found, changes::newest(db)?))
        })?;
        let changes = found.ok_or_else(|| {
            Refusal::new(
                ErrorCode::CursorTooOld,
                "变更记录已清理或已更换，请重新获取全量数据",
                format!(
                    "the change log does not hold what follows cursor {after}: take a snapshot"
                ),
            )
        })?;
        Ok(Self {
            log: shared.log.clone(),
            changes,
            newest,
            now: shared.clock.now(),
        })
    }
}

pub async fn changes(State(app): State<App>, _: HallCaller, poll: Poll) -> Answer<ChangesReply> {
    let mut wait = Wait::new(&app, poll.wait_ms);
    let mut newest = app.newest.subscribe();
    loop {
        let (after, place) = (poll.after, poll.place());
        let read = move |shared: &Shared| ChangesReply::read(shared, after, place.as_ref());
        let found = blocking(&app, read).await?;
        if !found.changes.is_empty() || !wait.past(&mut newest, after).await {
            return Ok(Json(found));
        }
    }
}

pub async fn positions(State(app): State<App>, _: HallCaller, poll: Poll) -> Answer<Positions> {
    let mut wait = Wait::new(&app, poll.wait_ms);
    let mut newest = app.board.newest();
    loop {
        blocking(&app, |shared| Ok(shared.renew_visible()?)).await?;
        let found = app.board.after(poll.after);
        let after = found.cursor;
        let is_news = found.is_whole || !found.fixes.is_empty() || !found.gone.is_empty();
        if is_news || !wait.past(&mut newest, after).await {
            return Ok(Json(found));
        }
    }
}

pub async fn field_orders(
    State(app): State<App>,
    _: FieldCaller,
    poll: Poll,
) -> Answer<FieldOrders> {
    let mut wait = Wait::new(&app, poll.wait_ms);
    let mut newest = app.newest.subscribe();
    loop {
        let asked = poll.clone();
        let found = reading_store(&app, move |db| read_field_orders(db, &asked)).await?;
        let after = found.cursor;
        if !found.orders.is_empty() || !wait.past(&mut newest, after).await {
            return Ok(Json(found));
        }
    }
}

fn read_field_orders(db: &rusqlite::Connection, poll: &Poll) -> Result<FieldOrders, StoreError> {
    let after = poll.after;
    let cursor = changes::newest(db)?;
    // A cursor from the future belongs to another database: begin anew.
    let changed = if after == 0 || after > cursor {
        orders::under_way(db)?
    } else {
        orders::changed_after(db, after)?
    };
    let mut list = Vec::new();
    for order in changed {
        let Some(incident) = incidents::get(db, order.incident)? else {
            continue;
        };
        list.push(FieldOrder {
            order,
            location: incident.location,
            address: incident.address,
            title: incident.title,
            is_drill: incident.is_drill,
        });
    }
    Ok(FieldOrders {
        orders: if poll.drills { list } else { live_only(list) },
        cursor,
    })
}

/// What a gateway gets that has not said that it marks drills: it may be anybody's telephone.
fn live_only(orders: Vec<FieldOrder>) -> Vec<FieldOrder> {
    let live = orders.into_iter().filter_map(|o| LiveOnly::new(o).ok());
    live.map(LiveOnly::into_inner).collect()
}
