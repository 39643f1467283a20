//! Scenes for the golden images: a town, a map over it, and the comparison with the held picture.

mod mvt;
pub mod town;

use std::{fs, path::PathBuf};

use map_core::labels::Face;
use map_protocol::{Init, ToMap, View, Viewport};
use street_map::offscreen::{OffscreenMap, Picture};

/// Pictures are this large, in device pixels.
pub const WIDTH: u32 = 640;
pub const HEIGHT: u32 = 360;

/// A channel may differ by this much, since Mesa's versions round differently.
const CHANNEL_TOLERANCE: u8 = 10;
/// This share of the pixels may differ by more.
const PIXEL_TOLERANCE: f64 = 0.002;

const REGULAR: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
const BOLD: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc";
/// The simplified Chinese font of the collections.
const SIMPLIFIED: u32 = 2;

/// A map over the town at a zoom, with the shipped style.
pub fn map_at(zoom: f64, pixel_ratio: f32) -> OffscreenMap {
    let read = |path: &str| {
        fs::read(path).unwrap_or_else(|error| {
            panic!("{path}: {error}; the pictures need the package fonts-noto-cjk")
        })
    };
    let (regular, bold) = (read(REGULAR), read(BOLD));
    let fonts = [
        (Face::Regular, regular.as_slice(), SIMPLIFIED),
        (Face::Bold, bold.as_slice(), SIMPLIFIED),
    ];
    let mut map = OffscreenMap::open(WIDTH, HEIGHT, &fonts).unwrap_or_else(|error| {
        panic!("{error}; the pictures need the package mesa-vulkan-drivers")
    });
    let style = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../assets/map_styles/openmaptiles_dark.json"
    );
    let init = Init {
        viewport: Viewport {
            width: WIDTH as f32 / pixel_ratio,
            height: HEIGHT as f32 / pixel_ratio,
            pixel_ratio,
        },
        view: View {
            lon: town::CENTRE[0],
            lat: town::CENTRE[1],
            zoom,
        },
        tile_url: "tiles://localhost/{z}/{x}/{y}".to_owned(),
        min_source_zoom: 0,
        max_source_zoom: 14,
        style_json: fs::read_to_string(style).expect("the shipped style"),
        palette: town::palette(),
        min_zoom: 8.0,
        max_zoom: 20.0,
        interactive: true,
    };
    map.send(ToMap::Init { init });
    map
}

/// Lets a map come to rest and compares its picture with the held one.
pub fn check(map: &mut OffscreenMap, name: &str) {
    map.settle(&town::town_tile)
        .expect("the scene comes to rest");
    compare(&map.picture().expect("the picture is read back"), name);
}

/// Compares a picture with the held one; `BLESS=1` holds the new one instead.
pub fn compare(picture: &Picture, name: &str) {
    let held = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.png"));
    if std::env::var_os("BLESS").is_some() {
        write_png(&held, picture);
        return;
    }
    let wanted = read_png(&held);
    assert_eq!(
        (wanted.width, wanted.height),
        (picture.width, picture.height),
        "{name}: size"
    );
    let differing = wanted
        .pixels
        .chunks_exact(4)
        .zip(picture.pixels.chunks_exact(4))
        .filter(|(a, b)| {
            a.iter()
                .zip(*b)
                .any(|(a, b)| a.abs_diff(*b) > CHANNEL_TOLERANCE)
        })
        .count();
    let share = differing as f64 / (f64::from(picture.width) * f64::from(picture.height));
    if share > PIXEL_TOLERANCE {
        let shown = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        write_png(&shown, picture);
        panic!(
            "{name}: {differing} pixels ({:.2} %) differ from {}; the new picture is {}. If it is right, run the tests with BLESS=1.",
            share * 100.0,
            held.display(),
            shown.display()
        );
    }
}

/// Compares two pictures drawn in one run, which must be the same to the last bit.
pub fn same(one: &Picture, other: &Picture, what: &str) {
    let differing = one
        .pixels
        .chunks_exact(4)
        .zip(other.pixels.chunks_exact(4))
        .filter(|(a, b)| a != b)
        .count();
    if differing > 0 {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        write_png(&folder.join("one.png"), one);
        write_png(&folder.join("other.png"), other);
        panic!(
            "{what}: {differing} pixels differ, see one.png and other.png in {}",
            folder.display()
        );
    }
}

fn read_png(path: &PathBuf) -> Picture {
    let file = fs::File::open(path)
        .unwrap_or_else(|error| panic!("{}: {error}; hold it with BLESS=1", path.display()));
    let mut reader = png::Decoder::new(file).read_info().expect("a picture");
    let mut pixels = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    Picture {
        width: info.width,
        height: info.height,
        pixels,
    }
}

fn write_png(path: &PathBuf, picture: &Picture) {
    let file = fs::File::create(path).expect("the picture can be written");
    let mut encoder = png::Encoder::new(file, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    let mut writer = encoder.write_header().expect("a header");
    writer
        .write_image_data(&picture.pixels)
        .expect("the pixels");
}
