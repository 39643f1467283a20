//! Symbols in a parcel: a fixed part each, then the text and the path.

use bytemuck::{Pod, Zeroable};
use map_core::{
    colour::Colour,
    labels::{Anchor, Face, SymbolCandidate, TextStyle},
};

use super::{Cursor, ParcelError};

/// A symbol without its text and its path.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct PackedSymbol {
    layer: u32,
    text_len: u32,
    path_len: u32,
    face_anchor_flags: [u8; 4],
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
    letter_spacing_em: f32,
    max_width_em: f32,
    line_height_em: f32,
    offset_em: [f32; 2],
    padding_px: f32,
    plate: [f32; 4],
}

const ALLOW_OVERLAP: u8 = 1;
const IGNORE_PLACEMENT: u8 = 2;
const HAS_PLATE: u8 = 4;

const FACES: [Face; 3] = [Face::Regular, Face::Bold, Face::Italic];
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

pub(super) fn pack_symbol(symbol: &SymbolCandidate, out: &mut Vec<u8>) {
    let style = &symbol.style;
    let place = |found: Option<usize>| found.unwrap_or_default() as u8;
    let flags = if symbol.allow_overlap {
        ALLOW_OVERLAP
    } else {
        0
    } | if symbol.ignore_placement {
        IGNORE_PLACEMENT
    } else {
        0
    } | if style.plate.is_some() { HAS_PLATE } else { 0 };
    out.extend_from_slice(bytemuck::bytes_of(&PackedSymbol {
        layer: symbol.layer,
        text_len: symbol.text.len() as u32,
        path_len: symbol.path.len() as u32,
        face_anchor_flags: [
            place(FACES.iter().position(|face| *face == style.face)),
            place(ANCHORS.iter().position(|anchor| *anchor == style.anchor)),
            flags,
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
        letter_spacing_em: style.letter_spacing_em,
        max_width_em: style.max_width_em,
        line_height_em: style.line_height_em,
        offset_em: style.offset_em,
        padding_px: style.padding_px,
        plate: style.plate.unwrap_or_default().0,
    }));
    out.extend_from_slice(symbol.text.as_bytes());
    out.extend_from_slice(bytemuck::cast_slice(&symbol.path));
}

pub(super) fn unpack_symbol(cursor: &mut Cursor<'_>) -> Result<SymbolCandidate, ParcelError> {
    let packed: PackedSymbol = cursor.value()?;
    let Ok(text) = std::str::from_utf8(cursor.take(packed.text_len as usize)?) else {
        return cursor.refuse();
    };
    let path = cursor.take((packed.path_len as usize).saturating_mul(4))?;
    let [face, anchor, flags, _] = packed.face_anchor_flags;
    let (Some(face), Some(anchor)) = (
        FACES.get(usize::from(face)),
        ANCHORS.get(usize::from(anchor)),
    ) else {
        return cursor.refuse();
    };
    Ok(SymbolCandidate {
        layer: packed.layer,
        text: text.to_owned(),
        anchor: packed.anchor,
        path: bytemuck::pod_collect_to_vec(path),
        spacing_px: packed.spacing_px,
        max_angle_deg: packed.max_angle_deg,
        zooms: packed.zooms,
        style: TextStyle {
            face: *face,
            sizes_px: packed.sizes_px,
            opacities: packed.opacities,
            colour: Colour(packed.colour),
            halo: Colour(packed.halo),
            halo_width_px: packed.halo_width_px,
            letter_spacing_em: packed.letter_spacing_em,
            max_width_em: packed.max_width_em,
            line_height_em: packed.line_height_em,
            anchor: *anchor,
            offset_em: packed.offset_em,
            padding_px: packed.padding_px,
            plate: (flags & HAS_PLATE != 0).then_some(Colour(packed.plate)),
        },
        sort_key: packed.sort_key,
        allow_overlap: flags & ALLOW_OVERLAP != 0,
        ignore_placement: flags & IGNORE_PLACEMENT != 0,
    })
}
