//! Faults of rules files, each with file, line and field.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;

use crate::schema::RulesFile;

/// A rules file as it was read.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// A file by its name for people and its text.
    pub fn new(name: String, text: String) -> Self {
        Self { name, text }
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn line_of(&self, byte: usize) -> usize {
        self.text
            .bytes()
            .take(byte)
            .fold(1, |line, b| line + usize::from(b == b'\n'))
    }

    /// The key written in the line that holds the byte, for errors of the TOML parser.
    fn key_at(&self, byte: usize) -> String {
        let line = self.text.lines().nth(self.line_of(byte) - 1).unwrap_or("");
        line.split_once('=')
            .map_or(line, |(key, _)| key)
            .trim()
            .trim_matches(['{', '[', ']', ' '])
            .to_owned()
    }
}

/// One thing wrong in a rules file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// Line in it, counted from 1; 0 where the fault is that something is missing.
    pub line: usize,
    /// The field, such as `stage_limits.verify` or `E01.10.limit`.
    pub field: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}: {}", self.file, self.field, self.problem)
        } else {
            write!(
                f,
                "{}:{}: {}: {}",
                self.file, self.line, self.field, self.problem
            )
        }
    }
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// A file or folder cannot be read.
    #[error("规则文件无法读取 / rules cannot be read: {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder has no rules.
    #[error("规则目录中没有 .toml 文件 / no .toml file in the rules folder {path}")]
    NoFiles {
        /// The folder.
        path: PathBuf,
    },
    /// The files have faults; none is used.
    #[error("规则文件有误 / the rules have faults:\n{}", lines(.0))]
    Faults(Vec<Fault>),
}

fn lines(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    lines.join("\n")
}

/// Faults collected so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a fault at a place of a file.
    pub fn add(&mut self, at: &Source, span: Range<usize>, field: &str, problem: String) {
        self.0.push(Fault {
            file: at.name.clone(),
            line: at.line_of(span.start),
            field: field.to_owned(),
            problem,
        });
    }

    /// Adds a fault at a value unless the condition holds.
    pub fn require<T>(
        &mut self,
        holds: bool,
        at: &Source,
        value: &Spanned<T>,
        field: &str,
        problem: impl FnOnce() -> String,
    ) {
        if !holds {
            self.add(at, value.span(), field, problem());
        }
    }

    /// Adds what the TOML parser said.
    pub fn add_toml(&mut self, at: &Source, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        let field = at.key_at(span.start);
        self.add(at, span, &field, error.message().to_owned());
    }

    /// Adds a field that no file has.
    pub fn add_missing(&mut self, field: &str, files: &[(&Source, RulesFile)]) {
        let names: Vec<&str> = files.iter().map(|(source, _)| source.name()).collect();
        self.0.push(Fault {
            file: names.join(", "),
            line: 0,
            field: field.to_owned(),
            problem: "is missing in all files".to_owned(),
        });
    }

    /// The error that reports them all.
    pub fn into_error(self) -> RulesError {
        RulesError::Faults(self.0)
    }
}
