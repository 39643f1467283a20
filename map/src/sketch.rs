//! What is drawn with a tool: which points the hand sets, and which lines and areas they make.

use map_core::{
    live::{AreaFeature, Polygon},
    projection::{LonLat, World},
};
use map_protocol::{Position, Tool};

use crate::grids::unwrapped;

/// More points than a hand draws; further ones are left out.
const MOST_POINTS: usize = 2_000;
/// Corners of a drawn circle.
const CIRCLE_CORNERS: u32 = 96;
/// Mean radius of the earth (IUGG), metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A sketch in the making.
#[derive(Debug)]
pub struct Sketch {
    tool: Tool,
    points: Vec<Position>,
    /// What was drawn before the drawing that is under way.
    before: Vec<Position>,
    /// Where the pointer is, for the piece that is not set yet.
    pointer: Option<Position>,
    is_held: bool,
    is_drawing: bool,
    pub dirty: bool,
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            tool: Tool::None,
            points: Vec::new(),
            before: Vec::new(),
            pointer: None,
            is_held: false,
            is_drawing: false,
            dirty: false,
        }
    }
}

/// What the hand's doing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    pub points: Vec<Position>,
    pub finished: bool,
}

impl Sketch {
    /// Shows what is drawn with a tool so far; `held` takes it in hand to go on.
    pub fn set(&mut self, tool: Tool, mut points: Vec<Position>, held: bool) {
        points.truncate(MOST_POINTS);
        // The same points come back from whoever was told of them while the hand goes on.
        if self.is_drawing && held && tool == self.tool {
            return;
        }
        self.tool = tool;
        self.points = points;
        self.is_held = held && tool != Tool::None;
        self.is_drawing = false;
        if tool != Tool::Measure || !held {
            self.pointer = None;
        }
        self.dirty = true;
    }

    /// The tool that is or was drawn with.
    pub fn tool(&self) -> Tool {
        self.tool
    }

    /// Whether the hand draws with it.
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    /// Whether a drag draws instead of moving the map.
    pub fn takes_drags(&self) -> bool {
        self.is_held && matches!(self.tool, Tool::Radius | Tool::Lasso)
    }

    /// The button went down: a drawing begins, what was drawn before is wiped away.
    pub fn begin(&mut self, at: Position) {
        self.before = std::mem::replace(&mut self.points, vec![at]);
        self.is_drawing = true;
        self.dirty = true;
    }

    /// The drawing under way was not meant: what was drawn before is there again.
    pub fn abandon(&mut self) -> Option<Drawn> {
        if !std::mem::take(&mut self.is_drawing) {
            return None;
        }
        self.points = std::mem::take(&mut self.before);
        self.dirty = true;
        Some(self.drawn(false))
    }

    /// The pointer is somewhere else; answers what is drawn now where that has changed. Points of a
    /// lasso are at least `least` steps of the world apart.
    pub fn travel(&mut self, at: Position, least: f64) -> Option<Drawn> {
        if !self.is_drawing {
            let measures = self.is_held && self.tool == Tool::Measure;
            if measures && self.pointer.replace(at) != Some(at) {
                self.dirty |= !self.points.is_empty();
            }
            return None;
        }
        if self.tool == Tool::Radius {
            self.points.truncate(1);
        } else {
            let last = self.points.last();
            let is_far = last.is_none_or(|last| steps(*last, at) >= least);
            if !is_far || self.points.len() >= MOST_POINTS {
                return None;
            }
        }
        self.points.push(at);
        self.dirty = true;
        Some(self.drawn(false))
    }

    /// The button went up: the drawing is finished, or wiped away where it has no size.
    pub fn end(&mut self) -> Option<Drawn> {
        if !std::mem::take(&mut self.is_drawing) {
            return None;
        }
        let has_size = match (self.tool, &self.points[..]) {
            (Tool::Radius, [centre, rim]) => centre != rim,
            (Tool::Lasso, points) => points.len() >= 3,
            _ => false,
        };
        if !has_size {
            self.points.clear();
        }
        self.dirty = true;
        Some(self.drawn(has_size))
    }

    /// A click with the measuring tool sets a point; one at the last place sets none.
    pub fn click(&mut self, at: Position) -> Option<Drawn> {
        let sets = self.is_held
            && self.tool == Tool::Measure
            && self.points.last() != Some(&at)
            && self.points.len() < MOST_POINTS;
        sets.then(|| {
            self.points.push(at);
            self.dirty = true;
            self.drawn(false)
        })
    }

    /// The pointer left the map.
    pub fn leave(&mut self) {
        self.dirty |= self.pointer.take().is_some();
    }

    fn drawn(&self, finished: bool) -> Drawn {
        Drawn {
            points: self.points.clone(),
            finished,
        }
    }

    /// The measured line, to the pointer where it goes on.
    pub fn line(&self) -> Vec<Position> {
        if self.tool != Tool::Measure {
            return Vec::new();
        }
        let ahead = self.pointer.filter(|_| !self.points.is_empty());
        self.points.iter().copied().chain(ahead).collect()
    }

    /// The points that were set, to be marked.
    pub fn spots(&self) -> &[Position] {
        match self.tool {
            Tool::Measure => &self.points,
            Tool::Radius => &self.points[..self.points.len().min(1)],
            Tool::None | Tool::Lasso => &[],
        }
    }

    /// The area within, where there is one.
    pub fn area(&self) -> AreaFeature {
        let ring = match (self.tool, &self.points[..]) {
            (Tool::Radius, [centre, rim]) => circle(*centre, *rim),
            (Tool::Lasso, points) => unwrapped(points),
            _ => Vec::new(),
        };
        AreaFeature {
            polygons: vec![Polygon { rings: vec![ring] }],
        }
    }
}

/// The way between two places in steps of the world.
fn steps(from: Position, to: Position) -> f64 {
    let axis = |from: u32, to: u32| f64::from(to.wrapping_sub(from).cast_signed());
    axis(from.x, to.x).hypot(axis(from.y, to.y))
}

/// The places as far from `centre` as `rim` is, on a sphere: within a city the same circle as on
/// the ellipsoid to a few decimetres per kilometre.
fn circle(centre: Position, rim: Position) -> Vec<World> {
    let [middle, edge] = [centre, rim].map(|position| {
        let [lon, lat] = position.lon_lat();
        LonLat::new(lon, lat)
    });
    let angle = distance_m(middle, edge) / EARTH_RADIUS_M;
    let lat = middle.lat.to_radians();
    let mut ring: Vec<World> = Vec::new();
    for corner in 0..CIRCLE_CORNERS {
        let bearing = std::f64::consts::TAU * f64::from(corner) / f64::from(CIRCLE_CORNERS);
        let (sin, cos) = bearing.sin_cos();
        let there = (lat.sin() * angle.cos() + lat.cos() * angle.sin() * cos).asin();
        let turn = (sin * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * there.sin());
        let at = LonLat::new(middle.lon + turn.to_degrees(), there.to_degrees()).to_world();
        ring.push(at);
    }
    ring
}

/// Great-circle distance in metres (haversine).
fn distance_m(from: LonLat, to: LonLat) -> f64 {
    let (lat1, lat2) = (from.lat.to_radians(), to.lat.to_radians());
    let half_lat = ((lat2 - lat1) / 2.0).sin();
    let half_lon = ((to.lon - from.lon).to_radians() / 2.0).sin();
    let chord = half_lat * half_lat + lat1.cos() * lat2.cos() * half_lon * half_lon;
    2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> Position {
        Position::from_lon_lat(lon, lat)
    }

    fn with(tool: Tool) -> Sketch {
        let mut sketch = Sketch::default();
        sketch.set(tool, Vec::new(), true);
        sketch
    }

    #[test]
    fn clicks_measure_and_the_line_runs_on_to_the_pointer() {
        let mut sketch = with(Tool::Measure);
        let (a, b, c) = (at(104.0, 30.0), at(104.1, 30.0), at(104.1, 30.1));
        assert_eq!(sketch.travel(a, 0.0), None);
        assert!(sketch.line().is_empty(), "nothing is set yet");
        let drawn = sketch.click(a).expect("a point");
        assert!(drawn.points == [a] && !drawn.finished);
        assert_eq!(sketch.click(a), None, "a second click at the same place");
        sketch.travel(c, 0.0);
        assert_eq!(sketch.line(), [a, c]);
        sketch.click(b);
        assert_eq!(sketch.spots(), [a, b]);
        sketch.set(Tool::Measure, vec![a], true);
        assert_eq!(sketch.line(), [a, c], "the last point was taken back");
        sketch.leave();
        assert_eq!(sketch.line(), [a]);
        sketch.set(Tool::Measure, vec![a, b], false);
        sketch.travel(c, 0.0);
        assert_eq!(
            (sketch.click(c), sketch.line()),
            (None, vec![a, b]),
            "put down"
        );
        sketch.set(Tool::None, Vec::new(), true);
        assert!(sketch.line().is_empty() && sketch.spots().is_empty());
        assert_eq!(sketch.click(a), None);
    }

    #[test]
    fn a_circle_is_drawn_in_one_drag_and_none_without_a_size() {
        let mut sketch = with(Tool::Radius);
        let (centre, rim) = (at(104.0, 30.0), at(104.01, 30.0));
        sketch.begin(centre);
        let drawn = sketch.travel(rim, 0.0).expect("under way");
        assert!(drawn.points == [centre, rim] && !drawn.finished);
        sketch.set(Tool::Radius, vec![centre], true);
        assert_eq!(sketch.end().map(|drawn| drawn.finished), Some(true));
        assert_eq!(sketch.area().polygons[0].rings[0].len(), 96);
        sketch.begin(centre);
        sketch.travel(centre, 0.0);
        let wiped = sketch.end().expect("the button went up");
        assert!(wiped.points.is_empty() && !wiped.finished);
        assert_eq!(sketch.end(), None, "nothing was begun");
    }

    #[test]
    fn what_is_abandoned_leaves_what_was_drawn_before() {
        let mut sketch = with(Tool::Radius);
        let (centre, rim) = (at(104.0, 30.0), at(104.01, 30.0));
        sketch.set(Tool::Radius, vec![centre, rim], true);
        sketch.begin(at(104.1, 30.1));
        sketch.travel(at(104.2, 30.1), 0.0);
        sketch.dirty = false;
        let left = sketch.abandon().expect("a drawing was under way");
        assert!(left.points == [centre, rim] && !left.finished);
        assert!(sketch.dirty);
        assert_eq!(sketch.travel(at(104.3, 30.1), 0.0), None);
        assert_eq!((sketch.end(), sketch.abandon()), (None, None));
        assert_eq!(sketch.area().polygons[0].rings[0].len(), 96);
        assert!(sketch.is_held(), "the tool stays in hand");
    }

    #[test]
    fn every_corner_of_a_circle_is_as_far_away_as_its_rim() {
        for (centre, rim) in [
            (at(104.0, 30.6), at(104.01, 30.61)),
            (at(179.999, 10.0), at(-179.99, 10.0)),
            (at(10.0, -60.0), at(14.0, -60.0)),
        ] {
            let [middle, edge] = [centre, rim].map(|p| LonLat::new(p.lon_lat()[0], p.lon_lat()[1]));
            let want_m = distance_m(middle, edge);
            let ring = circle(centre, rim);
            for corner in &ring {
                let got_m = distance_m(middle, corner.to_lon_lat());
                assert!((got_m / want_m - 1.0).abs() < 1e-6, "{got_m} {want_m}");
            }
            let xs = ring.windows(2).map(|pair| (pair[0].x - pair[1].x).abs());
            assert!(
                xs.fold(0.0, f64::max) < 0.1,
                "no edge runs around the world"
            );
        }
    }

    #[test]
    fn a_lasso_takes_points_that_are_apart_and_at_least_three() {
        let mut sketch = with(Tool::Lasso);
        sketch.begin(at(179.99, 0.0));
        assert_eq!(sketch.travel(at(179.99, 0.0), 10.0), None);
        for (lon, lat) in [(-179.99, 0.0), (-179.99, 0.01), (179.99, 0.01)] {
            assert!(sketch.travel(at(lon, lat), 10.0).is_some());
        }
        assert_eq!(
            sketch
                .end()
                .map(|drawn| (drawn.points.len(), drawn.finished)),
            Some((4, true))
        );
        let ring = &sketch.area().polygons[0].rings[0];
        let width = ring[1].x - ring[0].x;
        assert!(
            (0.0..0.001).contains(&width),
            "over the antimeridian: {width}"
        );
        sketch.begin(at(1.0, 1.0));
        sketch.travel(at(2.0, 1.0), 10.0);
        assert_eq!(sketch.end().map(|drawn| drawn.finished), Some(false));
        assert!(sketch.area().polygons[0].rings[0].is_empty());
    }

    #[test]
    fn a_hand_that_never_rests_stays_within_bounds() {
        let mut sketch = with(Tool::Lasso);
        sketch.begin(at(0.0, 0.0));
        for step in 0..10_000 {
            sketch.travel(
                Position {
                    x: step * 1_000,
                    y: step,
                },
                1.0,
            );
        }
        assert_eq!(
            sketch.end().map(|drawn| drawn.points.len()),
            Some(MOST_POINTS)
        );
    }
}
