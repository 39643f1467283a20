//! Checks of names and ids that every section needs, and how a value is written in the files.

use domain::rules::Words;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::fault::{Faults, Source};

/// Longest name that still fits a list.
const LONGEST_NAME_CHARS: usize = 24;
/// Longest text in words.
const LONGEST_WORDS_CHARS: usize = 120;
/// Longest id.
const LONGEST_ID_BYTES: usize = 40;

/// A name for people: something, and short enough for a list.
pub fn check_name(at: &Source, name: &Spanned<String>, field: &str, faults: &mut Faults) {
    let length = name.get_ref().trim().chars().count();
    faults.require(
        (1..=LONGEST_NAME_CHARS).contains(&length),
        at,
        name,
        field,
        || format!("a name has 1 to {LONGEST_NAME_CHARS} characters, this one has {length}"),
    );
}

/// An id that stands on records: lower-case letters, digits and `_`.
pub fn check_id(at: &Source, id: &Spanned<String>, field: &str, faults: &mut Faults) {
    let text = id.get_ref();
    let is_id = (1..=LONGEST_ID_BYTES).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    faults.require(is_id, at, id, field, || {
        format!(
            "\"{text}\" is no id; write 1 to {LONGEST_ID_BYTES} lower-case letters, digits and \
             \"_\", a letter first"
        )
    });
}

/// A text in both languages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordsText {
    /// Chinese.
    pub zh: Spanned<String>,
    /// English.
    pub en: Spanned<String>,
}

impl WordsText {
    /// The words; a blank one leaves a fault at `field`.
    pub fn read(&self, at: &Source, field: &str, faults: &mut Faults) -> Words {
        for (language, text) in [("zh", &self.zh), ("en", &self.en)] {
            let length = text.get_ref().trim().chars().count();
            let is_text = (1..=LONGEST_WORDS_CHARS).contains(&length);
            faults.require(is_text, at, text, &format!("{field}.{language}"), || {
                format!("a text has 1 to {LONGEST_WORDS_CHARS} characters, this one has {length}")
            });
        }
        Words {
            zh: self.zh.get_ref().clone(),
            en: self.en.get_ref().clone(),
        }
    }
}

/// A value as the files write it, such as `grid_member`.
pub fn word<T: Serialize>(value: &T) -> String {
    toml::Value::try_from(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
