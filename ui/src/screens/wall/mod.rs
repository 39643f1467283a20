//! The wall: what is open, what is overdue, who is out there, is the data fresh, is the line up.
//!
//! Nothing here changes anything but what this window shows: a click filters or moves the map.

mod clock_bar;
mod figures;
mod lists;
mod people;
mod pushed;

use domain::Timestamp;
use domain::sets::IncidentSet;
use domain::time::MINUTE_MS;
use leptos::prelude::*;
use protocol::feed::Notice;
use rust_i18n::t;

use crate::components::{ToastArea, use_toasts};
use crate::map_view::{MapView, use_map};
use crate::state::mode_view::mode_view;
use crate::state::{Freshness, HallContext, Selection, Slice, use_hall};
use crate::strings;

use clock_bar::{ClockBar, LineStrip};
use figures::{CurvePanel, HeadlinePanel, LevelPanel, MajorPanel};
use lists::{NewestPanel, OrdersPanel};
use people::PeoplePanel;
use pushed::PushedChip;

/// Body text of the size for which the map's marks are drawn at their own size.
const MARK_UNIT_PX: f64 = 15.0;

/// A notice older than this is no news.
const NEWS_MS: i64 = 10 * MINUTE_MS;

/// So long after the last touch the wall shows the whole street again.
const UNTOUCHED_MS: i64 = 3 * MINUTE_MS;

/// The wall.
#[component]
pub fn Wall() -> impl IntoView {
    remind_of_notices();
    return_to_overview();
    let mark_scale = crate::app::mark_scale(MARK_UNIT_PX);
    let mode = use_hall().memo(&[Slice::Mode], |hall, catalogue, _| {
        mode_view(hall.situation.mode.session, catalogue)
    });
    view! {
        <main
            class="wall"
            class:is-drill=move || mode.with(|mode| mode.session.is_drill)
            data-mode-theme=move || mode.with(|mode| mode.theme.clone())
            data-front-panel=move || mode.with(|mode| mode.panel.clone())
        >
            <ClockBar />
            <LineStrip />
            <div class="wall-side wall-left">
                <HeadlinePanel />
                <LevelPanel />
                <MajorPanel />
                <CurvePanel />
            </div>
            <div class="wall-map">
                <MapView is_interactive=true mark_scale />
                <FilterChip />
                <PushedChip />
            </div>
            <div class="wall-side wall-right">
                <NewestPanel />
                <OrdersPanel />
                <PeoplePanel />
            </div>
            <ToastArea />
        </main>
    }
}

/// Shows the whole street again some time after somebody last touched the wall: a filter that was
/// forgotten would be taken for the present.
fn return_to_overview() {
    let (hall, map) = (use_hall(), use_map());
    let touched_at = StoredValue::new(None::<Timestamp>);
    let touched = move || touched_at.set_value(Some(hall.exact_now()));
    let pressed = window_event_listener(leptos::ev::pointerdown, move |_| touched());
    let turned = window_event_listener(leptos::ev::wheel, move |_| touched());
    let typed = window_event_listener(leptos::ev::keydown, move |_| touched());
    on_cleanup(move || {
        pressed.remove();
        turned.remove();
        typed.remove();
    });
    Effect::new(move |_| {
        hall.track(Slice::Second);
        let now = hall.now.get_untracked();
        // A view that a desk has pushed is not forgotten, and its own time ends it.
        let is_guest_shown = hall.with(|hall| {
            hall.pushed_view
                .as_ref()
                .is_some_and(|view| now < view.until)
        });
        if is_guest_shown {
            touched_at.set_value(Some(now));
            return;
        }
        if touched_at
            .get_value()
            .is_some_and(|at| now.ms_since(at) > UNTOUCHED_MS)
        {
            touched_at.set_value(None);
            hall.filter.set(IncidentSet::Open);
            hall.selection.set(Selection::Nothing);
            map.heat.set(None);
            map.show_all.update(|count| *count += 1);
        }
    });
}

/// Says each new notice for a minute.
fn remind_of_notices() {
    let (hall, toasts) = (use_hall(), use_toasts());
    Effect::new(move |said: Option<u64>| {
        hall.track(Slice::Notices);
        let (said, now) = (said.unwrap_or(0), hall.exact_now());
        hall.with(|hall| {
            // After a reload the picture holds old notices too; those have been said.
            let is_news =
                |notice: &&Notice| notice.number > said && now.ms_since(notice.at) < NEWS_MS;
            for notice in hall.notices.iter().filter(is_news) {
                let (time, what) = (notice.at.local_hm(), strings::notice(notice.kind));
                toasts.remind(format!("{time} {what}"));
            }
            hall.notices
                .last()
                .map_or(said, |last| last.number.max(said))
        })
    });
}

/// Age of everything that comes over the line.
fn line_freshness(hall: HallContext) -> Memo<Freshness> {
    hall.memo(&[Slice::Line, Slice::Second], |hall, _, now| {
        Freshness::of_line(&hall.line, now)
    })
}

/// The set that the map shows, when it is not simply everything open.
#[component]
fn FilterChip() -> impl IntoView {
    let hall = use_hall();
    let words = move || {
        let set = hall.filter.get();
        (set != IncidentSet::Open).then(|| {
            let name = hall
                .catalogue
                .with(|catalogue| strings::incident_set(&set, catalogue.as_deref()));
            t!("wall.filter_on", set = name).into_owned()
        })
    };
    move || {
        words().map(|words| {
            view! {
                <button
                    type="button"
                    class="filter-chip"
                    on:click=move |_| hall.filter.set(IncidentSet::Open)
                >
                    {words}
                    <span aria-hidden="true">"×"</span>
                </button>
            }
        })
    }
}
