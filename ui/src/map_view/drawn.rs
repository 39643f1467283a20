//! What the hand does on the map beyond selecting: drawings, and clusters under the pointer.

use map_protocol::{Position, ToMap, Tool, View};

use super::cluster_list::ClickedCluster;
use super::cluster_tip::HoveredCluster;
use super::host::Host;
use super::travel::FLIGHT_MS;
use crate::state::survey::Drawing;
use leptos::prelude::*;

impl Host {
    /// The drawing of the tool in hand, unless the map itself drew it so.
    pub fn tell_drawing(&mut self) {
        let drawing = self.control.drawing.get_untracked();
        if self.drawn.as_ref() == Some(&drawing) {
            return;
        }
        // What the map drew before is not what it holds from now on.
        self.drawn = None;
        self.send(&ToMap::SetTool {
            tool: drawing.tool,
            points: drawing.points,
            held: drawing.is_held,
        });
    }

    /// The hand has drawn on the map. A finished region is let go, so that clicks select again.
    pub fn note_drawn(&mut self, tool: Tool, points: Vec<Position>, finished: bool) {
        let before = self.control.drawing.get_untracked();
        // The tool may have been laid down while the message was on its way.
        if !before.is_held || before.tool != tool {
            return;
        }
        let drawn = Drawing {
            tool,
            points,
            is_held: true,
        };
        self.drawn = Some(drawn.clone());
        self.control.drawing.set(Drawing {
            is_held: !finished,
            ..drawn
        });
    }

    /// The pointer came upon a cluster, or left it.
    pub fn hover_cluster(&mut self, ids: &[u32], at_px: [f32; 2]) {
        let incidents = ids.iter().filter_map(|number| self.incident_of(*number));
        let incidents: Vec<_> = incidents.collect();
        // Whoever leaves a cluster for another thing has been told of that already.
        if !incidents.is_empty() {
            self.hovers += 1;
        }
        let hovered = (!incidents.is_empty()).then_some(HoveredCluster { incidents, at_px });
        self.control.hovered_cluster.set(hovered);
    }

    /// A cluster was clicked: flies to where it parts, or lists what never does.
    pub fn cluster_clicked(&mut self, ids: &[u32], at_px: [f32; 2], parts: Option<View>) {
        if let Some(view) = parts {
            self.was_moved = true;
            self.stop_following();
            self.go(view, FLIGHT_MS);
            return;
        }
        let incidents = ids.iter().filter_map(|number| self.incident_of(*number));
        self.control.cluster.set(Some(ClickedCluster {
            incidents: incidents.collect(),
            at_px,
        }));
    }
}
