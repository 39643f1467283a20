//! The figures of the map, for whoever looks for the cause of a slow screen: Ctrl+Shift+F.

use leptos::prelude::*;
use map_protocol::{FrameStats, Held};
use rust_i18n::t;

use super::control::use_map;
use super::keys::is_figures_key;
use crate::clock::local_now;
use crate::state::{Slice, use_hall};

/// Figures older than this are of a picture that rests.
const RESTING_MS: i64 = 2_500;

/// The figures, while they are wanted.
#[component]
pub fn Figures() -> impl IntoView {
    let is_shown = RwSignal::new(false);
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if is_figures_key(&event.key(), event.ctrl_key(), event.shift_key()) {
            event.prevent_default();
            is_shown.update(|shown| *shown = !*shown);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <Show when=move || is_shown.get()>
            <Table />
        </Show>
    }
}

#[component]
fn Table() -> impl IntoView {
    let hall = use_hall();
    let control = use_map();
    let rows = move || {
        hall.track(Slice::Second);
        let reported = control.figures.get();
        let is_resting = reported.is_none_or(|(_, at)| local_now().ms_since(at) > RESTING_MS);
        let mut rows = reported.map_or_else(Vec::new, |(stats, _)| rows_of(&stats, is_resting));
        rows.push((
            t!("map_figures.rebuilds").into_owned(),
            control.rebuilds.get().to_string(),
        ));
        rows.push((
            t!("map_figures.renderer").into_owned(),
            control.renderer.get(),
        ));
        rows
    };
    view! {
        <aside class="map-figures" data-testid="map-figures">
            <h3>{t!("map_figures.title").into_owned()}</h3>
            <dl class="facts">
                {move || {
                    rows()
                        .into_iter()
                        .map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> })
                        .collect_view()
                }}
            </dl>
        </aside>
    }
}

fn rows_of(stats: &FrameStats, is_resting: bool) -> Vec<(String, String)> {
    let mut rows = if is_resting {
        vec![(
            t!("map_figures.frames").into_owned(),
            t!("map_figures.resting").into_owned(),
        )]
    } else {
        moving_rows(stats)
    };
    let held = &stats.memory;
    rows.push((
        t!("map_figures.tiles").into_owned(),
        format!("{} / {}", stats.tiles_shown, stats.tiles_awaited),
    ));
    rows.push((
        t!("map_figures.tiles_built").into_owned(),
        format!(
            "{} / {}",
            stats.tiles_built_by_worker, stats.tiles_built_by_page
        ),
    ));
    rows.push((
        t!("map_figures.texts_set").into_owned(),
        format!(
            "{} / {}",
            stats.texts_set_by_worker, stats.texts_set_by_page
        ),
    ));
    for (name, held) in [
        (t!("map_figures.raw_tiles"), held.raw_tiles),
        (t!("map_figures.waiting_tiles"), held.waiting_tiles),
        (t!("map_figures.built_tiles"), held.built_tiles),
        (t!("map_figures.glyphs"), held.glyphs),
        (t!("map_figures.live"), held.live),
    ] {
        rows.push((name.into_owned(), megabytes(held)));
    }
    let [page, worker] = [stats.page_heap_bytes, stats.worker_heap_bytes].map(in_megabytes);
    rows.push((
        t!("map_figures.heaps").into_owned(),
        format!("{page:.1} / {worker:.1} MB"),
    ));
    rows
}

fn moving_rows(stats: &FrameStats) -> Vec<(String, String)> {
    let frame = format!(
        "{:.1} / {:.1} / {:.1} ms",
        stats.mean_ms, stats.p95_ms, stats.max_ms
    );
    vec![
        (
            t!("map_figures.frames").into_owned(),
            stats.frames.to_string(),
        ),
        (t!("map_figures.frame").into_owned(), frame),
        (
            t!("map_figures.pace").into_owned(),
            format!("{:.0} ms", stats.pace_ms),
        ),
        (
            t!("map_figures.draws").into_owned(),
            stats.draws.to_string(),
        ),
        (
            t!("map_figures.messages").into_owned(),
            format!("{} / {}", stats.messages_in, stats.messages_out),
        ),
    ]
}

/// Held bytes against their limit, in megabytes.
fn megabytes(held: Held) -> String {
    let [bytes, limit] = [held.bytes, held.limit].map(in_megabytes);
    format!("{bytes:.1} / {limit:.0} MB")
}

fn in_megabytes(bytes: u32) -> f64 {
    f64::from(bytes) / f64::from(1_u32 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_against_their_limit() {
        let held = Held {
            bytes: 3 << 19,
            limit: 48 << 20,
        };
        assert_eq!(megabytes(held), "1.5 / 48 MB");
    }
}
