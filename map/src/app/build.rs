//! Building of tiles: in the worker where there is one, else on this thread between frames.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use map_core::{
    labels::{Face, SymbolCandidate},
    mvt::Tile,
    projection::{TileId, View},
    style::Style,
    tessellate::{TileBuckets, TileKey, tessellate},
};

use map_protocol::ProblemKind;

use super::StreetMap;
use crate::{
    layers::Scene,
    parcel::{pack, pack_picture, unpack},
    pictures::PictureKind,
};

/// Tiles that one frame takes in while the view moves, and while it rests.
const TAKEN_MOVING: usize = 1;
const TAKEN_RESTING: usize = 3;
/// Jobs handed out at a time: one under way and one waiting, so that the next can still be chosen
/// by where the view has gone meanwhile.
const MAX_JOBS: usize = 2;

/// What is wrong with a style for vector tiles over picture tiles.
const NO_PICTURE_LAYER: &str = "the tiles are pictures, but the style has no layer of the type \"raster\"; take a raster style for this source";
/// Built tiles that wait while no frame is drawn, as in a hidden window; more are not begun.
const MAX_WAITING: usize = 6;

/// A tile to be built outside.
#[derive(Debug, Clone)]
pub struct TileJob {
    /// Names the job in its answer.
    pub id: u32,
    /// The style to build with; see [`StreetMap::style_json`].
    pub style_epoch: u32,
    pub key: TileKey,
    /// As it came from the source.
    pub bytes: Arc<[u8]>,
}

/// What is built where.
#[derive(Debug, Default)]
pub struct Yard {
    outside: bool,
    jobs: HashMap<u32, TileKey>,
    next_id: u32,
    parcels: VecDeque<(TileKey, Vec<u8>)>,
    /// Whether it was told that the style draws no pictures.
    told_no_pictures: bool,
    pub(super) built: BuiltTiles,
    /// The memory of the worker's module when it built its last tile.
    pub(super) worker_heap_bytes: u32,
    style_json: String,
    style_epoch: u32,
}

/// How much was built where.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BuiltTiles {
    pub by_worker: u32,
    pub by_page: u32,
    /// The same of the texts in them.
    pub texts_by_worker: u32,
    pub texts_by_page: u32,
}

impl Yard {
    /// Takes another style; what is being built with the old one is left.
    pub fn set_style(&mut self, json: &str) {
        json.clone_into(&mut self.style_json);
        self.style_epoch = self.style_epoch.wrapping_add(1);
        self.abandon();
    }

    /// Leaves everything that is being built.
    pub fn abandon(&mut self) {
        self.jobs.clear();
        self.parcels.clear();
        self.told_no_pictures = false;
    }
}

/// Builds a tile, whatever it is: decodes, tessellates and packs it. The error says what is wrong
/// with the tile, but not which it is.
pub fn build(style: &Style, key: TileKey, bytes: &[u8]) -> Result<Vec<u8>, String> {
    if bytes.is_empty() {
        return Ok(pack(TileBuckets::empty(key)));
    }
    if let Some(kind) = PictureKind::of(bytes) {
        let picture = kind.decode(bytes).map_err(|error| error.to_string())?;
        return Ok(pack_picture(key, &picture, style.picture_layers()));
    }
    Ok(pack(buckets_of(style, key, bytes)?))
}

/// Builds a tile as [`build`] does and sets its texts too, by how far each character of a face moves the pen, in
/// font sizes.
pub fn build_with_texts(
    style: &Style,
    key: TileKey,
    bytes: &[u8],
    advance_em: &mut dyn FnMut(Face, char) -> Option<f32>,
) -> Result<Vec<u8>, String> {
    if bytes.is_empty() || PictureKind::of(bytes).is_some() {
        return build(style, key, bytes);
    }
    let mut buckets = buckets_of(style, key, bytes)?;
    for symbol in &mut buckets.symbols {
        symbol.set_text(advance_em);
    }
    Ok(pack(buckets))
}

fn buckets_of(style: &Style, key: TileKey, bytes: &[u8]) -> Result<TileBuckets, String> {
    let tile = Tile::decode(bytes).map_err(|error| error.to_string())?;
    Ok(tessellate(&tile, style, key))
}

impl StreetMap {
    /// Tiles are built from now on by whoever takes [`StreetMap::next_job`], or on this thread. What
    /// was handed out before is started over: whoever had it is there no more.
    pub fn build_outside(&mut self, outside: bool) {
        for (_, key) in self.yard.jobs.drain() {
            self.tiles.not_built(key);
        }
        self.yard.outside = outside;
        self.changed.anything = true;
    }

    /// The style's JSON that jobs of an epoch are built with; the epoch is the current one.
    pub fn style_json(&self) -> &str {
        &self.yard.style_json
    }

    /// The next tile to be built outside, if there is one now.
    pub fn next_job(&mut self) -> Option<TileJob> {
        let yard = &self.yard;
        if !yard.outside
            || yard.jobs.len() >= MAX_JOBS
            || yard.parcels.len() >= MAX_WAITING
            || self.waiting_bytes() >= self.budget.waiting_tiles
        {
            return None;
        }
        let (key, bytes) = self.next_tile()?;
        let id = self.yard.next_id;
        self.yard.next_id = id.wrapping_add(1);
        self.yard.jobs.insert(id, key);
        Some(TileJob {
            id,
            style_epoch: self.yard.style_epoch,
            key,
            bytes,
        })
    }

    /// The next tile to be built. Pictures are left out where the style draws none, which is told once
    /// of the style and not of each tile.
    fn next_tile(&mut self) -> Option<(TileKey, Arc<[u8]>)> {
        loop {
            let (key, bytes) = self.tiles.next_to_build()?;
            let draws_pictures = || self.style.picture_layers().next().is_some();
            if PictureKind::of(&bytes).is_none() || draws_pictures() {
                return Some((key, bytes));
            }
            self.tiles.refuse(key);
            self.changed.anything = true;
            if !std::mem::replace(&mut self.yard.told_no_pictures, true) {
                self.warn(ProblemKind::Style, NO_PICTURE_LAYER.to_owned());
            }
        }
    }

    /// The worker's module holds so much memory.
    pub fn worker_holds(&mut self, heap_bytes: u32) {
        self.yard.worker_heap_bytes = heap_bytes;
    }

    /// A job is done: the parcel that [`build`] made.
    pub fn job_done(&mut self, id: u32, parcel: Vec<u8>) {
        // A job of an earlier style, source or worker has no entry.
        if let Some(key) = self.yard.jobs.remove(&id) {
            self.yard.parcels.push_back((key, parcel));
            self.yard.built.by_worker += 1;
            self.changed.anything = true;
        }
    }

    /// A job cannot be done. Its tile is left out, here too: it may have ended the worker.
    pub fn job_failed(&mut self, id: u32, reason: &str) {
        if let Some(key) = self.yard.jobs.remove(&id) {
            self.refuse(key, reason);
        }
    }

    /// Leaves a tile out until there is another style or source, and tells it once.
    fn refuse(&mut self, key: TileKey, reason: &str) {
        if self.tiles.refuse(key) {
            let TileId { z, x, y } = key.tile;
            self.warn(
                ProblemKind::Content,
                format!("tile {z}/{x}/{y} cannot be built: {reason}"),
            );
        }
        self.changed.anything = true;
    }

    /// Bytes of built tiles that wait to be taken in.
    pub(super) fn waiting_bytes(&self) -> usize {
        let parcels = self.yard.parcels.iter();
        parcels.map(|(_, parcel)| parcel.len()).sum()
    }

    /// Whether built tiles wait to be taken in, or tiles to be built on this thread.
    pub(super) fn has_tile_work(&self) -> bool {
        !self.yard.parcels.is_empty() || (!self.yard.outside && self.tiles.has_work())
    }

    /// Takes built tiles in; answers whether there were any.
    pub(super) fn take_tiles(&mut self, view: &View, moving: bool) -> bool {
        let most = if moving { TAKEN_MOVING } else { TAKEN_RESTING };
        let mut taken = false;
        for _ in 0..most {
            let Some((key, bytes)) = self.next_parcel() else {
                break;
            };
            self.take_parcel(key, &bytes);
            taken = true;
        }
        taken |= self.turn_over();
        if taken || self.changed.view {
            self.changed.ground = true;
            self.tiles.look_at(view);
            let visible: Vec<_> = self
                .tiles
                .draws()
                .iter()
                .map(|draw| (draw.key, draw.wrap))
                .collect();
            self.labels.set_visible(&visible);
            self.changed.anything = true;
        }
        taken
    }

    fn next_parcel(&mut self) -> Option<(TileKey, Vec<u8>)> {
        if self.yard.outside || !self.yard.parcels.is_empty() {
            return self.yard.parcels.pop_front();
        }
        let (key, bytes) = self.next_tile()?;
        match build(&self.style, key, &bytes) {
            Ok(parcel) => {
                self.yard.built.by_page += 1;
                Some((key, parcel))
            }
            Err(reason) => {
                self.refuse(key, &reason);
                None
            }
        }
    }

    fn take_parcel(&mut self, key: TileKey, bytes: &[u8]) {
        let parcel = unpack(bytes);
        let Some((scene, queue)) = self.engine.with_queue::<Scene>() else {
            return;
        };
        let held_bytes = match parcel {
            Ok(parcel) => {
                let on_device = scene.base_map.insert(&scene.gpu, queue, &parcel);
                let labels: usize = parcel.symbols.iter().map(SymbolCandidate::bytes).sum();
                let built = &mut self.yard.built;
                for symbol in parcel
                    .symbols
                    .iter()
                    .filter(|symbol| !symbol.text.is_empty())
                {
                    let count = match symbol.set {
                        Some(_) => &mut built.texts_by_worker,
                        None => &mut built.texts_by_page,
                    };
                    *count = count.wrapping_add(1);
                }
                self.set_symbols(key, parcel.symbols);
                on_device + labels
            }
            Err(error) => {
                self.warn(ProblemKind::Content, error.to_string());
                0
            }
        };
        let freed = self.tiles.built(key, held_bytes);
        self.free(&freed);
        self.turn_over();
    }
}
