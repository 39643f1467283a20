//! Cold start of the real app on a virtual screen, seen from outside: the time from the start of
//! the process until pixels of the window, and of its map, are on the screen.
//!
//! What only the app itself knows (frame times) it writes to the file named by
//! `STREETHALL_FIGURES`, one JSON object `{"name", "value", "unit"}` per line.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{BenchArgs, Figure, medians, memory};
use crate::display::{VirtualDisplay, WindowSize};
use crate::process::{ProcessGroup, stop_requested};
use crate::project::Project;
use crate::run;
use crate::screen_dump::{Picture, colours};

/// The wall is the leftmost of both windows.
const WALL_SLOT: usize = 0;
const LOOK: Duration = Duration::from_millis(20);
/// A blank window has one colour, a window with its frame and text has some.
const COLOURS_OF_A_WINDOW: usize = 8;
/// The middle of a drawn map has roads, areas, labels and people in antialiased colours.
const COLOURS_OF_A_MAP: usize = 120;
const MAP_WITHIN: Duration = Duration::from_secs(90);
/// How long the app runs on before its memory is read and its frame figures are taken.
const SETTLE: Duration = Duration::from_secs(20);

pub fn run(project: &Project, args: &BenchArgs) -> Result<Vec<Figure>> {
    let app = run::build(project, args.dev)?;
    let mut runs = Vec::new();
    // The first run warms the disk cache and is not counted.
    for number in 0..=args.runs {
        let figures = one_run(project, &app)?;
        let map_ms = figures.iter().find(|figure| figure.name == "map_on_screen");
        println!(
            "  run {number}: map on screen after {:.0} ms",
            map_ms.map_or(0.0, |f| f.value)
        );
        if number > 0 {
            runs.push(figures);
        }
    }
    Ok(medians(&runs))
}

fn one_run(project: &Project, app: &PathBuf) -> Result<Vec<Figure>> {
    let data = project.path("target/bench-start");
    if data.exists() {
        fs::remove_dir_all(&data)
            .with_context(|| format!("{} cannot be emptied", data.display()))?;
    }
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let figures_file = data.join("figures.jsonl");
    let mut display = VirtualDisplay::start(WindowSize::FULL_HD, &project.path("target/virtual"))?;
    let mut command = display.command(app);
    command
        .arg("--data-dir")
        .arg(data.join("hall"))
        .env("STREETHALL_FIGURES", &figures_file);

    let started = Instant::now();
    let mut hall = ProcessGroup::start("streethall", &mut command)?;
    let window = wait_for(&mut display, &mut hall, started, COLOURS_OF_A_WINDOW, whole)?;
    let map = wait_for(&mut display, &mut hall, started, COLOURS_OF_A_MAP, middle)?;
    thread::sleep(SETTLE);
    hall.must_still_run()?;

    let mut figures = vec![
        Figure::new("window_on_screen", window.as_secs_f64() * 1000.0, "ms"),
        Figure::new("map_on_screen", map.as_secs_f64() * 1000.0, "ms"),
    ];
    let by_program = memory::by_program(hall.id());
    figures.push(Figure::new("memory_total", by_program.values().sum(), "MB"));
    figures.extend(
        by_program
            .into_iter()
            .map(|(program, mb)| Figure::new(format!("memory_{program}"), mb, "MB")),
    );
    figures.extend(reported(&figures_file)?);
    Ok(figures)
}

/// Waits until a part of the wall window shows at least so many colours.
fn wait_for(
    display: &mut VirtualDisplay,
    hall: &mut ProcessGroup,
    started: Instant,
    enough: usize,
    part: fn(&Picture) -> Picture,
) -> Result<Duration> {
    let stop = stop_requested()?;
    loop {
        let took = started.elapsed();
        if colours(&part(&display.picture(WALL_SLOT)?), enough) >= enough {
            return Ok(took);
        }
        hall.must_still_run()?;
        if took > MAP_WITHIN || stop.load(Ordering::SeqCst) {
            bail!("the map was not drawn within {} s", took.as_secs());
        }
        thread::sleep(LOOK);
    }
}

fn whole(picture: &Picture) -> Picture {
    picture.clone()
}

/// The middle ninth of the window, where the map lies.
fn middle(picture: &Picture) -> Picture {
    let (width_px, height_px) = (picture.width_px / 3, picture.height_px / 3);
    let rgb = (height_px..2 * height_px)
        .flat_map(|row| {
            let start = (row * picture.width_px + width_px) * 3;
            picture.rgb[start..start + width_px * 3].iter().copied()
        })
        .collect();
    Picture {
        width_px,
        height_px,
        rgb,
    }
}

#[derive(Deserialize)]
struct Reported {
    name: String,
    value: f64,
    unit: String,
}

/// What the app says about itself; nothing where it does not.
fn reported(file: &Path) -> Result<Vec<Figure>> {
    let Ok(text) = fs::read_to_string(file) else {
        return Ok(Vec::new());
    };
    text.lines()
        .map(|line| {
            let reported: Reported = serde_json::from_str(line)
                .with_context(|| format!("\"{line}\" in {} is not a figure", file.display()))?;
            Ok(Figure::new(reported.name, reported.value, reported.unit))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_the_middle() {
        let rgb = (0..9_u8).flat_map(|pixel| [pixel; 3]).collect();
        let picture = Picture {
            width_px: 3,
            height_px: 3,
            rgb,
        };
        assert_eq!(middle(&picture).rgb, [4, 4, 4]);
    }

    #[test]
    fn figures_of_the_app_are_read_line_by_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("figures.jsonl");
        assert_eq!(reported(&file).unwrap(), []);
        fs::write(
            &file,
            "{\"name\":\"frame_p50\",\"value\":1.5,\"unit\":\"ms\"}\n",
        )
        .unwrap();
        assert_eq!(
            reported(&file).unwrap(),
            [Figure::new("frame_p50", 1.5, "ms")]
        );
        fs::write(&file, "frame\n").unwrap();
        assert!(reported(&file).is_err());
    }
}
