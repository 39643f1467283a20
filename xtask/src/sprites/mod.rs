//! `cargo xtask sprites`: draws the icons of the shipped map styles into their sheets.
//!
//! The icons are shapes written as code. The sheets hold distance fields, one for screens of one pixel to the point and
//! one for two, and no colour: that is the styles' matter.

mod icons;
mod shapes;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use self::icons::{CANVAS, DRAWINGS};
use crate::project::Project;

/// Where the sheets lie, and the name that the styles know them by.
const SHEETS: &str = "assets/map_styles/sprites/hall";
/// A field's value on the edge of a shape, and the distance in pixels that its whole range stands for: what every
/// renderer of the MapLibre style specification takes for granted.
const EDGE: f32 = 0.75;
const RANGE_PX: f32 = 8.0;
/// Icons in one row of a sheet.
const COLUMNS: u32 = 4;

/// A sheet: its index and its picture.
struct Sheet {
    index_json: String,
    png: Vec<u8>,
}

pub fn run(project: &Project) -> Result<()> {
    for (suffix, ratio) in [("", 1), ("@2x", 2)] {
        let sheet = draw(ratio)?;
        let path = |ending: &str| project.path(&format!("{SHEETS}{suffix}.{ending}"));
        write(&path("json"), sheet.index_json.as_bytes())?;
        write(&path("png"), &sheet.png)?;
    }
    println!("{} icons are drawn into {SHEETS}", DRAWINGS.len());
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Draws all icons with so many pixels to the point.
fn draw(ratio: u32) -> Result<Sheet> {
    let side = CANVAS * ratio;
    let rows = (DRAWINGS.len() as u32).div_ceil(COLUMNS);
    let (width, height) = (side * COLUMNS, side * rows);
    // White everywhere, so that only the alpha says anything.
    let mut pixels = vec![[255, 0]; (width * height) as usize];
    let mut index = serde_json::Map::new();
    for (number, drawing) in (0..).zip(&DRAWINGS) {
        let (left, top) = (number % COLUMNS * side, number / COLUMNS * side);
        for y in 0..side {
            for x in 0..side {
                let p = [x, y].map(|v| (v as f32 + 0.5) / ratio as f32);
                let distance_px = (drawing.distance)(p) * ratio as f32;
                let value = (EDGE - distance_px / RANGE_PX).clamp(0.0, 1.0);
                let at = ((top + y) * width + left + x) as usize;
                pixels[at][1] = (value * 255.0).round() as u8;
            }
        }
        index.insert(
            drawing.name.to_owned(),
            json!({"x": left, "y": top, "width": side, "height": side, "pixelRatio": ratio, "sdf": true}),
        );
    }
    let mut index_json = serde_json::to_string_pretty(&index)?;
    index_json.push('\n');
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::GrayscaleAlpha);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels.as_flattened())?;
    writer.finish()?;
    Ok(Sheet { index_json, png })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pixels of a picture.
    fn pixels(png: &[u8]) -> Vec<u8> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png))
            .read_info()
            .expect("a picture");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("pixels");
        pixels
    }

    #[test]
    fn the_sheets_in_the_assets_are_those_that_are_drawn() {
        let project = Project::find().expect("the project");
        for (suffix, ratio) in [("", 1), ("@2x", 2)] {
            let drawn = draw(ratio).expect("drawn");
            let held = |ending: &str| {
                let path = project.path(&format!("{SHEETS}{suffix}.{ending}"));
                fs::read(&path).unwrap_or_else(|error| {
                    panic!("{}: {error}; run cargo xtask sprites", path.display())
                })
            };
            let index = String::from_utf8(held("json")).expect("text");
            assert_eq!(index, drawn.index_json, "run cargo xtask sprites");
            // Packed by another version of the library, the same pixels may have other bytes.
            let same = pixels(&held("png")) == pixels(&drawn.png);
            assert!(same, "run cargo xtask sprites");
        }
    }

    #[test]
    fn every_icon_has_an_inside_and_a_margin() {
        for drawing in &DRAWINGS {
            let mut inside = 0;
            for y in 0..CANVAS {
                for x in 0..CANVAS {
                    let p = [x, y].map(|v| v as f32 + 0.5);
                    let distance = (drawing.distance)(p);
                    inside += u32::from(distance < 0.0);
                    let rim = x.min(y).min(CANVAS - 1 - x).min(CANVAS - 1 - y) == 0;
                    assert!(!rim || distance > 2.0, "{} at {x} {y}", drawing.name);
                }
            }
            assert!(inside > 40, "{} has {inside} pixels", drawing.name);
        }
    }
}
