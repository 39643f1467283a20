//! Opens the wall and the desk where they belong.

use tauri::{
    App, LogicalSize, Manager, Monitor, PhysicalPosition, PhysicalSize, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, WindowEvent,
};

use crate::options::Options;
use crate::state::{DESK, Shell, WALL};

/// Size of a desk window that is opened on a display of unknown size.
const DESK_SIZE: LogicalSize<f64> = LogicalSize::new(1600.0, 900.0);

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
        match layout {
            Some(size) => place(&wall, PhysicalPosition::new(0, 0), size)?,
            None => fill_monitor(&wall, options.monitor)?,
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
        .build()?;
    let closing = window.clone();
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Destroyed) {
            closing.state::<Shell>().watchdog.forget(closing.label());
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

/// The wall fills the monitor asked for, or the largest one.
fn fill_monitor(window: &WebviewWindow, number: Option<u32>) -> tauri::Result<()> {
    let monitors = window.available_monitors()?;
    let largest = || monitors.iter().max_by_key(|m| area(m));
    let chosen = match number {
        Some(number) => monitors.get(number as usize - 1).or_else(|| {
            eprintln!(
                "没有第 {number} 个显示器（共 {count} 个），大屏改放最大的一个。\n\
                 There is no monitor {number} (there are {count}); the wall goes to the largest one.",
                count = monitors.len()
            );
            largest()
        }),
        None => largest(),
    };
    if let Some(monitor) = chosen {
        window.set_position(*monitor.position())?;
    }
    window.set_fullscreen(true)
}

fn area(monitor: &Monitor) -> u64 {
    u64::from(monitor.size().width) * u64::from(monitor.size().height)
}
