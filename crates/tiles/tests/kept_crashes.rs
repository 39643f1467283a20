//! What once brought the fuzz target `tile_archive` down (`fuzz/crashes`) does so no more. The folder is
//! absent as long as nothing did.

use std::fs;
use std::path::{Path, PathBuf};

/// Opens an archive and reads some tiles; it may only be refused.
fn read(path: &Path) {
    if let Ok(archive) = tiles::open(path) {
        let _zooms = archive.metadata();
        for (z, x, y) in [(0, 0, 0), (1, 1, 0), (14, 8_705, 5_975), (31, u32::MAX, 7)] {
            archive.tile(z, x, y).ok();
        }
    }
}

#[test]
fn an_archive_that_once_crashed_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/crashes/tile_archive");
    let entries = fs::read_dir(folder).into_iter().flatten();
    let kept: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    for path in &kept {
        eprintln!("{}", path.display());
        read(path);
    }
}
