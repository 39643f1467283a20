//! The people in the street: who is on duty walks or rides along the roads, and reports where.

use domain::people::{Person, Post, TravelMode};
use domain::{LonLat, PersonId, Timestamp};
use protocol::http::NewPosition;

use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::point::{along_line, line_length};
use crate::matters::located;
use crate::plan::Plan;
use crate::plan::frame::from_lon_lat;
use crate::seed::starting_point;

/// Patrols are not shown faster than this many times their speed, or they would seem to fly.
const FASTEST_PATROL: f64 = 6.0;
/// Responders may hurry more, so that an order at high speed is seen to its end.
const FASTEST_ERRAND: f64 = 40.0;

/// One person.
struct Member {
    person: Person,
    at: Point,
    base: Point,
    heading_deg: f64,
    speed_mps: f64,
    activity: Activity,
    next_report: Timestamp,
    silent_until: Timestamp,
    on_duty: bool,
}

enum Activity {
    /// Stays for so many more simulated seconds.
    Still(f64),
    /// On an edge of the network: its index, whether along its line, and metres done.
    Patrol {
        edge: usize,
        forward: bool,
        done_m: f64,
    },
    /// On the way of an order: the line and metres done.
    Errand { line: Vec<Point>, done_m: f64 },
    /// Working on the spot until told otherwise.
    Busy,
}

/// The road edges of the street as patrols use them.
struct Beat {
    lines: Vec<(Vec<Point>, f64, [usize; 2])>,
    at_node: Vec<Vec<usize>>,
}

/// Everybody in the street.
pub struct Crew {
    members: Vec<Member>,
    beat: Beat,
    dice: Dice,
}

impl Crew {
    /// The crew of a plan at its starting points.
    pub fn new(plan: &Plan, dice: Dice) -> Self {
        let mut starts = Dice::new(plan.seed, "positions");
        let members = plan
            .people
            .iter()
            .map(|person| {
                let at = starting_point(plan, person, &mut starts);
                Member {
                    person: person.clone(),
                    at,
                    base: at,
                    heading_deg: 0.0,
                    speed_mps: 0.0,
                    activity: Activity::Still(0.0),
                    next_report: Timestamp::default(),
                    silent_until: Timestamp::default(),
                    on_duty: false,
                }
            })
            .collect();
        Self {
            members,
            beat: Beat::new(plan),
            dice,
        }
    }

    fn member(&self, person: PersonId) -> Option<&Member> {
        self.members.get((person.0 as usize).checked_sub(1)?)
    }

    fn member_mut(&mut self, person: PersonId) -> Option<&mut Member> {
        self.members.get_mut((person.0 as usize).checked_sub(1)?)
    }

    /// Where somebody is.
    pub fn location(&self, person: PersonId) -> Option<LonLat> {
        self.member(person).map(|member| located(member.at))
    }

    /// How somebody travels.
    pub fn travel(&self, person: PersonId) -> Option<TravelMode> {
        self.member(person).map(|member| member.person.travel)
    }

    /// Sends somebody along a way; false when nobody has that number.
    pub fn send(&mut self, person: PersonId, way: &[LonLat]) -> bool {
        let Some(member) = self.member_mut(person) else {
            return false;
        };
        let mut line = vec![member.at];
        line.extend(way.iter().map(|p| from_lon_lat(p.lon, p.lat)));
        member.activity = Activity::Errand { line, done_m: 0.0 };
        member.next_report = Timestamp::default();
        true
    }

    /// Whether somebody has come to the end of the way.
    pub fn has_arrived(&self, person: PersonId) -> bool {
        self.member(person)
            .is_none_or(|m| !matches!(m.activity, Activity::Errand { .. }))
    }

    /// Keeps somebody on the spot.
    pub fn keep_busy(&mut self, person: PersonId) {
        if let Some(member) = self.member_mut(person) {
            member.activity = Activity::Busy;
        }
    }

    /// Lets somebody go back to the patrol.
    pub fn release(&mut self, person: PersonId) {
        if let Some(member) = self.member_mut(person) {
            member.activity = Activity::Still(20.0);
        }
    }

    /// Moves everybody by `step_s` real seconds at `speed` and returns the positions that are due.
    pub fn advance(&mut self, now: Timestamp, step_s: f64, speed: f64) -> Vec<NewPosition> {
        let mut fixes = Vec::new();
        for member in &mut self.members {
            let was_on_duty = member.on_duty;
            let engaged = matches!(member.activity, Activity::Errand { .. } | Activity::Busy);
            // Positions exist inside the roster only, and until an order is seen to its end.
            member.on_duty = member.person.shift.covers(now) || engaged;
            if !member.on_duty {
                continue;
            }
            if !was_on_duty {
                member.next_report = now.plus_ms(self.dice.whole(0, 9_000));
            }
            member.step(&self.beat, step_s, speed, &mut self.dice);
            if now >= member.next_report && now >= member.silent_until {
                fixes.push(member.report(now, &mut self.dice));
            }
        }
        fixes
    }
}

impl Member {
    fn pace_mps(&self) -> f64 {
        match self.person.travel {
            TravelMode::Walk => 1.25,
            TravelMode::EBike => 4.4,
            TravelMode::Car => 6.8,
        }
    }

    fn step(&mut self, beat: &Beat, step_s: f64, speed: f64, dice: &mut Dice) {
        let before = self.at;
        let pace = self.pace_mps();
        match &mut self.activity {
            Activity::Busy => self.speed_mps = 0.0,
            Activity::Still(left) => {
                self.speed_mps = 0.0;
                *left -= step_s * speed;
                if *left <= 0.0 {
                    self.activity = beat.start(self.at, dice);
                }
            }
            Activity::Errand { line, done_m } => {
                *done_m += step_s * pace * speed.min(FASTEST_ERRAND);
                self.speed_mps = pace;
                let length = line_length(line);
                self.at = along_line(line, *done_m).0;
                if *done_m >= length {
                    self.activity = Activity::Busy;
                }
            }
            Activity::Patrol {
                edge,
                forward,
                done_m,
            } => {
                // A patrol looks around and is slower than somebody under way.
                let pace = (pace * 0.7).min(3.2);
                *done_m += step_s * pace * speed.min(FASTEST_PATROL);
                self.speed_mps = pace;
                let (line, length, _) = &beat.lines[*edge];
                let at_m = if *forward { *done_m } else { length - *done_m };
                self.at = along_line(line, at_m.clamp(0.0, *length)).0;
                if *done_m >= *length {
                    let (edge, forward) = (*edge, *forward);
                    self.activity = self.go_on(beat, edge, forward, dice);
                }
            }
        }
        let moved = self.at - before;
        if moved.length() > 0.3 {
            self.heading_deg = libm::atan2(moved.x, moved.y).to_degrees().rem_euclid(360.0);
        }
    }

    /// The next piece of a patrol: not back, and rather toward the base when far from it.
    fn go_on(&self, beat: &Beat, edge: usize, forward: bool, dice: &mut Dice) -> Activity {
        if dice.chance(self.rests()) {
            return Activity::Still(dice.between(60.0, 600.0));
        }
        let node = beat.lines[edge].2[usize::from(forward)];
        let far = self.at.distance(self.base);
        let reach = if self.person.home_grid.is_some() {
            320.0
        } else {
            1_300.0
        };
        let next = beat.at_node[node]
            .iter()
            .filter(|other| **other != edge)
            .map(|other| {
                let (_, _, ends) = &beat.lines[*other];
                let forward = ends[0] == node;
                let end = beat.end(*other, forward);
                let homeward = (far - end.distance(self.base)) / 60.0;
                let pull = if far > reach {
                    homeward
                } else {
                    0.2 * homeward
                };
                (*other, forward, pull + dice.between(0.0, 2.0))
            })
            .max_by(|a, b| a.2.total_cmp(&b.2));
        match next {
            Some((edge, forward, _)) => Activity::Patrol {
                edge,
                forward,
                done_m: 0.0,
            },
            None => Activity::Patrol {
                edge,
                forward: !forward,
                done_m: 0.0,
            },
        }
    }

    /// How often somebody stops at a junction.
    const fn rests(&self) -> f64 {
        match self.person.post {
            Post::StreetOfficial | Post::CommunityWorker => 0.5,
            Post::BuildingHead | Post::Volunteer | Post::MicroGridMember => 0.3,
            Post::Emergency | Post::Maintenance => 0.25,
            _ => 0.06,
        }
    }

    fn report(&mut self, now: Timestamp, dice: &mut Dice) -> NewPosition {
        let moving = self.speed_mps > 0.0;
        let wait_ms = match self.activity {
            Activity::Errand { .. } => dice.whole(2_500, 4_500),
            _ if moving => dice.whole(7_000, 14_000),
            _ => dice.whole(40_000, 80_000),
        };
        self.next_report = now.plus_ms(wait_ms);
        // Phones lose the network in cellars and lifts; never on the way to an order.
        if !matches!(self.activity, Activity::Errand { .. }) && dice.chance(0.0012) {
            self.silent_until = now.plus_ms(dice.whole(6, 38) * 60_000);
        }
        let accuracy = dice.between(3.0, 12.0);
        NewPosition {
            person: self.person.id,
            location: located(self.at),
            at: now,
            accuracy_m: accuracy as f32,
            speed_mps: self.speed_mps as f32,
            heading_deg: self.heading_deg.round() as f32 % 360.0,
            crs: domain::places::Crs::Wgs84,
        }
    }
}

impl Beat {
    fn new(plan: &Plan) -> Self {
        let mut lines = Vec::new();
        let mut at_node = vec![Vec::new(); plan.network.nodes.len()];
        for edge in plan
            .network
            .edges
            .iter()
            .filter(|e| e.in_street && e.from != e.to)
        {
            at_node[edge.from].push(lines.len());
            at_node[edge.to].push(lines.len());
            lines.push((edge.line.clone(), edge.length_m, [edge.from, edge.to]));
        }
        Self { lines, at_node }
    }

    fn end(&self, edge: usize, forward: bool) -> Point {
        let line = &self.lines[edge].0;
        if forward {
            line[line.len() - 1]
        } else {
            line[0]
        }
    }

    /// A patrol that begins on the road nearest to a point.
    fn start(&self, at: Point, dice: &mut Dice) -> Activity {
        let near = |line: &[Point]| {
            line.windows(2)
                .map(|s| crate::geom::point::segment_distance(at, s[0], s[1]))
                .fold(f64::INFINITY, f64::min)
        };
        let edge = (0..self.lines.len())
            .min_by(|a, b| near(&self.lines[*a].0).total_cmp(&near(&self.lines[*b].0)));
        let Some(edge) = edge else {
            return Activity::Still(600.0);
        };
        let forward = dice.chance(0.5);
        let (line, length, _) = &self.lines[edge];
        let mut done_m = 0.0;
        let mut travelled = 0.0;
        let mut best = f64::INFINITY;
        for pair in line.windows(2) {
            let share = crate::geom::point::nearest_share(at, pair[0], pair[1]);
            let distance = at.distance(pair[0].toward(pair[1], share));
            if distance < best {
                best = distance;
                done_m = travelled + pair[0].distance(pair[1]) * share;
            }
            travelled += pair[0].distance(pair[1]);
        }
        let done_m = if forward { done_m } else { length - done_m };
        Activity::Patrol {
            edge,
            forward,
            done_m,
        }
    }
}
