//! A built tile as plain bytes: what the worker hands to the page, and what is uploaded.
//!
//! A parcel is little-endian. Its head names the tile and the lengths, then follow the vertex
//! arrays exactly as the device takes them, so that the page's thread copies and never converts:
//! head, runs, arrays (each a multiple of four bytes), symbols.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};
use map_core::{
    colour::Colour,
    labels::{Anchor, Face, SymbolCandidate, TextStyle},
    projection::TileId,
    tessellate::{DrawKind, TileBuckets, TileKey},
};

/// Style layers that the paint array of the base map has room for.
pub const MAX_STYLE_LAYERS: usize = 128;

/// An outline of a fill takes the second colour of its layer's paint: this bit of a vertex's layer
/// number tells so.
const SECOND_COLOUR: u32 = 1 << 16;

/// Marks bytes as a parcel of this layout.
const MAGIC: u32 = 0x7473_3031;

/// The arrays of a tile, in the order in which they lie in a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Array {
    FillVertices,
    FillLayers,
    FillIndices,
    LineVertices,
    LineLayers,
    LineIndices,
    Circles,
    CircleLayers,
}

/// How many arrays there are.
pub const ARRAYS: usize = 8;

/// Which pipeline a run of draws uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Fill,
    /// Lines and the outlines of fills.
    Line,
    Circle,
}

/// Draws of one tile that go in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub kind: Kind,
    pub range: Range<u32>,
    /// Style layers that take part.
    pub layers: Range<u32>,
}

/// The bytes are no parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the bytes of a built tile are damaged at {at}; the worker and the map are of different builds, reload the page"
)]
pub struct ParcelError {
    at: usize,
}

/// A built tile, read from its bytes.
#[derive(Debug)]
pub struct Parcel<'a> {
    pub key: TileKey,
    pub runs: Vec<Run>,
    arrays: [&'a [u8]; ARRAYS],
    pub symbols: Vec<SymbolCandidate>,
}

impl Parcel<'_> {
    /// The bytes of one array.
    pub fn array(&self, array: Array) -> &[u8] {
        self.arrays[array as usize]
    }
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Head {
    magic: u32,
    z: u32,
    x: u32,
    y: u32,
    display_zoom: u32,
    runs: u32,
    symbols: u32,
    lengths: [u32; ARRAYS],
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct PackedRun {
    kind: u32,
    from: u32,
    to: u32,
    first_layer: u32,
    end_layer: u32,
}

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

/// A fill layer with so many indices in one tile is a carpet of small shapes (buildings from afar).
const CARPET_INDICES: u32 = 24_000;
/// From this display zoom on the shapes of a carpet are large enough for outlines.
const CARPET_OUTLINE_ZOOM: u8 = 15;

/// Packs a tile's buckets.
///
/// The outlines of a carpet of small shapes are left out: in a dense city they are two thirds of
/// all triangles and hardly seen.
pub fn pack(mut buckets: TileBuckets) -> Vec<u8> {
    if buckets.key.display_zoom < CARPET_OUTLINE_ZOOM {
        leave_out_carpet_outlines(&mut buckets);
    }
    let buckets = &buckets;
    let layers = [Kind::Fill, Kind::Line, Kind::Circle].map(|kind| vertex_layers(buckets, kind));
    let arrays: [&[u8]; ARRAYS] = [
        bytemuck::cast_slice(&buckets.fill_vertices),
        bytemuck::cast_slice(&layers[0]),
        bytemuck::cast_slice(&buckets.fill_indices),
        bytemuck::cast_slice(&buckets.line_vertices),
        bytemuck::cast_slice(&layers[1]),
        bytemuck::cast_slice(&buckets.line_indices),
        bytemuck::cast_slice(&buckets.circles),
        bytemuck::cast_slice(&layers[2]),
    ];
    let runs = runs_of(buckets);
    let head = Head {
        magic: MAGIC,
        z: u32::from(buckets.key.tile.z),
        x: buckets.key.tile.x,
        y: buckets.key.tile.y,
        display_zoom: u32::from(buckets.key.display_zoom),
        runs: runs.len() as u32,
        symbols: buckets.symbols.len() as u32,
        lengths: arrays.map(|array| array.len() as u32),
    };
    let mut out = Vec::with_capacity(buckets.bytes() + buckets.bytes() / 4);
    out.extend_from_slice(bytemuck::bytes_of(&head));
    for run in &runs {
        out.extend_from_slice(bytemuck::bytes_of(&PackedRun {
            kind: run.kind as u32,
            from: run.range.start,
            to: run.range.end,
            first_layer: run.layers.start,
            end_layer: run.layers.end,
        }));
    }
    for array in arrays {
        out.extend_from_slice(array);
    }
    for symbol in &buckets.symbols {
        pack_symbol(symbol, &mut out);
    }
    out
}

fn pack_symbol(symbol: &SymbolCandidate, out: &mut Vec<u8>) {
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

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], ParcelError> {
        let end = self
            .at
            .checked_add(len)
            .ok_or(ParcelError { at: self.at })?;
        let taken = self
            .bytes
            .get(self.at..end)
            .ok_or(ParcelError { at: self.at })?;
        self.at = end;
        Ok(taken)
    }

    fn value<T: Pod>(&mut self) -> Result<T, ParcelError> {
        Ok(bytemuck::pod_read_unaligned(self.take(size_of::<T>())?))
    }

    fn refuse<T>(&self) -> Result<T, ParcelError> {
        Err(ParcelError { at: self.at })
    }
}

/// Reads a parcel.
pub fn unpack(bytes: &[u8]) -> Result<Parcel<'_>, ParcelError> {
    let mut cursor = Cursor { bytes, at: 0 };
    let head: Head = cursor.value()?;
    let tile = u8::try_from(head.z)
        .ok()
        .and_then(|z| TileId::new(z, head.x, head.y));
    let (Some(tile), Ok(display_zoom)) = (tile, u8::try_from(head.display_zoom)) else {
        return cursor.refuse();
    };
    if head.magic != MAGIC {
        return cursor.refuse();
    }
    let mut runs = Vec::new();
    for _ in 0..head.runs {
        let run: PackedRun = cursor.value()?;
        let kind = match run.kind {
            0 => Kind::Fill,
            1 => Kind::Line,
            2 => Kind::Circle,
            _ => return cursor.refuse(),
        };
        let layers = run.first_layer..run.end_layer;
        runs.push(Run {
            kind,
            range: run.from..run.to,
            layers,
        });
    }
    let mut arrays: [&[u8]; ARRAYS] = [&[]; ARRAYS];
    for (array, len) in arrays.iter_mut().zip(head.lengths) {
        *array = cursor.take(len as usize)?;
    }
    let mut symbols = Vec::new();
    for _ in 0..head.symbols {
        symbols.push(unpack_symbol(&mut cursor)?);
    }
    if cursor.at != bytes.len() {
        return cursor.refuse();
    }
    let key = TileKey { tile, display_zoom };
    Ok(Parcel {
        key,
        runs,
        arrays,
        symbols,
    })
}

fn unpack_symbol(cursor: &mut Cursor<'_>) -> Result<SymbolCandidate, ParcelError> {
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

fn leave_out_carpet_outlines(buckets: &mut TileBuckets) {
    let carpets: Vec<u32> = buckets
        .draws
        .iter()
        .filter(|draw| draw.kind == DrawKind::Fill && draw.range.len() as u32 > CARPET_INDICES)
        .map(|draw| draw.layer)
        .collect();
    // From the last to the first, so that the ranges of those before stay right.
    for at in (0..buckets.draws.len()).rev() {
        let draw = &buckets.draws[at];
        if draw.kind != DrawKind::FillOutline || !carpets.contains(&draw.layer) {
            continue;
        }
        let range = draw.range.clone();
        if remove_lines(buckets, &range) {
            buckets.draws.remove(at);
            for later in &mut buckets.draws[at..] {
                if kind_of(later.kind) == Kind::Line {
                    later.range = later.range.start - range.len() as u32
                        ..later.range.end - range.len() as u32;
                }
            }
        }
    }
}

/// Takes a range of line indices and their vertices out; answers whether that was possible, which
/// it is where no other line shares the vertices.
fn remove_lines(buckets: &mut TileBuckets, range: &Range<u32>) -> bool {
    let range = range.start as usize..range.end as usize;
    let Some(removed) = buckets.line_indices.get(range.clone()) else {
        return false;
    };
    let (Some(&first), Some(&last)) = (removed.iter().min(), removed.iter().max()) else {
        return false;
    };
    let shared = |index: &u32| (first..=last).contains(index);
    let others = buckets.line_indices[..range.start]
        .iter()
        .chain(&buckets.line_indices[range.end..]);
    if others.into_iter().any(shared) || last as usize >= buckets.line_vertices.len() {
        return false;
    }
    buckets.line_indices.drain(range);
    buckets.line_vertices.drain(first as usize..=last as usize);
    for index in &mut buckets.line_indices {
        if *index > last {
            *index -= last - first + 1;
        }
    }
    true
}

fn kind_of(kind: DrawKind) -> Kind {
    match kind {
        DrawKind::Fill => Kind::Fill,
        DrawKind::FillOutline | DrawKind::Line => Kind::Line,
        DrawKind::Circle => Kind::Circle,
    }
}

/// The number of the style layer for each vertex (or circle) of one pipeline.
fn vertex_layers(buckets: &TileBuckets, kind: Kind) -> Vec<u32> {
    let (count, indices) = match kind {
        Kind::Fill => (buckets.fill_vertices.len(), Some(&buckets.fill_indices)),
        Kind::Line => (buckets.line_vertices.len(), Some(&buckets.line_indices)),
        Kind::Circle => (buckets.circles.len(), None),
    };
    let mut layers = vec![0; count];
    for draw in buckets
        .draws
        .iter()
        .filter(|draw| kind_of(draw.kind) == kind)
    {
        let outline = if draw.kind == DrawKind::FillOutline {
            SECOND_COLOUR
        } else {
            0
        };
        let layer = draw.layer.min(MAX_STYLE_LAYERS as u32 - 1) | outline;
        let range = draw.range.start as usize..draw.range.end as usize;
        if let Some(indices) = indices {
            for index in indices.get(range).unwrap_or_default() {
                if let Some(slot) = layers.get_mut(*index as usize) {
                    *slot = layer;
                }
            }
        } else if let Some(slots) = layers.get_mut(range) {
            slots.fill(layer);
        }
    }
    layers
}

/// Joins neighbouring draws of the same pipeline whose ranges lie side by side.
fn runs_of(buckets: &TileBuckets) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for draw in buckets
        .draws
        .iter()
        .filter(|draw| (draw.layer as usize) < MAX_STYLE_LAYERS)
    {
        let kind = kind_of(draw.kind);
        match runs.last_mut() {
            Some(run) if run.kind == kind && run.range.end == draw.range.start => {
                run.range.end = draw.range.end;
                run.layers.end = draw.layer + 1;
            }
            _ => runs.push(Run {
                kind,
                range: draw.range.clone(),
                layers: draw.layer..draw.layer + 1,
            }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use map_core::tessellate::{Draw, LineVertex};

    use super::*;

    fn buckets(draws: &[(u32, DrawKind, Range<u32>)]) -> TileBuckets {
        let tile = TileId {
            z: 14,
            x: 12_934,
            y: 6_709,
        };
        let mut buckets = TileBuckets::empty(TileKey {
            tile,
            display_zoom: 15,
        });
        buckets.draws = draws
            .iter()
            .map(|(layer, kind, range)| Draw {
                layer: *layer,
                kind: *kind,
                range: range.clone(),
            })
            .collect();
        buckets
    }

    fn symbol() -> SymbolCandidate {
        SymbolCandidate {
            layer: 7,
            text: "望江路".to_owned(),
            anchor: [5, -6],
            path: vec![[1, 2], [3, 4], [-5, 6]],
            spacing_px: f32::INFINITY,
            max_angle_deg: 45.0,
            zooms: [12.0, 24.0],
            style: TextStyle {
                face: Face::Italic,
                anchor: Anchor::BottomLeft,
                plate: Some(Colour::WHITE),
                ..TextStyle::default()
            },
            sort_key: 2.0,
            allow_overlap: true,
            ignore_placement: false,
        }
    }

    #[test]
    fn a_parcel_comes_back_as_it_went() {
        let mut buckets = buckets(&[(3, DrawKind::FillOutline, 0..3), (5, DrawKind::Line, 3..6)]);
        buckets.line_vertices = vec![LineVertex::zeroed(); 6];
        buckets.line_indices = vec![0, 1, 2, 3, 5, 4];
        buckets.symbols = vec![
            symbol(),
            SymbolCandidate {
                path: vec![],
                ..symbol()
            },
        ];
        let bytes = pack(buckets.clone());
        let parcel = unpack(&bytes).expect("a parcel");
        assert_eq!(parcel.key, buckets.key);
        assert_eq!(parcel.symbols, buckets.symbols);
        assert_eq!(parcel.runs.len(), 1);
        assert_eq!(
            parcel.array(Array::LineIndices),
            bytemuck::cast_slice::<u32, u8>(&buckets.line_indices)
        );
        assert_eq!(
            parcel.array(Array::LineVertices).len(),
            6 * size_of::<LineVertex>()
        );
        assert!(parcel.array(Array::FillVertices).is_empty());
    }

    #[test]
    fn a_damaged_parcel_is_refused() {
        let mut buckets = buckets(&[]);
        buckets.symbols = vec![symbol()];
        let bytes = pack(buckets);
        for len in 0..bytes.len() {
            assert!(unpack(&bytes[..len]).is_err(), "cut to {len} bytes");
        }
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 0xff;
            // Some bytes are only numbers; what counts is that nothing panics.
            drop(unpack(&broken));
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(unpack(&longer).is_err());
    }

    #[test]
    fn a_carpet_loses_its_outlines_from_afar_and_nothing_else() {
        let count = CARPET_INDICES + 3;
        let mut buckets = buckets(&[
            (1, DrawKind::Line, 0..3),
            (2, DrawKind::Fill, 0..count),
            (2, DrawKind::FillOutline, 3..9),
            (3, DrawKind::Line, 9..12),
        ]);
        buckets.fill_indices = vec![0; count as usize];
        buckets.line_indices = vec![0, 1, 2, 3, 4, 5, 5, 4, 6, 7, 8, 9];
        buckets.line_vertices = (0..10)
            .map(|at| LineVertex {
                position: [at, 0],
                ..LineVertex::zeroed()
            })
            .collect();
        buckets.key.display_zoom = CARPET_OUTLINE_ZOOM;
        let mut near = buckets.clone();
        assert_eq!(unpack(&pack(near.clone())).expect("a parcel").runs.len(), 3);
        near.key.display_zoom -= 1;
        leave_out_carpet_outlines(&mut near);
        assert_eq!(near.line_indices, [0, 1, 2, 3, 4, 5]);
        let places: Vec<i16> = near
            .line_vertices
            .iter()
            .map(|vertex| vertex.position[0])
            .collect();
        assert_eq!(places, [0, 1, 2, 7, 8, 9]);
        let ranges: Vec<_> = near.draws.iter().map(|draw| draw.range.clone()).collect();
        assert_eq!(ranges, [0..3, 0..count, 3..6]);
    }

    #[test]
    fn neighbouring_draws_of_one_pipeline_become_one() {
        let buckets = buckets(&[
            (1, DrawKind::Fill, 0..3),
            (2, DrawKind::Fill, 3..9),
            (2, DrawKind::FillOutline, 0..6),
            (4, DrawKind::Line, 6..12),
            (5, DrawKind::Fill, 9..12),
            (7, DrawKind::Fill, 15..18),
        ]);
        let runs: Vec<_> = runs_of(&buckets)
            .into_iter()
            .map(|run| (run.kind, run.range, run.layers))
            .collect();
        assert_eq!(
            runs,
            [
                (Kind::Fill, 0..9, 1..3),
                (Kind::Line, 0..12, 2..5),
                (Kind::Fill, 9..12, 5..6),
                (Kind::Fill, 15..18, 7..8),
            ]
        );
    }

    #[test]
    fn every_vertex_knows_its_layer() {
        let mut buckets = buckets(&[(3, DrawKind::FillOutline, 0..3), (5, DrawKind::Line, 3..6)]);
        buckets.line_vertices = vec![LineVertex::zeroed(); 6];
        buckets.line_indices = vec![0, 1, 2, 3, 5, 4];
        let outline = 3 | SECOND_COLOUR;
        assert_eq!(
            vertex_layers(&buckets, Kind::Line),
            [outline, outline, outline, 5, 5, 5]
        );
    }
}
