//! The words of the screens, so that the page calls everything what an officer sees it called.

use std::collections::BTreeMap;
use std::path::Path;

/// Chinese and English words by section and key of `assets/strings/ui.yml`.
pub struct Words(BTreeMap<(String, String), [String; 2]>);

impl Words {
    /// Reads the strings file.
    pub fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/strings/ui.yml");
        let text = std::fs::read_to_string(&file).expect("the strings file");
        let mut section = String::new();
        let mut words = BTreeMap::new();
        for line in text.lines() {
            if let Some(name) = line.strip_suffix(':').filter(|l| !l.starts_with(' ')) {
                name.clone_into(&mut section);
            }
            if let Some((key, pair)) = line.trim().split_once(": { zh-CN: \"")
                && let Some((zh, rest)) = pair.split_once("\", en: \"")
                && let Some((en, _)) = rest.split_once("\" }")
            {
                let key = (section.clone(), key.to_owned());
                words.insert(key, [zh.to_owned(), en.to_owned()]);
            }
        }
        Self(words)
    }

    fn pair(&self, section: &str, key: &str) -> &[String; 2] {
        self.0
            .get(&(section.to_owned(), key.to_owned()))
            .unwrap_or_else(|| panic!("ui.yml has no {section}.{key}"))
    }

    /// The Chinese word.
    pub fn zh(&self, section: &str, key: &str) -> &str {
        &self.pair(section, key)[0]
    }

    /// Both, as `回退 Return`.
    pub fn both(&self, section: &str, key: &str) -> String {
        let [zh, en] = self.pair(section, key);
        format!("{zh} {en}")
    }
}

/// The name under which a value without contents is stored, which is also its key in the strings.
pub fn key(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .expect("a value without contents")
}
