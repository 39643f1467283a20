//! Managed components (部件): lamps, covers, bins; each lies on the map and belongs to a unit grid.

use serde::{Deserialize, Serialize};

use super::codes::ComponentId;
use super::index::GridIndex;
use super::position::LonLat;
use crate::ids::GridCode;
use crate::rules::CategoryCode;

/// One managed component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// The 16-digit id, which carries the category.
    pub id: ComponentId,
    /// Name for people, such as `建设路 12 号灯杆`.
    pub name: String,
    /// Where it stands.
    pub location: LonLat,
    /// The unit grid that it belongs to; `None` where it stands in none.
    pub unit_grid: Option<GridCode>,
}

impl Component {
    /// A component at a place, in the unit grid that holds the place.
    pub fn placed(id: ComponentId, name: String, location: LonLat, grids: &GridIndex) -> Self {
        let unit_grid = grids.find(location).unit.map(|grid| grid.code.clone());
        Self {
            id,
            name,
            location,
            unit_grid,
        }
    }

    /// The category, which the id carries.
    pub const fn category(&self) -> CategoryCode {
        self.id.category()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::index::tests::square;
    use crate::places::{Grid, GridLevel};

    #[test]
    fn a_component_belongs_to_the_unit_grid_that_it_stands_in() {
        let grids: Vec<Grid> = vec![
            square("m1", GridLevel::Micro, 0.0, 9.0),
            square("u1", GridLevel::Unit, 0.0, 3.0),
        ];
        let index = GridIndex::new(grids);
        let id: ComponentId = "5101080137000012".parse().expect("an id");
        let lamp = Component::placed(id, "灯杆".to_owned(), LonLat::new(1.0, 1.0), &index);
        assert_eq!(lamp.unit_grid, Some("u1".into()));
        assert_eq!(lamp.category().to_string(), "C01.37");
        let beyond = Component::placed(id, String::new(), LonLat::new(5.0, 5.0), &index);
        assert_eq!(beyond.unit_grid, None);
        let json = serde_json::to_string(&lamp).expect("writes");
        assert_eq!(
            serde_json::from_str::<Component>(&json).expect("reads"),
            lamp
        );
    }
}
