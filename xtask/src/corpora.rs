//! What tests compare with and the project does not hold: npm packages, fetched into `target/npm`.
//!
//! Where npm is missing or reaches nothing, the tests that need a package are skipped and say so; the
//! continuous integration (`CI=true`) fails instead.

use anyhow::{Result, bail};

use crate::process::{answers, run_to_end};
use crate::project::Project;

/// The packages, pinned, so that a test compares with the same thing everywhere.
const PACKAGES: [&str; 2] = [
    "@mapbox/mvt-fixtures@4.0.0",
    "@maplibre/maplibre-gl-style-spec@26.6.0",
];

pub fn run(project: &Project) -> Result<()> {
    if !fetch(project)? {
        bail!("the packages are not there: install nodejs and npm, and look at the network");
    }
    Ok(())
}

/// Fetches what is missing; `false`, having said why, where that cannot be done.
pub fn fetch(project: &Project) -> Result<bool> {
    let mut npm = std::process::Command::new("npm");
    if !answers(npm.arg("--version")) {
        println!(
            "npm 未安装，跳过对比测试。 npm is not installed: comparisons with its packages are skipped."
        );
        return Ok(false);
    }
    let folder = project.path("target/npm");
    // Written last, so that an installation that was cut off is done anew.
    let marker = folder.join("fetched");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&marker).is_ok_and(|fetched| fetched == wanted) {
        return Ok(true);
    }
    let modules = folder.join("node_modules");
    if modules.exists() {
        std::fs::remove_dir_all(&modules)?;
    }
    std::fs::create_dir_all(&folder)?;
    let mut npm = std::process::Command::new("npm");
    npm.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
    ]);
    if let Err(error) = run_to_end("npm install", npm.arg(&folder).args(PACKAGES)) {
        if modules.exists() {
            std::fs::remove_dir_all(&modules)?;
        }
        println!(
            "无法下载对比数据，跳过：{error:#}。 The packages cannot be fetched; comparisons are skipped."
        );
        return Ok(false);
    }
    std::fs::write(marker, wanted)?;
    Ok(true)
}

/// Where the fixtures of the vector tile format lie, each in a folder of its own.
const FIXTURES: &str = "target/npm/node_modules/@mapbox/mvt-fixtures/fixtures";

/// Fails in the continuous integration where the tests would compare with nothing, and pass.
pub fn expect_for_ci(project: &Project) -> Result<()> {
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let entries = std::fs::read_dir(project.path(FIXTURES));
    expect_some(is_ci, entries.map_or(0, Iterator::count))
}

fn expect_some(is_ci: bool, fixtures: usize) -> Result<()> {
    if is_ci && fixtures == 0 {
        bail!(
            "CI=true, and {FIXTURES} is empty: the tests of vector tiles would compare with nothing; \
             install nodejs and npm, and look at the network"
        );
    }
    Ok(())
}

/// The other maps that benchmarks compare with, in the versions of this lock file.
const PEERS: &str = "xtask/src/bench/map/pages";

/// Fetches the other maps into `target/npm-peers` where they are missing.
pub fn fetch_peers(project: &Project) -> Result<()> {
    let folder = project.path("target/npm-peers");
    let marker = folder.join("fetched");
    let lock = std::fs::read_to_string(project.path(PEERS).join("package-lock.json"))?;
    if std::fs::read_to_string(&marker).is_ok_and(|fetched| fetched == lock) {
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(project.path(PEERS).join(file), folder.join(file))?;
    }
    let mut npm = std::process::Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&folder);
    run_to_end("npm ci", &mut npm)?;
    std::fs::write(marker, lock)?;
    Ok(())
}

/// Holds the table of expressions against the evaluator of the style specification.
pub fn check_expressions(project: &Project) -> Result<()> {
    let mut node = std::process::Command::new("node");
    node.arg(project.path("crates/map_core/tests/style/check.mjs"));
    run_to_end(
        "the table of expressions",
        node.arg(project.path("target/npm")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_continuous_integration_fails_where_there_is_nothing_to_compare_with() {
        let error = expect_some(true, 0).unwrap_err().to_string();
        assert!(error.contains(FIXTURES), "{error}");
        assert!(expect_some(true, 1).is_ok());
        assert!(expect_some(false, 0).is_ok(), "elsewhere they are skipped");
    }
}
