//! The selected incident: facts, who is sent, what can be done, what has been done.

use domain::clocks::StageClock;
use domain::incidents::interim_clocks_of;
use domain::{GridCode, Incident, IncidentId};
use leptos::prelude::*;
use rust_i18n::t;

use super::candidates::CandidateRows;
use super::conflict_card::Conflicts;
use super::duplicates::Duplicates;
use super::order_list::{OrderList, is_any_under_way, rows_of};
use super::proposal_panel::ProposalPanel;
use super::state::{DeskContext, TrailView, use_desk};
use super::steps::StepBar;
use super::trail_panel::TrailPanel;
use super::whistle_panel::WhistlePanel;
use crate::components::{CopyableId, DrillBadge, LampClock, LevelBadge, Tag, Tone, incident_tone};
use crate::state::{Catalogue, Selection, Slice};
use crate::strings;

/// Id of the panel, for the key that jumps into it.
pub const DETAIL_ID: &str = "incident-detail";

/// The panel.
#[component]
pub fn DetailPanel(
    /// The rows of the shown proposal.
    candidates: Memo<CandidateRows>,
) -> impl IntoView {
    let desk = use_desk();
    let is_known = desk.hall.memo(&[Slice::Incidents], move |hall, _, _| {
        let incident = desk.incident.get()?;
        Some((incident, hall.situation.incidents.contains_key(&incident)))
    });
    view! {
        <section
            id=DETAIL_ID
            class="detail"
            tabindex="-1"
            data-testid="detail"
            data-incident=move || desk.incident.get().map(|id| id.to_string())
            aria-label=t!("desk.detail.title").into_owned()
        >
            {move || match is_known.get() {
                Some((incident, true)) => view! { <Content incident candidates /> }.into_any(),
                Some((_, false)) => instead(t!("desk.detail.gone"), "".into()).into_any(),
                None => {
                    instead(t!("desk.detail.nothing"), t!("desk.detail.nothing_hint")).into_any()
                }
            }}
        </section>
    }
}

fn instead(
    title: std::borrow::Cow<'static, str>,
    hint: std::borrow::Cow<'static, str>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p>{title.into_owned()}</p>
            <p class="faint">{hint.into_owned()}</p>
        </div>
    }
}

#[component]
fn Content(incident: IncidentId, candidates: Memo<CandidateRows>) -> impl IntoView {
    let desk = use_desk();
    let shown = desk.hall.memo(&[Slice::Incidents], move |hall, _, _| {
        hall.situation.incidents.get(&incident).cloned()
    });
    let orders = rows_of(desk, incident);
    // For the seconds of grace everything stays where it is: what moves under a pointer that is
    // about to click again does harm.
    let is_under_way = Memo::new(move |_| orders.with(|rows| is_any_under_way(rows)));
    let leads_with_orders =
        Memo::new(move |_| is_under_way.get() && desk.undoable(incident).is_none());
    view! {
        {move || shown.get().map(|incident| view! { <Head incident /> })}
        <div class="detail-body" data-lead=move || { if leads_with_orders.get() { "orders" } else { "proposal" } }>
            <div class="detail-conflicts">
                <Conflicts incident />
            </div>
            <div class="detail-proposal">
                <ProposalPanel rows=candidates is_under_way=leads_with_orders />
            </div>
            <div class="detail-orders">
                <OrderList incident rows=orders />
            </div>
            <div class="detail-steps">
                <StepBar incident />
            </div>
            <WhistlePanel incident />
            {move || shown.get().map(|incident| facts(desk, &incident))}
            <TrailPanel />
        </div>
    }
}

#[component]
fn Head(incident: Incident) -> impl IntoView {
    let is_open = incident.state.is_open();
    let clock: Option<StageClock> = incident.clock.filter(|_| is_open);
    let state = incident.state;
    let desk = use_desk();
    let number = incident.id;
    let reported = desk
        .hall
        .memo(&[Slice::Incidents, Slice::Outbox], move |hall, _, _| {
            let shown = hall.situation.incidents.get(&number)?;
            super::outbox::report_state(&hall.outbox, shown)
        });
    let report = move || reported.get().map(super::words::report_tag);
    view! {
        <header class="detail-head">
            <div class="detail-title">
                <LevelBadge level=incident.level />
                {incident.is_drill.then(|| view! { <DrillBadge /> })}
                <h2>{incident.title.clone()}</h2>
                <LampClock clock=clock />
            </div>
            <p class="detail-address">{incident.address.clone()}</p>
            <p class="detail-tags">
                <CopyableId
                    text=incident.id.to_string()
                    label=Signal::stored(strings::incident_number(incident.id))
                />
                {report}
                <Tag text=strings::incident_state(state) tone=incident_tone(state) />
                {incident
                    .supervised
                    .then(|| view! { <Tag text=t!("badge.supervised").into_owned() tone=Tone::Warn /> })}
                {count_tag(incident.reworks, |n| t!("desk.detail.reworks", n = n).into_owned())}
                {count_tag(
                    incident.extensions,
                    |n| t!("desk.detail.extensions", n = n).into_owned(),
                )}
            </p>
            <Duplicates incident=incident.id />
        </header>
    }
}

fn count_tag(n: u8, words: fn(u8) -> String) -> Option<impl IntoView> {
    (n > 0).then(|| view! { <Tag text=words(n) tone=Tone::Quiet /> })
}

fn facts(desk: DeskContext, incident: &Incident) -> impl IntoView + use<> {
    let catalogue = desk.hall.catalogue.get();
    let catalogue = catalogue.as_deref();
    let category = catalogue.map_or_else(
        || incident.category.to_string(),
        |c| {
            let code = incident.category;
            let major = c.major_name(code.kind, code.major);
            format!("{major} / {}（{code}）", c.category_name(code))
        },
    );
    let reported = format!(
        "{} {}",
        incident.reported_at.local_ymd(),
        incident.reported_at.local_hms()
    );
    let limit = incident
        .clock
        .filter(|_| incident.state.is_open())
        .map(|clock| {
            let at = clock.deadline;
            let due = format!("{} {}", at.local_ymd(), at.local_hm());
            t!(
                "desk.detail.deadline",
                limit = strings::limit(clock.limit),
                at = due
            )
            .into_owned()
        });
    let level = format!(
        "{} · {}",
        strings::level(incident.level),
        strings::level_reason(&incident.level_reason, &incident.level_reason_en)
    );
    view! {
        <section class="card" aria-labelledby="facts-title" data-testid="facts">
            <header class="card-head">
                <h3 id="facts-title">{t!("desk.detail.facts").into_owned()}</h3>
            </header>
            <p class="detail-description">{incident.description.clone()}</p>
            <dl class="facts">
                <dt>{t!("desk.detail.category").into_owned()}</dt>
                <dd>{category}</dd>
                <dt>{t!("desk.detail.level_reason").into_owned()}</dt>
                <dd>{level}</dd>
                <dt>{t!("desk.detail.channel").into_owned()}</dt>
                <dd>{strings::channel(incident.channel)}</dd>
                <dt>{t!("desk.detail.reported").into_owned()}</dt>
                <dd class="number">{reported}</dd>
                {limit
                    .map(|words| {
                        view! {
                            <dt>{t!("desk.detail.limit").into_owned()}</dt>
                            <dd>{words}</dd>
                        }
                    })}
                {interims(desk, incident.id)}
                <dt>{t!("desk.detail.grids").into_owned()}</dt>
                <dd>{grids(desk, incident, catalogue)}</dd>
            </dl>
        </section>
    }
}

/// What has to be done on the way to the settlement, each with its clock; it is counted off the
/// trail, so it appears with that.
fn interims(desk: DeskContext, incident: IncidentId) -> impl Fn() -> AnyView + use<> {
    let clocks = Memo::new(move |_| {
        let catalogue = desk.hall.catalogue.get()?;
        desk.trail.with(|trail| match trail {
            TrailView::Shown(trail) if trail.first().is_some_and(|e| e.incident == incident) => {
                Some(interim_clocks_of(trail, &catalogue.reference.rules))
            }
            _ => None,
        })
    });
    move || {
        let rows = clocks.get().unwrap_or_default().into_iter();
        rows.map(|(text, clock)| {
            view! {
                <dt>{t!("desk.detail.interim").into_owned()}</dt>
                <dd data-testid="interim">
                    {text}" "
                    <LampClock clock=Some(clock) />
                </dd>
            }
        })
        .collect_view()
        .into_any()
    }
}

fn grids(
    desk: DeskContext,
    incident: &Incident,
    catalogue: Option<&Catalogue>,
) -> impl IntoView + use<> {
    let codes: Vec<GridCode> = incident.grids.codes().cloned().collect();
    if codes.is_empty() {
        return t!("desk.detail.no_grid").into_owned().into_any();
    }
    codes
        .into_iter()
        .map(|code| {
            let (name, kind) = catalogue
                .and_then(|c| strings::grid_words(c, &code))
                .unwrap_or_else(|| (code.to_string(), String::new()));
            let title = format!("{kind} {}", t!("desk.detail.show_grid"));
            view! {
                <button
                    type="button"
                    class="link grid-link"
                    title=title
                    on:click=move |_| desk.hall.selection.set(Selection::Grid(code.clone()))
                >
                    {name}
                </button>
            }
        })
        .collect_view()
        .into_any()
}
