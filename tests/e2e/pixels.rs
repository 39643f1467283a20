//! What the real window's map shows, read from its pixels: grids coloured by open work, people,
//! incidents and Chinese labels, in the colours of the theme, and not only that a page loaded.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use serde_json::json;

use crate::desk::wait_for_queue;
use crate::support::{Hall, HallOptions, Pixels, eventually, eventually_some};

/// A token of the theme as red, green, blue and opacity.
async fn token(hall: &Hall, name: &str) -> ([u8; 3], f64) {
    let script = "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0])";
    let value = hall
        .client
        .execute(script, vec![json!(name)])
        .await
        .unwrap();
    let hex = value
        .as_str()
        .unwrap_or_default()
        .trim()
        .trim_start_matches('#')
        .to_owned();
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2).unwrap_or("ff"), 16).unwrap();
    assert!(hex.len() >= 6, "{name} is \"{hex}\", not a colour");
    ([byte(0), byte(2), byte(4)], f64::from(byte(6)) / 255.0)
}

/// Where the map lies in the picture.
async fn map_area(hall: &Hall) -> (Range<u32>, Range<u32>) {
    let script = "const r = document.querySelector('.map-canvas').getBoundingClientRect();
        return [r.left, r.top, r.right, r.bottom].map(v => Math.round(v * devicePixelRatio))";
    let value = hall.client.execute(script, Vec::new()).await.unwrap();
    let edge = |at: usize| u32::try_from(value[at].as_u64().unwrap()).unwrap();
    (edge(0)..edge(2), edge(1)..edge(3))
}

/// The map's marks lie over the land in linear light, as the graphics card blends them.
fn over(ground: [u8; 3], (colour, opacity): ([u8; 3], f64)) -> [u8; 3] {
    let linear = |c: u8| (f64::from(c) / 255.0).powf(2.2);
    std::array::from_fn(|i| {
        let mixed = linear(colour[i]) * opacity + linear(ground[i]) * (1.0 - opacity);
        (mixed.powf(1.0 / 2.2) * 255.0).round() as u8
    })
}

/// The colours that most of the area has. The land of the base map is among them; where most grids
/// have the same amount of open work it need not be the first.
fn commonest(pixels: &Pixels, x: &Range<u32>, y: &Range<u32>) -> Vec<[u8; 3]> {
    let mut counts: HashMap<[u8; 3], u32> = HashMap::new();
    for row in y.clone() {
        for column in x.clone() {
            *counts.entry(pixels.at(column, row)).or_default() += 1;
        }
    }
    let mut counted: Vec<([u8; 3], u32)> = counts.into_iter().collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.truncate(6);
    counted.into_iter().map(|(colour, _)| colour).collect()
}

/// How many pixels have the colour of a grid with open work over the land, whichever of the commonest
/// colours that is.
fn filled(pixels: &Pixels, x: &Range<u32>, y: &Range<u32>, classes: &[([u8; 3], f64)]) -> usize {
    let over_land = commonest(pixels, x, y).into_iter().map(|land| {
        let fills = classes.iter().map(|class| over(land, *class));
        let seen = fills.filter(|fill| *fill != land);
        seen.map(|fill| pixels.near(x.clone(), y.clone(), fill, 3))
            .sum()
    });
    over_land.max().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_shows_coloured_grids_people_incidents_and_labels() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    wait_for_queue(&hall).await;
    let (x, y) = map_area(&hall).await;
    let mut wanted = Vec::new();
    // Token, tolerance per channel, and the fewest pixels that hundreds of marks must have.
    for (name, tolerance, fewest) in [
        ("--person-available", 12, 1_500),
        ("--level-small", 12, 150),
        ("--level-micro", 12, 150),
        ("--map-grid-outline-strong", 40, 1_000),
        ("--map-grid-label", 24, 300),
    ] {
        wanted.push((name, token(&hall, name).await.0, tolerance, fewest));
    }
    let mut classes = Vec::new();
    for class in 1..=5 {
        classes.push(token(&hall, &format!("--map-grid-{class}")).await);
    }
    let pixels = eventually_some(
        "all layers are drawn, and the grids with open work filled",
        Duration::from_secs(90),
        async || {
            let pixels = hall.pixels().await;
            let missing = wanted.iter().find(|(_, colour, tolerance, fewest)| {
                pixels.near(x.clone(), y.clone(), *colour, *tolerance) < *fewest
            });
            if let Some((name, ..)) = missing {
                eprintln!("too little of {name} so far");
            }
            let filled = filled(&pixels, &x, &y, &classes);
            eprintln!("{filled} pixels of grids with open work so far");
            (missing.is_none() && filled > 5_000).then_some(pixels)
        },
    )
    .await;

    // Other incidents are wanted, so these are drawn no more: the marks are data, not decoration.
    let small = token(&hall, "--level-small").await.0;
    let before = pixels.near(x.clone(), y.clone(), small, 12);
    hall.click("[data-testid='count-level-micro']").await;
    eventually("the map follows the filter", async || {
        hall.pixels().await.near(x.clone(), y.clone(), small, 12) < before / 2
    })
    .await;
    hall.close().await;
}
