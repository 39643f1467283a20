//! Conflicts of what waits: what officers decided upon, what others have done since, and what takes
//! the place of a parked proposal.
//!
//! The backend decides. What the change log has brought before the proposal goes out is compared
//! here with the same function, so that the officer knows as soon as the hall does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use domain::conflicts::{Conflict, MOST_OWN, Version, conflict};
use domain::situation::Record;
use domain::trail::TrailEntry;
use domain::{IncidentId, Intent, IntentKey, OrderId, OrderState, PersonId, Proposal, Situation};
use protocol::ErrorCode;
use protocol::feed::PictureChange;

use super::queue::{LaneId, Queue};
use super::{Outbox, OutboxError, State, shown};
use crate::board::Numbers;
use crate::errors::StoreError;
use crate::faults::{self, Fault};
use crate::finishing::finish;
use crate::store::CacheStore;
use crate::store::database::Durability;
use crate::store::proposals::{ProposalRow, Stage};

/// Proposals that have left the outbox and are remembered, so that a late click on one is known and
/// a form that was opened before its effect came is not told of the hall's own act.
const REMEMBERED: usize = 1024;

/// What is known beyond the rows; all of it is found again after a restart or no longer needed.
#[derive(Debug, Default)]
pub(super) struct Beyond {
    /// Of a row, by its number: the steps with which it was compared, and what came of it.
    compared: BTreeMap<i64, (u32, Option<Box<Conflict>>)>,
    /// Proposals whose effect has come, the oldest first.
    confirmed: VecDeque<(LaneId, IntentKey)>,
    /// What was dropped, taken back or exchanged, the oldest first.
    decided: VecDeque<IntentKey>,
}

impl Beyond {
    pub(super) fn confirmed(&mut self, row: &ProposalRow) {
        let lane = row.proposal.lane();
        self.confirmed.push_back((lane, row.proposal.key));
        if self.confirmed.len() > REMEMBERED {
            self.confirmed.pop_front();
        }
    }

    pub(super) fn decided(&mut self, key: IntentKey) {
        self.decided.push_back(key);
        if self.decided.len() > REMEMBERED {
            self.decided.pop_front();
        }
    }

    pub(super) fn is_decided(&self, key: IntentKey) -> bool {
        self.decided.contains(&key)
    }

    fn has_come(&self, key: IntentKey) -> bool {
        self.confirmed.iter().any(|(_, known)| *known == key)
    }
}

/// The incident as the picture has it. Those under way are the people of its orders, and with
/// `echoes` also those of orders that only this hall knows of.
pub fn version(situation: &Situation, id: IncidentId, echoes: bool) -> Option<Version> {
    let incident = situation.incidents.get(&id)?;
    let known = incident.orders.iter().chain(&incident.assisting);
    let under_way = people(situation, id, known.copied(), echoes);
    Some(Version::of(incident, under_way))
}

/// The people of the orders that are under way, each once.
pub fn people(
    situation: &Situation,
    id: IncidentId,
    known: impl Iterator<Item = OrderId>,
    echoes: bool,
) -> Vec<PersonId> {
    let mut people = Vec::new();
    let known = known.filter_map(|order| situation.orders.get(&order));
    let queued = situation
        .orders
        .values()
        .filter(|order| echoes && order.incident == id && order.state() == OrderState::Queued);
    for order in known.chain(queued) {
        if order.state().is_under_way() && !people.contains(&order.to) {
            people.push(order.to);
        }
    }
    people.truncate(MOST_OWN);
    people
}

impl State {
    /// Names the own proposals that the new one stands on; `except` is the one that it replaces.
    /// What was about the matter before it had its number (`numbers`) counts as about it.
    pub(super) fn name_own(
        &self,
        proposal: &mut Proposal,
        except: Option<IntentKey>,
        numbers: &Numbers,
    ) {
        let lane = proposal.lane();
        let matter = numbered(&lane, numbers);
        let Some(basis) = &mut proposal.basis else {
            return;
        };
        if faults::has(Fault::ForgetOwn) {
            return;
        }
        let come = self.beyond.confirmed.iter();
        let come = come.filter(|(of, _)| numbered(of, numbers) == matter);
        let mut own: Vec<IntentKey> = come.map(|(_, key)| *key).collect();
        own.extend(self.queue.keys_of(&lane));
        own.retain(|key| Some(*key) != except);
        own.drain(..own.len().saturating_sub(MOST_OWN));
        basis.own = own;
    }

    /// What is known to speak against a row that waits: what the backend has said or what the hall
    /// has found since, whichever has seen more.
    pub(super) fn conflict_of(&self, row: &ProposalRow) -> Option<Box<Conflict>> {
        if !may_conflict(row) {
            return None;
        }
        let found = self.beyond.compared.get(&row.seq);
        let found = found.and_then(|(_, conflict)| conflict.as_ref());
        match (&row.conflict, found) {
            (Some(said), Some(found)) if found.theirs.steps > said.theirs.steps => Some(found),
            (said, found) => said.as_ref().or(found),
        }
        .cloned()
    }

    /// Does in memory what one commit has done on the disk: the row takes the parked one's place.
    fn exchange(
        &mut self,
        parked: IntentKey,
        row: ProposalRow,
        behind: Vec<ProposalRow>,
        gone: &[ProposalRow],
    ) {
        self.beyond.compared.remove(&row.seq);
        self.beyond.decided(parked);
        self.queue.swap(row);
        for row in behind {
            self.queue.replace(row);
        }
        for row in gone {
            self.queue.remove(row.seq);
            self.beyond.decided(row.proposal.key);
        }
    }

    /// The parked row whose place a proposal may take.
    fn replaceable(
        &self,
        parked: IntentKey,
        backend: &str,
        by: &Proposal,
        numbers: &Numbers,
    ) -> Result<&ProposalRow, OutboxError> {
        let old = self.queue.by_key(parked).ok_or(OutboxError::NotFound)?;
        if old.backend != backend {
            let backend = old.backend.clone();
            return Err(OutboxError::OtherBackend { backend });
        }
        if !matches!(old.stage, Stage::Parked { .. }) {
            return Err(OutboxError::NotParked);
        }
        if !self.queue.can_drop(old) {
            return Err(OutboxError::MayBeDone);
        }
        let is_report = matches!(old.proposal.intent, Intent::Report { .. });
        if is_report
            || matter_of(&old.proposal, numbers) != matter_of(by, numbers)
            || is_of_other_matter(&old.proposal, by)
        {
            return Err(OutboxError::OtherMatter);
        }
        Ok(old)
    }

    fn comparable<'a>(&'a self, backend: &'a str) -> impl Iterator<Item = &'a ProposalRow> {
        let rows = self.queue.rows();
        rows.filter(move |row| row.backend == backend && may_conflict(row))
    }
}

/// The lane of the matter under its own number, if it has got one.
fn numbered(lane: &LaneId, numbers: &Numbers) -> LaneId {
    match lane {
        LaneId::Incident(id) => LaneId::Incident(numbers.get(id).copied().unwrap_or(*id)),
        other => other.clone(),
    }
}

fn is_effect_of(entry: &TrailEntry, key: IntentKey) -> bool {
    let mandate = entry.mandate.as_ref();
    mandate.is_some_and(|mandate| mandate.intent == key)
}

/// The incident that a proposal is about, under its own number if it has got one.
fn matter_of(proposal: &Proposal, numbers: &Numbers) -> Option<IncidentId> {
    let id = proposal.intent.incident()?;
    Some(numbers.get(&id).copied().unwrap_or(id))
}

/// Whether the number stood for another matter when the one was decided than when the other was, which
/// happens where a restored backend gives it again. The time of a report that had no number yet may be
/// corrected when it gets one.
fn is_of_other_matter(old: &Proposal, new: &Proposal) -> bool {
    let named = old.intent.incident();
    let is_by_number = named.is_some_and(|named| !named.is_provisional());
    let bases = old.basis.as_ref().zip(new.basis.as_ref());
    is_by_number && bases.is_some_and(|(old, new)| old.seen.is_of_other_matter(&new.seen))
}

fn may_conflict(row: &ProposalRow) -> bool {
    let waits = match row.stage {
        Stage::Queued => true,
        Stage::Parked { code, .. } => code == ErrorCode::Conflict,
        Stage::Sent { .. } => false,
    };
    waits && row.proposal.basis.is_some()
}

impl Outbox {
    /// Compares what waits with the trails of the cache, where these have moved on.
    pub async fn look_for_conflicts(&self, cache: &dyn CacheStore) -> Result<(), StoreError> {
        for incident in self.outdated() {
            let trail = cache.trail(incident).await?;
            self.compare(incident, &trail);
        }
        Ok(())
    }

    /// Incidents that have moved on since something that waits was decided or compared.
    fn outdated(&self) -> BTreeSet<IncidentId> {
        let numbers = self.board.numbers();
        let known: Vec<(IncidentId, u32)> = {
            let state = self.state();
            let rows = state.comparable(&self.backend);
            rows.filter_map(|row| {
                let id = matter_of(&row.proposal, &numbers)?;
                let seen = row.proposal.basis.as_ref()?.seen.steps;
                let compared = state.beyond.compared.get(&row.seq);
                Some((id, compared.map_or(seen, |(steps, _)| *steps)))
            })
            .collect()
        };
        self.board.read(|picture| {
            let incidents = &picture.situation.incidents;
            let has_moved = |id, known| incidents.get(&id).is_some_and(|i| i.steps != known);
            let moved = known
                .into_iter()
                .filter(|(id, known)| has_moved(*id, *known));
            moved.map(|(id, _)| id).collect()
        })
    }

    fn compare(&self, incident: IncidentId, trail: &[TrailEntry]) {
        let Some(now) = self
            .board
            .read(|picture| version(&picture.situation, incident, false))
        else {
            return;
        };
        let trail: Vec<TrailEntry> = trail
            .iter()
            .filter(|e| e.step <= now.steps)
            .cloned()
            .collect();
        let numbers = self.board.numbers();
        let is_changed = {
            let mut state = self.state();
            let found: Vec<_> = state
                .comparable(&self.backend)
                .filter(|row| matter_of(&row.proposal, &numbers) == Some(incident))
                .filter_map(|row| {
                    let (intent, basis) = (&row.proposal.intent, row.proposal.basis.as_ref()?);
                    // The log may have been quicker than its own receipt.
                    let foreign: Vec<TrailEntry> = trail
                        .iter()
                        .filter(|entry| !is_effect_of(entry, row.proposal.key))
                        .cloned()
                        .collect();
                    let found = conflict(intent, basis, &now, &foreign).map(Box::new);
                    Some((row.seq, (now.steps, found)))
                })
                .collect();
            let state = &mut *state;
            let queue: &Queue = &state.queue;
            let compared = &mut state.beyond.compared;
            compared.retain(|seq, _| queue.get(*seq).is_some());
            let before: Vec<_> = compared.values().filter_map(|(_, c)| c.clone()).collect();
            compared.extend(found);
            let after = compared.values().filter_map(|(_, c)| c.as_ref());
            !after.eq(before.iter())
        };
        if is_changed {
            self.board.publish([PictureChange::Outbox(Vec::new())]);
        }
    }

    /// A parked proposal with what is known to speak against it.
    pub fn parked(&self, key: IntentKey) -> Option<(Proposal, Option<Box<Conflict>>)> {
        let state = self.state();
        let row = state.queue.by_key(key)?;
        let is_parked = matches!(row.stage, Stage::Parked { .. });
        is_parked.then(|| (row.proposal.clone(), state.conflict_of(row)))
    }

    /// Whether the effect of a proposal of this hall has come lately.
    pub fn has_come(&self, key: IntentKey) -> bool {
        self.state().beyond.has_come(key)
    }

    /// Puts a proposal in the place of a parked one, which is gone by the same commit: whatever
    /// happens, the outbox holds one of the two. Every click on the new one is one wish; returns
    /// whether it was new.
    pub async fn replace_parked(
        self: &Arc<Self>,
        parked: IntentKey,
        proposal: Proposal,
    ) -> Result<bool, OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            outbox.replace_gated(parked, proposal).await
        })
        .await
    }

    async fn replace_gated(
        &self,
        parked: IntentKey,
        mut proposal: Proposal,
    ) -> Result<bool, OutboxError> {
        proposal.intent = self.in_its_lane(&proposal.intent);
        let numbers = self.board.numbers();
        let (row, behind, gone) = {
            let state = self.state();
            if let Some(known) = state.queue.by_key(proposal.key) {
                return if known.proposal.intent == proposal.intent {
                    Ok(false)
                } else {
                    Err(OutboxError::KeyUsed)
                };
            }
            if state.beyond.has_come(proposal.key) {
                return Ok(false);
            }
            let old = state.replaceable(parked, &self.backend, &proposal, &numbers)?;
            let matter = matter_of(&old.proposal, &numbers);
            if let Some(known_as) = old.proposal.intent.incident() {
                // It stays in the lane of what it replaces.
                let in_lane = |id| if Some(id) == matter { known_as } else { id };
                proposal.intent = proposal.intent.renumbered(in_lane);
            }
            state.name_own(&mut proposal, Some(parked), &numbers);
            let mut behind = state.queue.renamed_behind(old.seq, parked, proposal.key);
            let gone: Vec<ProposalRow> = state
                .queue
                .with_what_hangs_on(parked)
                .into_iter()
                .filter(|row| row.seq != old.seq)
                .collect();
            behind.retain(|row| gone.iter().all(|doomed| doomed.seq != row.seq));
            let row = ProposalRow {
                seq: old.seq,
                ..ProposalRow::new(&self.backend, proposal)
            };
            (row, behind, gone)
        };
        self.store_swap(&row, &behind, &gone).await?;
        let left = std::iter::once(parked);
        let left = left
            .chain(gone.iter().map(|row| row.proposal.key))
            .collect();
        self.state().exchange(parked, row.clone(), behind, &gone);
        let mut orders = self.withdrawn_echo(parked);
        let echo = shown::echo(&row, &self.backend);
        orders.extend(echo.map(|order| Record::Order(Box::new(order))));
        self.show(orders, Vec::new(), left);
        // It stands in an old place, and what comes as a single item is taken for the youngest.
        self.board.publish([PictureChange::Outbox(Vec::new())]);
        self.forget_idle_sessions().await;
        self.wake.notify_one();
        Ok(true)
    }

    async fn store_swap(
        &self,
        row: &ProposalRow,
        behind: &[ProposalRow],
        gone: &[ProposalRow],
    ) -> Result<(), StoreError> {
        let gone: Vec<i64> = gone.iter().map(|row| row.seq).collect();
        if faults::has(Fault::SwapInTwo) {
            self.db.delete(Durability::Synced, vec![row.seq]).await?;
            self.db.add(row.clone()).await?;
            self.db.update(Durability::Synced, behind.to_vec()).await?;
            return self.db.delete(Durability::Synced, gone).await;
        }
        self.db.swap(row.clone(), behind.to_vec(), gone).await
    }
}

#[cfg(test)]
mod tests;
