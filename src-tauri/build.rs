//! Tells tauri which commands exist, so that a window can call only what its capability grants.

use tauri_build::{AppManifest, Attributes, CodegenContext};

include!("src/commands/names.rs");

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/src/commands/names.rs");
    let placeholder = std::path::Path::new("target/ui-dist");
    // Without built screens a bare `cargo check` still has to find the folder that it embeds.
    if !placeholder.join("index.html").exists() {
        std::fs::create_dir_all(placeholder)
            .and_then(|()| std::fs::write(placeholder.join("index.html"), "<!doctype html>"))
            .expect("target/ui-dist can be written");
    }
    let attributes = Attributes::new()
        .app_manifest(AppManifest::new().commands(COMMAND_NAMES))
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .codegen(CodegenContext::new());
    tauri_build::try_build(attributes).expect("tauri's configuration is valid");
}
