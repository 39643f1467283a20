//! How the view moves: at once, by the user's hand, coasting after a throw, or flying.

use map_core::projection::{LonLat, View, World};

/// One step of a fixed-point position as a share of the world.
pub const STEP: f64 = 1.0 / 4_294_967_296.0;

/// After a throw the speed falls to 1/e within this time.
const COAST_MS: f64 = 280.0;
/// A throw slower than this many CSS pixels a second stays where it is.
const COAST_LEAST_PX_PER_S: f64 = 140.0;
/// The wheel's zoom reaches its goal to 1/e within this time.
const WHEEL_MS: f64 = 70.0;
/// A frame moves the view on by at most so much time. It is long, so that what was set in motion is
/// over as soon where a frame takes seconds: a shorter one would be made up for by more such frames.
const LONGEST_STEP_MS: f64 = 5_000.0;
/// How strongly a flight prefers to rise over going far; the value that its authors recommend.
const FLIGHT_CURVE: f64 = 1.42;

/// What moves the view now.
#[derive(Debug, Clone)]
enum Motion {
    Still,
    /// Coasting, in CSS pixels per millisecond.
    Coast {
        velocity: [f64; 2],
    },
    /// Zooming towards a goal around a point of the screen.
    Wheel {
        at: [f64; 2],
        goal_zoom: f64,
    },
    Flight(Flight),
}

/// The view with its limits and its motion.
#[derive(Debug, Clone)]
pub struct Eye {
    pub view: View,
    pub min_zoom: f64,
    pub max_zoom: f64,
    motion: Motion,
    last_ms: Option<f64>,
}

impl Eye {
    pub fn new(view: View, min_zoom: f64, max_zoom: f64) -> Self {
        let min_zoom = min_zoom.clamp(0.0, 24.0);
        let max_zoom = max_zoom.clamp(min_zoom, 24.0);
        let mut eye = Self {
            view,
            min_zoom,
            max_zoom,
            motion: Motion::Still,
            last_ms: None,
        };
        eye.view.zoom = eye.allowed_zoom(view.zoom);
        eye
    }

    fn allowed_zoom(&self, zoom: f64) -> f64 {
        zoom.clamp(self.min_zoom, self.max_zoom)
    }

    /// Whether the view moves by itself.
    pub fn is_moving(&self) -> bool {
        !matches!(self.motion, Motion::Still)
    }

    /// Stops where the view is.
    pub fn stop(&mut self) {
        self.motion = Motion::Still;
        self.last_ms = None;
    }

    /// Shows a place, at once or flying for `duration_ms`.
    pub fn go(&mut self, centre: World, zoom: f64, duration_ms: f64) {
        self.stop();
        let goal = View {
            centre,
            zoom: self.allowed_zoom(zoom),
            ..self.view
        };
        if duration_ms > 0.0 && goal != self.view {
            // The world repeats to the east and west; the way goes to the nearest of its copies.
            let away = (self.view.centre.x - centre.x).round();
            let goal = View {
                centre: World::new(centre.x + away, centre.y),
                ..goal
            };
            self.motion = Motion::Flight(Flight::new(self.view, goal, duration_ms));
        } else {
            self.view = goal;
        }
    }

    /// Moves the picture with the pointer.
    pub fn drag(&mut self, dx_px: f64, dy_px: f64) {
        self.stop();
        self.view = self.view.dragged(dx_px, dy_px);
        self.hold_inside();
    }

    /// Lets the picture coast on after the pointer let go; CSS pixels per second.
    pub fn throw(&mut self, velocity_px_per_s: [f64; 2]) {
        let [x, y] = velocity_px_per_s;
        if x.hypot(y) >= COAST_LEAST_PX_PER_S {
            self.motion = Motion::Coast {
                velocity: [x / 1000.0, y / 1000.0],
            };
            self.last_ms = None;
        }
    }

    /// Zooms around a point of the screen by `steps` zoom levels, smoothly.
    pub fn zoom_by(&mut self, at: [f64; 2], steps: f64) {
        let from = match self.motion {
            Motion::Wheel { goal_zoom, .. } => goal_zoom,
            _ => self.view.zoom,
        };
        if !matches!(self.motion, Motion::Wheel { .. }) {
            self.last_ms = None;
        }
        self.motion = Motion::Wheel {
            at,
            goal_zoom: self.allowed_zoom(from + steps),
        };
    }

    /// Moves the picture with two fingers: their middle, which is now `at`, moved by that way, and
    /// their distance grew by `steps` doublings.
    pub fn pinch(&mut self, at: [f64; 2], way_px: [f64; 2], steps: f64) {
        self.drag(way_px[0], way_px[1]);
        let zoom = self.allowed_zoom(self.view.zoom + steps);
        self.view = self.view.zoomed_at(at, zoom);
        self.hold_inside();
    }

    /// Moves on to a time of the frame's clock; answers whether the view changed.
    pub fn step(&mut self, now_ms: f64) -> bool {
        let before = self.view;
        let passed_ms = self
            .last_ms
            .map_or(16.0, |last| (now_ms - last).clamp(0.0, LONGEST_STEP_MS));
        self.last_ms = Some(now_ms);
        match &mut self.motion {
            Motion::Still => {
                self.last_ms = None;
                return false;
            }
            Motion::Coast { velocity } => {
                let [x, y] = *velocity;
                let slowed = (-passed_ms / COAST_MS).exp();
                *velocity = [x * slowed, y * slowed];
                let way = COAST_MS * (1.0 - slowed);
                self.view = self.view.dragged(x * way, y * way);
                if x.hypot(y) * 1000.0 < 12.0 {
                    self.stop();
                }
            }
            Motion::Wheel { at, goal_zoom } => {
                let (at, goal) = (*at, *goal_zoom);
                let rest = (goal - self.view.zoom) * (-passed_ms / WHEEL_MS).exp();
                let arrived = rest.abs() < 0.002;
                let zoom = if arrived { goal } else { goal - rest };
                self.view = self.view.zoomed_at(at, zoom);
                if arrived {
                    self.stop();
                }
            }
            Motion::Flight(flight) => {
                let (view, arrived) = flight.at(now_ms);
                // The canvas may have changed its size since the start.
                self.view = View {
                    centre: view.centre,
                    zoom: view.zoom,
                    ..self.view
                };
                if arrived {
                    self.stop();
                }
            }
        }
        self.hold_inside();
        self.view != before
    }

    /// The world repeats to the east and west and ends to the north and south.
    fn hold_inside(&mut self) {
        self.view.centre.x = self.view.centre.x.rem_euclid(1.0);
        self.view.centre.y = self.view.centre.y.clamp(0.0, 1.0);
    }
}

/// A smooth and efficient path between two views: it rises, goes and comes down so that the
/// picture seems to move at an even pace (van Wijk and Nuij, "Smooth and efficient zooming and
/// panning", 2003).
#[derive(Debug, Clone)]
struct Flight {
    from: View,
    to: View,
    start_ms: Option<f64>,
    duration_ms: f64,
    /// Length of the path in its own measure.
    length: f64,
    /// Distance on the ground, in CSS pixels at the zoom of `from`.
    ground: f64,
    r0: f64,
}

impl Flight {
    fn new(from: View, to: View, duration_ms: f64) -> Self {
        let world_px = from.world_size_px();
        let (dx, dy) = (to.centre.x - from.centre.x, to.centre.y - from.centre.y);
        let ground = dx.hypot(dy) * world_px;
        let w0 = from.width_px.max(from.height_px);
        let w1 = w0 / (to.zoom - from.zoom).exp2();
        let rho2 = FLIGHT_CURVE * FLIGHT_CURVE;
        let r = |last: bool| {
            let (w, sign) = if last { (w1, -1.0) } else { (w0, 1.0) };
            let b = (w1 * w1 - w0 * w0 + sign * rho2 * rho2 * ground * ground)
                / (2.0 * w * rho2 * ground);
            ((b * b + 1.0).sqrt() - b).ln()
        };
        let (r0, length) = if ground < 1.0 {
            (0.0, (w1 / w0).ln().abs() / FLIGHT_CURVE)
        } else {
            (r(false), (r(true) - r(false)) / FLIGHT_CURVE)
        };
        Self {
            from,
            to,
            start_ms: None,
            duration_ms,
            length,
            ground,
            r0,
        }
    }

    fn at(&mut self, now_ms: f64) -> (View, bool) {
        let start = *self.start_ms.get_or_insert(now_ms);
        let t = ((now_ms - start) / self.duration_ms).clamp(0.0, 1.0);
        if t >= 1.0 || !self.length.is_finite() {
            return (self.to, true);
        }
        // Starts and ends gently.
        let eased = t * t * (3.0 - 2.0 * t);
        let s = eased * self.length;
        let (scale, way) = if self.ground < 1.0 {
            let sign = if self.to.zoom > self.from.zoom {
                -1.0
            } else {
                1.0
            };
            ((sign * FLIGHT_CURVE * s).exp(), eased)
        } else {
            let w0 = self.from.width_px.max(self.from.height_px);
            let inner = self.r0 + FLIGHT_CURVE * s;
            let scale = self.r0.cosh() / inner.cosh();
            let way = w0 * (self.r0.cosh() * inner.tanh() - self.r0.sinh())
                / (FLIGHT_CURVE * FLIGHT_CURVE)
                / self.ground;
            (scale, way)
        };
        let (a, b) = (self.from.centre, self.to.centre);
        let centre = World::new(a.x + (b.x - a.x) * way, a.y + (b.y - a.y) * way);
        (
            View {
                centre,
                zoom: self.from.zoom - scale.log2(),
                ..self.from
            },
            false,
        )
    }
}

/// The view that shows a box of degrees inside a padding (top, right, bottom, left).
pub fn fitted(
    view: &View,
    corners: [LonLat; 2],
    padding_px: [f64; 4],
    max_zoom: f64,
) -> (World, f64) {
    let [top, right, bottom, left] = padding_px;
    let [a, b] = corners.map(LonLat::to_world);
    let room = |px: f64| px.max(16.0);
    let (width, height) = (
        room(view.width_px - left - right),
        room(view.height_px - top - bottom),
    );
    let span = |a: f64, b: f64| (a - b).abs().max(1e-9);
    let size = (width / span(a.x, b.x)).min(height / span(a.y, b.y));
    let zoom = (size / map_core::projection::TILE_SIZE_PX)
        .log2()
        .min(max_zoom);
    let world_px = map_core::projection::TILE_SIZE_PX * zoom.exp2();
    let centre = World::new(
        f64::midpoint(a.x, b.x) + (right - left) / 2.0 / world_px,
        f64::midpoint(a.y, b.y) + (bottom - top) / 2.0 / world_px,
    );
    (centre, zoom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eye() -> Eye {
        let view = View::new(LonLat::new(104.04, 30.64), 14.0, 1000.0, 600.0, 1.0);
        Eye::new(view, 9.0, 19.0)
    }

    #[test]
    fn a_flight_ends_exactly_at_its_goal() {
        for (lon, lat, zoom) in [
            (104.09, 30.66, 16.0),
            (104.04, 30.64, 11.0),
            (116.4, 39.9, 14.0),
        ] {
            let mut eye = eye();
            let goal = LonLat::new(lon, lat).to_world();
            eye.go(goal, zoom, 800.0);
            let mut now = 0.0;
            while eye.is_moving() {
                eye.step(now);
                assert!(eye.view.zoom.is_finite() && eye.view.centre.x.is_finite());
                now += 16.0;
            }
            assert!((800.0..900.0).contains(&now), "took {now} ms");
            assert_eq!(eye.view.centre, goal);
            assert!((eye.view.zoom - zoom).abs() < 1e-9);
        }
    }

    #[test]
    fn a_flight_moves_without_jumps() {
        let mut eye = eye();
        eye.go(LonLat::new(104.2, 30.7).to_world(), 17.0, 1000.0);
        let mut last = eye.view;
        for step in 0..=64 {
            eye.step(f64::from(step) * 16.0);
            let jump = last.screen_from_world(eye.view.centre);
            let moved = (jump[0] - 500.0).hypot(jump[1] - 300.0);
            assert!(moved < 260.0, "jumped {moved} px in step {step}");
            assert!(
                (eye.view.zoom - last.zoom).abs() < 0.5,
                "zoom jumped in step {step}"
            );
            last = eye.view;
        }
    }

    #[test]
    fn a_flight_over_the_antimeridian_takes_the_short_way() {
        for (from, to) in [(179.99, -179.99), (-179.99, 179.99)] {
            let mut eye = eye();
            let goal = LonLat::new(to, 30.64).to_world();
            eye.go(LonLat::new(from, 30.64).to_world(), 14.0, 0.0);
            eye.go(goal, 14.0, 800.0);
            let mut now = 0.0;
            while eye.is_moving() {
                eye.step(now);
                assert!(eye.view.zoom > 12.0, "it rose to {}", eye.view.zoom);
                let lon = eye.view.centre.to_lon_lat().lon;
                assert!(lon.abs() > 179.98, "it went by {lon}");
                now += 16.0;
            }
            assert!((eye.view.centre.x - goal.x).abs() < 1e-12);
        }
    }

    #[test]
    fn where_frames_take_seconds_no_motion_takes_many_of_them() {
        let frames_of = |begin: fn(&mut Eye)| {
            let mut eye = eye();
            begin(&mut eye);
            let moving = |frame: &u32| {
                eye.step(f64::from(*frame) * 3_000.0);
                eye.is_moving()
            };
            (0..100).take_while(moving).count()
        };
        assert!(frames_of(|eye| eye.zoom_by([10.0, 10.0], 5.0)) <= 2);
        assert!(frames_of(|eye| eye.throw([4_000.0, 4_000.0])) <= 2);
        assert!(frames_of(|eye| eye.go(LonLat::new(105.0, 31.0).to_world(), 12.0, 800.0)) <= 2);
    }

    #[test]
    fn the_users_hand_cuts_a_flight_short() {
        let mut eye = eye();
        eye.go(LonLat::new(104.2, 30.7).to_world(), 17.0, 1000.0);
        eye.step(0.0);
        eye.step(300.0);
        eye.drag(5.0, 0.0);
        let held = eye.view;
        assert!(!eye.step(400.0));
        assert_eq!(eye.view, held);
    }

    #[test]
    fn the_wheel_keeps_the_point_under_the_cursor_and_the_limits() {
        let mut eye = eye();
        let under = eye.view.world_from_screen([200.0, 150.0]);
        eye.zoom_by([200.0, 150.0], 9.0);
        for step in 0..200 {
            eye.step(f64::from(step) * 16.0);
        }
        assert!(!eye.is_moving());
        assert!((eye.view.zoom - 19.0).abs() < 1e-9);
        let [x, y] = eye.view.screen_from_world(under);
        assert!(
            (x - 200.0).abs() < 0.1 && (y - 150.0).abs() < 0.1,
            "{x} {y}"
        );
    }

    #[test]
    fn two_fingers_keep_what_is_between_them() {
        let mut eye = eye();
        let between = eye.view.world_from_screen([300.0, 200.0]);
        eye.pinch([320.0, 190.0], [20.0, -10.0], 0.7);
        assert!((eye.view.zoom - 14.7).abs() < 1e-9);
        let [x, y] = eye.view.screen_from_world(between);
        assert!(
            (x - 320.0).abs() < 0.1 && (y - 190.0).abs() < 0.1,
            "{x} {y}"
        );
    }

    #[test]
    fn a_throw_coasts_and_ends() {
        let mut eye = eye();
        let start = eye.view.centre.x;
        eye.throw([-900.0, 0.0]);
        let mut now = 0.0;
        while eye.is_moving() && now < 10_000.0 {
            eye.step(now);
            now += 16.0;
        }
        assert!(now < 3000.0, "coasted for {now} ms");
        assert!(eye.view.centre.x > start);
        eye.throw([10.0, 0.0]);
        assert!(!eye.is_moving(), "too slow to coast");
    }

    #[test]
    fn a_fitted_box_stands_in_the_free_part() {
        let eye = eye();
        let corners = [LonLat::new(104.0, 30.6), LonLat::new(104.1, 30.7)];
        let (centre, zoom) = fitted(&eye.view, corners, [0.0, 0.0, 0.0, 400.0], 18.0);
        let view = View {
            centre,
            zoom,
            ..eye.view
        };
        for corner in corners {
            let [x, y] = view.screen_from_world(corner.to_world());
            assert!((399.9..=1000.1).contains(&x), "{x}");
            assert!((-0.1..=600.1).contains(&y), "{y}");
        }
    }
}
