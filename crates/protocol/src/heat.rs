//! The heat map of reports: its window of time, and the places of reports that a hall asks the backend
//! for where the window begins earlier than what the hall still holds.

use domain::time::{DAY_MS, HOUR_MS};
use domain::{IncidentId, LonLat, Timestamp};
use serde::{Deserialize, Serialize};

/// A window of time that ends now, or between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeatWindow {
    /// The last hour.
    LastHour,
    /// The last four hours.
    LastFourHours,
    /// Since local midnight.
    Today,
    /// The last seven days.
    SevenDays,
    /// From an instant up to and without another.
    Between(Timestamp, Timestamp),
}

impl HeatWindow {
    /// The windows that end now.
    pub const RUNNING: [Self; 4] = [
        Self::LastHour,
        Self::LastFourHours,
        Self::Today,
        Self::SevenDays,
    ];

    /// The name by which a control tells it from the others.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LastHour => "hour",
            Self::LastFourHours => "four_hours",
            Self::Today => "today",
            Self::SevenDays => "seven_days",
            Self::Between(..) => "between",
        }
    }

    /// The window of a control's choice; one between two instants begins with today.
    pub fn of_name(name: &str, now: Timestamp) -> Option<Self> {
        if name == "between" {
            return Some(Self::Between(now.local_day_start(), now));
        }
        Self::RUNNING
            .into_iter()
            .find(|window| window.name() == name)
    }

    /// Its first instant, and the first one after it.
    pub fn span(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let since = match self {
            Self::LastHour => now.plus_ms(-HOUR_MS),
            Self::LastFourHours => now.plus_ms(-4 * HOUR_MS),
            Self::Today => now.local_day_start(),
            Self::SevenDays => now.plus_ms(-7 * DAY_MS),
            Self::Between(from, until) => return (from, until),
        };
        // What is reported in this very millisecond counts.
        (since, now.plus_ms(1))
    }
}

/// Most reports of one answer: a large street's of a year.
pub const MOST_REPORTS: usize = 50_000;

/// When and where an incident was reported.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReportPlace {
    /// Which.
    pub incident: IncidentId,
    /// When it was reported.
    pub at: Timestamp,
    /// Where.
    pub location: LonLat,
}

/// Where something was reported in a span of time, drills left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportPlaces {
    /// All reports of the span from this instant on are here: the beginning of the span, or a later
    /// one where there were more than [`MOST_REPORTS`].
    pub since: Timestamp,
    /// Newest first.
    pub reports: Vec<ReportPlace>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_795_104_000_000 + 10 * HOUR_MS);

    #[test]
    fn a_window_that_ends_now_counts_this_very_millisecond() {
        for window in HeatWindow::RUNNING {
            assert_eq!(window.span(NOW).1, NOW.plus_ms(1));
        }
        assert_eq!(HeatWindow::LastHour.span(NOW).0, NOW.plus_ms(-HOUR_MS));
        assert_eq!(HeatWindow::Today.span(NOW).0, NOW.local_day_start());
    }

    #[test]
    fn a_choice_leads_back_to_its_window() {
        for window in HeatWindow::RUNNING {
            assert_eq!(HeatWindow::of_name(window.name(), NOW), Some(window));
        }
        assert_eq!(HeatWindow::of_name("", NOW), None);
        let between = HeatWindow::of_name("between", NOW);
        let today = HeatWindow::Between(NOW.local_day_start(), NOW);
        assert_eq!(between, Some(today));
        assert_eq!(today.span(NOW), (NOW.local_day_start(), NOW));
    }
}
