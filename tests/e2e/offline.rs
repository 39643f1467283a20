//! Losing the line: what is cached stays usable, orders queue durably and are delivered once.

use crate::desk::{dispatch, listed, order_state, show_waiting, sign_in, wait_for_queue};
use crate::robustness::map_is_drawn;
use crate::support::{Hall, HallOptions, Street, eventually, signal};

async fn line_is(hall: &Hall, state: &str) {
    hall.wait_for_attribute("[data-testid='line-state']", "data-state", &[state])
        .await;
}

async fn orders_of(street: &Street, incident: &str) -> usize {
    let incident = incident.parse().expect("an incident number");
    let snapshot = street.snapshot().await;
    snapshot
        .situation
        .orders
        .values()
        .filter(|order| order.incident == incident)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_survives_a_dead_backend_and_a_killed_hall_and_arrives_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::demo(&dir.path().join("street")).await;
    let options = HallOptions {
        args: street.options(),
        ..HallOptions::default()
    };
    let data = dir.path().join("hall");
    let hall = Hall::start(&data, &options).await;
    wait_for_queue(&hall).await;
    sign_in(&hall).await;
    show_waiting(&hall).await;
    let incident = listed(&hall)
        .await
        .first()
        .cloned()
        .expect("something waits for dispatch");
    let before = orders_of(&street, &incident).await;

    street.stop();
    line_is(&hall, "offline").await;
    dispatch(&hall, &incident).await;
    eventually("the order is queued", async || {
        order_state(&hall).await == "queued"
    })
    .await;

    signal("KILL", &hall.pid().to_string());
    drop(hall);
    let hall = Hall::start(&data, &options).await;
    wait_for_queue(&hall).await;
    line_is(&hall, "offline").await;
    hall.click(&format!("{}[data-incident='{incident}']", crate::desk::ROW))
        .await;
    eventually("the order is still queued", async || {
        order_state(&hall).await == "queued"
    })
    .await;

    street.start().await;
    line_is(&hall, "online").await;
    eventually("the backend has the order", async || {
        order_state(&hall).await == "sent"
    })
    .await;
    assert_eq!(
        orders_of(&street, &incident).await,
        before + 1,
        "delivered exactly once"
    );

    // A second life of the hall sends nothing again.
    hall.close().await;
    let hall = Hall::start(&data, &options).await;
    line_is(&hall, "online").await;
    eventually("the outbox is empty", async || {
        hall.text("[data-testid='outbox-count']").await.as_deref() == Some("0")
    })
    .await;
    assert_eq!(
        orders_of(&street, &incident).await,
        before + 1,
        "still exactly once"
    );
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_drill_switch_stops_the_line_and_an_unsent_order_can_be_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::demo(&dir.path().join("street")).await;
    let options = HallOptions {
        args: street.options(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    wait_for_queue(&hall).await;
    sign_in(&hall).await;
    show_waiting(&hall).await;
    let waiting = listed(&hall).await;
    let (dropped, kept) = (waiting[0].clone(), waiting[1].clone());
    let before = (
        orders_of(&street, &dropped).await,
        orders_of(&street, &kept).await,
    );

    hall.click("[data-testid='line-menu']").await;
    hall.click("[data-testid='line-switch']").await;
    line_is(&hall, "switched-off").await;
    hall.click("[data-testid='line-menu']").await;
    dispatch(&hall, &dropped).await;
    eventually("the order is queued", async || {
        order_state(&hall).await == "queued"
    })
    .await;
    hall.click("[data-testid='undo-order']").await;
    eventually("the dropped order is withdrawn", async || {
        ["withdrawn", ""].contains(&order_state(&hall).await.as_str())
    })
    .await;
    dispatch(&hall, &kept).await;
    eventually("the second order is queued", async || {
        order_state(&hall).await == "queued"
    })
    .await;

    hall.click("[data-testid='line-menu']").await;
    hall.click("[data-testid='line-switch']").await;
    line_is(&hall, "online").await;
    eventually("the second order is sent", async || {
        order_state(&hall).await == "sent"
    })
    .await;
    assert_eq!(
        orders_of(&street, &dropped).await,
        before.0,
        "the dropped order never left"
    );
    assert_eq!(orders_of(&street, &kept).await, before.1 + 1);
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walls_map_stays_when_the_line_goes_down() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::demo(&dir.path().join("street")).await;
    let options = HallOptions {
        window: "wall",
        args: street.options(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    line_is(&hall, "online").await;
    map_is_drawn(&hall).await;
    // The strip that says so takes room from the map, which is resized and must draw again.
    street.stop();
    line_is(&hall, "offline").await;
    eventually("the strip is shown", async || {
        hall.count(".line-strip:not([hidden])").await > 0
    })
    .await;
    map_is_drawn(&hall).await;
    hall.close().await;
}
