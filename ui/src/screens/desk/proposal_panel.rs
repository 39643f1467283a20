//! Who is proposed for the selected incident, with the reasons, and the one button that sends.

use domain::{IncidentId, Timestamp};
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use protocol::{ErrorCode, UiError};
use rust_i18n::t;

use super::actions::{can_dispatch, may_dispatch};
use super::candidates::{CandidateRow, CandidateRows};
use super::proposal::{ask, objections};
use super::prospect::Prospect;
use super::state::{DeskContext, DeskDialog, ProposalView, use_desk};
use super::words;
use crate::state::Slice;
use crate::strings;
use domain::dispatch::Reason;

/// How often the shown ranking follows the people who move.
const RERANK_MS: u32 = 30_000;

/// The proposal for the selected incident; nothing where nobody can be sent.
#[component]
pub fn ProposalPanel(
    /// The rows of the shown proposal.
    rows: Memo<CandidateRows>,
    /// Whether somebody is on it already, so that sending one more is no longer what matters most.
    #[prop(into)]
    is_under_way: Signal<bool>,
) -> impl IntoView {
    let desk = use_desk();
    let is_hovered = RwSignal::new(false);
    rerank_while_shown(desk, is_hovered);
    let kind = Memo::new(move |_| {
        desk.proposal.with(|view| match view {
            ProposalView::None => Kind::None,
            ProposalView::Asked(_) => Kind::Asked,
            ProposalView::Shown(_) => Kind::Shown,
            ProposalView::Failed(incident, error) => Kind::Failed(*incident, error.clone()),
        })
    });
    let slices = &[Slice::Incidents, Slice::Outbox];
    let is_barred = desk.hall.memo(slices, move |hall, catalogue, _| {
        let selected = desk.incident.get();
        let prospect = selected.and_then(|id| Prospect::in_hall(hall, catalogue, id));
        let can = prospect.is_some_and(|prospect| can_dispatch(prospect.incident()));
        can && !may_dispatch(desk.role.get())
    });
    view! {
        <Show when=move || is_barred.get()>
            <p class="faint">{t!("desk.propose.not_for_role").into_owned()}</p>
        </Show>
        <Show when=move || kind.get() != Kind::None>
            <section
                class="card propose"
                aria-labelledby="propose-title"
                data-testid="proposal"
                data-more=move || is_under_way.get().to_string()
                on:pointerenter=move |_| is_hovered.set(true)
                on:pointerleave=move |_| is_hovered.set(false)
            >
                <Head is_under_way />
                <BeingReplaced />
                {move || match kind.get() {
                    Kind::None => ().into_any(),
                    Kind::Asked => view! { <p class="faint">{t!("desk.propose.ranking").into_owned()}</p> }.into_any(),
                    Kind::Failed(incident, error) => failed(desk, incident, &error).into_any(),
                    Kind::Shown => view! { <Candidates rows is_under_way /> }.into_any(),
                }}
            </section>
        </Show>
    }
}

#[derive(Clone, PartialEq)]
enum Kind {
    None,
    Asked,
    Shown,
    Failed(IncidentId, UiError),
}

/// The ranking follows the street, but not while the pointer is on it or something has just been
/// sent: nobody may be swapped under a click.
fn rerank_while_shown(desk: DeskContext, is_hovered: RwSignal<bool>) {
    let again = Interval::new(RERANK_MS, move || {
        let shown = desk.proposal.with_untracked(|view| match view {
            ProposalView::Shown(shown) => Some(shown.incident),
            _ => None,
        });
        let is_quiet = !is_hovered.get_untracked()
            && desk.dialog.with_untracked(Option::is_none)
            && desk.instruction.with_untracked(Option::is_none);
        if let Some(incident) = shown.filter(|_| is_quiet) {
            ask(desk, incident);
        }
    });
    let again = StoredValue::new_local(Some(again));
    on_cleanup(move || {
        again.try_update_value(Option::take);
    });
}

/// Says that the next order takes the place of a parked one, until somebody thinks otherwise.
#[component]
fn BeingReplaced() -> impl IntoView {
    let desk = use_desk();
    let what = Memo::new(move |_| {
        let incident = desk.proposal.with(ProposalView::incident);
        desk.replacing.with(|one| {
            let one = one.as_ref().filter(|one| Some(one.incident) == incident);
            one.map(|one| one.what.clone())
        })
    });
    move || {
        what.get().map(|what| {
            view! {
                <p class="conflict-replacing warn" role="status" data-testid="replacing">
                    {t!("conflict.replacing", what = what).into_owned()}
                    " "
                    <button
                        type="button"
                        class="link"
                        title=t!("conflict.replacing_stop_hint").into_owned()
                        on:click=move |_| {
                            desk.replacing.set(None);
                            desk.instruction.set(None);
                        }
                    >
                        {t!("conflict.replacing_stop").into_owned()}
                    </button>
                </p>
            }
        })
    }
}

#[component]
fn Head(is_under_way: Signal<bool>) -> impl IntoView {
    let desk = use_desk();
    let ranked_at = move || {
        if desk.is_settling.get() {
            return Some(t!("desk.propose.changed").into_owned());
        }
        desk.proposal.with(|view| match view {
            ProposalView::Shown(shown) => Some(ranked_words(shown.ranked_at)),
            _ => None,
        })
    };
    let title = move || {
        if is_under_way.get() {
            t!("desk.propose.more")
        } else {
            t!("desk.propose.title")
        }
        .into_owned()
    };
    view! {
        <header class="card-head">
            <h3 id="propose-title">{title}</h3>
            <span
                class="card-note number"
                class:warn=move || desk.is_settling.get()
                role="status"
            >
                {ranked_at}
            </span>
            <button
                type="button"
                class="link"
                data-testid="rank-again"
                title=t!("desk.propose.refresh").into_owned()
                aria-label=t!("desk.propose.refresh").into_owned()
                on:click=move |_| {
                    if let Some(incident) = desk.proposal.with_untracked(ProposalView::incident) {
                        ask(desk, incident);
                    }
                }
            >
                "↻"
            </button>
        </header>
    }
}

fn ranked_words(at: Timestamp) -> String {
    t!("desk.propose.ranked_at", at = at.local_hms()).into_owned()
}

fn failed(desk: DeskContext, incident: IncidentId, error: &UiError) -> impl IntoView + use<> {
    let is_sign_in = error.code == ErrorCode::SignInNeeded;
    let words = t!("desk.propose.failed", error = error.message).into_owned();
    view! {
        <p class="card-error" role="alert">{words}</p>
        {if is_sign_in {
            view! {
                <button
                    type="button"
                    class="button is-primary"
                    data-testid="propose-sign-in"
                    on:click=move |_| desk.open(DeskDialog::SignIn(None))
                >
                    {t!("desk.officer.sign_in").into_owned()}
                </button>
            }
                .into_any()
        } else {
            view! {
                <button type="button" class="button" on:click=move |_| ask(desk, incident)>
                    {t!("desk.propose.retry").into_owned()}
                </button>
            }
                .into_any()
        }}
    }
}

#[component]
fn Candidates(rows: Memo<CandidateRows>, is_under_way: Signal<bool>) -> impl IntoView {
    let has_best = Memo::new(move |_| rows.with(|rows| rows.best.is_some()));
    let others = Memo::new(move |_| rows.with(|rows| rows.others.clone()));
    let held_back = Memo::new(move |_| rows.with(|rows| rows.held_back.clone()));
    view! {
        {move || {
            if has_best.get() {
                view! { <Best best=Memo::new(move |before| best_or_last(rows, before)) is_under_way /> }
                    .into_any()
            } else {
                view! {
                    <div class="propose-none" data-testid="propose-none">
                        <p>{t!("desk.propose.none").into_owned()}</p>
                        <p class="faint">{t!("desk.propose.none_hint").into_owned()}</p>
                    </div>
                }
                    .into_any()
            }
        }}
        <Instruction />
        <Group rows=others words=|n| t!("desk.propose.others", n = n).into_owned() name="others" />
        <Group
            rows=held_back
            words=|n| t!("desk.propose.held_back", n = n).into_owned()
            name="held-back"
        />
    }
}

/// Colour and meaning of the primary button.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SendLook {
    SignIn,
    Ready,
    More,
    Sending,
    JustSent,
}

/// The best of the moment; the last one while its place is about to be taken away.
fn best_or_last(
    rows: Memo<CandidateRows>,
    before: Option<&Option<CandidateRow>>,
) -> Option<CandidateRow> {
    rows.with(|rows| rows.best.clone())
        .or_else(|| before.cloned().flatten())
}

/// The one who is sent by one click. The button stays the same element while the ranking is
/// refreshed, so that a click on it is never lost.
#[component]
fn Best(best: Memo<Option<CandidateRow>>, is_under_way: Signal<bool>) -> impl IntoView {
    let desk = use_desk();
    let incident = desk.proposal.with_untracked(ProposalView::incident);
    let look = Memo::new(move |_| match incident {
        Some(incident) if desk.is_sending(incident) => SendLook::Sending,
        Some(incident) if desk.undoable(incident).is_some() => SendLook::JustSent,
        _ if !desk.is_signed_in() => SendLook::SignIn,
        _ if is_under_way.get() => SendLook::More,
        _ => SendLook::Ready,
    });
    let label = move || {
        match look.get() {
            SendLook::SignIn => t!("desk.propose.sign_in_and_dispatch"),
            SendLook::Ready => t!("desk.propose.dispatch"),
            SendLook::More => t!("desk.propose.dispatch_more"),
            SendLook::Sending => t!("desk.propose.sending"),
            SendLook::JustSent => t!("desk.propose.just_sent"),
        }
        .into_owned()
    };
    let rests = move || {
        matches!(look.get(), SendLook::Sending | SendLook::JustSent) || desk.is_settling.get()
    };
    let name = move || best.with(|b| b.as_ref().map(|b| b.name.clone()).unwrap_or_default());
    let person = move || best.with(|b| b.as_ref().map(|b| b.person.to_string()));
    view! {
        <div class="propose-best" data-testid="proposed-best" data-person=person>
            {move || best.get().map(|row| view! { <CandidateText row is_best=true /> })}
            <button
                type="button"
                class="button is-large"
                class:is-primary=move || look.get() != SendLook::More
                data-testid="dispatch-best"
                title=move || t!("desk.propose.dispatch_hint", name = name()).into_owned()
                aria-label=move || format!("{} {}", label(), name())
                aria-busy=move || (look.get() == SendLook::Sending).to_string()
                disabled=rests
                on:click=move |_| {
                    if let Some(best) = best.get_untracked() {
                        desk.dispatch(&best);
                    }
                }
            >
                {label}
                <kbd class="key" aria-hidden="true">"D"</kbd>
            </button>
        </div>
    }
}

#[component]
fn CandidateText(row: CandidateRow, is_best: bool) -> impl IntoView {
    let desk = use_desk();
    let person = row.person;
    let reasons = reason_parts(&row);
    let against = (!row.is_offered()).then(|| objections(&row));
    let show = t!("desk.orders.show_person", name = row.name).into_owned();
    view! {
        <div class="candidate-text">
            <p class="candidate-name">
                <button
                    type="button"
                    class="link"
                    title=show
                    on:click=move |_| desk.show_person(person)
                >
                    {row.name.clone()}
                </button>
                <span class="faint">{row.post.map(strings::post)}</span>
                {is_best
                    .then(|| view! { <span class="tag">{t!("desk.propose.best").into_owned()}</span> })}
            </p>
            <p class="candidate-merits">{reasons}</p>
            {against.map(|words| view! { <p class="candidate-against">{words}</p> })}
        </div>
    }
}

/// The reasons one after the other; a line breaks between two of them only, after the dot.
fn reason_parts(row: &CandidateRow) -> impl IntoView + use<> {
    let last = row.reasons.len().saturating_sub(1);
    let part = |(place, reason): (usize, &Reason)| {
        let words = words::reason(*reason);
        let words = if place == last {
            words
        } else {
            format!("{words} ·")
        };
        view! { <span class="merit">{words}</span> " " }
    };
    row.reasons.iter().enumerate().map(part).collect_view()
}

/// What the phone will show; one link makes it a field.
#[component]
fn Instruction() -> impl IntoView {
    let desk = use_desk();
    let is_edited = move || desk.instruction.with(Option::is_some);
    let suggested = move || {
        desk.proposal.with(|view| match view {
            ProposalView::Shown(shown) => shown.instruction.clone(),
            _ => String::new(),
        })
    };
    view! {
        <div class="propose-words">
            <span class="faint">{t!("desk.propose.instruction").into_owned()}</span>
            {move || {
                if is_edited() {
                    view! {
                        <textarea
                            class="field"
                            rows="2"
                            maxlength="500"
                            data-testid="instruction"
                            aria-label=t!("desk.propose.instruction").into_owned()
                            prop:value=desk.instruction.get_untracked().unwrap_or_default()
                            on:input=move |event| {
                                desk.instruction.set(Some(event_target_value(&event)));
                            }
                        ></textarea>
                    }
                        .into_any()
                } else {
                    view! {
                        <span class="propose-instruction">{suggested}</span>
                        <button
                            type="button"
                            class="link"
                            title=t!("desk.propose.edit").into_owned()
                            aria-label=t!("desk.propose.edit").into_owned()
                            on:click=move |_| desk.instruction.set(Some(suggested()))
                        >
                            "✎"
                        </button>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

/// A folded list of further responders.
#[component]
fn Group(
    rows: Memo<Vec<CandidateRow>>,
    words: fn(usize) -> String,
    name: &'static str,
) -> impl IntoView {
    view! {
        <Show when=move || !rows.with(Vec::is_empty)>
            <details class="propose-group" data-testid=format!("propose-{name}")>
                <summary>{move || words(rows.with(Vec::len))}</summary>
                <ul>
                    <For each=move || rows.get() key=CandidateRow::clone let(row)>
                        <Further row />
                    </For>
                </ul>
            </details>
        </Show>
    }
}

#[component]
fn Further(row: CandidateRow) -> impl IntoView {
    let desk = use_desk();
    let incident = desk.proposal.with_untracked(ProposalView::incident);
    let rests = move || incident.is_none_or(|incident| !desk.can_send(incident));
    let (label, hint) = if row.is_offered() {
        (
            t!("desk.propose.dispatch"),
            t!("desk.propose.dispatch_other_hint", name = row.name),
        )
    } else {
        (
            t!("desk.propose.override"),
            t!("desk.propose.override_hint", name = row.name),
        )
    };
    let name = row.name.clone();
    let is_offered = row.is_offered();
    let is_sent = row.is_sent;
    let person = row.person.to_string();
    view! {
        <li class="candidate" class:is-held-back=!is_offered data-person=person>
            <CandidateText row=row.clone() is_best=false />
            {(!is_sent)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button"
                            data-testid=if is_offered { "dispatch-other" } else { "dispatch-override" }
                            title=hint.into_owned()
                            aria-label=format!("{label} {name}")
                            disabled=rests
                            on:click=move |_| desk.dispatch(&row)
                        >
                            {label.clone().into_owned()}
                        </button>
                    }
                })}
        </li>
    }
}
