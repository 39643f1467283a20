//! Identifiers: each kind is a type of its own, so that an order cannot be looked up as a person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// Why a text is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not {expected}")]
pub struct IdError {
    /// The text as given.
    pub text: String,
    /// What would have been accepted, for people.
    pub expected: &'static str,
}

/// An incident (案件): the local day of its report and a running number within the day.
///
/// Stored as `yyyymmdd × 1,000,000 + number`, printed as `20261120-0042`; stays below 2⁵³ so that
/// it crosses JavaScript unharmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

impl IncidentId {
    /// The `number`-th incident reported on the local day of `reported_at`.
    pub fn new(reported_at: Timestamp, number: u32) -> Self {
        let date = reported_at.local_date();
        let day = u64::from(date.year().unsigned_abs()) * 10_000
            + u64::from(u8::from(date.month())) * 100
            + u64::from(date.day());
        Self(day * 1_000_000 + u64::from(number % 1_000_000))
    }

    /// The local day as `yyyymmdd`.
    pub const fn day(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The running number within the day.
    pub const fn number(self) -> u32 {
        (self.0 % 1_000_000) as u32
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04}", self.day(), self.number())
    }
}

impl FromStr for IncidentId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || IdError {
            text: text.to_owned(),
            expected: "an incident number such as 20261120-0042",
        };
        let (day, number) = text.split_once('-').ok_or_else(refused)?;
        if day.len() != 8 || number.len() < 4 || number.len() > 6 {
            return Err(refused());
        }
        let day: u64 = day.parse().map_err(|_| refused())?;
        let number: u64 = number.parse().map_err(|_| refused())?;
        Ok(Self(day * 1_000_000 + number))
    }
}

/// A person of the roster, printed as `P000123`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub u32);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{:06}", self.0)
    }
}

impl FromStr for PersonId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('P')
            .and_then(|digits| digits.parse().ok())
            .map(Self)
            .ok_or_else(|| IdError {
                text: text.to_owned(),
                expected: "a person number such as P000123",
            })
    }
}

/// The name of one intent of an officer: minted when a proposal is shown and reused by every click
/// on it, so that the backend acts once however often the message arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentKey(pub Uuid);

impl fmt::Display for IntentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for IntentKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self).map_err(|_| IdError {
            text: text.to_owned(),
            expected: "an intent key (a UUID)",
        })
    }
}

/// An order (派单) carries the key of the intent that sent it, so the hall's echo and the
/// backend's record are the same order from the first moment.
pub type OrderId = IntentKey;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl $name {
            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// An officer of the hall who signs in by name and PIN, such as `zhou.min`.
    OfficerId
);
text_id!(
    /// The code of a grid of any level; see [`crate::places::UnitGridCode`] for the standard form.
    GridCode
);
text_id!(
    /// A department (部门) that answers for matters and is whistled for, such as `urban_management`;
    /// the rules files name those of the street.
    DepartmentId
);
text_id!(
    /// The code of a filing condition (立案条件) of a minor category, such as `missing`.
    ConditionCode
);
text_id!(
    /// The id of a reason for which the field may refuse an order, such as `unsafe_alone`; the rules
    /// files name them.
    RefusalReasonId
);
text_id!(
    /// Whoever reported a matter, as the channel tells callers apart: a pseudonym and never a phone
    /// number.
    CallerId
);
text_id!(
    /// A group of people who get orders together, such as `flood_team`.
    GroupId
);
text_id!(
    /// A camera by its 20-digit GB/T 28181 device id.
    CameraId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incident_numbers_read_back() {
        let at = Timestamp::from_unix_ms(1_795_190_400_000);
        let id = IncidentId::new(at, 42);
        assert_eq!(id.to_string(), "20261121-0042");
        assert_eq!("20261121-0042".parse(), Ok(id));
        for bad in [
            "",
            "2026-1",
            "20261121-42",
            "20261121_0042",
            "20261121-1234567",
        ] {
            assert!(bad.parse::<IncidentId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn person_numbers_read_back() {
        assert_eq!("P000123".parse(), Ok(PersonId(123)));
        assert!("000123".parse::<PersonId>().is_err());
    }
}
