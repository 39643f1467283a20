//! Short messages in the corner. Confirmations go by themselves; what went wrong stays until it is
//! dismissed.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use rust_i18n::t;

use super::badge::Tone;

const SHOWN_MS: u32 = 6000;
/// On a wall nobody dismisses anything: what must be read goes after a minute.
const REMINDED_MS: u32 = 60_000;
/// More than this many at once bury the screen; the oldest go first.
const SHOWN_AT_ONCE: usize = 5;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    number: u32,
    tone: Tone,
    text: String,
}

/// The messages shown at the moment.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last_number: StoredValue<u32>,
}

/// The messages of this window.
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Makes an empty set of messages available to all components below.
    pub fn provide() -> Self {
        let toasts = Self {
            shown: RwSignal::new(Vec::new()),
            last_number: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    /// Confirms something; goes by itself.
    pub fn tell(self, text: impl Into<String>) {
        let number = self.add(Tone::Good, text.into());
        Timeout::new(SHOWN_MS, move || self.dismiss(number)).forget();
    }

    /// Says that something needs attention, where nobody can dismiss it; goes after a minute.
    pub fn remind(self, text: impl Into<String>) {
        let number = self.add(Tone::Warn, text.into());
        Timeout::new(REMINDED_MS, move || self.dismiss(number)).forget();
    }

    /// Says that something needs attention; stays.
    pub fn warn(self, text: impl Into<String>) {
        self.add(Tone::Warn, text.into());
    }

    /// Says that something failed; stays.
    pub fn fail(self, text: impl Into<String>) {
        self.add(Tone::Bad, text.into());
    }

    fn add(self, tone: Tone, text: String) -> u32 {
        let number = self.last_number.get_value().wrapping_add(1);
        self.last_number.set_value(number);
        self.shown.update(|shown| {
            // The same words twice would only push others out.
            shown.retain(|toast| toast.text != text);
            shown.push(Toast { number, tone, text });
            let surplus = shown.len().saturating_sub(SHOWN_AT_ONCE);
            shown.drain(..surplus);
        });
        number
    }

    fn dismiss(self, number: u32) {
        self.shown
            .update(|shown| shown.retain(|toast| toast.number != number));
    }
}

/// Where the messages appear; once per screen.
#[component]
pub fn ToastArea() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For
                each=move || toasts.shown.get()
                key=|toast| toast.number
                children=move |toast: Toast| {
                    view! {
                        <div class=format!("toast {}", toast.tone.class())>
                            <p>{toast.text}</p>
                            <button
                                type="button"
                                class="icon-button"
                                aria-label=t!("dialog.close").into_owned()
                                on:click=move |_| toasts.dismiss(toast.number)
                            >
                                "×"
                            </button>
                        </div>
                    }
                }
            />
        </div>
    }
}
