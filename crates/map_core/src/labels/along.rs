//! Text along a line: where each glyph stands and how it is turned.

use super::shaping::SetText;

/// A line in pixels with the length from its start to each of its points.
#[derive(Clone, Debug)]
pub(super) struct PixelPath {
    points: Vec<[f32; 2]>,
    lengths: Vec<f32>,
}

/// The least cosine of a glyph's turn: a little beyond the vertical.
const LEAST_UPRIGHT: f32 = -0.2;

/// How many times steeper than wide a line is from where Chinese names are stacked on it.
const STACKED_SLOPE: f32 = 1.2;

/// A glyph on the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TurnedGlyph {
    /// Which glyph of the text.
    pub(super) index: usize,
    /// The middle of its advance, on the line, in pixels.
    pub(super) centre: [f32; 2],
    /// Cosine and sine of its turn.
    pub(super) rotation: [f32; 2],
}

impl PixelPath {
    /// A line of at least two points.
    pub(super) fn new(points: Vec<[f32; 2]>) -> Self {
        let mut lengths = Vec::with_capacity(points.len());
        let mut length = 0.0;
        for (i, p) in points.iter().enumerate() {
            if i > 0 {
                length += distance(points[i - 1], *p);
            }
            lengths.push(length);
        }
        Self { points, lengths }
    }

    /// The line's length in pixels.
    pub(super) fn length(&self) -> f32 {
        self.lengths.last().copied().unwrap_or(0.0)
    }

    /// The point so many pixels from the start; the line's ends beyond them.
    pub(super) fn at(&self, along: f32) -> [f32; 2] {
        let next = self
            .lengths
            .partition_point(|l| *l < along)
            .clamp(1, self.points.len() - 1);
        let (a, b) = (self.points[next - 1], self.points[next]);
        let span = self.lengths[next] - self.lengths[next - 1];
        let t = if span > 0.0 {
            ((along - self.lengths[next - 1]) / span).clamp(0.0, 1.0)
        } else {
            0.0
        };
        [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
    }

    /// The line's direction at a distance from the start, as a vector of length one.
    pub(super) fn direction(&self, along: f32) -> [f32; 2] {
        let (a, b) = (self.at(along - 0.5), self.at(along + 0.5));
        let length = distance(a, b);
        if length > 0.0 {
            [(b[0] - a[0]) / length, (b[1] - a[1]) / length]
        } else {
            [1.0, 0.0]
        }
    }

    /// The text centred at a distance from the start, reading from left to right; `None` where the line is too short,
    /// turns more than `max_angle_deg` from one glyph to the next, or stands some glyphs on their head. With 180 degrees
    /// any turn is taken. Chinese names along steep lines are set downwards with their characters upright.
    pub(super) fn set(
        &self,
        text: &SetText,
        size_px: f32,
        centre: f32,
        max_angle_deg: f32,
    ) -> Option<Vec<TurnedGlyph>> {
        let half = text.width * size_px / 2.0;
        if centre - half < -0.5 || centre + half > self.length() + 0.5 {
            return None;
        }
        let (start, end) = (self.at(centre - half), self.at(centre + half));
        let (across, down) = (end[0] - start[0], end[1] - start[1]);
        let stacked = text.may_stack && down.abs() > across.abs() * STACKED_SLOPE;
        // A name that would stand on its head is read in the other direction.
        let forwards = if (if stacked { down } else { across }) >= 0.0 {
            1.0
        } else {
            -1.0
        };
        let mut turned: Vec<TurnedGlyph> = Vec::with_capacity(text.glyphs.len());
        let mut previous_angle: Option<f32> = None;
        for (index, glyph) in text.glyphs.iter().enumerate() {
            let from = glyph.pen[0] * size_px - half;
            let to = from + glyph.advance * size_px;
            let (a, b) = (
                self.at(centre + from * forwards),
                self.at(centre + to * forwards),
            );
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            let length = dx.hypot(dy);
            if length <= 1e-3 {
                continue;
            }
            let angle = dy.atan2(dx);
            if let Some(previous) = previous_angle {
                let bend = (angle - previous).rem_euclid(std::f32::consts::TAU);
                let bend = bend.min(std::f32::consts::TAU - bend);
                if bend.to_degrees() > max_angle_deg {
                    return None;
                }
            }
            let rotation = if stacked {
                [dy / length, -dx / length]
            } else {
                [dx / length, dy / length]
            };
            if max_angle_deg < 180.0 && rotation[0] < LEAST_UPRIGHT {
                return None;
            }
            previous_angle = Some(angle);
            turned.push(TurnedGlyph {
                index,
                centre: [f32::midpoint(a[0], b[0]), f32::midpoint(a[1], b[1])],
                rotation,
            });
        }
        Some(turned)
    }
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the expected numbers are exact")]
mod tests {
    use super::*;
    use crate::labels::TextStyle;
    use crate::labels::shaping;
    use crate::labels::tests::Grotesque;

    fn text() -> SetText {
        let style = TextStyle {
            max_width_em: f32::INFINITY,
            ..TextStyle::default()
        };
        shaping::set("人民路", &style, &mut Grotesque::default()).expect("set")
    }

    /// The same text as one whose characters are never stacked.
    fn latin() -> SetText {
        SetText {
            may_stack: false,
            ..text()
        }
    }

    #[test]
    fn a_straight_line_carries_its_name_in_the_middle() {
        let path = PixelPath::new(vec![[0.0, 5.0], [100.0, 5.0]]);
        let glyphs = path.set(&text(), 10.0, 50.0, 45.0).expect("room");
        let xs: Vec<f32> = glyphs.iter().map(|g| g.centre[0]).collect();
        assert_eq!(xs, [40.0, 50.0, 60.0]);
        assert!(glyphs.iter().all(|g| g.rotation == [1.0, 0.0]));
    }

    #[test]
    fn names_never_stand_on_their_head() {
        let path = PixelPath::new(vec![[100.0, 5.0], [0.0, 5.0]]);
        let glyphs = path.set(&text(), 10.0, 50.0, 45.0).expect("room");
        assert!(glyphs[0].centre[0] < glyphs[2].centre[0] && glyphs[0].rotation == [1.0, 0.0]);
    }

    #[test]
    fn chinese_names_of_steep_lines_are_stacked_upright() {
        for path in [
            vec![[5.0, 0.0], [5.0, 100.0]],
            vec![[5.0, 100.0], [5.0, 0.0]],
        ] {
            let glyphs = PixelPath::new(path)
                .set(&text(), 10.0, 50.0, 45.0)
                .expect("room");
            let ys: Vec<f32> = glyphs.iter().map(|g| g.centre[1]).collect();
            assert_eq!(ys, [40.0, 50.0, 60.0], "read downwards");
            assert!(glyphs.iter().all(|g| g.rotation == [1.0, 0.0]));
        }
    }

    #[test]
    fn short_and_sharp_lines_carry_none() {
        let short = PixelPath::new(vec![[0.0, 0.0], [20.0, 0.0]]);
        assert_eq!(short.set(&latin(), 10.0, 10.0, 45.0), None);
        let sharp = PixelPath::new(vec![[0.0, 0.0], [50.0, 0.0], [50.0, 50.0]]);
        assert_eq!(sharp.set(&latin(), 10.0, 50.0, 30.0), None);
        assert!(sharp.set(&latin(), 10.0, 25.0, 30.0).is_some());
        let corner = |i: i32| {
            [
                50.0 + 30.0 * (i as f32 * 0.3).sin(),
                50.0 - 30.0 * (i as f32 * 0.3).cos(),
            ]
        };
        let hairpin = PixelPath::new((-3..=14).map(corner).collect());
        assert_eq!(
            hairpin.set(&latin(), 40.0, 75.0, 90.0),
            None,
            "the end would stand on its head"
        );
    }
}
