//! A built tile as plain bytes: what the worker hands to the page, and what is uploaded.
//!
//! A parcel is little-endian. Its head names the tile and the lengths, then follow the vertex
//! arrays exactly as the device takes them, so that the page's thread copies and never converts:
//! head, runs, arrays (each a multiple of four bytes), symbols.

mod carpet;
mod runs;
mod symbols;

use std::ops::Range;

use bytemuck::{Pod, Zeroable};
use map_core::{
    labels::SymbolCandidate,
    projection::TileId,
    tessellate::{TileBuckets, TileKey},
};

use crate::pictures::Picture;

use self::{
    runs::{runs_of, vertex_layers},
    symbols::{pack_symbol, unpack_symbol},
};

/// Style layers that the paint array of the base map has room for.
pub const MAX_STYLE_LAYERS: usize = 128;

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
    /// Pixels of a picture tile, as [`Picture::pixels`].
    Picture,
}

/// How many arrays there are.
pub const ARRAYS: usize = 9;

/// Which pipeline a run of draws uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Fill,
    /// Lines and the outlines of fills.
    Line,
    Circle,
    /// The tile's picture; the range is not used.
    Picture,
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
    /// Width and height of [`Array::Picture`] in pixels; zero where the tile is no picture.
    pub picture_size: [u32; 2],
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
    picture_size: [u32; 2],
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

/// Packs a tile's buckets.
///
/// Outlines that are not seen are left out before.
pub fn pack(mut buckets: TileBuckets) -> Vec<u8> {
    carpet::leave_out_outlines(&mut buckets);
    let layers = [Kind::Fill, Kind::Line, Kind::Circle].map(|kind| vertex_layers(&buckets, kind));
    let arrays: [&[u8]; ARRAYS] = [
        bytemuck::cast_slice(&buckets.fill_vertices),
        bytemuck::cast_slice(&layers[0]),
        bytemuck::cast_slice(&buckets.fill_indices),
        bytemuck::cast_slice(&buckets.line_vertices),
        bytemuck::cast_slice(&layers[1]),
        bytemuck::cast_slice(&buckets.line_indices),
        bytemuck::cast_slice(&buckets.circles),
        bytemuck::cast_slice(&layers[2]),
        &[],
    ];
    assemble(
        buckets.key,
        &runs_of(&buckets),
        arrays,
        [0; 2],
        &buckets.symbols,
    )
}

/// Packs a picture tile, which is drawn by these style layers.
pub fn pack_picture(key: TileKey, picture: &Picture, layers: impl Iterator<Item = u32>) -> Vec<u8> {
    let runs: Vec<Run> = layers
        .filter(|layer| (*layer as usize) < MAX_STYLE_LAYERS)
        .map(|layer| Run {
            kind: Kind::Picture,
            range: 0..0,
            layers: layer..layer + 1,
        })
        .collect();
    let mut arrays: [&[u8]; ARRAYS] = [&[]; ARRAYS];
    arrays[Array::Picture as usize] = &picture.pixels;
    assemble(key, &runs, arrays, picture.size, &[])
}

fn assemble(
    key: TileKey,
    runs: &[Run],
    arrays: [&[u8]; ARRAYS],
    picture_size: [u32; 2],
    symbols: &[SymbolCandidate],
) -> Vec<u8> {
    let head = Head {
        magic: MAGIC,
        z: u32::from(key.tile.z),
        x: key.tile.x,
        y: key.tile.y,
        display_zoom: u32::from(key.display_zoom),
        runs: runs.len() as u32,
        symbols: symbols.len() as u32,
        picture_size,
        lengths: arrays.map(|array| array.len() as u32),
    };
    let bytes: usize = arrays.iter().map(|array| array.len()).sum();
    let mut out = Vec::with_capacity(bytes + symbols.len() * 128 + 1024);
    out.extend_from_slice(bytemuck::bytes_of(&head));
    for run in runs {
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
    for symbol in symbols {
        pack_symbol(symbol, &mut out);
    }
    out
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
            3 => Kind::Picture,
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
    let pixels = u64::from(head.picture_size[0]) * u64::from(head.picture_size[1]);
    if arrays[Array::Picture as usize].len() as u64 != pixels.saturating_mul(4) {
        return cursor.refuse();
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
        picture_size: head.picture_size,
        symbols,
    })
}

#[cfg(test)]
mod tests;
