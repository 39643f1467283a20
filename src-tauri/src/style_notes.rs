//! What the map left out of its style, said in the hall's log once per start, whichever of the
//! windows tells it and however often its style is set anew.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use protocol::commands::NoteMapStyle;
use protocol::map_styles::STYLES;

use crate::own_styles::OwnStyles;

/// A style from elsewhere may use some dozens of things that are not supported; more than this
/// would only bury the rest of the log.
const MOST: usize = 200;
/// Longer ones are cut.
const MOST_CHARS: usize = 600;

/// What was said since the start.
#[derive(Default)]
pub struct StyleNotes {
    said: Mutex<BTreeSet<(String, String)>>,
}

impl StyleNotes {
    /// Says it, with the file, unless it was said before.
    pub fn take(&self, own_styles: &OwnStyles, note: &NoteMapStyle) {
        if let Some(line) = self.line(own_styles, note) {
            tracing::warn!("{line}");
        }
    }

    /// The line for the log; `None` for what was said before.
    fn line(&self, own_styles: &OwnStyles, note: &NoteMapStyle) -> Option<String> {
        // Only names that are known are repeated: the window is not the one who names files.
        let style = STYLES.iter().find(|style| **style == note.style)?;
        let words = note.text.chars().take(MOST_CHARS);
        let text: String = words
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() > MOST || !said.insert(((*style).to_owned(), text.clone())) {
            return None;
        }
        if said.len() > MOST {
            return Some(format!(
                "the map has said {MOST} things about its styles; what else there is about {style} is not said"
            ));
        }
        let file = own_styles.file_of(style).map_or_else(
            || format!("{style}.json, as shipped"),
            |path| path.display().to_string(),
        );
        Some(format!("the map style {file}: {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(style: &str, text: &str) -> NoteMapStyle {
        NoteMapStyle {
            style: style.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn each_is_said_once_per_style_with_its_file() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let folder = dir.path().join(crate::own_styles::FOLDER);
        std::fs::create_dir(&folder).expect("made");
        let own = folder.join("raster_dark.json");
        std::fs::write(&own, r#"{"version": 8, "layers": []}"#).expect("written");
        let (own_styles, _) = OwnStyles::read(dir.path());
        let notes = StyleNotes::default();
        let line = |style, text| notes.line(&own_styles, &note(style, text));
        let said = line("raster_dark", "a \"glow\"\nis left out").expect("news");
        assert!(said.contains(&own.display().to_string()), "{said}");
        assert!(said.ends_with("a \"glow\" is left out"), "{said}");
        assert_eq!(line("raster_dark", "a \"glow\"\nis left out"), None);
        let shipped = line("raster_light", "a \"glow\"\nis left out").expect("another file");
        assert!(
            shipped.contains("raster_light.json, as shipped"),
            "{shipped}"
        );
        assert_eq!(line("/etc/passwd", "no style"), None);
    }

    #[test]
    fn the_log_is_not_buried() {
        let (own_styles, notes) = (OwnStyles::default(), StyleNotes::default());
        let said: Vec<String> = (0..3 * MOST)
            .filter_map(|n| notes.line(&own_styles, &note("raster_dark", &n.to_string())))
            .collect();
        assert_eq!(said.len(), MOST + 1);
        assert!(said[MOST].contains("not said"), "{}", said[MOST]);
        let notes = StyleNotes::default();
        let long = notes.line(&own_styles, &note("raster_dark", &"长".repeat(5000)));
        assert!(long.is_some_and(|line| line.chars().count() < MOST_CHARS + 100));
    }
}
