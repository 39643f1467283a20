//! The real process killed in the middle of its work: what it said was queued is queued.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::trail::Action;
use domain::{IncidentId, IntentKey};
use hall_api::{Hall, HallConfig};
use protocol::commands::{Act, GetTrail};
use testkit::builders::key;

use crate::harness::{Street, hall, staffed_hall, until};

/// Set for the process that is to be killed: the data directory.
const DIR: &str = "STREETHALL_TEST_KILLED_DIR";
/// How often it is killed.
const TIMES: &str = "STREETHALL_TEST_KILLS";
/// The seed from which the instants are drawn.
const SEED: &str = "STREETHALL_TEST_KILL_SEED";
/// Longest life: some are over with everything before they are killed.
const LONGEST_MS: u64 = 400;
/// Number of the first key that it uses.
const FIRST: &str = "STREETHALL_TEST_KILLED_FIRST";

/// What one life queues at most.
const MOST_QUEUED: u128 = 20;

fn note(incident: IncidentId, number: u128) -> Act {
    Act {
        key: key(number),
        incident,
        action: Action::Note {
            text: number.to_string(),
        },
        reason: None,
        seen: None,
        replaces: None,
    }
}

/// Queues one note after the other without a line and says each key when the call has returned.
/// Does nothing in an ordinary run of the tests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_killed() {
    let (Some(dir), Ok(first)) = (std::env::var_os(DIR), std::env::var(FIRST)) else {
        return;
    };
    let dir = PathBuf::from(dir);
    let config = HallConfig::new(&dir, "http://127.0.0.1:9", "key", "本街道");
    let hall = Hall::open(config).unwrap();
    hall.start();
    let incident = *hall.picture().situation.incidents.keys().next().unwrap();
    let first = first.parse::<u128>().unwrap();
    for number in first..first + MOST_QUEUED {
        hall.act(note(incident, number)).await.unwrap();
        say_queued(key(number));
    }
    // What is queued has to be delivered afterwards, on a fast disk too; now it waits for its end.
    std::future::pending::<()>().await;
}

/// Tells the process that listens that the key is on the disk.
pub fn say_queued(key: IntentKey) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "queued {key}").unwrap();
    out.flush().unwrap();
}

/// Starts this program again as a process that runs one test and queues, kills it after `alive_for`,
/// whatever it is doing then, and returns the keys that it said were queued. Its life is counted
/// from its start, or `from_first_line`, so that a slow machine, too, is killed while it queues.
pub fn queue_and_kill(
    test: &str,
    environment: &[(&str, String)],
    alive_for: Duration,
    from_first_line: bool,
) -> Vec<IntentKey> {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    // The last line may be cut; what it says was not heard by anybody.
    let mut keys = lines
        .map_while(Result::ok)
        .filter_map(|line| line.split_once("queued ")?.1.parse::<IntentKey>().ok());
    let heard = from_first_line.then(|| keys.next()).flatten();
    std::thread::sleep(alive_for);
    process.kill().unwrap();
    process.wait().unwrap();
    heard.into_iter().chain(keys).collect()
}

/// The notes of an incident's trail, oldest first.
async fn delivered(hall: &Hall, incident: IncidentId) -> Vec<IntentKey> {
    let trail = hall.get_trail(GetTrail { incident }).await.unwrap();
    let notes = trail.into_iter().filter_map(|entry| match entry.action {
        Action::Note { text } => Some(key(text.parse().unwrap())),
        _ => None,
    });
    notes.collect()
}

/// When processes are killed, drawn from a seed that is printed and can be given.
pub struct Instants {
    drawn: u64,
    longest_ms: u64,
}

impl Instants {
    /// Instants up to `longest_ms`; `what` is printed with the seed.
    pub fn draw(what: &str, longest_ms: u64) -> Self {
        let given = std::env::var(SEED).ok();
        let seed = given.map_or_else(
            || RandomState::new().build_hasher().finish(),
            |text| text.parse().expect("a seed"),
        );
        println!("{what}: kills drawn from seed {seed}; {SEED}={seed} repeats them");
        Self {
            drawn: seed,
            longest_ms,
        }
    }

    fn roll(&mut self) -> u64 {
        // SplitMix64.
        self.drawn = self.drawn.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.drawn;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// How long the next process lives, in steps of a microsecond, and whether that is counted from
    /// the first thing that it says, as in two lives of three, or from its start.
    pub fn next_life(&mut self) -> (Duration, bool) {
        let alive_for = Duration::from_micros(self.roll() % (self.longest_ms * 1_000 + 1));
        (alive_for, !self.roll().is_multiple_of(3))
    }
}

/// How often the process is killed: 25 times, or as `cargo xtask kill --times N` says.
pub fn times() -> u32 {
    let asked = std::env::var(TIMES).ok();
    asked.map_or(25, |text| text.parse().expect("a number of kills"))
}

#[tokio::test]
async fn what_a_killed_process_said_was_queued_is_delivered_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (first, incidents) = staffed_hall(&street, dir.path(), 1).await;
    first.shutdown().await;
    let mut instants = Instants::draw("while it queues", LONGEST_MS);
    let mut all = Vec::new();
    let mut heard = 0;
    for batch in 0..times().div_ceil(25) {
        street.go_down();
        let mut said = Vec::new();
        for round in batch * 25..times().min(batch * 25 + 25) {
            let first = 1 + u128::from(round) * 10_000;
            let environment = [
                (DIR, dir.path().display().to_string()),
                (FIRST, first.to_string()),
            ];
            // Anywhere in starting, opening and queueing, and after all of it.
            let (alive_for, from_first_line) = instants.next_life();
            let test = "killed::the_process_that_is_killed";
            let killed = move || queue_and_kill(test, &environment, alive_for, from_first_line);
            said.extend(tokio::task::spawn_blocking(killed).await.unwrap());
        }
        let second = hall(&street, dir.path());
        let picture = second.picture();
        assert!(picture.notices.is_empty(), "{:?}", picture.notices);
        let queued: Vec<_> = picture.outbox.iter().map(|i| i.proposal.key).collect();
        for key in &said {
            let count = queued.iter().filter(|queued| *queued == key).count();
            assert_eq!(count, 1, "{key} was said to be queued");
        }
        // At most the one that was just being written when a process died may come on top.
        assert!(queued.len() <= said.len() + 25);
        heard += said.len();
        // The line is bad as well: answers are lost after the backend has acted, so it is asked
        // again.
        street.faults.lose_answers.store(5, Ordering::SeqCst);
        street.faults.busy.store(5, Ordering::SeqCst);
        street.come_back();
        let mut left = queued.len();
        while left > 0 {
            let fewer = until(&second, "fewer wait", |p| p.outbox.len() < left).await;
            left = fewer.outbox.len();
        }
        all.extend(queued);
        assert_eq!(delivered(&second, incidents[0]).await, all);
        second.shutdown().await;
    }
    assert!(heard > 0, "no process lived long enough to queue anything");
}
