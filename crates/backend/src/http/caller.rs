//! Who calls: a hall, the field, or a signed-in officer.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH};
use axum::http::request::Parts;
use domain::trail::{Officer, Origin};
use protocol::ErrorCode;
use protocol::http::{LOG_HEADER, LogId};

use super::reply::Rejected;
use super::{App, blocking};
use crate::credentials::{is_same_secret, sha256_hex};
use crate::refusal::Refusal;
use crate::tables::{officers, sessions};
use crate::{Shared, StoreError};

/// What anybody may make the backend take in: hundreds of orders, or a report with all its words.
const SMALL_BODY_BYTES: u64 = 64 << 10;

/// A caller with the hall's key.
#[derive(Debug)]
pub struct HallCaller;

/// A caller with the field's key.
#[derive(Debug)]
pub struct FieldCaller;

/// A caller with the hall's or the field's key.
#[derive(Debug)]
pub enum KnownCaller {
    /// The hall's.
    Hall,
    /// The field's.
    Field,
}

/// A caller with the token of a session that has not ended.
#[derive(Debug)]
pub struct OfficerCaller {
    /// Hash of the token, by which the session can be ended.
    pub token_hash: String,
}

/// A token of which nobody may have looked up yet whether it is that of a session. For requests that
/// go to the store anyway: what they carry is not to be read before [`OfficerToken::officer`] has said
/// who sends it. Where it is large, that is asked before it is taken in.
#[derive(Debug)]
pub struct OfficerToken {
    hash: String,
}

/// The machine that calls, where the connection is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal(Option<IpAddr>);

impl Terminal {
    /// The machine at the other end of a connection. Behind a proxy that is the proxy: what a
    /// header claims is not believed.
    pub const fn of(peer: SocketAddr) -> Self {
        Self(Some(peer.ip().to_canonical()))
    }

    /// For the trail.
    pub fn origin(self) -> Option<Origin> {
        self.0.map(|address| Origin::Terminal(address.to_string()))
    }
}

impl FromRequestParts<App> for Terminal {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

/// The log of the backend that the caller means, where one is named.
#[derive(Debug)]
pub struct MeantLog(pub Option<LogId>);

impl FromRequestParts<App> for MeantLog {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let named = parts.headers.get(LOG_HEADER);
        // What is no text is the name of no log, and is refused like that of another one.
        Ok(Self(named.map(|value| {
            LogId(String::from_utf8_lossy(value.as_bytes()).into_owned())
        })))
    }
}

fn bearer(parts: &Parts) -> &str {
    parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default()
}

fn check(parts: &Parts, keys: &[&str], whose_zh: &str, whose_en: &str) -> Result<(), Refusal> {
    let given = bearer(parts);
    // All keys are compared, so that the time says nothing about which one nearly fitted.
    let fits = keys
        .iter()
        .fold(false, |fits, key| is_same_secret(given, key) | fits);
    if fits {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::SignInNeeded,
        format!("密钥缺失或错误：此接口需要{whose_zh}密钥，见后台数据目录中的 .key 文件"),
        format!(
            "the key is missing or wrong: this needs the key of {whose_en}, see the .key files in \
             the backend's data directory"
        ),
    ))
}

impl FromRequestParts<App> for HallCaller {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejected> {
        check(parts, &[&app.hall_key], "大厅", "the hall")?;
        Ok(Self)
    }
}

impl FromRequestParts<App> for FieldCaller {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejected> {
        check(parts, &[&app.field_key], "现场", "the field")?;
        Ok(Self)
    }
}

impl FromRequestParts<App> for KnownCaller {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejected> {
        let keys: [&str; 2] = [&app.hall_key, &app.field_key];
        check(parts, &keys, "大厅或现场", "the hall or the field")?;
        let is_field = is_same_secret(bearer(parts), &app.field_key);
        Ok(if is_field { Self::Field } else { Self::Hall })
    }
}

impl FromRequestParts<App> for OfficerToken {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejected> {
        let token = Self::of(parts);
        if has_small_body(parts) {
            return Ok(token);
        }
        Ok(blocking(app, move |shared| token.officer(shared).map(|_| token)).await?)
    }
}

/// Whether the body is so small that it may be taken in before it is known who sends it.
fn has_small_body(parts: &Parts) -> bool {
    let length = parts.headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|bytes| bytes <= SMALL_BODY_BYTES)
}

impl OfficerToken {
    fn of(parts: &Parts) -> Self {
        let hash = sha256_hex(bearer(parts).as_bytes());
        Self { hash }
    }

    /// Who calls, if the session has not ended.
    pub fn officer(&self, shared: &Shared) -> Result<Officer, Refusal> {
        let now = shared.clock.now();
        let found = shared.store.read(|db| -> Result<_, StoreError> {
            let Some(id) = sessions::officer(db, &self.hash, now)? else {
                return Ok(None);
            };
            officers::get(db, &id)
        })?;
        found.map(|row| row.officer).ok_or_else(|| {
            Refusal::new(
                ErrorCode::SignInNeeded,
                "登录已失效，请重新登录，待发内容不会丢失",
                "the session has ended: sign in again, nothing that waits is lost",
            )
        })
    }
}

impl FromRequestParts<App> for OfficerCaller {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejected> {
        let token = OfficerToken::of(parts);
        let caller = blocking(app, move |shared| {
            token.officer(shared)?;
            let token_hash = token.hash;
            Ok(Self { token_hash })
        });
        Ok(caller.await?)
    }
}
