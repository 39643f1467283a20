//! Reports by category, time and caller: how often the same matter was complained about before.

use domain::clusters::Complaint;
use domain::rules::CategoryCode;
use domain::trail::ReportFacts;
use domain::{CallerId, Incident, IncidentId, LonLat, Timestamp};
use rusqlite::{Connection, params};

use crate::store::StoreError;

/// Reports that came before this table are taken over from their incidents.
pub const MIGRATION: &str = "
CREATE TABLE complaints (
    incident INTEGER PRIMARY KEY,
    category TEXT NOT NULL,
    reported_at INTEGER NOT NULL,
    caller TEXT,
    lon REAL NOT NULL,
    lat REAL NOT NULL,
    is_drill INTEGER NOT NULL
);
CREATE INDEX complaints_by_category ON complaints (category, reported_at);
INSERT INTO complaints
    SELECT id, body ->> '$.category', body ->> '$.reported_at',
           body ->> '$.particulars.caller',
           body ->> '$.location.lon', body ->> '$.location.lat',
           coalesce(body ->> '$.is_drill', 0)
    FROM incidents;
";

/// A report as it is kept.
#[derive(Debug)]
pub struct Row {
    incident: IncidentId,
    category: CategoryCode,
    reported_at: Timestamp,
    caller: Option<CallerId>,
    location: LonLat,
    is_drill: bool,
}

impl Row {
    /// The row of a report.
    pub fn of(incident: IncidentId, facts: &ReportFacts, reported_at: Timestamp) -> Self {
        Self {
            incident,
            category: facts.category,
            reported_at,
            caller: facts.particulars.caller.clone(),
            location: facts.location,
            is_drill: facts.is_drill,
        }
    }

    /// The row of an incident as it stands now.
    pub fn of_incident(incident: &Incident) -> Self {
        Self {
            incident: incident.id,
            category: incident.category,
            reported_at: incident.reported_at,
            caller: incident.particulars.caller.clone(),
            location: incident.location,
            is_drill: incident.is_drill,
        }
    }

    /// As a complaint that others are compared with; whether it counts, its incident says.
    pub const fn complaint(&self) -> Complaint<'_> {
        Complaint {
            id: self.incident,
            category: self.category,
            caller: self.caller.as_ref(),
            location: self.location,
            at: self.reported_at,
            is_drill: self.is_drill,
        }
    }

    /// The incident that the report opened.
    pub const fn incident(&self) -> IncidentId {
        self.incident
    }
}

/// Remembers a report.
pub fn insert(db: &Connection, row: &Row) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO complaints
             (incident, category, reported_at, caller, lon, lat, is_drill)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        row.incident.0.cast_signed(),
        row.category.to_string(),
        row.reported_at.unix_ms(),
        row.caller.as_ref().map(CallerId::as_str),
        row.location.lon,
        row.location.lat,
        row.is_drill,
    ])?;
    Ok(())
}

/// Follows an incident that gets another category.
pub fn recategorise(
    db: &Connection,
    incident: IncidentId,
    category: CategoryCode,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE complaints SET category = ?2 WHERE incident = ?1")?
        .execute(params![incident.0.cast_signed(), category.to_string()])?;
    Ok(())
}

/// Reports of a category from one instant to another, both inclusive.
pub fn of_category(
    db: &Connection,
    category: CategoryCode,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Row>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT incident, reported_at, caller, lon, lat, is_drill FROM complaints
         WHERE category = ?1 AND reported_at BETWEEN ?2 AND ?3",
    )?;
    let mut rows = statement.query(params![category.to_string(), from.unix_ms(), to.unix_ms()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let incident = IncidentId(row.get::<_, i64>(0)?.cast_unsigned());
        let caller: Option<String> = row.get(2)?;
        found.push(Row {
            incident,
            category,
            reported_at: Timestamp::from_unix_ms(row.get(1)?),
            caller: caller.map(CallerId),
            location: LonLat::new(row.get(3)?, row.get(4)?),
            is_drill: row.get(5)?,
        });
    }
    Ok(found)
}
