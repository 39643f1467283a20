//! Ids of managed components (部件) by GB/T 30428.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::area::DistrictCode;
use super::digits::{CodeError, CodeFault, Reading, as_text, within};
use crate::rules::{CategoryCode, CategoryKind};

/// A managed component: 16 digits = 6 district + 2 major + 2 minor + 6 serial, such as
/// `3205080101000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ComponentId {
    district: DistrictCode,
    major: u8,
    minor: u8,
    serial: u32,
}

impl ComponentId {
    /// The component with a serial number inside a district and category; the category must be one
    /// of components.
    pub fn new(
        district: DistrictCode,
        category: CategoryCode,
        serial: u32,
    ) -> Result<Self, CodeFault> {
        if category.kind != CategoryKind::Component {
            return Err(CodeFault::Part {
                part: "category of events",
                value: category.major.into(),
                allowed: "the categories of components",
            });
        }
        let (major, minor) = (category.major, category.minor);
        within("major category", major.into(), 1, 99, "01-99")?;
        within("minor category", minor.into(), 1, 99, "01-99")?;
        within("serial number", serial, 1, 999_999, "000001-999999")?;
        Ok(Self {
            district,
            major,
            minor,
            serial,
        })
    }

    /// The district.
    pub const fn district(self) -> DistrictCode {
        self.district
    }

    /// The category that the id carries.
    pub const fn category(self) -> CategoryCode {
        CategoryCode {
            kind: CategoryKind::Component,
            major: self.major,
            minor: self.minor,
        }
    }

    /// The serial number inside district and category.
    pub const fn serial(self) -> u32 {
        self.serial
    }
}

impl fmt::Display for ComponentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            district,
            major,
            minor,
            serial,
        } = self;
        write!(f, "{district}{major:02}{minor:02}{serial:06}")
    }
}

impl FromStr for ComponentId {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = "16 digits: 6 district, 2 major, 2 minor, 6 serial";
        let reading = Reading::new("component id", text, 16..17, allowed)?;
        let district = reading.part(DistrictCode::new(reading.number(0..6)))?;
        let category = CategoryCode {
            kind: CategoryKind::Component,
            major: reading.number(6..8) as u8,
            minor: reading.number(8..10) as u8,
        };
        reading.part(Self::new(district, category, reading.number(10..16)))
    }
}

as_text!(ComponentId);
