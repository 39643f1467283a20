//! Positions, the view and the size of the canvas.

use core::f64::consts::PI;

use crate::wire::wire_struct;

/// The latitude at which the square Web Mercator world ends, in degrees.
const MAX_LATITUDE: f64 = 85.051_128_779_806_59;

/// One step of a [`Position`] as a share of the world's width.
const STEP: f64 = 1.0 / 4_294_967_296.0;

/// A point on earth in Web Mercator: `x` grows to the east from 180° W, `y` to the south from
/// 85.05° N, each in steps of 2⁻³² of the world's width (at most 9.4 mm).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    pub x: u32,
    pub y: u32,
}

wire_struct!(Position { x: u32, y: u32 });

impl Position {
    /// The position of a longitude and latitude in degrees (CGCS2000 or WGS 84). The latitude is
    /// held inside the Mercator square, the longitude wraps; not-a-number becomes 0.
    pub fn from_lon_lat(lon: f64, lat: f64) -> Self {
        let lat = lat.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians();
        let x = (lon / 360.0 + 0.5).rem_euclid(1.0);
        let y = 0.5 - (PI / 4.0 + lat / 2.0).tan().ln() / (2.0 * PI);
        Self::from_mercator(x, y)
    }

    /// The position of Mercator shares in 0..1, held inside that range.
    pub fn from_mercator(x: f64, y: f64) -> Self {
        // A cast of a float to an integer saturates, and makes 0 of not-a-number.
        Self {
            x: (x / STEP).round() as u32,
            y: (y / STEP).round() as u32,
        }
    }

    /// The Mercator shares in 0..1.
    pub fn mercator(self) -> [f64; 2] {
        [f64::from(self.x) * STEP, f64::from(self.y) * STEP]
    }

    /// Longitude and latitude in degrees.
    pub fn lon_lat(self) -> [f64; 2] {
        let [x, y] = self.mercator();
        let lat = (PI * (1.0 - 2.0 * y)).sinh().atan();
        [(x - 0.5) * 360.0, lat.to_degrees()]
    }
}

/// What the map shows: the centre in degrees and the zoom of MapLibre GL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    pub lon: f64,
    pub lat: f64,
    pub zoom: f64,
}

wire_struct!(View {
    lon: f64,
    lat: f64,
    zoom: f64
});

/// A box of longitudes and latitudes in degrees; it does not cross the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

wire_struct!(Bounds {
    west: f64,
    south: f64,
    east: f64,
    north: f64
});

/// Space to keep free at the edges of the canvas, in CSS pixels (for panels over the map).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Padding {
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
    pub left: f32,
}

wire_struct!(Padding {
    top: f32,
    right: f32,
    bottom: f32,
    left: f32
});

/// The size of the canvas in CSS pixels and how many device pixels one CSS pixel has. A size of
/// zero is allowed: nothing is drawn until the next resize.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    pub width: f32,
    pub height: f32,
    pub pixel_ratio: f32,
}

wire_struct!(Viewport {
    width: f32,
    height: f32,
    pixel_ratio: f32
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_keeps_a_centimetre() {
        for (lon, lat) in [
            (104.0431, 30.6418),
            (11.2558, 43.7696),
            (-179.99, -60.0),
            (0.0, 0.0),
        ] {
            let [back_lon, back_lat] = Position::from_lon_lat(lon, lat).lon_lat();
            assert!(
                (back_lon - lon).abs() < 1e-7,
                "{lon} came back as {back_lon}"
            );
            assert!(
                (back_lat - lat).abs() < 1e-7,
                "{lat} came back as {back_lat}"
            );
        }
    }

    #[test]
    fn known_places_lie_where_they_should() {
        assert_eq!(
            Position::from_lon_lat(0.0, 0.0),
            Position {
                x: 1 << 31,
                y: 1 << 31
            }
        );
        assert_eq!(
            Position::from_lon_lat(-180.0, 90.0),
            Position { x: 0, y: 0 }
        );
        assert_eq!(
            Position::from_lon_lat(-90.0, -90.0),
            Position {
                x: 1 << 30,
                y: u32::MAX
            }
        );
    }

    #[test]
    fn nonsense_stays_inside_the_world() {
        assert_eq!(
            Position::from_lon_lat(f64::NAN, f64::NAN),
            Position { x: 0, y: 0 }
        );
        assert_eq!(
            Position::from_mercator(7.0, -7.0),
            Position { x: u32::MAX, y: 0 }
        );
    }
}
