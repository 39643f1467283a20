//! Limits on texts that come from outside.

use crate::refusal::Refusal;

/// Longest line, such as a title or an address, in characters.
pub const LONGEST_LINE: usize = 200;
/// Longest text, such as a description or a remark, in characters.
pub const LONGEST_TEXT: usize = 4_000;

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
