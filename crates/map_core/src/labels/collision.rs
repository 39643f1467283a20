//! Which places on the screen are taken.

/// A box on the screen: left, upper, right, lower, in CSS pixels.
pub(super) type ScreenBox = [f32; 4];

/// Boxes that are taken, found by the cells of a grid that they touch.
#[derive(Debug)]
pub(super) struct TakenBoxes {
    columns: usize,
    rows: usize,
    cells: Vec<Vec<u32>>,
    boxes: Vec<ScreenBox>,
}

const CELL_PX: f32 = 64.0;

/// Boxes count this far beyond the canvas, so that labels at its edge are placed before they come into sight.
pub(super) const MARGIN_PX: f32 = 100.0;

impl TakenBoxes {
    /// An empty screen.
    pub(super) fn new(width_px: f64, height_px: f64) -> Self {
        let count = |px: f64| ((px as f32 + 2.0 * MARGIN_PX) / CELL_PX).ceil().max(1.0) as usize;
        let (columns, rows) = (count(width_px), count(height_px));
        Self {
            columns,
            rows,
            cells: vec![Vec::new(); columns * rows],
            boxes: Vec::new(),
        }
    }

    fn cells_of(&self, b: &ScreenBox) -> impl Iterator<Item = usize> + use<> {
        let cell = |v: f32, count: usize| {
            (((v + MARGIN_PX) / CELL_PX).floor().max(0.0) as usize).min(count - 1)
        };
        let (x0, x1) = (cell(b[0], self.columns), cell(b[2], self.columns));
        let (y0, y1) = (cell(b[1], self.rows), cell(b[3], self.rows));
        let columns = self.columns;
        (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| y * columns + x))
    }

    /// Whether a box touches none that is taken.
    pub(super) fn is_free(&self, b: &ScreenBox) -> bool {
        self.cells_of(b).all(|cell| {
            self.cells[cell]
                .iter()
                .all(|i| !overlap(b, &self.boxes[*i as usize]))
        })
    }

    /// Takes a box.
    pub(super) fn take(&mut self, b: ScreenBox) {
        let index = self.boxes.len() as u32;
        for cell in self.cells_of(&b) {
            self.cells[cell].push(index);
        }
        self.boxes.push(b);
    }
}

/// Whether two boxes share more than an edge.
pub(super) fn overlap(a: &ScreenBox, b: &ScreenBox) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_taken_when_free_never_overlaps(
            boxes in prop::collection::vec((-300.0..900.0f32, -300.0..700.0f32, 1.0..200.0f32, 1.0..60.0f32), 1..80)
        ) {
            let mut taken = TakenBoxes::new(800.0, 600.0);
            let mut kept: Vec<ScreenBox> = Vec::new();
            for (x, y, w, h) in boxes {
                let b = [x, y, x + w, y + h];
                let free = kept.iter().all(|k| !overlap(k, &b));
                prop_assert_eq!(taken.is_free(&b), free);
                if free {
                    taken.take(b);
                    kept.push(b);
                }
            }
        }
    }
}
