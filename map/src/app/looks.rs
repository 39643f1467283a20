//! How marks change with the zoom, and how wide the lines of live layers are, in CSS pixels.

/// Width of the outline around selected and hovered areas.
pub const SELECTED_OUTLINE_PX: f32 = 2.6;
pub const HOVERED_OUTLINE_PX: f32 = 1.8;
/// Widths of routes, and how much longer the dashes of the casing are at each end.
pub const ROUTE_PX: f32 = 3.6;
pub const ROUTE_CASING_PX: f32 = 7.0;
pub const ROUTE_CASING_REACH_PX: f32 = 1.5;
/// Width of a trail.
pub const TRAIL_PX: f32 = 2.4;

/// Marks of people and cameras grow with the zoom, so that a crowd stays readable from afar.
pub fn mark_growth(zoom: f64) -> f32 {
    let ramp = |from: f64, span: f64| ((zoom - from) / span).clamp(0.0, 1.0);
    (0.5 + 0.5 * ramp(12.0, 3.4) + 0.35 * ramp(15.4, 2.6)) as f32
}

/// From afar the headings of a crowd would hide the crowd.
pub fn heading_opacity(zoom: f64) -> f32 {
    ((zoom - 14.2) / 0.8).clamp(0.0, 1.0) as f32
}

/// Incidents shrink a little where a whole street is a hand wide.
pub fn incident_growth(zoom: f64) -> f32 {
    (0.72 + 0.28 * ((zoom - 12.0) / 2.5).clamp(0.0, 1.0)) as f32
}

/// Cameras show from the zoom at which they can be told apart.
pub fn camera_opacity(zoom: f64) -> f32 {
    ((zoom - 14.8) / 0.8).clamp(0.0, 1.0) as f32
}
