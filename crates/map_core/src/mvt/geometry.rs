//! The geometry commands of a feature, turned into points, lines and rings.

use super::reader::Reader;
use super::{DecodeError, GeometryKind};

/// Coordinates beyond this many units are absurd: no tile is larger than 2^15 units, and a buffer is a part of it.
const FARTHEST_UNITS: i32 = 1 << 20;

const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// Reads a feature's geometry. `Ok(None)` where it is well written but absurd or empty: the feature is left out.
pub(super) fn decode(
    mut commands: Reader<'_>,
    kind: GeometryKind,
    is_closing_lines: bool,
) -> Result<Option<Vec<Vec<[i32; 2]>>>, DecodeError> {
    const WHAT: &str = "geometry";
    let mut parts: Vec<Vec<[i32; 2]>> = Vec::new();
    let mut part: Vec<[i32; 2]> = Vec::new();
    let mut cursor = [0_i32; 2];
    while !commands.is_empty() {
        let at = commands.at();
        let command = commands.varint(WHAT)?;
        let (id, count) = (command & 7, command >> 3);
        // Two bytes is the least that a point takes, so a count beyond that is a lie.
        if matches!(id, MOVE_TO | LINE_TO) && count > (commands.len() / 2) as u64 {
            return Err(DecodeError::Truncated { what: WHAT, at });
        }
        match id {
            MOVE_TO if kind == GeometryKind::Point => {
                for _ in 0..count {
                    if !step(&mut commands, &mut cursor)? {
                        return Ok(None);
                    }
                    parts.push(vec![cursor]);
                }
            }
            MOVE_TO => {
                finish(&mut parts, &mut part, kind);
                for _ in 0..count {
                    if !step(&mut commands, &mut cursor)? {
                        return Ok(None);
                    }
                }
                part.push(cursor);
            }
            LINE_TO => {
                part.reserve(count as usize);
                for _ in 0..count {
                    if !step(&mut commands, &mut cursor)? {
                        return Ok(None);
                    }
                    if part.last() != Some(&cursor) {
                        part.push(cursor);
                    }
                }
            }
            CLOSE_PATH if kind == GeometryKind::Polygon && count == 1 => {}
            CLOSE_PATH if kind == GeometryKind::LineString && is_closing_lines => {}
            _ => {
                return Err(DecodeError::Malformed {
                    what: "geometry command",
                    at,
                });
            }
        }
    }
    finish(&mut parts, &mut part, kind);
    if kind == GeometryKind::Polygon {
        orient(&mut parts);
    }
    Ok(if parts.is_empty() { None } else { Some(parts) })
}

/// Moves the cursor by the next two numbers; `false` where it leaves the plausible.
fn step(commands: &mut Reader<'_>, cursor: &mut [i32; 2]) -> Result<bool, DecodeError> {
    let mut plausible = true;
    for axis in cursor {
        let raw = commands.varint("coordinate")? as u32;
        let delta = (raw >> 1) as i32 ^ -((raw & 1) as i32);
        let moved = i64::from(*axis) + i64::from(delta);
        plausible &= moved.abs() <= i64::from(FARTHEST_UNITS);
        *axis = moved.clamp(-i64::from(FARTHEST_UNITS), i64::from(FARTHEST_UNITS)) as i32;
    }
    Ok(plausible)
}

/// Ends a line or a ring and keeps it if it is one.
fn finish(parts: &mut Vec<Vec<[i32; 2]>>, part: &mut Vec<[i32; 2]>, kind: GeometryKind) {
    let mut done = std::mem::take(part);
    if kind == GeometryKind::Polygon && done.len() > 1 && done.first() == done.last() {
        done.pop();
    }
    let least = match kind {
        GeometryKind::Point => return,
        GeometryKind::LineString => 2,
        GeometryKind::Polygon => 3,
    };
    if done.len() >= least {
        parts.push(done);
    }
}

/// Drops rings without area and those before the first outer ring. A tile of version 1 may wind its rings the other
/// way round: if the first ring is wound as a hole, all are turned.
fn orient(rings: &mut Vec<Vec<[i32; 2]>>) {
    rings.retain(|ring| twice_area(ring) != 0);
    if rings.first().is_some_and(|ring| twice_area(ring) < 0) {
        for ring in rings {
            ring.reverse();
        }
    }
}

/// Twice the signed area of a ring; positive for outer rings, in tile coordinates with `y` downwards.
pub fn twice_area(ring: &[[i32; 2]]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| i64::from(a[0]) * i64::from(b[1]) - i64::from(b[0]) * i64::from(a[1]))
        .sum()
}
