//! The leaf directories of a PMTiles archive that were used last.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pmtiles::{DirCacheResult, DirEntry, Directory, DirectoryCache, PmtResult, TileId};

/// Leaf directories by their place in the archive, bounded in bytes.
pub(crate) struct Leaves {
    limit_bytes: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    directories: HashMap<u64, Leaf>,
    bytes: usize,
    tick: u64,
}

struct Leaf {
    directory: Directory,
    bytes: usize,
    used: u64,
}

impl Leaves {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            held: Mutex::default(),
        }
    }

    /// What a held directory says of a tile.
    fn look_up(&self, offset: u64, tile: TileId) -> DirCacheResult {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.tick += 1;
        let tick = held.tick;
        let Some(leaf) = held.directories.get_mut(&offset) else {
            return DirCacheResult::NotCached;
        };
        leaf.used = tick;
        leaf.directory.find_tile_id(tile).into()
    }

    /// Holds a directory, and forgets those that were longest unused until the limit holds; one that
    /// is larger than the limit by itself is not held.
    fn hold(&self, offset: u64, directory: Directory) {
        let bytes = directory.get_approx_byte_size() + size_of::<Leaf>();
        if bytes > self.limit_bytes {
            return;
        }
        let mut guard = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let held = &mut *guard;
        held.tick += 1;
        held.bytes += bytes;
        let leaf = Leaf {
            directory,
            bytes,
            used: held.tick,
        };
        if let Some(before) = held.directories.insert(offset, leaf) {
            held.bytes -= before.bytes;
        }
        while held.bytes > self.limit_bytes {
            let leaves = held.directories.iter();
            let oldest = leaves
                .min_by_key(|(_, leaf)| leaf.used)
                .map(|(offset, _)| *offset);
            let Some(leaf) = oldest.and_then(|offset| held.directories.remove(&offset)) else {
                break;
            };
            held.bytes -= leaf.bytes;
        }
    }
}

impl DirectoryCache for Leaves {
    async fn get_dir_entry_or_insert(
        &self,
        offset: u64,
        tile_id: TileId,
        fetcher: impl Future<Output = PmtResult<Directory>> + Send,
    ) -> PmtResult<Option<DirEntry>> {
        match self.look_up(offset, tile_id) {
            DirCacheResult::Found(entry) => return Ok(Some(entry)),
            DirCacheResult::NotFound => return Ok(None),
            DirCacheResult::NotCached => {}
        }
        let directory = fetcher.await?;
        let found = directory.find_tile_id(tile_id).copied();
        self.hold(offset, directory);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::FutureExt;
    use pmtiles::PmtError;

    use super::*;

    /// A directory of so many tiles, the first of them with this number.
    fn directory(first: u8, tiles: u8) -> Directory {
        let mut bytes = vec![tiles, first];
        bytes.extend(vec![1; usize::from(tiles) * 3 - 1]);
        bytes.extend(vec![1; usize::from(tiles)]);
        Directory::try_from(Bytes::from(bytes)).expect("a directory")
    }

    fn ask(leaves: &Leaves, offset: u64, read: PmtResult<Directory>) -> PmtResult<bool> {
        let tile = TileId::new(7).expect("a tile");
        let answer = leaves.get_dir_entry_or_insert(offset, tile, async { read });
        let entry = answer.now_or_never().expect("nothing waits")?;
        Ok(entry.is_some())
    }

    fn is_held(leaves: &Leaves, offset: u64) -> bool {
        ask(leaves, offset, Err(PmtError::InvalidEntry)).is_ok()
    }

    #[test]
    fn what_was_longest_unused_goes_when_the_limit_is_passed() {
        let one = directory(7, 20).get_approx_byte_size() + size_of::<Leaf>();
        let leaves = Leaves::new(2 * one);
        for offset in [0, 1] {
            assert!(ask(&leaves, offset, Ok(directory(7, 20))).expect("read"));
        }
        assert!(is_held(&leaves, 0) && is_held(&leaves, 1) && is_held(&leaves, 0));
        assert!(!ask(&leaves, 2, Ok(directory(8, 20))).expect("read"));
        assert!(is_held(&leaves, 0) && !is_held(&leaves, 1) && is_held(&leaves, 2));
        for offset in 3..1_000 {
            ask(&leaves, offset, Ok(directory(7, 20))).expect("read");
        }
        let held = leaves.held.lock().expect("nobody failed");
        assert_eq!((held.directories.len(), held.bytes), (2, 2 * one));
    }

    #[test]
    fn what_alone_passes_the_limit_is_read_and_not_held() {
        let leaves = Leaves::new(100);
        assert!(ask(&leaves, 0, Ok(directory(7, 30))).expect("read"));
        assert!(!is_held(&leaves, 0));
    }
}
