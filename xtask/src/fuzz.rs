//! Fuzzing of everything that reads what others send, with libFuzzer.
//!
//! The targets lie in `fuzz/`, a workspace of its own that is built with coverage instrumentation by the stable
//! compiler. What once brought a target down is kept in `fuzz/crashes/TARGET` and is tried first, ever after; tests of
//! `map_core` and `tiles` (`kept_crashes`) try it too.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process::run_to_end;
use crate::project::Project;

const TARGETS: [&str; 4] = ["vector_tile", "tile_archive", "style", "wire"];

/// What libFuzzer needs to see which branches an input takes.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// The longest input: the largest shipped style has 70,000 bytes.
const MOST_BYTES: u64 = 131_072;

/// A separate target keeps build scripts and macros free of the instrumentation.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

#[derive(Args, Debug, Clone)]
pub struct FuzzArgs {
    /// Only these targets
    #[arg(value_name = "TARGET", value_parser = TARGETS)]
    targets: Vec<String>,
    /// How long each target is searched
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub seconds: u32,
}

impl FuzzArgs {
    /// All targets for so long.
    pub const fn for_seconds(seconds: u32) -> Self {
        Self {
            targets: Vec::new(),
            seconds,
        }
    }
}

pub fn run(project: &Project, args: &FuzzArgs) -> Result<()> {
    let out = project.path("target/fuzz");
    let manifest = project.path("fuzz/Cargo.toml");
    let mut cargo = project.cargo();
    cargo
        .env("RUSTFLAGS", INSTRUMENTATION)
        .args(["build", "--release", "--target", TRIPLE, "--manifest-path"])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(&out);
    run_to_end("the fuzz targets", &mut cargo)?;
    let is_wanted = |target: &&&str| {
        args.targets.is_empty() || args.targets.iter().any(|wanted| wanted == **target)
    };
    // All at once: on few cores each gets less done in its time, but the whole takes no longer.
    std::thread::scope(|scope| {
        let searches: Vec<_> = TARGETS
            .iter()
            .filter(is_wanted)
            .map(|target| scope.spawn(|| search(project, &out, target, args.seconds)))
            .collect();
        searches
            .into_iter()
            .try_for_each(|search| match search.join() {
                Ok(outcome) => outcome,
                Err(_) => bail!("a search ended in a panic"),
            })
    })
}

fn search(project: &Project, out: &Path, target: &str, seconds: u32) -> Result<()> {
    let program = out.join(TRIPLE).join("release").join(target);
    let crashes = project.path("fuzz/crashes").join(target);
    let corpus = out.join("corpus").join(target);
    for folder in [&crashes, &corpus] {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for (index, seed) in seeds(project, target).iter().enumerate() {
        plant(seed, &corpus.join(format!("seed-{index}")))
            .with_context(|| format!("cannot copy {}", seed.display()))?;
    }
    let known = files(&crashes, "");
    if !known.is_empty() {
        run_to_end(
            &format!("{target}: what once crashed it"),
            Command::new(&program).args(&known),
        )?;
    }
    let mut fuzzer = Command::new(&program);
    fuzzer
        .env("STREETHALL_FUZZ_SEEDS", &corpus)
        .arg(format!("-max_total_time={seconds}"))
        .args([
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=0",
            "-verbosity=0",
        ])
        .arg(format!("-max_len={MOST_BYTES}"))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .arg(&corpus);
    if let Err(error) = run_to_end(&format!("fuzzing of {target}"), &mut fuzzer) {
        bail!(
            "{error:#}; the input lies in {}: mend what it brought down and commit it as a test",
            crashes.display()
        );
    }
    println!("{target}: {seconds} s, nothing brought it down");
    Ok(())
}

/// Puts the beginning of a file, as much as an input may have, among the inputs.
fn plant(seed: &Path, at: &Path) -> std::io::Result<()> {
    let mut beginning = Vec::new();
    std::fs::File::open(seed)?
        .take(MOST_BYTES)
        .read_to_end(&mut beginning)?;
    std::fs::write(at, beginning)
}

/// Well-formed inputs that a search begins from, beside those that a target itself makes (`fuzz::plant`). Of an archive of a city, which is skipped where it is
/// absent, that is its header and the first of its directories.
fn seeds(project: &Project, target: &str) -> Vec<PathBuf> {
    match target {
        "style" => files(&project.path("assets/map_styles"), "json"),
        "vector_tile" => {
            let fixtures = project.path("target/npm/node_modules/@mapbox/mvt-fixtures/fixtures");
            let folders = std::fs::read_dir(fixtures).into_iter().flatten().flatten();
            folders
                .flat_map(|folder| files(&folder.path(), "mvt"))
                .collect()
        }
        "tile_archive" => files(&project.path("../shared/data"), "pmtiles"),
        _ => Vec::new(),
    }
}

/// The files of a folder with an extension, in the order of their names; all with an empty one.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.is_file()
                && (extension.is_empty() || path.extension().is_some_and(|e| e == extension))
        })
        .collect();
    files.sort();
    files
}
