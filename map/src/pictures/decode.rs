//! From the bytes of a picture tile (PNG, JPEG, WebP) to pixels, within limits that no file can break.

use std::io::Cursor;

use image_webp::WebPDecoder;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// The most pixels of a picture's side. Tiles have 256 or 512, sharp ones 1024; the rest would be a bomb.
pub const MAX_SIDE_PX: u32 = 2048;
/// The most memory that a decoder may take beside the picture itself.
const MAX_SCRATCH_BYTES: usize = 32 << 20;

/// A decoded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Red, green, blue, alpha in sRGB, multiplied with alpha; row by row from the top.
    pub pixels: Vec<u8>,
}

/// Why a picture cannot be drawn, as a phrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("its picture is {0}×{1} pixels large; tiles of at most {MAX_SIDE_PX} are drawn")]
    Size(u32, u32),
    #[error("its {0} picture is damaged ({1})")]
    Damaged(&'static str, String),
}

/// What kind of picture a tile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    Png,
    Jpeg,
    Webp,
}

impl PictureKind {
    /// By the first bytes; `None` for what is no picture, such as a vector tile.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::Webp),
            _ => None,
        }
    }

    /// Decodes a picture of this kind.
    pub fn decode(self, bytes: &[u8]) -> Result<Picture, PictureError> {
        let mut picture = match self {
            Self::Png => png(bytes)?,
            Self::Jpeg => jpeg(bytes)?,
            Self::Webp => webp(bytes)?,
        };
        multiply_alpha(&mut picture.pixels);
        Ok(picture)
    }
}

/// The size, if it is one that is drawn.
fn checked(width: u32, height: u32) -> Result<[u32; 2], PictureError> {
    let drawn = 1..=MAX_SIDE_PX;
    if drawn.contains(&width) && drawn.contains(&height) {
        Ok([width, height])
    } else {
        Err(PictureError::Size(width, height))
    }
}

fn png(bytes: &[u8]) -> Result<Picture, PictureError> {
    let damaged = |error: png::DecodingError| PictureError::Damaged("PNG", error.to_string());
    let limits = png::Limits {
        bytes: MAX_SCRATCH_BYTES,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let size = checked(reader.info().width, reader.info().height)?;
    let mut content = vec![0; reader.output_buffer_size()];
    let frame = reader.next_frame(&mut content).map_err(damaged)?;
    content.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        png::ColorType::Rgba => content,
        png::ColorType::Rgb | png::ColorType::Indexed => {
            widened(&content, |&[r, g, b]| [r, g, b, 255])
        }
        png::ColorType::Grayscale => widened(&content, |&[v]| [v, v, v, 255]),
        png::ColorType::GrayscaleAlpha => widened(&content, |&[v, a]| [v, v, v, a]),
    };
    complete("PNG", size, pixels)
}

fn jpeg(bytes: &[u8]) -> Result<Picture, PictureError> {
    let damaged = |error: &dyn std::fmt::Debug| PictureError::Damaged("JPEG", format!("{error:?}"));
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| damaged(&error))?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let size = checked(width as u32, height as u32)?;
    let content = decoder.decode().map_err(|error| damaged(&error))?;
    let pixels = match decoder.output_colorspace() {
        Some(ColorSpace::RGB) => widened(&content, |&[r, g, b]| [r, g, b, 255]),
        Some(ColorSpace::Luma) => widened(&content, |&[v]| [v, v, v, 255]),
        other => return Err(damaged(&other)),
    };
    complete("JPEG", size, pixels)
}

fn webp(bytes: &[u8]) -> Result<Picture, PictureError> {
    let damaged =
        |error: image_webp::DecodingError| PictureError::Damaged("WebP", error.to_string());
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    decoder.set_memory_limit(MAX_SCRATCH_BYTES);
    let (width, height) = decoder.dimensions();
    let size = checked(width, height)?;
    let mut content = vec![0; decoder.output_buffer_size().unwrap_or_default()];
    decoder.read_image(&mut content).map_err(damaged)?;
    let pixels = if decoder.has_alpha() {
        content
    } else {
        widened(&content, |&[r, g, b]| [r, g, b, 255])
    };
    complete("WebP", size, pixels)
}

/// Pixels of `N` channels as pixels of four.
fn widened<const N: usize>(content: &[u8], pixel: impl Fn(&[u8; N]) -> [u8; 4]) -> Vec<u8> {
    let (whole, _) = content.as_chunks::<N>();
    whole.iter().flat_map(pixel).collect()
}

/// The picture, if it has as many pixels as it should.
fn complete(kind: &'static str, size: [u32; 2], pixels: Vec<u8>) -> Result<Picture, PictureError> {
    if pixels.len() == size[0] as usize * size[1] as usize * 4 {
        Ok(Picture { size, pixels })
    } else {
        Err(PictureError::Damaged(kind, "it is cut off".to_owned()))
    }
}

/// Multiplies colours with alpha, so that what lies between two pixels takes no colour from what is not seen.
fn multiply_alpha(pixels: &mut [u8]) {
    let (whole, _) = pixels.as_chunks_mut::<4>();
    for [r, g, b, a] in whole {
        if *a < 255 {
            for channel in [r, g, b] {
                *channel = ((u16::from(*channel) * u16::from(*a) + 127) / 255) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG of one colour type, uncompressed rows given.
    fn png_of(side: u32, colour: png::ColorType, depth: png::BitDepth, rows: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == png::ColorType::Indexed {
            encoder.set_palette(vec![10, 20, 30, 40, 50, 60]);
            encoder.set_trns(vec![255, 0]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(rows).unwrap();
        drop(writer);
        bytes
    }

    fn webp_of(side: u32, rgba: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        image_webp::WebPEncoder::new(&mut bytes)
            .encode(rgba, side, side, image_webp::ColorType::Rgba8)
            .unwrap();
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
        PictureKind::of(bytes).expect("a picture").decode(bytes)
    }

    #[test]
    fn all_colour_types_become_four_channels() {
        use png::{BitDepth, ColorType};
        let cases = [
            (
                ColorType::Rgba,
                BitDepth::Eight,
                vec![200, 100, 50, 128],
                [100, 50, 25, 128],
            ),
            (
                ColorType::Rgb,
                BitDepth::Eight,
                vec![1, 2, 3],
                [1, 2, 3, 255],
            ),
            (
                ColorType::Grayscale,
                BitDepth::Eight,
                vec![9],
                [9, 9, 9, 255],
            ),
            (
                ColorType::Grayscale,
                BitDepth::One,
                vec![0x80],
                [255, 255, 255, 255],
            ),
            (
                ColorType::GrayscaleAlpha,
                BitDepth::Eight,
                vec![8, 0],
                [0, 0, 0, 0],
            ),
            (
                ColorType::Indexed,
                BitDepth::Eight,
                vec![0],
                [10, 20, 30, 255],
            ),
            (ColorType::Indexed, BitDepth::Eight, vec![1], [0, 0, 0, 0]),
            (
                ColorType::Rgb,
                BitDepth::Sixteen,
                vec![7, 0, 8, 0, 9, 0],
                [7, 8, 9, 255],
            ),
        ];
        for (colour, depth, row, wanted) in cases {
            let picture = decode(&png_of(1, colour, depth, &row)).unwrap();
            assert_eq!(picture.pixels, wanted, "{colour:?} {depth:?}");
        }
        let picture = decode(&webp_of(1, &[200, 100, 50, 255])).unwrap();
        assert_eq!(picture.pixels, [200, 100, 50, 255]);
    }

    #[test]
    fn what_is_no_picture_is_none() {
        for bytes in [
            &b""[..],
            b"\x89PN",
            b"\x1a\x03abc",
            b"<html>",
            b"RIFF....WAVE",
            b"\xff\xd8",
        ] {
            assert_eq!(PictureKind::of(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        let side = MAX_SIDE_PX + 1;
        let row = vec![0; (side as usize).div_ceil(8) * side as usize];
        let bomb = png_of(side, png::ColorType::Grayscale, png::BitDepth::One, &row);
        assert!(bomb.len() < row.len() / 20);
        assert_eq!(decode(&bomb), Err(PictureError::Size(side, side)));
    }

    #[test]
    fn a_cut_or_spoilt_picture_is_an_error_or_a_picture_but_never_a_panic() {
        let noise: Vec<u8> = (0..32 * 32 * 4_u32)
            .map(|n| ((n * n * 7) >> 3) as u8)
            .collect();
        let good = [
            png_of(32, png::ColorType::Rgba, png::BitDepth::Eight, &noise),
            webp_of(32, &noise),
            include_bytes!("../../tests/scene/plaza.jpg").to_vec(),
        ];
        for bytes in good {
            let whole = decode(&bytes).unwrap();
            assert_eq!(
                whole.pixels.len(),
                (whole.size[0] * whole.size[1] * 4) as usize
            );
            for at in (12..bytes.len().min(600)).step_by(3) {
                let _outcome = decode(&bytes[..at]);
                let mut spoilt = bytes.clone();
                spoilt[at] ^= 1 << (at % 8);
                let _outcome = decode(&spoilt);
            }
        }
    }
}
