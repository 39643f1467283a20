//! The colours of the live layers, as the theme of the user interface gives them.

use crate::wire::{DecodeError, Reader, Wire, wire_struct};

/// A colour: red, green, blue in sRGB and straight alpha, each 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rgba(pub [u8; 4]);

impl Rgba {
    /// Reads `#rrggbb` or `#rrggbbaa`, the two forms of the theme's token file.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        // `from_str_radix` would take a sign for a digit.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit())
            || (digits.len() != 6 && digits.len() != 8)
        {
            return None;
        }
        let mut channels = [255; 4];
        for (channel, pair) in channels.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = core::str::from_utf8(pair).ok()?;
            *channel = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(channels))
    }
}

impl Wire for Rgba {
    const MIN_LEN: usize = 4;
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(<[u8; 4]>::read(from)?))
    }
}

/// The colours of everything that is not base map.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Palette {
    /// Shown where the style has no background layer and before the first tile.
    pub background: Rgba,
    /// Fill of a polygon by its class (`PolygonFeature::class`); a class past the end gets the
    /// last colour, an empty list draws no fill. At most 32 count.
    pub polygon_classes: Vec<Rgba>,
    pub polygon_outline: Rgba,
    /// Outline of the coarser grid levels (street, community), which carry the map's structure.
    pub polygon_outline_strong: Rgba,
    pub polygon_label: Rgba,
    pub polygon_label_halo: Rgba,
    pub selection: Rgba,
    pub hover: Rgba,
    /// Fill of an incident by its severity: micro, small, medium, large.
    pub severities: [Rgba; 4],
    /// The thin edge that lifts an incident from the map.
    pub incident_outline: Rgba,
    /// Ring around an overdue incident.
    pub overdue: Rgba,
    /// Ring around a new, unacknowledged incident.
    pub unacknowledged: Rgba,
    /// Fill of a person by its state (`Person::state`); past the end the last one. At most 16.
    pub person_states: Vec<Rgba>,
    pub person_outline: Rgba,
    pub camera_online: Rgba,
    pub camera_offline: Rgba,
    pub route: Rgba,
    pub route_casing: Rgba,
    /// Stripes over a hatched polygon.
    pub hatch: Rgba,
    /// Lamps of clocks: green, amber, red, grey.
    pub lamps: [Rgba; 4],
    /// The picture on a mark.
    pub icon: Rgba,
    /// Lines by [`crate::LineClass`].
    pub lines: [Rgba; 5],
    pub line_casing: Rgba,
    /// What is drawn with a tool: its line, and what lies within.
    pub tool: Rgba,
    pub tool_fill: Rgba,
    /// Colours of the heat map from the lowest density to the highest, evenly spaced; an empty list
    /// draws none.
    pub heat: Vec<Rgba>,
}

wire_struct!(Palette {
    background: Rgba,
    polygon_classes: Vec<Rgba>,
    polygon_outline: Rgba,
    polygon_outline_strong: Rgba,
    polygon_label: Rgba,
    polygon_label_halo: Rgba,
    selection: Rgba,
    hover: Rgba,
    severities: [Rgba; 4],
    incident_outline: Rgba,
    overdue: Rgba,
    unacknowledged: Rgba,
    person_states: Vec<Rgba>,
    person_outline: Rgba,
    camera_online: Rgba,
    camera_offline: Rgba,
    route: Rgba,
    route_casing: Rgba,
    hatch: Rgba,
    lamps: [Rgba; 4],
    icon: Rgba,
    lines: [Rgba; 5],
    line_casing: Rgba,
    tool: Rgba,
    tool_fill: Rgba,
    heat: Vec<Rgba>,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_colours() {
        assert_eq!(Rgba::from_hex("#0a1B2c"), Some(Rgba([10, 27, 44, 255])));
        assert_eq!(Rgba::from_hex(" #0a1b2c80 "), Some(Rgba([10, 27, 44, 128])));
        for bad in [
            "", "#", "0a1b2c", "#0a1b2", "#0a1b2g", "#0a1b2c8", "#中中", "#+a+b+c",
        ] {
            assert_eq!(Rgba::from_hex(bad), None, "{bad:?} is no colour");
        }
    }
}
