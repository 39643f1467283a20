//! The heat map of reports: the choice of its window of time, its part of the legend, and what the
//! map is told.

use domain::Timestamp;
use leptos::prelude::*;
use map_protocol::{HeatPoint, ToMap};
use protocol::feed::MapLayer;
use rust_i18n::t;

use super::control::{MapControl, use_map};
use super::host::Host;
use super::pack;
use crate::state::heat::{self, HeatWindow, Past};
use crate::state::{Slice, use_hall};

/// A report counts within so many metres: a few minutes on foot.
const RADIUS_M: f32 = 150.0;

impl Host {
    /// The reports of the chosen window, where they differ from what the map shows.
    pub fn refresh_heat(&mut self) {
        let now = self.hall.now.get_untracked();
        let places = self
            .control
            .heat
            .get_untracked()
            .filter(|_| !self.control.hides(MapLayer::Heat))
            .map_or_else(Vec::new, |window| {
                self.control.heat_past.with_untracked(|past| {
                    let past = past.as_ref();
                    self.hall
                        .with(|hall| heat::reported_in(&hall.situation, past, window, now))
                })
            });
        let point = |at| HeatPoint {
            at: pack::position(at),
            weight: 1.0,
        };
        let points: Vec<HeatPoint> = places.into_iter().map(point).collect();
        if points != self.heat {
            self.heat = points;
            self.tell_heat();
        }
    }

    /// Tells the heat map as it is.
    pub(super) fn tell_heat(&self) {
        let points = self.heat.clone();
        self.send(&ToMap::SetHeat {
            points,
            radius_m: RADIUS_M,
        });
    }
}

fn window_words(window: HeatWindow) -> String {
    let words = match window {
        HeatWindow::LastHour => t!("map_heat.hour"),
        HeatWindow::LastFourHours => t!("map_heat.four_hours"),
        HeatWindow::Today => t!("map_heat.today"),
        HeatWindow::SevenDays => t!("map_heat.seven_days"),
        HeatWindow::Between(..) => t!("map_heat.between"),
    };
    words.into_owned()
}

/// The choice of the window; below it, while there is one, what the colours mean.
#[component]
pub fn HeatChoice() -> impl IntoView {
    let hall = use_hall();
    let control = use_map();
    let label = t!("map_heat.label").into_owned();
    let hint = t!("map_heat.hint", radius = RADIUS_M as u32).into_owned();
    let name = move || control.heat.get().map_or("", HeatWindow::name);
    let choose = move |name: String| {
        control
            .heat
            .set(HeatWindow::of_name(&name, hall.now.get_untracked()));
    };
    let option = |name: &'static str, words: String| {
        view! { <option value=name selected=move || control.heat.get().map_or("", HeatWindow::name) == name>{words}</option> }
    };
    let is_between =
        Memo::new(move |_| matches!(control.heat.get(), Some(HeatWindow::Between(..))));
    view! {
        <div class="map-legend-row map-heat">
            <label class="map-heat-choice" title=hint>
                <span>{label}</span>
                <select
                    class="field"
                    data-testid="map-heat"
                    prop:value=name
                    on:change=move |event| choose(event_target_value(&event))
                >
                    {option("", t!("map_heat.off").into_owned())}
                    {HeatWindow::RUNNING.map(|w| option(w.name(), window_words(w))).collect_view()}
                    {option("between", t!("map_heat.between").into_owned())}
                </select>
            </label>
        </div>
        <Show when=move || is_between.get()>
            <BetweenFields control />
        </Show>
        <Show when=move || control.heat.with(Option::is_some)>
            <HeatScale control />
        </Show>
    }
}

/// From and until, in local time.
#[component]
fn BetweenFields(control: MapControl) -> impl IntoView {
    let span = move || match control.heat.get() {
        Some(HeatWindow::Between(from, until)) => Some((from, until)),
        _ => None,
    };
    let field = move |label: String, testid: &'static str, is_from: bool| {
        let value = move || {
            span().map_or_else(String::new, |(from, until)| {
                heat::field_of(if is_from { from } else { until })
            })
        };
        let set = move |text: String| {
            if let (Some((from, until)), Some(at)) = (span(), heat::instant_of(&text)) {
                let (from, until) = if is_from { (at, until) } else { (from, at) };
                control.heat.set(Some(HeatWindow::Between(from, until)));
            }
        };
        view! {
            <input
                type="datetime-local"
                class="field"
                aria-label=label
                data-testid=testid
                prop:value=value
                on:change=move |event| set(event_target_value(&event))
            />
        }
    };
    view! {
        <div class="map-legend-row map-heat">
            {field(t!("map_heat.from").into_owned(), "map-heat-from", true)}
            <span aria-hidden="true">"–"</span>
            {field(t!("map_heat.until").into_owned(), "map-heat-until", false)}
        </div>
    }
}

/// The ramp with its ends, how many reports count, and from when on all of them are known.
#[component]
fn HeatScale(control: MapControl) -> impl IntoView {
    let hall = use_hall();
    let figures = Memo::new(move |_| {
        hall.track(Slice::Incidents);
        hall.track(Slice::Second);
        let now = hall.now.get();
        let window = control.heat.get()?;
        let count_of = |past: Option<&Past>| {
            hall.with(|hall| heat::reported_in(&hall.situation, past, window, now).len())
        };
        control.heat_past.with(|past| {
            let past = past.as_ref();
            let since = heat::known_since(window, past, now);
            let is_cut = window.span(now).0 < since;
            Some((count_of(past), since, is_cut))
        })
    });
    let reach = move |since: Timestamp| {
        if !hall.has_data.get() {
            return t!("map_heat.no_data").into_owned();
        }
        let since = format!("{} {}", since.local_ymd(), since.local_hm());
        t!("map_heat.reach", since = since).into_owned()
    };
    let words = move || {
        figures.get().map(|(count, since, is_cut)| {
            let count = t!("map_heat.count", count = count).into_owned();
            view! {
                <span>{count}</span>
                <span class="map-legend-age" class:map-heat-cut=is_cut>{reach(since)}</span>
            }
        })
    };
    let peak = move || format!("{:.0}", control.heat_peak.get());
    view! {
        <div class="map-legend-row" data-testid="map-heat-scale">
            <span>"0"</span>
            <span class="heat-ramp" aria-hidden="true"></span>
            <span>{peak}</span>
            <span>{t!("map_heat.unit", radius = RADIUS_M as u32).into_owned()}</span>
        </div>
        <div class="map-legend-row">{words}</div>
    }
}
