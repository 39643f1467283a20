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

/// Width of what is drawn with a tool.
pub const TOOL_PX: f32 = 2.6;

/// Marks of people and devices grow with the zoom, so that a crowd stays readable from afar.
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

/// Pictures on incidents show from zoom 14 on; the pin grows for them.
pub fn picture_share(zoom: f64) -> f32 {
    ((zoom - 13.7) / 0.3).clamp(0.0, 1.0) as f32
}

/// CSS pixels by which the radius of an incident with a picture grows.
pub fn picture_room_px(zoom: f64) -> f32 {
    4.0 * picture_share(zoom)
}

/// The radius at which an incident's pin is drawn, from its own in quarters of a CSS pixel.
pub fn incident_radius_px(radius: u8, zoom: f64, has_picture: bool) -> f32 {
    let room_px = if has_picture {
        picture_room_px(zoom)
    } else {
        0.0
    };
    f32::from(radius) / 4.0 * incident_growth(zoom) + room_px
}

/// The radius at which a cluster is drawn, from its own in quarters of a CSS pixel.
pub fn donut_radius_px(radius: u8, zoom: f64) -> f32 {
    f32::from(radius) / 4.0 * incident_growth(zoom)
}

/// How far pictures show on devices, which are many and small.
pub fn device_picture_share(zoom: f64) -> f32 {
    ((zoom - 16.2) / 0.6).clamp(0.0, 1.0) as f32
}

/// CSS pixels by which the radius of a device grows for its picture.
pub fn device_room_px(zoom: f64) -> f32 {
    4.0 * device_picture_share(zoom)
}

/// The radius at which a device is drawn, from its own in quarters of a CSS pixel.
pub fn device_radius_px(radius: u8, zoom: f64) -> f32 {
    f32::from(radius) / 4.0 * mark_growth(zoom) + device_room_px(zoom)
}

/// Width of a line at a zoom in CSS pixels; 0 where it is not drawn. Roads keep about their width
/// on the ground, and stay visible from afar in the order of their importance.
pub fn line_px(class: u8, zoom: f64) -> f32 {
    let (at_16, least, from_zoom) = match class {
        0 => (2.0, 0.8, 15.0),
        1 => (7.0, 0.7, 12.8),
        2 => (10.0, 1.0, 11.5),
        3 => (12.0, 1.3, 10.0),
        _ => (15.0, 1.6, 8.0),
    };
    if zoom < from_zoom {
        return 0.0;
    }
    let px: f64 = at_16 * (1.55_f64).powf(zoom - 16.0);
    px.clamp(least, 40.0) as f32
}

/// How far the casing of a line looks out at each side.
pub const LINE_CASING_PX: f32 = 1.0;

/// Devices show from the zoom at which they can be told apart.
pub fn device_opacity(zoom: f64) -> f32 {
    ((zoom - 14.8) / 0.8).clamp(0.0, 1.0) as f32
}
