//! Points of the local plane and what is computed from two or three of them.

use std::ops::{Add, Mul, Sub};

/// A point or vector of the local plane: metres east and north of the plane's origin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Metres east.
    pub x: f64,
    /// Metres north.
    pub y: f64,
}

/// Shorthand for a point.
pub const fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// A point as whole millimetres: the identity of a shared vertex.
pub type Key = (i64, i64);

impl Point {
    /// The same point on the millimetre raster on which all shared vertices lie.
    pub fn snapped(self) -> Self {
        point(
            (self.x * 1000.0).round() / 1000.0,
            (self.y * 1000.0).round() / 1000.0,
        )
    }

    /// The identity of the snapped point.
    pub fn key(self) -> Key {
        (
            (self.x * 1000.0).round() as i64,
            (self.y * 1000.0).round() as i64,
        )
    }

    /// Scalar product.
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// Signed area of the parallelogram: positive where `other` lies to the left.
    pub fn cross(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }

    /// Length in metres.
    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// Distance to `other` in metres.
    pub fn distance(self, other: Self) -> f64 {
        (other - self).length()
    }

    /// The vector of length one in this direction; zero stays zero.
    pub fn direction(self) -> Self {
        let length = self.length();
        if length < 1e-12 {
            self
        } else {
            self * (1.0 / length)
        }
    }

    /// The vector turned left by a right angle.
    pub fn left(self) -> Self {
        point(-self.y, self.x)
    }

    /// The vector turned left by `radians`.
    pub fn turned(self, radians: f64) -> Self {
        let (sin, cos) = (libm::sin(radians), libm::cos(radians));
        point(self.x * cos - self.y * sin, self.x * sin + self.y * cos)
    }

    /// The point at the share `t` of the way to `other`.
    pub fn toward(self, other: Self, t: f64) -> Self {
        self + (other - self) * t
    }

    /// Angle from east, counter-clockwise, in radians.
    pub fn angle(self) -> f64 {
        libm::atan2(self.y, self.x)
    }
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        point(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        point(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f64> for Point {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        point(self.x * factor, self.y * factor)
    }
}

/// The share of the way from `a` to `b` at which the segment is nearest to `p`.
pub fn nearest_share(p: Point, a: Point, b: Point) -> f64 {
    let along = b - a;
    let square = along.dot(along);
    if square < 1e-12 {
        0.0
    } else {
        ((p - a).dot(along) / square).clamp(0.0, 1.0)
    }
}

/// Distance in metres from `p` to the segment `a`–`b`.
pub fn segment_distance(p: Point, a: Point, b: Point) -> f64 {
    p.distance(a.toward(b, nearest_share(p, a, b)))
}

/// Where the segments `a` and `b` cross: the shares of the way on each; nothing when parallel.
pub fn crossing(a: (Point, Point), b: (Point, Point)) -> Option<(f64, f64)> {
    let (da, db) = (a.1 - a.0, b.1 - b.0);
    let denominator = da.cross(db);
    if denominator.abs() < 1e-9 {
        return None;
    }
    let offset = b.0 - a.0;
    Some((
        offset.cross(db) / denominator,
        offset.cross(da) / denominator,
    ))
}

/// Length of a line in metres.
pub fn line_length(line: &[Point]) -> f64 {
    line.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
}

/// The point `metres` along the line and the direction there; the ends clamp.
pub fn along_line(line: &[Point], metres: f64) -> (Point, Point) {
    let mut left = metres.max(0.0);
    for pair in line.windows(2) {
        let length = pair[0].distance(pair[1]);
        if left <= length && length > 0.0 {
            return (
                pair[0].toward(pair[1], left / length),
                (pair[1] - pair[0]).direction(),
            );
        }
        left -= length;
    }
    match line {
        [.., before, last] => (*last, (*last - *before).direction()),
        [only] => (*only, point(1.0, 0.0)),
        [] => (Point::default(), point(1.0, 0.0)),
    }
}

/// The line moved `metres` to its left, vertex by vertex along the bisectors.
pub fn offset_line(line: &[Point], metres: impl Fn(f64) -> f64) -> Vec<Point> {
    let mut travelled = 0.0;
    (0..line.len())
        .map(|i| {
            let before = line[i.saturating_sub(1)];
            let after = line[(i + 1).min(line.len() - 1)];
            travelled += line[i].distance(before);
            line[i] + (after - before).direction().left() * metres(travelled)
        })
        .collect()
}
