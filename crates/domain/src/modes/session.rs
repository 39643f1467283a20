//! A mode in force, or an exercise of one, and which may follow which.

use serde::{Deserialize, Deserializer, Serialize};

use super::Mode;
use crate::drill::DrillMarked;

/// A mode in force, or an exercise (演练) of one. Normal mode is never an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ModeSession {
    /// The mode.
    pub mode: Mode,
    /// Whether it is only exercised: then its rules hold for drill matters alone.
    pub is_drill: bool,
}

/// Why a mode may not be switched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SwitchRefused {
    /// An exercise would end the true emergency.
    #[error("no drill is begun while an emergency is in force: return to normal mode first")]
    DrillInEmergency,
}

impl ModeSession {
    /// A mode, or an exercise of it.
    pub fn new(mode: Mode, is_drill: bool) -> Self {
        Self {
            mode,
            is_drill: is_drill && mode != Mode::Normal,
        }
    }

    /// Whether another session may follow. A true emergency interrupts an exercise at once; an
    /// exercise never takes the place of a true emergency, which would go on without its rules.
    pub fn may_become(self, next: Self) -> Result<(), SwitchRefused> {
        if next.is_drill && !self.is_drill && self.mode != Mode::Normal {
            return Err(SwitchRefused::DrillInEmergency);
        }
        Ok(())
    }
}

impl From<Mode> for ModeSession {
    fn from(mode: Mode) -> Self {
        Self::new(mode, false)
    }
}

impl DrillMarked for ModeSession {
    fn is_drill(&self) -> bool {
        self.is_drill
    }
}

impl<'de> Deserialize<'de> for ModeSession {
    /// Reads a session, and from a text also the bare mode that stood in its place before there
    /// were exercises.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Session {
            mode: Mode,
            #[serde(default)]
            is_drill: bool,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Bare(Mode),
            Session(Session),
        }
        let session = if from.is_human_readable() {
            match Text::deserialize(from)? {
                Text::Bare(mode) => return Ok(mode.into()),
                Text::Session(session) => session,
            }
        } else {
            Session::deserialize(from)?
        };
        Ok(Self::new(session.mode, session.is_drill))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_session() -> impl Strategy<Value = ModeSession> {
        (proptest::sample::select(&Mode::ALL[..]), any::<bool>())
            .prop_map(|(mode, is_drill)| ModeSession::new(mode, is_drill))
    }

    #[test]
    fn normal_mode_is_no_exercise() {
        assert_eq!(ModeSession::new(Mode::Normal, true), Mode::Normal.into());
        assert!(ModeSession::new(Mode::EmergencyBlue, true).is_drill());
    }

    #[test]
    fn a_bare_mode_of_an_earlier_version_is_read_and_a_stray_drill_mark_is_not() {
        let read = |text| serde_json::from_str::<ModeSession>(text).expect(text);
        assert_eq!(read("\"emergency_red\""), Mode::EmergencyRed.into());
        assert_eq!(
            read(r#"{"mode":"normal","is_drill":true}"#),
            Mode::Normal.into()
        );
        assert_eq!(
            read(r#"{"mode":"emergency_blue","is_drill":true}"#),
            ModeSession::new(Mode::EmergencyBlue, true)
        );
        assert!(serde_json::from_str::<ModeSession>("\"war\"").is_err());
    }

    proptest! {
        #[test]
        fn a_session_that_is_written_is_read_as_it_was(session in any_session()) {
            let text = serde_json::to_string(&session).expect("text");
            prop_assert_eq!(serde_json::from_str::<ModeSession>(&text).expect("read"), session);
        }

        #[test]
        fn only_an_exercise_in_a_true_emergency_is_refused(now in any_session(), next in any_session()) {
            let is_true_emergency = now.mode != Mode::Normal && !now.is_drill;
            let refused = now.may_become(next).is_err();
            prop_assert_eq!(refused, is_true_emergency && next.is_drill);
        }
    }
}
