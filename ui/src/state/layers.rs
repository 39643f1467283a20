//! The layers of the map that can be hidden, in the order in which they are offered, and how a desk
//! keeps its choice.

use std::collections::BTreeSet;

use domain::people::PersonClass;
use protocol::feed::MapLayer;

/// The layers with the names that they are kept under.
const LAYERS: [(MapLayer, &str); 8] = [
    (MapLayer::Incidents, "incidents"),
    (MapLayer::StreetStaff, "street-staff"),
    (MapLayer::StationedForce, "stationed-force"),
    (MapLayer::SocialForce, "social-force"),
    (MapLayer::Trails, "trails"),
    (MapLayer::Cameras, "cameras"),
    (MapLayer::Grids, "grids"),
    (MapLayer::Heat, "heat"),
];

/// Every layer, in the order of the menu.
pub fn all() -> impl Iterator<Item = MapLayer> {
    LAYERS.into_iter().map(|(layer, _)| layer)
}

/// The name of a layer where it is kept, and in the page.
pub fn name(layer: MapLayer) -> &'static str {
    let known = LAYERS.into_iter().find(|(known, _)| *known == layer);
    known.map_or("", |(_, name)| name)
}

/// The layer of a class of people.
pub const fn of_class(class: PersonClass) -> MapLayer {
    match class {
        PersonClass::StreetStaff => MapLayer::StreetStaff,
        PersonClass::StationedForce => MapLayer::StationedForce,
        PersonClass::SocialForce => MapLayer::SocialForce,
    }
}

/// The hidden layers as one text.
pub fn written(hidden: &BTreeSet<MapLayer>) -> String {
    let names: Vec<_> = hidden.iter().map(|layer| name(*layer)).collect();
    names.join(",")
}

/// The hidden layers of a text. Names that this version does not know hide nothing.
pub fn read(text: &str) -> BTreeSet<MapLayer> {
    let named = |name: &str| LAYERS.into_iter().find(|(_, known)| *known == name);
    text.split(',')
        .filter_map(named)
        .map(|(layer, _)| layer)
        .collect()
}

/// Shows or hides a layer.
pub fn set(hidden: &mut BTreeSet<MapLayer>, layer: MapLayer, is_shown: bool) {
    if is_shown {
        hidden.remove(&layer);
    } else {
        hidden.insert(layer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_kept_and_read_again() {
        for layer in all() {
            let mut hidden = BTreeSet::new();
            set(&mut hidden, layer, false);
            assert_eq!(hidden, BTreeSet::from([layer]));
            assert_eq!(read(&written(&hidden)), hidden, "{layer:?}");
            set(&mut hidden, layer, true);
            assert_eq!(hidden, BTreeSet::new());
        }
        let every: BTreeSet<_> = all().collect();
        assert_eq!(every.len(), LAYERS.len());
        assert_eq!(read(&written(&every)), every);
    }

    #[test]
    fn what_is_not_known_hides_nothing() {
        assert_eq!(read(""), BTreeSet::new());
        assert_eq!(
            read("cameras,satellites,,"),
            BTreeSet::from([MapLayer::Cameras])
        );
    }

    #[test]
    fn each_class_of_people_has_a_layer_of_its_own() {
        let layers: BTreeSet<_> = PersonClass::ALL.map(of_class).into_iter().collect();
        assert_eq!(layers.len(), PersonClass::ALL.len());
    }
}
