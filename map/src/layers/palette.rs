//! The palette as the shaders see it: one array of colours, addressed by slot.

use map_core::colour::Colour;
use map_protocol::{Palette, Rgba};

/// Colours in the uniform array.
pub const SLOTS: usize = 96;

/// Polygon classes take the slots from here on.
pub const CLASS: u8 = 0;
const CLASS_COUNT: usize = 32;
/// States of people take the slots from here on.
pub const STATE: u8 = 32;
const STATE_COUNT: usize = 16;
/// Severities take the slots from here on.
pub const SEVERITY: u8 = 48;
pub const INCIDENT_OUTLINE: u8 = 52;
pub const OVERDUE: u8 = 53;
pub const UNACKNOWLEDGED: u8 = 54;
pub const PERSON_OUTLINE: u8 = 55;
pub const CAMERA_ONLINE: u8 = 56;
pub const CAMERA_OFFLINE: u8 = 57;
pub const SELECTION: u8 = 58;
pub const HOVER: u8 = 59;
pub const ROUTE: u8 = 60;
pub const ROUTE_CASING: u8 = 61;
pub const POLYGON_OUTLINE: u8 = 62;
pub const POLYGON_OUTLINE_STRONG: u8 = 63;
pub const HATCH: u8 = 64;
/// Lamps take the slots from here on: green, amber, red, grey.
pub const LAMP: u8 = 65;
pub const ICON: u8 = 69;
/// Lines take the slots from here on, by class.
pub const LINE: u8 = 70;
pub const LINE_CASING: u8 = 75;
pub const TOOL: u8 = 76;
pub const TOOL_FILL: u8 = 77;

/// Linear light, premultiplied.
pub fn linear(colour: Rgba) -> Colour {
    Colour::from_srgb(colour.0.map(|channel| f32::from(channel) / 255.0))
}

/// All slots, linear and premultiplied.
pub fn slots(palette: &Palette) -> [[f32; 4]; SLOTS] {
    let mut slots = [[0.0; 4]; SLOTS];
    let mut put = |slot: u8, colour: Rgba| slots[usize::from(slot)] = linear(colour).0;
    for (base, count, colours) in [
        (CLASS, CLASS_COUNT, &palette.polygon_classes),
        (STATE, STATE_COUNT, &palette.person_states),
    ] {
        let Some(last) = colours.last() else { continue };
        for index in 0..count {
            put(base + index as u8, *colours.get(index).unwrap_or(last));
        }
    }
    for (index, colour) in palette.severities.iter().enumerate() {
        put(SEVERITY + index as u8, *colour);
    }
    put(INCIDENT_OUTLINE, palette.incident_outline);
    put(OVERDUE, palette.overdue);
    put(UNACKNOWLEDGED, palette.unacknowledged);
    put(PERSON_OUTLINE, palette.person_outline);
    put(CAMERA_ONLINE, palette.camera_online);
    put(CAMERA_OFFLINE, palette.camera_offline);
    put(SELECTION, palette.selection);
    put(HOVER, palette.hover);
    put(ROUTE, palette.route);
    put(ROUTE_CASING, palette.route_casing);
    put(POLYGON_OUTLINE, palette.polygon_outline);
    put(POLYGON_OUTLINE_STRONG, palette.polygon_outline_strong);
    put(HATCH, palette.hatch);
    for (index, colour) in palette.lamps.iter().enumerate() {
        put(LAMP + index as u8, *colour);
    }
    put(ICON, palette.icon);
    for (index, colour) in palette.lines.iter().enumerate() {
        put(LINE + index as u8, *colour);
    }
    put(LINE_CASING, palette.line_casing);
    put(TOOL, palette.tool);
    put(TOOL_FILL, palette.tool_fill);
    slots
}

/// The slot of a polygon's class.
pub fn class_slot(class: u8) -> u8 {
    CLASS + class.min(CLASS_COUNT as u8 - 1)
}

/// The slot of a line's class.
pub fn line_slot(class: u8) -> u8 {
    LINE + class.min(4)
}

/// The slot of a person's state.
pub fn state_slot(state: u8) -> u8 {
    STATE + state.min(STATE_COUNT as u8 - 1)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are stored, not computed")]
mod tests {
    use super::*;

    #[test]
    fn classes_past_the_end_take_the_last_colour() {
        let palette = Palette {
            polygon_classes: vec![Rgba([0, 0, 0, 255]), Rgba([255, 255, 255, 255])],
            ..Palette::default()
        };
        let slots = slots(&palette);
        assert_eq!(slots[usize::from(class_slot(0))], [0.0, 0.0, 0.0, 1.0]);
        for class in [1, 2, 31, 32, 255] {
            assert_eq!(
                slots[usize::from(class_slot(class))],
                [1.0; 4],
                "class {class}"
            );
        }
    }
}
