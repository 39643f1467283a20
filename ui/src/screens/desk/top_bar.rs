//! The top bar: which street, what time, which mode, is the line up, what waits, who is on duty.

use leptos::prelude::*;
use rust_i18n::t;

use super::conflicts;
use super::line_menu::LineMenu;
use super::mode_menu::ModeMenu;
use super::outbox::count;
use super::sign_in::account_words;
use super::state::{DeskContext, DeskDialog, use_desk};
use super::tasks::Task;
use super::trail_panel::moment;
use crate::appearance::{Appearance, use_appearance};
use crate::state::{Slice, use_hall};
use crate::strings;

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    view! {
        <header class="topbar">
            <Street />
            <Clock />
            <ModeMenu />
            <span class="topbar-gap"></span>
            <LineMenu />
            <OutboxButton />
            <DutyButton />
            <NoticesMenu />
            <OfficerMenu />
            <AppearanceButton />
            <HelpButton />
        </header>
    }
}

#[component]
fn Street() -> impl IntoView {
    let hall = use_hall();
    let street = move || {
        hall.catalogue
            .with(|c| c.as_ref().map(|c| c.reference.street.clone()))
    };
    let name = move || {
        let is_english = hall.settings.with_value(|s| s.language.starts_with("en"));
        match street() {
            Some(street) if is_english && !street.name_en.is_empty() => street.name_en,
            Some(street) if !street.name_zh.is_empty() => street.name_zh,
            _ => t!("app.no_street").into_owned(),
        }
    };
    let is_demo = move || street().is_some_and(|street| street.is_demo);
    view! {
        <h1 class="topbar-street" data-testid="street">{name}</h1>
        <Show when=is_demo>
            <span class="demo-badge" data-testid="demo-badge">{t!("app.demo").into_owned()}</span>
        </Show>
    }
}

#[component]
fn Clock() -> impl IntoView {
    let hall = use_hall();
    let day = Memo::new(move |_| strings::date(hall.now.get()));
    view! {
        <time class="topbar-clock" data-testid="clock">
            <span class="topbar-time number">{move || hall.now.get().local_hms()}</span>
            <span class="faint">{day}</span>
        </time>
    }
}

#[component]
fn OutboxButton() -> impl IntoView {
    let desk = use_desk();
    let counted = desk
        .hall
        .memo(&[Slice::Outbox], |hall, _, _| count(&hall.outbox));
    let in_conflict = desk.hall.memo(&[Slice::Outbox], |hall, _, _| {
        conflicts::count(&hall.outbox)
    });
    let hint = move || {
        let counted = counted.get();
        let hint = t!(
            "desk.top.outbox_hint",
            waiting = counted.waiting - counted.parked,
            parked = counted.parked
        );
        match in_conflict.get() {
            0 => hint.into_owned(),
            n => format!("{hint} · {}", t!("conflict.count", n = n)),
        }
    };
    let tone = move || match counted.get() {
        counted if counted.parked > 0 => "bad",
        counted if counted.waiting > 0 => "warn",
        _ => "none",
    };
    view! {
        <button
            type="button"
            class="menu-button outbox-button"
            data-testid="outbox-button"
            data-tone=tone
            title=hint
            aria-label=hint
            aria-expanded=move || desk.is_outbox_open.get().to_string()
            on:click=move |_| desk.toggle_outbox()
        >
            {t!("desk.top.outbox").into_owned()}
            <span
                class="bubble number"
                data-testid="outbox-count"
                data-parked=move || counted.get().parked.to_string()
            >
                {move || counted.get().waiting}
            </span>
            {move || {
                let n = in_conflict.get();
                (n > 0)
                    .then(|| {
                        view! {
                            <span class="conflict-badge" data-testid="conflict-count">
                                {t!("conflict.count", n = n).into_owned()}
                            </span>
                        }
                    })
            }}
        </button>
    }
}

#[component]
fn DutyButton() -> impl IntoView {
    let desk = use_desk();
    let hint = t!("duty.button_hint").into_owned();
    view! {
        <button
            type="button"
            class="menu-button"
            data-testid="duty-button"
            title=hint.clone()
            aria-label=hint
            aria-expanded=move || desk.is_duty_open.get().to_string()
            on:click=move |_| desk.toggle_duty()
        >
            {t!("duty.button").into_owned()}
        </button>
    }
}

#[component]
fn NoticesMenu() -> impl IntoView {
    let desk = use_desk();
    let notices = desk
        .hall
        .memo(&[Slice::Notices], |hall, _, _| hall.notices.clone());
    let seen = RwSignal::new(0_u64);
    let newest = move || notices.with(|all| all.last().map_or(0, |notice| notice.number));
    let unseen = move || notices.with(|all| all.iter().filter(|n| n.number > seen.get()).count());
    let hint = move || t!("desk.top.notices_hint", n = notices.with(Vec::len)).into_owned();
    view! {
        <details class="menu is-right" name="desk-menu" on:toggle=move |_| seen.set(newest())>
            <summary
                class="menu-button"
                data-testid="notices"
                data-tone=move || { if unseen() > 0 { "warn" } else { "none" } }
                title=hint
            >
                {t!("desk.top.notices").into_owned()}
                <Show when=move || { unseen() > 0 }>
                    <span class="bubble number">{unseen}</span>
                </Show>
            </summary>
            <ul class="menu-list notices">
                <Show when=move || notices.with(Vec::is_empty)>
                    <li class="faint">{t!("desk.top.no_notices").into_owned()}</li>
                </Show>
                <For
                    each=move || notices.get().into_iter().rev()
                    key=|notice| notice.number
                    let(notice)
                >
                    <li class="notice" data-testid="notice">
                        <p>{strings::notice(notice.kind)}</p>
                        <p class="faint">
                            <span class="number">
                                {move || moment(notice.at, desk.today.get())}
                            </span>
                            " "
                            {t!("notice.detail", detail = notice.detail).into_owned()}
                        </p>
                    </li>
                </For>
            </ul>
        </details>
    }
}

#[component]
fn OfficerMenu() -> impl IntoView {
    let desk = use_desk();
    let officer = desk.hall.memo(&[Slice::Officer], |hall, _, _| {
        let officer = hall.officer.clone();
        officer.map(|officer| (officer, hall.is_offline_sign_in))
    });
    Effect::new(move |before: Option<bool>| {
        let is_offline = officer.with(|of| of.as_ref().is_some_and(|(_, offline)| *offline));
        if is_offline && before == Some(false) {
            desk.toasts.tell(t!("duty.offline.told"));
        }
        is_offline
    });
    move || match officer.get() {
        None => view! {
            <button
                type="button"
                class="menu-button is-call"
                data-testid="sign-in-button"
                title=t!("desk.officer.title").into_owned()
                on:click=move |_| desk.open(DeskDialog::SignIn(None))
            >
                {t!("desk.officer.sign_in").into_owned()}
            </button>
        }
        .into_any(),
        Some((officer, is_offline)) => {
            let role = strings::role(officer.role);
            let account = officer.clone();
            view! {
                <details class="menu is-right" name="desk-menu">
                    <summary
                        class="menu-button"
                        data-testid="officer"
                        data-officer=officer.id.to_string()
                        title=t!("desk.officer.menu_hint").into_owned()
                    >
                        <span class="faint">{role}</span>
                        {officer.name}
                        {is_offline.then(offline_badge)}
                    </summary>
                    <ul class="menu-list">
                        <li class="menu-words" data-testid="officer-account">
                            {move || account_words(&account, desk.hall.now.get())}
                        </li>
                        {is_offline.then(|| offline_items(desk))}
                        <li>{sign_out_button(desk)}</li>
                    </ul>
                </details>
            }
            .into_any()
        }
    }
}

/// Says that the officer has signed in without the line.
fn offline_badge() -> impl IntoView {
    view! {
        <span
            class="offline-badge"
            data-testid="offline-sign-in"
            title=t!("duty.offline.hint").into_owned()
        >
            {t!("duty.offline.badge").into_owned()}
        </span>
    }
}

/// What signing in without the line means, and the way to the backend once it is back.
fn offline_items(desk: DeskContext) -> impl IntoView {
    view! {
        <li class="menu-words">{t!("duty.offline.hint").into_owned()}</li>
        <li>
            <button
                type="button"
                class="menu-item"
                data-testid="sign-in-again"
                title=t!("duty.offline.again").into_owned()
                on:click=move |_| desk.open(DeskDialog::SignIn(None))
            >
                {t!("duty.offline.again").into_owned()}
            </button>
        </li>
    }
}

fn sign_out_button(desk: DeskContext) -> impl IntoView {
    view! {
        <button
            type="button"
            class="menu-item"
            data-testid="sign-out"
            title=t!("desk.officer.sign_out").into_owned()
            disabled=move || desk.is_busy("sign-out")
            on:click=move |_| desk.perform(Task::SignOut)
        >
            {t!("desk.officer.sign_out").into_owned()}
        </button>
    }
}

/// Changes between the dark look and the one for daylight and printing.
#[component]
fn AppearanceButton() -> impl IntoView {
    let control = use_appearance();
    let words = move || match control.shown.get() {
        Appearance::Dark => t!("desk.top.to_light").into_owned(),
        Appearance::Light => t!("desk.top.to_dark").into_owned(),
    };
    view! {
        <button
            type="button"
            class="menu-button"
            data-testid="appearance"
            title=t!("desk.top.appearance_hint").into_owned()
            on:click=move |_| control.choose(control.shown.get_untracked().other())
        >
            {words}
        </button>
    }
}

#[component]
fn HelpButton() -> impl IntoView {
    let desk = use_desk();
    let hint = t!("desk.top.help_hint").into_owned();
    view! {
        <button
            type="button"
            class="menu-button"
            data-testid="help"
            title=hint.clone()
            aria-label=hint
            on:click=move |_| desk.open(DeskDialog::Shortcuts)
        >
            <kbd class="key" aria-hidden="true">"?"</kbd>
        </button>
    }
}
