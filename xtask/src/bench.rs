//! Measures, and prints a table and machine-readable lines: `figure SCENARIO NAME VALUE UNIT`.
//!
//! A benchmark is never a timed test: nothing here fails because a machine is slow.
//!
//! Scenarios of the whole app are measured here, one file each. Scenarios of a library are files
//! of `crates/benches`, which is built optimised and started by [`measure_library`]; it prints the
//! same lines. Either kind is registered in [`SCENARIOS`].

mod ipc;
pub mod map;
mod memory;
mod soak;
mod start;

use anyhow::{Result, bail};
use clap::Args;

use crate::project::Project;

#[derive(Args, Debug, Clone)]
pub struct BenchArgs {
    /// Which scenarios; without one, they are listed
    names: Vec<String>,
    /// How often each is run; figures are medians
    #[arg(long, value_name = "N", default_value_t = 5)]
    runs: usize,
    /// Of scenarios with contestants, only these
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,
    /// Use the quick build
    #[arg(long)]
    dev: bool,
    /// Of scenarios that take many minutes, only a part, for trying
    #[arg(long)]
    short: bool,
}

struct Scenario {
    name: &'static str,
    what: &'static str,
    measured: Measured,
}

enum Measured {
    /// On the running app, by a function here.
    App(fn(&Project, &BenchArgs) -> Result<Vec<Figure>>),
    /// On the map beside other maps, in a browser; it prints its own tables.
    Map(fn(&Project, &BenchArgs) -> Result<()>),
    /// On a library, by the scenario of the same name in `crates/benches`.
    Library,
}

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "start",
        what: "cold start of the real app to a drawn map, its memory and its frames",
        measured: Measured::App(start::run),
    },
    Scenario {
        name: "memory",
        what: "a day of the street in minutes, in both windows: what the app and its web processes grow",
        measured: Measured::App(soak::run),
    },
    Scenario {
        name: "ipc",
        what: "one command from the desk's window to the shell and back",
        measured: Measured::App(ipc::run),
    },
    Scenario {
        name: "order",
        what: "from the outbox's call to the disk and to the receipt, beside a bare commit and round trip",
        measured: Measured::Library,
    },
    Scenario {
        name: "feed",
        what: "from the backend through the cache into the frames of a window, and a whole city's snapshot",
        measured: Measured::Library,
    },
    Scenario {
        name: "map-move",
        what: "ten thousand people move in every frame, beside MapLibre GL JS, deck.gl and a bare page",
        measured: Measured::Map(map::everybody_moves),
    },
    Scenario {
        name: "map-one",
        what: "one of a hundred thousand people moves, beside MapLibre GL JS",
        measured: Measured::Map(map::one_moves),
    },
    Scenario {
        name: "map-pan",
        what: "a journey over a real city with the day's load, beside MapLibre GL JS",
        measured: Measured::Map(map::journey),
    },
    Scenario {
        name: "map-load",
        what: "from nothing to the first whole picture, beside MapLibre GL JS",
        measured: Measured::Map(map::cold_start),
    },
    Scenario {
        name: "grid-lookup",
        what: "point to the grids of all levels in a district of 11,000 unit grids",
        measured: Measured::Library,
    },
    Scenario {
        name: "map-pick",
        what: "who of a hundred thousand gliding people and which of 11,000 areas lie under the cursor",
        measured: Measured::Library,
    },
    Scenario {
        name: "nearest",
        what: "the ten best responders by road among a hundred thousand, with the reasons",
        measured: Measured::Library,
    },
    Scenario {
        name: "road-route",
        what: "one way by road with its line, in a city, a real quarter and the demo street",
        measured: Measured::Library,
    },
];

/// One measured number.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: String,
}

impl Figure {
    pub fn new(name: impl Into<String>, value: f64, unit: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value,
            unit: unit.into(),
        }
    }
}

pub fn run(project: &Project, args: &BenchArgs) -> Result<()> {
    if args.names.is_empty() {
        for scenario in SCENARIOS {
            println!("{:<12}{}", scenario.name, scenario.what);
        }
        return Ok(());
    }
    let known = |name: &String| SCENARIOS.iter().find(|scenario| scenario.name == *name);
    if let Some(unknown) = args.names.iter().find(|name| known(name).is_none()) {
        bail!("there is no scenario {unknown}; cargo xtask bench lists them");
    }
    for scenario in args.names.iter().filter_map(known) {
        println!("== {} · {}", scenario.name, scenario.what);
        let figures = match scenario.measured {
            Measured::App(run) => run(project, args)?,
            Measured::Map(run) => {
                run(project, args)?;
                continue;
            }
            Measured::Library => {
                measure_library(project, args, scenario.name)?;
                continue;
            }
        };
        print(scenario.name, &figures);
    }
    Ok(())
}

/// Prints what was measured, for people and for machines.
fn print(scenario: &str, figures: &[Figure]) {
    for figure in figures {
        println!("{:<28}{:>12.1} {}", figure.name, figure.value, figure.unit);
    }
    for figure in figures {
        println!(
            "figure {scenario} {} {:.1} {}",
            figure.name, figure.value, figure.unit
        );
    }
}

/// Builds `crates/benches` and lets it measure one scenario; it prints the figures itself.
fn measure_library(project: &Project, args: &BenchArgs, name: &str) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(["run", "--quiet", "--package", "benches"]);
    if !args.dev {
        cargo.arg("--release");
    }
    let runs = args.runs.to_string();
    let status = cargo.args(["--", name, "--runs", &runs]).status()?;
    if !status.success() {
        bail!("the scenario {name} ended with {status}");
    }
    Ok(())
}

/// For each name, the median over the runs that have it, in the order of first appearance.
pub fn medians(runs: &[Vec<Figure>]) -> Vec<Figure> {
    let mut names: Vec<&Figure> = Vec::new();
    for figure in runs.iter().flatten() {
        if !names.iter().any(|known| known.name == figure.name) {
            names.push(figure);
        }
    }
    names
        .into_iter()
        .map(|first| {
            let mut values: Vec<f64> = runs
                .iter()
                .flatten()
                .filter(|figure| figure.name == first.name)
                .map(|figure| figure.value)
                .collect();
            values.sort_by(f64::total_cmp);
            let middle = values.len() / 2;
            let median = if values.len().is_multiple_of(2) {
                f64::midpoint(values[middle - 1], values[middle])
            } else {
                values[middle]
            };
            Figure::new(first.name.clone(), median, first.unit.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_taken_name_by_name() {
        let run = |map: f64, memory: Option<f64>| {
            let mut figures = vec![Figure::new("map", map, "ms")];
            figures.extend(memory.map(|value| Figure::new("memory", value, "MB")));
            figures
        };
        let runs = [run(9.0, Some(1.0)), run(2.0, None), run(4.0, Some(2.0))];
        assert_eq!(
            medians(&runs),
            [
                Figure::new("map", 4.0, "ms"),
                Figure::new("memory", 1.5, "MB")
            ]
        );
        assert_eq!(medians(&[]), []);
    }
}
