//! Signed distance fields from the coverage bitmaps of glyphs.

/// Pixels around a glyph that its field needs beyond the bitmap's edge.
pub const SDF_PADDING_PX: u32 = 4;

/// The distance in raster pixels that the field can express: from `1 − EDGE` of it inside to `EDGE` of it outside.
pub const SDF_RADIUS_PX: f32 = 8.0;

/// The value of a pixel exactly on the glyph's edge, as a part of 255. Inside is larger.
pub const SDF_EDGE: f32 = 0.75;

/// A glyph's distance field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdfBitmap {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// One byte per pixel, row by row from the top: `255 · (SDF_EDGE − d / SDF_RADIUS_PX)`, `d` the distance to the
    /// edge in pixels, positive outside.
    pub pixels: Vec<u8>,
}

/// The field of a coverage bitmap (one byte per pixel, row by row), larger by [`SDF_PADDING_PX`] on each side. Missing
/// bytes count as empty.
///
/// The exact Euclidean distance transform of Felzenszwalb and Huttenlocher ("Distance Transforms of Sampled
/// Functions", 2012), once outwards and once inwards; partly covered pixels start at the distance that their coverage
/// stands for, so that the edge keeps its place between pixels.
pub fn sdf_from_coverage(coverage: &[u8], width: u32, height: u32) -> SdfBitmap {
    let (w, h) = (
        (width + 2 * SDF_PADDING_PX) as usize,
        (height + 2 * SDF_PADDING_PX) as usize,
    );
    let mut outside = vec![FAR; w * h];
    let mut inside = vec![0.0_f32; w * h];
    for y in 0..height as usize {
        for x in 0..width as usize {
            let covered =
                f32::from(coverage.get(y * width as usize + x).copied().unwrap_or(0)) / 255.0;
            let at = (y + SDF_PADDING_PX as usize) * w + x + SDF_PADDING_PX as usize;
            if covered >= 1.0 {
                (outside[at], inside[at]) = (0.0, FAR);
            } else if covered > 0.0 {
                let d = 0.5 - covered;
                (outside[at], inside[at]) = (d.max(0.0).powi(2), (-d).max(0.0).powi(2));
            }
        }
    }
    let mut transform = DistanceTransform::for_length(w.max(h));
    transform.run(&mut outside, w, h);
    transform.run(&mut inside, w, h);
    let pixels = outside
        .iter()
        .zip(&inside)
        .map(|(out, into)| {
            let d = out.sqrt() - into.sqrt();
            (255.0 * (SDF_EDGE - d / SDF_RADIUS_PX))
                .round()
                .clamp(0.0, 255.0) as u8
        })
        .collect();
    SdfBitmap {
        width: w as u32,
        height: h as u32,
        pixels,
    }
}

/// A squared distance larger than any in a glyph.
const FAR: f32 = 1e12;

/// Scratch space of the transform, for one row or column.
struct DistanceTransform {
    line: Vec<f32>,
    apex: Vec<usize>,
    border: Vec<f32>,
}

impl DistanceTransform {
    fn for_length(n: usize) -> Self {
        Self {
            line: vec![0.0; n],
            apex: vec![0; n],
            border: vec![0.0; n + 1],
        }
    }

    /// Replaces each squared distance by the least over the whole bitmap.
    fn run(&mut self, grid: &mut [f32], w: usize, h: usize) {
        for x in 0..w {
            self.pass(grid, x, w, h);
        }
        for y in 0..h {
            self.pass(grid, y * w, 1, w);
        }
    }

    /// The lower envelope of the parabolas that stand on one row or column.
    fn pass(&mut self, grid: &mut [f32], start: usize, stride: usize, n: usize) {
        for i in 0..n {
            self.line[i] = grid[start + i * stride];
        }
        let meet = |line: &[f32], a: usize, b: usize| {
            let (fa, fb) = (a as f32, b as f32);
            (line[b] - line[a] + fb * fb - fa * fa) / (2.0 * (fb - fa))
        };
        let mut last = 0;
        self.apex[0] = 0;
        self.border[0] = f32::NEG_INFINITY;
        self.border[1] = f32::INFINITY;
        for q in 1..n {
            let mut s = meet(&self.line, self.apex[last], q);
            while last > 0 && s <= self.border[last] {
                last -= 1;
                s = meet(&self.line, self.apex[last], q);
            }
            last += 1;
            self.apex[last] = q;
            self.border[last] = s;
            self.border[last + 1] = f32::INFINITY;
        }
        let mut k = 0;
        for q in 0..n {
            while self.border[k + 1] < q as f32 {
                k += 1;
            }
            let away = q as f32 - self.apex[k] as f32;
            grid[start + q * stride] = away * away + self.line[self.apex[k]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distance in pixels that a field's value stands for.
    fn distance(sdf: &SdfBitmap, x: u32, y: u32) -> f32 {
        (SDF_EDGE - f32::from(sdf.pixels[(y * sdf.width + x) as usize]) / 255.0) * SDF_RADIUS_PX
    }

    #[test]
    fn a_square_has_the_distances_of_a_square() {
        let sdf = sdf_from_coverage(&[255; 100], 10, 10);
        assert_eq!((sdf.width, sdf.height), (18, 18));
        // The square's pixels are 4…13; the edge runs half a pixel outside of their centres.
        for (x, y, want) in [
            (3, 8, 1.0),
            (1, 8, 3.0),
            (4, 8, -1.0),
            (2, 2, 8.0_f32.sqrt()),
        ] {
            let got = distance(&sdf, x, y);
            assert!(
                (got - want).abs() < 0.05,
                "({x}, {y}): {got} and not {want}"
            );
        }
    }

    #[test]
    fn half_covered_pixels_stand_on_the_edge() {
        let mut coverage = vec![0_u8; 100];
        for y in 0..10 {
            coverage[y * 10 + 4] = 128;
            for x in 5..10 {
                coverage[y * 10 + x] = 255;
            }
        }
        let sdf = sdf_from_coverage(&coverage, 10, 10);
        assert!(distance(&sdf, 8, 9).abs() < 0.05);
    }

    #[test]
    fn empty_and_short_bitmaps_are_all_outside() {
        for sdf in [
            sdf_from_coverage(&[], 0, 0),
            sdf_from_coverage(&[0; 3], 5, 5),
        ] {
            assert_eq!(sdf.pixels.len(), (sdf.width * sdf.height) as usize);
            assert!(sdf.pixels.iter().all(|p| *p == 0));
        }
    }
}
