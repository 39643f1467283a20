//! The backend as a program of its own.

mod check_grids;
mod cli;
mod rules_files;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        // A closed standard error must not end a backend that halls rely on.
        .log_internal_errors(false)
        .init();
    match cli::run(cli::Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::debug!(?error, "ended with an error");
            cli::say(&format!("streethall-backend: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
