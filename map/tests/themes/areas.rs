//! Hatched grids, lines, devices, and incidents with pictures and lamps.

use crate::scene::{Setting, check, map_at, same, town};
use map_protocol::{
    Camera, CameraState, DeviceKind, Icon, Incident, IncidentFlags, Lamp, Layer, LineClass,
    LineFeature, PolygonFeature, PolygonValue, Severity, Target, ToMap, View,
};

/// Numbers from 0 to 1 in a fixed order.
fn dice(seed: u32) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1_u32 << 24)
    }
}

/// An irregular polygon around a place in metres, with a hole where it is large enough.
fn blob(
    id: u32,
    [east, north]: [f64; 2],
    radius_m: f64,
    roll: &mut dyn FnMut() -> f64,
) -> PolygonFeature {
    let mut ring = |share: f64| {
        (0..9)
            .map(|corner| {
                let angle = std::f64::consts::TAU * f64::from(corner) / 9.0;
                let reach = radius_m * share * (0.65 + 0.35 * roll());
                town::at(east + reach * angle.cos(), north + reach * angle.sin())
            })
            .collect::<Vec<_>>()
    };
    let mut rings = vec![ring(1.0)];
    if id.is_multiple_of(3) {
        rings.push(ring(0.4));
    }
    PolygonFeature {
        id,
        class: (id % 4) as u8,
        hatched: id.is_multiple_of(5),
        polygons: vec![rings],
        label: String::new(),
        label_at: town::at(east, north),
    }
}

fn blobs() -> Vec<PolygonFeature> {
    let mut roll = dice(7);
    (0..24_u32)
        .map(|id| {
            let place = [
                f64::from(id % 6) * 180.0 - 450.0,
                f64::from(id / 6) * 150.0 - 225.0,
            ];
            blob(id, place, 95.0, &mut roll)
        })
        .collect()
}

#[test]
fn overdue_grids_are_hatched_over_their_class() {
    let mut map = map_at(15.5, 1.0);
    map.send(ToMap::SetPolygons {
        layer: Layer::MicroGrids,
        features: blobs(),
    });
    check(&mut map, "grids_hatched");
}

#[test]
fn stripes_come_and_go_without_new_geometry_and_stand_still_on_the_ground() {
    let mut map = map_at(15.5, 1.0);
    let plain: Vec<_> = blobs()
        .into_iter()
        .map(|feature| PolygonFeature {
            hatched: false,
            ..feature
        })
        .collect();
    map.send(ToMap::SetPolygons {
        layer: Layer::MicroGrids,
        features: plain,
    });
    map.settle(&town::town_tile).unwrap();
    let values = blobs()
        .iter()
        .map(|feature| PolygonValue {
            id: feature.id,
            class: feature.class,
            hatched: feature.hatched,
        })
        .collect();
    map.send(ToMap::SetPolygonValues {
        layer: Layer::MicroGrids,
        values,
    });
    check(&mut map, "grids_hatched");

    // Moved by whole pixels, the picture is the same one, moved: no stripe crawls over its grid.
    let before = map.picture().unwrap();
    let world_px = 512.0 * 15.5_f64.exp2();
    let [lon, lat] = town::CENTRE;
    let view = View {
        lon: lon + 40.0 / world_px * 360.0,
        lat,
        zoom: 15.5,
    };
    map.send(ToMap::SetView {
        view,
        duration_ms: 0,
    });
    map.settle(&town::town_tile).unwrap();
    let after = map.picture().unwrap();
    let row = before.width as usize * 4;
    let differing = before
        .pixels
        .chunks_exact(row)
        .zip(after.pixels.chunks_exact(row))
        .flat_map(|(old, new)| old[40 * 4..].iter().zip(&new[..row - 40 * 4]))
        .filter(|(old, new)| old.abs_diff(**new) > 24)
        .count();
    let share = differing as f64 / before.pixels.len() as f64;
    assert!(
        share < 0.004,
        "{:.2} % of the picture crawled",
        share * 100.0
    );
}

/// Every picture with a severity and a lamp in turn.
fn pictured() -> Vec<Incident> {
    let icons = [
        Icon::Bin,
        Icon::Poster,
        Icon::Crane,
        Icon::Stall,
        Icon::Bolt,
        Icon::Dots,
        Icon::Tap,
        Icon::Cone,
        Icon::Tree,
        Icon::Phone,
        Icon::Dispute,
        Icon::Warning,
        Icon::Shield,
        Icon::Crowd,
        Icon::Waves,
    ];
    icons
        .iter()
        .cycle()
        .take(28)
        .enumerate()
        .map(|(place, icon)| Incident {
            at: town::at(
                (place % 7) as f64 * 130.0 - 390.0,
                210.0 - (place / 7) as f64 * 140.0,
            ),
            id: place as u32,
            severity: Severity::ALL[place / 7],
            shape: Severity::ALL[place / 7].shape(),
            icon: *icon,
            lamp: Lamp::ALL[place % 5],
            flags: IncidentFlags(match place % 7 {
                3 => IncidentFlags::OVERDUE,
                5 => IncidentFlags::UNACKNOWLEDGED,
                6 => IncidentFlags::OVERDUE | IncidentFlags::UNACKNOWLEDGED,
                _ => 0,
            }),
        })
        .collect()
}

#[test]
fn incidents_show_their_picture_ring_and_lamp() {
    let mut map = map_at(15.4, 1.0);
    map.send(ToMap::SetIncidents {
        incidents: pictured(),
    });
    map.send(ToMap::Select {
        targets: vec![Target {
            layer: Layer::Incidents,
            id: 9,
        }],
    });
    check(&mut map, "incident_pictures");
}

#[test]
fn from_afar_incidents_are_plain() {
    let plain = |incident: Incident| Incident {
        icon: Icon::Nothing,
        lamp: Lamp::None,
        ..incident
    };
    let [mut with, mut without] = [13.6, 13.6].map(|zoom| map_at(zoom, 1.0));
    with.send(ToMap::SetIncidents {
        incidents: pictured(),
    });
    without.send(ToMap::SetIncidents {
        incidents: pictured().into_iter().map(plain).collect(),
    });
    for map in [&mut with, &mut without] {
        map.settle(&town::town_tile).unwrap();
    }
    same(
        &with.picture().unwrap(),
        &without.picture().unwrap(),
        "pictures from afar",
    );
}

#[test]
fn a_new_incident_pulses_and_comes_to_rest() {
    let mut incident = pictured()[19];
    incident.flags = IncidentFlags(IncidentFlags::UNACKNOWLEDGED | IncidentFlags::NEW);
    let mut map = map_at(15.4, 1.0);
    map.settle(&town::town_tile).unwrap();
    map.send(ToMap::PatchIncidents {
        changed: vec![incident],
        removed: Vec::new(),
    });
    let mut pictures = Vec::new();
    for _ in 0..4 {
        assert!(map.frame_after(310.0, &town::town_tile), "it pulses");
        pictures.push(map.picture().unwrap());
    }
    assert!(pictures.windows(2).all(|pair| pair[0] != pair[1]));
    map.frame_after(60_000.0, &town::town_tile);
    assert!(!map.frame_after(16.0, &town::town_tile), "it rests");
    let mut still = map_at(15.4, 1.0);
    still.send(ToMap::SetIncidents {
        incidents: vec![incident],
    });
    still.settle(&town::town_tile).unwrap();
    same(
        &map.picture().unwrap(),
        &still.picture().unwrap(),
        "after the pulse",
    );
}

#[test]
fn devices_by_kind_and_state() {
    let mut map = map_at(17.4, 1.0);
    let devices = (0..10_u32)
        .map(|id| Camera {
            at: town::at(
                f64::from(id % 5) * 26.0 - 44.0,
                f64::from(id / 5) * -26.0 + 13.0,
            ),
            id,
            kind: DeviceKind::ALL[id as usize % 5],
            state: CameraState::ALL[id as usize / 5],
        })
        .collect();
    map.send(ToMap::SetCameras { cameras: devices });
    map.send(ToMap::Select {
        targets: vec![Target {
            layer: Layer::Cameras,
            id: 1,
        }],
    });
    check(&mut map, "devices");
}

/// A small net of roads of every class.
fn roads() -> Vec<LineFeature> {
    let line = |class, points: &[[f64; 2]]| LineFeature {
        class,
        points: points.iter().map(|[e, n]| town::at(*e, *n)).collect(),
    };
    let mut lines = vec![
        line(
            LineClass::Motorway,
            &[[-900.0, 180.0], [-100.0, 150.0], [900.0, 260.0]],
        ),
        line(
            LineClass::Primary,
            &[[-30.0, -600.0], [0.0, 0.0], [40.0, 600.0]],
        ),
        line(
            LineClass::Secondary,
            &[[-900.0, -60.0], [0.0, 0.0], [900.0, -90.0]],
        ),
    ];
    for step in -5..6_i32 {
        let east = f64::from(step) * 110.0;
        lines.push(line(
            LineClass::Minor,
            &[[east, -260.0], [east + 20.0, 140.0]],
        ));
        lines.push(line(
            LineClass::Path,
            &[[east + 50.0, -240.0], [east + 60.0, -40.0]],
        ));
    }
    lines
}

#[test]
fn roads_without_a_base_map_lie_below_the_grids() {
    let mut map = Setting {
        zoom: 15.3,
        style_json: r#"{"version":8,"layers":[]}"#.to_owned(),
        ..Setting::default()
    }
    .open();
    map.send(ToMap::SetLines { lines: roads() });
    map.send(town::grids(Layer::GeneralGrids, 4, 3, "网格"));
    check(&mut map, "lines");
    map.send(ToMap::SetLayerVisible {
        layer: Layer::Lines,
        visible: false,
    });
    map.settle(&town::town_tile).unwrap();
    let hidden = map.picture().unwrap();
    map.send(ToMap::SetLayerVisible {
        layer: Layer::Lines,
        visible: true,
    });
    map.send(ToMap::SetLines { lines: Vec::new() });
    map.settle(&town::town_tile).unwrap();
    same(
        &hidden,
        &map.picture().unwrap(),
        "no lines and hidden lines",
    );
}

#[test]
fn eleven_thousand_grids_with_holes_are_drawn_and_picked() {
    let mut roll = dice(11);
    let features: Vec<_> = (0..11_000_u32)
        .map(|id| {
            let place = [
                f64::from(id % 110) * 60.0 - 3270.0,
                f64::from(id / 110) * 60.0 - 2970.0,
            ];
            blob(id, place, 32.0, &mut roll)
        })
        .collect();
    let mut map = map_at(14.8, 1.0);
    map.send(ToMap::SetPolygons {
        layer: Layer::MicroGrids,
        features,
    });
    map.settle(&town::town_tile).unwrap();
    let middle = map.map().targets_at([320.0 + 2.0, 180.0]);
    assert!(
        middle.len() <= 2,
        "grids lie beside one another: {middle:?}"
    );
    let hatched = map.picture().unwrap();
    let values = (0..11_000)
        .map(|id| PolygonValue {
            id,
            class: 1,
            hatched: false,
        })
        .collect();
    map.send(ToMap::SetPolygonValues {
        layer: Layer::MicroGrids,
        values,
    });
    map.settle(&town::town_tile).unwrap();
    assert_ne!(hatched, map.picture().unwrap());
}

/// Grids around the middle of the world, `east` of its width farther: one with a hole, one in two parts.
fn grids_at(east: u32) -> ToMap {
    let place = |x: i32, y: i32| map_protocol::Position {
        x: (1_u32 << 31)
            .wrapping_add(east)
            .wrapping_add_signed(x * 1_000),
        y: (1_u32 << 31).wrapping_add_signed(y * 1_000),
    };
    let frame = |[west, north, right, south]: [i32; 4]| {
        vec![
            place(west, north),
            place(right, north),
            place(right, south),
            place(west, south),
            place(west, north),
        ]
    };
    let grid = |id: u32, polygons, label_at| PolygonFeature {
        id,
        class: 1,
        hatched: id == 2,
        polygons,
        label: format!("第{id}网格"),
        label_at,
    };
    ToMap::SetPolygons {
        layer: Layer::Areas,
        features: vec![
            grid(
                1,
                vec![vec![frame([-60, -50, 50, 40]), frame([-20, -20, 30, 20])]],
                place(-40, 0),
            ),
            grid(
                2,
                vec![vec![frame([-80, 60, -5, 90])], vec![frame([5, 60, 80, 90])]],
                place(40, 75),
            ),
        ],
    }
}

#[test]
fn grids_across_the_antimeridian_look_as_anywhere_else() {
    let empty = |_: &str| street_map::tiles::TileAnswer::Empty;
    let shown = |east: u32, lon: f64| {
        let mut map = Setting {
            centre: [lon, 0.0],
            zoom: 14.0,
            ..Setting::default()
        }
        .open();
        map.send(grids_at(east));
        map.settle(&empty).unwrap();
        let picture = map.picture().unwrap();
        let ids = [
            [320.0, 180.0],
            [240.0, 180.0],
            [398.0, 180.0],
            [220.0, 325.0],
            [420.0, 325.0],
        ]
        .map(|at| map.map().targets_at(at).first().map(|target| target.id));
        (picture, ids)
    };
    let half = 1_u32 << 31;
    for lon in [0.0005, -0.0005] {
        let (wanted, under) = shown(0, lon);
        assert_eq!(under, [None, Some(1), Some(1), Some(2), Some(2)]);
        let opposite = if lon > 0.0 { lon - 180.0 } else { lon + 180.0 };
        let (picture, ids) = shown(half, opposite);
        assert_eq!(ids, under, "at {opposite}");
        same(&picture, &wanted, &format!("at {opposite}"));
    }
}
