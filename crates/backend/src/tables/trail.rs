//! The trail of all incidents: written once, never changed, chained in the order of acceptance.

use domain::trail::TrailEntry;
use domain::{IncidentId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Rows, params};
use serde_json::value::RawValue;

use super::from_text;
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE trail (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    incident INTEGER NOT NULL,
    step INTEGER NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (incident, step)
);
CREATE TRIGGER trail_is_never_changed BEFORE UPDATE ON trail
    BEGIN SELECT raise(ABORT, 'the trail is append-only'); END;
CREATE TRIGGER trail_is_never_deleted BEFORE DELETE ON trail
    BEGIN SELECT raise(ABORT, 'the trail is append-only'); END;
";

/// A link as it is stored.
#[derive(Debug)]
pub struct TrailRow {
    /// Place in the chain, from 1 without gaps.
    pub position: u64,
    /// Whose trail.
    pub incident: u64,
    /// Step in it.
    pub step: u32,
    /// Canonical JSON of the entry without its hash.
    pub body: String,
    /// Hash of the link.
    pub hash: String,
}

impl TrailRow {
    /// JSON of the whole entry: the stored body with its hash put in.
    fn entry_json(&self) -> String {
        let open = self.body.strip_suffix('}').unwrap_or(&self.body);
        format!("{open},\"hash\":\"{}\"}}", self.hash)
    }

    /// The entry.
    pub fn entry(&self) -> Result<TrailEntry, StoreError> {
        from_text("trail", &self.position, &self.entry_json())
    }

    fn raw(&self) -> Result<Box<RawValue>, StoreError> {
        from_text("trail", &self.position, &self.entry_json())
    }
}

/// Appends a link; `canonical` is the entry's canonical JSON without its hash.
pub fn append(db: &Connection, entry: &TrailEntry, canonical: &str) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO trail (incident, step, body, hash) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            entry.incident.0.cast_signed(),
            entry.step,
            canonical,
            entry.hash
        ])?;
    Ok(())
}

/// Hash of the last link; empty before the first.
pub fn head(db: &Connection) -> Result<String, StoreError> {
    let hash: Option<String> = db
        .prepare_cached("SELECT hash FROM trail ORDER BY position DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(hash.unwrap_or_default())
}

/// Position that the last link got; it stays when somebody removes links from the end.
pub fn last_position(db: &Connection) -> Result<u64, StoreError> {
    let position: Option<i64> = db
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'trail'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(position.map_or(0, i64::cast_unsigned))
}

const COLUMNS: &str = "trail.position, trail.incident, trail.step, trail.body, trail.hash";

/// The trail of an incident, oldest first, as JSON entries.
pub fn of_incident(
    db: &Connection,
    incident: IncidentId,
) -> Result<Vec<Box<RawValue>>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM trail WHERE incident = ?1 ORDER BY step"
    ))?;
    let mut entries = Vec::new();
    each(statement.query([incident.0.cast_signed()])?, |row| {
        entries.push(row.raw()?);
        Ok::<(), StoreError>(())
    })?;
    Ok(entries)
}

/// The trail of an incident, oldest first, to decide by.
pub fn entries_of(db: &Connection, incident: IncidentId) -> Result<Vec<TrailEntry>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM trail WHERE incident = ?1 ORDER BY step"
    ))?;
    let mut entries = Vec::new();
    each(statement.query([incident.0.cast_signed()])?, |row| {
        entries.push(row.entry()?);
        Ok::<(), StoreError>(())
    })?;
    Ok(entries)
}

/// The steps of an incident after `step`, oldest first, to decide by.
pub fn entries_after(
    db: &Connection,
    incident: IncidentId,
    step: u32,
) -> Result<Vec<TrailEntry>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM trail WHERE incident = ?1 AND step > ?2 ORDER BY step"
    ))?;
    let mut entries = Vec::new();
    each(
        statement.query(params![incident.0.cast_signed(), step])?,
        |row| {
            entries.push(row.entry()?);
            Ok::<(), StoreError>(())
        },
    )?;
    Ok(entries)
}

/// Trails of open incidents and of those that ended at or after the instant, in chain order.
pub fn current(db: &Connection, ended_since: Timestamp) -> Result<Vec<Box<RawValue>>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM trail JOIN incidents ON incidents.id = trail.incident
         WHERE incidents.is_open = 1 OR incidents.ended_at >= ?1 ORDER BY trail.position"
    ))?;
    let mut entries = Vec::new();
    each(statement.query([ended_since.unix_ms()])?, |row| {
        entries.push(row.raw()?);
        Ok::<(), StoreError>(())
    })?;
    Ok(entries)
}

/// Shows every link in chain order.
pub fn each_link<E: From<StoreError>>(
    db: &Connection,
    mut show: impl FnMut(TrailRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = db
        .prepare(&format!("SELECT {COLUMNS} FROM trail ORDER BY position"))
        .map_err(StoreError::from)?;
    each(statement.query([]).map_err(StoreError::from)?, |row| {
        show(row)
    })
}

fn each<E: From<StoreError>>(
    mut rows: Rows<'_>,
    mut show: impl FnMut(TrailRow) -> Result<(), E>,
) -> Result<(), E> {
    let read = |row: &rusqlite::Row<'_>| -> Result<TrailRow, rusqlite::Error> {
        Ok(TrailRow {
            position: row.get::<_, i64>(0)?.cast_unsigned(),
            incident: row.get::<_, i64>(1)?.cast_unsigned(),
            step: row.get(2)?,
            body: row.get(3)?,
            hash: row.get(4)?,
        })
    };
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        show(read(row).map_err(StoreError::from)?)?;
    }
    Ok(())
}
