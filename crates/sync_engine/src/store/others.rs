//! The caches of other backends. A start that names another backend, or none, must not cost the
//! street its picture when the line is down: its cache is put aside whole, and taken back when its
//! backend is named again.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use domain::Timestamp;
use rusqlite::Connection;

use super::cache::{Cached, SCHEMA, clear, open_or_begin};
use super::database::{open_empty, sibling, still_unfit, store_error};
use super::keys::{DatabaseKey, sync_dir_of};
use crate::errors::OpenError;

/// How many are kept beside the one in use; each may be as large as the budget.
const KEPT: usize = 3;

/// Puts the cache of another backend aside and opens that of the named one, an empty one where none
/// was kept. Where the files do not let themselves be exchanged, the other one stays as it is and
/// this one lies in memory until the next start.
pub fn change(
    (connection, mut cached): (Connection, Cached),
    backend: &str,
    (path, key, now): (&Path, &DatabaseKey, Timestamp),
) -> Result<(Connection, Cached), OpenError> {
    let present = std::mem::take(&mut cached.progress.backend);
    let damaged = cached.kept_aside.take();
    let mut opened = (connection, cached);
    if !present.is_empty() || is_kept(path, backend) {
        // Closed, all of it lies in one file.
        drop(opened);
        opened = match exchange(path, &present, backend) {
            Ok(()) => open_or_begin(path, key, now)?,
            Err(cause) => begin_in_memory(path, &cause)?,
        };
    }
    if opened.1.progress.backend != backend {
        if let Err(error) = clear(&opened.0, backend) {
            opened = begin_in_memory(path, &error)?;
            clear(&opened.0, backend).map_err(|e| store_error(path, &e))?;
        }
        opened.1 = Cached {
            kept_aside: opened.1.kept_aside,
            in_memory: opened.1.in_memory,
            ..Cached::default()
        };
        backend.clone_into(&mut opened.1.progress.backend);
    }
    opened.1.kept_aside = opened.1.kept_aside.or(damaged);
    Ok(opened)
}

/// An empty cache of no backend, in memory because of that.
fn begin_in_memory(
    path: &Path,
    cause: &dyn std::fmt::Display,
) -> Result<(Connection, Cached), OpenError> {
    let connection = open_empty(path, SCHEMA).map_err(|unfit| still_unfit(path, unfit))?;
    let cached = Cached {
        in_memory: Some(format!("{}: {cause}", path.display())),
        ..Cached::default()
    };
    Ok((connection, cached))
}

/// Where the cache of a backend lies while another one is in use.
fn place_of(path: &Path, backend: &str) -> PathBuf {
    // FNV-1a: the name has to be the same in every version of this program. Labels that share one
    // are told apart by the label inside.
    let hash = backend
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    path.with_file_name(format!("cache-{hash:016x}.db"))
}

/// Whether the cache of a backend was put aside.
fn is_kept(path: &Path, backend: &str) -> bool {
    place_of(path, backend).exists()
}

/// Puts the cache of the backend `present` aside, unless that is empty and so is the cache, and the
/// one of `wanted` in its place where it is kept. Nobody may have the file open. After an error
/// everything is still there, in its place or aside.
fn exchange(path: &Path, present: &str, wanted: &str) -> io::Result<()> {
    // Who closes a database last brings its log into it. Where that failed, the two would have to
    // move in one step, which no system can do.
    if sibling(path, "-wal").exists() {
        return Err(io::Error::other(
            "本地缓存的日志无法并入，未切换 / its log cannot be brought into the cache, which stays as it is",
        ));
    }
    let aside = place_of(path, present);
    if !present.is_empty() {
        std::fs::rename(path, &aside)?;
    }
    let kept = place_of(path, wanted);
    if kept.exists() {
        std::fs::rename(&kept, path)?;
    }
    remove_oldest(path, &aside);
    // A power cut may undo it, as it may undo what was fetched last.
    sync_dir_of(path).ok();
    Ok(())
}

/// Only so many are kept, lest they fill the disk: whichever was written to longest ago goes, and
/// never the one that was put aside just now.
fn remove_oldest(path: &Path, newest: &Path) {
    let entries = path.parent().and_then(|dir| std::fs::read_dir(dir).ok());
    let mut kept: Vec<(bool, SystemTime, PathBuf)> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| is_name_of_one(&entry.file_name().to_string_lossy()))
        .map(|entry| {
            let written = entry.metadata().and_then(|file| file.modified());
            let file = entry.path();
            let written = written.unwrap_or(SystemTime::UNIX_EPOCH);
            (file == newest, written, file)
        })
        .collect();
    kept.sort();
    let too_many = kept.len().saturating_sub(KEPT);
    for (_, _, file) in &kept[..too_many] {
        // What cannot be removed is in nobody's way but the disk's.
        std::fs::remove_file(file).ok();
    }
}

fn is_name_of_one(name: &str) -> bool {
    let hash = name
        .strip_prefix("cache-")
        .and_then(|n| n.strip_suffix(".db"));
    hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::cache::Cache;
    use super::super::keys;
    use super::super::tests::{NOW, incident_at, log};
    use super::*;

    fn open(dir: &Path, backend: &str) -> (Cache, Cached) {
        let keys = keys::find(dir, None, NOW).unwrap();
        Cache::open(dir, backend, &keys.current, NOW).unwrap()
    }

    /// Opens for the backend, writes one more incident, closes, and returns how many were found.
    async fn work(dir: &Path, backend: &str, number: u32) -> usize {
        let (cache, cached) = open(dir, backend);
        assert_eq!(cached.progress.backend, backend);
        let found = cached.situation.incidents.len();
        assert_eq!(cached.progress.cursor, (found > 0).then_some(found as u64));
        let change = incident_at(found as u64 + 1, number, 1);
        cache.apply(log(), vec![change]).await.unwrap();
        cache.close().await;
        found
    }

    #[tokio::test]
    async fn a_start_with_another_backend_costs_the_street_nothing_of_its_cache() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(work(dir.path(), "street", 1).await, 0);
        assert_eq!(
            work(dir.path(), "embedded", 2).await,
            0,
            "nothing is mixed in"
        );
        assert_eq!(work(dir.path(), "street", 3).await, 1);
        assert_eq!(work(dir.path(), "embedded", 4).await, 1);
        let (cache, cached) = open(dir.path(), "street");
        assert_eq!(cached.progress.cursor, Some(2));
        let numbers: Vec<u64> = cached
            .situation
            .incidents
            .keys()
            .map(|id| id.0 % 10)
            .collect();
        assert_eq!(numbers, [1, 3], "the street's own");
        assert_eq!((cached.kept_aside, cached.in_memory), (None, None));
        assert_eq!(
            cache.contents().await.unwrap().situation.incidents.len(),
            2,
            "who reads finds it, too"
        );
    }

    #[tokio::test]
    async fn a_cache_that_was_lost_with_another_backend_in_use_is_begun_and_the_kept_one_taken_back()
     {
        let dir = tempfile::tempdir().unwrap();
        work(dir.path(), "street", 1).await;
        work(dir.path(), "embedded", 2).await;
        std::fs::remove_file(dir.path().join("cache.db")).unwrap();
        assert_eq!(work(dir.path(), "street", 3).await, 1);
        assert_eq!(work(dir.path(), "embedded", 4).await, 0);
    }

    #[tokio::test]
    async fn a_kept_cache_that_is_damaged_is_kept_aside_and_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        work(dir.path(), "street", 1).await;
        work(dir.path(), "embedded", 2).await;
        let kept = place_of(&dir.path().join("cache.db"), "street");
        std::fs::write(&kept, "no database at all").unwrap();
        let (cache, cached) = open(dir.path(), "street");
        assert!(cached.situation.incidents.is_empty());
        let said = cached.kept_aside.expect("it is said");
        assert!(said.contains("cache.db.corrupt-"), "{said}");
        cache.close().await;
        assert_eq!(
            work(dir.path(), "embedded", 3).await,
            1,
            "the other is whole"
        );
    }

    #[tokio::test]
    async fn of_many_backends_the_cache_in_use_and_three_others_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let backends = ["a", "b", "c", "d", "e"];
        for (number, backend) in (1..).zip(backends) {
            assert_eq!(work(dir.path(), backend, number).await, 0);
            // The times of files that are written one after the other may be the same.
            let written = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number.into());
            let file = std::fs::File::open(dir.path().join("cache.db")).unwrap();
            file.set_modified(written).unwrap();
        }
        let is_there = |backend| is_kept(&dir.path().join("cache.db"), backend);
        assert_eq!(backends.map(is_there), [false, true, true, true, false]);
        assert_eq!(work(dir.path(), "b", 6).await, 1, "the oldest that is kept");
        assert_eq!(work(dir.path(), "a", 7).await, 0, "its own went");
        assert_eq!(work(dir.path(), "b", 8).await, 2);
    }

    #[tokio::test]
    async fn where_the_cache_cannot_be_put_aside_it_stays_and_the_other_is_followed_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        work(dir.path(), "street", 1).await;
        // A folder in its place cannot be replaced by a file.
        let place = place_of(&dir.path().join("cache.db"), "street");
        std::fs::create_dir_all(place.join("in the way")).unwrap();
        let (cache, cached) = open(dir.path(), "embedded");
        assert!(cached.in_memory.is_some() && cached.situation.incidents.is_empty());
        assert_eq!(cached.progress.backend, "embedded");
        let change = incident_at(1, 2, 1);
        cache.apply(log(), vec![change]).await.unwrap();
        assert_eq!(cache.progress().await.unwrap().cursor, Some(1));
        cache.close().await;
        assert_eq!(work(dir.path(), "street", 3).await, 1);
    }
}
