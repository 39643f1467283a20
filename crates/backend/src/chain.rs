//! The hash chain over the trail of all incidents, and its verification.
//!
//! A link's hash is `SHA-256(previous hash in hex, a zero byte, canonical JSON of the entry
//! without its own hash)`, written in lower-case hex; the first link's previous hash is empty.
//! Canonical JSON is: no white space, object keys in the order of their bytes, strings and numbers
//! as `serde_json` writes them (shortest form that reads back to the same value), `null` written
//! out. The exact text that was hashed is what the database keeps.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::trail::TrailEntry;
use domain::{Incident, IncidentId};
use rusqlite::Connection;
use serde_json::Value;

use crate::store::StoreError;
use crate::tables::trail::TrailRow;
use crate::tables::{incidents, trail};

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
        "存证链在第 {position} 环断裂（案件 {incident} 第 {step} 步）：{what} / \
         the chain is broken at link {position} (incident {incident}, step {step}): {what}"
    )]
    Broken {
        /// Place in the chain, from 1.
        position: u64,
        /// The incident that the link claims.
        incident: IncidentId,
        /// The step that it claims.
        step: u32,
        /// What is wrong.
        what: &'static str,
    },
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

/// Sets the hash of an entry whose `previous_hash` is set, and returns the canonical JSON that was
/// hashed.
pub fn seal(entry: &mut TrailEntry) -> Result<String, serde_json::Error> {
    let canonical = canonical_json_without_hash(entry)?;
    entry.hash = entry.chain_hash(&canonical);
    Ok(canonical)
}

/// Canonical JSON of an entry without its own hash.
pub fn canonical_json_without_hash(entry: &TrailEntry) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(entry)?;
    if let Value::Object(fields) = &mut value {
        fields.remove("hash");
    }
    let mut text = String::new();
    write_canonical(&value, &mut text);
    Ok(text)
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            text.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_scalar(&Value::String(key.clone()), text);
                text.push(':');
                write_canonical(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        scalar => write_scalar(scalar, text),
    }
}

fn write_scalar(value: &Value, text: &mut String) {
    // Writing to a String cannot fail.
    write!(text, "{value}").ok();
}

/// Walks the whole chain, names the first broken link, and compares every incident with the fold
/// of its trail.
pub fn verify_chain(db: &Connection) -> Result<Verified, ChainError> {
    let mut verified = Verified {
        links: 0,
        head: String::new(),
    };
    let mut folds: BTreeMap<IncidentId, Incident> = BTreeMap::new();
    trail::each_link(db, |row| {
        let broken = |what| ChainError::Broken {
            position: verified.links + 1,
            incident: IncidentId(row.incident),
            step: row.step,
            what,
        };
        let entry = check_link(&row, &verified).map_err(broken)?;
        fold(&mut folds, &entry).map_err(broken)?;
        verified.links += 1;
        verified.head = row.hash;
        Ok::<(), ChainError>(())
    })?;
    let expected = trail::last_position(db)?;
    if expected != verified.links {
        return Err(ChainError::Shortened {
            expected,
            found: verified.links,
        });
    }
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

fn check_link(row: &TrailRow, before: &Verified) -> Result<TrailEntry, &'static str> {
    if row.position != before.links + 1 {
        return Err("前面缺少一环 / a link before it is missing");
    }
    let entry = row
        .entry()
        .map_err(|_| "内容无法读取 / its content cannot be read")?;
    if entry.previous_hash != before.head {
        return Err("与上一环不相连 / it does not follow the link before it");
    }
    if entry.chain_hash(&row.body) != row.hash {
        return Err("内容被改动 / its content was changed");
    }
    if (entry.incident.0, entry.step) != (row.incident, row.step) {
        return Err("案件或步骤被改动 / its incident or step was changed");
    }
    Ok(entry)
}

fn fold(
    folds: &mut BTreeMap<IncidentId, Incident>,
    entry: &TrailEntry,
) -> Result<(), &'static str> {
    let fits = match folds.get_mut(&entry.incident) {
        Some(incident) => incident.apply(entry),
        None => Incident::opened(entry).is_some_and(|incident| {
            folds.insert(entry.incident, incident);
            entry.step == 1
        }),
    };
    if fits {
        Ok(())
    } else {
        Err("步骤不连续 / its step does not follow")
    }
}
