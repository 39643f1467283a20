//! Checks of names and ids that every section needs, and how a value is written in the files.

use serde::Serialize;
use toml::Spanned;

use crate::fault::{Faults, Source};

/// Longest name that still fits a list.
const LONGEST_NAME_CHARS: usize = 24;
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

/// A value as the files write it, such as `grid_member`.
pub fn word<T: Serialize>(value: &T) -> String {
    toml::Value::try_from(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
