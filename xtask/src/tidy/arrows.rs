//! Who may use whom: the dependency arrows between the project's crates, and what some of them
//! must never reach.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use super::Finding;
use crate::project::Project;

/// What each crate may depend on among the project's own. A crate that is not listed is refused,
/// so that a new one finds its place here first.
const ARROWS: [(&str, &[&str]); 18] = [
    ("domain", &[]),
    ("rules", &["domain"]),
    ("protocol", &["domain"]),
    ("map_protocol", &[]),
    ("map_core", &[]),
    ("tiles", &[]),
    ("sync_engine", &["domain", "protocol"]),
    (
        "hall_api",
        &["domain", "protocol", "rules", "tiles", "sync_engine"],
    ),
    ("backend", &["domain", "protocol", "rules"]),
    ("demo_street", &["domain", "protocol", "rules", "tiles"]),
    ("ui", &["domain", "protocol", "map_protocol"]),
    (
        "streethall",
        &[
            "protocol",
            "rules",
            "tiles",
            "hall_api",
            "backend",
            "demo_street",
        ],
    ),
    ("testkit", &["domain", "rules", "protocol", "backend"]),
    ("faulty_disk", &[]),
    ("xtask", &["domain", "protocol", "map_protocol"]),
    (
        "simulation",
        &["domain", "protocol", "sync_engine", "backend", "testkit"],
    ),
    (
        "benches",
        &[
            "domain",
            "rules",
            "protocol",
            "sync_engine",
            "hall_api",
            "backend",
            "demo_street",
            "map_core",
            "testkit",
        ],
    ),
    ("street_map", &["map_core", "map_protocol"]),
];

/// What tests may use beyond the arrows: builders and fakes, and the real other side.
const FREE_FOR_TESTS: [&str; 4] = ["testkit", "faulty_disk", "backend", "demo_street"];

/// What a crate must not reach, directly or through others.
const UNREACHABLE: [(&str, &[&str]); 6] = [
    (
        "domain",
        &["tokio", "tauri", "leptos", "rusqlite", "axum", "reqwest"],
    ),
    (
        "protocol",
        &["tokio", "tauri", "leptos", "rusqlite", "axum", "reqwest"],
    ),
    (
        "map_core",
        &["wgpu", "maplibre", "web-sys", "tokio", "tauri", "leptos"],
    ),
    ("sync_engine", &["tauri", "leptos", "axum"]),
    ("hall_api", &["tauri", "leptos"]),
    ("ui", &["tauri", "rusqlite", "axum", "maplibre", "wgpu"]),
];

/// Features for tests only, and the crates that alone may enable them.
const FEATURES_FOR_TESTS: [(&str, &str, &[&str]); 1] = [("sync_engine", "faults", &["simulation"])];

/// The crates of all workspaces and their dependencies.
#[derive(Debug, Default)]
pub struct CrateGraph {
    own: BTreeMap<String, OwnCrate>,
}

#[derive(Debug, Default)]
struct OwnCrate {
    /// Own crates it depends on, for building and running.
    uses: BTreeSet<String>,
    /// Own crates it depends on for its tests only.
    tests_use: BTreeSet<String>,
    /// Features that it enables of own crates, each as `CRATE/FEATURE`; also those that a feature of
    /// its own would enable.
    enables: BTreeSet<String>,
    /// Every crate it reaches when built for running, by package name.
    reaches: BTreeSet<String>,
}

impl CrateGraph {
    /// Reads both workspaces with cargo.
    pub fn read(project: &Project) -> Result<Self> {
        let mut graph = Self::default();
        for workspace in [project.root().to_path_buf(), project.map_workspace()] {
            let manifest = workspace.join("Cargo.toml");
            if !manifest.is_file() {
                continue;
            }
            let metadata = MetadataCommand::new()
                .manifest_path(&manifest)
                .other_options(vec![
                    "--filter-platform".to_owned(),
                    "x86_64-unknown-linux-gnu".to_owned(),
                ])
                .exec()
                .with_context(|| format!("cargo metadata of {} failed", manifest.display()))?;
            graph.add(&metadata);
        }
        Ok(graph)
    }

    fn add(&mut self, metadata: &Metadata) {
        let own_names: BTreeSet<String> = metadata
            .packages
            .iter()
            .filter(|package| package.source.is_none())
            .map(|package| package.name.to_string())
            .collect();
        for package in metadata.workspace_packages() {
            let mut own = OwnCrate::default();
            for dependency in &package.dependencies {
                if !own_names.contains(&dependency.name) || dependency.path.is_none() {
                    continue;
                }
                let features = dependency.features.iter();
                own.enables
                    .extend(features.map(|feature| format!("{}/{feature}", dependency.name)));
                match dependency.kind {
                    DependencyKind::Development => own.tests_use.insert(dependency.name.clone()),
                    _ => own.uses.insert(dependency.name.clone()),
                };
            }
            let through_own = package.features.values().flatten();
            own.enables
                .extend(through_own.map(|feature| feature.replace('?', "")));
            own.reaches = reached_from(metadata, &package.id);
            self.own.insert(package.name.to_string(), own);
        }
    }

    /// Names of the project's crates, sorted.
    pub fn own_crates(&self) -> Vec<String> {
        self.own.keys().cloned().collect()
    }
}

/// Every package that is built into the one given, by name.
fn reached_from(metadata: &Metadata, start: &PackageId) -> BTreeSet<String> {
    let Some(resolve) = &metadata.resolve else {
        return BTreeSet::new();
    };
    let nodes: BTreeMap<&PackageId, _> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        let Some(node) = nodes.get(id) else { continue };
        for dependency in &node.deps {
            let is_built_in = dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Normal);
            if is_built_in && seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    metadata
        .packages
        .iter()
        .filter(|package| seen.contains(&package.id))
        .map(|package| package.name.to_string())
        .collect()
}

/// All breaches of the arrows.
pub fn check(graph: &CrateGraph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, own) in &graph.own {
        let Some((_, allowed)) = ARROWS.iter().find(|(listed, _)| listed == name) else {
            findings.push(Finding::new(
                name,
                0,
                "is a new crate; say in ARROWS (xtask/src/tidy/arrows.rs) what it may use",
            ));
            continue;
        };
        for used in own
            .uses
            .iter()
            .filter(|used| !allowed.contains(&used.as_str()))
        {
            findings.push(Finding::new(
                name,
                0,
                format!("must not use {used}; it may use {allowed:?}"),
            ));
        }
        for used in &own.tests_use {
            let is_free = FREE_FOR_TESTS.contains(&used.as_str());
            if !is_free && !allowed.contains(&used.as_str()) {
                findings.push(Finding::new(
                    name,
                    0,
                    format!("must not use {used} even in its tests"),
                ));
            }
        }
        for (of, feature, allowed) in FEATURES_FOR_TESTS {
            let full = format!("{of}/{feature}");
            if own.enables.contains(&full) && !allowed.contains(&name.as_str()) {
                findings.push(Finding::new(
                    name,
                    0,
                    format!("must not enable {full}, which is for {allowed:?} only"),
                ));
            }
        }
        for (_, forbidden) in UNREACHABLE.iter().filter(|(listed, _)| listed == name) {
            for reached in forbidden
                .iter()
                .filter(|crate_name| own.reaches.contains(**crate_name))
            {
                findings.push(Finding::new(
                    name,
                    0,
                    format!(
                        "must not reach {reached}; cargo tree -p {name} -i {reached} shows the way"
                    ),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(name: &str, uses: &[&str], tests_use: &[&str], reaches: &[&str]) -> CrateGraph {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let own = OwnCrate {
            uses: set(uses),
            tests_use: set(tests_use),
            reaches: set(reaches),
            enables: BTreeSet::new(),
        };
        CrateGraph {
            own: BTreeMap::from([(name.to_owned(), own)]),
        }
    }

    fn count(graph: &CrateGraph) -> usize {
        check(graph).len()
    }

    #[test]
    fn arrows_that_point_the_right_way_are_fine() {
        assert_eq!(
            count(&graph(
                "hall_api",
                &["domain", "sync_engine"],
                &["testkit"],
                &["tokio"]
            )),
            0
        );
        assert_eq!(count(&graph("domain", &[], &["testkit"], &["serde"])), 0);
    }

    #[test]
    fn an_arrow_that_points_back_is_found() {
        let findings = check(&graph("domain", &["protocol"], &[], &[]));
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].what.contains("must not use protocol"),
            "{findings:?}"
        );
        assert_eq!(count(&graph("map_core", &["domain"], &[], &[])), 1);
        assert_eq!(count(&graph("ui", &["hall_api"], &[], &[])), 1);
    }

    #[test]
    fn tests_may_use_fakes_but_not_anything() {
        assert_eq!(
            count(&graph("sync_engine", &[], &["testkit", "backend"], &[])),
            0
        );
        assert_eq!(count(&graph("map_core", &[], &["domain"], &[])), 1);
    }

    #[test]
    fn a_forbidden_crate_is_found_through_others() {
        let findings = check(&graph("domain", &[], &[], &["serde", "tokio", "rusqlite"]));
        assert_eq!(findings.len(), 2);
        assert!(findings[0].what.contains("tokio"), "{findings:?}");
    }

    #[test]
    fn a_product_that_enables_a_feature_for_tests_is_found() {
        let mut graph = graph("hall_api", &["sync_engine"], &[], &[]);
        let own = graph.own.get_mut("hall_api").unwrap();
        own.enables.insert("sync_engine/other".to_owned());
        assert_eq!(count(&graph), 0);
        let own = graph.own.get_mut("hall_api").unwrap();
        own.enables.insert("sync_engine/faults".to_owned());
        assert_eq!(count(&graph), 1);
    }

    #[test]
    fn an_unknown_crate_has_to_find_its_place_first() {
        assert_eq!(count(&graph("dispatch_magic", &[], &[], &[])), 1);
    }

    #[test]
    fn the_real_graph_knows_who_reaches_what() {
        let project = Project::find().unwrap();
        let graph = CrateGraph::read(&project).unwrap();
        let xtask = &graph.own["xtask"];
        assert!(
            xtask.reaches.contains("wasm-bindgen-shared"),
            "through wasm-bindgen-cli-support"
        );
        assert!(
            !xtask.reaches.contains("tempfile-that-is-not"),
            "only what is there"
        );
        assert!(graph.own.contains_key("domain"));
        let enabled = &graph.own["simulation"].enables;
        assert!(enabled.contains("sync_engine/faults"));
    }
}
