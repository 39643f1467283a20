//! City, district, street and community: GB/T 2260 and GB/T 10114.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::digits::{CodeError, CodeFault, Reading, as_text, within};

/// A city: the first four digits of GB/T 2260, printed with two zeros, such as `510100`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CityCode(u16);

impl fmt::Display for CityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}00", self.0)
    }
}

/// A district (区): six digits of GB/T 2260, such as `510108`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DistrictCode(u32);

impl DistrictCode {
    /// From the number that the digits write.
    pub fn new(number: u32) -> Result<Self, CodeFault> {
        let allowed = "100000-999999, as GB/T 2260 writes six digits and none begins with 0";
        within("district", number, 100_000, 999_999, allowed).map(Self)
    }

    /// The number that the digits write.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The city that the district belongs to.
    pub const fn city(self) -> CityCode {
        CityCode((self.0 / 100) as u16)
    }
}

impl fmt::Display for DistrictCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl FromStr for DistrictCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let reading = Reading::new("district code", text, 6..7, "6 digits")?;
        reading.part(Self::new(reading.number(0..6)))
    }
}

/// What a number of GB/T 10114 stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreetKind {
    /// 街道, 001–099.
    Street,
    /// 镇, 100–199.
    Town,
    /// 乡, 200–399.
    Township,
}

/// A street (街道), town or township: district and three digits of GB/T 10114, such as `510108014`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreetCode {
    district: DistrictCode,
    number: u16,
}

impl StreetCode {
    /// The street with a number inside a district.
    pub fn new(district: DistrictCode, number: u16) -> Result<Self, CodeFault> {
        let allowed = "001-099 (street), 100-199 (town), 200-399 (township)";
        within("street number", number.into(), 1, 399, allowed)?;
        Ok(Self { district, number })
    }

    /// The district.
    pub const fn district(self) -> DistrictCode {
        self.district
    }

    /// The number inside the district.
    pub const fn number(self) -> u16 {
        self.number
    }

    /// What the number stands for.
    pub const fn kind(self) -> StreetKind {
        match self.number {
            0..100 => StreetKind::Street,
            100..200 => StreetKind::Town,
            _ => StreetKind::Township,
        }
    }
}

impl fmt::Display for StreetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:03}", self.district, self.number)
    }
}

impl FromStr for StreetCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let reading = Reading::new("street code", text, 9..10, "9 digits: district and street")?;
        reading.part(read_street(&reading))
    }
}

/// The street at the beginning of a code.
fn read_street(reading: &Reading<'_>) -> Result<StreetCode, CodeFault> {
    let district = DistrictCode::new(reading.number(0..6))?;
    StreetCode::new(district, reading.number(6..9) as u16)
}

/// A community (社区): street and three digits, such as `510108014003`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommunityCode {
    street: StreetCode,
    number: u16,
}

impl CommunityCode {
    /// The community with a number inside a street.
    pub fn new(street: StreetCode, number: u16) -> Result<Self, CodeFault> {
        within("community number", number.into(), 1, 999, "001-999")?;
        Ok(Self { street, number })
    }

    /// The street.
    pub const fn street(self) -> StreetCode {
        self.street
    }

    /// The number inside the street.
    pub const fn number(self) -> u16 {
        self.number
    }
}

impl fmt::Display for CommunityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:03}", self.street, self.number)
    }
}

impl FromStr for CommunityCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = "12 digits: district, street and community";
        let reading = Reading::new("community code", text, 12..13, allowed)?;
        reading.part(read_community(&reading))
    }
}

/// The community at the beginning of a code.
pub(super) fn read_community(reading: &Reading<'_>) -> Result<CommunityCode, CodeFault> {
    CommunityCode::new(read_street(reading)?, reading.number(9..12) as u16)
}

as_text!(DistrictCode);
as_text!(StreetCode);
as_text!(CommunityCode);
