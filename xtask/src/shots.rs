//! Makes the pictures in docs/shots from the real app on a virtual screen.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;

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
    /// A real city's archive as the base map: the desk alone, at 1920x1080, as STEM-1080p.png
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Look of the desk; the wall is always dark. Light: the desk alone, at 1920x1080, as NAME-light-1080p.png
    #[arg(long, value_enum, default_value_t = Look::Dark)]
    look: Look,
    /// Use the quick build
    #[arg(long)]
    dev: bool,
}

/// A look of the desk, by its name in the theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Look {
    Dark,
    Light,
}

impl Look {
    fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

impl ShotsArgs {
    /// Whether these are the README's first pictures: both windows, at both sizes.
    fn is_usual(&self) -> bool {
        self.map.is_none() && self.look == Look::Dark
    }

    /// The name of a window's picture in docs/shots; `None` where none is kept.
    fn file(&self, window: HallWindow, size: &str) -> Option<String> {
        if !self.is_usual() && (window != HallWindow::Desk || size != SIZES[0].1) {
            return None;
        }
        let city = self.map.as_deref().and_then(Path::file_stem);
        let name = city.map_or_else(|| window.name().into(), |stem| stem.to_string_lossy());
        let look = match self.look {
            Look::Dark => "",
            Look::Light => "-light",
        };
        Some(format!("{name}{look}-{size}.png"))
    }
}

pub fn run(project: &Project, args: &ShotsArgs) -> Result<()> {
    let map = args.map.as_deref().map(whole_path).transpose()?;
    let app = run::build(project, args.dev)?;
    let folder = project.path("docs/shots");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (size, name) in SIZES {
        if args.file(HallWindow::Desk, name).is_none() {
            continue;
        }
        println!("截图 pictures at {size}");
        for (window, picture) in pictures(project, args, map.as_deref(), &app, size)? {
            let Some(file) = args.file(window, name) else {
                continue;
            };
            let path = folder.join(&file);
            write_png(&picture, &path, PngEffort::Small)?;
            let bytes = fs::metadata(&path)?.len();
            println!("  docs/shots/{file} · {} kB", bytes / 1000);
            if bytes > LARGEST_FILE_BYTES {
                println!("  注意 note: larger than {} kB", LARGEST_FILE_BYTES / 1000);
            }
        }
    }
    Ok(())
}

/// The path of the map as the app finds it from wherever it is started.
fn whole_path(map: &Path) -> Result<PathBuf> {
    let path = Project::from_caller(map);
    fs::canonicalize(&path).with_context(|| format!("{} is not there", path.display()))
}

/// The options that the app is started with.
fn app_options(args: &ShotsArgs, map: Option<&Path>, data: &Path) -> Vec<String> {
    let mut options = vec!["--fresh".to_owned()];
    let mut add = |name: &str, value: String| options.extend([name.to_owned(), value]);
    add("--window", "both".to_owned());
    add("--data-dir", data.to_string_lossy().into_owned());
    add("--demo-speed", args.demo_speed.to_string());
    if let Some(map) = map {
        add("--map", map.to_string_lossy().into_owned());
    }
    options
}

/// Starts the app at one size, lets it settle and live for a while, and returns both windows.
fn pictures(
    project: &Project,
    args: &ShotsArgs,
    map: Option<&Path>,
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
    let options = app_options(args, map, &data);
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
            // The officer's work is in the demo street, and a city's map would fly there.
            if map.is_none() {
                work_at_the_desk(&mut hall)?;
            }
            choose_look(&mut hall, args.look)?;
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

/// Gives the desk its look, which its page may have kept from before.
fn choose_look(hall: &mut DrivenHall, look: Look) -> Result<()> {
    hall.look_at(HallWindow::Desk)?;
    let shown = format!(":root[data-appearance='{}']", look.name());
    let script = format!("return !!document.querySelector({})", json!(shown));
    if hall.run(&script)? != json!(true) {
        hall.click("[data-testid='appearance']")?;
    }
    hall.see(&shown)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct OnlyShots {
        #[command(flatten)]
        args: ShotsArgs,
    }

    /// The names of all pictures that are kept with these options.
    fn kept(words: &[&str]) -> Vec<String> {
        let words = std::iter::once("shots").chain(words.iter().copied());
        let args = OnlyShots::try_parse_from(words).unwrap().args;
        let of_size = |(_, size): (WindowSize, &'static str)| {
            HallWindow::BOTH.map(|window| args.file(window, size))
        };
        SIZES.into_iter().flat_map(of_size).flatten().collect()
    }

    #[test]
    fn each_choice_keeps_pictures_of_its_own() {
        assert_eq!(
            kept(&[]),
            [
                "wall-1080p.png",
                "desk-1080p.png",
                "wall-2160p.png",
                "desk-2160p.png"
            ]
        );
        assert_eq!(kept(&["--look", "light"]), ["desk-light-1080p.png"]);
        let city = ["--map", "../shared/data/firenze.pmtiles"];
        assert_eq!(kept(&city), ["firenze-1080p.png"]);
        assert_eq!(
            kept(&[&city[..], &["--look", "light"]].concat()),
            ["firenze-light-1080p.png"]
        );
    }

    #[test]
    fn the_map_reaches_the_app() {
        let words = ["shots", "--map", "a.pmtiles"];
        let args = OnlyShots::try_parse_from(words).unwrap().args;
        let options = app_options(&args, Some(Path::new("/maps/a.pmtiles")), Path::new("/d"));
        assert!(
            options
                .windows(2)
                .any(|pair| pair == ["--map", "/maps/a.pmtiles"])
        );
        assert!(!app_options(&args, None, Path::new("/d")).contains(&"--map".to_owned()));
    }
}
