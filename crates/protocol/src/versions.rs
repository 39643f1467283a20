//! Which versions of the wire a side speaks, and which one two sides use.
//!
//! Backend and halls are not updated in the same minute. A release that changes the wire and can
//! still speak the version before says so by [`Versions::OURS`]; each hall then uses the newest
//! version that both speak, and names it with every request.

use serde::{Deserialize, Serialize};

/// The versions from `oldest` to `newest`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// Oldest version spoken.
    pub oldest: u32,
    /// Newest version spoken.
    pub newest: u32,
}

impl Versions {
    /// What this program speaks.
    pub const OURS: Self = Self {
        oldest: 4,
        newest: crate::PROTOCOL_VERSION,
    };

    /// Whether a version is among them.
    pub const fn include(self, version: u32) -> bool {
        self.oldest <= version && version <= self.newest
    }

    /// The newest version that both sides speak; `None` when there is none.
    pub fn newest_common(self, others: Self) -> Option<u32> {
        let newest = self.newest.min(others.newest);
        (self.include(newest) && others.include(newest)).then_some(newest)
    }
}

/// The part of a greeting that every version has and that is read first, because the rest may be
/// spelt differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenVersions {
    /// Newest version spoken.
    pub protocol: u32,
    /// Oldest version spoken; a side that does not say speaks its newest only.
    #[serde(default)]
    pub oldest_protocol: Option<u32>,
}

impl SpokenVersions {
    /// What this program says of itself.
    pub const OURS: Self = Self {
        protocol: Versions::OURS.newest,
        oldest_protocol: Some(Versions::OURS.oldest),
    };
}

impl From<SpokenVersions> for Versions {
    fn from(spoken: SpokenVersions) -> Self {
        Self {
            oldest: spoken.oldest_protocol.unwrap_or(spoken.protocol),
            newest: spoken.protocol,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn from_to(oldest: u32, newest: u32) -> Versions {
        Versions { oldest, newest }
    }

    #[test]
    fn two_sides_use_the_newest_version_that_both_speak() {
        let cases = [
            (from_to(3, 5), from_to(3, 5), Some(5)),
            (from_to(3, 5), from_to(4, 7), Some(5)),
            (from_to(4, 7), from_to(3, 5), Some(5)),
            (from_to(2, 9), from_to(4, 4), Some(4)),
            (from_to(3, 4), from_to(5, 6), None),
            (from_to(5, 6), from_to(3, 4), None),
        ];
        for (ours, theirs, common) in cases {
            assert_eq!(ours.newest_common(theirs), common, "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn a_side_that_names_one_version_speaks_that_one() {
        let spoken: SpokenVersions = serde_json::from_str(r#"{"protocol":3,"more":true}"#).unwrap();
        assert_eq!(Versions::from(spoken), from_to(3, 3));
        assert_eq!(Versions::from(SpokenVersions::OURS), Versions::OURS);
    }
}
