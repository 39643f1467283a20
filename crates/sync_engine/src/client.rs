//! Calls to the backend: typed, bounded in time and size, and suspicious of every answer.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::{Proposal, Timestamp};
use protocol::errors::ErrorCode;
use protocol::heat::ReportPlaces;
use protocol::http::{
    Changes, Hello, LOG_HEADER, LogId, LogPlace, OfficerStanding, PROTOCOL_HEADER, Positions,
    Problem, Receipt, SignIn, SignedIn, Snapshot, paths,
};
use protocol::{PROTOCOL_VERSION, Reference, SpokenVersions, Versions};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Response, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::calls::{Call, Calls};
use crate::errors::OpenError;
use crate::pace::Pace;

mod answers;
mod reports;

use answers::{decode, failure, nonsense};

/// Largest answer of the short calls, in bytes.
const SHORT_LIMIT: usize = 1 << 20;
/// Largest batch of changes or positions, in bytes.
const BATCH_LIMIT: usize = 64 << 20;
/// Largest snapshot or reference data, in bytes.
const BULK_LIMIT: usize = 512 << 20;

/// Why a call got no proper answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// No answer came.
    #[error("{detail}")]
    Unreachable {
        /// In words.
        detail: String,
        /// Whether it is certain that the backend saw nothing of the request.
        never_left: bool,
    },
    /// The backend says no.
    #[error("{}", .0.message)]
    Refused(Problem),
    /// The backend cannot at the moment.
    #[error(
        "后台暂时无法处理（{status}）：{detail} / the backend answers with status {status}: {detail}"
    )]
    Busy {
        /// HTTP status.
        status: u16,
        /// What it says.
        detail: String,
        /// Its code, when it is a proper answer of ours.
        code: Option<ErrorCode>,
    },
    /// What answers is no backend of ours.
    #[error("{0}")]
    Nonsense(String),
    /// The backend speaks another version.
    #[error(
        "后台协议版本 {theirs}，本大厅 {PROTOCOL_VERSION}，请升级较旧的一方 / \
         the backend speaks protocol {theirs}, this hall speaks {PROTOCOL_VERSION}; {}",
        update_hint(*.theirs)
    )]
    OtherProtocol {
        /// Its version.
        theirs: u32,
    },
}

const fn update_hint(theirs: u32) -> &'static str {
    if theirs > PROTOCOL_VERSION {
        "update this hall"
    } else {
        "update the backend"
    }
}

/// Where and as whom to call.
#[derive(Debug, Clone)]
pub struct Address {
    /// `http://` or `https://`, without a path.
    pub url: String,
    /// The hall's key.
    pub key: String,
    /// Certificates (PEM) to trust beside the system's.
    pub ca_pem: Option<Vec<u8>>,
}

/// A client of one backend; it keeps its connections open between calls.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    hall_key: HeaderValue,
    pace: Pace,
    /// The newest version that both sides speak, as of the last greeting.
    version: AtomicU32,
    /// How many answers with changes are coming in.
    receiving: AtomicU32,
}

/// Counts an answer that is coming in until it has come or is given up.
struct Receiving<'a>(&'a AtomicU32);

impl<'a> Receiving<'a> {
    fn begin(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Client {
    /// Prepares a client; nothing is sent yet.
    pub fn new(address: &Address, pace: Pace) -> Result<Self, OpenError> {
        let bad_url = |cause: String| OpenError::BadBackendUrl {
            url: address.url.clone(),
            cause,
        };
        let base = Url::parse(&address.url).map_err(|e| bad_url(e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(bad_url("expected http://HOST or https://HOST".to_owned()));
        }
        let hall_key = bearer(&address.key).ok_or(OpenError::BadBackendKey)?;
        let tls = |cause: reqwest::Error| OpenError::Tls {
            cause: chain(&cause),
        };
        // Only the first call in the process installs it; any provider that is there already serves.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(pace.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tcp_keepalive(Duration::from_secs(15))
            // Where the server in front of the backend speaks HTTP/2, which it says with TLS, all
            // calls share one connection; a dead one has to be noticed while they only wait.
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(Duration::from_secs(15))
            .http2_keep_alive_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(30));
        let own = match &address.ca_pem {
            Some(pem) => reqwest::Certificate::from_pem_bundle(pem).map_err(tls)?,
            None => Vec::new(),
        };
        builder = if base.scheme() == "http" {
            // Without TLS the system's certificates are of no use, and a machine may have none.
            builder.tls_certs_only([])
        } else {
            builder.tls_certs_merge(own)
        };
        Ok(Self {
            http: builder.build().map_err(tls)?,
            base,
            hall_key,
            pace,
            version: AtomicU32::new(PROTOCOL_VERSION),
            receiving: AtomicU32::new(0),
        })
    }

    /// Who answers.
    pub async fn hello(&self) -> Result<Hello, CallError> {
        let request = self
            .get(paths::HELLO, &[])
            .timeout(self.pace.answer_timeout);
        // The version is looked at before the rest, which another version may spell differently.
        let raw: serde_json::Value = self.short(request, SHORT_LIMIT).await?;
        match SpokenVersions::deserialize(&raw) {
            Ok(spoken) => {
                let common = Versions::OURS.newest_common(spoken.into());
                let version = common.ok_or(CallError::OtherProtocol {
                    theirs: spoken.protocol,
                })?;
                self.version.store(version, Ordering::Relaxed);
                serde_json::from_value(raw).map_err(|e| nonsense(paths::HELLO, &e))
            }
            Err(_) => Err(CallError::Nonsense(format!(
                "{0}{1} 有应答，但不是本系统的后台，请检查地址 / \
                 {0}{1} answers, but not as a streethall backend does; check the address",
                self.base.origin().ascii_serialization(),
                paths::HELLO
            ))),
        }
    }

    /// Everything at one cursor, for a hall that has come to a place already or to none.
    pub async fn snapshot(&self, known: Option<LogPlace>) -> Result<Snapshot, CallError> {
        let place = known.map(|place| [("after", place.cursor.to_string()), ("log", place.log.0)]);
        let request = self
            .get(paths::SNAPSHOT, &[])
            .query(&place.iter().flatten().collect::<Vec<_>>())
            .header(AUTHORIZATION, self.hall_key.clone())
            .timeout(self.pace.bulk_timeout);
        self.answer(request, self.pace.bulk_begin, BULK_LIMIT).await
    }

    /// The reference data.
    pub async fn reference(&self) -> Result<Reference, CallError> {
        let request = self
            .get(paths::REFERENCE, &[])
            .header(AUTHORIZATION, self.hall_key.clone())
            .timeout(self.pace.bulk_timeout);
        self.answer(request, self.pace.bulk_begin, BULK_LIMIT).await
    }

    /// Changes after a place; the backend may hold the call for so long while there are none.
    pub async fn changes(&self, after: LogPlace, wait: Duration) -> Result<Changes, CallError> {
        let (request, begin) = self.poll(paths::CHANGES, after.cursor, wait);
        let request = request.query(&[("log", after.log.0)]);
        let response = self.begun(request, begin).await?;
        let _receiving = Receiving::begin(&self.receiving);
        self.rest(response, BATCH_LIMIT).await
    }

    /// Positions after a cursor of their own.
    pub async fn positions(&self, after: u64) -> Result<Positions, CallError> {
        let (request, begin) = self.poll(paths::POSITIONS, after, self.pace.poll_wait);
        self.answer(request, begin, BATCH_LIMIT).await
    }

    /// Signs an officer in.
    pub async fn sign_in(&self, sign_in: &SignIn) -> Result<SignedIn, CallError> {
        // Checking a PIN is slow on purpose.
        let request = self
            .http
            .post(self.url(paths::SIGN_IN))
            .header(AUTHORIZATION, self.hall_key.clone())
            .timeout(self.pace.answer_timeout * 2)
            .json(sign_in);
        self.short(request, SHORT_LIMIT).await
    }

    /// How everybody stands who can sign in.
    pub async fn officers(&self) -> Result<Vec<OfficerStanding>, CallError> {
        let request = self
            .get(paths::OFFICERS, &[])
            .header(AUTHORIZATION, self.hall_key.clone())
            .timeout(self.pace.answer_timeout);
        self.short(request, BATCH_LIMIT).await
    }

    /// Ends an officer's session.
    pub async fn sign_out(&self, token: &str) -> Result<(), CallError> {
        let Some(token) = bearer(token) else {
            return Ok(());
        };
        let request = self
            .http
            .post(self.url(paths::SIGN_OUT))
            .header(AUTHORIZATION, token)
            .timeout(self.pace.answer_timeout);
        self.short(request, SHORT_LIMIT).await
    }

    /// Hands a proposal over under an officer's token, to the backend that writes this log.
    pub async fn propose(
        &self,
        proposal: &Proposal,
        token: &str,
        log: Option<&LogId>,
    ) -> Result<Receipt, CallError> {
        let Some(token) = bearer(token) else {
            return Err(CallError::Refused(Problem {
                code: ErrorCode::SignInNeeded,
                message: "the session of the officer is unusable; sign in again".to_owned(),
                conflict: None,
            }));
        };
        let request = self
            .http
            .post(self.url(paths::PROPOSALS))
            .header(AUTHORIZATION, token)
            .timeout(self.pace.answer_timeout * 2)
            .json(proposal);
        let request = match log {
            Some(log) => request.header(LOG_HEADER, &log.0),
            None => request,
        };
        let receipt: Receipt = self.short(request, SHORT_LIMIT).await?;
        if receipt.key == proposal.key {
            Ok(receipt)
        } else {
            Err(CallError::Nonsense(format!(
                "the backend acknowledged {} instead of {}",
                receipt.key, proposal.key
            )))
        }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    fn get(&self, path: &str, query: &[(&str, u64)]) -> reqwest::RequestBuilder {
        self.http.get(self.url(path)).query(query)
    }

    /// A question that the backend may hold for so long, and the longest wait until its answer begins.
    /// What has gathered while the line was down takes its time on a slow one.
    fn poll(&self, path: &str, after: u64, wait: Duration) -> (reqwest::RequestBuilder, Duration) {
        let wait_ms = wait.as_millis() as u64;
        let request = self
            .get(path, &[("after", after), ("wait_ms", wait_ms)])
            .header(AUTHORIZATION, self.hall_key.clone())
            .timeout(self.pace.bulk_timeout);
        (request, wait + self.pace.answer_timeout)
    }

    /// The answer to a short question, which has a limit of its own for the whole.
    async fn short<T: DeserializeOwned + Send + 'static>(
        &self,
        request: reqwest::RequestBuilder,
        limit: usize,
    ) -> Result<T, CallError> {
        self.answer(request, self.pace.bulk_begin, limit).await
    }

    async fn answer<T: DeserializeOwned + Send + 'static>(
        &self,
        request: reqwest::RequestBuilder,
        begin: Duration,
        limit: usize,
    ) -> Result<T, CallError> {
        let response = self.begun(request, begin).await?;
        self.rest(response, limit).await
    }

    /// The answer as soon as it begins.
    async fn begun(
        &self,
        request: reqwest::RequestBuilder,
        begin: Duration,
    ) -> Result<Response, CallError> {
        let version = HeaderValue::from(self.version.load(Ordering::Relaxed));
        let request = request.header(PROTOCOL_HEADER, version);
        self.unless_silent(begin, request.send()).await
    }

    /// The whole of an answer that has begun.
    async fn rest<T: DeserializeOwned + Send + 'static>(
        &self,
        response: Response,
        limit: usize,
    ) -> Result<T, CallError> {
        let status = response.status();
        let path = response.url().path().to_owned();
        let speaks_ours = response.headers().contains_key(PROTOCOL_HEADER);
        let body = self.body(response, limit).await?;
        if status.is_success() {
            return decode(path, body).await;
        }
        Err(failure(status, &path, &body, speaks_ours))
    }

    async fn body(&self, mut response: Response, limit: usize) -> Result<Vec<u8>, CallError> {
        let mut body = Vec::new();
        let silence = self.pace.longest_silence;
        while let Some(chunk) = self.unless_silent(silence, response.chunk()).await? {
            if body.len() + chunk.len() > limit {
                return Err(CallError::Nonsense(format!(
                    "the answer to {} is larger than {limit} bytes",
                    response.url().path()
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// What the other side sends next, unless nothing comes for too long. A whole street over a slow line
    /// takes minutes, and a connection that has died without a word is not to be waited for as long.
    async fn unless_silent<T>(
        &self,
        silence: Duration,
        next: impl Future<Output = Result<T, reqwest::Error>>,
    ) -> Result<T, CallError> {
        match tokio::time::timeout(silence, next).await {
            Ok(came) => came.map_err(|e| self.unreachable(&e)),
            Err(_) => Err(self.silent(false)),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> CallError {
        if error.is_timeout() {
            return self.silent(error.is_connect());
        }
        CallError::Unreachable {
            detail: format!(
                "{}: {}",
                self.base.origin().ascii_serialization(),
                chain(error)
            ),
            never_left: error.is_connect(),
        }
    }

    fn silent(&self, never_left: bool) -> CallError {
        let server = self.base.origin().ascii_serialization();
        CallError::Unreachable {
            detail: format!("{server}: 未及时应答 / no answer in time"),
            never_left,
        }
    }
}

impl Calls for Client {
    fn hello(&self) -> Call<'_, Hello> {
        Box::pin(Self::hello(self))
    }
    fn snapshot(&self, known: Option<LogPlace>) -> Call<'_, Snapshot> {
        Box::pin(Self::snapshot(self, known))
    }
    fn reference(&self) -> Call<'_, Reference> {
        Box::pin(Self::reference(self))
    }
    fn changes(&self, after: LogPlace, wait: Duration) -> Call<'_, Changes> {
        Box::pin(Self::changes(self, after, wait))
    }
    fn is_receiving_changes(&self) -> bool {
        self.receiving.load(Ordering::Relaxed) > 0
    }
    fn positions(&self, after: u64) -> Call<'_, Positions> {
        Box::pin(Self::positions(self, after))
    }
    fn reports(&self, from: Timestamp, until: Timestamp) -> Call<'_, ReportPlaces> {
        Box::pin(Self::reports(self, from, until))
    }
    fn sign_in<'a>(&'a self, sign_in: &'a SignIn) -> Call<'a, SignedIn> {
        Box::pin(Self::sign_in(self, sign_in))
    }
    fn officers(&self) -> Call<'_, Vec<OfficerStanding>> {
        Box::pin(Self::officers(self))
    }
    fn sign_out<'a>(&'a self, token: &'a str) -> Call<'a, ()> {
        Box::pin(Self::sign_out(self, token))
    }
    fn propose<'a>(
        &'a self,
        proposal: &'a Proposal,
        token: &'a str,
        log: Option<&'a LogId>,
    ) -> Call<'a, Receipt> {
        Box::pin(Self::propose(self, proposal, token, log))
    }
}

fn bearer(key: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {key}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// An error with its causes: the outermost alone says only "error sending request".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    if text.is_empty() {
        error.to_string()
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
