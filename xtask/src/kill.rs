//! Kills the outbox's process again and again, while it queues without a line and while it orders
//! over a bad one, and checks that nothing it promised is missing or there twice.

use std::process::Command;

use anyhow::Result;

use crate::process::run_to_end;
use crate::project::Project;

#[derive(clap::Args)]
pub struct KillArgs {
    /// How often
    #[arg(long, default_value_t = 500)]
    times: u32,
    /// Seed from which the instants are drawn; a fresh one is drawn and printed otherwise
    #[arg(long)]
    seed: Option<u64>,
}

pub fn run(project: &Project, args: &KillArgs) -> Result<()> {
    let tests = [
        "killed::what_a_killed_process_said_was_queued_is_delivered_once_and_in_order",
        "killed_at_work::a_process_killed_while_it_orders_over_a_bad_line_leaves_nothing_out_and_nothing_twice",
    ];
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "test",
            "-p",
            "hall_api",
            "--test",
            "hall",
            "--",
            "--exact",
            "--nocapture",
        ])
        .args(tests)
        .env("STREETHALL_TEST_KILLS", args.times.to_string())
        .current_dir(project.path(""));
    if let Some(seed) = args.seed {
        cargo.env("STREETHALL_TEST_KILL_SEED", seed.to_string());
    }
    run_to_end("cargo test", &mut cargo)
}
