//! Reads the virtual screen's memory file (X window dump) and writes parts of it as PNG.
//!
//! Xvfb keeps its frame buffer in a file in the XWD version 7 format: 25 big-endian 32-bit words,
//! the screen's name, a colour map, then the pixels. Reading it needs no further package and no
//! X client.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use color_quant::NeuQuant;

const HEADER_WORDS: usize = 25;
const COLOUR_ENTRY_BYTES: usize = 12;
const XWD_VERSION: usize = 7;
const Z_PIXMAP: usize = 2;
const LEAST_SIGNIFICANT_FIRST: usize = 0;

/// A picture of the virtual screen at one moment: rows of red, green, blue bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width_px: usize,
    pub height_px: usize,
    pub rgb: Vec<u8>,
}

/// A part of the screen, in pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to each name")]
pub struct Area {
    pub x_px: usize,
    pub y_px: usize,
    pub width_px: usize,
    pub height_px: usize,
}

/// Reads an area of the screen from Xvfb's memory file.
pub fn read_area(dump: &Path, area: Area) -> Result<Picture> {
    let bytes = fs::read(dump).with_context(|| {
        format!(
            "the virtual screen's memory {} cannot be read",
            dump.display()
        )
    })?;
    decode_area(&bytes, area).with_context(|| format!("{} is not as expected", dump.display()))
}

/// Decodes an area of an XWD dump of 24 bits in 32-bit pixels.
pub fn decode_area(bytes: &[u8], area: Area) -> Result<Picture> {
    ensure!(bytes.len() >= HEADER_WORDS * 4, "the header is cut off");
    let word = |index: usize| -> usize {
        let at = index * 4;
        u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
    };
    let [header_bytes, version, format] = [word(0), word(1), word(2)];
    let [width_px, height_px] = [word(4), word(5)];
    let [byte_order, bits_per_pixel, bytes_per_line] = [word(7), word(11), word(12)];
    let colours = word(19);
    ensure!(
        version == XWD_VERSION && format == Z_PIXMAP && bits_per_pixel == 32,
        "unknown dump: version {version}, format {format}, {bits_per_pixel} bits per pixel"
    );
    if area.x_px + area.width_px > width_px || area.y_px + area.height_px > height_px {
        bail!("{area:?} lies outside the screen of {width_px}x{height_px}");
    }
    let pixels_at = header_bytes + colours * COLOUR_ENTRY_BYTES;
    ensure!(
        bytes.len() >= pixels_at + bytes_per_line * height_px,
        "the pixels are cut off: {} bytes",
        bytes.len()
    );

    let mut rgb = Vec::with_capacity(area.width_px * area.height_px * 3);
    for row in area.y_px..area.y_px + area.height_px {
        let line_at = pixels_at + row * bytes_per_line + area.x_px * 4;
        for pixel in bytes[line_at..line_at + area.width_px * 4].chunks_exact(4) {
            // Masks are 0xff0000, 0x00ff00, 0x0000ff for every 24-bit screen that Xvfb offers.
            if byte_order == LEAST_SIGNIFICANT_FIRST {
                rgb.extend_from_slice(&[pixel[2], pixel[1], pixel[0]]);
            } else {
                rgb.extend_from_slice(&[pixel[1], pixel[2], pixel[3]]);
            }
        }
    }
    Ok(Picture {
        width_px: area.width_px,
        height_px: area.height_px,
        rgb,
    })
}

/// Whether two pictures of the same size differ in fewer than `share` of their pixels.
pub fn nearly_equal(a: &Picture, b: &Picture, share: f64) -> bool {
    if a.rgb.len() != b.rgb.len() {
        return false;
    }
    let pixels = a.rgb.len() / 3;
    let differing = a
        .rgb
        .chunks_exact(3)
        .zip(b.rgb.chunks_exact(3))
        .filter(|(one, two)| one != two)
        .count();
    (differing as f64) < share * pixels as f64
}

/// How many different colours a picture has, counted up to `limit`.
pub fn colours(picture: &Picture, limit: usize) -> usize {
    let mut seen = HashSet::new();
    for pixel in picture.rgb.chunks_exact(3) {
        seen.insert([pixel[0], pixel[1], pixel[2]]);
        if seen.len() >= limit {
            break;
        }
    }
    seen.len()
}

/// How hard to compress a PNG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PngEffort {
    /// For pictures that are replaced after seconds.
    Quick,
    /// For pictures that are committed.
    Small,
}

/// Writes a PNG through a temporary file, so that a viewer never sees half a picture.
pub fn write_png(picture: &Picture, path: &Path, effort: PngEffort) -> Result<()> {
    let draft = path.with_extension("png.part");
    let file =
        File::create(&draft).with_context(|| format!("{} cannot be written", draft.display()))?;
    let size = (picture.width_px as u32, picture.height_px as u32);
    let mut encoder = png::Encoder::new(BufWriter::new(file), size.0, size.1);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels = match effort {
        PngEffort::Quick => {
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_compression(png::Compression::Fast);
            Cow::Borrowed(&picture.rgb)
        }
        PngEffort::Small => {
            let (palette, indices) = with_palette(picture);
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette);
            encoder.set_compression(png::Compression::High);
            // Neighbouring indices are not neighbouring colours, so filters only do harm.
            encoder.set_filter(png::Filter::NoFilter);
            Cow::Owned(indices)
        }
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    fs::rename(&draft, path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Reduces a picture to 256 colours: the palette as red, green, blue bytes, and an index per pixel.
fn with_palette(picture: &Picture) -> (Vec<u8>, Vec<u8>) {
    const PALETTE_COLOURS: usize = 256;
    const EVERY_NTH_PIXEL: i32 = 3;
    let rgba: Vec<u8> = picture
        .rgb
        .chunks_exact(3)
        .flat_map(|p| [p[0], p[1], p[2], u8::MAX])
        .collect();
    let quantiser = NeuQuant::new(EVERY_NTH_PIXEL, PALETTE_COLOURS, &rgba);
    // A screen repeats few colours millions of times; each is looked up once.
    let mut known: HashMap<[u8; 4], u8> = HashMap::new();
    let indices = rgba
        .chunks_exact(4)
        .map(|pixel| {
            let pixel = [pixel[0], pixel[1], pixel[2], pixel[3]];
            *known
                .entry(pixel)
                .or_insert_with(|| quantiser.index_of(&pixel) as u8)
        })
        .collect();
    (quantiser.color_map_rgb(), indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dump of a screen whose pixel at (x, y) is red x, green y, blue 7.
    fn dump(width_px: usize, height_px: usize) -> Vec<u8> {
        let mut words = [0_u32; HEADER_WORDS];
        words[0] = 104;
        words[1] = 7;
        words[2] = 2;
        words[4] = width_px as u32;
        words[5] = height_px as u32;
        words[11] = 32;
        words[12] = (width_px * 4) as u32;
        words[19] = 2;
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.extend_from_slice(b"xvf\0");
        bytes.extend_from_slice(&[0; 2 * COLOUR_ENTRY_BYTES]);
        for y in 0..height_px {
            for x in 0..width_px {
                bytes.extend_from_slice(&[7, y as u8, x as u8, 0]);
            }
        }
        bytes
    }

    #[test]
    fn an_area_has_the_pixels_of_its_place() {
        let area = Area {
            x_px: 2,
            y_px: 1,
            width_px: 2,
            height_px: 2,
        };
        let picture = decode_area(&dump(5, 4), area).unwrap();
        assert_eq!(picture.rgb, [2, 1, 7, 3, 1, 7, 2, 2, 7, 3, 2, 7]);
        assert_eq!(colours(&picture, 100), 4);
        assert_eq!(colours(&picture, 3), 3);
    }

    #[test]
    fn a_cut_dump_and_an_area_outside_are_refused() {
        let area = Area {
            x_px: 0,
            y_px: 0,
            width_px: 5,
            height_px: 4,
        };
        let whole = dump(5, 4);
        for length in [0, 99, 130, whole.len() - 1] {
            assert!(
                decode_area(&whole[..length], area).is_err(),
                "{length} bytes were accepted"
            );
        }
        let outside = Area { x_px: 1, ..area };
        let error = decode_area(&whole, outside).unwrap_err();
        assert!(
            error.to_string().contains("outside the screen of 5x4"),
            "{error}"
        );
    }

    #[test]
    fn pictures_differ_by_the_share_of_their_pixels() {
        let area = Area {
            x_px: 0,
            y_px: 0,
            width_px: 5,
            height_px: 4,
        };
        let one = decode_area(&dump(5, 4), area).unwrap();
        let mut two = one.clone();
        two.rgb[0] ^= 1;
        assert!(nearly_equal(&one, &two, 0.06));
        assert!(!nearly_equal(&one, &two, 0.05));
    }

    fn written_and_read(picture: &Picture, effort: PngEffort) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shot.png");
        write_png(picture, &path, effort).unwrap();
        let file = std::io::BufReader::new(File::open(&path).unwrap());
        let mut decoder = png::Decoder::new(file);
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut rgb).unwrap();
        rgb
    }

    #[test]
    fn a_quick_png_holds_the_same_pixels() {
        let area = Area {
            x_px: 0,
            y_px: 0,
            width_px: 5,
            height_px: 4,
        };
        let picture = decode_area(&dump(5, 4), area).unwrap();
        assert_eq!(written_and_read(&picture, PngEffort::Quick), picture.rgb);
    }

    #[test]
    fn a_small_png_holds_nearly_the_same_pixels() {
        let area = Area {
            x_px: 0,
            y_px: 0,
            width_px: 60,
            height_px: 60,
        };
        let picture = decode_area(&dump(60, 60), area).unwrap();
        let read = written_and_read(&picture, PngEffort::Small);
        let off: u64 = picture
            .rgb
            .iter()
            .zip(&read)
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        let mean = off as f64 / read.len() as f64;
        assert!(mean < 3.0, "the colours are off by {mean} in the mean");
    }
}
