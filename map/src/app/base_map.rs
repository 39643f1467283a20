//! The base map: its style, its source, its tiles.
//!
//! Another style makes all tiles anew. Until those of the view are there, the picture stays as it was:
//! the tiles, labels, icons and the background of the style before.

use std::sync::Arc;

use map_core::{
    cover::ZoomRange, labels::SymbolCandidate, projection::TileId, style::Style,
    tessellate::TileKey,
};
use map_protocol::{ProblemKind, ProblemLevel, SpriteSheet};

use super::StreetMap;
use crate::{
    budget::MemoryBudget,
    layers::Scene,
    tiles::{Freed, TileAnswer, TileRequest, TileSource, TileStore},
};

/// A style that draws nothing, as JSON.
const EMPTY_STYLE: &str = r#"{"version": 8, "layers": []}"#;

/// What belongs to a style whose tiles are not shown yet.
#[derive(Debug, Default)]
pub struct Upcoming {
    symbols: Vec<(TileKey, Vec<SymbolCandidate>)>,
    sprites: Option<Vec<SpriteSheet>>,
}

impl StreetMap {
    /// Holds no more than these limits from now on; the tiles that are held come anew.
    pub fn set_budget(&mut self, budget: MemoryBudget) {
        self.budget = budget;
        let source = self.tiles.source().clone();
        self.renew_tiles(source);
    }

    pub(super) fn set_style(&mut self, json: &str) {
        match Style::from_json(json) {
            Ok(style) => {
                for warning in &style.warnings {
                    self.warn(ProblemKind::Style, format!("style: {warning}"));
                }
                if style.layers.len() > crate::parcel::MAX_STYLE_LAYERS {
                    self.warn(ProblemKind::Style, format!(
                        "the style has {} layers, of which the last ones are not drawn; merge layers until there are {}",
                        style.layers.len(),
                        crate::parcel::MAX_STYLE_LAYERS
                    ));
                }
                self.style = Arc::new(style);
                self.yard.set_style(json);
            }
            Err(error) => {
                self.style = Arc::new(Style::empty());
                self.yard.set_style(EMPTY_STYLE);
                self.tell(ProblemLevel::Error, ProblemKind::Style, error.to_string());
            }
        }
        self.tiles.restyle();
        self.tiles.expect_pictures(self.style.picture_tile_px());
        self.upcoming.symbols.clear();
        self.changed.view = true;
        if self.tiles.shows_former() {
            if let Some(scene) = self.engine.resource_mut::<Scene>() {
                scene.base_map.retire();
            }
        } else {
            if let Some(scene) = self.engine.resource_mut::<Scene>() {
                scene.base_map.clear();
            }
            self.show_style();
        }
    }

    /// Shows the style's own tiles as soon as nothing is lost by it; answers whether that is now.
    pub(super) fn turn_over(&mut self) -> bool {
        let turns = self.tiles.turn_over();
        if turns {
            self.show_style();
        }
        turns
    }

    fn show_style(&mut self) {
        self.shown_style = self.style.clone();
        if let Some(scene) = self.engine.resource_mut::<Scene>() {
            scene.base_map.show_own();
        }
        self.labels.restyle();
        for (key, symbols) in self.upcoming.symbols.drain(..) {
            self.labels.set_tile(key, symbols);
        }
        if let Some(sheets) = self.upcoming.sprites.take() {
            self.show_sprites(&sheets);
        }
        self.changed.ground = true;
        self.changed.labels = true;
    }

    /// Takes the icons of the style.
    pub(super) fn set_sprites(&mut self, sheets: Vec<SpriteSheet>) {
        if self.tiles.shows_former() {
            self.upcoming.sprites = Some(sheets);
        } else {
            self.show_sprites(&sheets);
        }
    }

    /// Takes the labels of a tile of the style.
    pub(super) fn set_symbols(&mut self, key: TileKey, symbols: Vec<SymbolCandidate>) {
        if self.tiles.shows_former() {
            self.upcoming.symbols.push((key, symbols));
        } else {
            self.labels.set_tile(key, symbols);
        }
    }

    pub(super) fn set_source(&mut self, url: String, min: u8, max: u8) {
        let max = max.min(TileId::MAX_ZOOM);
        let source = TileSource {
            url,
            zooms: ZoomRange {
                min: min.min(max),
                max,
            },
        };
        if *self.tiles.source() != source {
            self.renew_tiles(source);
        }
    }

    fn renew_tiles(&mut self, source: TileSource) {
        self.yard.abandon();
        if let Some(scene) = self.engine.resource_mut::<Scene>() {
            scene.base_map.clear();
        }
        self.labels.clear_tiles();
        self.upcoming.symbols.clear();
        let shows_former = self.tiles.shows_former();
        self.tiles = TileStore::new(source, self.budget);
        self.tiles.expect_pictures(self.style.picture_tile_px());
        self.changed.view = true;
        if shows_former {
            self.show_style();
        }
    }

    pub(super) fn free(&mut self, freed: &Freed) {
        let symbols = &mut self.upcoming.symbols;
        symbols.retain(|(key, _)| !freed.tiles.contains(key));
        let shown = if self.tiles.shows_former() {
            &freed.former
        } else {
            &freed.tiles
        };
        for key in shown {
            self.labels.remove_tile(*key);
        }
        if let Some(scene) = self.engine.resource_mut::<Scene>() {
            for key in &freed.tiles {
                scene.base_map.remove(*key);
            }
            for key in &freed.former {
                scene.base_map.remove_former(*key);
            }
        }
    }

    /// The next tile to be fetched, if there is one now.
    pub fn next_tile_request(&mut self, now_ms: f64) -> Option<TileRequest> {
        self.tiles.next_request(now_ms)
    }

    /// Takes the answer to a tile request.
    pub fn tile_arrived(&mut self, id: u32, answer: TileAnswer, now_ms: f64) {
        self.changed.anything = true;
        if let Some(text) = self.tiles.arrived(id, answer, now_ms) {
            self.warn(ProblemKind::Content, text);
        }
    }

    /// When failed tiles are to be asked for again; call [`StreetMap::next_tile_request`] then.
    pub fn retry_at_ms(&self) -> Option<f64> {
        self.tiles.retry_at_ms()
    }
}
