//! cache.db over a simulated disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use domain::situation::{Record, Touched};
use domain::trail::TrailEntry;
use domain::{IncidentId, PersonId, PositionFix, Situation, Timestamp};
use protocol::Reference;
use protocol::http::{Change, ChangeBody, LogId, Snapshot};
use sync_engine::store::CacheStore;
use sync_engine::store::cache::{Applied, Cached, Meeting, Pruned, Rebuilt};
use sync_engine::store::contract::Storing;
use sync_engine::store::database::Durability;
use sync_engine::store::progress::Progress;

use super::Access;
use crate::dice::Dice;
use crate::disk::{Disk, Rows};
use crate::life::Life;

/// A copy of what the backend has.
#[derive(Debug, Clone, Default)]
pub struct CacheRows {
    /// Records and positions.
    pub situation: Situation,
    /// Links of the trails by incident and step.
    pub trail: BTreeMap<(IncidentId, u32), TrailEntry>,
    /// The reference data.
    pub reference: Option<Arc<Reference>>,
    /// How far the copy has come.
    pub progress: Progress,
    has_mode: bool,
}

/// A change of the cache.
#[derive(Debug, Clone)]
pub enum CacheWrite {
    /// A record, taken unless what is there is as new.
    Record(Record),
    /// A link of a trail; one that is there stays.
    Link(Box<TrailEntry>),
    /// A position, taken unless a newer one is there.
    Fix(PositionFix),
    /// Nobody may see any more where the person is.
    Lose(PersonId),
    /// The reference data.
    Reference(Arc<Reference>),
    /// How far the copy has come.
    Progress(Box<Progress>),
    /// Everything but these incidents, orders and people goes.
    KeepOnly(Arc<Situation>),
    /// Everything goes.
    Clear,
}

impl Rows for CacheRows {
    type Write = CacheWrite;

    fn carry_out(&mut self, write: CacheWrite) {
        match write {
            CacheWrite::Record(record) => {
                self.put(record);
            }
            CacheWrite::Link(entry) => {
                let name = (entry.incident, entry.step);
                self.trail.entry(name).or_insert(*entry);
            }
            CacheWrite::Fix(fix) => {
                self.situation.locate(fix);
            }
            CacheWrite::Lose(person) => {
                self.situation.lose(person);
            }
            CacheWrite::Reference(reference) => self.reference = Some(reference),
            CacheWrite::Progress(progress) => self.progress = *progress,
            CacheWrite::KeepOnly(wanted) => self.keep_only(&wanted),
            CacheWrite::Clear => {
                *self = Self {
                    progress: Progress {
                        backend: std::mem::take(&mut self.progress.backend),
                        ..Progress::default()
                    },
                    ..Self::default()
                };
            }
        }
    }
}

impl CacheRows {
    /// Opens what a disk holds for the backend of that label: what an engine is given at its start.
    /// What was copied from another backend goes.
    pub fn open(disk: &mut Disk<Self>, backend: &str) -> Cached {
        if disk.rows().progress.backend != backend {
            let progress = Progress {
                backend: backend.to_owned(),
                ..Progress::default()
            };
            disk.write(vec![
                CacheWrite::Clear,
                CacheWrite::Progress(Box::new(progress)),
            ]);
        }
        let rows = disk.rows();
        Cached {
            situation: rows.situation.clone(),
            reference: rows.reference.clone(),
            progress: rows.progress.clone(),
            ..Cached::default()
        }
    }

    fn put(&mut self, record: Record) -> bool {
        let is_first_mode = matches!(record, Record::Mode(_)) && !self.has_mode;
        self.has_mode |= is_first_mode;
        self.situation.apply(record) != Touched::Nothing || is_first_mode
    }

    fn keep_only(&mut self, wanted: &Situation) {
        let situation = &mut self.situation;
        let (incidents, orders, people) = (&wanted.incidents, &wanted.orders, &wanted.people);
        situation
            .incidents
            .retain(|id, _| incidents.contains_key(id));
        situation.orders.retain(|id, _| orders.contains_key(id));
        situation.people.retain(|id, _| people.contains_key(id));
        let (log, handovers) = (&wanted.duty_log, &wanted.handovers);
        situation.duty_log.retain(|id, _| log.contains_key(id));
        situation
            .handovers
            .retain(|id, _| handovers.contains_key(id));
        self.trail.retain(|(id, _), _| incidents.contains_key(id));
    }

    /// The writes of a batch, and what came of it.
    fn batch(&self, log: LogId, changes: Vec<Change>) -> (Vec<CacheWrite>, Applied) {
        let mut after = Self {
            situation: Situation::default(),
            ..Self::default()
        };
        let before = self.progress.cursor.unwrap_or(0);
        let mut progress = self.progress.clone();
        progress.log = Some(log);
        let (mut writes, mut applied) = (Vec::new(), Applied::default());
        for change in changes.into_iter().filter(|c| c.cursor > before) {
            progress.cursor = Some(change.cursor);
            match change.body {
                ChangeBody::Record(record) => {
                    self.copy_known(&record, &mut after);
                    if after.put(record.clone()) {
                        applied.records.push(record.clone());
                        writes.push(CacheWrite::Record(record));
                    }
                }
                ChangeBody::Trail(entry) => {
                    if !self.trail.contains_key(&(entry.incident, entry.step)) {
                        applied.trails.push(entry.incident);
                    }
                    writes.push(CacheWrite::Link(entry));
                }
                ChangeBody::Reference { version } => progress.reference_wanted = version,
            }
        }
        applied.cursor = progress.cursor.unwrap_or(0);
        applied.reference_wanted = progress.reference_wanted;
        writes.push(CacheWrite::Progress(Box::new(progress)));
        (writes, applied)
    }

    /// Puts what is stored under a record's name into a scratch copy, unless it is there already.
    fn copy_known(&self, record: &Record, into: &mut Self) {
        into.has_mode |= self.has_mode;
        let (from, to) = (&self.situation, &mut into.situation);
        match record {
            Record::Incident(new) => {
                if let (Some(known), false) = (
                    from.incidents.get(&new.id),
                    to.incidents.contains_key(&new.id),
                ) {
                    to.incidents.insert(new.id, known.clone());
                }
            }
            Record::Order(new) => {
                if let (Some(known), false) =
                    (from.orders.get(&new.id), to.orders.contains_key(&new.id))
                {
                    to.orders.insert(new.id, known.clone());
                }
            }
            Record::Person(new) => {
                if let (Some(known), false) =
                    (from.people.get(&new.id), to.people.contains_key(&new.id))
                {
                    to.people.insert(new.id, known.clone());
                }
            }
            Record::Mode(_) => to.mode = from.mode.clone(),
            // What is kept of these depends on all of them.
            Record::DutyEntry(_) => {
                for (id, entry) in &from.duty_log {
                    to.duty_log.entry(*id).or_insert_with(|| entry.clone());
                }
            }
            Record::Handover(_) => {
                for (id, handover) in &from.handovers {
                    let known = to.handovers.entry(*id);
                    known.or_insert_with(|| handover.clone());
                }
            }
        }
    }
}

/// The cache of one process.
#[derive(Debug)]
pub struct ModelCache {
    access: Access<CacheRows>,
    /// Whether the cursor is stored before the rows, which no store may do.
    pub cursor_first: bool,
    /// Whether reference data is not replaced by newer, as it has to be.
    pub keeps_first_reference: bool,
}

impl ModelCache {
    /// A cache on a disk.
    pub fn new(disk: Arc<Mutex<Disk<CacheRows>>>, life: Life, dice: Dice) -> Self {
        Self {
            access: Access::new("cache.db", disk, life, dice),
            cursor_first: false,
            keeps_first_reference: false,
        }
    }

    async fn apply_cursor_first(
        &self,
        log: LogId,
        changes: Vec<Change>,
    ) -> Result<Applied, sync_engine::StoreError> {
        let (first_log, first) = (log.clone(), changes.clone());
        let access = &self.access;
        let cursor = access.transact(Durability::Lazy, move |rows: &CacheRows| {
            let (mut writes, applied) = rows.batch(first_log, first);
            (writes.split_off(writes.len() - 1), applied)
        });
        let applied = cursor.await?;
        let rows = access.transact(Durability::Lazy, move |rows: &CacheRows| {
            let mut before = rows.clone();
            before.progress.cursor = None;
            let (mut writes, _) = before.batch(log, changes);
            writes.pop();
            (writes, ())
        });
        rows.await?;
        Ok(applied)
    }
}

fn snapshot_writes(snapshot: &Snapshot) -> Vec<CacheWrite> {
    let situation = &snapshot.situation;
    let incidents = situation.incidents.values().cloned();
    let orders = situation.orders.values().cloned();
    let people = situation.people.values().cloned();
    let records = incidents
        .map(|incident| Record::Incident(Box::new(incident)))
        .chain(orders.map(|order| Record::Order(Box::new(order))))
        .chain(people.map(|person| Record::Person(Box::new(person))))
        .chain(std::iter::once(situation.mode_record()))
        .chain(situation.duty_records())
        .map(CacheWrite::Record);
    let fixes = situation
        .positions
        .values()
        .map(|fix| CacheWrite::Fix(*fix));
    let links = snapshot.trail.iter().cloned();
    let links = links.map(|entry| CacheWrite::Link(Box::new(entry)));
    records.chain(fixes).chain(links).collect()
}

impl CacheStore for ModelCache {
    fn path(&self) -> &Path {
        self.access.path()
    }

    fn apply(&self, log: LogId, changes: Vec<Change>) -> Storing<'_, Applied> {
        if self.cursor_first {
            return Box::pin(self.apply_cursor_first(log, changes));
        }
        let access = &self.access;
        access.transact(Durability::Lazy, move |rows: &CacheRows| {
            rows.batch(log, changes)
        })
    }

    fn install(
        &self,
        snapshot: Snapshot,
        street: String,
        meeting: Meeting,
    ) -> Storing<'_, Situation> {
        self.access
            .transact(Durability::Lazy, move |rows: &CacheRows| {
                let mut writes = match meeting {
                    Meeting::OtherLog => vec![CacheWrite::Clear],
                    Meeting::SameLog => {
                        vec![CacheWrite::KeepOnly(Arc::new(snapshot.situation.clone()))]
                    }
                };
                writes.extend(snapshot_writes(&snapshot));
                let mut after = rows.clone();
                for write in &writes {
                    after.carry_out(write.clone());
                }
                let mut progress = after.progress;
                progress.street = street;
                progress.cursor = Some(snapshot.cursor);
                progress.log = Some(snapshot.log);
                progress.reference_wanted = snapshot.reference_version;
                writes.push(CacheWrite::Progress(Box::new(progress)));
                (writes, after.situation)
            })
    }

    fn prune(&self, ended_before: Timestamp) -> Storing<'_, Pruned> {
        self.access
            .transact(Durability::Lazy, move |rows: &CacheRows| {
                let mut left = rows.situation.clone();
                let before = left.incidents.len();
                left.incidents
                    .retain(|_, incident| incident.ended_at.is_none_or(|at| at >= ended_before));
                if left.incidents.len() == before {
                    return (Vec::new(), Pruned::default());
                }
                let incidents = &left.incidents;
                left.orders
                    .retain(|_, order| incidents.contains_key(&order.incident));
                let writes = vec![CacheWrite::KeepOnly(Arc::new(left.clone()))];
                let pruned = Pruned {
                    situation: Some(left),
                    over_budget: None,
                };
                (writes, pruned)
            })
    }

    fn locate(&self, gone: Vec<PersonId>, fixes: Vec<PositionFix>) -> Storing<'_, ()> {
        self.access.transact(Durability::Lazy, move |_| {
            let gone = gone.into_iter().map(CacheWrite::Lose);
            (
                gone.chain(fixes.into_iter().map(CacheWrite::Fix)).collect(),
                (),
            )
        })
    }

    fn put_reference(&self, reference: Arc<Reference>) -> Storing<'_, ()> {
        let keeps_first = self.keeps_first_reference;
        self.access
            .transact(Durability::Lazy, move |rows: &CacheRows| {
                if keeps_first && rows.reference.is_some() {
                    return (Vec::new(), ());
                }
                (vec![CacheWrite::Reference(reference)], ())
            })
    }

    fn put_contact(&self, at: Timestamp, clock_offset_ms: i64) -> Storing<'_, ()> {
        self.access
            .transact(Durability::Lazy, move |rows: &CacheRows| {
                let progress = Progress {
                    last_contact: Some(at),
                    clock_offset_ms,
                    ..rows.progress.clone()
                };
                (vec![CacheWrite::Progress(Box::new(progress))], ())
            })
    }

    fn progress(&self) -> Storing<'_, Progress> {
        self.access.read(|rows: &CacheRows| rows.progress.clone())
    }

    fn trail(&self, incident: IncidentId) -> Storing<'_, Vec<TrailEntry>> {
        self.access.read(move |rows: &CacheRows| {
            let whole = (incident, 0)..=(incident, u32::MAX);
            rows.trail
                .range(whole)
                .map(|(_, entry)| entry.clone())
                .collect()
        })
    }

    fn rebuild(&self, backend: String, _now: Timestamp) -> Storing<'_, Rebuilt> {
        self.access.put_aside();
        self.access.transact(Durability::Lazy, move |_| {
            let progress = Progress {
                backend,
                ..Progress::default()
            };
            let writes = vec![CacheWrite::Clear, CacheWrite::Progress(Box::new(progress))];
            let aside = PathBuf::from("cache.db.corrupt");
            (writes, Rebuilt::OnDisk { aside })
        })
    }

    fn leave_disk(&self) -> Storing<'_, ()> {
        self.access.leave_disk()
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.access.close())
    }
}
