//! The line to a remote source: few requests at a time, within limits, to its own hosts only, and none while it rests
//! after failures.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{
    ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::sync::Semaphore;

use super::cache::Kept;
use super::error::RemoteError;
use super::freshness::{self, Freshness};
use super::template::UrlTemplate;
use super::{NowMs, content_of};

/// How long a tile that came shows that the source lets the hall in. While it does, a refusal tells of one place, such
/// as one outside of what the source covers, and not of the key.
const LATELY_MS: i64 = 600_000;

/// What a source may take of the hall.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests at a time.
    pub parallel: usize,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a whole answer may take.
    pub answer_timeout: Duration,
    /// How large an answer may be.
    pub answer_bytes: usize,
    /// After so many failures in a row the source rests.
    pub failures_before_rest: u32,
    /// The first rest; each further failure doubles it.
    pub first_rest_ms: i64,
    /// The longest rest.
    pub longest_rest_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            parallel: 6,
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(15),
            answer_bytes: 8 << 20,
            failures_before_rest: 3,
            first_rest_ms: 2_000,
            longest_rest_ms: 60_000,
        }
    }
}

/// What a source said about a tile.
#[derive(Debug)]
pub(super) enum Answer {
    /// A tile, as it came; empty where there is none.
    Tile(Bytes, Stamp),
    /// The source knows of no such tile, which one that lost its tiles says as well.
    Absent(Stamp),
    /// The tile that is known is still right.
    Unchanged(Stamp),
}

/// What an answer says about keeping it.
#[derive(Debug)]
pub(super) struct Stamp {
    pub(super) freshness: Freshness,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

impl Stamp {
    fn of(headers: &HeaderMap, empty: bool) -> Self {
        let text = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Self {
            freshness: freshness::of(headers, empty),
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        }
    }
}

#[derive(Debug, Default)]
struct Rest {
    failures: u32,
    until_ms: i64,
    cause: String,
    /// When a tile came last that was not empty.
    came_ms: Option<i64>,
}

/// The line to one source.
pub(super) struct Line {
    client: Client,
    pub(super) template: UrlTemplate,
    limits: Limits,
    permits: Semaphore,
    rest: Mutex<Rest>,
    now_ms: NowMs,
}

impl Line {
    pub(super) fn new(
        template: UrlTemplate,
        limits: Limits,
        now_ms: NowMs,
    ) -> Result<Self, RemoteError> {
        Ok(Self {
            client: client_for(&template, &limits)?,
            permits: Semaphore::new(limits.parallel.max(1)),
            template,
            limits,
            rest: Mutex::default(),
            now_ms,
        })
    }

    /// Asks for a tile; `known` is what the cache has of it.
    pub(super) async fn ask(
        &self,
        z: u8,
        x: u32,
        y: u32,
        known: Option<&Kept>,
    ) -> Result<Answer, RemoteError> {
        // The semaphore is never closed; if it were, one request too many would be made.
        let _permit = self.permits.acquire().await;
        self.refuse_while_resting()?;
        let outcome = self.ask_now(z, x, y, known).await;
        match &outcome {
            Ok(answer) => self.note_success(answer),
            Err(error) if self.is_of_source(error) => self.note_failure(&error.to_string(), 0),
            Err(_) => {}
        }
        outcome
    }

    async fn ask_now(
        &self,
        z: u8,
        x: u32,
        y: u32,
        known: Option<&Kept>,
    ) -> Result<Answer, RemoteError> {
        let url = self
            .template
            .url(z, x, y)
            .ok_or_else(|| self.unreachable("the address cannot be made"))?;
        let mut request = self.client.get(url);
        if let Some(known) = known {
            let headers = [
                (IF_NONE_MATCH, &known.etag),
                (IF_MODIFIED_SINCE, &known.last_modified),
            ];
            for (name, value) in headers {
                request = match value {
                    Some(value) => request.header(name, value),
                    None => request,
                };
            }
        }
        let response = request
            .send()
            .await
            .map_err(|error| self.of_library(error))?;
        let status = response.status();
        match status {
            StatusCode::OK => self.take_tile(response).await,
            StatusCode::NOT_FOUND => Ok(Answer::Absent(Stamp::of(response.headers(), true))),
            StatusCode::NO_CONTENT | StatusCode::GONE => Ok(Answer::Tile(
                Bytes::new(),
                Stamp::of(response.headers(), true),
            )),
            StatusCode::NOT_MODIFIED if known.is_some() => {
                Ok(Answer::Unchanged(Stamp::of(response.headers(), false)))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(RemoteError::Refused {
                name: self.name(),
                status: status.as_u16(),
            }),
            _ if status.is_redirection() => Err(self.redirected(&response)),
            _ => {
                self.heed_retry_after(&response);
                Err(RemoteError::Status {
                    name: self.name(),
                    status: status.as_u16(),
                })
            }
        }
    }

    async fn take_tile(&self, mut response: Response) -> Result<Answer, RemoteError> {
        let limit_bytes = self.limits.answer_bytes;
        let too_large = || RemoteError::TooLarge {
            name: self.name(),
            limit_bytes,
        };
        if response
            .content_length()
            .is_some_and(|length| length > limit_bytes as u64)
        {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.of_library(error))?
        {
            if body.len() + chunk.len() > limit_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let body = body.freeze();
        if let Err(found) = content_of(&body) {
            return Err(RemoteError::Rubbish {
                name: self.name(),
                found,
            });
        }
        let stamp = Stamp::of(response.headers(), body.is_empty());
        Ok(Answer::Tile(body, stamp))
    }

    fn redirected(&self, response: &Response) -> RemoteError {
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let to = location.and_then(|location| response.url().join(location).ok());
        RemoteError::Redirected {
            name: self.name(),
            to: to.map_or_else(
                || "nowhere".to_owned(),
                |url| url.origin().ascii_serialization(),
            ),
        }
    }

    fn name(&self) -> String {
        self.template.name().to_owned()
    }

    fn unreachable(&self, cause: &str) -> RemoteError {
        RemoteError::Unreachable {
            name: self.name(),
            cause: cause.to_owned(),
        }
    }

    /// The library's error without the address, which may hold the key.
    fn of_library(&self, error: reqwest::Error) -> RemoteError {
        if error.is_timeout() {
            let seconds = self.limits.answer_timeout.as_secs_f32();
            return self.unreachable(&format!("no answer within {seconds} s"));
        }
        self.unreachable(&chain(&error.without_url()))
    }

    fn resting(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse_while_resting(&self) -> Result<(), RemoteError> {
        let rest = self.resting();
        let wait_ms = rest.until_ms - (self.now_ms)();
        // A rest that is longer than any shows that the clock jumped.
        if wait_ms <= 0 || wait_ms > self.limits.longest_rest_ms {
            return Ok(());
        }
        Err(RemoteError::Resting {
            name: self.name(),
            failures: rest.failures,
            wait_s: (wait_ms + 999) / 1000,
            cause: rest.cause.clone(),
        })
    }

    /// Whether a failure tells that the source as a whole is of no use now, rather than that it has not this tile.
    fn is_of_source(&self, error: &RemoteError) -> bool {
        match error {
            RemoteError::Unreachable { .. } => true,
            RemoteError::Status { status, .. } => *status == 429 || *status >= 500,
            // The same words mean a wrong key and a place that is not covered; a page in place of a tile, and a way
            // to one, are refusals as well.
            RemoteError::Refused { .. }
            | RemoteError::Rubbish { .. }
            | RemoteError::Redirected { .. } => !self.has_given_lately(),
            // The next tile may well be smaller.
            _ => false,
        }
    }

    fn has_given_lately(&self) -> bool {
        let came_ms = self.resting().came_ms;
        // A tile from the future shows that the clock jumped.
        came_ms.is_some_and(|came_ms| (0..LATELY_MS).contains(&((self.now_ms)() - came_ms)))
    }

    fn note_success(&self, answer: &Answer) {
        let is_tile = match answer {
            Answer::Tile(body, _) => !body.is_empty(),
            Answer::Absent(_) => false,
            Answer::Unchanged(_) => true,
        };
        let mut resting = self.resting();
        let came_ms = is_tile.then(|| (self.now_ms)()).or(resting.came_ms);
        let anew = Rest {
            came_ms,
            ..Rest::default()
        };
        let rest = std::mem::replace(&mut *resting, anew);
        drop(resting);
        if rest.failures >= self.limits.failures_before_rest {
            tracing::info!(source = %self.template.name(), "the tile source answers again");
        }
    }

    /// Counts a failure, `own_ms` being a rest that the source itself asks for.
    fn note_failure(&self, cause: &str, own_ms: i64) {
        let limits = &self.limits;
        let mut rest = self.resting();
        rest.failures = rest.failures.saturating_add(1);
        cause.clone_into(&mut rest.cause);
        let doublings = rest
            .failures
            .saturating_sub(limits.failures_before_rest)
            .min(20);
        let mut wait_ms = own_ms;
        if rest.failures >= limits.failures_before_rest {
            wait_ms = wait_ms.max(limits.first_rest_ms.saturating_mul(1 << doublings));
        }
        let now_ms = (self.now_ms)();
        // A rest that is longer than any is left from before the clock was set back.
        if rest.until_ms - now_ms > limits.longest_rest_ms {
            rest.until_ms = now_ms;
        }
        let until_ms = now_ms + wait_ms.min(limits.longest_rest_ms);
        rest.until_ms = rest.until_ms.max(until_ms);
        if rest.failures == limits.failures_before_rest {
            tracing::warn!(%cause, "the tile source fails; it is asked more rarely until it answers");
        }
    }

    /// A source that is overrun says when it wants to be asked again.
    fn heed_retry_after(&self, response: &Response) {
        let seconds = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
        if let Some(seconds) = seconds {
            let until_ms = i64::from(seconds) * 1000;
            let mut rest = self.resting();
            rest.until_ms = (self.now_ms)() + until_ms.min(self.limits.longest_rest_ms);
            rest.cause = format!("status {}", response.status().as_u16());
        }
    }
}

fn client_for(template: &UrlTemplate, limits: &Limits) -> Result<Client, RemoteError> {
    // Only the first call in the process installs it; any provider that is there already serves.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let hosts = template.hosts().to_vec();
    let is_plain = template
        .url(0, 0, 0)
        .is_some_and(|url| url.scheme() == "http");
    let builder = Client::builder()
        .user_agent(concat!("streethall/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(limits.connect_timeout)
        .timeout(limits.answer_timeout)
        .redirect(Policy::custom(move |attempt| {
            if may_follow(&hosts, &attempt) {
                attempt.follow()
            } else {
                attempt.stop()
            }
        }))
        .no_proxy()
        .pool_idle_timeout(Duration::from_mins(1));
    // Without TLS the system's certificates are of no use, and a machine may have none; then only a redirect to
    // https on the same host fails.
    let builder = if is_plain {
        builder.tls_certs_only([])
    } else {
        builder
    };
    builder.build().map_err(|error| RemoteError::Client {
        name: template.name().to_owned(),
        cause: chain(&error.without_url()),
    })
}

/// Whether a redirect stays with the hosts of the setting, and does not give up encryption or take another port.
fn may_follow(hosts: &[String], attempt: &Attempt<'_>) -> bool {
    let (to, from) = (attempt.url(), attempt.previous().last());
    let port_of = Url::port_or_known_default;
    let same_door = from.is_some_and(|from| {
        from.scheme() == to.scheme() && port_of(from) == port_of(to)
            || from.scheme() == "http" && to.scheme() == "https" && to.port().is_none()
    });
    let named = to
        .host_str()
        .is_some_and(|host| hosts.iter().any(|known| known == host));
    attempt.previous().len() <= 3 && named && same_door
}

/// An error with all its causes, since the outermost only says that a request failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
