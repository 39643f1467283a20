//! The host of one map: what it was told last, and how it is told again after a fault.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::IncidentId;
use domain::places::GridLevel;
use domain::sets::IncidentSet;
use leptos::prelude::*;
use map_protocol as map;
use map_protocol::{Init, Layer, PolygonValue, Target, ToMap, View, Viewport};
use protocol::feed::MapLayer;
use web_sys::HtmlElement;

use super::arrivals::Arrivals;
use super::book::{Book, Sent};
use super::control::MapControl;
use super::frame::Map;
use super::style::LoadedStyle;
use super::tracks::Tracks;
use super::{devices, framing, pack, palette, roads};
use crate::appearance::{AppearanceControl, use_appearance};
use crate::components::Toasts;
use crate::state::survey::Drawing;
use crate::state::{Catalogue, HallContext, Selection, panels};

/// Machines whose users ask for less motion.
pub(super) const CALM: &str = "(prefers-reduced-motion: reduce)";

const MIN_ZOOM: f64 = 8.0;
pub(super) const MAX_ZOOM: f64 = 20.0;

/// How a window uses the map.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether pointer and keyboard move it.
    pub is_interactive: bool,
    /// Scale of marks and labels; 1 at a desk.
    pub mark_scale: Signal<f64>,
}

/// The map of one component with everything that it was told.
pub struct Host {
    pub hall: HallContext,
    pub control: MapControl,
    pub appearance: AppearanceControl,
    pub toasts: Toasts,
    pub container: HtmlElement,
    look: Look,
    /// The running map; `None` while it is being (re)built.
    pub map: Option<Map>,
    /// The base map's style, once it is loaded.
    pub style: LoadedStyle,
    /// The newest view, to return to after a fault.
    pub view: Option<View>,
    /// Whether the user has moved the map, so that late reference data leaves the view alone.
    pub was_moved: bool,
    /// Selection that came from a click on the map: no flight.
    pub picked: Option<Selection>,
    /// How often the map was built anew.
    pub rebuilds: u32,
    /// When (milliseconds of the page) it was lost lately.
    pub losses: Vec<f64>,
    /// What is under the pointer, and how often that has changed.
    pub hovered: Option<Target>,
    pub hovers: u32,
    pub(super) incident_numbers: Book<IncidentId>,
    incidents: Sent<map::Incident>,
    arrivals: Arrivals,
    pub(super) people: Sent<map::Person>,
    pub(super) tracks: Tracks,
    /// The trails that the map shows.
    pub(super) trails: Vec<map::Trail>,
    /// The points of the heat map that the map shows.
    pub(super) heat: Vec<map::HeatPoint>,
    work: Sent<(Layer, PolygonValue)>,
    coloured: GridLevel,
    /// What the map drew itself and need not be told.
    pub drawn: Option<Drawing>,
}

pub type SharedHost = Rc<RefCell<Host>>;

impl Host {
    /// A host without a map yet.
    pub fn new(
        hall: HallContext,
        control: MapControl,
        toasts: Toasts,
        container: HtmlElement,
        look: Look,
    ) -> SharedHost {
        Rc::new(RefCell::new(Self {
            hall,
            control,
            appearance: use_appearance(),
            toasts,
            container,
            look,
            map: None,
            style: LoadedStyle::default(),
            view: None,
            was_moved: false,
            picked: None,
            rebuilds: 0,
            losses: Vec::new(),
            hovered: None,
            hovers: 0,
            incident_numbers: Book::default(),
            incidents: Sent::default(),
            arrivals: Arrivals::default(),
            people: Sent::default(),
            tracks: Tracks::default(),
            trails: Vec::new(),
            heat: Vec::new(),
            work: Sent::default(),
            coloured: GridLevel::General,
            drawn: None,
        }))
    }

    pub(super) fn send(&self, message: &ToMap) {
        if let Some(map) = &self.map {
            map.send(message);
        }
    }

    pub(super) fn with_catalogue<T>(&self, read: impl FnOnce(Option<&Catalogue>) -> T) -> T {
        self.hall
            .catalogue
            .with_untracked(|catalogue| read(catalogue.as_deref()))
    }

    /// Tells a new map everything.
    pub fn tell_all(&mut self) {
        let init = self.init();
        self.send(&ToMap::Init { init });
        self.send(&ToMap::SetSprites {
            sheets: self.style.sprites.clone(),
        });
        self.tell_mark_scale();
        self.tell_calm();
        self.tell_reference();
        let people = self.people.all();
        self.send(&ToMap::SetPeople {
            people,
            glide_ms: 0,
        });
        let trails = self.trails.clone();
        self.send(&ToMap::SetTrails { trails });
        self.tell_heat();
        let incidents = self.incidents.all();
        self.send(&ToMap::SetIncidents { incidents });
        self.tell_visibility();
        self.tell_selection();
        self.tell_routes();
        self.tell_followed();
        self.drawn = None;
        self.tell_drawing();
    }

    /// How large marks and labels are drawn.
    pub fn tell_mark_scale(&mut self) {
        let scale = self.look.mark_scale.get_untracked() as f32;
        self.send(&ToMap::SetMarkScale { scale });
    }

    /// Whether flights and coasting are wanted.
    pub fn tell_calm(&mut self) {
        let calm = asks_for_calm();
        self.send(&ToMap::SetCalm { calm });
    }

    /// Width and height of the map's box in CSS pixels.
    pub(super) fn size_px(&self) -> [f64; 2] {
        let size = self.container.get_bounding_client_rect();
        [size.width(), size.height()]
    }

    fn init(&mut self) -> Init {
        let size_px = self.size_px();
        let settings = self.hall.settings.get_value();
        let street = self.with_catalogue(|catalogue| catalogue?.reference.bounds);
        let source = settings.map.as_ref();
        let view = *self.view.get_or_insert_with(|| {
            framing::first_area(street, source).map_or(
                View {
                    lon: 104.0,
                    lat: 35.0,
                    zoom: MIN_ZOOM,
                },
                |area| framing::view_of(area, size_px, framing::STREET_ZOOM),
            )
        });
        Init {
            viewport: Viewport {
                width: size_px[0] as f32,
                height: size_px[1] as f32,
                pixel_ratio: window().device_pixel_ratio() as f32,
            },
            view,
            tile_url: source.map_or_else(String::new, |map| map.tile_url.clone()),
            max_source_zoom: source.map_or(14, |map| map.max_zoom),
            min_source_zoom: source.map_or(0, |map| map.min_zoom),
            style_json: self
                .style
                .json
                .clone()
                .unwrap_or_else(|| super::view::EMPTY_STYLE.to_owned()),
            palette: palette::read(),
            min_zoom: MIN_ZOOM,
            max_zoom: MAX_ZOOM,
            interactive: self.look.is_interactive,
        }
    }

    /// Grids, the street's outline and its devices.
    fn tell_reference(&mut self) {
        let messages = self.with_catalogue(|catalogue| {
            let Some(catalogue) = catalogue else {
                return Vec::new();
            };
            let mut messages: Vec<ToMap> = pack::LEVELS
                .into_iter()
                .map(|level| ToMap::SetPolygons {
                    layer: pack::layer_of(level),
                    features: catalogue
                        .grids_of(level)
                        .map(|(index, grid)| pack::polygon(index, grid))
                        .collect(),
                })
                .collect();
            messages.push(ToMap::SetPolygons {
                layer: Layer::Street,
                features: vec![pack::street_outline(&catalogue.reference.outline)],
            });
            messages.push(devices::all(&catalogue.reference));
            let source = self
                .hall
                .settings
                .with_value(|settings| settings.map.clone());
            messages.push(ToMap::SetLines {
                lines: roads::lines(&catalogue.reference.roads, source.as_ref()),
            });
            messages
        });
        for message in &messages {
            self.send(message);
        }
        // The polygons were sent without colours.
        self.work = Sent::default();
        self.refresh_work();
    }

    /// The window has another look: its style, and the colours that are on the page now.
    pub fn look_changed(&mut self, style: LoadedStyle) {
        self.style = style;
        self.send(&ToMap::SetPalette {
            palette: palette::read(),
        });
        if let Some(style_json) = self.style.json.clone() {
            self.send(&ToMap::SetStyle { style_json });
            self.tell_sprites();
        }
    }

    /// The window came to a screen of another density: the icons are loaded for it, or stay as they
    /// were where they cannot be.
    pub fn density_changed(&mut self, style: LoadedStyle) {
        if style.sprites.len() >= self.style.sprites.len() {
            self.style.sprites = style.sprites;
            self.tell_sprites();
        }
    }

    fn tell_sprites(&self) {
        self.send(&ToMap::SetSprites {
            sheets: self.style.sprites.clone(),
        });
    }

    /// New reference data: shows it, and the street unless the user looks elsewhere.
    pub fn reference_changed(&mut self) {
        self.tell_reference();
        // Grids and devices are known to the map by their places in the reference data.
        self.tell_selection();
        self.tell_routes();
        if !self.was_moved {
            self.show_all(0);
        }
    }

    /// Incidents of the filter and the colours of the grids, as they are at this second.
    pub fn refresh_incidents(&mut self) {
        let now = self.hall.now.get_untracked();
        let set: IncidentSet = self.hall.filter.get_untracked();
        let selected = self.hall.selection.with_untracked(Selection::incident);
        let narrowed_to = self.control.narrowed_to.get_untracked();
        let is_hidden = self.control.hides(MapLayer::Incidents);
        let numbers = &mut self.incident_numbers;
        let arrivals = &mut self.arrivals;
        let calm = asks_for_calm();
        let catalogue = self.hall.catalogue.get_untracked();
        let catalogue = catalogue.as_deref();
        let wanted: BTreeMap<u32, map::Incident> = self.hall.with(|hall| {
            if hall.has_picture {
                let all = hall.situation.incidents.values();
                arrivals.note(all.map(|i| (i.id, i.particulars.provisional)), now);
            }
            let shown = |incident: &&domain::Incident| {
                let is_listed = || {
                    narrowed_to
                        .as_ref()
                        .is_none_or(|ids| ids.contains(&incident.id))
                };
                (!is_hidden && set.contains(incident, now) && is_listed())
                    || selected == Some(incident.id)
            };
            let incidents = hall.situation.incidents.values().filter(shown);
            incidents
                .map(|incident| {
                    let number = numbers.number(&incident.id);
                    let mut mark = pack::incident(number, incident, catalogue, selected, now);
                    if arrivals.is_news(incident.id) && !calm {
                        mark.flags.0 |= map::IncidentFlags::NEW;
                    }
                    (number, mark)
                })
                .collect()
        });
        // Said on the page so that a test can hold the map's number against the count and the list.
        let drawn = wanted.len().to_string();
        self.container.set_attribute("data-incidents", &drawn).ok();
        let patch = self.incidents.replace(wanted);
        if !patch.is_empty() {
            self.send(&ToMap::PatchIncidents {
                changed: patch.changed,
                removed: patch.removed,
            });
        }
        self.refresh_work();
    }

    /// Colours of the grids by open work, of the level that is coloured at this zoom.
    pub fn refresh_work(&mut self) {
        let now = self.hall.now.get_untracked();
        self.coloured = pack::coloured_level(self.view.map_or(0.0, |view| view.zoom));
        let work = self
            .hall
            .with(|hall| panels::work_by_grid(&hall.situation, now));
        let coloured = self.coloured;
        let wanted = self.with_catalogue(|catalogue| {
            let Some(catalogue) = catalogue else {
                return BTreeMap::new();
            };
            let mut wanted = BTreeMap::new();
            for level in [GridLevel::General, GridLevel::Micro] {
                for (index, grid) in catalogue.grids_of(level) {
                    let shown = work.get(&grid.code).filter(|_| level == coloured);
                    let work = shown.copied().unwrap_or_default();
                    let value = PolygonValue {
                        id: index as u32,
                        class: pack::work_class(work.open),
                        hatched: work.overdue > 0,
                    };
                    wanted.insert(value.id, (pack::layer_of(level), value));
                }
            }
            wanted
        });
        let changed = self.work.replace(wanted).changed;
        for layer in [Layer::GeneralGrids, Layer::MicroGrids] {
            let of_layer = changed.iter().filter(|(of, _)| *of == layer);
            let values: Vec<_> = of_layer.map(|(_, value)| *value).collect();
            if !values.is_empty() {
                self.send(&ToMap::SetPolygonValues { layer, values });
            }
        }
    }

    /// The zoom moved: another level of grids may be the coloured one.
    pub fn zoom_changed(&mut self, zoom: f64) {
        if pack::coloured_level(zoom) != self.coloured {
            self.refresh_work();
        }
    }

    /// The ways of the responders of the selected incident, and of the proposed one.
    pub fn tell_routes(&self) {
        let selected = self.hall.selection.with_untracked(Selection::incident);
        let mut routes = selected.map_or_else(Vec::new, |incident| {
            self.with_catalogue(|catalogue| {
                self.hall
                    .with(|hall| pack::routes_under_way(hall, catalogue, incident))
            })
        });
        self.control.proposed.with_untracked(|way| {
            if let Some(way) = way {
                routes.push(map::Route {
                    id: u32::MAX,
                    state: map::RouteState::Proposed,
                    points: way.route.iter().map(|at| pack::position(*at)).collect(),
                });
            }
        });
        self.send(&ToMap::SetRoutes { routes });
    }

    /// Who is kept in view, if anybody.
    pub fn tell_followed(&self) {
        let target = self.control.followed.get_untracked().map(|person| Target {
            layer: Layer::People,
            id: person.0,
        });
        self.send(&ToMap::Follow { target });
    }

    /// The incident of a number on the map.
    pub fn incident_of(&self, number: u32) -> Option<IncidentId> {
        self.incident_numbers.key(number).copied()
    }

    /// The layer of the grids that are coloured now.
    pub const fn coloured_layer(&self) -> Layer {
        pack::layer_of(self.coloured)
    }
}

/// Whether whoever uses this machine asked for reduced motion.
pub(super) fn asks_for_calm() -> bool {
    let query = window().match_media(CALM);
    query.ok().flatten().is_some_and(|query| query.matches())
}
