//! The card of a conflict: both versions side by side, what others have done, and three choices.

use domain::{IncidentId, IntentKey, Timestamp};
use leptos::prelude::*;
use rust_i18n::t;

use super::conflicts::{Change, ConflictView, Line, Since, compared, count, views};
use super::proposal::Replacing;
use super::state::{DeskContext, DeskDialog, mint_key, use_desk};
use super::trail_panel::moment;
use super::words;
use crate::components::KeyedRows;
use crate::state::Slice;
use crate::strings;

/// The conflicts of an incident, above everything else that can be done about it.
#[component]
pub fn Conflicts(
    /// The incident.
    incident: IncidentId,
) -> impl IntoView {
    let desk = use_desk();
    let shown = desk.hall.memo(
        &[Slice::Outbox, Slice::Incidents, Slice::Orders],
        move |hall, catalogue, _| views(&hall.outbox, Some(incident), &hall.situation, catalogue),
    );
    view! {
        <KeyedRows
            rows=shown
            key=|row: &ConflictView| row.key
            row=move |row| view! { <Card row place="detail" /> }
        />
    }
}

/// The conflict of one item of the outbox; nothing where there is none.
#[component]
pub fn ConflictOf(
    /// The item.
    key: IntentKey,
) -> impl IntoView {
    let desk = use_desk();
    let shown = desk.hall.memo(
        &[Slice::Outbox, Slice::Incidents, Slice::Orders],
        move |hall, catalogue, _| {
            let mut all = views(&hall.outbox, None, &hall.situation, catalogue);
            all.retain(|view| view.key == key);
            all
        },
    );
    view! {
        <KeyedRows
            rows=shown
            key=|row: &ConflictView| row.key
            row=move |row| view! { <Card row place="outbox" /> }
        />
    }
}

/// Says once that something is in conflict, wherever the officer looks.
pub fn announce(desk: DeskContext) {
    let in_conflict = desk
        .hall
        .memo(&[Slice::Outbox], |hall, _, _| count(&hall.outbox));
    Effect::new(move |before: Option<usize>| {
        let now = in_conflict.get();
        if now > before.unwrap_or_default() {
            desk.toasts.warn(t!("conflict.noticed", n = now));
        }
        now
    });
}

#[component]
fn Card(row: Memo<ConflictView>, place: &'static str) -> impl IntoView {
    let today = use_desk().today;
    let key = row.with_untracked(|row| row.key);
    let id = format!("conflict-{place}-{key}");
    let label = id.clone();
    // One card is one wish, however often its button is clicked; more steps make another card.
    let seen_steps = Memo::new(move |_| row.with(|row| row.seen_steps));
    let override_key = Memo::new(move |_| {
        seen_steps.track();
        mint_key()
    });
    view! {
        <section
            class="conflict"
            aria-labelledby=label
            data-testid="conflict"
            data-parked=move || row.with(|row| row.is_parked).to_string()
        >
            <h3 id=id class="conflict-title">
                <span class="conflict-sign" aria-hidden="true">"≠"</span>
                {t!("conflict.title").into_owned()}
            </h3>
            {move || row.with(|row| body(row, today.get()))}
            {move || {
                let row = row.get();
                if row.is_parked {
                    view! { <Choices row override_key=override_key.get() /> }.into_any()
                } else {
                    view! { <p class="warn">{t!("conflict.ahead").into_owned()}</p> }.into_any()
                }
            }}
        </section>
    }
}

fn body(row: &ConflictView, today: Timestamp) -> impl IntoView + use<> {
    let intro = t!(
        "conflict.intro",
        at = moment(row.wanted_at, today),
        officer = row.officer,
        what = words::wish(&row.wish)
    )
    .into_owned();
    view! {
        <p>{intro}</p>
        {words::written(&row.words)}
        {(!row.lines.is_empty()).then(|| comparison(row, today))}
        <h4 class="conflict-since-title">{t!("conflict.since").into_owned()}</h4>
        {if row.since.is_empty() {
            view! { <p class="faint">{t!("conflict.nothing_since").into_owned()}</p> }.into_any()
        } else {
            view! {
                <ol class="conflict-since" data-testid="conflict-since">
                    {row.since.iter().map(|step| since(step, today)).collect_view()}
                </ol>
            }
                .into_any()
        }}
    }
}

fn comparison(row: &ConflictView, today: Timestamp) -> impl IntoView + use<> {
    let ours = t!("conflict.ours", at = moment(row.wanted_at, today)).into_owned();
    let theirs = t!("conflict.theirs", steps = row.seen_steps).into_owned();
    view! {
        <table class="conflict-table" data-testid="conflict-table">
            <thead>
                <tr>
                    <th scope="col">{t!("conflict.what").into_owned()}</th>
                    <th scope="col">{ours}</th>
                    <th scope="col">{theirs}</th>
                </tr>
            </thead>
            <tbody>{row.lines.iter().map(line).collect_view()}</tbody>
        </table>
    }
}

/// What differs is said by a word and an arrow, and stands in bold behind a bar.
fn line(line: &Line) -> impl IntoView + use<> {
    let differs = line.differs();
    let mark = differs.then(|| {
        view! {
            <span class="conflict-mark">
                <span aria-hidden="true">"▶ "</span>
                {t!("conflict.differs").into_owned()}
            </span>
        }
    });
    view! {
        <tr data-differs=differs.to_string()>
            <th scope="row">{compared(line.what)} " " {mark}</th>
            <td>{line.ours.clone()}</td>
            <td>{line.theirs.clone()}</td>
        </tr>
    }
}

fn since(step: &Since, today: Timestamp) -> impl IntoView + use<> {
    let what = words::about_it(strings::action(&step.action), step.about.as_ref());
    let mark = step.is_against.then(|| {
        view! {
            <span class="conflict-mark">
                <span aria-hidden="true">"▶ "</span>
                {t!("conflict.against").into_owned()}
            </span>
        }
    });
    view! {
        <li data-against=step.is_against.to_string()>
            <span class="faint number">{t!("conflict.step", n = step.step).into_owned()}</span>
            " "
            <time class="number" title=step.at.local_ymd()>{moment(step.at, today)}</time>
            " "
            <span>{what}</span>
            " "
            <span class="faint">{words::doer(&step.by)}</span>
            " "
            {mark}
            {step.reason.clone().map(|reason| view! { <p class="trail-words">{reason}</p> })}
        </li>
    }
}

#[component]
fn Choices(row: ConflictView, override_key: IntentKey) -> impl IntoView {
    let desk = use_desk();
    let key = row.key;
    let is_busy = move || desk.is_busy(&format!("outbox {key}"));
    let (may_send, may_change) = (row.may_send, row.change != Change::No);
    let send_hint = if may_send {
        t!("conflict.send_hint").into_owned()
    } else {
        let state = strings::incident_state(row.state);
        t!("conflict.send_impossible", state = state).into_owned()
    };
    let change_hint = if may_change {
        t!("conflict.change_hint").into_owned()
    } else if may_send {
        t!("conflict.change_impossible").into_owned()
    } else {
        send_hint.clone()
    };
    let what = words::wish(&row.wish);
    let (send_row, change_row, dropped) = (row.clone(), row, what);
    view! {
        <div
            class="conflict-choices"
            role="group"
            aria-label=t!("conflict.choices").into_owned()
        >
            <button
                type="button"
                class="button"
                data-testid="conflict-send"
                title=send_hint.clone()
                disabled=move || is_busy() || !may_send
                on:click=move |_| desk.ask_to_send_anyway(&send_row, override_key)
            >
                {t!("conflict.send").into_owned()}
            </button>
            <button
                type="button"
                class="button"
                data-testid="conflict-change"
                title=change_hint
                disabled=move || is_busy() || !may_change
                on:click=move |_| desk.change_parked(&change_row)
            >
                {t!("conflict.change").into_owned()}
            </button>
            <button
                type="button"
                class="button is-quiet"
                data-testid="conflict-drop"
                title=t!("conflict.drop_hint").into_owned()
                disabled=is_busy
                on:click=move |_| {
                    let what = dropped.clone();
                    desk.open(DeskDialog::Drop { key, what, is_report: false });
                }
            >
                {t!("conflict.drop").into_owned()}
            </button>
            {(!may_send).then(|| view! { <p class="faint">{send_hint.clone()}</p> })}
        </div>
    }
}

impl DeskContext {
    /// Asks for the reason to send something all the same.
    fn ask_to_send_anyway(self, row: &ConflictView, key: IntentKey) {
        self.open(DeskDialog::SendAnyway {
            parked: row.key,
            key,
            seen_steps: row.seen_steps,
            what: words::wish(&row.wish),
        });
    }

    /// Opens the form that the parked one came from, with what stands in it.
    fn change_parked(self, row: &ConflictView) {
        match &row.change {
            Change::Order { instruction } => {
                self.replacing.set(Some(Replacing {
                    parked: row.key,
                    incident: row.incident,
                    what: words::wish(&row.wish),
                    instruction: instruction.clone(),
                }));
                self.instruction.set(Some(instruction.clone()));
                self.is_outbox_open.set(false);
                self.select(row.incident);
            }
            Change::Step { step, words } => self.open(DeskDialog::Step {
                key: mint_key(),
                incident: row.incident,
                step: *step,
                seen: row.seen,
                replaces: Some((row.key, words.clone())),
            }),
            Change::No => {}
        }
    }
}
