//! Chromium without a window, drawing in software, for the pages of the benchmark.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::CANVAS_PX;
use crate::process::ProcessGroup;
use crate::project::Project;

/// The browser draws WebGL by ANGLE on SwiftShader, the same on every machine without a graphics
/// card, and starts no page's process before it is needed.
const FLAGS: [&str; 17] = [
    "--headless=new",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-features=SpareRendererForSitePerProcess,BackForwardCache",
    "--enable-precise-memory-info",
    "--force-device-scale-factor=1",
];

/// Starts the browser on a page, with a profile of its own that holds nothing; `purpose` names it.
pub fn start(project: &Project, purpose: &str, url: &str) -> Result<ProcessGroup> {
    let profile = project.path(&format!("target/browser-{purpose}"));
    if profile.exists() {
        fs::remove_dir_all(&profile)
            .with_context(|| format!("{} cannot be emptied", profile.display()))?;
    }
    let [width, height] = CANVAS_PX;
    let mut command = Command::new("chromium");
    command
        .args(FLAGS)
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--user-data-dir={}", profile.display()));
    // The superuser gets no sandbox from Chromium; nothing but our own pages is loaded.
    if nix::unistd::geteuid().is_root() {
        command.arg("--no-sandbox");
    }
    command
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    ProcessGroup::start("chromium", &mut command)
}

/// The browser's own words about its version.
pub fn version() -> Result<String> {
    let output = Command::new("chromium")
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .context("chromium cannot be started; ./hall installs what is missing")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
