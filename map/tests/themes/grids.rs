//! Grids: classes, selection, hover.

use crate::scene::{check, map_at, town};
use map_protocol::{Layer, PolygonValue, Target, ToMap};

#[test]
fn grids_by_class_with_selection_and_hover() {
    let mut map = map_at(14.9, 1.0);
    map.send(town::grids(Layer::GeneralGrids, 6, 4, "网格"));
    map.send(ToMap::Select {
        targets: vec![Target {
            layer: Layer::GeneralGrids,
            id: 10,
        }],
    });
    map.send(ToMap::Highlight {
        target: Some(Target {
            layer: Layer::GeneralGrids,
            id: 15,
        }),
    });
    check(&mut map, "grids");
}

#[test]
fn grids_take_new_classes() {
    let mut map = map_at(14.9, 1.0);
    map.send(town::grids(Layer::GeneralGrids, 6, 4, ""));
    map.settle(&town::town_tile).unwrap();
    let values = (1..=24).map(|id| PolygonValue {
        id,
        class: u8::from(id % 2 == 0) * 3,
        hatched: false,
    });
    map.send(ToMap::SetPolygonValues {
        layer: Layer::GeneralGrids,
        values: values.collect(),
    });
    check(&mut map, "grids_new_classes");
}
