//! Runs test programs one by one where cargo-nextest is not installed.
//!
//! Cargo builds them all at once, as it would for `cargo test --workspace`; they are started from
//! here because those that open windows need the virtual screen and must run one test at a time.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Message, TargetKind};

use crate::display::VirtualDisplay;
use crate::process::stop_requested;
use crate::project::Project;
use crate::test::linted;

/// The package whose integration tests open windows.
const WINDOW_TESTS: &str = "streethall";

struct TestProgram {
    name: String,
    path: PathBuf,
    folder: PathBuf,
    opens_windows: bool,
}

/// How many tests went which way, summed over all programs of a workspace.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u32,
    failed: u32,
    ignored: u32,
    filtered: u32,
}

/// Builds and runs all tests of a workspace, those with windows last, and returns the sum as one
/// line in the runner's own form.
pub fn run_workspace(
    project: &Project,
    workspace: &Path,
    filters: &[String],
    display: Option<&VirtualDisplay>,
) -> Result<String> {
    let mut programs = build(project, workspace)?;
    programs.sort_by_key(|program| program.opens_windows);
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for program in &programs {
        let mut command = match display {
            Some(display) => display.command(&program.path),
            None => Command::new(&program.path),
        };
        command
            .current_dir(&program.folder)
            .env("CARGO_MANIFEST_DIR", &program.folder);
        command.args(filters);
        if program.opens_windows {
            command.arg("--test-threads=1");
        }
        println!("     Running {}", program.name);
        if !run_program(&program.name, &mut command, &mut tally)? {
            failed.push(program.name.clone());
        }
    }
    if !failed.is_empty() {
        bail!("{} tests failed in {}", tally.failed, failed.join(", "));
    }
    Ok(format!(
        "test result: ok. {} passed; {} failed; {} ignored; 0 measured; {} filtered out",
        tally.passed, tally.failed, tally.ignored, tally.filtered
    ))
}

fn build(project: &Project, workspace: &Path) -> Result<Vec<TestProgram>> {
    let mut cargo = Project::cargo_in(workspace);
    linted(&mut cargo).args([
        "test",
        "--workspace",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ]);
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let stdout = child
        .stdout
        .take()
        .context("cargo's output was not captured")?;
    let mut programs = Vec::new();
    for message in Message::parse_stream(BufReader::new(stdout)) {
        let Message::CompilerArtifact(artifact) = message? else {
            continue;
        };
        let (Some(path), true) = (artifact.executable, artifact.profile.test) else {
            continue;
        };
        let folder = artifact
            .manifest_path
            .parent()
            .context("a manifest without a folder")?
            .as_std_path()
            .to_path_buf();
        let is_root = folder == project.root();
        let is_integration_test = artifact.target.kind.contains(&TargetKind::Test);
        let package = if is_root {
            WINDOW_TESTS
        } else {
            folder_name(&folder)
        };
        programs.push(TestProgram {
            name: format!("{package}::{}", artifact.target.name),
            path: path.into_std_path_buf(),
            opens_windows: is_root && is_integration_test,
            folder,
        });
    }
    if !child.wait()?.success() {
        bail!("building the tests failed");
    }
    Ok(programs)
}

fn folder_name(folder: &Path) -> &str {
    folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("?")
}

/// Runs one program, shows what it prints, adds to the tally; false when a test failed.
fn run_program(name: &str, command: &mut Command, tally: &mut Tally) -> Result<bool> {
    // Ctrl-C reaches the tests too; this process outlives them and cleans up the virtual screen.
    stop_requested()?;
    let mut program = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{name} cannot be started"))?;
    let stdout = program
        .stdout
        .take()
        .context("its output was not captured")?;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        println!("{line}");
        tally.add(&line);
    }
    Ok(program.wait()?.success())
}

impl Tally {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in counts.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(word)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(count) = count.parse::<u32>() else {
                continue;
            };
            match word {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                "filtered" => self.filtered += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_summed_and_others_passed_over() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s");
        tally.add("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s");
        tally.add("test tally ... ok 9 passed");
        assert_eq!(
            tally,
            Tally {
                passed: 7,
                failed: 2,
                ignored: 1,
                filtered: 2
            }
        );
    }
}
