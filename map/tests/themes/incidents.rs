//! Incidents: severities, marks, emphasis, the wall's scale.

use std::f64::consts::PI;

use crate::scene::{HEIGHT, WIDTH, check, map_at, settled, town};
use map_protocol::{
    Icon, Incident, IncidentFlags, IncidentShape, Lamp, Layer, Severity, Target, ToMap,
};

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

/// How often the inner ring that a flag brings around a round incident is interrupted.
fn gaps_in_the_ring_of(flag: u8) -> usize {
    let picture = |flags: u8| {
        let mut map = map_at(15.4, 1.0);
        map.send(ToMap::SetIncidents {
            incidents: vec![Incident {
                at: town::at(0.0, 0.0),
                id: 1,
                severity: Severity::Large,
                shape: IncidentShape::Circle,
                icon: Icon::Nothing,
                lamp: Lamp::None,
                flags: IncidentFlags(flags),
            }],
        });
        settled(&mut map, &town::town_tile)
    };
    let (plain, ringed) = (picture(0), picture(flag));
    // The pin's radius is 11.5 pixels, and the middle of its ring 3.4 further out.
    let around = (0..720_u32).map(|step| {
        let (sin, cos) = (f64::from(step) / 360.0 * PI).sin_cos();
        let x = (f64::from(WIDTH) / 2.0 + 14.9 * cos) as u32;
        let y = (f64::from(HEIGHT) / 2.0 + 14.9 * sin) as u32;
        let at = ((y * WIDTH + x) * 4) as usize;
        let channels = (at..at + 3).map(|at| plain.pixels[at].abs_diff(ringed.pixels[at]));
        channels.map(u32::from).sum::<u32>()
    });
    let around: Vec<u32> = around.collect();
    let most = around.iter().max().copied().unwrap_or_default();
    assert!(most > 60, "there is a ring: {most}");
    let is_ring = |at: usize| around[at % around.len()] * 2 > most;
    (0..around.len())
        .filter(|at| is_ring(*at) && !is_ring(at + 1))
        .count()
}

#[test]
fn the_ring_of_what_nobody_has_acknowledged_is_dashed_and_no_other() {
    let gaps = gaps_in_the_ring_of(IncidentFlags::UNACKNOWLEDGED);
    assert!((9..=17).contains(&gaps), "{gaps}");
    assert_eq!(gaps_in_the_ring_of(IncidentFlags::OVERDUE), 0);
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
