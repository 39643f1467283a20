//! Keeping the tiles of a street before anybody looks at them, so that the map is whole when the line to a tile
//! service is lost.
//!
//! It asks for one tile at a time, with a pause after each, not while somebody looks at the map, and only for what is
//! not kept yet; so a start that is cut off goes on at the next one where it stopped.

use std::time::Duration;

use crate::{Bounds, TileSource};

/// The first level that is kept ahead; the few tiles above it are there from any look at the street.
const FIRST_LEVEL: u8 = 9;
/// The last level: deeper ones have four times the tiles each, and the map enlarges what it has.
const LAST_LEVEL: u8 = 18;
/// Levels that would bring the number of tiles beyond this are left out. A street of 10 km² has about 1,200 tiles
/// down to level 18; a service that is asked for more in one go may take it for a raid.
pub const MOST_TILES: usize = 4_000;
/// Pause after each tile that was asked for.
const PAUSE: Duration = Duration::from_millis(250);
/// Pause while somebody looks at the map.
const BUSY_PAUSE: Duration = Duration::from_secs(2);
/// Pause after a failure; the service rests for a minute at most.
const FAILURE_PAUSE: Duration = Duration::from_mins(1);
/// After so many failures of one tile it is left to the next start.
const TRIES: u32 = 5;

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Tiles of the street that are kept.
    pub kept: usize,
    /// Tiles of the street in all.
    pub of: usize,
}

impl Kept {
    /// Whether nothing is missing.
    pub const fn is_whole(self) -> bool {
        self.kept == self.of
    }
}

/// The tiles that cover the bounds, the shallowest level first; whole levels, as many as fit.
pub fn cover(bounds: Bounds, min_zoom: u8, max_zoom: u8) -> Vec<(u8, u32, u32)> {
    let mut tiles = Vec::new();
    for z in min_zoom.max(FIRST_LEVEL)..=max_zoom.min(LAST_LEVEL) {
        let (west, north) = tile_at(z, bounds.west, bounds.north);
        let (east, south) = tile_at(z, bounds.east, bounds.south);
        let count = u64::from(east - west + 1) * u64::from(south - north + 1);
        if tiles.len() as u64 + count > MOST_TILES as u64 {
            break;
        }
        tiles.extend((north..=south).flat_map(|y| (west..=east).map(move |x| (z, x, y))));
    }
    tiles
}

/// The tile that holds a point, in web Mercator.
fn tile_at(z: u8, lon: f64, lat: f64) -> (u32, u32) {
    let tiles = f64::from(1_u32 << z);
    let lat = lat.clamp(-85.0, 85.0).to_radians();
    let x = (lon + 180.0) / 360.0;
    let y = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0;
    let place = |share: f64| (share * tiles).clamp(0.0, tiles - 1.0) as u32;
    (place(x), place(y))
}

/// Asks the source for every tile of the bounds that is not kept. `wait` sleeps and says whether to go on; `tell`
/// hears how far it is at the beginning and the end. Blocks for minutes: give it a thread of its own.
pub fn keep_ahead(
    source: &dyn TileSource,
    bounds: Bounds,
    wait: &dyn Fn(Duration) -> bool,
    tell: &mut dyn FnMut(Kept),
) {
    let about = source.metadata();
    let tiles = cover(bounds, about.min_zoom, about.max_zoom);
    let missing: Vec<_> = tiles
        .iter()
        .copied()
        .filter(|(z, x, y)| !source.is_kept(*z, *x, *y))
        .collect();
    if missing.is_empty() {
        return;
    }
    let of = tiles.len();
    let mut kept = of - missing.len();
    tell(Kept { kept, of });
    for tile in missing {
        match keep(source, tile, wait) {
            Some(is_kept) => kept += usize::from(is_kept),
            None => break,
        }
    }
    tell(Kept { kept, of });
}

/// Whether the tile is kept now; `None` where it is time to stop.
fn keep(
    source: &dyn TileSource,
    (z, x, y): (u8, u32, u32),
    wait: &dyn Fn(Duration) -> bool,
) -> Option<bool> {
    for _ in 0..TRIES {
        while source.is_asked() {
            if !wait(BUSY_PAUSE) {
                return None;
            }
        }
        let pause = match source.tile(z, x, y) {
            Ok(_) => PAUSE,
            Err(_) => FAILURE_PAUSE,
        };
        if !wait(pause) {
            return None;
        }
        if pause == PAUSE {
            // A service that says that nothing may be kept is not asked again for it.
            return Some(source.is_kept(z, x, y));
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::HashSet;
    use std::sync::Mutex;

    use bytes::Bytes;

    use super::*;
    use crate::TileError;
    use crate::metadata::{Metadata, Schema, TileFormat};

    const STREET: Bounds = Bounds {
        west: 104.08,
        south: 30.64,
        east: 104.12,
        north: 30.68,
    };

    struct TileServer {
        about: Metadata,
        kept: Mutex<HashSet<(u8, u32, u32)>>,
        asked: Mutex<Vec<(u8, u32, u32)>>,
        failing: Mutex<u32>,
        busy: Mutex<u32>,
    }

    impl TileServer {
        fn new(max_zoom: u8) -> Self {
            Self {
                about: Metadata {
                    name: "service".to_owned(),
                    format: TileFormat::Png,
                    min_zoom: 1,
                    max_zoom,
                    bounds: None,
                    centre: None,
                    schema: Schema::Unknown,
                    attribution: String::new(),
                    layers: Vec::new(),
                },
                kept: Mutex::default(),
                asked: Mutex::default(),
                failing: Mutex::default(),
                busy: Mutex::default(),
            }
        }

        fn asked(&self) -> usize {
            self.asked.lock().expect("asked").len()
        }
    }

    impl TileSource for TileServer {
        fn metadata(&self) -> &Metadata {
            &self.about
        }

        fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Bytes>, TileError> {
            self.asked.lock().expect("asked").push((z, x, y));
            let mut failing = self.failing.lock().expect("failing");
            if *failing > 0 {
                *failing -= 1;
                return Err(TileError::NotAnArchive {
                    path: "service".into(),
                    found: "nothing",
                });
            }
            self.kept.lock().expect("kept").insert((z, x, y));
            Ok(None)
        }

        fn is_kept(&self, z: u8, x: u32, y: u32) -> bool {
            self.kept.lock().expect("kept").contains(&(z, x, y))
        }

        fn is_asked(&self) -> bool {
            let mut busy = self.busy.lock().expect("busy");
            let is_busy = *busy > 0;
            *busy = busy.saturating_sub(1);
            is_busy
        }
    }

    /// Runs it with so many pauses; gives the pauses and what was told.
    fn run(service: &TileServer, most_pauses: usize) -> (Vec<Duration>, Vec<Kept>) {
        let pauses = RefCell::new(Vec::new());
        let left = Cell::new(most_pauses);
        let wait = |pause| {
            pauses.borrow_mut().push(pause);
            left.set(left.get().saturating_sub(1));
            left.get() > 0
        };
        let mut told = Vec::new();
        keep_ahead(service, STREET, &wait, &mut |kept| told.push(kept));
        (pauses.into_inner(), told)
    }

    #[test]
    fn the_cover_holds_the_corners_on_every_level_and_is_bounded() {
        let tiles = cover(STREET, 1, 18);
        assert!(tiles.len() <= MOST_TILES);
        let levels: HashSet<u8> = tiles.iter().map(|(z, ..)| *z).collect();
        assert_eq!(
            levels.len(),
            10,
            "levels 9 to 18 of a street of 17 km²: {}",
            tiles.len()
        );
        for z in 9..=18 {
            for (lon, lat) in [(104.08, 30.68), (104.12, 30.64), (104.1, 30.66)] {
                let (x, y) = tile_at(z, lon, lat);
                assert!(tiles.contains(&(z, x, y)), "{z}/{x}/{y}");
            }
        }
        let country = Bounds {
            west: 73.0,
            south: 18.0,
            east: 135.0,
            north: 54.0,
        };
        let tiles = cover(country, 1, 18);
        assert!(tiles.len() <= MOST_TILES, "{}", tiles.len());
        assert_eq!(cover(STREET, 1, 5), []);
        // 104.1° east and 30.66° north on level 14, as every slippy map has it.
        assert_eq!(tile_at(14, 104.1, 30.66), (12_929, 6_724));
    }

    #[test]
    fn every_missing_tile_is_asked_for_once_with_a_pause_and_what_is_kept_is_not() {
        let service = TileServer::new(15);
        let all = cover(STREET, 1, 15);
        service.kept.lock().expect("kept").insert(all[0]);
        let (pauses, told) = run(&service, usize::MAX);
        assert_eq!(service.asked(), all.len() - 1);
        assert_eq!(pauses, vec![PAUSE; all.len() - 1]);
        let of = all.len();
        assert_eq!(told, [Kept { kept: 1, of }, Kept { kept: of, of }]);
        assert!(told[1].is_whole());
        let (_, told) = run(&service, usize::MAX);
        assert_eq!(told, [], "at the next start nothing is left to do");
        assert_eq!(service.asked(), of - 1);
    }

    #[test]
    fn what_was_cut_off_goes_on_where_it_stopped() {
        let service = TileServer::new(15);
        let of = cover(STREET, 1, 15).len();
        let (_, told) = run(&service, 5);
        assert_eq!(service.asked(), 5);
        assert!(!told[1].is_whole());
        run(&service, usize::MAX);
        assert_eq!(service.asked(), of, "nothing was asked for twice");
    }

    #[test]
    fn it_waits_while_somebody_looks_and_rests_after_failures() {
        let service = TileServer::new(9);
        *service.busy.lock().expect("busy") = 3;
        *service.failing.lock().expect("failing") = 2;
        let (pauses, _) = run(&service, usize::MAX);
        assert_eq!(pauses[..3], [BUSY_PAUSE; 3]);
        assert_eq!(pauses[3..5], [FAILURE_PAUSE; 2]);
        assert_eq!(pauses[5], PAUSE);
    }

    #[test]
    fn a_tile_that_never_comes_is_left_to_the_next_start() {
        let service = TileServer::new(9);
        *service.failing.lock().expect("failing") = u32::MAX;
        let (pauses, told) = run(&service, usize::MAX);
        let tiles = cover(STREET, 1, 9).len();
        assert_eq!(pauses, vec![FAILURE_PAUSE; tiles * TRIES as usize]);
        assert_eq!(told[1].kept, 0);
    }
}
