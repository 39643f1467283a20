//! Parts that break come back by themselves: the map module, a lost graphics context, a hung page.

use std::time::Duration;

use crate::desk::wait_for_queue;
use crate::support::{Hall, HallOptions, eventually, eventually_some};

/// Colours in the middle of the window where the map lies; a bare background has a handful.
const COLOURS_OF_A_MAP: usize = 100;

async fn map_colours(hall: &Hall) -> usize {
    let picture = hall.pixels().await;
    let (w, h) = (picture.width, picture.height);
    picture.colours(w * 2 / 5..w * 3 / 5, h * 2 / 5..h * 3 / 5)
}

/// Waits until the middle of the window shows a map and not a bare ground.
pub async fn map_is_drawn(hall: &Hall) {
    eventually_some("the map is drawn", Duration::from_mins(2), async || {
        (map_colours(hall).await >= COLOURS_OF_A_MAP).then_some(())
    })
    .await;
}

async fn map_generation(hall: &Hall) -> u32 {
    let text = hall.attribute(".map-canvas", "data-rebuilds").await;
    text.and_then(|n| n.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_comes_back_after_a_trap_and_after_a_lost_context() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    wait_for_queue(&hall).await;
    map_is_drawn(&hall).await;
    let lost = ["streethall:lose-map-context"; 4];
    for event in ["streethall:trap-map"].into_iter().chain(lost) {
        let before = map_generation(&hall).await;
        let script = format!("window.dispatchEvent(new Event('{event}'))");
        hall.client.execute(&script, Vec::new()).await.unwrap();
        eventually(
            &format!("a new map module runs after {event}"),
            async || map_generation(&hall).await > before,
        )
        .await;
        map_is_drawn(&hall).await;
    }
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_window_is_reloaded_and_lives_again() {
    let dir = tempfile::tempdir().unwrap();
    let options = HallOptions {
        window: "both",
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    hall.look_at("desk").await;
    wait_for_queue(&hall).await;
    hall.look_at("wall").await;
    map_is_drawn(&hall).await;
    let hang = "setTimeout(() => { for (;;) {} }, 200)";
    hall.client.execute(hang, Vec::new()).await.unwrap();
    // From here on the driver's session hangs with the page, so the shell's own words are read.
    eventually("the shell reloads the hung window", async || {
        hall.said().contains("the window hangs and is reloaded")
    })
    .await;
    eventually("the reloaded window beats again", async || {
        hall.said().contains("the window is alive again")
    })
    .await;
    hall.close().await;
}
