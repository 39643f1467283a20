//! Limits on texts that come from outside.

pub use domain::new_matter::{LONGEST_LINE, LONGEST_TEXT};

use crate::refusal::Refusal;

/// Refuses a text that is empty or too long; `what_*` names it in the sentence.
pub fn require(text: &str, most: usize, what_zh: &str, what_en: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::bad_request(
            format!("{what_zh}不能为空"),
            format!("{what_en} is empty"),
        ));
    }
    limit(text, most, what_zh, what_en)
}

/// Refuses a text that is too long.
pub fn limit(text: &str, most: usize, what_zh: &str, what_en: &str) -> Result<(), Refusal> {
    let length = text.chars().count();
    if length > most {
        return Err(Refusal::bad_request(
            format!("{what_zh}过长：{length} 字，最多 {most} 字"),
            format!("{what_en} has {length} characters, at most {most} are taken"),
        ));
    }
    Ok(())
}
