//! A crowd of points that glide between known positions: where each is shown, and who of them lies
//! under the cursor.
//!
//! The crowd has no spatial index on purpose: everybody may move in every frame, and one pass over
//! 100,000 of them costs a fraction of a millisecond, the upkeep of a tree a multiple of that
//! (`cargo xtask bench map-pick`).

use bytemuck::{Pod, Zeroable};

use crate::projection::View;

/// Steps of a fixed-point position across the world.
const STEPS: f64 = 4_294_967_296.0;

/// Where a point comes from; 16 bytes, uploaded as they are: `Uint32x2` at 0, `Uint32x2` at 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Glide {
    /// Steps of 2⁻³² of the world.
    pub from: [u32; 2],
    /// On the wrapping clock of the frame, in milliseconds.
    pub start_ms: u32,
    /// 0: the point stands.
    pub duration_ms: u32,
}

impl Glide {
    /// A point that stands at its place; where it came from plays no part then.
    pub const STANDING: Self = Self {
        from: [0; 2],
        start_ms: 0,
        duration_ms: 0,
    };

    /// Where the point is shown at a time, on its way to `to`: never beyond it.
    pub fn shown_at(&self, to: [u32; 2], now_ms: u32) -> [u32; 2] {
        let passed_ms = now_ms.wrapping_sub(self.start_ms);
        if passed_ms >= self.duration_ms {
            return to;
        }
        let share = f64::from(passed_ms) / f64::from(self.duration_ms);
        let axis = |from: u32, to: u32| {
            let way = f64::from(to.wrapping_sub(from).cast_signed());
            from.wrapping_add_signed((way * share) as i32)
        };
        [axis(self.from[0], to[0]), axis(self.from[1], to[1])]
    }
}

/// The cursor among fixed-point positions.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    cursor: [u32; 2],
    steps_per_px: f64,
    slack_px: f64,
}

impl Probe {
    /// The cursor at a place of the screen in the view's pixels; points within `slack_px` beyond
    /// their radius count as hit.
    pub fn new(view: &View, at: [f64; 2], slack_px: f64) -> Self {
        let cursor = view.world_from_screen(at);
        Self {
            cursor: [cursor.x, cursor.y].map(|share| (share * STEPS) as i64 as u32),
            steps_per_px: STEPS / view.world_size_px(),
            slack_px,
        }
    }

    /// How many steps the cursor lies beyond the edge of a mark of that radius: 0 on the mark, `None`
    /// out of reach. A pick answers in this order, and among equals with the topmost first.
    pub fn beyond(&self, place: [u32; 2], radius_px: f64) -> Option<f64> {
        let reach = self.reach(radius_px);
        let [dx, dy] = self.way_to(place).map(f64::from);
        let near = dx.abs() <= reach && dy.abs() <= reach;
        near.then(|| dx.hypot(dy))
            .filter(|distance| *distance <= reach)
            .map(|distance| (distance - radius_px * self.steps_per_px).max(0.0))
    }

    /// The points under the cursor by their place in the crowd: those whose marks the cursor is on,
    /// what is drawn later first, then those only within the slack, the nearest first. Each point is
    /// its goal, its glide and the radius of its mark in pixels.
    pub fn crowd_at(
        &self,
        crowd: impl Iterator<Item = ([u32; 2], Glide, f64)>,
        now_ms: u32,
    ) -> Vec<usize> {
        let mut hits: Vec<(f64, usize)> = Vec::new();
        for (at, (goal, glide, radius_px)) in crowd.enumerate() {
            if let Some(beyond) = self.beyond(glide.shown_at(goal, now_ms), radius_px) {
                hits.push((beyond, at));
            }
        }
        hits.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        hits.into_iter().map(|(_, at)| at).collect()
    }

    fn reach(&self, radius_px: f64) -> f64 {
        (radius_px + self.slack_px) * self.steps_per_px
    }

    fn way_to(&self, place: [u32; 2]) -> [i32; 2] {
        [0, 1].map(|axis| place[axis].wrapping_sub(self.cursor[axis]).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::projection::{LonLat, World};

    fn view(zoom: f64) -> View {
        View::new(LonLat::new(104.1, 30.66), zoom, 800.0, 600.0, 1.0)
    }

    /// Places on and around the screen, at every zoom down to the whole world.
    fn place(view: View) -> impl Strategy<Value = [u32; 2]> {
        let steps = |share: f64| (share * STEPS) as i64 as u32;
        (-400.0..1200.0f64, -300.0..900.0f64).prop_map(move |(x, y)| {
            let world = view.world_from_screen([x, y]);
            [steps(world.x), steps(world.y)]
        })
    }

    fn glide(view: View) -> impl Strategy<Value = Glide> {
        (place(view), any::<u32>(), prop_oneof![Just(0), 1..5000u32]).prop_map(
            |(from, start_ms, duration_ms)| Glide {
                from,
                start_ms,
                duration_ms,
            },
        )
    }

    proptest! {
        /// What is hit is what is drawn under the cursor: the oracle measures on the screen.
        #[test]
        fn who_is_found_is_who_is_drawn_there(
            (view, crowd) in (9.0..20.0f64).prop_map(view).prop_flat_map(|view| {
                let one = (place(view), glide(view), 1.0..12.0f64);
                (Just(view), prop::collection::vec(one, 0..200))
            }),
            at in (0.0..800.0f64, 0.0..600.0f64),
            passed_ms in 0..6000u32,
        ) {
            let at = [at.0, at.1];
            let crowd: Vec<_> = crowd.into_iter().map(|(goal, glide, radius)| {
                (goal, Glide { start_ms: 70, ..glide }, radius)
            }).collect();
            let now_ms = 70 + passed_ms;
            let on_screen = |place: [u32; 2]| {
                let [x, y] = place.map(|steps| f64::from(steps) / STEPS);
                view.screen_from_world(World::new(x, y))
            };
            // How far the cursor is outside of each mark, in pixels.
            let outside: Vec<f64> = crowd.iter().map(|(goal, glide, radius)| {
                let (to, from) = (on_screen(*goal), on_screen(glide.from));
                let share = if glide.duration_ms == 0 { 1.0 } else {
                    (f64::from(passed_ms) / f64::from(glide.duration_ms)).min(1.0)
                };
                let shown = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * share);
                (shown[0] - at[0]).hypot(shown[1] - at[1]) - radius - 4.0
            }).collect();
            let found = Probe::new(&view, at, 4.0).crowd_at(crowd.iter().copied(), now_ms);
            for (n, outside_px) in outside.iter().enumerate() {
                // A step of a position is at most a third of a pixel at these zooms.
                prop_assert!(*outside_px > -0.5 || found.contains(&n), "{n} is missing: {outside_px}");
                prop_assert!(*outside_px < 0.5 || !found.contains(&n), "{n} is not there: {outside_px}");
            }
        }
    }

    #[test]
    fn marks_under_the_cursor_come_from_the_topmost_down_and_then_those_beside_it() {
        let view = view(16.0);
        let at = |x: f64| {
            let world = view.world_from_screen([x, 300.0]);
            [world.x, world.y].map(|share| (share * STEPS) as u32)
        };
        let point = |x: f64, radius_px: f64| (at(x), Glide::STANDING, radius_px);
        let crowd = [
            point(400.0, 8.0),
            // Its edge is 3 pixels away, that of the one after it 1 pixel.
            point(411.0, 8.0),
            point(391.0, 8.0),
            // Drawn last of those that the cursor is on, though its middle is the farthest.
            point(406.0, 8.0),
            point(420.0, 8.0),
        ];
        let probe = Probe::new(&view, [400.0, 300.0], 4.0);
        assert_eq!(probe.crowd_at(crowd.iter().copied(), 0), [3, 0, 2, 1]);
    }

    #[test]
    fn a_gliding_point_is_between_its_places_and_never_beyond() {
        let glide = Glide {
            from: [100, 1000],
            start_ms: u32::MAX - 49,
            duration_ms: 100,
        };
        assert_eq!(glide.shown_at([200, 0], u32::MAX - 49), [100, 1000]);
        assert_eq!(glide.shown_at([200, 0], 0), [150, 500], "the clock wraps");
        assert_eq!(glide.shown_at([200, 0], 50), [200, 0]);
        assert_eq!(glide.shown_at([200, 0], 5000), [200, 0]);
    }

    #[test]
    fn who_glides_through_the_cursor_is_hit_only_while_there() {
        let view = view(16.0);
        let at = |x: f64| {
            let world = view.world_from_screen([x, 300.0]);
            [world.x, world.y].map(|share| (share * STEPS) as u32)
        };
        let glide = Glide {
            from: at(0.0),
            start_ms: 1000,
            duration_ms: 1000,
        };
        let crowd = [(at(800.0), glide, 5.0)];
        let probe = Probe::new(&view, [400.0, 300.0], 0.0);
        let found = |now_ms| probe.crowd_at(crowd.iter().copied(), now_ms).len();
        assert_eq!(
            [found(1100), found(1500), found(1900), found(2500)],
            [0, 1, 0, 0]
        );
    }
}
