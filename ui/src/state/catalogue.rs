//! The reference data with the lookups that screens need.

use std::collections::HashMap;

use domain::places::{Camera, Grid, GridLevel};
use domain::roads::RoadGraph;
use domain::rules::{CategoryCode, CategoryKind, CategoryRule};
use domain::{CameraId, GridCode, Timestamp};
use protocol::Reference;

/// Reference data in force, indexed. Never empty of rules: without reference data there is no
/// catalogue.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The data itself.
    pub reference: Reference,
    grids: HashMap<GridCode, usize>,
    cameras: HashMap<CameraId, usize>,
    categories: HashMap<CategoryCode, usize>,
    majors: HashMap<(CategoryKind, u8), String>,
    roads: Option<RoadGraph>,
}

impl Catalogue {
    /// Indexes reference data.
    pub fn new(reference: Reference) -> Self {
        let grids = reference.grids.iter().enumerate();
        let cameras = reference.cameras.iter().enumerate();
        let categories = reference.rules.categories.iter().enumerate();
        let majors = reference.rules.categories.iter();
        Self {
            grids: grids.map(|(i, g)| (g.code.clone(), i)).collect(),
            cameras: cameras.map(|(i, c)| (c.id.clone(), i)).collect(),
            categories: categories.map(|(i, c)| (c.code, i)).collect(),
            majors: majors
                .map(|c| ((c.code.kind, c.code.major), c.major_name.clone()))
                .collect(),
            // A network with a broken edge was refused at its import; here it only costs routes.
            roads: RoadGraph::new(reference.roads.clone()).ok(),
            reference,
        }
    }

    /// The grid of a code.
    pub fn grid(&self, code: &GridCode) -> Option<&Grid> {
        self.grids.get(code).map(|i| &self.reference.grids[*i])
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
        self.cameras.get(id).map(|i| &self.reference.cameras[*i])
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
        self.roads.as_ref()
    }

    /// Lamp, time left and pause of a clock under the calendar in force.
    pub fn clock_face(&self, clock: &domain::clocks::StageClock, now: Timestamp) -> ClockFace {
        let rules = &self.reference.rules;
        ClockFace {
            lamp: clock.lamp(now, &rules.calendar, rules.yellow_share),
            left_ms: clock.left_ms(now, &rules.calendar),
            is_paused: clock.paused_at.is_some(),
            counts_working_time: clock.limit.counts_working_time(),
        }
    }
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
    /// Whether it runs in working hours only.
    pub counts_working_time: bool,
}
