//! Many halls and one backend in simulated time: more seeds than the tests run, and the search for
//! seeds that notice an engine that was broken on purpose.

use anyhow::Result;
use clap::Args;

use crate::process::run_to_end;
use crate::project::Project;

#[derive(Args, Debug, Clone)]
pub struct SimArgs {
    /// Seeds to run, such as 0..2000
    #[arg(long, value_name = "A..B", default_value = "0..1000")]
    seeds: String,
    /// Break the engine in this way and look for a seed that notices it
    #[arg(long, value_name = "NAME")]
    broken: Option<String>,
    /// Break it in every way, one after the other
    #[arg(long, conflicts_with = "broken")]
    every_broken: bool,
    /// Run each seed twice and compare the two histories line by line
    #[arg(long, conflicts_with_all = ["broken", "every_broken"])]
    twice: bool,
    /// Write what everybody does to the standard error; for one seed
    #[arg(long)]
    trace: bool,
}

pub fn run(project: &Project, args: &SimArgs) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(["run", "--quiet", "--release", "-p", "simulation", "--"]);
    cargo.args(["--seeds", &args.seeds]);
    if let Some(name) = &args.broken {
        cargo.args(["--broken", name]);
    }
    if args.every_broken {
        cargo.arg("--every-broken");
    }
    if args.twice {
        cargo.arg("--twice");
    }
    if args.trace {
        cargo.arg("--trace");
    }
    run_to_end("the simulation", &mut cargo)
}
