//! What changed in the outbox since a window last looked: each item once, as it now is.

use std::collections::{BTreeMap, BTreeSet};

use domain::IntentKey;
use protocol::feed::{OutboxItem, PictureChange};

/// Changes that wait for one window.
#[derive(Debug, Default)]
pub struct OutboxChanges {
    /// So much has changed that the whole outbox is looked up; nothing else waits then.
    is_everything: bool,
    /// Items by key, with the place in the order of their arrival.
    items: BTreeMap<IntentKey, (usize, OutboxItem)>,
    arrived: usize,
    left: BTreeSet<IntentKey>,
}

impl OutboxChanges {
    /// All of it may have changed.
    pub fn everything(&mut self) {
        *self = Self {
            is_everything: true,
            ..Self::default()
        };
    }

    /// Items as they now are.
    pub fn items(&mut self, items: &[OutboxItem]) {
        if self.is_everything {
            return;
        }
        for item in items {
            self.arrived += 1;
            let new = (self.arrived, item.clone());
            let known = self.items.entry(item.proposal.key).or_insert(new);
            known.1.clone_from(item);
        }
    }

    /// Items that are gone.
    pub fn left(&mut self, keys: &[IntentKey]) {
        if self.is_everything {
            return;
        }
        for key in keys {
            self.items.remove(key);
            self.left.insert(*key);
        }
    }

    /// How much waits.
    pub fn len(&self) -> usize {
        self.items.len() + self.left.len()
    }

    /// What the window is told; `everything` looks the whole outbox up.
    pub fn take(self, everything: impl FnOnce() -> Vec<OutboxItem>) -> Vec<PictureChange> {
        if self.is_everything {
            return vec![PictureChange::Outbox(everything())];
        }
        let mut items: Vec<_> = self.items.into_values().collect();
        items.sort_by_key(|(arrived, _)| *arrived);
        let mut changes = Vec::new();
        if !self.left.is_empty() {
            let left = self.left.into_iter().collect();
            changes.push(PictureChange::OutboxLeft(left));
        }
        if !items.is_empty() {
            let items = items.into_iter().map(|(_, item)| item).collect();
            changes.push(PictureChange::OutboxItems(items));
        }
        changes
    }
}
