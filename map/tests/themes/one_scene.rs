//! The scene that `cargo xtask compare-browsers` also draws in Chromium and in WebKitGTK.
//!
//! It holds no text, whose pixels come from each system's own fonts, and nothing that moves. The
//! test leaves everything that a page needs to draw it beside the other output of the tests.

use std::{cell::RefCell, collections::BTreeMap, fs, path::Path};

use map_protocol::{
    Icon, Incident, IncidentFlags, Init, Lamp, Layer, Target, ToMap, View, Viewport,
};
use street_map::tiles::TileAnswer;

use crate::scene::{HEIGHT, Setting, WIDTH, check, shipped_style, town};

const ZOOM: f64 = 15.2;
const DEEPEST_TILES: u8 = 14;

/// The shipped style without its labels.
fn style_without_text() -> String {
    let mut style: serde_json::Value =
        serde_json::from_str(&shipped_style("openmaptiles_dark")).unwrap();
    let layers = style["layers"].as_array_mut().unwrap();
    layers.retain(|layer| layer["type"] != "symbol");
    style.to_string()
}

/// Incidents with icons and lamps, none of which pulses. They stand so far apart that none is in a
/// cluster, whose total is a text.
fn incidents() -> Vec<Incident> {
    let still = |incident: &Incident| !incident.flags.has(IncidentFlags::UNACKNOWLEDGED);
    let with_pictures = |incident: Incident| Incident {
        icon: Icon::ALL[1 + incident.id as usize % 15],
        lamp: Lamp::ALL[incident.id as usize % 5],
        ..incident
    };
    let incidents = town::incidents().into_iter();
    incidents.filter(still).map(with_pictures).collect()
}

/// Everything but the beginning, which names where the tiles are.
fn content() -> Vec<ToMap> {
    vec![
        town::grids(Layer::Communities, 3, 2, ""),
        town::grids(Layer::MicroGrids, 6, 4, ""),
        ToMap::SetCameras {
            cameras: town::cameras(),
        },
        ToMap::SetRoutes {
            routes: town::routes(),
        },
        ToMap::SetPeople {
            people: town::people(-260.0),
            glide_ms: 0,
        },
        ToMap::SetHeat {
            points: super::heat::reports(),
            radius_m: 120.0,
        },
        ToMap::SetIncidents {
            incidents: incidents(),
        },
        ToMap::Select {
            targets: vec![Target {
                layer: Layer::MicroGrids,
                id: 3,
            }],
        },
    ]
}

/// What a page sends first; its tiles lie beside it.
fn beginning() -> ToMap {
    let [lon, lat] = town::CENTRE;
    ToMap::Init {
        init: Init {
            viewport: Viewport {
                width: WIDTH as f32,
                height: HEIGHT as f32,
                pixel_ratio: 1.0,
            },
            view: View {
                lon,
                lat,
                zoom: ZOOM,
            },
            tile_url: "/scene/{z}/{x}/{y}".to_owned(),
            min_source_zoom: 0,
            max_source_zoom: DEEPEST_TILES,
            style_json: style_without_text(),
            palette: town::palette(),
            min_zoom: 8.0,
            max_zoom: 20.0,
            interactive: false,
        },
    }
}

#[test]
fn one_scene_for_all_browsers() {
    let asked: RefCell<BTreeMap<String, Vec<u8>>> = RefCell::default();
    let tiles = |url: &str| {
        let answer = town::town_tile(url);
        if let TileAnswer::Bytes(bytes) = &answer {
            let path = url.trim_start_matches("tiles://localhost/");
            asked.borrow_mut().insert(path.to_owned(), bytes.clone());
        }
        answer
    };
    let mut map = Setting {
        zoom: ZOOM,
        style_json: style_without_text(),
        max_source_zoom: DEEPEST_TILES,
        ..Setting::default()
    }
    .open();
    for message in content() {
        map.send(message);
    }
    map.settle(&tiles).expect("the scene comes to rest");
    check(&mut map, "one_scene");
    leave_for_pages(&asked.borrow(), &map.picture().unwrap().pixels);
}

/// Writes the messages, each after its length in four bytes, the tiles, and the native picture.
fn leave_for_pages(tiles: &BTreeMap<String, Vec<u8>>, pixels: &[u8]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("one_scene");
    let mut messages = Vec::new();
    for message in std::iter::once(beginning()).chain(content()) {
        let bytes = message.encode();
        messages.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        messages.extend_from_slice(&bytes);
    }
    for (path, bytes) in tiles {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    fs::write(folder.join("messages"), messages).unwrap();
    fs::write(folder.join("native.rgba"), pixels).unwrap();
}
