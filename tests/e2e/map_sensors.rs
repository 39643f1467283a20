//! Sensors of the street on the map of the real window.

use std::f64::consts::PI;

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};

use crate::map_hand::{View, focus_map, middle, open_map, press, settled, view};
use crate::support::{Hall, HallOptions, eventually, seed};

/// From here on devices show their pictures and can be clicked well.
const CLOSE: f64 = 16.9;
/// CSS pixels around a sensor in which no other device stands.
const APART_PX: f64 = 40.0;

/// The place on the world at the zoom of the view, in CSS pixels (Web Mercator, 512 pixels at zoom 0).
fn world([lon, lat]: [f64; 2], zoom: f64) -> [f64; 2] {
    let size = 512.0 * zoom.exp2();
    let y = (PI / 4.0 + lat.to_radians() / 2.0).tan().ln();
    [size * (lon / 360.0 + 0.5), size * (0.5 - y / (2.0 * PI))]
}

/// Where a place is shown, from the middle of the map.
fn offset(at: [f64; 2], [lon, lat, zoom]: View) -> [f64; 2] {
    let (here, middle) = (world(at, zoom), world([lon, lat], zoom));
    [here[0] - middle[0], here[1] - middle[1]]
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// A sensor in view.
struct Shown {
    id: String,
    name: String,
    /// From the middle of the map, in CSS pixels.
    at: [f64; 2],
}

/// Sensors in view that stand apart from all other devices, the nearest to the middle first.
fn clear_sensors(view: View) -> Vec<Shown> {
    let reference = seed::demo().reference;
    let cameras = reference.cameras.iter().map(|camera| camera.location);
    let sensors = reference.sensors.iter().map(|sensor| sensor.location);
    let all: Vec<[f64; 2]> = cameras
        .chain(sensors)
        .map(|at| offset([at.lon, at.lat], view))
        .collect();
    let is_clear = |at: [f64; 2]| {
        let close = all.iter().filter(|other| distance(at, **other) < APART_PX);
        close.count() == 1
    };
    let mut found: Vec<Shown> = reference
        .sensors
        .iter()
        .map(|sensor| Shown {
            id: sensor.id.to_string(),
            name: sensor.name.clone(),
            at: offset([sensor.location.lon, sensor.location.lat], view),
        })
        .filter(|Shown { at: [x, y], .. }| x.abs() < 250.0 && y.abs() < 200.0)
        .filter(|shown| is_clear(shown.at))
        .collect();
    found.sort_by(|a, b| a.at[0].hypot(a.at[1]).total_cmp(&b.at[0].hypot(b.at[1])));
    found
}

async fn click_at(hall: &Hall, x: i64, y: i64) {
    let click = MouseActions::new("mouse".to_owned())
        .then(PointerAction::MoveTo {
            duration: None,
            x: x as f64,
            y: y as f64,
        })
        .then(PointerAction::Down {
            button: MOUSE_BUTTON_LEFT,
        })
        .then(PointerAction::Up {
            button: MOUSE_BUTTON_LEFT,
        });
    hall.client.perform_actions(click).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensor_is_picked_on_the_map_and_its_card_says_which_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    open_map(&hall).await;
    focus_map(&hall).await;
    eventually("the map is close", async || {
        press(&hall, "+").await;
        view(&hall).await.is_some_and(|view| view[2] > CLOSE)
    })
    .await;
    let view = settled(&hall).await;
    let (x, y) = middle(&hall).await;
    let sensors = clear_sensors(view);
    let mut missed = Vec::new();
    // Somebody may stand in front of one.
    for sensor in sensors.into_iter().take(5) {
        let [east, south] = sensor.at;
        click_at(&hall, x + east.round() as i64, y + south.round() as i64).await;
        eventually("something is selected", async || {
            hall.count("[data-testid='map-card'] h3").await > 0
        })
        .await;
        let title = hall
            .text("[data-testid='map-card'] h3")
            .await
            .unwrap_or_default();
        if title.starts_with(&sensor.name) {
            assert_eq!(
                hall.count("[data-testid='card-sensor']").await,
                1,
                "{title}"
            );
            let card = hall
                .text("[data-testid='map-card']")
                .await
                .unwrap_or_default();
            assert!(card.contains(sensor.id.as_str()), "{card}");
            hall.keep_picture("map-sensor").await;
            hall.close().await;
            return;
        }
        missed.push((sensor.name, title));
    }
    panic!("no sensor was picked: {missed:?}");
}
