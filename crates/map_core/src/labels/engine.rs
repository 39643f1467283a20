//! The engine: keeps candidates, decides which labels are shown, remembers them from placement to placement.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::collision::{MARGIN_PX, ScreenBox, TakenBoxes, overlap};
use super::prepared::{Identity, Prepared, prepare_area, prepare_symbol};
use super::quads;
use super::{AreaLabel, GlyphMetrics, LabelFrame, SymbolCandidate};
use crate::projection::{View, World};
use crate::tessellate::TileKey;

/// How long a label takes to appear or go.
const FADE_MS: f64 = 250.0;

/// Two labels of the same text and layer closer than this are taken for the same one, e.g. from two zooms.
const SAME_LABEL_PX: f64 = 48.0;

/// A label that is shown, or that is going.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) prepared: Arc<Prepared>,
    pub(super) place: f64,
    pub(super) wrap: i32,
    at: World,
    wanted: bool,
    pub(super) opacity: f32,
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

    /// Forgets all candidates and all labels, for a new style; the text scale stays.
    pub fn clear(&mut self) {
        *self = Self {
            text_scale: self.text_scale,
            ..Self::default()
        };
    }

    /// Whether candidates or visibility changed since the last placement, or glyphs were missing then.
    pub fn needs_placement(&self) -> bool {
        self.changed || self.waiting
    }

    /// The texts that are shown now, those that are going left out, in the order in which they are drawn.
    pub fn shown_texts(&self) -> impl Iterator<Item = &str> {
        self.shown
            .iter()
            .filter(|s| s.wanted)
            .map(|s| &*s.prepared.text)
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
            shown.wanted = false;
        }
        let mut taken = TakenBoxes::new(view.width_px, view.height_px);
        let mut placed: HashMap<Identity, Vec<[f64; 2]>> = HashMap::new();
        for entry in entries {
            self.place_one(entry, view, metrics, &mut taken, &mut placed);
        }
        self.shown.retain(|s| s.wanted || s.opacity > 0.0);
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
        let apart = if prepared.along_line() && prepared.spacing_px.is_finite() {
            f64::from(prepared.spacing_px) * 0.6
        } else {
            SAME_LABEL_PX
        };
        if same
            .iter()
            .any(|p| (p[0] - screen[0]).hypot(p[1] - screen[1]) < apart)
        {
            return;
        }
        let Some(boxes) = boxes(&entry, view, self.text_scale) else {
            return;
        };
        if !prepared.allow_overlap && !boxes.iter().all(|b| taken.is_free(b)) {
            return;
        }
        if !prepared.ignore_placement {
            for b in &boxes {
                taken.take(*b);
            }
        }
        placed
            .entry(prepared.identity.clone())
            .or_default()
            .push(screen);
        let Entry {
            prepared,
            place,
            wrap,
            at,
            slot,
        } = entry;
        let opacity = slot
            .and_then(|i| self.shown.get(i))
            .map_or(0.0, |s| s.opacity);
        let shown = Shown {
            prepared,
            place,
            wrap,
            at,
            wanted: true,
            opacity,
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
        let areas = self.areas.values().map(|labels| (labels, 0));
        for (labels, wrap) in tiles.chain(areas) {
            for prepared in labels {
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
            let change = if shown.wanted { step } else { -step };
            shown.opacity = (shown.opacity + change).clamp(0.0, 1.0);
            self.stale = true;
        }
        self.shown.retain(|s| s.wanted || s.opacity > 0.0);
        self.fading = self.shown.iter().any(Shown::is_fading);
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

impl Shown {
    fn is_fading(&self) -> bool {
        self.opacity < 1.0 && self.wanted || self.opacity > 0.0 && !self.wanted
    }

    /// Where a label at a point stands.
    pub(super) fn at(&self) -> World {
        self.at
    }
}

/// The boxes that a label needs on the screen, or `None` where it cannot stand there.
fn boxes(entry: &Entry, view: &View, text_scale: f32) -> Option<Vec<ScreenBox>> {
    let prepared = &entry.prepared;
    let set = prepared.set_already()?;
    let size = prepared.size_px(view.zoom) * text_scale;
    let padding = prepared.style.padding_px;
    if f64::from(set.width * size) > prepared.room * view.world_size_px() || size <= 0.0 {
        return None;
    }
    let origin = view.world_from_screen([0.0, 0.0]);
    let canvas = [
        -MARGIN_PX,
        -MARGIN_PX,
        view.width_px as f32 + MARGIN_PX,
        view.height_px as f32 + MARGIN_PX,
    ];
    let boxes: Vec<ScreenBox> = if prepared.along_line() {
        let path = prepared.pixel_path(origin, entry.wrap, view.world_size_px());
        let centre = path.length() * entry.place as f32;
        let glyphs = path.set(set, size, centre, prepared.max_angle_deg)?;
        let half = size * 0.55 + padding;
        glyphs
            .iter()
            .map(|g| {
                [
                    g.centre[0] - half,
                    g.centre[1] - half,
                    g.centre[0] + half,
                    g.centre[1] + half,
                ]
            })
            .collect()
    } else {
        let at = view.screen_from_world(entry.at).map(|v| v as f32);
        let [left, top, right, bottom] = set.bounds.map(|v| v * size);
        vec![[
            at[0] + left - padding,
            at[1] + top - padding,
            at[0] + right + padding,
            at[1] + bottom + padding,
        ]]
    };
    boxes.iter().any(|b| overlap(b, &canvas)).then_some(boxes)
}
