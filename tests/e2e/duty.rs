//! A change of shift while the backend is away: signing in without the line, the duty log, the
//! handover signed by both, and its arrival once the backend is back.

use crate::desk::wait_for_queue;
use crate::support::{Hall, HallOptions, Street, eventually};

const OUTGOING: &str = "tang.rong";
const INCOMING: &str = "luo.jun";

fn pin_of(officer: &str) -> String {
    let officers = demo_street::seed::officers();
    let known = officers.iter().find(|o| o.officer.id.as_str() == officer);
    known.expect("a demo officer").pin.clone()
}

/// Chooses a value of a list, as an officer would.
async fn choose(hall: &Hall, css: &str, value: &str) {
    let script = "const list = document.querySelector(arguments[0]);
        if (!list) return false;
        list.value = arguments[1];
        list.dispatchEvent(new Event('change', { bubbles: true }));
        return list.value === arguments[1];";
    eventually(&format!("{css} offers {value}"), async || {
        let arguments = vec![css.into(), value.into()];
        let chosen = hall.client.execute(script, arguments).await;
        chosen.is_ok_and(|chosen| chosen == true)
    })
    .await;
}

async fn officer_is(hall: &Hall, officer: &str) {
    hall.wait_for_attribute("[data-testid='officer']", "data-officer", &[officer])
        .await;
}

async fn sign_in_as(hall: &Hall, officer: &str) {
    hall.click("[data-testid='sign-in-button']").await;
    choose(hall, "[data-testid='sign-in-officer']", officer).await;
    hall.type_into("[data-testid='sign-in-pin']", &pin_of(officer))
        .await;
    hall.click("[data-testid='sign-in'] [data-testid='dialog-submit']")
        .await;
    officer_is(hall, officer).await;
}

async fn sign_out(hall: &Hall) {
    hall.click("[data-testid='officer']").await;
    hall.click("[data-testid='sign-out']").await;
    eventually("the desk is empty", async || {
        hall.count("[data-testid='sign-in-button']").await > 0
    })
    .await;
}

/// Writes a remark for everything that blocks the handover.
async fn take_over_everything(hall: &Hall) {
    let script = "const fields = document.querySelectorAll(\"[data-testid='handover-remark']\");
        for (const field of fields) {
            field.value = '断网期间电话跟进，早班核实';
            field.dispatchEvent(new Event('input', { bubbles: true }));
        }
        return fields.length;";
    let filled = hall.client.execute(script, Vec::new()).await;
    filled.expect("the form is shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_changes_without_the_backend_and_both_signatures_arrive_later() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::demo(&dir.path().join("street")).await;
    let options = HallOptions {
        args: street.options(),
        ..HallOptions::default()
    };
    let hall = Hall::start(&dir.path().join("hall"), &options).await;
    wait_for_queue(&hall).await;
    for officer in [INCOMING, OUTGOING] {
        sign_in_as(&hall, officer).await;
        sign_out(&hall).await;
    }

    street.stop();
    hall.wait_for_attribute("[data-testid='line-state']", "data-state", &["offline"])
        .await;
    sign_in_as(&hall, OUTGOING).await;
    eventually(
        "it is said that the sign-in is without the line",
        async || hall.count("[data-testid='offline-sign-in']").await > 0,
    )
    .await;

    write_into_the_log(&hall).await;
    hand_over(&hall).await;
    officer_is(&hall, INCOMING).await;

    street.start().await;
    everything_arrives(&hall).await;
    let situation = street.snapshot().await.situation;
    assert_eq!(situation.duty_log.len(), 1);
    let handovers: Vec<_> = situation.handovers.values().collect();
    let [handover] = handovers.as_slice() else {
        panic!(
            "one handover was signed, the backend knows {}",
            handovers.len()
        );
    };
    assert!(handover.is_signed());
    hall.close().await;
}

async fn write_into_the_log(hall: &Hall) {
    hall.click("[data-testid='duty-button']").await;
    hall.type_into("[data-testid='duty-text']", "网络中断，转离线值班")
        .await;
    hall.click("[data-testid='duty-write']").await;
    hall.wait_for_attribute("[data-testid='duty-entry']", "data-recorded", &["queued"])
        .await;
    hall.keep_picture("duty-log").await;
}

/// The form says what is missing, then a wrong PIN, then takes both signatures.
async fn hand_over(hall: &Hall) {
    hall.click("[data-testid='hand-over']").await;
    hall.click("[data-testid='handover-form'] [data-testid='dialog-submit']")
        .await;
    eventually("what is missing is said in the form", async || {
        hall.count("[data-testid='dialog-error']").await > 0
    })
    .await;
    take_over_everything(hall).await;
    choose(hall, "[data-testid='handover-incoming']", INCOMING).await;
    hall.type_into("[data-testid='handover-pin']", "0000").await;
    hall.click("[data-testid='handover-form'] [data-testid='dialog-submit']")
        .await;
    eventually("the wrong PIN is said in the form", async || {
        let said = hall.text("[data-testid='dialog-error']").await;
        said.is_some_and(|said| said.contains("口令错误"))
    })
    .await;
    hall.keep_picture("duty-form").await;
    // The key that WebDriver calls Backspace.
    let pin = format!("\u{e003}\u{e003}\u{e003}\u{e003}{}", pin_of(INCOMING));
    hall.type_into("[data-testid='handover-pin']", &pin).await;
    take_over_everything(hall).await;
    hall.click("[data-testid='handover-form'] [data-testid='dialog-submit']")
        .await;
    eventually("the signed sheet is shown", async || {
        let sheet = hall.text("[data-testid='handover-sheet']").await;
        sheet.is_some_and(|sheet| sheet.contains("唐蓉") && sheet.contains("罗俊"))
    })
    .await;
    hall.keep_picture("duty-sheet").await;
    hall.click("[data-testid='handover-close']").await;
}

async fn everything_arrives(hall: &Hall) {
    hall.wait_for_attribute("[data-testid='line-state']", "data-state", &["online"])
        .await;
    hall.wait_for_attribute("[data-testid='handover']", "data-recorded", &["recorded"])
        .await;
    hall.wait_for_attribute("[data-testid='duty-entry']", "data-recorded", &["recorded"])
        .await;
    eventually("the hall has signed the officer in", async || {
        hall.count("[data-testid='offline-sign-in']").await == 0
    })
    .await;
    hall.keep_picture("duty-recorded").await;
}
