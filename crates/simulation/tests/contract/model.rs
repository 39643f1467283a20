//! The stores that the simulation puts in the place of SQLite.

use std::sync::{Arc, Mutex};

use simulation::dice::Dice;
use simulation::disk::Disk;
use simulation::life::Life;
use simulation::stores::{CacheRows, ModelCache, ModelOutbox, OutboxRows};
use sync_engine::store::cache::Cached;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::{CacheStore, OutboxStore};

use crate::suite::{self, BACKEND, Machine};

/// Two simulated disks.
struct Model {
    cache: Arc<Mutex<Disk<CacheRows>>>,
    outbox: Arc<Mutex<Disk<OutboxRows>>>,
    dice: Dice,
}

impl Model {
    /// Of what was not synced, the seed decides how much a power cut leaves.
    fn with_seed(seed: u64) -> Self {
        Self {
            cache: Arc::default(),
            outbox: Arc::default(),
            dice: Dice::new(seed),
        }
    }
}

impl Machine for Model {
    fn open_cache(&self) -> (Box<dyn CacheStore>, Cached) {
        let cached = CacheRows::open(&mut self.cache.lock().unwrap(), BACKEND);
        let disk = Arc::clone(&self.cache);
        let cache = ModelCache::new(disk, Life::default(), self.dice.fork());
        (Box::new(cache), cached)
    }

    fn open_outbox(&self) -> (Box<dyn OutboxStore>, Stored) {
        let stored = self.outbox.lock().unwrap().rows().stored();
        let disk = Arc::clone(&self.outbox);
        let outbox = ModelOutbox::new(disk, Life::default(), self.dice.fork());
        (Box::new(outbox), stored)
    }

    fn set_full(&self, is_full: bool) {
        self.cache.lock().unwrap().is_full = is_full;
        self.outbox.lock().unwrap().is_full = is_full;
    }

    fn cut_power(&self) {
        self.cache.lock().unwrap().cut_power(&self.dice);
        self.outbox.lock().unwrap().cut_power(&self.dice);
    }

    fn switch_on(&self) {}
}

mod first_seed {
    use super::*;
    suite::every_test!(Model::with_seed(1));
}

mod second_seed {
    use super::*;
    suite::every_test!(Model::with_seed(2));
}
