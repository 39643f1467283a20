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
///
/// A matter that was taken in at a desk has no number until the backend gives it one. Until then a
/// hall shows it under a provisional one that follows from the key of the report: above every day's
/// numbers and below 2⁵³, printed as `new-0193a1b2c3d4`, the last twelve digits of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

/// The first provisional number; the last number of the year 9999 lies below 2⁴⁷.
const FIRST_PROVISIONAL: u64 = 1 << 52;
/// The part of a provisional number that comes from the key: its last 48 bits.
const PROVISIONAL_DIGITS: u64 = (1 << 48) - 1;
/// How a provisional number begins in print.
const PROVISIONAL_MARK: &str = "new-";
/// Digits of a provisional number in print.
const PROVISIONAL_WIDTH: usize = 12;

impl IncidentId {
    /// The `number`-th incident reported on the local day of `reported_at`.
    pub fn new(reported_at: Timestamp, number: u32) -> Self {
        let date = reported_at.local_date();
        let day = u64::from(date.year().unsigned_abs()) * 10_000
            + u64::from(u8::from(date.month())) * 100
            + u64::from(date.day());
        Self(day * 1_000_000 + u64::from(number % 1_000_000))
    }

    /// The provisional number of the matter that a report of this key opens.
    pub const fn provisional(key: IntentKey) -> Self {
        Self(FIRST_PROVISIONAL | (key.0.as_u128() as u64 & PROVISIONAL_DIGITS))
    }

    /// Whether it is provisional: no day has such a number, and no backend gives one.
    pub const fn is_provisional(self) -> bool {
        self.0 >= FIRST_PROVISIONAL
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
        if self.is_provisional() {
            let digits = self.0 & PROVISIONAL_DIGITS;
            return write!(f, "{PROVISIONAL_MARK}{digits:0PROVISIONAL_WIDTH$x}");
        }
        write!(f, "{:08}-{:04}", self.day(), self.number())
    }
}

impl FromStr for IncidentId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || IdError {
            text: text.to_owned(),
            expected: "an incident number such as 20261120-0042",
        };
        let has_only = |part: &str, is_digit: fn(u8) -> bool| part.bytes().all(is_digit);
        if let Some(digits) = text.strip_prefix(PROVISIONAL_MARK) {
            if digits.len() != PROVISIONAL_WIDTH || !has_only(digits, |b| b.is_ascii_hexdigit()) {
                return Err(refused());
            }
            let digits = u64::from_str_radix(digits, 16).map_err(|_| refused())?;
            return Ok(Self(FIRST_PROVISIONAL | digits));
        }
        let (day, number) = text.split_once('-').ok_or_else(refused)?;
        if day.len() != 8 || number.len() < 4 || number.len() > 6 {
            return Err(refused());
        }
        if !has_only(day, |b| b.is_ascii_digit()) || !has_only(number, |b| b.is_ascii_digit()) {
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
text_id!(
    /// A sensor (物联感知设备) by the id that the platform of its alarms gives it.
    SensorId
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
            "20261121-+042",
            "+0261121-0042",
            "new-",
            "new-1f3a",
            "new-00000001f3a2b",
            "new-+0000001f3a2",
            "new-0000001f3a2g",
        ] {
            assert!(bad.parse::<IncidentId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_provisional_number_is_the_end_of_its_key() {
        let key: IntentKey = "0193a1b2-c3d4-7e5f-8a6b-0123456789ab"
            .parse()
            .expect("a key");
        let id = IncidentId::provisional(key);
        assert_eq!(id.to_string(), "new-0123456789ab");
        assert_eq!("new-0123456789AB".parse(), Ok(id));
        assert!(id.is_provisional());
    }

    proptest::proptest! {
        #[test]
        fn no_number_of_a_day_is_provisional_and_both_read_back(
            key in proptest::prelude::any::<u128>(),
            other in proptest::prelude::any::<u128>(),
            at_ms in proptest::prelude::any::<i64>(),
            number in proptest::prelude::any::<u32>(),
        ) {
            let keys = [key, other].map(|key| IntentKey(Uuid::from_u128(key)));
            let [provisional, another] = keys.map(IncidentId::provisional);
            let real = IncidentId::new(Timestamp::from_unix_ms(at_ms), number);
            proptest::prop_assert!(provisional.is_provisional() && !real.is_provisional());
            proptest::prop_assert!(real < provisional, "a new matter sorts behind all others");
            proptest::prop_assert!(provisional.0 < 1 << 53, "JavaScript rounds {}", provisional.0);
            proptest::prop_assert_eq!(provisional.to_string().parse(), Ok(provisional));
            let is_same_end = keys[0].to_string()[24..] == keys[1].to_string()[24..];
            proptest::prop_assert_eq!(provisional == another, is_same_end);
        }

        #[test]
        fn a_text_that_reads_as_a_number_is_provisional_only_with_its_mark(text in "(new-)?[0-9a-f]{8,12}(-[0-9]{4,6})?") {
            if let Ok(id) = text.parse::<IncidentId>() {
                proptest::prop_assert_eq!(id.is_provisional(), text.starts_with("new-"));
                proptest::prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }
    }

    #[test]
    fn person_numbers_read_back() {
        assert_eq!("P000123".parse(), Ok(PersonId(123)));
        assert!("000123".parse::<PersonId>().is_err());
    }
}
