//! The settings file of a hall, `settings.toml` in its data directory.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::errors::StartError;
use crate::map_place::{MapPlace, ServerSettings};

/// Name of the file.
pub const FILE: &str = "settings.toml";

/// What the IT person of the street sets once.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HallSettings {
    /// Width of the wall's picture in metres.
    pub wall_width_m: f64,
    /// Distance of the farthest seat from the wall in metres.
    pub farthest_seat_m: f64,
    /// `zh-CN` or `en`.
    pub language: String,
    /// `standard`, or `clear` for people who see some colours alike.
    pub palette: String,
    /// Base map to open when no `--map` is given.
    pub map: Option<MapPlace>,
    /// More about the base map where it is a tile service.
    pub map_server: ServerSettings,
    /// Rules of the embedded backend when no `--rules` are given.
    pub rules: Option<PathBuf>,
    /// What the hall's copy of the street may need on the disk, in MiB.
    pub cache_mib: u32,
}

impl Default for HallSettings {
    /// A 4.9 m wall (four 55-inch panels side by side) seen from 10 m, in Chinese.
    fn default() -> Self {
        Self {
            wall_width_m: 4.9,
            farthest_seat_m: 10.0,
            language: "zh-CN".to_owned(),
            palette: "standard".to_owned(),
            map: None,
            map_server: ServerSettings::default(),
            rules: None,
            cache_mib: 512,
        }
    }
}

impl HallSettings {
    /// Reads the file of a data directory; defaults where there is none.
    pub fn read(data_dir: &Path) -> Result<Self, StartError> {
        let path = data_dir.join(FILE);
        let refuse = |cause: String| StartError::Settings {
            path: path.clone(),
            cause,
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(refuse(error.to_string())),
        };
        let settings: Self = toml::from_str(&text).map_err(|e| refuse(e.to_string()))?;
        for (name, metres) in [
            ("wall_width_m", settings.wall_width_m),
            ("farthest_seat_m", settings.farthest_seat_m),
        ] {
            if !(0.3..=100.0).contains(&metres) {
                return Err(refuse(format!(
                    "{name} = {metres}, expected 0.3 to 100 metres"
                )));
            }
        }
        if !["zh-CN", "en"].contains(&settings.language.as_str()) {
            let given = &settings.language;
            return Err(refuse(format!(
                "language = \"{given}\", expected zh-CN or en"
            )));
        }
        if !["standard", "clear"].contains(&settings.palette.as_str()) {
            let given = &settings.palette;
            return Err(refuse(format!(
                "palette = \"{given}\", expected standard or clear"
            )));
        }
        if !(16..=65_536).contains(&settings.cache_mib) {
            let given = settings.cache_mib;
            return Err(refuse(format!("cache_mib = {given}, expected 16 to 65536")));
        }
        match settings.map_server.fault() {
            Some(fault) => Err(refuse(fault)),
            None => Ok(settings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<HallSettings, &str>) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(dir.path().join(FILE), text).expect("written");
        match (HallSettings::read(dir.path()), expected) {
            (Ok(read), Ok(expected)) => assert_eq!(read, expected),
            (Err(error), Err(part)) => {
                assert!(error.to_string().contains(part), "{error} lacks {part}");
            }
            (read, expected) => panic!("{text}: {read:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn wrong_settings_are_named_with_what_was_expected() {
        check("", Ok(HallSettings::default()));
        check(
            "wall_width_m = 7.2\nlanguage = \"en\"",
            Ok(HallSettings {
                wall_width_m: 7.2,
                language: "en".to_owned(),
                ..HallSettings::default()
            }),
        );
        check(
            "map = \"https://a.example/{z}/{x}/{y}\"\n[map_server]\nmax_zoom = 16\ncache_mib = 64",
            Ok(HallSettings {
                map: Some(MapPlace::Server("https://a.example/{z}/{x}/{y}".to_owned())),
                map_server: ServerSettings {
                    max_zoom: 16,
                    cache_mib: 64,
                    ..ServerSettings::default()
                },
                ..HallSettings::default()
            }),
        );
        check("[map_server]\nmax_zoom = 30", Err("expected 0 to 24"));
        check(
            "[map_server]\nmin_zoom = 9\nmax_zoom = 8",
            Err("in this order"),
        );
        check("[map_server]\ncache_mib = 0", Err("cache_mib = 0"));
        check("[map_server]\ncache = 5", Err("cache"));
        check("wall_width_m = -1", Err("expected 0.3 to 100 metres"));
        check("wall_width_m = nan", Err("expected 0.3 to 100 metres"));
        check("wal_width_m = 2", Err("wal_width_m"));
        check("language = \"fr\"", Err("expected zh-CN or en"));
        check("palette = \"red\"", Err("expected standard or clear"));
        check("cache_mib = 8", Err("expected 16 to 65536"));
        check(
            "cache_mib = 64",
            Ok(HallSettings {
                cache_mib: 64,
                ..HallSettings::default()
            }),
        );
        check("= 3", Err(FILE));
    }
}
