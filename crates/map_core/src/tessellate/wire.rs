//! Buckets as one run of bytes, so that a worker can hand them over whole.
//!
//! Both sides run on the same machine and are built together: numbers lie in the machine's own order, and the version
//! only guards against a page that has kept an old worker.

use bytemuck::{AnyBitPattern, NoUninit, Pod};

use super::{Draw, DrawKind, TileBuckets, TileKey};
use crate::colour::Colour;
use crate::labels::{Anchor, Face, SymbolCandidate, TextStyle};
use crate::projection::TileId;

/// Why bytes are not buckets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the tile from the worker has no usable {what} at byte {at}; reload the page so that both are of one version"
)]
pub struct WireError {
    /// What was being read.
    pub what: &'static str,
    /// Where.
    pub at: usize,
}

/// Starts every message; the last byte is the version.
const MARK: [u8; 4] = *b"STB\x01";

const KINDS: [DrawKind; 4] = [
    DrawKind::Fill,
    DrawKind::FillOutline,
    DrawKind::Line,
    DrawKind::Circle,
];
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

impl TileBuckets {
    /// The buckets as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(Vec::with_capacity(self.bytes() + 4096));
        out.0.extend(MARK);
        let TileId { z, x, y } = self.key.tile;
        out.value(&[
            u32::from(z),
            x,
            y,
            u32::from(self.key.display_zoom),
            self.skipped_features,
        ]);
        out.list(&self.fill_vertices);
        out.list(&self.fill_indices);
        out.list(&self.line_vertices);
        out.list(&self.line_indices);
        out.list(&self.circles);
        let draws: Vec<[u32; 4]> = self
            .draws
            .iter()
            .map(|d| {
                [
                    d.layer,
                    position(&KINDS, d.kind),
                    d.range.start,
                    d.range.end,
                ]
            })
            .collect();
        out.list(&draws);
        out.value(&(self.symbols.len() as u32));
        for symbol in &self.symbols {
            out.symbol(symbol);
        }
        out.0
    }

    /// The buckets back from their bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.value::<[u8; 4]>("mark")? != MARK {
            return Err(WireError {
                what: "mark",
                at: 0,
            });
        }
        let [z, x, y, display_zoom, skipped_features] = reader.value::<[u32; 5]>("address")?;
        let address = WireError {
            what: "address",
            at: 4,
        };
        let tile = u8::try_from(z)
            .ok()
            .and_then(|z| TileId::new(z, x, y))
            .ok_or_else(|| address.clone())?;
        let display_zoom = u8::try_from(display_zoom).map_err(|_| address)?;
        let mut buckets = Self::empty(TileKey { tile, display_zoom });
        buckets.skipped_features = skipped_features;
        buckets.fill_vertices = reader.list("fill vertices")?;
        buckets.fill_indices = reader.indices("fill indices", buckets.fill_vertices.len())?;
        buckets.line_vertices = reader.list("line vertices")?;
        buckets.line_indices = reader.indices("line indices", buckets.line_vertices.len())?;
        buckets.circles = reader.list("circles")?;
        buckets.draws = reader.draws(&buckets)?;
        for _ in 0..reader.value::<u32>("number of symbols")? {
            buckets.symbols.push(reader.symbol()?);
        }
        Ok(buckets)
    }
}

fn position<T: PartialEq + Copy>(all: &[T], one: T) -> u32 {
    all.iter().position(|v| *v == one).unwrap_or_default() as u32
}

struct Writer(Vec<u8>);

impl Writer {
    fn value<T: NoUninit>(&mut self, value: &T) {
        self.0.extend_from_slice(bytemuck::bytes_of(value));
    }

    fn list<T: NoUninit>(&mut self, items: &[T]) {
        self.value(&(items.len() as u32));
        self.0.extend_from_slice(bytemuck::cast_slice(items));
    }

    fn symbol(&mut self, symbol: &SymbolCandidate) {
        let style = &symbol.style;
        self.list(symbol.text.as_bytes());
        self.list(&symbol.path);
        self.value(&symbol.anchor);
        self.value(&[
            symbol.layer,
            u32::from(symbol.allow_overlap),
            u32::from(symbol.ignore_placement),
            position(&FACES, style.face),
            position(&ANCHORS, style.anchor),
            u32::from(style.plate.is_some()),
        ]);
        self.value(&[
            symbol.spacing_px,
            symbol.max_angle_deg,
            symbol.zooms[0],
            symbol.zooms[1],
            symbol.sort_key,
        ]);
        self.value(&[style.sizes_px, style.opacities, style.offset_em]);
        self.value(&[
            style.halo_width_px,
            style.letter_spacing_em,
            style.max_width_em,
            style.line_height_em,
            style.padding_px,
        ]);
        self.value(&[style.colour, style.halo, style.plate.unwrap_or_default()]);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], WireError> {
        let end = self
            .at
            .checked_add(length)
            .filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(WireError { what, at: self.at })?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn value<T: AnyBitPattern>(&mut self, what: &'static str) -> Result<T, WireError> {
        let taken = self.take(size_of::<T>(), what)?;
        Ok(bytemuck::pod_read_unaligned(taken))
    }

    fn list<T: Pod>(&mut self, what: &'static str) -> Result<Vec<T>, WireError> {
        let count = self.value::<u32>(what)? as usize;
        let length = count
            .checked_mul(size_of::<T>())
            .ok_or(WireError { what, at: self.at })?;
        let taken = self.take(length, what)?;
        Ok(bytemuck::allocation::pod_collect_to_vec(taken))
    }

    /// Indices, none of which may point beyond the vertices.
    fn indices(&mut self, what: &'static str, vertices: usize) -> Result<Vec<u32>, WireError> {
        let indices: Vec<u32> = self.list(what)?;
        if indices.iter().all(|i| (*i as usize) < vertices) {
            return Ok(indices);
        }
        Err(WireError { what, at: self.at })
    }

    /// Draws, none of which may reach beyond its buffer.
    fn draws(&mut self, buckets: &TileBuckets) -> Result<Vec<Draw>, WireError> {
        const WHAT: &str = "draws";
        let rows: Vec<[u32; 4]> = self.list(WHAT)?;
        let bad = WireError {
            what: WHAT,
            at: self.at,
        };
        let draw = |[layer, kind, start, end]: [u32; 4]| {
            let kind = *KINDS.get(kind as usize)?;
            let length = match kind {
                DrawKind::Fill => buckets.fill_indices.len(),
                DrawKind::FillOutline | DrawKind::Line => buckets.line_indices.len(),
                DrawKind::Circle => buckets.circles.len(),
            };
            (start <= end && end as usize <= length).then_some(Draw {
                layer,
                kind,
                range: start..end,
            })
        };
        rows.into_iter().map(draw).collect::<Option<_>>().ok_or(bad)
    }

    fn symbol(&mut self) -> Result<SymbolCandidate, WireError> {
        const WHAT: &str = "symbol";
        let at = self.at;
        let bad = || WireError { what: WHAT, at };
        let text = String::from_utf8(self.list(WHAT)?).map_err(|_| bad())?;
        let path = self.list(WHAT)?;
        let anchor = self.value(WHAT)?;
        let [
            layer,
            allow_overlap,
            ignore_placement,
            face,
            place,
            has_plate,
        ] = self.value::<[u32; 6]>(WHAT)?;
        let [spacing_px, max_angle_deg, from, below, sort_key] = self.value::<[f32; 5]>(WHAT)?;
        let [sizes_px, opacities, offset_em] = self.value::<[[f32; 2]; 3]>(WHAT)?;
        let [
            halo_width_px,
            letter_spacing_em,
            max_width_em,
            line_height_em,
            padding_px,
        ] = self.value::<[f32; 5]>(WHAT)?;
        let [colour, halo, plate] = self.value::<[Colour; 3]>(WHAT)?;
        Ok(SymbolCandidate {
            layer,
            text,
            anchor,
            path,
            spacing_px,
            max_angle_deg,
            zooms: [from, below],
            style: TextStyle {
                face: *FACES.get(face as usize).ok_or_else(bad)?,
                sizes_px,
                opacities,
                colour,
                halo,
                halo_width_px,
                letter_spacing_em,
                max_width_em,
                line_height_em,
                anchor: *ANCHORS.get(place as usize).ok_or_else(bad)?,
                offset_em,
                padding_px,
                plate: (has_plate != 0).then_some(plate),
            },
            sort_key,
            allow_overlap: allow_overlap != 0,
            ignore_placement: ignore_placement != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tessellate::{CircleInstance, FillVertex, LineVertex};

    fn symbol() -> SymbolCandidate {
        SymbolCandidate {
            layer: 3,
            text: "人民路".to_owned(),
            anchor: [4, 5],
            path: vec![[0, 0], [9, 9]],
            spacing_px: 250.0,
            max_angle_deg: 45.0,
            zooms: [12.0, 20.0],
            style: TextStyle {
                face: Face::Bold,
                anchor: Anchor::BottomLeft,
                max_width_em: f32::INFINITY,
                plate: Some(Colour::WHITE),
                ..TextStyle::default()
            },
            sort_key: -2.0,
            allow_overlap: true,
            ignore_placement: false,
        }
    }

    fn buckets() -> TileBuckets {
        let tile = TileId {
            z: 14,
            x: 12_935,
            y: 6_709,
        };
        let vertex = |x| FillVertex {
            position: [x, -x],
            colour: [1, 2, 3, 65_535],
        };
        let line = LineVertex {
            position: [1, 2],
            extrude: [3, 4],
            edge: [5, 6],
            widths: [7, 8],
            colour: [9; 4],
            distance: 1.5,
        };
        let draw = |layer, kind, end| Draw {
            layer,
            kind,
            range: 0..end,
        };
        let plain = SymbolCandidate {
            style: TextStyle::default(),
            ..symbol()
        };
        TileBuckets {
            fill_vertices: vec![vertex(1), vertex(2), vertex(3)],
            fill_indices: vec![0, 1, 2],
            line_vertices: vec![line; 3],
            line_indices: vec![2, 1, 0],
            circles: vec![CircleInstance {
                position: [1, 1],
                radii: [256, 512],
                colour: [5; 4],
            }],
            draws: vec![
                draw(1, DrawKind::Fill, 3),
                draw(2, DrawKind::Line, 3),
                draw(4, DrawKind::Circle, 1),
            ],
            symbols: vec![symbol(), plain],
            skipped_features: 7,
            ..TileBuckets::empty(TileKey {
                tile,
                display_zoom: 16,
            })
        }
    }

    #[test]
    fn buckets_come_back_as_they_were() {
        let buckets = buckets();
        assert_eq!(TileBuckets::from_bytes(&buckets.to_bytes()), Ok(buckets));
        let empty = TileBuckets::empty(TileKey {
            tile: TileId { z: 0, x: 0, y: 0 },
            display_zoom: 0,
        });
        assert_eq!(TileBuckets::from_bytes(&empty.to_bytes()), Ok(empty));
    }

    #[test]
    fn cut_off_and_foreign_bytes_are_refused() {
        let bytes = buckets().to_bytes();
        for cut in 0..bytes.len() {
            assert!(
                TileBuckets::from_bytes(&bytes[..cut]).is_err(),
                "{cut} bytes"
            );
        }
        let mut old = bytes;
        old[3] = 0;
        assert_eq!(
            TileBuckets::from_bytes(&old),
            Err(WireError {
                what: "mark",
                at: 0
            })
        );
    }

    proptest! {
        #[test]
        fn spoilt_bytes_never_panic_nor_point_beyond(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
        ) {
            let mut bytes = buckets().to_bytes();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Ok(buckets) = TileBuckets::from_bytes(&bytes) {
                prop_assert!(buckets.fill_indices.iter().all(|i| (*i as usize) < buckets.fill_vertices.len()));
                prop_assert!(buckets.line_indices.iter().all(|i| (*i as usize) < buckets.line_vertices.len()));
            }
        }
    }
}
