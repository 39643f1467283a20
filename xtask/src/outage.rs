//! Three days without the line with many local actions, in an optimised build: how long the queue
//! takes to drain, after everything has been counted.

use anyhow::Result;

use crate::process::run_to_end;
use crate::project::Project;

#[derive(clap::Args)]
pub struct OutageArgs {
    /// How many local actions wait for the line
    #[arg(long, default_value_t = 10_000)]
    actions: u32,
}

pub fn run(project: &Project, args: &OutageArgs) -> Result<()> {
    let test = "outage::three_days_without_the_line_lose_nothing_and_do_nothing_twice";
    let mut cargo = project.cargo();
    cargo
        .args(["test", "--release", "-p", "hall_api", "--test", "hall"])
        .args(["--", "--exact", test, "--nocapture"])
        .env("STREETHALL_TEST_OUTAGE_ACTIONS", args.actions.to_string());
    run_to_end("cargo test", &mut cargo)
}
