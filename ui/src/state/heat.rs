//! Which reports the heat map counts: those of a window of time, from what this hall holds.

use domain::time::{DAY_MS, HOUR_MS};
use domain::{LonLat, Situation, Timestamp};

/// A window of time that ends now, or between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Where something was reported in a window. Drills are left out, as in every assessment.
pub fn reported_in(situation: &Situation, window: HeatWindow, now: Timestamp) -> Vec<LonLat> {
    let (from, until) = window.span(now);
    let incidents = situation.incidents.values();
    incidents
        .filter(|incident| !incident.is_drill)
        .filter(|incident| (from..until).contains(&incident.reported_at))
        .map(|incident| incident.location)
        .collect()
}

/// The oldest report that this hall holds, of open and of ended incidents.
pub fn oldest_report(situation: &Situation) -> Option<Timestamp> {
    let incidents = situation.incidents.values();
    incidents.map(|incident| incident.reported_at).min()
}

/// The value of a field for date and time, in local time.
pub fn field_of(at: Timestamp) -> String {
    format!("{}T{}", at.local_ymd(), at.local_hm())
}

/// The instant of such a field; `None` while it is incomplete.
pub fn instant_of(field: &str) -> Option<Timestamp> {
    let to_the_minute = field.get(..16)?;
    Timestamp::from_rfc3339(&format!("{to_the_minute}:00+08:00")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::panels::tests::{NOW, incident, picture};

    fn reported(ages_ms: &[i64]) -> Situation {
        let mut situation = picture().situation;
        situation.incidents.clear();
        for (n, age_ms) in ages_ms.iter().enumerate() {
            let mut report = incident(0);
            report.id = domain::IncidentId(n as u64 + 1);
            report.reported_at = NOW.plus_ms(-age_ms);
            situation.incidents.insert(report.id, report);
        }
        situation
    }

    #[test]
    fn each_window_counts_what_was_reported_in_it() {
        let situation = reported(&[0, HOUR_MS, 2 * HOUR_MS, 3 * DAY_MS, 8 * DAY_MS]);
        let count = |window| reported_in(&situation, window, NOW).len();
        assert_eq!(
            count(HeatWindow::LastHour),
            2,
            "an hour ago is in the last hour"
        );
        assert_eq!(count(HeatWindow::LastFourHours), 3);
        assert_eq!(count(HeatWindow::SevenDays), 4);
        let ago = |ms: i64| NOW.plus_ms(-ms);
        assert_eq!(
            count(HeatWindow::Between(ago(9 * DAY_MS), ago(3 * DAY_MS))),
            1
        );
        assert_eq!(
            count(HeatWindow::Between(NOW, ago(DAY_MS))),
            0,
            "the wrong way round"
        );
        assert_eq!(oldest_report(&situation), Some(ago(8 * DAY_MS)));
        assert_eq!(oldest_report(&reported(&[])), None);
    }

    #[test]
    fn drills_are_not_counted() {
        let mut situation = reported(&[0, 0]);
        situation
            .incidents
            .values_mut()
            .next()
            .expect("one")
            .is_drill = true;
        assert_eq!(reported_in(&situation, HeatWindow::LastHour, NOW).len(), 1);
    }

    #[test]
    fn choices_and_fields_lead_back() {
        for window in HeatWindow::RUNNING {
            assert_eq!(HeatWindow::of_name(window.name(), NOW), Some(window));
        }
        assert_eq!(HeatWindow::of_name("", NOW), None);
        let between = HeatWindow::of_name("between", NOW).expect("a window");
        assert_eq!(between.span(NOW), (NOW.local_day_start(), NOW));
        let at = NOW.local_day_start();
        assert_eq!(instant_of(&field_of(at)), Some(at));
        assert_eq!(instant_of("2026-11"), None);
        assert_eq!(instant_of("二〇二六年十一月二十日"), None);
    }
}
