//! Numbers as people write them: `number-format` of the style specification, for English and Chinese.

/// The most digits behind the point that are written when nothing is said.
const MOST_DIGITS: usize = 3;
/// The most digits behind the point that may be asked for, as ECMA-402 has it.
const LIMIT: f64 = 100.0;

/// Locales that write numbers as below are known by how their names begin.
pub(super) fn is_known_locale(name: &str) -> bool {
    let language = name.split(['-', '_']).next().unwrap_or_default();
    matches!(language, "en" | "zh" | "ja" | "ko" | "th" | "he")
}

/// A number with commas between the thousands. The bounds of the digits behind the point are as ECMA-402's
/// `minimumFractionDigits` and `maximumFractionDigits`; `None` where these contradict each other.
pub(super) fn format(number: f64, least: Option<f64>, most: Option<f64>) -> Option<String> {
    let whole = |digits: f64| (0.0..=LIMIT).contains(&digits).then_some(digits as usize);
    let least = least.map(whole);
    let most = most.map(whole);
    let (least, most) = match (least, most) {
        (None, None) => (0, MOST_DIGITS),
        (Some(least), None) => (least?, MOST_DIGITS.max(least?)),
        (None, Some(most)) => (0, most?),
        (Some(least), Some(most)) => (least?, most?),
    };
    if least > most {
        return None;
    }
    if number.is_nan() {
        return Some("NaN".to_owned());
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_infinite() {
        return Some(format!("{sign}∞"));
    }
    let (whole, behind) = rounded(number.abs(), most);
    let behind = behind.trim_end_matches('0');
    let zeros = "0".repeat(least.saturating_sub(behind.len()));
    let point = if behind.is_empty() && zeros.is_empty() {
        ""
    } else {
        "."
    };
    Some(format!("{sign}{}{point}{behind}{zeros}", grouped(&whole)))
}

/// The digits before and behind the point, rounded from the fewest that tell the number from its neighbours; what lies
/// half-way is rounded up.
fn rounded(number: f64, digits: usize) -> (String, String) {
    let text = number.to_string();
    let (whole, behind) = text.split_once('.').unwrap_or((&text, ""));
    let (kept, rest) = behind.split_at(digits.min(behind.len()));
    let mut all: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    if rest.as_bytes().first().is_some_and(|digit| *digit >= b'5') {
        let mut at = all.len();
        loop {
            let Some(digit) = at.checked_sub(1).and_then(|i| all.get_mut(i)) else {
                all.insert(0, b'1');
                break;
            };
            if *digit < b'9' {
                *digit += 1;
                break;
            }
            *digit = b'0';
            at -= 1;
        }
    }
    let behind = all.split_off(all.len() - kept.len());
    let text = |digits: Vec<u8>| digits.into_iter().map(char::from).collect();
    (text(all), text(behind))
}

/// Digits with a comma before every three of them.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (number, least, most, want) in [
            (0.0, None, None, "0"),
            (-0.0, None, None, "-0"),
            (999.0, None, None, "999"),
            (1234.5, None, None, "1,234.5"),
            (1_234_567.891_2, None, None, "1,234,567.891"),
            (2.0, Some(2.0), None, "2.00"),
            (2.5, None, Some(0.0), "3"),
            (0.5, None, Some(0.0), "1"),
            (1.005, None, Some(2.0), "1.01"),
            (999.999_9, None, Some(2.0), "1,000"),
            (-9.995, Some(1.0), Some(1.0), "-10.0"),
            (1e21, None, None, "1,000,000,000,000,000,000,000"),
            (f64::INFINITY, None, None, "∞"),
        ] {
            assert_eq!(
                format(number, least, most).as_deref(),
                Some(want),
                "{number}"
            );
        }
    }

    #[test]
    fn bounds_that_contradict_each_other_are_an_error() {
        for (least, most) in [
            (Some(3.0), Some(2.0)),
            (Some(-1.0), None),
            (None, Some(101.0)),
            (None, Some(f64::NAN)),
        ] {
            assert_eq!(format(1.0, least, most), None, "{least:?} {most:?}");
        }
    }
}
