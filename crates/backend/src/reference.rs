//! Reference data ready to be served: one JSON text for all halls, and the grid index.

use axum::body::Bytes;
use domain::places::{Bounds, Camera, Grid, GridIndex, ResponsibilityGrid, Sensor, Street};
use domain::roads::RoadNetwork;
use domain::rules::Rules;
use domain::{LonLat, Provenance, Supply, Timestamp};
use protocol::Reference;
use rusqlite::Connection;

use crate::store::StoreError;
use crate::tables::{changes, counters, officers, reference_parts};

/// The reference data in force.
#[derive(Debug)]
pub struct ReferenceInForce {
    /// Its version; 0 while nothing has been imported.
    pub version: u64,
    /// Name of the street, empty when none is imported.
    pub street: String,
    /// [`Reference`] as JSON.
    pub json: Bytes,
    /// Which grids hold a point.
    pub grids: GridIndex,
}

/// Reads the reference data of the database.
pub fn read(db: &Connection, rules: &Rules) -> Result<ReferenceInForce, StoreError> {
    use reference_parts::{
        BOUNDS, CAMERAS, GRIDS, OUTLINE, RESPONSIBILITY_GRIDS, ROADS, SENSORS, STREET, get,
    };
    let grids: Vec<Grid> = get(db, GRIDS)?.unwrap_or_default();
    let reference = Reference {
        version: counters::get(db, counters::REFERENCE_VERSION)?,
        street: get::<Street>(db, STREET)?.unwrap_or_default(),
        bounds: get::<Option<Bounds>>(db, BOUNDS)?.flatten(),
        outline: get::<Vec<Vec<LonLat>>>(db, OUTLINE)?.unwrap_or_default(),
        cameras: get::<Vec<Camera>>(db, CAMERAS)?.unwrap_or_default(),
        sensors: get::<Vec<Sensor>>(db, SENSORS)?.unwrap_or_default(),
        roads: get::<RoadNetwork>(db, ROADS)?.unwrap_or_default(),
        rules: rules.clone(),
        officers: officers::all(db)?,
        grids,
        responsibility_grids: get::<Vec<ResponsibilityGrid>>(db, RESPONSIBILITY_GRIDS)?
            .unwrap_or_default(),
        provenance: reference_parts::provenance(db)?,
    };
    let json = serde_json::to_vec(&reference).map_err(|source| StoreError::Row {
        table: "reference_parts",
        row: "all".to_owned(),
        source,
    })?;
    Ok(ReferenceInForce {
        version: reference.version,
        street: reference.street.name_zh,
        json: json.into(),
        grids: GridIndex::new(reference.grids).with_responsibility(&reference.responsibility_grids),
    })
}

/// Counts a new version and tells the halls.
pub fn announce(db: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let version = counters::next(db, counters::REFERENCE_VERSION, now)?;
    let body = protocol::http::ChangeBody::Reference { version };
    changes::append(db, now, &body)?;
    Ok(version)
}

/// Puts new rules into force where they differ from those of the last start. A street that has no
/// reference data yet gets them with its first import.
pub fn put_rules(db: &Connection, rules: &Rules, now: Timestamp) -> Result<(), StoreError> {
    // Rules of an older layout cannot be read, and then they certainly differ.
    let stored: Option<Rules> = reference_parts::get(db, reference_parts::RULES).unwrap_or(None);
    if stored.as_ref() != Some(rules) {
        let from = Provenance {
            supply: Supply::RulesFiles,
            at: now,
        };
        reference_parts::put(db, reference_parts::RULES, rules, from)?;
        if counters::get(db, counters::REFERENCE_VERSION)? != 0 {
            announce(db, now)?;
        }
    }
    Ok(())
}
