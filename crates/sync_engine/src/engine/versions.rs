//! What an officer had seen of an incident when a proposal was made, and what follows from that.

use domain::conflicts::{Anyway, Basis, Version};
use domain::{Incident, IncidentId, IntentKey, OfficerId, Proposal};
use protocol::commands::SeenIncident;

use super::Engine;
use crate::errors::StoreError;
use crate::outbox::{OutboxError, people, version};

impl Engine {
    /// The incident as a window showed it, or as it is shown now; `None` where the picture does not
    /// have it. Where the number stands for another matter by now, what is returned is of the matter
    /// that the window showed, and the backend will not take the one for the other.
    pub async fn version(
        &self,
        named: IncidentId,
        seen: Option<SeenIncident>,
    ) -> Result<Option<Version>, StoreError> {
        let id = self.number_of(named);
        let Some(now) = self.read(|picture| version(&picture.situation, id, true)) else {
            return Ok(None);
        };
        let Some(SeenIncident { steps, reported_at }) = seen else {
            return Ok(Some(now));
        };
        let shown = Version {
            steps,
            reported_at: Some(reported_at),
            ..now.clone()
        };
        // When a matter gets its number, the backend's clock may correct the time of its report.
        if !named.is_provisional() && shown.is_of_other_matter(&now) {
            return Ok(Some(shown));
        }
        if steps >= now.steps {
            return Ok(Some(now));
        }
        let trail = self.cache.trail(id).await?;
        let mut seen: Option<Incident> = None;
        for entry in trail.iter().take_while(|entry| entry.step <= steps) {
            match &mut seen {
                None => seen = Incident::opened(entry),
                // What does not follow is not folded; the picture has come by other ways then.
                Some(incident) => drop(incident.apply(entry)),
            }
        }
        Ok(Some(match seen {
            Some(incident) if incident.steps == steps => self.read(|picture| {
                let known = incident.orders.iter().chain(&incident.assisting).copied();
                Version::of(&incident, people(&picture.situation, id, known, true))
            }),
            // The trail does not reach back so far: the steps count, the rest is what is known.
            _ => Version { steps, ..now },
        }))
    }

    /// Sends what is parked for a conflict all the same, in the name of an officer who has seen
    /// the incident's first `seen_steps` steps: under a key of its own, in its old place.
    pub async fn send_anyway(
        &self,
        parked: IntentKey,
        key: IntentKey,
        officer: OfficerId,
        seen_steps: u32,
        reason: String,
    ) -> Result<bool, OutboxError> {
        if self.outbox.intent_of(key).is_some() || self.outbox.has_come(key) {
            // Another click on the same card.
            return Ok(false);
        }
        let (old, conflict) = self.outbox.parked(parked).ok_or(OutboxError::NotFound)?;
        let (Some(conflict), Some(before)) = (conflict, old.basis) else {
            return Err(OutboxError::NotInConflict);
        };
        let seen = if conflict.theirs.steps == seen_steps {
            conflict.theirs
        } else {
            let incident = old.intent.incident().ok_or(OutboxError::NotInConflict)?;
            let reported_at = conflict.theirs.reported_at;
            let seen = reported_at.map(|reported_at| SeenIncident {
                steps: seen_steps,
                reported_at,
            });
            let seen = self.version(incident, seen).await?;
            seen.ok_or(OutboxError::NotFound)?
        };
        let composed_at = before.anyway.map_or(before.seen.steps, |a| a.composed_at);
        let proposal = Proposal {
            key,
            officer,
            occurred_at: self.now(),
            intent: old.intent,
            basis: Some(Box::new(Basis {
                seen,
                own: Vec::new(),
                anyway: Some(Anyway {
                    reason,
                    composed_at,
                }),
            })),
        };
        self.replace_parked(parked, proposal).await
    }

    /// A form may have been open while the incident moved on.
    pub(super) async fn compare_if_old(&self, proposal: &Proposal) {
        let (Some(id), Some(basis)) = (proposal.intent.incident(), &proposal.basis) else {
            return;
        };
        let id = self.number_of(id);
        let is_old = self.read(|picture| {
            let shown = picture.situation.incidents.get(&id);
            shown.is_some_and(|incident| incident.steps != basis.seen.steps)
        });
        if is_old && let Err(error) = self.outbox.look_for_conflicts(&*self.cache).await {
            tracing::warn!(%error, "what was queued cannot be compared with the cache");
        }
    }
}
