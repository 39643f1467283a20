//! The newest position of each person, in memory: lossy by design, the newest wins.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time::Timestamp;
use domain::{PersonId, PositionFix};
use protocol::http::{Accepted, NewPosition, Positions};
use tokio::sync::watch;

use crate::intake::places::in_cgcs2000;

/// Refused items that are named in an answer.
pub const NAMED_REFUSALS: usize = 20;
/// Room in a cursor for this many positions in each millisecond since the epoch.
const CURSORS_PER_MS: u64 = 1_000;

/// Positions with cursors of their own.
#[derive(Debug)]
pub struct PositionBoard {
    board: Mutex<Board>,
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Board {
    known: HashSet<PersonId>,
    fixes: HashMap<PersonId, (u64, PositionFix)>,
    by_cursor: BTreeMap<u64, PersonId>,
    unsaved: HashSet<PersonId>,
    cursor: u64,
    first: u64,
}

impl PositionBoard {
    /// A board that continues from stored positions. Cursors begin at the present instant, so that
    /// they keep growing over restarts although they are not stored.
    pub fn new(
        known: impl IntoIterator<Item = PersonId>,
        stored: Vec<PositionFix>,
        now: Timestamp,
    ) -> Self {
        let first = now.unix_ms().max(0).cast_unsigned() * CURSORS_PER_MS;
        let mut board = Board {
            known: known.into_iter().collect(),
            cursor: first,
            first,
            ..Board::default()
        };
        for fix in stored {
            board.put(fix);
        }
        board.unsaved.clear();
        let newest = watch::Sender::new(board.cursor);
        Self {
            board: Mutex::new(board),
            newest,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Board> {
        // The board is complete after every single put, so a panic elsewhere leaves it sound.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// People whose positions are taken from now on.
    pub fn know(&self, people: impl IntoIterator<Item = PersonId>) {
        self.lock().known.extend(people);
    }

    /// Takes positions and converts them. Unknown people and impossible places are refused one by one; a position
    /// older than the one known is taken and changes nothing; one from the future (a phone with a
    /// wrong clock) counts as measured now.
    pub fn take(
        &self,
        positions: impl IntoIterator<Item = NewPosition>,
        now: Timestamp,
        answer: &mut Accepted,
    ) {
        let mut board = self.lock();
        for position in positions {
            if !board.known.contains(&position.person) {
                answer.refuse(format!(
                    "{0} 不在名册中，不接收位置 / {0} is not in the roster: import the person first",
                    position.person
                ));
                continue;
            }
            match in_cgcs2000(position.location, position.crs) {
                Err(refusal) => answer.refuse(format!("{}: {refusal}", position.person)),
                Ok(location) => {
                    board.put(PositionFix {
                        person: position.person,
                        location,
                        source_crs: position.crs,
                        at: position.at.min(now),
                        accuracy_m: position.accuracy_m,
                        speed_mps: position.speed_mps,
                        heading_deg: position.heading_deg,
                    });
                    answer.accepted += 1;
                }
            }
        }
        self.tell(board);
    }

    /// Takes the positions of a seed, which are converted already; those of strangers and impossible
    /// places are left out.
    pub fn seed(&self, fixes: &[PositionFix], now: Timestamp) {
        let mut board = self.lock();
        for fix in fixes {
            if board.known.contains(&fix.person) && fix.location.is_on_globe() {
                let at = fix.at.min(now);
                board.put(PositionFix { at, ..*fix });
            }
        }
        self.tell(board);
    }

    /// Wakes those who wait when somebody has moved.
    fn tell(&self, board: MutexGuard<'_, Board>) {
        let cursor = board.cursor;
        drop(board);
        self.newest.send_if_modified(|newest| {
            let moved = cursor > *newest;
            *newest = cursor.max(*newest);
            moved
        });
    }

    /// Positions after a cursor. A cursor of another board gets everything.
    pub fn after(&self, cursor: u64) -> Positions {
        let board = self.lock();
        let is_ours = (board.first..=board.cursor).contains(&cursor);
        let after = if is_ours { cursor } else { 0 };
        Positions {
            fixes: board
                .by_cursor
                .range(after + 1..)
                .filter_map(|(_, person)| board.fixes.get(person).map(|(_, fix)| *fix))
                .collect(),
            cursor: board.cursor,
        }
    }

    /// All positions.
    pub fn all(&self) -> Vec<PositionFix> {
        self.lock().fixes.values().map(|(_, fix)| *fix).collect()
    }

    /// Positions that have not been stored, each named once.
    pub fn take_unsaved(&self) -> Vec<PositionFix> {
        let mut board = self.lock();
        let people = std::mem::take(&mut board.unsaved);
        people
            .iter()
            .filter_map(|person| board.fixes.get(person).map(|(_, fix)| *fix))
            .collect()
    }

    /// Changes with every batch that moved somebody.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }
}

impl Board {
    fn put(&mut self, fix: PositionFix) {
        if let Some((cursor, shown)) = self.fixes.get(&fix.person) {
            if shown.at >= fix.at {
                return;
            }
            self.by_cursor.remove(cursor);
        }
        self.cursor += 1;
        self.by_cursor.insert(self.cursor, fix.person);
        self.fixes.insert(fix.person, (self.cursor, fix));
        self.unsaved.insert(fix.person);
    }
}

/// Refusing one item of a batch.
pub trait Refuse {
    /// Counts the item, and names it while there is room.
    fn refuse(&mut self, sentence: String);
}

impl Refuse for Accepted {
    fn refuse(&mut self, sentence: String) {
        tracing::warn!(%sentence, "position refused");
        self.refused_count += 1;
        if self.refused.len() < NAMED_REFUSALS {
            self.refused.push(sentence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;
    use domain::places::Crs;

    fn fix(person: u32, at: i64) -> PositionFix {
        PositionFix {
            person: PersonId(person),
            location: LonLat::new(104.0, 30.6),
            at: Timestamp::from_unix_ms(at),
            accuracy_m: 5.0,
            speed_mps: 0.0,
            heading_deg: 0.0,
            source_crs: Crs::default(),
        }
    }

    /// What a phone sends to be at `fix`.
    fn sent(person: u32, at: i64) -> NewPosition {
        let fix = fix(person, at);
        NewPosition {
            person: fix.person,
            location: fix.location,
            crs: Crs::default(),
            at: fix.at,
            accuracy_m: fix.accuracy_m,
            speed_mps: fix.speed_mps,
            heading_deg: fix.heading_deg,
        }
    }

    fn nothing() -> Accepted {
        Accepted {
            accepted: 0,
            refused: Vec::new(),
            refused_count: 0,
        }
    }

    #[test]
    fn the_newest_wins_and_a_reader_sees_each_person_once() {
        let now = Timestamp::from_unix_ms(10_000);
        let board = PositionBoard::new([PersonId(1), PersonId(2)], vec![fix(2, 1)], now);
        let start = board.after(0);
        assert_eq!(start.fixes.len(), 1);
        let mut answer = nothing();
        board.take([sent(1, 5), sent(1, 7), sent(1, 6)], now, &mut answer);
        assert_eq!(answer.accepted, 3);
        let news = board.after(start.cursor);
        assert_eq!(news.fixes, [fix(1, 7)]);
        assert_eq!(board.after(news.cursor).fixes, []);
        assert_eq!(board.after(u64::MAX).fixes.len(), 2);
        assert_eq!(board.take_unsaved(), [fix(1, 7)]);
        assert_eq!(board.take_unsaved(), []);
    }

    #[test]
    fn strangers_and_impossible_places_are_refused_with_a_sentence() {
        let now = Timestamp::from_unix_ms(10_000);
        let board = PositionBoard::new([PersonId(1)], Vec::new(), now);
        let mut lost = sent(1, 5);
        lost.location.lat = 91.0;
        let mut answer = nothing();
        let strangers = (100..200).map(|person| sent(person, 5));
        board.take(
            [lost, sent(1, 99_999)].into_iter().chain(strangers),
            now,
            &mut answer,
        );
        assert_eq!((answer.accepted, answer.refused_count), (1, 101));
        assert_eq!(answer.refused.len(), NAMED_REFUSALS);
        assert!(
            answer.refused[1].contains("P000100"),
            "{:?}",
            answer.refused
        );
        // The phone whose clock is ahead was measured now.
        assert_eq!(board.all()[0].at, now);
    }

    #[test]
    fn a_shifted_position_is_stored_where_it_is_and_says_what_it_came_in() {
        let now = Timestamp::from_unix_ms(10_000);
        let board = PositionBoard::new([PersonId(1), PersonId(2)], Vec::new(), now);
        let in_gcj02 = NewPosition {
            location: LonLat::new(104.102_542, 30.657_603),
            crs: Crs::Gcj02,
            ..sent(1, 5)
        };
        let mut in_metres = sent(2, 5);
        in_metres.crs = "cgcs2000-3deg-35".parse().expect("a system");
        let mut answer = nothing();
        board.take([in_gcj02, in_metres], now, &mut answer);
        assert_eq!((answer.accepted, answer.refused_count), (1, 1));
        let said = &answer.refused[0];
        assert!(
            said.contains("P000002") && said.contains("in metres"),
            "{said}"
        );
        let [fix] = board.all()[..] else {
            panic!("{:?}", board.all());
        };
        assert_eq!(fix.source_crs, Crs::Gcj02);
        let off_m = fix.location.distance_m(LonLat::new(104.10, 30.66));
        assert!(off_m < 0.2, "{off_m} m");
    }

    #[test]
    fn cursors_grow_over_a_restart() {
        let mut answer = nothing();
        let before = PositionBoard::new([PersonId(1)], Vec::new(), Timestamp::from_unix_ms(10));
        before.take([sent(1, 5)], Timestamp::from_unix_ms(10), &mut answer);
        let after = PositionBoard::new([PersonId(1)], Vec::new(), Timestamp::from_unix_ms(11));
        assert!(after.after(0).cursor > before.after(0).cursor);
    }
}
