//! What is drawn on the map with a tool, and what lies within it.

use domain::places::measures::{Region, length_m};
use domain::sets::IncidentSet;
use domain::{CameraId, IncidentId, LonLat, PersonId, SensorId, Situation, Timestamp};
use map_protocol::{Position, Tool};
use protocol::feed::{DrawnShape, PushedDrawing};

use super::catalogue::Catalogue;
use super::people::Activities;

/// A drawing on the map. The map draws it; this is its only truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The tool; none when nothing is drawn.
    pub tool: Tool,
    /// What it has set so far, as [`Tool`] says.
    pub points: Vec<Position>,
    /// Whether the hand goes on drawing.
    pub is_held: bool,
}

impl Default for Drawing {
    fn default() -> Self {
        Self::begin(Tool::None)
    }
}

impl Drawing {
    /// A tool taken in hand, with nothing drawn yet.
    pub fn begin(tool: Tool) -> Self {
        Self {
            tool,
            points: Vec::new(),
            is_held: tool != Tool::None,
        }
    }

    /// As it goes to the wall; `None` where nothing is drawn.
    pub fn pushed(&self) -> Option<PushedDrawing> {
        let shape = match self.tool {
            Tool::None => return None,
            Tool::Measure => DrawnShape::Line,
            Tool::Radius => DrawnShape::Circle,
            Tool::Lasso => DrawnShape::Outline,
        };
        let points = self.places();
        (!points.is_empty()).then_some(PushedDrawing { shape, points })
    }

    /// A pushed one, which no hand goes on drawing.
    pub fn of_pushed(pushed: &PushedDrawing) -> Self {
        let position = |at: &LonLat| Position::from_lon_lat(at.lon, at.lat);
        Self {
            tool: match pushed.shape {
                DrawnShape::Line => Tool::Measure,
                DrawnShape::Circle => Tool::Radius,
                DrawnShape::Outline => Tool::Lasso,
            },
            points: pushed.points.iter().map(position).collect(),
            is_held: false,
        }
    }

    fn places(&self) -> Vec<LonLat> {
        let place = |position: &Position| {
            let [lon, lat] = position.lon_lat();
            LonLat::new(lon, lat)
        };
        self.points.iter().map(place).collect()
    }

    /// Metres of the measured line; `None` with another tool or fewer than two points.
    pub fn length_m(&self) -> Option<f64> {
        (self.tool == Tool::Measure && self.points.len() > 1).then(|| length_m(&self.places()))
    }

    /// The region that is drawn, the drag that is under way included.
    pub fn region(&self) -> Option<Region> {
        let places = self.places();
        match (self.tool, &places[..]) {
            (Tool::Radius, [centre, rim]) => Region::circle(*centre, *rim),
            (Tool::Lasso, line) => Region::lasso(line),
            _ => None,
        }
    }

    /// Metres of the circle's radius.
    pub fn radius_m(&self) -> Option<f64> {
        match self.region() {
            Some(Region::Circle { radius_m, .. }) => Some(radius_m),
            _ => None,
        }
    }

    /// The region once the hand has let go of it.
    pub fn finished_region(&self) -> Option<Region> {
        self.region().filter(|_| !self.is_held)
    }

    /// One step back, as Escape asks for: first the tool is laid down and what it drew stays, then
    /// that goes too.
    pub fn stepped_back(&self) -> Self {
        let is_worth_keeping = self.length_m().is_some() || self.region().is_some();
        if self.is_held && is_worth_keeping {
            Self {
                is_held: false,
                ..self.clone()
            }
        } else {
            Self::default()
        }
    }

    /// Without the point that a measured line has got last; `None` where there is none to take back.
    pub fn without_last_point(&self) -> Option<Self> {
        let can = self.is_held && self.tool == Tool::Measure;
        let (_, points) = self.points.split_last().filter(|_| can)?;
        Some(Self {
            points: points.to_vec(),
            ..self.clone()
        })
    }
}

/// What lies within a region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Open incidents.
    pub incidents: Vec<IncidentId>,
    /// People whom the map shows.
    pub people: Vec<PersonId>,
    /// Cameras.
    pub cameras: Vec<CameraId>,
    /// Sensors.
    pub sensors: Vec<SensorId>,
}

impl Survey {
    /// Surveys a region.
    pub fn of(
        region: &Region,
        situation: &Situation,
        catalogue: Option<&Catalogue>,
        now: Timestamp,
    ) -> Self {
        let activities = Activities::at(situation, catalogue, now);
        let open = situation.members(&IncidentSet::Open, now);
        let positions = situation.positions.values();
        let cameras = catalogue.map_or(&[][..], |catalogue| &catalogue.reference.cameras);
        let sensors = catalogue.map_or(&[][..], |catalogue| &catalogue.reference.sensors);
        let is_shown = |id: &PersonId| {
            let person = situation.people.get(id);
            person.is_some_and(|person| activities.shows(person))
        };
        Self {
            incidents: open
                .filter(|incident| region.contains(incident.location))
                .map(|incident| incident.id)
                .collect(),
            people: positions
                .filter(|fix| region.contains(fix.location) && is_shown(&fix.person))
                .map(|fix| fix.person)
                .collect(),
            cameras: cameras
                .iter()
                .filter(|camera| region.contains(camera.location))
                .map(|camera| camera.id.clone())
                .collect(),
            sensors: sensors
                .iter()
                .filter(|sensor| region.contains(sensor.location))
                .map(|sensor| sensor.id.clone())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::panels::tests::{NOW, picture};

    fn drawing(tool: Tool, points: &[[f64; 2]]) -> Drawing {
        Drawing {
            points: points
                .iter()
                .map(|[lon, lat]| Position::from_lon_lat(*lon, *lat))
                .collect(),
            ..Drawing::begin(tool)
        }
    }

    #[test]
    fn a_line_has_a_length_and_loses_its_last_point() {
        let line = drawing(
            Tool::Measure,
            &[[104.0, 30.0], [104.0, 30.01], [104.0, 30.02]],
        );
        let length_m = line.length_m().expect("a length");
        assert!((length_m - 2_217.0).abs() < 1.0, "{length_m}");
        let shorter = line.without_last_point().expect("a point to take back");
        assert!((shorter.length_m().expect("a length") - length_m / 2.0).abs() < 0.1);
        let one = shorter.without_last_point().expect("another");
        assert_eq!(one.length_m(), None);
        let none = one.without_last_point().expect("the last");
        assert_eq!(none.without_last_point(), None);
        assert_eq!(line.region(), None);
    }

    #[test]
    fn escape_first_lays_the_tool_down_and_then_wipes() {
        let line = drawing(Tool::Measure, &[[104.0, 30.0], [104.0, 30.01]]);
        let down = line.stepped_back();
        assert!(!down.is_held && down.points == line.points);
        assert_eq!(down.without_last_point(), None, "it is laid down");
        assert_eq!(down.stepped_back(), Drawing::default());
        let bare = Drawing::begin(Tool::Lasso);
        assert_eq!(bare.stepped_back(), Drawing::default());
    }

    #[test]
    fn a_region_counts_when_the_hand_has_let_go() {
        let circle = drawing(Tool::Radius, &[[104.0, 30.0], [104.0, 30.01]]);
        assert!(circle.radius_m().is_some_and(|m| (m - 1_108.0).abs() < 2.0));
        assert_eq!(circle.finished_region(), None);
        assert!(circle.stepped_back().finished_region().is_some());
        assert_eq!(drawing(Tool::Radius, &[[104.0, 30.0]; 2]).region(), None);
        assert_eq!(drawing(Tool::Lasso, &[[104.0, 30.0]; 9]).region(), None);
    }

    #[test]
    fn a_drawing_comes_to_the_wall_as_it_is_and_out_of_the_hand() {
        for tool in [Tool::Measure, Tool::Radius, Tool::Lasso] {
            let drawn = drawing(tool, &[[104.0, 30.0], [104.0, 30.01]]);
            let shown = Drawing::of_pushed(&drawn.pushed().expect("something is drawn"));
            assert_eq!(shown.tool, tool);
            assert!(!shown.is_held);
            let mut pairs = drawn.places().into_iter().zip(shown.places());
            assert!(pairs.all(|(one, other)| one.distance_m(other) < 0.1));
            assert_eq!(shown.points.len(), 2);
        }
        assert_eq!(Drawing::default().pushed(), None);
        assert_eq!(Drawing::begin(Tool::Lasso).pushed(), None);
    }

    #[test]
    fn a_survey_names_what_lies_within() {
        let situation = picture().situation;
        let open: Vec<_> = situation.members(&IncidentSet::Open, NOW).collect();
        let at = open[0].location;
        let around = |metres_north: f64| Region::Circle {
            centre: LonLat::new(at.lon, at.lat + metres_north / 111_000.0),
            radius_m: 50.0,
        };
        let here = Survey::of(&around(0.0), &situation, None, NOW);
        let within = open.iter().filter(|i| i.location.distance_m(at) < 49.0);
        assert!(here.incidents.contains(&open[0].id));
        assert!(here.incidents.len() >= within.count());
        let far = Survey::of(&around(900_000.0), &situation, None, NOW);
        assert_eq!(far, Survey::default());
    }
}
