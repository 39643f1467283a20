//! Where the key is kept: in a keyring that works, and in a file where none does.

use std::path::Path;
use std::sync::{Arc, Mutex};

use sync_engine::Keyring;
use sync_engine::store::OutboxDb;
use sync_engine::store::keys::{self, DatabaseKey};
use testkit::builders::key;

use crate::fixtures::*;

/// A keyring that remembers, and can be told to misbehave.
#[derive(Debug, Default)]
struct FakeKeyring {
    kept: Mutex<Vec<(String, String)>>,
    fault: Mutex<Fault>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Fault {
    #[default]
    None,
    Refuses,
    Forgets,
    Hangs,
}

impl FakeKeyring {
    fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn obey(&self) -> Result<(), String> {
        let fault = *self.fault.lock().unwrap();
        match fault {
            Fault::Refuses => Err("the keyring is locked".to_owned()),
            Fault::Hangs => {
                std::thread::sleep(std::time::Duration::from_hours(1));
                Err("an hour later".to_owned())
            }
            Fault::None | Fault::Forgets => Ok(()),
        }
    }
}

impl Keyring for FakeKeyring {
    fn read(&self, entry: &str) -> Result<Option<String>, String> {
        self.obey()?;
        let kept = self.kept.lock().unwrap();
        let found = kept.iter().find(|(name, _)| name == entry);
        Ok(found.map(|(_, secret)| secret.clone()))
    }

    fn write(&self, entry: &str, secret: &str) -> Result<(), String> {
        self.obey()?;
        if *self.fault.lock().unwrap() != Fault::Forgets {
            let entry = (entry.to_owned(), secret.to_owned());
            self.kept.lock().unwrap().push(entry);
        }
        Ok(())
    }
}

fn keyring() -> (Arc<FakeKeyring>, Arc<dyn Keyring>) {
    let keyring = Arc::new(FakeKeyring::default());
    (Arc::clone(&keyring), keyring)
}

#[test]
fn the_keyring_keeps_the_key_and_no_file_does() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, keyring) = keyring();
    let first = keys::find(dir.path(), Some(&keyring), NOW).unwrap();
    let again = keys::find(dir.path(), Some(&keyring), NOW).unwrap();
    let elsewhere = keys::find(other.path(), Some(&keyring), NOW).unwrap();
    assert_eq!(first.current, again.current);
    assert_ne!(
        first.current, elsewhere.current,
        "each directory has its own"
    );
    assert_eq!(first.warning, None);
    assert!(!dir.path().join(keys::KEY_FILE).exists());
    assert!(
        files(dir.path())
            .iter()
            .all(|file| !holds(file, first.current.hex().as_bytes()))
    );
}

#[test]
fn without_a_working_keyring_the_key_lies_in_a_file_for_its_owner_only() {
    for fault in [Fault::Refuses, Fault::Forgets, Fault::Hangs] {
        let dir = tempfile::tempdir().unwrap();
        let (fake, keyring) = keyring();
        fake.set(fault);
        let first = keys::find(dir.path(), Some(&keyring), NOW).unwrap();
        let warning = first.warning.expect("it is said");
        assert!(warning.cause.is_some(), "{fault:?}");
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&warning.file).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        fake.set(Fault::None);
        let again = keys::find(dir.path(), Some(&keyring), NOW).unwrap();
        assert_eq!(again.current, first.current, "{fault:?}");
        assert_eq!(again.warning.unwrap().cause, None, "it was said before");
    }
}

#[test]
fn a_restored_key_file_that_others_can_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = tempfile::tempdir().unwrap();
    let first = keys_of(dir.path());
    let file = dir.path().join(keys::KEY_FILE);
    let mode = || std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    for restored in [0o644, 0o640, 0o604] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(restored)).unwrap();
        let again = keys_of(dir.path());
        assert_eq!((mode(), &again.current), (0o600, &first.current));
        assert_eq!(again.warning, None, "it is mended");
    }
}

#[tokio::test]
async fn orders_under_a_keyring_that_fails_for_one_start_come_back_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (fake, keyring) = keyring();
    let open = |dir: &Path| {
        let keys = keys::find(dir, Some(&keyring), NOW).unwrap();
        OutboxDb::open(dir, &keys, NOW).unwrap()
    };
    let (outbox, _) = open(dir.path());
    outbox.add(row(1)).await.unwrap();
    outbox.close().await;
    fake.set(Fault::Refuses);
    let (outbox, stored) = open(dir.path());
    assert!(stored.locked.is_some());
    outbox.add(row(2)).await.unwrap();
    outbox.close().await;
    drop(outbox);
    fake.set(Fault::None);
    let (_outbox, stored) = open(dir.path());
    assert_eq!(keys_in(&stored), [key(2), key(1)]);
}

#[test]
fn a_key_file_that_holds_no_key_is_kept_and_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(keys::KEY_FILE);
    std::fs::write(&file, "no key").unwrap();
    let fresh = keys_of(dir.path());
    assert_eq!(keys_of(dir.path()).current, fresh.current);
    let kept = files(dir.path());
    assert!(
        kept.iter()
            .any(|file| std::fs::read(file).unwrap() == b"no key")
    );
}

#[test]
fn a_key_is_never_printed_and_read_only_from_what_it_was_written_as() {
    let key = DatabaseKey::mint().unwrap();
    assert_eq!(DatabaseKey::from_hex(&key.hex()), Some(key.clone()));
    assert_eq!(format!("{key:?}"), "DatabaseKey(secret)");
    for bad in ["", "ab", &"g".repeat(64), &"0".repeat(65), &"é".repeat(32)] {
        assert_eq!(DatabaseKey::from_hex(bad), None);
    }
}
