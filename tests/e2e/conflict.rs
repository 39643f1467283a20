//! A colleague elsewhere sends somebody while this hall is cut off: both versions are shown, and the
//! officer sends anyway.

use crate::desk::{dispatch, listed, order_state, show_waiting, sign_in, wait_for_queue};
use crate::support::{Hall, HallOptions, Street, eventually};

const CARD: &str = "[data-testid='detail'] [data-testid='conflict']";

async fn switch_line(hall: &Hall, state: &str) {
    hall.click("[data-testid='line-menu']").await;
    hall.click("[data-testid='line-switch']").await;
    hall.wait_for_attribute("[data-testid='line-state']", "data-state", &[state])
        .await;
    hall.click("[data-testid='line-menu']").await;
}

async fn orders_of(street: &Street, incident: &str) -> usize {
    let snapshot = street.snapshot().await;
    let orders = snapshot.situation.orders.values();
    orders
        .filter(|order| order.incident.to_string() == incident)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_a_colleague_was_quicker_with_shows_both_versions_and_is_sent_anyway() {
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
    let incident = listed(&hall).await[0].clone();
    let before = orders_of(&street, &incident).await;

    switch_line(&hall, "switched-off").await;
    dispatch(&hall, &incident).await;
    eventually("the order is queued", async || {
        order_state(&hall).await == "queued"
    })
    .await;
    let ours = hall
        .attribute("[data-testid='proposed-best']", "data-person")
        .await;
    street.colleague_sends(&incident, ours.as_deref()).await;
    assert_eq!(orders_of(&street, &incident).await, before + 1);

    switch_line(&hall, "online").await;
    hall.wait_for_attribute(CARD, "data-parked", &["true"])
        .await;
    assert_eq!(orders_of(&street, &incident).await, before + 1, "no effect");
    let differing = format!("{CARD} tr[data-differs='true']");
    assert!(
        hall.count(&differing).await >= 2,
        "state and who is under way"
    );
    let against = format!("{CARD} [data-testid='conflict-since'] li[data-against='true']");
    assert_eq!(hall.count(&against).await, 1, "the colleague's order");
    assert_eq!(hall.count("[data-testid='conflict-count']").await, 1);

    hall.keep_picture("conflict-card").await;

    hall.click(&format!("{CARD} [data-testid='conflict-send']"))
        .await;
    // Without a reason nothing is sent, and the dialog says so.
    hall.click("[data-testid='dialog-submit']").await;
    eventually("the reason is asked for", async || {
        hall.count("[data-testid='dialog-error']").await == 1
    })
    .await;
    hall.keep_picture("conflict-dialog").await;
    hall.type_into("[data-testid='dialog-words']", "井口较大，需两人")
        .await;
    hall.click("[data-testid='dialog-submit']").await;
    eventually("both are under way", async || {
        orders_of(&street, &incident).await == before + 2
    })
    .await;
    eventually(
        "the conflict is gone and the override is on the record",
        async || {
            hall.count(CARD).await == 0
                && hall
                    .text("[data-testid='trail-anyway']")
                    .await
                    .is_some_and(|words| words.contains("井口较大"))
        },
    )
    .await;
    hall.close().await;
}
