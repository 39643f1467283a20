#![allow(clippy::all, clippy::pedantic, dead_code, unused)]
mod scene;
use map_core::labels::Face;
use map_protocol::{Init, ToMap, View, Viewport};
use scene::town;
use std::fs;
use street_map::offscreen::OffscreenMap;
use street_map::tiles::TileAnswer;

fn tile(url: &str) -> TileAnswer {
    let parts: Vec<&str> = url.split('/').collect();
    let n = parts.len();
    let dir = std::env::var("TILES").unwrap_or("/tmp/preview/tiles".into());
    match fs::read(format!(
        "{dir}/{}_{}_{}.mvt",
        parts[n - 3],
        parts[n - 2],
        parts[n - 1]
    )) {
        Ok(b) => TileAnswer::Bytes(b),
        Err(_) => TileAnswer::Empty,
    }
}

#[test]
fn preview() {
    let spec = std::env::var("SPEC").unwrap();
    let regular = fs::read("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").unwrap();
    let bold = fs::read("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc").unwrap();
    for line in spec.split(';') {
        let f: Vec<&str> = line.split(',').collect();
        let (style, lon, lat, zoom, w, h, dpr, out) = (
            f[0],
            f[1].parse::<f64>().unwrap(),
            f[2].parse::<f64>().unwrap(),
            f[3].parse::<f64>().unwrap(),
            f[4].parse::<u32>().unwrap(),
            f[5].parse::<u32>().unwrap(),
            f[6].parse::<f32>().unwrap(),
            f[7],
        );
        let fonts = [
            (Face::Regular, regular.as_slice(), 2u32),
            (Face::Bold, bold.as_slice(), 2),
        ];
        let mut map = OffscreenMap::open(w, h, &fonts).unwrap();
        let init = Init {
            viewport: Viewport {
                width: w as f32 / dpr,
                height: h as f32 / dpr,
                pixel_ratio: dpr,
            },
            view: View { lon, lat, zoom },
            tile_url: "tiles://localhost/{z}/{x}/{y}".to_owned(),
            min_source_zoom: 0,
            max_source_zoom: 14,
            style_json: fs::read_to_string(format!("../assets/map_styles/{style}.json")).unwrap(),
            palette: town::palette(),
            min_zoom: 1.0,
            max_zoom: 20.0,
            interactive: true,
        };
        map.send(ToMap::Init { init });
        let t = std::time::Instant::now();
        map.settle(&tile).unwrap();
        let p = map.picture().unwrap();
        println!(
            "{out} {:?} {:?}",
            t.elapsed(),
            map.messages
                .iter()
                .filter(|m| format!("{m:?}").contains("Problem"))
                .take(3)
                .collect::<Vec<_>>()
        );
        let file = fs::File::create(format!("/tmp/preview/{out}.png")).unwrap();
        let mut e = png::Encoder::new(file, p.width, p.height);
        e.set_color(png::ColorType::Rgba);
        e.set_depth(png::BitDepth::Eight);
        e.write_header()
            .unwrap()
            .write_image_data(&p.pixels)
            .unwrap();
    }
}
