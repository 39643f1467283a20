//! The stores over SQLite, on a disk that can be full and lose its power.

use std::path::Path;

use faulty_disk::{Fault, FaultyDisk, Survivors};
use sync_engine::store::cache::Cached;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::{Cache, CacheStore, OutboxDb, OutboxStore, keys};

use crate::suite::{self, BACKEND, Machine, NOW};

/// A directory on a disk that can fail.
struct Sqlite {
    disk: FaultyDisk,
    dir: tempfile::TempDir,
}

impl Sqlite {
    fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Machine for Sqlite {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            disk: FaultyDisk::under(dir.path()),
            dir,
        }
    }

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
        self.disk.switch_on(Survivors::None).unwrap();
    }
}

suite::every_test!(Sqlite);
