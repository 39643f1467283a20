//! The streethall desktop application: reads the command line and starts the shell.

use std::process::ExitCode;

use clap::Parser as _;
use streethall::Options;

fn main() -> ExitCode {
    let started = tokio::time::Instant::now();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,streethall=info")),
        )
        .with_writer(std::io::stderr)
        .init();
    match streethall::run(Options::parse(), started) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
