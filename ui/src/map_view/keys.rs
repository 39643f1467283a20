//! The keys of the map that concern more than the picture; the others are the map module's own.

use domain::PersonId;

/// What a key on the map asks of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKey {
    /// Show the whole street.
    ShowAll,
    /// Follow this person, or no longer.
    Follow(PersonId),
}

/// The wish of a key (`KeyboardEvent.key`) with the focus on the map, given who is selected and who
/// is followed.
pub fn wish(key: &str, selected: Option<PersonId>, followed: Option<PersonId>) -> Option<MapKey> {
    match key {
        "Home" => Some(MapKey::ShowAll),
        "f" | "F" => selected.or(followed).map(MapKey::Follow),
        _ => None,
    }
}

/// Whether a key, with Ctrl and Shift held anywhere in the window, shows or hides the figures.
pub fn is_figures_key(key: &str, ctrl: bool, shift: bool) -> bool {
    ctrl && shift && matches!(key, "f" | "F")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_follows_the_selected_person_and_lets_go_of_the_followed_one() {
        let [one, two] = [1, 2].map(|n| Some(PersonId(n)));
        assert_eq!(wish("f", one, None), Some(MapKey::Follow(PersonId(1))));
        assert_eq!(wish("F", one, two), Some(MapKey::Follow(PersonId(1))));
        assert_eq!(wish("f", None, two), Some(MapKey::Follow(PersonId(2))));
        assert_eq!(wish("f", None, None), None);
        assert_eq!(wish("Home", None, None), Some(MapKey::ShowAll));
        assert_eq!(wish("ArrowUp", one, two), None);
        assert!(is_figures_key("F", true, true) && !is_figures_key("f", true, false));
    }
}
