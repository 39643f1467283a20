//! People on duty by class.

use domain::people::{POSITION_STALE_MS, PersonClass};
use leptos::prelude::*;
use rust_i18n::t;

use crate::components::{Panel, PanelState};
use crate::state::people::{self, ClassCount};
use crate::state::{Freshness, Slice, use_hall};
use crate::strings;

/// On duty, on orders and located, for each of the three classes.
#[component]
pub fn PeoplePanel() -> impl IntoView {
    let hall = use_hall();
    let slices = &[
        Slice::People,
        Slice::Orders,
        Slice::Positions,
        Slice::Mode,
        Slice::Second,
    ];
    let counts = hall.memo(slices, |hall, catalogue, now| {
        people::on_duty(&hall.situation, catalogue, now)
    });
    let freshness = hall.memo(slices, |hall, _, now| {
        let newest = people::newest_position(&hall.situation);
        Freshness::of(newest, now, POSITION_STALE_MS)
    });
    let state = Signal::derive(move || {
        let is_empty = counts.with(|counts| counts.iter().all(|c| c.roster == 0));
        PanelState::of(hall.has_data.get(), is_empty, &t!("wall.no_people"))
    });
    let aside = Signal::derive(move || {
        let count: usize = counts.with(|counts| counts.iter().map(|c| c.on_duty).sum());
        t!("wall.total", count = count).into_owned()
    });
    let row = move |n: usize| {
        let class = PersonClass::ALL[n];
        let of =
            move |read: fn(&ClassCount) -> usize| move || counts.with(|counts| read(&counts[n]));
        view! {
            <tr>
                <th scope="row">{strings::person_class(class)}</th>
                <td class="people-main">{of(|c| c.on_duty)}</td>
                <td>{of(|c| c.busy)}</td>
                <td>{of(|c| c.located)}</td>
            </tr>
        }
    };
    view! {
        <Panel
            title=t!("wall.people").into_owned()
            source=t!("panel.source_positions").into_owned()
            freshness
            state
            aside
            class="people"
        >
            <table class="people-table">
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col">{t!("wall.on_duty").into_owned()}</th>
                        <th scope="col">{t!("wall.busy").into_owned()}</th>
                        <th scope="col">{t!("wall.located").into_owned()}</th>
                    </tr>
                </thead>
                <tbody>{(0..3).map(row).collect_view()}</tbody>
            </table>
        </Panel>
    }
}
