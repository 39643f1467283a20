//! The pictures on marks, drawn from a few plain forms each and kept as distance fields, so that
//! they are sharp at every size.
//!
//! A picture lies in a square from −1 to 1, `y` downwards. Its forms are laid one after the other:
//! added to what is there, or cut out of it.

use map_protocol::Icon;

/// Width and height of a picture's cell in the sheet, in pixels.
pub const CELL_PX: u32 = 48;
/// Cells per row of the sheet.
pub const COLUMNS: u32 = 8;
/// Half the width of a cell in the picture's units: a margin lets distances be read past the edge.
pub const HALF_CELL: f32 = 1.25;
/// The distance in the picture's units at which the field ends, inside and outside.
pub const REACH: f32 = 0.5;

type Spot = [f32; 2];

/// A form and whether it is added or cut out.
enum Form {
    Disc(Spot, f32),
    /// Middle, radius, half the width of the line.
    Ring(Spot, f32, f32),
    /// A line with round ends and half its width.
    Bar(Spot, Spot, f32),
    Shape(&'static [Spot]),
}

enum Step {
    Add(Form),
    Cut(Form),
}

use Form::{Bar, Disc, Ring, Shape};
use Step::{Add, Cut};

const WAVE_TOP: [Step; 4] = wave(-0.55);
const WAVE_MIDDLE: [Step; 4] = wave(0.05);
const WAVE_LOW: [Step; 4] = wave(0.65);

const fn wave(y: f32) -> [Step; 4] {
    let (high, low) = (y - 0.14, y + 0.14);
    [
        Add(Bar([-0.9, low], [-0.45, high], 0.12)),
        Add(Bar([-0.45, high], [0.0, low], 0.12)),
        Add(Bar([0.0, low], [0.45, high], 0.12)),
        Add(Bar([0.45, high], [0.9, low], 0.12)),
    ]
}

/// The steps of a picture.
fn steps(icon: Icon) -> Vec<&'static [Step]> {
    let steps: &'static [Step] = match icon {
        Icon::Nothing => &[],
        Icon::Bin => BIN,
        Icon::Poster => POSTER,
        Icon::Crane => CRANE,
        Icon::Stall => STALL,
        Icon::Bolt => BOLT,
        Icon::Dots => DOTS,
        Icon::Tap => TAP,
        Icon::Cone => CONE,
        Icon::Tree => TREE,
        Icon::Phone => PHONE,
        Icon::Dispute => DISPUTE,
        Icon::Warning => WARNING,
        Icon::Shield => SHIELD,
        Icon::Crowd => CROWD,
        Icon::Waves => return vec![&WAVE_TOP, &WAVE_MIDDLE, &WAVE_LOW],
        Icon::Lens => LENS,
        Icon::Gauge => return vec![GAUGE, &WAVE_LOW],
        Icon::Smoke => SMOKE,
        Icon::Flame => FLAME,
        Icon::Antenna => ANTENNA,
    };
    vec![steps]
}

const BIN: &[Step] = &[
    Add(Shape(&[
        [-0.62, -0.32],
        [0.62, -0.32],
        [0.48, 0.92],
        [-0.48, 0.92],
    ])),
    Add(Bar([-0.78, -0.58], [0.78, -0.58], 0.13)),
    Add(Bar([-0.22, -0.85], [0.22, -0.85], 0.11)),
    Cut(Bar([-0.22, 0.0], [-0.19, 0.6], 0.09)),
    Cut(Bar([0.22, 0.0], [0.19, 0.6], 0.09)),
];
const POSTER: &[Step] = &[
    Add(Shape(&[
        [-0.85, -0.85],
        [0.85, -0.85],
        [0.85, 0.35],
        [-0.85, 0.35],
    ])),
    Cut(Bar([-0.5, -0.5], [0.5, -0.5], 0.1)),
    Cut(Bar([-0.5, -0.05], [0.2, -0.05], 0.1)),
    Add(Bar([-0.45, 0.3], [-0.45, 0.88], 0.12)),
    Add(Bar([0.45, 0.3], [0.45, 0.88], 0.12)),
];
const CRANE: &[Step] = &[
    Add(Bar([-0.4, -0.85], [-0.4, 0.8], 0.14)),
    Add(Bar([-0.8, -0.55], [0.85, -0.55], 0.12)),
    Add(Bar([-0.4, -0.88], [0.6, -0.58], 0.07)),
    Add(Bar([0.58, -0.5], [0.58, 0.1], 0.07)),
    Add(Shape(&[
        [0.32, 0.1],
        [0.84, 0.1],
        [0.84, 0.52],
        [0.32, 0.52],
    ])),
    Add(Bar([-0.8, 0.82], [0.05, 0.82], 0.14)),
];
const STALL: &[Step] = &[
    Add(Shape(&[
        [-0.68, -0.85],
        [0.68, -0.85],
        [0.92, -0.2],
        [-0.92, -0.2],
    ])),
    Add(Disc([-0.62, -0.18], 0.28)),
    Add(Disc([0.0, -0.18], 0.28)),
    Add(Disc([0.62, -0.18], 0.28)),
    Add(Bar([-0.72, 0.0], [-0.72, 0.88], 0.1)),
    Add(Bar([0.72, 0.0], [0.72, 0.88], 0.1)),
    Add(Bar([-0.7, 0.5], [0.7, 0.5], 0.14)),
];
const BOLT: &[Step] = &[Add(Shape(&[
    [0.2, -0.98],
    [-0.62, 0.18],
    [-0.1, 0.18],
    [-0.24, 0.98],
    [0.62, -0.24],
    [0.08, -0.24],
]))];
const DOTS: &[Step] = &[
    Add(Disc([-0.68, 0.0], 0.28)),
    Add(Disc([0.0, 0.0], 0.28)),
    Add(Disc([0.68, 0.0], 0.28)),
];
const TAP: &[Step] = &[
    Add(Bar([-0.85, -0.15], [0.2, -0.15], 0.2)),
    Add(Bar([0.3, -0.1], [0.42, 0.25], 0.2)),
    Add(Bar([-0.15, -0.7], [-0.15, -0.2], 0.13)),
    Add(Bar([-0.55, -0.75], [0.25, -0.75], 0.14)),
    Add(Disc([0.46, 0.78], 0.18)),
];
const CONE: &[Step] = &[
    Add(Shape(&[
        [-0.16, -0.92],
        [0.16, -0.92],
        [0.58, 0.62],
        [-0.58, 0.62],
    ])),
    Cut(Bar([-0.7, -0.28], [0.7, -0.28], 0.11)),
    Cut(Bar([-0.8, 0.2], [0.8, 0.2], 0.11)),
    Add(Bar([-0.8, 0.76], [0.8, 0.76], 0.15)),
];
const TREE: &[Step] = &[
    Add(Disc([0.0, -0.42], 0.5)),
    Add(Disc([-0.42, 0.0], 0.38)),
    Add(Disc([0.42, 0.0], 0.38)),
    Add(Bar([0.0, 0.1], [0.0, 0.88], 0.14)),
];
const PHONE: &[Step] = &[
    Add(Bar([-0.6, -0.45], [-0.28, 0.28], 0.18)),
    Add(Bar([-0.28, 0.28], [0.45, 0.6], 0.18)),
    Add(Bar([-0.72, -0.55], [-0.38, -0.72], 0.24)),
    Add(Bar([0.55, 0.72], [0.72, 0.38], 0.24)),
];
const DISPUTE: &[Step] = &[
    Add(Disc([-0.36, -0.32], 0.52)),
    Add(Shape(&[[-0.8, -0.1], [-0.3, 0.15], [-0.86, 0.42]])),
    Cut(Disc([0.38, 0.26], 0.58)),
    Add(Disc([0.38, 0.26], 0.46)),
    Add(Shape(&[[0.3, 0.66], [0.8, 0.4], [0.86, 0.94]])),
];
const WARNING: &[Step] = &[
    Add(Shape(&[[0.0, -0.92], [0.98, 0.8], [-0.98, 0.8]])),
    Cut(Bar([0.0, -0.3], [0.0, 0.2], 0.13)),
    Cut(Disc([0.0, 0.54], 0.14)),
];
const SHIELD: &[Step] = &[
    Add(Shape(&[
        [0.0, -0.96],
        [0.76, -0.66],
        [0.76, 0.05],
        [0.46, 0.6],
        [0.0, 0.96],
        [-0.46, 0.6],
        [-0.76, 0.05],
        [-0.76, -0.66],
    ])),
    Cut(Bar([-0.34, 0.02], [-0.06, 0.3], 0.11)),
    Cut(Bar([-0.06, 0.3], [0.38, -0.28], 0.11)),
];
const CROWD: &[Step] = &[
    Add(Disc([-0.64, -0.2], 0.21)),
    Add(Disc([-0.64, 0.55], 0.36)),
    Add(Disc([0.64, -0.2], 0.21)),
    Add(Disc([0.64, 0.55], 0.36)),
    Cut(Disc([0.0, 0.6], 0.56)),
    Add(Disc([0.0, -0.42], 0.29)),
    Add(Disc([0.0, 0.58], 0.46)),
    Cut(Shape(&[[-1.3, 0.74], [1.3, 0.74], [1.3, 1.3], [-1.3, 1.3]])),
];
const LENS: &[Step] = &[
    Add(Ring([0.0, 0.0], 0.66, 0.18)),
    Add(Disc([0.0, 0.0], 0.28)),
];
const GAUGE: &[Step] = &[
    Add(Bar([-0.3, -0.9], [-0.3, 0.25], 0.12)),
    Add(Bar([-0.3, -0.86], [0.3, -0.86], 0.09)),
    Add(Bar([-0.3, -0.48], [0.15, -0.48], 0.09)),
    Add(Bar([-0.3, -0.1], [0.3, -0.1], 0.09)),
];
const SMOKE: &[Step] = &[
    Add(Disc([-0.45, -0.1], 0.36)),
    Add(Disc([0.1, -0.35], 0.48)),
    Add(Disc([0.58, -0.02], 0.32)),
    Add(Bar([-0.5, 0.1], [0.58, 0.1], 0.2)),
    Add(Bar([-0.55, 0.6], [0.2, 0.6], 0.11)),
    Add(Bar([-0.1, 0.9], [0.55, 0.9], 0.11)),
];
const FLAME: &[Step] = &[
    Add(Disc([0.0, 0.38], 0.55)),
    Add(Shape(&[[0.08, -0.98], [0.53, 0.25], [-0.54, 0.3]])),
    Cut(Disc([0.02, 0.56], 0.22)),
    Cut(Shape(&[[0.05, 0.0], [0.22, 0.5], [-0.18, 0.5]])),
];
const ANTENNA: &[Step] = &[
    Add(Ring([0.0, -0.25], 0.48, 0.09)),
    Add(Ring([0.0, -0.25], 0.84, 0.09)),
    Cut(Shape(&[[0.0, -0.25], [1.6, 1.35], [-1.6, 1.35]])),
    Cut(Shape(&[[0.0, -0.25], [1.6, -1.85], [-1.6, -1.85]])),
    Add(Disc([0.0, -0.25], 0.18)),
    Add(Bar([0.0, -0.2], [0.0, 0.88], 0.1)),
];

/// All pictures in rows of cells, one byte per pixel: 128 on the edge, more inside.
#[derive(Debug)]
pub struct Sheet {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<u8>,
}

impl Sheet {
    /// Draws all pictures.
    pub fn draw() -> Self {
        let rows = (Icon::ALL.len() as u32).div_ceil(COLUMNS);
        let (width, height) = (COLUMNS * CELL_PX, rows * CELL_PX);
        let mut pixels = vec![0; (width * height) as usize];
        for icon in Icon::ALL {
            let (column, row) = (*icon as u32 % COLUMNS, *icon as u32 / COLUMNS);
            let steps = steps(*icon);
            for y in 0..CELL_PX {
                for x in 0..CELL_PX {
                    let spot = [x, y]
                        .map(|px| ((px as f32 + 0.5) / CELL_PX as f32 * 2.0 - 1.0) * HALF_CELL);
                    let share = 0.5 - distance(&steps, spot) / (2.0 * REACH);
                    let at = (row * CELL_PX + y) * width + column * CELL_PX + x;
                    pixels[at as usize] = (share.clamp(0.0, 1.0) * 255.0).round() as u8;
                }
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }
}

/// The distance to a picture's edge, negative inside.
fn distance(parts: &[&[Step]], at: Spot) -> f32 {
    let mut nearest = f32::INFINITY;
    for step in parts.iter().copied().flatten() {
        nearest = match step {
            Add(form) => nearest.min(form.distance(at)),
            Cut(form) => nearest.max(-form.distance(at)),
        };
    }
    nearest
}

impl Form {
    fn distance(&self, at: Spot) -> f32 {
        match self {
            Disc(middle, radius) => (at[0] - middle[0]).hypot(at[1] - middle[1]) - radius,
            Ring(middle, radius, half) => {
                ((at[0] - middle[0]).hypot(at[1] - middle[1]) - radius).abs() - half
            }
            Bar(from, to, half) => to_segment(at, *from, *to) - half,
            Shape(corners) => to_shape(at, corners),
        }
    }
}

fn to_segment(at: Spot, from: Spot, to: Spot) -> f32 {
    let (way, off) = (
        [to[0] - from[0], to[1] - from[1]],
        [at[0] - from[0], at[1] - from[1]],
    );
    let squared = way[0] * way[0] + way[1] * way[1];
    let share = if squared > 0.0 {
        ((off[0] * way[0] + off[1] * way[1]) / squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (off[0] - way[0] * share).hypot(off[1] - way[1] * share)
}

fn to_shape(at: Spot, corners: &[Spot]) -> f32 {
    let mut nearest = f32::INFINITY;
    let mut is_inside = false;
    for (index, corner) in corners.iter().enumerate() {
        let before = corners[(index + corners.len() - 1) % corners.len()];
        nearest = nearest.min(to_segment(at, before, *corner));
        if (corner[1] > at[1]) != (before[1] > at[1]) {
            let share = (at[1] - corner[1]) / (before[1] - corner[1]);
            is_inside ^= at[0] < corner[0] + share * (before[0] - corner[0]);
        }
    }
    if is_inside { -nearest } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_its_own_and_fills_a_fair_part_of_its_cell() {
        let sheet = Sheet::draw();
        let cell = |icon: Icon| -> Vec<u8> {
            let (column, row) = (icon as u32 % COLUMNS, icon as u32 / COLUMNS);
            (0..CELL_PX * CELL_PX)
                .map(|at| {
                    let (x, y) = (
                        column * CELL_PX + at % CELL_PX,
                        row * CELL_PX + at / CELL_PX,
                    );
                    sheet.pixels[(y * sheet.width + x) as usize]
                })
                .collect()
        };
        let mut seen: Vec<Vec<u8>> = Vec::new();
        for icon in Icon::ALL {
            let pixels = cell(*icon);
            let inside = pixels.iter().filter(|value| **value > 128).count();
            let share = inside as f32 / (CELL_PX * CELL_PX) as f32;
            if *icon == Icon::Nothing {
                assert!(inside == 0, "nothing is drawn for it");
            } else {
                assert!((0.1..0.6).contains(&share), "{icon:?} fills {share}");
            }
            let edge = (0..CELL_PX).map(|at| pixels[at as usize]).max();
            assert!(edge < Some(128), "{icon:?} reaches its neighbour");
            assert!(!seen.contains(&pixels), "{icon:?} looks like another");
            seen.push(pixels);
        }
    }

    #[test]
    fn distances_are_those_of_the_forms() {
        let close = |got: f32, want: f32| assert!((got - want).abs() < 1e-5, "{got} {want}");
        close(Disc([0.0, 0.0], 0.5).distance([0.0, 1.0]), 0.5);
        close(Ring([0.0, 0.0], 0.5, 0.1).distance([0.0, 0.0]), 0.4);
        close(Bar([0.0, 0.0], [1.0, 0.0], 0.1).distance([2.0, 0.0]), 0.9);
        close(Bar([1.0, 0.0], [1.0, 0.0], 0.1).distance([2.0, 0.0]), 0.9);
        let square = Shape(&[[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]);
        close(square.distance([0.5, 0.0]), -0.5);
        close(square.distance([2.0, 0.0]), 1.0);
    }
}
