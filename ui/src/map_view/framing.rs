//! What part of the world the map shows first.

use domain::LonLat;
use domain::places::Bounds;
use map_protocol::{Position, View};
use protocol::commands::MapSource;

/// Width of the world at zoom 0 in CSS pixels.
const WORLD_PX: f64 = 512.0;
/// Share of the map that is kept free around what must be seen.
const MARGIN: f64 = 0.04;
/// A street is not shown closer than this at first, however small it is.
pub const STREET_ZOOM: f64 = 16.0;

/// The area to show first: the street, unless the base map is of another place.
pub fn first_area(street: Option<Bounds>, map: Option<&MapSource>) -> Option<Bounds> {
    let archive = map.map(|map| {
        let [west, south, east, north] = map.bounds;
        Bounds {
            min: LonLat::new(west, south),
            max: LonLat::new(east, north),
        }
    });
    match (street, archive) {
        (Some(street), Some(archive)) if !archive.contains(street.centre()) => Some(archive),
        (Some(street), _) => Some(street),
        (None, archive) => archive,
    }
}

/// The view that shows the whole area in a canvas of this size in CSS pixels, not closer than a zoom.
pub fn view_of(area: Bounds, [width_px, height_px]: [f64; 2], closest_zoom: f64) -> View {
    let [west, north] = Position::from_lon_lat(area.min.lon, area.max.lat).mercator();
    let [east, south] = Position::from_lon_lat(area.max.lon, area.min.lat).mercator();
    let free = 1.0 - 2.0 * MARGIN;
    let zoom_of = |span: f64, px: f64| (px.max(1.0) * free / (span.max(1e-9) * WORLD_PX)).log2();
    let zoom = zoom_of(east - west, width_px)
        .min(zoom_of(south - north, height_px))
        .clamp(0.0, closest_zoom);
    let centre = Position::from_mercator(f64::midpoint(west, east), f64::midpoint(north, south));
    let [lon, lat] = centre.lon_lat();
    View { lon, lat, zoom }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(lon: f64, lat: f64, half: f64) -> Bounds {
        Bounds {
            min: LonLat::new(lon - half, lat - half),
            max: LonLat::new(lon + half, lat + half),
        }
    }

    fn archive(bounds: Bounds) -> MapSource {
        MapSource {
            tile_url: String::new(),
            schema: "openmaptiles".to_owned(),
            name: String::new(),
            attribution: String::new(),
            max_zoom: 14,
            min_zoom: 0,
            bounds: [
                bounds.min.lon,
                bounds.min.lat,
                bounds.max.lon,
                bounds.max.lat,
            ],
        }
    }

    #[test]
    fn the_street_is_shown_unless_the_base_map_is_of_another_place() {
        let street = square(104.0, 30.6, 0.02);
        let own = archive(square(104.0, 30.6, 0.02));
        let other = archive(square(11.25, 43.77, 0.1));
        assert_eq!(first_area(Some(street), Some(&own)), Some(street));
        assert_eq!(first_area(Some(street), None), Some(street));
        let shown = first_area(Some(street), Some(&other)).expect("an area");
        assert!((shown.centre().lon - 11.25).abs() < 1e-9);
        assert!(first_area(None, Some(&other)).is_some());
        assert_eq!(first_area(None, None), None);
    }

    #[test]
    fn the_whole_area_fits_into_the_canvas() {
        let area = square(104.0, 30.6, 0.02);
        for (width_px, height_px) in [(1000.0, 500.0), (500.0, 1000.0)] {
            let view = view_of(area, [width_px, height_px], STREET_ZOOM);
            let world_px = WORLD_PX * view.zoom.exp2();
            let [west, north] = Position::from_lon_lat(area.min.lon, area.max.lat).mercator();
            let [east, south] = Position::from_lon_lat(area.max.lon, area.min.lat).mercator();
            let across = [(east - west) * world_px, (south - north) * world_px];
            assert!(
                across[0] <= width_px && across[1] <= height_px,
                "{across:?}"
            );
            assert!(across[0] > width_px * 0.9 || across[1] > height_px * 0.9);
            assert!((view.lon - 104.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_point_and_an_empty_canvas_still_have_a_view() {
        let point = square(104.0, 30.6, 0.0);
        for closest in [STREET_ZOOM, 20.0] {
            let zoom = view_of(point, [1000.0, 500.0], closest).zoom;
            assert!((zoom - closest).abs() < f64::EPSILON);
        }
        let empty = view_of(square(0.0, 0.0, 80.0), [0.0, 0.0], STREET_ZOOM);
        assert!(empty.zoom.abs() < f64::EPSILON);
    }

    #[test]
    fn a_building_that_another_window_looks_at_fills_the_canvas() {
        let building = square(104.0, 30.6, 0.0005);
        let view = view_of(building, [3840.0, 2160.0], 20.0);
        assert!(view.zoom > 18.0, "{}", view.zoom);
        let street = view_of(building, [3840.0, 2160.0], STREET_ZOOM);
        assert!((street.zoom - STREET_ZOOM).abs() < f64::EPSILON);
    }
}
