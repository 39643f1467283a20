//! Builds the hall and starts it; without a display, on a virtual one with pictures of it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::build_ui::{self, BuildUiArgs};
use crate::display::{
    HallWindow, VirtualDisplay, WindowSize, avoid_dmabuf_without_gpu, has_display,
};
use crate::process::{ProcessGroup, run_to_end, stop_requested};
use crate::project::Project;
use crate::screen_dump::{PngEffort, write_png};

const APP: &str = "streethall";

/// Time between two looks at the running app, and looks between two pictures.
const LOOK: Duration = Duration::from_millis(200);
const LOOKS_PER_PICTURE: u32 = 15;

/// The options of the app, and two of this command itself. The texts are those of `./hall run
/// --help`, which shows them without building anything.
#[derive(Args, Debug, Clone, Default)]
pub struct RunArgs {
    /// The backend to connect to; default: the embedded one
    #[arg(long, value_name = "URL", requires = "hall_key")]
    pub backend: Option<String>,
    /// This hall's key at that backend, or @ and the file that holds it
    #[arg(long, value_name = "KEY|@FILE")]
    pub hall_key: Option<String>,
    /// Base map, .pmtiles or .mbtiles, or the address of a tile service; default: the demo street's own
    #[arg(long, value_name = "FILE|URL")]
    pub map: Option<PathBuf>,
    /// The tile service's key, for {key} in its address, or @ and the file that holds it
    #[arg(long, value_name = "KEY|@FILE")]
    pub map_key: Option<String>,
    /// Folder with the rules files of the embedded backend; default: those that ship
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// Where the cache, the outbox and the settings live
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Which windows to open; default: both
    #[arg(long, value_name = "WHICH")]
    pub window: Option<WhichWindow>,
    /// Put the wall window on monitor N, counted from 1
    #[arg(long, value_name = "N")]
    pub monitor: Option<u32>,
    /// How many times faster than real the demo street lives; default 1
    #[arg(long, value_name = "X")]
    pub demo_speed: Option<f64>,
    /// Start with an empty data directory; the old one is kept under another name
    #[arg(long)]
    pub fresh: bool,
    /// Without a display: the size of each virtual screen
    #[arg(long, value_name = "WxH", default_value = "1920x1080")]
    pub size: Option<WindowSize>,
    /// Quick build without optimisation
    #[arg(long)]
    pub dev: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WhichWindow {
    Wall,
    Desk,
    Both,
}

impl WhichWindow {
    fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Desk => "desk",
            Self::Both => "both",
        }
    }

    fn shows(self, window: HallWindow) -> bool {
        self == Self::Both || self.name() == window.name()
    }
}

impl RunArgs {
    /// The command line of the app. Relative paths are meant from where the caller stood.
    pub fn app_options(&self) -> Vec<String> {
        let mut options = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                options.push(name.to_owned());
                options.push(value);
            }
        };
        let path = |path: &PathBuf| Project::from_caller(path).to_string_lossy().into_owned();
        let key = |key: &String| match key.strip_prefix('@') {
            Some(file) => format!("@{}", path(&PathBuf::from(file))),
            None => key.clone(),
        };
        let place = |given: &PathBuf| match given.to_str() {
            Some(url) if url.contains("://") => url.to_owned(),
            _ => path(given),
        };
        add("--backend", self.backend.clone());
        add("--hall-key", self.hall_key.as_ref().map(key));
        add("--map", self.map.as_ref().map(place));
        add("--map-key", self.map_key.as_ref().map(key));
        add("--rules", self.rules.as_ref().map(path));
        add("--data-dir", self.data_dir.as_ref().map(path));
        add(
            "--window",
            self.window.map(|window| window.name().to_owned()),
        );
        add("--monitor", self.monitor.map(|number| number.to_string()));
        add(
            "--demo-speed",
            self.demo_speed.map(|speed| speed.to_string()),
        );
        if self.fresh {
            options.push("--fresh".to_owned());
        }
        options
    }
}

pub fn run(project: &Project, args: &RunArgs) -> Result<()> {
    let app = build(project, args.dev)?;
    if has_display() {
        run_on_display(args, &app)
    } else {
        run_on_virtual_display(project, args, &app)
    }
}

/// Builds the screens and the app, and returns the path of the program.
pub fn build(project: &Project, is_dev: bool) -> Result<PathBuf> {
    // The screens are always built as they are shipped: unoptimised they draw too slowly to use,
    // and the tests embed the same ones.
    build_ui::run(project, &BuildUiArgs::default())?;
    let profile = if is_dev { "dev" } else { "release" };
    println!("编译应用 building the app ({profile})");
    let mut cargo = project.cargo();
    cargo.args([
        "build",
        "--package",
        APP,
        "--bin",
        APP,
        "--profile",
        profile,
    ]);
    run_to_end("building the app", &mut cargo)?;
    let folder = if is_dev { "debug" } else { "release" };
    Ok(project.target_dir().join(folder).join(APP))
}

fn run_on_display(args: &RunArgs, app: &PathBuf) -> Result<()> {
    let mut command = Command::new(app);
    command.args(args.app_options());
    avoid_dmabuf_without_gpu(&mut command);
    println!("启动 starting streethall");
    let status = command
        .status()
        .with_context(|| format!("{} cannot be started", app.display()))?;
    answer(status)
}

fn run_on_virtual_display(project: &Project, args: &RunArgs, app: &PathBuf) -> Result<()> {
    let shots = project.path("target/shots");
    fs::create_dir_all(&shots).with_context(|| format!("{} cannot be made", shots.display()))?;
    let size = args.size.unwrap_or(WindowSize::FULL_HD);
    let stop = stop_requested()?;
    println!(
        "没有显示器，启动虚拟屏幕。 There is no display: starting a virtual one, {size} for each window."
    );
    let mut display = VirtualDisplay::start(size, &project.path("target/virtual"))?;
    let mut command = display.command(app);
    command.args(args.app_options());
    let mut hall = ProcessGroup::start(APP, &mut command)?;
    let which = args.window.unwrap_or(WhichWindow::Both);
    let windows: Vec<HallWindow> = HallWindow::BOTH
        .into_iter()
        .filter(|window| which.shows(*window))
        .collect();
    println!(
        "截图每 3 秒写入 target/shots/，按 Ctrl-C 结束（虚拟屏幕 {}）。",
        display.name()
    );
    println!("Pictures go to target/shots/ every 3 seconds; Ctrl-C stops.");

    let mut look = 0;
    while !stop.load(Ordering::SeqCst) {
        if let Some(status) = hall.ended()? {
            return answer(status);
        }
        display.must_still_run()?;
        look += 1;
        if look % LOOKS_PER_PICTURE == 0 {
            for (slot, window) in windows.iter().enumerate() {
                let path = shots.join(format!("{}.png", window.name()));
                write_png(&display.picture(slot)?, &path, PngEffort::Quick)?;
            }
        }
        thread::sleep(LOOK);
    }
    println!("正在关闭 stopping");
    Ok(())
}

/// The app has said on its own output what went wrong; this only passes its verdict on.
fn answer(status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("streethall 退出 ended with {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Parser)]
    struct OnlyRun {
        #[command(flatten)]
        args: RunArgs,
    }

    fn options(words: &[&str]) -> Vec<String> {
        let words = std::iter::once("run").chain(words.iter().copied());
        OnlyRun::try_parse_from(words).unwrap().args.app_options()
    }

    #[test]
    fn every_option_reaches_the_app() {
        let given = [
            "--backend",
            "http://127.0.0.1:7000",
            "--hall-key",
            "secret",
            "--map",
            "/maps/a.pmtiles",
            "--map-key",
            "key",
            "--rules",
            "/rules",
            "--data-dir",
            "/data",
            "--window",
            "wall",
            "--monitor",
            "2",
            "--demo-speed",
            "60",
            "--fresh",
        ];
        assert_eq!(options(&given), given);
        let service = ["--map", "https://t{0-7}.example/{z}/{x}/{y}?tk={key}"];
        assert_eq!(options(&service), service, "an address is no path");
        assert_eq!(
            options(&["--size", "3840x2160", "--dev"]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_script_knows_exactly_these_options() {
        let script = include_str!("../../hall");
        let help = script.split("help_run() {").nth(1).unwrap();
        let help = help.split("help_test() {").next().unwrap();
        let check = script.split("check_run_options() {").nth(1).unwrap();
        let check = check.split("\n}").next().unwrap();
        for option in OnlyRun::command().get_arguments() {
            let name = format!("--{}", option.get_long().unwrap());
            assert!(
                help.contains(&name),
                "./hall run --help does not list {name}"
            );
            if name != "--help" {
                assert!(check.contains(&name), "./hall run would refuse {name}");
            }
        }
        let listed = help
            .lines()
            .filter(|line| line.trim_start().starts_with("--"))
            .count();
        // Every option of the command, and --help.
        assert_eq!(
            listed,
            OnlyRun::command().get_arguments().count() + 1,
            "{help}"
        );
    }
}
