//! The reference data with the lookups that screens need.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::places::{Camera, Grid, GridLevel, ResponsibilityGrid, Sensor};
use domain::roads::RoadGraph;
use domain::rules::{CategoryCode, CategoryKind, CategoryRule};
use domain::{CameraId, GridCode, SensorId, Timestamp};
use protocol::Reference;
use rust_i18n::t;

/// Reference data in force, indexed. Never empty of rules: without reference data there is no
/// catalogue.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The data itself.
    pub reference: Reference,
    grids: HashMap<GridCode, usize>,
    cameras: HashMap<CameraId, usize>,
    sensors: HashMap<SensorId, usize>,
    categories: HashMap<CategoryCode, usize>,
    majors: HashMap<(CategoryKind, u8), String>,
    roads: Option<Arc<RoadGraph>>,
}

impl Catalogue {
    /// Indexes reference data.
    pub fn new(reference: Reference) -> Self {
        let grids = reference.grids.iter().enumerate();
        let cameras = reference.cameras.iter().enumerate();
        let sensors = reference.sensors.iter().enumerate();
        let categories = reference.rules.categories.iter().enumerate();
        let majors = major_names(&reference.rules.categories);
        Self {
            grids: grids.map(|(i, g)| (g.code.clone(), i)).collect(),
            cameras: cameras.map(|(i, c)| (c.id.clone(), i)).collect(),
            sensors: sensors.map(|(i, s)| (s.id.clone(), i)).collect(),
            categories: categories.map(|(i, c)| (c.code, i)).collect(),
            majors,
            // A network with a broken edge was refused at its import; here it only costs routes.
            roads: RoadGraph::new(reference.roads.clone(), &reference.rules.travel)
                .ok()
                .map(Arc::new),
            reference,
        }
    }

    /// The grid of a code.
    pub fn grid(&self, code: &GridCode) -> Option<&Grid> {
        self.grids.get(code).map(|i| &self.reference.grids[*i])
    }

    /// The responsibility grid of a code.
    pub fn responsibility_grid(&self, code: &GridCode) -> Option<&ResponsibilityGrid> {
        let mut grids = self.reference.responsibility_grids.iter();
        grids.find(|grid| grid.code == *code)
    }

    /// Name of a grid of any level or of a responsibility grid, or the code where the reference
    /// data in force do not know it.
    pub fn grid_name(&self, code: &GridCode) -> String {
        let grid = self.grid(code).map(|grid| &grid.name);
        grid.or_else(|| self.responsibility_grid(code).map(|grid| &grid.name))
            .map_or_else(|| code.to_string(), Clone::clone)
    }

    /// What stands on the map for a grid, as places in the reference data: its own outline, or
    /// those of the unit grids that make up a responsibility grid.
    pub fn outlines_of(&self, code: &GridCode) -> Vec<usize> {
        let own = self.grid_index(code);
        let units = self.responsibility_grid(code).into_iter();
        let units = units.flat_map(|grid| &grid.unit_grids);
        own.into_iter()
            .chain(units.filter_map(|unit| self.grid_index(unit)))
            .collect()
    }

    /// Place of a grid in the reference data; the map's id of its polygon.
    pub fn grid_index(&self, code: &GridCode) -> Option<usize> {
        self.grids.get(code).copied()
    }

    /// Grids of one level with their places in the reference data.
    pub fn grids_of(&self, level: GridLevel) -> impl Iterator<Item = (usize, &Grid)> {
        let grids = self.reference.grids.iter().enumerate();
        grids.filter(move |(_, grid)| grid.level == level)
    }

    /// The camera of an id.
    pub fn camera(&self, id: &CameraId) -> Option<&Camera> {
        self.camera_index(id).map(|i| &self.reference.cameras[i])
    }

    /// Place of a camera in the reference data.
    pub fn camera_index(&self, id: &CameraId) -> Option<usize> {
        self.cameras.get(id).copied()
    }

    /// The sensor of an id.
    pub fn sensor(&self, id: &SensorId) -> Option<&Sensor> {
        self.sensor_index(id).map(|i| &self.reference.sensors[i])
    }

    /// Place of a sensor in the reference data.
    pub fn sensor_index(&self, id: &SensorId) -> Option<usize> {
        self.sensors.get(id).copied()
    }

    /// The rule of a category.
    pub fn category(&self, code: CategoryCode) -> Option<&CategoryRule> {
        self.categories
            .get(&code)
            .map(|i| &self.reference.rules.categories[*i])
    }

    /// Name of a category: `暴露垃圾`, or the code where the rules in force do not know it.
    pub fn category_name(&self, code: CategoryCode) -> String {
        self.category(code)
            .map_or_else(|| code.to_string(), |rule| rule.name.clone())
    }

    /// Name of a major category: `市容环境`, or its number.
    pub fn major_name(&self, kind: CategoryKind, major: u8) -> String {
        self.majors
            .get(&(kind, major))
            .cloned()
            .unwrap_or_else(|| format!("{major:02}"))
    }

    /// The road graph; `None` when the network is unusable.
    pub fn roads(&self) -> Option<&RoadGraph> {
        self.roads.as_deref()
    }

    /// Lamp, time left and pause of a clock under the calendar in force.
    pub fn clock_face(&self, clock: &domain::clocks::StageClock, now: Timestamp) -> ClockFace {
        let rules = &self.reference.rules;
        ClockFace {
            lamp: clock.lamp(now, &rules.calendar, rules.yellow_share),
            left_ms: clock.left_ms(now, &rules.calendar),
            is_paused: clock.paused_at.is_some(),
            working_day_ms: clock
                .limit
                .counts_working_time()
                .then(|| rules.calendar.working_ms_per_day()),
        }
    }
}

/// Names of the major categories. Events and components share some names; where they do, the
/// components' carries the word for it, so that two rows of a list never read alike.
fn major_names(categories: &[CategoryRule]) -> HashMap<(CategoryKind, u8), String> {
    let events: HashSet<&str> = categories
        .iter()
        .filter(|rule| rule.code.kind == CategoryKind::Event)
        .map(|rule| rule.major_name.as_str())
        .collect();
    let name = |rule: &CategoryRule| {
        let name = rule.major_name.as_str();
        if rule.code.kind == CategoryKind::Component && events.contains(name) {
            t!("set.of_components", name = name).into_owned()
        } else {
            name.to_owned()
        }
    };
    let majors = categories.iter();
    majors
        .map(|rule| ((rule.code.kind, rule.code.major), name(rule)))
        .collect()
}

/// What a clock shows at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockFace {
    /// Its lamp.
    pub lamp: domain::clocks::Lamp,
    /// Time left in milliseconds of the limit's kind of time; negative when overdue.
    pub left_ms: i64,
    /// Whether it stands still.
    pub is_paused: bool,
    /// Milliseconds of one working day, where it runs in working hours only.
    pub working_day_ms: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clocks::{Limit, LimitUnit};

    #[test]
    fn a_responsibility_grid_has_a_name_and_the_outlines_of_its_unit_grids() {
        let grid = |code: &str, level| Grid {
            code: code.into(),
            name: format!("grid {code}"),
            level,
            parent: None,
            rings: Vec::new(),
            label_at: domain::LonLat::default(),
        };
        let mut reference = crate::screens::desk::sample::reference();
        reference.grids = vec![
            grid("c", GridLevel::Community),
            grid("u1", GridLevel::Unit),
            grid("u2", GridLevel::Unit),
            grid("u3", GridLevel::Unit),
        ];
        reference.responsibility_grids = vec![ResponsibilityGrid {
            code: "r".into(),
            name: "patrol".to_owned(),
            kind: "城管".to_owned(),
            unit_grids: ["u1", "u3", "gone"].map(GridCode::from).into(),
            responsible: None,
        }];
        let catalogue = Catalogue::new(reference);
        assert_eq!(catalogue.grid_name(&"r".into()), "patrol");
        assert_eq!(catalogue.grid_name(&"u2".into()), "grid u2");
        assert_eq!(catalogue.grid_name(&"x".into()), "x");
        assert_eq!(catalogue.outlines_of(&"r".into()), [1, 3]);
        assert_eq!(catalogue.outlines_of(&"c".into()), [0]);
        assert!(catalogue.outlines_of(&"x".into()).is_empty());
    }

    #[test]
    fn events_and_components_of_one_name_can_be_told_apart() {
        let rule = |code: &str, major_name: &str| CategoryRule {
            major_name: major_name.to_owned(),
            ..CategoryRule::new(
                code.parse().expect(code),
                Limit {
                    amount: 1,
                    unit: LimitUnit::WorkingDay,
                },
            )
        };
        let names = major_names(&[
            rule("E01.01", "appearance"),
            rule("E02.01", "signs"),
            rule("C03.01", "appearance"),
            rule("C04.01", "greenery"),
        ]);
        let distinct: HashSet<_> = names.values().collect();
        assert_eq!(distinct.len(), 4, "{names:?}");
        assert_eq!(names[&(CategoryKind::Event, 1)], "appearance");
        assert_eq!(names[&(CategoryKind::Component, 4)], "greenery");
    }
}
