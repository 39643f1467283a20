//! The glyph atlas: asks for glyphs that labels need, keeps their distance fields' places.
//!
//! Who rasterises is outside: in the page a 2D canvas, natively a font rasteriser. Both answer a
//! [`GlyphRequest`] with a [`GlyphBitmap`].

use std::collections::HashMap;

use map_core::{
    atlas::ShelfPacker,
    labels::{Face, Glyph, GlyphMetrics, Icon},
    sdf::{SDF_PADDING_PX, sdf_from_coverage},
};

use crate::layers::labels::ATLAS_SIZE;

/// The font size that glyphs are rasterised at, in pixels.
pub const RASTER_PX: f32 = 36.0;

/// A glyph that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GlyphRequest {
    pub face: Face,
    pub ch: char,
}

/// A rasterised glyph at [`RASTER_PX`].
#[derive(Debug, Clone, PartialEq)]
pub struct GlyphBitmap {
    /// Pixels; 0 for a blank.
    pub width: u32,
    pub height: u32,
    /// From the pen to the bitmap's left edge, in pixels.
    pub left: f32,
    /// From the baseline up to the bitmap's upper edge, in pixels.
    pub top: f32,
    pub advance: f32,
    /// One byte per pixel.
    pub coverage: Vec<u8>,
}

/// A field on its way to the device.
#[derive(Debug, Clone, PartialEq)]
pub struct GlyphUpload {
    pub place: [u32; 2],
    pub size: [u32; 2],
    pub field: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Slot {
    Asked,
    Held(Glyph),
    /// It found no room; the atlas starts over before the next placement.
    NoRoom,
}

/// The glyphs held and wanted.
#[derive(Debug)]
pub struct GlyphAtlas {
    packer: ShelfPacker,
    slots: HashMap<GlyphRequest, Slot>,
    wanted: Vec<GlyphRequest>,
    awaited: usize,
    uploads: Vec<GlyphUpload>,
    full: bool,
    /// The icons of the style by name; `None` until a sprite came.
    icons: Option<HashMap<String, Icon>>,
    /// The first icon that was asked for in vain.
    missing_icon: Option<String>,
    missing_told: bool,
}

impl Default for GlyphAtlas {
    fn default() -> Self {
        Self {
            packer: ShelfPacker::new(ATLAS_SIZE, ATLAS_SIZE),
            slots: HashMap::new(),
            wanted: Vec::new(),
            awaited: 0,
            uploads: Vec::new(),
            full: false,
            icons: None,
            missing_icon: None,
            missing_told: false,
        }
    }
}

impl GlyphAtlas {
    /// Glyphs that were asked for since the last call.
    pub fn take_wanted(&mut self) -> Vec<GlyphRequest> {
        self.awaited += self.wanted.len();
        std::mem::take(&mut self.wanted)
    }

    /// How many glyphs were taken to be rasterised and have not come yet.
    pub fn awaited(&self) -> usize {
        self.awaited
    }

    /// Bytes of the atlas that glyphs take, one for each pixel.
    pub fn used_bytes(&self) -> usize {
        self.packer.used_px()
    }

    /// Fields to be uploaded since the last call.
    pub fn take_uploads(&mut self) -> Vec<GlyphUpload> {
        std::mem::take(&mut self.uploads)
    }

    /// Takes a rasterised glyph.
    pub fn supply(&mut self, request: GlyphRequest, bitmap: &GlyphBitmap) {
        self.awaited = self.awaited.saturating_sub(1);
        let slot = if bitmap.width == 0 || bitmap.height == 0 {
            let Some(glyph) = place_glyph(bitmap, None) else {
                return;
            };
            Slot::Held(glyph)
        } else {
            let field = sdf_from_coverage(&bitmap.coverage, bitmap.width, bitmap.height);
            let room = self.packer.pack(field.width as u16, field.height as u16);
            match room {
                None => {
                    self.full = true;
                    Slot::NoRoom
                }
                Some(rect) => {
                    self.uploads.push(GlyphUpload {
                        place: [u32::from(rect.x), u32::from(rect.y)],
                        size: [field.width, field.height],
                        field: field.pixels,
                    });
                    let Some(glyph) = place_glyph(bitmap, Some(rect)) else {
                        return;
                    };
                    Slot::Held(glyph)
                }
            }
        };
        self.slots.insert(request, slot);
    }

    /// Takes the icons of the style.
    pub fn set_icons(&mut self, icons: HashMap<String, Icon>) {
        self.icons = Some(icons);
        self.missing_icon = None;
        self.missing_told = false;
    }

    /// The first icon that was asked for and is not there, told once for each set of icons.
    pub fn take_missing_icon(&mut self) -> Option<String> {
        self.missing_icon.take()
    }

    /// Starts over when the atlas was full; answers whether it did, so that every label is set
    /// again.
    pub fn start_over_if_full(&mut self) -> bool {
        if !self.full {
            return false;
        }
        self.packer.clear();
        self.slots.clear();
        self.uploads.clear();
        self.full = false;
        true
    }
}

fn place_glyph(bitmap: &GlyphBitmap, rect: Option<map_core::atlas::AtlasRect>) -> Option<Glyph> {
    let padding = SDF_PADDING_PX as f32;
    let usable = bitmap.left.is_finite() && bitmap.top.is_finite() && bitmap.advance.is_finite();
    usable.then_some(Glyph {
        rect,
        left: bitmap.left - padding,
        top: bitmap.top + padding,
        advance: bitmap.advance,
    })
}

impl GlyphMetrics for GlyphAtlas {
    fn glyph(&mut self, face: Face, ch: char) -> Option<Glyph> {
        let request = GlyphRequest { face, ch };
        match self.slots.get(&request) {
            Some(Slot::Held(glyph)) => Some(*glyph),
            Some(Slot::Asked | Slot::NoRoom) => None,
            None => {
                self.slots.insert(request, Slot::Asked);
                self.wanted.push(request);
                None
            }
        }
    }

    fn raster_size_px(&self) -> f32 {
        RASTER_PX
    }

    fn icon(&mut self, name: &str) -> Option<Icon> {
        let icons = self.icons.as_ref()?;
        let found = icons.get(name).copied();
        if found.is_none() && !self.missing_told {
            self.missing_told = true;
            self.missing_icon = Some(name.to_owned());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(width: u32, height: u32) -> GlyphBitmap {
        GlyphBitmap {
            width,
            height,
            left: 1.0,
            top: 30.0,
            advance: 36.0,
            coverage: vec![255; (width * height) as usize],
        }
    }

    #[test]
    fn a_glyph_is_asked_for_once_and_then_held() {
        let mut atlas = GlyphAtlas::default();
        assert_eq!(atlas.glyph(Face::Regular, '街'), None);
        assert_eq!(atlas.glyph(Face::Regular, '街'), None);
        let wanted = atlas.take_wanted();
        assert_eq!(
            wanted,
            [GlyphRequest {
                face: Face::Regular,
                ch: '街'
            }]
        );
        atlas.supply(wanted[0], &bitmap(32, 34));
        let glyph = atlas.glyph(Face::Regular, '街').expect("it was supplied");
        let rect = glyph.rect.expect("it is not blank");
        assert_eq!((u32::from(rect.width), u32::from(rect.height)), (40, 42));
        assert_eq!(atlas.take_uploads().len(), 1);
    }

    #[test]
    fn a_blank_takes_no_room() {
        let mut atlas = GlyphAtlas::default();
        atlas.supply(
            GlyphRequest {
                face: Face::Regular,
                ch: ' ',
            },
            &bitmap(0, 0),
        );
        let glyph = atlas.glyph(Face::Regular, ' ').expect("a blank is held");
        assert_eq!(glyph.rect, None);
        assert!(atlas.take_uploads().is_empty());
    }

    #[test]
    fn a_full_atlas_starts_over() {
        let mut atlas = GlyphAtlas::default();
        for ch in ('\u{4e00}'..).take(4000) {
            atlas.supply(
                GlyphRequest {
                    face: Face::Regular,
                    ch,
                },
                &bitmap(40, 40),
            );
        }
        let (used, room) = (atlas.used_bytes(), usize::from(ATLAS_SIZE).pow(2));
        assert!((room * 9 / 10..=room).contains(&used), "{used}");
        assert!(atlas.start_over_if_full());
        assert!(!atlas.start_over_if_full());
        assert_eq!(atlas.used_bytes(), 0);
        assert_eq!(
            atlas.glyph(Face::Regular, '\u{4e00}'),
            None,
            "it is asked for again"
        );
    }
}
