//! The catalogue of strings: both languages are complete, and no component has words of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn files_under(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(files_under(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            files.push(path);
        }
    }
    files
}

/// Lines before a file's test module, without comments; none of a file of tests or of samples for them.
fn code_lines(path: &Path) -> Vec<String> {
    if path.ends_with("sample.rs") || path.ends_with("tests.rs") {
        return Vec::new();
    }
    let text = fs::read_to_string(path).expect("a readable file");
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .map(|line| line.split("//").next().unwrap_or_default().to_owned())
        .collect()
}

/// Keys that the code names in `t!("…")` or in a table of words (`Variant => "…"`).
fn used_keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for path in files_under(&root().join("src"), ".rs") {
        let code = code_lines(&path).join("\n");
        for part in code.split('"').skip(1).step_by(2) {
            let mut words = part.split('.');
            let is_key = (2..=4).contains(&words.clone().count())
                && words.all(|word| {
                    !word.is_empty()
                        && word
                            .chars()
                            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
                });
            let is_file = [".css", ".js", ".rs", ".json", ".txt"]
                .iter()
                .any(|e| part.ends_with(e));
            if is_key && !is_file {
                keys.insert(part.to_owned());
            }
        }
    }
    keys
}

/// Keys of one file, which are the names above each `zh-CN` and `en`.
fn keys_of(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut above: Vec<(usize, String)> = Vec::new();
    for line in text.lines() {
        let Some((name, rest)) = line.split_once(':') else {
            continue;
        };
        let indent = name.len() - name.trim_start().len();
        let name = name.trim();
        if name.starts_with(['#', '_']) {
            continue;
        }
        above.retain(|(outer, _)| *outer < indent);
        let is_language = ["zh-CN", "en"].contains(&name);
        if !is_language {
            above.push((indent, name.to_owned()));
        }
        if is_language || rest.trim_start().starts_with('{') {
            let path: Vec<_> = above.iter().map(|(_, name)| name.as_str()).collect();
            keys.insert(path.join("."));
        }
    }
    keys
}

/// Keys of the catalogue with the texts of each language: `(key, zh, en)`.
fn catalogue() -> Vec<(String, Option<String>, Option<String>)> {
    let mut keys = BTreeSet::new();
    let folder = root().join("../assets/strings");
    for path in files_under(&folder, ".yml") {
        keys.extend(keys_of(&fs::read_to_string(path).expect("a readable file")));
    }
    let of = |key: &str, language: &str| {
        let text = ui::translation(language, key);
        (!text.ends_with(key)).then_some(text)
    };
    keys.into_iter()
        .map(|key| {
            let (zh, en) = (of(&key, "zh-CN"), of(&key, "en"));
            (key, zh, en)
        })
        .collect()
}

#[test]
fn every_key_in_the_code_is_in_the_catalogue() {
    let known: BTreeSet<String> = catalogue().into_iter().map(|(key, ..)| key).collect();
    let missing: Vec<_> = used_keys().difference(&known).cloned().collect();
    assert!(missing.is_empty(), "not in assets/strings: {missing:?}");
}

#[test]
fn every_key_has_words_in_both_languages_with_the_same_gaps() {
    let gaps = |text: &str| -> BTreeSet<String> {
        let parts = text.split("%{").skip(1);
        parts
            .filter_map(|part| part.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    let all = catalogue();
    assert!(all.len() > 100, "only {} keys were found", all.len());
    for (key, zh, en) in all {
        let zh = zh.unwrap_or_else(|| panic!("{key} has no Chinese"));
        let en = en.unwrap_or_else(|| panic!("{key} has no English"));
        assert_eq!(gaps(&zh), gaps(&en), "{key}");
    }
}

#[test]
fn components_have_no_words_of_their_own() {
    for path in files_under(&root().join("src"), ".rs") {
        for (n, line) in code_lines(&path).iter().enumerate() {
            let has_chinese = line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(
                !has_chinese,
                "{}:{}: move these words to assets/strings: {line}",
                path.display(),
                n + 1
            );
        }
    }
}

proptest! {
    #[test]
    fn spans_and_ages_have_words_for_any_length(ms in any::<i64>()) {
        for words in [
            ui::strings::duration(ms),
            ui::strings::running_time(ms),
            ui::strings::running_working_time(ms, 8 * 3_600_000),
            ui::strings::running_working_time(ms, 0),
            ui::strings::age(ms),
        ] {
            prop_assert!(!words.is_empty() && !words.contains("%{"), "{}", words);
        }
    }
}

#[test]
fn a_working_day_has_as_many_hours_as_the_calendar_gives_it() {
    const HOUR_MS: i64 = 3_600_000;
    let working = |hours| ui::strings::running_working_time(hours * HOUR_MS, 8 * HOUR_MS);
    let numbers = |hours| -> Vec<u64> {
        let words = working(hours);
        let parts = words.split(|c: char| !c.is_ascii_digit());
        parts.filter_map(|part| part.parse().ok()).collect()
    };
    assert_eq!(numbers(24), [3, 0]);
    assert_eq!(numbers(-20), [2, 4]);
    assert_eq!(working(7), "7:00:00");
    // Time that never stops has days of 24 hours.
    assert_eq!(ui::strings::running_time(23 * HOUR_MS), "23:00:00");
}
