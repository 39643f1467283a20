//! The incidents on the map: shape and colour by severity, rings for overdue and unacknowledged.

use std::collections::BTreeMap;

use map_protocol::{Incident, IncidentFlags, IncidentShape, Severity};

use crate::layers::{
    marks::{Glide, Mark, NO_RING, Shape},
    palette,
};

/// An incident with its mark, in drawing order.
#[derive(Debug, Clone, Copy)]
pub struct Drawn {
    pub incident: Incident,
    pub mark: Mark,
}

/// All incidents.
#[derive(Debug, Default)]
pub struct Incidents {
    by_id: BTreeMap<u32, Incident>,
    drawn: Vec<Drawn>,
    pub dirty: bool,
}

impl Incidents {
    /// Replaces all.
    pub fn set(&mut self, incidents: &[Incident]) {
        self.by_id = incidents
            .iter()
            .map(|incident| (incident.id, *incident))
            .collect();
        self.reorder();
    }

    /// Adds or changes some and removes others.
    pub fn patch(&mut self, changed: &[Incident], removed: &[u32]) {
        for id in removed {
            self.by_id.remove(id);
        }
        self.by_id
            .extend(changed.iter().map(|incident| (incident.id, *incident)));
        self.reorder();
    }

    /// Dimmed ones lie below, then the higher severity above the lower, the selected above all;
    /// among equals the southern one above, so that pins in a row overlap like shingles.
    fn reorder(&mut self) {
        self.drawn.clear();
        self.drawn.extend(self.by_id.values().map(|incident| Drawn {
            incident: *incident,
            mark: mark_of(incident),
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

    /// The mark of an incident.
    pub fn mark_of(&self, id: u32) -> Option<Mark> {
        self.by_id.get(&id).map(mark_of)
    }

    /// What is uploaded.
    pub fn marks(&self) -> (Vec<Mark>, Vec<Glide>) {
        self.drawn
            .iter()
            .map(|drawn| (drawn.mark, Glide::STANDING))
            .unzip()
    }
}

/// The radius of a mark in quarters of a CSS pixel.
fn radius_of(severity: Severity) -> u8 {
    match severity {
        Severity::Micro => 28,
        Severity::Small => 32,
        Severity::Medium => 38,
        Severity::Large => 46,
    }
}

fn mark_of(incident: &Incident) -> Mark {
    let selected = incident.flags.has(IncidentFlags::SELECTED);
    let rings = [
        (incident.flags.has(IncidentFlags::OVERDUE), palette::OVERDUE),
        (
            incident.flags.has(IncidentFlags::UNACKNOWLEDGED),
            palette::UNACKNOWLEDGED,
        ),
        (selected, palette::SELECTION),
    ];
    let mut shown = rings
        .iter()
        .filter(|(shown, _)| *shown)
        .map(|(_, slot)| *slot);
    let inner_ring = shown.next().unwrap_or(NO_RING);
    // With all three, the selection goes without saying: its mark is larger and on top.
    let outer_ring = shown.next().unwrap_or(NO_RING);
    Mark {
        at: [incident.at.x, incident.at.y],
        shape: match incident.shape {
            IncidentShape::Circle => Shape::Circle,
            IncidentShape::Diamond => Shape::Diamond,
            IncidentShape::Triangle => Shape::Triangle,
            IncidentShape::Hexagon => Shape::Hexagon,
        } as u8,
        fill: palette::SEVERITY + incident.severity as u8,
        outline: palette::INCIDENT_OUTLINE,
        inner_ring,
        radius: radius_of(incident.severity) + if selected { 10 } else { 0 },
        opacity: if incident.flags.has(IncidentFlags::DIMMED) {
            64
        } else {
            255
        },
        flags: 0,
        outer_ring,
    }
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
        incidents.patch(&[incident(1, Severity::Micro, 0)], &[4]);
        assert_eq!(order(&incidents), [1, 3, 2]);
    }

    #[test]
    fn overdue_has_the_inner_ring() {
        let flags = IncidentFlags::OVERDUE | IncidentFlags::SELECTED;
        let mark = mark_of(&incident(1, Severity::Large, flags));
        assert_eq!(
            (mark.inner_ring, mark.outer_ring),
            (palette::OVERDUE, palette::SELECTION)
        );
        let mark = mark_of(&incident(1, Severity::Large, 0));
        assert_eq!((mark.inner_ring, mark.outer_ring), (NO_RING, NO_RING));
    }
}
