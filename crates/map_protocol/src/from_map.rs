//! What the map tells the user interface.

use crate::{
    features::Target,
    geometry::{Bounds, View},
    wire::{wire_enum, wire_messages, wire_struct},
};

wire_enum! {
    /// How bad a [`Problem`] is.
    pub enum ProblemLevel, "level of a problem" {
        /// Something is missing from the picture (a tile, a style layer).
        Warning = 0,
        /// The picture cannot be drawn as asked.
        Error = 1,
    }
}

/// Something to tell the operator or the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub level: ProblemLevel,
    /// What went wrong, where, and what to do, in English.
    pub text: String,
}

wire_struct!(Problem {
    level: ProblemLevel,
    text: String
});

/// Figures of the frames since the last report; at most one report a second, only while drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameStats {
    /// Frames drawn since the last report.
    pub frames: u32,
    /// Mean time of one frame on the main thread, in milliseconds.
    pub mean_ms: f32,
    /// The longest frame on the main thread, in milliseconds.
    pub max_ms: f32,
    /// Draw calls of the last frame.
    pub draws: u32,
    /// Tiles shown in the last frame, and those still awaited.
    pub tiles_shown: u32,
    pub tiles_awaited: u32,
    /// Bytes of vertex, index and texture memory held on the GPU.
    pub gpu_bytes: u32,
}

wire_struct!(FrameStats {
    frames: u32,
    mean_ms: f32,
    max_ms: f32,
    draws: u32,
    tiles_shown: u32,
    tiles_awaited: u32,
    gpu_bytes: u32,
});

wire_messages! {
    /// A message from the map.
    pub enum FromMap, "message from the map" {
        /// The device stands and the first frame was submitted.
        Ready = 1 { protocol_version: u16, renderer: String },
        /// The view moved; `settled` is false while it is still moving, `by_user` tells the
        /// user's hand from a message.
        ViewChanged = 2 { view: View, bounds: Bounds, settled: bool, by_user: bool },
        /// A click or a [`crate::ToMap::Pick`] (`request` 0 for a click): every feature at the
        /// pixel, the topmost first. An empty list is a click on nothing.
        Picked = 3 { request: u32, x: f32, y: f32, lon: f64, lat: f64, targets: Vec<Target> },
        /// The topmost feature under the pointer changed.
        Hovered = 4 { target: Option<Target>, x: f32, y: f32 },
        Stats = 5 { stats: FrameStats },
        Problem = 6 { problem: Problem },
        /// Everything asked for is on the screen: no tile is awaited and nothing moves.
        Idle = 7 {},
    }
}
