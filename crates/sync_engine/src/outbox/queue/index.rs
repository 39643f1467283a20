//! What the queue looks things up by, so that nothing it does for one proposal grows with how many
//! wait: after days without a line these are thousands.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use domain::{Intent, IntentKey, OfficerId};

use super::waits_for_receipt;
use crate::store::proposals::{ProposalRow, Stage};

/// The proposal that a lane sends next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub seq: i64,
    /// Under whose session it goes out.
    pub officer: OfficerId,
    /// Until when (monotonic) its lane pauses after a failure.
    pub paused_until: Option<Duration>,
}

#[derive(Debug, Default)]
struct OfOfficer {
    free: BTreeSet<i64>,
    paused: BTreeSet<(Duration, i64)>,
}

/// The heads of all lanes that have nothing under way.
#[derive(Debug, Default)]
pub struct Heads {
    by_officer: BTreeMap<OfficerId, OfOfficer>,
}

impl Heads {
    /// Adds a head.
    pub fn add(&mut self, head: &Head) {
        let of = self.by_officer.entry(head.officer.clone()).or_default();
        match head.paused_until {
            None => of.free.insert(head.seq),
            Some(until) => of.paused.insert((until, head.seq)),
        };
    }

    /// Takes a head away.
    pub fn remove(&mut self, head: &Head) {
        let Some(of) = self.by_officer.get_mut(&head.officer) else {
            return;
        };
        match head.paused_until {
            None => of.free.remove(&head.seq),
            Some(until) => of.paused.remove(&(until, head.seq)),
        };
        if of.free.is_empty() && of.paused.is_empty() {
            self.by_officer.remove(&head.officer);
        }
    }

    fn of_those<'a>(
        &'a self,
        can_send: impl Fn(&OfficerId) -> bool + 'a,
    ) -> impl Iterator<Item = &'a OfOfficer> {
        let all = self.by_officer.iter();
        all.filter(move |(officer, _)| can_send(officer))
            .map(|(_, of)| of)
    }

    /// The oldest `room` that may go out at `now`, oldest first.
    pub fn due(
        &self,
        now: Duration,
        room: usize,
        can_send: impl Fn(&OfficerId) -> bool,
    ) -> Vec<i64> {
        let mut due = Vec::new();
        for of in self.of_those(can_send) {
            due.extend(of.free.iter().take(room));
            let over = of.paused.range(..=(now, i64::MAX));
            due.extend(over.map(|(_, seq)| *seq));
        }
        due.sort_unstable();
        due.truncate(room);
        due
    }

    /// When the first pause ends.
    pub fn next_try(&self, can_send: impl Fn(&OfficerId) -> bool) -> Option<Duration> {
        self.of_those(can_send)
            .filter_map(|of| of.paused.first())
            .map(|(until, _)| *until)
            .min()
    }
}

/// Proposals of each officer who has any.
#[derive(Debug, Default)]
struct Counts(BTreeMap<OfficerId, usize>);

impl Counts {
    fn add(&mut self, officer: &OfficerId) {
        *self.0.entry(officer.clone()).or_default() += 1;
    }

    fn remove(&mut self, officer: &OfficerId) {
        if let Some(count) = self.0.get_mut(officer) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(officer);
            }
        }
    }

    fn officers(&self) -> HashSet<OfficerId> {
        self.0.keys().cloned().collect()
    }
}

/// Proposals by what is asked about all of them.
#[derive(Debug, Default)]
pub struct Register {
    /// How many each officer has.
    all: Counts,
    /// How many of them still have to be sent; what is parked waits for a decision.
    unsent: Counts,
    /// The acknowledged ones by the cursor of their effect.
    sent: BTreeSet<(u64, i64)>,
    parked: usize,
    withdrawals: HashMap<IntentKey, BTreeSet<i64>>,
}

impl Register {
    /// Notes a proposal; those for another backend (`is_ours` false) are never sent from here.
    pub fn add(&mut self, row: &ProposalRow, is_ours: bool) {
        if let Intent::WithdrawOrder { order, .. } = row.proposal.intent {
            self.withdrawals.entry(order).or_default().insert(row.seq);
        }
        self.parked += usize::from(matches!(row.stage, Stage::Parked { .. }));
        if !is_ours {
            return;
        }
        let officer = &row.proposal.officer;
        self.all.add(officer);
        match row.stage {
            Stage::Sent { cursor, .. } if !waits_for_receipt(row) => {
                self.sent.insert((cursor, row.seq));
            }
            Stage::Queued | Stage::Sent { .. } => self.unsent.add(officer),
            Stage::Parked { .. } => {}
        }
    }

    /// Forgets a proposal, which has to be as it was noted.
    pub fn remove(&mut self, row: &ProposalRow, is_ours: bool) {
        if let Intent::WithdrawOrder { order, .. } = row.proposal.intent
            && let Some(of_order) = self.withdrawals.get_mut(&order)
        {
            of_order.remove(&row.seq);
            if of_order.is_empty() {
                self.withdrawals.remove(&order);
            }
        }
        self.parked -= usize::from(matches!(row.stage, Stage::Parked { .. }));
        if !is_ours {
            return;
        }
        let officer = &row.proposal.officer;
        self.all.remove(officer);
        match row.stage {
            Stage::Sent { cursor, .. } if !waits_for_receipt(row) => {
                self.sent.remove(&(cursor, row.seq));
            }
            Stage::Queued | Stage::Sent { .. } => self.unsent.remove(officer),
            Stage::Parked { .. } => {}
        }
    }

    /// Whether anything is parked.
    pub fn has_parked(&self) -> bool {
        self.parked > 0
    }

    /// Officers who have anything.
    pub fn officers(&self) -> HashSet<OfficerId> {
        self.all.officers()
    }

    /// Officers who have something that still has to be sent.
    pub fn senders(&self) -> HashSet<OfficerId> {
        self.unsent.officers()
    }

    /// Numbers of the withdrawals of an order.
    pub fn withdrawals_of(&self, order: IntentKey) -> impl Iterator<Item = i64> {
        self.withdrawals.get(&order).into_iter().flatten().copied()
    }

    /// Numbers of the acknowledged proposals whose effect a cache at `cursor` holds; all of them for
    /// `None`.
    pub fn confirmed(&self, cursor: Option<u64>) -> impl Iterator<Item = i64> {
        let last = (cursor.unwrap_or(u64::MAX), i64::MAX);
        self.sent.range(..=last).map(|(_, seq)| *seq)
    }
}
