//! The main job: an incident is seen, the proposed responder is sent with two clicks, and the
//! order comes back received, accepted, arrived and done.

use std::time::Duration;

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

    // The simulated field refuses now and then, as people do; then the next incident is taken.
    let mut done = false;
    for _ in 0..4 {
        show_waiting_again(&hall).await;
        let incident = listed(&hall)
            .await
            .first()
            .cloned()
            .expect("something waits for dispatch");
        dispatch(&hall, &incident).await;
        let end = eventually_some(
            "the field ends the order",
            Duration::from_mins(2),
            async || {
                let state = order_state(&hall).await;
                ["done", "refused"]
                    .contains(&state.as_str())
                    .then_some(state)
            },
        )
        .await;
        if end == "done" {
            done = true;
            break;
        }
    }
    assert!(done, "four orders in a row were refused");
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
