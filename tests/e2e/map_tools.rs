//! The tools over the map of the real window, heat, following, clusters and two fingers.

use std::time::Duration;

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use serde_json::{Value, json};

use crate::desk::list_size;
use crate::map_hand::{CANVAS, focus_map, middle, open_map, press, settled, view};
use crate::support::{Hall, HallOptions, eventually, eventually_some};

const COUNTS: &str = "[data-testid='map-result-counts']";

/// What every script here begins with: `say` gives the canvas a pointer's event. The browser knows no
/// such pointer, so none can be captured.
const SAY: &str = "const canvas = document.querySelector(arguments[0]);
    canvas.setPointerCapture = () => {};
    const say = (type, pointerType, pointerId, clientX, clientY) =>
        canvas.dispatchEvent(new PointerEvent(type, { pointerType, pointerId, clientX, clientY,
            isPrimary: pointerId === 1, button: type === 'pointermove' ? -1 : 0,
            bubbles: true, cancelable: true }));";

fn to([x, y]: [i64; 2]) -> PointerAction {
    PointerAction::MoveTo {
        duration: None,
        x: x as f64,
        y: y as f64,
    }
}

/// Presses at the first place, moves along the others and lets go.
async fn drag(hall: &Hall, way: &[[i64; 2]]) {
    let [first, rest @ ..] = way else { return };
    let mut hand =
        MouseActions::new("mouse".to_owned())
            .then(to(*first))
            .then(PointerAction::Down {
                button: MOUSE_BUTTON_LEFT,
            });
    for place in rest {
        hand = hand.then(to(*place));
    }
    let hand = hand.then(PointerAction::Up {
        button: MOUSE_BUTTON_LEFT,
    });
    hall.client.perform_actions(hand).await.unwrap();
}

/// The counts of what lies in the finished region: incidents, people, cameras, sensors.
async fn counts(hall: &Hall) -> Option<Vec<usize>> {
    let script = "return [...document.querySelectorAll(arguments[0] + ' dd')]
        .map(row => Number(row.textContent))";
    let found = hall.client.execute(script, vec![json!(COUNTS)]).await;
    let counts: Vec<usize> = serde_json::from_value(found.ok()?).ok()?;
    (counts.len() == 4).then_some(counts)
}

/// Waits until the list shows as many incidents as the region is said to hold.
async fn list_agrees(hall: &Hall, tool: &str) -> Vec<usize> {
    eventually(
        &format!("the list shows what lies in the {tool}"),
        async || {
            let listed: Option<usize> = list_size(hall).await.and_then(|size| size.parse().ok());
            let counts = counts(hall).await;
            listed.is_some() && listed == counts.map(|counts| counts[0])
        },
    )
    .await;
    eventually_some(tool, Duration::from_secs(5), async || counts(hall).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_and_a_lasso_narrow_the_list_to_what_they_hold_and_a_line_is_measured() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    open_map(&hall).await;
    let (x, y) = middle(&hall).await;

    hall.click("[data-testid='map-tool-2']").await;
    drag(&hall, &[[x, y], [x + 60, y], [x + 120, y]]).await;
    let circle = list_agrees(&hall, "circle").await;
    hall.keep_picture("map-radius").await;

    hall.click("[data-testid='map-tool-3']").await;
    // Around the circle, so that it holds at least as much.
    let corners = [[-150, -150], [150, -150], [150, 150], [-150, 150]];
    let way = corners.map(|[east, south]| [x + east, y + south]);
    drag(&hall, &way).await;
    let lasso = list_agrees(&hall, "lasso").await;
    // Devices stand where they are, while people walk and incidents come.
    assert!(
        lasso[2] >= circle[2] && lasso[3] >= circle[3],
        "{circle:?} {lasso:?}"
    );
    hall.keep_picture("map-lasso").await;

    hall.click("[data-testid='map-tool-1']").await;
    drag(&hall, &[[x - 100, y]]).await;
    drag(&hall, &[[x + 100, y]]).await;
    let result = "[data-testid='map-result']";
    assert_eq!(
        hall.attribute(result, "role").await.as_deref(),
        Some("status")
    );
    let length = format!("{result} .copyable");
    eventually("the length is announced", async || {
        let words = hall.text(&length).await.unwrap_or_default();
        let metres = words.strip_suffix("km").or(words.strip_suffix('m'));
        metres.is_some_and(|number| number.trim().parse::<f64>().is_ok_and(|n| n > 0.0))
    })
    .await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heat_of_a_chosen_time_is_named_in_the_legend() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    open_map(&hall).await;
    let scale = "[data-testid='map-heat-scale']";
    assert_eq!(hall.count(scale).await, 0);
    let choose = "const choice = document.querySelector(\"[data-testid='map-heat']\");
        choice.value = arguments[0];
        choice.dispatchEvent(new Event('change', { bubbles: true }));";
    let chosen = "return document.querySelector(\"[data-testid='map-heat']\").selectedOptions[0].textContent";
    let arguments = vec![json!("seven_days")];
    hall.client.execute(choose, arguments).await.unwrap();
    eventually("the legend explains the heat", async || {
        let name = hall.client.execute(chosen, Vec::new()).await;
        name.is_ok_and(|name| name == "近 7 天") && hall.count(scale).await == 1
    })
    .await;
    hall.keep_picture("map-heat").await;
    hall.client.execute(choose, vec![json!("")]).await.unwrap();
    eventually("it is off again", async || hall.count(scale).await == 0).await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_f_follows_the_selected_person_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    open_map(&hall).await;
    let (x, y) = middle(&hall).await;
    hall.click("[data-testid='map-tool-2']").await;
    drag(&hall, &[[x, y], [x + 100, y], [x + 250, y]]).await;
    eventually("somebody is in the circle", async || {
        counts(&hall).await.is_some_and(|counts| counts[1] > 0)
    })
    .await;
    // People stand below the incidents.
    hall.click(".map-result-names li:last-child button").await;
    eventually("a person is selected", async || {
        hall.count("[data-testid='card-person']").await == 1
    })
    .await;
    settled(&hall).await;
    let followed = "[data-testid='map-followed']";
    assert_eq!(hall.count(followed).await, 0);
    focus_map(&hall).await;
    press(&hall, "f").await;
    eventually("it is said who is followed", async || {
        let words = hall.text(followed).await.unwrap_or_default();
        words.contains("正在跟随")
    })
    .await;
    hall.wait_for_attribute("[data-testid='follow']", "aria-pressed", &["true"])
        .await;
    press(&hall, "f").await;
    eventually("nobody is followed", async || {
        hall.count(followed).await == 0
    })
    .await;
    hall.close().await;
}

/// Moves a pointer over the map until it comes upon a cluster; answers where in the window that is.
async fn cluster(hall: &Hall) -> Option<[i64; 2]> {
    let (x, y) = middle(hall).await;
    let rows = (-240..=240).step_by(20);
    for south in rows {
        let script = format!(
            "{SAY} const done = arguments[arguments.length - 1];
            (async () => {{
                for (let east = -400; east <= 400; east += 20) {{
                    const [x, y] = [arguments[1] + east, arguments[2]];
                    say('pointermove', 'mouse', 1, x, y);
                    await new Promise(go => setTimeout(go, 10));
                    if (document.querySelector(\"[data-testid='map-cluster-tip']\")) return [x, y];
                }}
                return null;
            }})().then(done, () => done(null));"
        );
        let arguments = vec![json!(CANVAS), json!(x), json!(y + south)];
        let found = hall.client.execute_async(&script, arguments).await.unwrap();
        if let Some(place) = found.as_array() {
            let at = |axis: usize| place.get(axis).and_then(Value::as_i64);
            return Some([at(0)?, at(1)?]);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_on_a_cluster_flies_in_or_lists_what_never_parts() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    let [.., zoom] = open_map(&hall).await;
    let [x, y] = cluster(&hall)
        .await
        .expect("a cluster stands on the street");
    let script = format!(
        "{SAY} say('pointerdown', 'touch', 1, arguments[1], arguments[2]);
        say('pointerup', 'touch', 1, arguments[1], arguments[2]);"
    );
    let arguments = vec![json!(CANVAS), json!(x), json!(y)];
    hall.client.execute(&script, arguments).await.unwrap();
    eventually("the map flies in, or lists the incidents", async || {
        let is_closer = view(&hall).await.is_some_and(|view| view[2] > zoom + 0.1);
        is_closer || hall.count("[data-testid='map-cluster']").await == 1
    })
    .await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_fingers_that_move_apart_zoom_in_at_their_middle() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    let before = open_map(&hall).await;
    let (x, y) = middle(&hall).await;
    let east_px = 120_i32;
    let script = format!(
        "{SAY} const [x, y] = [arguments[1], arguments[2]];
        say('pointerdown', 'touch', 1, x - 40, y);
        say('pointerdown', 'touch', 2, x + 40, y);
        for (let way = 4; way <= 60; way += 4) {{
            say('pointermove', 'touch', 1, x - 40 - way, y);
            say('pointermove', 'touch', 2, x + 40 + way, y);
        }}
        say('pointerup', 'touch', 2, x + 100, y);
        say('pointerup', 'touch', 1, x - 100, y);"
    );
    let arguments = vec![json!(CANVAS), json!(x + i64::from(east_px)), json!(y)];
    hall.client.execute(&script, arguments).await.unwrap();
    eventually("the map is closer", async || {
        view(&hall)
            .await
            .is_some_and(|view| view[2] > before[2] + 0.8)
    })
    .await;
    let after = settled(&hall).await;
    // What lay between the fingers lies there still: the middle has come nearer to it.
    let degrees_per_px = |zoom: f64| 360.0 / (512.0 * zoom.exp2());
    let place = |[lon, _, zoom]: [f64; 3]| lon + f64::from(east_px) * degrees_per_px(zoom);
    let off_px = (place(after) - place(before)) / degrees_per_px(after[2]);
    assert!(off_px.abs() < 6.0, "{off_px} px: {before:?} {after:?}");
    hall.close().await;
}
