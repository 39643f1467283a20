//! Real data: a recording of a real morning rush, the roads of the same place, a real city's map.
//!
//! The data lies beside the project and is no part of it; without it the test says so and ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Hall, HallOptions, Street, eventually, eventually_some};

fn shared(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/data/{file} is not there");
    None
}

/// The project's own command, built beside the application.
fn xtask() -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_streethall")).with_file_name("xtask");
    assert!(
        program.exists(),
        "{} is missing: cargo build --package xtask",
        program.display()
    );
    Command::new(program)
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_people_move_on_imported_roads_over_a_real_citys_tiles() {
    let (Some(tracks), Some(roads), Some(map)) = (
        shared("chengdu-wuhou-tracks.csv.gz"),
        shared("chengdu-wuhou-roads.geojson"),
        shared("firenze.pmtiles"),
    ) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let street = Street::empty(&dir.path().join("street")).await;
    let key = street.hall_key();
    let field = street.field_key();
    let imported = xtask()
        .args([
            "import-roads",
            &roads.to_string_lossy(),
            "--backend",
            &street.url,
            "--key",
            &key,
        ])
        .output()
        .unwrap();
    assert!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    let mut replay = xtask()
        .args([
            "replay",
            &tracks.to_string_lossy(),
            "--backend",
            &street.url,
            "--speed",
            "4",
        ])
        .args(["--key", &key, "--field-key", &field])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the recording reaches the backend", async || {
        street.snapshot().await.situation.positions.len() > 100
    })
    .await;

    // Without a map of that place: roads and people on the plain ground, and they move.
    let options = HallOptions {
        args: street.options(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    let middle = |pixels: &crate::support::Pixels| {
        (
            pixels.width * 2 / 5..pixels.width * 3 / 5,
            pixels.height / 3..pixels.height * 2 / 3,
        )
    };
    let first = eventually_some("people are drawn", Duration::from_secs(90), async || {
        let pixels = hall.pixels().await;
        let (x, y) = middle(&pixels);
        (pixels.colours(x, y) > 40).then_some(pixels)
    })
    .await;
    eventually("people move", async || {
        let now = hall.pixels().await;
        let (x, y) = middle(&now);
        first.changed(&now, x, y) > 0.002
    })
    .await;
    hall.close().await;
    replay.kill().ok();
    replay.wait().ok();

    // With a real city's archive the map opens there.
    let args = vec!["--map".to_owned(), map.to_string_lossy().into_owned()];
    let hall = Hall::start(
        &dir.path().join("city"),
        &HallOptions {
            args,
            ..HallOptions::default()
        },
    )
    .await;
    eventually_some(
        "the real city is drawn",
        Duration::from_secs(120),
        async || {
            let pixels = hall.pixels().await;
            let (x, y) = middle(&pixels);
            (pixels.colours(x, y) > 150).then_some(())
        },
    )
    .await;
    hall.close().await;
}
