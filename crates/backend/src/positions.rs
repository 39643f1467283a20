//! The newest position of each person who may be shown, in memory: lossy by design, the newest wins.
//! A position that may not be shown is neither served nor kept.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::roster::PositionUse;
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
    /// The roster, with what the position of each person may be used for.
    uses: HashMap<PersonId, PositionUse>,
    /// Those outside the roster who are on record as shown.
    noted: HashSet<PersonId>,
    fixes: HashMap<PersonId, (u64, PositionFix)>,
    /// Since which cursor somebody's position is gone.
    gone: HashMap<PersonId, u64>,
    by_cursor: BTreeMap<u64, PersonId>,
    unsaved: HashSet<PersonId>,
    cursor: u64,
    first: u64,
}

/// What differs from the positions that are stored.
#[derive(Debug, Default, PartialEq)]
pub struct Unsaved {
    /// Moved.
    pub moved: Vec<PositionFix>,
    /// No longer kept.
    pub gone: Vec<PersonId>,
}

impl PositionBoard {
    /// An empty board that knows nobody. Cursors begin at the present instant, so that they keep
    /// growing over restarts although they are not stored.
    pub fn new(now: Timestamp) -> Self {
        let first = now.unix_ms().max(0).cast_unsigned() * CURSORS_PER_MS;
        let board = Board {
            cursor: first,
            first,
            ..Board::default()
        };
        Self {
            newest: watch::Sender::new(board.cursor),
            board: Mutex::new(board),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Board> {
        // The board is complete after every single step, so a panic elsewhere leaves it sound.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Continues from stored positions; those that may not be shown are to be removed there.
    pub fn restore(&self, stored: Vec<PositionFix>) {
        let mut board = self.lock();
        for fix in stored {
            board.put(fix);
            if board.is_shown(fix.person) {
                board.unsaved.remove(&fix.person);
            } else {
                board.unsaved.insert(fix.person);
            }
        }
        self.wake(board);
    }

    /// Says what positions may be used for from now on, by person, and who of those outside the
    /// roster is on record. Whoever may no longer be shown is forgotten.
    pub fn show(&self, uses: HashMap<PersonId, PositionUse>, noted: HashSet<PersonId>) {
        let mut board = self.lock();
        (board.uses, board.noted) = (uses, noted);
        let hidden: Vec<PersonId> = board.fixes.keys().copied().collect();
        for person in hidden {
            if !board.is_shown(person) {
                board.hide(person);
            }
        }
        self.wake(board);
    }

    /// Who of these may be shown although outside the roster, and is not yet on record.
    pub fn unnoted(&self, people: impl IntoIterator<Item = PersonId>) -> Vec<PersonId> {
        let board = self.lock();
        let people: BTreeSet<PersonId> = people
            .into_iter()
            .filter(|person| board.uses.get(person) == Some(&PositionUse::ShownAndLogged))
            .filter(|person| !board.noted.contains(person))
            .collect();
        people.into_iter().collect()
    }

    /// People who are on record as shown outside the roster.
    pub fn note(&self, people: Vec<PersonId>) {
        self.lock().noted.extend(people);
    }

    /// Takes positions and converts them. Unknown people and impossible places are refused one by
    /// one; a position older than the one known, or one that may not be shown, is taken and changes
    /// nothing; one from the future (a phone with a wrong clock) counts as measured now.
    pub fn take(
        &self,
        positions: impl IntoIterator<Item = NewPosition>,
        now: Timestamp,
        answer: &mut Accepted,
    ) {
        let mut board = self.lock();
        for position in positions {
            if !board.uses.contains_key(&position.person) {
                answer.refuse(format!(
                    "{0} 不在名册中，不接收位置 / {0} is not in the roster: import the person first",
                    position.person
                ));
                continue;
            }
            match in_cgcs2000(position.location, position.crs) {
                Err(refusal) => answer.refuse(format!("{}: {refusal}", position.person)),
                Ok(location) => {
                    answer.accepted += 1;
                    board.put(PositionFix {
                        person: position.person,
                        location,
                        source_crs: position.crs,
                        at: position.at.min(now),
                        accuracy_m: position.accuracy_m,
                        speed_mps: position.speed_mps,
                        heading_deg: position.heading_deg,
                    });
                }
            }
        }
        self.wake(board);
    }

    /// Takes the positions of a seed, which are converted already; those of strangers and impossible
    /// places are left out.
    pub fn seed(&self, fixes: &[PositionFix], now: Timestamp) {
        let mut board = self.lock();
        for fix in fixes.iter().filter(|fix| fix.location.is_on_globe()) {
            let at = fix.at.min(now);
            board.put(PositionFix { at, ..*fix });
        }
        self.wake(board);
    }

    /// Tells those who wait that the board may have moved.
    fn wake(&self, board: MutexGuard<'_, Board>) {
        let cursor = board.cursor;
        drop(board);
        self.newest.send_if_modified(|newest| {
            let moved = cursor > *newest;
            *newest = cursor.max(*newest);
            moved
        });
    }

    /// What changed after a cursor. A cursor of another board gets everything.
    pub fn after(&self, cursor: u64) -> Positions {
        let board = self.lock();
        let is_whole = !(board.first..=board.cursor).contains(&cursor);
        let after = if is_whole { 0 } else { cursor };
        let mut answer = Positions {
            fixes: Vec::new(),
            cursor: board.cursor,
            gone: Vec::new(),
            is_whole,
        };
        for (_, person) in board.by_cursor.range(after + 1..) {
            match board.fixes.get(person) {
                Some((_, fix)) => answer.fixes.push(*fix),
                None if is_whole => {}
                None => answer.gone.push(*person),
            }
        }
        answer
    }

    /// All positions that may be shown.
    pub fn all(&self) -> Vec<PositionFix> {
        self.lock().fixes.values().map(|(_, fix)| *fix).collect()
    }

    /// What has not been stored, each person named once.
    pub fn take_unsaved(&self) -> Unsaved {
        let mut board = self.lock();
        let mut unsaved = Unsaved::default();
        for person in std::mem::take(&mut board.unsaved) {
            match board.fixes.get(&person) {
                Some((_, fix)) => unsaved.moved.push(*fix),
                None => unsaved.gone.push(person),
            }
        }
        unsaved
    }

    /// Changes with every batch that moved somebody.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }
}

impl Board {
    fn is_shown(&self, person: PersonId) -> bool {
        match self.uses.get(&person) {
            Some(PositionUse::Shown) => true,
            Some(PositionUse::ShownAndLogged) => self.noted.contains(&person),
            Some(PositionUse::Withheld) | None => false,
        }
    }

    /// Takes a position that may be shown and is newer than the one known.
    fn put(&mut self, fix: PositionFix) {
        if !self.is_shown(fix.person) {
            return;
        }
        if let Some((cursor, shown)) = self.fixes.get(&fix.person) {
            if shown.at >= fix.at {
                return;
            }
            self.by_cursor.remove(cursor);
        }
        if let Some(cursor) = self.gone.remove(&fix.person) {
            self.by_cursor.remove(&cursor);
        }
        let cursor = self.next_cursor(fix.person);
        self.fixes.insert(fix.person, (cursor, fix));
    }

    fn hide(&mut self, person: PersonId) {
        if let Some((cursor, _)) = self.fixes.remove(&person) {
            self.by_cursor.remove(&cursor);
            let cursor = self.next_cursor(person);
            self.gone.insert(person, cursor);
        }
    }

    /// A new place in the order of changes.
    fn next_cursor(&mut self, person: PersonId) -> u64 {
        self.cursor += 1;
        self.by_cursor.insert(self.cursor, person);
        self.unsaved.insert(person);
        self.cursor
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

    /// A board that may show these people.
    fn board(people: &[u32], now: i64) -> PositionBoard {
        let board = PositionBoard::new(Timestamp::from_unix_ms(now));
        allow(&board, people.iter().map(|n| (*n, PositionUse::Shown)));
        board
    }

    fn allow(board: &PositionBoard, uses: impl IntoIterator<Item = (u32, PositionUse)>) {
        let uses = uses.into_iter().map(|(n, used)| (PersonId(n), used));
        board.show(uses.collect(), HashSet::new());
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
        let board = board(&[1, 2], 10_000);
        board.restore(vec![fix(2, 1)]);
        let start = board.after(0);
        assert_eq!((start.fixes.len(), start.is_whole), (1, true));
        let mut answer = nothing();
        board.take([sent(1, 5), sent(1, 7), sent(1, 6)], now, &mut answer);
        assert_eq!(answer.accepted, 3);
        let news = board.after(start.cursor);
        assert_eq!((news.fixes, news.is_whole), (vec![fix(1, 7)], false));
        assert_eq!(board.after(news.cursor).fixes, []);
        assert_eq!(board.after(u64::MAX).fixes.len(), 2);
        assert_eq!(board.take_unsaved().moved, [fix(1, 7)]);
        assert_eq!(board.take_unsaved(), Unsaved::default());
    }

    #[test]
    fn who_may_not_be_shown_is_neither_served_nor_kept() {
        let (now, mut answer) = (Timestamp::from_unix_ms(10_000), nothing());
        let board = board(&[1, 2], 10_000);
        board.take([sent(1, 1), sent(2, 1)], now, &mut answer);
        board.take_unsaved();
        let seen = board.after(0).cursor;
        allow(
            &board,
            [(1, PositionUse::Shown), (2, PositionUse::Withheld)],
        );
        let news = board.after(seen);
        assert_eq!((news.fixes, news.gone), (vec![], vec![PersonId(2)]));
        assert_eq!(board.after(0).fixes, [fix(1, 1)]);
        assert_eq!(board.take_unsaved().gone, [PersonId(2)]);
        board.take([sent(2, 5)], now, &mut answer);
        assert_eq!((answer.accepted, board.all()), (3, vec![fix(1, 1)]));
        // Back on duty: what was sent in between was not kept, the next one is.
        allow(&board, [(1, PositionUse::Shown), (2, PositionUse::Shown)]);
        assert_eq!(board.all(), [fix(1, 1)]);
        board.take([sent(2, 4)], now, &mut answer);
        let news = board.after(seen);
        assert_eq!((news.fixes, news.gone), (vec![fix(2, 4)], vec![]));
    }

    #[test]
    fn nobody_outside_the_roster_is_shown_before_it_is_on_record() {
        let (now, mut answer) = (Timestamp::from_unix_ms(10_000), nothing());
        let board = board(&[1], 10_000);
        let outside = (2, PositionUse::ShownAndLogged);
        allow(&board, [(1, PositionUse::Shown), outside]);
        board.take([sent(2, 1)], now, &mut answer);
        assert_eq!(board.all(), []);
        assert_eq!(board.unnoted([1, 2, 2].map(PersonId)), [PersonId(2)]);
        board.note(vec![PersonId(2)]);
        assert_eq!(board.unnoted([PersonId(2)]), []);
        board.take([sent(2, 2)], now, &mut answer);
        assert_eq!(board.all(), [fix(2, 2)]);
    }

    #[test]
    fn stored_positions_that_may_not_be_shown_are_removed() {
        let board = board(&[1], 10_000);
        board.restore(vec![fix(1, 1), fix(2, 1)]);
        assert_eq!(board.all(), [fix(1, 1)]);
        let unsaved = board.take_unsaved();
        assert_eq!((unsaved.moved, unsaved.gone), (vec![], vec![PersonId(2)]));
    }

    #[test]
    fn strangers_and_impossible_places_are_refused_with_a_sentence() {
        let now = Timestamp::from_unix_ms(10_000);
        let board = board(&[1], 10_000);
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
        let board = board(&[1, 2], 10_000);
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
        let before = board(&[1], 10);
        before.take([sent(1, 5)], Timestamp::from_unix_ms(10), &mut answer);
        let after = board(&[1], 11);
        assert!(after.after(0).cursor > before.after(0).cursor);
    }
}
