//! The left side: big numbers, levels, categories and the day curve.

use domain::Level;
use domain::sets::IncidentSet;
use leptos::prelude::*;
use rust_i18n::t;

use super::line_freshness;
use crate::components::{DayCurve, KeyedRows, LevelBadge, Panel, PanelState, ShareBar};
use crate::screens::desk::counts::set_name;
use crate::state::panels::{self, Count, HourCount, MajorCount};
use crate::state::{HallContext, Slice, use_hall};
use crate::strings;

/// Figures follow incidents, and the time: what is overdue becomes so by itself.
const FIGURE_SLICES: &[Slice] = &[Slice::Incidents, Slice::Second];

fn source() -> Signal<String> {
    Signal::stored(t!("panel.source_backend").into_owned())
}

fn ready(hall: HallContext) -> Signal<PanelState> {
    Signal::derive(move || PanelState::of(hall.has_data.get(), false, ""))
}

/// A number that filters the map to what it counted.
#[component]
fn Figure(
    /// The set and its count.
    #[prop(into)]
    count: Signal<Count>,
    /// Class that sizes and colours it.
    class: &'static str,
) -> impl IntoView {
    let hall = use_hall();
    let set = Memo::new(move |_| count.with(|count| count.set.clone()));
    let number = Memo::new(move |_| count.with(|count| count.count));
    // Everything open is what the map shows anyway: no filter to point out.
    let is_shown = move || {
        hall.filter
            .with(|shown| *shown != IncidentSet::Open && set.with(|s| shown == s))
    };
    view! {
        <button
            type="button"
            class=class
            class:is-shown=is_shown
            aria-pressed=move || is_shown().to_string()
            data-testid=move || set.with(|set| format!("count-{}", set_name(set)))
            data-count=move || number.get().to_string()
            on:click=move |_| hall.toggle_filter(set.get_untracked())
        >
            <span class="figure-number">{number}</span>
            <span class="figure-name">{move || strings::incident_set(&set.get(), None)}</span>
        </button>
    }
}

/// Open, overdue and done today; below, where the open ones stand.
#[component]
pub fn HeadlinePanel() -> impl IntoView {
    let hall = use_hall();
    let headline = hall.memo(FIGURE_SLICES, |hall, _, now| {
        panels::headline(&hall.situation, now)
    });
    let stages = hall.memo(FIGURE_SLICES, |hall, _, now| {
        panels::by_stage(&hall.situation, now)
    });
    let drills = hall.memo(FIGURE_SLICES, |hall, _, now| {
        panels::open_drills(&hall.situation, now)
    });
    let aside = Signal::derive(move || match drills.get() {
        0 => String::new(),
        count => t!("drill.among_open", count = count).into_owned(),
    });
    let of = |counts: Memo<[Count; 3]>, n: usize| {
        Signal::derive(move || counts.with(|counts| counts[n].clone()))
    };
    view! {
        <Panel
            title=t!("wall.headline").into_owned()
            source=source()
            freshness=line_freshness(hall)
            state=ready(hall)
            aside
            class="headline"
        >
            <div class="figures">
                <Figure count=of(headline, 0) class="figure" />
                <Figure count=of(headline, 1) class="figure figure-bad" />
                <Figure count=of(headline, 2) class="figure figure-good" />
            </div>
            <div class="stages">
                <Figure count=of(stages, 0) class="stage" />
                <Figure count=of(stages, 1) class="stage" />
                <Figure count=of(stages, 2) class="stage" />
            </div>
        </Panel>
    }
}

/// Open incidents by level.
#[component]
pub fn LevelPanel() -> impl IntoView {
    let hall = use_hall();
    let levels = hall.memo(FIGURE_SLICES, |hall, _, now| {
        panels::by_level(&hall.situation, now)
    });
    let whole = Memo::new(move |_| levels.with(|rows| rows.iter().map(|r| r.1.count).sum()));
    let column = move |n: usize| {
        let (level, set) = levels.with_untracked(|rows| (rows[n].0, rows[n].1.set.clone()));
        let count = Signal::derive(move || levels.with(|rows| rows[n].1.count));
        view! { <LevelColumn level set count whole /> }
    };
    view! {
        <Panel
            title=t!("wall.by_level").into_owned()
            source=source()
            freshness=line_freshness(hall)
            state=ready(hall)
            class="levels"
        >
            <div class="level-columns">{(0..4).map(column).collect_view()}</div>
        </Panel>
    }
}

/// One level with its count; a click filters the map to it.
#[component]
fn LevelColumn(
    /// The level.
    level: Level,
    /// Its open incidents.
    set: IncidentSet,
    /// How many.
    count: Signal<usize>,
    /// How many of all levels.
    whole: Memo<usize>,
) -> impl IntoView {
    let hall = use_hall();
    let set = StoredValue::new(set);
    let is_shown = move || hall.filter.with(|shown| set.with_value(|set| shown == set));
    view! {
        <button
            type="button"
            class="level-column"
            class:is-shown=is_shown
            aria-pressed=move || is_shown().to_string()
            on:click=move |_| hall.toggle_filter(set.get_value())
        >
            <LevelBadge level=Signal::stored(level) />
            <span class="level-column-count">{count}</span>
            <ShareBar part=count whole class=level_class(level) />
        </button>
    }
}

const fn level_class(level: Level) -> &'static str {
    match level {
        Level::Micro => "level-micro",
        Level::Small => "level-small",
        Level::Medium => "level-medium",
        Level::Large => "level-large",
    }
}

/// A count as a share of a whole; a click filters the map to it.
#[component]
fn ShareRow(
    /// What was counted.
    set: IncidentSet,
    /// How many.
    #[prop(into)]
    count: Signal<usize>,
    /// How many there are in all.
    #[prop(into)]
    whole: Signal<usize>,
    /// Class that colours the bar.
    class: &'static str,
    /// Its name.
    children: Children,
) -> impl IntoView {
    let hall = use_hall();
    let set = StoredValue::new(set);
    let is_shown = move || hall.filter.with(|shown| set.with_value(|set| shown == set));
    view! {
        <button
            type="button"
            class="share-row"
            class:is-shown=is_shown
            aria-pressed=move || is_shown().to_string()
            on:click=move |_| hall.toggle_filter(set.get_value())
        >
            <span class="share-name">{children()}</span>
            <ShareBar part=count whole class />
            <span class="share-count">{count}</span>
        </button>
    }
}

/// Open incidents by major category.
#[component]
pub fn MajorPanel() -> impl IntoView {
    let hall = use_hall();
    let majors = hall.memo(FIGURE_SLICES, |hall, catalogue, now| {
        panels::by_major(&hall.situation, catalogue, now)
    });
    let top = Memo::new(move |_| majors.with(|rows| rows.first().map_or(0, |r| r.count.count)));
    let state = Signal::derive(move || {
        let is_empty = majors.with(Vec::is_empty);
        PanelState::of(hall.has_data.get(), is_empty, &t!("wall.no_incidents"))
    });
    let row = move |row: Memo<MajorCount>| {
        let set = row.with_untracked(|row| row.count.set.clone());
        let count = Signal::derive(move || row.with(|row| row.count.count));
        view! {
            <ShareRow set count whole=top class="level-plain">
                {move || row.with(|row| row.name.clone())}
            </ShareRow>
        }
    };
    view! {
        <Panel
            title=t!("wall.by_major").into_owned()
            source=source()
            freshness=line_freshness(hall)
            state
            class="majors"
        >
            <div class="share-rows whole-rows">
                <KeyedRows rows=majors key=|row: &MajorCount| row.count.set.clone() row />
            </div>
        </Panel>
    }
}

/// Reports of the last 24 hours.
#[component]
pub fn CurvePanel() -> impl IntoView {
    let hall = use_hall();
    let hours = hall.memo(FIGURE_SLICES, |hall, _, now| {
        panels::day_curve(&hall.situation, now)
    });
    let aside = Signal::derive(move || {
        let sum: u32 = hours.with(|hours| hours.iter().map(|h: &HourCount| h.reported).sum());
        t!("wall.total", count = sum).into_owned()
    });
    view! {
        <Panel
            title=t!("wall.curve").into_owned()
            source=source()
            freshness=line_freshness(hall)
            state=ready(hall)
            aside
            class="curve"
        >
            <DayCurve hours />
        </Panel>
    }
}
