//! A street's own map style: put into the data directory it is drawn in place of the shipped one, and
//! what is wrong with it is said once in the program's log, not in a console that nobody sees.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::desk::wait_for_queue;
use crate::support::{Hall, HallOptions, eventually_some};

/// A colour that no shipped style and no token of the theme has.
const LAND: [u8; 3] = [90, 20, 110];
/// A layer of a type that the map does not draw.
const LEFT_OUT: &str = "terrain-shades";

/// All styles that the demo street's tiles may be drawn with, dark and light.
const NAMES: [&str; 4] = [
    "openmaptiles_dark.json",
    "openmaptiles_light.json",
    "protomaps_dark.json",
    "protomaps_light.json",
];

fn put_styles(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let [red, green, blue] = LAND;
    let style = serde_json::json!({
        "version": 8,
        "sources": {},
        "layers": [
            { "id": "land", "type": "background",
              "paint": { "background-color": format!("rgb({red}, {green}, {blue})") } },
            { "id": LEFT_OUT, "type": "hillshade", "source": "relief" },
        ],
    });
    for name in NAMES {
        fs::write(folder.join(name), style.to_string()).unwrap();
    }
    fs::write(folder.join("raster_dark.json"), "<html>no style</html>").unwrap();
}

/// What the log says from these words on, line by line.
fn said_from(hall: &Hall, words: &str) -> Vec<String> {
    let said = hall.said();
    let lines = said.lines();
    lines
        .filter_map(|line| Some(line[line.find(words)?..].to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_style_in_the_data_directory_is_drawn_and_what_it_lacks_is_said_once() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("hall");
    put_styles(&data.join("map_styles"));
    let options = HallOptions {
        window: "both",
        ..HallOptions::default()
    };
    let hall = Hall::start(&data, &options).await;
    for window in ["desk", "wall"] {
        hall.look_at(window).await;
        if window == "desk" {
            wait_for_queue(&hall).await;
        }
        let what = format!("the {window} shows the land of the street's own style");
        eventually_some(&what, Duration::from_mins(2), async || {
            let pixels = hall.pixels().await;
            let land = pixels.near(0..pixels.width, 0..pixels.height, LAND, 2);
            eprintln!("{land} pixels of the own land at the {window} so far");
            (land > 5_000).then_some(())
        })
        .await;
    }
    let notes = eventually_some(
        "the map says what it leaves out",
        Duration::from_secs(30),
        async || {
            let notes = said_from(&hall, "the map style ");
            let own = |note: &String| note.contains("map_styles/") && note.contains(LEFT_OUT);
            notes.iter().any(own).then_some(notes)
        },
    )
    .await;
    let different: BTreeSet<&String> = notes.iter().collect();
    assert_eq!(
        different.len(),
        notes.len(),
        "each is said once: {notes:#?}"
    );
    let refused = said_from(&hall, "The map style file ");
    assert_eq!(refused.len(), 1, "{refused:#?}");
    for words in ["raster_dark.json", "cannot be used", "not JSON"] {
        assert!(refused[0].contains(words), "{words}: {refused:#?}");
    }
    hall.close().await;
}
