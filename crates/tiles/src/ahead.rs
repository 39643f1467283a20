//! Keeping the tiles of a street before anybody looks at them, so that the map is whole when the line to a tile
//! service is lost.
//!
//! It asks for one tile at a time, with a pause after each, not while somebody looks at the map, and only for what is
//! not kept yet; so a start that is cut off goes on at the next one where it stopped. What the service did not give is
//! asked for again until it has come, however long the line is down.

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
/// Pause before what failed is asked for again, so that a tile that never comes troubles the service rarely.
const ROUND_PAUSE: Duration = Duration::from_mins(30);

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Tiles of the street that are kept.
    pub kept: usize,
    /// Tiles of the street in all.
    pub of: usize,
    /// Whether some are left out for want of room in the cache, which are those of the deepest levels.
    pub lacks_room: bool,
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
pub(crate) fn tile_at(z: u8, lon: f64, lat: f64) -> (u32, u32) {
    let tiles = f64::from(1_u32 << z);
    let lat = lat.clamp(-85.0, 85.0).to_radians();
    let x = (lon + 180.0) / 360.0;
    let y = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0;
    let place = |share: f64| (share * tiles).clamp(0.0, tiles - 1.0) as u32;
    (place(x), place(y))
}

/// Asks the source for every tile of the bounds that is not kept, until all are that can be. `wait` sleeps and says
/// whether to go on; `tell` hears how far it is at the beginning, and after each round in which something came. Blocks
/// for minutes, or for as long as the line is down: give it a thread of its own.
pub fn keep_ahead(
    source: &dyn TileSource,
    bounds: Bounds,
    wait: &dyn Fn(Duration) -> bool,
    tell: &mut dyn FnMut(Kept),
) {
    let about = source.metadata();
    let tiles = cover(bounds, about.min_zoom, about.max_zoom);
    source.keep_street(&tiles);
    let is_missing = |(z, x, y): &(u8, u32, u32)| !source.is_kept(*z, *x, *y);
    let state = || Kept {
        kept: tiles.iter().filter(|tile| !is_missing(tile)).count(),
        of: tiles.len(),
        lacks_room: source.lacks_room(),
    };
    let mut wanted: Vec<_> = tiles.iter().copied().filter(is_missing).collect();
    if wanted.is_empty() {
        return;
    }
    tell(state());
    loop {
        let before = wanted.len();
        let goes_on = round(source, &mut wanted, wait);
        if wanted.len() < before {
            tell(state());
        }
        if !goes_on || wanted.is_empty() || !wait(ROUND_PAUSE) {
            return;
        }
    }
}

/// Asks for each tile once; what failed stays wanted. Says whether it is worth while to go on.
fn round(
    source: &dyn TileSource,
    wanted: &mut Vec<(u8, u32, u32)>,
    wait: &dyn Fn(Duration) -> bool,
) -> bool {
    let tiles = std::mem::take(wanted);
    for (index, (z, x, y)) in tiles.iter().copied().enumerate() {
        while source.is_asked() {
            if !wait(BUSY_PAUSE) {
                wanted.extend(&tiles[index..]);
                return false;
            }
        }
        // What the service gives and forbids to keep is not asked for again.
        let is_given = source.tile(z, x, y).is_ok();
        if !is_given {
            wanted.push((z, x, y));
        }
        let pause = if is_given { PAUSE } else { FAILURE_PAUSE };
        // Where there is no room for this one, there is none for those of deeper levels that follow.
        if source.lacks_room() || !wait(pause) {
            wanted.extend(&tiles[index + 1..]);
            return false;
        }
    }
    true
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
        /// A tile that never comes.
        broken: Option<(u8, u32, u32)>,
        busy: Mutex<u32>,
        /// How many tiles there is room for.
        room: usize,
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
                broken: None,
                busy: Mutex::default(),
                room: usize::MAX,
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
            let fails = *failing > 0 || self.broken == Some((z, x, y));
            *failing = failing.saturating_sub(1);
            if fails {
                return Err(TileError::NotAnArchive {
                    path: "service".into(),
                    found: "nothing",
                });
            }
            let mut kept = self.kept.lock().expect("kept");
            if kept.len() < self.room {
                kept.insert((z, x, y));
            }
            Ok(None)
        }

        fn is_kept(&self, z: u8, x: u32, y: u32) -> bool {
            self.kept.lock().expect("kept").contains(&(z, x, y))
        }

        fn lacks_room(&self) -> bool {
            self.kept.lock().expect("kept").len() >= self.room
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
        let state = |kept| Kept {
            kept,
            of,
            lacks_room: false,
        };
        assert_eq!(told, [state(1), state(of)]);
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
        let failed = [FAILURE_PAUSE, ROUND_PAUSE];
        assert_eq!(pauses[3..7], [failed, failed].concat());
        assert_eq!(pauses[7..], [PAUSE]);
    }

    #[test]
    fn what_did_not_come_is_asked_for_again_until_the_line_is_back() {
        let service = TileServer::new(13);
        let all = cover(STREET, 1, 13);
        let of = all.len();
        let failures = 3 * of + of / 2;
        *service.failing.lock().expect("failing") = failures as u32;
        let (pauses, told) = run(&service, usize::MAX);
        let count = |wanted| pauses.iter().filter(|pause| **pause == wanted).count();
        assert_eq!(
            (count(FAILURE_PAUSE), count(ROUND_PAUSE), count(PAUSE)),
            (failures, 4, of)
        );
        let kept: Vec<usize> = told.iter().map(|told| told.kept).collect();
        assert_eq!(kept, [0, of - of / 2, of], "nothing is said in vain");
    }

    #[test]
    fn a_tile_that_never_comes_costs_no_other_and_is_asked_for_rarely() {
        let mut service = TileServer::new(12);
        let all = cover(STREET, 1, 12);
        service.broken = Some(all[0]);
        let (pauses, told) = run(&service, all.len() + 5);
        assert_eq!(told.last().expect("told").kept, all.len() - 1);
        let rounds = [ROUND_PAUSE, FAILURE_PAUSE, ROUND_PAUSE, FAILURE_PAUSE];
        assert_eq!(pauses[all.len()..][..4], rounds);
    }

    #[test]
    fn without_room_it_stops_and_says_so() {
        let mut service = TileServer::new(13);
        service.room = 5;
        let (_, told) = run(&service, usize::MAX);
        assert_eq!(service.asked(), 5);
        let of = cover(STREET, 1, 13).len();
        let last = Kept {
            kept: 5,
            of,
            lacks_room: true,
        };
        assert_eq!(told[1..], [last]);
    }
}
