//! Masking of names and phone numbers for screens that everybody in the hall can read.

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
}
