//! The card of whistles: who was called, how far they are, and the way to call others.

use domain::trail::Action;
use domain::whistle::{Permission, WhistleRefused};
use domain::{DepartmentId, IncidentId};
use leptos::prelude::*;
use rust_i18n::t;

use super::prospect::Prospect;
use super::state::{DeskContext, DeskDialog, TrailView, mint_key, use_desk};
use super::tasks::{Task, Upon, step_name};
use super::whistles::{CallRow, CallState, Recording, WhistleCard, WhyNot, card};
use crate::components::{LampClock, Tag, Tip, Tone};
use crate::state::Slice;

/// The card of an incident.
#[component]
pub fn WhistlePanel(
    /// The incident.
    incident: IncidentId,
) -> impl IntoView {
    let desk = use_desk();
    let shown = desk.hall.memo(
        &[Slice::Incidents, Slice::Outbox, Slice::Second],
        move |hall, catalogue, now| {
            let prospect = Prospect::in_hall(hall, catalogue, incident)?;
            let rules = &catalogue?.reference.rules;
            desk.trail.with(|trail| {
                let trail = match trail {
                    TrailView::Shown(trail) => Some(trail.as_slice()),
                    _ => None,
                };
                // While another matter's trail is shown, this one's is still on its way.
                let trail = trail.filter(|t| t.first().is_some_and(|e| e.incident == incident));
                card(&prospect, trail, desk.role.get(), rules, now)
            })
        },
    );
    move || shown.get().map(|card| content(desk, incident, &card))
}

fn content(desk: DeskContext, incident: IncidentId, card: &WhistleCard) -> impl IntoView + use<> {
    let may_record = card.may_record;
    let rows = card.rows.clone();
    let is_empty = rows.is_empty();
    view! {
        <section class="card whistles" aria-labelledby="whistles-title" data-testid="whistles">
            <header class="card-head">
                <h3 id="whistles-title">{t!("whistle.title").into_owned()}</h3>
                {is_empty.then(|| view! { <span class="faint">{t!("whistle.none").into_owned()}</span> })}
                <span class="card-note">{blow(desk, incident, card)}</span>
            </header>
            <ul class="whistle-list">
                {rows
                    .into_iter()
                    .map(|row| call_row(desk, incident, row, may_record))
                    .collect_view()}
            </ul>
        </section>
    }
}

/// The button that opens the form. While there is no form it rests, but keeps the focus, so that its
/// tooltip reaches keyboards too.
fn blow(desk: DeskContext, incident: IncidentId, card: &WhistleCard) -> impl IntoView + use<> {
    let words = offer_words(&card.offer);
    let is_waiting = card.offer == Err(WhyNot::Waiting);
    let permission = card.offer.clone().ok();
    let choices = card.choices.clone();
    let open = move |_| {
        if let Some(permission) = permission {
            desk.open(DeskDialog::Whistle {
                key: mint_key(),
                incident,
                seen: desk.seen(incident),
                needs_reason: permission == Permission::WithReason,
                choices: choices.clone(),
            });
        }
    };
    view! {
        <Tip text=words>
            <button
                type="button"
                class="button is-quiet"
                data-testid="whistle-blow"
                aria-disabled=permission.is_none().to_string()
                aria-busy=is_waiting.to_string()
                on:click=open
            >
                {t!("whistle.blow").into_owned()}
            </button>
        </Tip>
    }
}

/// Why the form is there, or why it is not.
fn offer_words(offer: &Result<Permission, WhyNot>) -> String {
    match offer {
        Ok(Permission::ByRule) => t!("whistle.why.hint"),
        Ok(Permission::WithReason) => t!("whistle.why.with_reason"),
        Err(WhyNot::Loading) => t!("whistle.why.loading"),
        Err(WhyNot::State | WhyNot::Rule(WhistleRefused::MatterEnded)) => t!("whistle.why.state"),
        Err(WhyNot::Waiting) => t!("desk.step.waiting"),
        Err(WhyNot::Role) => t!("whistle.why.role"),
        Err(WhyNot::AllCalled) => t!("whistle.why.all_called"),
        Err(WhyNot::Rule(WhistleRefused::LevelNotAllowed { .. })) => t!("whistle.why.level"),
        Err(WhyNot::Rule(WhistleRefused::StreetHasNotHandled)) => t!("whistle.why.street_first"),
        Err(WhyNot::Rule(_)) => t!("whistle.why.other"),
    }
    .into_owned()
}

fn state_words(state: CallState) -> (String, Tone) {
    let (words, tone) = match state {
        CallState::Called => (t!("whistle.state.called"), Tone::Quiet),
        CallState::Unanswered => (t!("whistle.state.unanswered"), Tone::Warn),
        CallState::SignedIn { is_late: false } => (t!("whistle.state.signed_in"), Tone::Quiet),
        CallState::SignedIn { is_late: true } => (t!("whistle.state.signed_in_late"), Tone::Warn),
        CallState::Done { is_late: false } => (t!("whistle.state.done"), Tone::Quiet),
        CallState::Done { is_late: true } => (t!("whistle.state.done_late"), Tone::Warn),
        CallState::Released => (t!("whistle.state.released"), Tone::Quiet),
    };
    (words.into_owned(), tone)
}

fn call_row(
    desk: DeskContext,
    incident: IncidentId,
    row: CallRow,
    may_record: bool,
) -> impl IntoView {
    let (words, tone) = state_words(row.state);
    let clock_name = match row.state {
        CallState::Called | CallState::Unanswered => t!("whistle.response_clock"),
        _ => t!("whistle.handling_clock"),
    };
    let runs = matches!(
        row.state,
        CallState::Called | CallState::Unanswered | CallState::SignedIn { .. }
    );
    let clock = runs.then_some(row.clock);
    let rating = row.rating.map(|n| t!("whistle.rating", n = n).into_owned());
    let department = row.department.to_string();
    let name = row.name.clone();
    let number = t!("whistle.number", n = row.whistle).into_owned();
    let buttons = may_record.then(|| record(desk, incident, row));
    view! {
        <li class="whistle-row" data-testid="whistle-row" data-department=department>
            <span class="faint number">{number}</span>
            <span class="whistle-name">{name}</span>
            <Tag text=words tone />
            <span title=clock_name.into_owned()>
                <LampClock clock />
            </span>
            {rating.map(|words| view! { <span class="faint">{words}</span> })}
            {buttons}
        </li>
    }
}

/// What an officer records for a department: its sign-in, then its completion. What has been
/// recorded and waits rests.
fn record(desk: DeskContext, incident: IncidentId, row: CallRow) -> impl IntoView {
    let (number, department) = (row.whistle, row.department.clone());
    let sign_in = row.sign_in.map(|recording| match recording {
        Recording::Open => sign_in(desk, incident, number, department).into_any(),
        Recording::Waiting => resting(&t!("whistle.sign_in"), "whistle-sign-in"),
    });
    let completion = row.completion.map(|recording| match recording {
        Recording::Open => completion(desk, incident, row).into_any(),
        Recording::Waiting => resting(&t!("whistle.done"), "whistle-done"),
    });
    view! {
        {sign_in}
        {completion}
    }
}

/// A button of something that waits to be carried out, as those of the steps.
fn resting(words: &str, name: &'static str) -> AnyView {
    // The words of what opens a form end so already.
    let words = format!("{}…", words.trim_end_matches('…'));
    view! {
        <button
            type="button"
            class="button is-quiet"
            data-testid=name
            title=t!("desk.step.waiting").into_owned()
            disabled=true
            aria-busy="true"
        >
            {words}
        </button>
    }
    .into_any()
}

fn completion(desk: DeskContext, incident: IncidentId, row: CallRow) -> impl IntoView {
    let open = move |_| {
        desk.open(DeskDialog::WhistleDone {
            key: mint_key(),
            incident,
            seen: desk.seen(incident),
            whistle: row.whistle,
            department: row.department.clone(),
            name: row.name.clone(),
        });
    };
    view! {
        <button type="button" class="button is-quiet" data-testid="whistle-done" on:click=open>
            {t!("whistle.done").into_owned()}
        </button>
    }
}

fn sign_in(
    desk: DeskContext,
    incident: IncidentId,
    whistle: u16,
    department: DepartmentId,
) -> impl IntoView {
    // One key for the shown button, so that a double click is the same intent.
    let key = mint_key();
    let is_busy = Memo::new(move |_| desk.is_busy(&step_name(key)));
    let record = move |_| {
        desk.perform(Task::Act {
            key,
            incident,
            action: Action::SignIn {
                whistle,
                department: department.clone(),
            },
            reason: None,
            upon: Upon::shown(desk.seen(incident)),
        });
    };
    view! {
        <button
            type="button"
            class="button is-quiet"
            data-testid="whistle-sign-in"
            disabled=move || is_busy.get()
            on:click=record
        >
            {t!("whistle.sign_in").into_owned()}
        </button>
    }
}
