//! Reads a limit such as `"4 working_hour"`.

use domain::clocks::{Limit, LimitUnit};
use toml::Spanned;

use crate::fault::{Faults, Source};

/// No limit of any rule book is longer than this many of its units.
const MOST_UNITS: u32 = 1_000;

/// The limit of the text; on anything else a fault at `field`, and `None`.
pub fn read_limit(
    at: &Source,
    text: &Spanned<String>,
    field: &str,
    faults: &mut Faults,
) -> Option<Limit> {
    let limit = parse(text.get_ref());
    faults.require(limit.is_some(), at, text, field, || {
        format!(
            "\"{}\" is no limit; write an amount of 1 to {MOST_UNITS} and a unit, such as \
             \"4 working_hour\" (units: emergency_minute, emergency_hour, emergency_day, \
             working_hour, working_day)",
            text.get_ref()
        )
    });
    limit
}

fn parse(text: &str) -> Option<Limit> {
    let (amount, unit) = text.trim().split_once(' ')?;
    let amount = amount
        .parse()
        .ok()
        .filter(|amount| (1..=MOST_UNITS).contains(amount))?;
    let unit = match unit.trim() {
        "emergency_minute" => LimitUnit::EmergencyMinute,
        "emergency_hour" => LimitUnit::EmergencyHour,
        "emergency_day" => LimitUnit::EmergencyDay,
        "working_hour" => LimitUnit::WorkingHour,
        "working_day" => LimitUnit::WorkingDay,
        _ => return None,
    };
    Some(Limit { amount, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_an_amount_and_a_unit() {
        assert_eq!(
            parse("4 working_hour"),
            Some(Limit {
                amount: 4,
                unit: LimitUnit::WorkingHour
            })
        );
        for bad in [
            "",
            "4",
            "working_hour",
            "0 working_hour",
            "-1 working_day",
            "1001 working_day",
            "4 working_hours",
            "4.5 working_day",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
