//! The small card over the map for a person, a grid or a camera that is selected there.

use domain::people::{Person, PositionAge};
use domain::sets::IncidentSet;
use domain::{CameraId, GridCode, PersonId, PositionFix, SensorId, Timestamp};
use leptos::prelude::*;
use rust_i18n::t;

use super::reference_ages::provenance_words;
use super::state::use_desk;
use crate::components::{Tag, Tone};
use crate::map_view::use_map;
use crate::state::people::{Activities, Activity, position_age};
use crate::state::{Selection, Slice, use_hall};
use crate::strings;

/// The card of whatever is selected, unless it is an incident.
#[component]
pub fn SelectionCard() -> impl IntoView {
    let desk = use_desk();
    let hall = use_hall();
    move || {
        let content = match hall.selection.get() {
            Selection::Nothing | Selection::Incident(_) => return None,
            Selection::Person(id) => view! { <PersonCard id /> }.into_any(),
            Selection::Grid(code) => view! { <GridCard code /> }.into_any(),
            Selection::Camera(id) => view! { <CameraCard id /> }.into_any(),
            Selection::Sensor(id) => view! { <SensorCard id /> }.into_any(),
        };
        Some(view! {
            <aside class="map-card" data-testid="map-card" role="status">
                <button
                    type="button"
                    class="icon-button map-card-close"
                    aria-label=t!("desk.card.close").into_owned()
                    title=t!("desk.card.close").into_owned()
                    on:click=move |_| desk.close_card()
                >
                    "×"
                </button>
                {content}
            </aside>
        })
    }
}

/// A list of names and words.
fn rows(rows: Vec<(std::borrow::Cow<'static, str>, String)>) -> impl IntoView {
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

fn unknown(what: &str) -> AnyView {
    let words = t!("desk.card.unknown").into_owned();
    view! {
        <h3>{what.to_owned()}</h3>
        <p class="faint">{words}</p>
    }
    .into_any()
}

/// What a person's card says.
#[derive(Debug, Clone, PartialEq)]
struct PersonView {
    person: Person,
    activity: Activity,
    age: PositionAge,
    position: Option<String>,
    orders: usize,
    home_grid: Option<String>,
    entry: String,
}

#[component]
fn PersonCard(id: PersonId) -> impl IntoView {
    let hall = use_hall();
    let shown = hall.memo(
        &[
            Slice::People,
            Slice::Positions,
            Slice::Orders,
            Slice::Second,
        ],
        move |hall, catalogue, now| {
            let situation = &hall.situation;
            let person = situation.people.get(&id)?.clone();
            Some(PersonView {
                activity: Activities::at(situation, catalogue, now).of(&person),
                age: position_age(situation, id, now),
                position: situation
                    .positions
                    .get(&id)
                    .map(|fix| position_words(fix, now)),
                orders: situation.open_orders_of(id).count(),
                entry: provenance_words(person.provenance.as_ref(), now),
                home_grid: person
                    .home_grid
                    .as_ref()
                    .map(|code| catalogue.map_or_else(|| code.to_string(), |c| c.grid_name(code))),
                person,
            })
        },
    );
    // The content is drawn anew every second; the button keeps its focus.
    view! {
        {move || match shown.get() {
            None => unknown(&id.to_string()),
            Some(shown) => person_content(shown).into_any(),
        }}
        <FollowButton id />
    }
}

/// Age, accuracy and source: `20秒前，误差约 8 米，现场终端上报`.
fn position_words(fix: &PositionFix, now: Timestamp) -> String {
    t!(
        "desk.card.located",
        age = strings::age(now.ms_since(fix.at)),
        m = fix.accuracy_m.max(0.0) as u32,
        source = strings::position_source(fix.source)
    )
    .into_owned()
}

fn person_content(shown: PersonView) -> impl IntoView {
    let person = shown.person;
    let none = || t!("desk.card.none").into_owned();
    let skills: Vec<String> = person.skills.iter().map(|s| strings::skill(*s)).collect();
    let shift = person.shift;
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let shift_words = if shift.from_minute == shift.to_minute {
        t!("desk.card.shift_always").into_owned()
    } else {
        format!("{}–{}", clock(shift.from_minute), clock(shift.to_minute))
    };
    let no_position = || t!("desk.card.no_position").into_owned();
    let position = shown.position.unwrap_or_else(no_position);
    let (words, tone) = match (shown.activity, shown.age) {
        (Activity::OffDuty, _) => (strings::activity(Activity::OffDuty), Tone::Quiet),
        (_, PositionAge::Lost) => (strings::position_age(PositionAge::Lost), Tone::Warn),
        (Activity::Busy, _) => (strings::activity(Activity::Busy), Tone::Active),
        (Activity::Available, _) => (strings::activity(Activity::Available), Tone::Good),
    };
    view! {
        <h3 data-testid="card-person" data-person=person.id.to_string()>
            {person.name.clone()}
            <span class="faint">{strings::post(person.post)}</span>
            <Tag text=words tone=tone />
        </h3>
        {rows(vec![
            (t!("desk.card.shift"), shift_words),
            (t!("desk.card.position"), position),
            (t!("desk.card.load"), shown.orders.to_string()),
            (
                t!("desk.card.skills"),
                if skills.is_empty() { none() } else { skills.join("、") },
            ),
            (t!("desk.card.home_grid"), shown.home_grid.unwrap_or_else(none)),
            (t!("desk.card.phone"), person.phone.clone()),
            (t!("desk.card.entry"), shown.entry),
        ])}
    }
}

/// Keeps the person in view on the map, or no longer.
#[component]
fn FollowButton(id: PersonId) -> impl IntoView {
    let map = use_map();
    let is_followed = move || map.followed.get() == Some(id);
    view! {
        <button
            type="button"
            class="button"
            data-testid="follow"
            title=t!("map_hand.follow_hint").into_owned()
            aria-pressed=move || is_followed().to_string()
            on:click=move |_| map.toggle_follow(id)
        >
            {move || {
                if is_followed() {
                    t!("map_hand.unfollow").into_owned()
                } else {
                    t!("map_hand.follow").into_owned()
                }
            }}
        </button>
    }
}

#[component]
fn GridCard(code: GridCode) -> impl IntoView {
    let desk = use_desk();
    let hall = desk.hall;
    let set = IncidentSet::OpenInGrid(code.clone());
    let counted = {
        let set = set.clone();
        let code = code.clone();
        hall.memo(
            &[Slice::Incidents, Slice::People, Slice::Second],
            move |hall, catalogue, now| {
                let situation = &hall.situation;
                let answers_for_it = catalogue
                    .and_then(|c| c.responsibility_grid(&code))
                    .and_then(|grid| grid.responsible);
                let overdue = situation
                    .members(&set, now)
                    .filter(|incident| incident.is_overdue(now))
                    .count();
                let responsible: Vec<String> = situation
                    .people
                    .values()
                    .filter(|person| {
                        person.home_grid.as_ref() == Some(&code)
                            || answers_for_it == Some(person.id)
                    })
                    .map(|person| person.name.clone())
                    .collect();
                (situation.count(&set, now), overdue, responsible)
            },
        )
    };
    move || {
        let catalogue = hall.catalogue.get();
        let Some((name, kind)) = catalogue
            .as_deref()
            .and_then(|c| strings::grid_words(c, &code))
        else {
            return unknown(code.as_str());
        };
        let (open, overdue, responsible) = counted.get();
        let set = set.clone();
        let responsible = names(&responsible);
        view! {
            <h3 data-testid="card-grid" data-grid=code.to_string()>
                {name}
                <span class="faint">{kind}</span>
            </h3>
            {rows(vec![
                (t!("desk.card.code"), code.to_string()),
                (t!("desk.card.open_here"), open.to_string()),
                (t!("desk.card.overdue_here"), overdue.to_string()),
                (t!("desk.card.responsible"), responsible),
            ])}
            <button
                type="button"
                class="button"
                data-testid="show-grid"
                disabled={open == 0}
                on:click=move |_| desk.show_set(set.clone())
            >
                {t!("desk.card.show_here").into_owned()}
            </button>
        }
        .into_any()
    }
}

/// Names in a line; of many only the first, and how many there are.
fn names(all: &[String]) -> String {
    const SHOWN: usize = 6;
    if all.is_empty() {
        t!("desk.card.none").into_owned()
    } else if all.len() > SHOWN {
        let first = all[..SHOWN].join("、");
        t!("desk.card.and_more", names = first, n = all.len()).into_owned()
    } else {
        all.join("、")
    }
}

#[component]
fn CameraCard(id: CameraId) -> impl IntoView {
    let hall = use_hall();
    move || {
        let catalogue = hall.catalogue.get();
        let Some(camera) = catalogue.as_deref().and_then(|c| c.camera(&id)) else {
            return unknown(id.as_str());
        };
        view! {
            <h3 data-testid="card-camera">
                {camera.name.clone()}
                <span class="faint">{t!("desk.card.camera").into_owned()}</span>
            </h3>
            {rows(vec![
                (t!("desk.card.code"), id.to_string()),
                (t!("desk.card.heading"), format!("{:.0}°", camera.heading_deg)),
            ])}
        }
        .into_any()
    }
}

#[component]
fn SensorCard(id: SensorId) -> impl IntoView {
    let hall = use_hall();
    move || {
        let catalogue = hall.catalogue.get();
        let Some(sensor) = catalogue.as_deref().and_then(|c| c.sensor(&id)) else {
            return unknown(id.as_str());
        };
        view! {
            <h3 data-testid="card-sensor">
                {sensor.name.clone()}
                <span class="faint">{strings::sensor_kind(sensor.kind)}</span>
            </h3>
            {rows(vec![(t!("desk.card.code"), id.to_string())])}
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::PositionSource;

    #[test]
    fn a_position_is_shown_with_its_age_and_who_brought_it() {
        rust_i18n::set_locale("zh-CN");
        let now = crate::screens::desk::sample::NOON;
        let mut fix = PositionFix {
            person: PersonId(1),
            location: domain::LonLat::new(104.1, 30.66),
            source_crs: domain::places::Crs::default(),
            source: PositionSource::Field,
            at: now.plus_ms(-120_000),
            accuracy_m: 8.4,
            speed_mps: 0.0,
            heading_deg: 0.0,
        };
        assert_eq!(
            position_words(&fix, now),
            "2分钟前，误差约 8 米，现场终端上报"
        );
        fix.source = PositionSource::default();
        assert_eq!(position_words(&fix, now), "2分钟前，误差约 8 米，来源未知");
    }

    #[test]
    fn of_many_names_the_first_are_said_and_how_many_there_are() {
        let all: Vec<String> = (1..=8).map(|n| format!("n{n}")).collect();
        assert_eq!(names(&all[..2]), "n1、n2");
        let many = names(&all);
        assert!(many.contains("n6") && !many.contains("n7") && many.contains('8'));
    }
}
