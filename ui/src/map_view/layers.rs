//! Tells the map which layers are hidden. What an officer is busy with stays on it all the same: the
//! selected incident and the people of [`kept_people`] here, a selected camera or grid by the map itself.

use std::collections::BTreeSet;

use domain::people::PersonClass;
use domain::{PersonId, Situation};
use leptos::prelude::*;
use map_protocol::{Layer, ToMap};
use protocol::feed::MapLayer;

use super::control::MapControl;
use super::host::Host;
use super::pack;
use crate::state::{Hall, Selection, layers};

impl MapControl {
    /// Whether a layer is hidden.
    pub fn hides(self, layer: MapLayer) -> bool {
        self.hidden.with_untracked(|hidden| hidden.contains(&layer))
    }

    /// Whether people of a class are hidden.
    fn hides_class(self, class: PersonClass) -> bool {
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

    /// Who stays on the map whatever is hidden.
    pub(super) fn kept_people(&self, hall: &Hall) -> BTreeSet<PersonId> {
        let proposed = self.control.proposed;
        let meant = [
            proposed.with_untracked(|way| way.as_ref().map(|way| way.person)),
            self.control.followed.get_untracked(),
        ];
        self.hall
            .selection
            .with_untracked(|selection| kept_people(&hall.situation, selection, meant))
    }

    /// Whether somebody's class is shown, or they themselves whatever is hidden.
    pub(super) fn shows(&self, hall: &Hall, id: PersonId, kept: &BTreeSet<PersonId>) -> bool {
        let person = hall.situation.people.get(&id);
        kept.contains(&id) || person.is_some_and(|person| !self.control.hides_class(person.class()))
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

/// Whoever is meant (proposed, followed) or selected, and everybody who is under way to the selected incident:
/// a way that is drawn leads to somebody.
fn kept_people(
    situation: &Situation,
    selection: &Selection,
    meant: [Option<PersonId>; 2],
) -> BTreeSet<PersonId> {
    let incident = selection.incident();
    let under_way = incident.map(|incident| pack::under_way(situation, incident));
    let under_way = under_way.into_iter().flatten().map(|order| order.to);
    let meant = meant.into_iter().flatten();
    meant.chain(selection.person()).chain(under_way).collect()
}

#[cfg(test)]
mod tests {
    use domain::orders::OrderStamp;
    use domain::{IncidentId, IntentKey, Order, OrderState};

    use super::*;
    use crate::state::panels::tests::{NOW, incident, picture};

    /// An order for an incident that has reached a state, to the person of the same number.
    fn order(number: u32, incident: IncidentId, state: OrderState) -> Order {
        let stamp = OrderStamp {
            state,
            at: NOW,
            location: None,
            note: None,
            source_crs: domain::places::Crs::default(),
        };
        Order {
            id: IntentKey(uuid::Uuid::from_u128(u128::from(number))),
            incident,
            to: PersonId(number),
            by: "zhou.min".into(),
            instruction: String::new(),
            override_reason: None,
            stamps: vec![stamp],
        }
    }

    fn numbers(kept: BTreeSet<PersonId>) -> Vec<u32> {
        kept.into_iter().map(|person| person.0).collect()
    }

    #[test]
    fn whoever_is_meant_selected_or_under_way_to_what_is_selected_stays() {
        let mut situation = picture().situation;
        let (selected, other) = (incident(0).id, incident(1).id);
        for order in [
            order(1, selected, OrderState::Accepted),
            order(2, selected, OrderState::Accepted),
            order(3, selected, OrderState::Done),
            order(4, selected, OrderState::Sent),
            order(5, other, OrderState::Accepted),
        ] {
            situation.orders.insert(order.id, order);
        }
        let kept =
            |selection: Selection, meant| numbers(kept_people(&situation, &selection, meant));
        let nobody = [None, None];
        assert_eq!(kept(Selection::Nothing, nobody), [0; 0]);
        assert_eq!(kept(Selection::Incident(selected), nobody), [1, 2]);
        assert_eq!(kept(Selection::Person(PersonId(7)), nobody), [7]);
        let meant = [Some(PersonId(8)), Some(PersonId(9))];
        assert_eq!(kept(Selection::Nothing, meant), [8, 9]);
        assert_eq!(kept(Selection::Incident(other), meant), [5, 8, 9]);
    }
}
