//! Density of weighted points as a grid of bytes, for a heat map.
//!
//! The value at a place is the sum of the weights around it, each falling from 1 at its point to 0
//! at the radius by the quartic (biweight) kernel (1 − (d/R)²)², after Silverman, "Density Estimation
//! for Statistics and Data Analysis" (1986), without its normalisation: a lone point of weight 1 has
//! the value 1, so that a value reads as "about so many within the radius". It is computed once when
//! the points come, not in a frame; the renderer draws the grid as a texture.

/// A point of the heat map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatPoint {
    /// Steps of 2⁻³² of the world.
    pub at: [u32; 2],
    /// How much it counts; what is not above 0 or no number counts nothing.
    pub weight: f32,
}

/// The density over the area that the points reach.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatGrid {
    /// The north-west corner, in steps of 2⁻³² of the world.
    pub corner: [u32; 2],
    /// Side of a cell in such steps.
    pub cell_steps: u32,
    /// Cells from west to east.
    pub columns: u32,
    /// Cells from north to south.
    pub rows: u32,
    /// The largest value.
    pub peak: f32,
    /// Values in the middles of the cells in 255ths of the peak, row by row from the north.
    pub values: Vec<u8>,
}

/// The radius stays between these, in metres.
pub const RADIUS_M: std::ops::RangeInclusive<f64> = 10.0..=5_000.0;
/// Points farther than this from the middle one on either axis count nothing: one wrong place must
/// not make all others a single cell.
const REACH_M: f64 = 50_000.0;
/// Cells across the radius, unless the area is too large for it.
const CELLS_PER_RADIUS: f64 = 6.0;
/// The most cells along a side.
const MOST_CELLS: f64 = 640.0;
/// Metres around the equator, which has 2³² steps.
const EQUATOR_M: f64 = 40_075_016.686;

impl HeatGrid {
    /// The density of some points; `None` where nothing counts.
    pub fn of(points: &[HeatPoint], radius_m: f64) -> Option<Self> {
        let counts = |point: &&HeatPoint| point.weight > 0.0 && point.weight.is_finite();
        let points: Vec<HeatPoint> = points.iter().filter(counts).copied().collect();
        let middle = middle_of(&points)?;
        let steps_per_m = steps_per_m(middle);
        let radius = if radius_m.is_finite() {
            radius_m
        } else {
            *RADIUS_M.start()
        };
        let radius = radius.clamp(*RADIUS_M.start(), *RADIUS_M.end()) * steps_per_m;
        let reach = REACH_M * steps_per_m;
        let offsets: Vec<([f64; 2], f32)> = points
            .iter()
            .map(|point| (offset(point.at, middle), point.weight))
            .filter(|(at, _)| at.iter().all(|axis| axis.abs() <= reach))
            .collect();
        let bound = |axis: usize, pick: fn(f64, f64) -> f64, from: f64| {
            offsets.iter().map(|(at, _)| at[axis]).fold(from, pick)
        };
        let min = [0, 1].map(|axis| bound(axis, f64::min, f64::MAX) - radius);
        let max = [0, 1].map(|axis| bound(axis, f64::max, f64::MIN) + radius);
        let longest = (max[0] - min[0]).max(max[1] - min[1]);
        let cell = (radius / CELLS_PER_RADIUS)
            .max(longest / MOST_CELLS)
            .ceil()
            .max(1.0);
        let sides = [0, 1].map(|axis| ((max[axis] - min[axis]) / cell).ceil().max(1.0) as usize);
        // A kernel narrower than its cells would miss their middles.
        let values = sum(&offsets, min, sides, cell, radius.max(cell * 2.0));
        let peak = values.iter().copied().fold(0.0, f32::max);
        let share = |value: &f32| (value / peak * 255.0).round() as u8;
        (peak > 0.0).then(|| Self {
            corner: [0, 1].map(|axis| middle[axis].wrapping_add((min[axis] as i64) as u32)),
            cell_steps: cell as u32,
            columns: sides[0] as u32,
            rows: sides[1] as u32,
            peak,
            values: values.iter().map(share).collect(),
        })
    }
}

/// Adds every point's kernel to the cells within its reach.
fn sum(
    offsets: &[([f64; 2], f32)],
    min: [f64; 2],
    [columns, rows]: [usize; 2],
    cell: f64,
    radius: f64,
) -> Vec<f32> {
    let mut values = vec![0.0; columns * rows];
    for (at, weight) in offsets {
        // In cells, where a cell's middle lies at its index.
        let [x, y] = [0, 1].map(|axis| (at[axis] - min[axis]) / cell - 0.5);
        let reach = radius / cell;
        let span = |middle: f64, count: usize| {
            let first = (middle - reach).ceil().max(0.0) as usize;
            let last = ((middle + reach).floor().max(0.0) as usize).min(count - 1);
            first..=last
        };
        for row in span(y, rows) {
            for column in span(x, columns) {
                let (dx, dy) = (column as f64 - x, row as f64 - y);
                let rest = 1.0 - (dx * dx + dy * dy) / (reach * reach);
                if rest > 0.0 {
                    values[row * columns + column] += (rest * rest) as f32 * weight;
                }
            }
        }
    }
    values
}

/// The point in the middle on each axis, seen from the first one, so that the antimeridian is no
/// edge; `None` of nothing.
fn middle_of(points: &[HeatPoint]) -> Option<[u32; 2]> {
    let first = points.first()?.at;
    let middle = |axis: usize| {
        let mut ways: Vec<i32> = points
            .iter()
            .map(|point| point.at[axis].wrapping_sub(first[axis]).cast_signed())
            .collect();
        let at = ways.len() / 2;
        let (_, way, _) = ways.select_nth_unstable(at);
        first[axis].wrapping_add_signed(*way)
    };
    Some([middle(0), middle(1)])
}

fn offset(at: [u32; 2], from: [u32; 2]) -> [f64; 2] {
    [0, 1].map(|axis| f64::from(at[axis].wrapping_sub(from[axis]).cast_signed()))
}

/// Mercator stretches by the inverse cosine of the latitude, which is this hyperbolic cosine.
fn steps_per_m([_, y]: [u32; 2]) -> f64 {
    let north = (0.5 - f64::from(y) / 4_294_967_296.0) * std::f64::consts::TAU;
    4_294_967_296.0 / EQUATOR_M * north.cosh()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::projection::LonLat;

    fn at(lon: f64, lat: f64) -> [u32; 2] {
        let world = LonLat::new(lon, lat).to_world();
        [world.x, world.y].map(|share| (share * 4_294_967_296.0) as i64 as u32)
    }

    fn point(lon: f64, lat: f64, weight: f32) -> HeatPoint {
        HeatPoint {
            at: at(lon, lat),
            weight,
        }
    }

    /// The middle of a cell.
    fn middle(grid: &HeatGrid, column: u32, row: u32) -> [u32; 2] {
        let half = grid.cell_steps / 2;
        [
            grid.corner[0].wrapping_add(column * grid.cell_steps + half),
            grid.corner[1].wrapping_add(row * grid.cell_steps + half),
        ]
    }

    proptest! {
        #[test]
        fn every_cell_has_the_sum_over_all_points(
            points in prop::collection::vec((0.0..0.02f64, 0.0..0.02f64, 0.1..5.0f32), 1..40),
            radius_m in 50.0..400.0f64,
        ) {
            let points: Vec<HeatPoint> =
                points.iter().map(|(x, y, w)| point(104.0 + x, 30.6 + y, *w)).collect();
            let grid = HeatGrid::of(&points, radius_m).expect("a grid");
            let steps_per_m = steps_per_m(points[0].at);
            for (n, value) in grid.values.iter().enumerate().step_by(7) {
                let (column, row) = (n as u32 % grid.columns, n as u32 / grid.columns);
                let here = middle(&grid, column, row);
                let sum: f64 = points.iter().map(|point| {
                    let [dx, dy] = offset(point.at, here);
                    let rest = (1.0 - (dx.hypot(dy) / steps_per_m / radius_m).powi(2)).max(0.0);
                    rest * rest * f64::from(point.weight)
                }).sum();
                let shown = f64::from(*value) / 255.0 * f64::from(grid.peak);
                prop_assert!((shown - sum).abs() < f64::from(grid.peak) * 0.02, "{shown} {sum}");
            }
        }
    }

    #[test]
    fn a_value_reads_as_so_many_within_the_radius() {
        let five: Vec<HeatPoint> = (0..5).map(|_| point(104.0, 30.6, 1.0)).collect();
        let grid = HeatGrid::of(&five, 150.0).expect("a grid");
        assert!((grid.peak - 5.0).abs() < 0.2, "{}", grid.peak);
        let across_m = f64::from(grid.columns * grid.cell_steps) / steps_per_m(five[0].at);
        assert!((across_m - 300.0).abs() < 40.0, "{across_m}");
    }

    #[test]
    fn one_wrong_place_does_not_blur_the_others() {
        let street = [
            point(104.0, 30.6, 1.0),
            point(104.001, 30.601, 1.0),
            point(104.002, 30.6, 1.0),
        ];
        let with_wrong = [street.as_slice(), &[point(0.0, 0.0, 9.0)]].concat();
        let (grid, blurred) = (
            HeatGrid::of(&street, 150.0),
            HeatGrid::of(&with_wrong, 150.0),
        );
        let (grid, blurred) = (grid.expect("a grid"), blurred.expect("a grid"));
        assert_eq!((grid.columns, grid.rows), (blurred.columns, blurred.rows));
        assert!((grid.peak - blurred.peak).abs() < 0.05);
    }

    #[test]
    fn the_antimeridian_is_no_edge() {
        let points = [point(179.9995, 10.0, 1.0), point(-179.9995, 10.0, 1.0)];
        let grid = HeatGrid::of(&points, 150.0).expect("a grid");
        assert!(grid.columns < 50, "{}", grid.columns);
    }

    #[test]
    fn nothing_and_nonsense_have_no_grid_and_the_memory_is_bounded() {
        assert_eq!(HeatGrid::of(&[], 100.0), None);
        let nonsense = [f32::NAN, 0.0, -1.0, f32::INFINITY].map(|w| point(104.0, 30.0, w));
        assert_eq!(HeatGrid::of(&nonsense, 100.0), None);
        let wide: Vec<HeatPoint> = (0..50)
            .map(|n| point(104.0 + f64::from(n) * 0.01, 30.0, 1.0))
            .collect();
        for radius_m in [f64::NAN, -5.0, 0.0, 1e300] {
            let grid = HeatGrid::of(&wide, radius_m).expect("a grid");
            assert!(f64::from(grid.columns.max(grid.rows)) <= MOST_CELLS + 1.0);
            assert_eq!(grid.values.len(), (grid.columns * grid.rows) as usize);
        }
    }
}
