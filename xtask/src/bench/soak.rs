//! `memory`: two days of the demo street compressed into minutes, in both real windows on a virtual
//! screen. The memory of the app and of its web processes is read again and again; a straight line
//! through the readings of the second day says how much they grow.
//!
//! The first day is the warm-up: caches fill, and the collectors of the web processes find their
//! rhythm, which takes minutes. What a street gathers in a day (its matters, orders and trails) is kept
//! on purpose and grows too: the slope is said beside what there was.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{BenchArgs, Figure, memory};
use crate::display::{VirtualDisplay, WindowSize};
use crate::process::{ProcessGroup, stop_requested};
use crate::project::Project;
use crate::run;

/// A day in ten minutes.
const SPEED: f64 = 144.0;
const DAY_S: f64 = 86_400.0 / SPEED;
const WARM_UP: Duration = Duration::from_mins(10);
const LOOK: Duration = Duration::from_secs(5);
/// For trying.
const SHORT_WARM_UP: Duration = Duration::from_secs(30);
const SHORT_S: f64 = 90.0;
/// Less growth over a day than this share of what there was counts as none: readings of a web
/// process vary by as much from collection to collection.
const NO_GROWTH: f64 = 0.03;
const TOTAL: &str = "total";
/// Name of the figure that is judged.
const GROWTH: &str = "growth_per_day";

/// When, in seconds from the start, and how much of each program, in megabytes.
type Reading = (f64, BTreeMap<String, f64>);

pub fn run(project: &Project, args: &BenchArgs) -> Result<Vec<Figure>> {
    let app = run::build(project, args.dev)?;
    let data = project.path("target/bench-memory");
    if data.exists() {
        fs::remove_dir_all(&data)
            .with_context(|| format!("{} cannot be emptied", data.display()))?;
    }
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let display = VirtualDisplay::start(WindowSize::FULL_HD, &project.path("target/virtual"))?;
    let mut command = display.command(&app);
    command
        .args(["--demo-speed", &SPEED.to_string(), "--data-dir"])
        .arg(data.join("hall"));
    let mut hall = ProcessGroup::start("streethall", &mut command)?;
    let (warm_up, length_s) = if args.short {
        (SHORT_WARM_UP, SHORT_S)
    } else {
        (WARM_UP, DAY_S)
    };
    let stop = stop_requested()?;
    let started = Instant::now();
    let mut readings = Vec::new();
    while started.elapsed().as_secs_f64() < warm_up.as_secs_f64() + length_s {
        thread::sleep(LOOK);
        hall.must_still_run()?;
        if stop.load(Ordering::SeqCst) {
            bail!("stopped before the day was over");
        }
        let seconds = started.elapsed().as_secs_f64();
        let mut of = memory::by_program(hall.id());
        of.insert(TOTAL.to_owned(), of.values().sum());
        if readings.len() % 12 == 0 {
            println!("  after {seconds:4.0} s: {:.0} MB", of[TOTAL]);
        }
        readings.push((seconds, of));
    }
    readings.retain(|(seconds, _)| *seconds >= warm_up.as_secs_f64());
    let figures = judged(&readings);
    // A minute and a half says nothing about a day.
    if let Some(percent) = growth(&figures).filter(|_| !args.short) {
        super::print("memory", &figures);
        bail!(
            "the app grows by {percent:.1} % in a day, more than the {:.0} % that readings vary by",
            NO_GROWTH * 100.0
        );
    }
    Ok(figures)
}

/// The growth over a day in percent, where it counts as one.
fn growth(figures: &[Figure]) -> Option<f64> {
    let found = figures.iter().find(|figure| figure.name == GROWTH);
    let percent = found.map(|figure| figure.value);
    percent.filter(|percent| *percent >= NO_GROWTH * 100.0)
}

/// Beginning, end and growth of each program over the readings.
fn judged(readings: &[Reading]) -> Vec<Figure> {
    let mut figures = Vec::new();
    let Some((_, first)) = readings.first() else {
        return figures;
    };
    for name in first.keys() {
        let points: Vec<(f64, f64)> = readings
            .iter()
            .filter_map(|(seconds, of)| Some((*seconds, *of.get(name)?)))
            .collect();
        let Some((from, slope)) = line_through(&points) else {
            continue;
        };
        let (begin_s, end_s) = (points[0].0, points[points.len() - 1].0);
        let per_day = slope * DAY_S;
        let begin = from + slope * begin_s;
        figures.push(Figure::new(format!("{name}_begin"), begin, "MB"));
        figures.push(Figure::new(
            format!("{name}_end"),
            from + slope * end_s,
            "MB",
        ));
        figures.push(Figure::new(format!("{name}_per_day"), per_day, "MB"));
        if name == TOTAL {
            let share = per_day / begin;
            figures.push(Figure::new(GROWTH, share * 100.0, "percent"));
        }
    }
    figures
}

/// The straight line with the least squares of distances, as its value at 0 and its slope; none
/// through fewer than two moments.
fn line_through(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let across: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    if across.is_nan() || across <= 0.0 {
        return None;
    }
    let together: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let slope = together / across;
    Some((y - slope * x, slope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_through_what_lies_on_one() {
        let points = [(1.0, 5.0), (2.0, 7.0), (4.0, 11.0)];
        let (at_zero, slope) = line_through(&points).unwrap();
        assert!((at_zero - 3.0).abs() < 1e-9 && (slope - 2.0).abs() < 1e-9);
        assert_eq!(line_through(&points[..1]), None);
        assert_eq!(line_through(&[]), None);
    }

    #[test]
    fn growth_is_told_for_a_day_and_beside_what_there_was() {
        let reading = |seconds: f64, mb: f64| {
            let of = BTreeMap::from([(TOTAL.to_owned(), mb)]);
            (seconds, of)
        };
        let figures = judged(&[reading(0.0, 100.0), reading(DAY_S / 2.0, 105.0)]);
        let value = |name: &str| {
            let figure = figures.iter().find(|figure| figure.name == name);
            figure.unwrap().value
        };
        assert!((value("total_begin") - 100.0).abs() < 1e-9);
        assert!((value("total_end") - 105.0).abs() < 1e-9);
        assert!((value("total_per_day") - 10.0).abs() < 1e-9);
        assert!((value(GROWTH) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn more_growth_than_readings_vary_by_is_a_failure() {
        let after_half_a_day = |mb: f64| {
            let reading = |seconds: f64, mb: f64| {
                let of = BTreeMap::from([(TOTAL.to_owned(), mb)]);
                (seconds, of)
            };
            growth(&judged(&[reading(0.0, 100.0), reading(DAY_S / 2.0, mb)]))
        };
        assert_eq!(after_half_a_day(101.0), None);
        assert_eq!(after_half_a_day(90.0), None);
        assert!(after_half_a_day(102.0).is_some_and(|percent| percent > 3.9));
    }
}
