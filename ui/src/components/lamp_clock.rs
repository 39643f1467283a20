//! The clock of a stage: its lamp, and the time left or overdue, running.

use domain::clocks::{Lamp, StageClock};
use leptos::prelude::*;
use rust_i18n::t;

use crate::state::catalogue::ClockFace;
use crate::state::use_hall;
use crate::strings;

/// Time left (剩) or overdue (超), running once a second.
#[component]
pub fn LampClock(
    /// The clock; nothing is shown without one.
    #[prop(into)]
    clock: Signal<Option<StageClock>>,
) -> impl IntoView {
    let hall = use_hall();
    let face = Memo::new(move |_| {
        let clock = clock.get()?;
        let now = hall.now.get();
        hall.catalogue
            .with(|catalogue| Some(catalogue.as_ref()?.clock_face(&clock, now)))
    });
    move || {
        face.get().map(|face| {
            let words = t!("clock.working_time").into_owned();
            view! {
                <span class=lamp_class(&face) title=face.working_day_ms.map(|_| words)>
                    <svg viewBox="0 0 16 16" aria-hidden="true">
                        <path d=lamp_path(&face)></path>
                    </svg>
                    <span class="visually-hidden">{strings::lamp(face.lamp)}</span>
                    <span class="lamp-time">{lamp_words(&face)}</span>
                </span>
            }
        })
    }
}

fn lamp_words(face: &ClockFace) -> String {
    let time = face.working_day_ms.map_or_else(
        || strings::running_time(face.left_ms),
        |day_ms| strings::running_working_time(face.left_ms, day_ms),
    );
    let words = if face.left_ms < 0 {
        t!("clock.overdue", time = time)
    } else {
        t!("clock.left", time = time)
    };
    words.into_owned()
}

const fn lamp_class(face: &ClockFace) -> &'static str {
    match (face.is_paused, face.lamp) {
        (true, _) => "lamp lamp-paused",
        (false, Lamp::Green) => "lamp lamp-green",
        (false, Lamp::Yellow) => "lamp lamp-yellow",
        (false, Lamp::Red) => "lamp lamp-red",
    }
}

/// A disc in time, a half disc when running out, a square when overdue, two bars when paused.
const fn lamp_path(face: &ClockFace) -> &'static str {
    match (face.is_paused, face.lamp) {
        (true, _) => "M4 3h3v10H4zM9 3h3v10H9z",
        (false, Lamp::Green) => "M8 3a5 5 0 1 1 0 10a5 5 0 1 1 0-10z",
        (false, Lamp::Yellow) => {
            "M8 2.5a5.5 5.5 0 1 1 0 11zM8 4.2a3.8 3.8 0 1 0 0 7.6V13.5a5.5 5.5 0 1 1 0-11z"
        }
        (false, Lamp::Red) => "M3 3h10v10H3z",
    }
}
