//! Opens the wall and the desk where they belong, and keeps the wall there when monitors come and go.

use std::time::Duration;

use tauri::webview::PageLoadEvent;
use tauri::{
    App, LogicalSize, Manager, PhysicalPosition, PhysicalSize, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, WindowEvent,
};

use crate::feed::Feeds;
use crate::options::Options;
use crate::state::{DESK, Shell, WALL};

/// Size of a desk window that is opened on a display of unknown size.
const DESK_SIZE: LogicalSize<f64> = LogicalSize::new(1600.0, 900.0);

/// How often the monitors are looked at; the system tells nobody when one is unplugged.
const LOOKS_AT_MONITORS_EVERY: Duration = Duration::from_millis(500);

/// Where a monitor lies among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    at: PhysicalPosition<i32>,
    size: PhysicalSize<u32>,
}

/// `WIDTHxHEIGHT` from `STREETHALL_WINDOW_LAYOUT`: undecorated windows of exactly this size side by
/// side, the wall at the left, for pictures of both on one virtual screen.
fn fixed_layout() -> Option<PhysicalSize<u32>> {
    let text = std::env::var("STREETHALL_WINDOW_LAYOUT").ok()?;
    let (width, height) = text.split_once('x')?;
    Some(PhysicalSize::new(width.parse().ok()?, height.parse().ok()?))
}

/// Opens the windows that the options ask for.
pub fn open(app: &App, options: &Options) -> tauri::Result<()> {
    let layout = fixed_layout();
    if options.window.has_wall() {
        let wall = build(app, WALL, "streethall · 大屏", layout.is_none())?;
        if let Some(size) = layout {
            place(&wall, PhysicalPosition::new(0, 0), size)?;
        } else {
            let places = places(&wall)?;
            say_if_missing(&places, options.monitor);
            fill(&wall, &places, options.monitor)?;
            keep_filled(wall.clone(), places, options.monitor);
        }
        wall.show()?;
    }
    if options.window.has_desk() {
        let desk = build(app, DESK, "streethall · 席位", layout.is_none())?;
        match layout {
            Some(size) => {
                let left = if options.window.has_wall() {
                    size.width as i32
                } else {
                    0
                };
                place(&desk, PhysicalPosition::new(left, 0), size)?;
            }
            None => desk.maximize()?,
        }
        desk.show()?;
    }
    Ok(())
}

fn build(app: &App, label: &str, title: &str, decorated: bool) -> tauri::Result<WebviewWindow> {
    app.state::<Shell>().watchdog.loading(label);
    let window = WebviewWindowBuilder::new(app, label, WebviewUrl::App("index.html".into()))
        .title(title)
        .inner_size(DESK_SIZE.width, DESK_SIZE.height)
        .decorations(decorated && label == DESK)
        .visible(false)
        .on_page_load(|window, page| {
            // A page that is loaded anew beats as late as the first one did.
            if page.event() == PageLoadEvent::Started {
                window.state::<Shell>().watchdog.loading(window.label());
            }
        })
        .build()?;
    let closing = window.clone();
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Destroyed) {
            closing.state::<Shell>().watchdog.forget(closing.label());
            closing.state::<Feeds>().end(closing.label());
        }
    });
    Ok(window)
}

fn place(
    window: &WebviewWindow,
    at: PhysicalPosition<i32>,
    size: PhysicalSize<u32>,
) -> tauri::Result<()> {
    window.set_size(size)?;
    window.set_position(at)
}

fn places(window: &WebviewWindow) -> tauri::Result<Vec<Place>> {
    let monitors = window.available_monitors()?;
    let place = |monitor: &tauri::Monitor| Place {
        at: *monitor.position(),
        size: *monitor.size(),
    };
    Ok(monitors.iter().map(place).collect())
}

/// The monitor asked for, counted from 1, or the largest one.
fn chosen(places: &[Place], number: Option<u32>) -> Option<Place> {
    let named = number.and_then(|number| places.get(number.checked_sub(1)? as usize));
    let area = |place: &&Place| u64::from(place.size.width) * u64::from(place.size.height);
    named.or_else(|| places.iter().max_by_key(area)).copied()
}

fn say_if_missing(places: &[Place], number: Option<u32>) {
    let count = places.len();
    if let Some(number) = number.filter(|number| *number as usize > count) {
        eprintln!(
            "没有第 {number} 个显示器（共 {count} 个），大屏改放最大的一个。\n\
             There is no monitor {number} (there are {count}); the wall goes to the largest one.",
        );
    }
}

/// The wall fills the monitor that is chosen among these.
fn fill(window: &WebviewWindow, places: &[Place], number: Option<u32>) -> tauri::Result<()> {
    if let Some(place) = chosen(places, number) {
        // A window that fills a screen already stays where it is.
        window.set_fullscreen(false)?;
        window.set_position(place.at)?;
    }
    window.set_fullscreen(true)
}

/// Fills the monitor anew whenever one was plugged in or out, or got another size: the wall returns to
/// its own as soon as that is back.
fn keep_filled(window: WebviewWindow, mut known: Vec<Place>, number: Option<u32>) {
    tauri::async_runtime::spawn(async move {
        let mut looks = tokio::time::interval(LOOKS_AT_MONITORS_EVERY);
        loop {
            looks.tick().await;
            // A closed window has no monitors any more.
            let Ok(places) = places(&window) else { return };
            // Between two monitors there may be none for a moment.
            if places.is_empty() || places == known {
                continue;
            }
            tracing::info!(?places, "the monitors have changed");
            if let Err(error) = fill(&window, &places, number) {
                tracing::warn!(%error, "the wall cannot be brought to its monitor");
            }
            known = places;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn place(left: i32, width: u32, height: u32) -> Place {
        Place {
            at: PhysicalPosition::new(left, 0),
            size: PhysicalSize::new(width, height),
        }
    }

    #[test]
    fn the_wall_goes_to_its_monitor_or_while_that_is_away_to_the_largest() {
        let desk = place(0, 1920, 1080);
        let wall = place(1920, 3840, 2160);
        let spare = place(5760, 1280, 720);
        assert_eq!(chosen(&[desk, wall, spare], Some(3)), Some(spare));
        assert_eq!(chosen(&[desk, wall], Some(3)), Some(wall), "unplugged");
        assert_eq!(chosen(&[desk, wall, spare], None), Some(wall));
        assert_eq!(chosen(&[], Some(1)), None);
        assert_eq!(chosen(&[desk], Some(0)), Some(desk), "they count from 1");
    }
}
