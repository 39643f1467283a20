//! The town's surroundings as picture tiles: fields, a river and a street grid, drawn from the air.

use street_map::tiles::TileAnswer;

use super::town;

/// Pixels of a tile's side.
const SIDE: u32 = 256;
/// A photograph, for the tile of this zoom that holds the middle of the town.
const PHOTO: &[u8] = include_bytes!("plaza.jpg");
pub const PHOTO_ZOOM: u32 = 17;

/// Metres of the whole world's width at the town.
fn world_m() -> f64 {
    40_075_016.7 * town::CENTRE[1].to_radians().cos()
}

/// The picture tile that a URL of the form `…/z/x/y` names: PNG and WebP in turns, one JPEG.
pub fn picture_tile(url: &str) -> TileAnswer {
    let mut parts = url
        .rsplit('/')
        .map(|part| part.parse::<u32>().expect("a tile's number"));
    let (Some(y), Some(x), Some(z)) = (parts.next(), parts.next(), parts.next()) else {
        return TileAnswer::Empty;
    };
    let [cx, cy] = town::at(0.0, 0.0).mercator();
    let n = f64::from(1_u32 << z);
    if z == PHOTO_ZOOM && [x, y] == [(cx * n) as u32, (cy * n) as u32] {
        return TileAnswer::Bytes(PHOTO.to_vec());
    }
    let mut rgb = Vec::with_capacity((SIDE * SIDE * 3) as usize);
    for row in 0..SIDE {
        for column in 0..SIDE {
            let at = |tile: u32, px: u32| {
                (f64::from(tile) + (f64::from(px) + 0.5) / f64::from(SIDE)) / n
            };
            let east = (at(x, column) - cx) * world_m();
            let north = (cy - at(y, row)) * world_m();
            let edge = row == 0 || column == 0;
            rgb.extend(if edge {
                [250, 250, 240]
            } else {
                ground(east, north)
            });
        }
    }
    TileAnswer::Bytes(if (x + y).is_multiple_of(2) {
        png(&rgb)
    } else {
        webp(&rgb)
    })
}

/// What the ground looks like, in metres from the middle of the town.
fn ground(east: f64, north: f64) -> [u8; 3] {
    let bank = 220.0 * (east / 700.0).sin() - 260.0;
    if (north - bank).abs() < 45.0 {
        return [74, 128, 168];
    }
    if east.rem_euclid(260.0) < 14.0 || north.rem_euclid(180.0) < 10.0 {
        return [214, 206, 190];
    }
    let block =
        ((east / 260.0).floor() as i64 * 7 + (north / 180.0).floor() as i64 * 3).rem_euclid(5);
    let fields = [
        [112, 148, 84],
        [168, 160, 96],
        [186, 120, 92],
        [90, 132, 98],
        [150, 150, 144],
    ];
    fields[block as usize]
}

fn png(rgb: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(rgb).expect("the pixels");
    drop(writer);
    bytes
}

fn webp(rgb: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    image_webp::WebPEncoder::new(&mut bytes)
        .encode(rgb, SIDE, SIDE, image_webp::ColorType::Rgb8)
        .expect("the pixels");
    bytes
}
