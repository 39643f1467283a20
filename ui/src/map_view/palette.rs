//! The map's colours, read from the tokens of the theme.

use leptos::logging;
use leptos::prelude::{document, window};
use map_protocol::{Palette, Rgba};

/// Reads the tokens as the page has them now. A token that is missing or no `#rrggbb[aa]` is left
/// transparent and said in the log.
pub fn read() -> Palette {
    let style = document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok().flatten());
    let colour = |token: &str| {
        let value = style
            .as_ref()
            .and_then(|style| style.get_property_value(token).ok())
            .unwrap_or_default();
        Rgba::from_hex(&value).unwrap_or_else(|| {
            logging::error!("the theme's {token} is \"{value}\", not a colour of the form #rrggbb");
            Rgba::default()
        })
    };
    Palette {
        background: colour("--map-ground"),
        polygon_classes: (0..=5)
            .map(|n| colour(&format!("--map-grid-{n}")))
            .collect(),
        polygon_outline: colour("--map-grid-outline"),
        polygon_outline_strong: colour("--map-grid-outline-strong"),
        polygon_label: colour("--map-grid-label"),
        polygon_label_halo: colour("--map-grid-label-halo"),
        selection: colour("--map-selection"),
        hover: colour("--map-hover"),
        severities: [
            colour("--level-micro"),
            colour("--level-small"),
            colour("--level-medium"),
            colour("--level-large"),
        ],
        incident_outline: colour("--map-mark-outline"),
        overdue: colour("--map-overdue"),
        unacknowledged: colour("--map-new"),
        person_states: vec![
            colour("--person-available"),
            colour("--person-busy"),
            colour("--person-off-duty"),
        ],
        person_outline: colour("--map-mark-outline"),
        camera_online: colour("--map-camera"),
        camera_offline: colour("--map-camera-offline"),
        route: colour("--map-route"),
        route_casing: colour("--map-route-casing"),
        hatch: colour("--map-hatch"),
        lamps: [
            colour("--lamp-green"),
            colour("--lamp-yellow"),
            colour("--lamp-red"),
            colour("--text-faint"),
        ],
        icon: colour("--map-icon"),
        lines: [
            colour("--map-road-path"),
            colour("--map-road-minor"),
            colour("--map-road-middle"),
            colour("--map-road-main"),
            colour("--map-road-fast"),
        ],
        line_casing: colour("--map-road-casing"),
        tool: colour("--map-tool"),
        tool_fill: colour("--map-tool-fill"),
        heat: (1..=5)
            .map(|n| colour(&format!("--map-heat-{n}")))
            .collect(),
    }
}
