//! Hosts the map module.

use leptos::prelude::*;

/// What the beat tells the shell about the map.
#[derive(Debug, Clone, Copy)]
pub struct MapVitals {
    ready: StoredValue<bool>,
    frame_ms: StoredValue<f32>,
}

impl Default for MapVitals {
    fn default() -> Self {
        Self {
            ready: StoredValue::new(false),
            frame_ms: StoredValue::new(0.0),
        }
    }
}

impl MapVitals {
    /// Whether the map has drawn a first complete picture.
    pub fn is_ready(self) -> bool {
        self.ready.get_value()
    }

    /// Time between drawn frames in milliseconds, 0 while nothing moves.
    pub fn frame_ms(self) -> f32 {
        self.frame_ms.get_value()
    }
}

/// The map of the street, filling its box.
#[component]
pub fn MapView(
    /// Whether pointer and keyboard move it.
    is_interactive: bool,
    /// Scale of marks and labels; 1 at a desk.
    mark_scale: f64,
) -> impl IntoView {
    let _ = (is_interactive, mark_scale);
    view! { <div class="map-view"></div> }
}
