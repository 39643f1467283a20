//! What comes from the street: reports, positions and receipts.

use std::sync::PoisonError;

use axum::Json;
use axum::extract::State;
use domain::{Order, PositionSource};
use protocol::http::{Accepted, FieldReceipt, NewPosition, NewReport, ReportAccepted};

use super::caller::{FieldCaller, KnownCaller, Terminal};
use super::reply::{Answer, Body};
use super::{App, blocking};
use crate::positions::Refuse;

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
        shared.take_report(&report, terminal.origin())
    })
    .await?;
    Ok(Json(ReportAccepted { incident }))
}

pub async fn receipt(State(app): State<App>, _: FieldCaller, body: Body) -> Answer<Order> {
    let receipt: FieldReceipt = body.parse()?;
    let order = blocking(&app, move |shared| shared.take_receipt(receipt)).await?;
    Ok(Json(order))
}

pub async fn take_positions(
    State(app): State<App>,
    caller: KnownCaller,
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
    let by = match caller {
        KnownCaller::Hall => PositionSource::Hall,
        KnownCaller::Field => PositionSource::Field,
    };
    let answer = blocking(&app, move |shared| {
        shared.take_positions(fixes, by, &mut answer)?;
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
