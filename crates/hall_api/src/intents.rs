//! The keys of the proposals that are shown: one key for each intent of an officer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::{IncidentId, IntentKey, PersonId};
use uuid::Uuid;

/// A new key. Version 7 begins with the time, so keys sort roughly by their minting.
pub fn mint() -> IntentKey {
    IntentKey(Uuid::now_v7())
}

/// The keys of an incident's orders: while its steps stay, an order to somebody is the same intent.
#[derive(Debug, Default)]
struct Shown {
    steps: u32,
    keys: HashMap<PersonId, IntentKey>,
}

/// Keys of the newest proposal of each incident.
#[derive(Debug, Default)]
pub struct ShownKeys(Mutex<HashMap<IncidentId, Shown>>);

impl ShownKeys {
    /// The keys of the orders to these people about an incident in its present steps: the same as before
    /// while the incident has not moved on and `is_spent` does not say that something has become of the
    /// order, so that only another order can be meant.
    pub fn keys(
        &self,
        incident: IncidentId,
        steps: u32,
        people: impl Iterator<Item = PersonId>,
        is_spent: impl Fn(IntentKey) -> bool,
    ) -> Vec<IntentKey> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_incident = shown.entry(incident).or_default();
        if of_incident.steps != steps {
            *of_incident = Shown {
                steps,
                keys: HashMap::new(),
            };
        }
        of_incident.keys.retain(|_, key| !is_spent(*key));
        people
            .map(|person| *of_incident.keys.entry(person).or_insert_with(mint))
            .collect()
    }

    /// Forgets incidents that are no longer in the picture.
    pub fn retain(&self, is_there: impl Fn(IncidentId) -> bool) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|incident, _| is_there(*incident));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_a_key_that_stays_until_the_incident_moves_on_or_something_becomes_of_it() {
        let shown = ShownKeys::default();
        let incident = IncidentId(7);
        let people = |of: &[u32]| of.iter().copied().map(PersonId).collect::<Vec<_>>();
        let keys = |steps, of: &[u32], spent: Option<IntentKey>| {
            let people = people(of).into_iter();
            shown.keys(incident, steps, people, |key| spent == Some(key))
        };
        let before = keys(3, &[1, 2], None);
        assert_ne!(before[0], before[1]);
        assert_eq!(keys(3, &[2, 4, 1], None)[2], before[0], "in any order");
        let after = keys(3, &[1, 2], Some(before[0]));
        assert_ne!(after[0], before[0]);
        assert_eq!(after[1], before[1]);
        assert!(
            keys(4, &[1, 2], None)
                .iter()
                .all(|key| !after.contains(key))
        );
        shown.retain(|_| false);
        assert_ne!(keys(4, &[2], None)[0], after[1]);
    }
}
