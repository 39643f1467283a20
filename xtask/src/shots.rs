//! Makes the pictures in docs/shots from the real app on a virtual screen.

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::display::{HallWindow, VirtualDisplay, WindowSize};
use crate::driven_hall::DrivenHall;
use crate::process::stop_requested;
use crate::project::Project;
use crate::run;
use crate::screen_dump::{Picture, PngEffort, colours, nearly_equal, write_png};

const SIZES: [(WindowSize, &str); 2] = [
    (WindowSize::FULL_HD, "1080p"),
    (WindowSize::ULTRA_HD, "2160p"),
];

/// A window that shows less than this many colours has not drawn its map yet.
const COLOURS_OF_A_DRAWN_WINDOW: usize = 200;
/// Clocks tick and people move for ever; a settled picture changes in less than this share.
const SHARE_OF_CHANGE: f64 = 0.08;
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);
const SETTLED_WITHIN: Duration = Duration::from_mins(6);
const LARGEST_FILE_BYTES: u64 = 1_500_000;

#[derive(Args, Debug, Clone)]
pub struct ShotsArgs {
    /// How long the demo street lives before the picture, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 40)]
    live_s: u64,
    /// How many times faster than real it lives
    #[arg(long, value_name = "X", default_value_t = 20.0)]
    demo_speed: f64,
    /// Use the quick build
    #[arg(long)]
    dev: bool,
}

pub fn run(project: &Project, args: &ShotsArgs) -> Result<()> {
    let app = run::build(project, args.dev)?;
    let folder = project.path("docs/shots");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (size, name) in SIZES {
        println!("截图 pictures at {size}");
        for (window, picture) in pictures(project, args, &app, size)? {
            let path = folder.join(format!("{}-{name}.png", window.name()));
            write_png(&picture, &path, PngEffort::Small)?;
            let bytes = fs::metadata(&path)?.len();
            println!(
                "  docs/shots/{}-{name}.png · {} kB",
                window.name(),
                bytes / 1000
            );
            if bytes > LARGEST_FILE_BYTES {
                println!("  注意 note: larger than {} kB", LARGEST_FILE_BYTES / 1000);
            }
        }
    }
    Ok(())
}

/// Starts the app at one size, lets it settle and live for a while, and returns both windows.
fn pictures(
    project: &Project,
    args: &ShotsArgs,
    app: &Path,
    size: WindowSize,
) -> Result<Vec<(HallWindow, Picture)>> {
    let data = project.path("target/shots-data");
    if data.exists() {
        fs::remove_dir_all(&data)
            .with_context(|| format!("{} cannot be emptied", data.display()))?;
    }
    let stop = stop_requested()?;
    let mut display = VirtualDisplay::start(size, &project.path("target/virtual"))?;
    let options = [
        "--fresh",
        "--window",
        "both",
        "--data-dir",
        &data.to_string_lossy(),
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(["--demo-speed".to_owned(), args.demo_speed.to_string()])
    .collect::<Vec<_>>();
    let mut hall = DrivenHall::start(&display, app, &options)?;

    let started = Instant::now();
    let mut is_officer_at_work = false;
    let mut last: Vec<Picture> = Vec::new();
    loop {
        thread::sleep(BETWEEN_LOOKS);
        if stop.load(Ordering::SeqCst) {
            bail!("stopped");
        }
        hall.must_still_run()?;
        display.must_still_run()?;
        let now: Vec<Picture> = (0..HallWindow::BOTH.len())
            .map(|slot| display.picture(slot))
            .collect::<Result<_>>()?;
        let is_drawn = now.iter().all(|picture| {
            colours(picture, COLOURS_OF_A_DRAWN_WINDOW) >= COLOURS_OF_A_DRAWN_WINDOW
        });
        let is_settled = last.len() == now.len()
            && now
                .iter()
                .zip(&last)
                .all(|(a, b)| nearly_equal(a, b, SHARE_OF_CHANGE));
        if is_drawn && is_settled && !is_officer_at_work {
            work_at_the_desk(&mut hall)?;
            is_officer_at_work = true;
            last = Vec::new();
            continue;
        }
        if is_drawn && is_settled && started.elapsed() >= Duration::from_secs(args.live_s) {
            return Ok(HallWindow::BOTH.into_iter().zip(now).collect());
        }
        if started.elapsed() > SETTLED_WITHIN {
            bail!(
                "the windows did not settle within {} s; ./hall run shows what they do",
                SETTLED_WITHIN.as_secs()
            );
        }
        last = now;
    }
}

/// Does what an officer does: signs in, sends the proposed responder to one incident, and looks at
/// the proposal for the next.
fn work_at_the_desk(hall: &mut DrivenHall) -> Result<()> {
    hall.look_at(HallWindow::Desk)?;
    hall.click("[data-testid='sign-in-button']")?;
    hall.click("[data-testid='use-demo-pin']")?;
    hall.click("[data-testid='sign-in'] [data-testid='dialog-submit']")?;
    hall.see("[data-testid='officer'][data-officer]")?;
    hall.click("[data-testid='count-awaiting-dispatch']")?;
    hall.click("[data-testid='incident-row']")?;
    hall.click("[data-testid='dispatch-best']")?;
    hall.see("[data-testid='order']")?;
    hall.click("[data-testid='incident-row']:not([aria-selected='true'])")?;
    hall.see("[data-testid='dispatch-best']")?;
    hall.click("[data-testid='count-awaiting-dispatch']")
}
