//! The tiles of the base map: which are wanted, asked for, there, and shown meanwhile.
//!
//! Fetching is outside: [`TileStore::next_request`] says what to fetch, [`TileStore::arrived`]
//! takes the answer.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use map_core::{
    cache::TileCache,
    cover::{DrawTile, TileCover, ZoomRange, resolve},
    projection::{TileId, View},
    tessellate::TileKey,
};

use crate::budget::MemoryBudget;

/// Failures that are remembered, so that a source that is away for a month fills no memory.
const MAX_FAILURES: usize = 512;
/// Requests under way at a time.
const MAX_UNDER_WAY: usize = 12;
/// The backdrop is coarser than the view by so many zooms, and this many times as wide.
const BACKDROP_ZOOMS: f64 = 3.0;
const BACKDROP_SPAN: f64 = 4.0;
/// A failed tile is asked for again after this time, doubled with each failure.
const RETRY_MS: f64 = 2_000.0;
const MAX_RETRY_MS: f64 = 60_000.0;

/// Where tiles come from.
#[derive(Debug, Clone, PartialEq)]
pub struct TileSource {
    /// With `{z}`, `{x}` and `{y}`; empty for no base map.
    pub url: String,
    pub zooms: ZoomRange,
}

impl TileSource {
    /// No base map.
    pub fn none() -> Self {
        Self {
            url: String::new(),
            zooms: ZoomRange { min: 0, max: 0 },
        }
    }
}

/// A tile to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileRequest {
    /// Names the request in its answer.
    pub id: u32,
    pub url: String,
}

/// How a fetch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TileAnswer {
    Bytes(Vec<u8>),
    /// The source has no such tile.
    Empty,
    Failed(String),
}

#[derive(Debug)]
struct Failure {
    times: u32,
    again_at_ms: f64,
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
    asked: HashMap<u32, TileId>,
    asked_tiles: HashSet<TileId>,
    next_id: u32,
    failures: HashMap<TileId, Failure>,
    raw: RawTiles,
    /// Keys whose buckets are on the device.
    built: TileCache<()>,
    to_build: VecDeque<TileKey>,
    /// Keys that are being built.
    building: HashSet<TileKey>,
    draws: Vec<DrawTile>,
    drawn_keys: HashSet<TileKey>,
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
            asked: HashMap::new(),
            asked_tiles: HashSet::new(),
            next_id: 1,
            failures: HashMap::new(),
            raw: RawTiles::new(budget.raw_tiles),
            built: TileCache::new(budget.built_tiles),
            to_build: VecDeque::new(),
            building: HashSet::new(),
            draws: Vec::new(),
            drawn_keys: HashSet::new(),
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
        if !self.roomless.is_empty() {
            // A tile that was left out counts as such only while the view still needs it.
            let wanted: HashSet<TileKey> = self.wanted().collect();
            self.roomless.retain(|key| wanted.contains(key));
        }
        self.to_build = self
            .wanted()
            .filter(|key| self.is_buildable(*key) && self.raw.contains(key.tile))
            .collect();
        self.resolve()
    }

    /// What the view needs, the nearest to the middle first, and then its backdrop.
    fn wanted(&self) -> impl Iterator<Item = TileKey> {
        self.cover
            .tiles
            .iter()
            .chain(&self.backdrop.tiles)
            .map(|tile| tile.key)
    }

    fn wanted_tiles(&self) -> HashSet<TileId> {
        self.wanted().map(|key| key.tile).collect()
    }

    fn resolve(&mut self) -> bool {
        let built = &self.built;
        let draws = resolve(&self.cover, &|key| built.contains(key));
        let changed = draws != self.draws;
        self.draws = draws;
        if changed {
            self.drawn_keys = self.draws.iter().map(|draw| draw.key).collect();
        }
        for key in &self.drawn_keys {
            // Marks the tile as used.
            self.built.get(*key);
        }
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
                    .get(tile)
                    .is_none_or(|failure| failure.again_at_ms <= now_ms)
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
        self.failures.remove(&tile);
        self.raw.insert(tile, bytes.into());
        let keys = self
            .wanted()
            .filter(|key| key.tile == tile && self.is_buildable(*key));
        let keys: Vec<TileKey> = keys.collect();
        self.to_build.extend(keys);
        None
    }

    fn fail(&mut self, tile: TileId, reason: &str, now_ms: f64) -> Option<String> {
        if self.failures.len() >= MAX_FAILURES {
            // Those of the view are remembered, or they would be asked for again at once.
            let wanted = self.wanted_tiles();
            self.failures.retain(|tile, _| wanted.contains(tile));
        }
        let failure = self.failures.entry(tile).or_insert(Failure {
            times: 0,
            again_at_ms: 0.0,
        });
        failure.times += 1;
        let wait = RETRY_MS * f64::from(failure.times.min(6) - 1).exp2();
        failure.again_at_ms = now_ms + wait.min(MAX_RETRY_MS);
        (failure.times == 1).then(|| {
            format!(
                "tile {}/{}/{} did not come: {reason}; the map shows what it has and asks again",
                tile.z, tile.x, tile.y
            )
        })
    }

    /// The earliest time at which a failed tile of the view is to be asked for again.
    pub fn retry_at_ms(&self) -> Option<f64> {
        self.wanted()
            .filter_map(|key| self.failures.get(&key.tile))
            .map(|failure| failure.again_at_ms)
            .reduce(f64::min)
    }

    fn is_buildable(&self, key: TileKey) -> bool {
        !self.built.contains(key)
            && !self.building.contains(&key)
            && !self.roomless.contains(&key)
            && !self.unbuildable.contains(&key.tile)
    }

    /// The next tile to be built, with its bytes; empty bytes are an empty tile. It counts as being
    /// built until [`TileStore::built`], [`TileStore::not_built`], [`TileStore::refuse`] or
    /// [`TileStore::forget_built`].
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
    pub fn built(&mut self, key: TileKey, bytes: usize) -> Vec<TileKey> {
        self.building.remove(&key);
        // The entry itself costs something too, so that empty tiles do not pile up.
        self.built.insert(key, (), bytes + 256);
        self.resolve();
        self.make_room(key)
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
        let cover: HashSet<TileKey> = self.cover.tiles.iter().map(|tile| tile.key).collect();
        let wanted: HashSet<TileKey> = self.wanted().collect();
        let drawn = &self.drawn_keys;
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

    /// Forgets all that is on the device and what could not be built, for a new style; answers the tiles to be freed.
    pub fn forget_built(&mut self) -> Vec<TileKey> {
        let freed = self
            .built
            .drain()
            .into_iter()
            .map(|(key, ())| key)
            .collect();
        self.building.clear();
        self.unbuildable.clear();
        self.roomless.clear();
        self.draws.clear();
        self.drawn_keys.clear();
        freed
    }

    /// What to draw now.
    pub fn draws(&self) -> &[DrawTile] {
        &self.draws
    }

    /// Tiles of the view that are not there yet, those that failed left out.
    pub fn awaited(&self) -> usize {
        self.cover
            .tiles
            .iter()
            .filter(|tile| {
                !self.built.contains(tile.key)
                    && !self.failures.contains_key(&tile.key.tile)
                    && !self.unbuildable.contains(&tile.key.tile)
                    && !self.roomless.contains(&tile.key)
            })
            .count()
    }

    /// Whether tiles wait to be built.
    pub fn has_work(&self) -> bool {
        !self.to_build.is_empty()
    }

    /// Bytes of tiles on the device.
    pub fn held_bytes(&self) -> usize {
        self.built.held_bytes()
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

/// Tiles as they came, bounded in bytes.
#[derive(Debug)]
struct RawTiles {
    limit_bytes: usize,
    tiles: HashMap<TileId, (Arc<[u8]>, u64)>,
    held_bytes: usize,
    tick: u64,
}

impl RawTiles {
    /// What an entry counts beyond its bytes.
    const OVERHEAD_BYTES: usize = 128;

    fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            tiles: HashMap::new(),
            held_bytes: 0,
            tick: 0,
        }
    }

    fn contains(&self, tile: TileId) -> bool {
        self.tiles.contains_key(&tile)
    }

    fn get(&mut self, tile: TileId) -> Option<Arc<[u8]>> {
        self.tick += 1;
        let (bytes, used) = self.tiles.get_mut(&tile)?;
        *used = self.tick;
        Some(bytes.clone())
    }

    fn insert(&mut self, tile: TileId, bytes: Arc<[u8]>) {
        self.tick += 1;
        self.held_bytes += bytes.len() + Self::OVERHEAD_BYTES;
        if let Some((old, _)) = self.tiles.insert(tile, (bytes, self.tick)) {
            self.held_bytes -= old.len() + Self::OVERHEAD_BYTES;
        }
        while self.held_bytes > self.limit_bytes && self.tiles.len() > 1 {
            let oldest = self
                .tiles
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(tile, _)| *tile);
            let Some((bytes, _)) = oldest.and_then(|tile| self.tiles.remove(&tile)) else {
                break;
            };
            self.held_bytes -= bytes.len() + Self::OVERHEAD_BYTES;
        }
    }
}

#[cfg(test)]
mod tests {
    use map_core::projection::LonLat;

    use super::*;

    fn store() -> TileStore {
        let source = TileSource {
            url: "tiles://localhost/{z}/{x}/{y}".to_owned(),
            zooms: ZoomRange { min: 0, max: 14 },
        };
        TileStore::new(source, MemoryBudget::default())
    }

    fn view(zoom: f64) -> View {
        View::new(LonLat::new(104.04, 30.64), zoom, 700.0, 500.0, 1.0)
    }

    #[test]
    fn every_tile_is_asked_for_once_and_the_middle_first() {
        let mut store = store();
        store.look_at(&view(14.5));
        let first = store.next_request(0.0).expect("tiles are wanted");
        let middle = LonLat::new(104.04, 30.64).to_world();
        let n = f64::from(1 << 14);
        let (x, y) = ((middle.x * n) as u32, (middle.y * n) as u32);
        assert_eq!(first.url, format!("tiles://localhost/14/{x}/{y}"));
        let mut seen = HashSet::from([first.url]);
        while let Some(request) = store.next_request(0.0) {
            assert!(seen.insert(request.url), "asked for twice");
        }
        assert!(seen.len() <= MAX_UNDER_WAY);
    }

    #[test]
    fn a_tile_is_built_when_it_came_and_awaited_until_then() {
        let mut store = store();
        store.look_at(&view(14.5));
        let awaited = store.awaited();
        let request = store.next_request(0.0).expect("tiles are wanted");
        assert_eq!(store.arrived(request.id, TileAnswer::Empty, 0.0), None);
        assert_eq!(
            store.arrived(request.id, TileAnswer::Empty, 0.0),
            None,
            "a second answer"
        );
        let (key, bytes) = store.next_to_build().expect("it came");
        assert!(bytes.is_empty());
        assert!(store.next_to_build().is_none());
        store.built(key, 1000);
        assert_eq!(store.awaited(), awaited - 1);
        assert!(store.draws().iter().any(|draw| draw.key == key));
    }

    #[test]
    fn a_failed_tile_is_told_once_and_asked_for_again_later() {
        let mut store = store();
        store.look_at(&view(14.5));
        let request = store.next_request(0.0).expect("tiles are wanted");
        let told = store.arrived(request.id, TileAnswer::Failed("500".to_owned()), 0.0);
        assert!(told.expect("it is told").contains("did not come: 500"));
        let others: Vec<_> = std::iter::from_fn(|| store.next_request(0.0)).collect();
        assert!(others.iter().all(|other| other.url != request.url));
        let again = store.retry_at_ms().expect("it waits");
        for other in others {
            store.arrived(other.id, TileAnswer::Empty, 0.0);
        }
        let retried = store.next_request(again).expect("its time has come");
        assert_eq!(retried.url, request.url);
        assert_eq!(
            store.arrived(retried.id, TileAnswer::Failed("500".to_owned()), again),
            None
        );
    }

    #[test]
    fn a_pan_past_the_edge_meets_the_backdrop() {
        let mut store = store();
        let here = view(14.5);
        store.look_at(&here);
        while let Some(request) = store.next_request(0.0) {
            store.arrived(request.id, TileAnswer::Empty, 0.0);
        }
        store.look_at(&here);
        while let Some((key, _)) = store.next_to_build() {
            store.built(key, 1000);
        }
        assert_eq!(store.awaited(), 0);
        store.look_at(&here.dragged(-600.0, -450.0));
        assert!(store.awaited() > 0, "new tiles are needed");
        let coarse = store
            .draws()
            .iter()
            .filter(|draw| draw.key.tile.z == 11)
            .count();
        assert_eq!(
            coarse,
            store.awaited(),
            "each of them has something in its place"
        );
    }

    #[test]
    fn deeper_zooms_are_made_of_the_same_tile_without_asking() {
        let mut store = store();
        store.look_at(&view(14.5));
        while let Some(request) = store.next_request(0.0) {
            store.arrived(request.id, TileAnswer::Empty, 0.0);
        }
        store.look_at(&view(16.5));
        let others: Vec<_> = std::iter::from_fn(|| store.next_request(0.0)).collect();
        assert!(
            others.iter().all(|other| other.url.contains("/13/")),
            "only the backdrop"
        );
        let (key, _) = store.next_to_build().expect("made again for the zoom");
        assert_eq!((key.tile.z, key.display_zoom), (14, 16));
    }

    #[test]
    fn the_budget_holds_even_when_the_view_alone_needs_more() {
        let limit = 20_000;
        let budget = MemoryBudget {
            built_tiles: limit,
            ..MemoryBudget::default()
        };
        let mut store = TileStore::new(store().source().clone(), budget);
        store.look_at(&view(14.5));
        while let Some(request) = store.next_request(0.0) {
            store.arrived(request.id, TileAnswer::Empty, 0.0);
        }
        let mut builds = 0;
        while let Some((key, _)) = store.next_to_build() {
            store.built(key, 9_000);
            assert!(store.held_bytes() <= limit, "{} bytes", store.held_bytes());
            store.look_at(&view(14.5));
            builds += 1;
            assert!(builds < 200, "what has no room is built again and again");
        }
        assert!(!store.draws().is_empty(), "what has room is shown");
        assert_eq!(store.awaited(), 0, "nobody waits for what has no room");
        store.look_at(&view(10.5));
        store.look_at(&view(14.5));
        assert!(
            store.awaited() > 0,
            "after a look elsewhere it is tried again"
        );
    }

    #[test]
    fn a_tile_that_is_too_large_is_told_and_not_held() {
        let mut store = store();
        store.look_at(&view(14.5));
        let request = store.next_request(0.0).expect("tiles are wanted");
        let largest = MemoryBudget::default().largest_raw_tile();
        let told = store.arrived(request.id, TileAnswer::Bytes(vec![0; largest + 1]), 0.0);
        assert!(
            told.expect("it is told")
                .contains("no tile may have more than")
        );
        assert_eq!((store.raw_bytes(), store.next_to_build()), (0, None));
    }

    #[test]
    fn a_tile_that_cannot_be_built_is_left_out_at_every_zoom_until_the_style_changes() {
        let mut store = store();
        store.look_at(&view(14.5));
        while let Some(request) = store.next_request(0.0) {
            store.arrived(request.id, TileAnswer::Empty, 0.0);
        }
        let awaited = store.awaited();
        let (refused, _) = store.next_to_build().expect("they came");
        assert!(store.refuse(refused), "it is told");
        assert_eq!(store.awaited(), awaited - 1, "nobody waits for it");
        for zoom in [14.5, 16.5, 10.5, 14.5] {
            store.look_at(&view(zoom));
            while let Some((key, _)) = store.next_to_build() {
                assert_ne!(key.tile, refused.tile, "at zoom {zoom}");
                store.built(key, 1000);
            }
        }
        assert!(!store.refuse(refused), "it is not told again");
        store.forget_built();
        store.look_at(&view(14.5));
        let again = std::iter::from_fn(|| store.next_to_build());
        assert!(again.into_iter().any(|(key, _)| key.tile == refused.tile));
    }

    #[test]
    fn what_nobody_builds_any_more_is_built_next() {
        let mut store = store();
        store.look_at(&view(14.5));
        while let Some(request) = store.next_request(0.0) {
            store.arrived(request.id, TileAnswer::Empty, 0.0);
        }
        let (first, _) = store.next_to_build().expect("they came");
        store.not_built(first);
        assert_eq!(store.next_to_build().map(|(key, _)| key), Some(first));
        store.built(first, 1000);
        store.not_built(first);
        assert_ne!(store.next_to_build().map(|(key, _)| key), Some(first));
    }

    #[test]
    fn failures_of_long_ago_are_forgotten() {
        let mut store = store();
        let mut here = view(14.5);
        for _ in 0..400 {
            here = here.dragged(-700.0, 0.0);
            store.look_at(&here);
            while let Some(request) = store.next_request(0.0) {
                store.arrived(request.id, TileAnswer::Failed("away".to_owned()), 0.0);
            }
        }
        assert!(store.failures() <= MAX_FAILURES, "{}", store.failures());
        assert!(store.failures() > 0);
    }
}
