//! The stored chain read link by link (`domain::trail` says what a link is), and the incidents
//! compared with the fold of their trails.

use domain::incidents::{FOLD_VERSION, SHOWN_AFTER_END_MS};
use domain::situation::Record;
use domain::trail::{BrokenLink, Chain, Link};
use domain::{IncidentId, Timestamp};
use protocol::http::ChangeBody;
use rusqlite::Connection;

use crate::store::StoreError;
use crate::tables::{changes, counters, incidents, trail};

/// A chain without a broken link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many links it has.
    pub links: u64,
    /// Hash of the last link: note it elsewhere, and a chain that is replaced whole is found out.
    pub head: String,
}

/// What is wrong with the trail.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The first link that is not what was written.
    #[error(
        "存证链在第 {} 环断裂（案件 {} 第 {} 步）：{} / \
         the chain is broken at link {} (incident {}, step {})",
        .0.position, .0.incident, .0.step, .0.fault, .0.position, .0.incident, .0.step
    )]
    Broken(BrokenLink),
    /// Links are missing at the end.
    #[error(
        "存证链末尾缺失：应有 {expected} 环，只有 {found} 环 / \
         the end of the chain is missing: {expected} links were written, {found} are there"
    )]
    Shortened {
        /// Links that were written.
        expected: u64,
        /// Links that are there.
        found: u64,
    },
    /// An incident is not what its trail says.
    #[error(
        "案件 {incident} 的记录与其过程不符 / \
         the record of incident {incident} differs from the fold of its trail"
    )]
    RecordDiffers {
        /// Which.
        incident: IncidentId,
    },
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Walks the whole chain, names the first broken link, and compares every incident with the fold
/// of its trail.
pub fn verify_chain(db: &Connection) -> Result<Verified, ChainError> {
    let chain = read_chain(db)?;
    let verified = Verified {
        links: chain.links(),
        head: chain.head().to_owned(),
    };
    let expected = trail::last_position(db)?;
    if expected != verified.links {
        return Err(ChainError::Shortened {
            expected,
            found: verified.links,
        });
    }
    if counters::get(db, counters::FOLD_VERSION)? < FOLD_VERSION {
        // Records of an earlier version lack what the fold now keeps; the next start renews them.
        return Ok(verified);
    }
    let mut folds = chain.into_incidents();
    for incident in incidents::all(db)? {
        let id = incident.id;
        if folds.remove(&id).as_ref() != Some(&incident) {
            return Err(ChainError::RecordDiffers { incident: id });
        }
    }
    folds.into_keys().next().map_or(Ok(verified), |incident| {
        Err(ChainError::RecordDiffers { incident })
    })
}

/// Brings incidents that an earlier version wrote to what their trails give now, and tells the halls
/// of those that they show. Behind a broken link nothing can be trusted, so then they are left for
/// the check to find.
pub fn renew_records(db: &Connection, now: Timestamp) -> Result<(), StoreError> {
    if counters::get(db, counters::FOLD_VERSION)? >= FOLD_VERSION {
        return Ok(());
    }
    match read_chain(db) {
        Ok(chain) => {
            let shown_since = now.plus_ms(-SHOWN_AFTER_END_MS);
            for incident in chain.into_incidents().into_values() {
                incidents::put(db, &incident)?;
                if incident.ended_at.is_none_or(|at| at >= shown_since) {
                    let record = Record::Incident(Box::new(incident));
                    changes::append(db, now, &ChangeBody::Record(record))?;
                }
            }
            counters::set(db, counters::FOLD_VERSION, FOLD_VERSION)
        }
        Err(ChainError::Store(error)) => Err(error),
        Err(broken) => {
            tracing::error!(%broken, "records of an earlier version are left as they are");
            Ok(())
        }
    }
}

fn read_chain(db: &Connection) -> Result<Chain, ChainError> {
    let mut chain = Chain::default();
    trail::each_link(db, |row| {
        let link = Link {
            position: row.position,
            incident: IncidentId(row.incident),
            step: row.step,
            body: &row.body,
            hash: &row.hash,
        };
        chain.take(&link).map(|_| ()).map_err(ChainError::Broken)
    })?;
    Ok(chain)
}
