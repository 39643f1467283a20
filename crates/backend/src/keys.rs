//! The keys of halls and field: made on the first start and kept beside the database.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::credentials::mint_secret;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("密钥文件无法读写 / the key file cannot be used: {path}: {source}")]
pub struct KeyError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// File of the key that halls carry.
pub const HALL_KEY_FILE: &str = "hall.key";
/// File of the key that the field's gateway carries.
pub const FIELD_KEY_FILE: &str = "field.key";

/// The key of the file; a fresh one is written, readable for the owner only, where there is none.
pub fn read_or_mint(path: &Path) -> Result<String, KeyError> {
    let failed = |source| KeyError {
        path: path.to_owned(),
        source,
    };
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= 16 => return Ok(text.trim().to_owned()),
        // The disk took the name and had no room for the key.
        Ok(text) if text.is_empty() => std::fs::remove_file(path).map_err(failed)?,
        Ok(_) => {
            let short = "a key has at least 16 characters; remove the file to get a new one";
            return Err(failed(std::io::Error::other(short)));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let key = mint_secret();
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    writeln!(file, "{key}").map_err(failed)?;
    file.sync_all().map_err(failed)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_and_for_the_owner_only() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join(HALL_KEY_FILE);
        let key = read_or_mint(&path).expect("made");
        assert_eq!(read_or_mint(&path).expect("read"), key);
        let mode = std::fs::metadata(&path).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&path, "").expect("written");
        let another = read_or_mint(&path).expect("an empty file is no key, and nobody's");
        assert_eq!(read_or_mint(&path).expect("read"), another);
        std::fs::write(&path, "short").expect("written");
        assert!(read_or_mint(&path).is_err());
    }
}
