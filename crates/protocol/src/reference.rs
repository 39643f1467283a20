//! Reference data: what changes by import and not by the day's work.

use domain::places::{Bounds, Camera, Grid, ResponsibilityGrid, Street};
use domain::roads::RoadNetwork;
use domain::rules::Rules;
use domain::trail::Officer;
use serde::{Deserialize, Serialize};

/// The street's map, roads, rules and officers, loaded whole and cached by version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Grows by one with every import.
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
    /// The road graph.
    pub roads: RoadNetwork,
    /// The rules in force.
    pub rules: Rules,
    /// Officers who can sign in.
    pub officers: Vec<Officer>,
}
