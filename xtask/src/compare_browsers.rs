//! Draws one scene natively, in Chromium and in WebKitGTK, and says how much the pictures differ; and
//! in the browsers once more after a trap of the module and after the loss of its graphics context,
//! where no pixel may differ from the picture before, and the first frame comes within a second.
//!
//! The scene (map/tests/themes/one_scene.rs) has no text. Every one of the three draws in software,
//! by another driver: Mesa's lavapipe, `SwiftShader`, Mesa's llvmpipe.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::bench::map::browser;
use crate::bench::map::server::{Content, Server, Told};
use crate::build_ui;
use crate::display::{VirtualDisplay, WindowSize};
use crate::process::{ProcessGroup, run_to_end};
use crate::project::Project;
use crate::screen_dump::{Picture, PngEffort, write_png};

const SCENE_TEST: &str = "one_scene_for_all_browsers";
const SIZE_PX: [usize; 2] = [640, 360];

/// A channel may differ by this much of 255, since drivers round differently.
const CHANNEL_TOLERANCE: u8 = 10;
/// This share of the pixels may differ by more: the soft edges of lines and marks, whose coverage
/// drivers sample at slightly other places.
const PIXEL_TOLERANCE: f64 = 0.002;
const DRAWN_WITHIN: Duration = Duration::from_mins(3);
/// What is promised of a map that was lost: it is drawn again within a second.
const RESTORED_WITHIN_MS: f64 = 1_000.0;

/// What a page posts.
#[derive(Deserialize)]
struct Drawn {
    /// Two digits per byte, the lowest row first.
    pixels: String,
    restored: Vec<Restored>,
}

/// The map after it was lost and created anew.
#[derive(Debug, Deserialize)]
struct Restored {
    /// What it was lost by, in the words of the glue.
    reason: String,
    /// Pixels that differ from the picture before.
    differing: u32,
    /// From the loss until the first frame was handed over to be drawn, and until everything was.
    first_frame_ms: f64,
    whole_ms: f64,
}

/// What two pictures differ in.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Difference {
    /// Of the pixels, in a channel by more than the tolerance.
    share: f64,
    largest: u8,
}

pub fn run(project: &Project) -> Result<()> {
    let Some(mini_browser) = mini_browser() else {
        bail!("WebKitGTK's MiniBrowser is not there; ./hall installs what is missing");
    };
    let map = build_ui::run_map(project)?;
    let mut cargo = Project::cargo_in(&project.map_workspace());
    cargo.args(["test", "--quiet", "--test", "golden", SCENE_TEST]);
    run_to_end("drawing the scene natively", &mut cargo)?;
    let scene = project.map_workspace().join("target/tmp/one_scene");
    let native = picture(&fs::read(scene.join("native.rgba"))?, false)?;

    let (chromium, after_chromium) = {
        let server = server(project, &map, &scene)?;
        let mut browser = browser::start(project, "compare", &address(&server))?;
        drawn(&server, &mut browser).context("Chromium did not draw the scene")?
    };
    let (webkit, after_webkit) = {
        let server = server(project, &map, &scene)?;
        let display = VirtualDisplay::start(WindowSize::FULL_HD, &project.path("target/virtual"))?;
        let mut command = display.command(mini_browser);
        command
            .arg(address(&server))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut browser = ProcessGroup::start("MiniBrowser", &mut command)?;
        drawn(&server, &mut browser).context("WebKitGTK did not draw the scene")?
    };
    let pictures = [
        ("native", &native),
        ("chromium", &chromium),
        ("webkitgtk", &webkit),
    ];
    let folder = project.path("target/compare-browsers");
    fs::create_dir_all(&folder)?;
    for (name, picture) in &pictures {
        write_png(
            picture,
            &folder.join(format!("{name}.png")),
            PngEffort::Small,
        )?;
    }
    report(&pictures)?;
    report_restored("chromium", &after_chromium)?;
    report_restored("webkitgtk", &after_webkit)
}

/// Says how the map came back, and fails where it came back as another picture or too late.
fn report_restored(browser: &str, all: &[Restored]) -> Result<()> {
    let reasons: Vec<&str> = all
        .iter()
        .map(|restored| restored.reason.as_str())
        .collect();
    ensure!(
        reasons == ["trap", "context"],
        "{browser} lost the map by {reasons:?}"
    );
    for restored in all {
        println!(
            "{browser:<10} after a lost {:<8} {} pixels differ; first frame handed over after {:.0} ms, all after {:.0} ms",
            restored.reason, restored.differing, restored.first_frame_ms, restored.whole_ms
        );
        ensure!(
            restored.differing == 0,
            "{browser} draws another picture after a lost {}",
            restored.reason
        );
        ensure!(
            restored.first_frame_ms <= RESTORED_WITHIN_MS,
            "{browser} draws again only {:.0} ms after a lost {}, which may take {RESTORED_WITHIN_MS:.0} ms",
            restored.first_frame_ms,
            restored.reason
        );
    }
    Ok(())
}

/// Says how each pair differs, and fails where one differs by more than the tolerance.
fn report(pictures: &[(&str, &Picture)]) -> Result<()> {
    let mut worst: f64 = 0.0;
    for (at, (one, first)) in pictures.iter().enumerate() {
        for (other, second) in &pictures[at + 1..] {
            let Difference { share, largest } = difference(first, second)?;
            println!(
                "{one:<10} {other:<10} {:>7.3} % of the pixels differ by more than {CHANNEL_TOLERANCE} of 255, the most by {largest}",
                share * 100.0
            );
            worst = worst.max(share);
        }
    }
    ensure!(
        worst <= PIXEL_TOLERANCE,
        "{:.3} % is more than the {:.1} % that drivers may differ by; the pictures are in target/compare-browsers",
        worst * 100.0,
        PIXEL_TOLERANCE * 100.0
    );
    Ok(())
}

fn difference(one: &Picture, other: &Picture) -> Result<Difference> {
    ensure!(
        (one.width_px, one.height_px) == (other.width_px, other.height_px),
        "the pictures have different sizes"
    );
    let pairs = one.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3));
    let by_pixel = pairs.map(|(a, b)| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max());
    let mut found = Difference {
        share: 0.0,
        largest: 0,
    };
    let mut differing = 0_usize;
    for apart in by_pixel.flatten() {
        differing += usize::from(apart > CHANNEL_TOLERANCE);
        found.largest = found.largest.max(apart);
    }
    found.share = differing as f64 / (one.width_px * one.height_px) as f64;
    Ok(found)
}

fn server(project: &Project, map: &Path, scene: &Path) -> Result<Server> {
    Server::start(Content {
        folders: vec![
            ("pages", project.path("xtask/src/bench/map/pages")),
            ("ours", map.to_path_buf()),
            ("scene", scene.to_path_buf()),
        ],
        made: std::collections::HashMap::new(),
        tiles: None,
    })
}

fn address(server: &Server) -> String {
    format!("http://127.0.0.1:{}/pages/one_scene.html", server.port)
}

/// Waits for the pixels that the page posts.
fn drawn(server: &Server, browser: &mut ProcessGroup) -> Result<(Picture, Vec<Restored>)> {
    let told = server
        .told
        .recv_timeout(DRAWN_WITHIN)
        .context("no answer came")?;
    browser.must_still_run()?;
    match told {
        Told::Done(json) => {
            let drawn: Drawn = serde_json::from_str(&json).context("the page posted no picture")?;
            let bytes: Option<Vec<u8>> = drawn
                .pixels
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect();
            let bytes = bytes.context("the page posted no pixels")?;
            Ok((picture(&bytes, true)?, drawn.restored))
        }
        Told::Failed(text) => bail!("{text}"),
        Told::Mark(name, _) => bail!("the page marked {name}, which nobody asked for"),
    }
}

/// A picture of four bytes per pixel; WebGL hands out the lowest row first.
fn picture(rgba: &[u8], upside_down: bool) -> Result<Picture> {
    let [width_px, height_px] = SIZE_PX;
    ensure!(
        rgba.len() == width_px * height_px * 4,
        "the picture has another size"
    );
    let rows = rgba.chunks_exact(width_px * 4);
    let rows: Vec<&[u8]> = if upside_down {
        rows.rev().collect()
    } else {
        rows.collect()
    };
    let rgb = rows
        .iter()
        .flat_map(|row| row.chunks_exact(4))
        .flat_map(|pixel| pixel[..3].iter().copied())
        .collect();
    Ok(Picture {
        width_px,
        height_px,
        rgb,
    })
}

/// The small browser that comes with WebKitGTK's library.
fn mini_browser() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten();
    folders
        .map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser"))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_turned_and_differences_are_counted() {
        let [width, height] = SIZE_PX;
        let mut rgba = vec![0; width * height * 4];
        rgba[0] = 200;
        let upright = picture(&rgba, false).unwrap();
        let turned = picture(&rgba, true).unwrap();
        assert_eq!(upright.rgb[0], 200);
        assert_eq!(turned.rgb[(height - 1) * width * 3], 200);
        let found = difference(&upright, &turned).unwrap();
        assert_eq!(found.largest, 200);
        assert!((found.share * (width * height) as f64 - 2.0).abs() < 1.0e-9);
        assert!(picture(&rgba[4..], false).is_err());
    }
}
