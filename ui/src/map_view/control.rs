//! What screens tell the map and what they may know of it.

use std::collections::BTreeSet;

use domain::{IncidentId, LonLat, PersonId, Timestamp};
use leptos::prelude::*;
use map_protocol::FrameStats;
use protocol::feed::MapLayer;

use super::chooser::Choice;
use super::cluster_list::ClickedCluster;
use super::cluster_tip::HoveredCluster;
use crate::clock::local_now;
use crate::state::heat::{HeatWindow, Past};
use crate::state::survey::Drawing;
use crate::state::{HallContext, Selection};

/// A report of frames older than this no longer says how fast the map draws.
const FRAME_REPORT_MS: i64 = 2500;

/// State of the map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MapStatus {
    /// The module is being loaded.
    #[default]
    Loading,
    /// It draws.
    Ready,
    /// It trapped or lost its context and is being built anew.
    Rebuilding,
    /// It cannot be started; tried again by itself.
    Unavailable(String),
}

/// The way that a proposed responder would take.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedWay {
    /// Who.
    pub person: PersonId,
    /// From the responder to the incident; empty when there is none by road.
    pub route: Vec<LonLat>,
}

/// Where the map is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sight {
    /// To show all of this box.
    Whole(map_protocol::Bounds),
    /// To exactly this view.
    View(map_protocol::View),
}

/// The map of this window; copies mean the same map.
#[derive(Clone, Copy)]
pub struct MapControl {
    /// State.
    pub status: RwSignal<MapStatus>,
    /// The proposed responder with the way to the selected incident.
    pub proposed: RwSignal<Option<ProposedWay>>,
    /// Incidents to which a list narrows the shown set; `None` shows the whole set.
    pub narrowed_to: RwSignal<Option<BTreeSet<IncidentId>>>,
    /// Layers that are not shown.
    pub hidden: RwSignal<BTreeSet<MapLayer>>,
    /// The place to fly to next; the map takes it and clears it.
    pub fly_to: RwSignal<Option<LonLat>>,
    /// Where to fly next; the map takes it and clears it.
    pub go_to: RwSignal<Option<Sight>>,
    /// What the map shows now: its view and the box of degrees around it.
    pub place: StoredValue<Option<(map_protocol::View, map_protocol::Bounds)>>,
    /// A selection that the map does not fly to, since it is sent elsewhere with it.
    pub unflown: StoredValue<Option<Selection>>,
    /// Bumped to show the whole street again.
    pub show_all: RwSignal<u32>,
    /// The window of time whose reports the heat map shows.
    pub heat: RwSignal<Option<HeatWindow>>,
    /// What the backend has told of reports in it that this hall no longer holds.
    pub heat_past: RwSignal<Option<Past>>,
    /// The heat map's highest density.
    pub heat_peak: RwSignal<f32>,
    /// What lay under the last click, where that is several marks.
    pub choice: RwSignal<Option<Choice>>,
    /// Whether the next click on the map says a place and selects nothing.
    pub placing: RwSignal<bool>,
    /// The place that was clicked on; whoever asked for it takes it and clears it.
    pub placed: RwSignal<Option<LonLat>>,
    /// What was taken from that; the map takes it and clears it.
    pub chosen: RwSignal<Option<Selection>>,
    /// Who is kept in view while they move.
    pub followed: RwSignal<Option<PersonId>>,
    /// The newest thing that is said aloud, and shown where nobody need act on it.
    pub said: RwSignal<String>,
    /// What the map reported last, and when.
    pub figures: RwSignal<Option<(FrameStats, Timestamp)>>,
    /// What draws the map.
    pub renderer: RwSignal<String>,
    /// When the map last said that it is slow.
    pub slow_at: RwSignal<Option<Timestamp>>,
    /// The browser shows no frame of the map any more though one is wanted.
    pub is_still: RwSignal<bool>,
    /// How often the map was built anew.
    pub rebuilds: RwSignal<u32>,
    /// What is drawn on it with a tool.
    pub drawing: RwSignal<Drawing>,
    /// The clicked cluster whose incidents are listed.
    pub cluster: RwSignal<Option<ClickedCluster>>,
    /// The cluster under the pointer.
    pub hovered_cluster: RwSignal<Option<HoveredCluster>>,
    is_complete: StoredValue<bool>,
    frames: StoredValue<(f32, Timestamp)>,
}

/// The map of this window.
pub fn use_map() -> MapControl {
    expect_context()
}

impl MapControl {
    /// Makes the map's controls available to all components below.
    pub fn provide() -> Self {
        let control = Self {
            status: RwSignal::new(MapStatus::Loading),
            proposed: RwSignal::new(None),
            narrowed_to: RwSignal::new(None),
            hidden: RwSignal::new(BTreeSet::new()),
            fly_to: RwSignal::new(None),
            go_to: RwSignal::new(None),
            place: StoredValue::new(None),
            unflown: StoredValue::new(None),
            show_all: RwSignal::new(0),
            heat: RwSignal::new(None),
            heat_past: RwSignal::new(None),
            heat_peak: RwSignal::new(0.0),
            choice: RwSignal::new(None),
            placing: RwSignal::new(false),
            placed: RwSignal::new(None),
            chosen: RwSignal::new(None),
            followed: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            figures: RwSignal::new(None),
            renderer: RwSignal::new(String::new()),
            slow_at: RwSignal::new(None),
            is_still: RwSignal::new(false),
            rebuilds: RwSignal::new(0),
            drawing: RwSignal::new(Drawing::default()),
            cluster: RwSignal::new(None),
            hovered_cluster: RwSignal::new(None),
            is_complete: StoredValue::new(false),
            frames: StoredValue::new((0.0, Timestamp::default())),
        };
        provide_context(control);
        control
    }

    /// Selects something and shows a place with it, wherever the selected thing lies.
    pub fn show(self, hall: HallContext, selection: Selection, place: Sight) {
        if hall.selection.with_untracked(|now| *now != selection) {
            self.unflown.set_value(Some(selection.clone()));
            hall.selection.set(selection);
        }
        self.go_to.set(Some(place));
    }

    /// Follows somebody, or nobody when they are followed already.
    pub fn toggle_follow(self, person: PersonId) {
        let is_followed = self.followed.get_untracked() == Some(person);
        self.followed.set((!is_followed).then_some(person));
    }

    /// Whether the map has drawn a first complete picture.
    pub fn is_complete(self) -> bool {
        self.is_complete.get_value()
    }

    /// Time between drawn frames in milliseconds, 0 while nothing moves.
    pub fn frame_ms(self) -> f32 {
        let (frame_ms, at) = self.frames.get_value();
        if local_now().ms_since(at) > FRAME_REPORT_MS {
            0.0
        } else {
            frame_ms
        }
    }

    pub(super) fn set_complete(self) {
        self.is_complete.set_value(true);
    }

    /// Notes that so many frames were drawn since the last report.
    pub(super) fn note_frames(self, frames: u32) {
        let now = local_now();
        let (_, before) = self.frames.get_value();
        let span_ms = now.ms_since(before);
        let frame_ms = if frames > 0 && (1..FRAME_REPORT_MS).contains(&span_ms) {
            span_ms as f32 / frames as f32
        } else {
            0.0
        };
        self.frames.set_value((frame_ms, now));
    }
}
