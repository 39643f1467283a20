//! Map styles that a street has put in place of the shipped ones, in the folder `map_styles` of its
//! data directory.
//!
//! All of them are read and checked once, at the start, so that both windows show the same, what
//! cannot be used is said once, and no request of a window reaches the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::map_styles::{SHEETS, STYLES};
use serde_json::Value as Json;
use tauri::http::{Response, StatusCode};

use crate::base_map::reply;

/// The folder in the data directory, and the beginning of the addresses.
pub const FOLDER: &str = "map_styles";

/// The largest file that is read; the largest styles in use have a fifth of it.
const MAX_BYTES: u64 = 8 << 20;

/// Files whose names mean nothing are told up to this number, as they are told to catch a typo.
const STRANGERS_TOLD: usize = 8;

const PNG_BEGINS: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The files by their path in the folder; clones are the same files.
#[derive(Debug, Clone, Default)]
pub struct OwnStyles {
    folder: PathBuf,
    files: Arc<BTreeMap<String, Own>>,
}

#[derive(Debug)]
enum Own {
    Usable(Vec<u8>),
    Refused,
}

/// A file that cannot be used.
#[derive(Debug)]
pub struct Fault {
    path: PathBuf,
    reason: Reason,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("读不了 · it cannot be read ({0})")]
    Unreadable(#[from] io::Error),
    #[error("不是文件 · it is no file")]
    NoFile,
    #[error("大于 8 MiB · it is larger than 8 MiB")]
    TooLarge,
    #[error("不是 UTF-8 文本 · it is no UTF-8 text ({0})")]
    NoText(#[from] std::str::Utf8Error),
    #[error("不是 JSON · it is not JSON ({0})")]
    NoJson(#[from] serde_json::Error),
    #[error("不是第 8 版样式 · it is no style of version 8 (\"version\": 8)")]
    Version,
    #[error("样式没有图层 · a style has \"layers\": [ … ]")]
    NoLayers,
    #[error("图标索引应为对象 · the index of a sheet is an object")]
    NoIndex,
    #[error("不是 PNG 图片 · it is no PNG")]
    NoPicture,
    #[error("图标索引与图片缺一 · a sheet is a .json and a .png, and one of them is missing")]
    Alone,
    #[error("文件名不对 · no style has this name")]
    Stranger,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, reason } = self;
        let path = path.display();
        if let Reason::Stranger = reason {
            let (styles, sheets) = (STYLES.join(", "), SHEETS.join(", "));
            return write!(
                f,
                "地图样式文件 {path} 未被使用：{reason}。可用的名称：{styles}（.json），{sheets}（.json 与 .png）。\n\
                 The map style file {path} is not used; rename it to one of those names, or move it away."
            );
        }
        write!(
            f,
            "地图样式文件 {path} 无法使用，改用内置样式：{reason}。请改正后重启，或将其移走。\n\
             The map style file {path} cannot be used, and the shipped one is used instead: {reason}. Mend it and restart, or move it away."
        )
    }
}

impl OwnStyles {
    /// Reads what a data directory has, and answers what cannot be used of it.
    pub fn read(data_dir: &Path) -> (Self, Vec<Fault>) {
        let folder = data_dir.join(FOLDER);
        let mut reading = Reading {
            folder,
            files: BTreeMap::new(),
            faults: Vec::new(),
        };
        match fs::read_dir(&reading.folder) {
            Ok(_) => reading.read_all(),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => reading.faults.push(Fault {
                path: reading.folder.clone(),
                reason: error.into(),
            }),
        }
        let styles = Self {
            folder: reading.folder,
            files: Arc::new(reading.files),
        };
        (styles, reading.faults)
    }

    /// Answers for `/map_styles/FILE` as [`protocol::map_styles::OWN_URL`] says; `None` for any other path.
    pub fn answer(&self, path: &str) -> Option<Response<Vec<u8>>> {
        let file = path
            .strip_prefix('/')?
            .strip_prefix(FOLDER)?
            .strip_prefix('/')?;
        let (status, body) = match self.files.get(file) {
            Some(Own::Usable(bytes)) => (StatusCode::OK, bytes.clone()),
            Some(Own::Refused) => (StatusCode::UNPROCESSABLE_ENTITY, Vec::new()),
            None if names().contains(file) => (StatusCode::NO_CONTENT, Vec::new()),
            None => (StatusCode::NOT_FOUND, Vec::new()),
        };
        let ending = Path::new(file).extension();
        let media_type = match (status, ending) {
            (StatusCode::OK, Some(ending)) if ending == "png" => "image/png",
            (StatusCode::OK, _) => "application/json",
            _ => "text/plain",
        };
        Some(reply(status, media_type, body))
    }

    /// The file that a style is read from; `None` for one that is shipped.
    pub fn file_of(&self, style: &str) -> Option<PathBuf> {
        let file = format!("{style}.json");
        let own = self.files.get(&file)?;
        matches!(own, Own::Usable(_)).then(|| self.folder.join(file))
    }
}

/// The only files that are ever read.
fn names() -> BTreeSet<String> {
    let styles = STYLES.iter().map(|style| format!("{style}.json"));
    let sheets = SHEETS.iter().flat_map(|sheet| files_of(sheet));
    styles.chain(sheets).collect()
}

fn files_of(sheet: &str) -> [String; 2] {
    [format!("{sheet}.json"), format!("{sheet}.png")]
}

/// The folder while it is being read.
struct Reading {
    folder: PathBuf,
    files: BTreeMap<String, Own>,
    faults: Vec<Fault>,
}

impl Reading {
    fn read_all(&mut self) {
        for style in STYLES {
            self.take_style(&format!("{style}.json"));
        }
        for sheet in SHEETS {
            self.take_sheet(files_of(sheet));
        }
        self.tell_strangers();
    }

    fn take_style(&mut self, file: &str) {
        match read_file(&self.folder.join(file), check_style) {
            Ok(None) => {}
            Ok(Some(bytes)) => {
                let path = self.folder.join(file);
                tracing::info!(path = %path.display(), "the street has a map style of its own");
                self.files.insert(file.to_owned(), Own::Usable(bytes));
            }
            Err(reason) => self.refuse(file, reason),
        }
    }

    /// A sheet is used as a whole or not at all: an index to another picture cuts out nonsense.
    fn take_sheet(&mut self, [index, picture]: [String; 2]) {
        let indexed = read_file(&self.folder.join(&index), check_index);
        let pictured = read_file(&self.folder.join(&picture), check_picture);
        match (indexed, pictured) {
            (Ok(None), Ok(None)) => {}
            (Ok(Some(json)), Ok(Some(png))) => {
                self.files.insert(index, Own::Usable(json));
                self.files.insert(picture, Own::Usable(png));
            }
            (Ok(Some(_)), Ok(None)) => self.refuse(&index, Reason::Alone),
            (Ok(None), Ok(Some(_))) => self.refuse(&picture, Reason::Alone),
            (indexed, pictured) => {
                for (file, read) in [(index, indexed), (picture, pictured)] {
                    if let Err(reason) = read {
                        self.refuse(&file, reason);
                    }
                }
            }
        }
    }

    fn refuse(&mut self, file: &str, reason: Reason) {
        self.files.insert(file.to_owned(), Own::Refused);
        let path = self.folder.join(file);
        self.faults.push(Fault { path, reason });
    }

    /// Names the files that look like styles and sheets but are none by their names.
    fn tell_strangers(&mut self) {
        let known = names();
        let mut strangers = BTreeSet::new();
        for (inside, endings) in [("", &["json"][..]), ("sprites/", &["json", "png"])] {
            let entries = fs::read_dir(self.folder.join(inside));
            for entry in entries.into_iter().flatten().flatten() {
                let path = PathBuf::from(entry.file_name());
                let ending = path.extension().and_then(|ending| ending.to_str());
                let file = format!("{inside}{}", path.display());
                if ending.is_some_and(|e| endings.contains(&e)) && !known.contains(&file) {
                    strangers.insert(file);
                }
            }
        }
        let told = strangers.iter().take(STRANGERS_TOLD);
        self.faults.extend(told.map(|file| Fault {
            path: self.folder.join(file),
            reason: Reason::Stranger,
        }));
    }
}

/// Reads a file that is small enough and passes the check; `None` where there is none.
fn read_file(
    path: &Path,
    check: impl FnOnce(&[u8]) -> Result<(), Reason>,
) -> Result<Option<Vec<u8>>, Reason> {
    let about = match fs::metadata(path) {
        Ok(about) => about,
        // A link that leads nowhere was meant to lead somewhere.
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // A pipe would be waited for without end.
    if !about.is_file() {
        return Err(Reason::NoFile);
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Reason::TooLarge);
    }
    check(&bytes)?;
    Ok(Some(bytes))
}

/// Whether the map can read it as a style at all; what it does not support of one it names itself.
fn check_style(bytes: &[u8]) -> Result<(), Reason> {
    let style = json(bytes)?;
    if style["version"].as_f64() != Some(8.0) {
        return Err(Reason::Version);
    }
    style["layers"]
        .is_array()
        .then_some(())
        .ok_or(Reason::NoLayers)
}

fn check_index(bytes: &[u8]) -> Result<(), Reason> {
    json(bytes)?
        .is_object()
        .then_some(())
        .ok_or(Reason::NoIndex)
}

fn check_picture(bytes: &[u8]) -> Result<(), Reason> {
    let is_png = bytes.starts_with(PNG_BEGINS);
    is_png.then_some(()).ok_or(Reason::NoPicture)
}

/// As the windows read it, which leave out the mark that some editors put before a text.
fn json(bytes: &[u8]) -> Result<Json, Reason> {
    let text = std::str::from_utf8(bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Ok(serde_json::from_str(text)?)
}

#[cfg(test)]
mod tests;
