//! Reference data: what changes by import and not by the day's work.

use std::collections::BTreeMap;

use domain::Provenance;
use domain::places::{Bounds, Camera, Grid, ResponsibilityGrid, Sensor, Street};
use domain::roads::RoadNetwork;
use domain::rules::Rules;
use domain::trail::Officer;
use serde::{Deserialize, Serialize};

/// The street's map, roads, rules and officers, loaded whole and cached by version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Grows with every import: the moment of it in milliseconds, or one more than before where the clock lay
    /// behind that. So a backend that was restored from a backup gives none again, as long as its clock did not.
    pub version: u64,
    /// The street; the name is empty for a backend without an imported street.
    pub street: Street,
    /// Area to show first; `None` when nothing has been imported.
    pub bounds: Option<Bounds>,
    /// Outline of the street: rings in degrees, closed.
    pub outline: Vec<Vec<domain::LonLat>>,
    /// Grids of all levels, parents before children.
    pub grids: Vec<Grid>,
    /// Responsibility grids: sets of the unit grids, with whoever answers for each.
    #[serde(default)]
    pub responsibility_grids: Vec<ResponsibilityGrid>,
    /// Cameras.
    pub cameras: Vec<Camera>,
    /// Sensors.
    #[serde(default)]
    pub sensors: Vec<Sensor>,
    /// The road graph.
    pub roads: RoadNetwork,
    /// The rules in force.
    pub rules: Rules,
    /// Officers who can sign in.
    pub officers: Vec<Officer>,
    /// Where the parts come from and how old they are; those that an earlier version took are missing.
    #[serde(default)]
    pub provenance: BTreeMap<ReferencePart, Provenance>,
}

/// What reference data is taken over in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferencePart {
    /// The street's name and outline.
    Street,
    /// Grids of all levels.
    Grids,
    /// Responsibility grids.
    ResponsibilityGrids,
    /// Cameras.
    Cameras,
    /// Sensors.
    Sensors,
    /// The road graph.
    Roads,
    /// The rules in force.
    Rules,
}
