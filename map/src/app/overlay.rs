//! What is drawn on the screen itself: the rubber band and the cross of the keyboard.

use super::StreetMap;
use crate::layers::{Scene, overlay::ScreenBox, palette};

/// How much of the band's colour fills it.
const BAND_FILL: f32 = 0.03;
/// Half the length of the cross's arms, and half their width with and without the casing.
const CROSS_REACH_PX: f32 = 11.0;
const CROSS_CASING_PX: f32 = 2.5;
const CROSS_CORE_PX: f32 = 1.0;

impl StreetMap {
    /// Whether a box is being drawn, for the cursor.
    pub fn is_boxing(&self) -> bool {
        self.rubber.is_some()
    }

    pub(super) fn upload_overlay(&mut self) {
        let boxes = self.overlay_boxes();
        if let Some((scene, queue)) = self.engine.with_queue::<Scene>() {
            scene.overlay.show(&scene.gpu, queue, boxes);
        }
    }

    fn overlay_boxes(&self) -> Vec<ScreenBox> {
        let bright = palette::linear(self.palette.selection).0;
        if let Some(rubber) = &self.rubber {
            return vec![ScreenBox {
                sides: rubber.sides().map(|px| px as f32),
                fill: bright.map(|channel| channel * BAND_FILL),
                edge: bright,
            }];
        }
        let Some(eye) = self.eye.as_ref().filter(|_| self.reticle.is_shown) else {
            return Vec::new();
        };
        let middle = [eye.view.width_px, eye.view.height_px].map(|px| (px / 2.0) as f32);
        let dark = palette::linear(self.palette.incident_outline).0;
        let bars = |half: f32, reach: f32, colour: [f32; 4]| {
            [[reach, half], [half, reach]].map(|[x, y]| ScreenBox {
                sides: [middle[0] - x, middle[1] - y, middle[0] + x, middle[1] + y],
                fill: colour,
                edge: colour,
            })
        };
        let casing = bars(CROSS_CASING_PX, CROSS_REACH_PX + CROSS_CORE_PX, dark);
        let core = bars(CROSS_CORE_PX, CROSS_REACH_PX, bright);
        casing.into_iter().chain(core).collect()
    }
}
