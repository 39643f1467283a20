//! A typed caller of the backend's HTTP interface.

use domain::conflicts::Conflict;
use domain::trail::OfficerRole;
use domain::{Order, OrderId, OrderState, PersonId, Proposal, Timestamp};
use protocol::http::{
    Changes, FieldReceipt, LOG_HEADER, LogId, NewReport, PROTOCOL_HEADER, Problem, Receipt,
    ReportAccepted, SignIn, SignedIn, Snapshot, paths,
};
use protocol::{ErrorCode, PROTOCOL_VERSION};
use reqwest::{Client, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::builders;

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// Code of the problem.
    pub code: ErrorCode,
    /// Its sentence.
    pub message: String,
    /// What others have done, where that is why.
    pub conflict: Option<Box<Conflict>>,
}

/// Calls one backend with one key.
#[derive(Debug, Clone)]
pub struct Caller {
    client: Client,
    base_url: String,
    key: String,
    log: Option<LogId>,
}

impl Caller {
    /// A caller of `base_url` (such as `http://127.0.0.1:7700`) with a key or token.
    pub fn new(base_url: impl Into<String>, key: impl Into<String>) -> Self {
        // A second installation in one process is refused and changes nothing.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        Self {
            client: Client::builder()
                .no_proxy()
                .build()
                .expect("a client can be built"),
            base_url: base_url.into(),
            key: key.into(),
            log: None,
        }
    }

    /// The same connection pool with another key or token.
    pub fn with_key(&self, key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            ..self.clone()
        }
    }

    /// The same caller, who means the backend that writes this log.
    pub fn meaning(&self, log: LogId) -> Self {
        Self {
            log: Some(log),
            ..self.clone()
        }
    }

    /// Sends a request and returns status and body, whatever they are.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        protocol: &str,
        body: Vec<u8>,
    ) -> Result<(u16, Vec<u8>), reqwest::Error> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base_url))
            .header(PROTOCOL_HEADER, protocol)
            .bearer_auth(&self.key)
            .body(body);
        if let Some(log) = &self.log {
            request = request.header(LOG_HEADER, &log.0);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.bytes().await?.to_vec()))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, Refused> {
        let protocol = PROTOCOL_VERSION.to_string();
        let (status, body) = self
            .raw(method, path, &protocol, body)
            .await
            .unwrap_or_else(|error| panic!("{path}: the backend did not answer: {error}"));
        if (200..300).contains(&status) {
            return Ok(serde_json::from_slice(&body)
                .unwrap_or_else(|error| panic!("{path}: {error}: {}", text(&body))));
        }
        let problem: Problem = serde_json::from_slice(&body)
            .unwrap_or_else(|error| panic!("{path}: {status}: {error}: {}", text(&body)));
        Err(Refused {
            status,
            code: problem.code,
            message: problem.message,
            conflict: problem.conflict,
        })
    }

    /// `GET`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refused> {
        self.call(Method::GET, path, Vec::new()).await
    }

    /// `POST` of a value as JSON.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        value: &impl Serialize,
    ) -> Result<T, Refused> {
        let body = serde_json::to_vec(value).expect("a test value serialises");
        self.call(Method::POST, path, body).await
    }

    /// `POST` of bytes as they are.
    pub async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> Result<T, Refused> {
        self.call(Method::POST, path, body.into()).await
    }

    /// Signs the test officer of a role in and returns a caller with the token.
    pub async fn sign_in(&self, role: OfficerRole) -> Self {
        let request = SignIn {
            officer: builders::officer(role).id,
            pin: builders::PIN.to_owned(),
        };
        let signed_in: SignedIn = self
            .post(paths::SIGN_IN, &request)
            .await
            .expect("the test officer can sign in");
        self.with_key(signed_in.token)
    }

    /// The snapshot.
    pub async fn snapshot(&self) -> Snapshot {
        self.get(paths::SNAPSHOT).await.expect("a snapshot")
    }

    /// Changes after a cursor.
    pub async fn changes(&self, after: u64, wait_ms: u64) -> Result<Changes, Refused> {
        self.get(&format!(
            "{}?after={after}&wait_ms={wait_ms}",
            paths::CHANGES
        ))
        .await
    }

    /// Reports a matter.
    pub async fn report(&self, report: &NewReport) -> Result<ReportAccepted, Refused> {
        self.post(paths::REPORTS, report).await
    }

    /// Sends a proposal; needs an officer's token.
    pub async fn propose(&self, proposal: &Proposal) -> Result<Receipt, Refused> {
        self.post(paths::PROPOSALS, proposal).await
    }

    /// Sends a receipt of the field.
    pub async fn receipt(
        &self,
        order: OrderId,
        person: u32,
        state: OrderState,
        at: Timestamp,
    ) -> Result<Order, Refused> {
        let receipt = FieldReceipt {
            order,
            person: PersonId(person),
            state,
            at,
            location: Some(builders::CENTRE),
            note: Some("测试".to_owned()),
            refusal_reason: (state == OrderState::Refused).then(|| "graver_matter".into()),
            crs: domain::places::Crs::default(),
        };
        self.post(paths::FIELD_RECEIPTS, &receipt).await
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(500).collect()
}
