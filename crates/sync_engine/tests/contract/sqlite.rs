//! The stores over SQLite, on a disk that can be full and lose its power.

use std::any::Any;
use std::path::Path;

use faulty_disk::{Fault, FaultyDisk, Survivors};
use rusqlite::Connection;
use sync_engine::store::cache::Cached;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::{
    Cache, CacheStore, OutboxDb, OutboxStore, encryption, keys, proposals, sessions, verifiers,
};

use crate::suite::{self, BACKEND, Machine, NOW};

/// A directory on a disk that can fail.
struct Sqlite {
    disk: FaultyDisk,
    dir: tempfile::TempDir,
    survivors: Survivors,
}

impl Sqlite {
    /// A disk of which a power cut leaves so much of what was not synced.
    fn leaving(survivors: Survivors) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            disk: FaultyDisk::under(dir.path()),
            dir,
            survivors,
        }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Opens while there is no room, which there is again afterwards.
    fn without_room<T>(&self, open: impl FnOnce() -> T) -> T {
        self.disk.fail_after(0, Fault::Full);
        let opened = open();
        self.disk.heal();
        opened
    }
}

impl Machine for Sqlite {
    fn open_cache(&self) -> (Box<dyn CacheStore>, Cached) {
        let keys = keys::find(self.path(), None, NOW).unwrap();
        let (cache, cached) = Cache::open(self.path(), BACKEND, &keys.current, NOW).unwrap();
        (Box::new(cache), cached)
    }

    fn open_outbox(&self) -> (Box<dyn OutboxStore>, Stored) {
        let keys = keys::find(self.path(), None, NOW).unwrap();
        let (outbox, stored) = OutboxDb::open(self.path(), &keys, NOW).unwrap();
        (Box::new(outbox), stored)
    }

    fn set_full(&self, is_full: bool) {
        if is_full {
            self.disk.fail_after(0, Fault::Full);
        } else {
            self.disk.heal();
        }
    }

    fn cut_power(&self) {
        self.disk.cut_power();
    }

    fn switch_on(&self) {
        self.disk.switch_on(self.survivors).unwrap();
    }
}

mod nothing_survives {
    use super::*;
    suite::every_test!(Sqlite::leaving(Survivors::None));
}

mod everything_survives {
    use super::*;
    suite::every_test!(Sqlite::leaving(Survivors::All));
}

mod some_sectors_survive {
    use super::*;
    suite::every_test!(Sqlite::leaving(Survivors::Some(1)));
}

mod other_sectors_survive {
    use super::*;
    suite::every_test!(Sqlite::leaving(Survivors::Some(2)));
}

/// A machine whose disk had no room for a cache at the start: it lies in memory.
struct InMemory(Sqlite);

impl Machine for InMemory {
    fn open_cache(&self) -> (Box<dyn CacheStore>, Cached) {
        let (cache, cached) = self.0.without_room(|| self.0.open_cache());
        assert!(cached.in_memory.is_some());
        (cache, cached)
    }

    fn open_outbox(&self) -> (Box<dyn OutboxStore>, Stored) {
        self.0.open_outbox()
    }

    fn set_full(&self, is_full: bool) {
        self.0.set_full(is_full);
    }

    fn cut_power(&self) {
        self.0.cut_power();
    }

    fn switch_on(&self) {
        self.0.switch_on();
    }

    /// It cannot be opened again: the next start has what the disk had before.
    async fn read_back(&self, cache: Box<dyn CacheStore>) -> (Box<dyn CacheStore>, Cached) {
        let any: Box<dyn Any> = cache;
        let cache: Box<Cache> = any.downcast().unwrap();
        let cached = cache.contents().await.unwrap();
        (cache, cached)
    }
}

mod in_memory {
    use super::*;
    suite::cache_tests!(InMemory(Sqlite::leaving(Survivors::None)));
}

/// A machine with an outbox that there was never room to encrypt.
struct Plain(Sqlite);

impl Plain {
    fn leaving(survivors: Survivors) -> Self {
        let machine = Sqlite::leaving(survivors);
        let path = machine.path().join("outbox.db");
        let db = Connection::open(path).unwrap();
        db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
            .unwrap();
        for sql in [
            proposals::MIGRATION,
            sessions::MIGRATION,
            verifiers::MIGRATION,
            proposals::MIGRATION_2,
        ] {
            db.execute_batch(sql).unwrap();
        }
        db.pragma_update(None, "user_version", 2).unwrap();
        Self(machine)
    }
}

impl Machine for Plain {
    fn open_cache(&self) -> (Box<dyn CacheStore>, Cached) {
        self.0.open_cache()
    }

    fn open_outbox(&self) -> (Box<dyn OutboxStore>, Stored) {
        let (outbox, stored) = self.0.without_room(|| self.0.open_outbox());
        assert!(stored.plain.is_some());
        assert!(encryption::is_plain(&self.0.path().join("outbox.db")));
        (outbox, stored)
    }

    fn set_full(&self, is_full: bool) {
        self.0.set_full(is_full);
    }

    fn cut_power(&self) {
        self.0.cut_power();
    }

    fn switch_on(&self) {
        self.0.switch_on();
    }
}

mod not_encrypted {
    use super::*;
    suite::outbox_tests!(Plain::leaving(Survivors::None));
}

mod not_encrypted_and_some_sectors_survive {
    use super::*;
    suite::outbox_tests!(Plain::leaving(Survivors::Some(1)));
}
