//! `cargo xtask tidy`: the rules of the house that a program can check.
//!
//! Each rule is a function from a file's path and text (or from the crate graph) to findings, with
//! unit tests that show it can fail. A rule that is only a wish erodes.

mod arrows;
mod code;
mod files;
mod outside;
mod text;

use std::fmt;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use files::SourceFile;

/// One breach of a rule: where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path from the project's root, or the name of a crate.
    pub place: String,
    /// Line, from 1; 0 where the finding is about the whole.
    pub line: usize,
    pub what: String,
}

impl Finding {
    pub fn new(place: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            place: place.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.place, self.what),
            line => write!(f, "{}:{line}: {}", self.place, self.what),
        }
    }
}

pub fn run(project: &Project) -> Result<()> {
    let sources = files::committed_text_files(project.root())?;
    let mut findings = Vec::new();
    let mut warnings = Vec::new();
    for source in &sources {
        findings.extend(check_file(source));
        warnings.extend(text::long_file_warning(source));
    }
    let graph = arrows::CrateGraph::read(project)?;
    findings.extend(arrows::check(&graph));
    findings.extend(architecture(project, &graph)?);

    findings.sort();
    for warning in &warnings {
        println!("注意 note: {warning}");
    }
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!(
            "tidy: {} findings in {} files; each line above says where",
            findings.len(),
            sources.len()
        );
    }
    println!(
        "tidy: {} files and {} crates are in order",
        sources.len(),
        graph.own_crates().len()
    );
    Ok(())
}

fn check_file(source: &SourceFile) -> Vec<Finding> {
    let mut findings = text::check(source);
    if source.has_extension("rs") {
        findings.extend(code::check(source));
        findings.extend(outside::check(source));
    }
    findings
}

/// ARCHITECTURE.md tells a newcomer what each crate is for, so it names them all.
fn architecture(project: &Project, graph: &arrows::CrateGraph) -> Result<Vec<Finding>> {
    const NAME: &str = "ARCHITECTURE.md";
    let path = project.path(NAME);
    let text =
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(unnamed_crates(&text, &graph.own_crates())
        .into_iter()
        .map(|name| {
            Finding::new(
                NAME,
                0,
                format!("does not say what the crate {name} is for"),
            )
        })
        .collect())
}

/// The crates whose name, or whose folder, the text does not mention in backquotes.
fn unnamed_crates(text: &str, crates: &[String]) -> Vec<String> {
    let is_named = |name: &String| {
        [
            format!("`{name}`"),
            format!("`{name}/`"),
            format!("/{name}`"),
            format!("/{name}/`"),
        ]
        .iter()
        .any(|form| text.contains(form.as_str()))
    };
    crates
        .iter()
        .filter(|name| !is_named(name))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_the_architecture_forgets_is_found() {
        let crates = ["domain", "map_core", "tiles"].map(str::to_owned);
        let text = "`crates/domain/` holds rules. `tiles` reads archives, not map_core.";
        assert_eq!(unnamed_crates(text, &crates), ["map_core"]);
        assert!(unnamed_crates("`domain`, `map_core/`, `crates/tiles`", &crates).is_empty());
    }
}
