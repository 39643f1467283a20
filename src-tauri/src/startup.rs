//! Starting in two parts: what can be refused at once, then, behind the opening windows, what
//! takes seconds.

use hall_api::{Clock as _, Hall, HallConfig, SystemClock};
use protocol::feed::NoticeKind;
use tauri::{AppHandle, Manager};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::base_map::BaseMap;
use crate::data_dir::DataDir;
use crate::embedded::Embedded;
use crate::errors::StartError;
use crate::figures::Figures;
use crate::map_place::WantedMap;
use crate::options::Options;
use crate::own_styles::OwnStyles;
use crate::platform;
use crate::settings::HallSettings;
use crate::state::{MapChoice, Shell};
use crate::style_notes::StyleNotes;
use crate::watchdog::Watchdog;

/// What [`prepare`] hands over.
pub struct Prepared {
    /// State of the command handlers.
    pub shell: Shell,
    /// What is still to be done.
    pub rest: Rest,
    /// The claimed directory.
    pub data_dir: DataDir,
}

/// The slow part of the start.
pub struct Rest {
    embedded: Option<Embedded>,
    map: Option<WantedMap>,
}

/// Checks everything that can keep the hall from starting. The embedded backend cannot: what the hall has kept is
/// shown without it.
pub fn prepare(options: &Options, started: Instant) -> Result<Prepared, StartError> {
    if !platform::has_display() {
        return Err(StartError::NoDisplay);
    }
    let path = options
        .data_dir
        .clone()
        .or_else(platform::default_data_dir)
        .ok_or(StartError::NoDataDir)?;
    let data_dir = DataDir::claim(&path)?;
    let settings = HallSettings::read(data_dir.path())?;
    if options.fresh
        && let Some(aside) = data_dir.set_aside(&SystemClock::new().now().unix_ms().to_string())?
    {
        eprintln!(
            "旧数据已移至 {0}。The old data was moved to {0}.",
            aside.display()
        );
    }
    let map = options.map.clone().or_else(|| settings.map.clone());
    let map = map
        .map(|place| {
            let key = options.map_key.as_ref();
            WantedMap::check(place, key, &settings.map_server, data_dir.path())
        })
        .transpose()?;
    let (config, embedded) = if let Some(url) = &options.backend {
        (external(options, url, &data_dir)?, None)
    } else {
        let rules = match options.rules.as_ref().or(settings.rules.as_ref()) {
            Some(folder) => rules::load_dir(folder),
            None => rules::shipped(),
        }
        .map_err(|e| StartError::Rules {
            cause: e.to_string(),
        })?;
        let embedded = Embedded::claim(data_dir.path(), options.demo_speed, rules)?;
        (embedded.hall_config(data_dir.path()), Some(embedded))
    };
    let config = HallConfig {
        keyring: Some(platform::keyring()),
        cache_budget_bytes: u64::from(settings.cache_mib) << 20,
        ..config
    };
    let hall = Hall::open(config).map_err(|e| StartError::Hall {
        cause: e.to_string(),
    })?;
    let shell = Shell {
        hall,
        settings,
        demo_pins: embedded
            .as_ref()
            .map(|_| Embedded::demo_pins())
            .unwrap_or_default(),
        base_map: BaseMap::default(),
        own_styles: own_styles(&data_dir),
        style_notes: StyleNotes::default(),
        map_source: watch::Sender::new(MapChoice::Undecided),
        watchdog: Watchdog::default(),
        figures: Figures::since(started),
    };
    Ok(Prepared {
        shell,
        rest: Rest { embedded, map },
        data_dir,
    })
}

/// The windows choose their map once, and the backend that makes this one has not opened.
const MAP_NOT_MADE: &str = "演示街道的底图尚未生成：内置后台打开后会生成，再次启动时显示 / \
    the demo street's base map has not been made: the built-in backend makes it once it opens, and the start after that shows it";

/// Does the slow part: seeds and serves the embedded backend, opens the base map, starts the line.
pub async fn finish(app: &AppHandle, rest: Rest) {
    let shell = app.state::<Shell>();
    let Rest { embedded, map } = rest;
    let Some(embedded) = embedded else {
        shell.hall.start();
        return shell.show_map(map, None).await;
    };
    let demo_map = embedded.base_map();
    if demo_map.is_some() {
        // Everything that the map may need is there, so that no window waits for the backend.
        tokio::join!(serve(&shell, &embedded), shell.show_map(map, demo_map));
    } else {
        serve(&shell, &embedded).await;
        let demo_map = embedded.base_map();
        let is_missed = map.is_none() && demo_map.is_none();
        let not_made = || is_missed.then(|| MAP_NOT_MADE.to_owned());
        if let Some(fault) = embedded.map_fault().or_else(not_made) {
            shell.hall.notify(NoticeKind::MapUnreadable, fault);
        }
        shell.show_map(map, demo_map).await;
    }
}

/// Starts the embedded backend, or says why it does not start, and then the line to it.
async fn serve(shell: &Shell, embedded: &Embedded) {
    let hall = shell.hall.clone();
    let complain = move |cause: String| {
        let error = StartError::Backend {
            cause: cause.clone(),
        };
        eprintln!("{error}");
        hall.notify(NoticeKind::BackendFailed, cause);
    };
    embedded.start(complain).await;
    shell.hall.start();
}

/// The map styles of a data directory; says what cannot be used of them.
fn own_styles(data_dir: &DataDir) -> OwnStyles {
    let (own_styles, faults) = OwnStyles::read(data_dir.path());
    for fault in faults {
        eprintln!("{fault}");
    }
    own_styles
}

fn external(options: &Options, url: &str, data_dir: &DataDir) -> Result<HallConfig, StartError> {
    let text = options.hall_key.clone().unwrap_or_default();
    let refuse_key = |cause: String| StartError::HallKey {
        text: text.clone(),
        cause,
    };
    let key = match text.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).map_err(|e| refuse_key(e.to_string()))?,
        None => text.clone(),
    };
    let key = key.trim();
    if key.is_empty() {
        return Err(refuse_key("密钥为空 · it is empty".to_owned()));
    }
    let parsed: tauri::Url = url.parse().map_err(|e| StartError::BackendUrl {
        url: url.to_owned(),
        cause: format!("{e}"),
    })?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
        return Err(StartError::BackendUrl {
            url: url.to_owned(),
            cause: "不是 http(s) 地址 · not an http(s) address".to_owned(),
        });
    }
    let url = url.trim_end_matches('/');
    Ok(HallConfig::new(data_dir.path(), url, key, url))
}
