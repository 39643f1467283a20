//! Which incidents have come while the hall was shown: only they are news.

use std::collections::{BTreeMap, BTreeSet};

use domain::{IncidentId, Timestamp};

/// For so long an incident that has come is news.
const NEWS_MS: i64 = 12_000;

/// The incidents that have been there.
#[derive(Debug, Default)]
pub struct Arrivals {
    /// `None` before the first picture, in which nothing is news.
    known: Option<BTreeSet<IncidentId>>,
    news: BTreeMap<IncidentId, Timestamp>,
}

impl Arrivals {
    /// Notes the incidents of the picture, shown or hidden by a filter, each with the provisional
    /// number under which it may have been there before.
    pub fn note(
        &mut self,
        incidents: impl Iterator<Item = (IncidentId, Option<IncidentId>)>,
        now: Timestamp,
    ) {
        let Some(known) = &mut self.known else {
            self.known = Some(incidents.map(|(incident, _)| incident).collect());
            return;
        };
        for (incident, provisional) in incidents {
            let was_there = provisional.is_some_and(|id| known.contains(&id));
            if known.insert(incident) && !was_there {
                self.news.insert(incident, now);
            }
        }
        // A clock that was set back makes nothing news for longer than its time.
        self.news
            .retain(|_, came| (0..NEWS_MS).contains(&now.ms_since(*came)));
    }

    /// Whether an incident has come a moment ago.
    pub fn is_news(&self, incident: IncidentId) -> bool {
        self.news.contains_key(&incident)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u64]) -> impl Iterator<Item = (IncidentId, Option<IncidentId>)> {
        numbers.iter().map(|number| (IncidentId(*number), None))
    }

    #[test]
    fn only_what_comes_after_the_first_picture_is_news_and_not_for_long() {
        let mut arrivals = Arrivals::default();
        let at = |ms| Timestamp::default().plus_ms(ms);
        let is_news = |arrivals: &Arrivals, number| arrivals.is_news(IncidentId(number));
        arrivals.note(ids(&[1, 2]), at(0));
        assert!(!is_news(&arrivals, 1), "it was there before");
        arrivals.note(ids(&[1, 2, 3]), at(1_000));
        assert!(is_news(&arrivals, 3) && !is_news(&arrivals, 2));
        arrivals.note(ids(&[1, 2, 3]), at(1_000 + NEWS_MS));
        assert!(!is_news(&arrivals, 3), "it is no news any more");
        arrivals.note(ids(&[3]), at(20_000));
        arrivals.note(ids(&[1, 2, 3]), at(21_000));
        assert!(!is_news(&arrivals, 1), "it was known before it was away");
    }

    #[test]
    fn a_report_of_this_hall_is_no_news_again_when_it_gets_its_number() {
        let mut arrivals = Arrivals::default();
        arrivals.note(ids(&[9]), Timestamp::default());
        let numbered = (IncidentId(1), Some(IncidentId(9)));
        arrivals.note(std::iter::once(numbered), Timestamp::default());
        assert!(!arrivals.is_news(IncidentId(1)));
    }

    #[test]
    fn in_a_street_without_incidents_the_first_one_is_news() {
        let mut arrivals = Arrivals::default();
        arrivals.note(ids(&[]), Timestamp::default());
        arrivals.note(ids(&[1]), Timestamp::default());
        assert!(arrivals.is_news(IncidentId(1)));
    }
}
