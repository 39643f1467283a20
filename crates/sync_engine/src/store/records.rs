//! Table `records`: incidents, orders, roster entries and the mode as the backend has them.

use domain::Situation;
use domain::situation::{Record, Touched};
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
    connection
        .prepare_cached("INSERT OR REPLACE INTO records (kind, id, body) VALUES (?1, ?2, ?3)")?
        .execute(params![kind, id, body])?;
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

fn is_duty_kept(situation: &Situation, kind: &str, id: &str) -> bool {
    id.parse().is_ok_and(|id| {
        if kind == DUTY_ENTRY {
            situation.duty_log.contains_key(&id)
        } else {
            situation.handovers.contains_key(&id)
        }
    })
}

/// Removes what the situation no longer keeps of the duty log, because newer entries have come.
pub fn trim_duty(connection: &Connection, situation: &Situation) -> rusqlite::Result<()> {
    let mut read = connection.prepare("SELECT kind, id FROM records WHERE kind IN (?1, ?2)")?;
    let names = read.query_map([DUTY_ENTRY, HANDOVER], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names: Vec<(String, String)> = names.collect::<rusqlite::Result<_>>()?;
    for (kind, id) in names {
        if !is_duty_kept(situation, &kind, &id) {
            delete(connection, &kind, &id)?;
        }
    }
    Ok(())
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
