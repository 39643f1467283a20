//! A tile archive from anybody: opened and read, it may only be refused.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("written");
    if let Ok(archive) = tiles::open(file.path()) {
        let _zooms = archive.metadata();
        for (z, x, y) in [(0, 0, 0), (1, 1, 0), (14, 8_705, 5_975), (31, u32::MAX, 7)] {
            archive.tile(z, x, y).ok();
        }
    }
});
