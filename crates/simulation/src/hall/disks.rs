//! What lies on a hall's disks: what damage and power cuts may take of it, and what has to be there
//! before every start.

use std::collections::BTreeSet;

use domain::{IncidentId, Intent, IntentKey};
use sync_engine::outbox::queue::waits_for_receipt;
use sync_engine::store::proposals::Stage;
use sync_engine::store::verifiers::Verifier;

use super::{BACKEND, Hall, lock};
use crate::authority::{CREDENTIAL, opening};
use crate::disk::Disk;
use crate::ledger::{Dropped, Forgotten, Promise};
use crate::stores::{OutboxRows, OutboxWrite};
use crate::time::BEGINNING;

/// A hash of every officer's PIN, with parameters that make it quick to compare.
const PIN_HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$a2LRXRcwFmQr+/wE/hJnWg$ILETCfuGf7kcdspbN/0mZ81Vu4PS0+WDZzGIHaJis1o";

impl Hall {
    /// The process is asked to exchange `old` for `new`.
    pub fn begin_exchange(&self, old: IntentKey, new: IntentKey) {
        lock(&self.state).exchanges.push((old, new));
    }

    /// It has answered.
    pub fn end_exchange(&self, old: IntentKey) {
        lock(&self.state).exchanges.retain(|(of, _)| *of != old);
    }

    /// The process is asked to store both signatures of a handover.
    pub fn begin_handover(&self, keys: [IntentKey; 2]) {
        lock(&self.state).handovers.push(keys);
    }

    /// It has answered.
    pub fn end_handover(&self, keys: [IntentKey; 2]) {
        lock(&self.state).handovers.retain(|of| *of != keys);
    }

    /// Of a handover that was cut off, both signatures are there or none.
    fn check_handovers(&self, kept: &BTreeSet<IntentKey>) {
        let cut_off = std::mem::take(&mut lock(&self.state).handovers);
        for keys in cut_off {
            let there = keys.map(|key| kept.contains(&key));
            let is_under_way = self.world.authority.ledger(|ledger| {
                let mut wishes = keys.iter().filter_map(|key| ledger.get(*key));
                wishes
                    .any(|wish| wish.is_accepted || wish.forgotten.is_some() || wish.is_unreadable)
            });
            if there[0] != there[1] && !is_under_way {
                self.broken(format!("of the handover {keys:?} one signature is kept"));
            }
        }
    }

    /// Of an exchange that was cut off, exactly one side is there.
    fn check_exchanges(&self, kept: &BTreeSet<IntentKey>) {
        let cut_off = std::mem::take(&mut lock(&self.state).exchanges);
        for (old, new) in cut_off {
            let sides = [old, new].iter().filter(|key| kept.contains(key)).count();
            let is_settled = self.world.authority.ledger(|ledger| {
                let mut wishes = [old, new].into_iter().filter_map(|key| ledger.get(key));
                let is_accepted = ledger.get(new).is_some_and(|wish| wish.is_accepted);
                is_accepted || wishes.any(|wish| wish.is_unreadable)
            });
            if sides != 1 && !is_settled {
                self.broken(format!(
                    "{old} was to be exchanged for {new}, and {sides} of both are on the disk"
                ));
            }
        }
    }

    /// A page of the outbox cannot be read any more: what else there is was taken over into a new file.
    /// What the page held is lost, and the next start says how much.
    pub fn damage_outbox(&self) {
        let mut disk = lock(&self.outbox_disk);
        let from = self.dice.below(disk.rows().proposals.len() as u64 + 1) as usize;
        let page = from..from + self.dice.between(1, 3) as usize;
        let (taken_over, lost) = disk.rows().rescue(page);
        disk.write(vec![taken_over]);
        disk.sync();
        let said = format!(
            "{} rescued, {} unreadable",
            disk.rows().proposals.len(),
            lost.len()
        );
        drop(disk);
        lock(&self.state).rescued = Some(said);
        for row in lost {
            let key = row.proposal.key;
            let authority = &self.world.authority;
            authority.ledger(|ledger| ledger.unreadable(key));
            self.seen(|seen| {
                seen.forget(key);
                if let Intent::Report { incident, .. } = row.proposal.intent {
                    seen.forget_matter(incident);
                }
            });
        }
    }

    /// Before a start: what was promised is on the disk or at the backend, and the cache is the
    /// backend's state at its cursor.
    pub(super) fn check_disks(&self) {
        let disk = lock(&self.outbox_disk);
        let kept: BTreeSet<IntentKey> = disk
            .rows()
            .proposals
            .values()
            .map(|row| row.proposal.key)
            .collect();
        drop(disk);
        self.check_exchanges(&kept);
        self.check_handovers(&kept);
        let lost = self.world.authority.ledger(|ledger| {
            let wishes = ledger.wishes().filter(|wish| wish.hall == self.number);
            wishes
                .filter(|wish| wish.promise == Promise::Queued && wish.dropped == Dropped::No)
                .filter(|wish| {
                    wish.forgotten != Some(Forgotten::Seen)
                        && !wish.is_accepted
                        && !wish.is_unreadable
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

    /// Whether a wish has still to be sent, or sent again because a restored backend forgot it.
    pub fn has_to_send(&self, key: IntentKey) -> bool {
        let disk = lock(&self.outbox_disk);
        let mut rows = disk.rows().proposals.values();
        rows.any(|row| row.proposal.key == key && waits_for_receipt(row))
    }

    /// Whether the outbox holds the report of a matter without a number.
    pub fn holds_report_of(&self, matter: IncidentId) -> bool {
        let disk = lock(&self.outbox_disk);
        let mut rows = disk.rows().proposals.values();
        rows.any(|row| {
            matches!(row.proposal.intent, Intent::Report { incident, .. } if incident == matter)
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
}

/// An outbox in which both officers of a hall are known from the day before.
pub(super) fn outbox_of_yesterday(hall: usize) -> Disk<OutboxRows> {
    let mut disk = Disk::default();
    let known = opening::officers_of(hall).map(|id| {
        OutboxWrite::Verifier(Box::new(Verifier {
            backend: BACKEND.to_owned(),
            officer: opening::officer(&id),
            pin_hash: PIN_HASH.to_owned(),
            credential: CREDENTIAL.to_owned(),
            confirmed_at: BEGINNING,
            wrong: 0,
            last_try_at: BEGINNING,
        }))
    });
    disk.write(known.into());
    disk.sync();
    disk
}
