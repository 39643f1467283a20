//! A hand at the virtual screen: clicks and presses keys, as a person at the desk would.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, Keycode, MOTION_NOTIFY_EVENT, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::display::VirtualDisplay;

/// The left mouse button.
const BUTTON: u8 = 1;
/// Time between two presses; a window reads them one by one.
const BETWEEN_PRESSES: Duration = Duration::from_millis(120);

/// Names of keys that are not a character, with their X11 symbols.
const NAMED_KEYS: [(&str, u32); 8] = [
    ("Enter", 0xff0d),
    ("Escape", 0xff1b),
    ("Tab", 0xff09),
    ("Home", 0xff50),
    ("ArrowUp", 0xff52),
    ("ArrowDown", 0xff54),
    ("PageUp", 0xff55),
    ("PageDown", 0xff56),
];

/// A connection to the virtual screen that can press keys and buttons.
pub struct Hand {
    connection: RustConnection,
    root: Window,
    /// Which key gives a symbol without any other key held.
    keys: HashMap<u32, Keycode>,
}

impl Hand {
    pub fn at(display: &VirtualDisplay) -> Result<Self> {
        let (connection, screen) = x11rb::connect(Some(display.name()))
            .context("the virtual screen takes no connection")?;
        let setup = connection.setup();
        let root = setup.roots[screen].root;
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mapping = connection
            .get_keyboard_mapping(first, last - first + 1)?
            .reply()?;
        let per_key = usize::from(mapping.keysyms_per_keycode).max(1);
        let keys = mapping
            .keysyms
            .chunks(per_key)
            .zip(first..=last)
            .filter_map(|(symbols, key)| Some((*symbols.first()?, key)))
            .collect();
        Ok(Self {
            connection,
            root,
            keys,
        })
    }

    /// Clicks at a place of the screen, in pixels from its upper left corner.
    pub fn click(&self, x_px: usize, y_px: usize) -> Result<()> {
        self.event(MOTION_NOTIFY_EVENT, 0, x_px as i16, y_px as i16)?;
        self.event(BUTTON_PRESS_EVENT, BUTTON, 0, 0)?;
        self.event(BUTTON_RELEASE_EVENT, BUTTON, 0, 0)?;
        thread::sleep(BETWEEN_PRESSES);
        Ok(())
    }

    /// Moves the pointer without clicking.
    pub fn point(&self, x_px: usize, y_px: usize) -> Result<()> {
        self.event(MOTION_NOTIFY_EVENT, 0, x_px as i16, y_px as i16)
    }

    /// Presses a key by the name that a web page gives it: `Enter`, `ArrowDown`, `d`, `4`.
    pub fn press(&self, key: &str) -> Result<()> {
        let symbol = symbol_of(key).with_context(|| format!("\"{key}\" is no key's name"))?;
        let code = *self
            .keys
            .get(&symbol)
            .with_context(|| format!("the virtual keyboard has no key for \"{key}\""))?;
        self.event(KEY_PRESS_EVENT, code, 0, 0)?;
        self.event(KEY_RELEASE_EVENT, code, 0, 0)?;
        thread::sleep(BETWEEN_PRESSES);
        Ok(())
    }

    /// Types a text of small letters and digits.
    pub fn type_text(&self, text: &str) -> Result<()> {
        text.chars()
            .try_for_each(|letter| self.press(&letter.to_string()))
    }

    fn event(&self, kind: u8, detail: u8, x: i16, y: i16) -> Result<()> {
        self.connection
            .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0)?
            .check()
            .context("the virtual screen refuses input")
    }
}

/// The X11 symbol of a key's name.
fn symbol_of(key: &str) -> Option<u32> {
    if let Some((_, symbol)) = NAMED_KEYS.iter().find(|(name, _)| *name == key) {
        return Some(*symbol);
    }
    let mut letters = key.chars();
    match (letters.next(), letters.next()) {
        // Symbols of printable ASCII characters are their codes.
        (Some(letter), None) if letter.is_ascii_graphic() || letter == ' ' => Some(letter as u32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_as_web_pages_name_them() {
        assert_eq!(symbol_of("Enter"), Some(0xff0d));
        assert_eq!(symbol_of("d"), Some(0x64));
        assert_eq!(symbol_of("Hyper"), None);
        assert_eq!(symbol_of("街"), None);
    }

    #[test]
    fn a_hand_finds_its_keys_on_the_virtual_keyboard() {
        let dir = tempfile::tempdir().unwrap();
        let display = VirtualDisplay::start("640x480".parse().unwrap(), dir.path()).unwrap();
        let hand = Hand::at(&display).unwrap();
        hand.click(10, 10).unwrap();
        hand.type_text("j4").unwrap();
        for (name, _) in NAMED_KEYS {
            hand.press(name).unwrap();
        }
        assert!(hand.press("街").is_err());
        let pointer = hand
            .connection
            .query_pointer(hand.root)
            .unwrap()
            .reply()
            .unwrap();
        assert_eq!((pointer.root_x, pointer.root_y), (10, 10));
    }
}
