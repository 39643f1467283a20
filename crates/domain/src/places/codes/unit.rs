//! Unit grids (GB/T 30428) and the 20-digit community grid code (CJ/T 349).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::area::{CommunityCode, read_community};
use super::digits::{CodeError, CodeFault, Reading, as_text, within};

/// Digits before the sequence: district, street and community.
const PREFIX_DIGITS: usize = 12;

/// How many digits the sequence inside a community is written with. All three are in service, and
/// one data set uses one of them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SequenceDigits {
    /// 14 digits in all, in older data.
    Two,
    /// 15 digits in all.
    #[default]
    Three,
    /// 16 digits in all.
    Four,
}

impl SequenceDigits {
    /// From the number of digits of a whole code: 14, 15 or 16.
    pub const fn of_code_length(digits: usize) -> Option<Self> {
        match digits {
            14 => Some(Self::Two),
            15 => Some(Self::Three),
            16 => Some(Self::Four),
            _ => None,
        }
    }

    /// Digits of the sequence.
    pub const fn count(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
        }
    }

    /// Digits of the whole code.
    pub const fn code_length(self) -> usize {
        PREFIX_DIGITS + self.count()
    }

    /// The largest sequence number that can be written.
    pub const fn most(self) -> u16 {
        match self {
            Self::Two => 99,
            Self::Three => 999,
            Self::Four => 9_999,
        }
    }
}

/// A unit grid (单元网格) by GB/T 30428: 6 digits district + 3 street + 3 community + a sequence of
/// 2–4 digits, such as `510108014003012`. Numbers begin at 1 in each community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitGridCode {
    community: CommunityCode,
    sequence: u16,
    sequence_digits: SequenceDigits,
}

impl UnitGridCode {
    /// The unit grid with a number inside a community.
    pub fn new(
        community: CommunityCode,
        sequence: u16,
        sequence_digits: SequenceDigits,
    ) -> Result<Self, CodeFault> {
        let allowed = match sequence_digits {
            SequenceDigits::Two => "01-99",
            SequenceDigits::Three => "001-999",
            SequenceDigits::Four => "0001-9999",
        };
        let most = sequence_digits.most();
        within("sequence", sequence.into(), 1, most.into(), allowed)?;
        Ok(Self {
            community,
            sequence,
            sequence_digits,
        })
    }

    /// Reads a code of a data set that uses one length of the sequence; others are refused.
    pub fn read(text: &str, sequence_digits: SequenceDigits) -> Result<Self, CodeError> {
        let (length, allowed) = match sequence_digits {
            SequenceDigits::Two => (14, "14 digits, as this data set has two for the sequence"),
            SequenceDigits::Three => (15, "15 digits, as this data set has three for the sequence"),
            SequenceDigits::Four => (16, "16 digits, as this data set has four for the sequence"),
        };
        let reading = Reading::new("unit grid code", text, length..length + 1, allowed)?;
        reading.part(read_unit(&reading, sequence_digits))
    }

    /// The community that the unit grid lies in.
    pub const fn community(self) -> CommunityCode {
        self.community
    }

    /// The number inside the community, west → east, north → south when it was new.
    pub const fn sequence(self) -> u16 {
        self.sequence
    }

    /// How many digits the sequence is written with.
    pub const fn sequence_digits(self) -> SequenceDigits {
        self.sequence_digits
    }
}

fn read_unit(reading: &Reading<'_>, digits: SequenceDigits) -> Result<UnitGridCode, CodeFault> {
    let sequence = reading.number(PREFIX_DIGITS..reading.len()) as u16;
    UnitGridCode::new(read_community(reading)?, sequence, digits)
}

impl fmt::Display for UnitGridCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.sequence_digits.count();
        write!(f, "{}{:0width$}", self.community, self.sequence)
    }
}

impl FromStr for UnitGridCode {
    type Err = CodeError;

    /// Reads a code of any of the three lengths.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let reading = Reading::new("unit grid code", text, 14..17, "14, 15 or 16 digits")?;
        let digits = SequenceDigits::of_code_length(reading.len()).unwrap_or_default();
        reading.part(read_unit(&reading, digits))
    }
}

/// A community grid code of 20 digits (CJ/T 349). What follows the community is kept as it stands:
/// its inner structure is the issuing system's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommunityGridCode {
    community: CommunityCode,
    rest: u32,
}

impl CommunityGridCode {
    /// The community that the code begins with.
    pub const fn community(self) -> CommunityCode {
        self.community
    }
}

impl fmt::Display for CommunityGridCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:08}", self.community, self.rest)
    }
}

impl FromStr for CommunityGridCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let reading = Reading::new("community grid code", text, 20..21, "20 digits")?;
        Ok(Self {
            community: reading.part(read_community(&reading))?,
            rest: reading.number(PREFIX_DIGITS..20),
        })
    }
}

as_text!(UnitGridCode);
as_text!(CommunityGridCode);
