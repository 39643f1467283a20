//! outbox.db over a simulated disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use domain::OfficerId;
use sync_engine::outbox::queue::NOWHERE;
use sync_engine::store::OutboxStore;
use sync_engine::store::contract::Storing;
use sync_engine::store::database::Durability;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::proposals::{ProposalRow, Stage};
use sync_engine::store::sessions::Session;
use sync_engine::store::verifiers::Verifier;

use super::Access;
use crate::dice::Dice;
use crate::disk::{Disk, Rows};
use crate::life::Life;

/// Proposals and sessions.
#[derive(Debug, Clone, Default)]
pub struct OutboxRows {
    /// Proposals by number.
    pub proposals: BTreeMap<i64, ProposalRow>,
    /// Sessions by backend and officer.
    pub sessions: BTreeMap<(String, OfficerId), Session>,
    /// What is known of PINs, by backend and officer.
    pub verifiers: BTreeMap<(String, OfficerId), Verifier>,
    newest_seq: i64,
}

/// A change of the outbox.
#[derive(Debug, Clone)]
pub enum OutboxWrite {
    /// A new proposal, or one that changed.
    Put(Box<ProposalRow>),
    /// A proposal is gone.
    Delete(i64),
    /// Nobody of the backend's officers sits at the desk.
    SignOut(String),
    /// A session.
    Session(Box<Session>),
    /// What is known of a PIN.
    Verifier(Box<Verifier>),
    /// Nothing is known of a PIN any more.
    ForgetVerifier(String, OfficerId),
    /// A session is gone.
    Forget(String, OfficerId),
    /// A new file takes the place of a damaged one, with the proposals that could be read.
    TakeOver(Vec<ProposalRow>),
}

impl Rows for OutboxRows {
    type Write = OutboxWrite;

    fn carry_out(&mut self, write: OutboxWrite) {
        match write {
            OutboxWrite::Put(row) => {
                self.newest_seq = self.newest_seq.max(row.seq);
                self.proposals.insert(row.seq, *row);
            }
            OutboxWrite::Delete(seq) => {
                self.proposals.remove(&seq);
            }
            OutboxWrite::SignOut(backend) => {
                let sessions = self.sessions.values_mut();
                sessions
                    .filter(|session| session.backend == backend)
                    .for_each(|session| session.signed_in = false);
            }
            OutboxWrite::Session(session) => {
                let name = (session.backend.clone(), session.officer.id.clone());
                self.sessions.insert(name, *session);
            }
            OutboxWrite::Verifier(verifier) => {
                let name = (verifier.backend.clone(), verifier.officer.id.clone());
                self.verifiers.insert(name, *verifier);
            }
            OutboxWrite::ForgetVerifier(backend, officer) => {
                self.verifiers.remove(&(backend, officer));
            }
            OutboxWrite::TakeOver(rows) => {
                let newest = rows.last().map_or(0, |row| row.seq);
                self.newest_seq = newest;
                self.proposals = rows.into_iter().map(|row| (row.seq, row)).collect();
            }
            OutboxWrite::Forget(backend, officer) => {
                self.sessions.remove(&(backend, officer));
            }
        }
    }
}

impl OutboxRows {
    /// What an engine is given at its start.
    pub fn stored(&self) -> Stored {
        Stored {
            proposals: self.proposals.values().cloned().collect(),
            sessions: self.sessions.values().cloned().collect(),
            verifiers: self.verifiers.values().cloned().collect(),
            ..Stored::default()
        }
    }

    /// What is written into a new file when a page of the old one, with so many proposals from that
    /// place on, cannot be read; and the proposals that are lost with it.
    pub fn rescue(&self, page: std::ops::Range<usize>) -> (OutboxWrite, Vec<ProposalRow>) {
        let (mut kept, mut lost) = (Vec::new(), Vec::new());
        for (place, row) in self.proposals.values().enumerate() {
            let mut row = row.clone();
            if page.contains(&place) {
                lost.push(row);
                continue;
            }
            // Which log its receipt came from is not known any more.
            if let Stage::Sent { cursor, .. } = &mut row.stage {
                *cursor = NOWHERE;
            }
            kept.push(row);
        }
        (OutboxWrite::TakeOver(kept), lost)
    }

    fn by_key(&self, row: &ProposalRow) -> Option<&ProposalRow> {
        let mut rows = self.proposals.values();
        rows.find(|known| known.proposal.key == row.proposal.key)
    }
}

/// The outbox of one process.
#[derive(Debug)]
pub struct ModelOutbox {
    access: Access<OutboxRows>,
    /// Whether a proposal counts as stored before it is synced, which no store may do.
    pub is_hasty: bool,
    /// Whether a full disk takes half of what it refuses, which no store may do.
    pub writes_halves: bool,
    /// Whether the two signatures of a handover are two transactions, which they may not be.
    pub hands_over_in_two: bool,
    disk: Arc<Mutex<Disk<OutboxRows>>>,
}

impl ModelOutbox {
    /// An outbox on a disk.
    pub fn new(disk: Arc<Mutex<Disk<OutboxRows>>>, life: Life, dice: Dice) -> Self {
        Self {
            access: Access::new("outbox.db", Arc::clone(&disk), life, dice),
            is_hasty: false,
            writes_halves: false,
            hands_over_in_two: false,
            disk,
        }
    }

    /// What a store that writes halves does to a row that it says it cannot take.
    fn take_half(&self, row: &ProposalRow) {
        let mut disk = self
            .disk
            .lock()
            .expect("nothing panics while it holds this");
        if self.writes_halves && disk.is_full {
            let mut row = row.clone();
            row.seq = disk.rows().newest_seq + 1;
            disk.write(vec![OutboxWrite::Put(Box::new(row))]);
        }
    }
}

impl OutboxStore for ModelOutbox {
    fn path(&self) -> &Path {
        self.access.path()
    }

    fn add(&self, mut row: ProposalRow) -> Storing<'_, ProposalRow> {
        self.take_half(&row);
        let durability = if self.is_hasty {
            Durability::Lazy
        } else {
            Durability::Synced
        };
        self.access.transact(durability, move |rows: &OutboxRows| {
            if let Some(known) = rows.by_key(&row) {
                return (Vec::new(), known.clone());
            }
            if row.seq <= 0 {
                row.seq = rows.newest_seq + 1;
            }
            (vec![OutboxWrite::Put(Box::new(row.clone()))], row)
        })
    }

    fn update(&self, durability: Durability, changed: Vec<ProposalRow>) -> Storing<'_, ()> {
        self.access.transact(durability, move |rows: &OutboxRows| {
            let there = changed
                .into_iter()
                .filter(|row| rows.proposals.contains_key(&row.seq))
                .map(|row| OutboxWrite::Put(Box::new(row)));
            (there.collect(), ())
        })
    }

    fn swap(&self, row: ProposalRow, behind: Vec<ProposalRow>, gone: Vec<i64>) -> Storing<'_, ()> {
        self.access.transact(Durability::Synced, move |_| {
            let gone = gone.into_iter().map(OutboxWrite::Delete);
            let changed = std::iter::once(row).chain(behind);
            let changed = changed.map(|row| OutboxWrite::Put(Box::new(row)));
            (gone.chain(changed).collect(), ())
        })
    }

    fn delete(&self, durability: Durability, seqs: Vec<i64>) -> Storing<'_, ()> {
        self.access.transact(durability, move |_| {
            (seqs.into_iter().map(OutboxWrite::Delete).collect(), ())
        })
    }

    fn sign_in(&self, session: Session) -> Storing<'_, ()> {
        self.access.transact(Durability::Synced, move |_| {
            let writes = vec![
                OutboxWrite::SignOut(session.backend.clone()),
                OutboxWrite::Session(Box::new(session)),
            ];
            (writes, ())
        })
    }

    fn sign_out(&self, backend: String) -> Storing<'_, ()> {
        self.access.transact(Durability::Synced, move |_| {
            (vec![OutboxWrite::SignOut(backend)], ())
        })
    }

    fn hand_over(
        &self,
        added: Vec<ProposalRow>,
        session: Session,
    ) -> Storing<'_, Vec<ProposalRow>> {
        if self.hands_over_in_two && added.len() > 1 {
            return Box::pin(async move {
                let mut stored = self
                    .hand_over(vec![added[0].clone()], session.clone())
                    .await?;
                stored.extend(self.hand_over(added[1..].to_vec(), session).await?);
                Ok(stored)
            });
        }
        self.access
            .transact(Durability::Synced, move |rows: &OutboxRows| {
                let (mut writes, mut stored) = (Vec::new(), Vec::new());
                let mut next = rows.newest_seq + 1;
                for mut row in added {
                    if let Some(known) = rows.by_key(&row) {
                        stored.push(known.clone());
                        continue;
                    }
                    row.seq = next;
                    next += 1;
                    writes.push(OutboxWrite::Put(Box::new(row.clone())));
                    stored.push(row);
                }
                writes.push(OutboxWrite::SignOut(session.backend.clone()));
                writes.push(OutboxWrite::Session(Box::new(session)));
                (writes, stored)
            })
    }

    fn put_session(&self, session: Session) -> Storing<'_, ()> {
        self.access.transact(Durability::Synced, move |_| {
            (vec![OutboxWrite::Session(Box::new(session))], ())
        })
    }

    fn put_verifier(&self, verifier: Verifier) -> Storing<'_, ()> {
        self.access.transact(Durability::Synced, move |_| {
            (vec![OutboxWrite::Verifier(Box::new(verifier))], ())
        })
    }

    fn forget_verifier(&self, backend: String, officer: OfficerId) -> Storing<'_, ()> {
        self.access.transact(Durability::Synced, move |_| {
            (vec![OutboxWrite::ForgetVerifier(backend, officer)], ())
        })
    }

    fn forget_session(&self, backend: String, officer: OfficerId) -> Storing<'_, ()> {
        self.access.transact(Durability::Lazy, move |_| {
            (vec![OutboxWrite::Forget(backend, officer)], ())
        })
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.access.close())
    }
}
