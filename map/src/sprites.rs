//! The icons of the base map's style: their sheets are read, and packed into one picture for the device.

use std::collections::HashMap;

use map_core::{
    atlas::{AtlasRect, ShelfPacker},
    colour::{linear_from_srgb, srgb_from_linear},
    labels::Icon,
};
use map_protocol::SpriteSheet;
use serde_json::Value as Json;

/// The picture is at most so wide and high; what does not fit is left out.
const MOST_PX: u16 = 2048;
/// Sheets with more bytes once unpacked are not read: 64 MiB, i.e. 4096 × 4096 pixels.
const MOST_BYTES: usize = 64 << 20;

/// Icons by name, and the picture that they lie in.
#[derive(Debug, Default)]
pub struct Sprites {
    pub icons: HashMap<String, Icon>,
    /// The picture's width and height.
    pub side: u16,
    /// Four bytes per pixel: sRGB-encoded, of linear light multiplied by alpha, so that the device mixes them rightly.
    pub pixels: Vec<u8>,
}

/// An icon cut out of its sheet.
struct Cut {
    name: String,
    width: u16,
    height: u16,
    pixel_ratio: f32,
    is_field: bool,
    pixels: Vec<u8>,
}

/// Reads sheets. What cannot be read is left out and told in one sentence for each sheet.
pub fn read(sheets: &[SpriteSheet]) -> (Sprites, Vec<String>) {
    let mut problems = Vec::new();
    let mut cuts = Vec::new();
    for sheet in sheets {
        let (found, problem) = cut_sheet(sheet);
        cuts.extend(found);
        problems.extend(problem);
    }
    // Tall ones first, as shelves are filled best.
    cuts.sort_by(|a, b| b.height.cmp(&a.height).then_with(|| a.name.cmp(&b.name)));
    let mut sprites = Sprites::default();
    for side in [64, 128, 256, 512, 1024, MOST_PX] {
        let left_out = sprites.pack(&cuts, side);
        if left_out == 0 {
            break;
        }
        if side == MOST_PX {
            problems.push(format!(
                "{left_out} icons of the style's sprite find no room on {side} × {side} pixels and are left out; make them smaller or fewer"
            ));
        }
    }
    (sprites, problems)
}

impl Sprites {
    /// Packs icons into a picture of this size; answers how many found no room.
    fn pack(&mut self, cuts: &[Cut], side: u16) -> usize {
        let mut packer = ShelfPacker::new(side, side);
        self.side = side;
        self.icons.clear();
        self.pixels = vec![0; usize::from(side) * usize::from(side) * 4];
        let mut left_out = 0;
        for cut in cuts {
            let Some(rect) = packer.pack(cut.width, cut.height) else {
                left_out += 1;
                continue;
            };
            self.copy(cut, rect);
            self.icons.insert(
                cut.name.clone(),
                Icon {
                    rect,
                    pixel_ratio: cut.pixel_ratio,
                    is_field: cut.is_field,
                },
            );
        }
        left_out
    }

    fn copy(&mut self, cut: &Cut, rect: AtlasRect) {
        let row = usize::from(cut.width) * 4;
        for (y, line) in cut.pixels.chunks_exact(row.max(4)).enumerate() {
            let at = ((usize::from(rect.y) + y) * usize::from(self.side) + usize::from(rect.x)) * 4;
            if let Some(place) = self.pixels.get_mut(at..at + row) {
                place.copy_from_slice(line);
            }
        }
    }
}

/// The icons of a sheet, and what is wrong with it.
fn cut_sheet(sheet: &SpriteSheet) -> (Vec<Cut>, Option<String>) {
    let named = if sheet.prefix.is_empty() {
        "the style's sprite".to_owned()
    } else {
        format!("the style's sprite \"{}\"", sheet.prefix)
    };
    let refused = |what: String| {
        let told = format!("{named} {what}: its icons are left out");
        (Vec::new(), Some(told))
    };
    let entries = match serde_json::from_str::<Json>(&sheet.index_json) {
        Ok(Json::Object(entries)) => entries,
        Ok(_) => return refused("has an index that is no object of icons by name".to_owned()),
        Err(error) => return refused(format!("has an index that is not JSON ({error})")),
    };
    let picture = match decode(&sheet.png) {
        Ok(picture) => picture,
        Err(error) => return refused(format!("has a picture that is not a usable PNG ({error})")),
    };
    let mut bad = Vec::new();
    let mut cuts = Vec::new();
    for (name, entry) in &entries {
        match cut(sheet, name, entry, &picture) {
            Some(cut) => cuts.push(cut),
            None => bad.push(name.as_str()),
        }
    }
    let problem = bad.first().map(|first| {
        format!(
            "{named} has {} icons that do not lie within the picture (first \"{first}\"): they are left out",
            bad.len()
        )
    });
    (cuts, problem)
}

struct Decoded {
    width: usize,
    height: usize,
    /// Red, green, blue and straight alpha.
    pixels: Vec<u8>,
}

fn decode(png: &[u8]) -> Result<Decoded, String> {
    let mut decoder = png::Decoder::new_with_limits(png, png::Limits { bytes: MOST_BYTES });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let size = reader.output_buffer_size();
    if size > MOST_BYTES {
        return Err("it is larger than 4096 × 4096 pixels".to_owned());
    }
    let mut bytes = vec![0; size];
    let info = reader
        .next_frame(&mut bytes)
        .map_err(|error| error.to_string())?;
    bytes.truncate(info.buffer_size());
    let pixels = match info.color_type {
        png::ColorType::Rgba => bytes,
        png::ColorType::Rgb => {
            let (pixels, _) = bytes.as_chunks::<3>();
            pixels
                .iter()
                .flat_map(|[r, g, b]| [*r, *g, *b, 255])
                .collect()
        }
        png::ColorType::GrayscaleAlpha => {
            let (pixels, _) = bytes.as_chunks::<2>();
            pixels.iter().flat_map(|[v, a]| [*v, *v, *v, *a]).collect()
        }
        png::ColorType::Grayscale => bytes.iter().flat_map(|v| [*v, *v, *v, 255]).collect(),
        png::ColorType::Indexed => return Err("its colours cannot be unpacked".to_owned()),
    };
    Ok(Decoded {
        width: info.width as usize,
        height: info.height as usize,
        pixels,
    })
}

/// One icon, or `None` where its entry does not describe a part of the picture.
fn cut(sheet: &SpriteSheet, name: &str, entry: &Json, picture: &Decoded) -> Option<Cut> {
    let whole = |key: &str| usize::try_from(entry[key].as_u64()?).ok();
    let (x, y, width, height) = (whole("x")?, whole("y")?, whole("width")?, whole("height")?);
    let inside = x.checked_add(width)? <= picture.width && y.checked_add(height)? <= picture.height;
    if !inside || width == 0 || height == 0 {
        return None;
    }
    let pixel_ratio = entry["pixelRatio"].as_f64().unwrap_or(1.0) as f32;
    if !(0.1..=16.0).contains(&pixel_ratio) {
        return None;
    }
    let is_field = entry["sdf"].as_bool().unwrap_or(false);
    let mut pixels = Vec::with_capacity(width * height * 4);
    for row in y..y + height {
        let start = (row * picture.width + x) * 4;
        let line = picture.pixels.get(start..start + width * 4)?;
        let (line, _) = line.as_chunks::<4>();
        pixels.extend(line.iter().flat_map(|pixel| premultiplied(*pixel)));
    }
    Some(Cut {
        name: if sheet.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{}:{name}", sheet.prefix)
        },
        width: u16::try_from(width).ok()?,
        height: u16::try_from(height).ok()?,
        pixel_ratio,
        is_field,
        pixels,
    })
}

fn premultiplied([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let share = f32::from(a) / 255.0;
    let [r, g, b] = [r, g, b].map(|v| {
        let light = linear_from_srgb(f32::from(v) / 255.0) * share;
        (srgb_from_linear(light) * 255.0).round() as u8
    });
    [r, g, b, a]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of four by two pixels, red on the left and half clear white on the right.
    fn png() -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, 4, 2);
        encoder.set_color(png::ColorType::Rgba);
        let row = [
            [255, 0, 0, 255],
            [255, 0, 0, 255],
            [255, 255, 255, 128],
            [255, 255, 255, 0],
        ];
        let mut writer = encoder.write_header().expect("a header");
        let pixels: Vec<u8> = [row, row].concat().concat();
        writer.write_image_data(&pixels).expect("pixels");
        drop(writer);
        out
    }

    fn sheet(index_json: &str) -> SpriteSheet {
        SpriteSheet {
            prefix: String::new(),
            index_json: index_json.to_owned(),
            png: png(),
        }
    }

    const INDEX: &str = r#"{
        "red": {"x": 0, "y": 0, "width": 2, "height": 2, "pixelRatio": 2},
        "clear": {"x": 2, "y": 1, "width": 2, "height": 1, "pixelRatio": 1, "sdf": true}
    }"#;

    #[test]
    fn icons_are_cut_out_and_packed() {
        let (sprites, problems) = read(&[sheet(INDEX)]);
        assert_eq!(problems, [""; 0]);
        let (red, clear) = (&sprites.icons["red"], &sprites.icons["clear"]);
        assert!((red.size_px()[0] - 1.0).abs() < 1e-6 && !red.is_field);
        assert!((clear.size_px()[0] - 2.0).abs() < 1e-6 && clear.is_field);
        let pixel = |icon: &Icon, dx: u16| {
            let at = (usize::from(icon.rect.y) * usize::from(sprites.side)
                + usize::from(icon.rect.x + dx))
                * 4;
            &sprites.pixels[at..at + 4]
        };
        assert_eq!(pixel(red, 1), [255, 0, 0, 255]);
        // Half of the light is 188 of 255 once encoded.
        assert_eq!(pixel(clear, 0), [188, 188, 188, 128]);
        assert_eq!(pixel(clear, 1), [0; 4]);
    }

    #[test]
    fn a_prefix_stands_before_the_names() {
        let other = SpriteSheet {
            prefix: "own".to_owned(),
            ..sheet(INDEX)
        };
        let (sprites, _) = read(&[sheet(INDEX), other]);
        assert!(sprites.icons.contains_key("red") && sprites.icons.contains_key("own:red"));
    }

    #[test]
    fn a_bad_sheet_is_told_once_and_costs_its_own_icons_only() {
        let broken_png = SpriteSheet {
            png: png()[..40].to_vec(),
            ..sheet(INDEX)
        };
        let outside = r#"{
            "a": {"x": 3, "y": 0, "width": 2, "height": 2},
            "b": {"x": 18446744073709551615, "y": 0, "width": 2, "height": 2},
            "c": {"x": 0, "y": 0, "width": 0, "height": 2},
            "d": 7,
            "e": {"x": 0, "y": 0, "width": 2, "height": 2, "pixelRatio": 0},
            "red": {"x": 0, "y": 0, "width": 2, "height": 2}
        }"#;
        for (bad, phrase, left) in [
            (sheet("{"), "not JSON", 0),
            (sheet("[]"), "no object", 0),
            (broken_png, "PNG", 0),
            (sheet(outside), "5 icons", 1),
        ] {
            let good = SpriteSheet {
                prefix: "good".to_owned(),
                ..sheet(INDEX)
            };
            let (sprites, problems) = read(&[bad, good]);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].contains(phrase), "{problems:?}");
            assert_eq!(sprites.icons.len(), 2 + left, "{phrase}");
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        let whole = png();
        for cut in 0..whole.len() {
            let (sprites, problems) = read(&[SpriteSheet {
                png: whole[..cut].to_vec(),
                ..sheet(INDEX)
            }]);
            assert!(sprites.icons.is_empty() || problems.is_empty());
        }
        for at in 0..whole.len() {
            let mut png = whole.clone();
            png[at] ^= 0xff;
            drop(read(&[SpriteSheet {
                png,
                ..sheet(INDEX)
            }]));
        }
    }
}
