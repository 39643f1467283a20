//! A running backend, as the commands that feed it see it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use protocol::http::{Hello, PROTOCOL_HEADER, Problem, paths};
use protocol::{PROTOCOL_VERSION, Versions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use crate::project::Project;

/// Longer than any import takes; a backend that is silent for longer is taken as hung.
const TIMEOUT: Duration = Duration::from_mins(1);

#[derive(Args, Debug, Clone)]
pub struct BackendArgs {
    /// Address of the running backend, such as <http://127.0.0.1:7010>
    #[arg(long, value_name = "URL")]
    pub backend: String,
    /// The hall's key at that backend, or @ and the file that holds it
    #[arg(long, value_name = "KEY|@FILE")]
    pub key: String,
}

/// A backend that has answered with the right protocol version.
pub struct Backend {
    agent: Agent,
    base: String,
    key: String,
}

impl Backend {
    /// Connects and checks that both ends speak the same protocol.
    pub fn connect(args: &BackendArgs) -> Result<Self> {
        let base = args.backend.trim_end_matches('/').to_owned();
        ensure!(
            base.starts_with("http://"),
            "{base} is not an address of a backend; write it as http://HOST:PORT"
        );
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .build()
            .into();
        let backend = Self {
            agent,
            base,
            key: read_key(&args.key)?,
        };
        let hello: Hello = backend.get(paths::HELLO)?;
        ensure!(
            Versions::from(hello.spoken).include(PROTOCOL_VERSION),
            "the backend {} speaks protocol {}, this program speaks {PROTOCOL_VERSION}; use the \
             versions that belong together",
            backend.base,
            hello.spoken.protocol
        );
        let street = if hello.street.is_empty() {
            "no street yet"
        } else {
            &hello.street
        };
        println!("后台 backend {} · {street}", backend.base);
        Ok(backend)
    }

    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let request = self
            .agent
            .get(format!("{}{path}", self.base))
            .header(PROTOCOL_HEADER, PROTOCOL_VERSION.to_string());
        let answer = request
            .header("authorization", format!("Bearer {}", self.key))
            .call();
        self.read(path, answer)
    }

    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        let request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header(PROTOCOL_HEADER, PROTOCOL_VERSION.to_string())
            // A backend that refuses the key does so before it reads the body; without this its
            // answer would be lost in a broken connection.
            .header("expect", "100-continue");
        let answer = request
            .header("authorization", format!("Bearer {}", self.key))
            .send_json(body);
        self.read(path, answer)
    }

    fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        answer: Result<Response<Body>, ureq::Error>,
    ) -> Result<T> {
        let mut answer = answer.with_context(|| {
            format!(
                "the backend {} does not answer; is it running there?",
                self.base
            )
        })?;
        let status = answer.status();
        let text = answer
            .body_mut()
            .read_to_string()
            .with_context(|| format!("the answer of {}{path} broke off", self.base))?;
        if status.is_success() {
            return serde_json::from_str(&text).with_context(|| {
                format!("{}{path} answered something else than expected", self.base)
            });
        }
        bail!("{}", refusal(status, &text));
    }
}

/// What the backend says when it refuses.
fn refusal(status: StatusCode, text: &str) -> String {
    match serde_json::from_str::<Problem>(text) {
        Ok(problem) => format!("the backend refuses ({status}): {}", problem.message),
        Err(_) => format!("the backend answers {status}; is this a streethall backend?"),
    }
}

/// The key itself, or the first line of the file after an `@`.
fn read_key(given: &str) -> Result<String> {
    let Some(file) = given.strip_prefix('@') else {
        return Ok(given.to_owned());
    };
    let path: PathBuf = Project::from_caller(Path::new(file));
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("the key file {} cannot be read", path.display()))?;
    let key = text.lines().next().unwrap_or_default().trim().to_owned();
    ensure!(!key.is_empty(), "the key file {} is empty", path.display());
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_lie_in_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hall.key");
        std::fs::write(&file, "secret\n").unwrap();
        assert_eq!(read_key("plain").unwrap(), "plain");
        assert_eq!(read_key(&format!("@{}", file.display())).unwrap(), "secret");
        std::fs::write(&file, "\n").unwrap();
        assert!(
            read_key(&format!("@{}", file.display()))
                .unwrap_err()
                .to_string()
                .contains("empty")
        );
    }

    #[test]
    fn a_refusal_repeats_the_reason_or_doubts_the_address() {
        let body = r#"{"code":"unauthorised","message":"the key is unknown"}"#;
        let is_problem = serde_json::from_str::<Problem>(body).is_ok();
        let told = refusal(StatusCode::UNAUTHORIZED, body);
        assert!(!is_problem || told.contains("the key is unknown"), "{told}");
        let told = refusal(StatusCode::NOT_FOUND, "<html>");
        assert!(told.contains("is this a streethall backend?"), "{told}");
    }

    #[test]
    fn an_address_that_nobody_listens_on_is_said() {
        let args = BackendArgs {
            backend: "http://127.0.0.1:9".into(),
            key: "k".into(),
        };
        let error = Backend::connect(&args).err().unwrap().to_string();
        assert!(error.contains("does not answer"), "{error}");
        let args = BackendArgs {
            backend: "localhost".into(),
            key: "k".into(),
        };
        assert!(
            Backend::connect(&args)
                .err()
                .unwrap()
                .to_string()
                .contains("http://HOST:PORT")
        );
    }
}
