//! Builds the screens: WebAssembly modules, their JavaScript glue, and the files beside them.
//!
//! `wasm-bindgen` is called as a library of exactly the version the modules are compiled with, so
//! no further tool is downloaded. A file in `target/ui-dist` is only written when its content
//! changed; the shell embeds that folder and is rebuilt only then.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};
use cargo_metadata::{MetadataCommand, TargetKind};
use clap::Args;
use wasm_bindgen_cli_support::Bindgen;

use crate::process::run_to_end;
use crate::project::Project;

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The target and profile of the shipped modules, as arguments of cargo.
pub const WASM_BUILD: [&str; 4] = ["--target", WASM_TARGET, "--profile", "wasm-release"];

/// The modules that the screens load.
const MODULES: [WasmModule; 2] = [
    WasmModule {
        workspace: ".",
        package: "ui",
        artifact: "streethall_ui",
    },
    MAP,
];

const MAP: WasmModule = WasmModule {
    workspace: "map",
    package: "street_map",
    artifact: "street_map",
};

/// The scripts around the map module.
const MAP_GLUE: &str = "map/glue";

/// Folders whose content is copied beside the modules: source, and the folder inside the dist.
const STATIC_FOLDERS: [(&str, &str); 4] = [
    ("ui/static", ""),
    (MAP_GLUE, ""),
    ("assets/theme", "theme"),
    ("assets/map_styles", "map_styles"),
];

const INDEX: &str = "ui/index.html";

/// What a bare `cargo check` of the shell embeds before the screens were built.
const PLACEHOLDER: &str = "<!doctype html><meta charset=\"utf-8\"><title>streethall</title>\
    <p>界面尚未构建，请运行 ./hall run。 The screens are not built yet; run ./hall run.</p>\n";

struct WasmModule {
    workspace: &'static str,
    package: &'static str,
    /// Name of the cargo target, and of the files in the dist: `NAME.js`, `NAME_bg.wasm`.
    artifact: &'static str,
}

#[derive(Args, Debug, Clone, Default)]
pub struct BuildUiArgs {
    /// Quick build without optimisation
    #[arg(long, conflicts_with = "release")]
    pub dev: bool,
    /// Optimised build (the default)
    #[arg(long)]
    pub release: bool,
}

pub fn run(project: &Project, args: &BuildUiArgs) -> Result<()> {
    let dist = project.ui_dist();
    fs::create_dir_all(&dist).with_context(|| format!("{} cannot be made", dist.display()))?;
    write_placeholder(&dist)?;
    require_wasm_target(project)?;

    let mut wanted = Wanted::default();
    for module in &MODULES {
        let kind = target_kind(project, module)?;
        let wasm = compile(project, module, &kind, args.dev)?;
        wanted.add_folder(&bind(project, module, &wasm, args.dev)?, "")?;
    }
    for (source, inside) in STATIC_FOLDERS {
        wanted.add_folder(&project.path(source), inside)?;
    }
    let index = (project.path(INDEX), PathBuf::from("index.html"));
    wanted.files.insert(index);
    let changed = wanted.write(&dist)?;
    println!(
        "界面 screens: {} files in target/ui-dist, {changed} changed",
        wanted.files.len()
    );
    Ok(())
}

/// Builds the map module alone, as it is shipped, with the scripts around it; answers their folder.
pub fn run_map(project: &Project) -> Result<PathBuf> {
    require_wasm_target(project)?;
    let wasm = compile(project, &MAP, &TargetKind::CDyLib, false)?;
    let mut wanted = Wanted::default();
    wanted.add_folder(&bind(project, &MAP, &wasm, false)?, "")?;
    wanted.add_folder(&project.path(MAP_GLUE), "")?;
    let dist = project.path("target/map-dist");
    fs::create_dir_all(&dist).with_context(|| format!("{} cannot be made", dist.display()))?;
    wanted.write(&dist)?;
    Ok(dist)
}

/// Makes the dist folder exist with a page that says what to do, for builds before `build-ui`.
fn write_placeholder(dist: &Path) -> Result<()> {
    let index = dist.join("index.html");
    if !index.exists() {
        fs::write(&index, PLACEHOLDER)
            .with_context(|| format!("{} cannot be written", index.display()))?;
    }
    Ok(())
}

/// Installs the wasm target through rustup when this toolchain lacks it.
fn require_wasm_target(project: &Project) -> Result<()> {
    let mut rustc = std::process::Command::new("rustc");
    let output = rustc
        .args(["--print", "sysroot"])
        .current_dir(project.root())
        .output()
        .context("rustc cannot be started; ./hall installs it")?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    if sysroot.join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    println!("安装编译目标 installing the target {WASM_TARGET}");
    let mut rustup = std::process::Command::new("rustup");
    rustup
        .args(["target", "add", WASM_TARGET])
        .current_dir(project.root());
    run_to_end("installing the WebAssembly target", &mut rustup)
}

/// The kind of the module's cargo target: a binary or a library.
fn target_kind(project: &Project, module: &WasmModule) -> Result<TargetKind> {
    let manifest = project.path(module.workspace).join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(&manifest)
        .no_deps()
        .exec()
        .with_context(|| format!("cargo metadata of {} failed", manifest.display()))?;
    let package = metadata
        .packages
        .into_iter()
        .find(|package| *package.name == module.package);
    let target = package.and_then(|package| {
        package.targets.into_iter().find(|target| {
            target.name == module.artifact
                && target
                    .kind
                    .iter()
                    .any(|kind| matches!(kind, TargetKind::Bin | TargetKind::CDyLib))
        })
    });
    let Some(target) = target else {
        bail!(
            "the package {} has no target named {}; MODULES in xtask/src/build_ui.rs expects it",
            module.package,
            module.artifact
        );
    };
    Ok(if target.kind.contains(&TargetKind::Bin) {
        TargetKind::Bin
    } else {
        TargetKind::CDyLib
    })
}

/// Compiles a module and returns the path of its wasm file.
fn compile(
    project: &Project,
    module: &WasmModule,
    kind: &TargetKind,
    is_dev: bool,
) -> Result<PathBuf> {
    let workspace = project.path(module.workspace);
    let profile = if is_dev { "dev" } else { "wasm-release" };
    let mut cargo = Project::cargo_in(&workspace);
    cargo.args([
        "build",
        "--package",
        module.package,
        "--target",
        WASM_TARGET,
    ]);
    cargo.args(["--profile", profile]);
    match kind {
        TargetKind::Bin => cargo.args(["--bin", module.artifact]),
        _ => cargo.arg("--lib"),
    };
    println!("编译 compiling {} ({profile})", module.artifact);
    run_to_end(&format!("compiling {}", module.artifact), &mut cargo)?;

    let target_dir = if module.workspace == "." {
        project.target_dir()
    } else {
        workspace.join("target")
    };
    let folder = if is_dev { "debug" } else { profile };
    Ok(target_dir
        .join(WASM_TARGET)
        .join(folder)
        .join(format!("{}.wasm", module.artifact)))
}

/// Runs wasm-bindgen over a module unless its wasm file is the one that was bound last time.
fn bind(project: &Project, module: &WasmModule, wasm: &Path, is_dev: bool) -> Result<PathBuf> {
    let stages = project.path("target/ui-stage");
    let stage = stages.join(module.artifact);
    let stamp_file = stages.join(format!("{}.stamp", module.artifact));
    let stamp = stamp_of(wasm, is_dev)?;
    if stage.is_dir() && fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp) {
        return Ok(stage);
    }
    if stage.exists() {
        fs::remove_dir_all(&stage)
            .with_context(|| format!("{} cannot be emptied", stage.display()))?;
    }
    fs::create_dir_all(&stage).with_context(|| format!("{} cannot be made", stage.display()))?;
    println!("绑定 binding {}", module.artifact);
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(module.artifact)
        .web(true)?
        .typescript(false)
        .keep_debug(is_dev)
        .remove_name_section(!is_dev)
        .remove_producers_section(!is_dev)
        // A module that trapped is started anew from the compiled code (map/glue).
        .reset_state_function(module.artifact == "street_map");
    bindgen.generate(&stage).with_context(|| {
        format!(
            "wasm-bindgen refused {}; its crate must have the version of xtask's \
             wasm-bindgen-cli-support",
            wasm.display()
        )
    })?;
    fs::write(&stamp_file, stamp)
        .with_context(|| format!("{} cannot be written", stamp_file.display()))?;
    Ok(stage)
}

/// What tells one build of a wasm file from another.
fn stamp_of(wasm: &Path, is_dev: bool) -> Result<String> {
    let about = fs::metadata(wasm).with_context(|| {
        format!(
            "cargo did not write {}; is its crate type right?",
            wasm.display()
        )
    })?;
    let modified_ns = about
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos());
    Ok(format!(
        "{} {} {modified_ns} dev={is_dev}\n",
        wasm.display(),
        about.len()
    ))
}

/// The files that the dist shall hold, as pairs of source and path inside the dist.
#[derive(Default)]
struct Wanted {
    files: BTreeSet<(PathBuf, PathBuf)>,
}

impl Wanted {
    /// Adds every file under `folder`, below `inside`.
    fn add_folder(&mut self, folder: &Path, inside: &str) -> Result<()> {
        for file in files_under(folder)? {
            let relative = file
                .strip_prefix(folder)
                .expect("files_under yields paths below its argument");
            self.files
                .insert((file.clone(), Path::new(inside).join(relative)));
        }
        Ok(())
    }

    /// Brings the dist to this state and returns how many files that touched.
    fn write(&self, dist: &Path) -> Result<usize> {
        let mut changed = 0;
        for (source, inside) in &self.files {
            let destination = dist.join(inside);
            let content =
                fs::read(source).with_context(|| format!("{} cannot be read", source.display()))?;
            if fs::read(&destination).is_ok_and(|old| old == content) {
                continue;
            }
            if let Some(parent) = destination.parent() {
                fs::create_dir_all(parent)
                    .with_context(|| format!("{} cannot be made", parent.display()))?;
            }
            fs::write(&destination, content)
                .with_context(|| format!("{} cannot be written", destination.display()))?;
            changed += 1;
        }
        for file in files_under(dist)? {
            let inside = file
                .strip_prefix(dist)
                .expect("files_under yields paths below dist");
            let is_wanted = self.files.iter().any(|(_, wanted)| wanted == inside);
            if !is_wanted && inside != Path::new("index.html") {
                fs::remove_file(&file)
                    .with_context(|| format!("{} cannot be removed", file.display()))?;
                changed += 1;
            }
        }
        Ok(changed)
    }
}

/// Every file below a folder, sorted.
fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let entries = fs::read_dir(&next)
            .with_context(|| format!("the folder {} cannot be read", next.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_write_changes_nothing_and_stale_files_go() {
        let dir = tempfile::tempdir().unwrap();
        let (source, dist) = (dir.path().join("source"), dir.path().join("dist"));
        fs::create_dir_all(source.join("deep")).unwrap();
        fs::create_dir_all(&dist).unwrap();
        fs::write(source.join("deep/a.css"), "a").unwrap();
        fs::write(dist.join("old.js"), "old").unwrap();

        let mut wanted = Wanted::default();
        wanted.add_folder(&source, "theme").unwrap();
        assert_eq!(wanted.write(&dist).unwrap(), 2);
        assert!(!dist.join("old.js").exists());
        assert_eq!(
            fs::read_to_string(dist.join("theme/deep/a.css")).unwrap(),
            "a"
        );
        assert_eq!(wanted.write(&dist).unwrap(), 0);
    }

    #[test]
    fn the_placeholder_never_replaces_a_built_page() {
        let dir = tempfile::tempdir().unwrap();
        write_placeholder(dir.path()).unwrap();
        assert!(
            fs::read_to_string(dir.path().join("index.html"))
                .unwrap()
                .contains("./hall run")
        );
        fs::write(dir.path().join("index.html"), "built").unwrap();
        write_placeholder(dir.path()).unwrap();
        assert_eq!(
            fs::read_to_string(dir.path().join("index.html")).unwrap(),
            "built"
        );
    }
}
