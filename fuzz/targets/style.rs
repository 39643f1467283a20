//! A style from anybody: read, painted and put to features, it may only be refused or warn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use map_core::style::Style;

fuzz_target!(|text: &str| {
    if let Ok(style) = Style::from_json(text) {
        let mut paints = Vec::new();
        for zoom in [0.0, 9.5, 14.0, 22.0] {
            style.paints_at(zoom, &mut paints);
            let _background = style.background_at(zoom);
        }
        fuzz::feature_tile::draw(&fuzz::feature_tile::for_style(text), &style);
    }
});
