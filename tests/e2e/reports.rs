//! A matter that somebody reports by telephone while the line is down: taken in by the keyboard,
//! worked on at once, and one incident with its number once the line is back.

use std::time::Duration;

use fantoccini::key::Key;

use crate::desk::{ROW, dispatch, list_size, listed, order_state, sign_in, wait_for_queue};
use crate::support::{Hall, HallOptions, Street, eventually, eventually_some};

async fn line_is(hall: &Hall, state: &str) {
    hall.wait_for_attribute("[data-testid='line-state']", "data-state", &[state])
        .await;
}

/// Presses a key wherever the focus is.
async fn press(hall: &Hall, key: &str) {
    let element = hall.client.active_element().await.expect("a focus");
    element.send_keys(key).await.expect("it takes keys");
}

fn key(key: Key) -> String {
    char::from(key).to_string()
}

/// The list and the map show the same number of incidents.
async fn list_and_map_agree(hall: &Hall) {
    eventually("list and map show as many", async || {
        let listed = list_size(hall).await;
        let mapped = hall.attribute(".map-canvas", "data-incidents").await;
        listed.is_some() && listed == mapped
    })
    .await;
}

/// Fills the form in by the keyboard alone: category, address, the map's centre, what was said.
async fn take_a_call(hall: &Hall) {
    press(hall, "n").await;
    eventually("the form has the focus", async || {
        let element = hall.client.active_element().await.expect("a focus");
        let name = element.attr("data-testid").await.ok().flatten();
        name.as_deref() == Some("report-category")
    })
    .await;
    // Without a place yet, the next click on the map is one.
    hall.wait_for_attribute("[data-testid='report-pick']", "aria-pressed", &["true"])
        .await;
    press(hall, "bllj").await;
    press(hall, &key(Key::Enter)).await;
    assert!(
        hall.text("[data-testid='report-chosen']")
            .await
            .is_some_and(|text| text.contains("E01.10"))
    );
    hall.type_into("[data-testid='report-address']", "菜市场东门")
        .await;
    hall.type_into("[data-testid='report-cross']", &key(Key::Enter))
        .await;
    hall.type_into("[data-testid='report-description']", "堆了一夜")
        .await;
    hall.type_into("[data-testid='report-phone']", "13800000000")
        .await;
    hall.keep_picture("report-form").await;
}

/// Escape hides the form and loses nothing.
async fn hide_and_come_back(hall: &Hall) {
    press(hall, &key(Key::Escape)).await;
    eventually("the form is hidden", async || {
        hall.count("[data-testid='report-form']").await == 0
    })
    .await;
    hall.wait_for_attribute("[data-testid='report-open']", "data-draft", &["true"])
        .await;
    press(hall, "n").await;
}

/// The number of the selected matter, once it is a provisional or a real one.
async fn selected(hall: &Hall, is_provisional: bool) -> String {
    let what = format!("a matter is selected, provisional: {is_provisional}");
    eventually_some(&what, Duration::from_mins(1), async || {
        let shown = hall.attribute("[data-testid='detail']", "data-incident");
        let is_wanted = |id: &String| id.starts_with("new-") == is_provisional;
        shown.await.filter(is_wanted)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_taken_offline_is_listed_mapped_worked_on_and_gets_its_number() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::demo(&dir.path().join("street")).await;
    let options = HallOptions {
        args: street.options(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    wait_for_queue(&hall).await;
    sign_in(&hall).await;
    street.stop();
    line_is(&hall, "offline").await;
    list_and_map_agree(&hall).await;
    let before = list_size(&hall).await.and_then(|n| n.parse::<usize>().ok());

    take_a_call(&hall).await;
    hide_and_come_back(&hall).await;
    hall.type_into("[data-testid='report-phone']", &key(Key::Enter))
        .await;
    let provisional = selected(&hall, true).await;
    assert_eq!(
        hall.count(&format!("{ROW}[data-incident='{provisional}']"))
            .await,
        1
    );
    list_and_map_agree(&hall).await;
    let after = list_size(&hall).await.and_then(|n| n.parse::<usize>().ok());
    assert_eq!(after, before.map(|n| n + 1));
    dispatch(&hall, &provisional).await;
    eventually("the order is queued", async || {
        order_state(&hall).await == "queued"
    })
    .await;
    hall.keep_picture("report-queued").await;

    street.start().await;
    line_is(&hall, "online").await;
    let number = selected(&hall, false).await;
    eventually("the backend has the order", async || {
        order_state(&hall).await == "sent"
    })
    .await;
    assert!(listed(&hall).await.iter().all(|id| !id.starts_with("new-")));
    let there = street.snapshot().await.situation;
    let taken: Vec<_> = there
        .incidents
        .values()
        .filter(|incident| incident.address == "菜市场东门")
        .collect();
    assert_eq!(taken.len(), 1, "one call is one incident");
    assert_eq!(taken[0].id.to_string(), number);
    assert!(taken[0].description.contains("13800000000"));
    let orders = there.orders.values().filter(|o| o.incident == taken[0].id);
    assert_eq!(orders.count(), 1);
    list_and_map_agree(&hall).await;
    hall.close().await;
}
