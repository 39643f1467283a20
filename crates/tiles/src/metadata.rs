//! What an archive says about itself, in one form for both kinds of archive.

use serde_json::Value;

/// What the tiles are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileFormat {
    /// Mapbox vector tiles.
    Mvt,
    /// PNG pictures.
    Png,
    /// JPEG pictures.
    Jpeg,
    /// WebP pictures.
    Webp,
}

impl TileFormat {
    /// By the content of a tile, decompressed; `None` for what is neither a picture nor a vector tile.
    pub fn of_content(content: &[u8]) -> Option<Self> {
        match content {
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::Webp),
            _ => (!layer_names_of_tile(content).is_empty()).then_some(Self::Mvt),
        }
    }

    /// The media type, for an HTTP answer.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Mvt => "application/vnd.mapbox-vector-tile",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }
}

/// How vector tiles name their layers, which decides the style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// OpenMapTiles: `transportation`, `place`, `landcover`, …
    OpenMapTiles,
    /// Protomaps: `roads`, `places`, `earth`, …
    Protomaps,
    /// Another one, or pictures.
    Unknown,
}

impl Schema {
    /// The schema that layers of these names belong to.
    pub fn of_layers<S: AsRef<str>>(layers: &[S]) -> Self {
        let count = |known: &[&str]| {
            layers
                .iter()
                .filter(|l| known.contains(&l.as_ref()))
                .count()
        };
        let open_map_tiles = count(&[
            "transportation",
            "transportation_name",
            "landcover",
            "place",
            "poi",
            "waterway",
        ]);
        let protomaps = count(&[
            "roads",
            "places",
            "pois",
            "earth",
            "boundaries",
            "buildings",
        ]);
        match (open_map_tiles, protomaps) {
            (0, 0) => Self::Unknown,
            (a, b) if a >= b => Self::OpenMapTiles,
            _ => Self::Protomaps,
        }
    }
}

/// A rectangle in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Western edge.
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

impl Bounds {
    /// A rectangle, or `None` where the numbers are none.
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Option<Self> {
        let honest = west < east
            && south < north
            && west >= -180.0
            && east <= 180.0
            && south >= -90.0
            && north <= 90.0;
        honest.then_some(Self {
            west,
            south,
            east,
            north,
        })
    }

    /// `west,south,east,north`, as MBTiles writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let numbers: Vec<f64> = text
            .split(',')
            .map_while(|n| n.trim().parse().ok())
            .collect();
        let [west, south, east, north] = numbers[..] else {
            return None;
        };
        Self::new(west, south, east, north)
    }
}

/// What an archive holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// The archive's name, empty where it has none.
    pub name: String,
    /// What the tiles are.
    pub format: TileFormat,
    /// First zoom with tiles.
    pub min_zoom: u8,
    /// Last zoom with tiles.
    pub max_zoom: u8,
    /// Where there are tiles, if the archive says it.
    pub bounds: Option<Bounds>,
    /// Longitude, latitude and zoom to start with, if the archive says it.
    pub centre: Option<(f64, f64, f64)>,
    /// Which style fits.
    pub schema: Schema,
    /// Who made the data, as plain text; to be shown on the map.
    pub attribution: String,
    /// Names of the vector layers, as far as known.
    pub layers: Vec<String>,
}

/// The names of the vector layers in an archive's JSON: `vector_layers` of TileJSON, else `tilestats`.
pub(crate) fn layer_names(json: &Value) -> Vec<String> {
    let names = |list: &Value, key: &str| -> Vec<String> {
        let items = list.as_array().map_or(&[][..], Vec::as_slice);
        items
            .iter()
            .filter_map(|item| item[key].as_str().map(str::to_owned))
            .collect()
    };
    let layers = names(&json["vector_layers"], "id");
    if layers.is_empty() {
        names(&json["tilestats"]["layers"], "layer")
    } else {
        layers
    }
}

/// The names of the layers inside a vector tile; what cannot be read ends the list.
pub(crate) fn layer_names_of_tile(tile: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = tile;
    while let Some((3, layer)) = next_field(&mut rest) {
        let mut fields = layer;
        while let Some((number, content)) = next_field(&mut fields) {
            if number == 1 {
                names.extend(String::from_utf8(content.to_vec()));
                break;
            }
        }
    }
    names
}

/// The number and content of the next protocol buffer field; numbers have no content.
fn next_field<'a>(rest: &mut &'a [u8]) -> Option<(u64, &'a [u8])> {
    let tag = varint(rest)?;
    let length = match tag & 7 {
        0 => {
            varint(rest)?;
            0
        }
        1 => 8,
        2 => usize::try_from(varint(rest)?).ok()?,
        5 => 4,
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some((tag >> 3, content))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Text without markup: tags go, the entities that attributions use become characters.
pub(crate) fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let text = text
        .replace("&copy;", "©")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_told_apart() {
        assert_eq!(
            Schema::of_layers(&["water", "transportation", "place"]),
            Schema::OpenMapTiles
        );
        assert_eq!(
            Schema::of_layers(&["earth", "water", "roads", "places"]),
            Schema::Protomaps
        );
        assert_eq!(Schema::of_layers(&["water", "building"]), Schema::Unknown);
        assert_eq!(Schema::of_layers::<&str>(&[]), Schema::Unknown);
    }

    #[test]
    fn attributions_lose_their_markup() {
        let html =
            r#"<a href="https://example.org" target="_blank">Maps</a> &copy; <b> Someone</b>"#;
        assert_eq!(plain_text(html), "Maps © Someone");
    }

    #[test]
    fn bounds_that_are_none_are_left_out() {
        assert!(Bounds::parse("11.2,43.7,11.3,43.8").is_some());
        for text in ["", "1,2,3", "5,2,3,4", "-181,0,1,1", "a,b,c,d", "1,2,3,NaN"] {
            assert_eq!(Bounds::parse(text), None, "{text}");
        }
    }

    #[test]
    fn layers_are_named_by_either_json_or_the_tile() {
        let json = serde_json::json!({"vector_layers": [{"id": "water"}, {"no": 1}]});
        assert_eq!(layer_names(&json), ["water"]);
        let json = serde_json::json!({"tilestats": {"layers": [{"layer": "roads"}]}});
        assert_eq!(layer_names(&json), ["roads"]);
        let tile = [
            0x1a, 7, 0x78, 2, 0x0a, 3, b'a', b'b', b'c', 0x1a, 3, 0x0a, 1, b'd',
        ];
        assert_eq!(layer_names_of_tile(&tile), ["abc", "d"]);
        assert_eq!(layer_names_of_tile(&tile[..6]), [""; 0]);
    }
}
