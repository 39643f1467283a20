//! The shipped rules load, and every way of writing a rules file wrongly is answered with file,
//! line and field. Each section has a file of its own here.

mod admission;
mod assessment;
mod calendar;
mod categories;
mod channels;
mod conditions;
mod crosswalks;
mod departments;
mod dispatch;
mod levels;
mod matching;
mod modes;
mod scheme;
mod set;
mod shipped;
mod signals;
mod street;
mod travel;
mod whistle;

use std::fs;

use domain::rules::Rules;
use expect_test::Expect;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/rules");

/// The shipped files by name.
fn shipped_files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(SHIPPED)
        .expect("the rules folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read_to_string(entry.path()).expect("a text"))
        })
        .collect();
    files.sort();
    files
}

/// Loads a folder of these files; an error is told with names of files only.
fn load(files: &[(String, String)]) -> Result<Rules, String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let prefix = format!("{}/", folder.path().display());
    rules::load_dir(folder.path()).map_err(|e| e.to_string().replace(&prefix, ""))
}

/// The shipped files with one piece of a file, its first occurrence, replaced, and the line where
/// the piece begins.
fn edited(file: &str, sound: &str, broken: &str) -> (Vec<(String, String)>, usize) {
    let mut files = shipped_files();
    let (_, text) = files
        .iter_mut()
        .find(|(name, _)| name == file)
        .unwrap_or_else(|| panic!("{file} is not shipped"));
    let byte = text
        .find(sound)
        .unwrap_or_else(|| panic!("{sound} is not in {file}"));
    let line = text[..byte].matches('\n').count() + 1;
    *text = text.replacen(sound, broken, 1);
    (files, line)
}

/// Replaces one piece of a shipped file and compares what is said about it. The line where the
/// piece begins is called `HERE` and the next ones `HERE+1` and so on, so that the files may grow
/// above it.
#[track_caller]
fn check(file: &str, sound: &str, broken: &str, expected: &Expect) {
    let (files, line) = edited(file, sound, broken);
    let mut said = load(&files).expect_err(broken);
    for below in (0..9).rev() {
        let here = if below == 0 {
            format!("{file}:HERE:")
        } else {
            format!("{file}:HERE+{below}:")
        };
        said = said.replace(&format!("{file}:{}:", line + below), &here);
    }
    let faults = said
        .strip_prefix("规则文件有误 / the rules have faults:\n")
        .unwrap_or(&said);
    expected.assert_eq(faults);
}
