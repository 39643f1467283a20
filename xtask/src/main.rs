//! `cargo xtask`: the project's own commands, from building the screens to measuring the app.
//!
//! `./hall run` and `./hall test` install what is missing and then come here. Everything that a
//! developer types regularly is a subcommand; `cargo xtask --help` lists them.

// This is a command-line program: printing is its way of speaking.
#![allow(clippy::print_stdout)]

mod build_ui;
mod display;
mod libtest;
mod process;
mod project;
mod run;
mod screen_dump;
mod test;
mod tidy;

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
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let project = Project::find()?;
    match cli.command {
        Command::BuildUi(args) => build_ui::run(&project, &args),
        Command::Run(args) => run::run(&project, &args),
        Command::Test(args) => test::run(&project, &args),
        Command::Tidy => tidy::run(&project),
    }
}
