//! One hall: its disks, its clock, its people, and one process after the other.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Intent, IntentKey, OfficerId};
use protocol::feed::LineState;
use protocol::http::LogPlace;
use sync_engine::outbox::queue::waits_for_receipt;
use sync_engine::store::proposals::{ProposalRow, Stage};
use sync_engine::{Clock, Engine, EngineParts, Pace};
use testkit::builders;

use crate::dice::Dice;
use crate::disk::Disk;
use crate::ledger::{Dropped, Forgotten, LaneId, Promise};
use crate::life::Life;
use crate::line::Line;
use crate::stores::{CacheRows, ModelCache, ModelOutbox, OutboxRows};
use crate::time::HallClock;
use crate::variants::Variant;
use crate::window::{self, Seen};
use crate::world::World;

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
    orders: Vec<(LaneId, IntentKey)>,
    keys: u64,
    is_cache_damaged: bool,
    /// Parked proposals that somebody is deciding about.
    deciding: BTreeSet<IntentKey>,
    /// Exchanges of a parked proposal for another under way.
    exchanges: Vec<(IntentKey, IntentKey)>,
}

/// A running process.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its engine.
    pub engine: Arc<Engine>,
    /// Its life.
    pub life: Life,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hall {
    /// A hall with empty disks, switched off.
    pub fn new(number: usize, world: &Arc<World>, dice: Dice) -> Arc<Self> {
        Arc::new(Self {
            number,
            world: Arc::clone(world),
            clock: Arc::new(HallClock::new(world.timeline)),
            outbox_disk: Arc::default(),
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
        ["a", "b"].map(|who| OfficerId(format!("officer-{}-{who}", self.number)))
    }

    /// Remembers an order that may be taken back later.
    pub fn remember(&self, lane: LaneId, order: IntentKey) {
        lock(&self.state).orders.push((lane, order));
    }

    /// An order that an officer may want to take back.
    pub fn some_order(&self, dice: &Dice) -> Option<(LaneId, IntentKey)> {
        let state = lock(&self.state);
        let recent = state.orders.len().saturating_sub(6);
        dice.pick(&state.orders[recent..]).copied()
    }

    /// Somebody decides about a parked proposal; `false` where somebody else does.
    pub fn begin_deciding(&self, key: IntentKey) -> bool {
        lock(&self.state).deciding.insert(key)
    }

    /// The decision has been made.
    pub fn end_deciding(&self, key: IntentKey) {
        lock(&self.state).deciding.remove(&key);
    }

    /// The process is asked to exchange `old` for `new`.
    pub fn begin_exchange(&self, old: IntentKey, new: IntentKey) {
        lock(&self.state).exchanges.push((old, new));
    }

    /// It has answered.
    pub fn end_exchange(&self, old: IntentKey) {
        lock(&self.state).exchanges.retain(|(of, _)| *of != old);
    }

    /// Of an exchange that was cut off, exactly one side is there.
    fn check_exchanges(&self, kept: &BTreeSet<IntentKey>) {
        let cut_off = std::mem::take(&mut lock(&self.state).exchanges);
        for (old, new) in cut_off {
            let sides = [old, new].iter().filter(|key| kept.contains(key)).count();
            let is_settled = self.world.authority.ledger(|ledger| {
                let wish = ledger.get(new);
                wish.is_some_and(|wish| wish.is_accepted)
            });
            if sides != 1 && !is_settled {
                self.broken(format!(
                    "{old} was to be exchanged for {new}, and {sides} of both are on the disk"
                ));
            }
        }
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
        let log = lock(&self.cache_disk).rows().progress.log.clone();
        if log.is_some_and(|log| log != self.world.authority.log()) {
            // A power cut may have taken the cache back to before the restoration.
            self.meet_restored();
        }
        self.world.traffic(|traffic| traffic.boot(self.number));
        let life = Life::default();
        let engine = Arc::new(Engine::assemble(self.parts(&life, is_damaged)));
        engine.start();
        tokio::spawn(window::watch(
            Arc::clone(self),
            Arc::clone(&engine),
            life.clone(),
        ));
        tokio::spawn(end_of_catching_up(Arc::clone(self), life.clone()));
        lock(&self.state).process = Some(Process { engine, life });
    }

    fn parts(&self, life: &Life, is_damaged: bool) -> EngineParts {
        let pace = Pace::default();
        let clock: Arc<dyn Clock> = Arc::<HallClock>::clone(&self.clock);
        let mut cached = CacheRows::open(&mut lock(&self.cache_disk), BACKEND);
        cached.kept_aside = is_damaged.then(|| "cache.db.corrupt".to_owned());
        let disk = Arc::clone(&self.outbox_disk);
        let mut outbox = ModelOutbox::new(disk, life.clone(), self.dice.fork());
        outbox.writes_halves = self.world.variant == Some(Variant::HalfWritten);
        outbox.is_hasty = self.world.variant == Some(Variant::ShowBeforeSync);
        let disk = Arc::clone(&self.cache_disk);
        let mut cache = ModelCache::new(disk, life.clone(), self.dice.fork());
        cache.cursor_first = self.world.variant == Some(Variant::CursorFirst);
        let line = Line::new(
            self.number,
            Arc::clone(&self.world),
            life.clone(),
            self.dice.fork(),
            pace,
        );
        EngineParts {
            calls: Arc::new(line),
            cache: Arc::new(cache),
            cached,
            outbox: Box::new(outbox),
            stored: lock(&self.outbox_disk).rows().stored(),
            backend: BACKEND.to_owned(),
            clock,
            pace,
            jitter_seed: self.dice.roll(),
            // Whoever signs in here has no PIN, and hashing one thousands of times says nothing.
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

    /// Whether a wish has still to be sent, or sent again because a restored backend forgot it.
    pub fn has_to_send(&self, key: IntentKey) -> bool {
        let disk = lock(&self.outbox_disk);
        let mut rows = disk.rows().proposals.values();
        rows.any(|row| row.proposal.key == key && waits_for_receipt(row))
    }

    /// Whether the outbox holds the report of a matter without a number.
    pub fn holds_report_of(&self, matter: domain::IncidentId) -> bool {
        let disk = lock(&self.outbox_disk);
        let mut rows = disk.rows().proposals.values();
        rows.any(|row| {
            matches!(row.proposal.intent, domain::Intent::Report { incident, .. } if incident == matter)
        })
    }

    /// What the outbox holds of which the cache has not seen the effect.
    pub fn unseen(&self) -> Vec<IntentKey> {
        let cursor = lock(&self.cache_disk).rows().progress.cursor;
        let disk = lock(&self.outbox_disk);
        let rows = disk.rows().proposals.values();
        rows.filter(
            |row| !matches!(row.stage, Stage::Sent { cursor: at, .. } if Some(at) <= cursor),
        )
        .map(|row| row.proposal.key)
        .collect()
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
    pub fn parked(&self, lane: LaneId) -> BTreeSet<IntentKey> {
        // With and without its number a matter has one queue.
        let authority = &self.world.authority;
        let numbers = authority.numbers();
        let lane = numbers.of_lane(lane);
        let disk = lock(&self.outbox_disk);
        let rows = disk.rows().proposals.values();
        rows.filter(|row| numbers.of_lane(row.proposal.intent.incident()) == lane)
            .filter(|row| matches!(row.stage, Stage::Parked { .. }))
            .map(|row| row.proposal.key)
            .collect()
    }

    /// Before a start: what was promised is on the disk or at the backend, and the cache is the
    /// backend's state at its cursor.
    fn check_disks(&self) {
        let disk = lock(&self.outbox_disk);
        let kept: BTreeSet<IntentKey> = disk
            .rows()
            .proposals
            .values()
            .map(|row| row.proposal.key)
            .collect();
        drop(disk);
        self.check_exchanges(&kept);
        let lost = self.world.authority.ledger(|ledger| {
            let wishes = ledger.wishes().filter(|wish| wish.hall == self.number);
            wishes
                .filter(|wish| wish.promise == Promise::Queued && wish.dropped == Dropped::No)
                .filter(|wish| {
                    wish.forgotten != Some(Forgotten::Seen)
                        && !wish.is_accepted
                        && !kept.contains(&wish.key)
                })
                .map(|wish| wish.key)
                .collect::<Vec<_>>()
        });
        for key in lost {
            self.broken(format!(
                "{key} was queued and is neither on the disk nor at the backend"
            ));
        }
        self.check_cache();
    }

    /// The cache is the backend's state at its cursor.
    pub fn check_cache(&self) {
        let disk = lock(&self.cache_disk);
        let rows = disk.rows();
        let Some(place) = rows.progress.place() else {
            return;
        };
        match self.world.authority.at(&place) {
            None => self.broken(format!("the cache has come to {place:?}, which is nowhere")),
            Some(mut right) => {
                right.positions.clone_from(&rows.situation.positions);
                if right != rows.situation {
                    self.broken(format!(
                        "the cache is not what the backend had at {place:?}"
                    ));
                }
            }
        }
    }

    /// Whether the screen says that it shows the present, and everything is sent that can be.
    pub fn is_quiet(&self) -> bool {
        let Some(process) = self.process() else {
            return false;
        };
        let is_online = process
            .engine
            .read(|picture| picture.line.state == LineState::Online);
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
