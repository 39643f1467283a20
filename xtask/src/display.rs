//! A virtual screen with a window manager and a session bus, for machines without a display.
//!
//! The screen is twice as wide as a window: the wall lies on its left half and the desk on its
//! right half, because a window that another covers has no pixels to take a picture of.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, ensure};

use crate::process::ProcessGroup;
use crate::screen_dump::{Area, Picture, read_area};

/// The size of one window on the virtual screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSize {
    pub width_px: usize,
    pub height_px: usize,
}

impl WindowSize {
    pub const FULL_HD: Self = Self {
        width_px: 1920,
        height_px: 1080,
    };
    pub const ULTRA_HD: Self = Self {
        width_px: 3840,
        height_px: 2160,
    };
}

impl std::fmt::Display for WindowSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width_px, self.height_px)
    }
}

impl FromStr for WindowSize {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let advice = || anyhow!("\"{text}\" is not a size; write it as 1920x1080");
        let (width, height) = text.split_once(['x', 'X']).ok_or_else(advice)?;
        let size = Self {
            width_px: width.parse().map_err(|_| advice())?,
            height_px: height.parse().map_err(|_| advice())?,
        };
        // X11 counts coordinates in 16 bits, and the screen is two windows wide.
        let fits =
            (640..=16_000).contains(&size.width_px) && (480..=16_000).contains(&size.height_px);
        ensure!(fits, "{size} is out of range; from 640x480 to 16000x16000");
        Ok(size)
    }
}

/// A window of the hall, as pictures are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HallWindow {
    Wall,
    Desk,
}

impl HallWindow {
    /// Both, in the order in which the app lays them side by side; a window that is not opened
    /// leaves its place to the next.
    pub const BOTH: [Self; 2] = [Self::Wall, Self::Desk];

    pub fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Desk => "desk",
        }
    }
}

/// A running virtual screen. It ends, with its window manager, when dropped.
pub struct VirtualDisplay {
    // Fields drop in this order: the window manager before the screen it manages.
    window_manager: ProcessGroup,
    session_bus: ProcessGroup,
    screen: ProcessGroup,
    name: String,
    bus_address: String,
    size: WindowSize,
    files: PathBuf,
}

impl VirtualDisplay {
    /// Starts a screen that holds two windows of `size` side by side. `files` is a folder for its
    /// memory file and its messages.
    pub fn start(size: WindowSize, files: &Path) -> Result<Self> {
        // Two screens at once (a run beside a test) must not share the memory file.
        let files = files.join(format!("display-{}", std::process::id()));
        fs::create_dir_all(&files)
            .with_context(|| format!("{} cannot be made", files.display()))?;
        let messages = File::create(files.join("screen.log"))?;
        let geometry = format!("{}x{}x24", size.width_px * 2, size.height_px);
        let mut screen = ProcessGroup::start(
            "the virtual screen",
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", &geometry, "-fbdir"])
                .arg(&files)
                .args(["-nolisten", "tcp", "-noreset", "-nocursor", "-dpi", "96"])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(messages),
        )?;
        // Xvfb picks a free number and says it once it is ready to be used.
        let number = first_line(&mut screen, &files.join("screen.log"))?;
        let name = format!(":{number}");
        let messages = File::create(files.join("window_manager.log"))?;
        let window_manager = ProcessGroup::start(
            "the window manager openbox",
            Command::new("openbox")
                .arg("--sm-disable")
                .env("DISPLAY", &name)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(messages),
        )?;
        let messages = File::create(files.join("session_bus.log"))?;
        let mut session_bus = ProcessGroup::start(
            "the session bus",
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address=1"])
                .env("DISPLAY", &name)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(messages),
        )?;
        let bus_address = first_line(&mut session_bus, &files.join("session_bus.log"))?;
        Ok(Self {
            window_manager,
            session_bus,
            screen,
            name,
            bus_address,
            size,
            files,
        })
    }

    /// A command that will run on this screen, with its session bus.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.name)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus_address)
            .env_remove("WAYLAND_DISPLAY")
            .env("GDK_BACKEND", "x11")
            // No accessibility bus is running here, and GTK would wait for one.
            .env("NO_AT_BRIDGE", "1")
            .env("STREETHALL_WINDOW_LAYOUT", self.size.to_string());
        avoid_dmabuf_without_gpu(&mut command);
        command
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Fails when the screen or its window manager has ended.
    pub fn must_still_run(&mut self) -> Result<()> {
        self.screen.must_still_run()?;
        self.session_bus.must_still_run()?;
        self.window_manager.must_still_run()
    }

    /// A picture of the window that lies at `slot`, counted from the left.
    pub fn picture(&self, slot: usize) -> Result<Picture> {
        let area = Area {
            x_px: slot * self.size.width_px,
            y_px: 0,
            width_px: self.size.width_px,
            height_px: self.size.height_px,
        };
        read_area(&self.files.join("Xvfb_screen0"), area)
    }
}

impl Drop for VirtualDisplay {
    fn drop(&mut self) {
        // Xvfb removes its memory file itself when it ends in order; what is left is small.
        let _left_behind = fs::remove_file(self.files.join("Xvfb_screen0")).is_err();
    }
}

/// The first line that a program prints, which says that it is ready. Its messages lie in `log`.
fn first_line(program: &mut ProcessGroup, log: &Path) -> Result<String> {
    let stdout = program
        .child()
        .stdout
        .take()
        .context("its output was not captured")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let line = line.trim();
    ensure!(
        !line.is_empty(),
        "{} did not start; {} says why",
        program.name(),
        log.display()
    );
    Ok(line.to_owned())
}

/// Whether a person can see windows here.
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Without a GPU, WebKitGTK draws three to five times faster when it does not try to share
/// buffers with one.
pub fn avoid_dmabuf_without_gpu(command: &mut Command) {
    let has_gpu = fs::read_dir("/dev/dri").is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
    });
    if !has_gpu && std::env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() {
        command.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    }
}

#[cfg(test)]
mod tests {
    use x11rb::connection::Connection;
    use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, WindowClass};

    use super::*;

    /// Covers a half of the screen with a window of one colour.
    fn paint(display: &VirtualDisplay, slot: usize, colour: u32) -> impl Connection + use<> {
        let (connection, screen_number) = x11rb::connect(Some(display.name())).unwrap();
        let screen = &connection.setup().roots[screen_number];
        let size = display.size;
        let x_px = (slot * size.width_px) as i16;
        let window = connection.generate_id().unwrap();
        // Without a window manager's frame, as the windows of the hall are.
        let look = CreateWindowAux::new()
            .background_pixel(colour)
            .override_redirect(1);
        connection
            .create_window(
                screen.root_depth,
                window,
                screen.root,
                x_px,
                0,
                size.width_px as u16,
                size.height_px as u16,
                0,
                WindowClass::INPUT_OUTPUT,
                screen.root_visual,
                &look,
            )
            .unwrap();
        connection.map_window(window).unwrap();
        // The answer to a question proves that what was asked before it has been done.
        connection.get_input_focus().unwrap().reply().unwrap();
        connection
    }

    #[test]
    fn the_pictures_of_both_windows_show_what_is_drawn_there() {
        let dir = tempfile::tempdir().unwrap();
        let size: WindowSize = "640x480".parse().unwrap();
        let mut display = VirtualDisplay::start(size, dir.path()).unwrap();
        let _wall = paint(&display, 0, 0x0011_2233);
        let _desk = paint(&display, 1, 0x0044_5566);
        display.must_still_run().unwrap();
        for (slot, colour) in [(0, [0x11, 0x22, 0x33]), (1, [0x44, 0x55, 0x66])] {
            let picture = display.picture(slot).unwrap();
            assert_eq!((picture.width_px, picture.height_px), (640, 480));
            assert!(
                picture.rgb.chunks_exact(3).all(|pixel| pixel == colour),
                "the window at {slot} is not covered"
            );
        }
        assert!(display.picture(2).is_err(), "there is no third window");
    }

    #[test]
    fn a_dropped_screen_leaves_no_process_behind() {
        let dir = tempfile::tempdir().unwrap();
        let display = VirtualDisplay::start("640x480".parse().unwrap(), dir.path()).unwrap();
        let processes = [
            &display.screen,
            &display.window_manager,
            &display.session_bus,
        ]
        .map(ProcessGroup::id);
        let is_running = |id: &u32| Path::new(&format!("/proc/{id}")).exists();
        assert!(processes.iter().all(is_running));
        drop(display);
        assert!(!processes.iter().any(is_running));
    }

    #[test]
    fn a_size_reads_back_as_it_was_written() {
        let size: WindowSize = "3840x2160".parse().unwrap();
        assert_eq!(size, WindowSize::ULTRA_HD);
        assert_eq!(size.to_string(), "3840x2160");
    }

    #[test]
    fn nonsense_sizes_are_refused_with_advice() {
        for text in [
            "",
            "1920",
            "1920x",
            "x1080",
            "-1x5",
            "1920*1080",
            "20000x900",
            "1x1",
        ] {
            let error = text.parse::<WindowSize>().unwrap_err().to_string();
            assert!(
                error.contains("1920x1080") || error.contains("out of range"),
                "{error}"
            );
        }
    }
}
