//! The steps of the life cycle that are legal now, as buttons.

use std::collections::BTreeMap;

use domain::{IncidentId, IntentKey, OrderState};
use leptos::prelude::*;
use protocol::feed::LineState;
use rust_i18n::t;

use super::actions::{OfferedStep, Step, handling_limit, offered_steps};
use super::prospect::Prospect;
use super::state::{DeskContext, DeskDialog, mint_key, use_desk};
use super::tasks::{Task, Upon};
use super::words;
use crate::state::Slice;
use crate::strings;

/// Keys of the shown buttons: one for each step of each stage to which an incident will have come, so that a double
/// click, or a second try after a failure, is the same intent.
#[derive(Debug, Clone, Default)]
pub struct StepKeys {
    keys: BTreeMap<(IncidentId, u32, Step), StepKey>,
}

#[derive(Debug, Clone, Copy)]
struct StepKey {
    key: IntentKey,
    /// Whether the outbox has it.
    is_queued: bool,
}

impl StepKeys {
    /// The key of a button, minted when it is first asked for. Keys of earlier stages of the same
    /// incident are forgotten.
    pub fn key(
        &mut self,
        incident: IncidentId,
        steps: u32,
        step: Step,
        mint: impl FnOnce() -> IntentKey,
    ) -> IntentKey {
        self.keys
            .retain(|(of, at, _), _| *of != incident || *at == steps);
        let fresh = || StepKey {
            key: mint(),
            is_queued: false,
        };
        self.keys
            .entry((incident, steps, step))
            .or_insert_with(fresh)
            .key
    }

    /// Notes what the outbox has. A step that has left it while its incident stayed as it was has been
    /// dropped: the next click on its button is another intent.
    pub fn meet(&mut self, queued: &[IntentKey]) {
        self.keys.retain(|_, known| {
            let was_queued = known.is_queued;
            known.is_queued = queued.contains(&known.key);
            known.is_queued || !was_queued
        });
    }
}

/// The buttons of an incident.
#[component]
pub fn StepBar(
    /// The incident.
    incident: IncidentId,
) -> impl IntoView {
    let desk = use_desk();
    let keys = StoredValue::new(StepKeys::default());
    let queued = desk.hall.memo(&[Slice::Outbox], |hall, _, _| {
        // Beside a step that was refused another click means another one.
        let items = hall.outbox.iter();
        let waiting = items.filter(|item| item.state != OrderState::Parked);
        waiting.map(|item| item.proposal.key).collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        queued.with(|queued| keys.update_value(|keys| keys.meet(queued)));
    });
    let buttons = desk.hall.memo(
        &[Slice::Incidents, Slice::Outbox],
        move |hall, catalogue, _| {
            let rules = catalogue.map(|c| &c.reference.rules);
            Prospect::in_hall(hall, catalogue, incident)
                .map(|prospect| offered_steps(&prospect, desk.role.get(), rules))
                .unwrap_or_default()
        },
    );
    view! {
        <Show when=move || !buttons.with(Vec::is_empty)>
            <div
                class="steps"
                role="group"
                aria-label=t!("desk.step.title").into_owned()
                data-testid="steps"
            >
                <For each=move || buttons.get() key=|button| *button let(button)>
                    {step_button(desk, incident, button, keys)}
                </For>
            </div>
            <StandsThen incident />
        </Show>
    }
}

/// While the line is away: in which state the incident will be for which the buttons are meant,
/// where that is not the one that is shown.
#[component]
fn StandsThen(incident: IncidentId) -> impl IntoView {
    let desk = use_desk();
    let state = desk.hall.memo(
        &[Slice::Incidents, Slice::Outbox, Slice::Line],
        move |hall, catalogue, _| {
            let prospect = Prospect::in_hall(hall, catalogue, incident)?;
            let state = prospect.incident().state;
            let is_away = hall.line.state != LineState::Online;
            (is_away && state != prospect.shown().state).then_some(state)
        },
    );
    move || {
        let state = strings::incident_state(state.get()?);
        let words = t!("desk.step.stands_then", state = state).into_owned();
        Some(view! { <p class="faint" role="status" data-testid="stands-then">{words}</p> })
    }
}

fn step_button(
    desk: DeskContext,
    incident: IncidentId,
    button: OfferedStep,
    keys: StoredValue<StepKeys>,
) -> impl IntoView {
    let step = button.step;
    // A remark may be made again and again, so waiting for one does not stop the next.
    let rests = button.is_waiting && step != Step::Note;
    let hint = if rests {
        t!("desk.step.waiting").into_owned()
    } else {
        words::step_hint(step)
    };
    view! {
        <button
            type="button"
            class="button"
            class:is-primary=step == Step::Close
            class:is-quiet=!step.moves_on()
            class:is-warned=step.is_grave()
            data-testid=format!("step-{}", step.name())
            title=hint
            disabled=rests
            aria-busy=rests.to_string()
            on:click=move |_| take(desk, incident, step, keys)
        >
            {words::step(step)}
            {rests.then_some("…")}
        </button>
    }
}

fn take(desk: DeskContext, incident: IncidentId, step: Step, keys: StoredValue<StepKeys>) {
    let seen = desk.seen(incident);
    if step.asks_for_words() {
        desk.open(DeskDialog::Step {
            key: mint_key(),
            incident,
            step,
            seen,
            replaces: None,
        });
        return;
    }
    // A step that waits and one that is possible again after what came behind it are two intents.
    let steps = desk.hall.catalogue.with_untracked(|catalogue| {
        desk.hall.with(|hall| {
            let prospect = Prospect::in_hall(hall, catalogue.as_deref(), incident);
            prospect.map_or(0, |prospect| prospect.incident().steps)
        })
    });
    let key = keys
        .try_update_value(|keys| keys.key(incident, steps, step, mint_key))
        .unwrap_or_else(mint_key);
    desk.take_step(key, incident, step, "", Upon::shown(seen));
}

impl DeskContext {
    /// Takes a step with the officer's words.
    pub fn take_step(
        self,
        key: IntentKey,
        incident: IncidentId,
        step: Step,
        words: &str,
        upon: Upon,
    ) {
        let (limit, category) = self.hall.catalogue.with_untracked(|catalogue| {
            let rules = catalogue.as_ref().map(|c| &c.reference.rules);
            self.hall.with(|hall| {
                let shown = hall.situation.incidents.get(&incident);
                (
                    shown.and_then(|shown| handling_limit(shown, rules)),
                    shown.map(|shown| shown.category.to_string()),
                )
            })
        });
        let Some(action) = step.action(limit, words) else {
            let category = category.unwrap_or_default();
            self.toasts
                .fail(t!("desk.step.no_rule", category = category));
            return;
        };
        let words = words.trim();
        self.perform(Task::Act {
            key,
            incident,
            action,
            reason: (!step.is_words() && !words.is_empty()).then(|| words.to_owned()),
            upon,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_button_keeps_its_key_until_the_incident_moves_on() {
        let mut keys = StepKeys::default();
        let incident = sample::incident_id(1);
        let first = keys.key(incident, 1, Step::Verify, || sample::key(1));
        assert_eq!(
            keys.key(incident, 1, Step::Verify, || sample::key(2)),
            first
        );
        assert_ne!(keys.key(incident, 1, Step::Close, || sample::key(3)), first);
        assert_ne!(
            keys.key(incident, 2, Step::Verify, || sample::key(4)),
            first
        );
    }

    #[test]
    fn a_step_that_was_dropped_is_another_intent_and_one_that_was_not_taken_the_same() {
        let mut keys = StepKeys::default();
        let incident = sample::incident_id(1);
        let first = keys.key(incident, 1, Step::Verify, || sample::key(1));
        keys.meet(&[]);
        let again = keys.key(incident, 1, Step::Verify, || sample::key(2));
        assert_eq!(again, first, "the outbox has never had it");
        keys.meet(&[first]);
        let again = keys.key(incident, 1, Step::Verify, || sample::key(2));
        assert_eq!(again, first, "a second click");
        keys.meet(&[]);
        let dropped = keys.key(incident, 1, Step::Verify, || sample::key(2));
        assert_ne!(dropped, first);
    }
}
