//! Loads a road graph into a running backend.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use protocol::http::{Imported, paths};
use serde_json::Value;

use crate::backend_client::{Backend, BackendArgs};
use crate::project::Project;

#[derive(Args, Debug, Clone)]
pub struct ImportRoadsArgs {
    /// GeoJSON of directed road edges: LineStrings with the properties from, to and speed_mps
    file: PathBuf,
    #[command(flatten)]
    backend: BackendArgs,
}

pub fn run(_project: &Project, args: &ImportRoadsArgs) -> Result<()> {
    let path = Project::from_caller(&args.file);
    let text =
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let (roads, edges) =
        read_roads(&text).with_context(|| format!("{} is not a road graph", path.display()))?;
    let backend = Backend::connect(&args.backend)?;
    println!("{edges} 条道路边 road edges");
    let imported: Imported = backend.post(paths::IMPORT_ROADS, &roads)?;
    for left_out in &imported.left_out {
        eprintln!("略过 left out: {left_out}");
    }
    println!(
        "完成 done: {} edges taken, reference version {}",
        imported.taken, imported.reference_version
    );
    Ok(())
}

/// Checks that the file is a feature collection and counts its features; what each edge needs is
/// for the backend to judge, which answers edge by edge.
fn read_roads(text: &str) -> Result<(Value, usize)> {
    let roads: Value = serde_json::from_str(text).context("it is not JSON")?;
    ensure!(
        roads["type"] == "FeatureCollection",
        "its type is {}, a FeatureCollection is needed",
        roads["type"]
    );
    let edges = roads["features"].as_array().map_or(0, Vec::len);
    ensure!(edges > 0, "it has no features");
    Ok((roads, edges))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_counted_and_other_files_are_refused_with_the_reason() {
        let (_, edges) =
            read_roads(r#"{"type":"FeatureCollection","features":[{"type":"Feature"}]}"#).unwrap();
        assert_eq!(edges, 1);
        for (text, reason) in [
            ("lon,lat\n", "not JSON"),
            (r#"{"type":"Feature"}"#, "a FeatureCollection is needed"),
            (
                r#"{"type":"FeatureCollection","features":[]}"#,
                "no features",
            ),
        ] {
            let error = format!("{:#}", read_roads(text).unwrap_err());
            assert!(error.contains(reason), "{error}");
        }
    }
}
