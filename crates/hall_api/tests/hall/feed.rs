//! The feed: a snapshot, numbered deltas, a pulse, masks for the wall, and no unbounded queue.

use std::time::Duration;

use domain::trail::OfficerRole;
use hall_api::{Feed, Hall, HallConfig};
use protocol::commands::{Command, SendOrder, WindowKind};
use protocol::feed::{Frame, LineState, NoticeKind, Picture, PictureChange};
use testkit::builders;
use tokio::time::timeout;

use crate::harness::{
    Street, click, config, hall, propose, sign_in, staffed_hall, state_of, until_line,
};

async fn frame(feed: &mut Feed) -> Frame {
    let bytes = feed.next_frame().await.expect("the hall is open");
    Frame::decode(&bytes).expect("a frame")
}

async fn snapshot(feed: &mut Feed) -> Box<Picture> {
    match frame(feed).await {
        Frame::Snapshot(picture) => picture,
        other @ Frame::Delta { .. } => panic!("expected a snapshot, got {other:?}"),
    }
}

fn quiet_hall(dir: &std::path::Path) -> Hall {
    Hall::open(HallConfig::new(dir, "http://127.0.0.1:9", "key", "nobody")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn deltas_are_numbered_and_a_pulse_comes_every_second() {
    let dir = tempfile::tempdir().unwrap();
    let hall = quiet_hall(dir.path());
    let mut feed = hall.subscribe(WindowKind::Desk);
    let picture = snapshot(&mut feed).await;
    assert_eq!(picture.line.state, LineState::Connecting);
    let pulses = async {
        for expected in 1..=3 {
            let Frame::Delta {
                number, changes, ..
            } = frame(&mut feed).await
            else {
                panic!("a second snapshot");
            };
            assert_eq!(number, expected);
            assert!(
                matches!(changes.as_slice(), [PictureChange::Line(_)]),
                "{changes:?}"
            );
        }
    };
    let in_time = timeout(Duration::from_secs(4), pulses).await;
    assert!(in_time.is_ok(), "three pulses take three seconds");
    hall.notify(NoticeKind::MapUnreadable, "a.mbtiles");
    hall.notify(NoticeKind::WindowReloaded, "wall");
    let Frame::Delta {
        number, changes, ..
    } = frame(&mut feed).await
    else {
        panic!("a second snapshot");
    };
    assert_eq!((number, changes.len()), (4, 3));
    hall.shutdown().await;
    assert_eq!(feed.next_frame().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_burst_becomes_few_frames() {
    let dir = tempfile::tempdir().unwrap();
    let hall = quiet_hall(dir.path());
    let mut feed = hall.subscribe(WindowKind::Desk);
    snapshot(&mut feed).await;
    let burst = async {
        for round in 0..10 {
            hall.notify(NoticeKind::MapUnreadable, round.to_string());
            frame(&mut feed).await;
        }
    };
    // Ten frames take at least nine pauses, however fast changes come.
    let too_fast = timeout(Duration::from_millis(890), burst).await;
    assert!(too_fast.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_window_that_does_not_look_gets_a_snapshot_and_no_endless_queue() {
    let dir = tempfile::tempdir().unwrap();
    let hall = quiet_hall(dir.path());
    let mut frozen = hall.subscribe(WindowKind::Wall);
    let mut quick = hall.subscribe(WindowKind::Desk);
    snapshot(&mut frozen).await;
    snapshot(&mut quick).await;
    for round in 0..10_000 {
        hall.notify(NoticeKind::MapUnreadable, round.to_string());
        if round % 1000 == 0 {
            let seen = frame(&mut quick).await;
            assert!(matches!(seen, Frame::Delta { .. }));
        }
    }
    let picture = snapshot(&mut frozen).await;
    assert_eq!(picture.notices.last().unwrap().number, 10_000);
    let Frame::Delta { number, .. } = frame(&mut frozen).await else {
        panic!("a third snapshot");
    };
    assert_eq!(number, 1);
}

#[tokio::test]
async fn a_wall_never_gets_names_phones_or_officers() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let mut desk = hall.subscribe(WindowKind::Desk);
    let mut wall = hall.subscribe(WindowKind::Wall);
    let whole = snapshot(&mut desk).await;
    let bytes = wall.next_frame().await.unwrap();
    let Frame::Snapshot(masked) = Frame::decode(&bytes).unwrap() else {
        panic!("no snapshot");
    };
    assert!(whole.officer.is_some() && masked.officer.is_none());
    let name = &builders::person(1).name;
    let phone = &builders::person(1).phone;
    let of = |picture: &Picture| picture.situation.people[&domain::PersonId(1)].clone();
    assert_eq!((&of(&whole).name, &of(&whole).phone), (name, phone));
    assert_eq!(of(&masked).name, "测***");
    assert_eq!(of(&masked).phone, "138****0001");
    let is_told = |picture: &Picture| {
        !picture.situation.incidents[&incidents[0]]
            .description
            .is_empty()
    };
    assert!(
        is_told(&whole) && !is_told(&masked),
        "it may say who called"
    );

    let officers_for = async |window| {
        let reference = hall.get_reference(window).await.unwrap();
        reference.expect("it is fetched").officers
    };
    assert!(!officers_for(WindowKind::Desk).await.is_empty());
    assert!(officers_for(WindowKind::Wall).await.is_empty());

    // Changes are masked as well: an order, a switch of the mode, a new roster entry and another sign-in.
    let mut order = click(&propose(&hall, incidents[0]).await);
    order.instruction = format!("请先联系{phone}");
    hall.send_order(order).await.unwrap();
    let officer = builders::officer(OfficerRole::DutyOfficer).id;
    switch_the_mode(&hall, &officer).await;
    let mut renamed = builders::person(1);
    renamed.name = "新名字".to_owned();
    let caller = testkit::Caller::new(street.url(), street.backend.hall_key());
    let imported: protocol::http::Imported = caller
        .post(protocol::http::paths::IMPORT_PEOPLE, &vec![renamed])
        .await
        .unwrap();
    assert_eq!(imported.taken, 1);
    sign_in(&hall).await;
    let mut seen = None;
    while seen.is_none() {
        let bytes = wall.next_frame().await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("新名字") && !text.contains(phone.as_str()));
        assert!(!text.contains(officer.as_str()));
        let Frame::Delta { changes, .. } = Frame::decode(&bytes).unwrap() else {
            continue;
        };
        let mut all = changes.iter();
        assert!(!all.any(|change| matches!(change, PictureChange::Officer(_))));
        seen = changes.into_iter().find_map(|change| match change {
            PictureChange::Record(domain::situation::Record::Person(person)) => Some(person),
            _ => None,
        });
    }
    assert_eq!(seen.unwrap().name, "新**");
    hall.shutdown().await;
}

/// Switches the mode, waits until the hall knows who did, and looks whether a wall that comes late does.
async fn switch_the_mode(hall: &hall_api::Hall, officer: &domain::OfficerId) {
    hall.set_mode(protocol::commands::SetMode {
        key: builders::key(70),
        mode: domain::intents::Mode::EmergencyBlue,
        is_drill: false,
    })
    .await
    .unwrap();
    crate::harness::until(hall, "the mode is in force", |p| {
        let switch = p.situation.mode.switch.as_ref();
        switch.is_some_and(|by| by.officer.as_ref() == Some(officer))
    })
    .await;
    let mut late = hall.subscribe(WindowKind::Wall);
    let mode = snapshot(&mut late).await.situation.mode;
    assert!(
        mode.switch
            .is_some_and(|by| by.officer != Some(officer.clone()))
    );
}

#[tokio::test]
async fn a_feed_folded_by_a_window_equals_the_picture() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let hall = hall(&street, dir.path());
    let mut feed = hall.subscribe(WindowKind::Desk);
    let mut folded = *snapshot(&mut feed).await;
    until_line(&hall, LineState::Online).await;
    sign_in(&hall).await;
    for number in 1..=5 {
        let incident = street.report(number).await;
        crate::harness::until(&hall, "it is shown", |p| {
            p.situation.incidents.contains_key(&incident)
        })
        .await;
        let proposal = propose(&hall, incident).await;
        hall.send_order(click(&proposal)).await.unwrap();
        crate::harness::until(&hall, "it is sent", |p| {
            state_of(p, proposal.keys[0]) == Some(domain::OrderState::Sent)
        })
        .await;
    }
    let last = street.report(6).await;
    let is_last = |p: &Picture| p.situation.incidents.contains_key(&last) && p.outbox.is_empty();
    while !is_last(&folded) {
        fold(&mut folded, frame(&mut feed).await);
    }
    assert_eq!(folded.situation, hall.picture().situation);
    assert_eq!(folded.officer, hall.picture().officer);
    assert_eq!(folded.outbox, hall.picture().outbox);
    hall.shutdown().await;
}

pub fn fold(picture: &mut Picture, frame: Frame) {
    let changes = match frame {
        Frame::Snapshot(whole) => {
            *picture = *whole;
            return;
        }
        Frame::Delta { changes, .. } => changes,
    };
    for change in changes {
        match change {
            PictureChange::Record(record) => {
                picture.situation.apply(record);
            }
            PictureChange::Positions(fixes) => {
                for fix in fixes {
                    picture.situation.locate(fix);
                }
            }
            PictureChange::Line(line) => picture.line = line,
            PictureChange::Outbox(items) => picture.outbox = items,
            PictureChange::OutboxItems(items) => {
                for item in items {
                    let key = item.proposal.key;
                    match picture.outbox.iter_mut().find(|i| i.proposal.key == key) {
                        Some(known) => *known = item,
                        None => picture.outbox.push(item),
                    }
                }
            }
            PictureChange::OutboxLeft(keys) => {
                picture.outbox.retain(|i| !keys.contains(&i.proposal.key));
            }
            PictureChange::Officer(officer) => picture.officer = officer,
            PictureChange::Reference { version } => picture.reference_version = version,
            PictureChange::PositionsGone(people) => {
                for person in people {
                    picture.situation.lose(person);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn the_manifest_names_every_command_with_whether_it_changes_anything() {
    let names: std::collections::BTreeSet<_> = hall_api::COMMANDS.iter().map(|c| c.0).collect();
    assert_eq!(names.len(), hall_api::COMMANDS.len());
    assert!(hall_api::COMMANDS.contains(&(SendOrder::NAME, true)));
    assert!(hall_api::COMMANDS.contains(&("get_trail", false)));
    // A window that may change nothing still sees the picture.
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    assert!(Hall::open(config(&street, dir.path())).is_ok());
}
