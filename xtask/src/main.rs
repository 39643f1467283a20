//! `cargo xtask`: the project's own commands, from building the screens to measuring the app.
//!
//! `./hall run` and `./hall test` install what is missing and then come here. Everything that a
//! developer types regularly is a subcommand; `cargo xtask --help` lists them.

// This is a command-line program: printing is its way of speaking.
#![allow(clippy::print_stdout)]

mod backend_client;
mod bench;
mod build_ui;
mod compare_browsers;
mod corpora;
mod display;
mod driven_hall;
mod fuzz;
mod import_roads;
mod kill;
mod libtest;
mod mutants;
mod outage;
mod process;
mod project;
mod replay;
mod run;
mod screen_dump;
mod shots;
mod sim;
mod sprites;
mod test;
mod tidy;
mod tracks;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::project::Project;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "街道城运指挥大厅的开发命令 · the project's own commands",
    version
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the screens and the map module into target/ui-dist
    BuildUi(build_ui::BuildUiArgs),
    /// Build the hall and start it (what ./hall run does once everything is installed)
    Run(run::RunArgs),
    /// Run every check and test (what ./hall test does once everything is installed)
    Test(test::TestArgs),
    /// Check the rules of the house: dependency arrows, module docs, colours, clocks, sizes, names
    Tidy,
    /// Change the domain's rules piece by piece and expect a test to fail for every change
    Mutants(mutants::MutantsArgs),
    /// Feed recorded positions (CSV, gzip or plain) into a running backend as people's positions
    Replay(replay::ReplayArgs),
    /// Load a road graph (GeoJSON edges with from/to) into a running backend
    ImportRoads(import_roads::ImportRoadsArgs),
    /// Make the pictures of both windows in docs/shots
    Shots(shots::ShotsArgs),
    /// Draw the icons of the shipped map styles into assets/map_styles/sprites
    Sprites,
    /// Fetch the npm packages that tests compare with into target/npm
    Corpora,
    /// Search for inputs that bring down what reads them
    Fuzz(fuzz::FuzzArgs),
    /// Kill the process that queues orders at many instants: what it promised is there, once
    Kill(kill::KillArgs),
    /// Cut the line for three days of a busy street, and drain what has waited
    Outage(outage::OutageArgs),
    /// Run halls, backend, network and disks in simulated time, each seed another history
    Sim(sim::SimArgs),
    /// Draw one scene natively, in Chromium and in WebKitGTK, and compare the pictures
    CompareBrowsers,
    /// Measure; without a name, list the scenarios
    Bench(bench::BenchArgs),
}

fn main() -> ExitCode {
    match obey(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain of causes on one line; a backtrace would hide what to do.
            eprintln!("\n错误 error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(cli: Cli) -> anyhow::Result<()> {
    let project = Project::find()?;
    match cli.command {
        Command::BuildUi(args) => build_ui::run(&project, &args),
        Command::Run(args) => run::run(&project, &args),
        Command::Test(args) => test::run(&project, &args),
        Command::Tidy => tidy::run(&project),
        Command::Mutants(args) => mutants::run(&project, &args),
        Command::Replay(args) => replay::run(&project, &args),
        Command::ImportRoads(args) => import_roads::run(&project, &args),
        Command::Shots(args) => shots::run(&project, &args),
        Command::Sprites => sprites::run(&project),
        Command::Corpora => corpora::run(&project),
        Command::Fuzz(args) => fuzz::run(&project, &args),
        Command::Kill(args) => kill::run(&project, &args),
        Command::Outage(args) => outage::run(&project, &args),
        Command::Sim(args) => sim::run(&project, &args),
        Command::CompareBrowsers => compare_browsers::run(&project),
        Command::Bench(args) => bench::run(&project, &args),
    }
}
