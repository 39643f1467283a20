//! The key that the hall's databases are encrypted with, and where it is kept: in the operating
//! system's keyring, or else in a file of the data directory.
//!
//! A key is never thrown away: when the keyring does not answer, another one is made and kept in
//! the file, and what only the keyring's key opens is taken over at a later start that has it.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use domain::Timestamp;

use super::database::keep_aside;
use super::rescue::DAMAGED;
use crate::errors::OpenError;

/// File of the data directory that holds the key where no keyring does.
pub const KEY_FILE: &str = "database.key";
/// File of the data directory that names the entry of the keyring.
pub const ENTRY_FILE: &str = "keyring.entry";
/// The start waits no longer for the keyring: one that asks its user for a password may never
/// answer on a machine that nobody sits at.
const PATIENCE: Duration = Duration::from_secs(3);

/// 32 random bytes. They are used as they are and not derived from a password, so opening a
/// database costs no key derivation.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseKey([u8; 32]);

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(secret)")
    }
}

impl DatabaseKey {
    /// A new key from the operating system's source of randomness.
    pub fn mint() -> std::io::Result<Self> {
        random().map(Self)
    }

    /// The key as 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// Reads what [`Self::hex`] wrote; `None` when it is anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let text = text.trim().as_bytes();
        let mut key = [0; 32];
        if text.len() != 2 * key.len() {
            return None;
        }
        for (byte, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            *byte = (digit(0)? * 16 + digit(1)?) as u8;
        }
        Some(Self(key))
    }
}

fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    let digits = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(digits).collect()
}

/// The operating system's store of secrets. Its calls may wait for somebody to type a password, so
/// they are made on a thread of their own and not waited for without end.
pub trait Keyring: fmt::Debug + Send + Sync {
    /// The secret of an entry; `None` when there is none.
    fn read(&self, entry: &str) -> Result<Option<String>, String>;
    /// Writes the secret of an entry.
    fn write(&self, entry: &str, secret: &str) -> Result<(), String>;
}

/// The keys of a data directory.
#[derive(Debug)]
pub struct Keys {
    /// The databases are opened with it.
    pub current: DatabaseKey,
    /// A key of before, which may open what was kept aside.
    pub former: Option<DatabaseKey>,
    /// The key lies in a file although a keyring was wanted, or others can read that file.
    pub warning: Option<Fallback>,
}

impl Keys {
    /// All keys, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &DatabaseKey> {
        std::iter::once(&self.current).chain(&self.former)
    }
}

/// A key that lies in a file although a keyring was wanted, or in one that others can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// The file; whoever can read it can read the databases.
    pub file: PathBuf,
    /// What the keyring said, if it was asked now, or what is wrong with the file.
    pub cause: Option<String>,
}

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.cause
            .iter()
            .try_for_each(|cause| write!(f, " ({cause})"))
    }
}

/// Finds the keys of a data directory, or makes the first one. Without a keyring the key is kept in
/// the file, and that is no fault.
pub fn find(
    dir: &Path,
    keyring: Option<&Arc<dyn Keyring>>,
    now: Timestamp,
) -> Result<Keys, OpenError> {
    let failed = |cause| OpenError::UnusableDataDir {
        path: dir.to_owned(),
        cause,
    };
    let in_file = read_file(dir, now)?;
    let entry = read_text(&dir.join(ENTRY_FILE)).map_err(failed)?;
    if let Some(current) = in_file {
        let former = keyring
            .zip(entry)
            .and_then(|(keyring, entry)| ask(keyring, entry, None).ok().flatten());
        let file = dir.join(KEY_FILE);
        let cause = close_to_others(&file);
        let is_worth_saying = keyring.is_some() || cause.is_some();
        let warning = is_worth_saying.then_some(Fallback { file, cause });
        return Ok(Keys {
            current,
            former,
            warning,
        });
    }
    let mut cause = None;
    if let Some(keyring) = keyring {
        match from_keyring(dir, keyring, entry).map_err(failed)? {
            Ok(current) => {
                return Ok(Keys {
                    current,
                    former: None,
                    warning: None,
                });
            }
            Err(said) => cause = Some(said),
        }
    }
    let current = DatabaseKey::mint().map_err(failed)?;
    write_secret(&dir.join(KEY_FILE), &current.hex()).map_err(failed)?;
    let warning = keyring.map(|_| Fallback {
        file: dir.join(KEY_FILE),
        cause,
    });
    Ok(Keys {
        current,
        former: None,
        warning,
    })
}

/// The keyring's key of this directory, a new one where it has none yet.
fn from_keyring(
    dir: &Path,
    keyring: &Arc<dyn Keyring>,
    entry: Option<String>,
) -> std::io::Result<Result<DatabaseKey, String>> {
    let entry = if let Some(entry) = entry {
        entry
    } else {
        let entry = hex(&random::<8>()?);
        write_secret(&dir.join(ENTRY_FILE), &entry)?;
        entry
    };
    let fresh = DatabaseKey::mint()?;
    Ok(ask(keyring, entry, Some(fresh))
        .and_then(|key| key.ok_or_else(|| "the keyring did not keep the key".to_owned())))
}

/// Asks the keyring for the key of an entry; where it has none, it is given `fresh` to keep, and
/// has to show that it did.
fn ask(
    keyring: &Arc<dyn Keyring>,
    entry: String,
    fresh: Option<DatabaseKey>,
) -> Result<Option<DatabaseKey>, String> {
    let (answer, result) = mpsc::channel();
    let keyring = Arc::clone(keyring);
    let conversation = move || match (kept(&*keyring, &entry)?, fresh) {
        (None, Some(fresh)) => {
            keyring.write(&entry, &fresh.hex())?;
            Ok(kept(&*keyring, &entry)?.filter(|kept| *kept == fresh))
        }
        (found, _) => Ok(found),
    };
    std::thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            // Nobody listens any more when the answer came too late; the file has the key then.
            answer.send(conversation()).ok();
        })
        .map_err(|e| e.to_string())?;
    result
        .recv_timeout(PATIENCE)
        .map_err(|_| format!("the keyring did not answer within {} s", PATIENCE.as_secs()))?
}

fn kept(keyring: &dyn Keyring, entry: &str) -> Result<Option<DatabaseKey>, String> {
    let no_key = || "the keyring's entry holds no key".to_owned();
    let secret = keyring.read(entry)?;
    secret
        .map(|text| DatabaseKey::from_hex(&text).ok_or_else(no_key))
        .transpose()
}

/// The key in the file. A file that holds no key is kept aside like any damaged one.
fn read_file(dir: &Path, now: Timestamp) -> Result<Option<DatabaseKey>, OpenError> {
    let path = dir.join(KEY_FILE);
    let text = read_text(&path).map_err(|cause| OpenError::UnusableDataDir {
        path: path.clone(),
        cause,
    })?;
    let Some(text) = text else {
        return Ok(None);
    };
    let key = DatabaseKey::from_hex(&text);
    if key.is_none() {
        let aside = keep_aside(&path, DAMAGED, now)?;
        tracing::error!(aside = %aside.display(), "the key file of the databases holds no key");
    }
    Ok(key)
}

/// Whoever restores a key file from a backup may have left it open to everybody on the machine.
/// Returns what is left to be done, if it cannot be mended.
#[cfg(unix)]
fn close_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let is_open_to_others = mode & 0o077 != 0;
    if !is_open_to_others {
        return None;
    }
    let owner_only = std::fs::Permissions::from_mode(0o600);
    match std::fs::set_permissions(path, owner_only) {
        Ok(()) => {
            tracing::warn!(file = %path.display(), "others could read the key; now only its owner can");
            None
        }
        Err(error) => Some(format!(
            "其他用户可读取该文件 / other users of this machine can read it: {error}"
        )),
    }
}

#[cfg(not(unix))]
const fn close_to_others(_: &Path) -> Option<String> {
    None
}

fn read_text(path: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file that only its owner can read; it is there whole or not at all.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    sync_dir_of(path)
}

/// Makes the names of the files beside `path` durable.
pub fn sync_dir_of(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|_| cfg!(unix)) {
        Some(dir) => std::fs::File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}
