//! The database that every run begins with: the people of the street and the officers of all halls.
//!
//! Hashing the officers' PINs takes a second, so it is done once for all runs, and each has a copy.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use backend::{Backend, BackendConfig};
use domain::OfficerId;
use domain::trail::{Officer, OfficerRole};
use protocol::Seed;
use protocol::seed::SeedOfficer;
use tempfile::TempDir;
use testkit::builders;

use super::PEOPLE;
use crate::time::{BEGINNING, Timeline};

/// Halls whose officers the backend knows.
const HALLS: usize = 20;
/// PIN of every officer.
pub const PIN: &str = "135790";

/// The officers of a hall.
pub fn officers_of(hall: usize) -> [OfficerId; 2] {
    ["a", "b"].map(|who| OfficerId(format!("officer-{hall}-{who}")))
}

/// An officer of a hall as the backend knows them.
pub fn officer(id: &OfficerId) -> Officer {
    Officer {
        id: id.clone(),
        name: id.to_string(),
        role: OfficerRole::DutyOfficer,
        provenance: None,
    }
}

/// A folder for a database, in memory where the system has such a place.
pub(super) fn folder() -> TempDir {
    let made = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    made.expect("a folder can be made")
}

/// The rules that ship with the program, read once for all runs.
pub(super) fn shipped_rules() -> domain::rules::Rules {
    static RULES: OnceLock<domain::rules::Rules> = OnceLock::new();
    RULES.get_or_init(builders::rules).clone()
}

/// Opens a backend on a folder.
pub(super) fn open_in(folder: &Path, timeline: Timeline) -> Backend {
    let config = BackendConfig {
        clock: Arc::new(timeline),
        ..BackendConfig::in_dir(folder, shipped_rules())
    };
    Backend::open(config).expect("a database that was written by it opens")
}

/// The files of a database.
pub(super) const FILES: [&str; 2] = ["backend.db", "backend.db-wal"];

/// A folder with a database as it is at the beginning.
pub(super) fn fresh() -> TempDir {
    // In memory, as nobody would remove a folder of the whole process.
    static SEEDED: OnceLock<Vec<(&str, Vec<u8>)>> = OnceLock::new();
    let files = SEEDED.get_or_init(|| {
        let seeded = seeded();
        let read = |name| Some((name, std::fs::read(seeded.path().join(name)).ok()?));
        FILES.into_iter().filter_map(read).collect()
    });
    let made = folder();
    for (name, bytes) in files {
        std::fs::write(made.path().join(name), bytes).expect("it can be written");
    }
    made
}

/// Copies a database with its journal, if it has one.
pub(super) fn copy(from: &Path, to: &Path) {
    for name in FILES {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).expect("it can be copied");
        }
    }
}

/// A folder with a seeded database that nobody uses.
fn seeded() -> TempDir {
    #[derive(Debug)]
    struct Still;
    impl backend::clock::Clock for Still {
        fn now(&self) -> domain::Timestamp {
            BEGINNING
        }
    }
    let folder = folder();
    let all = (0..HALLS).flat_map(officers_of);
    let officers = all.map(|id| SeedOfficer {
        officer: officer(&id),
        pin: PIN.to_owned(),
    });
    let seed = Seed {
        people: (1..=PEOPLE).map(builders::person).collect(),
        officers: officers.collect(),
        ..builders::seed()
    };
    let config = BackendConfig {
        seed: Some(seed),
        clock: Arc::new(Still),
        ..BackendConfig::in_dir(folder.path(), shipped_rules())
    };
    drop(Backend::open(config).expect("a fresh backend opens"));
    folder
}
