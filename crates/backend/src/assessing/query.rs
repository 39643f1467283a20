//! What an assessment is asked for: days, groups and parts, the same on the command line and on the
//! wire.

use clap::ValueEnum;
use domain::Timestamp;
use domain::assessment::{By, Each, Period};
use domain::places::GridLevel;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// More tables than anyone reads: a year of days and a month.
const MOST_TABLES: usize = 400;

/// One block of figures for each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grouping {
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

/// One table for each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
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

/// Why no tables can be made of a question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The days run backwards.
    #[error("最后一日 {to} 早于第一日 {from} / the last day {to} is before the first {from}")]
    Backwards {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// More tables than anyone reads.
    #[error(
        "{count} 张表太多，最多 {MOST_TABLES} 张：请缩短时段或按月分表 / \
         {count} tables are too many, the most is {MOST_TABLES}: take a shorter time or one table \
         for each month"
    )]
    TooMany {
        /// How many there would be.
        count: usize,
    },
}

/// The periods of the tables: the whole from the first day to the last, or its parts.
pub fn periods(from: Date, to: Date, each: Option<Part>) -> Result<Vec<Period>, QueryError> {
    if to < from {
        return Err(QueryError::Backwards { from, to });
    }
    let whole = Period::of_days(from, to);
    let Some(part) = each else {
        return Ok(vec![whole]);
    };
    // Days are counted before they are made: two dates can lie thousands of years apart.
    let days = (to - from).whole_days();
    let least = match part {
        Part::Day => days + 1,
        Part::Week => days / 7,
        Part::Month => days / 31,
    };
    let least = usize::try_from(least).unwrap_or(usize::MAX);
    if least > MOST_TABLES {
        return Err(QueryError::TooMany { count: least });
    }
    let parts = whole.split(part.into());
    if parts.len() > MOST_TABLES {
        return Err(QueryError::TooMany { count: parts.len() });
    }
    Ok(parts)
}

/// A day, written `2026-11-20`.
pub fn read_date(text: &str) -> Result<Date, String> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]"));
    date.ok()
        .filter(|date| (1900..=9998).contains(&date.year()))
        .ok_or_else(|| "日期应如 2026-11-20 / a date is written 2026-11-20".to_owned())
}

/// An instant, written `2026-11-20T18:00:00+08:00`.
pub fn read_instant(text: &str) -> Result<Timestamp, String> {
    let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
        "时刻应如 2026-11-20T18:00:00+08:00 / a time is written 2026-11-20T18:00:00+08:00"
            .to_owned()
    })?;
    Ok(Timestamp::from_unix_ms(
        instant.unix_timestamp().saturating_mul(1_000),
    ))
}

/// One of the values of an enumeration, by the name that the command line has for it.
pub fn read_value<T: ValueEnum>(text: &str) -> Result<T, String> {
    T::from_str(text, false).map_err(|_| {
        let known = T::value_variants().iter();
        let names: Vec<String> = known
            .filter_map(|value| Some(value.to_possible_value()?.get_name().to_owned()))
            .collect();
        let names = names.join(", ");
        format!("应为 {names} 之一 / one of {names} is needed")
    })
}
