//! The heat map: where the density is high, and that it goes away.

use crate::scene::{check, map_at, same, town};
use map_protocol::{FromMap, HeatPoint, ToMap};

/// Three places where much was reported, one of them busier, and a lone report.
pub fn reports() -> Vec<HeatPoint> {
    let around = [(-260.0, 80.0, 30), (120.0, -60.0, 70), (300.0, 160.0, 18)];
    let mut points = vec![HeatPoint {
        at: town::at(-420.0, -160.0),
        weight: 1.0,
    }];
    for (east, north, count) in around {
        for n in 0..count {
            let (turn, way) = (f64::from(n) * 2.4, f64::from(n).sqrt() * 16.0);
            points.push(HeatPoint {
                at: town::at(east + way * turn.cos(), north + way * turn.sin()),
                weight: 1.0,
            });
        }
    }
    points
}

#[test]
fn reports_as_a_heat_map_below_the_marks() {
    let mut map = map_at(15.2, 1.0);
    map.send(ToMap::SetHeat {
        points: reports(),
        radius_m: 120.0,
    });
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    check(&mut map, "heat");
    let peaks: Vec<f32> = map
        .messages
        .iter()
        .filter_map(|message| match message {
            FromMap::HeatMeasured { peak } => Some(*peak),
            _ => None,
        })
        .collect();
    assert!(
        matches!(peaks[..], [peak] if peak > 10.0 && peak < 70.0),
        "{peaks:?}"
    );
}

#[test]
fn a_heat_map_without_points_leaves_nothing() {
    let mut map = map_at(15.2, 1.0);
    map.send(ToMap::SetHeat {
        points: reports(),
        radius_m: 120.0,
    });
    map.settle(&town::town_tile).unwrap();
    let hot = map.picture().unwrap();
    map.send(ToMap::SetHeat {
        points: Vec::new(),
        radius_m: 120.0,
    });
    map.settle(&town::town_tile).unwrap();
    let mut plain = map_at(15.2, 1.0);
    plain.settle(&town::town_tile).unwrap();
    let cold = map.picture().unwrap();
    same(&cold, &plain.picture().unwrap(), "no heat");
    assert_ne!(hot, cold);
}
