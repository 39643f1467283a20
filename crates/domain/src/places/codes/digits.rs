//! Reading codes that are all digits, and what can be wrong with one.

use std::ops::Range;

/// The longest piece of a refused text that an error repeats.
const SHOWN_CHARS: usize = 40;

/// Why a text is not a code of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} \"{text}\": {fault}")]
pub struct CodeError {
    /// What was asked for, such as `unit grid code`.
    pub kind: &'static str,
    /// The text as given, cut where it is very long.
    pub text: String,
    /// What is wrong with it.
    pub fault: CodeFault,
}

/// What is wrong with a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Too short or too long.
    #[error("has {found} characters, write {allowed}")]
    Length {
        /// How many characters the text has.
        found: usize,
        /// What would have been accepted.
        allowed: &'static str,
    },
    /// A character that is no digit.
    #[error("character {at} is '{found}', only the digits 0-9 are allowed")]
    NotDigit {
        /// Which character, counted from 1.
        at: usize,
        /// The character.
        found: char,
    },
    /// A part with a value that the standard does not have.
    #[error("its {part} {value} is not one of {allowed}")]
    Part {
        /// Which part, such as `street number`.
        part: &'static str,
        /// The value found.
        value: u32,
        /// What would have been accepted.
        allowed: &'static str,
    },
}

/// A code of a known kind while it is being read.
pub(super) struct Reading<'a> {
    kind: &'static str,
    text: &'a str,
}

impl<'a> Reading<'a> {
    /// Checks length and digits; `lengths` is said in words by `allowed`.
    pub(super) fn new(
        kind: &'static str,
        text: &'a str,
        lengths: Range<usize>,
        allowed: &'static str,
    ) -> Result<Self, CodeError> {
        let reading = Self { kind, text };
        let other = text.chars().enumerate().find(|(_, c)| !c.is_ascii_digit());
        let found = text.chars().count();
        if !lengths.contains(&found) {
            return Err(reading.refused(CodeFault::Length { found, allowed }));
        }
        if let Some((index, found)) = other {
            return Err(reading.refused(CodeFault::NotDigit {
                at: index + 1,
                found,
            }));
        }
        Ok(reading)
    }

    /// The number that some of the digits write; at most nine digits are ever asked for.
    pub(super) fn number(&self, digits: Range<usize>) -> u32 {
        self.text.as_bytes()[digits]
            .iter()
            .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    }

    /// How many digits there are.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The value of a part, or why it is refused.
    pub(super) fn part<T>(&self, value: Result<T, CodeFault>) -> Result<T, CodeError> {
        value.map_err(|fault| self.refused(fault))
    }

    fn refused(&self, fault: CodeFault) -> CodeError {
        CodeError {
            kind: self.kind,
            text: self.text.chars().take(SHOWN_CHARS).collect(),
            fault,
        }
    }
}

/// Checks that a part lies between two values.
pub(super) fn within(
    part: &'static str,
    value: u32,
    least: u32,
    most: u32,
    allowed: &'static str,
) -> Result<u32, CodeFault> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(CodeFault::Part {
            part,
            value,
            allowed,
        })
    }
}

/// Reading and printing of a code as text, also for serde, for a type with `FromStr` and `Display`.
macro_rules! as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = CodeError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.to_string()
            }
        }
    };
}
pub(super) use as_text;
