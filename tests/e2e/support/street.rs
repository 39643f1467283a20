//! A backend as a process of its own, with the demo street in it and the simulated field at work.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::children::{Group, free_port};
use super::waiting::eventually_some;

const ANSWER: Duration = Duration::from_secs(30);

/// The program that stands beside the application's in the build folder.
fn backend_program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_streethall")).with_file_name("streethall-backend");
    assert!(
        program.exists(),
        "{} is missing: build it with cargo build --package backend, as ./hall test does",
        program.display()
    );
    program
}

/// A running backend process.
pub struct Street {
    /// Its data directory.
    pub dir: PathBuf,
    /// Its address.
    pub url: String,
    port: u16,
    process: Option<Group>,
}

impl Street {
    /// Starts a backend on an empty directory, without a street.
    pub async fn empty(dir: &Path) -> Self {
        // Whichever test comes first in this process installs it for all.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        std::fs::create_dir_all(dir).expect("the directory can be made");
        let port = free_port();
        let mut street = Self {
            dir: dir.to_owned(),
            url: format!("http://127.0.0.1:{port}"),
            port,
            process: None,
        };
        street.start().await;
        street
    }

    /// Starts a backend with the demo street.
    pub async fn demo(dir: &Path) -> Self {
        std::fs::create_dir_all(dir).expect("the directory can be made");
        let file = dir.with_extension("seed.json");
        let seed = serde_json::to_vec(&super::seed::demo()).expect("a seed is plain data");
        std::fs::write(&file, seed).expect("the seed can be written");
        let mut seeding = std::process::Command::new(backend_program());
        seeding.arg("seed").arg(&file).arg("--data-dir").arg(dir);
        let done = seeding.output().expect("the backend program runs");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        Self::empty(dir).await
    }

    /// Starts the process again, at the same address and on the same data.
    pub async fn start(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.dir.with_extension("backend.log"))
            .expect("the log can be written");
        let listen = format!("127.0.0.1:{}", self.port);
        let dir = self.dir.to_string_lossy().into_owned();
        let args = ["serve", "--listen", &listen, "--data-dir", &dir].map(str::to_owned);
        let program = backend_program().to_string_lossy().into_owned();
        self.process = Some(Group::start(&program, &args, &[], &log));
        let hello = format!("{}/v1/hello", self.url);
        eventually_some("the backend answers", ANSWER, async || {
            self.get(&hello)
                .await
                .ok()
                .filter(|reply| reply.status().is_success())
        })
        .await;
    }

    /// Kills the process at once.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// The hall's key.
    pub fn hall_key(&self) -> String {
        self.key("hall.key")
    }

    fn key(&self, file: &str) -> String {
        let path = self.dir.join(file);
        std::fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
            .trim()
            .to_owned()
    }

    async fn get(&self, url: &str) -> Result<reqwest::Response, reqwest::Error> {
        reqwest::Client::new()
            .get(url)
            .header(protocol::http::PROTOCOL_HEADER, protocol::PROTOCOL_VERSION)
            .bearer_auth(
                std::fs::read_to_string(self.dir.join("hall.key"))
                    .unwrap_or_default()
                    .trim(),
            )
            .timeout(Duration::from_secs(10))
            .send()
            .await
    }

    /// Everything that the backend knows.
    pub async fn snapshot(&self) -> protocol::http::Snapshot {
        let url = format!("{}{}", self.url, protocol::http::paths::SNAPSHOT);
        let reply = self.get(&url).await.expect("the backend answers");
        assert!(reply.status().is_success(), "{}", reply.status());
        reply.json().await.expect("a snapshot")
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &impl serde::Serialize,
    ) -> Option<T> {
        let reply = reqwest::Client::new()
            .post(format!("{}{path}", self.url))
            .header(protocol::http::PROTOCOL_HEADER, protocol::PROTOCOL_VERSION)
            .bearer_auth(key)
            .json(body)
            .timeout(Duration::from_secs(10))
            .send()
            .await
            .expect("the backend answers");
        let is_taken = reply.status().is_success();
        let body = reply.json::<serde_json::Value>().await.expect("JSON");
        is_taken.then(|| serde_json::from_value(body).expect("what was asked for"))
    }

    /// A shift leader at another hall sends somebody to the incident, whoever may go there and is
    /// not `except`.
    pub async fn colleague_sends(&self, incident: &str, except: Option<&str>) {
        let officers = demo_street::seed::officers();
        let leader = officers
            .iter()
            .find(|one| serde_json::to_value(one.officer.role).ok() == Some("shift_leader".into()))
            .expect("a shift leader");
        let sign_in = protocol::http::SignIn {
            officer: leader.officer.id.clone(),
            pin: leader.pin.clone(),
        };
        let session: protocol::http::SignedIn = self
            .post(protocol::http::paths::SIGN_IN, &self.hall_key(), &sign_in)
            .await
            .expect("the shift leader signs in");
        let situation = self.snapshot().await.situation;
        let mut incidents = situation.incidents.keys();
        let incident = incidents.find(|id| id.to_string() == incident);
        for (number, person) in (1_u32..).zip(situation.people.keys()) {
            if Some(person.to_string().as_str()) == except {
                continue;
            }
            let proposal = serde_json::json!({
                "key": format!("00000000-0000-0000-0000-{number:012x}"),
                "officer": leader.officer.id,
                "occurred_at": now_ms(),
                "intent": { "send_order": {
                    "incident": incident.expect("a known incident"),
                    "to": person,
                    "instruction": "请到现场处置",
                    "override_reason": null,
                } },
            });
            let path = protocol::http::paths::PROPOSALS;
            let receipt: Option<protocol::http::Receipt> =
                self.post(path, &session.token, &proposal).await;
            if receipt.is_some() {
                return;
            }
        }
        panic!("nobody of the street may be sent to {incident:?}");
    }

    /// The phone of whoever was sent to the incident says where it is, and that they are on their way.
    pub async fn responder_sets_out(&self, incident: &str) {
        let situation = self.snapshot().await.situation;
        let mut orders = situation.orders.values();
        let order = orders
            .find(|order| order.incident.to_string() == incident)
            .expect("somebody was sent");
        let goal = situation.incidents[&order.incident].location;
        let key = self.key(backend::FIELD_KEY_FILE);
        let position = serde_json::json!([{
            "person": order.to,
            "location": { "lon": goal.lon + 0.004, "lat": goal.lat },
            "at": now_ms(),
            "accuracy_m": 5.0,
            "speed_mps": 0.0,
            "heading_deg": 0.0,
        }]);
        let taken: Option<serde_json::Value> = self
            .post(protocol::http::paths::POSITIONS, &key, &position)
            .await;
        assert!(taken.is_some(), "the position is taken");
        for state in ["delivered", "read", "accepted"] {
            let receipt = serde_json::json!({
                "order": order.id,
                "person": order.to,
                "state": state,
                "at": now_ms(),
                "location": null,
                "note": null,
            });
            let path = protocol::http::paths::FIELD_RECEIPTS;
            let taken: Option<serde_json::Value> = self.post(path, &key, &receipt).await;
            assert!(taken.is_some(), "{state} is taken");
        }
    }

    /// Options that connect a hall to this backend.
    pub fn options(&self) -> Vec<String> {
        ["--backend", &self.url, "--hall-key", &self.hall_key()]
            .map(str::to_owned)
            .to_vec()
    }
}

/// The machine's time, in milliseconds.
fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("it is after 1970").as_millis() as u64
}
