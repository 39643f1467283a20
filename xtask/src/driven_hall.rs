//! The real app with a web driver at its windows: buttons are found by their `data-testid` and
//! clicked, as the end-to-end tests do.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use ureq::Agent;

use crate::display::{HallWindow, VirtualDisplay};
use crate::process::{ProcessGroup, stop_requested};

const BETWEEN_TRIES: Duration = Duration::from_millis(300);
/// The demo street is generated before the first window opens, and a machine may be slow.
const START_WITHIN: Duration = Duration::from_mins(2);
const ELEMENT_WITHIN: Duration = Duration::from_mins(1);

/// The app, started by WebKitWebDriver; both end when this is dropped.
pub struct DrivenHall {
    driver: ProcessGroup,
    agent: Agent,
    /// Address of the driver's session.
    session: String,
}

impl DrivenHall {
    /// Starts the app with these options on a virtual display.
    pub fn start(display: &VirtualDisplay, app: &Path, options: &[String]) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let driver = ProcessGroup::start(
            "WebKitWebDriver",
            display
                .command("WebKitWebDriver")
                .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
                .env("TAURI_WEBVIEW_AUTOMATION", "true")
                .stdin(Stdio::null()),
        )?;
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(START_WITHIN))
            .build()
            .into();
        let base = format!("http://127.0.0.1:{port}/session");
        let mut hall = Self {
            driver,
            agent,
            session: base.clone(),
        };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "webkitgtk:browserOptions": { "binary": app, "args": options }
        }}});
        let id = hall.wait("the app's window", START_WITHIN, |hall| {
            let answer = hall.post("", &wanted)?;
            answer["sessionId"]
                .as_str()
                .map(str::to_owned)
                .context("no session")
        })?;
        hall.session = format!("{base}/{id}");
        Ok(hall)
    }

    /// Fails when the driver has ended, which ends the app too.
    pub fn must_still_run(&mut self) -> Result<()> {
        self.driver.must_still_run()
    }

    /// Works in this window from now on.
    pub fn look_at(&mut self, window: HallWindow) -> Result<()> {
        self.wait(
            &format!("the {} window", window.name()),
            START_WITHIN,
            |hall| {
                let handles = hall.get("/window/handles")?;
                for handle in handles.as_array().into_iter().flatten() {
                    hall.post("/window", &json!({ "handle": handle }))?;
                    let label =
                        hall.run("return window.__TAURI_INTERNALS__.metadata.currentWindow.label")?;
                    if label == window.name() {
                        return Ok(());
                    }
                }
                bail!("not open yet")
            },
        )
    }

    /// Waits until the element is there and can be used, and clicks it.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        let script = format!(
            "const found = document.querySelector({});\
             if (!found || found.disabled) return false;\
             found.click(); return true;",
            json!(selector)
        );
        self.until(selector, &script)
    }

    /// Waits until the element is there.
    pub fn see(&mut self, selector: &str) -> Result<()> {
        self.until(
            selector,
            &format!("return !!document.querySelector({})", json!(selector)),
        )
    }

    fn until(&mut self, selector: &str, script: &str) -> Result<()> {
        self.wait(selector, ELEMENT_WITHIN, |hall| {
            if hall.run(script)? == json!(true) {
                Ok(())
            } else {
                Err(anyhow!("not there"))
            }
        })
    }

    /// Runs a script in the window and returns what it returns.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn get(&self, path: &str) -> Result<Value> {
        let mut answer = self.agent.get(format!("{}{path}", self.session)).call()?;
        value_of(&answer.body_mut().read_to_string()?)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.session))
            .send_json(body)?;
        value_of(&answer.body_mut().read_to_string()?)
    }

    /// Tries until it works; the last failure is told when it never does.
    fn wait<T>(
        &mut self,
        what: &str,
        within: Duration,
        mut attempt: impl FnMut(&Self) -> Result<T>,
    ) -> Result<T> {
        let stop = stop_requested()?;
        let started = Instant::now();
        loop {
            self.must_still_run()?;
            if stop.load(Ordering::SeqCst) {
                bail!("stopped while waiting for {what}");
            }
            match attempt(self) {
                Ok(value) => return Ok(value),
                Err(error) if started.elapsed() > within => {
                    return Err(error.context(format!(
                        "{what} did not appear within {} s",
                        within.as_secs()
                    )));
                }
                Err(_) => thread::sleep(BETWEEN_TRIES),
            }
        }
    }
}

/// The value in a driver's answer, or its error.
fn value_of(text: &str) -> Result<Value> {
    let mut answer: Value =
        serde_json::from_str(text).context("the web driver answered something else than JSON")?;
    let value = answer["value"].take();
    if let Some(error) = value["error"].as_str() {
        bail!("{error}: {}", value["message"].as_str().unwrap_or_default());
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_a_driver_are_values_or_errors() {
        assert_eq!(value_of(r#"{"value":true}"#).unwrap(), json!(true));
        assert_eq!(value_of(r#"{"value":null}"#).unwrap(), Value::Null);
        let error = value_of(r#"{"value":{"error":"no such window","message":"gone"}}"#);
        assert_eq!(error.unwrap_err().to_string(), "no such window: gone");
        assert!(value_of("<html>").is_err());
    }
}
