//! Our map beside other maps, all in one Chromium that draws in software, on the same canvas with
//! the same tiles, style, grids and positions.
//!
//! What counts is the processor time of threads, which a busy machine changes little. Contestants
//! take turns; what is measured and what is looked at (pixels, bytes) are different visits, since
//! looking costs time itself.

mod archive;
pub mod browser;
mod scene;
pub mod server;
mod tables;
mod threads;
mod visit;

use std::collections::BTreeMap;

use anyhow::Result;

use self::archive::Archive;
use self::server::{Content, Server};
use self::tables::{print_figures, print_ratios};
use self::visit::{Found, Task, Tour};
use super::{BenchArgs, Figure, medians};
use crate::build_ui;
use crate::corpora;
use crate::project::Project;

/// The canvas of all contestants, in CSS and device pixels: not larger, since in software the time
/// goes by with drawing, which is not what is compared.
const CANVAS_PX: [u16; 2] = [1280, 720];
/// The city's tiles, © OpenStreetMap contributors.
const CITY: &str = "../shared/data/firenze.pmtiles";
const OURS: &str = "ours";

const DAY_LOAD: u32 = 10_000;
const CROWD: u32 = 100_000;

/// The measured, the watched and the counted visits of one scenario.
struct Plan {
    name: &'static str,
    /// Contestants, ours first, with how many updates they are measured over: the slow ones get few.
    contestants: &'static [(&'static str, u32)],
    /// What the peers are called in the machine-readable lines.
    measured: Task,
    /// Visits that look at pixels and bytes, once each.
    looked_at: Vec<Task>,
}

const PAGE: &str = "index.html";

pub fn everybody_moves(project: &Project, args: &BenchArgs) -> Result<()> {
    let task = Task {
        scenario: "move",
        people: DAY_LOAD,
        warm: 8,
        updates: 0,
        page: PAGE,
    };
    let plan = Plan {
        name: "map-move",
        contestants: &[
            (OURS, 40),
            ("gl_js", 6),
            ("gl_js_custom", 20),
            ("deck_gl", 20),
            ("floor", 40),
            ("floor_held", 40),
        ],
        measured: task,
        looked_at: vec![
            Task {
                scenario: "move-seen",
                updates: 16,
                ..task
            },
            Task {
                scenario: "move-bytes",
                updates: 8,
                ..task
            },
        ],
    };
    perform(project, args, &plan)
}

pub fn one_moves(project: &Project, args: &BenchArgs) -> Result<()> {
    let task = Task {
        scenario: "one",
        people: CROWD,
        warm: 2,
        updates: 0,
        page: PAGE,
    };
    let plan = Plan {
        name: "map-one",
        contestants: &[
            (OURS, 12),
            ("gl_js_update", 4),
            ("gl_js", 3),
            ("deck_gl", 3),
            ("floor_held", 12),
        ],
        measured: task,
        looked_at: vec![
            Task {
                scenario: "one-seen",
                updates: 3,
                ..task
            },
            Task {
                scenario: "one-bytes",
                // What still settles in the first frames after the load does not belong to the change.
                warm: 8,
                updates: 3,
                ..task
            },
        ],
    };
    perform(project, args, &plan)
}

pub fn journey(project: &Project, args: &BenchArgs) -> Result<()> {
    let task = Task {
        scenario: "pan",
        people: DAY_LOAD,
        warm: 0,
        updates: 0,
        page: PAGE,
    };
    let plan = Plan {
        name: "map-pan",
        contestants: &[(OURS, 90), ("gl_js", 90), ("deck_gl", 90)],
        measured: task,
        looked_at: vec![Task {
            scenario: "pan-blank",
            updates: 90,
            ..task
        }],
    };
    perform(project, args, &plan)
}

pub fn cold_start(project: &Project, args: &BenchArgs) -> Result<()> {
    let task = Task {
        scenario: "load",
        people: DAY_LOAD,
        warm: 0,
        updates: 0,
        page: "start.html",
    };
    let plan = Plan {
        name: "map-load",
        contestants: &[(OURS, 1), ("gl_js", 1), ("deck_gl", 1)],
        measured: task,
        looked_at: vec![],
    };
    perform(project, args, &plan)
}

fn perform(project: &Project, args: &BenchArgs, plan: &Plan) -> Result<()> {
    let city = project.path(CITY);
    if !city.is_file() {
        println!(
            "没有 {CITY}，跳过。 {CITY} is not there: {} is skipped.",
            plan.name
        );
        return Ok(());
    }
    if let Err(error) = corpora::fetch_peers(project) {
        println!(
            "无法下载对比地图，跳过：{error:#}。 The other maps cannot be fetched: {} is skipped.",
            plan.name
        );
        return Ok(());
    }
    let map = build_ui::run_map(project)?;
    let server = Server::start(Content {
        folders: vec![
            ("pages", project.path("xtask/src/bench/map/pages")),
            ("ours", map),
            ("peers", project.path("target/npm-peers/node_modules")),
        ],
        made: scene::files(project, &[DAY_LOAD, CROWD])?,
        tiles: Some(Archive::open(&city)?),
    })?;
    println!(
        "{} · ANGLE on SwiftShader · {}",
        browser::version()?,
        tables::machine()
    );
    let is_wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let contestants: Vec<(&'static str, u32)> = plan
        .contestants
        .iter()
        .copied()
        .filter(|(name, _)| is_wanted(name))
        .collect();
    let mut tour = Tour::new(project, server);
    let runs = measure(&mut tour, args.runs, &contestants, &plan.measured)?;
    let mut figures: BTreeMap<&str, Vec<Figure>> = runs
        .iter()
        .map(|(contestant, runs)| (*contestant, medians(runs)))
        .collect();
    for task in &plan.looked_at {
        for (contestant, _) in &contestants {
            let found = tour.visit(contestant, task)?;
            let known = figures.entry(*contestant).or_default();
            for figure in told_figures(&found, task.updates) {
                // What the measured visits told, too, is theirs.
                if !known.iter().any(|other| other.name == figure.name) {
                    known.push(figure);
                }
            }
        }
    }
    println!("load afterwards: {}", tables::load());
    let order: Vec<&str> = contestants.iter().map(|(name, _)| *name).collect();
    print_figures(plan.name, &order, &figures);
    print_ratios(plan.name, OURS, &order, &figures);
    Ok(())
}

/// All measured visits, contestants taking turns; the first turn is a warm-up.
fn measure(
    tour: &mut Tour<'_>,
    counted: usize,
    contestants: &[(&'static str, u32)],
    measured: &Task,
) -> Result<BTreeMap<&'static str, Vec<Vec<Figure>>>> {
    let mut runs: BTreeMap<&str, Vec<Vec<Figure>>> = BTreeMap::new();
    for turn in 0..=counted {
        for (contestant, updates) in contestants {
            let task = Task {
                updates: *updates,
                ..*measured
            };
            let found = tour.visit(contestant, &task)?;
            println!(
                "  run {turn}: {contestant:<13} main {:.2} ms, drawing {:.0} ms per update",
                found.spent.main_ms / f64::from(*updates),
                found.spent.drawing_ms / f64::from(*updates)
            );
            if turn > 0 {
                runs.entry(*contestant)
                    .or_default()
                    .push(measured_figures(&found, *updates));
            }
        }
    }
    Ok(runs)
}

fn measured_figures(found: &Found, updates: u32) -> Vec<Figure> {
    let each = f64::from(updates.max(1));
    let spent = &found.spent;
    let mut figures = vec![
        Figure::new("main-cpu", spent.main_ms / each, "ms"),
        Figure::new("worker-cpu", spent.worker_ms / each, "ms"),
        Figure::new("page-cpu", spent.page_ms() / each, "ms"),
        Figure::new("drawing-cpu", spent.drawing_ms / each, "ms"),
        Figure::new("page-memory", found.page_memory_mb, "MB"),
    ];
    figures.extend(told_figures(found, updates));
    figures
}

/// The page's own figures under the names of the table.
fn told_figures(found: &Found, updates: u32) -> Vec<Figure> {
    let names = [
        ("wallMs", "wall", "ms"),
        ("renders", "renders", "frames"),
        ("completeMs", "complete", "ms"),
        ("toPixelMs", "to-pixel", "ms"),
        ("redrawMs", "to-pixel-of-a-redraw", "ms"),
        ("seen", "seen", "updates"),
        ("seenWithoutWaiting", "seen-without-waiting", "updates"),
        ("blankFrames", "blank-frames", "frames"),
        ("longestBlankMs", "longest-blank", "ms"),
        ("mostBlankShare", "most-blank", "share"),
        ("bytes", "uploaded", "bytes"),
        ("uploads", "uploads", "calls"),
        ("bytesHeld", "uploaded-before", "bytes"),
        ("drawCalls", "draw-calls", "calls"),
        ("heapMb", "heap", "MB"),
    ];
    let mut figures: Vec<Figure> = names
        .iter()
        .filter_map(|(key, name, unit)| Some(Figure::new(*name, *found.told.get(*key)?, *unit)))
        .collect();
    if found.told.contains_key("seen") {
        figures.push(Figure::new("seen-of", f64::from(updates), "updates"));
    }
    figures
}
