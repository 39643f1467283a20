//! The hall as a reactive value: one store, one trigger for each slice of it.
//!
//! A component takes a memo of its slice with [`HallContext::memo`]; the map hears of every change
//! by [`HallContext::on_changes`] and stays outside the reactive graph, so that a moving person
//! wakes nothing but the map.

use std::rc::Rc;

use domain::Timestamp;
use domain::sets::IncidentSet;
use leptos::prelude::*;
use protocol::UiError;
use protocol::commands::Settings;
use protocol::feed::Frame;

use super::catalogue::Catalogue;
use super::hall::{Changes, Hall, Taken};
use super::selection::Selection;
use crate::clock::local_now;

/// The hall's clock is set anew only when it is off by more than this, so that a running display
/// does not tremble with the delivery times of frames.
const CLOCK_STEP_MS: i64 = 500;

/// Parts of the picture that change for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slice {
    /// Incidents.
    Incidents,
    /// Orders.
    Orders,
    /// The roster.
    People,
    /// Positions, at most once a second.
    Positions,
    /// Normal or emergency.
    Mode,
    /// The line.
    Line,
    /// The outbox.
    Outbox,
    /// The signed-in officer.
    Officer,
    /// Notices.
    Notices,
    /// Trails.
    Trails,
    /// What a desk shows on the walls.
    PushedView,
    /// The duty log and the handovers.
    Duty,
    /// The time, once a second.
    Second,
}

const SLICES: usize = Slice::Second as usize + 1;

type Listener = Rc<dyn Fn(&Hall, &Changes)>;

/// Access to the hall from any component; copies are cheap and mean the same hall.
#[derive(Clone, Copy)]
pub struct HallContext {
    hall: StoredValue<Hall>,
    triggers: StoredValue<[Trigger; SLICES]>,
    clock_ahead_ms: StoredValue<i64>,
    listeners: StoredValue<Vec<Listener>, LocalStorage>,
    /// Whether somebody moved since the last second.
    has_moved: StoredValue<bool>,
    /// The reference data, `None` until the first contact with a backend.
    pub catalogue: RwSignal<Option<Rc<Catalogue>>, LocalStorage>,
    /// What the window is and how it is to look.
    pub settings: StoredValue<Settings>,
    /// The set that list and map show.
    pub filter: RwSignal<IncidentSet>,
    /// What is selected.
    pub selection: RwSignal<Selection>,
    /// The instant of this second by the hall's corrected clock.
    pub now: RwSignal<Timestamp>,
    /// Whether a first snapshot has arrived.
    pub has_picture: RwSignal<bool>,
    /// Whether anything of a backend was ever received, now or before the start: an empty picture
    /// says that there is nothing only then.
    pub has_data: RwSignal<bool>,
    /// Why the feed cannot be had at the moment.
    pub feed_error: RwSignal<Option<UiError>>,
    /// Bumped when other reference data is in force.
    pub reference_version: RwSignal<u64>,
}

/// The hall that [`HallContext::provide`] put into the context.
pub fn use_hall() -> HallContext {
    expect_context()
}

impl HallContext {
    /// An empty hall for the window.
    pub fn new(settings: Settings) -> Self {
        Self {
            hall: StoredValue::new(Hall::default()),
            triggers: StoredValue::new(std::array::from_fn(|_| Trigger::new())),
            clock_ahead_ms: StoredValue::new(0),
            listeners: StoredValue::new_local(Vec::new()),
            has_moved: StoredValue::new(false),
            catalogue: RwSignal::new_local(None),
            settings: StoredValue::new(settings),
            filter: RwSignal::new(IncidentSet::Open),
            selection: RwSignal::new(Selection::Nothing),
            now: RwSignal::new(local_now()),
            has_picture: RwSignal::new(false),
            has_data: RwSignal::new(false),
            feed_error: RwSignal::new(None),
            reference_version: RwSignal::new(0),
        }
    }

    /// Makes the hall available to all components below.
    pub fn provide(self) {
        provide_context(self);
    }

    /// Applies a frame and wakes what it concerns. Returns whether it could be used.
    pub fn take(self, frame: Frame) -> bool {
        let Some(taken) = self.hall.try_update_value(|hall| hall.take(frame)) else {
            return true;
        };
        let Taken::Applied(now, changes) = taken else {
            return false;
        };
        self.set_clock(now);
        if !self.has_picture.get_untracked() {
            self.has_picture.set(true);
        }
        if !self.has_data.get_untracked() && self.hall.with_value(Hall::has_data) {
            self.has_data.set(true);
        }
        let version = self.hall.with_value(|hall| hall.reference_version);
        if self.reference_version.get_untracked() != version {
            self.reference_version.set(version);
        }
        self.hall.with_value(|hall| {
            for listener in self.listeners.get_value() {
                listener(hall, &changes);
            }
        });
        self.wake(&changes);
        true
    }

    fn wake(self, changes: &Changes) {
        let every = changes.everything;
        let woken = [
            (Slice::Incidents, !changes.incidents.is_empty()),
            (Slice::Orders, !changes.orders.is_empty()),
            (Slice::People, !changes.people.is_empty()),
            (Slice::Mode, changes.mode),
            (Slice::Line, changes.line),
            (Slice::Outbox, changes.outbox),
            (Slice::Officer, changes.officer),
            (Slice::Notices, changes.notices),
            (Slice::Trails, !changes.trails.is_empty()),
            (Slice::PushedView, changes.pushed_view),
            (Slice::Duty, changes.duty),
        ];
        for (slice, has_changed) in woken {
            if has_changed || every {
                self.trigger(slice).notify();
            }
        }
        if every || !changes.positions.is_empty() {
            self.has_moved.set_value(true);
        }
    }

    fn set_clock(self, now: Timestamp) {
        let ahead_ms = now.ms_since(local_now());
        let step_ms = ahead_ms - self.clock_ahead_ms.get_value();
        if step_ms.abs() > CLOCK_STEP_MS {
            self.clock_ahead_ms.set_value(ahead_ms);
            self.now.set(now);
        }
    }

    /// Moves the time on; called once a second.
    pub fn tick(self) {
        self.now.set(self.exact_now());
        self.trigger(Slice::Second).notify();
        if self.has_moved.get_value() {
            self.has_moved.set_value(false);
            self.trigger(Slice::Positions).notify();
        }
    }

    /// An instant of the present day, which changes at midnight only.
    pub fn today(self) -> Memo<Timestamp> {
        Memo::new(move |before: Option<&Timestamp>| {
            let now = self.now.get();
            let is_same = |day: &&Timestamp| day.local_date() == now.local_date();
            before.filter(is_same).copied().unwrap_or(now)
        })
    }

    /// The hall's corrected clock at this moment.
    pub fn exact_now(self) -> Timestamp {
        local_now().plus_ms(self.clock_ahead_ms.get_value())
    }

    fn trigger(self, slice: Slice) -> Trigger {
        self.triggers
            .with_value(|triggers| triggers[slice as usize])
    }

    /// Registers the calling effect or memo for a slice.
    pub fn track(self, slice: Slice) {
        self.trigger(slice).track();
    }

    /// Reads the hall without registering for anything.
    pub fn with<T>(self, read: impl FnOnce(&Hall) -> T) -> T {
        self.hall.with_value(read)
    }

    /// Calls the listener with every change from now on, before the panels hear of it.
    pub fn on_changes(self, listener: impl Fn(&Hall, &Changes) + 'static) {
        let listener: Listener = Rc::new(listener);
        self.listeners.update_value(|all| all.push(listener));
    }

    /// A memo of the slices, computed again when one of them or the reference data changes.
    pub fn memo<T>(
        self,
        slices: &'static [Slice],
        derive: impl Fn(&Hall, Option<&Catalogue>, Timestamp) -> T + Send + Sync + 'static,
    ) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            for slice in slices {
                self.track(*slice);
            }
            let now = self.now.get_untracked();
            self.catalogue
                .with(|catalogue| self.with(|hall| derive(hall, catalogue.as_deref(), now)))
        })
    }

    /// Selects and, when it is selected already, deselects.
    pub fn toggle_selection(self, selection: Selection) {
        let is_selected = self.selection.with_untracked(|now| *now == selection);
        self.selection.set(if is_selected {
            Selection::Nothing
        } else {
            selection
        });
    }

    /// Shows a set in list and map; asked for again it shows everything open again.
    pub fn toggle_filter(self, set: IncidentSet) {
        let is_shown = self.filter.with_untracked(|now| *now == set);
        self.filter
            .set(if is_shown { IncidentSet::Open } else { set });
    }
}
