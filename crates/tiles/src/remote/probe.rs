//! Whether a source answers and what its tiles are, found out before the map is shown.
//!
//! A national service has a tile in the middle of the country, a city's own server only over the city. So it is asked
//! first where a tile of it is kept, then where the street lies if that is known, and only then in the middle of the
//! country. A refusal at a place tells nothing of other places: such a source is shown all the same.

use super::cache::Tile;
use super::error::RemoteError;
use super::{Bounds, RemoteTiles};
use crate::ahead::tile_at;

/// The level on which the street is asked for: about the deepest that vector tiles have.
const STREET_ZOOM: u8 = 14;

/// How [`RemoteTiles::probe`] found the source.
#[derive(Debug)]
pub enum Found {
    /// It answers.
    Answering,
    /// It gave no tile where it was asked, so that only what is kept can be shown until it gives one: tiles from
    /// before, or none yet where the source answers but refused.
    KeptOnly(RemoteError),
}

impl RemoteTiles {
    /// Names the street's bounds, for [`RemoteTiles::probe`].
    pub fn expect_street(&mut self, bounds: Bounds) {
        self.street = Some(bounds);
    }

    /// Asks for a tile, or for up to three where the first are not there, to see whether the source answers and what
    /// its tiles are. Blocks, outside of async code.
    ///
    /// # Errors
    ///
    /// When the source gives no tile, for a reason that holds everywhere, and none is kept.
    pub fn probe(&mut self) -> Result<Found, RemoteError> {
        let fingerprint = self.line.template.fingerprint();
        let newest = self.cache.newest(fingerprint, self.now_s());
        let mut is_known_empty = false;
        let mut refusal = None;
        for (z, x, y) in self.probed(newest.as_ref().map(|(tile, _)| *tile)) {
            let kept = self.cache.get(self.address(z, x, y), self.now_s());
            match self.ask(z, x, y, kept.as_ref()) {
                Ok(body) => {
                    if self.given(&body).is_some() {
                        return Ok(Found::Answering);
                    }
                    is_known_empty = true;
                }
                Err(error) => {
                    let is_of_place = is_of_place(&error);
                    refusal = Some(error);
                    if !is_of_place {
                        break;
                    }
                }
            }
        }
        // What was kept before tells what the tiles are, where no new one does.
        let has_kept = newest.is_some_and(|(_, body)| self.given(&body).is_some());
        match refusal {
            None => Ok(Found::Answering),
            Some(error) if is_of_place(&error) && is_known_empty => Ok(Found::Answering),
            Some(error) if is_of_place(&error) || has_kept => Ok(Found::KeptOnly(error)),
            Some(error) => Err(error),
        }
    }

    /// The tiles that are asked for, the likeliest first; `newest` is the one that came last.
    fn probed(&self, newest: Option<Tile>) -> Vec<Tile> {
        let (min_zoom, max_zoom) = (self.guessed.min_zoom, self.guessed.max_zoom);
        let zoom = STREET_ZOOM.clamp(min_zoom, max_zoom);
        let middle = |street: Bounds| {
            let lon = f64::midpoint(street.west, street.east);
            let lat = f64::midpoint(street.south, street.north);
            let (x, y) = tile_at(zoom, lon, lat);
            (zoom, x, y)
        };
        // The cache knows the street from an earlier service.
        let named = || self.cache.street_tile(zoom, self.now_s());
        let street = self.street.map(middle).or_else(named);
        let country = middle_of_country(min_zoom, max_zoom);
        let mut tiles = Vec::new();
        for tile in [newest, street, Some(country)].into_iter().flatten() {
            let is_there = (min_zoom..=max_zoom).contains(&tile.0);
            if is_there && !tiles.contains(&tile) {
                tiles.push(tile);
            }
        }
        tiles
    }
}

/// Whether a failure may hold for the place that was asked for only: what a server says of one that it does not cover.
/// A wrong key may be refused in the same words, so it is told, but the source is not given up for it.
fn is_of_place(error: &RemoteError) -> bool {
    match error {
        RemoteError::Refused { status, .. } => *status == 403,
        // These say that it is overrun, or that the server behind is down.
        RemoteError::Status { status, .. } => !matches!(status, 429 | 502..=504),
        RemoteError::TooLarge { .. } => true,
        _ => false,
    }
}

/// A tile over the middle of China, where a national service has one.
fn middle_of_country(min_zoom: u8, max_zoom: u8) -> Tile {
    let z = min_zoom.max(1).min(max_zoom);
    let (x, y) = tile_at(z, 104.0, 35.0);
    (z, x, y)
}
