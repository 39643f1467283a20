//! The town with everything that a city's tiles hold, in both schemas of the shipped styles.

use street_map::tiles::TileAnswer;

use super::board::text;
use super::mvt::{Feature, Shape, Value, tile};
use super::town::Surveyor;

/// How tiles name their layers and attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    OpenMapTiles,
    Protomaps,
}

/// What stands at a point: its class in either schema, its name, its place in metres from the middle, its rank.
type Poi = (&'static str, &'static str, &'static str, [f64; 2], u64);

const POIS: [Poi; 12] = [
    (
        "hospital",
        "hospital",
        "街道卫生服务中心",
        [-380.0, 200.0],
        1,
    ),
    ("school", "school", "望江小学", [110.0, 240.0], 2),
    ("police", "police", "科华派出所", [-110.0, 110.0], 3),
    (
        "fire_station",
        "fire_station",
        "一环路消防站",
        [250.0, 90.0],
        3,
    ),
    ("town_hall", "townhall", "街道办事处", [-250.0, -60.0], 2),
    ("railway", "station", "望江站", [60.0, -255.0], 1),
    ("railway", "subway", "科华北路", [15.0, 20.0], 1),
    ("bus", "bus_stop", "望江东路口", [-160.0, 12.0], 10),
    ("park", "park", "东湖公园", [445.0, 385.0], 3),
    ("shop", "supermarket", "红旗超市", [330.0, 180.0], 30),
    (
        "restaurant",
        "restaurant",
        "巷子里面馆",
        [-260.0, 180.0],
        12,
    ),
    ("library", "library", "社区图书馆", [-40.0, 330.0], 8),
];

/// Names of parts of the city, by class, and how far they lie from the middle in metres.
const PLACES: [(&str, &str, [f64; 2]); 9] = [
    ("city", "成都市", [0.0, 0.0]),
    ("town", "双流区", [-7000.0, -6000.0]),
    ("town", "龙泉驿区", [12000.0, -5000.0]),
    ("town", "郫都区", [-11000.0, 5500.0]),
    ("town", "新都区", [6000.0, 7000.0]),
    ("suburb", "望江路街道", [-700.0, 250.0]),
    ("suburb", "玉林街道", [-2600.0, 400.0]),
    ("suburb", "牛市口街道", [2800.0, 900.0]),
    ("quarter", "锦东社区", [650.0, -900.0]),
];

/// Answers tile requests with the city in a schema.
pub fn tiles(schema: Schema) -> impl Fn(&str) -> TileAnswer {
    move |url| {
        let mut parts = url.rsplit('/').filter_map(|part| part.parse::<u32>().ok());
        let (Some(y), Some(x), Some(z)) = (parts.next(), parts.next(), parts.next()) else {
            return TileAnswer::Empty;
        };
        let surveyor = Surveyor { z, x, y };
        TileAnswer::Bytes(match schema {
            Schema::OpenMapTiles => open_map_tiles(&surveyor),
            Schema::Protomaps => protomaps(&surveyor),
        })
    }
}

fn open_map_tiles(surveyor: &Surveyor) -> Vec<u8> {
    let mut roads = surveyor.roads();
    for (at, road) in roads.iter_mut().enumerate() {
        match at {
            0 => road.properties.push(("ref", text("S106"))),
            2 => road.properties.push(("ref", text("G318"))),
            _ if at % 4 == 3 => road.properties.push(("oneway", Value::Number(1))),
            _ => {}
        }
    }
    let names = roads
        .iter()
        .filter(|road| road.properties[1].1 != text(""))
        .cloned()
        .collect();
    let point = |at, properties| Feature {
        shape: Shape::Point(surveyor.spot(at)),
        properties,
    };
    let pois = POIS.iter().map(|(class, subclass, name, at, rank)| {
        let properties = vec![
            ("class", text(class)),
            ("subclass", text(subclass)),
            ("name", text(name)),
            ("rank", Value::Number(*rank)),
        ];
        point(*at, properties)
    });
    let places = PLACES.iter().zip(1..).map(|((class, name, at), rank)| {
        let properties = vec![
            ("class", text(class)),
            ("name", text(name)),
            ("rank", Value::Number(rank)),
        ];
        point(*at, properties)
    });
    let numbers = (0..8_u32).map(|i| {
        let at = [-140.0 + f64::from(i) * 37.0, 42.0];
        point(at, vec![("housenumber", text(&format!("{}", 2 * i + 1)))])
    });
    tile(&[
        ("water", vec![surveyor.river()]),
        ("park", vec![surveyor.park()]),
        ("building", surveyor.buildings()),
        ("transportation", roads),
        ("transportation_name", names),
        ("housenumber", numbers.collect()),
        ("poi", pois.collect()),
        ("place", places.collect()),
    ])
}

fn protomaps(surveyor: &Surveyor) -> Vec<u8> {
    let kind = |feature: Feature, kind: &str| Feature {
        properties: vec![("kind", text(kind))],
        ..feature
    };
    let (mut roads, mut rails) = (Vec::new(), Vec::new());
    for (at, road) in surveyor.roads().into_iter().enumerate() {
        let [(_, class), (_, name)] = &road.properties[..] else {
            continue;
        };
        if *class == text("rail") {
            rails.push(kind(road, "rail"));
            continue;
        }
        let (road_kind, detail) = match class {
            Value::Text(class) if class == "minor" => ("minor_road", "residential"),
            Value::Text(class) if class == "secondary" => ("medium_road", "secondary"),
            _ => ("major_road", "primary"),
        };
        let mut properties = vec![
            ("kind", text(road_kind)),
            ("kind_detail", text(detail)),
            ("name", name.clone()),
        ];
        match at {
            0 => properties.push(("shield_text", text("S106"))),
            _ if at % 4 == 3 => properties.push(("oneway", text("yes"))),
            _ => {}
        }
        roads.push(Feature { properties, ..road });
    }
    let point = |at, properties| Feature {
        shape: Shape::Point(surveyor.spot(at)),
        properties,
    };
    let pois = POIS.iter().map(|(_, kind, name, at, _)| {
        let kind = if *name == "望江站" {
            "train_station"
        } else {
            kind
        };
        point(*at, vec![("kind", text(kind)), ("name", text(name))])
    });
    let places = PLACES.iter().map(|(class, name, at)| {
        let properties = vec![
            ("kind", text("locality")),
            ("kind_detail", text(class)),
            ("name", text(name)),
        ];
        point(*at, properties)
    });
    let houses = surveyor.buildings().into_iter();
    tile(&[
        ("water", vec![kind(surveyor.river(), "river")]),
        ("landuse", vec![kind(surveyor.park(), "park")]),
        (
            "buildings",
            houses.map(|house| kind(house, "building")).collect(),
        ),
        ("transit", rails),
        ("roads", roads),
        ("pois", pois.collect()),
        ("places", places.collect()),
    ])
}
