//! Scenes for the golden images: a town, a map over it, and the comparison with the held picture.

pub mod board;
pub mod city;
pub mod crowd;
pub mod mvt;
pub mod pictures;
pub mod town;

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Mutex};

use map_core::labels::Face;
use map_protocol::{Init, SpriteSheet, ToMap, View, Viewport};
use street_map::offscreen::{OffscreenMap, Picture, TileAnswers};

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

/// What a scene is drawn with. `..Setting::default()` fills in what does not matter to it.
#[derive(Clone)]
pub struct Setting {
    /// The canvas in device pixels.
    pub width: u32,
    pub height: u32,
    pub pixel_ratio: f32,
    /// The middle of the canvas in degrees.
    pub centre: [f64; 2],
    pub zoom: f64,
    /// The style as JSON; [`shipped_style`] reads one of ours.
    pub style_json: String,
    pub max_source_zoom: u8,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            width: WIDTH,
            height: HEIGHT,
            pixel_ratio: 1.0,
            centre: town::CENTRE,
            zoom: 15.2,
            style_json: shipped_style("openmaptiles_dark"),
            max_source_zoom: 14,
        }
    }
}

impl Setting {
    /// A map in this setting; it has been told to begin, but has drawn nothing yet.
    pub fn open(self) -> OffscreenMap {
        let fonts = [
            (Face::Regular, font_file(REGULAR), SIMPLIFIED),
            (Face::Bold, font_file(BOLD), SIMPLIFIED),
        ];
        let mut map = OffscreenMap::open(self.width, self.height, &fonts).unwrap_or_else(|error| {
            panic!("{error}; the pictures need the package mesa-vulkan-drivers")
        });
        let init = Init {
            viewport: Viewport {
                width: self.width as f32 / self.pixel_ratio,
                height: self.height as f32 / self.pixel_ratio,
                pixel_ratio: self.pixel_ratio,
            },
            view: View {
                lon: self.centre[0],
                lat: self.centre[1],
                zoom: self.zoom,
            },
            tile_url: "tiles://localhost/{z}/{x}/{y}".to_owned(),
            min_source_zoom: 0,
            max_source_zoom: self.max_source_zoom,
            style_json: self.style_json,
            palette: town::palette(),
            min_zoom: 8.0,
            max_zoom: 20.0,
            interactive: true,
        };
        map.send(ToMap::Init { init });
        map
    }
}

/// The bytes of a font file, read once for all scenes of the run.
fn font_file(path: &'static str) -> &'static [u8] {
    static FILES: Mutex<BTreeMap<&str, &[u8]>> = Mutex::new(BTreeMap::new());
    FILES
        .lock()
        .expect("no scene holds the fonts and fails")
        .entry(path)
        .or_insert_with(|| {
            let bytes = fs::read(path).unwrap_or_else(|error| {
                panic!("{path}: {error}; the pictures need the package fonts-noto-cjk")
            });
            Vec::leak(bytes)
        })
}

/// One of the styles in `assets/map_styles`, by its name without the ending.
pub fn shipped_style(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/map_styles");
    fs::read_to_string(format!("{folder}/{name}.json")).expect("the shipped style")
}

/// A map over the town at a zoom, with the shipped style.
pub fn map_at(zoom: f64, pixel_ratio: f32) -> OffscreenMap {
    Setting {
        pixel_ratio,
        zoom,
        ..Setting::default()
    }
    .open()
}

/// Lets a map over the town come to rest and compares its picture with the held one.
pub fn check(map: &mut OffscreenMap, name: &str) {
    check_over(map, &town::town_tile, name);
}

/// The same over other tiles.
pub fn check_over(map: &mut OffscreenMap, tiles: TileAnswers<'_>, name: &str) {
    compare(&settled(map, tiles), name);
}

/// The picture of a map that has come to rest.
pub fn settled(map: &mut OffscreenMap, tiles: TileAnswers<'_>) -> Picture {
    map.settle(tiles).expect("the scene comes to rest");
    map.picture().expect("the picture is read back")
}

/// A picture made smaller by a whole factor, each pixel the mean of those that it stands for; so that large canvases
/// can be held in small files.
pub fn reduced(picture: &Picture, by: u32) -> Picture {
    let (width, height) = (picture.width / by, picture.height / by);
    let mut pixels = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        for x in 0..width {
            let mut sums = [0_u32; 4];
            for row in y * by..(y + 1) * by {
                let start = ((row * picture.width + x * by) * 4) as usize;
                let (block, _) = picture.pixels[start..start + by as usize * 4].as_chunks::<4>();
                for pixel in block {
                    for (sum, value) in sums.iter_mut().zip(pixel) {
                        *sum += u32::from(*value);
                    }
                }
            }
            pixels.extend(sums.map(|sum| ((sum + by * by / 2) / (by * by)) as u8));
        }
    }
    Picture {
        width,
        height,
        pixels,
    }
}

/// The shipped icons, for screens of one or two pixels to the point.
pub fn shipped_sprites(pixel_ratio: f32) -> ToMap {
    let suffix = if pixel_ratio > 1.0 { "@2x" } else { "" };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/map_styles/sprites");
    let file = |ending: &str| format!("{folder}/hall{suffix}.{ending}");
    ToMap::SetSprites {
        sheets: vec![SpriteSheet {
            prefix: String::new(),
            index_json: fs::read_to_string(file("json")).expect("the shipped index"),
            png: fs::read(file("png")).expect("the shipped sheet"),
        }],
    }
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
