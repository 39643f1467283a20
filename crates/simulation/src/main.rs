//! `cargo xtask sim` comes here: runs seeds on all processors and says which broke what.

// This is a command-line program: printing is its way of speaking.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use simulation::{Variant, in_parallel, run};

#[derive(Parser)]
#[command(about = "模拟多个大厅与一个后台 · many halls and one backend in simulated time")]
struct Cli {
    /// Seeds to run, such as 0..200
    #[arg(long, default_value = "0..200", value_parser = seeds)]
    seeds: std::ops::Range<u64>,
    /// Break the engine in this way and look for a seed that notices it
    #[arg(long)]
    broken: Option<Variant>,
    /// Write what everything does to the standard error; for one seed
    #[arg(long)]
    trace: bool,
    /// Run each seed twice and look whether it is the same history
    #[arg(long, conflicts_with = "broken")]
    twice: bool,
    /// Break it in every way, one after the other
    #[arg(long, conflicts_with = "broken")]
    every_broken: bool,
}

fn seeds(text: &str) -> Result<std::ops::Range<u64>, String> {
    let parsed = text
        .split_once("..")
        .and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    parsed.ok_or_else(|| format!("{text} is no range of seeds such as 0..200"))
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.trace {
        tracing_subscriber::fmt()
            .without_time()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(std::io::stderr)
            .init();
    }
    let mut is_fine = true;
    if cli.every_broken {
        for variant in Variant::all() {
            is_fine &= search(&cli.seeds, variant);
        }
    } else if let Some(variant) = cli.broken {
        is_fine = search(&cli.seeds, variant);
    } else if cli.twice {
        is_fine = run_twice(&cli.seeds);
    } else {
        is_fine = run_all(&cli.seeds);
    }
    if is_fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs all seeds; says of each that broke a promise which one.
fn run_all(seeds: &std::ops::Range<u64>) -> bool {
    let (wishes, calls) = (AtomicU64::new(0), AtomicU64::new(0));
    let broken = Mutex::new(0u64);
    in_parallel(seeds.clone(), |seed| {
        let outcome = run(seed, None);
        wishes.fetch_add(outcome.wishes as u64, Ordering::Relaxed);
        calls.fetch_add(outcome.calls, Ordering::Relaxed);
        if !outcome.violations.is_empty() {
            *broken.lock().expect("no thread panics while it holds this") += 1;
            println!("seed {} BROKEN", outcome.seed);
            for what in outcome.violations.iter().take(5) {
                println!("    {what}");
            }
        }
        true
    });
    let broken = *broken.lock().expect("no thread panics while it holds this");
    println!(
        "seeds {seeds:?}: {broken} broken, {} wishes, {} calls",
        wishes.load(Ordering::Relaxed),
        calls.load(Ordering::Relaxed)
    );
    broken == 0
}

/// Runs each seed twice; says where the two histories part.
fn run_twice(seeds: &std::ops::Range<u64>) -> bool {
    let parted = AtomicU64::new(0);
    in_parallel(seeds.clone(), |seed| {
        if let Some(parting) = run(seed, None).parting(&run(seed, None)) {
            parted.fetch_add(1, Ordering::Relaxed);
            println!("seed {seed} is TWO HISTORIES: {parting}");
        }
        true
    });
    let parted = parted.into_inner();
    println!("seeds {seeds:?}: {parted} are not the same history every time");
    parted == 0
}

/// Looks for the first seeds that notice a variant.
fn search(seeds: &std::ops::Range<u64>, variant: Variant) -> bool {
    let found = Mutex::new(Vec::new());
    in_parallel(seeds.clone(), |seed| {
        let outcome = run(seed, Some(variant));
        if outcome.violations.is_empty() {
            return true;
        }
        let mut found = found.lock().expect("no thread panics while it holds this");
        found.push((outcome.seed, outcome.violations[0].clone()));
        found.len() < 3
    });
    let mut found = found
        .into_inner()
        .expect("no thread panics while it holds this");
    found.sort();
    match found.first() {
        None => println!("{variant}: NOT NOTICED in seeds {seeds:?}"),
        Some((seed, what)) => {
            let all: Vec<u64> = found.iter().map(|(seed, _)| *seed).collect();
            println!("{variant}: seeds {all:?}; {seed}: {}", clip(what));
        }
    }
    !found.is_empty()
}

fn clip(what: &str) -> String {
    what.chars().take(220).collect()
}
