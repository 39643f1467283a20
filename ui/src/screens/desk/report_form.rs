//! The form of a new matter, over the detail, so that list and map stay at hand.

use domain::duplicates::Suggestion;
use domain::levels::Harm;
use domain::time::MINUTE_MS;
use leptos::prelude::*;
use rust_i18n::t;

use super::report::{CHANNELS, Draft, Field};
use super::report_fields::{CategoryField, PlaceField};
use super::report_line::{FieldFault, Line, held};
use super::state::use_desk;
use super::trail_panel::moment;
use crate::components::DrillBadge;
use crate::state::Slice;
use crate::strings;

/// Class of the form, by which the keyboard knows that the focus is in it.
pub const FORM_CLASS: &str = "report-form";
/// More likely duplicates than these nobody compares while somebody is on the telephone.
const MOST_DUPLICATES: usize = 3;

/// The form, while it is open.
#[component]
pub fn ReportPanel() -> impl IntoView {
    let desk = use_desk();
    view! {
        <Show when=move || desk.report.is_open.get()>
            <section class=FORM_CLASS aria-labelledby="report-title" data-testid="report-form">
                <header class="desk-head">
                    <h2 id="report-title">{t!("report.title").into_owned()}</h2>
                    <CallTime />
                    <button
                        type="button"
                        class="icon-button"
                        data-testid="report-hide"
                        aria-label=t!("report.hide").into_owned()
                        title=t!("report.hide").into_owned()
                        on:click=move |_| {
                            desk.hide_report();
                        }
                    >
                        "×"
                    </button>
                </header>
                <form
                    class="report-body"
                    novalidate=true
                    on:submit=move |event| {
                        event.prevent_default();
                        desk.send_report();
                    }
                >
                    <CategoryField />
                    <DrillChoice />
                    <PlaceField />
                    <Duplicates />
                    <TextFields />
                    <CallerFields />
                    <MoreFields />
                    <SendButtons />
                </form>
            </section>
        </Show>
    }
}

/// When the telephone rang; a draft that lay for a while may be another call.
#[component]
fn CallTime() -> impl IntoView {
    let desk = use_desk();
    let at = move || {
        let at = desk.report.draft.with(|draft| draft.as_ref().map(|d| d.at));
        at.map(|at| t!("report.at", time = moment(at, desk.hall.now.get())).into_owned())
    };
    view! {
        <span class="desk-head-note number" data-testid="report-at">{at}</span>
        <button
            type="button"
            class="link"
            title=t!("report.at_now_hint").into_owned()
            on:click=move |_| {
                let now = desk.hall.exact_now();
                desk.edit_report(|draft| draft.at = now);
            }
        >
            {t!("report.at_now").into_owned()}
        </button>
    }
}

/// While a drill is on nobody may guess: what is real must reach the street, and what is exercised
/// must not. When it ends first, what was chosen for it is asked about again.
#[component]
fn DrillChoice() -> impl IntoView {
    let desk = use_desk();
    let asks = Memo::new(move |_| {
        let is_on = desk.is_drill_on();
        desk.report.draft.with(|draft| {
            let draft = draft.as_ref();
            draft.is_some_and(|draft| draft.asks_about_drill(is_on))
        })
    });
    let question = move || {
        if desk.is_drill_on() {
            t!("report.drill").into_owned()
        } else {
            t!("report.drill_over").into_owned()
        }
    };
    let choice = move |is_drill: bool, words: String| {
        let is_chosen = move || {
            desk.report
                .draft
                .with(|draft| draft.as_ref().is_some_and(|d| d.is_drill == Some(is_drill)))
        };
        view! {
            <label class="form-check">
                <input
                    type="radio"
                    name="report-drill"
                    data-testid=if is_drill { "report-drill" } else { "report-real" }
                    prop:checked=is_chosen
                    disabled=move || is_drill && !desk.is_drill_on()
                    on:change=move |_| desk.edit_report(|draft| draft.is_drill = Some(is_drill))
                />
                <span>{words}</span>
            </label>
        }
    };
    view! {
        <Show when=move || asks.get()>
            <fieldset class="report-drill">
                <legend><DrillBadge />" "{question}</legend>
                {choice(false, t!("report.drill_no").into_owned())}
                {choice(true, t!("report.drill_yes").into_owned())}
                <FieldFault field=Field::Drill />
            </fieldset>
        </Show>
    }
}

/// What is likely the same matter, with the way to write there instead.
#[component]
fn Duplicates() -> impl IntoView {
    let desk = use_desk();
    let is_busy = Memo::new(move |_| desk.is_report_under_way());
    let found = desk
        .hall
        .memo(&[Slice::Incidents], move |hall, catalogue, _| {
            let rules = &catalogue?.reference.rules;
            let draft = desk.report.draft.get()?;
            let found = draft.duplicates(&hall.situation, rules).into_iter();
            let named = found.take(MOST_DUPLICATES).map(|suggestion| {
                let incident = hall.situation.incidents.get(&suggestion.of);
                let title = incident.map(|incident| incident.title.clone());
                (suggestion, title.unwrap_or_default())
            });
            Some(named.collect::<Vec<(Suggestion, String)>>())
        });
    move || {
        let found = found.get().filter(|found| !found.is_empty())?;
        let rows = found.into_iter().map(|(suggestion, title)| {
            let about = t!(
                "report.duplicate",
                title = title,
                m = suggestion.distance_m.round(),
                min = suggestion.apart_ms / MINUTE_MS
            );
            view! {
                <li>
                    <button
                        type="button"
                        class="link"
                        title=t!("desk.detail.duplicate_show").into_owned()
                        on:click=move |_| desk.select(suggestion.of)
                    >
                        {strings::incident_number(suggestion.of)}" "{about.into_owned()}
                    </button>
                    <button
                        type="button"
                        class="button is-quiet"
                        data-testid="report-note-instead"
                        title=t!("report.note_instead_hint").into_owned()
                        disabled=move || is_busy.get()
                        on:click=move |_| desk.note_report_on(suggestion.of)
                    >
                        {t!("report.note_instead").into_owned()}
                    </button>
                </li>
            }
        });
        Some(view! {
            <div class="report-duplicates" role="status" data-testid="report-duplicates">
                <p>{t!("report.duplicates").into_owned()}</p>
                <ul>{rows.collect_view()}</ul>
            </div>
        })
    }
}

#[component]
fn TextFields() -> impl IntoView {
    let desk = use_desk();
    let named = Signal::derive(held(desk, |draft| &draft.search));
    view! {
        <Line
            name="report-name"
            label=t!("report.name").into_owned()
            hint=named
            read=|draft| &draft.title
            write=|draft| &mut draft.title
            field=Field::Title
        />
        <label class="form-field">
            <span>{t!("report.description").into_owned()}</span>
            <textarea
                class="field"
                rows="3"
                data-testid="report-description"
                prop:value=held(desk, |draft| &draft.description)
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    desk.edit_report(|draft| draft.description = typed);
                }
            ></textarea>
            <FieldFault field=Field::Description />
        </label>
    }
}

#[component]
fn CallerFields() -> impl IntoView {
    view! {
        <div class="report-pair">
            <Line
                name="report-caller"
                label=t!("report.caller").into_owned()
                hint=t!("report.caller_hint").into_owned()
                read=|draft| &draft.caller
                write=|draft| &mut draft.caller
            />
            <Line
                name="report-phone"
                label=t!("report.phone").into_owned()
                hint=t!("report.phone_hint").into_owned()
                read=|draft| &draft.phone
                write=|draft| &mut draft.phone
            />
        </div>
    }
}

const HARMS: [(&str, Harm); 3] = [
    ("none", Harm::None),
    ("property", Harm::Property),
    ("life", Harm::Life),
];

fn harm_words(harm: Harm) -> String {
    match harm {
        Harm::None => t!("report.harm.none"),
        Harm::Property => t!("report.harm.property"),
        Harm::Life => t!("report.harm.life"),
    }
    .into_owned()
}

#[component]
fn MoreFields() -> impl IntoView {
    let desk = use_desk();
    let of_draft = move |read: fn(&Draft) -> usize| {
        desk.report
            .draft
            .with(|draft| draft.as_ref().map_or(0, read).to_string())
    };
    let channel_place = |draft: &Draft| {
        let place = CHANNELS.iter().position(|c| *c == draft.channel);
        place.unwrap_or_default()
    };
    let harm_place = |draft: &Draft| {
        let place = HARMS.iter().position(|(_, harm)| *harm == draft.harm);
        place.unwrap_or_default()
    };
    let chosen = |event: &leptos::ev::Event| event_target_value(event).parse::<usize>().ok();
    view! {
        <div class="report-pair">
            <label class="form-field">
                <span>{t!("report.harm.label").into_owned()}</span>
                <select
                    class="field"
                    data-testid="report-harm"
                    prop:value=move || of_draft(harm_place)
                    on:change=move |event| {
                        if let Some((_, harm)) = chosen(&event).and_then(|at| HARMS.get(at)) {
                            desk.edit_report(|draft| draft.harm = *harm);
                        }
                    }
                >
                    {HARMS.into_iter().enumerate().map(|(at, (_, harm))| {
                        view! { <option value=at.to_string()>{harm_words(harm)}</option> }
                    }).collect_view()}
                </select>
            </label>
            <Line
                name="report-people"
                label=t!("report.people").into_owned()
                hint="0"
                read=|draft| &draft.people
                write=|draft| &mut draft.people
                field=Field::People
            />
        </div>
        <label class="form-field">
            <span>{t!("report.channel").into_owned()}</span>
            <select
                class="field"
                data-testid="report-channel"
                prop:value=move || of_draft(channel_place)
                on:change=move |event| {
                    if let Some(channel) = chosen(&event).and_then(|at| CHANNELS.get(at)) {
                        desk.edit_report(|draft| draft.channel = *channel);
                    }
                }
            >
                {CHANNELS.into_iter().enumerate().map(|(at, channel)| {
                    view! { <option value=at.to_string()>{strings::channel(channel)}</option> }
                }).collect_view()}
            </select>
        </label>
    }
}

/// Send, hide, throw away; the last asks first.
#[component]
fn SendButtons() -> impl IntoView {
    let desk = use_desk();
    let form = desk.report;
    let is_busy = Memo::new(move |_| desk.is_report_under_way());
    let discard = move |_| {
        let is_empty = form
            .draft
            .with_untracked(|draft| draft.as_ref().is_none_or(Draft::is_empty));
        if is_empty || form.asks_to_discard.get_untracked() {
            desk.end_report();
        } else {
            form.asks_to_discard.set(true);
        }
    };
    let discard_words = move || {
        if form.asks_to_discard.get() {
            t!("report.discard_sure").into_owned()
        } else {
            t!("report.discard").into_owned()
        }
    };
    let send_words = move || {
        if is_busy.get() {
            t!("desk.working").into_owned()
        } else {
            t!("report.send").into_owned()
        }
    };
    view! {
        <div class="report-buttons">
            {move || form.error.get().map(|words| {
                view! {
                    <p class="dialog-error" role="alert" data-testid="report-error">{words}</p>
                }
            })}
            <div class="dialog-buttons">
                <button
                    type="button"
                    class="button is-quiet"
                    class:is-warned=move || form.asks_to_discard.get()
                    data-testid="report-discard"
                    title=t!("report.discard_hint").into_owned()
                    on:click=discard
                    on:blur=move |_| form.asks_to_discard.set(false)
                >
                    {discard_words}
                </button>
                <button
                    type="submit"
                    class="button is-primary"
                    data-testid="report-send"
                    title=t!("report.send_hint").into_owned()
                    disabled=move || is_busy.get()
                    aria-busy=move || is_busy.get().to_string()
                >
                    {send_words}
                </button>
            </div>
        </div>
    }
}
