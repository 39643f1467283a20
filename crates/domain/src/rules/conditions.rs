//! Filing conditions (立案条件): what was found decides how long handling may take.

use serde::{Deserialize, Serialize};

use super::CategoryRule;
use crate::clocks::{Calendar, Limit, StageClock};
use crate::ids::ConditionCode;
use crate::time::Timestamp;

/// One condition under which a matter of a minor category is filed, with a limit of its own: a
/// cover that is missing, one that is broken, one whose frame has sunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingCondition {
    /// Its code, one within the category.
    pub code: ConditionCode,
    /// What was found, in words for lists.
    pub text: String,
    /// Handling limit: the matter is to be settled within it.
    pub limit: Limit,
    /// What has to be done earlier, on the way; it runs beside the handling limit.
    #[serde(default)]
    pub interim: Vec<InterimLimit>,
}

/// Something that must be done before the matter is settled: an illegal building is stopped
/// within 2 emergency days and demolished within 15 working days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterimLimit {
    /// What must be done, in words for lists.
    pub text: String,
    /// Within which time of the beginning of handling.
    pub limit: Limit,
}

/// A time during which the handling clock stood still (a suspension or a return).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// When it was paused.
    pub from: Timestamp,
    /// When it ran again; `None` while it stands still.
    pub until: Option<Timestamp>,
}

impl FilingCondition {
    /// The clocks of the interim limits, in their order, for a matter whose handling clock began
    /// at `started_at` and was paused at `pauses`, in the order of the trail: they begin, stand
    /// still and run again together with the handling clock.
    pub fn interim_clocks(
        &self,
        started_at: Timestamp,
        pauses: &[Pause],
        calendar: &Calendar,
    ) -> Vec<StageClock> {
        let clock = |interim: &InterimLimit| {
            let mut clock = StageClock::start(interim.limit, started_at, calendar);
            for pause in pauses {
                clock.pause(pause.from);
                if let Some(until) = pause.until {
                    clock.resume(until, calendar);
                }
            }
            clock
        };
        self.interim.iter().map(clock).collect()
    }
}

impl CategoryRule {
    /// The filing condition of a code, or the category's first one where none is named; `None`
    /// when the category has no such condition, or none at all.
    pub fn condition(&self, code: Option<&ConditionCode>) -> Option<&FilingCondition> {
        match code {
            Some(code) => self.conditions.iter().find(|known| known.code == *code),
            None => self.conditions.first(),
        }
    }

    /// The handling limit under a filing condition; where none is named, the category's ordinary
    /// [`limit`](Self::limit). `None` when the category has no such condition.
    pub fn limit_under(&self, code: Option<&ConditionCode>) -> Option<Limit> {
        match code {
            Some(_) => self.condition(code).map(|condition| condition.limit),
            None => Some(self.limit),
        }
    }
}

/// What 12345 demands of those who answer the telephone. The time in which a demand is fed back
/// is the limit of the demand's category.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HotlineRules {
    /// Seconds within which a call is answered.
    pub answer_within_s: u32,
    /// Share of calls that are connected at least, in `0.0..=1.0`.
    pub connection_rate: f64,
}

impl Default for HotlineRules {
    /// Answered within 15 s, at least 95 % connected: what 12345 has in service.
    fn default() -> Self {
        Self {
            answer_within_s: 15,
            connection_rate: 0.95,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clocks::LimitUnit::{EmergencyDay, EmergencyHour, WorkingDay, WorkingHour};
    use crate::clocks::{Lamp, LimitUnit};
    use crate::time::{DAY_MS, HOUR_MS};

    /// Friday, 20 November 2026, local midnight.
    const FRIDAY: Timestamp = Timestamp::from_unix_ms(1_795_104_000_000);

    const fn limit(amount: u32, unit: LimitUnit) -> Limit {
        Limit { amount, unit }
    }

    fn condition(code: &str, limit: Limit) -> FilingCondition {
        FilingCondition {
            code: code.into(),
            text: code.to_owned(),
            limit,
            interim: Vec::new(),
        }
    }

    /// The ordinary limit is none of those of the conditions, so that each answer tells whose it is.
    fn cover(conditions: Vec<FilingCondition>) -> CategoryRule {
        CategoryRule {
            conditions,
            ..CategoryRule::new("C01.02".parse().expect("a code"), limit(3, EmergencyHour))
        }
    }

    #[test]
    fn each_condition_has_its_own_limit_and_where_none_is_named_the_ordinary_one_holds() {
        let rule = cover(vec![
            condition("missing", limit(2, EmergencyHour)),
            condition("broken", limit(4, WorkingHour)),
        ]);
        let under = |code: Option<&str>| rule.limit_under(code.map(Into::into).as_ref());
        assert_eq!(under(None), Some(limit(3, EmergencyHour)));
        assert_eq!(under(Some("missing")), Some(limit(2, EmergencyHour)));
        assert_eq!(under(Some("broken")), Some(limit(4, WorkingHour)));
        assert_eq!(under(Some("stolen")), None);
        let found = |code: Option<&str>| {
            let found = rule.condition(code.map(Into::into).as_ref());
            found.map(|condition| condition.code.as_str())
        };
        assert_eq!(found(None), Some("missing"), "the first");
        assert_eq!(found(Some("broken")), Some("broken"));
        assert_eq!(found(Some("stolen")), None);
        let plain = cover(Vec::new());
        assert_eq!(plain.limit_under(None), Some(limit(3, EmergencyHour)));
        assert_eq!(plain.condition(None), None);
    }

    #[test]
    fn interim_clocks_stand_still_with_the_handling_clock() {
        let calendar = Calendar::default();
        let at = |day: i64, hour: i64| FRIDAY.plus_ms(day * DAY_MS + hour * HOUR_MS);
        let mut building = condition("illegal", limit(15, WorkingDay));
        building.interim = vec![
            InterimLimit {
                text: "责令停工".to_owned(),
                limit: limit(2, EmergencyDay),
            },
            InterimLimit {
                text: "询问".to_owned(),
                limit: limit(2, WorkingHour),
            },
        ];
        let clocks = |pauses: &[Pause]| building.interim_clocks(at(0, 9), pauses, &calendar);
        let deadlines = |pauses: &[Pause]| clocks(pauses).iter().map(|c| c.deadline).collect();
        let plain: Vec<_> = deadlines(&[]);
        assert_eq!(plain, [at(2, 9), at(0, 11)]);
        let a_day = Pause {
            from: at(0, 10),
            until: Some(at(1, 10)),
        };
        let paused: Vec<_> = deadlines(&[a_day]);
        assert_eq!(paused, [at(3, 9), at(3, 9)]);
        let still = Pause {
            from: at(0, 10),
            until: None,
        };
        for clock in clocks(&[still]) {
            assert_eq!(clock.paused_at, Some(at(0, 10)));
            assert_eq!(clock.lamp(at(9, 0), &calendar, 0.25), Lamp::Green);
        }
    }
}
