//! What a desk shows on the walls: for a while, with the name of who did it.

use std::sync::Arc;

use domain::places::{Bounds, LonLat};
use domain::time::MINUTE_MS;
use protocol::commands::{ShowOnWall, WallPlace};
use protocol::feed::{MOST_DRAWN_POINTS, PushedDrawing, PushedView};
use protocol::{ErrorCode, UiError};

use crate::Hall;
use crate::errors::both;

/// So long a wall shows what a desk has pushed, then it returns to its own view.
pub const SHOWN_FOR_MS: i64 = 2 * MINUTE_MS;

/// The walls that listen.
#[derive(Debug, Default)]
pub struct Walls {
    present: Arc<()>,
}

/// One wall that listens, until it is dropped.
#[derive(Debug)]
pub struct WallPresence {
    _present: Arc<()>,
}

impl Walls {
    /// A wall begins to listen.
    pub fn come(&self) -> WallPresence {
        WallPresence {
            _present: Arc::clone(&self.present),
        }
    }

    /// How many listen.
    fn count(&self) -> usize {
        Arc::strong_count(&self.present) - 1
    }
}

impl Hall {
    /// Shows a part of the map on every wall for [`SHOWN_FOR_MS`], in the name of the signed-in
    /// officer, or lets the walls return to their own view. Answers how many walls listen.
    pub fn show_on_wall(&self, command: ShowOnWall) -> Result<usize, UiError> {
        let officer = self.officer_at_desk()?;
        let walls = self.inner.walls.count();
        let Some(WallPlace {
            bounds,
            selection,
            hidden,
            heat,
            drawing,
        }) = command.place
        else {
            self.engine().push_view(None);
            return Ok(walls);
        };
        if !is_on_earth(bounds) {
            return Err(UiError::fatal(
                ErrorCode::BadRequest,
                both(
                    "画面范围不是有效的经纬度，请移动地图后重试",
                    "the view is no box of degrees; move the map and try again",
                ),
            ));
        }
        if drawing.as_ref().is_some_and(|drawn| !is_drawable(drawn)) {
            return Err(UiError::fatal(
                ErrorCode::BadRequest,
                both(
                    "地图上的绘制内容无效，请清除后重试",
                    "what is drawn on the map has too many points or none on earth; wipe it and try again",
                ),
            ));
        }
        if walls == 0 {
            return Err(UiError::retryable(
                ErrorCode::NotFound,
                both(
                    "没有打开的大屏窗口",
                    "no wall is open; start one with --window both",
                ),
            ));
        }
        let at = self.now();
        self.engine().push_view(Some(PushedView {
            // The board counts.
            number: 0,
            by: officer.name,
            at,
            until: at.plus_ms(SHOWN_FOR_MS),
            bounds,
            selection,
            hidden,
            heat,
            drawing,
        }));
        Ok(walls)
    }
}

/// Whether the box has corners on earth, in their order.
fn is_on_earth(bounds: Bounds) -> bool {
    is_place(bounds.min)
        && is_place(bounds.max)
        && bounds.min.lon <= bounds.max.lon
        && bounds.min.lat <= bounds.max.lat
}

fn is_place(at: LonLat) -> bool {
    at.lon.abs() <= 180.0 && at.lat.abs() <= 90.0
}

/// Whether a wall can show it.
fn is_drawable(drawing: &PushedDrawing) -> bool {
    drawing.points.len() <= MOST_DRAWN_POINTS && drawing.points.iter().copied().all(is_place)
}

#[cfg(test)]
mod tests {
    use protocol::feed::DrawnShape;

    use super::*;

    #[test]
    fn a_box_has_its_corners_on_earth_and_in_order() {
        let bounds = |west, south, east, north| Bounds {
            min: LonLat::new(west, south),
            max: LonLat::new(east, north),
        };
        assert!(is_on_earth(bounds(104.0, 30.6, 104.1, 30.7)));
        for wrong in [
            bounds(104.1, 30.6, 104.0, 30.7),
            bounds(104.0, 30.7, 104.1, 30.6),
            bounds(f64::NAN, 30.6, 104.1, 30.7),
            bounds(104.0, 30.6, f64::INFINITY, 30.7),
            bounds(104.0, 30.6, 104.1, 91.0),
        ] {
            assert!(!is_on_earth(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_drawing_has_points_on_earth_and_not_too_many() {
        let drawn = |points: Vec<LonLat>| PushedDrawing {
            shape: DrawnShape::Outline,
            points,
        };
        let here = LonLat::new(104.0, 30.6);
        assert!(is_drawable(&drawn(vec![here; MOST_DRAWN_POINTS])));
        assert!(!is_drawable(&drawn(vec![here; MOST_DRAWN_POINTS + 1])));
        assert!(!is_drawable(&drawn(vec![
            here,
            LonLat::new(f64::NAN, 30.6)
        ])));
    }

    #[test]
    fn walls_are_counted_while_they_listen() {
        let walls = Walls::default();
        let one = walls.come();
        let two = walls.come();
        assert_eq!(walls.count(), 2);
        drop(one);
        assert_eq!(walls.count(), 1);
        drop(two);
        assert_eq!(walls.count(), 0);
    }
}
