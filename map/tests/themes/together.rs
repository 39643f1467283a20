//! Several layers at once: order of drawing, hiding, picking, the held picture.

use crate::scene::{HEIGHT, WIDTH, check, map_at, same, town};
use map_protocol::{Layer, PolygonValue, ToMap, View};

#[test]
fn routes_and_cameras() {
    let mut map = map_at(15.6, 1.0);
    map.send(ToMap::SetCameras {
        cameras: town::cameras(),
    });
    map.send(ToMap::SetRoutes {
        routes: town::routes(),
    });
    check(&mut map, "routes_and_cameras");
}

#[test]
fn everything_at_once() {
    let mut map = map_at(15.2, 1.0);
    map.send(town::grids(Layer::Communities, 3, 2, "望江社区"));
    map.send(town::grids(Layer::MicroGrids, 6, 4, "微网格"));
    map.send(ToMap::SetCameras {
        cameras: town::cameras(),
    });
    map.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    map.send(ToMap::SetRoutes {
        routes: town::routes(),
    });
    check(&mut map, "everything");
}

#[test]
fn the_held_picture_is_what_would_be_drawn() {
    let mut map = map_at(15.2, 1.0);
    map.send(town::grids(Layer::MicroGrids, 6, 4, "微网格"));
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    map.settle(&town::town_tile).unwrap();
    // A message that changes nothing: the frame copies the held picture.
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    map.settle(&town::town_tile).unwrap();
    let held = map.picture().unwrap();
    // The same view again: the frame draws everything itself.
    let [lon, lat] = town::CENTRE;
    map.send(ToMap::SetView {
        view: View {
            lon,
            lat,
            zoom: 15.2,
        },
        duration_ms: 0,
    });
    map.frame_after(16.0, &town::town_tile);
    same(&held, &map.picture().unwrap(), "held and drawn");
    let values = vec![
        PolygonValue {
            id: 10,
            class: 3,
            hatched: false,
        },
        PolygonValue {
            id: 11,
            class: 0,
            hatched: false,
        },
    ];
    map.send(ToMap::SetPolygonValues {
        layer: Layer::MicroGrids,
        values,
    });
    map.settle(&town::town_tile).unwrap();
    assert_ne!(
        held,
        map.picture().unwrap(),
        "a new class renews the held picture"
    );
}

#[test]
fn hidden_layers_are_not_drawn() {
    let mut all = map_at(15.2, 1.0);
    all.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    all.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    for layer in [Layer::People, Layer::Incidents] {
        all.send(ToMap::SetLayerVisible {
            layer,
            visible: false,
        });
    }
    all.settle(&town::town_tile).unwrap();
    let mut plain = map_at(15.2, 1.0);
    plain.settle(&town::town_tile).unwrap();
    same(
        &all.picture().unwrap(),
        &plain.picture().unwrap(),
        "hidden layers",
    );
}

#[test]
fn clicks_find_what_is_drawn_topmost_first() {
    let mut map = map_at(15.2, 1.0);
    map.send(town::grids(Layer::GeneralGrids, 6, 4, ""));
    let incident = town::incidents()[12];
    map.send(ToMap::SetIncidents {
        incidents: vec![incident],
    });
    let mut person = town::people(0.0)[0];
    person.at = incident.at;
    map.send(ToMap::SetPeople {
        people: vec![person],
        glide_ms: 0,
    });
    map.settle(&town::town_tile).unwrap();
    // The place of the incident on the screen, from its distance to the middle.
    let world_px = 512.0 * 15.2_f64.exp2();
    let ([x, y], [cx, cy]) = (incident.at.mercator(), town::at(0.0, 0.0).mercator());
    let spot = [
        (x - cx) * world_px + f64::from(WIDTH) / 2.0,
        (y - cy) * world_px + f64::from(HEIGHT) / 2.0,
    ];
    let targets = map.map().targets_at(spot);
    let layers: Vec<Layer> = targets.iter().map(|target| target.layer).collect();
    assert_eq!(
        layers,
        [Layer::Incidents, Layer::People, Layer::GeneralGrids]
    );
    assert!(map.map().targets_at([-9000.0, 0.0]).is_empty());
    map.send(ToMap::SetMarkScale { scale: 2.0 });
    map.settle(&town::town_tile).unwrap();
    assert_eq!(
        map.map().targets_at(spot),
        targets,
        "the same place on a larger scale"
    );
}
