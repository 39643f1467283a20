//! The plan of the demo street: everything that stands still.

pub mod blocks;
pub mod buildings;
pub mod cells;
pub mod devices;
pub mod division;
pub mod frame;
pub mod landuse;
pub mod majors;
pub mod names;
pub mod network;
pub mod network_index;
pub mod people;
pub mod places;
pub mod recipes;
pub mod road_names;
pub mod rows;
pub mod sensors;
pub mod territory;
pub mod transit;
pub mod unit_cells;

use crate::geom::shared::VertexIndex;

/// The whole plan of one seed.
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// River.
    pub river: majors::River,
    /// Communities, grids and cells.
    pub division: division::Division,
    /// Use of blocks and cells.
    pub uses: landuse::LandUses,
    /// Roads.
    pub network: network::Network,
    /// Buildings, lawns, lakes and sports grounds.
    pub grounds: buildings::Grounds,
    /// Named places.
    pub places: places::Places,
    /// Cameras.
    pub cameras: Vec<devices::CameraSite>,
    /// Sensors.
    pub sensors: Vec<sensors::SensorSite>,
    /// Managed components.
    pub components: Vec<devices::Component>,
    /// The roster.
    pub people: Vec<domain::Person>,
}

impl Plan {
    /// Generates the street of a seed: the same seed gives the same street on every machine.
    pub fn generate(seed: u64) -> Self {
        let frame = frame::Frame::new(seed);
        let majors = majors::lay_out(seed, &frame);
        let blocks = blocks::cut_blocks(seed, &frame, &majors);
        let territory = territory::claim(seed, &blocks);
        let division = division::divide_street(seed, &blocks, &territory);
        let index = VertexIndex::of(division.cells.iter().map(|cell| cell.ring.as_slice()));
        let sides = network_index::RoadSides::new(&blocks, &index);
        let uses = landuse::assign(seed, &frame, &blocks, &division, &majors.river, &sides);
        let names = road_names::name_roads(seed, &frame, &blocks, &territory);
        let network = network::join_roads(&blocks, &division, &uses.blocks, &names, &majors.river);
        let grounds = buildings::build(seed, &division, &uses.cells, &sides);
        let places = places::name_places(
            seed,
            &places::Surroundings {
                frame: &frame,
                avenues_deg: majors.avenues_deg,
                territory: &territory,
                division: &division,
                names: &names,
                network: &network,
                sides: &sides,
                uses: &uses.cells,
            },
        );
        let people = people::draw_roster(seed, &division);
        let mut plan = Self {
            seed,
            river: majors.river,
            division,
            uses,
            network,
            grounds,
            places,
            cameras: Vec::new(),
            sensors: Vec::new(),
            components: Vec::new(),
            people,
        };
        plan.cameras = devices::place_cameras(&plan);
        plan.sensors = sensors::place_sensors(&plan);
        plan.components = devices::place_components(&plan);
        plan
    }
}
