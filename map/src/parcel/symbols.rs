//! Symbols in a parcel: a fixed part each, then the icon where there is one, the anchors to be tried, the texts and
//! the path.

use bytemuck::{Pod, Zeroable};
use map_core::{
    colour::Colour,
    labels::{
        Anchor, Face, IconFit, IconStyle, Justify, SetGlyph, SetText, SymbolCandidate, TextStyle,
    },
};

use super::{Cursor, ParcelError};

/// A symbol without its icon, its texts and its path.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct PackedSymbol {
    layer: u32,
    text_len: u32,
    path_len: u32,
    flags: u32,
    anchors: u32,
    /// Face, anchor and justification by their places in the lists below.
    words: [u8; 4],
    anchor: [i16; 2],
    spacing_px: f32,
    max_angle_deg: f32,
    zooms: [f32; 2],
    sort_key: f32,
    sizes_px: [f32; 2],
    opacities: [f32; 2],
    colour: [f32; 4],
    halo: [f32; 4],
    halo_width_px: f32,
    halo_blur_px: f32,
    letter_spacing_em: f32,
    max_width_em: f32,
    line_height_em: f32,
    offset_em: [f32; 2],
    translate_px: [f32; 2],
    padding_px: f32,
    plate: [f32; 4],
}

/// An icon without its name.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct PackedIcon {
    name_len: u32,
    flags: u32,
    /// Anchor and fit by their places in the lists below.
    words: [u8; 4],
    sizes: [f32; 2],
    opacities: [f32; 2],
    colour: [f32; 4],
    halo: [f32; 4],
    halo_width_px: f32,
    halo_blur_px: f32,
    turn_deg: f32,
    offset_px: [f32; 2],
    translate_px: [f32; 2],
    padding_px: [f32; 4],
    fit_padding_px: [f32; 4],
}

/// An anchor to be tried, by its place in the list below, with its offset.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct PackedAnchor {
    anchor: u32,
    offset_em: [f32; 2],
}

/// A set text without its glyphs.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct PackedText {
    glyphs: u32,
    may_stack: u32,
    width: f32,
    height: f32,
}

/// A glyph of a set text.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct PackedGlyph {
    ch: u32,
    pen: [f32; 2],
    advance: f32,
    slack: f32,
}

const ALLOW_OVERLAP: u32 = 1;
const IGNORE_PLACEMENT: u32 = 2;
const HAS_PLATE: u32 = 4;
const TEXT_ALONG: u32 = 8;
const TEXT_OPTIONAL: u32 = 16;
const HAS_ICON: u32 = 32;
const ICON_ALONG: u32 = 64;
const ICON_KEPT_UPRIGHT: u32 = 128;
const ICON_OPTIONAL: u32 = 256;
const IS_SET: u32 = 512;

const FACES: [Face; 3] = [Face::Regular, Face::Bold, Face::Italic];
const JUSTIFIES: [Justify; 4] = [
    Justify::Auto,
    Justify::Left,
    Justify::Centre,
    Justify::Right,
];
const FITS: [IconFit; 4] = [
    IconFit::None,
    IconFit::Width,
    IconFit::Height,
    IconFit::Both,
];
const ANCHORS: [Anchor; 9] = [
    Anchor::Centre,
    Anchor::Left,
    Anchor::Right,
    Anchor::Top,
    Anchor::Bottom,
    Anchor::TopLeft,
    Anchor::TopRight,
    Anchor::BottomLeft,
    Anchor::BottomRight,
];

fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|v| v == one).unwrap_or_default() as u8
}

fn flags<const N: usize>(of: [(bool, u32); N]) -> u32 {
    of.iter().filter(|(on, _)| *on).map(|(_, flag)| flag).sum()
}

pub(super) fn pack_symbol(symbol: &SymbolCandidate, out: &mut Vec<u8>) {
    let style = &symbol.style;
    out.extend_from_slice(bytemuck::bytes_of(&PackedSymbol {
        layer: symbol.layer,
        text_len: symbol.text.len() as u32,
        path_len: symbol.path.len() as u32,
        flags: flags([
            (symbol.allow_overlap, ALLOW_OVERLAP),
            (symbol.ignore_placement, IGNORE_PLACEMENT),
            (style.plate.is_some(), HAS_PLATE),
            (symbol.text_along, TEXT_ALONG),
            (symbol.text_optional, TEXT_OPTIONAL),
            (symbol.icon.is_some(), HAS_ICON),
            (symbol.set.is_some(), IS_SET),
        ]),
        anchors: symbol.anchors.len() as u32,
        words: [
            place(&FACES, &style.face),
            place(&ANCHORS, &style.anchor),
            place(&JUSTIFIES, &style.justify),
            0,
        ],
        anchor: symbol.anchor,
        spacing_px: symbol.spacing_px,
        max_angle_deg: symbol.max_angle_deg,
        zooms: symbol.zooms,
        sort_key: symbol.sort_key,
        sizes_px: style.sizes_px,
        opacities: style.opacities,
        colour: style.colour.0,
        halo: style.halo.0,
        halo_width_px: style.halo_width_px,
        halo_blur_px: style.halo_blur_px,
        letter_spacing_em: style.letter_spacing_em,
        max_width_em: style.max_width_em,
        line_height_em: style.line_height_em,
        offset_em: style.offset_em,
        translate_px: style.translate_px,
        padding_px: style.padding_px,
        plate: style.plate.unwrap_or_default().0,
    }));
    if let Some(icon) = &symbol.icon {
        pack_icon(icon, out);
    }
    for (anchor, offset_em) in &symbol.anchors {
        out.extend_from_slice(bytemuck::bytes_of(&PackedAnchor {
            anchor: u32::from(place(&ANCHORS, anchor)),
            offset_em: *offset_em,
        }));
    }
    out.extend_from_slice(symbol.text.as_bytes());
    out.extend_from_slice(bytemuck::cast_slice(&symbol.path));
    if let Some(set) = &symbol.set {
        pack_text(set, out);
    }
}

fn pack_text(set: &SetText, out: &mut Vec<u8>) {
    out.extend_from_slice(bytemuck::bytes_of(&PackedText {
        glyphs: set.glyphs.len() as u32,
        may_stack: u32::from(set.may_stack),
        width: set.width,
        height: set.height,
    }));
    for glyph in &set.glyphs {
        out.extend_from_slice(bytemuck::bytes_of(&PackedGlyph {
            ch: u32::from(glyph.ch),
            pen: glyph.pen,
            advance: glyph.advance,
            slack: glyph.slack,
        }));
    }
}

fn pack_icon(icon: &IconStyle, out: &mut Vec<u8>) {
    out.extend_from_slice(bytemuck::bytes_of(&PackedIcon {
        name_len: icon.name.len() as u32,
        flags: flags([
            (icon.allow_overlap, ALLOW_OVERLAP),
            (icon.ignore_placement, IGNORE_PLACEMENT),
            (icon.is_along, ICON_ALONG),
            (icon.is_kept_upright, ICON_KEPT_UPRIGHT),
            (icon.is_optional, ICON_OPTIONAL),
        ]),
        words: [place(&ANCHORS, &icon.anchor), place(&FITS, &icon.fit), 0, 0],
        sizes: icon.sizes,
        opacities: icon.opacities,
        colour: icon.colour.0,
        halo: icon.halo.0,
        halo_width_px: icon.halo_width_px,
        halo_blur_px: icon.halo_blur_px,
        turn_deg: icon.turn_deg,
        offset_px: icon.offset_px,
        translate_px: icon.translate_px,
        padding_px: icon.padding_px,
        fit_padding_px: icon.fit_padding_px,
    }));
    out.extend_from_slice(icon.name.as_bytes());
}

pub(super) fn unpack_symbol(cursor: &mut Cursor<'_>) -> Result<SymbolCandidate, ParcelError> {
    let packed: PackedSymbol = cursor.value()?;
    let has = |flag| packed.flags & flag != 0;
    let icon = if has(HAS_ICON) {
        Some(unpack_icon(cursor)?)
    } else {
        None
    };
    let mut anchors = Vec::new();
    for _ in 0..packed.anchors {
        let tried: PackedAnchor = cursor.value()?;
        anchors.push((named(&ANCHORS, tried.anchor, cursor)?, tried.offset_em));
    }
    let text = text(packed.text_len, cursor)?;
    let path = cursor.take((packed.path_len as usize).saturating_mul(4))?;
    let path = bytemuck::pod_collect_to_vec(path);
    let set = if has(IS_SET) {
        Some(unpack_text(cursor)?)
    } else {
        None
    };
    let [face, anchor, justify, _] = packed.words.map(u32::from);
    Ok(SymbolCandidate {
        layer: packed.layer,
        text,
        icon,
        anchor: packed.anchor,
        path,
        text_along: has(TEXT_ALONG),
        anchors,
        spacing_px: packed.spacing_px,
        max_angle_deg: packed.max_angle_deg,
        zooms: packed.zooms,
        style: TextStyle {
            face: named(&FACES, face, cursor)?,
            sizes_px: packed.sizes_px,
            opacities: packed.opacities,
            colour: Colour(packed.colour),
            halo: Colour(packed.halo),
            halo_width_px: packed.halo_width_px,
            halo_blur_px: packed.halo_blur_px,
            letter_spacing_em: packed.letter_spacing_em,
            max_width_em: packed.max_width_em,
            line_height_em: packed.line_height_em,
            anchor: named(&ANCHORS, anchor, cursor)?,
            justify: named(&JUSTIFIES, justify, cursor)?,
            offset_em: packed.offset_em,
            translate_px: packed.translate_px,
            padding_px: packed.padding_px,
            plate: has(HAS_PLATE).then_some(Colour(packed.plate)),
        },
        sort_key: packed.sort_key,
        allow_overlap: has(ALLOW_OVERLAP),
        ignore_placement: has(IGNORE_PLACEMENT),
        text_optional: has(TEXT_OPTIONAL),
        set,
    })
}

fn unpack_text(cursor: &mut Cursor<'_>) -> Result<SetText, ParcelError> {
    let packed: PackedText = cursor.value()?;
    let mut glyphs = Vec::new();
    for _ in 0..packed.glyphs {
        let glyph: PackedGlyph = cursor.value()?;
        let Some(ch) = char::from_u32(glyph.ch) else {
            return cursor.refuse();
        };
        glyphs.push(SetGlyph {
            ch,
            pen: glyph.pen,
            advance: glyph.advance,
            slack: glyph.slack,
        });
    }
    Ok(SetText {
        glyphs,
        width: packed.width,
        height: packed.height,
        may_stack: packed.may_stack != 0,
    })
}

fn unpack_icon(cursor: &mut Cursor<'_>) -> Result<IconStyle, ParcelError> {
    let packed: PackedIcon = cursor.value()?;
    let has = |flag| packed.flags & flag != 0;
    let [anchor, fit, ..] = packed.words.map(u32::from);
    Ok(IconStyle {
        name: text(packed.name_len, cursor)?,
        sizes: packed.sizes,
        opacities: packed.opacities,
        colour: Colour(packed.colour),
        halo: Colour(packed.halo),
        halo_width_px: packed.halo_width_px,
        halo_blur_px: packed.halo_blur_px,
        turn_deg: packed.turn_deg,
        anchor: named(&ANCHORS, anchor, cursor)?,
        offset_px: packed.offset_px,
        translate_px: packed.translate_px,
        padding_px: packed.padding_px,
        is_along: has(ICON_ALONG),
        is_kept_upright: has(ICON_KEPT_UPRIGHT),
        is_optional: has(ICON_OPTIONAL),
        allow_overlap: has(ALLOW_OVERLAP),
        ignore_placement: has(IGNORE_PLACEMENT),
        fit: named(&FITS, fit, cursor)?,
        fit_padding_px: packed.fit_padding_px,
    })
}

fn named<T: Copy>(all: &[T], place: u32, cursor: &Cursor<'_>) -> Result<T, ParcelError> {
    match all.get(place as usize) {
        Some(one) => Ok(*one),
        None => cursor.refuse(),
    }
}

fn text(len: u32, cursor: &mut Cursor<'_>) -> Result<String, ParcelError> {
    match std::str::from_utf8(cursor.take(len as usize)?) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => cursor.refuse(),
    }
}
