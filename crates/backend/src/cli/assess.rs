//! `assess`: the indicators of a time, for whoever wants to follow a number to its incidents.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use backend::assessing::query::{self, Grouping, Part, read_date, read_instant};
use backend::assessing::{Ledger, answer};
use backend::clock::{Clock as _, RealClock};
use clap::Args;
use domain::Timestamp;
use domain::assessment::{By, Table};
use time::Date;

use super::assess_text;

/// What `assess` is asked for.
#[derive(Debug, Args)]
pub struct AssessOptions {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// First day, such as 2026-11-01.
    #[arg(long, value_name = "DATE", value_parser = read_date)]
    from: Date,
    /// Last day, included.
    #[arg(long, value_name = "DATE", value_parser = read_date)]
    to: Date,
    /// One block of figures for each; default: only the total.
    #[arg(long, value_enum, value_name = "GROUP")]
    by: Option<Grouping>,
    /// One table for each day, week or month.
    #[arg(long, value_enum, value_name = "PART")]
    each: Option<Part>,
    /// Show the incidents behind every number, as INCIDENT/STEP of its trail.
    #[arg(long)]
    ids: bool,
    /// Leave out complaints that are flagged as unreasonable; default: both figures.
    #[arg(long)]
    without_unreasonable: bool,
    /// Folder of rules files; default: the rules in force in the database.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// The instant from which it is seen, such as 2026-11-20T18:00:00+08:00; default: now.
    #[arg(long, value_name = "TIME", value_parser = read_instant)]
    as_of: Option<Timestamp>,
    /// JSON for machines, with all ids.
    #[arg(long)]
    json: bool,
}

/// Prints the assessment; fails when the trail is broken or the two computations differ.
pub fn run(options: &AssessOptions) -> Result<()> {
    let parts = query::periods(options.from, options.to, options.each)?;
    let rules = match &options.rules {
        Some(folder) => Some(rules::load_dir(folder)?),
        None => None,
    };
    let ledger = Ledger::open(&options.data_dir, rules)?;
    let now = options.as_of.unwrap_or_else(|| RealClock.now());
    let by = options.by.map_or(By::Whole, By::from);
    let mut tables = Vec::new();
    for period in parts {
        tables.push(ledger.table(period, by, now)?);
    }
    match write(options, &ledger, &tables) {
        // Whoever reads has seen enough, such as `head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("无法输出 / the output cannot be written"),
    }
}

fn write(options: &AssessOptions, ledger: &Ledger, tables: &[Table]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if options.json {
        serde_json::to_writer_pretty(&mut out, &answer(ledger, tables))?;
        writeln!(out)?;
    } else {
        let shown = assess_text::Shown {
            has_ids: options.ids,
            is_reasonable_only: options.without_unreasonable,
        };
        assess_text::write_head(&mut out, ledger)?;
        for table in tables {
            assess_text::write_table(&mut out, ledger, table, shown)?;
        }
    }
    out.flush()
}
