//! Everything of one run that all its parts share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::authority::Authority;
use crate::recipe::Recipe;
use crate::signal::Signal;
use crate::time::Timeline;
use crate::traffic::Traffic;
use crate::variants::Variant;

/// How a hall's line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// It carries.
    Open,
    /// Every connection is refused at once.
    Refusing,
    /// Everything vanishes.
    Silent,
}

/// What becomes of a hall's questions about the street, whatever else is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// All are answered.
    Given,
    /// Those for changes and for everything the backend cannot answer at the moment.
    Refused,
    /// The connections of those are cut.
    CutOff,
    /// Something else answers those.
    Garbled,
    /// All but positions.
    NoPositions,
}

/// The world of one run.
#[derive(Debug)]
pub struct World {
    /// Simulated time.
    pub timeline: Timeline,
    /// What the seed has made.
    pub recipe: Recipe,
    /// The backend.
    pub authority: Authority,
    /// What is broken on purpose.
    pub variant: Option<Variant>,
    /// Whether there is still trouble.
    pub is_stormy: Signal<bool>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    roads: Vec<Road>,
    news: Vec<News>,
    traffic: Traffic,
    history: Vec<String>,
    violations: Vec<String>,
}

impl World {
    /// A world at its beginning.
    pub fn new(recipe: Recipe, variant: Option<Variant>) -> Self {
        let timeline = Timeline::begin();
        let state = State {
            roads: vec![Road::Open; recipe.halls],
            news: vec![News::Given; recipe.halls],
            traffic: Traffic::new(timeline, recipe.halls),
            history: Vec::new(),
            violations: Vec::new(),
        };
        let authority = Authority::open(timeline, variant);
        Self {
            timeline,
            authority,
            recipe,
            variant,
            is_stormy: Signal::new(true),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the line of a hall is.
    pub fn road(&self, hall: usize) -> Road {
        self.state().roads[hall]
    }

    /// Changes the line of a hall.
    pub fn set_road(&self, hall: usize, road: Road) {
        self.state().roads[hall] = road;
    }

    /// What becomes of a hall's questions for changes.
    pub fn news(&self, hall: usize) -> News {
        self.state().news[hall]
    }

    /// Changes that.
    pub fn set_news(&self, hall: usize, news: News) {
        self.state().news[hall] = news;
    }

    /// Looks at what goes over the lines.
    pub fn traffic<T>(&self, look: impl FnOnce(&mut Traffic) -> T) -> T {
        look(&mut self.state().traffic)
    }

    /// Notes what happens in a hall, also for whoever traces the run.
    pub fn tell(&self, hall: usize, what: std::fmt::Arguments<'_>) {
        let at_s = self.timeline.elapsed().as_secs_f64();
        let line = format!("{at_s:.3} s, hall {hall}: {what}");
        tracing::debug!("{line}");
        self.state().history.push(line);
    }

    /// All that has happened, in its order.
    pub fn take_history(&self) -> Vec<String> {
        std::mem::take(&mut self.state().history)
    }

    /// Notes a broken promise.
    pub fn broken(&self, promise: impl std::fmt::Display) {
        let at_s = self.timeline.elapsed().as_secs_f64();
        self.state()
            .violations
            .push(format!("{at_s:.3} s: {promise}"));
    }

    /// Whether a promise was broken already.
    pub fn is_broken(&self) -> bool {
        !self.state().violations.is_empty()
    }

    /// All broken promises, in the order of their discovery.
    pub fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }
}
