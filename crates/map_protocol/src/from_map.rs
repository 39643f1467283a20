//! What the map tells the user interface.

use crate::{
    features::Target,
    geometry::{Bounds, Position, View},
    tools::Tool,
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

wire_enum! {
    /// What a [`Problem`] is about, which is who can mend it.
    pub enum ProblemKind, "kind of a problem" {
        /// The style of the base map or its icons: how things are drawn.
        Style = 0,
        /// Tiles and features: what is drawn.
        Content = 1,
    }
}

wire_enum! {
    /// Why a feature is followed no longer.
    pub enum FollowEnd, "end of following" {
        /// The user moved the picture.
        ByUser = 0,
        /// The feature is not on the map any more.
        Gone = 1,
    }
}

/// Something to tell the operator or the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub level: ProblemLevel,
    pub kind: ProblemKind,
    /// What went wrong, where, and what to do, in English.
    pub text: String,
}

wire_struct!(Problem {
    level: ProblemLevel,
    kind: ProblemKind,
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
    /// Tiles that the worker has built for this map, and those that the page's own thread had to build
    /// because there was no worker.
    pub tiles_built_by_worker: u32,
    pub tiles_built_by_page: u32,
    /// Texts of labels that came set by the worker, and those that were left to the page's own thread.
    pub texts_set_by_worker: u32,
    pub texts_set_by_page: u32,
    /// Bytes of vertex, index and texture memory held on the GPU.
    pub gpu_bytes: u32,
    /// 95 of 100 frames since the last report took at most so many milliseconds.
    pub p95_ms: f32,
    /// Milliseconds between two frames while something moves, 0 while nothing does.
    pub pace_ms: f32,
    /// Messages taken and given since the last report.
    pub messages_in: u32,
    pub messages_out: u32,
    /// Bytes of the map module's own memory on the page's thread, and of its instance in the worker
    /// when that built its last tile; 0 where there is none.
    pub page_heap_bytes: u32,
    pub worker_heap_bytes: u32,
    pub memory: MapMemory,
}

wire_struct!(FrameStats {
    frames: u32,
    mean_ms: f32,
    max_ms: f32,
    draws: u32,
    tiles_shown: u32,
    tiles_awaited: u32,
    tiles_built_by_worker: u32,
    tiles_built_by_page: u32,
    texts_set_by_worker: u32,
    texts_set_by_page: u32,
    gpu_bytes: u32,
    p95_ms: f32,
    pace_ms: f32,
    messages_in: u32,
    messages_out: u32,
    page_heap_bytes: u32,
    worker_heap_bytes: u32,
    memory: MapMemory,
});

/// What one kind of content holds against its limit, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    pub bytes: u32,
    pub limit: u32,
}

wire_struct!(Held {
    bytes: u32,
    limit: u32
});

/// What the map holds, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MapMemory {
    /// Tiles as they came.
    pub raw_tiles: Held,
    /// Tiles that were built and wait to be taken in.
    pub waiting_tiles: Held,
    /// Tiles on the device, with the labels that may be placed for them.
    pub built_tiles: Held,
    /// The atlas of glyphs.
    pub glyphs: Held,
    /// Live layers, labels and the held picture on the device.
    pub live: Held,
}

wire_struct!(MapMemory {
    raw_tiles: Held,
    waiting_tiles: Held,
    built_tiles: Held,
    glyphs: Held,
    live: Held,
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
        /// The cluster of incidents under the pointer changed: its members, none where there is none.
        /// One that a finger taps is under it until the next touch.
        ClusterHovered = 18 { ids: Vec<u32>, x: f32, y: f32 },
        Stats = 5 { stats: FrameStats },
        Problem = 6 { problem: Problem },
        /// Everything asked for is on the screen: no tile is awaited and nothing moves.
        Idle = 7 {},
        /// A feature is followed no longer, though nobody said `ToMap::Follow` with `None`.
        FollowEnded = 16 { target: Target, end: FollowEnd },
        /// Frames follow each other so slowly that the picture is hard to use (`slow`), or they
        /// are fast enough again; `frame_ms` lies between two frames.
        Slow = 17 { slow: bool, frame_ms: f32 },
        /// The hand drew with the tool: all points so far. `finished` is false while the button is
        /// still down; a measured line is never finished.
        ToolDrawn = 13 { tool: Tool, points: Vec<Position>, finished: bool },
        /// A click on a cluster of incidents: where the cluster stands, its members, and the zoom
        /// at which they no longer stand as one; none where zooming never parts them.
        ClusterPicked = 12 { x: f32, y: f32, lon: f64, lat: f64, ids: Vec<u32>, apart_zoom: Option<f64> },
        /// The heat map's highest density, as points within the radius; 0 without points.
        HeatMeasured = 8 { peak: f32 },
    }
}
