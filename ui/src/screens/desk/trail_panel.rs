//! The trail of the selected incident, and above it what is still on its way there.

use std::collections::BTreeSet;

use domain::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::commands::GetTrail;
use rust_i18n::t;

use super::outbox::{OutboxRow, pending_rows};
use super::queue_rows::order_state_name;
use super::state::{DeskContext, TrailView, use_desk};
use super::timeline::{TimelineRow, rows};
use super::words;
use crate::bindings::call;
use crate::components::{CopyableId, KeyedRows, Tag, order_tone};
use crate::state::Slice;
use crate::strings;

/// Loads the trail of the selected incident and again whenever it has grown.
pub fn follow_trail(desk: DeskContext) {
    let grown = RwSignal::new(0_u32);
    let hall = desk.hall;
    hall.on_changes(move |_, changes| {
        let selected = desk.incident.get_untracked();
        if selected.is_some_and(|id| changes.everything || changes.trails.contains(&id)) {
            grown.update(|n| *n = n.wrapping_add(1));
        }
    });
    let wanted = hall.memo(&[Slice::Incidents], move |hall_now, _, _| {
        let selected = desk.incident.get()?;
        let incident = hall_now.situation.incidents.get(&selected)?;
        Some((selected, incident.steps))
    });
    Effect::new(move |before: Option<Option<domain::IncidentId>>| {
        grown.track();
        let (incident, _) = wanted.get()?;
        if before.flatten() != Some(incident) {
            desk.trail.set(TrailView::Loading);
        }
        spawn_local(async move {
            let answer = call(GetTrail { incident }).await;
            if desk.incident.get_untracked() != Some(incident) {
                return;
            }
            match answer {
                Ok(trail) => desk.trail.set(TrailView::Shown(trail)),
                Err(error) => desk.trail.set(TrailView::Failed(error)),
            }
        });
        Some(incident)
    });
}

/// The trail.
#[component]
pub fn TrailPanel() -> impl IntoView {
    let desk = use_desk();
    let shown = desk.hall.memo(
        &[Slice::People, Slice::Orders],
        move |hall, catalogue, _| {
            desk.trail.with(|trail| match trail {
                TrailView::Shown(trail) => {
                    rows(trail, &hall.situation, catalogue.map(|c| &c.reference))
                }
                _ => Vec::new(),
            })
        },
    );
    let instead = move || {
        desk.trail.with(|trail| match trail {
            TrailView::Loading => Some((false, t!("desk.trail.loading").into_owned())),
            TrailView::Failed(error) => Some((
                true,
                t!("desk.trail.failed", error = error.message).into_owned(),
            )),
            TrailView::Shown(trail) => trail
                .is_empty()
                .then(|| (false, t!("desk.trail.empty").into_owned())),
        })
    };
    view! {
        <section class="card trail" aria-labelledby="trail-title" data-testid="trail">
            <header class="card-head">
                <h3 id="trail-title">{t!("desk.trail.title").into_owned()}</h3>
            </header>
            {move || {
                instead()
                    .map(|(is_error, words)| {
                        view! {
                            <p class=if is_error { "card-error" } else { "faint" } role="status">
                                {words}
                            </p>
                        }
                    })
            }}
            <Pending />
            <ol class="trail-list">
                <For each=move || shown.get() key=|row| (row.step, row.hash.clone()) let(row)>
                    {trail_row(&row, desk.today)}
                </For>
            </ol>
        </section>
    }
}

/// What is wanted of the incident and not on its record yet. It stands above the trail, because it comes
/// after all that is on it.
#[component]
fn Pending() -> impl IntoView {
    let desk = use_desk();
    let recorded = Memo::new(move |_| {
        desk.trail.with(|trail| match trail {
            TrailView::Shown(trail) => {
                let mandates = trail.iter().filter_map(|entry| entry.mandate.as_ref());
                mandates.map(|mandate| mandate.intent).collect()
            }
            _ => BTreeSet::new(),
        })
    });
    let rows = desk.hall.memo(
        &[Slice::Outbox, Slice::Incidents, Slice::People],
        move |hall, catalogue, now| {
            let Some(incident) = desk.incident.get() else {
                return Vec::new();
            };
            let reference = catalogue.map(|catalogue| &catalogue.reference);
            let (outbox, situation) = (&hall.outbox, &hall.situation);
            recorded.with(|recorded| {
                pending_rows(outbox, incident, recorded, situation, reference, now)
            })
        },
    );
    view! {
        <Show when=move || !rows.with(Vec::is_empty)>
            <ol class="trail-list trail-pending" aria-label=t!("desk.trail.pending").into_owned()>
                <KeyedRows
                    rows
                    key=|row: &OutboxRow| row.key
                    row=move |row| view! { <PendingItem row /> }
                />
            </ol>
        </Show>
    }
}

#[component]
fn PendingItem(row: Memo<OutboxRow>) -> impl IntoView {
    let today = use_desk().today;
    let at = move || moment(row.with(|row| row.occurred_at), today.get());
    let tone = move || row.with(|row| order_tone(row.state));
    view! {
        <li
            class="trail-row"
            data-testid="trail-pending"
            data-state=move || row.with(|row| order_state_name(row.state))
        >
            <time class="number" title=move || row.with(|row| row.occurred_at.local_ymd())>
                {at}
            </time>
            <div class="trail-what">
                <p>
                    <span class="trail-action">{move || row.with(|row| words::wish(&row.wish))}</span>
                    <span class="faint">{move || row.with(|row| row.officer.clone())}</span>
                </p>
                {move || row.with(|row| words::written(&row.words))}
            </div>
            <span class="trail-mark">
                <Tag
                    text=Signal::derive(move || row.with(|row| words::pending(row.state)))
                    tone=Signal::derive(tone)
                />
            </span>
        </li>
    }
}

fn trail_row(row: &TimelineRow, today: Memo<Timestamp>) -> impl IntoView + use<> {
    let occurred_at = row.occurred_at;
    let late = row.recorded_late_at.map(|at| {
        let words = move || t!("desk.trail.recorded", at = moment(at, today.get())).into_owned();
        let hint = t!("desk.trail.recorded_hint").into_owned();
        view! { <span class="trail-late" title=hint>{words}</span> }
    });
    let anyway = row.anyway.as_ref().map(|one| {
        let words = t!(
            "conflict.on_record",
            from = one.after_step + 1,
            to = one.until_step,
            reason = one.reason
        )
        .into_owned();
        view! { <p class="trail-words warn" data-testid="trail-anyway">{words}</p> }
    });
    view! {
        <li class="trail-row" data-testid="trail-row" data-step=row.step.to_string()>
            <time class="number" title=row.occurred_at.local_ymd()>
                {move || moment(occurred_at, today.get())}
            </time>
            <div class="trail-what">
                <p>
                    <span class="trail-action">{words::trail_action(row)}</span>
                    <span class="faint" title=row.from.as_ref().map(words::origin)>
                        {words::doer(&row.by)}
                    </span>
                    {late}
                </p>
                {row.words.clone().map(|words| view! { <p class="trail-words">{words}</p> })}
                {anyway}
            </div>
            <span class="trail-state faint">{strings::incident_state(row.state)}</span>
            <span class="trail-hash number">
                <CopyableId text=row.hash.clone() label=row.short_hash().to_owned() />
            </span>
        </li>
    }
}

/// The time of day, with month and day in front when it was not today, and the year when it was another
/// one.
pub fn moment(at: Timestamp, today: Timestamp) -> String {
    if at.local_date() == today.local_date() {
        at.local_hms()
    } else {
        strings::minute(at, today)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn another_day_is_said() {
        let now = sample::NOON;
        assert_eq!(moment(now.plus_ms(-1000), now), "11:59:59");
        assert_eq!(moment(now.plus_ms(-13 * 3_600_000), now), "11-19 23:00");
        assert_eq!(
            moment(now.plus_ms(-365 * 24 * 3_600_000), now),
            "2025-11-20 12:00"
        );
    }
}
