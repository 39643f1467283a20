//! The queue as a plain value, including random histories that must keep every promise about order.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{IncidentState, Intent, OfficerId, Timestamp};
use protocol::ErrorCode;
use sync_engine::Pace;
use sync_engine::outbox::queue::{Answer, Queue};
use sync_engine::store::proposals::{ProposalRow, Stage};
use testkit::builders::{incident, key, proposal, send, take_in};

const EVERYBODY: fn(&OfficerId) -> bool = |_| true;

fn row(seq: i64, incident_number: u32) -> ProposalRow {
    let incident = incident(incident_number, IncidentState::Filed).id;
    ProposalRow {
        seq,
        backend: "here".to_owned(),
        proposal: proposal(seq as u128, send(incident, 1)),
        stage: Stage::Queued,
        parked_before: None,
        has_left: false,
        attempts: 0,
        last_error: None,
        conflict: None,
    }
}

fn due(queue: &Queue, now: Duration) -> Vec<i64> {
    queue
        .due(now, usize::MAX, EVERYBODY)
        .iter()
        .map(|row| row.seq)
        .collect()
}

fn answer(queue: &mut Queue, seq: i64, answer: Answer) -> Option<ProposalRow> {
    let pace = Pace::default();
    queue.answered(
        seq,
        answer,
        Duration::ZERO,
        Timestamp::default(),
        &pace,
        1.0,
    )
}

fn refused() -> Answer {
    Answer::Refused {
        code: ErrorCode::NotAllowedNow,
        message: "no".to_owned(),
        conflict: None,
    }
}

fn receipt() -> Answer {
    Answer::Receipt {
        recorded_at: Timestamp::default(),
        cursor: 1,
    }
}

fn failed(never_left: bool) -> Answer {
    Answer::Failed {
        detail: "broken".to_owned(),
        never_left,
    }
}

#[test]
fn incidents_go_side_by_side_and_each_one_in_order() {
    let rows = vec![row(1, 1), row(2, 1), row(3, 2)];
    let mut queue = Queue::new("here", rows);
    assert_eq!(due(&queue, Duration::ZERO), [1, 3]);
    queue.depart(1, false);
    assert_eq!(due(&queue, Duration::ZERO), [3]);
    answer(&mut queue, 1, receipt());
    assert_eq!(due(&queue, Duration::ZERO), [2, 3]);
}

#[test]
fn a_failure_pauses_its_incident_only_and_doubles() {
    let mut queue = Queue::new("here", vec![row(1, 1), row(2, 2)]);
    let first = Pace::default().first_backoff;
    for failures in 0..3 {
        queue.depart(1, false);
        answer(&mut queue, 1, failed(true));
        let pause = first * (1 << failures);
        assert_eq!(queue.next_try(EVERYBODY), Some(pause));
        assert_eq!(due(&queue, pause.mul_f64(0.99)), [2]);
        assert_eq!(due(&queue, pause), [1, 2]);
    }
    queue.end_pauses();
    assert_eq!(due(&queue, Duration::ZERO), [1, 2]);
}

/// An order that failed once, behind one that an officer may try again or exchange for another.
fn failed_behind_a_parked_one() -> (Queue, ProposalRow) {
    let mut queue = Queue::new("here", vec![row(1, 1)]);
    queue.depart(1, false);
    let parked = answer(&mut queue, 1, refused()).expect("parked");
    queue.insert(row(2, 1));
    queue.depart(2, false);
    answer(&mut queue, 2, failed(true));
    (queue, parked)
}

#[test]
fn what_has_failed_pauses_as_long_whatever_goes_ahead_of_it() {
    let (mut queue, parked) = failed_behind_a_parked_one();
    let first = Pace::default().first_backoff;
    queue.replace(ProposalRow {
        stage: Stage::Queued,
        ..parked
    });
    assert_eq!(due(&queue, Duration::ZERO), [1], "it was never paused");
    queue.depart(1, false);
    answer(&mut queue, 1, receipt());
    assert_eq!(due(&queue, first.mul_f64(0.99)), [0; 0]);
    assert_eq!(queue.next_try(EVERYBODY), Some(first));
    assert_eq!(due(&queue, first), [2]);
    queue.depart(2, false);
    answer(&mut queue, 2, failed(true));
    assert_eq!(
        queue.next_try(EVERYBODY),
        Some(2 * first),
        "the second in a row"
    );
}

#[test]
fn a_decision_about_another_one_of_its_incident_ends_no_pause() {
    let (mut queue, parked) = failed_behind_a_parked_one();
    let renamed = queue.get(2).expect("it waits").clone();
    queue.replace(renamed);
    assert_eq!(due(&queue, Duration::ZERO), [0; 0], "its basis was renamed");
    queue.remove(parked.seq);
    assert_eq!(
        due(&queue, Duration::ZERO),
        [0; 0],
        "the parked one was dropped"
    );

    let mut queue = Queue::new("here", vec![row(1, 1), row(2, 1)]);
    queue.depart(1, false);
    answer(&mut queue, 1, failed(true));
    queue.remove(1);
    assert_eq!(due(&queue, Duration::ZERO), [2], "it has not failed itself");
}

#[test]
fn a_parked_proposal_holds_what_was_behind_it_and_nothing_later() {
    let mut queue = Queue::new("here", vec![row(1, 1), row(2, 2)]);
    queue.depart(1, false);
    answer(&mut queue, 1, refused());
    queue.insert(row(3, 1));
    assert_eq!(due(&queue, Duration::ZERO), [2, 3], "composed afterwards");

    let mut queue = Queue::new("here", vec![row(1, 1), row(2, 1), row(3, 2)]);
    queue.depart(1, false);
    answer(&mut queue, 1, refused());
    queue.insert(row(4, 1));
    assert_eq!(due(&queue, Duration::ZERO), [3], "4 may not overtake 2");
    assert!(queue.is_behind_parked(queue.get(2).unwrap()));
    queue.remove(1);
    assert_eq!(due(&queue, Duration::ZERO), [2, 3]);
}

#[test]
fn a_refused_report_holds_everything_about_its_matter_until_it_is_tried_again() {
    let report = take_in(1);
    let matter = report.incident().expect("a matter");
    let of = |seq: i64, intent: Intent| ProposalRow {
        proposal: proposal(seq as u128, intent),
        ..row(seq, 9)
    };
    let mut queue = Queue::new(
        "here",
        vec![of(1, report), of(2, send(matter, 1)), row(3, 2)],
    );
    queue.depart(1, false);
    let parked = answer(&mut queue, 1, refused()).expect("parked");
    queue.insert(of(4, send(matter, 2)));
    assert_eq!(
        due(&queue, Duration::ZERO),
        [3],
        "also what came later waits"
    );
    assert!(queue.is_behind_parked(queue.get(4).expect("kept")));
    assert!(!queue.is_lane_free(&parked.proposal.lane()));
    let hanging = queue.with_what_hangs_on(key(1));
    assert_eq!(hanging.iter().map(|r| r.seq).collect::<Vec<_>>(), [1, 2, 4]);
    queue.remove(2);
    queue.remove(4);
    assert!(!queue.is_lane_free(&parked.proposal.lane()));
    queue.insert(of(5, send(matter, 3)));
    queue.replace(ProposalRow {
        stage: Stage::Queued,
        ..parked
    });
    assert_eq!(due(&queue, Duration::ZERO), [1, 3]);
    queue.depart(1, false);
    answer(&mut queue, 1, receipt());
    assert_eq!(due(&queue, Duration::ZERO), [3, 5]);
}

#[test]
fn only_what_cannot_have_left_is_dropped() {
    let mut queue = Queue::new("here", vec![row(1, 1)]);
    let can_drop = |queue: &Queue| queue.can_drop(queue.get(1).unwrap());
    assert!(can_drop(&queue));
    queue.depart(1, false);
    assert!(!can_drop(&queue), "it is under way");
    answer(&mut queue, 1, failed(true));
    assert!(can_drop(&queue), "it never left");
    queue.depart(1, false);
    answer(&mut queue, 1, failed(false));
    assert!(!can_drop(&queue), "it may have arrived");
    queue.depart(1, true);
    answer(&mut queue, 1, failed(true));
    assert!(!can_drop(&queue), "the try before may have arrived");
    queue.depart(1, true);
    answer(&mut queue, 1, refused());
    assert!(can_drop(&queue), "the backend has said no");
}

#[test]
fn an_answer_to_what_was_abandoned_is_not_taken() {
    let mut queue = Queue::new("here", vec![row(1, 1)]);
    queue.depart(1, false);
    queue.abandon_departed();
    assert_eq!(answer(&mut queue, 1, receipt()), None);
    assert_eq!(due(&queue, Duration::ZERO), [1]);
}

#[test]
fn an_answer_that_has_come_is_taken_although_the_line_is_given_up_meanwhile() {
    let mut queue = Queue::new("here", vec![row(1, 1)]);
    queue.depart(1, false);
    queue.begin_answer(1);
    queue.abandon_departed();
    assert!(due(&queue, Duration::ZERO).is_empty(), "no second try");
    answer(&mut queue, 1, refused());
    assert!(matches!(queue.get(1).unwrap().stage, Stage::Parked { .. }));
    assert!(due(&queue, Duration::ZERO).is_empty());
}

#[test]
fn proposals_for_another_backend_are_kept_and_never_due() {
    let mut foreign = row(1, 1);
    foreign.backend = "elsewhere".to_owned();
    let queue = Queue::new("here", vec![foreign, row(2, 1)]);
    assert_eq!(due(&queue, Duration::ZERO), [2]);
    assert_eq!(queue.rows().count(), 2);
    assert!(queue.confirmed(None).is_empty());
}

/// SplitMix64, so that a failing seed can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }
}

/// A backend that acts once for each key and forgets to answer as often as it likes.
#[derive(Default)]
struct Backend {
    effects: BTreeMap<u32, Vec<i64>>,
}

impl Backend {
    fn act(&mut self, row: &ProposalRow) {
        let Intent::SendOrder { incident, .. } = row.proposal.intent else {
            unreachable!("only orders are queued here");
        };
        let effects = self.effects.entry(incident.number()).or_default();
        if !effects.contains(&row.seq) {
            effects.push(row.seq);
        }
    }
}

/// What may go out by a look at every proposal: of each incident the oldest that waits, unless one is
/// under way or an older one was refused while it waited.
fn may_go_out(queue: &Queue, departed: &[i64]) -> Vec<i64> {
    let incident = |row: &ProposalRow| row.proposal.intent.incident();
    let is_behind_parked = |row: &ProposalRow| {
        queue.rows().any(|older| {
            let is_older = older.seq < row.seq && incident(older) == incident(row);
            is_older && matches!(older.stage, Stage::Parked { after, .. } if row.seq <= after)
        })
    };
    let is_busy = |row: &ProposalRow| {
        let mut under_way = departed.iter().filter_map(|seq| queue.get(*seq));
        under_way.any(|other| incident(other) == incident(row))
    };
    let waiting = || queue.rows().filter(|row| row.stage == Stage::Queued);
    let is_oldest = |row: &ProposalRow| {
        !waiting().any(|other| other.seq < row.seq && incident(other) == incident(row))
    };
    let may = |row: &&ProposalRow| is_oldest(row) && !is_busy(row) && !is_behind_parked(row);
    waiting().filter(may).map(|row| row.seq).collect()
}

#[test]
fn what_is_due_is_what_a_look_at_every_proposal_finds() {
    for seed in 0..100 {
        let mut dice = Dice(seed);
        let mut queue = Queue::new("here", Vec::new());
        let mut departed: Vec<i64> = Vec::new();
        let mut seq = 0;
        for _ in 0..300 {
            let any = |queue: &Queue, dice: &mut Dice| {
                let count = queue.rows().count() as u64;
                let place = dice.roll(count.max(1)) as usize;
                queue.rows().nth(place).cloned()
            };
            match dice.roll(5) {
                0 | 1 => {
                    seq += 1;
                    queue.insert(row(seq, 1 + dice.roll(5) as u32));
                }
                2 => {
                    for seq in due(&queue, Duration::MAX).into_iter().take(2) {
                        queue.depart(seq, true);
                        departed.push(seq);
                    }
                }
                3 if !departed.is_empty() => {
                    let place = dice.roll(departed.len() as u64) as usize;
                    let seq = departed.swap_remove(place);
                    let given = match dice.roll(3) {
                        0 => receipt(),
                        1 => refused(),
                        _ => failed(false),
                    };
                    answer(&mut queue, seq, given);
                }
                _ => {
                    // An officer decides about what was refused; what is acknowledged is confirmed.
                    let Some(mut row) = any(&queue, &mut dice) else {
                        continue;
                    };
                    match row.stage {
                        Stage::Parked { .. } if dice.roll(2) == 0 => {
                            row.stage = Stage::Queued;
                            queue.replace(row);
                        }
                        Stage::Parked { .. } | Stage::Sent { .. } => queue.remove(row.seq),
                        Stage::Queued => {}
                    }
                }
            }
            let wanted = may_go_out(&queue, &departed);
            assert_eq!(due(&queue, Duration::MAX), wanted, "seed {seed}");
            let sent = queue
                .rows()
                .filter(|r| matches!(r.stage, Stage::Sent { .. }));
            assert_eq!(queue.confirmed(None).len(), sent.count(), "seed {seed}");
        }
    }
}

#[test]
fn random_histories_deliver_everything_once_and_in_order() {
    for seed in 0..200 {
        history(seed);
    }
}

fn history(seed: u64) {
    let mut dice = Dice(seed);
    let mut queue = Queue::new("here", Vec::new());
    let mut backend = Backend::default();
    let mut departed: Vec<i64> = Vec::new();
    let mut seq = 0;
    let mut now = Duration::ZERO;
    let total = 30;
    for step in 0..1_500 {
        now += Duration::from_millis(dice.roll(2_000));
        match dice.roll(6) {
            0 if seq < total => {
                seq += 1;
                queue.insert(row(seq, 1 + dice.roll(4) as u32));
            }
            1 => {
                // The process ends: what is on the disk is all that remains.
                let rows = queue.rows().cloned().collect();
                queue = Queue::new("here", rows);
                departed.clear();
            }
            _ => {
                for seq in due(&queue, now) {
                    queue.depart(seq, true);
                    departed.push(seq);
                }
            }
        }
        if departed.is_empty() {
            continue;
        }
        let seq = departed.swap_remove(dice.roll(departed.len() as u64) as usize);
        let row = queue
            .get(seq)
            .expect("what departed is in the queue")
            .clone();
        let given = match dice.roll(if step > 900 { 1 } else { 4 }) {
            0 => {
                backend.act(&row);
                receipt()
            }
            1 => {
                backend.act(&row);
                failed(false)
            }
            _ => failed(true),
        };
        let pace = Pace::default();
        queue.answered(seq, given, now, Timestamp::default(), &pace, 0.5);
    }
    let delivered: usize = backend.effects.values().map(Vec::len).sum();
    assert_eq!(delivered, total as usize, "seed {seed}");
    for effects in backend.effects.values() {
        assert!(effects.is_sorted(), "seed {seed}: {effects:?}");
    }
    assert_eq!(queue.confirmed(None).len(), total as usize, "seed {seed}");
    assert!(queue.by_key(key(1)).is_some());
}

#[test]
fn what_a_replaced_log_had_acknowledged_is_due_again_before_what_follows() {
    let mut queue = Queue::new("here", vec![row(1, 1), row(2, 1), row(3, 2)]);
    queue.depart(1, false);
    answer(&mut queue, 1, receipt());
    queue.depart(3, false);
    assert_eq!(due(&queue, Duration::ZERO), [2]);
    let doubted = queue.doubt();
    let seqs: Vec<i64> = doubted.iter().map(|row| row.seq).collect();
    assert_eq!(seqs, [1]);
    for row in doubted {
        queue.replace(row);
    }
    assert_eq!(due(&queue, Duration::ZERO), [1], "2 waits behind it");
    assert!(queue.confirmed(Some(u64::MAX - 1)).is_empty());
    let row = queue.get(1).unwrap();
    assert!(matches!(row.stage, Stage::Sent { .. }), "it stays shown");
    assert!(!queue.can_drop(row));
    assert_eq!(queue.senders().len(), 1, "its token is still needed");
    assert!(queue.doubt().is_empty(), "once");
    // Its first receipt was on its way when the log was replaced: nobody knows of which it is.
    answer(&mut queue, 3, receipt());
    assert_eq!(queue.get(3).unwrap().stage, Stage::Queued);
    queue.depart(1, true);
    answer(&mut queue, 1, receipt());
    assert_eq!(due(&queue, Duration::MAX), [2, 3]);
    assert_eq!(queue.confirmed(Some(1)).len(), 1);
}
