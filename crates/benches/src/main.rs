//! Measures the project's own libraries against named peers, in an optimised build.
//!
//! `cargo xtask bench NAME` builds and starts this program. Each scenario is one file with a
//! function `run`; it finds its data, lets the contestants take turns ([`report::take_turns`]) and
//! fills a [`report::Report`], which prints a table and the machine-readable lines. What a scenario
//! compares is checked to be equal before anything is timed: a fast wrong answer has no ratio.

// This is a command-line program: printing is its way of speaking.
#![allow(clippy::print_stdout)]

mod dice;
mod feed;
mod grid_lookup;
mod map_pick;
mod nearest;
mod networks;
mod order;
mod report;
mod road_route;

use anyhow::{Result, bail};
use clap::Parser;

use report::Report;

/// How often each contestant runs at least: fewer have no median worth the name.
const LEAST_RUNS: usize = 5;

#[derive(Parser)]
#[command(name = "benches", about = "Measures the project's libraries")]
struct Args {
    /// Which scenario
    name: String,
    /// How often each contestant runs; figures are medians
    #[arg(long, default_value_t = LEAST_RUNS)]
    runs: usize,
}

/// What a scenario is given.
#[derive(Debug, Clone)]
pub struct Setting {
    /// How often each contestant runs after its warm-up.
    pub runs: usize,
}

/// Every scenario by its name; `xtask/src/bench.rs` lists the same names with what they measure.
const SCENARIOS: &[(&str, Run)] = &[
    ("feed", feed::run),
    ("grid-lookup", grid_lookup::run),
    ("map-pick", map_pick::run),
    ("nearest", nearest::run),
    ("order", order::run),
    ("road-route", road_route::run),
];

type Run = fn(&Setting, &mut Report) -> Result<()>;

fn main() -> Result<()> {
    let args = Args::parse();
    let Some((name, run)) = SCENARIOS.iter().find(|(name, _)| *name == args.name) else {
        bail!("there is no scenario {}", args.name);
    };
    let setting = Setting {
        runs: args.runs.max(LEAST_RUNS),
    };
    let mut report = Report::new(name);
    run(&setting, &mut report)?;
    report.print();
    Ok(())
}
