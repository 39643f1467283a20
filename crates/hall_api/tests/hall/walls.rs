//! What a desk shows on the walls.

use std::collections::BTreeSet;

use domain::LonLat;
use domain::places::Bounds;
use hall_api::Hall;
use protocol::ErrorCode;
use protocol::commands::{ShowOnWall, WallPlace, WindowKind};
use protocol::feed::{
    DrawnShape, Frame, MapLayer, Picture, PictureChange, PushedDrawing, PushedSelection, PushedView,
};
use protocol::heat::HeatWindow;

use crate::harness::{Street, sign_in, staffed_hall};

fn line() -> PushedDrawing {
    PushedDrawing {
        shape: DrawnShape::Line,
        points: vec![LonLat::new(104.02, 30.62), LonLat::new(104.03, 30.63)],
    }
}

fn here(selection: PushedSelection) -> ShowOnWall {
    ShowOnWall {
        place: Some(WallPlace {
            bounds: Bounds {
                min: LonLat::new(104.0, 30.6),
                max: LonLat::new(104.1, 30.7),
            },
            selection,
            hidden: BTreeSet::from([MapLayer::Cameras]),
            heat: Some(HeatWindow::SevenDays),
            drawing: Some(line()),
        }),
    }
}

async fn snapshot(feed: &mut hall_api::Feed) -> Picture {
    match Frame::decode(&feed.next_frame().await.unwrap()).unwrap() {
        Frame::Snapshot(picture) => *picture,
        Frame::Delta { .. } => panic!("no snapshot"),
    }
}

/// The next pushed view, or its end, that a feed tells.
async fn pushed(feed: &mut hall_api::Feed) -> Option<PushedView> {
    loop {
        let Frame::Delta { changes, .. } =
            Frame::decode(&feed.next_frame().await.unwrap()).unwrap()
        else {
            panic!("a second snapshot");
        };
        for change in changes {
            if let PictureChange::PushedView(view) = change {
                return view;
            }
        }
    }
}

fn refusal(hall: &Hall, command: ShowOnWall) -> ErrorCode {
    hall.show_on_wall(command).unwrap_err().code
}

#[tokio::test]
async fn a_wall_hears_what_a_desk_shows_with_a_masked_name_and_when_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let selection = PushedSelection::Incident(incidents[0]);
    assert_eq!(
        refusal(&hall, here(selection.clone())),
        ErrorCode::NotFound,
        "no wall is open"
    );
    let mut desk = hall.subscribe(WindowKind::Desk);
    let mut wall = hall.subscribe(WindowKind::Wall);
    snapshot(&mut desk).await;
    assert_eq!(snapshot(&mut wall).await.pushed_view, None);
    assert_eq!(hall.show_on_wall(here(selection.clone())), Ok(1));
    let (at_desk, at_wall) = (
        pushed(&mut desk).await.unwrap(),
        pushed(&mut wall).await.unwrap(),
    );
    assert_eq!(at_wall.selection, selection);
    assert_eq!(at_wall.heat, Some(HeatWindow::SevenDays));
    assert_eq!(at_wall.drawing, Some(line()));
    assert_eq!(at_wall.until.ms_since(at_wall.at), 120_000);
    assert_ne!(at_wall.by, at_desk.by, "the wall gets no whole name");
    assert!(at_wall.by.contains('*'), "{}", at_wall.by);
    assert_eq!(hall.show_on_wall(here(PushedSelection::Nothing)), Ok(1));
    assert_eq!(pushed(&mut wall).await.unwrap().number, at_wall.number + 1);
    // A wall that comes late has it in its snapshot, masked too.
    let mut late = hall.subscribe(WindowKind::Wall);
    let shown = snapshot(&mut late).await.pushed_view.unwrap();
    assert!(shown.by.contains('*'), "{}", shown.by);
    assert_eq!(hall.show_on_wall(ShowOnWall { place: None }), Ok(2));
    assert_eq!(pushed(&mut wall).await, None);
    hall.shutdown().await;
}

#[tokio::test]
async fn nobody_and_nowhere_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 1).await;
    let _wall = hall.subscribe(WindowKind::Wall);
    let mut nowhere = here(PushedSelection::Nothing);
    let place = nowhere.place.as_mut().unwrap();
    place.bounds.min.lon = f64::NAN;
    assert_eq!(refusal(&hall, nowhere), ErrorCode::BadRequest);
    let mut off_earth = here(PushedSelection::Nothing);
    let drawing = off_earth.place.as_mut().unwrap().drawing.as_mut().unwrap();
    drawing.points[0].lat = 91.0;
    assert_eq!(refusal(&hall, off_earth), ErrorCode::BadRequest);
    hall.sign_out().await.unwrap();
    let command = here(PushedSelection::Nothing);
    assert_eq!(refusal(&hall, command.clone()), ErrorCode::SignInNeeded);
    sign_in(&hall).await;
    assert_eq!(hall.show_on_wall(command), Ok(1));
    hall.shutdown().await;
}
