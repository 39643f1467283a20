//! Which reports the heat map counts: those of a window of time, from what this hall holds and from what
//! the backend has told of earlier ones.

use domain::incidents::SHOWN_AFTER_END_MS;
use domain::time::HOUR_MS;
use domain::{LonLat, Situation, Timestamp};
pub use protocol::heat::HeatWindow;
use protocol::heat::{ReportPlace, ReportPlaces};

/// From an instant up to and without another.
pub type Span = (Timestamp, Timestamp);

/// What the backend has told of a span.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    span: Span,
    /// From here on it has told of all.
    since: Timestamp,
    reports: Vec<ReportPlace>,
}

impl Past {
    /// The answer about a span.
    pub fn new(span: Span, told: ReportPlaces) -> Self {
        Self {
            span,
            since: told.since,
            reports: told.reports,
        }
    }

    fn covers(&self, (from, until): Span) -> bool {
        self.span.0 <= from && until <= self.span.1
    }
}

/// Every report from this instant on is held by the hall, ended or not.
pub fn held_since(now: Timestamp) -> Timestamp {
    now.plus_ms(-SHOWN_AFTER_END_MS)
}

/// The part of a window of which the hall may hold open incidents only.
fn unheld(window: HeatWindow, now: Timestamp) -> Option<Span> {
    let (from, until) = window.span(now);
    let until = until.min(held_since(now));
    (from < until).then_some((from, until))
}

/// What to ask the backend for, so that the window is known whole; `None` where the hall holds it. It is
/// widened to whole hours: a window that goes along with the time is asked for once an hour.
pub fn wanted(window: HeatWindow, now: Timestamp) -> Option<Span> {
    let (from, until) = unheld(window, now)?;
    let hour = |at: Timestamp| at.unix_ms().div_euclid(HOUR_MS);
    let at = |hour: i64| Timestamp::from_unix_ms(hour.saturating_mul(HOUR_MS));
    Some((at(hour(from)), at(hour(until) + 1)))
}

/// From when on everything that was reported in the window is known.
pub fn known_since(window: HeatWindow, past: Option<&Past>, now: Timestamp) -> Timestamp {
    let held = held_since(now);
    let told = unheld(window, now).and_then(|span| past.filter(|past| past.covers(span)));
    told.map_or(held, |past| past.since.min(held))
}

/// Where something was reported in a window. Drills are left out, as in every assessment.
pub fn reported_in(
    situation: &Situation,
    past: Option<&Past>,
    window: HeatWindow,
    now: Timestamp,
) -> Vec<LonLat> {
    let (from, until) = window.span(now);
    let held = situation.incidents.values();
    let held = held
        .filter(|incident| !incident.is_drill)
        .filter(|incident| (from..until).contains(&incident.reported_at))
        .map(|incident| incident.location);
    let told = past.into_iter().flat_map(|past| &past.reports);
    let told = told
        .filter(|report| (from..until).contains(&report.at))
        .filter(|report| !situation.incidents.contains_key(&report.incident))
        .map(|report| report.location);
    held.chain(told).collect()
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
    use domain::IncidentId;
    use domain::time::DAY_MS;

    use super::*;
    use crate::state::panels::tests::{NOW, incident, picture};

    fn reported(ages_ms: &[i64]) -> Situation {
        let mut situation = picture().situation;
        situation.incidents.clear();
        for (n, age_ms) in ages_ms.iter().enumerate() {
            let mut report = incident(0);
            report.id = IncidentId(n as u64 + 1);
            report.reported_at = NOW.plus_ms(-age_ms);
            situation.incidents.insert(report.id, report);
        }
        situation
    }

    /// What the backend has told of the reports of these numbers and ages.
    fn told(span: Span, reports: &[(u64, i64)]) -> Past {
        let report = |(number, age_ms): &(u64, i64)| ReportPlace {
            incident: IncidentId(*number),
            at: NOW.plus_ms(-age_ms),
            location: LonLat::new(104.0, 30.6),
        };
        let told = ReportPlaces {
            since: span.0,
            reports: reports.iter().map(report).collect(),
        };
        Past::new(span, told)
    }

    fn ago(ms: i64) -> Timestamp {
        NOW.plus_ms(-ms)
    }

    #[test]
    fn each_window_counts_what_was_reported_in_it() {
        let situation = reported(&[0, HOUR_MS, 2 * HOUR_MS, 3 * DAY_MS, 8 * DAY_MS]);
        let count = |window| reported_in(&situation, None, window, NOW).len();
        assert_eq!(
            count(HeatWindow::LastHour),
            2,
            "an hour ago is in the last hour"
        );
        assert_eq!(count(HeatWindow::LastFourHours), 3);
        assert_eq!(count(HeatWindow::SevenDays), 4);
        assert_eq!(
            count(HeatWindow::Between(ago(9 * DAY_MS), ago(3 * DAY_MS))),
            1
        );
        assert_eq!(
            count(HeatWindow::Between(NOW, ago(DAY_MS))),
            0,
            "the wrong way round"
        );
    }

    #[test]
    fn what_has_ended_and_left_the_hall_is_counted_once_where_the_backend_tells_of_it() {
        // The first is open for five days and held; the second has ended and is not.
        let situation = reported(&[5 * DAY_MS]);
        let window = HeatWindow::SevenDays;
        let span = wanted(window, NOW).expect("more than the hall holds");
        let past = told(span, &[(1, 5 * DAY_MS), (2, 6 * DAY_MS), (3, 8 * DAY_MS)]);
        assert_eq!(reported_in(&situation, None, window, NOW).len(), 1);
        assert_eq!(reported_in(&situation, Some(&past), window, NOW).len(), 2);
    }

    #[test]
    fn the_backend_is_asked_only_for_what_may_be_missing_and_once_an_hour() {
        for window in [
            HeatWindow::LastHour,
            HeatWindow::LastFourHours,
            HeatWindow::Today,
            HeatWindow::Between(ago(2 * DAY_MS), NOW),
            HeatWindow::Between(ago(4 * DAY_MS), ago(5 * DAY_MS)),
        ] {
            assert_eq!(wanted(window, NOW), None, "{window:?}");
        }
        let hour_begins = Timestamp::from_unix_ms(NOW.unix_ms().div_euclid(HOUR_MS) * HOUR_MS);
        let span = wanted(HeatWindow::SevenDays, hour_begins);
        let just_before_the_next = hour_begins.plus_ms(HOUR_MS - 1);
        assert_eq!(wanted(HeatWindow::SevenDays, just_before_the_next), span);
        let (from, until) = span.expect("a span");
        assert!(from <= hour_begins.plus_ms(-7 * DAY_MS));
        assert!(until >= held_since(just_before_the_next));
        let long_ago = HeatWindow::Between(ago(30 * DAY_MS), ago(20 * DAY_MS));
        let (_, until) = wanted(long_ago, NOW).expect("a span");
        assert!(until < ago(19 * DAY_MS), "no more than the window");
    }

    #[test]
    fn it_is_said_from_when_on_all_reports_are_known() {
        let window = HeatWindow::SevenDays;
        // An incident that is open for long says nothing of those that have ended meanwhile.
        assert_eq!(known_since(window, None, NOW), held_since(NOW));
        let span = wanted(window, NOW).expect("a span");
        let past = told(span, &[]);
        assert_eq!(known_since(window, Some(&past), NOW), span.0);
        let other = told((ago(5 * DAY_MS), NOW), &[]);
        assert_eq!(known_since(window, Some(&other), NOW), held_since(NOW));
        let mut cut = told(span, &[]);
        cut.since = ago(6 * DAY_MS);
        assert_eq!(known_since(window, Some(&cut), NOW), ago(6 * DAY_MS));
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
        assert_eq!(
            reported_in(&situation, None, HeatWindow::LastHour, NOW).len(),
            1
        );
    }

    #[test]
    fn fields_lead_back_to_their_instants() {
        let at = NOW.local_day_start();
        assert_eq!(instant_of(&field_of(at)), Some(at));
        assert_eq!(instant_of("2026-11"), None);
        assert_eq!(instant_of("二〇二六年十一月二十日"), None);
    }
}
