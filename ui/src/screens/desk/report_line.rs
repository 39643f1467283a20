//! A line of text of the form of a new matter, and what is wrong with a field of it.

use leptos::prelude::*;
use rust_i18n::t;

use super::report::{Draft, Fault, Field};
use super::state::{DeskContext, use_desk};

/// A field that takes a line of text.
#[component]
pub fn Line(
    /// Name for tests.
    name: &'static str,
    /// What it is for.
    label: String,
    /// What stands in it while it is empty.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What the draft holds of it.
    read: fn(&Draft) -> &str,
    /// Where in the draft it is kept.
    write: fn(&mut Draft) -> &mut String,
    /// Whether it takes a number with decimals.
    #[prop(optional)]
    is_decimal: bool,
    /// Where what is wrong with it is said; nowhere for a line that can hold anything.
    #[prop(optional, into)]
    field: Option<Field>,
) -> impl IntoView {
    let desk = use_desk();
    view! {
        <label class="form-field">
            <span>{label}</span>
            <input
                class="field"
                class:number=is_decimal
                type="text"
                inputmode=is_decimal.then_some("decimal")
                autocomplete="off"
                data-testid=name
                placeholder=hint
                prop:value=held(desk, read)
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    desk.edit_report(|draft| *write(draft) = typed);
                }
            />
            {field.map(|field| view! { <FieldFault field /> })}
        </label>
    }
}

/// What a field of the draft holds, for `prop:value`.
pub fn held(desk: DeskContext, read: fn(&Draft) -> &str) -> impl Fn() -> String + Copy {
    move || {
        desk.report.draft.with(|draft| {
            draft
                .as_ref()
                .map_or_else(String::new, |d| read(d).to_owned())
        })
    }
}

/// What is wrong with a field, once it was tried to send the form.
#[component]
pub fn FieldFault(
    /// The field.
    field: Field,
) -> impl IntoView {
    let desk = use_desk();
    let fault = Memo::new(move |_| {
        let has_tried = desk.report.has_tried.get();
        let faults = has_tried.then(|| desk.report_faults())?;
        faults.get(&field).copied().map(words)
    });
    move || {
        fault.get().map(|words| {
            view! {
                <p class="field-fault" role="alert" data-testid=format!("fault-{field:?}")>
                    {words}
                </p>
            }
        })
    }
}

fn words(fault: Fault) -> String {
    match fault {
        Fault::NoCategory => t!("report.fault.category"),
        Fault::NoPlace => t!("report.fault.place"),
        Fault::NoCoordinate => t!("report.fault.coordinate"),
        Fault::TooLong(most) => t!("report.fault.long", n = most),
        Fault::NoNumber => t!("report.fault.number"),
        Fault::DrillUnsaid => t!("report.fault.drill"),
        Fault::DrillOver => t!("report.fault.drill_over"),
    }
    .into_owned()
}
