//! The thin bar at the top: where we are, what time it is, normal or emergency, and whether the
//! data can be trusted.

use domain::Timestamp;
use leptos::prelude::*;
use protocol::feed::{Line, LineState};
use rust_i18n::t;

use super::line_freshness;
use crate::components::DrillBadge;
use crate::screens::desk::line_menu::line_state_name;
use crate::state::mode_view::mode_view;
use crate::state::{HallContext, Slice, mode_origin, orders, use_hall};
use crate::strings;

/// The bar.
#[component]
pub fn ClockBar() -> impl IntoView {
    let hall = use_hall();
    let street = move || {
        hall.catalogue.with(|catalogue| {
            let street = catalogue.as_ref().map(|c| &c.reference.street);
            let name = street.map(|street| {
                if rust_i18n::locale().starts_with("zh") {
                    street.name_zh.clone()
                } else {
                    street.name_en.clone()
                }
            });
            name.filter(|name| !name.is_empty())
                .unwrap_or_else(|| t!("app.no_street").into_owned())
        })
    };
    let is_demo = move || {
        hall.catalogue
            .with(|c| c.as_ref().is_some_and(|c| c.reference.street.is_demo))
    };
    let date = Memo::new(move |_| strings::date(hall.now.get()));
    let time = Memo::new(move |_| hall.now.get().local_hms());
    view! {
        <header class="clock-bar">
            <div class="clock-bar-street">
                <h1>{street}</h1>
                <span class="clock-bar-title">{t!("app.title").into_owned()}</span>
                <Show when=is_demo>
                    <span class="demo-mark">{t!("app.demo").into_owned()}</span>
                </Show>
            </div>
            <div class="clock-bar-time">
                <span>{date}</span>
                <time>{time}</time>
            </div>
            <div class="clock-bar-state">
                <ModeMark />
                <LineMark />
            </div>
        </header>
    }
}

/// Normal or emergency with its level, in the colour that the rules name and in words, and whether
/// it is only exercised, since when, and whether another one is on its way.
#[component]
fn ModeMark() -> impl IntoView {
    let hall = use_hall();
    let mode = hall.memo(&[Slice::Mode], |hall, catalogue, _| {
        mode_view(hall.situation.mode.session, catalogue)
    });
    let words = hall.memo(
        &[Slice::Mode, Slice::Outbox, Slice::Second],
        |hall, _, now| {
            let since = mode_origin::since(&hall.situation.mode, now);
            let pending = mode_origin::is_switching(&hall.outbox)
                .then(|| t!("mode.origin.switching").into_owned());
            let mode = strings::mode(hall.situation.mode.session.mode);
            let words = std::iter::once(mode).chain(since).chain(pending);
            words.collect::<Vec<_>>().join(" · ")
        },
    );
    view! {
        <Show when=move || mode.with(|mode| mode.session.is_drill)>
            <DrillBadge />
        </Show>
        <span class="wall-mode" data-mode-theme=move || mode.with(|mode| mode.theme.clone())>
            {words}
        </span>
    }
}

/// State of the line, and the age of the data.
#[component]
fn LineMark() -> impl IntoView {
    let hall = use_hall();
    let state = hall.memo(&[Slice::Line], |hall, _, _| hall.line.state);
    let freshness = line_freshness(hall);
    let age = Memo::new(move |_| {
        freshness.get().age_ms.map(|age_ms| {
            let age = strings::age(age_ms);
            t!("wall.data_age", age = age).into_owned()
        })
    });
    view! {
        <span class="wall-line" class:is-down=move || state.get() != LineState::Online>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d=move || {
                    if state.get() == LineState::Online {
                        "M8 3a5 5 0 1 1 0 10a5 5 0 1 1 0-10z"
                    } else {
                        "M3 7h10v2H3z"
                    }
                }></path>
            </svg>
            <span
                data-testid="line-state"
                data-state=move || line_state_name(state.get())
            >
                {move || strings::line_state(state.get())}
            </span>
        </span>
        <span class="data-age" class:is-stale=move || freshness.get().is_stale>
            {age}
        </span>
    }
}

/// A few changes on their way are everyday; from so many on the wall says that it is behind.
const NOTABLE_BEHIND: u64 = 100;

/// What the strip under the bar says while the picture does not follow the backend.
fn strip_words(line: &Line, queued: usize, now: Timestamp) -> Option<String> {
    let mut words = match line.state {
        LineState::Online if line.behind >= NOTABLE_BEHIND => {
            vec![t!("line.behind", count = line.behind).into_owned()]
        }
        LineState::Online => return None,
        _ => vec![line.last_contact.map_or_else(
            || {
                t!(
                    "line.never_connected",
                    why = strings::line_state(line.state)
                )
                .into_owned()
            },
            |at| {
                let (why, time) = (strings::line_state(line.state), strings::minute(at, now));
                t!("line.offline_hint", why = why, time = time).into_owned()
            },
        )],
    };
    if queued > 0 {
        words.push(t!("wall.queued", count = queued).into_owned());
    }
    Some(words.join(" · "))
}

/// Delays the strip a little, so that a line that is back at once does not make the wall jump.
fn settled_words(hall: HallContext) -> Memo<Option<String>> {
    const PATIENCE_MS: i64 = 3000;
    hall.memo(
        &[Slice::Line, Slice::Outbox, Slice::Second],
        |hall, _, now| {
            if !hall.has_picture || now.ms_since(hall.line.since) < PATIENCE_MS {
                return None;
            }
            let (queued, _) = orders::outbox_counts(&hall.outbox);
            strip_words(&hall.line, queued, now)
        },
    )
}

/// The strip under the bar: plain words while the line is down, nothing otherwise.
#[component]
pub fn LineStrip() -> impl IntoView {
    let hall = use_hall();
    let line_words = settled_words(hall);
    let words = move || {
        let failed = hall
            .feed_error
            .get()
            .map(|error| t!("app.feed_failed", error = error).into_owned());
        failed.or_else(|| line_words.get())
    };
    view! {
        <p class="line-strip" role="status" hidden=move || words().is_none()>
            {words}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::panels::tests::{NOW, picture};

    #[test]
    fn the_strip_speaks_only_while_the_picture_does_not_follow() {
        let mut line = picture().line;
        assert_eq!(strip_words(&line, 3, NOW), None);
        line.behind = NOTABLE_BEHIND - 1;
        assert_eq!(strip_words(&line, 3, NOW), None);
        line.behind = 120;
        assert!(strip_words(&line, 0, NOW).is_some_and(|words| words.contains("120")));
        line.state = LineState::Offline;
        line.last_contact = Some(NOW);
        let words = strip_words(&line, 3, NOW).expect("offline speaks");
        assert!(words.contains("15:30") && words.contains('3'), "{words}");
        let later = NOW.plus_ms(48 * 3_600_000);
        let words = strip_words(&line, 0, later).expect("offline speaks");
        let date = &NOW.local_ymd()[5..];
        assert!(words.contains(&format!("{date} 15:30")), "{words}");
        line.last_contact = None;
        assert_eq!(
            strip_words(&line, 0, NOW),
            Some(
                t!(
                    "line.never_connected",
                    why = strings::line_state(line.state)
                )
                .into_owned()
            )
        );
    }
}
