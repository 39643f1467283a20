//! The line: its state in the bar, everything about it in the menu, and the switch that stops and
//! starts it for drills.

use leptos::prelude::*;
use protocol::feed::{Line, LineState};
use rust_i18n::t;

use super::reference_ages::ReferenceAges;
use super::state::use_desk;
use super::tasks::Task;
use crate::state::{Freshness, Slice, use_hall};
use crate::strings;

/// A clock offset below this is not worth a word.
const OFFSET_TOLD_MS: i64 = 500;

/// A word for attributes.
pub const fn line_state_name(state: LineState) -> &'static str {
    match state {
        LineState::Connecting => "connecting",
        LineState::Online => "online",
        LineState::Offline => "offline",
        LineState::SwitchedOff => "switched-off",
        LineState::ProtocolMismatch => "protocol-mismatch",
        LineState::KeyRefused => "key-refused",
        LineState::Nonsense => "nonsense",
    }
}

/// How worried the bar looks.
const fn tone(state: LineState) -> &'static str {
    match state {
        LineState::Online => "good",
        LineState::Connecting | LineState::Offline | LineState::SwitchedOff => "warn",
        LineState::ProtocolMismatch | LineState::KeyRefused | LineState::Nonsense => "bad",
    }
}

/// The backend's clock against ours, in words.
fn offset_words(offset_ms: i64) -> String {
    let seconds = format!("{:.1}", offset_ms.unsigned_abs() as f64 / 1000.0);
    if offset_ms.abs() < OFFSET_TOLD_MS {
        t!("desk.line.offset_none")
    } else if offset_ms > 0 {
        t!("desk.line.offset_s", s = seconds)
    } else {
        t!("desk.line.offset_back_s", s = seconds)
    }
    .into_owned()
}

fn backend_words(line: &Line) -> String {
    if line.backend == "embedded" {
        t!("desk.line.embedded").into_owned()
    } else {
        line.backend.clone()
    }
}

/// State and age in the bar, all else in the menu.
#[component]
pub fn LineMenu() -> impl IntoView {
    let hall = use_hall();
    let line = hall.memo(&[Slice::Line], |hall, _, _| hall.line.clone());
    let state = Memo::new(move |_| line.with(|line| line.state));
    let freshness = Memo::new(move |_| {
        let now = hall.now.get();
        let age = line.with(|line| Freshness::of_line(line, now));
        (age.age_s(), age.is_stale)
    });
    let age_words = move || match freshness.get().0 {
        Some(age_s) => strings::age(age_s * 1000),
        None => t!("desk.line.never").into_owned(),
    };
    view! {
        <details class="menu is-right" name="desk-menu">
            <summary
                class="menu-button line"
                data-testid="line-menu"
                data-tone=move || tone(state.get())
                title=t!("desk.line.menu_hint").into_owned()
            >
                <span class="line-mark" aria-hidden="true"></span>
                <span
                    data-testid="line-state"
                    data-state=move || line_state_name(state.get())
                    role="status"
                >
                    {move || strings::line_state(state.get())}
                </span>
                <span
                    class="line-age"
                    data-testid="data-age"
                    class:is-stale=move || freshness.get().1
                >
                    {age_words}
                </span>
            </summary>
            <div class="menu-list line-facts">
                {move || line.with(facts)} <ReferenceAges /> <LinkSwitch />
            </div>
        </details>
    }
}

fn facts(line: &Line) -> impl IntoView + use<> {
    let at = |at: domain::Timestamp| format!("{} {}", at.local_ymd(), at.local_hms());
    let never = || t!("desk.line.never").into_owned();
    let detail = if line.detail.is_empty() {
        t!("desk.line.none").into_owned()
    } else {
        line.detail.clone()
    };
    let rows = [
        (
            t!("desk.line.age"),
            line.last_contact.map_or_else(never, at),
        ),
        (t!("desk.line.since"), at(line.since)),
        (t!("desk.line.backend"), backend_words(line)),
        (t!("desk.line.offset"), offset_words(line.clock_offset_ms)),
        (
            t!("desk.line.behind"),
            t!("desk.line.behind_n", n = line.behind).into_owned(),
        ),
        (t!("desk.line.detail"), detail),
    ];
    view! {
        <dl class="facts">
            {rows
                .into_iter()
                .map(|(name, words)| {
                    view! {
                        <dt>{name.into_owned()}</dt>
                        <dd>{words}</dd>
                    }
                })
                .collect_view()}
        </dl>
    }
}

/// The switch for drills.
#[component]
fn LinkSwitch() -> impl IntoView {
    let desk = use_desk();
    let is_on = desk.hall.memo(&[Slice::Line], |hall, _, _| {
        hall.line.state != LineState::SwitchedOff
    });
    let words = move || {
        if is_on.get() {
            t!("desk.line.switch_on")
        } else {
            t!("desk.line.switch_off")
        }
        .into_owned()
    };
    view! {
        <div class="line-switch">
            <button
                type="button"
                class="switch"
                role="switch"
                data-testid="line-switch"
                aria-checked=move || is_on.get().to_string()
                aria-describedby="line-switch-hint"
                title=t!("desk.line.switch_hint").into_owned()
                disabled=move || desk.is_busy("link")
                on:click=move |_| {
                    desk.perform(Task::SetLink { enabled: !is_on.get_untracked() });
                }
            >
                <span class="switch-track" aria-hidden="true"></span>
                <span>{t!("desk.line.switch").into_owned()}</span>
                <span class="switch-state">{words}</span>
            </button>
            <p class="faint" id="line-switch-hint">{t!("desk.line.switch_hint").into_owned()}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_offset_is_told_with_its_direction() {
        rust_i18n::set_locale("zh-CN");
        assert_eq!(offset_words(120), "一致");
        assert_eq!(offset_words(2_340), "后台快 2.3 秒");
        assert_eq!(offset_words(-61_000), "后台慢 61.0 秒");
    }

    #[test]
    fn every_state_of_the_line_has_a_name_of_its_own() {
        use LineState as L;
        let states = [
            L::Connecting,
            L::Online,
            L::Offline,
            L::SwitchedOff,
            L::ProtocolMismatch,
            L::KeyRefused,
            L::Nonsense,
        ];
        let names: std::collections::BTreeSet<_> = states.map(line_state_name).into();
        assert_eq!(names.len(), states.len());
    }
}
