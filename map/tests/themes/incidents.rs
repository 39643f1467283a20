//! Incidents: severities, marks, emphasis, the wall's scale.

use crate::scene::{check, map_at, town};
use map_protocol::{Layer, Target, ToMap};

#[test]
fn incidents_by_severity_and_mark() {
    let mut map = map_at(15.4, 1.0);
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    check(&mut map, "incidents");
}

#[test]
fn selected_and_highlighted_marks_stand_out() {
    let mut map = map_at(15.4, 1.0);
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    map.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    let at = |layer, id| Target { layer, id };
    let targets = vec![
        at(Layer::Incidents, 6),
        at(Layer::Incidents, 7),
        at(Layer::People, 18),
    ];
    map.send(ToMap::Select { targets });
    map.send(ToMap::Highlight {
        target: Some(at(Layer::Incidents, 18)),
    });
    check(&mut map, "emphasis");
}

#[test]
fn incidents_for_the_wall() {
    let mut map = map_at(15.4, 1.0);
    map.send(ToMap::SetMarkScale { scale: 2.0 });
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    check(&mut map, "incidents_wall");
}
