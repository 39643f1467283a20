//! The desk's keyboard: which key does what, and when a key belongs to the text being typed.

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCommand {
    /// Select the row so many places down (negative: up).
    Step(isize),
    /// Put the focus into the detail.
    OpenDetail,
    /// Send the proposed responder.
    Dispatch,
    /// Take the last order back.
    Undo,
    /// Put the focus into the search field.
    Search,
    /// Show or hide the outbox.
    Outbox,
    /// Open the form of a new matter.
    Report,
    /// Show or hide the duty log.
    Duty,
    /// Show the list of shortcuts.
    Shortcuts,
    /// Step back: close what is open, clear the search, clear the filter.
    Back,
}

/// Where the focus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// In a dialog, which keeps its keys to itself.
    Dialog,
    /// In the form of a new matter: every key but Escape belongs to it.
    Form,
    /// In a field that takes text.
    Text,
    /// On a control that Enter operates (a button, a menu).
    Control,
    /// On the map, which the arrows move.
    Map,
    /// Elsewhere: the queue, the map, nothing.
    Elsewhere,
}

/// Rows that Page Up and Page Down move by.
const PAGE_ROWS: isize = 8;

/// The command of a key (`KeyboardEvent.key`), or `None` when the key is not the desk's. Keys with
/// Ctrl, Alt or Meta held belong to the browser and are not asked about.
pub fn command(key: &str, focus: Focus) -> Option<KeyCommand> {
    use KeyCommand as K;
    if focus == Focus::Dialog {
        return None;
    }
    if key == "Escape" {
        return Some(K::Back);
    }
    if matches!(focus, Focus::Text | Focus::Form) {
        return None;
    }
    let everywhere = match key {
        "d" | "D" => Some(K::Dispatch),
        "z" | "Z" => Some(K::Undo),
        "o" | "O" => Some(K::Outbox),
        "n" | "N" => Some(K::Report),
        "l" | "L" => Some(K::Duty),
        "/" => Some(K::Search),
        "?" => Some(K::Shortcuts),
        _ => None,
    };
    if everywhere.is_some() || focus == Focus::Map {
        return everywhere;
    }
    match key {
        "Enter" if focus == Focus::Control => None,
        "ArrowDown" | "j" => Some(K::Step(1)),
        "ArrowUp" | "k" => Some(K::Step(-1)),
        "PageDown" => Some(K::Step(PAGE_ROWS)),
        "PageUp" => Some(K::Step(-PAGE_ROWS)),
        "Home" => Some(K::Step(isize::MIN)),
        "End" => Some(K::Step(isize::MAX)),
        "Enter" => Some(K::OpenDetail),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_typed_into_a_field_send_nobody() {
        for focus in [Focus::Text, Focus::Dialog, Focus::Form] {
            for key in ["d", "D", "z", "/", "?", "o", "n", "N", "Enter", "ArrowDown"] {
                assert_eq!(command(key, focus), None, "{key} in {focus:?}");
            }
        }
        assert_eq!(command("d", Focus::Elsewhere), Some(KeyCommand::Dispatch));
        assert_eq!(command("D", Focus::Control), Some(KeyCommand::Dispatch));
    }

    #[test]
    fn escape_steps_back_from_a_field_but_a_dialog_closes_itself() {
        assert_eq!(command("Escape", Focus::Text), Some(KeyCommand::Back));
        assert_eq!(command("Escape", Focus::Form), Some(KeyCommand::Back));
        assert_eq!(command("n", Focus::Map), Some(KeyCommand::Report));
        assert_eq!(command("Escape", Focus::Dialog), None);
    }

    #[test]
    fn enter_belongs_to_the_button_and_the_arrows_to_the_map_that_has_the_focus() {
        assert_eq!(command("ArrowDown", Focus::Map), None);
        assert_eq!(command("/", Focus::Map), Some(KeyCommand::Search));
        assert_eq!(command("Enter", Focus::Control), None);
        assert_eq!(
            command("ArrowUp", Focus::Control),
            Some(KeyCommand::Step(-1))
        );
        assert_eq!(
            command("ArrowDown", Focus::Elsewhere),
            Some(KeyCommand::Step(1))
        );
        assert_eq!(
            command("Enter", Focus::Elsewhere),
            Some(KeyCommand::OpenDetail)
        );
        assert_eq!(command("F5", Focus::Elsewhere), None);
    }
}
