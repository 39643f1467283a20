//! The main job: an incident is seen, the proposed responder is sent with two clicks, and the
//! order comes back received, accepted, arrived and done.

use std::time::{Duration, Instant};

use crate::desk::{
    ROW, dispatch, list_size, listed, order_state, show_waiting, sign_in, wait_for_queue,
};
use crate::support::{Hall, HallOptions, eventually, eventually_some};

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_send_the_proposed_responder_and_the_field_reports_until_done() {
    let dir = tempfile::tempdir().unwrap();
    let options = HallOptions {
        window: "both",
        args: ["--demo-speed", "60"].map(str::to_owned).to_vec(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    hall.look_at("desk").await;
    wait_for_queue(&hall).await;
    sign_in(&hall).await;
    show_waiting(&hall).await;

    // The simulated field refuses now and then, and some matters take people many hours, also in
    // this street; then the next incident is taken.
    let mut done = false;
    for _ in 0..5 {
        show_waiting_again(&hall).await;
        let incident = listed(&hall)
            .await
            .first()
            .cloned()
            .expect("something waits for dispatch");
        dispatch(&hall, &incident).await;
        eventually_some("the field has the order", FIELD_ANSWERS, async || {
            let state = order_state(&hall).await;
            (!["", "queued", "sending", "sent"].contains(&state.as_str())).then_some(())
        })
        .await;
        if ends_done(&hall).await {
            done = true;
            break;
        }
    }
    assert!(done, "none of five orders was done");
    for state in ["sent", "delivered", "read", "accepted", "arrived", "done"] {
        let time = format!("[data-testid='orders'] [data-stage='{state}'] .way-time");
        let shown = hall.text(&time).await.unwrap_or_default();
        assert!(
            shown.contains(':'),
            "no time stands at {state}: \"{shown}\""
        );
    }

    // The wall shows the same street, and the orders under way.
    hall.look_at("wall").await;
    eventually("the wall shows the demo badge", async || {
        hall.count(".demo-mark").await > 0
    })
    .await;
    hall.close().await;
}

/// How long the demo's phones may take to answer, at sixty times its pace.
const FIELD_ANSWERS: Duration = Duration::from_mins(1);
/// How long the usual matter takes at that pace; one in sixteen takes many times as long.
const USUAL_MATTER: Duration = Duration::from_secs(100);

/// Whether the field reports the selected incident's order as done while most matters would be.
async fn ends_done(hall: &Hall) -> bool {
    let deadline = Instant::now() + USUAL_MATTER;
    while Instant::now() < deadline {
        match order_state(hall).await.as_str() {
            "done" => return true,
            "refused" => return false,
            _ => tokio::time::sleep(Duration::from_millis(250)).await,
        }
    }
    false
}

async fn show_waiting_again(hall: &Hall) {
    eventually("the queue shows what waits for dispatch", async || {
        hall.count(ROW).await > 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clicked_count_lists_exactly_what_it_counted() {
    let dir = tempfile::tempdir().unwrap();
    // The street stands nearly still, so that the numbers do not move between two looks.
    let options = HallOptions {
        args: ["--demo-speed", "0.1"].map(str::to_owned).to_vec(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    wait_for_queue(&hall).await;
    for set in [
        "awaiting-dispatch",
        "under-way",
        "level-small",
        "level-medium",
    ] {
        let count = format!("[data-testid='count-{set}']");
        hall.click(&count).await;
        eventually(
            &format!("count, list and map agree about {set}"),
            async || {
                let counted = hall.attribute(&count, "data-count").await;
                let listed = list_size(&hall).await;
                let mapped = hall.attribute(".map-canvas", "data-incidents").await;
                counted.is_some() && counted == listed && counted == mapped
            },
        )
        .await;
        hall.click(&count).await;
    }
    hall.close().await;
}
