//! Tells the map which layers are hidden. The selected incident, and a person who is selected, proposed or
//! followed, stay on the map; a selected camera or grid goes with its layer.

use domain::people::PersonClass;
use leptos::prelude::*;
use map_protocol::{Layer, ToMap};
use protocol::feed::MapLayer;

use super::control::MapControl;
use super::host::Host;
use crate::state::layers;

impl MapControl {
    /// Whether a layer is hidden.
    pub fn hides(self, layer: MapLayer) -> bool {
        self.hidden.with_untracked(|hidden| hidden.contains(&layer))
    }

    /// Whether people of a class are hidden.
    pub(super) fn hides_class(self, class: PersonClass) -> bool {
        self.hides(layers::of_class(class))
    }
}

impl Host {
    /// Something was hidden or is shown again.
    pub fn hidden_changed(&mut self) {
        self.tell_visibility();
        self.refresh_incidents();
        self.refresh_people();
        self.refresh_heat();
    }

    /// The layers that are hidden as a whole; of the others the marks are left out one by one.
    pub(super) fn tell_visibility(&self) {
        let grids = !self.control.hides(MapLayer::Grids);
        let cameras = !self.control.hides(MapLayer::Cameras);
        let layers = [
            (Layer::UnitGrids, grids),
            (Layer::MicroGrids, grids),
            (Layer::GeneralGrids, grids),
            (Layer::ExclusiveGrids, grids),
            (Layer::Communities, grids),
            (Layer::Cameras, cameras),
        ];
        for (layer, visible) in layers {
            self.send(&ToMap::SetLayerVisible { layer, visible });
        }
    }
}
