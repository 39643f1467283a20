//! Badges: a level by colour, shape and text together, and tags with a tone.

use domain::incidents::IncidentState;
use domain::{Level, OrderState};
use leptos::prelude::*;
use rust_i18n::t;

use crate::strings;

/// How a tag is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do.
    Quiet,
    /// Going on.
    Active,
    /// Done, in order.
    Good,
    /// Wants attention soon.
    Warn,
    /// Wants attention now.
    Bad,
}

impl Tone {
    /// The class of the theme.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Quiet => "tone-quiet",
            Self::Active => "tone-active",
            Self::Good => "tone-good",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
        }
    }
}

/// Tone of an incident's state.
pub const fn incident_tone(state: IncidentState) -> Tone {
    match state {
        IncidentState::Reported
        | IncidentState::PendingFile
        | IncidentState::Filed
        | IncidentState::Returned => Tone::Warn,
        IncidentState::Dispatched | IncidentState::Handling | IncidentState::Handled => {
            Tone::Active
        }
        IncidentState::Closed => Tone::Good,
        IncidentState::Suspended | IncidentState::NotAccepted | IncidentState::Cancelled => {
            Tone::Quiet
        }
    }
}

/// Tone of an order's state.
pub const fn order_tone(state: OrderState) -> Tone {
    match state {
        OrderState::Queued => Tone::Warn,
        OrderState::Parked | OrderState::Refused => Tone::Bad,
        OrderState::Sent
        | OrderState::Delivered
        | OrderState::Read
        | OrderState::Accepted
        | OrderState::Arrived => Tone::Active,
        OrderState::Done => Tone::Good,
        OrderState::Withdrawn => Tone::Quiet,
    }
}

/// The shape of a level in a square of 16 units: circle, diamond, triangle, hexagon, as on the map.
const fn level_path(level: Level) -> &'static str {
    match level {
        Level::Micro => "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11z",
        Level::Small => "M8 1.2L14.8 8L8 14.8L1.2 8z",
        Level::Medium => "M8 1.6L15 14H1z",
        Level::Large => "M4.5 1.9h7L15 8l-3.5 6.1h-7L1 8z",
    }
}

const fn level_class(level: Level) -> &'static str {
    match level {
        Level::Micro => "level level-micro",
        Level::Small => "level level-small",
        Level::Medium => "level level-medium",
        Level::Large => "level level-large",
    }
}

/// A level 微 小 中 大.
#[component]
pub fn LevelBadge(
    /// The level.
    #[prop(into)]
    level: Signal<Level>,
) -> impl IntoView {
    view! {
        <span class=move || level_class(level.get())>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d=move || level_path(level.get())></path>
            </svg>
            <span>{move || strings::level(level.get())}</span>
        </span>
    }
}

/// A word with a tone, such as a state.
#[component]
pub fn Tag(
    /// The word.
    #[prop(into)]
    text: Signal<String>,
    /// How it is meant.
    #[prop(into)]
    tone: Signal<Tone>,
) -> impl IntoView {
    view! { <span class=move || format!("tag {}", tone.get().class())>{text}</span> }
}

/// The mark of everything that stems from a drill (演练), the same everywhere.
#[component]
pub fn DrillBadge() -> impl IntoView {
    view! {
        <span class="drill-badge" data-testid="drill" title=t!("drill.hint").into_owned()>
            {t!("drill.badge").into_owned()}
        </span>
    }
}
