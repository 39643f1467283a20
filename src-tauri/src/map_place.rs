//! Where the base map comes from: a file or a tile service, as the command line or the settings name it.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tiles::{RemoteAbout, UrlTemplate};

use crate::errors::StartError;

/// A base map as it is named. The `Debug` output of a service has no address, since a key may stand in it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum MapPlace {
    /// A tile archive.
    File(PathBuf),
    /// The address of a tile service.
    Server(String),
}

impl From<OsString> for MapPlace {
    fn from(text: OsString) -> Self {
        match text.to_str() {
            Some(address) if UrlTemplate::is_one(address) => Self::Server(address.to_owned()),
            _ => Self::File(text.into()),
        }
    }
}

impl From<String> for MapPlace {
    fn from(text: String) -> Self {
        OsString::from(text).into()
    }
}

impl fmt::Debug for MapPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Server(_) => f.write_str("Server(…)"),
        }
    }
}

/// The key of a tile service, or `@` and the file that holds it. Its `Debug` output does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct MapKey(String);

impl From<String> for MapKey {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for MapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MapKey(…)")
    }
}

impl MapKey {
    /// The key itself.
    fn read(&self) -> Result<String, StartError> {
        let Some(file) = self.0.strip_prefix('@') else {
            return Ok(self.0.clone());
        };
        std::fs::read_to_string(file).map_err(|error| StartError::MapAddress {
            cause: format!("the key file {file} cannot be read: {error}"),
        })
    }
}

/// What the settings say about a tile service.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// The key that stands for `{key}` in the address.
    pub key: Option<MapKey>,
    /// First zoom with tiles.
    pub min_zoom: u8,
    /// Last zoom with tiles.
    pub max_zoom: u8,
    /// Who made the data; shown on the map.
    pub attribution: String,
    /// Whether to ask for tiles of twice the pixels, where the address has `{ratio}`.
    pub sharp: bool,
    /// Room for kept tiles on the disk, in MiB.
    pub cache_mib: u32,
    /// Whether to keep the street's tiles before anybody looks at them, for when the line is lost.
    pub keep_street: bool,
}

impl Default for ServerSettings {
    /// Zooms 0 to 18, half a gigabyte of kept tiles: a city at all zooms, or several times a sub-district.
    fn default() -> Self {
        Self {
            key: None,
            min_zoom: 0,
            max_zoom: 18,
            attribution: String::new(),
            sharp: false,
            cache_mib: 512,
            keep_street: true,
        }
    }
}

impl ServerSettings {
    /// What is wrong with them, if anything.
    pub fn fault(&self) -> Option<String> {
        let (min, max) = (self.min_zoom, self.max_zoom);
        if min > max || max > 24 {
            return Some(format!(
                "map_server has min_zoom = {min} and max_zoom = {max}, expected 0 to 24 in this order"
            ));
        }
        (self.cache_mib == 0 || self.cache_mib > 1 << 20).then(|| {
            let given = self.cache_mib;
            format!(
                "map_server has cache_mib = {given}, expected 1 to {}",
                1 << 20
            )
        })
    }
}

/// A base map that may be opened.
#[derive(Debug, Clone)]
pub enum WantedMap {
    /// A tile archive.
    File(PathBuf),
    /// A tile service.
    Server(TileServer),
}

/// A tile service that may be asked.
#[derive(Debug, Clone)]
pub struct TileServer {
    /// Its address, with the key.
    pub template: UrlTemplate,
    /// What is known of it.
    pub about: RemoteAbout,
    /// The file that its tiles are kept in.
    pub cache: PathBuf,
    /// How large that may become.
    pub cache_bytes: u64,
}

impl WantedMap {
    /// Checks the address of a service; a file is looked at when it is opened.
    pub fn check(
        place: MapPlace,
        key: Option<&MapKey>,
        service: &ServerSettings,
        data_dir: &Path,
    ) -> Result<Self, StartError> {
        let address = match place {
            MapPlace::File(path) => return Ok(Self::File(path)),
            MapPlace::Server(address) => address,
        };
        let key = key.or(service.key.as_ref()).map(MapKey::read).transpose()?;
        let template =
            UrlTemplate::parse(&address, key.as_deref(), service.sharp).map_err(|error| {
                StartError::MapAddress {
                    cause: error.to_string(),
                }
            })?;
        Ok(Self::Server(TileServer {
            template,
            about: RemoteAbout {
                attribution: service.attribution.clone(),
                min_zoom: service.min_zoom,
                max_zoom: service.max_zoom,
            },
            cache: data_dir.join("tile_cache.db"),
            cache_bytes: u64::from(service.cache_mib) << 20,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        address: &str,
        key: Option<&str>,
        service: &ServerSettings,
    ) -> Result<WantedMap, String> {
        let key = key.map(|key| MapKey::from(key.to_owned()));
        let place = MapPlace::from(address.to_owned());
        WantedMap::check(place, key.as_ref(), service, Path::new("/data"))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn files_and_services_are_told_apart() {
        assert!(matches!(
            check("/srv/city.pmtiles", None, &ServerSettings::default()),
            Ok(WantedMap::File(_))
        ));
        let service = check(
            "https://a.example/{z}/{x}/{y}",
            None,
            &ServerSettings::default(),
        );
        assert!(matches!(service, Ok(WantedMap::Server(_))), "{service:?}");
    }

    #[test]
    fn the_key_comes_from_the_command_line_the_settings_or_a_file_and_is_never_shown() {
        let address = "https://a.example/{z}/{x}/{y}?tk={key}";
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("key");
        std::fs::write(&file, "SECRET\n").expect("written");
        let in_file = format!("@{}", file.display());
        let settings = |key: &str| ServerSettings {
            key: Some(MapKey::from(key.to_owned())),
            ..ServerSettings::default()
        };
        let none = ServerSettings::default();
        for (key, service) in [
            (Some("SECRET"), &none),
            (Some(in_file.as_str()), &none),
            (None, &settings("SECRET")),
            (Some("SECRET"), &settings("OTHER")),
        ] {
            let wanted = check(address, key, service).expect("a service");
            assert!(!format!("{wanted:?} {service:?}").contains("SECRET"));
            let WantedMap::Server(TileServer { template, .. }) = wanted else {
                panic!("{wanted:?}");
            };
            let url = template.url(0, 0, 0).expect("an address");
            assert_eq!(url.query(), Some("tk=SECRET"));
        }
        let missing = check(address, None, &none).expect_err("no key");
        assert!(
            missing.contains("no key is given") && missing.contains("--map"),
            "{missing}"
        );
        let unread = check(address, Some("@/nowhere/key"), &none).expect_err("no file");
        assert!(unread.contains("/nowhere/key"), "{unread}");
        assert_eq!(
            format!("{:?}", MapPlace::from("http://SECRET".to_owned())),
            "Server(…)"
        );
    }
}
