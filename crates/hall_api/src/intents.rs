//! The keys of the proposals that are shown: one key for each intent of an officer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::{IncidentId, IntentKey, PersonId};
use uuid::Uuid;

/// A new key. Version 7 begins with the time, so keys sort roughly by their minting.
pub fn mint() -> IntentKey {
    IntentKey(Uuid::now_v7())
}

/// What a proposal is recognised by: while this stays, it is the same intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    steps: u32,
    first: Option<PersonId>,
    key: IntentKey,
}

/// Keys of the newest proposal of each incident.
#[derive(Debug, Default)]
pub struct ShownKeys(Mutex<HashMap<IncidentId, Shown>>);

impl ShownKeys {
    /// The key of the proposal for an incident in its present steps with this first candidate: the
    /// same as before while neither has changed and `is_spent` does not say that its order has
    /// come to an end or was given up.
    pub fn key(
        &self,
        incident: IncidentId,
        steps: u32,
        first: Option<PersonId>,
        is_spent: impl Fn(IntentKey) -> bool,
    ) -> IntentKey {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shown.get(&incident)
            && (known.steps, known.first) == (steps, first)
            && !is_spent(known.key)
        {
            return known.key;
        }
        let key = mint();
        shown.insert(incident, Shown { steps, first, key });
        key
    }

    /// Forgets incidents that are no longer in the picture.
    pub fn retain(&self, is_there: impl Fn(IncidentId) -> bool) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|incident, _| is_there(*incident));
    }
}
