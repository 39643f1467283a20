//! The tiles of the base map: which are wanted, asked for, there, and shown meanwhile.
//!
//! Fetching is outside: [`TileStore::next_request`] says what to fetch, [`TileStore::arrived`]
//! takes the answer.

mod exchange;
mod failures;
mod raw;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use map_core::{
    cache::TileCache,
    cover::{DrawTile, TileCover, resolve},
    projection::{TileId, View},
    tessellate::TileKey,
};

pub use self::exchange::{TileAnswer, TileRequest, TileSource};
use self::{
    failures::{Failures, MAX_FAILURES},
    raw::RawTiles,
};
use crate::budget::MemoryBudget;

/// Requests under way at a time.
const MAX_UNDER_WAY: usize = 12;
/// The backdrop is coarser than the view by so many zooms, and this many times as wide.
const BACKDROP_ZOOMS: f64 = 3.0;
const BACKDROP_SPAN: f64 = 4.0;
/// What is no longer held and is to be freed on the device.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Freed {
    /// Tiles of the style.
    pub tiles: Vec<TileKey>,
    /// Tiles of the style before, which are still shown.
    pub former: Vec<TileKey>,
}

/// The tiles of the style before, shown until those of the new one are there.
#[derive(Debug)]
struct Former {
    tiles: TileCache<()>,
    /// The budget has no room for them beside the new ones.
    is_cut: bool,
}

/// All tiles of one source.
#[derive(Debug)]
pub struct TileStore {
    source: TileSource,
    /// The width that a picture tile is meant to have, where the tiles are pictures.
    picture_tile_px: Option<u16>,
    cover: TileCover,
    /// Coarse tiles around the view, so that a fast pan or a zoom out meets no blank.
    backdrop: TileCover,
    /// The nearest coarser tiles where the source has no picture of the view's own.
    stand_ins: Vec<TileKey>,
    asked: HashMap<u32, TileId>,
    asked_tiles: HashSet<TileId>,
    next_id: u32,
    failures: Failures,
    raw: RawTiles,
    /// Keys whose buckets are on the device.
    built: TileCache<()>,
    former: Option<Former>,
    to_build: VecDeque<TileKey>,
    /// Keys that are being built.
    building: HashSet<TileKey>,
    draws: Vec<DrawTile>,
    drawn_keys: HashSet<TileKey>,
    /// A view has been shown with all its own tiles.
    was_whole: bool,
    /// Nothing is drawn in the place of a tile of the view.
    is_blank: bool,
    /// Tiles that cannot be built, as long as style and source are the same.
    unbuildable: HashSet<TileId>,
    /// Tiles of the view for which the budget has no room.
    roomless: HashSet<TileKey>,
    budget: MemoryBudget,
}

impl TileStore {
    pub fn new(source: TileSource, budget: MemoryBudget) -> Self {
        Self {
            source,
            picture_tile_px: None,
            budget,
            unbuildable: HashSet::new(),
            roomless: HashSet::new(),
            cover: TileCover::default(),
            backdrop: TileCover::default(),
            stand_ins: Vec::new(),
            asked: HashMap::new(),
            asked_tiles: HashSet::new(),
            next_id: 1,
            failures: Failures::default(),
            raw: RawTiles::new(budget.raw_tiles),
            built: TileCache::new(budget.built_tiles),
            former: None,
            to_build: VecDeque::new(),
            building: HashSet::new(),
            draws: Vec::new(),
            drawn_keys: HashSet::new(),
            was_whole: false,
            is_blank: false,
        }
    }

    /// The source that the store was made for.
    pub fn source(&self) -> &TileSource {
        &self.source
    }

    /// Takes what a style says of the tiles: pictures meant to be so many CSS pixels wide, or vector tiles.
    pub fn expect_pictures(&mut self, tile_px: Option<u16>) {
        self.picture_tile_px = tile_px;
    }

    fn cover_of(&self, view: &View) -> TileCover {
        match self.picture_tile_px {
            Some(tile_px) => TileCover::of_pictures(view, self.source.zooms, tile_px),
            None => TileCover::of_view(view, self.source.zooms),
        }
    }

    /// Finds what a view needs; answers whether what is drawn has changed.
    pub fn look_at(&mut self, view: &View) -> bool {
        if self.source.url.is_empty() {
            return false;
        }
        self.cover = self.cover_of(view);
        self.backdrop = self.cover_of(&backdrop_of(view));
        self.find_stand_ins();
        if !self.roomless.is_empty() {
            // A tile that was left out counts as such only while the view still needs it.
            let wanted: HashSet<TileKey> = self.wanted().collect();
            self.roomless.retain(|key| wanted.contains(key));
        }
        let changed = self.resolve();
        self.to_build = self.buildable();
        changed
    }

    fn buildable(&self) -> VecDeque<TileKey> {
        self.wanted()
            .filter(|key| self.is_buildable(*key) && self.raw.contains(key.tile))
            .collect()
    }

    /// What the view needs, the nearest to the middle first, and then its backdrop. Where a view that has
    /// been left for another has blanks, what is coarser comes first: a few tiles fill much of it.
    /// The first picture waits for none.
    fn wanted(&self) -> impl Iterator<Item = TileKey> {
        let own_zoom = self.cover.tiles.first().map_or(0, |tile| tile.key.tile.z);
        let fills = self.was_whole && self.is_blank;
        let backdrop = move |key: &TileKey, first: bool| (fills && key.tile.z < own_zoom) == first;
        let keys = || self.backdrop.tiles.iter().map(|tile| tile.key);
        let before = keys().filter(move |key| backdrop(key, true));
        let after = keys().filter(move |key| backdrop(key, false));
        before.chain(self.needed()).chain(after)
    }

    /// What the view needs, without its backdrop.
    fn needed(&self) -> impl Iterator<Item = TileKey> {
        let cover = self.cover.tiles.iter().map(|tile| tile.key);
        cover.chain(self.stand_ins.iter().copied())
    }

    /// Whether the source has no picture here. A vector tile that is not there is an empty one, as of
    /// the open sea; a picture that is not there says only that there is nothing so fine.
    fn is_absent(&self, tile: TileId) -> bool {
        self.picture_tile_px.is_some() && self.raw.is_absent(tile)
    }

    fn find_stand_ins(&mut self) {
        self.stand_ins.clear();
        for wanted in &self.cover.tiles {
            let mut tile = wanted.key.tile;
            while self.is_absent(tile) && tile.z > self.source.zooms.min {
                tile = tile.parent();
            }
            let key = TileKey {
                tile,
                display_zoom: tile.z,
            };
            if tile != wanted.key.tile && !self.is_absent(tile) && !self.stand_ins.contains(&key) {
                self.stand_ins.push(key);
            }
        }
    }

    fn wanted_tiles(&self) -> HashSet<TileId> {
        self.wanted().map(|key| key.tile).collect()
    }

    fn resolve(&mut self) -> bool {
        let shown = match &mut self.former {
            Some(former) => &mut former.tiles,
            None => &mut self.built,
        };
        let draws = resolve(&self.cover, &|key| shown.contains(key));
        let changed = draws != self.draws;
        self.draws = draws;
        if changed {
            self.drawn_keys = self.draws.iter().map(|draw| draw.key).collect();
        }
        let cover = &self.cover.tiles;
        let is_whole =
            !cover.is_empty() && cover.iter().all(|tile| self.drawn_keys.contains(&tile.key));
        let lies_in = |clip: TileId, tile: TileId| {
            let finer = u32::from(clip.z.saturating_sub(tile.z));
            clip.z >= tile.z && (clip.x >> finer, clip.y >> finer) == (tile.x, tile.y)
        };
        self.is_blank = cover.iter().any(|tile| {
            let covers =
                |draw: &DrawTile| draw.wrap == tile.wrap && lies_in(draw.clip, tile.key.tile);
            !self.draws.iter().any(covers)
        });
        for key in &self.drawn_keys {
            // Marks the tile as used.
            shown.get(*key);
        }
        self.was_whole |= is_whole && self.former.is_none();
        changed
    }

    /// The next tile to fetch, the nearest to the middle first; `None` while enough are under way.
    pub fn next_request(&mut self, now_ms: f64) -> Option<TileRequest> {
        if self.asked.len() >= MAX_UNDER_WAY || self.source.url.is_empty() {
            return None;
        }
        let tile = self.wanted().map(|key| key.tile).find(|tile| {
            !self.asked_tiles.contains(tile)
                && !self.unbuildable.contains(tile)
                && !self.raw.contains(*tile)
                && self
                    .failures
                    .again_at_ms(*tile)
                    .is_none_or(|again_at_ms| again_at_ms <= now_ms)
        })?;
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        self.asked.insert(id, tile);
        self.asked_tiles.insert(tile);
        let url = self
            .source
            .url
            .replace("{z}", &tile.z.to_string())
            .replace("{x}", &tile.x.to_string())
            .replace("{y}", &tile.y.to_string());
        Some(TileRequest { id, url })
    }

    /// Takes the answer to a request; a text is what to tell about a failure, once per tile.
    pub fn arrived(&mut self, id: u32, answer: TileAnswer, now_ms: f64) -> Option<String> {
        // An answer to a request of an earlier source has no entry.
        let tile = self.asked.remove(&id)?;
        self.asked_tiles.remove(&tile);
        let bytes = match answer {
            TileAnswer::Bytes(bytes) if bytes.len() > self.budget.largest_raw_tile() => {
                let reason = format!(
                    "it has {} bytes, and no tile may have more than {}",
                    bytes.len(),
                    self.budget.largest_raw_tile()
                );
                return self.fail(tile, &reason, now_ms);
            }
            TileAnswer::Bytes(bytes) => bytes,
            TileAnswer::Empty => Vec::new(),
            TileAnswer::Failed(reason) => return self.fail(tile, &reason, now_ms),
        };
        self.failures.forget(tile);
        self.raw.insert(tile, bytes.into());
        if self.is_absent(tile) {
            self.find_stand_ins();
            self.to_build = self.buildable();
            return None;
        }
        // A tile may have waited here before, been pushed out of what is held, and come again.
        let is_new = |key: &TileKey| self.is_buildable(*key) && !self.to_build.contains(key);
        let keys = self.wanted().filter(|key| key.tile == tile && is_new(key));
        let keys: Vec<TileKey> = keys.collect();
        self.to_build.extend(keys);
        None
    }

    fn fail(&mut self, tile: TileId, reason: &str, now_ms: f64) -> Option<String> {
        let wanted = self.wanted_tiles();
        let is_new = self.failures.note(tile, now_ms, &wanted);
        is_new.then(|| {
            format!(
                "tile {}/{}/{} did not come: {reason}; the map shows what it has and asks again",
                tile.z, tile.x, tile.y
            )
        })
    }

    /// The earliest time at which a failed tile of the view is to be asked for again.
    pub fn retry_at_ms(&self) -> Option<f64> {
        self.wanted()
            .filter_map(|key| self.failures.again_at_ms(key.tile))
            .reduce(f64::min)
    }

    fn is_buildable(&self, key: TileKey) -> bool {
        !self.built.contains(key)
            && !self.building.contains(&key)
            && !self.roomless.contains(&key)
            && !self.unbuildable.contains(&key.tile)
            && !self.is_absent(key.tile)
    }

    /// The next tile to be built, with its bytes; empty bytes are an empty tile. It counts as being
    /// built until [`TileStore::built`], [`TileStore::not_built`], [`TileStore::refuse`] or
    /// [`TileStore::restyle`].
    pub fn next_to_build(&mut self) -> Option<(TileKey, Arc<[u8]>)> {
        while let Some(key) = self.to_build.pop_front() {
            if self.is_buildable(key)
                && let Some(bytes) = self.raw.get(key.tile)
            {
                self.building.insert(key);
                return Some((key, bytes));
            }
        }
        None
    }

    /// Notes that a tile's buckets are on the device; answers the tiles to be freed for it.
    pub fn built(&mut self, key: TileKey, bytes: usize) -> Freed {
        self.building.remove(&key);
        // The entry itself costs something too, so that empty tiles do not pile up.
        self.built.insert(key, (), bytes + 256);
        self.resolve();
        Freed {
            former: self.squeeze_former(),
            tiles: self.make_room(key),
        }
    }

    /// Notes that nobody builds a tile any more; it is the next to be built.
    pub fn not_built(&mut self, key: TileKey) {
        if self.building.remove(&key) {
            self.to_build.push_front(key);
        }
    }

    /// Notes that a tile cannot be built, at whatever zoom it is shown: it is left out until there is
    /// another style or source, and something coarser shows in its place. Answers whether that is new.
    pub fn refuse(&mut self, key: TileKey) -> bool {
        self.building.remove(&key);
        if self.unbuildable.len() >= MAX_FAILURES {
            // Those of the view are remembered, or they would be built again at once.
            let wanted = self.wanted_tiles();
            self.unbuildable.retain(|tile| wanted.contains(tile));
        }
        self.unbuildable.insert(key.tile)
    }

    /// Frees tiles until the budget holds: what the view needs not, then its backdrop, and in the
    /// end the tile that came last, which is left out until the view has moved on.
    fn make_room(&mut self, newest: TileKey) -> Vec<TileKey> {
        let cover: HashSet<TileKey> = self.needed().collect();
        let wanted: HashSet<TileKey> = self.wanted().collect();
        // As long as tiles of the style before are shown, none of the new ones are.
        let nothing = HashSet::new();
        let drawn = if self.former.is_some() {
            &nothing
        } else {
            &self.drawn_keys
        };
        let mut freed = self
            .built
            .evict(&|key| wanted.contains(&key) || drawn.contains(&key));
        freed.extend(
            self.built
                .evict(&|key| cover.contains(&key) || drawn.contains(&key)),
        );
        freed.extend(self.built.evict(&|key| key != newest));
        let freed: Vec<TileKey> = freed.into_iter().map(|(key, ())| key).collect();
        if freed.iter().any(|key| wanted.contains(key)) {
            self.roomless
                .extend(freed.iter().filter(|key| wanted.contains(key)));
            self.resolve();
        }
        freed
    }

    /// Frees tiles of the style before that are not drawn, until the budget holds; where that is not
    /// enough, all of them are given up at the next [`TileStore::turn_over`].
    fn squeeze_former(&mut self) -> Vec<TileKey> {
        let Some(former) = &mut self.former else {
            return Vec::new();
        };
        let room = self
            .budget
            .built_tiles
            .saturating_sub(self.built.held_bytes());
        let drawn = &self.drawn_keys;
        let freed = former.tiles.evict_to(room, &|key| drawn.contains(&key));
        former.is_cut |= former.tiles.held_bytes() > room;
        freed.into_iter().map(|(key, ())| key).collect()
    }

    /// There is another style: everything is built anew, and what could not be built is tried again.
    /// What was built is shown until then, even where a third style comes meanwhile.
    pub fn restyle(&mut self) {
        let cache = TileCache::new(self.budget.built_tiles);
        let built = std::mem::replace(&mut self.built, cache);
        if self.former.is_none() && !self.draws.is_empty() {
            self.former = Some(Former {
                tiles: built,
                is_cut: false,
            });
        }
        self.building.clear();
        self.unbuildable.clear();
        self.roomless.clear();
        // Those of the style before stand in meanwhile.
        self.was_whole = false;
    }

    /// Whether tiles of the style before are shown.
    pub fn shows_former(&self) -> bool {
        self.former.is_some()
    }

    /// Shows the style's own tiles, once those of the view are there or will not come, or where nothing of the
    /// style before lies in the view; answers whether that has happened now, and those of the style before are
    /// to be freed.
    pub fn turn_over(&mut self) -> bool {
        let is_due = self.former.as_ref().is_some_and(|former| {
            former.is_cut
                || self.draws.is_empty()
                || self.needed().all(|key| self.loses_nothing(key))
        });
        if is_due {
            self.former = None;
            self.resolve();
        }
        is_due
    }

    /// Whether the place of a tile is drawn no worse with what is built now than with what was before.
    fn loses_nothing(&self, key: TileKey) -> bool {
        let was_there = || self.draws.iter().any(|draw| draw.key.tile == key.tile);
        !self.is_awaited(key) || !(self.raw.contains(key.tile) || was_there())
    }

    /// What to draw now.
    pub fn draws(&self) -> &[DrawTile] {
        &self.draws
    }

    /// Tiles of the view that are not there yet, those that failed left out.
    pub fn awaited(&self) -> usize {
        self.needed().filter(|key| self.is_awaited(*key)).count()
    }

    fn is_awaited(&self, key: TileKey) -> bool {
        !self.built.contains(key)
            && !self.failures.contains(key.tile)
            && !self.unbuildable.contains(&key.tile)
            && !self.roomless.contains(&key)
            && !self.is_absent(key.tile)
    }

    /// Whether tiles wait to be built.
    pub fn has_work(&self) -> bool {
        !self.to_build.is_empty()
    }

    /// Bytes of tiles on the device, and of what may be labelled in them.
    pub fn held_bytes(&self) -> usize {
        let former = self.former.as_ref();
        self.built.held_bytes() + former.map_or(0, |former| former.tiles.held_bytes())
    }

    /// Bytes of tiles as they came.
    pub fn raw_bytes(&self) -> usize {
        self.raw.held_bytes
    }

    /// Failures that are remembered.
    #[cfg(test)]
    fn failures(&self) -> usize {
        self.failures.len()
    }
}

/// The coarse view around a view.
fn backdrop_of(view: &View) -> View {
    let shrink = BACKDROP_SPAN / BACKDROP_ZOOMS.exp2();
    View {
        zoom: (view.zoom - BACKDROP_ZOOMS).max(0.0),
        width_px: view.width_px * shrink,
        height_px: view.height_px * shrink,
        ..*view
    }
}

#[cfg(test)]
mod tests;
