//! A made-up town: its base map as vector tiles, and what lives in it.

use map_protocol::{
    Camera, CameraState, DeviceKind, Icon, Incident, IncidentFlags, Lamp, Layer, Palette, Person,
    PersonAge, PersonClass, PersonFlags, PolygonFeature, Position, Rgba, Route, RouteState,
    Severity, ToMap,
};
use street_map::tiles::TileAnswer;

use super::mvt::{Feature, Shape, Value, tile};

/// The middle of the town in degrees.
pub const CENTRE: [f64; 2] = [104.0431, 30.6418];

/// A place in metres to the east and north of the middle.
pub fn at(east_m: f64, north_m: f64) -> Position {
    let lon = CENTRE[0] + east_m / (111_320.0 * CENTRE[1].to_radians().cos());
    Position::from_lon_lat(lon, CENTRE[1] + north_m / 110_574.0)
}

/// The tile that a URL of the form `…/z/x/y` names.
pub fn town_tile(url: &str) -> TileAnswer {
    let mut parts = url
        .rsplit('/')
        .map(|part| part.parse::<u32>().expect("a tile's number"));
    let (y, x, z) = (parts.next(), parts.next(), parts.next());
    let (Some(y), Some(x), Some(z)) = (y, x, z) else {
        return TileAnswer::Empty;
    };
    TileAnswer::Bytes(base_map(z, x, y))
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// Places the town's metres in one tile.
pub struct Surveyor {
    pub z: u32,
    pub x: u32,
    pub y: u32,
}

impl Surveyor {
    pub fn spot(&self, [east, north]: [f64; 2]) -> [i32; 2] {
        let [wx, wy] = at(east, north).mercator();
        let n = f64::from(1_u32 << self.z);
        [
            ((wx * n - f64::from(self.x)) * 4096.0) as i32,
            ((wy * n - f64::from(self.y)) * 4096.0) as i32,
        ]
    }

    fn area(&self, corners: &[[f64; 2]], class: &str) -> Feature {
        Feature {
            shape: Shape::Polygon(corners.iter().map(|corner| self.spot(*corner)).collect()),
            properties: vec![("class", text(class))],
        }
    }

    fn line(&self, points: &[[f64; 2]], class: &str, name: &str) -> Feature {
        Feature {
            shape: Shape::Line(points.iter().map(|point| self.spot(*point)).collect()),
            properties: vec![("class", text(class)), ("name", text(name))],
        }
    }

    pub fn river(&self) -> Feature {
        let banks = [
            [-3000.0, -420.0],
            [-900.0, -520.0],
            [200.0, -380.0],
            [1200.0, -560.0],
            [3000.0, -500.0],
            [3000.0, -640.0],
            [1200.0, -700.0],
            [200.0, -520.0],
            [-900.0, -660.0],
            [-3000.0, -560.0],
        ];
        self.area(&banks, "river")
    }

    pub fn park(&self) -> Feature {
        let corners = [
            [300.0, 500.0],
            [590.0, 500.0],
            [590.0, 270.0],
            [300.0, 270.0],
        ];
        self.area(&corners, "park")
    }

    /// Two houses per block, some blocks empty, none at the river.
    pub fn buildings(&self) -> Vec<Feature> {
        let mut buildings = Vec::new();
        for column in -12..12_i32 {
            for row in -8..8_i32 {
                let (east, north) = (f64::from(column) * 150.0, f64::from(row) * 130.0);
                let near_river = (-760.0..-300.0).contains(&north);
                if near_river || (column + row * 3) % 7 == 0 {
                    continue;
                }
                for (dx, dy, w, h) in [(25.0, 25.0, 45.0, 30.0), (85.0, 30.0, 40.0, 60.0)] {
                    let (e, n) = (east + dx, north + dy);
                    let corners = [[e, n + h], [e + w, n + h], [e + w, n], [e, n]];
                    buildings.push(self.area(&corners, "building"));
                }
            }
        }
        buildings
    }

    pub fn roads(&self) -> Vec<Feature> {
        let mut roads = vec![
            self.line(
                &[[-3000.0, 10.0], [0.0, 0.0], [3000.0, 40.0]],
                "primary",
                "望江东路",
            ),
            self.line(
                &[[10.0, -3000.0], [0.0, 0.0], [-20.0, 3000.0]],
                "primary",
                "科华北路",
            ),
            self.line(
                &[[-3000.0, 700.0], [-500.0, 520.0], [3000.0, 640.0]],
                "secondary",
                "一环路南段",
            ),
            self.line(
                &[[-1500.0, -250.0], [0.0, -260.0], [1500.0, -240.0]],
                "rail",
                "",
            ),
        ];
        for column in -12..12_i32 {
            let east = f64::from(column) * 150.0;
            roads.push(self.line(&[[east, -300.0], [east, 1040.0]], "minor", "锦绣巷"));
        }
        for row in -2..8_i32 {
            let north = f64::from(row) * 130.0;
            roads.push(self.line(&[[-1800.0, north], [1800.0, north]], "minor", "太平街"));
        }
        roads
    }
}

fn base_map(z: u32, x: u32, y: u32) -> Vec<u8> {
    let surveyor = Surveyor { z, x, y };
    let roads = surveyor.roads();
    let names = roads
        .iter()
        .filter(|road| road.properties[1].1 != text(""))
        .cloned()
        .collect();
    let poi = Feature {
        shape: Shape::Point(surveyor.spot([-380.0, 200.0])),
        properties: vec![
            ("name", text("街道卫生服务中心")),
            ("rank", Value::Number(1)),
        ],
    };
    tile(&[
        ("water", vec![surveyor.river()]),
        ("park", vec![surveyor.park()]),
        ("building", surveyor.buildings()),
        ("transportation", roads),
        ("transportation_name", names),
        ("poi", vec![poi]),
    ])
}

/// Colours for the pictures; the shipped ones come from the theme.
pub fn palette() -> Palette {
    let colour = |hex: &str| Rgba::from_hex(hex).expect("a colour");
    Palette {
        background: colour("#0b1118"),
        polygon_classes: ["#00000000", "#2f6f8f40", "#c9a23c50", "#d2453f70"]
            .map(colour)
            .to_vec(),
        polygon_outline: colour("#7fa6c680"),
        polygon_outline_strong: colour("#9cc3e0c0"),
        polygon_label: colour("#c3d4e2"),
        polygon_label_halo: colour("#0b1118e0"),
        selection: colour("#ffffff"),
        hover: colour("#9fd3ff"),
        severities: ["#5fb4e8", "#e9c84a", "#f08c3a", "#ef4d4d"].map(colour),
        incident_outline: colour("#0b1118"),
        overdue: colour("#ff5a5a"),
        unacknowledged: colour("#f4f7fa"),
        person_states: ["#57d6a0", "#58a6ff", "#c7a6ff"].map(colour).to_vec(),
        person_outline: colour("#0b1118"),
        camera_online: colour("#7d93a8"),
        camera_offline: colour("#b05a5a"),
        route: colour("#58d0ff"),
        route_casing: colour("#0b1118"),
        hatch: colour("#ff7a6bb0"),
        lamps: ["#5fc88f", "#f0c651", "#ff7a6b", "#a7b3be"].map(colour),
        icon: colour("#ffffff"),
        lines: ["#55636f", "#6b7a88", "#8a99a6", "#a9b3a0", "#c2ad84"].map(colour),
        line_casing: colour("#0b1118c0"),
        tool: colour("#ffd166"),
        tool_fill: colour("#ffd16630"),
        heat: [
            "#3b2a7da0",
            "#8a2a86b8",
            "#d0455fc8",
            "#f58b3cd2",
            "#fde37ae0",
        ]
        .map(colour)
        .to_vec(),
    }
}

/// A rectangle of grids, 300 m × 260 m each, with classes in turn.
pub fn grids(layer: Layer, columns: i32, rows: i32, name: &str) -> ToMap {
    let mut features = Vec::new();
    for column in 0..columns {
        for row in 0..rows {
            let (e, n) = (
                f64::from(column - columns / 2) * 300.0,
                f64::from(row - rows / 2) * 260.0,
            );
            let id = (column * rows + row) as u32 + 1;
            let mut polygon = vec![vec![
                at(e, n),
                at(e + 300.0, n),
                at(e + 300.0, n + 260.0),
                at(e, n + 260.0),
            ]];
            if id.is_multiple_of(5) {
                polygon.push(vec![
                    at(e + 100.0, n + 80.0),
                    at(e + 180.0, n + 80.0),
                    at(e + 140.0, n + 150.0),
                ]);
            }
            features.push(PolygonFeature {
                id,
                class: (id % 4) as u8,
                hatched: false,
                polygons: vec![polygon],
                label: format!("{name}{id}"),
                label_at: at(e + 150.0, n + 190.0),
            });
        }
    }
    ToMap::SetPolygons { layer, features }
}

/// Every class of people, age and state side by side.
pub fn people(east_m: f64) -> Vec<Person> {
    let mut people = Vec::new();
    for (row, class) in PersonClass::ALL.iter().enumerate() {
        for (column, age) in PersonAge::ALL.iter().enumerate() {
            for state in 0..3_u8 {
                let id = people.len() as u32;
                let east = east_m + column as f64 * 180.0 + f64::from(state) * 50.0;
                people.push(Person {
                    at: at(east, 120.0 - row as f64 * 90.0),
                    id,
                    class: *class,
                    state,
                    age: *age,
                    heading: None,
                    flags: PersonFlags(match id {
                        4 => PersonFlags::SELECTED,
                        12 => PersonFlags::PROPOSED,
                        20 => PersonFlags::DIMMED,
                        _ => 0,
                    }),
                });
            }
        }
    }
    people
}

/// Every severity with every mark.
pub fn incidents() -> Vec<Incident> {
    let marks = [
        0,
        IncidentFlags::OVERDUE,
        IncidentFlags::UNACKNOWLEDGED,
        IncidentFlags::SELECTED,
        IncidentFlags::OVERDUE | IncidentFlags::UNACKNOWLEDGED,
        IncidentFlags::DIMMED,
    ];
    let mut incidents = Vec::new();
    for (row, severity) in Severity::ALL.iter().enumerate() {
        for (column, mark) in marks.iter().enumerate() {
            incidents.push(Incident {
                at: at(-400.0 + column as f64 * 160.0, 210.0 - row as f64 * 130.0),
                id: incidents.len() as u32,
                severity: *severity,
                shape: severity.shape(),
                icon: Icon::Nothing,
                lamp: Lamp::None,
                flags: IncidentFlags(*mark),
            });
        }
    }
    incidents
}

/// A few cameras along the main road.
pub fn cameras() -> Vec<Camera> {
    (0..9_u32)
        .map(|id| Camera {
            at: at(-480.0 + f64::from(id) * 120.0, 40.0),
            id,
            kind: DeviceKind::Camera,
            state: if id % 4 == 3 {
                CameraState::Offline
            } else {
                CameraState::Online
            },
        })
        .collect()
}

/// A proposed way and one that is being taken.
pub fn routes() -> Vec<Route> {
    vec![
        Route {
            id: 1,
            state: RouteState::Proposed,
            points: vec![
                at(-450.0, 130.0),
                at(-150.0, 130.0),
                at(-150.0, 0.0),
                at(300.0, 5.0),
            ],
        },
        Route {
            id: 2,
            state: RouteState::Underway,
            points: vec![
                at(450.0, -130.0),
                at(0.0, -130.0),
                at(0.0, 130.0),
                at(-300.0, 130.0),
            ],
        },
    ]
}
