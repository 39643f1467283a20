//! Every check and test, in order, with a headline and a time for each step.
//!
//! The steps stop at the first failure. What test runners print as their last line is repeated at
//! the very end, so that the count of tests is the last thing to read.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, IsTerminal};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::build_ui::{self, BuildUiArgs};
use crate::display::{VirtualDisplay, WindowSize};
use crate::fuzz::{self, FuzzArgs};
use crate::process::{answers, run_to_end, stop_requested};
use crate::project::Project;
use crate::{corpora, libtest, mutants, tidy};

#[derive(Args, Debug, Clone, Default)]
pub struct TestArgs {
    /// Run only the tests whose name contains one of these
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Run only this step; may be given several times
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// List the steps
    #[arg(long)]
    list: bool,
}

/// What a step leaves behind: the closing line of its test runner, when it ran one.
type Closing = Option<String>;

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&Project, &TestArgs) -> Result<Closing>,
    /// Whether a name filter leaves this step in.
    runs_tests: bool,
}

/// In order of what fails soonest; the tests that need most come last.
const STEPS: [Step; 12] = [
    Step {
        name: "fmt",
        what: "格式 formatting",
        run: format,
        runs_tests: false,
    },
    Step {
        name: "tidy",
        what: "规约 the rules of the house",
        run: tidy_rules,
        runs_tests: false,
    },
    Step {
        name: "deny",
        what: "许可证与来源 licences and sources",
        run: deny,
        runs_tests: false,
    },
    Step {
        name: "ui",
        what: "界面构建 the screens, built",
        run: screens,
        runs_tests: true,
    },
    Step {
        name: "clippy-ui",
        what: "界面静态检查 lints of the screens",
        run: clippy_ui,
        runs_tests: false,
    },
    Step {
        name: "clippy",
        what: "静态检查 lints, and the build of the tests",
        run: clippy,
        runs_tests: false,
    },
    Step {
        name: "clippy-map",
        what: "地图静态检查 lints of the map, and the build of its tests",
        run: clippy_map,
        runs_tests: false,
    },
    Step {
        name: "map",
        what: "地图测试 tests of the map",
        run: map_tests,
        runs_tests: true,
    },
    Step {
        name: "corpora",
        what: "外部测试集 what tests compare with",
        run: corpora,
        runs_tests: false,
    },
    Step {
        name: "mutants",
        what: "变异测试 changed rules that a test must notice, a small part",
        run: mutants_slice,
        runs_tests: false,
    },
    Step {
        name: "fuzz",
        what: "模糊测试 a minute for each reader of what others send",
        run: fuzz_slice,
        runs_tests: false,
    },
    Step {
        name: "tests",
        what: "全部测试 all tests, the real windows last",
        run: all_tests,
        runs_tests: true,
    },
];

pub fn run(project: &Project, args: &TestArgs) -> Result<()> {
    if args.list {
        for step in &STEPS {
            println!("{:<12}{}", step.name, step.what);
        }
        return Ok(());
    }
    let chosen = choose(args)?;
    let mut done: Vec<(&Step, Duration, bool)> = Vec::new();
    let mut closings = Vec::new();
    let mut failure = None;
    for (index, step) in chosen.iter().enumerate() {
        println!(
            "\n== [{}/{}] {} · {}",
            index + 1,
            chosen.len(),
            step.name,
            step.what
        );
        let started = Instant::now();
        let outcome = (step.run)(project, args);
        done.push((step, started.elapsed(), outcome.is_ok()));
        match outcome {
            Ok(closing) => closings.extend(closing),
            Err(error) => {
                failure = Some(error.context(format!("the step {} failed", step.name)));
                break;
            }
        }
    }
    print!("{}", summary(&chosen, &done));
    // A full disk looks like anything but one in what compilers and tests print.
    if let Some(free) = free_disk(project) {
        println!("磁盘剩余 free on the disk: {free}");
    }
    for closing in closings {
        println!("{closing}");
    }
    failure.map_or(Ok(()), Err)
}

/// The steps that the arguments ask for.
fn choose(args: &TestArgs) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = args
        .only
        .iter()
        .find(|name| !STEPS.iter().any(|step| step.name == **name))
    {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        bail!("there is no step {unknown}; there are {}", names.join(", "));
    }
    let is_chosen = |step: &&Step| {
        if args.only.is_empty() {
            args.filters.is_empty() || step.runs_tests
        } else {
            args.only.iter().any(|name| name == step.name)
        }
    };
    Ok(STEPS.iter().filter(is_chosen).collect())
}

/// One line per step: passed, failed, or not reached.
fn summary(chosen: &[&Step], done: &[(&Step, Duration, bool)]) -> String {
    let mut text = String::from("\n== 汇总 summary\n");
    for step in chosen {
        let line = match done.iter().find(|(other, _, _)| other.name == step.name) {
            Some((_, took, is_passed)) => {
                let verdict = if *is_passed { "ok" } else { "FAILED" };
                format!("{verdict:<8}{:>7.1} s  {}", took.as_secs_f64(), step.name)
            }
            None => format!("{:<8}{:>9}  {}", "-", "not run", step.name),
        };
        // Writing into a String cannot fail.
        let _ok = writeln!(text, "{line}").is_ok();
    }
    let total: Duration = done.iter().map(|(_, took, _)| *took).sum();
    let _ok = writeln!(text, "{:<8}{:>7.1} s", "total", total.as_secs_f64()).is_ok();
    text
}

/// What is left on the disk of the project, as `df` says it; nothing where there is no `df`.
fn free_disk(project: &Project) -> Option<String> {
    let mut df = Command::new("df");
    df.args(["-h", "--output=avail"]).arg(project.root());
    let said = df.output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    Some(text.lines().nth(1)?.trim().to_owned())
}

fn format(project: &Project, _args: &TestArgs) -> Result<Closing> {
    run_to_end(
        "cargo fmt",
        project.cargo().args(["fmt", "--all", "--check"]),
    )?;
    let mut map = Project::cargo_in(&project.map_workspace());
    run_to_end("cargo fmt of map/", map.args(["fmt", "--all", "--check"]))?;
    Ok(None)
}

fn tidy_rules(project: &Project, _args: &TestArgs) -> Result<Closing> {
    tidy::run(project)?;
    Ok(None)
}

fn deny(project: &Project, _args: &TestArgs) -> Result<Closing> {
    if !answers(project.cargo().args(["deny", "--version"])) {
        println!(
            "cargo-deny 未安装，跳过。 cargo-deny is not installed: licences are not checked here."
        );
        return Ok(None);
    }
    let check = [
        "deny",
        "--all-features",
        "check",
        "licenses",
        "bans",
        "sources",
    ];
    run_to_end("cargo deny", project.cargo().args(check))?;
    let mut map = Project::cargo_in(&project.map_workspace());
    map.args([
        "deny",
        "--all-features",
        "check",
        "--config",
        "../deny.toml",
    ]);
    run_to_end(
        "cargo deny of map/",
        map.args(["licenses", "bans", "sources"]),
    )?;
    Ok(None)
}

fn screens(project: &Project, _args: &TestArgs) -> Result<Closing> {
    build_ui::run(project, &BuildUiArgs::default())?;
    Ok(None)
}

/// The screens are linted for the target they are built for, in the profile of that build, so
/// that its build scripts and macros are used again.
fn clippy_ui(project: &Project, _args: &TestArgs) -> Result<Closing> {
    let mut cargo = project.cargo();
    cargo
        .args(["clippy", "--package", "ui"])
        .args(build_ui::WASM_BUILD);
    run_to_end("clippy of ui", cargo.args(["--", "-D", "warnings"]))?;
    let mut cargo = Project::cargo_in(&project.map_workspace());
    cargo
        .args(["clippy", "--workspace"])
        .args(build_ui::WASM_BUILD);
    run_to_end(
        "clippy of the map modules",
        cargo.args(["--", "-D", "warnings"]),
    )?;
    Ok(None)
}

fn clippy(project: &Project, _args: &TestArgs) -> Result<Closing> {
    let mut cargo = project.cargo();
    cargo.args(["build", "--workspace", "--all-targets"]);
    run_to_end("the build with clippy", linted(&mut cargo))?;
    Ok(None)
}

fn clippy_map(project: &Project, _args: &TestArgs) -> Result<Closing> {
    let mut cargo = Project::cargo_in(&project.map_workspace());
    cargo.args(["build", "--workspace", "--all-targets"]);
    run_to_end("the build of map/ with clippy", linted(&mut cargo))?;
    Ok(None)
}

/// Lets the compiler be clippy's, for the crates of the workspace. `cargo clippy` does the same for a
/// check, which is of no use for a build: hundreds of dependencies would be compiled once for each.
pub fn linted(cargo: &mut Command) -> &mut Command {
    cargo.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env(
        "CLIPPY_ARGS",
        "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__",
    )
}

fn map_tests(project: &Project, args: &TestArgs) -> Result<Closing> {
    let mut command = Project::cargo_in(&project.map_workspace());
    if has_nextest(project) {
        linted(&mut command).args(["nextest", "run", "--workspace"]);
        nextest_filters(&mut command, args);
        return nextest("the tests of map/", &mut command).map(Some);
    }
    libtest::run_workspace(project, &project.map_workspace(), &args.filters, None).map(Some)
}

/// Fetches the corpora and holds the table of expressions against the specification's evaluator.
fn corpora(project: &Project, _args: &TestArgs) -> Result<Closing> {
    if corpora::fetch(project)? {
        corpora::check_expressions(project)?;
    }
    corpora::expect_for_ci(project)?;
    Ok(None)
}

fn mutants_slice(project: &Project, _args: &TestArgs) -> Result<Closing> {
    mutants::slice(project)
}

fn fuzz_slice(project: &Project, _args: &TestArgs) -> Result<Closing> {
    fuzz::run(project, &FuzzArgs::for_seconds(60))?;
    Ok(None)
}

/// The tests of the main workspace, on a virtual screen for those that open windows.
fn all_tests(project: &Project, args: &TestArgs) -> Result<Closing> {
    // The windows of the tests have this size too, see `tests/e2e/support`.
    let is_large = std::env::var("STREETHALL_TEST_SIZE").is_ok_and(|size| size != "1920x1080");
    let size = if is_large {
        WindowSize::ULTRA_HD
    } else {
        WindowSize::FULL_HD
    };
    let display = VirtualDisplay::start(size, &project.path("target/virtual"))?;
    if has_nextest(project) {
        let mut command = display.command("cargo");
        linted(&mut command)
            .current_dir(project.root())
            .args(["nextest", "run", "--workspace"]);
        nextest_filters(&mut command, args);
        return nextest("the tests", &mut command).map(Some);
    }
    libtest::run_workspace(project, project.root(), &args.filters, Some(&display)).map(Some)
}

fn has_nextest(project: &Project) -> bool {
    answers(project.cargo().args(["nextest", "--version"]))
}

fn nextest_filters(command: &mut Command, args: &TestArgs) {
    if std::io::stderr().is_terminal() {
        command.args(["--color", "always"]);
    }
    if !args.filters.is_empty() {
        // A filter that fits nothing in one workspace may fit something in the other.
        command.args(["--no-tests", "pass"]).args(&args.filters);
    }
}

/// Runs nextest, showing what it prints, and returns its closing line.
fn nextest(what: &str, command: &mut Command) -> Result<String> {
    // Ctrl-C reaches the runner too, which ends its tests; this process outlives it so that the
    // virtual screen is cleaned up.
    stop_requested()?;
    let mut runner = command
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{what} cannot be started"))?;
    let stderr = runner
        .stderr
        .take()
        .context("the runner's output was not captured")?;
    let mut closing = String::new();
    for line in BufReader::new(stderr).lines() {
        let line = line?;
        eprintln!("{line}");
        if line.contains("Summary") && line.contains(" run: ") {
            closing = line;
        }
    }
    let status = runner.wait()?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(args: &TestArgs) -> Vec<&'static str> {
        choose(args).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn a_filter_leaves_the_steps_that_run_tests() {
        let all = names(&TestArgs::default());
        assert_eq!(all.len(), STEPS.len());
        let filtered = TestArgs {
            filters: vec!["outbox".into()],
            ..TestArgs::default()
        };
        assert_eq!(names(&filtered), ["ui", "map", "tests"]);
        let only = TestArgs {
            only: vec!["tidy".into(), "fmt".into()],
            ..TestArgs::default()
        };
        assert_eq!(names(&only), ["fmt", "tidy"]);
    }

    #[test]
    fn an_unknown_step_is_answered_with_the_known_ones() {
        let args = TestArgs {
            only: vec!["lint".into()],
            ..TestArgs::default()
        };
        let error = choose(&args).err().unwrap().to_string();
        assert!(
            error.contains("no step lint") && error.contains("clippy"),
            "{error}"
        );
    }

    #[test]
    fn the_summary_says_what_failed_and_what_was_not_reached() {
        let chosen: Vec<&Step> = STEPS.iter().take(3).collect();
        let done = [
            (&STEPS[0], Duration::from_millis(1500), true),
            (&STEPS[1], Duration::from_secs(2), false),
        ];
        let text = summary(&chosen, &done);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], "ok          1.5 s  fmt");
        assert_eq!(lines[3], "FAILED      2.0 s  tidy");
        assert_eq!(lines[4], "-         not run  deny");
        assert_eq!(lines[5], "total       3.5 s");
    }
}
