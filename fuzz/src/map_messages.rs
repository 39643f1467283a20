//! Examples of the messages between the screens and the map.

use map_protocol::{
    Bounds, Camera, CameraState, DeviceKind, FollowEnd, FromMap, Heading, HeatPoint, Icon,
    Incident, IncidentFlags, IncidentShape, Init, Lamp, Layer, LineClass, LineFeature, Padding,
    Palette, Person, PersonAge, PersonClass, PersonFlags, PolygonFeature, PolygonValue, Position,
    Problem, ProblemKind, ProblemLevel, Route, RouteState, Severity, SpriteSheet, Target, ToMap,
    Tool, Trail, View, Viewport,
};

const VIEWPORT: Viewport = Viewport {
    width: 1920.0,
    height: 1080.0,
    pixel_ratio: 1.5,
};
const VIEW: View = View {
    lon: 104.1,
    lat: 30.66,
    zoom: 15.25,
};

fn points() -> Vec<Position> {
    [(104.0, 30.0), (104.1, 30.0), (104.1, 30.1)]
        .map(|(lon, lat)| Position::from_lon_lat(lon, lat))
        .to_vec()
}

fn person() -> Person {
    Person {
        at: points()[0],
        id: 1,
        class: PersonClass::Social,
        state: 3,
        age: PersonAge::Stale,
        heading: Some(Heading(200)),
        flags: PersonFlags(PersonFlags::SELECTED),
    }
}

fn incident() -> Incident {
    Incident {
        at: points()[1],
        id: 5,
        severity: Severity::Large,
        shape: IncidentShape::Hexagon,
        icon: Icon::Waves,
        lamp: Lamp::Amber,
        flags: IncidentFlags(IncidentFlags::OVERDUE),
    }
}

const TARGET: Target = Target {
    layer: Layer::Incidents,
    id: 77,
};

/// Messages to the map, one of each shape.
pub fn to_map() -> Vec<ToMap> {
    let mut all = about_the_picture();
    all.extend(about_features());
    all.extend(about_lines());
    all
}

fn about_the_picture() -> Vec<ToMap> {
    let init = Init {
        viewport: VIEWPORT,
        view: VIEW,
        tile_url: "tiles://localhost/{z}/{x}/{y}".to_owned(),
        max_source_zoom: 14,
        min_source_zoom: 0,
        style_json: "{}".to_owned(),
        palette: Palette::default(),
        min_zoom: 9.0,
        max_zoom: 19.5,
        interactive: true,
    };
    let bounds = Bounds {
        west: 104.0,
        south: 30.6,
        east: 104.1,
        north: 30.7,
    };
    let padding = Padding {
        top: 1.0,
        right: 2.0,
        bottom: 3.0,
        left: 4.0,
    };
    let sheet = SpriteSheet {
        prefix: "街".to_owned(),
        index_json: "{}".to_owned(),
        png: vec![0x89, b'P', 0],
    };
    vec![
        ToMap::Init { init },
        ToMap::Resize { viewport: VIEWPORT },
        ToMap::SetView {
            view: VIEW,
            duration_ms: 800,
        },
        ToMap::FitBounds {
            bounds,
            padding,
            max_zoom: 17.0,
            duration_ms: 0,
        },
        ToMap::SetStyle {
            style_json: "{\"version\":8}".to_owned(),
        },
        ToMap::SetPalette {
            palette: Palette::default(),
        },
        ToMap::SetLayerVisible {
            layer: Layer::BaseMap,
            visible: false,
        },
        ToMap::Pick {
            x: 12.5,
            y: 13.5,
            request: 9,
        },
        ToMap::SetSprites {
            sheets: vec![sheet],
        },
        ToMap::Select {
            targets: vec![TARGET],
        },
        ToMap::Follow {
            target: Some(TARGET),
        },
    ]
}

fn about_features() -> Vec<ToMap> {
    let at = points()[0];
    let polygon = PolygonFeature {
        id: 12,
        class: 1,
        hatched: true,
        polygons: vec![vec![points(), points()], vec![points()]],
        label: "望江路社区".to_owned(),
        label_at: at,
    };
    let value = PolygonValue {
        id: 12,
        class: 4,
        hatched: true,
    };
    let camera = Camera {
        at,
        id: 3,
        kind: DeviceKind::WaterLevel,
        state: CameraState::Offline,
    };
    let route = Route {
        id: 4,
        state: RouteState::Underway,
        points: points(),
    };
    vec![
        ToMap::SetPeople {
            people: vec![person(), person()],
            glide_ms: 1000,
        },
        ToMap::PatchPeople {
            changed: vec![person()],
            removed: vec![2],
            glide_ms: 0,
        },
        ToMap::SetPolygons {
            layer: Layer::MicroGrids,
            features: vec![polygon],
        },
        ToMap::SetPolygonValues {
            layer: Layer::MicroGrids,
            values: vec![value],
        },
        ToMap::PatchIncidents {
            changed: vec![incident()],
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

fn about_lines() -> Vec<ToMap> {
    let trail = Trail {
        person: 1,
        points: points(),
    };
    let line = LineFeature {
        class: LineClass::Motorway,
        points: points(),
    };
    let heat = HeatPoint {
        at: points()[0],
        weight: 1.5,
    };
    vec![
        ToMap::SetTrails {
            trails: vec![trail],
        },
        ToMap::SetLines { lines: vec![line] },
        ToMap::SetHeat {
            points: vec![heat],
            radius_m: 150.0,
        },
        ToMap::SetTool {
            tool: Tool::Radius,
            points: points(),
            held: true,
        },
    ]
}

/// Messages from the map that hold more than numbers.
pub fn from_map() -> Vec<FromMap> {
    let problem = Problem {
        level: ProblemLevel::Warning,
        kind: ProblemKind::Style,
        text: "what".to_owned(),
    };
    vec![
        FromMap::ToolDrawn {
            tool: Tool::Lasso,
            points: points(),
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
        FromMap::Problem { problem },
        FromMap::FollowEnded {
            target: TARGET,
            end: FollowEnd::ByUser,
        },
    ]
}
