//! Starts the real program in its real windows, drives it, and cleans up after it.

mod children;
mod screens;
pub mod seed;
mod street;
mod waiting;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::wd::{Capabilities, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

pub use children::{Group, free_port, pids_with, signal};
pub use screens::Pixels;
pub use street::Street;
pub use waiting::{eventually, eventually_some};

/// How long the program may take from its start to a window that answers.
const START: Duration = Duration::from_mins(1);

/// How to start the hall.
pub struct HallOptions {
    /// `wall`, `desk` or `both`.
    pub window: &'static str,
    /// Further command-line options.
    pub args: Vec<String>,
    /// Width and height of each window.
    pub size: (u32, u32),
}

impl Default for HallOptions {
    fn default() -> Self {
        Self {
            window: "desk",
            args: Vec::new(),
            size: size_wanted().unwrap_or((1920, 1080)),
        }
    }
}

/// The size for who wants to look at another one: `STREETHALL_TEST_SIZE=3840x2160`.
fn size_wanted() -> Option<(u32, u32)> {
    let wanted = std::env::var("STREETHALL_TEST_SIZE").ok()?;
    let size = wanted
        .split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    Some(size.unwrap_or_else(|| panic!("STREETHALL_TEST_SIZE is {wanted}, not WIDTHxHEIGHT")))
}

/// The running program behind its web driver.
pub struct Hall {
    /// The driver's session in the window that is looked at.
    pub client: Client,
    /// The data directory.
    pub data_dir: PathBuf,
    /// What the program says on its standard error.
    pub log: PathBuf,
    _driver: Group,
}

impl Hall {
    /// Starts the program on a data directory and waits until a window answers.
    pub async fn start(data_dir: &Path, options: &HallOptions) -> Self {
        let port = free_port();
        let log = data_dir.with_extension("log");
        let (width, height) = options.size;
        // What a page keeps for its machine lies here: no test begins with what another one has chosen.
        let pages = data_dir.with_extension("pages");
        let driver = Group::start(
            "WebKitWebDriver",
            &[format!("--port={port}"), "--host=127.0.0.1".to_owned()],
            &[
                ("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()),
                ("STREETHALL_TEST_HOOKS", "1".to_owned()),
                ("STREETHALL_WINDOW_LAYOUT", format!("{width}x{height}")),
                ("XDG_DATA_HOME", pages.to_string_lossy().into_owned()),
                ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".to_owned()),
            ],
            &File::options()
                .create(true)
                .append(true)
                .open(&log)
                .expect("the log can be written"),
        );
        let mut args = vec![
            "--data-dir".to_owned(),
            data_dir.to_string_lossy().into_owned(),
            "--window".to_owned(),
            options.window.to_owned(),
        ];
        args.extend(options.args.iter().cloned());
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "webkitgtk:browserOptions".to_owned(),
            json!({ "binary": env!("CARGO_BIN_EXE_streethall"), "args": args }),
        );
        let address = format!("http://127.0.0.1:{port}");
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let client = eventually_some(
            "the web driver opens the program's window",
            START,
            async || {
                ClientBuilder::new(connector.clone())
                    .capabilities(capabilities.clone())
                    .connect(&address)
                    .await
                    .ok()
            },
        )
        .await;
        Self {
            client,
            data_dir: data_dir.to_owned(),
            log,
            _driver: driver,
        }
    }

    /// Looks at the window of the given kind from now on.
    pub async fn look_at(&self, window: &str) {
        let handles = eventually_some("all windows are open", START, async || {
            self.client
                .windows()
                .await
                .ok()
                .filter(|handles| !handles.is_empty())
        })
        .await;
        for handle in &handles {
            if self.shows(handle, window).await {
                return;
            }
        }
        panic!("none of {} windows is the {window}", handles.len());
    }

    async fn shows(&self, handle: &WindowHandle, window: &str) -> bool {
        if self.client.switch_to_window(handle.clone()).await.is_err() {
            return false;
        }
        let asked = "return window.__TAURI_INTERNALS__.metadata.currentWindow.label";
        self.client
            .execute(asked, Vec::new())
            .await
            .is_ok_and(|label| label == window)
    }

    /// The program's own process number.
    pub fn pid(&self) -> u32 {
        let needle = self.data_dir.to_string_lossy().into_owned();
        let pids = pids_with("streethall", &needle);
        assert_eq!(pids.len(), 1, "one streethall runs on {needle}: {pids:?}");
        pids[0]
    }

    /// Clicks the first element that matches, as soon as it can be clicked.
    pub async fn click(&self, css: &str) {
        eventually(&format!("{css} can be clicked"), async || {
            match self.client.find(Locator::Css(css)).await {
                Ok(element) => element.click().await.is_ok(),
                Err(_) => false,
            }
        })
        .await;
    }

    /// Types into the first element that matches.
    pub async fn type_into(&self, css: &str, text: &str) {
        eventually(&format!("{css} takes text"), async || {
            match self.client.find(Locator::Css(css)).await {
                Ok(element) => element.send_keys(text).await.is_ok(),
                Err(_) => false,
            }
        })
        .await;
    }

    /// An attribute of the first element that matches; `None` while there is none.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.client
            .find(Locator::Css(css))
            .await
            .ok()?
            .attr(name)
            .await
            .ok()?
    }

    /// The text of the first element that matches; `None` while there is none.
    pub async fn text(&self, css: &str) -> Option<String> {
        self.client
            .find(Locator::Css(css))
            .await
            .ok()?
            .text()
            .await
            .ok()
    }

    /// Keeps a picture of the window for whoever wants to look at it, in `target/tmp`.
    pub async fn keep_picture(&self, name: &str) {
        let png = self.client.screenshot().await.expect("a picture");
        let file = format!("{}/{name}.png", env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(file, png).expect("written");
    }

    /// How many elements match.
    pub async fn count(&self, css: &str) -> usize {
        self.client
            .find_all(Locator::Css(css))
            .await
            .map_or(0, |found| found.len())
    }

    /// Waits until an attribute has one of the values.
    pub async fn wait_for_attribute(&self, css: &str, name: &str, values: &[&str]) {
        eventually(&format!("{css} has {name} of {values:?}"), async || {
            self.attribute(css, name)
                .await
                .is_some_and(|value| values.contains(&value.as_str()))
        })
        .await;
    }

    /// What the window shows now.
    pub async fn pixels(&self) -> Pixels {
        let png = self
            .client
            .screenshot()
            .await
            .expect("the window can be pictured");
        Pixels::from_png(&png)
    }

    /// Everything that the program has said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Closes the program in an orderly way.
    pub async fn close(self) {
        // Whether the session could be ended or not, dropping the driver ends its whole group.
        self.client.clone().close().await.ok();
    }
}

/// Lines of the program's own words that a failed test shows.
const LAST_WORDS: usize = 40;

impl Drop for Hall {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = self.said();
            let lines: Vec<&str> = said.lines().collect();
            let last = &lines[lines.len().saturating_sub(LAST_WORDS)..];
            eprintln!("the program's last words:\n{}", last.join("\n"));
        }
    }
}
