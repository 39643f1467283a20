//! Table `records`: incidents, orders, roster entries and the mode as the backend has them.

use domain::situation::{Record, Touched};
use domain::{Situation, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::database::unreadable_row;

/// First version of the table. The body is JSON, so that a field added with a default stays readable.
pub const MIGRATION: &str = "
CREATE TABLE records (
    kind TEXT NOT NULL,
    id   TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;";

const DUTY_ENTRY: &str = "duty_entry";
const HANDOVER: &str = "handover";

/// Second version: what retention looks for stands in columns of its own.
pub const BY_END: &str = "
ALTER TABLE records ADD COLUMN incident INTEGER;
ALTER TABLE records ADD COLUMN ended_at INTEGER;
UPDATE records SET
    incident = json_extract(body, '$.incident.id'),
    ended_at = json_extract(body, '$.incident.ended_at')
WHERE kind = 'incident' AND json_valid(body);
UPDATE records SET incident = json_extract(body, '$.order.incident')
WHERE kind = 'order' AND json_valid(body);
CREATE INDEX records_by_incident ON records (incident) WHERE incident IS NOT NULL;
CREATE INDEX records_by_end ON records (ended_at) WHERE ended_at IS NOT NULL;";

/// Kind and id of a record.
fn name(record: &Record) -> (&'static str, String) {
    match record {
        Record::Incident(incident) => ("incident", incident.id.to_string()),
        Record::Order(order) => ("order", order.id.to_string()),
        Record::Person(person) => ("person", person.id.to_string()),
        Record::Mode(_) => ("mode", String::new()),
        Record::DutyEntry(entry) => (DUTY_ENTRY, entry.id.to_string()),
        Record::Handover(handover) => (HANDOVER, handover.sheet.id.to_string()),
    }
}

/// The incident that a record belongs to, and when that ended if this is its own record.
fn matter(record: &Record) -> (Option<i64>, Option<i64>) {
    match record {
        Record::Incident(incident) => (
            Some(incident.id.0.cast_signed()),
            incident.ended_at.map(Timestamp::unix_ms),
        ),
        Record::Order(order) => (Some(order.incident.0.cast_signed()), None),
        Record::Person(_) | Record::Mode(_) | Record::DutyEntry(_) | Record::Handover(_) => {
            (None, None)
        }
    }
}

fn decode(kind: &str, id: &str, body: &str) -> rusqlite::Result<Record> {
    serde_json::from_str(body).map_err(|e| unreadable_row("records", format!("{kind} {id}"), e))
}

/// The stored record of the same name.
fn stored(connection: &Connection, kind: &str, id: &str) -> rusqlite::Result<Option<Record>> {
    connection
        .prepare_cached("SELECT body FROM records WHERE kind = ?1 AND id = ?2")?
        .query_row(params![kind, id], |row| row.get::<_, String>(0))
        .optional()?
        .map(|body| decode(kind, id, &body))
        .transpose()
}

/// Stores a record unless what is stored already is as new or newer; the rule is the domain's fold,
/// so disk and screen cannot disagree. Returns whether it was stored.
pub fn put(connection: &Connection, record: &Record) -> rusqlite::Result<bool> {
    let (kind, id) = name(record);
    let mut fold = Situation::default();
    let known = stored(connection, kind, &id)?;
    let is_first_mode = known.is_none() && matches!(record, Record::Mode(_));
    if let Some(known) = known {
        fold.apply(known);
    }
    if fold.apply(record.clone()) == Touched::Nothing && !is_first_mode {
        return Ok(false);
    }
    let body = serde_json::to_string(record).map_err(|e| unreadable_row("records", &id, e))?;
    let (incident, ended_at) = matter(record);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO records (kind, id, body, incident, ended_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![kind, id, body, incident, ended_at])?;
    Ok(true)
}

/// Removes everything but the records of the situation.
pub fn keep_only(connection: &Connection, situation: &Situation) -> rusqlite::Result<()> {
    let mut read = connection.prepare("SELECT kind, id FROM records")?;
    let names = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names: Vec<(String, String)> = names.collect::<rusqlite::Result<_>>()?;
    for (kind, id) in names {
        let wanted = match kind.as_str() {
            "incident" => id
                .parse()
                .is_ok_and(|id| situation.incidents.contains_key(&id)),
            "order" => id
                .parse()
                .is_ok_and(|id| situation.orders.contains_key(&id)),
            "person" => id
                .parse()
                .is_ok_and(|id| situation.people.contains_key(&id)),
            DUTY_ENTRY | HANDOVER => is_duty_kept(situation, &kind, &id),
            _ => true,
        };
        if !wanted {
            delete(connection, &kind, &id)?;
        }
    }
    Ok(())
}

/// Incidents that have ended, those that ended longest ago first, at most `limit`; where a moment is
/// given, only those that ended before it.
pub fn ended_first(
    connection: &Connection,
    before: Option<Timestamp>,
    limit: i64,
) -> rusqlite::Result<Vec<i64>> {
    let before_ms = before.map_or(i64::MAX, Timestamp::unix_ms);
    connection
        .prepare_cached(
            "SELECT incident FROM records WHERE ended_at IS NOT NULL AND ended_at < ?1
             ORDER BY ended_at LIMIT ?2",
        )?
        .query_map(params![before_ms, limit], |row| row.get(0))?
        .collect()
}

/// Removes an incident with its orders.
pub fn remove_incident(connection: &Connection, incident: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM records WHERE incident = ?1")?
        .execute([incident])
        .map(drop)
}

fn is_duty_kept(situation: &Situation, kind: &str, id: &str) -> bool {
    id.parse().is_ok_and(|id| {
        if kind == DUTY_ENTRY {
            situation.duty_log.contains_key(&id)
        } else {
            situation.handovers.contains_key(&id)
        }
    })
}

/// Names of the duty log's rows that the situation no longer keeps, because newer ones have come.
pub fn outlived_duty(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut situation = Situation::default();
    let mut names: Vec<(String, String)> = Vec::new();
    let mut read =
        connection.prepare("SELECT kind, id, body FROM records WHERE kind IN (?1, ?2)")?;
    let mut rows = read.query([DUTY_ENTRY, HANDOVER])?;
    while let Some(row) = rows.next()? {
        let (kind, id, body): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        situation.apply(decode(&kind, &id, &body)?);
        names.push((kind, id));
    }
    names.retain(|(kind, id)| !is_duty_kept(&situation, kind, id));
    Ok(names)
}

/// Removes rows by their names.
pub fn remove(connection: &Connection, names: &[(String, String)]) -> rusqlite::Result<()> {
    let mut names = names.iter();
    names.try_for_each(|(kind, id)| delete(connection, kind, id))
}

fn delete(connection: &Connection, kind: &str, id: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM records WHERE kind = ?1 AND id = ?2")?
        .execute(params![kind, id])
        .map(drop)
}

/// All records folded; a row that cannot be read means that the cache is damaged.
pub fn load(connection: &Connection, into: &mut Situation) -> rusqlite::Result<()> {
    let mut read = connection.prepare("SELECT kind, id, body FROM records")?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, id, body): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        into.apply(decode(&kind, &id, &body)?);
    }
    Ok(())
}

/// Removes all rows.
pub fn clear(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM records", []).map(drop)
}
