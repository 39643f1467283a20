//! Hidden layers of the map in the real windows: what is hidden is gone, said and kept, also on the wall
//! as long as it shows the desk's view, and whoever is under way to the selected incident stays.

use std::time::Duration;

use crate::desk::{ROW, listed, show_waiting, sign_in};
use crate::map_hand::{MAP, open_map};
use crate::support::{Hall, HallOptions, Street, eventually, eventually_some};

/// The note that layers are hidden.
const HIDDEN: &str = "[data-testid='map-hidden']";

/// How many of something the map was told to draw.
async fn drawn(hall: &Hall, what: &str) -> Option<usize> {
    hall.attribute(MAP, what).await?.parse().ok()
}

/// How many people are drawn, once there are any.
async fn people(hall: &Hall) -> usize {
    eventually_some("people are drawn", Duration::from_mins(1), async || {
        drawn(hall, "data-people").await.filter(|count| *count > 0)
    })
    .await
}

/// Hides incidents and all classes of people at the desk.
async fn hide_marks(hall: &Hall) {
    hall.click("[data-testid='map-layers']").await;
    for layer in [
        "incidents",
        "street-staff",
        "stationed-force",
        "social-force",
    ] {
        hall.click(&format!("[data-testid='layer-{layer}']")).await;
    }
    hall.click("[data-testid='map-layers']").await;
}

async fn is_empty(hall: &Hall) -> bool {
    drawn(hall, "data-people").await == Some(0) && drawn(hall, "data-incidents").await == Some(0)
}

/// Waits until nobody and nothing is drawn, and the window says why.
async fn all_is_gone(hall: &Hall) {
    eventually("nobody and nothing is drawn", async || is_empty(hall).await).await;
    let words = hall.text(HIDDEN).await.unwrap_or_default();
    assert!(
        words.contains("案件") && words.contains("社会力量"),
        "{words}"
    );
}

/// Waits until about so many people are drawn again, and incidents, and nothing is said to be hidden.
async fn all_is_back(hall: &Hall, people: usize) {
    eventually("everybody is back", async || {
        drawn(hall, "data-people")
            .await
            .is_some_and(|count| count >= people / 2)
            && drawn(hall, "data-incidents")
                .await
                .is_some_and(|count| count > 0)
            && hall.count(HIDDEN).await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_layer_is_gone_said_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    open_map(&hall).await;
    let people = people(&hall).await;
    assert_eq!(hall.count(HIDDEN).await, 0);

    hide_marks(&hall).await;
    all_is_gone(&hall).await;
    assert!(hall.count(ROW).await > 0, "the list stays");
    hall.keep_picture("map-layers").await;

    hall.client.refresh().await.unwrap();
    open_map(&hall).await;
    eventually("it is kept", async || is_empty(&hall).await).await;
    hall.click("[data-testid='map-show-layers']").await;
    all_is_back(&hall, people).await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_hides_what_a_pushed_view_hides_until_the_view_ends() {
    let dir = tempfile::tempdir().unwrap();
    let options = HallOptions {
        window: "both",
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    hall.look_at("wall").await;
    let at_wall = people(&hall).await;
    assert_eq!(hall.count(HIDDEN).await, 0);
    hall.look_at("desk").await;
    open_map(&hall).await;
    sign_in(&hall).await;
    hide_marks(&hall).await;
    all_is_gone(&hall).await;

    for ended_at in ["wall", "desk"] {
        hall.look_at("desk").await;
        hall.click("[data-testid='show-on-wall']").await;
        hall.look_at("wall").await;
        all_is_gone(&hall).await;
        assert_eq!(hall.count("[data-testid='pushed-view']").await, 1);
        hall.keep_picture("map-layers-wall").await;
        if ended_at == "wall" {
            hall.click("[data-testid='pushed-return']").await;
        } else {
            hall.look_at("desk").await;
            hall.click("[data-testid='wall-return']").await;
            hall.look_at("wall").await;
        }
        all_is_back(&hall, at_wall).await;
        assert_eq!(hall.count("[data-testid='pushed-view']").await, 0);
    }
    hall.look_at("desk").await;
    all_is_gone(&hall).await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_under_way_to_the_selected_incident_stays_on_the_map() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::demo(&dir.path().join("street")).await;
    let options = HallOptions {
        args: street.options(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    open_map(&hall).await;
    show_waiting(&hall).await;
    let incident = listed(&hall).await[0].clone();
    hall.click(&format!("{ROW}[data-incident='{incident}']"))
        .await;
    let proposed = "[data-testid='proposed-best']";
    let best = eventually_some("somebody is proposed", Duration::from_mins(1), async || {
        hall.attribute(proposed, "data-person").await
    })
    .await;
    street.colleague_sends(&incident, Some(&best)).await;
    street.responder_sets_out(&incident).await;
    assert!(people(&hall).await > 2, "more are drawn than will stay");
    hide_marks(&hall).await;
    let stays = async |what: &str, responders: usize| {
        // Whoever is proposed now stays as well, as long as somebody is.
        eventually(what, async || {
            let incidents = drawn(&hall, "data-incidents").await;
            let people = drawn(&hall, "data-people").await;
            let also_proposed = hall.count(proposed).await;
            incidents == Some(1) && people == Some(responders + also_proposed)
        })
        .await;
    };
    stays("the selected incident and its responder alone are drawn", 1).await;
    hall.keep_picture("map-layers-under-way").await;
    let other = listed(&hall).await[0].clone();
    assert_ne!(other, incident, "who was sent no longer waits");
    hall.click(&format!("{ROW}[data-incident='{other}']")).await;
    stays("nobody is under way to the other one", 0).await;
    hall.close().await;
}
