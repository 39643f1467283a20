//! Everything that changes the rows of the cache, with a fault at every call that changes the disk:
//! rows and cursor are those of before a step or of after it, never of both.

use std::collections::HashMap;
use std::path::Path;

use domain::situation::Record;
use domain::trail::{Action, TrailEntry};
use domain::{IncidentId, IncidentState, PersonId, Situation};
use faulty_disk::{Fault, FaultyDisk, Survivors};
use protocol::http::{Change, ChangeBody, LogId, Snapshot};
use sync_engine::StoreError;
use sync_engine::store::cache::{Cached, Meeting, Rebuilt};
use sync_engine::store::progress::Progress;
use sync_engine::store::{Cache, keys};
use testkit::builders::{CENTRE, entry, fix, incident, order, person};

use crate::fixtures::{CUTS, FAILURES, NOW};

/// Incidents of the scenario; of each there may be a trail.
const INCIDENTS: u32 = 20;

/// What is done one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    FirstBatch,
    LargeBatch,
    Positions,
    SnapshotOfTheLog,
    Prune,
    Rebuild,
    SnapshotOfAnother,
    LastBatch,
}

const STEPS: [Step; 8] = [
    Step::FirstBatch,
    Step::LargeBatch,
    Step::Positions,
    Step::SnapshotOfTheLog,
    Step::Prune,
    Step::Rebuild,
    Step::SnapshotOfAnother,
    Step::LastBatch,
];

fn log() -> LogId {
    LogId("log".to_owned())
}

fn change(cursor: u64, body: ChangeBody) -> Change {
    Change {
        cursor,
        at: NOW,
        body,
    }
}

/// An incident, which has ended if its number is even, with a person, an order and a link.
fn matter(cursor: u64, number: u32) -> Vec<Change> {
    let state = if number.is_multiple_of(2) {
        IncidentState::Closed
    } else {
        IncidentState::Reported
    };
    let mut matter = incident(number, state);
    matter.ended_at = number.is_multiple_of(2).then_some(NOW);
    let order = order(u128::from(number), matter.id, 1);
    let link = entry(matter.id, 2, Action::Verify, state);
    let record = |record| ChangeBody::Record(record);
    let bodies = [
        record(Record::Order(Box::new(order))),
        record(Record::Incident(Box::new(matter))),
        ChangeBody::Trail(Box::new(link)),
        record(Record::Person(Box::new(person(number)))),
    ];
    let numbered = (cursor..).zip(bodies);
    numbered
        .map(|(cursor, body)| change(cursor, body))
        .collect()
}

fn snapshot(cursor: u64, name: &str, numbers: std::ops::Range<u32>) -> Snapshot {
    let mut situation = Situation::default();
    let mut trail = Vec::new();
    for change in numbers.flat_map(|number| matter(0, number)) {
        match change.body {
            ChangeBody::Record(record) => {
                situation.apply(record);
            }
            ChangeBody::Trail(entry) => trail.push(*entry),
            ChangeBody::Reference { .. } => unreachable!("none in a matter"),
        }
    }
    Snapshot {
        log: LogId(name.to_owned()),
        continues: true,
        cursor,
        reference_version: 1,
        situation,
        trail,
    }
}

impl Step {
    /// Carries it out; says where the cache lies then, where that may have changed.
    async fn run(self, cache: &Cache) -> Result<Option<Rebuilt>, StoreError> {
        let street = "street".to_owned();
        match self {
            Self::FirstBatch => cache.apply(log(), matter(1, 1)).await.map(|_| None),
            Self::LargeBatch => {
                let numbers = (2..14).flat_map(|n| matter(u64::from(n) * 4, n));
                cache.apply(log(), numbers.collect()).await.map(|_| None)
            }
            Self::Positions => {
                let fixes = vec![fix(1, CENTRE, NOW), fix(2, CENTRE, NOW)];
                let located = cache.locate(vec![PersonId(9)], fixes).await;
                located.map(|()| None)
            }
            Self::SnapshotOfTheLog => {
                let snapshot = snapshot(200, "log", 5..16);
                let installed = cache.install(snapshot, street, Meeting::SameLog).await;
                installed.map(|_| None)
            }
            Self::Prune => cache.prune(NOW.plus_ms(1)).await.map(|_| None),
            Self::Rebuild => cache.rebuild("here".to_owned(), NOW).await.map(Some),
            Self::SnapshotOfAnother => {
                let snapshot = snapshot(7, "another", 14..18);
                let installed = cache.install(snapshot, street, Meeting::OtherLog).await;
                installed.map(|_| None)
            }
            Self::LastBatch => {
                let another = LogId("another".to_owned());
                let applied = cache.apply(another, matter(300, 19)).await;
                applied.map(|_| None)
            }
        }
    }
}

fn open(dir: &Path) -> (Cache, Cached) {
    let keys = keys::find(dir, None, NOW).expect("a key");
    Cache::open(dir, "here", &keys.current, NOW).expect("the cache opens")
}

/// All that a cache holds.
#[derive(Debug, Clone, PartialEq)]
struct Held {
    situation: Situation,
    trails: Vec<TrailEntry>,
    progress: Progress,
}

async fn held(cache: &Cache) -> Held {
    let Cached {
        situation,
        progress,
        ..
    } = cache.contents().await.expect("it can be read");
    let mut trails = Vec::new();
    for number in 1..=INCIDENTS {
        let id: IncidentId = incident(number, IncidentState::Reported).id;
        trails.extend(cache.trail(id).await.expect("it can be read"));
    }
    Held {
        situation,
        trails,
        progress,
    }
}

/// What a cache holds after a choice of the steps on a disk without faults, which is what it has to
/// hold after them on any.
#[derive(Default)]
struct Expected(HashMap<Vec<bool>, Held>);

impl Expected {
    async fn after(&mut self, taken: &[bool]) -> &Held {
        let taken = taken.to_vec();
        if !self.0.contains_key(&taken) {
            let dir = tempfile::tempdir().expect("a directory");
            let _disk = FaultyDisk::under(dir.path());
            let (cache, _) = open(dir.path());
            for (step, _) in STEPS.iter().zip(&taken).filter(|(_, is_taken)| **is_taken) {
                step.run(&cache).await.expect("nothing fails");
            }
            let held = held(&cache).await;
            cache.close().await;
            self.0.insert(taken.clone(), held);
        }
        &self.0[&taken]
    }
}

/// What was done, and where the cache lay at the end.
struct Done {
    /// Which steps took effect.
    taken: Vec<bool>,
    refusals: Vec<StoreError>,
    is_in_memory: bool,
}

/// Runs all steps and looks after each refusal at what the cache holds then.
async fn work(cache: &Cache, expected: &mut Expected, context: &str) -> Done {
    let mut done = Done {
        taken: Vec::new(),
        refusals: Vec::new(),
        is_in_memory: false,
    };
    for step in STEPS {
        let outcome = step.run(cache).await;
        done.taken.push(outcome.is_ok());
        match outcome {
            Ok(Some(rebuilt)) => {
                done.is_in_memory = matches!(rebuilt, Rebuilt::InMemory { .. });
            }
            Ok(None) => {}
            Err(error) => {
                // Old matters go first and the pages that they leave after that; a failure there
                // leaves the former done.
                let held = held(cache).await;
                let is_pruned = step == Step::Prune && {
                    let mut pruned = done.taken.clone();
                    pruned[done.taken.len() - 1] = true;
                    held == *expected.after(&pruned).await
                };
                if is_pruned {
                    *done.taken.last_mut().expect("this step") = true;
                } else {
                    let wanted = expected.after(&done.taken).await;
                    assert_eq!(held, *wanted, "{step:?}: {error}, {context}");
                }
                done.refusals.push(error);
            }
        }
    }
    let wanted = expected.after(&done.taken).await;
    assert_eq!(held(cache).await, *wanted, "{context}");
    done
}

#[tokio::test]
async fn after_a_failure_rows_and_cursor_are_those_of_before_the_step_or_of_after_it() {
    let mut expected = Expected::default();
    for fault in FAILURES {
        let (mut refused, mut in_memory) = (0, 0);
        for calls in 0.. {
            assert!(calls < 2_000, "the scenario has an end");
            let context = format!("{fault:?} after {calls}");
            let dir = tempfile::tempdir().expect("a directory");
            let disk = FaultyDisk::under(dir.path());
            let (cache, _) = open(dir.path());
            disk.fail_after(calls, fault);
            let done = work(&cache, &mut expected, &context).await;
            cache.close().await;
            drop(cache);
            let had_come = disk.heal();
            let (again, cached) = open(dir.path());
            assert_eq!(
                (cached.kept_aside, cached.in_memory),
                (None, None),
                "{context}"
            );
            let found = held(&again).await;
            if done.is_in_memory {
                in_memory += 1;
                assert_eq!(found.situation, Situation::default(), "{context}");
                assert_eq!(found.progress.place(), None, "{context}");
            } else {
                assert_eq!(found, *expected.after(&done.taken).await, "{context}");
            }
            let kinds = done.refusals.iter();
            let is_as_said = |error: &StoreError| {
                matches!(error, StoreError::DiskFull { .. }) == (fault == Fault::Full)
            };
            assert!(kinds.clone().all(is_as_said), "{:?}", done.refusals);
            assert!(fault == Fault::Full || kinds.len() <= 1, "{context}");
            refused += kinds.len();
            if !had_come {
                break;
            }
        }
        assert!(refused > 5, "{fault:?} was felt: {refused}");
        assert!(in_memory > 0, "{fault:?} met the new file: {in_memory}");
    }
}

#[tokio::test]
async fn a_power_cut_at_any_call_leaves_the_rows_and_the_cursor_of_one_moment() {
    let mut expected = Expected::default();
    for survivors in CUTS {
        let mut moments = std::collections::BTreeSet::new();
        for calls in 0.. {
            assert!(calls < 2_000, "the scenario has an end");
            let (moment, had_come) = cut(calls, survivors, &mut expected).await;
            moments.insert(moment);
            if !had_come {
                break;
            }
        }
        assert!(moments.len() > 1, "{survivors:?}: {moments:?}");
    }
}

/// Cuts the power after so many calls. Returns after how many steps the cache is as it is found, and
/// whether it came to the cut.
async fn cut(calls: u64, survivors: Survivors, expected: &mut Expected) -> (usize, bool) {
    let context = format!("{survivors:?} after {calls}");
    let dir = tempfile::tempdir().expect("a directory");
    let disk = FaultyDisk::under(dir.path());
    let (cache, _) = open(dir.path());
    disk.fail_after(calls, Fault::PowerCut);
    let mut done = 0;
    for step in STEPS {
        match step.run(&cache).await {
            Ok(None | Some(Rebuilt::OnDisk { .. })) => done += 1,
            // Nothing that comes now reaches the disk.
            Ok(Some(Rebuilt::InMemory { .. })) | Err(_) => break,
        }
    }
    disk.cut_power();
    cache.close().await;
    drop(cache);
    disk.switch_on(survivors).expect("the files are set back");
    let (again, cached) = open(dir.path());
    assert_eq!(
        (cached.kept_aside, cached.in_memory),
        (None, None),
        "{context}"
    );
    let found = held(&again).await;
    // The step that was under way may have come through.
    for moment in (0..=STEPS.len().min(done + 1)).rev() {
        let taken: Vec<bool> = (0..moment).map(|_| true).collect();
        if found == *expected.after(&taken).await {
            return (moment, done < STEPS.len());
        }
    }
    panic!("{context}, after {done} steps: {found:?}");
}
