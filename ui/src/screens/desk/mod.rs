//! The desk of a duty officer: queue, map, detail, and everything that can be done about an
//! incident.
//!
//! What is shown is decided by plain values with plain tests (`queue`, `candidates`, `orders`,
//! `actions`, `timeline`, `outbox`, `undo`, `keys`, `counts`, `duty`); [`state`] makes them reactive,
//! [`tasks`] carries out what the officer asks for, the other modules are components.

pub mod actions;
pub mod candidates;
mod cards;
mod conflict_card;
pub mod conflicts;
pub mod counts;
mod counts_strip;
mod detail;
mod dialog_forms;
mod dialogs;
mod duplicates;
pub mod duty;
mod duty_panel;
mod handover_form;
mod keeping;
mod keyboard;
pub mod keys;
pub mod line_menu;
mod map_layers;
mod map_tools;
mod mode_menu;
mod order_list;
pub mod orders;
pub mod outbox;
mod outbox_panel;
mod proposal;
mod proposal_panel;
pub mod prospect;
pub mod queue;
mod queue_panel;
mod queue_rows;
mod reference_ages;
pub mod report;
mod report_fields;
mod report_form;
mod report_line;
mod report_state;
#[cfg(test)]
pub mod sample;
mod sign_in;
pub mod state;
mod steps;
pub mod tasks;
pub mod timeline;
mod top_bar;
mod trail_panel;
pub mod typed;
pub mod undo;
mod wall_view;
mod whistle_form;
mod whistle_panel;
pub mod whistles;
mod words;

use leptos::prelude::*;
use protocol::feed::LineState;
use rust_i18n::t;

use self::cards::SelectionCard;
use self::counts_strip::CountsStrip;
use self::detail::DetailPanel;
use self::dialogs::Dialogs;
use self::duty_panel::DutyPanel;
use self::map_tools::MapTools;
use self::outbox_panel::OutboxPanel;
use self::queue::Narrowing;
use self::queue_panel::QueuePanel;
use self::queue_rows::LIST_ID;
use self::report_form::ReportPanel;
use self::state::DeskContext;
use self::top_bar::TopBar;
use self::trail_panel::moment;
use self::wall_view::WallView;
use crate::components::{ToastArea, Toasts};
use crate::map_view::{MapView, use_map};
use crate::state::mode_view::mode_view;
use crate::state::{Slice, use_hall};
use crate::strings;

/// Unit of the type scale at which the map's marks have their own size: a 1080-line desk.
const MARK_UNIT_PX: f64 = 14.6;

/// The desk.
#[component]
pub fn Desk() -> impl IntoView {
    let toasts = Toasts::provide();
    let desk = DeskContext::new(use_hall(), toasts);
    desk.provide();
    let candidates = proposal::candidates(desk);
    proposal::follow_selection(desk);
    proposal::settle_after_changes(desk, candidates);
    proposal::follow_on_map(desk, candidates);
    proposal::follow_replaced(desk);
    narrow_map(desk);
    trail_panel::follow_trail(desk);
    conflict_card::announce(desk);
    keyboard::listen(desk, candidates);
    desk.keep_typed();
    desk.follow_report();
    desk.follow_numbers();
    let has_long_words = desk
        .hall
        .settings
        .with_value(|settings| !settings.language.starts_with("zh"));
    let mark_scale = crate::app::mark_scale(MARK_UNIT_PX);
    let mode = desk.hall.memo(&[Slice::Mode], |hall, catalogue, _| {
        mode_view(hall.situation.mode.session, catalogue)
    });
    view! {
        <main
            class="desk"
            class:has-long-words=has_long_words
            class:is-drill=move || mode.with(|mode| mode.session.is_drill)
            data-mode-theme=move || mode.with(|mode| mode.theme.clone())
        >
            <a class="skip-link" href=format!("#{LIST_ID}")>{t!("desk.skip").into_owned()}</a>
            <TopBar />
            <CountsStrip />
            <div class="desk-body">
                <QueuePanel />
                <div class="desk-map" class:is-placing=move || desk.map.placing.get()>
                    <MapView is_interactive=true mark_scale />
                    <Cross />
                    <Banner />
                    <MapTools />
                    <SelectionCard />
                    <WallView />
                </div>
                <DetailPanel candidates />
                <ReportPanel />
                <OutboxPanel />
                <DutyPanel />
            </div>
            <Dialogs />
            <ToastArea />
        </main>
    }
}

/// The middle of the map, while a place is looked for.
#[component]
fn Cross() -> impl IntoView {
    let desk = state::use_desk();
    view! {
        <Show when=move || desk.report.is_open.get()>
            <svg
                class="map-cross"
                viewBox="0 0 40 40"
                role="img"
                aria-label=t!("report.cross_label").into_owned()
                data-testid="map-cross"
            >
                <path
                    d="M20 2v14M20 24v14M2 20h14M24 20h14"
                    fill="none"
                    stroke="currentColor"
                    stroke-width="2.5"
                ></path>
                <circle cx="20" cy="20" r="1.5" fill="currentColor"></circle>
            </svg>
        </Show>
    }
}

/// What narrows the list narrows the map to the same incidents.
fn narrow_map(desk: DeskContext) {
    let map = use_map();
    let listed = Memo::new(move |_| {
        desk.narrowing
            .with(Narrowing::is_active)
            .then(|| desk.rows.with(|rows| rows.iter().copied().collect()))
    });
    Effect::new(move |_| map.narrowed_to.set(listed.get()));
}

/// One line while the picture does not follow the backend or the shell. It lies over the map, so
/// that nothing moves under the pointer when the line comes and goes.
#[component]
fn Banner() -> impl IntoView {
    let (hall, today) = (use_hall(), state::use_desk().today);
    let line = hall.memo(&[Slice::Line], |hall, _, _| {
        let line = &hall.line;
        (line.state, line.last_contact)
    });
    let words = move || {
        if let Some(error) = hall.feed_error.get() {
            return Some(t!("app.feed_failed", error = error).into_owned());
        }
        let (state, last_contact) = line.get();
        let Some(at) = last_contact else {
            return (state != LineState::Online && hall.has_picture.get()).then(|| {
                // The error in the program's own words stands in the menu of the line.
                let why = strings::line_state(state);
                t!("line.never_connected", why = why).into_owned()
            });
        };
        match state {
            LineState::Online | LineState::Connecting => None,
            _ => {
                let why = strings::line_state(state);
                Some(
                    t!(
                        "line.offline_hint",
                        why = why,
                        time = moment(at, today.get())
                    )
                    .into_owned(),
                )
            }
        }
    };
    let words = Memo::new(move |_| words());
    move || {
        words.get().map(|words| {
            view! { <p class="banner" role="status" data-testid="banner">{words}</p> }
        })
    }
}
