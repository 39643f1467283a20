//! Tools: a measured line, a circle and a lasso, drawn by the hand.

use crate::scene::{HEIGHT, WIDTH, check, map_at, same, town};
use map_protocol::{FromMap, Position, ToMap, Tool};
use street_map::offscreen::OffscreenMap;

fn with(tool: Tool) -> OffscreenMap {
    let mut map = map_at(15.2, 1.0);
    map.send(ToMap::SetTool {
        tool,
        points: Vec::new(),
        held: true,
    });
    map.settle(&town::town_tile).unwrap();
    map.messages.clear();
    map
}

fn drag(map: &mut OffscreenMap, way: &[[f64; 2]]) {
    let [x, y] = way[0];
    map.map().pointer_pressed(x, y, 5_000.0);
    for [x, y] in way {
        map.map().pointer_moved(*x, *y, 5_010.0);
    }
    let [x, y] = way[way.len() - 1];
    map.map().pointer_released(x, y, 5_020.0);
}

/// The last drawing that was told of.
fn drawn(map: &mut OffscreenMap) -> (Tool, Vec<Position>, bool) {
    map.settle(&town::town_tile).unwrap();
    let told = map.messages.iter().rev().find_map(|message| match message {
        FromMap::ToolDrawn {
            tool,
            points,
            finished,
        } => Some((*tool, points.clone(), *finished)),
        _ => None,
    });
    told.expect("a drawing was told of")
}

#[test]
fn a_line_is_measured_click_by_click() {
    let mut map = with(Tool::Measure);
    for [x, y] in [[120.0, 260.0], [300.0, 180.0], [420.0, 220.0]] {
        map.map().pointer_moved(x, y, 4_000.0);
        map.map().pointer_pressed(x, y, 5_000.0);
        map.map().pointer_released(x, y, 5_010.0);
    }
    map.map().pointer_moved(540.0, 90.0, 6_000.0);
    let (tool, points, finished) = drawn(&mut map);
    assert_eq!((tool, points.len(), finished), (Tool::Measure, 3, false));
    let selected = |message: &FromMap| matches!(message, FromMap::Picked { .. });
    assert!(!map.messages.iter().any(selected), "clicks select nothing");
    check(&mut map, "measured_line");

    // What comes back from the page draws the same picture, without the piece to the pointer.
    let mut again = map_at(15.2, 1.0);
    let shown = ToMap::SetTool {
        tool,
        points,
        held: false,
    };
    again.send(shown.clone());
    map.send(shown);
    for map in [&mut map, &mut again] {
        map.settle(&town::town_tile).unwrap();
    }
    same(
        &map.picture().unwrap(),
        &again.picture().unwrap(),
        "drawn by hand and by message",
    );
}

#[test]
fn a_circle_is_drawn_from_its_middle() {
    let mut map = with(Tool::Radius);
    drag(&mut map, &[[320.0, 180.0], [350.0, 190.0], [430.0, 210.0]]);
    let (tool, points, finished) = drawn(&mut map);
    assert_eq!((tool, points.len(), finished), (Tool::Radius, 2, true));
    let moved = |message: &FromMap| matches!(message, FromMap::ViewChanged { .. });
    assert!(!map.messages.iter().any(moved), "the map stays where it is");
    check(&mut map, "measured_radius");
}

#[test]
fn a_lasso_is_drawn_around_things() {
    let mut map = with(Tool::Lasso);
    let way: Vec<[f64; 2]> = (0..60)
        .map(|step| {
            let (sin, cos) = (f64::from(step) / 60.0 * 6.0).sin_cos();
            let reach = 110.0 + 20.0 * (f64::from(step) * 0.7).sin();
            [
                f64::from(WIDTH) / 2.0 + reach * 1.4 * cos,
                f64::from(HEIGHT) / 2.0 + reach * sin,
            ]
        })
        .collect();
    drag(&mut map, &way);
    let (tool, points, finished) = drawn(&mut map);
    assert_eq!((tool, finished), (Tool::Lasso, true));
    assert!(points.len() > 40, "{}", points.len());
    check(&mut map, "lasso");
    map.send(ToMap::SetTool {
        tool: Tool::None,
        points: Vec::new(),
        held: false,
    });
    let mut bare = map_at(15.2, 1.0);
    for map in [&mut map, &mut bare] {
        map.settle(&town::town_tile).unwrap();
    }
    same(
        &map.picture().unwrap(),
        &bare.picture().unwrap(),
        "wiped away",
    );
}

#[test]
fn a_pinch_with_a_tool_in_hand_wipes_nothing_away_and_draws_nothing() {
    for tool in [Tool::Radius, Tool::Lasso] {
        let mut map = with(tool);
        let points: Vec<Position> = (0..if tool == Tool::Radius { 2 } else { 4 })
            .map(|at| town::at(f64::from(at) * 40.0, f64::from(at * at) * 30.0))
            .collect();
        map.send(ToMap::SetTool {
            tool,
            points: points.clone(),
            held: true,
        });
        map.settle(&town::town_tile).unwrap();
        map.map().finger_down(1, 300.0, 180.0, 2_000.0);
        map.map().finger_moved(1, 310.0, 190.0, 2_010.0);
        map.map().finger_moved(1, 320.0, 180.0, 2_020.0);
        map.map().finger_down(2, 400.0, 180.0, 2_030.0);
        for step in 1..=40 {
            let way = f64::from(step);
            map.map().finger_moved(2, 400.0 + way, 180.0, 2_100.0);
        }
        map.map().finger_up(2, 440.0, 180.0, 2_200.0);
        for step in 1..=40 {
            let way = f64::from(step);
            map.map().finger_moved(1, 320.0 - way, 180.0 + way, 2_300.0);
        }
        map.map().finger_up(1, 280.0, 220.0, 2_400.0);
        assert_eq!(drawn(&mut map), (tool, points, false));
        let finished =
            |message: &FromMap| matches!(message, FromMap::ToolDrawn { finished: true, .. });
        assert!(!map.messages.iter().any(finished), "{tool:?}");
        let moved = |message: &FromMap| matches!(message, FromMap::ViewChanged { .. });
        assert!(map.messages.iter().any(moved), "the fingers move the map");
    }
}

#[test]
fn a_drag_without_a_way_draws_nothing() {
    for tool in [Tool::Radius, Tool::Lasso] {
        let mut map = with(tool);
        drag(&mut map, &[[320.0, 180.0], [320.0, 180.0]]);
        let (_, points, finished) = drawn(&mut map);
        assert!(points.is_empty() && !finished, "{tool:?}");
    }
}
