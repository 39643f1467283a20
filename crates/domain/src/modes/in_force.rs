//! The mode in force with who set it and when, as halls are told.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Mode, ModeSession};
use crate::ids::OfficerId;
use crate::time::Timestamp;

/// Who set a mode, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeSwitch {
    /// The officer; `None` where nobody did, because the backend began with this mode.
    pub officer: Option<OfficerId>,
    /// When it was set at the desk, corrected by the hall's clock offset.
    pub occurred_at: Timestamp,
    /// When the backend recorded it: it is in force since then.
    pub recorded_at: Timestamp,
}

/// The mode in force, or its exercise, with where it comes from.
///
/// In a text it is the object of a [`ModeSession`] with one field more, so that a hall of an earlier
/// version reads the session out of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModeInForce {
    /// The mode, or its exercise.
    pub session: ModeSession,
    /// Who set it and when; `None` from a backend or a cache of an earlier version, which did not say.
    pub switch: Option<ModeSwitch>,
}

impl From<ModeSession> for ModeInForce {
    /// A session of which nobody has said where it comes from.
    fn from(session: ModeSession) -> Self {
        Self {
            session,
            switch: None,
        }
    }
}

impl From<Mode> for ModeInForce {
    fn from(mode: Mode) -> Self {
        ModeSession::from(mode).into()
    }
}

#[derive(Serialize, Deserialize)]
struct Whole {
    mode: Mode,
    #[serde(default)]
    is_drill: bool,
    #[serde(default)]
    switch: Option<ModeSwitch>,
}

impl Serialize for ModeInForce {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let ModeSession { mode, is_drill } = self.session;
        let switch = self.switch.clone();
        Whole {
            mode,
            is_drill,
            switch,
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for ModeInForce {
    /// Reads the mode in force, and from a text also what stood in its place before: a session, and
    /// before there were exercises the bare mode.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Bare(Mode),
            Whole(Whole),
        }
        let whole = if from.is_human_readable() {
            match Text::deserialize(from)? {
                Text::Bare(mode) => return Ok(mode.into()),
                Text::Whole(whole) => whole,
            }
        } else {
            Whole::deserialize(from)?
        };
        Ok(Self {
            session: ModeSession::new(whole.mode, whole.is_drill),
            switch: whole.switch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn red() -> ModeInForce {
        ModeInForce {
            session: ModeSession::new(Mode::EmergencyRed, true),
            switch: Some(ModeSwitch {
                officer: Some(OfficerId::from("zhou.min")),
                occurred_at: Timestamp::from_unix_ms(1_795_136_400_000),
                recorded_at: Timestamp::from_unix_ms(1_795_136_460_000),
            }),
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was_and_by_an_earlier_version_as_a_session() {
        let text = serde_json::to_string(&red()).expect("text");
        expect_test::expect![[r#"{"mode":"emergency_red","is_drill":true,"switch":{"officer":"zhou.min","occurred_at":1795136400000,"recorded_at":1795136460000}}"#]].assert_eq(&text);
        assert_eq!(
            serde_json::from_str::<ModeInForce>(&text).expect("read"),
            red()
        );
        let session: ModeSession = serde_json::from_str(&text).expect("read as before");
        assert_eq!(session, red().session);
    }

    #[test]
    fn what_earlier_versions_wrote_is_read_without_its_origin() {
        let read = |text| serde_json::from_str::<ModeInForce>(text).expect(text);
        assert_eq!(read("\"emergency_red\""), Mode::EmergencyRed.into());
        assert_eq!(
            read(r#"{"mode":"emergency_blue","is_drill":true}"#),
            ModeSession::new(Mode::EmergencyBlue, true).into()
        );
        assert!(serde_json::from_str::<ModeInForce>("\"war\"").is_err());
        assert!(serde_json::from_str::<ModeInForce>(r#"{"is_drill":true}"#).is_err());
    }
}
