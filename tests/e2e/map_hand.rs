//! The hand on the map of the real window: wheel, keys and the box move the view, and what is
//! selected is said aloud.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::actions::{
    Actions, InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::key::Key;
use serde_json::json;

use crate::desk::{ROW, wait_for_queue};
use crate::support::{Hall, HallOptions, eventually, eventually_some};

/// The box of the map, whose attributes say what it shows.
pub const MAP: &str = ".map-canvas";
/// What the hand touches of it.
pub const CANVAS: &str = ".map-canvas canvas";
/// What the shift key is called to the driver.
const SHIFT: char = '\u{E008}';

/// How long the first whole picture may take on a busy machine.
const WHOLE_WITHIN: Duration = Duration::from_secs(50);

/// Longitude, latitude and zoom.
pub type View = [f64; 3];

pub async fn view(hall: &Hall) -> Option<View> {
    let words = hall.attribute(MAP, "data-view").await?;
    let numbers: Vec<f64> = words.split(' ').filter_map(|n| n.parse().ok()).collect();
    numbers.try_into().ok()
}

/// The view when two looks in a row find the same.
pub async fn settled(hall: &Hall) -> View {
    let mut before = None;
    eventually_some("the view rests", Duration::from_mins(1), async || {
        let now = view(hall).await;
        let is_at_rest = now.is_some() && now == before;
        before = now;
        now.filter(|_| is_at_rest)
    })
    .await
}

/// Waits until the view has become another in the way that is asked for, and rests.
async fn moved(hall: &Hall, what: &str, is_so: impl Fn(View) -> bool) -> View {
    eventually(what, async || view(hall).await.is_some_and(&is_so)).await;
    settled(hall).await
}

/// Waits until the map shows its first whole picture and rests.
pub async fn open_map(hall: &Hall) -> View {
    wait_for_queue(hall).await;
    let waiting = hall.wait_for_attribute(MAP, "data-idle", &["true"]);
    if tokio::time::timeout(WHOLE_WITHIN, waiting).await.is_err() {
        hall.keep_picture("map-never-whole").await;
        let script = "const map = document.querySelector(arguments[0]);
            return document.visibilityState + ' ' + map.parentElement.outerHTML";
        let found = hall.client.execute(script, vec![json!(MAP)]).await;
        panic!("the map is never whole: {found:?}");
    }
    settled(hall).await
}

/// Gives the map the keys.
pub async fn focus_map(hall: &Hall) {
    let script = "const map = document.querySelector(arguments[0]); map.focus();
        return document.activeElement === map;";
    let focused = hall.client.execute(script, vec![json!(CANVAS)]).await;
    assert_eq!(focused.unwrap(), json!(true), "the map takes the focus");
}

/// Presses a key on the map.
pub async fn press(hall: &Hall, key: &str) {
    let map = hall.client.find(Locator::Css(CANVAS)).await.unwrap();
    map.send_keys(key).await.unwrap();
}

/// The middle of the map in CSS pixels of the window.
pub async fn middle(hall: &Hall) -> (i64, i64) {
    let script = "const r = document.querySelector(arguments[0]).getBoundingClientRect();
        return [r.left + r.width / 2, r.top + r.height / 2].map(Math.round)";
    let at = hall.client.execute(script, vec![json!(MAP)]).await.unwrap();
    (at[0].as_i64().unwrap(), at[1].as_i64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn wheel_keys_and_box_move_the_map() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    let [lon, lat, zoom] = open_map(&hall).await;

    // The page is given the event that a wheel makes.
    let (x, y) = middle(&hall).await;
    let script = "document.querySelector(arguments[0]).dispatchEvent(new WheelEvent('wheel',
        { deltaY: -260, clientX: arguments[1], clientY: arguments[2], bubbles: true, cancelable: true }))";
    let arguments = vec![json!(CANVAS), json!(x), json!(y)];
    hall.client.execute(script, arguments).await.unwrap();
    let closer = moved(&hall, "the wheel zooms in", |view| view[2] > zoom + 0.5).await;

    focus_map(&hall).await;
    press(&hall, "+").await;
    let by_key = moved(&hall, "plus zooms in", |view| view[2] > closer[2] + 0.2).await;
    press(&hall, "-").await;
    let back = moved(&hall, "minus zooms out", |view| view[2] < by_key[2] - 0.2).await;
    press(&hall, &String::from(char::from(Key::Right))).await;
    let east = moved(&hall, "right shows the east", |view| view[0] > back[0]).await;
    press(&hall, &String::from(char::from(Key::Up))).await;
    moved(&hall, "up shows the north", |view| view[1] > east[1]).await;
    press(&hall, &String::from(char::from(Key::Home))).await;
    let whole = moved(&hall, "Home shows the whole street", |view| {
        (view[2] - zoom).abs() < 0.05
    })
    .await;
    assert!((whole[0] - lon).abs() < 1e-3 && (whole[1] - lat).abs() < 1e-3);

    let hold = KeyActions::new("keys".to_owned())
        .then(KeyAction::Down { value: SHIFT })
        .pause(Duration::from_millis(50))
        .pause(Duration::from_millis(50))
        .pause(Duration::from_millis(50))
        .then(KeyAction::Up { value: SHIFT });
    let to = |x: i64, y: i64| PointerAction::MoveTo {
        duration: None,
        x: x as f64,
        y: y as f64,
    };
    let drag = MouseActions::new("mouse".to_owned())
        .then(to(x - 60, y - 60))
        .then(PointerAction::Down {
            button: MOUSE_BUTTON_LEFT,
        })
        .then(to(x + 60, y + 60))
        .then(PointerAction::Up {
            button: MOUSE_BUTTON_LEFT,
        });
    hall.client
        .perform_actions(Actions::from(hold).and(drag))
        .await
        .unwrap();
    moved(&hall, "the box is shown large", |view| view[2] > zoom + 1.0).await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_said_aloud() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    open_map(&hall).await;
    let said = "[data-testid='map-said']";
    assert_eq!(
        hall.attribute(said, "aria-live").await.as_deref(),
        Some("polite")
    );
    hall.click(ROW).await;
    eventually("the selected incident is said", async || {
        let script = "return document.querySelector(arguments[0]).textContent";
        let words = hall.client.execute(script, vec![json!(said)]).await;
        words.is_ok_and(|words| {
            words
                .as_str()
                .is_some_and(|words| words.starts_with("已选中：案件"))
        })
    })
    .await;
    hall.close().await;
}
