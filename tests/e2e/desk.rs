//! What an officer does at the desk, as steps that the tests share.

use std::time::Duration;

use fantoccini::Locator;

use crate::support::{Hall, eventually, eventually_some};

/// Long enough for the first picture on a slow machine: the demo street is generated before it.
const FIRST_PICTURE: Duration = Duration::from_mins(2);

/// A row of an incident that waits for somebody to be sent.
pub const ROW: &str = "[data-testid='incident-row']";

/// Waits until the queue shows incidents.
pub async fn wait_for_queue(hall: &Hall) {
    eventually_some("the queue shows incidents", FIRST_PICTURE, async || {
        (hall.count(ROW).await > 0).then_some(())
    })
    .await;
}

/// Signs the officer in whom the form offers.
pub async fn sign_in(hall: &Hall) {
    hall.click("[data-testid='sign-in-button']").await;
    let chosen = eventually_some("an officer is offered", FIRST_PICTURE, async || {
        let script = "return document.querySelector(\"[data-testid='sign-in-officer']\").value";
        let value = hall.client.execute(script, Vec::new()).await.ok()?;
        value
            .as_str()
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
    })
    .await;
    let officers = demo_street::seed::officers();
    let officer = officers
        .iter()
        .find(|o| o.officer.id.as_str() == chosen)
        .expect("a demo officer");
    hall.type_into("[data-testid='sign-in-pin']", &officer.pin)
        .await;
    hall.click("[data-testid='sign-in'] [data-testid='dialog-submit']")
        .await;
    eventually("the officer is signed in", async || {
        let shown = hall
            .attribute("[data-testid='officer']", "data-officer")
            .await;
        shown.as_deref() == Some(&chosen)
    })
    .await;
}

/// The number of incidents that the queue says it lists.
pub async fn list_size(hall: &Hall) -> Option<String> {
    let text = hall.text("[data-testid='list-size']").await?;
    Some(text.chars().filter(char::is_ascii_digit).collect())
}

/// Filters the queue to what waits for dispatch.
pub async fn show_waiting(hall: &Hall) {
    hall.click("[data-testid='count-awaiting-dispatch']").await;
    wait_for_queue(hall).await;
}

/// The numbers of the incidents in the queue, from above.
pub async fn listed(hall: &Hall) -> Vec<String> {
    let mut ids = Vec::new();
    for row in hall
        .client
        .find_all(Locator::Css(ROW))
        .await
        .unwrap_or_default()
    {
        if let Ok(Some(id)) = row.attr("data-incident").await {
            ids.push(id);
        }
    }
    ids
}

/// Sends the best responder to the incident: one click on its row, one on the button.
pub async fn dispatch(hall: &Hall, incident: &str) {
    hall.click(&format!("{ROW}[data-incident='{incident}']"))
        .await;
    eventually("the detail shows the incident", async || {
        hall.attribute("[data-testid='detail']", "data-incident")
            .await
            .as_deref()
            == Some(incident)
    })
    .await;
    hall.click("[data-testid='dispatch-best']").await;
    eventually("the order is shown", async || {
        hall.count("[data-testid='order']").await > 0
    })
    .await;
}

/// The state of the order shown last in the detail.
pub async fn order_state(hall: &Hall) -> String {
    let states = hall
        .client
        .find_all(Locator::Css(
            "[data-testid='orders'] [data-testid='order-state']",
        ))
        .await
        .unwrap_or_default();
    match states.first() {
        Some(state) => state
            .attr("data-state")
            .await
            .ok()
            .flatten()
            .unwrap_or_default(),
        None => String::new(),
    }
}
