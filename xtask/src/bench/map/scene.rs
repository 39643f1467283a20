//! The one scene that all contestants draw, as files for the pages: base map style, grids, and for
//! our own map the messages of `map_protocol` with the places of the numbers that change in them.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use map_protocol::{
    FromMap, Init, Layer, Palette, Person, PersonAge, PersonClass, PersonFlags, PolygonFeature,
    Position, Rgba, ToMap, View, Viewport,
};
use serde_json::{Value, json};

use super::CANVAS_PX;
use crate::project::Project;

/// The middle of Firenze, and the zoom at which its centre fills the canvas.
const CENTRE: [f64; 2] = [11.2558, 43.7696];
const ZOOM: f64 = 14.0;
const SOURCE_ZOOMS: [u8; 2] = [0, 14];
const STYLE: &str = "assets/map_styles/protomaps_dark.json";
const THEME: &str = "assets/theme/theme.css";

/// A thousand grids over the canvas and some of its surroundings.
const GRID_COLUMNS: u32 = 40;
const GRID_ROWS: u32 = 25;
const GRID_STEP: [f64; 2] = [0.0021, 0.00135];
/// How far a corner may lie off the raster, as a share of a step.
const GRID_JITTER: f64 = 0.3;
const GRID_CLASSES: u32 = 6;

/// The states of people; the first one is the sentinel's alone.
const PERSON_STATES: [&str; 3] = ["--person-busy", "--person-available", "--person-off-duty"];
/// A colour that no style holds, for the ground below the tiles where blank ones are looked for.
const BLANK: [u8; 4] = [255, 0, 255, 255];

/// A number that is looked for in encoded bytes; no header has its pattern.
const PROBE: u32 = 0xA5C3_96E1;

/// All files of the scene for so many people, by path.
pub fn files(project: &Project, people: &[u32]) -> Result<HashMap<String, Vec<u8>>> {
    let theme = Theme::read(project)?;
    let style: Value = serde_json::from_str(
        &fs::read_to_string(project.path(STYLE)).with_context(|| format!("{STYLE} is missing"))?,
    )
    .with_context(|| format!("{STYLE} is no JSON"))?;
    let blank_style = with_background(&style, BLANK);
    let grids = grids();
    let mut made = HashMap::from([
        (
            "/scene.json".to_owned(),
            serde_json::to_vec(&scene(&theme)?)?,
        ),
        ("/style.json".to_owned(), serde_json::to_vec(&style)?),
        (
            "/style-blank.json".to_owned(),
            serde_json::to_vec(&blank_style)?,
        ),
        ("/init.bin".to_owned(), init(&theme, &style)?),
        ("/init-blank.bin".to_owned(), init(&theme, &blank_style)?),
        (
            "/grids.geojson".to_owned(),
            serde_json::to_vec(&geojson(&grids))?,
        ),
        (
            "/grids.bin".to_owned(),
            ToMap::SetPolygons {
                layer: Layer::Areas,
                features: grids,
            }
            .encode(),
        ),
    ]);
    for count in people {
        let message = ToMap::SetPeople {
            people: (0..*count).map(person).collect(),
            glide_ms: 0,
        };
        made.insert(format!("/people-{count}.bin"), message.encode());
    }
    Ok(made)
}

/// What the pages must know beside the files.
fn scene(theme: &Theme) -> Result<Value> {
    let states: Vec<String> = PERSON_STATES
        .iter()
        .map(|token| theme.text(token))
        .collect::<Result<_>>()?;
    let grid_colours: Vec<String> = (0..GRID_CLASSES)
        .map(|class| theme.text(&format!("--map-grid-{class}")))
        .collect::<Result<_>>()?;
    let one = ToMap::PatchPeople {
        changed: vec![person(0)],
        removed: Vec::new(),
        glide_ms: 0,
    };
    let redraw = ToMap::SetLayerVisible {
        layer: Layer::BaseMap,
        visible: true,
    };
    let nothing = ToMap::SetCalm { calm: false };
    let look = ToMap::SetView {
        view: view(),
        duration_ms: 0,
    };
    Ok(json!({
        "centre": CENTRE,
        "zoom": ZOOM,
        "size": CANVAS_PX,
        "sourceZooms": SOURCE_ZOOMS,
        "personStates": states,
        "personOutline": theme.text("--map-mark-outline")?,
        "gridColours": grid_colours,
        "gridOutline": theme.text("--map-grid-outline")?,
        "blank": BLANK,
        "ours": {
            "idleTag": FromMap::Idle {}.encode()[0],
            "people": people_places()?,
            "one": { "bytes": one.encode(), "at": place_of_one()? },
            "redraw": redraw.encode(),
            "nothing": nothing.encode(),
            "look": { "bytes": look.encode(), "at": place_of_view(&look)? },
        },
    }))
}

/// Where the first person's x and y lie in the message of all people, and how far the next is.
fn people_places() -> Result<Value> {
    let encoded = |count: u32, at: Position| {
        let people = (0..count).map(|id| Person { at, ..person(id) }).collect();
        ToMap::SetPeople {
            people,
            glide_ms: 0,
        }
        .encode()
    };
    let probe = Position {
        x: PROBE,
        y: !PROBE,
    };
    let first = place_of_bytes(&encoded(1, probe), &position_bytes(probe))?;
    let stride = encoded(2, probe).len() - encoded(1, probe).len();
    Ok(json!({ "first": first, "stride": stride }))
}

fn place_of_one() -> Result<usize> {
    let at = Position {
        x: PROBE,
        y: !PROBE,
    };
    let message = ToMap::PatchPeople {
        changed: vec![Person { at, ..person(0) }],
        removed: Vec::new(),
        glide_ms: 0,
    };
    place_of_bytes(&message.encode(), &position_bytes(at))
}

/// Longitude, latitude and zoom lie behind each other as 64-bit floats.
fn place_of_view(look: &ToMap) -> Result<usize> {
    let View { lon, lat, zoom } = view();
    let numbers: Vec<u8> = [lon, lat, zoom]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    place_of_bytes(&look.encode(), &numbers)
}

fn position_bytes(at: Position) -> Vec<u8> {
    [at.x, at.y].iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn place_of_bytes(message: &[u8], sought: &[u8]) -> Result<usize> {
    match message
        .windows(sought.len())
        .position(|window| window == sought)
    {
        Some(place) => Ok(place),
        None => bail!("the numbers of a message of map_protocol no longer lie behind each other"),
    }
}

fn view() -> View {
    View {
        lon: CENTRE[0],
        lat: CENTRE[1],
        zoom: ZOOM,
    }
}

fn person(id: u32) -> Person {
    Person {
        at: Position::from_lon_lat(CENTRE[0], CENTRE[1]),
        id,
        class: PersonClass::Staff,
        state: if id == 0 { 0 } else { 1 + (id % 2) as u8 },
        age: PersonAge::Fresh,
        heading: None,
        flags: PersonFlags::default(),
    }
}

fn init(theme: &Theme, style: &Value) -> Result<Vec<u8>> {
    let [width, height] = CANVAS_PX;
    let init = Init {
        viewport: Viewport {
            width: f32::from(width),
            height: f32::from(height),
            pixel_ratio: 1.0,
        },
        view: view(),
        tile_url: "/tiles/{z}/{x}/{y}".to_owned(),
        min_source_zoom: SOURCE_ZOOMS[0],
        max_source_zoom: SOURCE_ZOOMS[1],
        style_json: style.to_string(),
        palette: Palette {
            background: theme.colour("--map-ground")?,
            polygon_classes: (0..GRID_CLASSES)
                .map(|class| theme.colour(&format!("--map-grid-{class}")))
                .collect::<Result<_>>()?,
            polygon_outline: theme.colour("--map-grid-outline")?,
            polygon_outline_strong: theme.colour("--map-grid-outline")?,
            person_states: PERSON_STATES
                .iter()
                .map(|token| theme.colour(token))
                .collect::<Result<_>>()?,
            person_outline: theme.colour("--map-mark-outline")?,
            ..Palette::default()
        },
        min_zoom: 0.0,
        max_zoom: 22.0,
        interactive: false,
    };
    Ok(ToMap::Init { init }.encode())
}

/// Four-cornered grids whose neighbours share their corners.
fn grids() -> Vec<PolygonFeature> {
    let corner = |column: u32, row: u32| {
        // A fixed scatter by the corner's own numbers, so that neighbours agree.
        let scatter = |salt: u32| {
            let mixed = (column * 7919 + row * 104_729 + salt).wrapping_mul(2_654_435_761);
            (f64::from(mixed >> 16) / 65_536.0 - 0.5) * 2.0 * GRID_JITTER
        };
        let along = |at: u32, of: u32, salt: u32, step: f64| {
            (f64::from(at) - f64::from(of) / 2.0 + scatter(salt)) * step
        };
        Position::from_lon_lat(
            CENTRE[0] + along(column, GRID_COLUMNS, 1, GRID_STEP[0]),
            CENTRE[1] + along(row, GRID_ROWS, 2, GRID_STEP[1]),
        )
    };
    let cells = (0..GRID_ROWS).flat_map(|row| (0..GRID_COLUMNS).map(move |column| (column, row)));
    cells
        .map(|(column, row)| {
            let id = row * GRID_COLUMNS + column;
            let ring = vec![
                corner(column, row),
                corner(column + 1, row),
                corner(column + 1, row + 1),
                corner(column, row + 1),
            ];
            PolygonFeature {
                id,
                class: (id * 5 % GRID_CLASSES) as u8,
                hatched: false,
                label_at: ring[0],
                polygons: vec![vec![ring]],
                label: String::new(),
            }
        })
        .collect()
}

fn geojson(grids: &[PolygonFeature]) -> Value {
    let features: Vec<Value> = grids
        .iter()
        .map(|grid| {
            let mut ring: Vec<[f64; 2]> =
                grid.polygons[0][0].iter().map(|at| at.lon_lat()).collect();
            ring.push(ring[0]);
            json!({
                "type": "Feature",
                "id": grid.id,
                "properties": { "class": grid.class },
                "geometry": { "type": "Polygon", "coordinates": [ring] },
            })
        })
        .collect();
    json!({ "type": "FeatureCollection", "features": features })
}

/// The style with another colour below the tiles.
fn with_background(style: &Value, [r, g, b, _]: [u8; 4]) -> Value {
    let mut style = style.clone();
    for layer in style["layers"].as_array_mut().into_iter().flatten() {
        if layer["type"] == "background" {
            layer["paint"]["background-color"] = json!(format!("#{r:02x}{g:02x}{b:02x}"));
        }
    }
    style
}

/// The colours of the theme, by token.
struct Theme(String);

impl Theme {
    fn read(project: &Project) -> Result<Self> {
        let css = fs::read_to_string(project.path(THEME))
            .with_context(|| format!("{THEME} is missing"))?;
        Ok(Self(css))
    }

    fn text(&self, token: &str) -> Result<String> {
        let found = self.0.lines().find_map(|line| {
            let value = line.trim().strip_prefix(token)?.strip_prefix(':')?;
            Some(value.trim().trim_end_matches(';').to_owned())
        });
        found.with_context(|| format!("{THEME} has no {token}"))
    }

    fn colour(&self, token: &str) -> Result<Rgba> {
        let text = self.text(token)?;
        let colour = Rgba::from_hex(&text);
        ensure!(
            colour.is_some(),
            "{token} in {THEME} is \"{text}\", no colour"
        );
        Ok(colour.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_positions_are_where_the_decoder_reads_them() {
        let places = people_places().unwrap();
        let (first, stride) = (
            places["first"].as_u64().unwrap(),
            places["stride"].as_u64().unwrap(),
        );
        let people = (0..3).map(person).collect();
        let mut bytes = ToMap::SetPeople {
            people,
            glide_ms: 0,
        }
        .encode();
        let last = (first + 2 * stride) as usize;
        bytes[last..last + 4].copy_from_slice(&77_u32.to_le_bytes());
        bytes[last + 4..last + 8].copy_from_slice(&99_u32.to_le_bytes());
        let ToMap::SetPeople { people, .. } = ToMap::decode(&bytes).unwrap() else {
            panic!("another message");
        };
        assert_eq!(people[2].at, Position { x: 77, y: 99 });
        assert_eq!(people[1].at, person(1).at);
    }

    #[test]
    fn a_thousand_grids_share_their_corners() {
        let grids = grids();
        assert_eq!(grids.len(), 1000);
        let ring = |at: usize| &grids[at].polygons[0][0];
        assert_eq!(ring(0)[1], ring(1)[0]);
        assert_eq!(ring(0)[3], ring(GRID_COLUMNS as usize)[0]);
    }
}
