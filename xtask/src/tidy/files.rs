//! The files that the rules look at: what git has, and what it would take in.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A text file of the project.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path from the project's root, with forward slashes.
    pub path: String,
    pub text: String,
}

impl SourceFile {
    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|own| own == extension)
    }

    pub fn has_one_of(&self, extensions: &[&str]) -> bool {
        extensions
            .iter()
            .any(|extension| self.has_extension(extension))
    }

    /// Whether the whole file is for developers: tests, and examples that draw for them.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.contains("/examples/")
            || self.path.ends_with("/tests.rs")
            || self.path.starts_with("crates/testkit/")
    }

    /// The lines before a Rust file's test module, numbered from 1; all lines of other files.
    pub fn lines_before_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_rust = self.has_extension("rs");
        self.text
            .lines()
            .take_while(move |line| !(is_rust && line.starts_with("#[cfg(test)]")))
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

/// Reads every file that is committed or could be, leaving out those that are not text.
pub fn committed_text_files(root: &Path) -> Result<Vec<SourceFile>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .current_dir(root)
        .output()
        .context("git cannot be started")?;
    ensure!(
        output.status.success(),
        "git ls-files failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let mut files = Vec::new();
    for path in String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter(|path| !path.is_empty())
    {
        // A file that was deleted but is still in the index, and binary files, are passed over.
        let Ok(bytes) = fs::read(root.join(path)) else {
            continue;
        };
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(SourceFile {
                path: path.to_owned(),
                text,
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_test_module_are_left_out_of_rust_only() {
        let text = "one\n#[cfg(test)]\nmod tests {}\n".to_owned();
        let rust = SourceFile {
            path: "a/src/lib.rs".into(),
            text: text.clone(),
        };
        assert_eq!(rust.lines_before_tests().collect::<Vec<_>>(), [(1, "one")]);
        let css = SourceFile {
            path: "ui/a.css".into(),
            text,
        };
        assert_eq!(css.lines_before_tests().count(), 3);
    }

    #[test]
    fn test_files_are_told_by_their_place() {
        let is_test = |path: &str| {
            SourceFile {
                path: path.into(),
                text: String::new(),
            }
            .is_test()
        };
        assert!(is_test("tests/main_job.rs"));
        assert!(is_test("crates/tiles/tests/archive.rs"));
        assert!(is_test("crates/domain/src/clocks/tests.rs"));
        assert!(!is_test("crates/domain/src/attests.rs"));
    }
}
