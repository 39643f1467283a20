//! People of the street: three classes, roster entries, skills and last positions.
//!
//! Whether somebody is on duty depends on others too (whom they stand in for) and on the mode: see
//! [`crate::roster`].

use serde::{Deserialize, Serialize};

use crate::ids::{GridCode, GroupId, PersonId};
use crate::places::{Crs, LonLat};
use crate::roster::DutyPlan;
use crate::time::{MINUTE_MS, Timestamp};

/// A position older than this is drawn hollow.
pub const POSITION_STALE_MS: i64 = 5 * MINUTE_MS;
/// A person whose position is older than this is not offered for dispatch.
pub const POSITION_LOST_MS: i64 = 30 * MINUTE_MS;

/// The three classes (三类人员).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonClass {
    /// Street and community staff (街道社区).
    StreetStaff,
    /// Stationed forces (下沉力量): police, city management, emergency.
    StationedForce,
    /// Social forces (社会力量): micro-grid members, building heads, volunteers.
    SocialForce,
}

impl PersonClass {
    /// All classes in the order in which screens list them.
    pub const ALL: [Self; 3] = [Self::StreetStaff, Self::StationedForce, Self::SocialForce];
}

/// The post (岗位) that a person holds; the responsibility list names posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// 街道干部.
    StreetOfficial,
    /// 社区工作者.
    CommunityWorker,
    /// 网格长.
    GridHead,
    /// 网格员.
    GridMember,
    /// 民警.
    Police,
    /// 城管队员.
    CityManagement,
    /// 应急队员.
    Emergency,
    /// 综治队员.
    PublicOrder,
    /// 市政养护.
    Maintenance,
    /// 微网格员.
    MicroGridMember,
    /// 楼栋长.
    BuildingHead,
    /// 志愿者.
    Volunteer,
}

impl Post {
    /// All posts in the order of their classes.
    pub const ALL: [Self; 12] = [
        Self::StreetOfficial,
        Self::CommunityWorker,
        Self::GridHead,
        Self::GridMember,
        Self::Police,
        Self::CityManagement,
        Self::Emergency,
        Self::PublicOrder,
        Self::Maintenance,
        Self::MicroGridMember,
        Self::BuildingHead,
        Self::Volunteer,
    ];

    /// The class that the post belongs to.
    pub const fn class(self) -> PersonClass {
        match self {
            Self::StreetOfficial | Self::CommunityWorker | Self::GridHead | Self::GridMember => {
                PersonClass::StreetStaff
            }
            Self::Police
            | Self::CityManagement
            | Self::Emergency
            | Self::PublicOrder
            | Self::Maintenance => PersonClass::StationedForce,
            Self::MicroGridMember | Self::BuildingHead | Self::Volunteer => {
                PersonClass::SocialForce
            }
        }
    }
}

/// What a person can do beyond the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skill {
    /// 水电维修.
    Electrician,
    /// 管道疏通.
    Plumbing,
    /// 急救.
    FirstAid,
    /// 消防.
    Firefighting,
    /// 调解.
    Mediation,
    /// 市容执法.
    StreetOrder,
    /// 环卫保洁.
    Sanitation,
    /// 道路养护.
    RoadRepair,
    /// 治安处置.
    PublicSecurity,
    /// 防汛排涝.
    FloodControl,
    /// 绿化养护.
    Greenery,
}

/// How a person moves, with the speed used for road times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TravelMode {
    /// On foot.
    Walk,
    /// Electric bicycle.
    EBike,
    /// Car or motorcycle.
    Car,
}

/// Daily shift in local minutes of the day; `from == to` means round the clock, `from > to` spans
/// midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// First minute on duty, in `0..1440`.
    pub from_minute: u16,
    /// First minute off duty, in `0..1440`.
    pub to_minute: u16,
}

impl Shift {
    /// Whether the shift covers the instant.
    pub const fn covers(&self, at: Timestamp) -> bool {
        let minute = at.local_minute_of_day();
        if self.from_minute == self.to_minute {
            true
        } else if self.from_minute < self.to_minute {
            self.from_minute <= minute && minute < self.to_minute
        } else {
            minute >= self.from_minute || minute < self.to_minute
        }
    }
}

/// How data that nobody decides about day by day came to the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// With what a new backend was filled with.
    Seed,
    /// By an import.
    Import,
    /// From the rules files, at a start of the backend.
    RulesFiles,
    /// By a command at the backend. Only officers come so: halls of earlier versions do not know the
    /// word, and read nothing of where officers come from.
    Command,
}

/// Where such data comes from and how old it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The way by which it came.
    pub supply: Supply,
    /// When the backend took it; an import that brings the same again counts, a start with the same rules does
    /// not.
    pub at: Timestamp,
}

/// One entry of the roster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Roster number.
    pub id: PersonId,
    /// Full name; masked before it reaches a wall.
    pub name: String,
    /// Post held.
    pub post: Post,
    /// Skills beyond the post.
    pub skills: Vec<Skill>,
    /// Phone number; masked before it reaches a wall.
    pub phone: String,
    /// The grid that the person is responsible for, of any level.
    pub home_grid: Option<GridCode>,
    /// Daily shift of the normal duty set.
    pub shift: Shift,
    /// How the person moves.
    pub travel: TravelMode,
    /// What differs from the daily shift on single days, and the shift of the emergency duty set.
    #[serde(default)]
    pub duty: DutyPlan,
    /// Groups to which orders are given together.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// Where the entry comes from; written by the backend that takes it, and `None` on entries of
    /// earlier versions.
    #[serde(default)]
    pub provenance: Option<Provenance>,
}

impl Person {
    /// The class of the person's post.
    pub const fn class(&self) -> PersonClass {
        self.post.class()
    }
}

/// Who brought a position: the backend goes by the key that it came with. All phones of the street
/// report through one gateway and its one key, so more is not known of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PositionSource {
    /// The field's gateway.
    Field,
    /// A hall.
    Hall,
    /// What the backend was filled with.
    Seed,
    /// Nobody knows: it was recorded before this was kept, or a later version has a word for it.
    #[default]
    #[serde(other)]
    Unknown,
}

/// One reported position.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PositionFix {
    /// Whose position.
    pub person: PersonId,
    /// Where, converted to CGCS2000.
    pub location: LonLat,
    /// The coordinate system that it came in; those recorded before this was kept came in CGCS2000
    /// or WGS 84, which are taken as equal.
    #[serde(default)]
    pub source_crs: Crs,
    /// Who brought it.
    #[serde(default)]
    pub source: PositionSource,
    /// When it was measured.
    pub at: Timestamp,
    /// Radius of the 68 % circle in metres.
    pub accuracy_m: f32,
    /// Speed over ground in metres per second.
    pub speed_mps: f32,
    /// Course in degrees from north, clockwise.
    pub heading_deg: f32,
}

/// How far a position can still be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PositionAge {
    /// Younger than 5 minutes.
    Fresh,
    /// 5 to 30 minutes: drawn hollow.
    Stale,
    /// Older than 30 minutes, or none at all: not offered for dispatch.
    Lost,
}

impl PositionAge {
    /// The class of a position measured at `at`, seen at `now`. A position from the future (a
    /// phone with a wrong clock) counts as fresh, because it did arrive.
    pub const fn of(at: Timestamp, now: Timestamp) -> Self {
        let age_ms = now.ms_since(at);
        if age_ms <= POSITION_STALE_MS {
            Self::Fresh
        } else if age_ms <= POSITION_LOST_MS {
            Self::Stale
        } else {
            Self::Lost
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64, minute: i64) -> Timestamp {
        // Local midnight of 20 November 2026.
        Timestamp::from_unix_ms(1_795_104_000_000).plus_ms((hour * 60 + minute) * MINUTE_MS)
    }

    #[test]
    fn shifts_over_midnight_cover_both_sides() {
        let night = Shift {
            from_minute: 20 * 60,
            to_minute: 8 * 60,
        };
        assert!(night.covers(at(23, 0)) && night.covers(at(7, 59)));
        assert!(!night.covers(at(8, 0)) && !night.covers(at(19, 59)));
        let day = Shift {
            from_minute: 8 * 60,
            to_minute: 20 * 60,
        };
        assert!(day.covers(at(8, 0)) && !day.covers(at(20, 0)));
        let always = Shift {
            from_minute: 0,
            to_minute: 0,
        };
        assert!(always.covers(at(3, 33)));
    }

    #[test]
    fn who_brought_a_position_is_unknown_where_another_version_says_nothing_or_something_new() {
        let mut fix = serde_json::to_value(crate::samples::fix(0)).expect("json");
        let read = |fix: &serde_json::Value| {
            let fix: PositionFix = serde_json::from_value(fix.clone()).expect("read");
            fix.source
        };
        fix["source"] = "field".into();
        assert_eq!(read(&fix), PositionSource::Field);
        fix["source"] = "satellite".into();
        assert_eq!(read(&fix), PositionSource::Unknown);
        fix.as_object_mut().expect("an object").remove("source");
        assert_eq!(read(&fix), PositionSource::Unknown);
    }

    #[test]
    fn position_age_turns_at_five_and_thirty_minutes() {
        let now = at(12, 0);
        assert_eq!(
            PositionAge::of(now.plus_ms(-5 * MINUTE_MS), now),
            PositionAge::Fresh
        );
        assert_eq!(
            PositionAge::of(now.plus_ms(-5 * MINUTE_MS - 1), now),
            PositionAge::Stale
        );
        assert_eq!(
            PositionAge::of(now.plus_ms(-30 * MINUTE_MS), now),
            PositionAge::Stale
        );
        assert_eq!(
            PositionAge::of(now.plus_ms(-30 * MINUTE_MS - 1), now),
            PositionAge::Lost
        );
        assert_eq!(
            PositionAge::of(now.plus_ms(MINUTE_MS), now),
            PositionAge::Fresh
        );
    }
}
