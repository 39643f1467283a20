//! Orders as they stand, with the cursor of their last change for the field.

use std::collections::BTreeSet;

use domain::{IncidentId, Order, OrderId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Rows, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    incident INTEGER NOT NULL,
    is_under_way INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX orders_by_incident ON orders (incident);
CREATE INDEX orders_by_change ON orders (changed);
CREATE INDEX orders_under_way ON orders (is_under_way) WHERE is_under_way = 1;
";

/// An order by its key.
pub fn get(db: &Connection, id: OrderId) -> Result<Option<Order>, StoreError> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM orders WHERE id = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    body.map(|body| from_text("orders", &id, &body)).transpose()
}

/// Writes an order as it now stands; `changed` is the cursor of its change.
pub fn put(db: &Connection, order: &Order, changed: u64) -> Result<(), StoreError> {
    let body = to_text("orders", &order.id, order)?;
    db.prepare_cached(
        "INSERT INTO orders (id, incident, is_under_way, changed, body) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET
             is_under_way = excluded.is_under_way,
             changed = excluded.changed,
             body = excluded.body",
    )?
    .execute(params![
        order.id.to_string(),
        order.incident.0.cast_signed(),
        order.state().is_under_way(),
        changed.cast_signed(),
        body
    ])?;
    Ok(())
}

/// Orders of open incidents and of those that ended at or after the instant.
pub fn current(db: &Connection, ended_since: Timestamp) -> Result<Vec<Order>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT orders.id, orders.body FROM orders JOIN incidents ON incidents.id = orders.incident
         WHERE incidents.is_open = 1 OR incidents.ended_at >= ?1",
    )?;
    collect(statement.query([ended_since.unix_ms()])?)
}

/// All orders of an incident, in the order of their keys.
pub fn of_incident(db: &Connection, incident: IncidentId) -> Result<Vec<Order>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, body FROM orders WHERE incident = ?1 ORDER BY id")?;
    collect(statement.query([incident.0.cast_signed()])?)
}

/// All orders under way.
pub fn under_way(db: &Connection) -> Result<Vec<Order>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, body FROM orders WHERE is_under_way = 1 ORDER BY changed")?;
    collect(statement.query([])?)
}

/// People with an order under way.
pub fn people_under_way(db: &Connection) -> Result<BTreeSet<PersonId>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT body ->> '$.to' FROM orders WHERE is_under_way = 1")?;
    let people = statement.query_map([], |row| row.get(0).map(PersonId))?;
    Ok(people.collect::<Result<_, _>>()?)
}

/// Cursor of the newest change of an order; 0 before the first.
pub fn newest_change(db: &Connection) -> Result<u64, StoreError> {
    let newest: Option<i64> = db
        .prepare_cached("SELECT max(changed) FROM orders")?
        .query_row([], |row| row.get(0))?;
    Ok(newest.map_or(0, i64::cast_unsigned))
}

/// Orders that changed after the cursor, also those that ended.
pub fn changed_after(db: &Connection, cursor: u64) -> Result<Vec<Order>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, body FROM orders WHERE changed > ?1 ORDER BY changed")?;
    collect(statement.query([cursor.cast_signed()])?)
}

fn collect(mut rows: Rows<'_>) -> Result<Vec<Order>, StoreError> {
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
        orders.push(from_text("orders", &id, &body)?);
    }
    Ok(orders)
}
