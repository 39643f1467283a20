//! Table `trail`: the links of the incidents' trails, append-only like the original.

use domain::IncidentId;
use domain::trail::TrailEntry;
use rusqlite::{Connection, params};

use super::database::unreadable_row;

/// First version of the table.
pub const MIGRATION: &str = "
CREATE TABLE trail (
    incident INTEGER NOT NULL,
    step     INTEGER NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, step)
) STRICT, WITHOUT ROWID;";

/// Appends a link; a link that is there already stays as it is.
pub fn put(connection: &Connection, entry: &TrailEntry) -> rusqlite::Result<bool> {
    let body = serde_json::to_string(entry)
        .map_err(|e| unreadable_row("trail", format!("{}/{}", entry.incident, entry.step), e))?;
    let added = connection
        .prepare_cached("INSERT OR IGNORE INTO trail (incident, step, body) VALUES (?1, ?2, ?3)")?
        .execute(params![entry.incident.0 as i64, entry.step, body])?;
    Ok(added > 0)
}

/// The trail of an incident, oldest first.
pub fn of_incident(
    connection: &Connection,
    incident: IncidentId,
) -> rusqlite::Result<Vec<TrailEntry>> {
    let mut read =
        connection.prepare_cached("SELECT body FROM trail WHERE incident = ?1 ORDER BY step")?;
    let bodies = read.query_map(params![incident.0 as i64], |row| row.get::<_, String>(0))?;
    bodies
        .map(|body| serde_json::from_str(&body?).map_err(|e| unreadable_row("trail", incident, e)))
        .collect()
}

/// Removes the trails of incidents that the cache no longer holds.
pub fn keep_only(
    connection: &Connection,
    wanted: impl Fn(IncidentId) -> bool,
) -> rusqlite::Result<()> {
    let mut read = connection.prepare("SELECT DISTINCT incident FROM trail")?;
    let incidents = read.query_map([], |row| row.get::<_, i64>(0))?;
    for incident in incidents.collect::<rusqlite::Result<Vec<_>>>()? {
        if !wanted(IncidentId(incident as u64)) {
            connection.execute("DELETE FROM trail WHERE incident = ?1", params![incident])?;
        }
    }
    Ok(())
}

/// Removes the trail of an incident.
pub fn remove_incident(connection: &Connection, incident: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM trail WHERE incident = ?1")?
        .execute([incident])
        .map(drop)
}

/// Removes all rows.
pub fn clear(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM trail", []).map(drop)
}
