//! The hash chain over the trail of all incidents: how a link is sealed, and how a chain is read
//! until its first broken link.
//!
//! A link's hash is `SHA-256(previous hash in hex, a zero byte, canonical JSON of the entry
//! without its own hash)`, written in lower-case hex; the first link's previous hash is empty.
//! Canonical JSON is: no white space, object keys in the order of their bytes, strings and numbers
//! as `serde_json` writes them (shortest form that reads back to the same value), `null` written
//! out. The text that was hashed is kept as it was, so a later version that knows more fields
//! still finds every older link whole.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::TrailEntry;
use crate::ids::IncidentId;
use crate::incidents::Incident;

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainFault {
    /// Its place is not the one after the link before it.
    #[error("前面缺少一环 / a link before it is missing")]
    Gap,
    /// It is no entry.
    #[error("内容无法读取 / its content cannot be read")]
    Unreadable,
    /// It names another predecessor.
    #[error("与上一环不相连 / it does not follow the link before it")]
    Unlinked,
    /// Its hash is not that of its content.
    #[error("内容被改动 / its content was changed")]
    Changed,
    /// It is stored as a step of an incident that its content does not name.
    #[error("案件或步骤被改动 / its incident or step was changed")]
    Misplaced,
    /// Its step is not the next one of its incident.
    #[error("步骤不连续 / its step does not follow")]
    OutOfStep,
}

/// The first link that is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("link {position} (incident {incident}, step {step}): {fault}")]
pub struct BrokenLink {
    /// Place in the chain, from 1.
    pub position: u64,
    /// The incident that the link claims.
    pub incident: IncidentId,
    /// The step that it claims.
    pub step: u32,
    /// What is wrong.
    pub fault: ChainFault,
}

/// A link as a store keeps it.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Place in the chain, from 1 without gaps.
    pub position: u64,
    /// The incident under which it is stored.
    pub incident: IncidentId,
    /// The step under which it is stored.
    pub step: u32,
    /// Canonical JSON of the entry without its hash, as it was hashed.
    pub body: &'a str,
    /// Hash of the link.
    pub hash: &'a str,
}

/// The part of a chain that has been read and is whole, with every incident folded so far.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    links: u64,
    head: String,
    incidents: BTreeMap<IncidentId, Incident>,
}

impl Chain {
    /// Takes the next link, or says what is wrong with it and stays as it was.
    pub fn take(&mut self, link: &Link<'_>) -> Result<TrailEntry, BrokenLink> {
        self.check(link)
            .and_then(|entry| self.fold(&entry).map(|()| entry))
            .map_err(|fault| BrokenLink {
                position: self.links + 1,
                incident: link.incident,
                step: link.step,
                fault,
            })
    }

    fn check(&self, link: &Link<'_>) -> Result<TrailEntry, ChainFault> {
        if link.position != self.links + 1 {
            return Err(ChainFault::Gap);
        }
        let unreadable = |_| ChainFault::Unreadable;
        let mut fields: Value = serde_json::from_str(link.body).map_err(unreadable)?;
        if let Value::Object(fields) = &mut fields {
            fields.insert("hash".to_owned(), Value::from(link.hash));
        }
        let entry: TrailEntry = serde_json::from_value(fields).map_err(unreadable)?;
        if entry.previous_hash != self.head {
            return Err(ChainFault::Unlinked);
        }
        if chain_hash(&entry.previous_hash, link.body) != link.hash {
            return Err(ChainFault::Changed);
        }
        if (entry.incident, entry.step) != (link.incident, link.step) {
            return Err(ChainFault::Misplaced);
        }
        Ok(entry)
    }

    fn fold(&mut self, entry: &TrailEntry) -> Result<(), ChainFault> {
        let fits = match self.incidents.get_mut(&entry.incident) {
            Some(incident) => incident.apply(entry),
            None => Incident::opened(entry)
                .map(|incident| self.incidents.insert(entry.incident, incident))
                .is_some(),
        };
        if !fits {
            return Err(ChainFault::OutOfStep);
        }
        self.links += 1;
        self.head.clone_from(&entry.hash);
        Ok(())
    }

    /// How many links it has.
    pub const fn links(&self) -> u64 {
        self.links
    }

    /// Hash of the last link, empty before the first: note it elsewhere, and a chain that is
    /// replaced whole is found out.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Every incident of the chain as its trail has left it.
    pub fn into_incidents(self) -> BTreeMap<IncidentId, Incident> {
        self.incidents
    }
}

/// Reads a whole chain of entries, the oldest first, and names the first broken link.
pub fn verify_chain(entries: &[TrailEntry]) -> Result<Chain, BrokenLink> {
    let mut chain = Chain::default();
    for (position, entry) in (1..).zip(entries) {
        let unreadable = |_| BrokenLink {
            position,
            incident: entry.incident,
            step: entry.step,
            fault: ChainFault::Unreadable,
        };
        let body = canonical_json_without_hash(entry).map_err(unreadable)?;
        chain.take(&Link {
            position,
            incident: entry.incident,
            step: entry.step,
            body: &body,
            hash: &entry.hash,
        })?;
    }
    Ok(chain)
}

/// Chains an entry behind the link whose hash is `previous_hash` and returns the canonical JSON
/// that was hashed, which the store has to keep.
pub fn seal(entry: &mut TrailEntry, previous_hash: &str) -> Result<String, serde_json::Error> {
    previous_hash.clone_into(&mut entry.previous_hash);
    let canonical = canonical_json_without_hash(entry)?;
    entry.hash = chain_hash(previous_hash, &canonical);
    Ok(canonical)
}

fn chain_hash(previous_hash: &str, canonical_json: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(previous_hash.as_bytes());
    digest.update([0]);
    digest.update(canonical_json.as_bytes());
    let hex = String::with_capacity(64);
    digest.finalize().iter().fold(hex, |mut hex, byte| {
        // Writing to a String cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

fn canonical_json_without_hash(entry: &TrailEntry) -> Result<String, serde_json::Error> {
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

#[cfg(test)]
mod tests;
