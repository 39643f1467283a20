//! Cuts the features into tiles and writes the archive.

use std::path::Path;

use tiles::{Bounds, MbtilesWriter, NewArchive, TileFormat};

use super::clip::{Square, clip_line, clip_ring, double_area, snapped};
use super::encode::{Drawn, EXTENT, LayerWriter, bytes};
use super::features::{Feature, Shape, features};
use crate::geom::ring::{bounds, simplified};
use crate::geom::{Point, point};
use crate::plan::Plan;
use crate::plan::frame::{MAP_HALF_M, lon_lat};

/// First zoom of the archive.
pub const MIN_ZOOM: u8 = 10;
/// Last zoom of the archive; larger scales are drawn from it.
pub const MAX_ZOOM: u8 = 16;
/// Layers in the order in which they are written.
pub const LAYERS: [&str; 11] = [
    "water",
    "waterway",
    "landcover",
    "landuse",
    "park",
    "boundary",
    "building",
    "transportation",
    "transportation_name",
    "place",
    "poi",
];
/// How far geometry reaches beyond the edge of its tile, in tile units.
const BUFFER: f64 = 96.0;

/// Why the base map could not be written.
#[derive(Debug, thiserror::Error)]
pub enum BaseMapError {
    /// The archive could not be written.
    #[error("the base map of the demo street could not be written: {0}")]
    Archive(#[from] tiles::TileError),
}

/// A feature projected to the unit square of the web Mercator map.
struct Projected<'a> {
    feature: &'a Feature,
    shape: Shape,
    low: Point,
    high: Point,
}

/// Writes the base map of a plan to `path` and returns the number of tiles.
pub fn write_archive(plan: &Plan, path: &Path) -> Result<usize, BaseMapError> {
    let [west, south] = lon_lat(point(-MAP_HALF_M, -MAP_HALF_M));
    let [east, north] = lon_lat(point(MAP_HALF_M, MAP_HALF_M));
    let bounds = Bounds {
        west,
        south,
        east,
        north,
    };
    let mut writer = MbtilesWriter::create(
        path,
        &NewArchive {
            name: "锦川街道（演示数据）",
            attribution: "演示数据 / demo data: streethall, generated",
            format: TileFormat::Mvt,
            min_zoom: MIN_ZOOM,
            max_zoom: MAX_ZOOM,
            bounds,
            layers: &LAYERS,
        },
    )?;
    let features = features(plan);
    let projected = project_all(&features);
    let (low, high) = (mercator(west, north), mercator(east, south));
    let mut count = 0;
    for zoom in MIN_ZOOM..=MAX_ZOOM {
        let across = f64::from(1_u32 << zoom);
        for x in (low.x * across) as u32..=(high.x * across) as u32 {
            for y in (low.y * across) as u32..=(high.y * across) as u32 {
                let content = cut(&projected, zoom, x, y);
                if !content.is_empty() {
                    writer.put(zoom, x, y, &content)?;
                    count += 1;
                }
            }
        }
    }
    writer.finish()?;
    Ok(count)
}

/// One tile of a plan, uncompressed; empty when nothing lies in it.
pub fn tile(plan: &Plan, zoom: u8, x: u32, y: u32) -> Vec<u8> {
    cut(&project_all(&features(plan)), zoom, x, y)
}

fn mercator(lon: f64, lat: f64) -> Point {
    let phi = lat.to_radians();
    let stretched = libm::log(libm::tan(phi) + 1.0 / libm::cos(phi));
    point(
        (lon + 180.0) / 360.0,
        (1.0 - stretched / std::f64::consts::PI) / 2.0,
    )
}

fn project_all(features: &[Feature]) -> Vec<Projected<'_>> {
    let project = |p: &Point| {
        let [lon, lat] = lon_lat(*p);
        mercator(lon, lat)
    };
    features
        .iter()
        .map(|feature| {
            let shape = match &feature.shape {
                Shape::Point(p) => Shape::Point(project(p)),
                Shape::Line(line) => Shape::Line(line.iter().map(project).collect()),
                Shape::Polygon(rings) => Shape::Polygon(
                    rings
                        .iter()
                        .map(|ring| ring.iter().map(project).collect())
                        .collect(),
                ),
            };
            let (low, high) = bounds(&shape.points());
            Projected {
                feature,
                shape,
                low,
                high,
            }
        })
        .collect()
}

fn cut(features: &[Projected<'_>], zoom: u8, x: u32, y: u32) -> Vec<u8> {
    let across = f64::from(1_u32 << zoom);
    let extent = f64::from(EXTENT);
    let square = Square {
        low: -BUFFER,
        high: extent + BUFFER,
    };
    let edge = BUFFER / extent / across;
    let (west, north) = (f64::from(x) / across, f64::from(y) / across);
    let (east, south) = (west + 1.0 / across + edge, north + 1.0 / across + edge);
    let to_tile = |p: &Point| {
        point(
            (p.x - west) * across * extent,
            (p.y - north) * across * extent,
        )
    };
    let mut writers: Vec<LayerWriter> = LAYERS.iter().map(|name| LayerWriter::new(name)).collect();
    for (id, item) in features.iter().enumerate() {
        let outside = item.low.x > east
            || item.high.x < west - edge
            || item.low.y > south
            || item.high.y < north - edge;
        if item.feature.min_zoom > zoom || outside {
            continue;
        }
        let Some(layer) = LAYERS.iter().position(|name| *name == item.feature.layer) else {
            continue;
        };
        if let Some(drawn) = draw(&item.shape, to_tile, square, zoom) {
            writers[layer].add(id as u64 + 1, &drawn, &item.feature.attributes);
        }
    }
    let layers: Vec<_> = writers
        .into_iter()
        .filter_map(LayerWriter::finish)
        .collect();
    if layers.is_empty() {
        Vec::new()
    } else {
        bytes(layers)
    }
}

/// The geometry on the raster of a tile; nothing where too little is left.
fn draw(
    shape: &Shape,
    to_tile: impl Fn(&Point) -> Point,
    square: Square,
    zoom: u8,
) -> Option<Drawn> {
    let tolerance = if zoom < MAX_ZOOM { 3.0 } else { 0.8 };
    match shape {
        Shape::Point(p) => {
            let p = to_tile(p);
            let inside = |v: f64| (square.low..=square.high).contains(&v);
            (inside(p.x) && inside(p.y))
                .then(|| Drawn::Point((p.x.round() as i32, p.y.round() as i32)))
        }
        Shape::Line(line) => {
            let line: Vec<Point> = line.iter().map(&to_tile).collect();
            let lines: Vec<Vec<(i32, i32)>> = clip_line(&simplified(&line, tolerance), square)
                .iter()
                .map(|part| snapped(part))
                .filter(|part| part.len() > 1)
                .collect();
            (!lines.is_empty()).then_some(Drawn::Lines(lines))
        }
        Shape::Polygon(rings) => {
            let mut out = Vec::new();
            for (i, ring) in rings.iter().enumerate() {
                let ring: Vec<Point> = ring.iter().map(&to_tile).collect();
                let mut ring = snapped(&clip_ring(&ring, square));
                if ring.len() > 1 && ring.first() == ring.last() {
                    ring.pop();
                }
                let size = double_area(&ring);
                if ring.len() < 3 || size.abs() < 16 {
                    if i == 0 {
                        return None;
                    }
                    continue;
                }
                // Outlines have a positive area in tile coordinates, holes a negative one.
                if (size > 0) != (i == 0) {
                    ring.reverse();
                }
                out.push(ring);
            }
            (!out.is_empty()).then_some(Drawn::Rings(out))
        }
    }
}
