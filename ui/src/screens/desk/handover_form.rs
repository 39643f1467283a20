//! The handover (交接班): both officers look at the same list and sign it, and the sheet that they
//! have signed, to be copied or printed.

use domain::OfficerId;
use domain::duty::{HandoverSheet, OpenMatters, open_matters};
use domain::sets::IncidentSet;
use domain::trail::Officer;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::commands::HandOver;
use protocol::feed::LineState;
use rust_i18n::t;

use super::dialog_forms::{Buttons, DialogError, focus_when_shown};
use super::duty::{Draft, UndoneRow, matters, sheet_text, successors, undone_rows};
use super::outbox::count;
use super::state::{DeskContext, DeskDialog, use_desk};
use crate::bindings::call;
use crate::components::{KeyedRows, copy_text};
use crate::state::{Selection, Slice};
use crate::strings::{self, officer_name};

const BUSY: &str = "hand-over";

/// The form. What is typed stays in the desk, so that a look at a list loses nothing.
#[component]
pub fn HandoverForm() -> impl IntoView {
    let desk = use_desk();
    let undone = desk.hall.memo(
        &[Slice::Incidents, Slice::Outbox, Slice::Second],
        |hall, _, now| undone_rows(&hall.situation, &hall.outbox, now),
    );
    let offered = offered(desk);
    let pin = NodeRef::<Input>::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = pin.get_untracked().map(|p| p.value()).unwrap_or_default();
        let undone = undone.get_untracked();
        let draft = desk.handover.get_untracked();
        let offered = offered.get_untracked();
        if let Some(missing) = draft.missing(&undone, &offered, &typed) {
            desk.dialog_error.set(Some(t!(missing).into_owned()));
        } else {
            desk.dialog_error.set(None);
            desk.hand_over(&draft, &undone, typed.trim());
        }
    };
    let is_offline = desk.hall.memo(&[Slice::Line], |hall, _, _| {
        hall.line.state != LineState::Online
    });
    view! {
        <form class="dialog-form handover" data-testid="handover-form" on:submit=submit>
            <p>{t!("duty.form.text").into_owned()}</p>
            <Show when=move || is_offline.get()>
                <p class="handover-offline" role="status">{t!("duty.form.offline").into_owned()}</p>
            </Show>
            <OpenList />
            <UndoneList undone />
            <QueuedLine />
            <label class="form-field">
                <span>{t!("duty.form.remarks").into_owned()}</span>
                <textarea
                    class="field"
                    rows="2"
                    maxlength="2000"
                    data-testid="handover-remarks"
                    prop:value=move || desk.handover.with(|draft| draft.remarks.clone())
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        desk.handover.update(|draft| draft.remarks = typed);
                    }
                ></textarea>
            </label>
            <Signatories offered pin />
            <DialogError />
            <Buttons submit=t!("duty.form.sign").into_owned() busy=BUSY.to_owned() />
        </form>
    }
}

/// Open matters by state; a click shows exactly these in list and map.
#[component]
fn OpenList() -> impl IntoView {
    let desk = use_desk();
    let open = desk
        .hall
        .memo(&[Slice::Incidents, Slice::Second], |hall, _, now| {
            open_matters(&hall.situation, now)
        });
    let total = move || open.with(|open| open.iter().map(|m| m.count).sum::<u32>());
    let chip = move |of: &OpenMatters| {
        let set = IncidentSet::OpenInState(of.state);
        view! {
            <li>
                <button
                    type="button"
                    class="button is-quiet"
                    data-testid="handover-open"
                    data-count=of.count.to_string()
                    title=t!("duty.form.open_hint").into_owned()
                    on:click=move |_| {
                        desk.show_set(set.clone());
                        desk.close_dialog();
                    }
                >
                    {matters(of)}
                </button>
            </li>
        }
    };
    view! {
        <section>
            <h3>{move || t!("duty.form.open", n = total()).into_owned()}</h3>
            <ul class="handover-open">
                {move || open.with(|open| open.iter().map(chip).collect_view())}
            </ul>
        </section>
    }
}

/// What blocks the handover, each with the field that takes it over.
#[component]
fn UndoneList(undone: Memo<Vec<UndoneRow>>) -> impl IntoView {
    let title = move || match undone.with(Vec::len) {
        0 => t!("duty.form.undone_none").into_owned(),
        n => t!("duty.form.undone", n = n).into_owned(),
    };
    view! {
        <section>
            <h3>{title}</h3>
            <ul class="handover-undone">
                <KeyedRows
                    rows=undone
                    key=|row: &UndoneRow| row.what
                    row=move |row| view! { <UndoneItem row /> }
                />
            </ul>
        </section>
    }
}

#[component]
fn UndoneItem(row: Memo<UndoneRow>) -> impl IntoView {
    let desk = use_desk();
    let what = row.get_untracked().what;
    let incident = match what {
        domain::duty::Undone::Overdue { incident } => Some(incident),
        domain::duty::Undone::Parked { incident, .. } => incident,
    };
    let remark = move || {
        desk.handover
            .with(|draft| draft.taken_over.get(&what).cloned().unwrap_or_default())
    };
    let title = move || row.with(|row| row.title.clone());
    let about = move || match incident {
        Some(incident) => view! {
            <button
                type="button"
                class="link"
                title=t!("duty.form.open_hint").into_owned()
                on:click=move |_| {
                    desk.hall.selection.set(Selection::Incident(incident));
                    desk.close_dialog();
                }
            >
                {title}
            </button>
        }
        .into_any(),
        None => view! { <span>{title}</span> }.into_any(),
    };
    view! {
        <li data-testid="handover-undone">
            <p>{about()} " " <span class="bad">{move || row.with(|row| row.why.clone())}</span></p>
            <input
                class="field"
                maxlength="500"
                data-testid="handover-remark"
                aria-label=move || format!("{}：{}", t!("duty.form.remark"), title())
                placeholder=t!("duty.form.remark").into_owned()
                prop:value=remark
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    desk.handover
                        .update(|draft| {
                            draft.taken_over.insert(what, typed);
                        });
                }
            />
        </li>
    }
}

#[component]
fn QueuedLine() -> impl IntoView {
    let desk = use_desk();
    let queued = desk.hall.memo(&[Slice::Outbox], |hall, _, _| {
        let count = count(&hall.outbox);
        count.waiting - count.parked
    });
    view! {
        <Show when=move || { queued.get() > 0 }>
            <p class="faint">{move || t!("duty.form.queued", n = queued.get()).into_owned()}</p>
        </Show>
    }
}

/// Who can take over from the officer at the desk.
fn offered(desk: DeskContext) -> Memo<Vec<Officer>> {
    desk.hall.memo(&[Slice::Officer], |hall, catalogue, _| {
        let officers = catalogue.map_or(&[][..], |c| &c.reference.officers);
        let outgoing = hall.officer.as_ref().map(|officer| &officer.id);
        successors(officers, outgoing)
    })
}

/// Who leaves, who comes, and the PIN of the one who comes.
#[component]
fn Signatories(offered: Memo<Vec<Officer>>, pin: NodeRef<Input>) -> impl IntoView {
    let desk = use_desk();
    let outgoing = desk
        .hall
        .memo(&[Slice::Officer], |hall, _, _| hall.officer.clone());
    let outgoing_name = move || {
        outgoing
            .get()
            .map(|officer| officer.name)
            .unwrap_or_default()
    };
    let is_nobody = move || desk.handover.with(|draft| draft.incoming.is_none());
    view! {
        <div class="handover-signatories">
            <p class="form-field">
                <span>{t!("duty.form.outgoing").into_owned()}</span>
                <strong data-testid="handover-outgoing">{outgoing_name}</strong>
            </p>
            <label class="form-field">
                <span>{t!("duty.form.incoming").into_owned()}</span>
                <select
                    class="field"
                    data-testid="handover-incoming"
                    on:change=move |event| {
                        let chosen = event_target_value(&event);
                        let chosen = (!chosen.is_empty()).then_some(OfficerId(chosen));
                        desk.handover.update(|draft| draft.incoming = chosen);
                    }
                >
                    <option value="" prop:selected=is_nobody>
                        {t!("duty.form.choose").into_owned()}
                    </option>
                    {move || offered.with(|all| all.iter().map(|of| option(desk, of)).collect_view())}
                </select>
            </label>
            <label class="form-field">
                <span>{t!("duty.form.pin").into_owned()}</span>
                <input
                    node_ref=pin
                    class="field"
                    type="password"
                    inputmode="numeric"
                    autocomplete="off"
                    maxlength="12"
                    data-testid="handover-pin"
                />
            </label>
        </div>
    }
}

fn option(desk: DeskContext, officer: &Officer) -> impl IntoView + use<> {
    let words = format!("{} · {}", officer.name, strings::role(officer.role));
    let id = officer.id.clone();
    let value = id.to_string();
    let is_chosen = move || {
        desk.handover
            .with(|draft| draft.incoming.as_ref() == Some(&id))
    };
    view! { <option value=value prop:selected=is_chosen>{words}</option> }
}

impl DeskContext {
    /// Hands the desk over; the PIN goes to the hall and is kept nowhere here.
    fn hand_over(self, draft: &Draft, undone: &[UndoneRow], pin: &str) {
        let Some(incoming) = draft.incoming.clone() else {
            return;
        };
        if !self.busy.write().insert(BUSY.to_owned()) {
            return;
        }
        let wanted = HandOver {
            key: draft.key,
            incoming_key: draft.incoming_key,
            incoming,
            pin: pin.to_owned(),
            taken_over: draft.taken_over(undone),
            remarks: draft.remarks.trim().to_owned(),
        };
        spawn_local(async move {
            let key = wanted.key;
            let outcome = call(wanted).await;
            self.busy.update(|busy| {
                busy.remove(BUSY);
            });
            match outcome {
                Ok(sheet) => {
                    self.forget_taken(key);
                    self.open(DeskDialog::HandoverSheet(Box::new(sheet)));
                }
                Err(error) if self.is_still_open(Some(&DeskDialog::Handover)) => {
                    self.dialog_error.set(Some(error.message));
                }
                Err(error) => self.say_failed(&t!("duty.form.title"), &error.message),
            }
        });
    }
}

/// A signed sheet, to be copied or printed.
// A component owns what it shows.
#[allow(clippy::needless_pass_by_value)]
#[component]
pub fn SignedSheet(sheet: HandoverSheet) -> impl IntoView {
    let desk = use_desk();
    let button = NodeRef::<leptos::html::Button>::new();
    focus_when_shown(button);
    let text = {
        let catalogue = desk.hall.catalogue.get_untracked();
        let (officers, street) = catalogue.as_ref().map_or_else(
            || (Vec::new(), String::new()),
            |c| {
                let street = c.reference.street.name_zh.clone();
                (c.reference.officers.clone(), street)
            },
        );
        desk.hall
            .with(|hall| sheet_text(&sheet, &street, &officers, &hall.situation))
    };
    let who = desk.hall.catalogue.with_untracked(|catalogue| {
        let officers = catalogue.as_ref().map(|c| c.reference.officers.clone());
        let officers = officers.unwrap_or_default();
        t!(
            "duty.from_to",
            outgoing = officer_name(&sheet.outgoing, &officers),
            incoming = officer_name(&sheet.incoming, &officers)
        )
        .into_owned()
    });
    let copied = text.clone();
    let copy = move |_: leptos::ev::MouseEvent| copy_text(desk.toasts, &copied);
    // Without a printer the window says so itself.
    let print = move |_: leptos::ev::MouseEvent| {
        window().print().ok();
    };
    view! {
        <div class="dialog-form">
            <p>{t!("duty.done.text").into_owned()} " " {who}</p>
            <pre class="handover-sheet" data-testid="handover-sheet">{text}</pre>
            <div class="dialog-buttons">
                <button
                    type="button"
                    class="button is-quiet"
                    data-testid="handover-copy"
                    on:click=copy
                >
                    {t!("duty.done.copy").into_owned()}
                </button>
                <button
                    type="button"
                    class="button is-quiet"
                    data-testid="handover-print"
                    on:click=print
                >
                    {t!("duty.done.print").into_owned()}
                </button>
                <button
                    node_ref=button
                    type="button"
                    class="button is-primary"
                    data-testid="handover-close"
                    on:click=move |_| desk.close_dialog()
                >
                    {t!("desk.close").into_owned()}
                </button>
            </div>
        </div>
    }
}
