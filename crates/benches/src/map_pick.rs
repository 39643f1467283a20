//! `map-pick`: who of 100,000 people, half of them gliding, and which of 11,000 areas lie under the
//! cursor, against an R-tree of the shown places and against asking every area.
//!
//! Ours has no index over people: it is one linear pass, which needs no upkeep. Beside a tree over a
//! crowd that stands still it must look slow; the other figure says what the tree costs where
//! everybody has moved since the last frame, as they do while they glide. The goal is below a
//! millisecond per pick, people and areas together.

use std::hint::black_box;

use anyhow::{Result, ensure};
use geo::{Contains, Coord, LineString};
use map_core::crowd::{Glide, Probe};
use map_core::live::{AreaFeature, Polygon};
use map_core::pick::PickIndex;
use map_core::projection::{LonLat, View, World};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use crate::Setting;
use crate::dice::Dice;
use crate::report::{Contestant, Report, Unit, take_turns};

const PEOPLE: usize = 100_000;
const AREAS: (usize, usize) = (110, 100);
/// Picks of one run.
const PICKS: usize = 100;
const NOW_MS: u32 = 5_000;
const RADIUS_PX: f64 = 4.5;
const SLACK_PX: f64 = 4.0;
/// The district around which everything lies, in shares of the world: about 10 km.
const SPAN: f64 = 0.000_3;
/// Steps of a fixed-point position across the world.
const STEPS: f64 = 4_294_967_296.0;

type Point = ([u32; 2], Glide, f64);
type Spot = GeomWithData<[i64; 2], usize>;

/// Measures.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let view = View::new(LonLat::new(104.06, 30.66), 14.5, 1920.0, 1080.0, 1.0);
    let crowd = crowd(view.centre);
    let areas = Areas::new(view.centre);
    let cursors = cursors();
    let tree = tree_of(&crowd);
    for at in &cursors {
        let same = people(&view, *at, &crowd) == in_tree(&view, *at, &tree);
        ensure!(same, "the R-tree differs at {at:?}");
        let same = areas.indexed(&view, *at) == areas.one_by_one(&view, *at);
        ensure!(same, "asking every area differs at {at:?}");
    }
    let each = |pick: &dyn Fn([f64; 2]) -> usize| {
        for cursor in &cursors {
            black_box(pick(black_box(*cursor)));
        }
    };
    let ours = |at| people(&view, at, &crowd).len();
    let rstar = |at| in_tree(&view, at, &tree).len();
    let mut standing: [Contestant<'_>; 2] = [
        ("ours", Box::new(|| each(&ours))),
        ("rstar", Box::new(|| each(&rstar))),
    ];
    let taken = take_turns(setting.runs, &mut standing);
    times(report, "people", PICKS, &taken);
    let rebuilt = |at| in_tree(&view, at, &tree_of(&crowd)).len();
    let mut moved: [Contestant<'_>; 2] = [
        (
            "ours",
            Box::new(|| {
                black_box(ours(cursors[0]));
            }),
        ),
        (
            "rstar",
            Box::new(|| {
                black_box(rebuilt(cursors[0]));
            }),
        ),
    ];
    let taken = take_turns(setting.runs, &mut moved);
    times(report, "all-have-moved", 1, &taken);
    let indexed = |at| areas.indexed(&view, at).len();
    let every = |at| areas.one_by_one(&view, at).len();
    let mut only_areas: [Contestant<'_>; 2] = [
        ("ours", Box::new(|| each(&indexed))),
        ("geo", Box::new(|| each(&every))),
    ];
    let taken = take_turns(setting.runs, &mut only_areas);
    times(report, "areas", PICKS, &taken);
    let all = |at| ours(at) + indexed(at);
    let mut everything: [Contestant<'_>; 1] = [("ours", Box::new(|| each(&all)))];
    let taken = take_turns(setting.runs, &mut everything);
    times(report, "everything", PICKS, &taken);
    Ok(())
}

/// A tree of the places at which everybody is shown.
fn tree_of(crowd: &[Point]) -> RTree<Spot> {
    let shown = |(goal, glide, _): &Point| glide.shown_at(*goal, NOW_MS).map(i64::from);
    let places = crowd.iter().map(shown).enumerate();
    RTree::bulk_load(places.map(|(at, place)| Spot::new(place, at)).collect())
}

fn times(report: &mut Report, figure: &str, picks: usize, taken: &[(&str, f64)]) {
    let per_pick: Vec<_> = taken
        .iter()
        .map(|(name, s)| (*name, s / picks as f64))
        .collect();
    report.times(figure, Unit::Us, &per_pick);
}

fn people(view: &View, at: [f64; 2], crowd: &[Point]) -> Vec<usize> {
    Probe::new(view, at, SLACK_PX).crowd_at(crowd.iter().copied(), NOW_MS)
}

/// The hits as ours sorts them: those that the cursor is on, what is drawn later first, then those
/// beside it, the nearest first.
fn sorted(mut hits: Vec<(f64, usize)>) -> Vec<usize> {
    hits.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    hits.into_iter().map(|(_, at)| at).collect()
}

fn in_tree(view: &View, at: [f64; 2], tree: &RTree<Spot>) -> Vec<usize> {
    let probe = Probe::new(view, at, SLACK_PX);
    let cursor = view.world_from_screen(at);
    let cursor = [cursor.x, cursor.y].map(|share| (share * STEPS) as i64);
    let reach = ((RADIUS_PX + SLACK_PX) * STEPS / view.world_size_px()).ceil() as i64;
    let near = AABB::from_corners(cursor.map(|c| c - reach), cursor.map(|c| c + reach));
    let mut hits = Vec::new();
    for spot in tree.locate_in_envelope(near) {
        let place = spot.geom().map(|step| step as u32);
        if let Some(beyond) = probe.beyond(place, RADIUS_PX) {
            hits.push((beyond, spot.data));
        }
    }
    sorted(hits)
}

/// People all over the district; every other one is on the way from a place up to 300 m away.
fn crowd(centre: World) -> Vec<Point> {
    let mut dice = Dice::new(0x5eed);
    let step = |share: f64| (share * STEPS) as u32;
    let mut all = Vec::with_capacity(PEOPLE);
    for n in 0..PEOPLE {
        let goal = [centre.x, centre.y].map(|c| step(c + dice.between(-SPAN / 2.0, SPAN / 2.0)));
        let glide = if n % 2 == 0 {
            Glide::STANDING
        } else {
            let from = goal.map(|c| c.wrapping_add_signed(dice.between(-32e3, 32e3) as i32));
            let start_ms = NOW_MS - dice.below(900) as u32;
            Glide {
                from,
                start_ms,
                duration_ms: 1000,
            }
        };
        all.push((goal, glide, RADIUS_PX));
    }
    all
}

/// Places all over the screen.
fn cursors() -> Vec<[f64; 2]> {
    let mut dice = Dice::new(77);
    (0..PICKS)
        .map(|_| [dice.between(0.0, 1920.0), dice.between(0.0, 1080.0)])
        .collect()
}

/// A tiling of irregular quadrilaterals.
struct Areas {
    index: PickIndex,
    polygons: Vec<geo::Polygon>,
}

impl Areas {
    fn new(centre: World) -> Self {
        let mut dice = Dice::new(11_000);
        let (columns, rows) = AREAS;
        let side = [SPAN / columns as f64, SPAN / rows as f64];
        let mut corner = |n: usize| {
            let (column, row) = (n % (columns + 1), n / (columns + 1));
            World::new(
                centre.x - SPAN / 2.0 + (column as f64 + dice.between(-0.3, 0.3)) * side[0],
                centre.y - SPAN / 2.0 + (row as f64 + dice.between(-0.3, 0.3)) * side[1],
            )
        };
        let corners: Vec<World> = (0..(columns + 1) * (rows + 1)).map(&mut corner).collect();
        let ring = |n: usize| {
            let at = n / columns * (columns + 1) + n % columns;
            [at, at + 1, at + columns + 2, at + columns + 1]
                .map(|at| corners[at])
                .to_vec()
        };
        let rings: Vec<Vec<World>> = (0..columns * rows).map(ring).collect();
        let feature = |ring: &Vec<World>| AreaFeature {
            polygons: vec![Polygon {
                rings: vec![ring.clone()],
            }],
        };
        let features: Vec<AreaFeature> = rings.iter().map(feature).collect();
        let mut index = PickIndex::new();
        index.set_areas(0, &features);
        let polygon = |ring: &Vec<World>| {
            let line = ring
                .iter()
                .map(|p| Coord { x: p.x, y: p.y })
                .collect::<Vec<_>>();
            geo::Polygon::new(LineString::from(line), Vec::new())
        };
        Self {
            index,
            polygons: rings.iter().map(polygon).collect(),
        }
    }

    fn indexed(&self, view: &View, at: [f64; 2]) -> Vec<usize> {
        let hits = self.index.pick(view, at);
        hits.into_iter().map(|hit| hit.feature as usize).collect()
    }

    fn one_by_one(&self, view: &View, at: [f64; 2]) -> Vec<usize> {
        let at = view.world_from_screen(at);
        let at = geo::Point::new(at.x, at.y);
        let every = self.polygons.iter().enumerate().rev();
        every
            .filter(|(_, polygon)| polygon.contains(&at))
            .map(|(n, _)| n)
            .collect()
    }
}
