//! What lies under the cursor: all features of all layers, in drawing order.

use crate::live::AreaFeature;
use crate::projection::{View, World};

/// A feature under the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The layer's rank as given to the index; larger is drawn later, i.e. above.
    pub rank: u32,
    /// The feature's index in its layer.
    pub feature: u32,
    /// Distance from the cursor to the point in CSS pixels; 0 for areas.
    pub distance_px: f64,
}

/// An index over areas and points.
#[derive(Debug, Default)]
pub struct PickIndex {}

impl PickIndex {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces a layer of areas.
    pub fn set_areas(&mut self, rank: u32, features: &[AreaFeature]) {
        let _ = (rank, features);
    }

    /// Replaces a layer of points that are drawn with this radius in CSS pixels.
    pub fn set_points(&mut self, rank: u32, points: &[World], radius_px: f64) {
        let _ = (rank, points, radius_px);
    }

    /// Removes a layer.
    pub fn remove(&mut self, rank: u32) {
        let _ = rank;
    }

    /// Everything under a point of the screen (CSS pixels), what is drawn last first; points within `slack_px` beyond
    /// their radius count too, the nearest of a layer first.
    pub fn pick(&self, view: &View, screen: [f64; 2], slack_px: f64) -> Vec<Hit> {
        let _ = (view, screen, slack_px);
        Vec::new()
    }
}
