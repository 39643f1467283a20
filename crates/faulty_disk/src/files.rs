//! What is certainly on the disk of each file, and what was written since without being synced.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The disk writes whole sectors of so many bytes and tears only between them.
const SECTOR_BYTES: usize = 512;

/// A change that a power cut may undo.
#[derive(Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate { len: usize },
}

/// One file since its last sync.
#[derive(Debug)]
pub struct Tracked {
    path: PathBuf,
    /// A file that took the place of this one under the same name is another file.
    inode: Option<u64>,
    synced: Vec<u8>,
    since: Vec<Change>,
}

/// A small generator of random numbers (SplitMix64, Steele et al. 2014), so that a seed stands for
/// one outcome.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// The next throw: true about every second time.
    pub fn throw(&mut self) -> bool {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) & 1 == 1
    }
}

impl Tracked {
    /// A file as it is now; all of it counts as synced.
    pub fn begin(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            inode: inode(path),
            synced: std::fs::read(path).unwrap_or_default(),
            since: Vec::new(),
        }
    }

    /// Whether the name still stands for this file.
    pub fn is_current(&self) -> bool {
        inode(&self.path) == self.inode
    }

    /// Notes a write.
    pub fn wrote(&mut self, at: usize, bytes: &[u8]) {
        let bytes = bytes.to_vec();
        self.since.push(Change::Write { at, bytes });
    }

    /// Notes a new length.
    pub fn truncated(&mut self, len: usize) {
        self.since.push(Change::Truncate { len });
    }

    /// Everything written until now will survive.
    pub fn sync(&mut self) {
        for change in std::mem::take(&mut self.since) {
            change.apply(&mut self.synced, |_| true);
        }
    }

    /// Makes the file what a power cut leaves of it: all that was synced, and of each sector
    /// written since what `survives` says.
    pub fn cut(&mut self, mut survives: impl FnMut() -> bool) -> std::io::Result<()> {
        if !self.is_current() || self.since.is_empty() {
            return Ok(());
        }
        for change in std::mem::take(&mut self.since) {
            change.apply(&mut self.synced, |_| survives());
        }
        std::fs::write(&self.path, &self.synced)
    }
}

impl Change {
    fn apply(self, content: &mut Vec<u8>, mut survives: impl FnMut(usize) -> bool) {
        match self {
            Self::Truncate { len } => {
                if survives(len) {
                    content.resize(len, 0);
                }
            }
            Self::Write { at, bytes } => {
                let mut done = 0;
                while done < bytes.len() {
                    let start = at + done;
                    let room = SECTOR_BYTES - start % SECTOR_BYTES;
                    let part = &bytes[done..bytes.len().min(done + room)];
                    if survives(start) {
                        let end = start + part.len();
                        content.resize(content.len().max(end), 0);
                        content[start..end].copy_from_slice(part);
                    }
                    done += part.len();
                }
            }
        }
    }
}

fn inode(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.ino())
}
