//! The look of the window: dark as on the wall, or light for a desk in daylight and for printing.
//!
//! Which one is a matter of the machine and not of the officer, so the page keeps the choice. The
//! wall is always dark: people look at it for hours in a dimmed hall.

use leptos::prelude::*;
use protocol::commands::WindowKind;

/// Where the page keeps the choice.
const KEPT_AS: &str = "streethall-appearance";

/// A look of the theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Appearance {
    #[default]
    Dark,
    Light,
}

impl Appearance {
    /// Its name in the theme, in the names of map styles and where it is kept.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    /// The look of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Dark, Self::Light]
            .into_iter()
            .find(|appearance| appearance.name() == name)
    }

    /// The one that it is not.
    pub const fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }
}

/// The look of this window; copies mean the same one.
#[derive(Clone, Copy)]
pub struct AppearanceControl {
    /// What is shown, and already on the page when it changes.
    pub shown: RwSignal<Appearance>,
}

/// The look of this window.
pub fn use_appearance() -> AppearanceControl {
    expect_context()
}

impl AppearanceControl {
    /// Gives the window its look and makes it available to all components below.
    pub fn provide(window: WindowKind) -> Self {
        let kept = match window {
            WindowKind::Wall => None,
            WindowKind::Desk => kept(),
        };
        let shown = kept.unwrap_or_default();
        put_on_page(shown);
        let control = Self {
            shown: RwSignal::new(shown),
        };
        provide_context(control);
        control
    }

    /// Shows a look from now on, and after the next start.
    pub fn choose(self, appearance: Appearance) {
        put_on_page(appearance);
        if let Some(storage) = storage() {
            // A page that may keep nothing starts dark again.
            storage.set_item(KEPT_AS, appearance.name()).ok();
        }
        self.shown.set(appearance);
    }
}

fn put_on_page(appearance: Appearance) {
    if let Some(root) = document().document_element() {
        // Setting an attribute of a valid name cannot fail.
        root.set_attribute("data-appearance", appearance.name())
            .ok();
    }
}

fn kept() -> Option<Appearance> {
    let name = storage()?.get_item(KEPT_AS).ok()??;
    Appearance::named(&name)
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_found_by_the_name_it_is_kept_under() {
        for appearance in [Appearance::Dark, Appearance::Light] {
            assert_eq!(Appearance::named(appearance.name()), Some(appearance));
            assert_ne!(appearance.other(), appearance);
            assert_eq!(appearance.other().other(), appearance);
        }
        assert_eq!(Appearance::named("neon"), None);
    }
}
