//! Web Mercator in the convention of GL maps: the world is a unit square, `x` to the east, `y` to the south, and at
//! zoom `z` it is `512 · 2^z` CSS pixels wide.

/// CSS pixels of the world's width at zoom 0.
pub const TILE_SIZE_PX: f64 = 512.0;

/// The latitude at which the Mercator square ends, in degrees.
pub const MAX_LATITUDE_DEG: f64 = 85.051_128_779_806_6;

/// The equator's length in metres on the sphere that web maps use.
const EQUATOR_M: f64 = 40_075_016.685_578_5;

/// A place on the earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LonLat {
    /// Degrees to the east.
    pub lon: f64,
    /// Degrees to the north.
    pub lat: f64,
}

impl LonLat {
    /// A place from its longitude and latitude in degrees.
    pub const fn new(lon: f64, lat: f64) -> Self {
        Self { lon, lat }
    }

    /// The place on the Mercator square. Latitudes beyond the square are moved to its edge, values that are not
    /// finite to the origin of coordinates.
    pub fn to_world(self) -> World {
        let lon = if self.lon.is_finite() { self.lon } else { 0.0 };
        let lat = if self.lat.is_finite() { self.lat } else { 0.0 };
        let phi = lat.clamp(-MAX_LATITUDE_DEG, MAX_LATITUDE_DEG).to_radians();
        let y = (std::f64::consts::FRAC_PI_4 + phi / 2.0).tan().ln();
        World {
            x: (lon + 180.0) / 360.0,
            y: 0.5 - y / std::f64::consts::TAU,
        }
    }
}

/// A point of the Mercator square; both numbers run from 0 to 1 over the world, `y` to the south.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct World {
    /// From the west (180° W) to the east.
    pub x: f64,
    /// From the north to the south.
    pub y: f64,
}

impl World {
    /// A point from its two fractions.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The place on the earth.
    pub fn to_lon_lat(self) -> LonLat {
        let n = std::f64::consts::PI * (1.0 - 2.0 * self.y);
        LonLat {
            lon: self.x * 360.0 - 180.0,
            lat: n.sinh().atan().to_degrees(),
        }
    }

    /// Metres on the ground that one unit of the square stands for at this latitude.
    pub fn metres_per_unit(self) -> f64 {
        EQUATOR_M * self.to_lon_lat().lat.to_radians().cos()
    }
}

/// A rectangle of the Mercator square.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorldRect {
    /// The north-western corner.
    pub min: World,
    /// The south-eastern corner.
    pub max: World,
}

impl WorldRect {
    /// The rectangle around two places.
    pub fn around(a: World, b: World) -> Self {
        Self {
            min: World::new(a.x.min(b.x), a.y.min(b.y)),
            max: World::new(a.x.max(b.x), a.y.max(b.y)),
        }
    }

    /// Whether the point lies inside or on the border.
    pub fn contains(&self, p: World) -> bool {
        p.x >= self.min.x && p.x <= self.max.x && p.y >= self.min.y && p.y <= self.max.y
    }
}

/// A tile's address: `x` to the east, `y` to the south (XYZ numbering), both below `2^z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// Zoom level, at most 24.
    pub z: u8,
    /// Column.
    pub x: u32,
    /// Row.
    pub y: u32,
}

impl TileId {
    /// The deepest level that tiles have here.
    pub const MAX_ZOOM: u8 = 24;

    /// A tile's address, or `None` where the numbers name no tile.
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        (z <= Self::MAX_ZOOM && x < 1 << z && y < 1 << z).then_some(Self { z, x, y })
    }

    /// The address one level up; the world tile is its own parent.
    pub fn parent(self) -> Self {
        if self.z == 0 {
            self
        } else {
            Self {
                z: self.z - 1,
                x: self.x >> 1,
                y: self.y >> 1,
            }
        }
    }

    /// The ancestor at `z`, or the tile itself where `z` is not above it.
    pub fn at_zoom(self, z: u8) -> Self {
        if z >= self.z {
            return self;
        }
        let up = self.z - z;
        Self {
            z,
            x: self.x >> up,
            y: self.y >> up,
        }
    }

    /// The four tiles one level down.
    pub fn children(self) -> [Self; 4] {
        let (z, x, y) = (self.z + 1, self.x * 2, self.y * 2);
        [
            Self { z, x, y },
            Self { z, x: x + 1, y },
            Self { z, x, y: y + 1 },
            Self {
                z,
                x: x + 1,
                y: y + 1,
            },
        ]
    }

    /// Whether `other` is this tile or lies in it.
    pub fn contains(self, other: Self) -> bool {
        other.z >= self.z && other.at_zoom(self.z) == self
    }

    /// The tile's place on the Mercator square.
    pub fn rect(self) -> WorldRect {
        let n = f64::from(self.z).exp2();
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        WorldRect {
            min: World::new(x / n, y / n),
            max: World::new((x + 1.0) / n, (y + 1.0) / n),
        }
    }
}

/// What part of the world is on the screen. Sizes are in CSS pixels; north is up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// What stands in the middle of the screen.
    pub centre: World,
    /// GL-style zoom.
    pub zoom: f64,
    /// Width of the canvas in CSS pixels.
    pub width_px: f64,
    /// Height of the canvas in CSS pixels.
    pub height_px: f64,
    /// Device pixels for one CSS pixel.
    pub dpr: f64,
}

impl View {
    /// A view of a place. Sizes below one pixel and numbers that are not finite become the nearest usable ones.
    pub fn new(centre: LonLat, zoom: f64, width_px: f64, height_px: f64, dpr: f64) -> Self {
        let usable = |v: f64, low: f64, high: f64| {
            if v.is_finite() {
                v.clamp(low, high)
            } else {
                low
            }
        };
        Self {
            centre: centre.to_world(),
            zoom: usable(zoom, 0.0, f64::from(TileId::MAX_ZOOM)),
            width_px: usable(width_px, 1.0, 65_536.0),
            height_px: usable(height_px, 1.0, 65_536.0),
            dpr: usable(dpr, 0.25, 8.0),
        }
    }

    /// The width of the world in CSS pixels.
    pub fn world_size_px(&self) -> f64 {
        TILE_SIZE_PX * self.zoom.exp2()
    }

    /// Where a point of the world is on the screen, in CSS pixels from the upper left corner.
    pub fn screen_from_world(&self, p: World) -> [f64; 2] {
        let s = self.world_size_px();
        [
            (p.x - self.centre.x) * s + self.width_px / 2.0,
            (p.y - self.centre.y) * s + self.height_px / 2.0,
        ]
    }

    /// What point of the world is under a point of the screen given in CSS pixels.
    pub fn world_from_screen(&self, screen: [f64; 2]) -> World {
        let s = self.world_size_px();
        World {
            x: self.centre.x + (screen[0] - self.width_px / 2.0) / s,
            y: self.centre.y + (screen[1] - self.height_px / 2.0) / s,
        }
    }

    /// The part of the world on the screen; it may reach beyond the Mercator square.
    pub fn world_rect(&self) -> WorldRect {
        WorldRect {
            min: self.world_from_screen([0.0, 0.0]),
            max: self.world_from_screen([self.width_px, self.height_px]),
        }
    }

    /// Where a tile is on the screen: its upper left corner and its edge length, in CSS pixels.
    pub fn screen_from_tile(&self, tile: TileId) -> ([f64; 2], f64) {
        let size = self.world_size_px() / f64::from(tile.z).exp2();
        (self.screen_from_world(tile.rect().min), size)
    }

    /// The same canvas showing all of `rect` with `padding_px` around it, at most at `max_zoom`.
    pub fn fitted(&self, rect: WorldRect, padding_px: f64, max_zoom: f64) -> Self {
        let room = |px: f64| (px - 2.0 * padding_px).max(1.0);
        let scale = |room: f64, span: f64| {
            if span > 0.0 {
                room / span
            } else {
                f64::INFINITY
            }
        };
        let size = scale(room(self.width_px), rect.max.x - rect.min.x)
            .min(scale(room(self.height_px), rect.max.y - rect.min.y));
        let zoom = (size / TILE_SIZE_PX).log2().min(max_zoom).max(0.0);
        let centre = World::new(
            f64::midpoint(rect.min.x, rect.max.x),
            f64::midpoint(rect.min.y, rect.max.y),
        );
        Self {
            centre,
            zoom,
            ..*self
        }
    }

    /// The same view zoomed to `zoom` so that what is under `screen` stays under it.
    pub fn zoomed_at(&self, screen: [f64; 2], zoom: f64) -> Self {
        let kept = self.world_from_screen(screen);
        let zoom = if zoom.is_finite() {
            zoom.clamp(0.0, f64::from(TileId::MAX_ZOOM))
        } else {
            self.zoom
        };
        let next = Self { zoom, ..*self };
        let now = next.world_from_screen(screen);
        let centre = World::new(
            next.centre.x + kept.x - now.x,
            next.centre.y + kept.y - now.y,
        );
        Self { centre, ..next }
    }

    /// The same view moved by a drag of so many CSS pixels: the picture follows the pointer.
    pub fn dragged(&self, dx_px: f64, dy_px: f64) -> Self {
        let s = self.world_size_px();
        Self {
            centre: World::new(self.centre.x - dx_px / s, self.centre.y - dy_px / s),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_from_the_square() {
        for (lon, lat) in [(0.0, 0.0), (104.1, 30.66), (-179.9, -80.0), (179.9, 84.9)] {
            let back = LonLat::new(lon, lat).to_world().to_lon_lat();
            assert!(
                (back.lon - lon).abs() < 1e-9 && (back.lat - lat).abs() < 1e-9,
                "{back:?}"
            );
        }
    }

    #[test]
    fn the_poles_and_nonsense_stay_in_the_square() {
        assert!(LonLat::new(0.0, 90.0).to_world().y.abs() < 1e-9);
        assert!((LonLat::new(0.0, -90.0).to_world().y - 1.0).abs() < 1e-9);
        let w = LonLat::new(f64::NAN, f64::INFINITY).to_world();
        assert!(w.x.is_finite() && w.y.is_finite());
    }

    #[test]
    fn zooming_keeps_what_is_under_the_cursor() {
        let view = View::new(LonLat::new(104.1, 30.66), 12.3, 1920.0, 1080.0, 1.0);
        let under = view.world_from_screen([300.0, 900.0]);
        let zoomed = view.zoomed_at([300.0, 900.0], 15.8);
        let after = zoomed.screen_from_world(under);
        assert!(
            (after[0] - 300.0).abs() < 1e-3 && (after[1] - 900.0).abs() < 1e-3,
            "{after:?}"
        );
    }

    #[test]
    fn a_fitted_view_shows_the_whole_rectangle() {
        let a = LonLat::new(104.0, 30.7).to_world();
        let b = LonLat::new(104.2, 30.6).to_world();
        let view = View::new(LonLat::new(0.0, 0.0), 3.0, 800.0, 600.0, 2.0).fitted(
            WorldRect::around(a, b),
            20.0,
            18.0,
        );
        for corner in [a, b] {
            let [x, y] = view.screen_from_world(corner);
            assert!(
                (19.9..=780.1).contains(&x) && (19.9..=580.1).contains(&y),
                "{x} {y}"
            );
        }
    }

    #[test]
    fn tiles_know_their_family() {
        let t = TileId::new(14, 12935, 6709).expect("a tile");
        assert!(
            t.children()
                .iter()
                .all(|c| c.parent() == t && t.contains(*c))
        );
        assert_eq!(t.at_zoom(0), TileId { z: 0, x: 0, y: 0 });
        assert_eq!(TileId::new(2, 4, 0), None);
        assert_eq!(TileId::new(25, 0, 0), None);
    }
}
