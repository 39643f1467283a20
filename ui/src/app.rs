//! The root: asks what this window is, connects the feed, and shows the wall or the desk.

use std::rc::Rc;

use gloo_timers::callback::Interval;
use leptos::logging;
use leptos::prelude::*;
use protocol::UiError;
use protocol::commands::{Beat, GetReference, GetSettings, Settings, WindowKind};
use rust_i18n::t;
use wasm_bindgen_futures::spawn_local;

use crate::appearance::AppearanceControl;
use crate::bindings::{self, beat, feed};
use crate::components::Toasts;
use crate::map_view::MapControl;
use crate::scale::{Canvas, desk_unit_px, wall_unit_px};
use crate::screens::{desk::Desk, wall::Wall};
use crate::state::{Catalogue, HallContext};

/// How often a failed loading of the reference data is tried again.
const RETRY_MS: u32 = 2000;
/// The unit of the type scale before the window's size is known, in CSS pixels.
const FALLBACK_UNIT_PX: f64 = 16.0;

/// The whole user interface.
#[component]
pub fn App() -> impl IntoView {
    let settings = LocalResource::new(|| bindings::call(GetSettings {}));
    move || {
        settings
            .get()
            .map(|loaded: Result<Settings, UiError>| match loaded {
                Ok(settings) => view! { <Window settings /> }.into_any(),
                Err(error) => {
                    let words = t!("app.start_failed", error = error);
                    view! { <main class="app-message" role="alert">{words.into_owned()}</main> }
                        .into_any()
                }
            })
    }
}

/// One window, once it knows what it is.
#[component]
fn Window(settings: Settings) -> impl IntoView {
    rust_i18n::set_locale(&settings.language);
    if let Some(root) = document().document_element() {
        // Fonts and screen readers go by it; a page without it still works.
        root.set_attribute("lang", &settings.language).ok();
        root.set_attribute("data-palette", &settings.palette).ok();
    }
    let kind = settings.window;
    provide_context(follow_canvas(&settings));
    let hall = HallContext::new(settings);
    hall.provide();
    AppearanceControl::provide(kind);
    let map = MapControl::provide();
    Toasts::provide();
    connect(hall, map);
    match kind {
        WindowKind::Wall => view! { <Wall /> }.into_any(),
        WindowKind::Desk => view! { <Desk /> }.into_any(),
    }
}

fn connect(hall: HallContext, map: MapControl) {
    let frames_taken = feed::subscribe(
        move |frame| {
            if hall.take(frame) {
                feed::Verdict::Taken
            } else {
                feed::Verdict::Gap
            }
        },
        move |error| hall.feed_error.set(error),
    );
    beat::start(move || Beat {
        frame_ms: map.frame_ms(),
        map_ready: map.is_complete(),
        frames_taken: frames_taken(),
    });
    Effect::new(move |_| {
        let version = hall.reference_version.get();
        if version > 0 {
            spawn_local(load_reference(hall, version));
        }
    });
    let second = Interval::new(1000, move || hall.tick());
    // The window lives as long as the page.
    second.forget();
}

/// Loads reference data until it is there or a newer version is asked for.
async fn load_reference(hall: HallContext, version: u64) {
    while hall.reference_version.get_untracked() == version {
        match bindings::call(GetReference {}).await {
            Ok(Some(reference)) => {
                let catalogue = Rc::new(Catalogue::new(reference));
                hall.catalogue.set(Some(catalogue));
                return;
            }
            Ok(None) => {}
            Err(error) => logging::warn!("the reference data cannot be loaded: {error}"),
        }
        gloo_timers::future::TimeoutFuture::new(RETRY_MS).await;
    }
}

/// The present unit of the type scale in CSS pixels.
#[derive(Debug, Clone, Copy)]
struct UnitPx(RwSignal<f64>);

/// Keeps the unit of the type scale in step with the size of the window.
fn follow_canvas(settings: &Settings) -> UnitPx {
    let unit = RwSignal::new(FALLBACK_UNIT_PX);
    let kind = settings.window;
    let (width_m, seat_m) = (settings.wall_width_m, settings.farthest_seat_m);
    let apply = move || {
        let canvas = canvas();
        let unit_px = match kind {
            WindowKind::Wall => wall_unit_px(canvas, width_m, seat_m),
            WindowKind::Desk => desk_unit_px(canvas),
        };
        if unit.get_untracked().total_cmp(&unit_px).is_ne() {
            unit.set(unit_px);
        }
        if let Some(style) = root_style() {
            // Setting a custom property to a length cannot fail.
            style
                .set_property("--unit", &format!("{unit_px:.2}px"))
                .ok();
        }
    };
    apply();
    let handle = window_event_listener(leptos::ev::resize, move |_| apply());
    on_cleanup(move || handle.remove());
    UnitPx(unit)
}

fn canvas() -> Canvas {
    let length = |value: Result<wasm_bindgen::JsValue, _>| {
        value.ok().and_then(|px| px.as_f64()).unwrap_or_default()
    };
    Canvas {
        width_px: length(window().inner_width()),
        height_px: length(window().inner_height()),
    }
}

/// The present unit of the type scale in CSS pixels, where nothing follows it.
pub fn unit_px() -> f64 {
    root_style()
        .and_then(|style| style.get_property_value("--unit").ok())
        .and_then(|unit| unit.trim_end_matches("px").parse().ok())
        .unwrap_or(FALLBACK_UNIT_PX)
}

/// How much larger than at their own size marks and labels are drawn in this window, where body text of
/// `own_unit_px` goes with their own; it follows the window to other screens.
pub fn mark_scale(own_unit_px: f64) -> Signal<f64> {
    let unit = use_context::<UnitPx>();
    Signal::derive(move || {
        let unit_px = unit.map_or(FALLBACK_UNIT_PX, |unit| unit.0.get());
        (unit_px / own_unit_px).max(1.0)
    })
}

fn root_style() -> Option<web_sys::CssStyleDeclaration> {
    use wasm_bindgen::JsCast;
    let root = document().document_element()?;
    Some(root.dyn_into::<web_sys::HtmlElement>().ok()?.style())
}
