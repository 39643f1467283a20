//! Overlaps inside a level, and the boxes that meet.

use geo::{BooleanOps, Rect};

use super::{Check, Fault, Sheet};
use crate::places::grids::GridLevel;

/// Levels whose grids must not share land; exclusive grids may.
const APART: [GridLevel; 4] = [
    GridLevel::Community,
    GridLevel::General,
    GridLevel::Micro,
    GridLevel::Unit,
];

/// Reports pairs of grids of one level that share land.
pub fn find_overlaps(sheet: &Sheet<'_>, check: &mut Check) {
    for level in APART {
        let grids = sheet.of_level(level);
        let boxes: Vec<Rect> = grids.iter().map(|grid| grid.land.bounds).collect();
        let meeting = MeetingBoxes::new(&boxes);
        for (at, grid) in grids.iter().enumerate() {
            for other in meeting.of(&boxes[at]).filter(|other| *other > at) {
                // What the boxes do not share the grids cannot share either.
                if shared_m2(&boxes[at], &boxes[other]) < check.tolerances.sliver_m2 {
                    continue;
                }
                let other = grids[other];
                let shared = grid.land.shape.intersection(&other.land.shape);
                let codes = [grid.drawn.code.as_str(), other.drawn.code.as_str()];
                check.find_pieces(Fault::Overlap, &codes, &shared);
            }
        }
    }
}

/// The square metres that two boxes share.
fn shared_m2(a: &Rect, b: &Rect) -> f64 {
    let width = a.max().x.min(b.max().x) - a.min().x.max(b.min().x);
    let height = a.max().y.min(b.max().y) - a.min().y.max(b.min().y);
    width.max(0.0) * height.max(0.0)
}

/// Boxes sorted from west to east, to find those that meet another one.
pub struct MeetingBoxes {
    /// Each with its place in the list given.
    sorted: Vec<(Rect, usize)>,
    widest_m: f64,
}

impl MeetingBoxes {
    /// Sorts boxes.
    pub fn new(boxes: &[Rect]) -> Self {
        let mut sorted: Vec<(Rect, usize)> = boxes.iter().copied().zip(0..).collect();
        sorted.sort_by(|a, b| a.0.min().x.total_cmp(&b.0.min().x).then(a.1.cmp(&b.1)));
        Self {
            widest_m: boxes.iter().map(|b| b.width()).fold(0.0, f64::max),
            sorted,
        }
    }

    /// The boxes that meet one, by their place in the list given, from west to east.
    pub fn of(&self, one: &Rect) -> impl Iterator<Item = usize> + '_ {
        let one = *one;
        let west = one.min().x - self.widest_m;
        let from = self.sorted.partition_point(|(b, _)| b.min().x < west);
        self.sorted[from..]
            .iter()
            .take_while(move |(b, _)| b.min().x <= one.max().x)
            .filter(move |(b, _)| {
                b.max().x >= one.min().x && b.min().y <= one.max().y && b.max().y >= one.min().y
            })
            .map(|(_, at)| *at)
    }
}
