//! What comes from the street: reports, positions and receipts.

use std::sync::PoisonError;

use axum::Json;
use axum::extract::State;
use domain::Order;
use domain::trail::Origin;
use protocol::http::{Accepted, FieldReceipt, NewPosition, NewReport, ReportAccepted};

use super::caller::{FieldCaller, KnownCaller, Terminal};
use super::reply::{Answer, Body};
use super::{App, blocking};
use crate::intake::places::in_cgcs2000;
use crate::intake::{Work, receipts, reports};
use crate::positions::Refuse;
use crate::refusal::Refusal;

/// Positions are written to disk at most this often; a crash loses the moves since then.
const SAVE_POSITIONS_EVERY_MS: i64 = 10_000;

pub async fn report(
    State(app): State<App>,
    _: KnownCaller,
    terminal: Terminal,
    body: Body,
) -> Answer<ReportAccepted> {
    let report: NewReport = body.parse()?;
    let incident = blocking(&app, move |shared| {
        let now = shared.clock.now();
        let reference = shared.reference();
        shared.write(|db| -> Result<_, Refusal> {
            let mut work = Work::begin(db, &shared.rules, now)?.from(terminal.origin());
            let id = reports::take(&mut work, &reference.grids, &report)?;
            work.finish()?;
            Ok(id)
        })
    })
    .await?;
    Ok(Json(ReportAccepted { incident }))
}

pub async fn receipt(State(app): State<App>, _: FieldCaller, body: Body) -> Answer<Order> {
    let mut receipt: FieldReceipt = body.parse()?;
    if let Some(place) = &mut receipt.location {
        *place = in_cgcs2000(*place, receipt.crs)?;
    }
    let order = blocking(&app, move |shared| {
        let now = shared.clock.now();
        shared.write(|db| -> Result<_, Refusal> {
            let place = receipt.location.map(Origin::Place);
            let mut work = Work::begin(db, &shared.rules, now)?.from(place);
            let order = receipts::take(&mut work, &receipt)?;
            work.finish()?;
            Ok(order)
        })
    })
    .await?;
    Ok(Json(order))
}

pub async fn take_positions(
    State(app): State<App>,
    _: KnownCaller,
    body: Body,
) -> Answer<Accepted> {
    let (fixes, broken) = body.parse_list::<NewPosition>()?;
    let mut answer = Accepted {
        accepted: 0,
        refused: Vec::new(),
        refused_count: 0,
    };
    for sentence in broken {
        answer.refuse(sentence);
    }
    let answer = blocking(&app, move |shared| {
        shared.take_positions(fixes, &mut answer)?;
        Ok(answer)
    })
    .await?;
    let now = app.clock.now();
    let is_due = {
        let mut saved_at = app
            .positions_saved_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not put the next time off until it has caught up.
        let is_due = now.ms_since(*saved_at).abs() >= SAVE_POSITIONS_EVERY_MS;
        if is_due {
            *saved_at = now;
        }
        is_due
    };
    if is_due {
        blocking(&app, |shared| Ok(shared.save_positions()?)).await?;
    }
    Ok(Json(answer))
}
