//! Numbering of new unit grids inside a community: west → east, north → south.
//!
//! The rule, over one reference point per grid (its centre of gravity):
//!
//! 1. A row opens with the northernmost grid that has no number yet.
//! 2. The row ends before the first step to the south of at least a quarter of the row height (a
//!    gap that is there by nature). Where the grids lie so unevenly that none comes within one and
//!    a half row heights, it ends before the longest step that begins between one half and one and
//!    a half row heights below the row's first grid; of equals the northern one. When the last
//!    grid lies within one and a half row heights, it is the last of the row.
//! 3. Inside a row grids are numbered from west to east; of two on one meridian the northern first.
//!
//! Rows end where there is room, and not at fixed latitudes, so that moving every outline by a
//! hair (another survey, another rounding) leaves the numbers as they are. Numbers continue after
//! the largest in use: a number once given is never given again.

use super::codes::{CommunityCode, SequenceDigits, UnitGridCode};
use super::position::LonLat;

/// Height of a row in metres: the side of a unit grid of 10,000 m².
pub const ROW_HEIGHT_M: f64 = 100.0;
/// Metres of one degree of latitude, to a percent.
const METRES_PER_LAT: f64 = 111_000.0;

/// Why unit grids could not be numbered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NumberingError {
    /// A reference point that is no place.
    #[error("grid {} of the list has no place: {lon}, {lat}", index + 1)]
    NoPlace {
        /// Its place in the list, from 0.
        index: usize,
        /// Longitude as given.
        lon: f64,
        /// Latitude as given.
        lat: f64,
    },
    /// The sequence has too few digits.
    #[error(
        "community {community} needs numbers up to {needed}, and {digits} digits end at {most}: \
         use a longer sequence"
    )]
    TooMany {
        /// The community.
        community: CommunityCode,
        /// The largest number needed.
        needed: usize,
        /// Digits of the sequence.
        digits: usize,
        /// The largest number that can be written.
        most: u16,
    },
}

/// Codes for new unit grids of a community, in the order of `centres`. Codes of the community that
/// are `taken` stay theirs.
pub fn number_unit_grids<'a>(
    community: CommunityCode,
    digits: SequenceDigits,
    taken: impl IntoIterator<Item = &'a UnitGridCode>,
    centres: &[LonLat],
) -> Result<Vec<UnitGridCode>, NumberingError> {
    if let Some(index) = centres.iter().position(|centre| !centre.is_on_globe()) {
        let LonLat { lon, lat } = centres[index];
        return Err(NumberingError::NoPlace { index, lon, lat });
    }
    let last = taken
        .into_iter()
        .filter(|code| code.community() == community)
        .map(|code| code.sequence())
        .max()
        .unwrap_or(0);
    let needed = usize::from(last) + centres.len();
    let too_many = || NumberingError::TooMany {
        community,
        needed,
        digits: digits.count(),
        most: digits.most(),
    };
    if needed > usize::from(digits.most()) {
        return Err(too_many());
    }
    let mut codes: Vec<(usize, UnitGridCode)> = Vec::with_capacity(centres.len());
    for (number, index) in (last + 1..).zip(reading_order(centres, ROW_HEIGHT_M)) {
        let code = UnitGridCode::new(community, number, digits).map_err(|_| too_many())?;
        codes.push((index, code));
    }
    codes.sort_unstable_by_key(|(index, _)| *index);
    Ok(codes.into_iter().map(|(_, code)| code).collect())
}

/// The places in `centres` in the order in which they are numbered.
pub fn reading_order(centres: &[LonLat], row_height_m: f64) -> Vec<usize> {
    rows(centres, row_height_m).concat()
}

/// The rows from north to south, each from west to east. What is no number comes last.
fn rows(centres: &[LonLat], row_height_m: f64) -> Vec<Vec<usize>> {
    let mut southward: Vec<usize> = (0..centres.len()).collect();
    southward.sort_by(|a, b| centres[*b].lat.total_cmp(&centres[*a].lat));
    let mut rows = Vec::new();
    let mut rest = southward.as_slice();
    while let Some(first) = rest.first() {
        let depth_m: Vec<f64> = rest
            .iter()
            .map(|at| (centres[*first].lat - centres[*at].lat) * METRES_PER_LAT)
            .take_while(|depth| *depth <= 2.0 * row_height_m)
            .collect();
        let (row, below) = rest.split_at(row_length(&depth_m, row_height_m).clamp(1, rest.len()));
        rest = below;
        let mut row = row.to_vec();
        // The sort is stable, so that the northern one of two on a meridian stays first.
        row.sort_by(|a, b| centres[*a].lon.total_cmp(&centres[*b].lon));
        rows.push(row);
    }
    rows
}

/// How many of the next grids form a row, by their depths below the first, in metres; those deeper
/// than two row heights are left out.
fn row_length(depth_m: &[f64], row_height_m: f64) -> usize {
    let (from, to) = (0.5 * row_height_m, 1.5 * row_height_m);
    let mut widest = (0.0, depth_m.len());
    let within_reach = depth_m.windows(2).take_while(|pair| pair[0] <= to);
    for (length, pair) in (1..).zip(within_reach) {
        let step = pair[1] - pair[0];
        if step >= 0.25 * row_height_m {
            return length;
        }
        if pair[0] >= from && step > widest.0 {
            widest = (step, length);
        }
    }
    let is_last_row = depth_m.last().is_none_or(|depth| *depth <= to);
    if is_last_row { depth_m.len() } else { widest.1 }
}

#[cfg(test)]
mod tests;
