//! Where the map is sent: to the whole street, to a place, to a view.

use leptos::prelude::*;
use map_protocol as map;
use map_protocol::{ToMap, View};

use super::control::Sight;
use super::framing;
use super::host::{Host, MAX_ZOOM};

/// Flight to a selected thing.
pub const FLIGHT_MS: u32 = 700;
/// A flight to one thing ends at least this close.
const CLOSE_ZOOM: f64 = 15.8;

impl Host {
    /// Shows the whole street.
    pub fn show_all(&mut self, duration_ms: u32) {
        self.was_moved = false;
        self.stop_following();
        let settings = self.hall.settings.get_value();
        let street = self.with_catalogue(|catalogue| catalogue?.reference.bounds);
        if let Some(area) = framing::first_area(street, settings.map.as_ref()) {
            let view = framing::view_of(area, self.size_px(), framing::STREET_ZOOM);
            self.go(view, duration_ms);
        }
    }

    pub(super) fn go(&mut self, view: View, duration_ms: u32) {
        self.close_lists();
        self.view = Some(view);
        self.send(&ToMap::SetView { view, duration_ms });
    }

    /// Lists that hang at a place of the screen, which shows something else from now on.
    pub fn close_lists(&self) {
        let control = self.control;
        if control.cluster.with_untracked(Option::is_some) {
            control.cluster.set(None);
        }
        if control.choice.with_untracked(Option::is_some) {
            control.choice.set(None);
        }
    }

    /// Flies where the window is sent.
    pub fn go_to(&mut self, sight: Sight) {
        self.was_moved = true;
        self.stop_following();
        match sight {
            Sight::View(view) => self.go(view, FLIGHT_MS),
            // A view and not the map's own fitting, so that a map that is being built learns of it.
            Sight::Whole(map::Bounds {
                west,
                south,
                east,
                north,
            }) => {
                let area = domain::places::Bounds {
                    min: domain::LonLat {
                        lon: west,
                        lat: south,
                    },
                    max: domain::LonLat {
                        lon: east,
                        lat: north,
                    },
                };
                // As close as whoever sends it there looks at it.
                let view = framing::view_of(area, self.size_px(), MAX_ZOOM);
                self.go(view, FLIGHT_MS);
            }
        }
    }

    /// The map is sent elsewhere: who was followed would pull it back.
    pub(super) fn stop_following(&self) {
        if self.control.followed.get_untracked().is_some() {
            self.control.followed.set(None);
        }
    }

    /// Flies to a place, not farther away than it is looked at now.
    pub fn fly_to(&mut self, at: domain::LonLat) {
        let zoom = self
            .view
            .map_or(CLOSE_ZOOM, |view| view.zoom.max(CLOSE_ZOOM));
        let (lon, lat) = (at.lon, at.lat);
        self.was_moved = true;
        self.stop_following();
        self.go(View { lon, lat, zoom }, FLIGHT_MS);
    }
}
