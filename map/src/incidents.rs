//! The incidents on the map: shape and colour by severity, picture by kind, lamp of the clock,
//! halos for overdue and unacknowledged.

use std::collections::BTreeMap;

use map_protocol::{Icon, Incident, IncidentFlags, IncidentShape, Lamp, Severity};

use crate::layers::{
    palette,
    pins::{NONE, Outline, PULSE_MS, Pin},
};

/// Where more than this many pulse at once, none of them stands out of its cluster: so many would
/// hide the map, and each other.
const MOST_STANDING_OUT: usize = 24;

/// An incident with its pin, in drawing order.
#[derive(Debug, Clone, Copy)]
pub struct Drawn {
    pub incident: Incident,
    pub pin: Pin,
}

/// All incidents.
#[derive(Debug, Default)]
pub struct Incidents {
    by_id: BTreeMap<u32, Incident>,
    drawn: Vec<Drawn>,
    /// When the pulse of an incident began that came unacknowledged while the map was shown.
    pulses: BTreeMap<u32, u32>,
    pub dirty: bool,
}

impl Incidents {
    /// Replaces all. None of them is news: nothing pulses.
    pub fn set(&mut self, incidents: &[Incident]) {
        self.by_id = incidents
            .iter()
            .map(|incident| (incident.id, *incident))
            .collect();
        self.pulses.clear();
        self.reorder();
    }

    /// Adds or changes some and removes others. What comes as new and unacknowledged pulses, where
    /// `now_ms` says when; what only comes back from behind a filter does not.
    pub fn patch(&mut self, changed: &[Incident], removed: &[u32], now_ms: Option<u32>) {
        for id in removed {
            self.by_id.remove(id);
            self.pulses.remove(id);
        }
        for incident in changed {
            let is_first = self.by_id.insert(incident.id, *incident).is_none();
            let is_new = is_first && incident.flags.has(IncidentFlags::NEW);
            if !incident.flags.has(IncidentFlags::UNACKNOWLEDGED) {
                self.pulses.remove(&incident.id);
            } else if let (true, Some(now_ms)) = (is_new, now_ms) {
                self.pulses.insert(incident.id, now_ms);
            }
        }
        self.reorder();
    }

    /// Dimmed ones lie below, then the higher severity above the lower, the selected above all;
    /// among equals the southern one above, so that pins in a row overlap like shingles.
    fn reorder(&mut self) {
        self.drawn.clear();
        self.drawn.extend(self.by_id.values().map(|incident| Drawn {
            incident: *incident,
            pin: pin_of(incident, self.pulses.get(&incident.id).copied()),
        }));
        self.drawn.sort_by_key(|Drawn { incident, .. }| {
            (
                incident.flags.has(IncidentFlags::SELECTED),
                !incident.flags.has(IncidentFlags::DIMMED),
                incident.severity,
                incident.at.y,
                incident.id,
            )
        });
        self.dirty = true;
    }

    /// The incidents in drawing order.
    pub fn drawn(&self) -> &[Drawn] {
        &self.drawn
    }

    /// All incidents by their ids.
    pub fn all(&self) -> impl Iterator<Item = &Incident> {
        self.by_id.values()
    }

    /// The incident of an id.
    pub fn get(&self, id: u32) -> Option<&Incident> {
        self.by_id.get(&id)
    }

    /// The pin of an incident.
    pub fn pin_of(&self, id: u32) -> Option<Pin> {
        self.by_id.get(&id).map(|incident| pin_of(incident, None))
    }

    /// Whether a frame is due because something pulses; once more after the end, from which on the
    /// incident is one among the others again.
    pub fn pulsing(&mut self, now_ms: u32) -> bool {
        let before = self.pulses.len();
        self.pulses
            .retain(|_, start_ms| now_ms.wrapping_sub(*start_ms) < PULSE_MS);
        if self.pulses.len() < before {
            self.reorder();
        }
        before > 0
    }

    /// Whether an incident pulses and is therefore drawn by itself, above the clusters, which have no
    /// pulse.
    pub fn stands_out(&self, id: u32) -> bool {
        self.pulses.len() <= MOST_STANDING_OUT && self.pulses.contains_key(&id)
    }

    /// The incidents that stand out, in drawing order.
    pub fn standing_out(&self) -> impl Iterator<Item = &Drawn> {
        let drawn = self.drawn.iter();
        drawn.filter(|drawn| self.stands_out(drawn.incident.id))
    }
}

/// The radius of a pin in quarters of a CSS pixel.
fn radius_of(severity: Severity) -> u8 {
    match severity {
        Severity::Micro => 28,
        Severity::Small => 32,
        Severity::Medium => 38,
        Severity::Large => 46,
    }
}

/// The slot of a lamp's colour.
fn lamp_slot(lamp: Lamp) -> u8 {
    match lamp {
        Lamp::None => NONE,
        lit => palette::LAMP + lit as u8 - 1,
    }
}

fn pin_of(incident: &Incident, pulse_ms: Option<u32>) -> Pin {
    let selected = incident.flags.has(IncidentFlags::SELECTED);
    let halos = [
        (incident.flags.has(IncidentFlags::OVERDUE), palette::OVERDUE),
        (
            incident.flags.has(IncidentFlags::UNACKNOWLEDGED),
            palette::UNACKNOWLEDGED,
        ),
        (selected, palette::SELECTION),
    ];
    let mut shown = halos
        .iter()
        .filter(|(shown, _)| *shown)
        .map(|(_, slot)| *slot);
    let inner_halo = shown.next().unwrap_or(NONE);
    // With all three, the selection goes without saying: its pin is larger and on top.
    let outer_halo = shown.next().unwrap_or(NONE);
    Pin {
        at: [incident.at.x, incident.at.y],
        shape: match incident.shape {
            IncidentShape::Circle => Outline::Circle,
            IncidentShape::Diamond => Outline::Diamond,
            IncidentShape::Triangle => Outline::Triangle,
            IncidentShape::Hexagon => Outline::Hexagon,
        } as u8,
        ring: palette::SEVERITY + incident.severity as u8,
        icon: incident.icon as u8,
        lamp: lamp_slot(incident.lamp),
        radius: radius_of(incident.severity) + if selected { 10 } else { 0 },
        opacity: if incident.flags.has(IncidentFlags::DIMMED) {
            64
        } else {
            255
        },
        lamp_form: incident.lamp as u8,
        pulses: u8::from(pulse_ms.is_some()),
        inner_halo,
        outer_halo,
        unused: [0; 2],
        pulse_ms: pulse_ms.unwrap_or(0),
    }
}

/// Whether a pin carries a picture where pictures are shown.
pub fn has_picture(pin: &Pin) -> bool {
    pin.icon != Icon::Nothing as u8
}

#[cfg(test)]
mod tests {
    use map_protocol::Position;

    use super::*;

    fn incident(id: u32, severity: Severity, flags: u8) -> Incident {
        Incident {
            at: Position { x: 0, y: 0 },
            id,
            severity,
            shape: severity.shape(),
            icon: Icon::Bin,
            lamp: Lamp::Red,
            flags: IncidentFlags(flags),
        }
    }

    #[test]
    fn what_matters_most_is_drawn_last() {
        let mut incidents = Incidents::default();
        incidents.set(&[
            incident(1, Severity::Micro, IncidentFlags::SELECTED),
            incident(2, Severity::Large, 0),
            incident(3, Severity::Small, 0),
            incident(4, Severity::Large, IncidentFlags::DIMMED),
        ]);
        let order = |incidents: &Incidents| -> Vec<u32> {
            incidents
                .drawn()
                .iter()
                .map(|drawn| drawn.incident.id)
                .collect()
        };
        assert_eq!(order(&incidents), [4, 3, 2, 1]);
        incidents.patch(&[incident(1, Severity::Micro, 0)], &[4], Some(0));
        assert_eq!(order(&incidents), [1, 3, 2]);
    }

    #[test]
    fn overdue_has_the_inner_halo() {
        let flags = IncidentFlags::OVERDUE | IncidentFlags::SELECTED;
        let pin = pin_of(&incident(1, Severity::Large, flags), None);
        assert_eq!(
            (pin.inner_halo, pin.outer_halo),
            (palette::OVERDUE, palette::SELECTION)
        );
        assert_eq!(pin.lamp, palette::LAMP + 2, "the red lamp");
        let pin = pin_of(&incident(1, Severity::Large, 0), None);
        assert_eq!((pin.inner_halo, pin.outer_halo), (NONE, NONE));
    }

    #[test]
    fn only_what_comes_new_and_unacknowledged_pulses_and_not_forever() {
        let new = IncidentFlags::UNACKNOWLEDGED | IncidentFlags::NEW;
        let mut incidents = Incidents::default();
        incidents.set(&[incident(1, Severity::Micro, new)]);
        assert!(!incidents.pulsing(0), "it was there when the map began");
        let start_ms = u32::MAX - 10;
        incidents.patch(
            &[
                incident(1, Severity::Micro, new),
                incident(2, Severity::Micro, new),
                incident(3, Severity::Micro, 0),
                incident(4, Severity::Micro, IncidentFlags::UNACKNOWLEDGED),
            ],
            &[],
            Some(start_ms),
        );
        let pulsing = |incidents: &Incidents| -> Vec<u32> {
            let pulsing = incidents.drawn().iter().filter(|d| d.pin.pulses == 1);
            pulsing.map(|drawn| drawn.incident.id).collect()
        };
        assert_eq!(pulsing(&incidents), [2]);
        assert!(
            incidents.pulsing(start_ms.wrapping_add(PULSE_MS - 1)),
            "the clock wraps"
        );
        incidents.patch(&[incident(2, Severity::Micro, 0)], &[], Some(0));
        assert_eq!(pulsing(&incidents), [0; 0], "acknowledged");
        incidents.patch(&[incident(6, Severity::Micro, new)], &[], Some(5));
        assert!(
            incidents.pulsing(5 + PULSE_MS),
            "once more for the last picture"
        );
        assert!(!incidents.pulsing(5 + PULSE_MS));
        incidents.patch(&[incident(5, Severity::Micro, new)], &[], None);
        assert!(!incidents.pulsing(6), "frames come too slowly");
    }

    #[test]
    fn what_pulses_stands_out_until_its_end_but_a_flood_does_not() {
        let new = IncidentFlags::UNACKNOWLEDGED | IncidentFlags::NEW;
        let most = MOST_STANDING_OUT as u32;
        let one = |id: u32| incident(id, Severity::Micro, new);
        let many: Vec<Incident> = (0..most).map(one).collect();
        let mut incidents = Incidents::default();
        incidents.patch(&many, &[], Some(0));
        assert_eq!(incidents.standing_out().count(), MOST_STANDING_OUT);
        incidents.patch(&[one(most)], &[], Some(100));
        assert_eq!(incidents.standing_out().count(), 0, "a flood");
        incidents.dirty = false;
        incidents.pulsing(PULSE_MS - 1);
        assert!(!incidents.dirty, "nothing has ended");
        incidents.pulsing(PULSE_MS);
        let left: Vec<u32> = incidents.standing_out().map(|d| d.incident.id).collect();
        assert_eq!(left, [most], "the others have ended");
        assert!(incidents.dirty, "they may join clusters now");
        incidents.patch(&[incident(most, Severity::Micro, 0)], &[], Some(PULSE_MS));
        assert!(!incidents.stands_out(most), "acknowledged");
    }
}
