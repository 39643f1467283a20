//! Real data: a recording of a real morning rush, the roads of the same place, a real city's map.
//!
//! The data lies beside the project and is no part of it; without it the test says so and ends.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{Hall, HallOptions, Pixels, Street, eventually, eventually_some};

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

/// Starts the replay of a recording and waits until it reaches the backend.
async fn replay(street: &Street, tracks: &Path) -> Child {
    let child = xtask()
        .args(["replay", &tracks.to_string_lossy(), "--speed", "4"])
        .args(["--backend", &street.url, "--key", &street.hall_key()])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the recording reaches the backend", async || {
        street.snapshot().await.situation.positions.len() > 100
    })
    .await;
    child
}

/// The middle of the window, where the map lies.
fn middle(pixels: &Pixels) -> (Range<u32>, Range<u32>) {
    let (w, h) = (pixels.width, pixels.height);
    (w * 2 / 5..w * 3 / 5, h / 3..h * 2 / 3)
}

/// Waits until the middle of the map has more than so many colours.
async fn map_with_colours(hall: &Hall, what: &str, colours: usize) -> Pixels {
    eventually_some(what, Duration::from_mins(2), async || {
        let pixels = hall.pixels().await;
        let (x, y) = middle(&pixels);
        (pixels.colours(x, y) > colours).then_some(pixels)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_people_move_where_the_roads_were_imported() {
    let (Some(tracks), Some(roads)) = (
        shared("chengdu-wuhou-tracks.csv.gz"),
        shared("chengdu-wuhou-roads.geojson"),
    ) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let street = Street::empty(&dir.path().join("street")).await;
    let imported = xtask()
        .args(["import-roads", &roads.to_string_lossy()])
        .args(["--backend", &street.url, "--key", &street.hall_key()])
        .output()
        .unwrap();
    assert!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    assert!(String::from_utf8_lossy(&imported.stdout).contains("852 edges"));
    let mut replay = replay(&street, &tracks).await;

    let options = HallOptions {
        args: street.options(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    let first = map_with_colours(&hall, "people are drawn", 20).await;
    eventually("people move", async || {
        let now = hall.pixels().await;
        let (x, y) = middle(&now);
        first.changed(&now, x, y) > 0.002
    })
    .await;
    hall.close().await;
    // The recording is longer than the test.
    replay.kill().ok();
    replay.wait().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_citys_archive_opens_where_the_city_lies() {
    let Some(map) = shared("firenze.pmtiles") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let args = vec!["--map".to_owned(), map.to_string_lossy().into_owned()];
    let options = HallOptions {
        args,
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    map_with_colours(&hall, "the real city is drawn", 150).await;
    hall.close().await;
}
