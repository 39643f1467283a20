//! Every message survives encoding and decoding, and malformed bytes give typed errors.

#![allow(clippy::unwrap_used)]

use map_protocol::{
    Bounds, Camera, CameraState, Crowd, DecodeError, DeviceKind, FollowEnd, FrameStats, FromMap,
    Heading, HeatPoint, Held, Icon, Incident, IncidentFlags, IncidentShape, Init, Lamp, Layer,
    LineClass, LineFeature, MapMemory, Padding, Palette, Person, PersonAge, PersonClass,
    PersonFlags, PolygonFeature, PolygonValue, Position, Problem, ProblemKind, ProblemLevel, Rgba,
    Route, RouteState, Severity, SpriteSheet, Target, ToMap, Tool, Trail, View, Viewport,
};

fn at(lon: f64, lat: f64) -> Position {
    Position::from_lon_lat(lon, lat)
}

fn palette() -> Palette {
    Palette {
        background: Rgba([1, 2, 3, 255]),
        polygon_classes: vec![Rgba([4, 5, 6, 7]), Rgba([8, 9, 10, 11])],
        severities: [Rgba([1; 4]), Rgba([2; 4]), Rgba([3; 4]), Rgba([4; 4])],
        person_states: vec![Rgba([9; 4])],
        heat: vec![Rgba([7; 4]), Rgba([8; 4])],
        ..Palette::default()
    }
}

fn person(id: u32) -> Person {
    Person {
        at: at(104.04, 30.64),
        id,
        class: PersonClass::Social,
        state: 3,
        age: PersonAge::Stale,
        heading: id.is_multiple_of(2).then_some(Heading(200)),
        flags: PersonFlags(PersonFlags::SELECTED | PersonFlags::PROPOSED),
    }
}

fn incident(id: u32) -> Incident {
    Incident {
        at: at(104.05, 30.65),
        id,
        severity: Severity::Large,
        shape: IncidentShape::Hexagon,
        icon: Icon::Waves,
        lamp: Lamp::Amber,
        flags: IncidentFlags(IncidentFlags::OVERDUE),
    }
}

const VIEWPORT: Viewport = Viewport {
    width: 1920.0,
    height: 1080.0,
    pixel_ratio: 1.5,
};
const VIEW: View = View {
    lon: 104.04,
    lat: 30.64,
    zoom: 15.25,
};
const BOUNDS: Bounds = Bounds {
    west: 104.0,
    south: 30.6,
    east: 104.1,
    north: 30.7,
};

fn ring() -> Vec<Position> {
    vec![at(104.0, 30.0), at(104.1, 30.0), at(104.1, 30.1)]
}

fn init() -> Init {
    Init {
        viewport: VIEWPORT,
        view: VIEW,
        tile_url: "tiles://localhost/{z}/{x}/{y}".to_owned(),
        max_source_zoom: 14,
        min_source_zoom: 0,
        style_json: "{}".to_owned(),
        palette: palette(),
        min_zoom: 9.0,
        max_zoom: 19.5,
        interactive: true,
    }
}

fn messages_about_the_picture() -> Vec<ToMap> {
    let padding = Padding {
        top: 1.0,
        right: 2.0,
        bottom: 3.0,
        left: 4.0,
    };
    vec![
        ToMap::Init { init: init() },
        ToMap::Resize { viewport: VIEWPORT },
        ToMap::SetView {
            view: VIEW,
            duration_ms: 800,
        },
        ToMap::FitBounds {
            bounds: BOUNDS,
            padding,
            max_zoom: 17.0,
            duration_ms: 0,
        },
        ToMap::SetStyle {
            style_json: "{\"version\":8}".to_owned(),
        },
        ToMap::SetPalette { palette: palette() },
        ToMap::SetLayerVisible {
            layer: Layer::BaseMap,
            visible: false,
        },
        ToMap::Pick {
            x: 12.5,
            y: 13.5,
            request: 9,
        },
        ToMap::SetTileSource {
            tile_url: "/tiles/{z}/{x}/{y}".to_owned(),
            min_source_zoom: 4,
            max_source_zoom: 15,
        },
        ToMap::SetInteractive { interactive: false },
        ToMap::Trap {},
        ToMap::SetMarkScale { scale: 2.5 },
        ToMap::SetSprites {
            sheets: vec![SpriteSheet {
                prefix: "街".to_owned(),
                index_json: "{}".to_owned(),
                png: vec![0x89, b'P', 0],
            }],
        },
    ]
}

fn messages_about_people() -> Vec<ToMap> {
    vec![
        ToMap::SetPeople {
            people: vec![person(1), person(2)],
            glide_ms: 1000,
        },
        ToMap::PatchPeople {
            changed: vec![person(1)],
            removed: vec![2],
            glide_ms: 0,
        },
        ToMap::SetHeat {
            points: vec![HeatPoint {
                at: at(104.0, 30.0),
                weight: 1.5,
            }],
            radius_m: 150.0,
        },
        ToMap::SetTrails {
            trails: vec![
                Trail {
                    person: 1,
                    points: vec![at(104.0, 30.0), at(104.1, 30.1)],
                },
                Trail {
                    person: 2,
                    points: vec![],
                },
            ],
        },
    ]
}

fn messages_about_layers() -> Vec<ToMap> {
    let feature = PolygonFeature {
        id: 12,
        class: 1,
        hatched: true,
        polygons: vec![vec![ring(), ring()], vec![ring()]],
        label: "望江路社区".to_owned(),
        label_at: at(104.05, 30.05),
    };
    let camera = Camera {
        at: at(104.0, 30.0),
        id: 3,
        kind: DeviceKind::WaterLevel,
        state: CameraState::Offline,
    };
    let route = Route {
        id: 4,
        state: RouteState::Underway,
        points: ring(),
    };
    let values = vec![PolygonValue {
        id: 12,
        class: 4,
        hatched: true,
    }];
    vec![
        ToMap::SetPolygons {
            layer: Layer::MicroGrids,
            features: vec![feature],
        },
        ToMap::SetPolygonValues {
            layer: Layer::MicroGrids,
            values,
        },
        ToMap::SetIncidents {
            incidents: vec![incident(5)],
        },
        ToMap::PatchIncidents {
            changed: vec![incident(5)],
            removed: vec![6, 7],
        },
        ToMap::SetCameras {
            cameras: vec![camera],
        },
        ToMap::SetRoutes {
            routes: vec![route],
        },
    ]
}

fn messages_about_lines_tools_and_targets() -> Vec<ToMap> {
    let target = Target {
        layer: Layer::Incidents,
        id: 77,
    };
    vec![
        ToMap::Select {
            targets: vec![target],
        },
        ToMap::Highlight {
            target: Some(target),
        },
        ToMap::Highlight { target: None },
        ToMap::Follow {
            target: Some(target),
        },
        ToMap::Follow { target: None },
        ToMap::SetCalm { calm: true },
        ToMap::SetTool {
            tool: Tool::Radius,
            points: ring(),
            held: true,
        },
        ToMap::SetLines {
            lines: vec![LineFeature {
                class: LineClass::Motorway,
                points: ring(),
            }],
        },
    ]
}

fn every_message_to_the_map() -> Vec<ToMap> {
    [
        messages_about_the_picture(),
        messages_about_people(),
        messages_about_layers(),
        messages_about_lines_tools_and_targets(),
    ]
    .concat()
}

fn messages_about_the_hand() -> Vec<FromMap> {
    vec![
        FromMap::ClusterHovered {
            ids: vec![7, 9],
            x: 3.0,
            y: 4.5,
        },
        FromMap::ToolDrawn {
            tool: Tool::Lasso,
            points: ring(),
            finished: true,
        },
        FromMap::ClusterPicked {
            x: 1.0,
            y: 2.0,
            lon: 104.0,
            lat: 30.0,
            ids: vec![3, 4],
            apart_zoom: Some(16.5),
        },
    ]
}

fn stats() -> FrameStats {
    FrameStats {
        frames: 60,
        mean_ms: 1.7,
        max_ms: 4.0,
        draws: 120,
        tiles_shown: 24,
        tiles_awaited: 1,
        tiles_built_by_worker: 31,
        tiles_built_by_page: 2,
        texts_set_by_worker: 1_200,
        texts_set_by_page: 3,
        gpu_bytes: 12_000_000,
        p95_ms: 3.5,
        pace_ms: 16.6,
        messages_in: 11,
        messages_out: 3,
        page_heap_bytes: 40_000_000,
        worker_heap_bytes: 20_000_000,
        memory: MapMemory {
            built_tiles: Held {
                bytes: 9_000_000,
                limit: 10_000_000,
            },
            ..MapMemory::default()
        },
    }
}

fn every_message_from_the_map() -> Vec<FromMap> {
    let view = View {
        lon: 104.04,
        lat: 30.64,
        zoom: 15.25,
    };
    let bounds = Bounds {
        west: 104.0,
        south: 30.6,
        east: 104.1,
        north: 30.7,
    };
    let target = Target {
        layer: Layer::People,
        id: 1,
    };
    vec![
        FromMap::Ready {
            protocol_version: 1,
            renderer: "llvmpipe".to_owned(),
        },
        FromMap::ViewChanged {
            view,
            bounds,
            settled: true,
            by_user: false,
        },
        FromMap::Picked {
            request: 0,
            x: 1.0,
            y: 2.0,
            lon: 104.0,
            lat: 30.0,
            targets: vec![
                target,
                Target {
                    layer: Layer::UnitGrids,
                    id: 990,
                },
            ],
        },
        FromMap::Hovered {
            target: None,
            x: 0.0,
            y: 0.0,
        },
        FromMap::Stats { stats: stats() },
        FromMap::Problem {
            problem: Problem {
                level: ProblemLevel::Warning,
                kind: ProblemKind::Content,
                text: "瓦片缺失".to_owned(),
            },
        },
        FromMap::Idle {},
        FromMap::FollowEnded {
            target,
            end: FollowEnd::Gone,
        },
        FromMap::Slow {
            slow: true,
            frame_ms: 480.0,
        },
        FromMap::HeatMeasured { peak: 7.5 },
    ]
}

#[test]
fn messages_come_back_as_they_went() {
    for message in every_message_to_the_map() {
        assert_eq!(ToMap::decode(&message.encode()), Ok(message));
    }
    let more = messages_about_the_hand();
    for message in every_message_from_the_map().into_iter().chain(more) {
        assert_eq!(FromMap::decode(&message.encode()), Ok(message));
    }
}

#[test]
fn every_cut_message_is_refused_as_truncated() {
    for message in every_message_to_the_map() {
        let bytes = message.encode();
        for len in 0..bytes.len() {
            let refused = ToMap::decode(&bytes[..len]);
            assert!(
                matches!(refused, Err(DecodeError::Truncated { at, .. }) if at == len),
                "{message:?} cut to {len} bytes gave {refused:?}"
            );
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    for message in every_message_to_the_map() {
        let bytes = message.encode();
        for index in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut broken = bytes.clone();
                broken[index] = value;
                // Some single bytes still make a message; what counts is that all return.
                if let Ok(decoded) = ToMap::decode(&broken) {
                    assert_eq!(ToMap::decode(&decoded.encode()), Ok(decoded));
                }
            }
        }
    }
}

#[test]
fn a_forged_length_is_refused_before_memory_is_reserved() {
    let mut bytes = ToMap::SetPeople {
        people: vec![],
        glide_ms: 0,
    }
    .encode();
    bytes[1..5].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(
        ToMap::decode(&bytes),
        Err(DecodeError::Truncated { .. })
    ));
}

#[test]
fn errors_say_what_and_where() {
    assert_eq!(
        ToMap::decode(&[200]).unwrap_err().to_string(),
        "unknown message to the map 200 at byte 0 of a map message"
    );
    assert_eq!(
        ToMap::decode(&[21, 0]).unwrap_err().to_string(),
        "map message is complete at byte 1, but 1 bytes follow"
    );
    assert_eq!(
        ToMap::decode(&[17, 99, 1]).unwrap_err().to_string(),
        "unknown layer 99 at byte 1 of a map message"
    );
    let mut scale = ToMap::SetMarkScale { scale: 1.0 }.encode();
    scale[1..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(ToMap::decode(&scale), Err(DecodeError::NotFinite { at: 1 }));
    let mut style = ToMap::SetStyle {
        style_json: "ab".to_owned(),
    }
    .encode();
    style[5] = 0xff;
    assert_eq!(ToMap::decode(&style), Err(DecodeError::NotUtf8 { at: 5 }));
}

#[test]
fn a_person_takes_sixteen_bytes() {
    let none = ToMap::SetPeople {
        people: vec![],
        glide_ms: 0,
    }
    .encode()
    .len();
    let two = ToMap::SetPeople {
        people: vec![person(1), person(2)],
        glide_ms: 0,
    }
    .encode()
    .len();
    assert_eq!(two - none, 32);
}

#[test]
fn the_draw_order_names_every_layer_once() {
    let mut layers = Layer::DRAW_ORDER.to_vec();
    layers.sort();
    assert_eq!(layers, Layer::ALL);
}

#[test]
fn only_area_layers_hold_polygons() {
    let holding: Vec<Layer> = Layer::ALL
        .iter()
        .copied()
        .filter(|layer| layer.holds_polygons())
        .collect();
    assert_eq!(holding.len(), 7);
    assert!(!Layer::Routes.holds_polygons());
}

/// The crowd that is read where it lies is the one that is decoded, and only where it can be decoded.
#[test]
fn a_crowd_is_read_where_it_lies_or_left_to_the_decoder() {
    let walker = Person {
        heading: Some(Heading(200)),
        age: PersonAge::Stale,
        ..person(2)
    };
    let everybody = ToMap::SetPeople {
        people: vec![person(1), walker],
        glide_ms: 77,
    };
    let bytes = everybody.encode();
    let agree = |bytes: &[u8]| {
        let crowd = Crowd::of_message(bytes).map(|crowd| ToMap::SetPeople {
            people: crowd.people().map(|record| Person::from(&record)).collect(),
            glide_ms: crowd.glide_ms,
        });
        let decoded = ToMap::decode(bytes).ok();
        assert_eq!(
            crowd,
            decoded.filter(|m| matches!(m, ToMap::SetPeople { .. }))
        );
        crowd
    };
    assert_eq!(agree(&bytes), Some(everybody));
    for message in every_message_to_the_map() {
        agree(&message.encode());
    }
    for at in 0..bytes.len() {
        agree(&bytes[..at]);
        for value in [0, 1, 9, 0x52, 0x7f, 0xff] {
            let mut broken = bytes.clone();
            broken[at] = value;
            agree(&broken);
        }
    }
}

#[test]
fn an_unknown_class_of_person_is_named_with_its_place() {
    let bytes = ToMap::SetPeople {
        people: vec![person(1), person(2)],
        glide_ms: 0,
    }
    .encode();
    for (forged, what, value) in [(9, "class of person", 9), (0x52, "age of a position", 5)] {
        let mut broken = bytes.clone();
        let at = 1 + 4 + 16 + 12;
        broken[at] = forged;
        assert_eq!(
            ToMap::decode(&broken),
            Err(DecodeError::UnknownValue { what, value, at })
        );
    }
}
