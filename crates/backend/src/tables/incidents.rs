//! Incidents as they stand: the fold of their trails, kept for fast reading.

use domain::{Incident, IncidentId, LonLat, Timestamp};
use protocol::heat::{ReportPlace, ReportPlaces};
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    is_open INTEGER NOT NULL,
    ended_at INTEGER,
    body TEXT NOT NULL
);
CREATE INDEX incidents_by_end ON incidents (is_open, ended_at);
";

/// Reports are looked for by when they came.
pub const MIGRATION_REPORTED: &str =
    "CREATE INDEX incidents_by_report ON incidents (json_extract(body, '$.reported_at'))";

/// An incident by its number.
pub fn get(db: &Connection, id: IncidentId) -> Result<Option<Incident>, StoreError> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM incidents WHERE id = ?1")?
        .query_row([id.0.cast_signed()], |row| row.get(0))
        .optional()?;
    body.map(|body| from_text("incidents", &id, &body))
        .transpose()
}

/// Writes an incident as it now stands.
pub fn put(db: &Connection, incident: &Incident) -> Result<(), StoreError> {
    let body = to_text("incidents", &incident.id, incident)?;
    db.prepare_cached(
        "INSERT INTO incidents (id, is_open, ended_at, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET
             is_open = excluded.is_open, ended_at = excluded.ended_at, body = excluded.body",
    )?
    .execute(params![
        incident.id.0.cast_signed(),
        incident.state.is_open(),
        incident.ended_at.map(Timestamp::unix_ms),
        body
    ])?;
    Ok(())
}

/// Open incidents and those that ended at or after the instant.
pub fn current(db: &Connection, ended_since: Timestamp) -> Result<Vec<Incident>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, body FROM incidents WHERE is_open = 1
         UNION ALL
         SELECT id, body FROM incidents WHERE is_open = 0 AND ended_at >= ?1",
    )?;
    let mut rows = statement.query([ended_since.unix_ms()])?;
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        incidents.push(from_text(
            "incidents",
            &id,
            row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
        )?);
    }
    Ok(incidents)
}

/// Where something was reported from an instant up to and without another, drills left out; of more
/// than `most` reports the newest.
pub fn reported(
    db: &Connection,
    (from, until): (Timestamp, Timestamp),
    most: usize,
) -> Result<ReportPlaces, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, json_extract(body, '$.reported_at'),
             json_extract(body, '$.location.lon'), json_extract(body, '$.location.lat')
         FROM incidents
         WHERE json_extract(body, '$.reported_at') >= ?1
             AND json_extract(body, '$.reported_at') < ?2
             AND coalesce(json_extract(body, '$.is_drill'), 0) = 0
         ORDER BY json_extract(body, '$.reported_at') DESC, id DESC
         LIMIT ?3",
    )?;
    // One more than wanted tells whether there are more.
    let limit = most as i64 + 1;
    let rows = statement.query_map(params![from.unix_ms(), until.unix_ms(), limit], |row| {
        let id: i64 = row.get(0)?;
        Ok(ReportPlace {
            incident: IncidentId(id.cast_unsigned()),
            at: Timestamp::from_unix_ms(row.get(1)?),
            location: LonLat::new(row.get(2)?, row.get(3)?),
        })
    })?;
    let mut reports = rows.collect::<Result<Vec<_>, _>>()?;
    let left_out = reports.get(most).map(|report| report.at.plus_ms(1));
    reports.truncate(most);
    Ok(ReportPlaces {
        since: left_out.unwrap_or(from),
        reports,
    })
}

/// Every incident, for the check against the trail.
pub fn all(db: &Connection) -> Result<Vec<Incident>, StoreError> {
    let mut statement = db.prepare("SELECT id, body FROM incidents ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, body): (i64, String) = (row.get(0)?, row.get(1)?);
        incidents.push(from_text("incidents", &id, &body)?);
    }
    Ok(incidents)
}

/// Whether any incident has been called a repetition of this one.
pub fn has_repetitions(db: &Connection, of: IncidentId) -> Result<bool, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM incidents
             WHERE is_open = 0 AND json_extract(body, '$.duplicate_of') = ?1)",
        )?
        .query_row([of.0.cast_signed()], |row| row.get(0))?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use domain::IncidentState;
    use testkit::builders;

    use super::*;
    use crate::store::Store;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_795_104_000_000);

    #[test]
    fn reports_of_a_span_are_told_newest_first_and_how_far_back_they_are_whole() {
        let store = Store::open(None).expect("a store in memory");
        let found = store
            .write(|db| -> Result<_, StoreError> {
                for number in 1..=5_u32 {
                    let mut incident = builders::incident(number, IncidentState::Closed);
                    incident.reported_at = NOW.plus_ms(i64::from(number));
                    incident.is_drill = number == 4;
                    put(db, &incident)?;
                }
                let until = NOW.plus_ms(5);
                let first = reported(db, (NOW, until), 2)?;
                Ok((first, reported(db, (NOW, until), 3)?))
            })
            .expect("read");
        let places = |places: &ReportPlaces| -> Vec<Timestamp> {
            places.reports.iter().map(|report| report.at).collect()
        };
        let (cut, whole) = found;
        assert_eq!(places(&cut), [NOW.plus_ms(3), NOW.plus_ms(2)]);
        assert_eq!(cut.since, NOW.plus_ms(2), "the first one is left out");
        assert_eq!(places(&whole).len(), 3);
        assert_eq!(whole.since, NOW);
    }
}
