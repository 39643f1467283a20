//! What an officer takes back, drops or tries again.

use std::sync::Arc;

use domain::situation::Record;
use domain::{Intent, IntentKey, OrderState, Proposal};
use protocol::commands::Withdrawal;
use protocol::feed::PictureChange;

use super::{Outbox, OutboxError, shown};
use crate::finishing::finish;
use crate::store::database::Durability;
use crate::store::proposals::{ProposalRow, Stage};

impl Outbox {
    /// Takes an order back: one that cannot have reached the backend is dropped, for any other the
    /// withdrawal is queued behind it. `withdrawal` is the proposal for that case.
    pub async fn withdraw(
        self: &Arc<Self>,
        order: IntentKey,
        withdrawal: Proposal,
    ) -> Result<Withdrawal, OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            let droppable = {
                let state = outbox.state();
                if state.queue.has_withdrawal_of(order) {
                    return Ok(Withdrawal::Queued);
                }
                state
                    .queue
                    .by_key(order)
                    .is_some_and(|row| state.queue.can_drop(row))
            };
            if droppable {
                outbox.drop_gated(order).await?;
                return Ok(Withdrawal::Dropped);
            }
            if let Some(shown) = outbox.board.order(order).filter(|o| o.state().is_final()) {
                return Err(OutboxError::Ended {
                    state: shown.state(),
                });
            }
            outbox.commit_gated(withdrawal).await?;
            Ok(Withdrawal::Queued)
        })
        .await
    }

    /// Drops a proposal that was refused, or one that has not left: an officer takes back what nobody has
    /// seen yet, also somebody else's that holds up an incident because they do not come back.
    pub async fn drop_proposal(self: &Arc<Self>, key: IntentKey) -> Result<(), OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            {
                let state = outbox.state();
                if state.beyond.is_decided(key) && state.queue.by_key(key).is_none() {
                    // The second of two clicks has its effect already.
                    return Ok(());
                }
                let row = state.queue.by_key(key).ok_or(OutboxError::NotFound)?;
                let is_ours = row.backend == outbox.backend;
                if is_ours && matches!(row.stage, Stage::Sent { .. }) {
                    return Err(OutboxError::Accepted);
                }
                if is_ours && is_signature_on_its_way(row) {
                    return Err(OutboxError::NotParked);
                }
                if is_ours && !state.queue.can_drop(row) {
                    return Err(OutboxError::MayBeDone);
                }
            }
            outbox.drop_gated(key).await
        })
        .await
    }

    /// Removes a proposal and the withdrawals that were queued for it.
    async fn drop_gated(&self, key: IntentKey) -> Result<(), OutboxError> {
        let doomed = self.state().queue.with_what_hangs_on(key);
        let seqs = doomed.iter().map(|row| row.seq).collect();
        self.db.delete(Durability::Synced, seqs).await?;
        let mut keys = Vec::new();
        let mut given_up = None;
        let glance = self.board.glance();
        let waited = {
            let mut state = self.state();
            for row in &doomed {
                state.queue.remove(row.seq);
                state.beyond.decided(row.proposal.key);
                keys.push(row.proposal.key);
                if let Intent::Report { incident, .. } = row.proposal.intent {
                    given_up = Some(incident);
                }
            }
            let first = doomed.first();
            let behind = first.into_iter().flat_map(|row| state.queue.behind(row));
            behind.map(|row| self.item(&state, row, &glance)).collect()
        };
        self.show(self.withdrawn_echo(key), waited, keys);
        self.board
            .publish(given_up.map(PictureChange::IncidentGone));
        self.forget_idle_sessions().await;
        self.wake.notify_one();
        Ok(())
    }

    /// The order that a proposal stood for, taken back before the backend had it.
    pub(super) fn withdrawn_echo(&self, key: IntentKey) -> Vec<Record> {
        let withdrawn = shown::stamp(OrderState::Withdrawn, self.board.now(), None);
        let order = self.board.order(key);
        let moved = order.and_then(|mut order| order.advance(withdrawn).then_some(order));
        let moved = moved.map(|order| Record::Order(Box::new(order)));
        moved.into_iter().collect()
    }

    /// Tries a parked proposal again, with its key and in its old place.
    pub async fn retry_parked(self: &Arc<Self>, key: IntentKey) -> Result<(), OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            let mut row = {
                let state = outbox.state();
                let row = state.queue.by_key(key).ok_or(OutboxError::NotFound)?;
                if row.backend != outbox.backend {
                    return Err(OutboxError::OtherBackend {
                        backend: row.backend.clone(),
                    });
                }
                row.clone()
            };
            let Stage::Parked { at, .. } = row.stage else {
                return Err(OutboxError::NotParked);
            };
            row.parked_before = Some(at);
            row.stage = Stage::Queued;
            row.last_error = None;
            row.conflict = None;
            outbox
                .db
                .update(Durability::Synced, vec![row.clone()])
                .await?;
            let glance = outbox.board.glance();
            let changed = {
                let mut state = outbox.state();
                state.queue.replace(row.clone());
                outbox.item_and_behind(&state, &row, &glance)
            };
            outbox.show(Vec::new(), changed, Vec::new());
            outbox.wake.notify_one();
            Ok(())
        })
        .await
    }
}

/// Whether it is one of the two signatures of a handover that has taken place here: neither means anything
/// without the other.
pub(super) fn is_signature_on_its_way(row: &ProposalRow) -> bool {
    row.stage == Stage::Queued && matches!(row.proposal.intent, Intent::HandOver { .. })
}
