//! The wall reads and changes nothing.

use serde_json::{Value, json};

use crate::support::{Hall, HallOptions, eventually};

/// Calls a command from the page, as a script that had slipped in would; `Err` is the refusal.
async fn call(hall: &Hall, command: &str, args: Value) -> Result<Value, String> {
    let script = "const [command, args, done] = arguments;
        window.__TAURI_INTERNALS__.invoke(command, { args })
            .then(value => done({ value }), error => done({ error: String(error) }));";
    let reply = hall
        .client
        .execute_async(script, vec![json!(command), args])
        .await
        .unwrap();
    match reply.get("error") {
        Some(error) => Err(error.as_str().unwrap_or_default().to_owned()),
        None => Ok(reply["value"].clone()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_may_read_and_is_refused_everything_that_changes() {
    let dir = tempfile::tempdir().unwrap();
    let options = HallOptions {
        window: "wall",
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    eventually("the wall shows its street", async || {
        hall.count(".demo-mark").await > 0
    })
    .await;
    let settings = call(&hall, "get_settings", json!({})).await.unwrap();
    assert_eq!(settings["window"], "wall");
    assert_eq!(settings["demo_pins"], json!([]), "no PIN reaches the wall");
    for (command, changes) in hall_api::COMMANDS {
        if *changes {
            let refusal = call(&hall, command, json!({})).await.unwrap_err();
            assert!(refusal.contains("not allowed"), "{command}: {refusal}");
        }
    }
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_shows_no_whole_name_and_no_whole_phone() {
    let dir = tempfile::tempdir().unwrap();
    let options = HallOptions {
        window: "wall",
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    eventually("the wall shows its street", async || {
        hall.count(".demo-mark").await > 0
    })
    .await;
    let text = hall.text("body").await.unwrap_or_default();
    let digits = |line: &str| line.chars().filter(char::is_ascii_digit).count();
    let phone = text
        .split_whitespace()
        .find(|word| digits(word) == 11 && word.len() == 11);
    assert_eq!(phone, None, "a phone number stands on the wall");
    let plan = demo_street::plan::Plan::generate(demo_street::seed::SHIPPED_SEED);
    let named = plan
        .people
        .iter()
        .find(|person| text.contains(&person.name));
    assert_eq!(
        named.map(|person| &person.name),
        None,
        "a whole name stands on the wall"
    );
    hall.close().await;
}
