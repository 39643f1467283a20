//! Masking of names and numbers for screens that everybody in the hall can read.

use crate::ids::IncidentId;

/// Keeps the family name: `张建国` becomes `张**`.
pub fn mask_name(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map(|first| std::iter::once(first).chain(chars.map(|_| '*')).collect())
        .unwrap_or_default()
}

/// Keeps the first three and the last four digits: `138****5678`. Shorter numbers are hidden whole.
pub fn mask_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().collect();
    if digits.len() < 11 {
        return "*".repeat(digits.len());
    }
    let last = digits.len() - 4;
    digits
        .iter()
        .enumerate()
        .map(|(i, c)| if (3..last).contains(&i) { '*' } else { *c })
        .collect()
}

/// Digits in a row from which on a number in a text can be somebody's: a mobile phone has 11, an
/// identity number 18.
const PERSONAL_DIGITS: usize = 11;

/// A text in which every number that can be a phone or an identity number is masked, also one that
/// is written in groups with a blank or a hyphen between them.
pub fn mask_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from_digits) = rest.split_at(start);
        let (number, after) = from_digits.split_at(length_of_number(from_digits));
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        masked.push_str(before);
        // The number of an incident is written in groups as well, and nobody's.
        if digits.len() < PERSONAL_DIGITS || number.parse::<IncidentId>().is_ok() {
            masked.push_str(number);
        } else {
            masked.push_str(&mask_phone(&digits));
        }
        rest = after;
    }
    masked.push_str(rest);
    masked
}

/// Length in bytes of the number that a text begins with: digits, with single separators between.
fn length_of_number(text: &str) -> usize {
    let mut length = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let goes_on = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if c.is_ascii_digit() {
            length = at + c.len_utf8();
        } else if !(matches!(c, ' ' | '-') && goes_on) {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_phones_keep_only_what_identifies_the_colleague() {
        assert_eq!(mask_name("张建国"), "张**");
        assert_eq!(mask_name(""), "");
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("12345"), "*****");
    }

    #[test]
    fn only_numbers_that_can_be_somebodys_are_masked_in_a_text() {
        for (text, masked) in [
            ("请联系13812345678王女士", "请联系138****5678王女士"),
            ("51010819900307123X", "510**********7123X"),
            (
                "建设路12号，案件 20261120-0042",
                "建设路12号，案件 20261120-0042",
            ),
            ("13812345678", "138****5678"),
            ("回拨 138 1234-5678。", "回拨 138****5678。"),
            // What stands beside it with only a blank between goes with it: rather too much than too little.
            ("12 13812345678", "121******5678"),
            ("2026-11-20 08:30，12 号", "2026-11-20 08:30，12 号"),
            ("", ""),
        ] {
            assert_eq!(mask_numbers(text), masked);
        }
    }
}
