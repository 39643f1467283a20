//! Clusters of incidents: their picture, what stands alone beside them, and clicks on them.

use std::collections::BTreeSet;

use crate::scene::{HEIGHT, WIDTH, check, map_at, same, town};
use map_protocol::{
    FromMap, Icon, Incident, IncidentFlags, Lamp, Layer, Position, Severity, Target, ToMap, View,
};
use street_map::offscreen::OffscreenMap;

/// Heaps of different size and mixture in a row, a drill's heap, and some that stand alone.
fn heaps() -> Vec<Incident> {
    let mut incidents = Vec::new();
    let mut put = |east: f64, north: f64, severity: usize, flags: u8| {
        let severity = Severity::ALL[severity];
        let id = incidents.len() as u32;
        incidents.push(Incident {
            at: town::at(east, north),
            id,
            severity,
            shape: severity.shape(),
            icon: Icon::ALL[1 + id as usize % 15],
            lamp: Lamp::ALL[id as usize % 5],
            flags: IncidentFlags(flags),
        });
    };
    for (heap, count) in [2_usize, 5, 12, 40, 130].into_iter().enumerate() {
        for member in 0..count {
            let angle = member as f64 * 2.4;
            let away = 4.0 * (member as f64).sqrt();
            let severity = match (heap, member % 10) {
                (1, _) | (_, 0..5) => 0,
                (_, 5..8) => 1,
                (_, 8) => 2,
                _ => 3,
            };
            let flags = match (heap, member) {
                (2, 0) => IncidentFlags::OVERDUE,
                (3, 0) => IncidentFlags::OVERDUE | IncidentFlags::UNACKNOWLEDGED,
                _ => 0,
            };
            let east = heap as f64 * 230.0 - 460.0 + away * angle.cos();
            put(east, 120.0 + away * angle.sin(), severity, flags);
        }
    }
    for member in 0..4 {
        put(-460.0 + f64::from(member), -90.0, 1, IncidentFlags::DIMMED);
    }
    for place in 0..4 {
        put(f64::from(place) * 200.0 - 150.0, -90.0, place as usize, 0);
    }
    incidents
}

fn map_with(incidents: Vec<Incident>, zoom: f64) -> OffscreenMap {
    let mut map = map_at(zoom, 1.0);
    map.send(ToMap::SetIncidents { incidents });
    map
}

/// Where a position stands on the canvas.
fn spot(at: Position, zoom: f64) -> [f64; 2] {
    let world_px = 512.0 * zoom.exp2();
    let ([x, y], [cx, cy]) = (at.mercator(), town::at(0.0, 0.0).mercator());
    [
        (x - cx) * world_px + f64::from(WIDTH) / 2.0,
        (y - cy) * world_px + f64::from(HEIGHT) / 2.0,
    ]
}

fn click(map: &mut OffscreenMap, [x, y]: [f64; 2]) -> Vec<FromMap> {
    map.messages.clear();
    map.map().pointer_pressed(x, y, 5_000.0);
    map.map().pointer_released(x, y, 5_010.0);
    map.frame_after(16.0, &town::town_tile);
    std::mem::take(&mut map.messages)
}

#[test]
fn clusters_show_their_total_and_the_share_of_each_severity() {
    check(&mut map_with(heaps(), 15.1), "clusters");
}

#[test]
fn from_afar_there_are_fewer_and_panning_changes_none() {
    let mut map = map_with(heaps(), 13.4);
    check(&mut map, "clusters_afar");
    let [lon, lat] = town::CENTRE;
    let there_and_back = [lon + 0.003, lon];
    for lon in there_and_back {
        let view = View {
            lon,
            lat,
            zoom: 13.4,
        };
        map.send(ToMap::SetView {
            view,
            duration_ms: 0,
        });
        map.settle(&town::town_tile).unwrap();
    }
    let mut fresh = map_with(heaps(), 13.4);
    fresh.settle(&town::town_tile).unwrap();
    same(
        &map.picture().unwrap(),
        &fresh.picture().unwrap(),
        "clusters after panning",
    );
}

#[test]
fn the_selected_incident_stands_beside_its_cluster() {
    let mut map = map_with(heaps(), 15.1);
    let selected = Target {
        layer: Layer::Incidents,
        id: 4,
    };
    map.send(ToMap::Select {
        targets: vec![selected],
    });
    check(&mut map, "cluster_and_selected");
    let at = spot(heaps()[4].at, 15.1);
    assert_eq!(map.map().targets_at(at).first(), Some(&selected));
    let told = click(&mut map, at);
    assert!(
        matches!(&told[..], [FromMap::Picked { targets, .. }, ..] if targets[0] == selected),
        "{told:?}"
    );
}

#[test]
fn a_click_on_a_cluster_tells_its_members_and_where_they_part() {
    let mut map = map_with(heaps(), 15.1);
    map.settle(&town::town_tile).unwrap();
    let told = click(&mut map, spot(town::at(0.0, 120.0), 15.1));
    let Some(FromMap::ClusterPicked {
        ids,
        apart_zoom: Some(zoom),
        ..
    }) = told.first()
    else {
        panic!("{told:?}")
    };
    let heap: BTreeSet<u32> = (7..19).collect();
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), heap);
    assert!((15.5..19.0).contains(zoom), "{zoom}");
    let listed = map.map().targets_at(spot(town::at(0.0, 120.0), 15.1));
    let incidents = listed.iter().filter(|t| t.layer == Layer::Incidents);
    assert_eq!(incidents.count(), 12, "each lies under the pointer");
}

#[test]
fn the_pointer_tells_what_a_cluster_holds_once_and_that_it_left() {
    let mut map = map_with(heaps(), 15.1);
    map.settle(&town::town_tile).unwrap();
    let [x, y] = spot(town::at(0.0, 120.0), 15.1);
    let mut told = |[x, y]: [f64; 2], at_ms: f64| {
        map.messages.clear();
        map.map().pointer_moved(x, y, at_ms);
        map.frame_after(16.0, &town::town_tile);
        let messages = std::mem::take(&mut map.messages).into_iter();
        let hovered = messages.filter_map(|message| match message {
            FromMap::ClusterHovered { ids, .. } => Some(ids.into_iter().collect::<BTreeSet<_>>()),
            _ => None,
        });
        hovered.collect::<Vec<_>>()
    };
    assert_eq!(told([x, y], 5_000.0), [(7..19).collect()]);
    assert_eq!(told([x + 1.0, y], 5_100.0), [], "it is still the same");
    assert_eq!(told([5.0, 5.0], 5_200.0), [BTreeSet::new()], "it left");
}

#[test]
fn a_new_incident_pulses_above_its_cluster_and_joins_it_afterwards() {
    let mut map = map_with(heaps(), 15.1);
    map.settle(&town::town_tile).unwrap();
    let place = spot(town::at(0.0, 120.0), 15.1);
    let mut new = heaps()[7];
    new.id = 10_000;
    new.at = town::at(0.0, 120.0);
    new.flags = IncidentFlags(IncidentFlags::UNACKNOWLEDGED | IncidentFlags::NEW);
    map.send(ToMap::PatchIncidents {
        changed: vec![new],
        removed: Vec::new(),
    });
    let mut pulse = Vec::new();
    for _ in 0..3 {
        assert!(map.frame_after(310.0, &town::town_tile), "it pulses");
        pulse.push(map.picture().unwrap());
    }
    assert!(pulse.windows(2).all(|pair| pair[0] != pair[1]), "it shows");
    let target = Target {
        layer: Layer::Incidents,
        id: new.id,
    };
    assert_eq!(map.map().targets_at(place).first(), Some(&target));
    let told = click(&mut map, place);
    assert!(
        matches!(&told[..], [FromMap::Picked { targets, .. }, ..] if targets[0] == target),
        "{told:?}"
    );
    map.frame_after(60_000.0, &town::town_tile);
    map.settle(&town::town_tile).unwrap();
    let told = click(&mut map, place);
    assert!(
        matches!(told.first(), Some(FromMap::ClusterPicked { ids, .. }) if ids.contains(&new.id)),
        "{told:?}"
    );
}

#[test]
fn a_tap_on_a_cluster_tells_what_it_holds_until_the_next_touch_and_still_picks_it() {
    let mut map = map_with(heaps(), 15.1);
    map.settle(&town::town_tile).unwrap();
    let [x, y] = spot(town::at(0.0, 120.0), 15.1);
    map.messages.clear();
    map.map().finger_down(1, x, y, 5_000.0);
    map.map().finger_up(1, x, y, 5_050.0);
    map.settle(&town::town_tile).unwrap();
    let told = std::mem::take(&mut map.messages);
    let heap: BTreeSet<u32> = (7..19).collect();
    let held = |ids: &[u32]| ids.iter().copied().collect::<BTreeSet<_>>() == heap;
    let hovered = |messages: &[FromMap]| -> Vec<Vec<u32>> {
        let hovered = messages.iter().filter_map(|message| match message {
            FromMap::ClusterHovered { ids, .. } => Some(ids.clone()),
            _ => None,
        });
        hovered.collect()
    };
    assert!(
        matches!(&hovered(&told)[..], [ids] if held(ids)),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|message| matches!(message, FromMap::ClusterPicked { ids, .. } if held(ids))),
        "{told:?}"
    );
    map.map().finger_down(1, 5.0, 5.0, 9_000.0);
    map.settle(&town::town_tile).unwrap();
    assert_eq!(hovered(&map.messages), [[0_u32; 0]; 1], "it left");
}

#[test]
fn incidents_at_one_place_never_part() {
    let place = town::at(0.0, 0.0);
    let mut same_place = heaps();
    same_place.truncate(3);
    for incident in &mut same_place {
        incident.at = place;
    }
    let mut map = map_with(same_place, 19.0);
    map.settle(&town::town_tile).unwrap();
    let told = click(&mut map, spot(place, 19.0));
    assert!(
        matches!(
            told.first(),
            Some(FromMap::ClusterPicked { apart_zoom: None, ids, .. }) if ids.len() == 3
        ),
        "{told:?}"
    );
}
