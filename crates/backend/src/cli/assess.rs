//! `assess`: the indicators of a time, for whoever wants to follow a number to its incidents.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use backend::assessing::Ledger;
use backend::clock::{Clock as _, RealClock};
use clap::{Args, ValueEnum};
use domain::Timestamp;
use domain::assessment::{By, Each, Period, Table};
use domain::places::GridLevel;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::assess_text;

/// More tables than anyone reads: a year of days and a month.
const MOST_TABLES: usize = 400;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Grouping {
    /// 社区.
    Community,
    /// 一般网格.
    Grid,
    /// 微网格.
    MicroGrid,
    /// 单元网格.
    UnitGrid,
    /// 专属网格.
    ExclusiveGrid,
    /// 责任网格.
    ResponsibilityGrid,
    /// 部门.
    Department,
    /// 人员.
    Person,
    /// 小类.
    Category,
    /// 大类.
    MajorCategory,
    /// 来源.
    Channel,
}

impl From<Grouping> for By {
    fn from(grouping: Grouping) -> Self {
        match grouping {
            Grouping::Community => Self::Grid(GridLevel::Community),
            Grouping::Grid => Self::Grid(GridLevel::General),
            Grouping::MicroGrid => Self::Grid(GridLevel::Micro),
            Grouping::UnitGrid => Self::Grid(GridLevel::Unit),
            Grouping::ExclusiveGrid => Self::Grid(GridLevel::Exclusive),
            Grouping::ResponsibilityGrid => Self::ResponsibilityGrid,
            Grouping::Department => Self::Department,
            Grouping::Person => Self::Person,
            Grouping::Category => Self::MinorCategory,
            Grouping::MajorCategory => Self::MajorCategory,
            Grouping::Channel => Self::Channel,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Part {
    /// Each day.
    Day,
    /// Each week, from Monday on.
    Week,
    /// Each calendar month.
    Month,
}

impl From<Part> for Each {
    fn from(part: Part) -> Self {
        match part {
            Part::Day => Self::Day,
            Part::Week => Self::Week,
            Part::Month => Self::Month,
        }
    }
}

fn read_date(text: &str) -> Result<Date, String> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]"));
    date.ok()
        .filter(|date| (1900..=9998).contains(&date.year()))
        .ok_or_else(|| "日期应如 2026-11-20 / a date is written 2026-11-20".to_owned())
}

fn read_instant(text: &str) -> Result<Timestamp, String> {
    let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
        "时刻应如 2026-11-20T18:00:00+08:00 / a time is written 2026-11-20T18:00:00+08:00"
            .to_owned()
    })?;
    Ok(Timestamp::from_unix_ms(
        instant.unix_timestamp().saturating_mul(1_000),
    ))
}

/// Prints the assessment; fails when the trail is broken or the two computations differ.
pub fn run(options: &AssessOptions) -> Result<()> {
    if options.to < options.from {
        bail!(
            "--to {1} 早于 --from {0} / the last day {1} is before the first {0}",
            options.from,
            options.to
        );
    }
    let whole = Period::of_days(options.from, options.to);
    let parts = match options.each {
        Some(part) => whole.split(part.into()),
        None => vec![whole],
    };
    if parts.len() > MOST_TABLES {
        bail!(
            "{0} 张表太多，最多 {MOST_TABLES} 张：请缩短时段或改用 --each month / \
             {0} tables are too many, the most is {MOST_TABLES}: take a shorter time or --each month",
            parts.len()
        );
    }
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
        let tables: Vec<_> = tables
            .iter()
            .map(|table| assess_text::as_json(ledger, table))
            .collect();
        let value = json!({
            "chain": { "links": ledger.verified.links, "head": ledger.verified.head },
            "assessed_by_rules": ledger.rules.version,
            "do_both_computations_agree": true,
            "tables": tables,
        });
        serde_json::to_writer_pretty(&mut out, &value)?;
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
