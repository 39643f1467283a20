//! Officers: signing in and out, and their proposals.

use axum::Json;
use axum::extract::State;
use domain::time::HOUR_MS;
use domain::{OfficerId, Proposal};
use protocol::ErrorCode;
use protocol::http::{OfficerStanding, Receipt, SignIn, SignedIn};

use super::caller::{HallCaller, MeantLog, OfficerCaller, OfficerToken, Terminal};
use super::reply::{Answer, Body};
use super::{Answerer, App, blocking, blocking_until_answered, reading_store};
use crate::Shared;
use crate::credentials::{is_right_pin, mint_secret, sha256_hex};
use crate::refusal::Refusal;
use crate::tables::{officers, sessions};

/// A session lasts for a shift of twelve hours.
const SESSION_MS: i64 = 12 * HOUR_MS;

pub async fn sign_in(State(app): State<App>, _: HallCaller, body: Body) -> Answer<SignedIn> {
    let SignIn { officer: id, pin } = body.parse()?;
    let signed_in = {
        let _permit = app.hashing.acquire().await;
        blocking(&app, move |shared| {
            let now = shared.clock.now();
            let row = shared.store.read(|db| officers::get(db, &id))?;
            if row.is_some() {
                shared
                    .tries
                    .begin(&id, now)
                    .map_err(|wait_ms| too_many(&id, wait_ms))?;
            }
            let is_right = is_right_pin(&pin, row.as_ref().map(|row| row.pin_hash.as_str()));
            let Some(row) = row.filter(|_| is_right) else {
                return Err(wrong_pin());
            };
            shared.tries.succeeded(&id);
            let token = mint_secret();
            let expires_at = now.plus_ms(SESSION_MS);
            let credential = shared.write(|db| -> Result<_, Refusal> {
                // Another PIN may have been set while this one was looked at, which takes its time.
                let is_still = |now: &officers::OfficerRow| now.pin_hash == row.pin_hash;
                if !officers::get(db, &id)?.as_ref().is_some_and(is_still) {
                    return Err(wrong_pin());
                }
                sessions::begin(db, &sha256_hex(token.as_bytes()), &id, now, expires_at)?;
                Ok(officers::credential_of(db, &id)?)
            })?;
            Ok(SignedIn {
                officer: row.officer,
                token,
                expires_at,
                credential,
            })
        })
        .await?
    };
    Ok(Json(signed_in))
}

fn wrong_pin() -> Refusal {
    Refusal::new(ErrorCode::WrongPin, "姓名或口令错误", "name or PIN wrong")
}

fn too_many(officer: &OfficerId, wait_ms: i64) -> Refusal {
    let wait_s = wait_ms / 1_000 + 1;
    Refusal::new(
        ErrorCode::TooManyAttempts,
        format!("{officer} 的 PIN 错误次数过多，请 {wait_s} 秒后再试"),
        format!("too many wrong PINs for {officer}: try again in {wait_s} s"),
    )
}

/// Who can sign in and how everybody stands, so that a hall forgets what it knows of the others.
pub async fn standings(State(app): State<App>, _: HallCaller) -> Answer<Vec<OfficerStanding>> {
    let found = reading_store(&app, officers::standings).await?;
    Ok(Json(found))
}

pub async fn sign_out(State(app): State<App>, caller: OfficerCaller) -> Answer<()> {
    blocking(&app, move |shared| {
        Ok(shared.write(|db| sessions::end(db, &caller.token_hash))?)
    })
    .await?;
    Ok(Json(()))
}

/// Who calls, what is proposed and what comes of it are one visit to the store: an order waits for as
/// few threads as possible.
pub async fn propose(
    State(app): State<App>,
    token: OfficerToken,
    terminal: Terminal,
    meant: MeantLog,
    body: Body,
) -> Answer<Receipt> {
    let carry_out = move |shared: &Shared, answer: Answerer<Receipt>| {
        let done = token.officer(shared).and_then(|officer| {
            let proposal: Proposal = body.parse()?;
            shared.carry_out(&officer, &proposal, meant.0.as_ref(), terminal.origin())
        });
        match done {
            Ok((receipt, news)) => {
                answer.give(Ok(receipt));
                drop(news);
            }
            Err(refusal) => answer.give(Err(refusal)),
        }
    };
    Ok(Json(blocking_until_answered(&app, carry_out).await?))
}
