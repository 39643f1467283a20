//! What the screens make of the mode in force: its colour, the panel in front, and whether it is
//! only exercised.

use domain::modes::{Mode, ModeSession, rules_in_mode};

use super::catalogue::Catalogue;

/// The mode as the screens show it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModeView {
    /// The mode, or its exercise.
    pub session: ModeSession,
    /// Token of the theme that colours the screen; `None` when it looks as on any other day.
    pub theme: Option<String>,
    /// The panel that stands in front on the wall.
    pub panel: Option<String>,
}

/// The mode under the rules in force.
pub fn mode_view(session: ModeSession, catalogue: Option<&Catalogue>) -> ModeView {
    let screen = catalogue.and_then(|c| rules_in_mode(&c.reference.rules, session).screen());
    ModeView {
        session,
        theme: screen.map(|screen| screen.theme.clone()),
        panel: screen.map(|screen| screen.panel.clone()),
    }
}

/// Whether the desk offers to begin a mode as an exercise: not in place of a true emergency.
pub fn may_be_drill(now: ModeSession, wanted: Mode) -> bool {
    let drill = ModeSession::new(wanted, true);
    drill.is_drill && now.may_become(drill).is_ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::screens::desk::sample;
    use domain::modes::{ModeRule, ModeScreen, PANELS, THEMES};

    /// A catalogue whose red mode shows people outside the roster.
    pub fn catalogue() -> Catalogue {
        let mut reference = sample::reference();
        reference.rules.modes = vec![ModeRule {
            mode: Mode::EmergencyRed,
            scopes: Vec::new(),
            calls_emergency_duty: true,
            shows_outside_roster: true,
            is_round_the_clock: false,
            stage_limits: None,
            ranking: None,
            screen: ModeScreen {
                theme: "emergency-orange".to_owned(),
                panel: "people".to_owned(),
            },
        }];
        Catalogue::new(reference)
    }

    const THEME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/theme");

    #[test]
    fn the_screen_follows_the_rules_of_the_mode_also_in_an_exercise() {
        let catalogue = catalogue();
        for is_drill in [false, true] {
            let session = ModeSession::new(Mode::EmergencyRed, is_drill);
            let view = mode_view(session, Some(&catalogue));
            assert_eq!(view.session, session);
            assert_eq!(view.theme.as_deref(), Some("emergency-orange"));
            assert_eq!(view.panel.as_deref(), Some("people"));
        }
        let normal = mode_view(ModeSession::default(), Some(&catalogue));
        assert_eq!(normal, ModeView::default());
        // A mode that the rules do not describe, and the time before there are rules.
        let blue = Mode::EmergencyBlue.into();
        assert_eq!(mode_view(blue, Some(&catalogue)).theme, None);
        assert_eq!(mode_view(blue, None).theme, None);
    }

    #[test]
    fn an_exercise_is_offered_for_emergencies_and_not_inside_one() {
        let red = ModeSession::from(Mode::EmergencyRed);
        assert!(may_be_drill(ModeSession::default(), Mode::EmergencyBlue));
        assert!(!may_be_drill(ModeSession::default(), Mode::Normal));
        assert!(!may_be_drill(red, Mode::EmergencyBlue));
        let drill = ModeSession::new(Mode::EmergencyRed, true);
        assert!(may_be_drill(drill, Mode::EmergencyBlue));
    }

    #[test]
    fn the_theme_draws_every_token_and_every_panel_that_a_rule_may_name() {
        let read = |file: &str| {
            let path = format!("{THEME}/{file}");
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
        };
        let (components, wall) = (read("components.css"), read("wall.css"));
        for token in THEMES {
            let selector = format!("[data-mode-theme=\"{token}\"]");
            let colour = format!("--mode-tone: var(--{token});");
            assert!(components.contains(&selector), "{selector}");
            assert!(components.contains(&colour), "{colour}");
        }
        for panel in PANELS {
            let selector = format!(".wall[data-front-panel=\"{panel}\"]");
            assert!(wall.contains(&selector), "{selector}");
        }
    }
}
