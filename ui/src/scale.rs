//! The type scale: how large one unit of text must be so that the farthest seat can read it.

/// The height of a character in body text as a share of the font size (a Chinese character fills
/// most of its square).
const CHARACTER_SHARE: f64 = 0.88;
/// What matters on a wall subtends at least this many arc minutes at the farthest seat.
const WALL_ARC_MINUTES: f64 = 20.0;

/// The size of a window in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Canvas {
    /// Width.
    pub width_px: f64,
    /// Height.
    pub height_px: f64,
}

/// Font size of body text on a wall in CSS pixels.
///
/// A character of 20 arc minutes at the farthest seat is the floor; a share of the canvas height
/// keeps text in proportion on walls that are read from nearby. The ceiling is the largest size at
/// which the panels still hold their content.
pub fn wall_unit_px(canvas: Canvas, wall_width_m: f64, farthest_seat_m: f64) -> f64 {
    let in_proportion = canvas.height_px / 60.0;
    let ceiling = (canvas.height_px / 38.0).min(canvas.width_px / 64.0);
    let legible = if wall_width_m > 0.0 && farthest_seat_m > 0.0 && canvas.width_px > 0.0 {
        let height_m = farthest_seat_m * (WALL_ARC_MINUTES / 60.0).to_radians().tan();
        height_m / CHARACTER_SHARE * canvas.width_px / wall_width_m
    } else {
        0.0
    };
    legible.max(in_proportion).min(ceiling).max(10.0)
}

/// Whether body text reaches 20 arc minutes at the farthest seat, or the wall is too small for it.
pub fn is_legible(canvas: Canvas, wall_width_m: f64, farthest_seat_m: f64) -> bool {
    let unit = wall_unit_px(canvas, wall_width_m, farthest_seat_m);
    arc_minutes(unit, canvas, wall_width_m, farthest_seat_m) >= WALL_ARC_MINUTES - 1e-9
}

/// Height of a character of the font size at the farthest seat, in arc minutes.
pub fn arc_minutes(font_px: f64, canvas: Canvas, wall_width_m: f64, farthest_seat_m: f64) -> f64 {
    let height_m = font_px * CHARACTER_SHARE * wall_width_m / canvas.width_px;
    (height_m / farthest_seat_m).atan().to_degrees() * 60.0
}

/// Font size of body text at a desk in CSS pixels: 14 px on a 1080-line display, in proportion on
/// larger ones that are not scaled by the system.
pub fn desk_unit_px(canvas: Canvas) -> f64 {
    (canvas.height_px / 74.0)
        .min(canvas.width_px / 128.0)
        .clamp(13.0, 40.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL_HD: Canvas = Canvas {
        width_px: 1920.0,
        height_px: 1080.0,
    };
    const ULTRA_HD: Canvas = Canvas {
        width_px: 3840.0,
        height_px: 2160.0,
    };
    const THREE_WIDE: Canvas = Canvas {
        width_px: 5760.0,
        height_px: 1080.0,
    };

    #[test]
    fn body_text_reaches_twenty_arc_minutes_where_the_wall_allows() {
        for (canvas, width_m, seat_m) in [
            (FULL_HD, 5.0, 8.0),
            (ULTRA_HD, 5.0, 8.0),
            (ULTRA_HD, 6.0, 10.0),
            (THREE_WIDE, 12.0, 8.0),
        ] {
            let unit = wall_unit_px(canvas, width_m, seat_m);
            let minutes = arc_minutes(unit, canvas, width_m, seat_m);
            assert!(minutes >= 19.99, "{canvas:?} {width_m} m: {minutes}′");
            assert!(is_legible(canvas, width_m, seat_m));
        }
    }

    #[test]
    fn the_picture_is_the_same_at_any_resolution_of_the_same_wall() {
        let small = wall_unit_px(FULL_HD, 5.0, 8.0);
        let large = wall_unit_px(ULTRA_HD, 5.0, 8.0);
        assert!((large - 2.0 * small).abs() < 1e-9);
    }

    #[test]
    fn a_wall_that_is_too_small_is_told_and_still_laid_out() {
        assert!(!is_legible(FULL_HD, 1.2, 10.0));
        assert!(wall_unit_px(FULL_HD, 1.2, 10.0) <= 1080.0 / 38.0);
        assert!(wall_unit_px(FULL_HD, 0.0, f64::NAN) > 10.0);
    }

    #[test]
    fn desks_have_a_floor_and_grow_with_the_display() {
        assert!((desk_unit_px(FULL_HD) - 14.59).abs() < 0.01);
        assert!((desk_unit_px(ULTRA_HD) - 29.19).abs() < 0.01);
        let tiny = Canvas {
            width_px: 800.0,
            height_px: 600.0,
        };
        assert!((desk_unit_px(tiny) - 13.0).abs() < f64::EPSILON);
    }
}
