//! The map styles that a street may put in place of the shipped ones: their names, and where a
//! window asks the shell for them.

/// Where the shell answers for a hall's own files: 200 with the file, 204 where the hall has none,
/// 422 where it has one that cannot be used, 404 for a name that is not one of these. It is the
/// scheme of the tiles, as the pages may reach nothing else.
pub const OWN_URL: &str = "tiles://localhost/map_styles";

/// The styles, without the ending `.json`: what the tiles hold, and the look of the window.
pub const STYLES: [&str; 6] = [
    "openmaptiles_dark",
    "openmaptiles_light",
    "protomaps_dark",
    "protomaps_light",
    "raster_dark",
    "raster_light",
];

/// The sheets of icons beside them, each a `.json` and a `.png`; the second is for dense screens.
pub const SHEETS: [&str; 2] = ["sprites/hall", "sprites/hall@2x"];
