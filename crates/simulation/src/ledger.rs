//! What the officers have wished, seen from outside of every hall: what each hall has promised
//! about it and what the backend has done.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Intent, IntentKey, Proposal, Timestamp};
use protocol::ErrorCode;

/// The queue that a wish joins in its hall.
pub type LaneId = domain::intents::Lane;

/// What a hall has said about a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// Nothing: it has not answered, or ended before it could.
    None,
    /// It is queued.
    Queued,
    /// It was not taken, and nothing has changed.
    NotTaken,
}

/// Whether a wish was taken back before it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// No.
    No,
    /// The hall ended before it could answer.
    Perhaps,
    /// The hall has said so.
    Yes,
}

/// What a restored backend no longer knows to have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgotten {
    /// Its hall still has it in the outbox.
    Unseen,
    /// Its hall has seen its effect: for the hall it is done.
    Seen,
}

/// One wish of an officer.
#[derive(Debug, Clone)]
// What is known of a wish are answers to separate questions, not one state.
#[allow(clippy::struct_excessive_bools)]
pub struct Wish {
    /// Whose hall.
    pub hall: usize,
    /// The key of the intent.
    pub key: IntentKey,
    /// The queue that it joins.
    pub lane: LaneId,
    /// What was signed or written into the duty log, and by whom.
    pub duty: Option<Box<Proposal>>,
    /// When the matter was reported that the screen showed under a number of the backend.
    pub matter: Option<Timestamp>,
    /// Whether the backend's log moves by it each time that it is carried out.
    pub leaves_trace: bool,
    /// What the hall has said.
    pub promise: Promise,
    /// Its place among all promises, in the order in which they were made.
    pub place: Option<u64>,
    /// The order that it takes back: where that is dropped, it goes as well.
    takes_back: Option<IntentKey>,
    /// What was parked in its hall when it was queued: it need not wait for that. Where nobody knows
    /// yet which click has queued it, what was parked at any of them.
    pub parked_before: BTreeSet<IntentKey>,
    /// What was parked at the last click.
    parked_at_click: BTreeSet<IntentKey>,
    /// Whether a damaged page of the outbox took it; the hall has said so.
    pub is_unreadable: bool,
    /// Whether it was taken back.
    pub dropped: Dropped,
    /// Places among all effects at the backend.
    pub effects: Vec<u64>,
    /// Whether the backend has accepted it.
    pub is_accepted: bool,
    /// Its place among all effects when the backend first accepted it.
    accepted_at: u64,
    /// The backend had accepted it and has forgotten that by being restored.
    pub forgotten: Option<Forgotten>,
    /// How often the backend has refused it for good.
    pub refusals: u32,
    /// Whether a copy that its hall had given up could still arrive when it was dropped.
    pub may_come_late: bool,
    /// How often it was handed to the network.
    pub tries: u32,
    /// Whether the screen lacked something that it had shown before a power cut when it was wished,
    /// so that own acts may be news to its officer.
    pub looked_behind: bool,
}

/// All wishes of a run.
#[derive(Debug, Default)]
pub struct Ledger {
    wishes: BTreeMap<IntentKey, Wish>,
    /// The key by what the wish carries itself, whatever key it travels under.
    by_mark: BTreeMap<String, IntentKey>,
    promises: u64,
    effects: u64,
}

/// What tells a wish apart from every other, apart from its key.
pub fn mark_of(intent: &Intent) -> Option<&str> {
    match intent {
        Intent::SendOrder { instruction, .. } | Intent::SendOrders { instruction, .. } => {
            Some(instruction)
        }
        Intent::WithdrawOrder { reason, .. } => Some(reason),
        Intent::Act { reason, .. } => reason.as_deref(),
        Intent::Report { matter, .. } => Some(&matter.title),
        Intent::LogDuty { text } => Some(text),
        // Both signatures of a handover are on one sheet.
        Intent::SetMode { .. } | Intent::HandOver { .. } => None,
    }
}

impl Ledger {
    /// Notes what an officer is about to click on.
    pub fn compose(
        &mut self,
        hall: usize,
        key: IntentKey,
        lane: LaneId,
        intent: &Intent,
        parked_before: BTreeSet<IntentKey>,
    ) {
        if let Some(mark) = mark_of(intent) {
            self.by_mark.insert(mark.to_owned(), key);
        }
        self.wishes.entry(key).or_insert(Wish {
            hall,
            key,
            lane,
            duty: None,
            matter: None,
            leaves_trace: !matches!(intent, Intent::SetMode { .. }),
            promise: Promise::None,
            place: None,
            takes_back: match intent {
                Intent::WithdrawOrder { order, .. } => Some(*order),
                _ => None,
            },
            parked_at_click: parked_before.clone(),
            parked_before,
            is_unreadable: false,
            dropped: Dropped::No,
            effects: Vec::new(),
            is_accepted: false,
            accepted_at: 0,
            forgotten: None,
            refusals: 0,
            may_come_late: false,
            tries: 0,
            looked_behind: false,
        });
    }

    /// Notes what the officer could see when it was wished.
    pub fn looked(&mut self, key: IntentKey, is_behind: bool) {
        if let Some(wish) = self.wishes.get_mut(&key) {
            wish.looked_behind |= is_behind;
        }
    }

    /// Notes what it is about: which matter, where that is known by a number of the backend, or what
    /// of the duty desk.
    pub fn is_about(&mut self, proposal: &Proposal) {
        if let (LaneId::Duty(_), Some(wish)) = (proposal.lane(), self.wishes.get_mut(&proposal.key))
        {
            wish.duty = Some(Box::new(proposal.clone()));
        }
        let named = proposal.intent.incident();
        let is_by_number = named.is_some_and(|named| !named.is_provisional());
        let seen = proposal.basis.as_ref().map(|basis| &basis.seen);
        if let (true, Some(seen), Some(wish)) =
            (is_by_number, seen, self.wishes.get_mut(&proposal.key))
        {
            wish.matter = seen.reported_at;
        }
    }

    /// Notes that a wish is to take the place of a parked one.
    pub fn stands_in_for(&mut self, key: IntentKey, old: IntentKey) {
        let before = self.wishes.get(&old);
        let before = before.map(|wish| (wish.parked_before.clone(), wish.matter));
        if let (Some(wish), Some((before, matter))) = (self.wishes.get_mut(&key), before) {
            wish.matter = wish.matter.or(matter);
            wish.parked_before.extend(before);
        }
        // Whoever need not wait for the one need not wait for the other.
        for wish in self.wishes.values_mut() {
            for parked in [&mut wish.parked_before, &mut wish.parked_at_click] {
                if parked.contains(&old) {
                    parked.insert(key);
                }
            }
        }
    }

    /// Notes that a hall has said that it is queued in the place of the other.
    pub fn promised_instead(&mut self, key: IntentKey, old: IntentKey) {
        let place = self.wishes.get(&old).and_then(|wish| wish.place);
        if let Some(wish) = self.wishes.get_mut(&key) {
            wish.promise = Promise::Queued;
            wish.place = place;
        }
    }

    /// Notes that nothing came of taking its place.
    pub fn is_as_before(&mut self, old: IntentKey, intent: &Intent) {
        if let Some(mark) = mark_of(intent) {
            self.by_mark.insert(mark.to_owned(), old);
        }
    }

    /// Notes that a hall has said that it is queued; `is_new` unless it was queued before.
    pub fn promised(&mut self, key: IntentKey, is_new: bool) {
        self.promises += 1;
        let place = self.promises;
        if let Some(wish) = self.wishes.get_mut(&key) {
            wish.promise = Promise::Queued;
            // A click after it was done, by somebody who never heard of that, queues it once more.
            if is_new && !wish.is_accepted {
                wish.place = Some(place);
                wish.parked_before.clone_from(&wish.parked_at_click);
            }
        }
    }

    /// Notes that it is clicked on, and what is parked in its queue at that moment: that it was not
    /// taken before says nothing about this time.
    pub fn clicked(&mut self, key: IntentKey, parked: BTreeSet<IntentKey>) {
        let Some(wish) = self.wishes.get_mut(&key) else {
            return;
        };
        if wish.promise == Promise::NotTaken {
            wish.promise = Promise::None;
        }
        if wish.promise == Promise::None {
            wish.parked_before.extend(&parked);
            wish.parked_at_click = parked;
        }
    }

    /// Notes that a hall has not taken it.
    pub fn not_taken(&mut self, key: IntentKey) {
        if let Some(wish) = self.wishes.get_mut(&key)
            && wish.promise == Promise::None
        {
            wish.promise = Promise::NotTaken;
        }
    }

    /// Notes that it was taken back, and with it what would take it back.
    pub fn dropped(&mut self, key: IntentKey, how: Dropped) {
        let wishes = self.wishes.values_mut();
        wishes
            .filter(|wish| wish.key == key || wish.takes_back == Some(key))
            .filter(|wish| wish.dropped != Dropped::Yes)
            .for_each(|wish| wish.dropped = how);
    }

    /// Whether it was taken back, or may have been.
    pub fn is_given_up(&self, key: IntentKey) -> bool {
        let wish = self.wishes.get(&key);
        wish.is_some_and(|wish| wish.dropped != Dropped::No)
    }

    /// What of a hall was taken back, or may have been.
    pub fn given_up_in(&self, hall: usize) -> BTreeSet<IntentKey> {
        let of_hall = self.wishes.values().filter(|wish| wish.hall == hall);
        let given_up = of_hall.filter(|wish| wish.dropped != Dropped::No);
        given_up.map(|wish| wish.key).collect()
    }

    /// Notes that damage took it.
    pub fn unreadable(&mut self, key: IntentKey) {
        if let Some(wish) = self.wishes.get_mut(&key) {
            wish.is_unreadable = true;
        }
    }

    /// Everything that a hall has wished about a matter.
    pub fn about(&self, hall: usize, lane: &LaneId) -> Vec<IntentKey> {
        let wishes = self.wishes.values();
        let about_it = wishes.filter(|wish| (wish.hall, &wish.lane) == (hall, lane));
        about_it.map(|wish| wish.key).collect()
    }

    /// Notes that all of that was taken back with the matter's report.
    pub fn dropped_all(&mut self, hall: usize, lane: &LaneId, how: Dropped) {
        for key in self.about(hall, lane) {
            self.dropped(key, how);
        }
    }

    /// Notes a try that was handed to the network.
    pub fn tried(&mut self, intent: &Intent, key: IntentKey) {
        if let Some(wish) = self.wish_of(intent, key) {
            wish.tries += 1;
        }
    }

    /// Notes that a copy of it is still on its way although its hall has given it up.
    pub fn comes_late(&mut self, intent: &Intent, key: IntentKey) {
        if let Some(wish) = self.wish_of(intent, key) {
            wish.may_come_late = true;
        }
    }

    /// Notes what the backend has done with it; `has_moved` tells an effect from a replay.
    pub fn answered(
        &mut self,
        intent: &Intent,
        key: IntentKey,
        answer: Result<(), ErrorCode>,
        has_moved: bool,
    ) {
        self.effects += 1;
        let place = self.effects;
        let Some(wish) = self.wish_of(intent, key) else {
            return;
        };
        match answer {
            Ok(()) => {
                if !wish.is_accepted {
                    wish.accepted_at = place;
                }
                wish.is_accepted = true;
                if has_moved {
                    wish.effects.push(place);
                }
            }
            Err(_) => wish.refusals += 1,
        }
    }

    /// Effects so far.
    pub const fn effects(&self) -> u64 {
        self.effects
    }

    /// The backend forgets what came after so many effects. Wishes that no outbox holds any more were
    /// seen to be done.
    pub fn forget(&mut self, after: u64, held: &BTreeSet<IntentKey>) {
        for wish in self.wishes.values_mut() {
            wish.effects.retain(|place| *place <= after);
            if wish.is_accepted && wish.accepted_at > after {
                wish.is_accepted = false;
                let is_held = held.contains(&wish.key);
                wish.forgotten = Some(if is_held {
                    Forgotten::Unseen
                } else {
                    Forgotten::Seen
                });
            }
        }
    }

    fn wish_of(&mut self, intent: &Intent, key: IntentKey) -> Option<&mut Wish> {
        let key = match mark_of(intent) {
            Some(mark) => *self.by_mark.get(mark)?,
            None => key,
        };
        self.wishes.get_mut(&key)
    }

    /// A wish by its key.
    pub fn get(&self, key: IntentKey) -> Option<&Wish> {
        self.wishes.get(&key)
    }

    /// All wishes.
    pub fn wishes(&self) -> impl Iterator<Item = &Wish> {
        self.wishes.values()
    }
}

#[cfg(test)]
mod tests;
