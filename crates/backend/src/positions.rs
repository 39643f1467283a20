//! The newest position of each person who may be shown, in memory: lossy by design, the newest wins.
//! A position that may not be shown is neither served nor kept, and neither is one that was measured
//! before its person might be shown, whenever it arrives: phones keep what they could not send.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::roster::PositionUse;
use domain::time::Timestamp;
use domain::{PersonId, PositionFix, PositionSource};
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
    /// Held from taking what is to be stored until that is stored: whoever took it earlier and wrote
    /// it later would bring back what is gone.
    saving: Mutex<()>,
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Board {
    /// The roster, with what the position of each person may be used for.
    uses: HashMap<PersonId, UseSince>,
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

/// What a position may be used for, and from which measurement on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UseSince {
    /// What for.
    pub used: PositionUse,
    /// Nothing that was measured earlier is taken; without meaning while it is withheld.
    pub since: Timestamp,
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
            saving: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Board> {
        // The board is complete after every single step, so a panic elsewhere leaves it sound.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Continues from stored positions; those that may not be shown are to be removed there. They were
    /// judged when they were taken, so they may be older than the present turn.
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
    /// roster is on record. Whoever may no longer be shown is forgotten; who might be shown before
    /// is so since then.
    pub fn show(&self, mut uses: HashMap<PersonId, UseSince>, noted: HashSet<PersonId>) {
        let mut board = self.lock();
        for (person, now) in &mut uses {
            match board.uses.get(person) {
                // The earlier of the two, so that a clock that was set back shuts nobody out.
                Some(before) if before.used != PositionUse::Withheld => {
                    now.since = now.since.min(before.since);
                }
                _ => {}
            }
        }
        (board.uses, board.noted) = (uses, noted);
        let hidden: Vec<PersonId> = board.fixes.keys().copied().collect();
        for person in hidden {
            if !board.is_shown(person) {
                board.hide(person);
            }
        }
        self.wake(board);
    }

    /// Whose positions of these may be shown although outside the roster, and are not yet on record.
    pub fn unnoted(&self, fixes: &[PositionFix]) -> Vec<PersonId> {
        let board = self.lock();
        let people: BTreeSet<PersonId> = fixes
            .iter()
            .filter(|fix| board.is_measured_in_time(fix))
            .map(|fix| fix.person)
            .filter(|person| board.used(*person) == PositionUse::ShownAndLogged)
            .filter(|person| !board.noted.contains(person))
            .collect();
        people.into_iter().collect()
    }

    /// People who are on record as shown outside the roster.
    pub fn note(&self, people: impl IntoIterator<Item = PersonId>) {
        self.lock().noted.extend(people);
    }

    /// Converts positions that came with one key. Unknown people and impossible places are refused one by
    /// one; a position from the future (a phone with a wrong clock) counts as measured now.
    pub fn convert(
        &self,
        positions: impl IntoIterator<Item = NewPosition>,
        by: PositionSource,
        now: Timestamp,
        answer: &mut Accepted,
    ) -> Vec<PositionFix> {
        let board = self.lock();
        let mut fixes = Vec::new();
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
                    fixes.push(PositionFix {
                        person: position.person,
                        location,
                        source_crs: position.crs,
                        source: by,
                        at: position.at.min(now),
                        accuracy_m: position.accuracy_m,
                        speed_mps: position.speed_mps,
                        heading_deg: position.heading_deg,
                    });
                }
            }
        }
        fixes
    }

    /// Takes converted positions. One that is older than the one known, or was measured before it
    /// might be shown, changes nothing, and neither does that of somebody who may not be shown.
    pub fn take(&self, fixes: Vec<PositionFix>) {
        let mut board = self.lock();
        for fix in fixes {
            if board.is_measured_in_time(&fix) {
                board.put(fix);
            }
        }
        self.wake(board);
    }

    /// Takes the positions of a seed, which are converted and judged already; those of strangers and
    /// impossible places are left out.
    pub fn seed(&self, fixes: &[PositionFix], now: Timestamp) {
        let mut board = self.lock();
        for fix in fixes.iter().filter(|fix| fix.location.is_on_globe()) {
            let at = fix.at.min(now);
            let source = PositionSource::Seed;
            board.put(PositionFix { at, source, ..*fix });
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

    /// Has written what has not been stored, each person named once; what could not be written is to
    /// be stored the next time.
    pub fn save<E>(&self, write: impl FnOnce(&Unsaved) -> Result<(), E>) -> Result<(), E> {
        // Nothing lies behind this lock, so a panic under it leaves nothing half done.
        let _saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let (people, unsaved) = self.take_unsaved();
        if people.is_empty() {
            return Ok(());
        }
        let written = write(&unsaved);
        if written.is_err() {
            self.lock().unsaved.extend(people);
        }
        written
    }

    fn take_unsaved(&self) -> (HashSet<PersonId>, Unsaved) {
        let mut board = self.lock();
        let people = std::mem::take(&mut board.unsaved);
        let mut unsaved = Unsaved::default();
        for person in &people {
            match board.fixes.get(person) {
                Some((_, fix)) => unsaved.moved.push(*fix),
                None => unsaved.gone.push(*person),
            }
        }
        (people, unsaved)
    }

    /// Changes with every batch that moved somebody.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }
}

impl Board {
    fn used(&self, person: PersonId) -> PositionUse {
        let known = self.uses.get(&person);
        known.map_or(PositionUse::Withheld, |known| known.used)
    }

    fn is_shown(&self, person: PersonId) -> bool {
        match self.used(person) {
            PositionUse::Shown => true,
            PositionUse::ShownAndLogged => self.noted.contains(&person),
            PositionUse::Withheld => false,
        }
    }

    /// Whether the person might be shown already when this was measured.
    fn is_measured_in_time(&self, fix: &PositionFix) -> bool {
        let known = self.uses.get(&fix.person);
        known.is_some_and(|known| fix.at >= known.since)
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
mod tests;
