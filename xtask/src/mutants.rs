//! Mutation testing: changes the rules of the domain one small piece at a time and expects a test
//! to fail for every change.
//!
//! A change that no test notices is a survivor. It is either answered by a test or accepted with
//! its reason in `.cargo/mutants.toml` and docs/mutation_testing.md; any other fails the run. A
//! change that makes a test run without end is noticed too.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process::{answers, run_to_end};
use crate::project::Project;

/// The version that is installed where none is.
const VERSION: &str = "27.1.0";
/// Random cases of each property while mutants are tested: a mutant that needs more is too rare
/// to be told apart from a sound rule by chance alone.
const PROPTEST_CASES: &str = "32";
/// A mutant whose tests take longer than this, and than five times the sound ones, runs without end.
const ENDLESS_S: &str = "20";
/// Which part of the slice's mutants is tested, taking turns over its modules: about a dozen, some
/// minutes of two cores. This shard has some of each module; `cargo mutants --list` shows which.
const SLICE_SHARD: &str = "38/104";
const SLICE_MODULES: [&str; 6] = [
    "clocks",
    "orders",
    "incidents",
    "dispatch",
    "whistle",
    "assessment",
];

/// The property that holds two computations against each other is left out: the tests worked out by
/// hand have to answer for each of them, and it takes a hundred times as long as all others.
const TWO_COMPUTATIONS: &str = "both_computations_agree_on_ten_thousand_events";

/// Exit codes of cargo-mutants for runs in which every mutant was noticed.
const ALL_CAUGHT: i32 = 0;
const SOME_ENDLESS: i32 = 3;
const SOME_MISSED: i32 = 2;

#[derive(Args, Debug, Clone, Default)]
pub struct MutantsArgs {
    /// Which modules; all of them when none is named
    #[arg(value_name = "MODULE")]
    modules: Vec<String>,
    /// Test only the small fixed part that the full tests run
    #[arg(long, conflicts_with = "modules")]
    slice: bool,
    /// List the modules
    #[arg(long)]
    list: bool,
}

/// A part of the domain whose mutants are tested together.
struct Module {
    name: &'static str,
    what: &'static str,
    /// Its files, as patterns under `crates/domain/src`.
    files: &'static [&'static str],
    /// The unit tests that are run for it, by parts of their names.
    tests: &'static [&'static str],
}

const MODULES: [Module; 9] = [
    Module {
        name: "clocks",
        what: "limits, calendars, deadlines, lamps",
        files: &["clocks.rs", "clocks/*.rs"],
        tests: &["clocks::"],
    },
    Module {
        name: "modes",
        what: "what an emergency mode changes, drills, filing conditions",
        files: &["modes.rs", "modes/*.rs", "drill.rs", "rules/conditions.rs"],
        tests: &["modes::", "drill::", "rules::"],
    },
    Module {
        name: "incidents",
        what: "the transition table and the fold of a trail",
        files: &["incidents.rs", "incidents/*.rs", "trail.rs", "trail/*.rs"],
        tests: &["incidents::", "trail::"],
    },
    Module {
        name: "orders",
        what: "the states of an order",
        files: &["orders.rs", "orders/*.rs"],
        tests: &["orders::"],
    },
    Module {
        name: "dispatch",
        what: "eligibility and ranking, with the reasons",
        files: &["dispatch.rs", "dispatch/*.rs"],
        tests: &["dispatch::"],
    },
    Module {
        name: "roster",
        what: "who is on duty, and who is addressed by an order to several",
        files: &["roster.rs", "addressees.rs"],
        tests: &["roster::", "addressees::"],
    },
    Module {
        name: "escalation",
        what: "who is asked next",
        files: &["escalation.rs", "escalation/*.rs"],
        tests: &["escalation::"],
    },
    Module {
        name: "whistle",
        what: "eligibility and scoring of whistles",
        files: &["whistle.rs", "whistle/*.rs"],
        tests: &["whistle::"],
    },
    Module {
        name: "assessment",
        what: "indicators and composite scores",
        files: &[
            "assessment.rs",
            "assessment/*.rs",
            "assessment/recompute/*.rs",
        ],
        tests: &["assessment::"],
    },
];

pub fn run(project: &Project, args: &MutantsArgs) -> Result<()> {
    if args.list {
        for module in &MODULES {
            println!("{:<12}{}", module.name, module.what);
        }
        return Ok(());
    }
    if args.slice {
        if let Some(skipped) = slice(project)? {
            println!("{skipped}");
        }
        return Ok(());
    }
    let chosen = choose(&args.modules)?;
    test(project, &chosen, None)
}

/// The part that the full tests run. Where cargo-mutants cannot be installed nothing is tested, and
/// the line that says so is returned for the end of the tests.
pub fn slice(project: &Project) -> Result<Option<String>> {
    let chosen = choose(&SLICE_MODULES.map(str::to_owned))?;
    if let Err(error) = cargo_mutants(project) {
        return Ok(Some(format!(
            "mutants: 已跳过，无法安装 cargo-mutants：{error:#}。 \
             SKIPPED, cargo-mutants cannot be installed."
        )));
    }
    test(project, &chosen, Some(SLICE_SHARD))?;
    Ok(None)
}

fn choose(names: &[String]) -> Result<Vec<&'static Module>> {
    if names.is_empty() {
        return Ok(MODULES.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            let known = || {
                let names: Vec<_> = MODULES.iter().map(|module| module.name).collect();
                format!("there is no module {name}; there are {}", names.join(", "))
            };
            let found = MODULES.iter().find(|module| module.name == name);
            found.with_context(known)
        })
        .collect()
}

fn test(project: &Project, modules: &[&Module], shard: Option<&str>) -> Result<()> {
    let mut command = cargo_mutants(project)?;
    command.args(arguments(modules, shard));
    command.arg("--output").arg(project.path("target"));
    command.args(["--", "--lib", "--"]);
    command.args(modules.iter().flat_map(|module| module.tests));
    command.args(["--skip", TWO_COMPUTATIONS]);
    command.env("PROPTEST_CASES", PROPTEST_CASES);
    // Each mutant is a small change of the one before, whatever the whole tests are built with.
    command.env("CARGO_INCREMENTAL", "1");
    // What stops cargo-mutants itself is a file or a process, which no trace of its calls explains.
    command.env("RUST_BACKTRACE", "0");
    // Every mutant is built and thrown away: nobody looks at it in a debugger.
    for profile in ["DEV", "TEST"] {
        command.env(format!("CARGO_PROFILE_{profile}_DEBUG"), "none");
    }
    let status = command
        .status()
        .context("cargo-mutants cannot be started")?;
    match status.code() {
        Some(ALL_CAUGHT | SOME_ENDLESS) => Ok(()),
        Some(SOME_MISSED) => {
            let missed = fs::read_to_string(project.path("target/mutants.out/missed.txt"));
            bail!(
                "no test noticed these changes; write a test that does, or accept them with the \
                 reason in .cargo/mutants.toml and docs/mutation_testing.md:\n{}",
                missed.unwrap_or_default()
            )
        }
        _ => bail!(
            "cargo-mutants failed ({status}); target/mutants.out has its logs, the last lines are:\n{}",
            last_lines(&project.path("target/mutants.out/debug.log"), 6)
        ),
    }
}

fn arguments(modules: &[&Module], shard: Option<&str>) -> Vec<String> {
    let words = "--package domain --no-shuffle --minimum-test-timeout";
    let mut arguments: Vec<String> = words.split(' ').map(str::to_owned).collect();
    arguments.push(ENDLESS_S.to_owned());
    for file in modules.iter().flat_map(|module| module.files) {
        arguments.push("--file".to_owned());
        arguments.push(format!("crates/domain/src/{file}"));
    }
    if let Some(shard) = shard {
        // Taking turns, so that every function gives some of its mutants.
        let words = ["--sharding", "round-robin", "--shard", shard];
        arguments.extend(words.map(str::to_owned));
    }
    arguments
}

/// The end of a log, or why it cannot be read.
fn last_lines(log: &Path, count: usize) -> String {
    match fs::read_to_string(log) {
        Ok(text) => {
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(count)..].join("\n")
        }
        Err(error) => format!("{}: {error}", log.display()),
    }
}

/// cargo-mutants as it is installed, or installed into the project's own tools first.
fn cargo_mutants(project: &Project) -> Result<Command> {
    if answers(project.cargo().args(["mutants", "--version"])) {
        let mut command = project.cargo();
        command.arg("mutants");
        return Ok(command);
    }
    let tools = project.path("target/tools");
    let program = tools.join("bin/cargo-mutants");
    if !program.is_file() {
        println!(
            "安装 cargo-mutants 到 target/tools。 cargo-mutants is installed into target/tools; \
             it changes the rules and sees whether a test notices."
        );
        let mut cargo = project.cargo();
        // Unoptimised it is there minutes sooner, and nearly all of its time goes by in cargo.
        cargo.args(["install", "--locked", "--debug", "cargo-mutants"]);
        cargo.args(["--version", VERSION]);
        run_to_end("installing cargo-mutants", cargo.arg("--root").arg(&tools))?;
    }
    // Everything that project.cargo() arranges holds for cargo's own subcommands too.
    let mut command = project.cargo();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(tools.join("bin")).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(dirs)?);
    command.arg("mutants");
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slice_takes_turns_over_its_modules() {
        let modules = choose(&SLICE_MODULES.map(str::to_owned)).unwrap();
        let arguments = arguments(&modules, Some(SLICE_SHARD)).join(" ");
        for part in [
            "--file crates/domain/src/clocks/*.rs",
            "--file crates/domain/src/orders.rs",
            "--file crates/domain/src/incidents/*.rs",
            "--file crates/domain/src/dispatch.rs",
            "--file crates/domain/src/whistle/*.rs",
            "--file crates/domain/src/assessment/recompute/*.rs",
            "--sharding round-robin --shard 38/104",
        ] {
            assert!(arguments.contains(part), "{arguments}");
        }
        assert!(!arguments.contains("roster"), "{arguments}");
    }

    #[test]
    fn no_file_belongs_to_two_modules() {
        let mut files: Vec<&str> = MODULES.iter().flat_map(|m| m.files).copied().collect();
        let count = files.len();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), count);
    }

    #[test]
    fn an_unknown_module_is_answered_with_the_known_ones() {
        let error = choose(&["clock".to_owned()]).err().unwrap().to_string();
        assert!(
            error.contains("no module clock") && error.contains("whistle"),
            "{error}"
        );
        assert_eq!(choose(&[]).unwrap().len(), MODULES.len());
    }
}
