//! `ipc`: one command from the script of the real desk window to the shell and back. `order` measures
//! what lies behind it and knows no window.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{BenchArgs, Figure, medians};
use crate::display::{HallWindow, VirtualDisplay, WindowSize};
use crate::driven_hall::DrivenHall;
use crate::project::Project;
use crate::run;

/// Calls of one run; a window's clock is too coarse for a single one.
const CALLS: u32 = 500;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
const WITHIN: Duration = Duration::from_mins(1);

pub fn run(project: &Project, args: &BenchArgs) -> Result<Vec<Figure>> {
    let app = run::build(project, args.dev)?;
    let data = project.path("target/bench-ipc");
    if data.exists() {
        fs::remove_dir_all(&data)
            .with_context(|| format!("{} cannot be emptied", data.display()))?;
    }
    let display = VirtualDisplay::start(WindowSize::FULL_HD, &project.path("target/virtual"))?;
    let options = ["--window", "desk", "--data-dir", &data.to_string_lossy()].map(str::to_owned);
    let mut hall = DrivenHall::start(&display, &app, &options)?;
    hall.look_at(HallWindow::Desk)?;
    hall.see("[data-testid]")?;
    let mut runs = Vec::new();
    // The first run warms up.
    for number in 0..=args.runs {
        let figures = vec![
            // Nothing but an answer, and the settings as a small object.
            Figure::new(
                "beat",
                one_call(
                    &mut hall,
                    "'beat', { args: { frame_ms: 0, map_ready: true, frames_taken: 0 } }",
                )? * 1_000.0,
                "us",
            ),
            Figure::new(
                "get_settings",
                one_call(&mut hall, "'get_settings', { args: {} }")? * 1_000.0,
                "us",
            ),
        ];
        if number > 0 {
            runs.push(figures);
        }
    }
    Ok(medians(&runs))
}

/// Milliseconds from the call of a command until its answer is in the window, one after the other.
fn one_call(hall: &mut DrivenHall, command: &str) -> Result<f64> {
    let script = format!(
        "window.__measured = null;\
         (async () => {{\
           const invoke = window.__TAURI_INTERNALS__.invoke;\
           const begun = performance.now();\
           for (let n = 0; n < {CALLS}; n++) await invoke({command});\
           window.__measured = (performance.now() - begun) / {CALLS};\
         }})().catch(error => {{ window.__measured = String(error.message ?? error); }});\
         return true;"
    );
    hall.run(&script)?;
    let begun = Instant::now();
    while begun.elapsed() < WITHIN {
        thread::sleep(BETWEEN_LOOKS);
        hall.must_still_run()?;
        let measured = hall.run("return window.__measured;")?;
        if !measured.is_null() {
            return measured
                .as_f64()
                .with_context(|| format!("{command} was refused: {measured}"));
        }
    }
    bail!("{command} was not answered within {} s", WITHIN.as_secs())
}
