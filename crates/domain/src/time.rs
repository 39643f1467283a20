//! Instants and the street's local calendar.
//!
//! China keeps one civil time (UTC+8) without daylight saving since 1991, so the local calendar
//! is an exact offset and needs no time-zone data.

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::ids::IdError;

/// Milliseconds of one minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds of one hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds of one day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

const CHINA_OFFSET_MS: i64 = 8 * HOUR_MS;
/// The last instant that the civil calendar of the `time` crate can hold (31 December 9999).
const MAX_MS: i64 = 253_402_300_799_999 - CHINA_OFFSET_MS;
/// Instants before 1 January 1900 do not occur in a command hall and are clamped there.
const MIN_MS: i64 = -2_208_988_800_000;

/// An instant in milliseconds since 1970-01-01T00:00:00Z, clamped to the years 1900–9999 so that
/// every value has a civil date.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(from = "i64", into = "i64")]
pub struct Timestamp(i64);

impl From<i64> for Timestamp {
    fn from(unix_ms: i64) -> Self {
        Self::from_unix_ms(unix_ms)
    }
}

impl From<Timestamp> for i64 {
    fn from(at: Timestamp) -> Self {
        at.0
    }
}

impl Timestamp {
    /// The instant `unix_ms` milliseconds after the epoch.
    pub const fn from_unix_ms(unix_ms: i64) -> Self {
        Self(if unix_ms < MIN_MS {
            MIN_MS
        } else if unix_ms > MAX_MS {
            MAX_MS
        } else {
            unix_ms
        })
    }

    /// The instant that a text in RFC 3339 names, with its offset, such as
    /// `2026-11-20T18:30:00+08:00`; fractions of a millisecond are cut off.
    ///
    /// Unix time has no leap seconds. The second 23:59:60 UTC (07:59:60 in China) at the end of a
    /// month is therefore read as the last millisecond of the minute that it lengthens, so that
    /// it stays on its day and before everything that follows it; a 60th second at any other time
    /// is refused like every other time that does not exist.
    pub fn from_rfc3339(text: &str) -> Result<Self, IdError> {
        OffsetDateTime::parse(text.trim(), &Rfc3339)
            .map(|at| Self::from_unix_ms(at.unix_timestamp_nanos().div_euclid(1_000_000) as i64))
            .map_err(|_| IdError {
                text: text.to_owned(),
                expected: "a time with its offset such as 2026-11-20T18:30:00+08:00 (RFC 3339)",
            })
    }

    /// Milliseconds since the epoch.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms` milliseconds, clamped to the calendar.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The civil date and time in China.
    pub fn local(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC))
    }

    /// The civil date in China.
    pub fn local_date(self) -> Date {
        self.local().date()
    }

    /// The instant at which the local day of this instant began.
    pub const fn local_day_start(self) -> Self {
        Self((self.0 + CHINA_OFFSET_MS).div_euclid(DAY_MS) * DAY_MS - CHINA_OFFSET_MS)
    }

    /// Milliseconds since local midnight, in `0..86_400_000`.
    pub const fn local_ms_of_day(self) -> i64 {
        (self.0 + CHINA_OFFSET_MS).rem_euclid(DAY_MS)
    }

    /// The local hour of the day, in `0..24`.
    pub const fn local_hour(self) -> u8 {
        (self.local_ms_of_day() / HOUR_MS) as u8
    }

    /// The local minute of the day, in `0..1440`.
    pub const fn local_minute_of_day(self) -> u16 {
        (self.local_ms_of_day() / MINUTE_MS) as u16
    }

    /// `14:05`, the local time that a clock on the wall shows.
    pub fn local_hm(self) -> String {
        let minute = self.local_minute_of_day();
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }

    /// `14:05:09`.
    pub fn local_hms(self) -> String {
        let second = self.local_ms_of_day() / 1000;
        format!(
            "{:02}:{:02}:{:02}",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }

    /// `2026-11-20`.
    pub fn local_ymd(self) -> String {
        let date = self.local_date();
        format!(
            "{:04}-{:02}-{:02}",
            date.year(),
            u8::from(date.month()),
            date.day()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_midnight_is_sixteen_hundred_utc() {
        // 2026-11-20T16:00:00Z is midnight of 21 November in Chengdu.
        let at = Timestamp::from_unix_ms(1_795_190_400_000);
        assert_eq!(at.local_ymd(), "2026-11-21");
        assert_eq!(at.local_hms(), "00:00:00");
        assert_eq!(at.local_day_start(), at);
        assert_eq!(at.plus_ms(-1).local_ymd(), "2026-11-20");
        assert_eq!(at.plus_ms(-1).local_hour(), 23);
    }

    #[test]
    fn a_leap_second_is_the_last_millisecond_of_its_minute() {
        let read = |text| Timestamp::from_rfc3339(text).map(Timestamp::unix_ms);
        let new_year = 1_483_228_800_000;
        assert_eq!(read("2017-01-01T00:00:00Z"), Ok(new_year));
        assert_eq!(read("2016-12-31T23:59:60Z"), Ok(new_year - 1));
        assert_eq!(read("2017-01-01T07:59:60+08:00"), Ok(new_year - 1));
        assert_eq!(read("2016-12-31T23:59:59.9999Z"), Ok(new_year - 1));
        assert_eq!(read("1969-12-31T23:59:59.9995Z"), Ok(-1));
        // No leap second can stand there: not at the end of a month in UTC, no 61st second.
        for bad in [
            "2016-12-31T23:59:60+08:00",
            "2016-12-30T23:59:60Z",
            "2016-12-31T23:59:61Z",
            "2016-12-31T23:59:59",
            "today",
            "",
        ] {
            let refused = Timestamp::from_rfc3339(bad).map_err(|e| e.to_string());
            assert!(
                refused
                    .as_ref()
                    .is_err_and(|said| said.contains("RFC 3339")),
                "{bad}: {refused:?}"
            );
        }
    }

    #[test]
    fn absurd_instants_are_clamped_and_still_have_a_date() {
        for at in [i64::MIN, i64::MAX] {
            let at = Timestamp::from_unix_ms(at);
            assert!(!at.local_ymd().is_empty());
            assert!(
                !at.plus_ms(i64::MAX)
                    .plus_ms(i64::MIN)
                    .local_hms()
                    .is_empty()
            );
        }
    }
}
