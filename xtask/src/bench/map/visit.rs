//! One browser that visits page after page, and what each visit brings.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::browser;
use super::server::{Server, Told};
use super::threads::{Sample, Spent, page_memory_mb};
use crate::process::{ProcessGroup, stop_requested};
use crate::project::Project;

const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// The slowest of all visits draws hundreds of frames in software.
const LOOKS_PER_VISIT: u32 = 5 * 60 * 5;

/// What a contestant is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// As `run.js` names it.
    pub scenario: &'static str,
    pub people: u32,
    /// Updates before anything is measured, and those that count.
    pub warm: u32,
    pub updates: u32,
    /// The page that is opened first.
    pub page: &'static str,
}

/// What a visit found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Between the marks.
    pub spent: Spent,
    /// The page's own figures.
    pub told: BTreeMap<String, f64>,
    pub page_memory_mb: f64,
}

/// The browser and the server that it talks to.
pub struct Tour<'a> {
    project: &'a Project,
    server: Server,
    browser: Option<ProcessGroup>,
}

impl<'a> Tour<'a> {
    pub fn new(project: &'a Project, server: Server) -> Self {
        Self {
            project,
            server,
            browser: None,
        }
    }

    /// Lets a contestant perform a task.
    pub fn visit(&mut self, contestant: &str, task: &Task) -> Result<Found> {
        let url = self.url(contestant, task);
        let browser = if let Some(browser) = &self.browser {
            self.server.send_to(url)?;
            browser.id()
        } else {
            let browser = browser::start(self.project, "bench", &url)?;
            self.browser.insert(browser).id()
        };
        let found = self.listen(browser);
        found.with_context(|| format!("{contestant} did not perform {}", task.scenario))
    }

    /// Every contestant has a host of its own on this machine, and so a process of its own.
    fn url(&self, contestant: &str, task: &Task) -> String {
        let Task {
            scenario,
            people,
            warm,
            updates,
            page,
        } = task;
        let host = contestant.replace('_', "-");
        let port = self.server.port;
        format!(
            "http://{host}.localhost:{port}/pages/{page}?contestant={contestant}\
             &scenario={scenario}&people={people}&warm={warm}&updates={updates}"
        )
    }

    fn listen(&mut self, browser: u32) -> Result<Found> {
        let stop = stop_requested()?;
        let mut begun = Sample::default();
        let mut found = Found::default();
        let mut looks = 0;
        loop {
            match self.server.told.recv_timeout(BETWEEN_LOOKS) {
                Ok(Told::Mark(name, seen)) => {
                    let now = Sample::of_browser(browser);
                    if name == "begin" {
                        begun = now;
                    } else {
                        found.spent = now.since(&begun);
                        found.page_memory_mb = page_memory_mb(browser);
                    }
                    // The page may have given up waiting.
                    let _waits = seen.send(()).is_ok();
                }
                Ok(Told::Done(json)) => {
                    found.told = serde_json::from_str(&json)
                        .with_context(|| format!("the page told \"{json}\""))?;
                    return Ok(found);
                }
                Ok(Told::Failed(text)) => bail!("{text}"),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(browser) = &mut self.browser {
                        browser.must_still_run()?;
                    }
                    if stop.load(Ordering::SeqCst) {
                        bail!("stopped");
                    }
                    looks += 1;
                    if looks > LOOKS_PER_VISIT {
                        bail!("the page did not answer");
                    }
                }
                Err(RecvTimeoutError::Disconnected) => bail!("the server has ended"),
            }
        }
    }
}
