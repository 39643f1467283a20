//! The backend's HTTP interface as the field uses it.

use std::time::Duration;

use protocol::PROTOCOL_VERSION;
use protocol::http::{
    Accepted, FieldOrders, FieldReceipt, Hello, NewPosition, NewReport, PROTOCOL_HEADER, Problem,
    paths,
};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long one request may take beyond the time that it asks the backend to wait.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Nobody answered, or the answer broke off: try again later.
    #[error("the backend does not answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// The backend is in trouble: try again later.
    #[error("the backend failed with status {status}: {message}")]
    Trouble {
        /// HTTP status.
        status: u16,
        /// Its sentence.
        message: String,
    },
    /// The backend refuses this request; repeating it is no use.
    #[error("the backend refused with status {status}: {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its sentence.
        message: String,
    },
}

impl GatewayError {
    /// Whether the same request may succeed later.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Trouble { .. })
    }

    /// Whether the session behind the key has ended.
    pub const fn needs_sign_in(&self) -> bool {
        matches!(self, Self::Refused { status: 401, .. })
    }
}

/// Calls one backend with one key.
#[derive(Clone, Debug)]
pub struct Gateway {
    client: Client,
    base_url: String,
    key: String,
}

impl Gateway {
    /// A gateway to `base_url` with a key or token.
    pub fn new(base_url: &str, key: &str) -> Result<Self, GatewayError> {
        // Another part of the process may have installed the provider already; that one serves.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        Ok(Self {
            client: Client::builder()
                .no_proxy()
                .connect_timeout(Duration::from_secs(5))
                .build()?,
            base_url: base_url.trim_end_matches('/').to_owned(),
            key: key.to_owned(),
        })
    }

    /// The same connections with another key.
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        wait_ms: u64,
    ) -> Result<T, GatewayError> {
        let answer = request
            .header(PROTOCOL_HEADER, PROTOCOL_VERSION.to_string())
            .bearer_auth(&self.key)
            .timeout(REQUEST_TIMEOUT + Duration::from_millis(wait_ms))
            .send()
            .await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer.json().await?);
        }
        let message = answer.json::<Problem>().await.map_or_else(
            |_| String::from("no explanation"),
            |problem| problem.message,
        );
        let status_number = status.as_u16();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(GatewayError::Trouble {
                status: status_number,
                message,
            });
        }
        Err(GatewayError::Refused {
            status: status_number,
            message,
        })
    }

    /// `GET`; the backend may hold the answer back for `wait_ms`.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        wait_ms: u64,
    ) -> Result<T, GatewayError> {
        self.answer(self.client.get(format!("{}{path}", self.base_url)), wait_ms)
            .await
    }

    /// `POST` of a value as JSON.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        value: &(impl Serialize + ?Sized + Sync),
    ) -> Result<T, GatewayError> {
        self.answer(
            self.client
                .post(format!("{}{path}", self.base_url))
                .json(value),
            0,
        )
        .await
    }

    /// Who answers, and what time it is there.
    pub async fn hello(&self) -> Result<Hello, GatewayError> {
        self.get(paths::HELLO, 0).await
    }

    /// Orders that changed after a cursor.
    pub async fn orders(&self, after: u64, wait_ms: u64) -> Result<FieldOrders, GatewayError> {
        let path = format!(
            "{}?after={after}&wait_ms={wait_ms}&drills=true",
            paths::FIELD_ORDERS
        );
        self.get(&path, wait_ms).await
    }

    /// Reports positions.
    pub async fn positions(&self, fixes: &[NewPosition]) -> Result<Accepted, GatewayError> {
        self.post(paths::POSITIONS, fixes).await
    }

    /// Reports a matter.
    pub async fn report(&self, report: &NewReport) -> Result<(), GatewayError> {
        self.post::<serde_json::Value>(paths::REPORTS, report)
            .await
            .map(drop)
    }

    /// Reports how an order stands.
    pub async fn receipt(&self, receipt: &FieldReceipt) -> Result<(), GatewayError> {
        self.post::<serde_json::Value>(paths::FIELD_RECEIPTS, receipt)
            .await
            .map(drop)
    }
}
