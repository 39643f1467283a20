//! The heat map as it was sent.

use map_core::heat::{self, HeatGrid};
use map_protocol::HeatPoint;

/// The heat map.
#[derive(Debug, Default)]
pub struct Heat {
    pub grid: Option<HeatGrid>,
    pub dirty: bool,
}

impl Heat {
    /// Replaces the points; answers the largest density, 0 where there is none.
    pub fn set(&mut self, points: &[HeatPoint], radius_m: f32) -> f32 {
        let points: Vec<heat::HeatPoint> = points
            .iter()
            .map(|point| heat::HeatPoint {
                at: [point.at.x, point.at.y],
                weight: point.weight,
            })
            .collect();
        self.grid = HeatGrid::of(&points, f64::from(radius_m));
        self.dirty = true;
        self.grid.as_ref().map_or(0.0, |grid| grid.peak)
    }
}
