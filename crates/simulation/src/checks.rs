//! What must hold when everything has become quiet.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::duty::{Handover, LogEntry, Signature};
use domain::trail::TrailEntry;
use domain::{Intent, IntentKey, OrderState, Situation};
use protocol::http::Snapshot;
use sync_engine::Clock;
use sync_engine::outbox::queue::NOWHERE;
use sync_engine::store::proposals::Stage;

use crate::hall::Hall;
use crate::ledger::{Dropped, Forgotten, LaneId, Promise, Wish};
use crate::traffic::{SPREAD_AFTER, most_within};
use crate::world::World;

/// Tries of one wish that are no storm yet.
const MOST_TRIES: u32 = 150;
/// Calls of one hall at the same time: eight proposals, two polls, a greeting, and the signing in
/// of each desk.
const MOST_CALLS: u32 = 8 + 2 + 1 + 4;
/// Halls of twenty that may greet within [`TOGETHER`] while the backend is away.
const MOST_TOGETHER: usize = 8;
/// Greetings of one hall within a second, also where it is answered: three after a start, a switch or a
/// doubt of the sender each.
const MOST_IN_A_SECOND: usize = 12;
const TOGETHER: Duration = Duration::from_millis(200);
/// A clock that was measured may be off by what a measurement on a slow line is.
const CLOCK_TOLERANCE_MS: i64 = 2_500;

/// Checks everything.
pub fn all(world: &World, halls: &[Arc<Hall>]) {
    let right = world.authority.snapshot(None);
    let right = right.expect("the backend in memory can be read");
    for hall in halls {
        hall.check_cache();
        picture(hall, &right.situation);
        line(hall);
        cached(hall, &right);
        reference(hall, right.reference_version);
        clock(hall);
        wishes(hall);
    }
    for fault in world.authority.take_faults() {
        world.broken(fault);
    }
    order_of_effects(world);
    duty(world, &right.situation);
    right_matters(world, &right.situation);
    traffic(world);
}

/// What the hall shows is what the backend has, but for orders that only the hall knows.
fn picture(hall: &Hall, right: &Situation) {
    let Some(process) = hall.process() else {
        return hall.broken("it does not run");
    };
    let mut shown = process.engine.read(|picture| picture.situation.clone());
    let own: Vec<_> = shown
        .orders
        .extract_if(.., |id, _| !right.orders.contains_key(id))
        .collect();
    for (id, order) in own {
        // One that was acknowledged before a restoration is shown as sent while it is sent again.
        let is_on_its_way = matches!(order.state(), OrderState::Queued | OrderState::Sent);
        let waits = is_on_its_way && hall.has_to_send(id);
        if !waits && !matches!(order.state(), OrderState::Parked | OrderState::Withdrawn) {
            hall.broken(format!(
                "it shows order {id} as {:?}, the backend has none",
                order.state()
            ));
        }
    }
    for (id, order) in &right.orders {
        if shown.orders.get(id) != Some(order) {
            let shown = shown.orders.get(id);
            hall.broken(format!("it shows {shown:?}, the backend has {order:?}"));
        }
    }
    let without_number: Vec<_> = shown
        .incidents
        .extract_if(.., |id, _| id.is_provisional())
        .collect();
    for (id, _) in without_number {
        if !hall.holds_report_of(id) {
            hall.broken(format!("it shows {id}, whose report it does not hold"));
        }
    }
    if shown.incidents != right.incidents {
        hall.broken("it shows other incidents than the backend has");
    }
    if shown.people != right.people || shown.mode != right.mode {
        hall.broken("it shows other people or another mode than the backend has");
    }
    if shown.duty_log != right.duty_log || shown.handovers != right.handovers {
        hall.broken("it shows another duty log or other handovers than the backend has");
    }
    if shown.positions != right.positions {
        hall.broken("it shows other positions than the backend has");
    }
}

/// Nothing is missing, and the screen does not say so.
fn line(hall: &Hall) {
    let behind = hall
        .process()
        .map(|process| process.engine.read(|picture| picture.line.behind));
    if behind.is_some_and(|behind| behind > 0) {
        hall.broken(format!("it says that it is {behind:?} changes behind"));
    }
}

/// What the hall would show after a restart is what the backend has, trails included.
fn cached(hall: &Hall, right: &Snapshot) {
    let disk = hall.cache_disk.lock();
    let disk = disk.expect("nothing panics while it holds this");
    let rows = disk.rows();
    if rows.situation != right.situation {
        hall.broken("its cache holds another situation than the backend");
    }
    let links: BTreeSet<(String, u32)> = right.trail.iter().map(name).collect();
    let held: BTreeSet<(String, u32)> = rows.trail.values().map(name).collect();
    if links != held {
        hall.broken("its cache holds other trails than the backend");
    }
}

/// The hall has the newest reference data, on the disk and on the screen.
fn reference(hall: &Hall, version: u64) {
    let disk = hall.cache_disk.lock();
    let disk = disk.expect("nothing panics while it holds this");
    let held = disk.rows().reference.as_deref();
    if held != Some(&hall.world.authority.reference()) {
        let held = held.map(|reference| reference.version);
        hall.broken(format!("its cache holds other reference data: {held:?}"));
    }
    let shown = hall.process().map(|process| {
        let engine = process.engine;
        engine.read(|picture| picture.reference_version)
    });
    if shown != Some(version) {
        hall.broken(format!(
            "it shows the reference data {shown:?}, not {version}"
        ));
    }
}

fn name(entry: &TrailEntry) -> (String, u32) {
    (entry.incident.to_string(), entry.step)
}

fn clock(hall: &Hall) {
    if let Some(process) = hall.process() {
        let off_ms = process.engine.now().ms_since(hall.world.timeline.now());
        if off_ms.abs() > CLOCK_TOLERANCE_MS {
            let wrong_ms = hall.clock.now().ms_since(hall.world.timeline.now());
            hall.broken(format!(
                "its time is off by {off_ms} ms after a measurement, its clock by {wrong_ms} ms"
            ));
        }
    }
}

/// Each wish is carried out once, or lies where an officer can decide about it.
fn wishes(hall: &Hall) {
    let rows: Vec<(IntentKey, Stage)> = {
        let disk = hall.outbox_disk.lock();
        let disk = disk.expect("nothing panics while it holds this");
        let rows = disk.rows().proposals.values();
        rows.map(|row| (row.proposal.key, row.stage.clone()))
            .collect()
    };
    let stage_of = |key| {
        rows.iter()
            .find(|(known, _)| *known == key)
            .map(|(_, stage)| stage)
    };
    hall.world.authority.ledger(|ledger| {
        for wish in ledger.wishes().filter(|wish| wish.hall == hall.number) {
            if let Some(what) = fault_of(wish, stage_of(wish.key)) {
                hall.broken(format!("{what}: {wish:?}"));
            }
        }
        for (key, _) in &rows {
            if ledger.get(*key).is_none() {
                hall.broken(format!("its outbox holds {key}, which nobody has wished"));
            }
        }
    });
}

fn fault_of(wish: &Wish, stage: Option<&Stage>) -> Option<&'static str> {
    if wish.effects.len() > 1 {
        return Some("it was carried out more than once");
    }
    if wish.tries > MOST_TRIES {
        return Some("it was sent again and again");
    }
    let is_done = !wish.effects.is_empty();
    match wish.promise {
        _ if wish.dropped == Dropped::Yes && is_done && !wish.may_come_late => {
            Some("it was taken back before it was sent, and carried out all the same")
        }
        Promise::NotTaken if is_done => Some("it was refused for the disk, and carried out"),
        Promise::Queued if wish.is_unreadable => None,
        Promise::Queued if wish.forgotten == Some(Forgotten::Seen) && stage.is_none() => None,
        Promise::Queued if wish.dropped == Dropped::No && !wish.is_accepted => match stage {
            Some(Stage::Parked { .. }) if wish.refusals == 0 => {
                Some("it is parked without having been refused")
            }
            Some(Stage::Parked { .. } | Stage::Queued) => None,
            // It is known to have to be sent again, behind one that was refused when that was.
            Some(Stage::Sent { cursor, .. })
                if *cursor == NOWHERE && wish.forgotten == Some(Forgotten::Unseen) =>
            {
                None
            }
            Some(Stage::Sent { .. }) => Some("it is said to be sent, and the backend has nothing"),
            None => Some("it was queued and is lost"),
        },
        Promise::Queued if wish.leaves_trace && wish.is_accepted && !is_done => {
            Some("the backend took it and did nothing")
        }
        _ => None,
    }
}

/// First in, first out for each incident of each hall.
fn order_of_effects(world: &World) {
    let wishes: Vec<Wish> = world.authority.ledger(|ledger| {
        let done = ledger.wishes().filter(|wish| wish.dropped == Dropped::No);
        // A copy of one that damage took may still arrive, behind what was wished since.
        let done = done.filter(|wish| !wish.is_unreadable);
        done.filter(|wish| wish.place.is_some() && !wish.effects.is_empty())
            .cloned()
            .collect()
    });
    // With and without its number a matter has one queue.
    let numbers = world.authority.numbers();
    let lanes: Vec<_> = wishes.iter().map(|w| numbers.of_lane(&w.lane)).collect();
    for (later, lane) in wishes.iter().zip(&lanes) {
        for (earlier, earlier_lane) in wishes.iter().zip(&lanes) {
            let is_before =
                (earlier.hall, earlier_lane) == (later.hall, lane) && earlier.place < later.place;
            let is_overtaken = is_before
                && later.effects.first() < earlier.effects.first()
                && !later.parked_before.contains(&earlier.key);
            if is_overtaken {
                world.broken(format!(
                    "hall {}: {} overtook {} of the same incident",
                    later.hall, later.key, earlier.key
                ));
            }
        }
    }
}

/// What was written into the duty log or signed stands there once, by its officer, at the time of the
/// desk, and as it was written; what was not carried out does not stand there.
fn duty(world: &World, right: &Situation) {
    let wishes: Vec<Wish> = world.authority.ledger(|ledger| {
        let all = ledger.wishes().filter(|wish| wish.duty.is_some());
        all.cloned().collect()
    });
    for wish in wishes {
        let Some(proposal) = &wish.duty else { continue };
        let is_done = !wish.effects.is_empty();
        let is_right = match &proposal.intent {
            Intent::LogDuty { text } => {
                let entry = right.duty_log.get(&wish.key);
                let is_so = |entry: &LogEntry| {
                    let at = proposal.occurred_at.min(entry.recorded_at);
                    (&entry.officer, &entry.text, entry.at) == (&proposal.officer, text, at)
                };
                entry.is_some() == is_done && entry.is_none_or(is_so)
            }
            Intent::HandOver { sheet } => {
                let handover = right.handovers.get(&sheet.id);
                let is_outgoing = wish.key == sheet.id;
                let signature = handover.and_then(|handover| {
                    let sides = (handover.outgoing, handover.incoming);
                    if is_outgoing { sides.0 } else { sides.1 }
                });
                let is_so = |signature: Signature| {
                    signature.at == proposal.occurred_at.min(signature.recorded_at)
                };
                let is_same = |handover: &Handover| handover.sheet == **sheet;
                signature.is_some() == is_done
                    && signature.is_none_or(is_so)
                    && handover.is_none_or(is_same)
            }
            _ => true,
        };
        if !is_right {
            world.broken(format!("the duty desk has not what was wished: {wish:?}"));
        }
    }
}

/// What was wished about a matter was done about that matter, whether it had no number yet or has
/// lost it to another one.
fn right_matters(world: &World, right: &Situation) {
    let numbers = world.authority.numbers();
    world.authority.ledger(|ledger| {
        for wish in ledger.wishes() {
            let order = right.orders.get(&wish.key);
            let about = order.map(|order| order.incident);
            let lane = about.map(LaneId::Incident);
            if lane.is_some_and(|lane| lane != numbers.of_lane(&wish.lane)) {
                world.broken(format!(
                    "{about:?} got what was wished about {:?}",
                    wish.lane
                ));
            }
            let shown = about.and_then(|id| right.incidents.get(&id));
            if let (Some(meant), Some(got)) = (wish.matter, shown.map(|got| got.reported_at))
                && meant != got
            {
                world.broken(format!(
                    "the {about:?} of {got:?} got what was wished about that of {meant:?}"
                ));
            }
        }
    });
}

/// No storm: neither too many calls at once, nor all halls at the same moment, nor one of them
/// without pause. In the first seconds of an outage the pauses of all halls are as short as the
/// window, so there only the pauses of each hall are looked at.
fn traffic(world: &World) {
    let (begin, length) = world.recipe.outage;
    let (from, to) = (begin + SPREAD_AFTER, begin + length);
    let (at_once, together, returning, of_one, hasty) = world.traffic(|traffic| {
        (
            traffic.most_under_way(),
            traffic.most_greetings_within(TOGETHER, from, to),
            most_within(TOGETHER, &traffic.first_greetings(to)),
            traffic.most_greetings_of_one(begin, to),
            traffic.manners().hasty().to_vec(),
        )
    });
    for hall in hasty {
        world.broken(hall);
    }
    if returning > MOST_TOGETHER {
        world.broken(format!("{returning} halls came back within {TOGETHER:?}"));
    }
    if at_once > MOST_CALLS {
        world.broken(format!(
            "one hall had {at_once} calls under way at the same time"
        ));
    }
    if together > MOST_TOGETHER {
        world.broken(format!("{together} halls greeted within {TOGETHER:?}"));
    }
    let in_a_second =
        world.traffic(|traffic| traffic.most_greetings_of_one_within(Duration::from_secs(1)));
    if in_a_second > MOST_IN_A_SECOND {
        world.broken(format!(
            "one hall greeted {in_a_second} times within a second"
        ));
    }
    // Eight tries while the pauses grow, then one in at least four seconds; a restart begins anew.
    let most = 8 * (2 + length.as_secs() / 4);
    if of_one as u64 > most {
        world.broken(format!(
            "one hall greeted {of_one} times in an outage of {length:?}"
        ));
    }
}
