//! The engine: keeps candidates, decides which labels are shown, remembers them from placement to placement.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::collision::{MARGIN_PX, TakenBoxes};
use super::placing::{Room, Spot};
use super::prepared::{Identity, Prepared, prepare_area, prepare_symbol};
use super::quads;
use super::{AreaLabel, GlyphMetrics, LabelFrame, SymbolCandidate};
use crate::projection::{View, World};
use crate::tessellate::TileKey;

/// How long a label takes to appear or go.
const FADE_MS: f64 = 250.0;

/// Two labels of the same text and layer closer than this are taken for the same one, e.g. from two zooms.
const SAME_LABEL_PX: f64 = 48.0;
/// The same for icons without a text, of which many neighbours look alike.
const SAME_ICON_PX: f64 = 6.0;

/// The text or the icon of a label, which come and go by themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    wanted: bool,
    pub(super) opacity: f32,
}

/// A label that is shown, or that is going.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) prepared: Arc<Prepared>,
    pub(super) place: f64,
    pub(super) wrap: i32,
    at: World,
    /// Which of the label's stands its text has.
    pub(super) stand: usize,
    pub(super) text: Part,
    pub(super) icon: Part,
}

/// A candidate at one of its places, in the order of placement.
struct Entry {
    prepared: Arc<Prepared>,
    place: f64,
    wrap: i32,
    at: World,
    slot: Option<usize>,
}

/// Keeps all candidates, decides which are shown, remembers what was shown.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four independent facts, not a state"
)]
pub struct LabelEngine {
    tiles: HashMap<TileKey, Vec<Arc<Prepared>>>,
    visible: Vec<(TileKey, i32)>,
    areas: BTreeMap<Arc<str>, Vec<Arc<Prepared>>>,
    shown: Vec<Shown>,
    changed: bool,
    waiting: bool,
    fading: bool,
    last_ms: f64,
    stale: bool,
    text_scale: f32,
    frame: LabelFrame,
}

impl Default for LabelEngine {
    fn default() -> Self {
        Self {
            tiles: HashMap::new(),
            visible: Vec::new(),
            areas: BTreeMap::new(),
            shown: Vec::new(),
            changed: false,
            waiting: false,
            fading: false,
            last_ms: 0.0,
            stale: false,
            text_scale: 1.0,
            frame: LabelFrame::default(),
        }
    }
}

impl LabelEngine {
    /// An engine without labels.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a tile's candidates; replaces earlier ones of the same key.
    pub fn set_tile(&mut self, key: TileKey, symbols: Vec<SymbolCandidate>) {
        self.tiles.insert(
            key,
            symbols
                .into_iter()
                .map(|s| Arc::new(prepare_symbol(key, s)))
                .collect(),
        );
        self.changed = true;
    }

    /// Forgets a tile's candidates; call it when the tile leaves the cache.
    pub fn remove_tile(&mut self, key: TileKey) {
        self.changed |= self.tiles.remove(&key).is_some();
    }

    /// Which tiles are on the screen: the keys of [`crate::cover::resolve`] with their wraps.
    pub fn set_visible(&mut self, tiles: &[(TileKey, i32)]) {
        let mut tiles = tiles.to_vec();
        tiles.sort_unstable();
        tiles.dedup();
        if tiles != self.visible {
            self.visible = tiles;
            self.changed = true;
        }
    }

    /// Replaces a named set of area labels.
    pub fn set_area_labels(&mut self, set: &str, labels: Vec<AreaLabel>) {
        let set: Arc<str> = set.into();
        let prepared = labels
            .into_iter()
            .map(|label| Arc::new(prepare_area(&set, label)))
            .collect();
        self.areas.insert(set, prepared);
        self.changed = true;
    }

    /// Multiplies all font sizes, for walls that are read from afar. 1 at first; other than positive numbers are
    /// ignored.
    pub fn set_text_scale(&mut self, scale: f32) {
        if scale.is_finite() && scale > 0.0 && (scale - self.text_scale).abs() > 1e-6 {
            self.text_scale = scale;
            self.changed = true;
            self.stale = true;
        }
    }

    /// Forgets the candidates of all tiles; their labels fade out unless others take their places.
    pub fn clear_tiles(&mut self) {
        self.tiles.clear();
        self.visible.clear();
        self.changed = true;
    }

    /// Forgets the candidates of all tiles and their labels at once, for a new style.
    pub fn restyle(&mut self) {
        self.clear_tiles();
        self.shown
            .retain(|shown| matches!(shown.prepared.identity, Identity::Area { .. }));
        self.stale = true;
    }

    /// Whether candidates or visibility changed since the last placement, or glyphs were missing then.
    pub fn needs_placement(&self) -> bool {
        self.changed || self.waiting
    }

    /// The texts that are shown now, those that are going left out, in the order in which they are drawn.
    pub fn shown_texts(&self) -> impl Iterator<Item = &str> {
        self.shown
            .iter()
            .filter(|s| s.text.wanted)
            .map(|s| &*s.prepared.text)
    }

    /// The names of the icons that are shown now, in the order in which they are drawn.
    pub fn shown_icons(&self) -> impl Iterator<Item = &str> {
        self.shown
            .iter()
            .filter(|s| s.icon.wanted)
            .filter_map(|s| Some(s.prepared.icon.as_ref()?.name.as_str()))
    }

    /// The icons are others now: labels with icons must be placed again.
    pub fn icons_changed(&mut self) {
        self.changed = true;
        self.stale = true;
    }

    /// Decides which labels are shown. Costs a millisecond or so: call it when something changed or the view moved, at
    /// most a few times a second. `now_ms` is any steady clock.
    pub fn place(&mut self, view: &View, metrics: &mut dyn GlyphMetrics, now_ms: f64) {
        self.fade(now_ms);
        (self.changed, self.waiting) = (false, false);
        let mut entries = self.entries(view);
        entries.sort_by(|a, b| {
            let rank = a
                .prepared
                .rank
                .partial_cmp(&b.prepared.rank)
                .unwrap_or(std::cmp::Ordering::Equal);
            // Among equals, what is shown stays; the rest of the order only has to be the same every time.
            rank.then_with(|| a.slot.is_none().cmp(&b.slot.is_none()))
                .then_with(|| a.prepared.text.cmp(&b.prepared.text))
                .then_with(|| a.at.x.total_cmp(&b.at.x))
                .then_with(|| a.at.y.total_cmp(&b.at.y))
        });
        for shown in &mut self.shown {
            (shown.text.wanted, shown.icon.wanted) = (false, false);
        }
        let mut taken = TakenBoxes::new(view.width_px, view.height_px);
        let mut placed: HashMap<Identity, Vec<[f64; 2]>> = HashMap::new();
        for entry in entries {
            self.place_one(entry, view, metrics, &mut taken, &mut placed);
        }
        self.shown.retain(Shown::is_there);
        // What goes first in placement is drawn last, above what it may overlap.
        self.shown.sort_by(|a, b| {
            let rank = b.prepared.rank.partial_cmp(&a.prepared.rank);
            rank.unwrap_or(std::cmp::Ordering::Equal)
                .then_with(|| a.at.y.total_cmp(&b.at.y))
                .then_with(|| a.at.x.total_cmp(&b.at.x))
                .then_with(|| a.prepared.text.cmp(&b.prepared.text))
        });
        self.fading = self.shown.iter().any(Shown::is_fading);
        self.stale = true;
    }

    fn place_one(
        &mut self,
        entry: Entry,
        view: &View,
        metrics: &mut dyn GlyphMetrics,
        taken: &mut TakenBoxes,
        placed: &mut HashMap<Identity, Vec<[f64; 2]>>,
    ) {
        let prepared = &entry.prepared;
        if prepared.set(metrics).is_none() {
            self.waiting = true;
            return;
        }
        let screen = view.screen_from_world(entry.at);
        let same = placed
            .get(&prepared.identity)
            .map_or(&[][..], Vec::as_slice);
        let apart = prepared.apart_px(SAME_LABEL_PX, SAME_ICON_PX);
        if same
            .iter()
            .any(|p| (p[0] - screen[0]).hypot(p[1] - screen[1]) < apart)
        {
            return;
        }
        let shown = entry.slot.and_then(|i| self.shown.get(i));
        let icon = prepared
            .icon
            .as_ref()
            .and_then(|icon| metrics.icon(&icon.name));
        let spot = Spot {
            prepared,
            place: entry.place,
            wrap: entry.wrap,
            at: entry.at,
            stand: shown.map(|s| s.stand),
            view,
            scale: self.text_scale,
        };
        let room = spot.room(icon.as_ref(), taken);
        if room.text.is_none() && room.icon.is_none() {
            return;
        }
        let ignored = prepared.icon.as_ref().is_some_and(|i| i.ignore_placement);
        let texts = room.text.iter().flat_map(|(_, boxes)| boxes);
        for b in texts.filter(|_| !prepared.ignore_placement) {
            taken.take(*b);
        }
        for b in room.icon.iter().filter(|_| !ignored) {
            taken.take(*b);
        }
        placed
            .entry(prepared.identity.clone())
            .or_default()
            .push(screen);
        self.show(entry, &room);
    }

    /// Shows what of a label found room, in its slot where it has one.
    fn show(&mut self, entry: Entry, room: &Room) {
        let Entry {
            prepared,
            place,
            wrap,
            at,
            slot,
        } = entry;
        let before = slot.and_then(|i| self.shown.get(i));
        let part = |wanted: bool, before: Option<Part>| Part {
            wanted,
            opacity: before.map_or(0.0, |part| part.opacity),
        };
        let kept = before.map_or(0, |s| s.stand);
        let shown = Shown {
            prepared,
            place,
            wrap,
            at,
            stand: room.text.as_ref().map_or(kept, |(stand, _)| *stand),
            text: part(room.text.is_some(), before.map(|s| s.text)),
            icon: part(room.icon.is_some(), before.map(|s| s.icon)),
        };
        match slot.and_then(|i| self.shown.get_mut(i)) {
            Some(slot) => *slot = shown,
            None => self.shown.push(shown),
        }
    }

    /// All candidates near the screen at all of their places, each with the label that already shows it.
    fn entries(&self, view: &View) -> Vec<Entry> {
        let mut by_identity: HashMap<&Identity, Vec<usize>> = HashMap::new();
        for (i, shown) in self.shown.iter().enumerate() {
            by_identity
                .entry(&shown.prepared.identity)
                .or_default()
                .push(i);
        }
        let mut claimed = vec![false; self.shown.len()];
        let mut entries = Vec::new();
        let tiles = self
            .visible
            .iter()
            .filter_map(|(key, wrap)| Some((self.tiles.get(key)?, *wrap)));
        let tiles = tiles.map(|(labels, wrap)| (labels, Some(wrap)));
        let areas = self.areas.values().map(|labels| (labels, None));
        for (labels, wrap) in tiles.chain(areas) {
            for prepared in labels {
                let wrap = wrap.unwrap_or_else(|| prepared.nearest_wrap(view.centre));
                let zoom = view.zoom as f32;
                if zoom < prepared.zooms[0] || zoom >= prepared.zooms[1] {
                    continue;
                }
                for &place in &prepared.places {
                    let at = prepared.world_at(place, wrap);
                    let [x, y] = view.screen_from_world(at);
                    let margin = f64::from(MARGIN_PX);
                    if x < -margin
                        || y < -margin
                        || x > view.width_px + margin
                        || y > view.height_px + margin
                    {
                        continue;
                    }
                    let known = by_identity
                        .get(&prepared.identity)
                        .map_or(&[][..], Vec::as_slice);
                    let slot = self.nearest(known, &claimed, view, [x, y]);
                    if let Some(slot) = slot {
                        claimed[slot] = true;
                    }
                    entries.push(Entry {
                        prepared: prepared.clone(),
                        place,
                        wrap,
                        at,
                        slot,
                    });
                }
            }
        }
        entries
    }

    /// Of labels with the same identity the nearest that no one has claimed, if it is near enough to be the same.
    fn nearest(
        &self,
        known: &[usize],
        claimed: &[bool],
        view: &View,
        screen: [f64; 2],
    ) -> Option<usize> {
        let distance = |i: usize| {
            let [x, y] = view.screen_from_world(self.shown[i].at);
            (x - screen[0]).hypot(y - screen[1])
        };
        let free = known
            .iter()
            .filter(|i| !claimed[**i])
            .map(|i| (distance(*i), *i));
        free.filter(|(d, _)| *d < SAME_LABEL_PX)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, i)| i)
    }

    /// Moves all opacities on to this time.
    fn fade(&mut self, now_ms: f64) {
        let step = ((now_ms - self.last_ms) / FADE_MS).clamp(0.0, 1.0) as f32;
        self.last_ms = now_ms;
        for shown in self.shown.iter_mut().filter(|s| s.is_fading()) {
            shown.text.fade(step);
            shown.icon.fade(step);
            self.stale = true;
        }
        self.shown.retain(Shown::is_there);
        self.fading = self.shown.iter().any(Shown::is_fading);
    }

    /// Shows every label as it is to be, without the rest of its fading.
    pub fn end_fading(&mut self) {
        for shown in self.shown.iter_mut().filter(|s| s.is_fading()) {
            shown.text.fade(1.0);
            shown.icon.fade(1.0);
            self.stale = true;
        }
        self.shown.retain(Shown::is_there);
        self.fading = false;
    }

    /// The quads for this view. `now_ms` as in [`LabelEngine::place`].
    ///
    /// Nothing is computed where neither the zoom nor a label has changed since the last frame.
    pub fn frame(
        &mut self,
        view: &View,
        metrics: &mut dyn GlyphMetrics,
        now_ms: f64,
    ) -> &LabelFrame {
        self.fade(now_ms);
        let same_zoom = (self.frame.zoom - view.zoom).abs() < 1e-9;
        // Positions are kept as offsets in `f32`, so a long pan needs a new origin at some time.
        let [dx, dy] = view.screen_from_world(self.frame.origin);
        let near = dx.abs() < 16_384.0 && dy.abs() < 16_384.0;
        if self.stale || !same_zoom || !near {
            self.stale = false;
            self.frame.origin = view.centre;
            self.frame.zoom = view.zoom;
            self.frame.glyphs.clear();
            for shown in &self.shown {
                self.waiting |= !quads::write(
                    shown,
                    view,
                    self.text_scale,
                    metrics,
                    &mut self.frame.glyphs,
                );
            }
        }
        self.frame.animating = self.fading;
        &self.frame
    }
}

impl Part {
    fn is_fading(self) -> bool {
        self.opacity < 1.0 && self.wanted || self.opacity > 0.0 && !self.wanted
    }

    fn is_there(self) -> bool {
        self.wanted || self.opacity > 0.0
    }

    fn fade(&mut self, step: f32) {
        let change = if self.wanted { step } else { -step };
        self.opacity = (self.opacity + change).clamp(0.0, 1.0);
    }
}

impl Shown {
    fn is_fading(&self) -> bool {
        self.text.is_fading() || self.icon.is_fading()
    }

    fn is_there(&self) -> bool {
        self.text.is_there() || self.icon.is_there()
    }

    /// Where the label's point lies.
    pub(super) fn at(&self) -> World {
        self.at
    }
}
