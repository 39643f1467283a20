//! The menu of the mode in the top bar: which is in force, since when and by whom, and the switch to
//! another.

use domain::modes::{Mode, ModeSession};
use leptos::prelude::*;
use rust_i18n::t;

use super::state::{DeskContext, DeskDialog, mint_key, use_desk};
use crate::components::DrillBadge;
use crate::state::mode_view::{may_be_drill, mode_view};
use crate::state::{Slice, mode_origin};
use crate::strings;

/// A word for attributes.
const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Normal => "normal",
        Mode::EmergencyBlue => "emergency-blue",
        Mode::EmergencyYellow => "emergency-yellow",
        Mode::EmergencyOrange => "emergency-orange",
        Mode::EmergencyRed => "emergency-red",
    }
}

/// Where the mode comes from, and what has been switched and waits.
type Origin = (String, Option<String>);

/// The button with the mode, and the menu behind it.
#[component]
pub fn ModeMenu() -> impl IntoView {
    let desk = use_desk();
    let view = desk.hall.memo(&[Slice::Mode], |hall, catalogue, _| {
        mode_view(hall.situation.mode.session, catalogue)
    });
    let origin = desk.hall.memo(
        &[Slice::Mode, Slice::Outbox, Slice::Second],
        |hall, catalogue, now| -> Origin {
            let officers = catalogue.map_or(&[][..], |c| &c.reference.officers);
            let origin = mode_origin::origin(&hall.situation.mode, officers, now);
            (origin, mode_origin::waiting(&hall.outbox, officers, now))
        },
    );
    let hint = move || {
        let hint = t!("desk.mode.menu_hint");
        match origin.get() {
            (origin, None) => format!("{hint} · {origin}"),
            (origin, Some(waiting)) => format!("{hint} · {origin} · {waiting}"),
        }
    };
    let session = Memo::new(move |_| view.with(|view| view.session));
    // What was switched to last, which may wait for the line: a wrong click is mended by another one.
    let wanted = desk.hall.memo(&[Slice::Mode, Slice::Outbox], |hall, _, _| {
        mode_origin::wanted(&hall.outbox).unwrap_or(hall.situation.mode.session)
    });
    view! {
        <details class="menu" name="desk-menu">
            <summary
                class="menu-button mode"
                data-testid="mode-menu"
                data-mode=move || mode_name(session.get().mode)
                data-mode-theme=move || view.with(|view| view.theme.clone())
                title=hint
            >
                <span class="mode-lamp" aria-hidden="true"></span>
                {move || strings::mode(session.get().mode)}
                <Show when=move || session.get().is_drill>
                    <DrillBadge />
                </Show>
            </summary>
            <ul class="menu-list">
                {origin_items(origin)}
                {Mode::ALL.map(|mode| mode_item(desk, session, wanted, mode)).collect_view()}
            </ul>
        </details>
    }
}

fn origin_items(origin: Memo<Origin>) -> impl IntoView {
    view! {
        <li class="menu-words" data-testid="mode-origin">
            {move || origin.with(|(origin, _)| origin.clone())}
        </li>
        <Show when=move || origin.with(|(_, waiting)| waiting.is_some())>
            <li class="menu-words" data-testid="mode-waiting">
                {move || origin.with(|(_, waiting)| waiting.clone())}
            </li>
        </Show>
    }
}

fn mode_item(
    desk: DeskContext,
    session: Memo<ModeSession>,
    wanted: Memo<ModeSession>,
    mode: Mode,
) -> impl IntoView {
    let theme = move || {
        let catalogue = desk.hall.catalogue.get();
        mode_view(mode.into(), catalogue.as_deref()).theme
    };
    let choose = move |_| {
        desk.open(DeskDialog::Mode {
            key: mint_key(),
            mode,
            may_be_drill: may_be_drill(wanted.get_untracked(), mode),
        });
    };
    view! {
        <li>
            <button
                type="button"
                class="menu-item mode"
                data-testid=format!("mode-{}", mode_name(mode))
                data-mode=mode_name(mode)
                data-mode-theme=theme
                aria-current=move || (session.get().mode == mode).then_some("true")
                title=t!("desk.mode.what", mode = strings::mode(mode)).into_owned()
                disabled=move || wanted.get() == mode.into()
                on:click=choose
            >
                <span class="mode-lamp" aria-hidden="true"></span>
                {strings::mode(mode)}
            </button>
        </li>
    }
}
