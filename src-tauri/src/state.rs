//! What the shell holds while it runs.

use std::path::PathBuf;
use std::time::Duration;

use hall_api::Hall;
use protocol::commands::{MapSource, Settings, WindowKind};
use protocol::feed::NoticeKind;
use tokio::sync::watch;

use crate::base_map::{Around, BaseMap};
use crate::figures::Figures;
use crate::map_place::WantedMap;
use crate::own_styles::OwnStyles;
use crate::settings::HallSettings;
use crate::style_notes::StyleNotes;
use crate::watchdog::Watchdog;

/// Label of the wall window.
pub const WALL: &str = "wall";
/// Label of the desk window.
pub const DESK: &str = "desk";

/// Which kind a window is; anything that is not the desk gets the wall's masked picture.
pub fn kind_of(label: &str) -> WindowKind {
    if label == DESK {
        WindowKind::Desk
    } else {
        WindowKind::Wall
    }
}

/// Which base map the windows show.
pub enum MapChoice {
    /// The demo street's may still be in the making, or a service of which nothing is kept is being asked.
    Undecided,
    /// This one, or none.
    Decided(Option<MapSource>),
}

/// Shared by all command handlers.
pub struct Shell {
    /// The hall.
    pub hall: Hall,
    /// Settings of this hall.
    pub settings: HallSettings,
    /// PINs to show on the sign-in form; only the demo street's.
    pub demo_pins: Vec<(String, String)>,
    /// The open archive.
    pub base_map: BaseMap,
    /// Map styles that the street has put in place of the shipped ones.
    pub own_styles: OwnStyles,
    /// What was said of map styles.
    pub style_notes: StyleNotes,
    /// Which base map is shown.
    pub map_source: watch::Sender<MapChoice>,
    /// Which windows are alive.
    pub watchdog: Watchdog,
    /// Figures of this run.
    pub figures: Figures,
}

impl Shell {
    /// Opens a base map and tells the waiting windows. Where the one that is wanted gives nothing, the demo street's
    /// own stands in; every window hears of it, which may be long after they have been told.
    pub async fn show_map(&self, wanted: Option<WantedMap>, demo: Option<PathBuf>) {
        let base_map = self.base_map.clone();
        let around =
            Around {
                line: tokio::runtime::Handle::current(),
                street: bounds_of_street(&self.hall).await.and_then(
                    |[west, south, east, north]| tiles::Bounds::new(west, south, east, north),
                ),
                first_answer: FIRST_ANSWER,
            };
        let choice = self.map_source.clone();
        let opening = tokio::task::spawn_blocking(move || {
            base_map.open(wanted, demo.as_deref(), &around, |source| {
                choice.send_replace(MapChoice::Decided(source));
            })
        });
        match opening.await {
            Ok(None) => {}
            Ok(Some(complaint)) => {
                eprintln!("{complaint}");
                self.hall.notify(complaint.kind, complaint.cause);
            }
            // A window without a map is better than none.
            Err(_) => self.map_source.send_modify(|choice| {
                if matches!(choice, MapChoice::Undecided) {
                    *choice = MapChoice::Decided(None);
                }
            }),
        }
        if self.settings.map_server.keep_street {
            tokio::spawn(keep_street(self.hall.clone(), self.base_map.clone()));
        }
    }

    /// The settings of a window; waits until it is known which base map is shown, which takes no answer of a service of
    /// which tiles are kept.
    pub async fn settings_of(&self, label: &str) -> Settings {
        let mut source = self.map_source.subscribe();
        // The sender lives as long as the shell, so waiting cannot fail.
        let decided = source
            .wait_for(|choice| matches!(choice, MapChoice::Decided(_)))
            .await;
        let map = match decided.as_deref() {
            Ok(MapChoice::Decided(map)) => map.clone(),
            Ok(MapChoice::Undecided) | Err(_) => None,
        };
        let is_desk = kind_of(label) == WindowKind::Desk;
        let pins = self.demo_pins.iter().filter(|_| is_desk);
        Settings {
            window: kind_of(label),
            wall_width_m: self.settings.wall_width_m,
            farthest_seat_m: self.settings.farthest_seat_m,
            map,
            language: self.settings.language.clone(),
            palette: self.settings.palette.clone(),
            demo_pins: pins
                .map(|(id, pin)| (id.as_str().into(), pin.clone()))
                .collect(),
            test_hooks: std::env::var_os("STREETHALL_TEST_HOOKS").is_some(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// How long the windows wait for a service of which nothing is kept. A slow line needs some seconds for its first tile.
const FIRST_ANSWER: Duration = Duration::from_secs(5);

/// How often the street's bounds are looked for before the first contact with a backend.
const LOOK_FOR_STREET: Duration = Duration::from_secs(10);

/// West, south, east, north of the street, once it is known which street it is.
async fn bounds_of_street(hall: &Hall) -> Option<[f64; 4]> {
    let reference = hall.get_reference(WindowKind::Wall).await;
    let bounds = reference.ok()??.bounds?;
    let (min, max) = (bounds.min, bounds.max);
    Some([min.lon, min.lat, max.lon, max.lat])
}

/// Keeps the base map of the street, once it is known which street it is.
async fn keep_street(hall: Hall, base_map: BaseMap) {
    let bounds = loop {
        if let Some(bounds) = bounds_of_street(&hall).await {
            break bounds;
        }
        tokio::time::sleep(LOOK_FOR_STREET).await;
    };
    // A thread of its own, which ends with the program: the work may take half an hour, or last as
    // long as the line is down.
    let keeping = std::thread::Builder::new().name("tiles ahead".to_owned());
    let spawned = keeping.spawn(move || {
        base_map.keep_ahead(bounds, &mut |kept| {
            let mut detail = format!("{}/{}", kept.kept, kept.of);
            if kept.lacks_room {
                detail.push_str(
                    "：cache_mib 太小，最深的层级未保存 / cache_mib is too small, the deepest levels are left out",
                );
            }
            tracing::info!(
                kept = kept.kept,
                of = kept.of,
                "the street's base map is kept"
            );
            hall.notify(NoticeKind::MapAhead, detail);
        });
    });
    if let Err(error) = spawned {
        tracing::warn!(%error, "the street's base map is not kept ahead");
    }
}
