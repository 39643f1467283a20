//! The real process killed in the middle of its work: what it said was queued is queued.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use domain::trail::Action;
use domain::{IncidentId, IntentKey};
use hall_api::{Hall, HallConfig};
use protocol::commands::{Act, GetTrail};
use testkit::builders::key;

use crate::harness::{Street, hall, staffed_hall, until};

/// Set for the process that is to be killed: the data directory.
const DIR: &str = "STREETHALL_TEST_KILLED_DIR";
/// Number of the first key that it uses.
const FIRST: &str = "STREETHALL_TEST_KILLED_FIRST";

fn note(incident: IncidentId, number: u128) -> Act {
    Act {
        key: key(number),
        incident,
        action: Action::Note {
            text: number.to_string(),
        },
        reason: None,
    }
}

/// Queues one note after the other without a line and says each key when the call has returned.
/// Does nothing in an ordinary run of the tests.
#[tokio::test]
async fn the_process_that_is_killed() {
    let (Some(dir), Ok(first)) = (std::env::var_os(DIR), std::env::var(FIRST)) else {
        return;
    };
    let dir = PathBuf::from(dir);
    let config = HallConfig::new(&dir, "http://127.0.0.1:9", "key", "本街道");
    let hall = Hall::open(config).unwrap();
    hall.start();
    let incident = *hall.picture().situation.incidents.keys().next().unwrap();
    for number in first.parse::<u128>().unwrap().. {
        hall.act(note(incident, number)).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "queued {}", key(number)).unwrap();
        out.flush().unwrap();
    }
}

/// Starts the process, lets it queue at least `count` notes, kills it, and returns the keys that it
/// said were queued.
fn queue_and_kill(dir: &Path, first: u128, count: usize) -> Vec<IntentKey> {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "killed::the_process_that_is_killed",
            "--nocapture",
        ])
        .env(DIR, dir)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said: Vec<IntentKey> = Vec::new();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    while said.len() < count {
        let line = lines.next().expect("the process goes on").unwrap();
        said.extend(
            line.split_once("queued ")
                .map(|(_, key)| key.parse::<IntentKey>().unwrap()),
        );
    }
    process.kill().unwrap();
    process.wait().unwrap();
    // What it said between the last look and the kill counts as well; the last line may be cut.
    let rest = lines.map_while(Result::ok);
    said.extend(rest.filter_map(|line| line.split_once("queued ")?.1.parse::<IntentKey>().ok()));
    said
}

#[tokio::test]
async fn what_a_killed_process_said_was_queued_is_delivered_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (first, incidents) = staffed_hall(&street, dir.path(), 1).await;
    first.shutdown().await;
    street.go_down();
    let mut said = Vec::new();
    for round in 0..4u128 {
        let path = dir.path().to_owned();
        let count = 3 + 7 * round as usize;
        said.extend(
            tokio::task::spawn_blocking(move || queue_and_kill(&path, 1 + round * 10_000, count))
                .await
                .unwrap(),
        );
    }
    let second = hall(&street, dir.path());
    let queued: Vec<_> = second
        .picture()
        .outbox
        .iter()
        .map(|i| i.proposal.key)
        .collect();
    for key in &said {
        assert!(queued.contains(key), "{key} was said to be queued");
    }
    // At most the one that was just being written when the process died may come on top.
    assert!(queued.len() <= said.len() + 4);
    street.come_back();
    until(&second, "everything is delivered", |p| p.outbox.is_empty()).await;
    let trail = second
        .get_trail(GetTrail {
            incident: incidents[0],
        })
        .await
        .unwrap();
    let delivered: Vec<IntentKey> = trail
        .into_iter()
        .filter_map(|entry| match entry.action {
            Action::Note { text } => Some(key(text.parse().unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(delivered, queued);
    second.shutdown().await;
}
