//! The two fields of the form of a new matter that need more than a line: category and place.

use domain::places::Crs;
use domain::rules::CategoryCode;
use leptos::ev::KeyboardEvent;
use leptos::html::Input;
use leptos::prelude::*;
use rust_i18n::t;

use super::dialog_forms::focus_when_shown;
use super::report::{Field, SYSTEMS, matches};
use super::report_line::{FieldFault, Line, held};
use super::state::{DeskContext, use_desk};
use crate::map_view::use_map;

/// Id of the list of categories.
const LIST_ID: &str = "report-categories";

/// One category in the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Listed {
    code: CategoryCode,
    name: String,
    major: String,
}

/// The field of the category with the list under it.
#[derive(Clone, Copy)]
struct Picker {
    desk: DeskContext,
    listed: Memo<Vec<Listed>>,
    is_listing: RwSignal<bool>,
    pointed: RwSignal<usize>,
    /// Whether somebody has moved in the list since it was last searched.
    has_moved: RwSignal<bool>,
}

/// Whether going on to the next field chooses what the list points to. Where several match and
/// nobody has moved among them, that is only the first in the list and nobody's choice.
const fn going_on_chooses(has_moved: bool, matches: usize) -> bool {
    has_moved || matches == 1
}

impl Picker {
    fn new(desk: DeskContext) -> Self {
        let listed = Memo::new(move |_| {
            let search = held(desk, |draft| &draft.search)();
            desk.hall.catalogue.with(|catalogue| {
                let Some(catalogue) = catalogue else {
                    return Vec::new();
                };
                let found = matches(&search, &catalogue.reference.rules).into_iter();
                let listed = found.map(|rule| Listed {
                    code: rule.code,
                    name: rule.name.clone(),
                    major: catalogue.major_name(rule.code.kind, rule.code.major),
                });
                listed.collect::<Vec<_>>()
            })
        });
        Self {
            desk,
            listed,
            is_listing: RwSignal::new(false),
            pointed: RwSignal::new(0),
            has_moved: RwSignal::new(false),
        }
    }

    fn choose(self, code: CategoryCode) {
        self.desk.hall.catalogue.with_untracked(|catalogue| {
            let rule = catalogue.as_ref().and_then(|c| c.category(code));
            if let Some(rule) = rule {
                self.desk.edit_report(|draft| draft.choose(rule));
            }
        });
        self.pointed.set(0);
        self.has_moved.set(false);
        self.is_listing.set(false);
    }

    fn choose_pointed(self) {
        let pointed = self.pointed.get_untracked();
        let code = self
            .listed
            .with_untracked(|listed| listed.get(pointed).map(|row| row.code));
        if let Some(code) = code {
            self.choose(code);
        }
    }

    fn typed(self, text: String) {
        self.desk.edit_report(|draft| {
            draft.search = text;
            draft.category = None;
        });
        self.pointed.set(0);
        self.has_moved.set(false);
        self.is_listing.set(true);
    }

    fn point_to(self, place: usize) {
        self.pointed.set(place);
        self.has_moved.set(true);
    }

    fn go_on(self) {
        let matches = self.listed.with_untracked(Vec::len);
        if going_on_chooses(self.has_moved.get_untracked(), matches) {
            self.choose_pointed();
        }
    }

    fn pressed(self, event: &KeyboardEvent) {
        // Until a word is put together its keys belong to the input method.
        if event.is_composing() {
            return;
        }
        let is_listing = self.is_listing.get_untracked();
        let pointed = self.pointed.get_untracked();
        let last = self.listed.with_untracked(|l| l.len().saturating_sub(1));
        match event.key().as_str() {
            "ArrowDown" if is_listing => self.point_to((pointed + 1).min(last)),
            "ArrowDown" => self.is_listing.set(true),
            "ArrowUp" if is_listing => self.point_to(pointed.saturating_sub(1)),
            "Enter" if is_listing => self.choose_pointed(),
            "Tab" if is_listing => {
                // The focus goes on as well.
                self.go_on();
                return;
            }
            "Escape" if is_listing => {
                self.is_listing.set(false);
                event.stop_propagation();
            }
            _ => return,
        }
        event.prevent_default();
    }
}

/// Searches the categories by code, name and first letters.
#[component]
pub fn CategoryField() -> impl IntoView {
    let desk = use_desk();
    let field = NodeRef::<Input>::new();
    focus_when_shown(field);
    let picker = Picker::new(desk);
    let (is_listing, pointed) = (picker.is_listing, picker.pointed);
    view! {
        <div class="form-field report-category">
            <label for="report-category">{t!("report.category").into_owned()}</label>
            <input
                node_ref=field
                id="report-category"
                class="field"
                type="text"
                role="combobox"
                autocomplete="off"
                aria-required="true"
                aria-autocomplete="list"
                aria-controls=LIST_ID
                aria-expanded=move || is_listing.get().to_string()
                aria-activedescendant=move || is_listing.get().then(|| option_id(pointed.get()))
                data-testid="report-category"
                placeholder=t!("report.category_hint").into_owned()
                prop:value=held(desk, |draft| &draft.search)
                on:input=move |event| picker.typed(event_target_value(&event))
                on:keydown=move |event| picker.pressed(&event)
                on:blur=move |_| is_listing.set(false)
            />
            <Chosen />
            <Show when=move || is_listing.get()>
                <ul class="report-matches" id=LIST_ID role="listbox">
                    {move || options(&picker.listed.get(), pointed.get(), picker)}
                </ul>
            </Show>
            <FieldFault field=Field::Category />
        </div>
    }
}

fn option_id(at: usize) -> String {
    format!("report-category-{at}")
}

fn options(listed: &[Listed], pointed: usize, picker: Picker) -> AnyView {
    if listed.is_empty() {
        return view! { <li class="faint">{t!("report.no_category").into_owned()}</li> }.into_any();
    }
    let rows = listed.iter().cloned().enumerate().map(|(at, row)| {
        view! {
            <li
                id=option_id(at)
                role="option"
                aria-selected=(at == pointed).to_string()
                data-testid="report-match"
                // The press comes before the blur of the field that hides the list.
                on:mousedown=move |event| {
                    event.prevent_default();
                    picker.choose(row.code);
                }
            >
                <span class="number">{row.code.to_string()}</span>
                <strong>{row.name}</strong>
                <span class="faint">{row.major}</span>
            </li>
        }
    });
    rows.collect_view().into_any()
}

/// The category that is chosen, with its code, so that a text that only looks like one is not taken
/// for it.
#[component]
fn Chosen() -> impl IntoView {
    let desk = use_desk();
    move || {
        let code = desk
            .report
            .draft
            .with(|draft| draft.as_ref().and_then(|d| d.category))?;
        let catalogue = desk.hall.catalogue.get()?;
        let major = catalogue.major_name(code.kind, code.major);
        let name = catalogue.category_name(code);
        Some(view! {
            <p class="report-chosen" data-testid="report-chosen">
                {format!("✓ {code} {major} / {name}")}
            </p>
        })
    }
}

/// Where it is: by a click on the map, by the cross in its middle, or by coordinates.
#[component]
pub fn PlaceField() -> impl IntoView {
    let desk = use_desk();
    let map = use_map();
    let at_cross = move |_| {
        if let Some((view, _)) = map.place.get_value() {
            map.placing.set(false);
            desk.edit_report(|draft| {
                draft.put_place(domain::LonLat::new(view.lon, view.lat));
            });
        }
    };
    view! {
        <fieldset class="report-place">
            <legend>{t!("report.place").into_owned()}</legend>
            <Line
                name="report-address"
                label=t!("report.address").into_owned()
                hint=t!("report.address_hint").into_owned()
                read=|draft| &draft.address
                write=|draft| &mut draft.address
                field=Field::Address
            />
            <div class="report-place-ways">
                <button
                    type="button"
                    class="button is-quiet"
                    data-testid="report-pick"
                    aria-pressed=move || map.placing.get().to_string()
                    title=t!("report.pick_hint").into_owned()
                    on:click=move |_| map.placing.update(|on| *on = !*on)
                >
                    {t!("report.pick").into_owned()}
                </button>
                <button
                    type="button"
                    class="button is-quiet"
                    data-testid="report-cross"
                    title=t!("report.cross_hint").into_owned()
                    on:click=at_cross
                >
                    {t!("report.cross").into_owned()}
                </button>
            </div>
            <Coordinates />
            <Located />
            <FieldFault field=Field::Place />
        </fieldset>
    }
}

#[component]
fn Coordinates() -> impl IntoView {
    let desk = use_desk();
    let chosen = move || {
        let crs = desk
            .report
            .draft
            .with(|draft| draft.as_ref().map(|d| d.crs));
        crs.unwrap_or_default().to_string()
    };
    view! {
        <div class="report-coordinates">
            <Line
                name="report-lon"
                label=t!("report.lon").into_owned()
                read=|draft| &draft.lon
                write=|draft| &mut draft.lon
                is_decimal=true
            />
            <Line
                name="report-lat"
                label=t!("report.lat").into_owned()
                read=|draft| &draft.lat
                write=|draft| &mut draft.lat
                is_decimal=true
            />
            <label class="form-field">
                <span>{t!("report.crs").into_owned()}</span>
                <select
                    class="field"
                    data-testid="report-crs"
                    title=t!("report.crs_hint").into_owned()
                    prop:value=chosen
                    on:change=move |event| {
                        if let Ok(crs) = event_target_value(&event).parse() {
                            desk.edit_report(|draft| draft.crs = crs);
                        }
                    }
                >
                    {SYSTEMS.map(|crs| {
                        view! { <option value=crs.to_string()>{crs_words(crs)}</option> }
                    }).collect_view()}
                </select>
            </label>
        </div>
    }
}

fn crs_words(crs: Crs) -> String {
    match crs {
        Crs::Wgs84 => "WGS 84".to_owned(),
        Crs::Gcj02 => "GCJ-02".to_owned(),
        Crs::Bd09 => "BD-09".to_owned(),
        _ => "CGCS2000".to_owned(),
    }
}

/// The grid in which the place lies, so that a wrong one is noticed, and the way to look at it.
#[component]
fn Located() -> impl IntoView {
    let desk = use_desk();
    let place = Memo::new(move |_| {
        desk.report
            .draft
            .with(|draft| draft.as_ref().and_then(super::report::Draft::place))
    });
    let grid = Memo::new(move |_| {
        let place = place.get()?;
        let catalogue = desk.hall.catalogue.get()?;
        let grids = &catalogue.reference.grids;
        let finest = grids
            .iter()
            .filter(|grid| grid.contains(place))
            .max_by_key(|grid| grid.level);
        Some(finest.map(|grid| grid.name.clone()))
    });
    move || {
        let place = place.get()?;
        let words = match grid.get().flatten() {
            Some(name) => t!("report.in_grid", name = name).into_owned(),
            None => t!("report.outside").into_owned(),
        };
        let is_outside = grid.get().flatten().is_none();
        Some(view! {
            <p class="report-located" class:warn=is_outside data-testid="report-located">
                {words}
                " "
                <button
                    type="button"
                    class="link"
                    on:click=move |_| desk.show_report_place(place)
                >
                    {t!("report.show_place").into_owned()}
                </button>
            </p>
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_field_chooses_only_what_somebody_pointed_to_or_what_alone_matches() {
        assert!(!going_on_chooses(false, 8), "nobody has moved");
        assert!(!going_on_chooses(false, 0));
        assert!(going_on_chooses(false, 1));
        assert!(going_on_chooses(true, 8));
    }
}
