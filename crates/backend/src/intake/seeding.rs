//! Loads a seed: reference data, people and officers, and incidents whose past is replayed through
//! the same decisions as live traffic.

use std::collections::BTreeMap;

use domain::places::GridIndex;
use domain::places::responsibility::{ResponsibilityFault, check_responsibility};
use domain::roads::RoadGraph;
use domain::roster;
use domain::rules::Rules;
use domain::trail::{Actor, Officer};
use domain::{IncidentId, OfficerId, Provenance, Supply, Timestamp};
use protocol::http::FieldReceipt;
use protocol::seed::{Seed, SeedIncident, SeedStep};
use rusqlite::Connection;

use super::imports::{check_person, refuse_entry, roster_of};
use super::orders::{OrderWanted, send_order};
use super::work::{Step, Work};
use super::{receipts, reports};
use crate::credentials::{self, PinError};
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::tables::officers::OfficerRow;
use crate::tables::{counters, modes, officers, reference_parts};

/// Why a seed was not loaded; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The backend has data already.
    #[error(
        "数据目录中已有数据，种子只能装入空目录 / \
         the data directory has data already, a seed is loaded into an empty one only"
    )]
    NotEmpty,
    /// An officer's PIN.
    #[error("officer {officer}: {source}")]
    Pin {
        /// Whose.
        officer: OfficerId,
        /// What is wrong.
        source: PinError,
    },
    /// The road graph.
    #[error("roads: {0}")]
    Roads(#[from] domain::roads::RoadNetworkError),
    /// The responsibility grids.
    #[error("{0}")]
    Responsibility(#[from] ResponsibilityFault),
    /// A person, an incident or one of its steps.
    #[error("{what}: {source}")]
    Item {
        /// Which.
        what: String,
        /// What is wrong.
        source: Refusal,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Hashes of the officers' PINs, made outside of the transaction because each takes a while.
pub fn hash_officers(seed: &Seed) -> Result<Vec<OfficerRow>, SeedError> {
    let mut rows = Vec::new();
    for seeded in &seed.officers {
        let pin_hash = credentials::hash_pin(&seeded.pin).map_err(|source| SeedError::Pin {
            officer: seeded.officer.id.clone(),
            source,
        })?;
        rows.push(OfficerRow {
            officer: seeded.officer.clone(),
            pin_hash,
        });
    }
    Ok(rows)
}

/// Writes a whole seed in the transaction that this runs in.
pub fn load(
    db: &Connection,
    rules: &Rules,
    now: Timestamp,
    seed: &Seed,
    officer_rows: &[OfficerRow],
) -> Result<(), SeedError> {
    if counters::get(db, counters::REFERENCE_VERSION)? != 0 {
        return Err(SeedError::NotEmpty);
    }
    let from = Provenance {
        supply: Supply::Seed,
        at: now,
    };
    write_reference(db, seed, from)?;
    for row in officer_rows {
        officers::put(db, row, from)?;
    }
    let mut work = Work::begin_history(db, rules, now)?;
    let roster = roster_of(seed.people.clone());
    for person in &seed.people {
        let among_others = || roster::check(person, &roster).map_err(|why| refuse_entry(&why));
        check_person(person)
            .and_then(|()| among_others())
            .map_err(|source| SeedError::Item {
                what: format!("person {}", person.id),
                source,
            })?;
        work.put_person(person.clone(), from)?;
    }
    let replay = Replay {
        grids: GridIndex::new(seed.reference.grids.clone())
            .with_responsibility(&seed.reference.responsibility_grids),
        officers: seed
            .officers
            .iter()
            .map(|seeded| (&seeded.officer.id, &seeded.officer))
            .collect(),
    };
    replay.run(&mut work, &seed.incidents)?;
    // The past was lived in normal mode, whatever the mode is now.
    modes::switch(db, seed.mode.into(), None, now, now)?;
    let version = counters::next(db, counters::REFERENCE_VERSION, now)?;
    work.finish_anew(version)?;
    Ok(())
}

fn write_reference(db: &Connection, seed: &Seed, from: Provenance) -> Result<(), SeedError> {
    let reference = &seed.reference;
    RoadGraph::new(reference.roads.clone(), &reference.rules.travel)?;
    // Unit grids that nobody answers for are the site's business; what is there must be sound.
    let mut faults = check_responsibility(&reference.grids, &reference.responsibility_grids)
        .into_iter()
        .filter(|fault| fault.faulty().is_some());
    if let Some(fault) = faults.next() {
        return Err(fault.into());
    }
    reference_parts::put(db, reference_parts::STREET, &reference.street, from)?;
    reference_parts::put(db, reference_parts::BOUNDS, &reference.bounds, from)?;
    reference_parts::put(db, reference_parts::OUTLINE, &reference.outline, from)?;
    reference_parts::put(db, reference_parts::GRIDS, &reference.grids, from)?;
    reference_parts::put(
        db,
        reference_parts::RESPONSIBILITY_GRIDS,
        &reference.responsibility_grids,
        from,
    )?;
    reference_parts::put(db, reference_parts::CAMERAS, &reference.cameras, from)?;
    reference_parts::put(db, reference_parts::SENSORS, &reference.sensors, from)?;
    reference_parts::put(db, reference_parts::ROADS, &reference.roads, from)?;
    Ok(())
}

struct Replay<'a> {
    grids: GridIndex,
    officers: BTreeMap<&'a OfficerId, &'a Officer>,
}

impl Replay<'_> {
    /// Replays everything in the order of time over all incidents, as it would have come in.
    fn run(&self, work: &mut Work<'_>, incidents: &[SeedIncident]) -> Result<(), SeedError> {
        let mut moments = Vec::new();
        for (incident, seeded) in incidents.iter().enumerate() {
            let mut at = seeded.report.occurred_at;
            moments.push((at, incident, 0));
            for (step, seeded) in (1..).zip(&seeded.steps) {
                // A step never comes before the one it follows, whatever its clock said.
                at = at.max(seeded.at());
                moments.push((at, incident, step));
            }
        }
        moments.sort_unstable();
        let mut ids = BTreeMap::new();
        for (_, incident, step) in moments {
            let seeded = &incidents[incident];
            let done = match (step, ids.get(&incident)) {
                (0, _) => reports::take(work, &self.grids, &seeded.report).map(|id| {
                    ids.insert(incident, id);
                }),
                (_, Some(id)) => self.step(work, *id, &seeded.steps[step - 1]),
                (_, None) => Ok(()),
            };
            done.map_err(|source| SeedError::Item {
                what: format!(
                    "incident {} \"{}\", step {step}",
                    incident + 1,
                    seeded.report.title
                ),
                source,
            })?;
        }
        Ok(())
    }

    fn step(
        &self,
        work: &mut Work<'_>,
        incident: IncidentId,
        step: &SeedStep,
    ) -> Result<(), Refusal> {
        let at = step.at().min(work.now());
        match step {
            SeedStep::Act {
                by, action, reason, ..
            } => {
                let role = match by {
                    Actor::Officer(id) => Some(self.officer(id)?.role),
                    Actor::Person(_) | Actor::Channel(_) | Actor::Rule | Actor::Department(_) => {
                        None
                    }
                };
                work.act(
                    incident,
                    Step {
                        action: action.clone(),
                        by: by.clone(),
                        role,
                        reason: reason.clone(),
                        at,
                    },
                )
            }
            SeedStep::Order {
                by,
                key,
                to,
                instruction,
                ..
            } => {
                let wanted = OrderWanted {
                    key: *key,
                    incident,
                    to: *to,
                    instruction,
                    override_reason: None,
                };
                send_order(work, self.officer(by)?, &wanted, at)
            }
            SeedStep::Receipt {
                key,
                state,
                location,
                note,
                refusal_reason,
                ..
            } => {
                let receipt = FieldReceipt {
                    order: *key,
                    person: work.order(*key)?.to,
                    state: *state,
                    at,
                    location: *location,
                    note: note.clone(),
                    refusal_reason: refusal_reason.clone(),
                    crs: domain::places::Crs::default(),
                };
                receipts::take(work, &receipt).map(|_| ())
            }
        }
    }

    fn officer(&self, id: &OfficerId) -> Result<&Officer, Refusal> {
        self.officers.get(id).copied().ok_or_else(|| {
            Refusal::not_found(
                format!("没有值班人员 {id}"),
                format!("there is no officer {id}"),
            )
        })
    }
}
