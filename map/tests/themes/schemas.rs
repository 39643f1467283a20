//! The shipped styles over a city's tiles: both schemas, dark and light, from afar and from near.

use crate::scene::{
    Setting, check_over,
    city::{self, Schema},
    shipped_sprites, shipped_style, town,
};

/// A shipped style with its icons over the city.
fn check_city(schema: Schema, tone: &str, zoom: f64, pixel_ratio: f32, name: &str) {
    let schema_name = match schema {
        Schema::OpenMapTiles => "openmaptiles",
        Schema::Protomaps => "protomaps",
    };
    let mut map = Setting {
        pixel_ratio,
        zoom,
        style_json: shipped_style(&format!("{schema_name}_{tone}")),
        ..Setting::default()
    }
    .open();
    map.send(shipped_sprites(pixel_ratio));
    check_over(&mut map, &city::tiles(schema), name);
}

#[test]
fn openmaptiles_in_the_dark() {
    check_city(Schema::OpenMapTiles, "dark", 15.6, 1.0, "openmaptiles_dark");
}

#[test]
fn openmaptiles_in_the_light() {
    check_city(
        Schema::OpenMapTiles,
        "light",
        15.6,
        1.0,
        "openmaptiles_light",
    );
}

#[test]
fn protomaps_in_the_dark() {
    check_city(Schema::Protomaps, "dark", 15.6, 1.0, "protomaps_dark");
}

#[test]
fn protomaps_in_the_light() {
    check_city(Schema::Protomaps, "light", 15.6, 1.0, "protomaps_light");
}

#[test]
fn a_region_from_afar() {
    check_city(Schema::OpenMapTiles, "dark", 10.4, 1.0, "zoom_10");
}

#[test]
fn districts_of_a_city() {
    check_city(Schema::Protomaps, "light", 12.6, 1.0, "zoom_12");
}

#[test]
fn houses_from_near_with_one_way_streets() {
    let [lon, lat] = town::CENTRE;
    let mut map = Setting {
        centre: [lon - 0.001_15, lat + 0.000_6],
        zoom: 18.2,
        style_json: shipped_style("openmaptiles_light"),
        ..Setting::default()
    }
    .open();
    map.send(shipped_sprites(1.0));
    check_over(&mut map, &city::tiles(Schema::OpenMapTiles), "zoom_18");
}

#[test]
fn icons_on_a_dense_screen() {
    check_city(Schema::OpenMapTiles, "dark", 15.9, 2.0, "icons_dense");
}

#[test]
fn tiles_enlarged_four_times_over() {
    let mut map = Setting {
        zoom: 16.3,
        max_source_zoom: 12,
        centre: [town::CENTRE[0] + 0.002, town::CENTRE[1]],
        ..Setting::default()
    }
    .open();
    map.send(shipped_sprites(1.0));
    check_over(&mut map, &city::tiles(Schema::OpenMapTiles), "overzoom");
}
