//! Which tiles a view needs, and what to draw while some of them are missing.

use crate::projection::{TileId, View};
use crate::tessellate::TileKey;

/// A tile to be drawn, in the place where it stands on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CoverTile {
    /// What to fetch and tessellate.
    pub key: TileKey,
    /// How many worlds to the east of the main one it is drawn (views across the 180th meridian): add this to the
    /// tile's world `x`.
    pub wrap: i32,
}

/// The tiles that cover a view, nearest to the middle first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TileCover {
    /// Each once.
    pub tiles: Vec<CoverTile>,
}

/// What a source has, as far as the cover needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoomRange {
    /// The first zoom with tiles.
    pub min: u8,
    /// The last zoom with tiles; beyond it its tiles are drawn larger.
    pub max: u8,
}

impl TileCover {
    /// The most tiles that one view asks for. A 7680×2160 canvas needs about 90.
    pub const MAX_TILES: usize = 1024;

    /// The tiles for a view. Below the source's first zoom there are none.
    pub fn of_view(view: &View, zooms: ZoomRange) -> Self {
        let display_zoom = (view.zoom.floor() as u8).min(TileId::MAX_ZOOM);
        if display_zoom < zooms.min {
            return Self::default();
        }
        Self::at(view, display_zoom.min(zooms.max), display_zoom)
    }

    /// The picture tiles for a view: those of the zoom at which a tile, meant to be `tile_px` CSS pixels wide, comes
    /// nearest to that width. Nothing in a picture depends on the zoom, so each tile has one key only.
    pub fn of_pictures(view: &View, zooms: ZoomRange, tile_px: u16) -> Self {
        let finer = (512.0 / f64::from(tile_px.max(1))).log2();
        let zoom = ((view.zoom + finer).round() as u8).min(TileId::MAX_ZOOM);
        if zoom < zooms.min {
            return Self::default();
        }
        let z = zoom.min(zooms.max);
        Self::at(view, z, z)
    }

    /// The tiles of zoom `z` that a view shows, made for `display_zoom`.
    fn at(view: &View, z: u8, display_zoom: u8) -> Self {
        let z = z.min(TileId::MAX_ZOOM);
        let columns = 1_i64 << z;
        let n = columns as f64;
        let rect = view.world_rect();
        let first_row = ((rect.min.y * n).floor() as i64).clamp(0, columns - 1);
        let last_row = ((rect.max.y * n).ceil() as i64 - 1).clamp(0, columns - 1);
        let first_column = (rect.min.x * n).floor() as i64;
        let last_column = ((rect.max.x * n).ceil() as i64 - 1).max(first_column);
        let mut tiles = Vec::new();
        for y in first_row..=last_row {
            for x in first_column..=last_column {
                let tile = TileId {
                    z,
                    x: x.rem_euclid(columns) as u32,
                    y: y as u32,
                };
                let away =
                    (x as f64 + 0.5 - view.centre.x * n).hypot(y as f64 + 0.5 - view.centre.y * n);
                let wrap = x.div_euclid(columns) as i32;
                tiles.push((
                    away,
                    CoverTile {
                        key: TileKey { tile, display_zoom },
                        wrap,
                    },
                ));
            }
        }
        tiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        tiles.truncate(Self::MAX_TILES);
        Self {
            tiles: tiles.into_iter().map(|(_, t)| t).collect(),
        }
    }
}

/// One tile to draw: which buckets, and the part of the screen that they may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawTile {
    /// Buckets that are there.
    pub key: TileKey,
    /// The tile whose rectangle is the scissor: the key's own tile, or a smaller one that the key's tile stands in for.
    pub clip: TileId,
    /// As [`CoverTile::wrap`].
    pub wrap: i32,
}

/// What to draw for a cover when only some tiles are there: each tile itself, else the same tile made for another
/// display zoom, else what there is of its children and grandchildren, and for the rest the nearest ancestor. No place
/// is drawn twice, as the clips never overlap.
pub fn resolve(cover: &TileCover, available: &dyn Fn(TileKey) -> bool) -> Vec<DrawTile> {
    let mut draws = Vec::with_capacity(cover.tiles.len());
    for wanted in &cover.tiles {
        let mut fallback = Fallback {
            available,
            wrap: wanted.wrap,
            ancestor: None,
            draws: &mut draws,
        };
        if let Some(key) = fallback.any_made_of(wanted.key) {
            fallback.draw(key, wanted.key.tile);
            continue;
        }
        let mut up = wanted.key.tile;
        while up.z > 0 && fallback.ancestor.is_none() {
            up = up.parent();
            fallback.ancestor = fallback.any_made_of(TileKey {
                tile: up,
                display_zoom: up.z,
            });
        }
        fallback.fill(wanted.key.tile, 0);
    }
    draws
}

/// The search for what can stand in for one missing tile.
struct Fallback<'a> {
    available: &'a dyn Fn(TileKey) -> bool,
    wrap: i32,
    ancestor: Option<TileKey>,
    draws: &'a mut Vec<DrawTile>,
}

impl Fallback<'_> {
    /// How many levels below a missing tile are looked at.
    const LEVELS_DOWN: u8 = 2;

    fn draw(&mut self, key: TileKey, clip: TileId) {
        self.draws.push(DrawTile {
            key,
            clip,
            wrap: self.wrap,
        });
    }

    /// The buckets of this tile made for the nearest display zoom.
    fn any_made_of(&self, wanted: TileKey) -> Option<TileKey> {
        let at = |display_zoom: u8| TileKey {
            display_zoom,
            ..wanted
        };
        (0..=TileId::MAX_ZOOM).find_map(|step| {
            let below = wanted
                .display_zoom
                .checked_sub(step)
                .filter(|d| *d >= wanted.tile.z)
                .map(at);
            let above = Some(wanted.display_zoom + step)
                .filter(|d| *d <= TileId::MAX_ZOOM)
                .map(at);
            [below, above]
                .into_iter()
                .flatten()
                .find(|key| (self.available)(*key))
        })
    }

    fn own(&self, tile: TileId) -> Option<TileKey> {
        self.any_made_of(TileKey {
            tile,
            display_zoom: tile.z,
        })
    }

    fn has_below(&self, tile: TileId, level: u8) -> bool {
        level < Self::LEVELS_DOWN
            && tile.z < TileId::MAX_ZOOM
            && tile
                .children()
                .into_iter()
                .any(|c| self.own(c).is_some() || self.has_below(c, level + 1))
    }

    fn fill(&mut self, tile: TileId, level: u8) {
        if level > 0
            && let Some(key) = self.own(tile)
        {
            self.draw(key, tile);
        } else if self.has_below(tile, level) {
            for child in tile.children() {
                self.fill(child, level + 1);
            }
        } else if let Some(key) = self.ancestor {
            self.draw(key, tile);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::projection::{LonLat, World};

    const ZOOMS: ZoomRange = ZoomRange { min: 0, max: 14 };

    fn key(z: u8, x: u32, y: u32) -> TileKey {
        TileKey {
            tile: TileId { z, x, y },
            display_zoom: z,
        }
    }

    proptest! {
        #[test]
        fn every_visible_point_lies_in_a_tile(
            lon in -180.0..180.0f64, lat in -84.0..84.0f64, zoom in 0.0..20.0f64,
            w in 1.0..4000.0f64, h in 1.0..2500.0f64, fx in 0.0..1.0f64, fy in 0.0..1.0f64,
        ) {
            let view = View::new(LonLat::new(lon, lat), zoom, w, h, 1.0);
            let cover = TileCover::of_view(&view, ZOOMS);
            let p = view.world_from_screen([fx * w, fy * h]);
            prop_assume!((0.0..1.0).contains(&p.y));
            let covered = cover.tiles.iter().any(|t| {
                let rect = t.key.tile.rect();
                rect.contains(World::new(p.x - f64::from(t.wrap), p.y))
            });
            prop_assert!(covered, "{p:?} of {view:?}");
            let distinct: HashSet<_> = cover.tiles.iter().collect();
            prop_assert_eq!(distinct.len(), cover.tiles.len());
        }

        #[test]
        fn what_stands_in_never_overlaps_and_lies_in_the_wanted_tile(
            have in prop::collection::hash_set((8u8..14, 0u32..4, 0u32..4), 0..60)
        ) {
            let have: HashSet<TileKey> =
                have.into_iter().map(|(z, x, y)| key(z, (100 << (z - 8)) + x, (100 << (z - 8)) + y)).collect();
            let wanted = key(11, 800, 800);
            let cover = TileCover { tiles: vec![CoverTile { key: wanted, wrap: 0 }] };
            let draws = resolve(&cover, &|k| have.contains(&k));
            for (i, a) in draws.iter().enumerate() {
                prop_assert!(have.contains(&a.key));
                prop_assert!(wanted.tile.contains(a.clip));
                prop_assert!(a.key.tile.contains(a.clip));
                for b in &draws[i + 1..] {
                    prop_assert!(!a.clip.contains(b.clip) && !b.clip.contains(a.clip));
                }
            }
            let ancestor = (8..11).any(|z| have.contains(&key(z, wanted.tile.at_zoom(z).x, wanted.tile.at_zoom(z).y)));
            if ancestor {
                let area: f64 = draws.iter().map(|d| 0.25f64.powi(i32::from(d.clip.z) - 11)).sum();
                prop_assert!((area - 1.0).abs() < 1e-9, "the whole tile is covered: {}", area);
            }
        }
    }

    #[test]
    fn beyond_the_deepest_zoom_its_tiles_are_drawn_larger() {
        let view = View::new(LonLat::new(11.25, 43.77), 18.4, 1920.0, 1080.0, 1.0);
        let cover = TileCover::of_view(&view, ZOOMS);
        assert!((1..=4).contains(&cover.tiles.len()));
        assert!(
            cover
                .tiles
                .iter()
                .all(|t| t.key.tile.z == 14 && t.key.display_zoom == 18)
        );
    }

    #[test]
    fn the_same_tile_for_another_display_zoom_stands_in_first() {
        let tile = TileId { z: 14, x: 5, y: 6 };
        let wanted = TileKey {
            tile,
            display_zoom: 17,
        };
        let other = TileKey {
            tile,
            display_zoom: 16,
        };
        let cover = TileCover {
            tiles: vec![CoverTile {
                key: wanted,
                wrap: 0,
            }],
        };
        let draws = resolve(&cover, &|k| k == other || k.tile == tile.parent());
        assert_eq!(
            draws,
            [DrawTile {
                key: other,
                clip: tile,
                wrap: 0
            }]
        );
    }

    #[test]
    fn pictures_are_taken_from_the_zoom_at_which_they_are_seen_as_meant() {
        let at = |zoom: f64, tile_px: u16| {
            let view = View::new(LonLat::new(104.1, 30.66), zoom, 1000.0, 600.0, 1.0);
            let zooms = ZoomRange { min: 3, max: 18 };
            let tiles = TileCover::of_pictures(&view, zooms, tile_px).tiles;
            assert!(tiles.iter().all(|t| t.key.display_zoom == t.key.tile.z));
            tiles.first().map(|t| t.key.tile.z)
        };
        assert_eq!(at(12.0, 512), Some(12));
        assert_eq!(at(12.0, 256), Some(13), "half as wide, so of the next zoom");
        assert_eq!((at(12.4, 256), at(12.6, 256)), (Some(13), Some(14)));
        assert_eq!(
            at(19.0, 256),
            Some(18),
            "beyond the deepest they are enlarged"
        );
        assert_eq!((at(1.4, 256), at(1.6, 256)), (None, Some(3)));
        assert_eq!(at(12.0, 0), Some(18), "a width of nothing is taken for one");
    }

    #[test]
    fn the_wall_of_walls_needs_few_tiles() {
        let view = View::new(LonLat::new(104.1, 30.66), 12.0, 7680.0, 2160.0, 1.0);
        let count = TileCover::of_view(&view, ZOOMS).tiles.len();
        assert!((75..=96).contains(&count), "{count}");
    }

    #[test]
    fn across_the_date_line_the_neighbouring_world_is_used() {
        let view = View::new(LonLat::new(179.99, 0.0), 5.0, 1000.0, 600.0, 1.0);
        let wraps: HashSet<i32> = TileCover::of_view(&view, ZOOMS)
            .tiles
            .iter()
            .map(|t| t.wrap)
            .collect();
        assert_eq!(wraps, HashSet::from([0, 1]));
    }
}
