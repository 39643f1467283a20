//! A desk's view on the wall: shown for a while with the name of who pushed it, then the wall returns
//! to what it showed before.

use std::collections::BTreeSet;

use domain::Timestamp;
use leptos::prelude::*;
use map_protocol::View;
use protocol::feed::{PushedSelection, PushedView};
use protocol::heat::HeatWindow;
use rust_i18n::t;

use crate::map_view::{MapControl, Sight, use_map};
use crate::state::survey::Drawing;
use crate::state::{HallContext, Selection, Slice, use_hall};
use crate::strings;

/// Which of the pushed views this wall has shown, and whether it shows it still.
#[derive(Debug, Clone, Copy, Default)]
struct Guest {
    number: u64,
    is_shown: bool,
}

/// What the wall does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Stay,
    Show,
    Return,
}

impl Guest {
    /// What to do, given the number of the pushed view and when it is over.
    fn step(&mut self, pushed: Option<(u64, Timestamp)>, now: Timestamp) -> Step {
        let lasting = pushed.filter(|(_, until)| now < *until);
        match lasting {
            Some((number, _)) if number != self.number => {
                self.number = number;
                self.is_shown = true;
                Step::Show
            }
            None if self.is_shown => {
                self.is_shown = false;
                Step::Return
            }
            // It stays, or somebody at the wall has sent it away, or there was none.
            Some(_) | None => Step::Stay,
        }
    }
}

/// What the wall showed of its own.
#[derive(Debug, Clone)]
struct Own {
    view: Option<View>,
    selection: Selection,
    heat: Option<HeatWindow>,
}

/// Who pushed the view that is shown, how long it stays, and a way to end it here.
#[component]
pub fn PushedChip() -> impl IntoView {
    let (hall, map) = (use_hall(), use_map());
    let guest = StoredValue::new(Guest::default());
    let is_shown = RwSignal::new(false);
    let own = StoredValue::new(None::<Own>);
    let give_back = move || {
        is_shown.set(false);
        guest.update_value(|guest| guest.is_shown = false);
        let Some(before) = own.get_value() else {
            return;
        };
        own.set_value(None);
        map.hidden.set(BTreeSet::new());
        map.heat.set(before.heat);
        // The wall has no tools of its own.
        map.drawing.set(Drawing::default());
        if let Some(view) = before.view {
            map.show(hall, before.selection, Sight::View(view));
        } else {
            hall.selection.set(before.selection);
            map.show_all.update(|count| *count += 1);
        }
    };
    Effect::new(move |_| {
        hall.track(Slice::PushedView);
        hall.track(Slice::Second);
        let (pushed, now) = (hall.with(|hall| hall.pushed_view.clone()), hall.exact_now());
        let at = pushed.as_ref().map(|view| (view.number, view.until));
        let step = guest
            .try_update_value(|guest| guest.step(at, now))
            .unwrap_or(Step::Stay);
        match (step, pushed) {
            (Step::Show, Some(view)) => {
                if own.with_value(Option::is_none) {
                    own.set_value(Some(Own {
                        view: map.place.get_value().map(|(view, _)| view),
                        selection: hall.selection.get_untracked(),
                        heat: map.heat.get_untracked(),
                    }));
                }
                is_shown.set(true);
                show_on(map, hall, &view);
            }
            (Step::Return, _) => give_back(),
            _ => {}
        }
    });
    let words = hall.memo(&[Slice::PushedView, Slice::Second], |hall, _, now| {
        let view = hall.pushed_view.as_ref()?;
        let left = strings::running_time(view.until.ms_since(now).max(0));
        Some(t!("map_wall.shown", by = view.by, left = left).into_owned())
    });
    move || {
        is_shown.get().then(|| {
            view! {
                <p class="pushed-chip" role="status" data-testid="pushed-view">
                    <span>{move || words.get()}</span>
                    <button
                        type="button"
                        class="button"
                        data-testid="pushed-return"
                        on:click=move |_| give_back()
                    >
                        {t!("map_wall.return_here").into_owned()}
                    </button>
                </p>
            }
        })
    }
}

fn show_on(map: MapControl, hall: HallContext, view: &PushedView) {
    map.hidden.set(view.hidden.clone());
    map.heat.set(view.heat);
    let drawing = view.drawing.as_ref().map(Drawing::of_pushed);
    map.drawing.set(drawing.unwrap_or_default());
    map.show(hall, selection_of(view), Sight::Whole(bounds_of(view)));
}

fn bounds_of(view: &PushedView) -> map_protocol::Bounds {
    map_protocol::Bounds {
        west: view.bounds.min.lon,
        south: view.bounds.min.lat,
        east: view.bounds.max.lon,
        north: view.bounds.max.lat,
    }
}

fn selection_of(view: &PushedView) -> Selection {
    match view.selection.clone() {
        PushedSelection::Nothing => Selection::Nothing,
        PushedSelection::Incident(id) => Selection::Incident(id),
        PushedSelection::Person(id) => Selection::Person(id),
        PushedSelection::Grid(code) => Selection::Grid(code),
        PushedSelection::Camera(id) => Selection::Camera(id),
        PushedSelection::Sensor(id) => Selection::Sensor(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pushed_view_is_shown_once_and_left_when_its_time_is_over() {
        let at = |s: i64| Timestamp::default().plus_ms(s * 1000);
        let mut guest = Guest::default();
        assert_eq!(guest.step(None, at(0)), Step::Stay);
        let first = Some((1, at(120)));
        assert_eq!(guest.step(first, at(1)), Step::Show);
        assert_eq!(guest.step(first, at(2)), Step::Stay);
        let second = Some((2, at(150)));
        assert_eq!(
            guest.step(second, at(30)),
            Step::Show,
            "another one at once"
        );
        assert_eq!(guest.step(second, at(149)), Step::Stay);
        assert_eq!(guest.step(second, at(150)), Step::Return);
        assert_eq!(guest.step(second, at(151)), Step::Stay);
        assert_eq!(guest.step(Some((3, at(300))), at(200)), Step::Show);
        assert_eq!(
            guest.step(None, at(201)),
            Step::Return,
            "the desk took it back"
        );
        // A wall that starts late does not show what is over.
        assert_eq!(Guest::default().step(Some((9, at(10))), at(11)), Step::Stay);
    }

    #[test]
    fn what_was_sent_away_at_the_wall_does_not_come_back() {
        let at = |s: i64| Timestamp::default().plus_ms(s * 1000);
        let mut guest = Guest::default();
        guest.step(Some((1, at(120))), at(1));
        guest.is_shown = false;
        assert_eq!(guest.step(Some((1, at(120))), at(2)), Step::Stay);
        assert_eq!(guest.step(Some((1, at(120))), at(121)), Step::Stay);
    }
}
