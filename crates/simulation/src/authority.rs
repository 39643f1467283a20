//! The backend of the simulation: the real one, called as plain functions over its database, which
//! lies in memory where the system has a place for files there. What it adds are the sessions of the
//! officers and the waiting of long polls.

mod judging;
pub mod opening;
mod restoring;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backend::Backend;
use domain::trail::Officer;
use domain::{IncidentId, OfficerId, PersonId, Proposal, Situation};
use protocol::http::{
    Change, ChangeBody, Changes, FieldReceipt, Hello, LogId, LogPlace, NewPosition, NewReport,
    OfficerStanding, Positions, Problem, Receipt, SignedIn, Snapshot,
};
use protocol::{ErrorCode, Reference};
use tempfile::TempDir;
use testkit::builders;

use crate::ledger::{LaneId, Ledger};
use crate::signal::Signal;
use crate::time::Timeline;
use crate::variants::Variant;
use restoring::Backup;

/// People of the street.
pub const PEOPLE: u32 = 16;
/// Changes of the reference data in one run: each costs the hashing of a PIN.
const MOST_NEWCOMERS: u32 = 4;
/// Changes in one answer, few enough that catching up takes several.
const CHANGES_PER_REPLY: usize = 40;
/// How every officer stands: as when the halls last saw them.
pub const CREDENTIAL: &str = "as always";

/// Real numbers by provisional ones.
#[derive(Debug)]
pub struct Numbers(BTreeMap<IncidentId, IncidentId>);

impl Numbers {
    /// The number of a matter.
    pub fn of(&self, id: IncidentId) -> IncidentId {
        self.0.get(&id).copied().unwrap_or(id)
    }

    /// The queue of a matter, whichever number it goes by.
    pub fn of_lane(&self, lane: &LaneId) -> LaneId {
        match lane {
            LaneId::Incident(id) => LaneId::Incident(self.of(*id)),
            other => other.clone(),
        }
    }
}

/// What is held back between the halls and the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    Nothing,
    /// What a hall waits for longer: the changes. Receipts go on coming.
    News,
    /// Every question, as who stands before a backend does while that is exchanged.
    Everything,
}

/// The backend and what is known about it from outside.
#[derive(Debug)]
pub struct Authority {
    backend: Mutex<Backend>,
    files: Files,
    timeline: Timeline,
    state: Mutex<State>,
    newest: Signal<u64>,
    moves: Signal<u64>,
    falls: Signal<u32>,
    held: Signal<Held>,
    /// How it is broken, if it is.
    variant: Option<Variant>,
}

/// Where the database lies, and where its copy does.
#[derive(Debug)]
struct Files {
    live: TempDir,
    copy: TempDir,
}

#[derive(Debug)]
struct State {
    ledger: Ledger,
    backup: Option<Backup>,
    /// What was written before the restoration, and under which identity.
    forgotten: Option<(LogId, Vec<Change>)>,
    /// What there was before the first change of the log.
    base: Snapshot,
    log: Vec<Change>,
    present: Situation,
    /// The log begins after this cursor.
    floor: u64,
    sessions: BTreeMap<String, Officer>,
    sessions_given: u64,
    newcomers: u32,
    other_keys: u64,
    reference: Reference,
    faults: Vec<String>,
}

impl Authority {
    /// An authority with the people and officers of the street and no incidents.
    pub fn open(timeline: Timeline, variant: Option<Variant>) -> Self {
        let files = Files {
            live: opening::fresh(),
            copy: opening::folder(),
        };
        let backend = opening::open_in(files.live.path(), timeline);
        let base = backend.snapshot(None).expect("a fresh backend can be read");
        let reference = backend.reference().expect("it has reference data");
        let newest = base.cursor;
        let state = State {
            ledger: Ledger::default(),
            backup: None,
            forgotten: None,
            present: base.situation.clone(),
            base,
            log: Vec::new(),
            floor: 0,
            sessions: BTreeMap::new(),
            sessions_given: 0,
            newcomers: 0,
            other_keys: 0,
            reference,
            faults: Vec::new(),
        };
        Self {
            backend: Mutex::new(backend),
            files,
            timeline,
            state: Mutex::new(state),
            newest: Signal::new(newest),
            moves: Signal::new(0),
            falls: Signal::new(0),
            held: Signal::new(Held::Nothing),
            variant,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn backend(&self) -> Backend {
        let backend = self.backend.lock();
        backend.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is(&self, variant: Variant) -> bool {
        self.variant == Some(variant)
    }

    /// The log that it writes.
    pub fn log(&self) -> LogId {
        self.backend().hello().log
    }

    /// Looks at what the officers have wished and what became of it.
    pub fn ledger<T>(&self, look: impl FnOnce(&mut Ledger) -> T) -> T {
        look(&mut self.state().ledger)
    }

    /// Looks at the street as the backend has it.
    pub fn present<T>(&self, look: impl FnOnce(&Situation) -> T) -> T {
        look(&self.state().present)
    }

    /// The numbers that matters have got which halls had shown without.
    pub fn numbers(&self) -> Numbers {
        self.present(|situation| {
            let incidents = situation.incidents.values();
            let numbered = incidents.filter_map(|i| Some((i.particulars.provisional?, i.id)));
            Numbers(numbered.collect())
        })
    }

    /// Cursor of the newest change.
    pub fn newest(&self) -> u64 {
        self.newest.get()
    }

    /// Takes over what the backend has logged since the last look, and wakes who waits for it.
    fn look(&self) -> bool {
        let before = self.newest();
        let mut after = before;
        loop {
            let read = self.backend().changes_after(after);
            let changes = read.expect("the backend's whole log can be read").changes;
            let Some(last) = changes.last() else { break };
            after = last.cursor;
            let mut state = self.state();
            for change in changes {
                if let ChangeBody::Record(record) = &change.body {
                    state.present.apply(record.clone());
                }
                state.log.push(change);
            }
        }
        self.newest.set(after);
        after != before
    }

    /// One more reason not to answer; what is under way is cut off.
    pub fn fall(&self) {
        self.falls.change(|falls| *falls += 1);
    }

    /// One reason less; it answers when there is none left.
    pub fn rise(&self) {
        self.falls.change(|falls| *falls -= 1);
    }

    /// Holds back what is on its way from here on, and lets everything else through.
    pub fn hold(&self, held: Held) {
        self.held.set(held);
    }

    /// Resolves when no question is held back.
    pub async fn let_through(&self) {
        self.held.until(|held| held != Held::Everything).await;
    }

    /// Resolves when no news are held back either.
    async fn let_news_through(&self) {
        self.held.until(|held| held == Held::Nothing).await;
    }

    /// Whether it answers.
    pub fn is_up(&self) -> bool {
        self.falls.get() == 0
    }

    /// Resolves when it stops answering.
    pub async fn went_down(&self) {
        self.falls.until(|falls| falls > 0).await;
    }

    /// Forgets the log up to now.
    pub fn cut_log(&self) {
        let newest = self.newest();
        self.state().floor = newest;
    }

    /// Ends the sessions of all officers.
    pub fn revoke_sessions(&self) {
        self.state().sessions.clear();
    }

    /// The greeting.
    pub fn hello(&self) -> Hello {
        self.backend().hello()
    }

    /// Everything at one cursor.
    pub fn snapshot(&self, known: Option<&LogPlace>) -> Result<Snapshot, Problem> {
        self.backend().snapshot(known)
    }

    /// The reference data.
    pub fn reference(&self) -> Reference {
        self.state().reference.clone()
    }

    /// Changes after a place, waiting for the first.
    pub async fn changes(&self, place: LogPlace, wait: Duration) -> Result<Changes, Problem> {
        let after = place.cursor;
        let moved = self.newest.until(|newest| newest > after);
        // Without anything new the answer is empty.
        tokio::time::timeout(wait, moved).await.ok();
        self.let_news_through().await;
        self.changes_now(&place)
    }

    fn changes_now(&self, place: &LogPlace) -> Result<Changes, Problem> {
        let after = place.cursor;
        let leads_here = self.backend().leads_here(place)?;
        let log = self.log();
        let newest = self.newest();
        let state = self.state();
        if !leads_here || after < state.floor.max(state.base.cursor) || after > newest {
            return Err(Problem {
                code: ErrorCode::CursorTooOld,
                message: format!("the change log no longer holds what follows cursor {after}"),
                conflict: None,
            });
        }
        let first = state.log.partition_point(|change| change.cursor <= after);
        let changes = state.log[first..].iter().take(CHANGES_PER_REPLY);
        Ok(Changes {
            log,
            changes: changes.cloned().collect(),
            newest,
            now: self.timeline.now(),
        })
    }

    /// Positions after a cursor of their own, waiting for the first.
    pub async fn positions(&self, after: u64, wait: Duration) -> Result<Positions, Problem> {
        let before = self.moves.get();
        let found = self.backend().positions_after(after)?;
        if found.is_whole || !found.fixes.is_empty() || !found.gone.is_empty() {
            return Ok(found);
        }
        // Without anything new the answer is empty.
        tokio::time::timeout(wait, self.moves.until(|moves| moves != before))
            .await
            .ok();
        self.let_through().await;
        self.backend().positions_after(after)
    }

    /// Signs an officer in, whoever it is.
    pub fn sign_in(&self, id: &OfficerId) -> SignedIn {
        let officer = opening::officer(id);
        let mut state = self.state();
        state.sessions_given += 1;
        let token = format!("token-{}", state.sessions_given);
        state.sessions.insert(token.clone(), officer.clone());
        SignedIn {
            officer,
            token,
            expires_at: self.timeline.now().plus_ms(domain::time::DAY_MS),
            credential: CREDENTIAL.to_owned(),
        }
    }

    /// How the officers of a hall stand: nobody gets another PIN in a run.
    pub fn officers(&self, hall: usize) -> Vec<OfficerStanding> {
        let all = opening::officers_of(hall);
        all.map(|id| OfficerStanding {
            officer: opening::officer(&id),
            credential: CREDENTIAL.to_owned(),
        })
        .to_vec()
    }

    /// Something of the reference data changes: one more officer works for the street.
    pub fn change_reference(&self) {
        let number = {
            let mut state = self.state();
            state.newcomers += 1;
            state.newcomers
        };
        if number > MOST_NEWCOMERS {
            return;
        }
        let newcomer = opening::officer(&OfficerId(format!("newcomer-{number}")));
        let put = self.backend().put_officer(&newcomer, opening::PIN);
        put.expect("the database can be written");
        self.read_reference();
        self.look();
    }

    fn read_reference(&self) {
        let reference = self.backend().reference();
        self.state().reference = reference.expect("it has reference data");
    }

    /// Ends a session.
    pub fn sign_out(&self, token: &str) {
        self.state().sessions.remove(token);
    }

    /// Carries out a proposal.
    pub fn propose(
        &self,
        proposal: &Proposal,
        token: &str,
        log: Option<&LogId>,
    ) -> Result<Receipt, Problem> {
        let Some(officer) = self.state().sessions.get(token).cloned() else {
            return Err(Problem {
                code: ErrorCode::SignInNeeded,
                message: "the session has ended".to_owned(),
                conflict: None,
            });
        };
        let mut known_as = proposal.clone();
        if self.is(Variant::BackendForgetsKeys) {
            let mut state = self.state();
            state.other_keys += 1;
            known_as.key = builders::key(u128::from(state.other_keys) | 1 << 60);
        }
        if self.is(Variant::BackendConfusesNumbers) {
            let other = self.present(|situation| situation.incidents.keys().next().copied());
            known_as.intent = known_as.intent.renumbered(|id| match other {
                Some(other) if id.is_provisional() => other,
                _ => id,
            });
        }
        if self.is(Variant::BackendIgnoresConflicts) {
            known_as.basis = None;
        }
        // What is confused behind the comparison is not found by it.
        if (self.is(Variant::BackendTrustsNumbers) || self.is(Variant::BackendConfusesNumbers))
            && let Some(basis) = &mut known_as.basis
        {
            basis.seen.reported_at = None;
        }
        let result = self.backend().carry_out(&officer, &known_as, log);
        if result
            .as_ref()
            .is_err_and(|problem| problem.code == ErrorCode::OtherLog)
        {
            // It was not looked at.
            return result;
        }
        let has_moved = self.look();
        let faults = match &result {
            Ok(_) if has_moved => self.unseen(proposal),
            Err(problem) => self.own_steps(proposal, problem),
            Ok(_) => None,
        };
        if let Some(fault) = faults {
            self.state().faults.push(fault);
        }
        let answer = result.as_ref().map(|_| ()).map_err(|problem| problem.code);
        let (intent, key) = (&proposal.intent, proposal.key);
        self.ledger(|ledger| ledger.answered(intent, key, answer, has_moved));
        result.map(|receipt| Receipt {
            key: proposal.key,
            ..receipt
        })
    }

    /// Opens an incident; what the backend does not take is left out.
    pub fn report(&self, report: &NewReport) {
        if self.backend().report(report).is_ok() {
            self.look();
        }
    }

    /// Takes a receipt of the field; what the backend does not take is left out.
    pub fn take_receipt(&self, receipt: FieldReceipt) {
        if self.backend().take_receipt(receipt).is_ok() {
            self.look();
        }
    }

    /// Moves people.
    pub fn locate(&self, positions: Vec<NewPosition>) {
        let taken = self.backend().take_positions(positions);
        taken.expect("positions in memory are taken");
        self.moves.change(|moves| *moves += 1);
    }

    /// Passes on what the field has not answered, as the backend does by itself.
    pub fn escalate(&self) {
        let done = self.backend().escalate(self.timeline.now());
        done.expect("a database in memory can be written");
        self.look();
    }

    /// Somebody of the street.
    pub const fn person(number: u64) -> PersonId {
        PersonId(1 + (number % PEOPLE as u64) as u32)
    }
}
