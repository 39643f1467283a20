//! One hall: its disks, its clock, its people, and one process after the other.

mod disks;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{IncidentId, Intent, IntentKey, OfficerId, Proposal};
use protocol::feed::{LineState, Notice, NoticeKind};
use protocol::http::LogPlace;
use sync_engine::outbox::queue::waits_for_receipt;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::proposals::{ProposalRow, Stage};
use sync_engine::{Clock, Engine, EngineParts, Pace};
use testkit::builders;

use crate::authority::opening;
use crate::dice::Dice;
use crate::disk::Disk;
use crate::ledger::LaneId;
use crate::life::Life;
use crate::line::Line;
use crate::sessions::Sessions;
use crate::stores::{CacheRows, ModelCache, ModelOutbox, OutboxRows};
use crate::time::HallClock;
use crate::variants::Variant;
use crate::window::{self, Seen};
use crate::world::World;

/// Longer than any run.
const NEVER: std::time::Duration = std::time::Duration::from_hours(24);
/// The label under which all halls know the backend.
pub const BACKEND: &str = "simulated";

/// One hall.
#[derive(Debug)]
pub struct Hall {
    /// Its number.
    pub number: usize,
    /// The world that it is in.
    pub world: Arc<World>,
    /// Its machine's clock.
    pub clock: Arc<HallClock>,
    /// The disk of outbox.db.
    pub outbox_disk: Arc<Mutex<Disk<OutboxRows>>>,
    /// The disk of cache.db.
    pub cache_disk: Arc<Mutex<Disk<CacheRows>>>,
    dice: Dice,
    state: Mutex<State>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct State {
    process: Option<Process>,
    /// Orders that an officer may want to take back.
    orders: Vec<(IncidentId, IntentKey)>,
    keys: u64,
    is_cache_damaged: bool,
    /// What was said about a damaged outbox when it was taken over.
    rescued: Option<String>,
    /// Parked proposals that somebody is deciding about.
    deciding: BTreeSet<IntentKey>,
    /// What was given up before the process began.
    lost_forms: BTreeSet<IntentKey>,
    /// Exchanges of a parked proposal for another under way.
    exchanges: Vec<(IntentKey, IntentKey)>,
    /// Handovers that are being signed: the keys of both signatures.
    handovers: Vec<[IntentKey; 2]>,
}

/// A running process.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its engine.
    pub engine: Arc<Engine>,
    /// Its life.
    pub life: Life,
    /// Whom it has let in, and how.
    pub sessions: Arc<Sessions>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hall {
    /// A hall that knows its officers and nothing else, switched off.
    pub fn new(number: usize, world: &Arc<World>, dice: Dice) -> Arc<Self> {
        Arc::new(Self {
            number,
            world: Arc::clone(world),
            clock: Arc::new(HallClock::new(world.timeline)),
            outbox_disk: Arc::new(Mutex::new(disks::outbox_of_yesterday(number))),
            cache_disk: Arc::default(),
            dice,
            state: Mutex::default(),
            seen: Mutex::default(),
        })
    }

    /// The running process.
    pub fn process(&self) -> Option<Process> {
        lock(&self.state).process.clone()
    }

    /// Looks at what was shown.
    pub fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut lock(&self.seen))
    }

    /// A new key, as it is minted when a proposal is shown.
    pub fn mint(&self) -> IntentKey {
        let mut state = lock(&self.state);
        state.keys += 1;
        let number = (self.number as u128 + 1) << 32 | u128::from(state.keys);
        builders::key(number)
    }

    /// The officers of the hall.
    pub fn officers(&self) -> [OfficerId; 2] {
        opening::officers_of(self.number)
    }

    /// Remembers an order, if it is one, that may be taken back later.
    pub fn remember_order(&self, intent: &Intent, key: IntentKey) {
        if let Intent::SendOrder { incident, .. } = intent {
            lock(&self.state).orders.push((*incident, key));
        }
    }

    /// An order that an officer may want to take back.
    pub fn some_order(&self, dice: &Dice) -> Option<(IncidentId, IntentKey)> {
        let state = lock(&self.state);
        let recent = state.orders.len().saturating_sub(6);
        dice.pick(&state.orders[recent..]).copied()
    }

    /// Whether the form of a proposal is gone from the screens: no window outlives its process, and
    /// whoever has decided about a proposal since remembers the form. One that nobody has decided
    /// about is clicked again all the same, as if somebody had typed it anew under its key.
    pub fn has_lost_form(&self, key: IntentKey) -> bool {
        lock(&self.state).lost_forms.contains(&key)
    }

    /// Whether somebody has dropped, taken back or exchanged a proposal, or is about to.
    pub fn is_given_up(&self, proposal: &Proposal) -> bool {
        let authority = &self.world.authority;
        authority.ledger(|ledger| ledger.is_given_up(proposal.key))
            || self.seen(|seen| seen.is_in_hand(proposal))
    }

    /// Somebody decides about a parked proposal; `false` where somebody else does.
    pub fn begin_deciding(&self, key: IntentKey) -> bool {
        lock(&self.state).deciding.insert(key)
    }

    /// The decision has been made.
    pub fn end_deciding(&self, key: IntentKey) {
        lock(&self.state).deciding.remove(&key);
    }

    /// The cache's file is damaged: in one half of the halls that shows while it is in use, in the
    /// other at the next start.
    pub fn damage_cache(&self) {
        if self.number.is_multiple_of(2) && self.process().is_some() {
            lock(&self.cache_disk).is_broken = true;
        } else {
            lock(&self.state).is_cache_damaged = true;
        }
    }

    /// Starts the program on what the disks hold.
    pub fn boot(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        if state.process.is_some() {
            return;
        }
        let is_damaged = std::mem::take(&mut state.is_cache_damaged);
        drop(state);
        if lock(&self.cache_disk).lose_memory() {
            // What it had come to since the disk was full is gone with the process.
            let newest = self.world.authority.newest();
            self.seen(|seen| seen.lost_power(newest));
        }
        let is_damaged = std::mem::take(&mut lock(&self.cache_disk).is_broken) || is_damaged;
        if is_damaged {
            lock(&self.cache_disk).begin_anew();
        }
        // One that was begun anew while it was in use may not have come to anything since.
        if lock(&self.cache_disk).rows().progress.cursor.is_none() {
            let newest = self.world.authority.newest();
            self.seen(|seen| seen.lost_power(newest));
        }
        let disk = lock(&self.outbox_disk);
        let kept = disk.rows().proposals.values();
        let kept: Vec<_> = kept
            .map(|row| (row.seq, row.proposal.key, &row.stage))
            .collect();
        self.world
            .tell(self.number, format_args!("starts with {kept:?}"));
        drop(kept);
        drop(disk);
        self.check_disks();
        // What it shows from now on is on the disk.
        lock(&self.outbox_disk).sync();
        let log = lock(&self.cache_disk).rows().progress.log.clone();
        if log.is_some_and(|log| log != self.world.authority.log()) {
            // A power cut may have taken the cache back to before the restoration.
            self.meet_restored();
        }
        self.world.traffic(|traffic| traffic.boot(self.number));
        let authority = &self.world.authority;
        lock(&self.state).lost_forms = authority.ledger(|ledger| ledger.given_up_in(self.number));
        let (life, sessions) = (Life::default(), Arc::<Sessions>::default());
        let rescued = lock(&self.state).rescued.take();
        let engine = Arc::new(Engine::assemble(self.parts(
            &life,
            &sessions,
            is_damaged,
            rescued.clone(),
        )));
        let is_said = |notice: &Notice| notice.kind == NoticeKind::OutboxRescued;
        if rescued.is_some() && !engine.read(|picture| picture.notices.iter().any(is_said)) {
            self.broken("what was lost of the outbox is not said");
        }
        engine.start();
        tokio::spawn(window::watch(
            Arc::clone(self),
            Arc::clone(&engine),
            life.clone(),
        ));
        tokio::spawn(end_of_catching_up(Arc::clone(self), life.clone()));
        lock(&self.state).process = Some(Process {
            engine,
            life,
            sessions,
        });
    }

    fn parts(
        &self,
        life: &Life,
        sessions: &Arc<Sessions>,
        is_damaged: bool,
        rescued: Option<String>,
    ) -> EngineParts {
        let mut pace = Pace::default();
        if self.world.variant == Some(Variant::NoTimer) {
            // The line is tried again all the same, at its longest pause.
            (pace.first_backoff, pace.longest_send_backoff) = (NEVER, NEVER);
        }
        let clock: Arc<dyn Clock> = Arc::<HallClock>::clone(&self.clock);
        let mut cached = CacheRows::open(&mut lock(&self.cache_disk), BACKEND);
        cached.kept_aside = is_damaged.then(|| "cache.db.corrupt".to_owned());
        let disk = Arc::clone(&self.outbox_disk);
        let mut outbox = ModelOutbox::new(disk, life.clone(), self.dice.fork());
        outbox.writes_halves = self.world.variant == Some(Variant::HalfWritten);
        outbox.hands_over_in_two = self.world.variant == Some(Variant::HandOverInTwo);
        outbox.is_hasty = self.world.variant == Some(Variant::ShowBeforeSync);
        let disk = Arc::clone(&self.cache_disk);
        let mut cache = ModelCache::new(disk, life.clone(), self.dice.fork());
        cache.keeps_first_reference = self.world.variant == Some(Variant::KeepFirstReference);
        cache.cursor_first = self.world.variant == Some(Variant::CursorFirst);
        let line = Line::new(
            self.number,
            Arc::clone(&self.world),
            life.clone(),
            self.dice.fork(),
            pace,
            Arc::clone(sessions),
        );
        EngineParts {
            calls: Arc::new(line),
            cache: Arc::new(cache),
            cached,
            outbox: Box::new(outbox),
            stored: Stored {
                rescued,
                ..lock(&self.outbox_disk).rows().stored()
            },
            backend: BACKEND.to_owned(),
            clock,
            pace,
            jitter_seed: self.dice.roll(),
            // Hashing the same PINs thousands of times says nothing: those of yesterday are there.
            keeps_verifiers: false,
        }
    }

    /// The process ends without warning; the operating system keeps what it was given.
    pub fn kill(&self) {
        if let Some(process) = lock(&self.state).process.take() {
            process.life.end();
        }
    }

    /// The machine stops without warning.
    pub fn cut_power(&self) {
        self.kill();
        lock(&self.outbox_disk).cut_power(&self.dice);
        lock(&self.cache_disk).cut_power(&self.dice);
        let newest = self.world.authority.newest();
        self.seen(|seen| seen.lost_power(newest));
    }

    /// The program is closed in an orderly way.
    pub async fn close(&self) {
        let process = lock(&self.state).process.take();
        if let Some(process) = process {
            let engine = Arc::clone(&process.engine);
            process.life.during(engine.shutdown()).await;
            process.life.end();
        }
    }

    /// The backend has been restored: until the hall follows it, it may show what that has forgotten.
    pub fn meet_restored(self: &Arc<Self>) {
        let forgotten = self.world.authority.ledger(|ledger| {
            let wishes = ledger.wishes().filter(|wish| wish.hall == self.number);
            let forgotten = wishes.filter(|wish| wish.forgotten.is_some());
            forgotten.map(|wish| wish.key).collect()
        });
        self.seen(|seen| seen.restored(forgotten));
        tokio::spawn(end_of_restoration(Arc::clone(self)));
    }

    /// Whether the cache follows the log that the backend writes now.
    fn follows_the_present(&self) -> bool {
        lock(&self.cache_disk).rows().progress.log == Some(self.world.authority.log())
    }

    /// What is parked in a queue.
    pub fn parked(&self, lane: &LaneId) -> BTreeSet<IntentKey> {
        // With and without its number a matter has one queue.
        let authority = &self.world.authority;
        let numbers = authority.numbers();
        let lane = numbers.of_lane(lane);
        let disk = lock(&self.outbox_disk);
        let rows = disk.rows().proposals.values();
        rows.filter(|row| numbers.of_lane(&row.proposal.lane()) == lane)
            .filter(|row| matches!(row.stage, Stage::Parked { .. }))
            .map(|row| row.proposal.key)
            .collect()
    }

    /// Whether the screen says that the line is up.
    pub fn is_online(&self) -> bool {
        self.process().is_some_and(|process| {
            let engine = process.engine;
            engine.read(|picture| picture.line.state == LineState::Online)
        })
    }

    /// Whether the screen says that it shows the present, and everything is sent that can be.
    pub fn is_quiet(&self) -> bool {
        let is_online = self.is_online();
        let place = lock(&self.cache_disk).rows().progress.place();
        let present = LogPlace {
            log: self.world.authority.log(),
            cursor: self.world.authority.newest(),
        };
        let disk = lock(&self.outbox_disk);
        let mut rows = disk.rows().proposals.values();
        let all: Vec<&ProposalRow> = rows.clone().collect();
        is_online
            && place == Some(present)
            && rows.all(|row| matches!(row.stage, Stage::Parked { .. }) || is_held_up(row, &all))
    }

    /// What keeps it from being quiet, for people.
    pub fn state_in_words(&self) -> String {
        let line = self
            .process()
            .map(|process| process.engine.read(|picture| picture.line.clone()));
        let disk = lock(&self.outbox_disk);
        let rows = disk.rows().proposals.values();
        let rows: Vec<_> = rows
            .map(|row| (row.proposal.key, &row.stage, &row.last_error))
            .collect();
        let cursor = lock(&self.cache_disk).rows().progress.cursor;
        format!("{line:?}, cursor {cursor:?}, outbox {rows:?}")
    }

    /// Notes a broken promise of this hall.
    pub fn broken(&self, what: impl std::fmt::Display) {
        self.world.broken(format!("hall {}: {what}", self.number));
    }
}

/// Once the cache has caught up after a power cut, the screen must show no less than ever before.
async fn end_of_catching_up(hall: Arc<Hall>, life: Life) {
    let Some(target) = hall.seen(|seen| seen.catching_up_to) else {
        return;
    };
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        if !life.lasts() {
            return;
        }
        let cursor = lock(&hall.cache_disk).rows().progress.cursor;
        if hall.follows_the_present() && cursor >= Some(target) {
            break;
        }
    }
    // The rows are on the disk; the screen has them a moment later.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let Some(process) = hall.process().filter(|_| life.lasts()) else {
        return;
    };
    let situation = process.engine.read(|picture| picture.situation.clone());
    let worse = hall.seen(|seen| {
        if seen.catching_up_to == Some(target) {
            seen.catching_up_to = None;
        }
        seen.whole(&situation)
    });
    for what in worse {
        hall.broken(format!("after a power cut: {what}"));
    }
}

/// Whether a row that waits has to, until an officer decides: it or one before it in its queue was
/// queued behind another when that was refused, or all is about a matter whose report was refused.
fn is_held_up(row: &ProposalRow, all: &[&ProposalRow]) -> bool {
    let lane: Vec<_> = all
        .iter()
        .filter(|other| other.proposal.lane() == row.proposal.lane())
        .collect();
    let is_behind_parked = |waiting: i64| {
        lane.iter().any(|older| {
            let is_report = matches!(older.proposal.intent, Intent::Report { .. });
            let holds = |after| older.seq < waiting && (is_report || waiting <= after);
            matches!(older.stage, Stage::Parked { after, .. } if holds(after))
        })
    };
    waits_for_receipt(row)
        && lane
            .iter()
            .filter(|first| first.seq <= row.seq && waits_for_receipt(first))
            .any(|first| is_behind_parked(first.seq))
}

/// Until a hall follows what the restored backend writes, it may show what that has forgotten, and
/// then it shows less.
async fn end_of_restoration(hall: Arc<Hall>) {
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let was_running = hall.process().filter(|_| hall.follows_the_present());
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        // The same process for all that time, so that its screen has come as far as its disk.
        let is_running = was_running.is_some_and(|process| process.life.lasts());
        if is_running && hall.follows_the_present() {
            return hall.seen(Seen::begin_anew);
        }
    }
}
