//! What dialogs are made of: a form that asks for words, one that asks whether something is meant,
//! their buttons and their error.

use domain::IntentKey;
use leptos::html::Textarea;
use leptos::prelude::*;
use rust_i18n::t;

use super::keeping::OpenWords;
use super::state::use_desk;

/// The error of what the dialog asked for.
#[component]
pub fn DialogError() -> impl IntoView {
    let desk = use_desk();
    move || {
        desk.dialog_error.get().map(|words| {
            view! { <p class="dialog-error" role="alert" data-testid="dialog-error">{words}</p> }
        })
    }
}

/// A button that sends the form, and one that closes the dialog.
#[component]
pub fn Buttons(
    /// Words of the sending button.
    submit: String,
    /// Whether it ends something by force.
    #[prop(optional)]
    is_grave: bool,
    /// Name of the call that it starts.
    #[prop(into)]
    busy: Signal<String>,
) -> impl IntoView {
    let desk = use_desk();
    let is_busy = Memo::new(move |_| busy.with(|busy| desk.is_busy(busy)));
    let label = move || {
        if is_busy.get() {
            t!("desk.working").into_owned()
        } else {
            submit.clone()
        }
    };
    view! {
        <div class="dialog-buttons">
            <button
                type="button"
                class="button is-quiet"
                data-testid="dialog-cancel"
                on:click=move |_| desk.cancel_dialog()
            >
                {t!("desk.cancel").into_owned()}
            </button>
            <button
                type="submit"
                class="button"
                class:is-primary=!is_grave
                class:is-grave=is_grave
                data-testid="dialog-submit"
                disabled=move || is_busy.get()
                aria-busy=move || is_busy.get().to_string()
            >
                {label}
            </button>
        </div>
    }
}

/// Says that what stands in the form was typed when it was open before.
pub fn kept_hint(words: OpenWords) -> impl IntoView {
    words.are_back.then(|| {
        view! {
            <p class="faint" role="status" data-testid="dialog-kept">
                {t!("desk.step.kept").into_owned()}
            </p>
        }
    })
}

/// Asks for words that must not be empty. Closed otherwise than by its button they are kept.
#[component]
pub fn Words(
    /// What will happen.
    text: String,
    /// Name of the field.
    label: String,
    /// Words of the button.
    submit: String,
    /// Whether it ends something by force.
    is_grave: bool,
    /// Name of the call.
    #[prop(into)]
    busy: Signal<String>,
    /// What stands in the field.
    words: OpenWords,
    /// Called with the key of the click and the words.
    #[prop(into)]
    on_submit: Callback<(IntentKey, String)>,
) -> impl IntoView {
    let desk = use_desk();
    let field = NodeRef::<Textarea>::new();
    focus_when_shown(field);
    view! {
        <form
            class="dialog-form"
            on:submit=move |event| {
                event.prevent_default();
                let text = field.get_untracked().map(|f| f.value()).unwrap_or_default();
                if text.trim().is_empty() {
                    desk.dialog_error.set(Some(t!("desk.step.reason_missing").into_owned()));
                } else if untrack(|| busy.with(|busy| !desk.is_busy(busy))) {
                    desk.dialog_error.set(None);
                    let said = text.trim().to_owned();
                    words.edit(|words| words.text = text);
                    on_submit.run((words.click(), said));
                }
            }
        >
            <p>{text}</p>
            <label class="form-field">
                <span>{label}</span>
                <textarea
                    node_ref=field
                    class="field"
                    rows="3"
                    maxlength="500"
                    aria-required="true"
                    data-testid="dialog-words"
                    prop:value=words.words().text
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        words.edit(|words| words.text = text);
                    }
                ></textarea>
            </label>
            {kept_hint(words)}
            <p class="faint">{t!("desk.step.reason_text").into_owned()}</p>
            <DialogError />
            <Buttons submit is_grave busy />
        </form>
    }
}

/// Puts the focus into the dialog's first field once it is in the page.
pub fn focus_when_shown<E>(field: NodeRef<E>)
where
    E: leptos::html::ElementType + 'static,
    E::Output: wasm_bindgen::JsCast + Clone + AsRef<web_sys::HtmlElement> + 'static,
{
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                // Without focus the field can still be clicked.
                let field: &web_sys::HtmlElement = field.as_ref();
                field.focus().ok();
            });
        }
    });
}

/// Asks whether it is meant.
#[component]
pub fn Confirm(
    /// What will happen.
    text: String,
    /// Words of the button.
    submit: String,
    /// Name of the call.
    #[prop(into)]
    busy: Signal<String>,
    /// Called when it is meant.
    #[prop(into)]
    on_submit: Callback<()>,
) -> impl IntoView {
    view! {
        <form
            class="dialog-form"
            on:submit=move |event| {
                event.prevent_default();
                on_submit.run(());
            }
        >
            <p>{text}</p>
            <DialogError />
            <Buttons submit is_grave=true busy />
        </form>
    }
}
