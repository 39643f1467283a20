//! The one panel: title, source and age of its data, and the four states of its content.

use leptos::prelude::*;
use rust_i18n::t;

use crate::state::Freshness;
use crate::strings;

/// What a panel has to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PanelState {
    /// Its data has not arrived yet.
    Loading,
    /// Its content.
    Ready,
    /// There is nothing, and these words say so.
    Empty(String),
    /// It cannot be shown, and these words say why.
    Failed(String),
}

impl PanelState {
    /// Loading until there is data, then the content, or the words when there is none.
    pub fn of(has_data: bool, is_empty: bool, words: &str) -> Self {
        match (has_data, is_empty) {
            (false, _) => Self::Loading,
            (true, true) => Self::Empty(words.to_owned()),
            (true, false) => Self::Ready,
        }
    }

    fn words(&self) -> Option<String> {
        match self {
            Self::Loading => Some(t!("panel.waiting").into_owned()),
            Self::Ready => None,
            Self::Empty(words) => Some(words.clone()),
            Self::Failed(error) => Some(t!("panel.failed", error = error).into_owned()),
        }
    }
}

/// A panel. Past the limit of its data it greys out and says so.
#[component]
pub fn Panel(
    /// Title.
    #[prop(into)]
    title: Signal<String>,
    /// Where the data comes from.
    #[prop(into)]
    source: Signal<String>,
    /// How old it is.
    #[prop(into)]
    freshness: Signal<Freshness>,
    /// What there is to show.
    #[prop(into, default = Signal::stored(PanelState::Ready))]
    state: Signal<PanelState>,
    /// A short figure beside the title, such as a total.
    #[prop(into, optional)]
    aside: Option<Signal<String>>,
    /// Class of the panel within its screen.
    #[prop(default = "")]
    class: &'static str,
    /// The content.
    children: Children,
) -> impl IntoView {
    let is_ready = Memo::new(move |_| state.with(|state| *state == PanelState::Ready));
    let is_failed = move || state.with(|state| matches!(state, PanelState::Failed(_)));
    view! {
        <section class=format!("panel {class}") class:is-stale=move || freshness.get().is_stale>
            <header class="panel-head">
                <h2>{title}</h2>
                {aside.map(|aside| view! { <span class="panel-aside">{aside}</span> })}
                <SourceAge source freshness />
            </header>
            <div class="panel-body" hidden=move || !is_ready.get()>
                {children()}
            </div>
            <p class="panel-message" class:is-failed=is_failed hidden=move || is_ready.get()>
                {move || state.with(PanelState::words)}
            </p>
        </section>
    }
}

/// Source and age in small print.
#[component]
fn SourceAge(source: Signal<String>, freshness: Signal<Freshness>) -> impl IntoView {
    let words = Memo::new(move |_| {
        let freshness = freshness.get();
        let age = freshness
            .age_ms
            .map_or_else(|| t!("panel.never").into_owned(), strings::age);
        format!("{} · {age}", source.get())
    });
    view! {
        <span class="panel-source">
            {words}
            <Show when=move || freshness.get().is_stale && freshness.get().as_of.is_some()>
                <span class="panel-stale">{t!("panel.stale").into_owned()}</span>
            </Show>
        </span>
    }
}
