//! Tiles of a PMTiles archive for the benchmark's server, packed as they lie in the file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use bytes::Bytes;
use futures_util::FutureExt;
use pmtiles::{
    AsyncBackend, AsyncPmTilesReader, BackendResponse, Compression, HashMapCache, PmtError,
    PmtResult, TileCoord,
};

/// An archive, whole in memory: the reading of the file shall not count in anybody's time.
pub struct Archive {
    reader: AsyncPmTilesReader<Held, HashMapCache>,
}

struct Held(Bytes);

impl AsyncBackend for Held {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        let end = self.0.len();
        let start = usize::try_from(offset).unwrap_or(end).min(end);
        let stop = start.saturating_add(length).min(end);
        Ok(BackendResponse::new(self.0.slice(start..stop)))
    }
}

impl Archive {
    pub fn open(path: &Path) -> Result<Self> {
        let content =
            fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let opened = AsyncPmTilesReader::try_from_cached_source(
            Held(content.into()),
            HashMapCache::default(),
        );
        let reader = at_once(opened).with_context(|| format!("{} is damaged", path.display()))?;
        ensure!(
            reader.get_header().tile_compression == Compression::Gzip,
            "the tiles of {} are not packed by gzip; the benchmark hands them to the browser as they are",
            path.display()
        );
        Ok(Self { reader })
    }

    /// A tile's packed bytes.
    pub fn tile(&self, z: u32, x: u32, y: u32) -> Option<Vec<u8>> {
        let coord = TileCoord::new(u8::try_from(z).ok()?, x, y).ok()?;
        at_once(self.reader.get_tile(coord)).ok()?.map(Vec::from)
    }
}

/// The result of a future over bytes in memory, which is ready at once.
fn at_once<T>(future: impl Future<Output = Result<T, PmtError>>) -> Result<T> {
    let done = future
        .now_or_never()
        .ok_or_else(|| anyhow!("the read did not finish at once"))?;
    Ok(done?)
}
