//! Opening: each unusable data directory has its own error, and damage is kept aside, never lost.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use domain::OrderState;
use domain::time::HOUR_MS;
use hall_api::{Hall, HallConfig, OpenError};
use protocol::commands::WindowKind;
use protocol::feed::{LineState, NoticeKind};
use protocol::http::{Accepted, paths};
use testkit::builders::{CENTRE, fix};

use crate::harness::{
    Street, click, config, database, hall, propose, staffed_hall, state_of, until, until_line,
};

fn quiet_config(dir: &Path) -> HallConfig {
    HallConfig::new(dir, "http://127.0.0.1:9", "key", "nobody")
}

fn kept_aside(dir: &Path, name: &str) -> Vec<std::path::PathBuf> {
    let prefix = format!("{name}.corrupt-");
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with(&prefix)
        })
        .collect()
}

#[tokio::test]
async fn a_second_hall_on_the_same_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = Hall::open(quiet_config(dir.path())).unwrap();
    let second = Hall::open(quiet_config(dir.path()));
    assert!(matches!(second, Err(OpenError::AlreadyInUse { path }) if path == dir.path()));
    first.shutdown().await;
    let third = Hall::open(quiet_config(dir.path()));
    assert!(third.is_ok(), "{third:?}");
}

#[test]
fn an_unusable_directory_and_an_unusable_address_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let in_the_way = Hall::open(quiet_config(&file));
    assert!(matches!(in_the_way, Err(OpenError::UnusableDataDir { path, .. }) if path == file));
    for url in ["", "localhost:80", "ftp://host", "http://"] {
        let mut config = quiet_config(dir.path());
        config.backend_url = url.to_owned();
        let refused = Hall::open(config);
        assert!(
            matches!(refused, Err(OpenError::BadBackendUrl { .. })),
            "{url}"
        );
    }
    let mut config = quiet_config(dir.path());
    config.backend_key = "line\nbreak".to_owned();
    assert!(matches!(Hall::open(config), Err(OpenError::BadBackendKey)));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    Hall::open(quiet_config(dir.path()))
        .unwrap()
        .shutdown()
        .await;
    database(dir.path(), "outbox.db")
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let refused = Hall::open(quiet_config(dir.path()));
    assert!(
        matches!(&refused, Err(OpenError::WrittenByNewer { found: 99, .. })),
        "{refused:?}"
    );
    assert!(kept_aside(dir.path(), "outbox.db").is_empty());
}

#[tokio::test]
async fn a_corrupt_cache_is_kept_aside_and_fetched_anew_while_the_outbox_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (first, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&first, LineState::Offline).await;
    let proposal = propose(&first, incidents[0]).await;
    first.send_order(click(&proposal)).await.unwrap();
    first.shutdown().await;
    std::fs::write(dir.path().join("cache.db"), "no database at all").unwrap();
    std::fs::remove_file(dir.path().join("cache.db-wal")).ok();

    let second = hall(&street, dir.path());
    let picture = second.picture();
    assert_eq!(picture.notices[0].kind, NoticeKind::CacheRebuilt);
    assert_eq!(picture.outbox.len(), 1);
    assert_eq!(
        state_of(&picture, proposal.keys[0]),
        Some(OrderState::Queued)
    );
    let aside = kept_aside(dir.path(), "cache.db");
    assert_eq!(aside.len(), 1);
    assert_eq!(std::fs::read(&aside[0]).unwrap(), b"no database at all");
    street.come_back();
    until(&second, "everything is back and the order is sent", |p| {
        p.situation.people.len() == 5
            && p.outbox.is_empty()
            && state_of(p, proposal.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    second.shutdown().await;
}

/// Overwrites what a running hall has on the disk of its cache, log and all.
fn damage_the_cache(dir: &Path) {
    for name in ["cache.db", "cache.db-wal"] {
        let path = dir.join(name);
        let len = std::fs::metadata(&path).unwrap().len();
        let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        file.write_all(&vec![0x5a; len as usize]).unwrap();
    }
}

#[tokio::test]
async fn a_cache_damaged_under_a_running_hall_is_kept_aside_and_fetched_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 2).await;
    damage_the_cache(dir.path());
    // What ended long ago is looked for once an hour, and that reads what the disk has now.
    street.clock.turn(HOUR_MS);
    let third = street.report(3).await;
    let now = street.clock.now();
    let fixes: Vec<_> = (1..=5).map(|n| fix(n, CENTRE, now)).collect();
    let moved: Accepted = street.field().post(paths::POSITIONS, &fixes).await.unwrap();
    assert_eq!(moved.accepted, 5);
    let picture = until(&hall, "the cache is fetched anew", |p| {
        let said = p.notices.iter().any(|n| n.kind == NoticeKind::CacheRebuilt);
        let positions = p.situation.positions.values();
        let are_moved = positions.filter(|fix| fix.at == now).count() == 5;
        said && are_moved && p.situation.incidents.contains_key(&third)
    })
    .await;
    assert_eq!(picture.situation.people.len(), 5);
    assert_eq!(kept_aside(dir.path(), "cache.db").len(), 1);
    // It serves again: an order goes out, and after the next start everything is still there.
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    until(&hall, "the order is sent", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await;
    street.go_down();
    hall.shutdown().await;
    let again = crate::harness::hall(&street, dir.path());
    let picture = again.picture();
    assert_eq!(picture.situation.incidents.len(), 3);
    assert_eq!(state_of(&picture, proposal.keys[0]), Some(OrderState::Sent));
    assert!(picture.notices.is_empty(), "{:?}", picture.notices);
    again.shutdown().await;
}

#[tokio::test]
async fn from_a_damaged_outbox_every_readable_order_is_rescued() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (first, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&first, LineState::Offline).await;
    let proposal = propose(&first, incidents[0]).await;
    first.send_order(click(&proposal)).await.unwrap();
    first.shutdown().await;
    damage_the_sessions(dir.path());

    let second = hall(&street, dir.path());
    let picture = second.picture();
    assert_eq!(picture.notices[0].kind, NoticeKind::OutboxRescued);
    assert!(
        picture.notices[0].detail.contains("1 rescued"),
        "{:?}",
        picture.notices
    );
    assert_eq!(kept_aside(dir.path(), "outbox.db").len(), 1);
    assert_eq!(
        state_of(&picture, proposal.keys[0]),
        Some(OrderState::Queued)
    );
    street.come_back();
    until_line(&second, LineState::Online).await;
    crate::harness::sign_in(&second).await;
    until(&second, "the rescued order is sent", |p| {
        p.outbox.is_empty()
    })
    .await;
    assert_eq!(street.seen(), [proposal.keys[0]]);
    second.shutdown().await;
}

#[tokio::test]
async fn what_the_key_does_not_open_is_kept_and_said_on_the_screen() {
    let dir = tempfile::tempdir().unwrap();
    let first = Hall::open(quiet_config(dir.path())).unwrap();
    assert!(first.picture().notices.is_empty());
    first.shutdown().await;
    std::fs::remove_file(dir.path().join("database.key")).unwrap();
    let second = Hall::open(quiet_config(dir.path())).unwrap();
    let notices = second.picture().notices;
    let kinds: Vec<_> = notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::CacheRebuilt, NoticeKind::OutboxLocked]);
    let (kept, _) = notices[1].detail.split_once(" (").unwrap();
    assert!(Path::new(kept).exists(), "{kept}");
}

/// A keyring that nobody has unlocked.
#[derive(Debug)]
struct LockedKeyring;

impl hall_api::Keyring for LockedKeyring {
    fn read(&self, _: &str) -> Result<Option<String>, String> {
        Err("locked".to_owned())
    }

    fn write(&self, _: &str, _: &str) -> Result<(), String> {
        Err("locked".to_owned())
    }
}

#[tokio::test]
async fn a_key_that_has_to_lie_in_a_file_is_said_at_every_start() {
    let dir = tempfile::tempdir().unwrap();
    let open = || {
        let mut config = quiet_config(dir.path());
        config.keyring = Some(std::sync::Arc::new(LockedKeyring));
        Hall::open(config).unwrap()
    };
    let first = open();
    let notices = first.picture().notices;
    assert_eq!(notices[0].kind, NoticeKind::KeyInFile);
    assert!(notices[0].detail.ends_with("database.key (locked)"));
    first.shutdown().await;
    let again = open();
    let notices = again.picture().notices;
    let kinds: Vec<_> = notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::KeyInFile], "said once at each start");
    assert!(notices[0].detail.ends_with("database.key"));
    again.shutdown().await;
    let without_a_keyring = Hall::open(quiet_config(dir.path())).unwrap();
    assert!(without_a_keyring.picture().notices.is_empty());
}

/// Size of a page of the outbox.
const PAGE_BYTES: u64 = sync_engine::store::encryption::SMALL_PAGES as u64;

/// Overwrites the page that holds the table of sessions.
fn damage_the_sessions(dir: &Path) {
    let database = database(dir, "outbox.db");
    let page: i64 = database
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'sessions'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    database
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(database);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .open(dir.join("outbox.db"))
        .unwrap();
    file.seek(SeekFrom::Start((page as u64 - 1) * PAGE_BYTES))
        .unwrap();
    file.write_all(&[0xA5; PAGE_BYTES as usize]).unwrap();
}

#[tokio::test]
async fn a_hall_without_any_backend_opens_empty_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let mut config = config(&street, dir.path());
    config.backend_url = "http://127.0.0.1:9".to_owned();
    let hall = Hall::open(config).unwrap();
    hall.start();
    let picture = until_line(&hall, LineState::Offline).await;
    assert_eq!(picture.line.last_contact, None);
    assert_eq!(picture.reference_version, 0);
    assert_eq!(hall.get_reference(WindowKind::Desk).await.unwrap(), None);
    hall.shutdown().await;
}
