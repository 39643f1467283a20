//! Where the project lies, and how cargo is called in it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The folder of the project and the paths inside it that the commands share.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// Finds the project from the package that cargo runs, or upwards from the current folder.
    pub fn find() -> Result<Self> {
        let start = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(dir) => PathBuf::from(dir),
            None => env::current_dir().context("the current folder cannot be read")?,
        };
        let root = start
            .ancestors()
            .find(|dir| dir.join("xtask/Cargo.toml").is_file() && dir.join("hall").is_file())
            .with_context(|| {
                format!(
                    "{} is not inside the project; start this in its folder",
                    start.display()
                )
            })?;
        Ok(Self {
            root: root.to_path_buf(),
        })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo puts the root workspace's artifacts.
    pub fn target_dir(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.path("target"), PathBuf::from)
    }

    /// The folder that the shell embeds as its front end.
    pub fn ui_dist(&self) -> PathBuf {
        self.path("target/ui-dist")
    }

    /// The map engine's own workspace, which has its own lock file and target folder.
    pub fn map_workspace(&self) -> PathBuf {
        self.path("map")
    }

    /// Cargo, to be run in the project's folder.
    pub fn cargo(&self) -> Command {
        Self::cargo_in(&self.root)
    }

    /// Cargo, to be run in one of the project's workspaces.
    ///
    /// The variables that cargo sets for the package it runs are taken out, or a build started
    /// from here would be seen as another one than the same build typed by hand.
    pub fn cargo_in(workspace: &Path) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(workspace);
        for (name, _) in env::vars_os() {
            let name_text = name.to_string_lossy();
            let is_of_the_package = [
                "CARGO_PKG_",
                "CARGO_MANIFEST_",
                "CARGO_BIN_",
                "CARGO_CRATE_",
            ]
            .iter()
            .any(|prefix| name_text.starts_with(prefix));
            if is_of_the_package {
                command.env_remove(&name);
            }
        }
        command
    }

    /// A path that the caller of `./hall` gave, relative to where the caller stood.
    pub fn from_caller(path: &Path) -> PathBuf {
        match env::var_os("HALL_CALLER_DIR") {
            Some(dir) => PathBuf::from(dir).join(path),
            None => path.to_path_buf(),
        }
    }
}
