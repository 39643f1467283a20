//! Where the parts of one label would stand on the screen, and which of them find room there.

use super::Icon;
use super::along::{PixelPath, TurnedGlyph};
use super::collision::{MARGIN_PX, ScreenBox, TakenBoxes, overlap};
use super::icons::IconPlace;
use super::prepared::Prepared;
use super::shaping::SetText;
use crate::projection::{View, World};

/// What is shown already stays although rounding on another canvas makes it touch its neighbour: CSS pixels.
const ROUNDING_PX: f32 = 0.05;

/// A label at one of its places.
pub(super) struct Spot<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) place: f64,
    pub(super) wrap: i32,
    pub(super) at: World,
    /// Which of the label's stands is in use already, if it is shown.
    pub(super) stand: Option<usize>,
    pub(super) view: &'a View,
    pub(super) scale: f32,
}

/// The parts of a label that find room, with the boxes that they take.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Which of the stands, and the text's boxes.
    pub(super) text: Option<(usize, Vec<ScreenBox>)>,
    pub(super) icon: Option<ScreenBox>,
}

impl Spot<'_> {
    /// What of the label finds room among what is taken. Text and icon stand together unless the style allows one
    /// without the other, as the style specification has it.
    pub(super) fn room(&self, icon: Option<&Icon>, taken: &TakenBoxes) -> Room {
        let prepared = self.prepared;
        let set = prepared.set_already().filter(|set| !set.glyphs.is_empty());
        let path = prepared.on_line().then(|| self.path());
        let text = set.and_then(|set| self.text_room(set, path.as_ref(), taken));
        let icon_box = icon.and_then(|icon| {
            let stand = text.as_ref().map_or(0, |(stand, _)| *stand);
            self.icon_room(icon, set, stand, path.as_ref(), taken)
        });
        let text_alone = icon.is_none() || prepared.icon.as_ref().is_some_and(|i| i.is_optional);
        let icon_alone = set.is_none() || prepared.text_optional;
        let room = Room {
            text: text.filter(|_| text_alone || icon_box.is_some()),
            icon: icon_box,
        };
        Room {
            icon: room.icon.filter(|_| icon_alone || room.text.is_some()),
            ..room
        }
    }

    fn path(&self) -> PixelPath {
        let origin = self.view.world_from_screen([0.0, 0.0]);
        self.prepared
            .pixel_path(origin, self.wrap, self.view.world_size_px())
    }

    fn is_free(&self, b: &ScreenBox, taken: &TakenBoxes) -> bool {
        if self.stand.is_none() {
            return taken.is_free(b);
        }
        let [left, top, right, bottom] = *b;
        taken.is_free(&[
            left + ROUNDING_PX,
            top + ROUNDING_PX,
            right - ROUNDING_PX,
            bottom - ROUNDING_PX,
        ])
    }

    /// The first stand with room for the text; one that is in use already is tried first, so that it is kept.
    fn text_room(
        &self,
        set: &SetText,
        path: Option<&PixelPath>,
        taken: &TakenBoxes,
    ) -> Option<(usize, Vec<ScreenBox>)> {
        let stands = self.prepared.stands.len();
        let in_use = self.stand.filter(|stand| *stand < stands);
        let others = (0..stands).filter(|stand| Some(*stand) != in_use);
        let mut first = None;
        for stand in in_use.into_iter().chain(others) {
            let boxes = self.text_boxes(set, stand, path)?;
            if boxes.iter().all(|b| self.is_free(b, taken)) {
                return Some((stand, boxes));
            }
            first = first.or(Some((stand, boxes)));
        }
        first.filter(|_| self.prepared.allow_overlap)
    }

    /// The boxes that the text needs on the screen, or `None` where it cannot stand there.
    fn text_boxes(
        &self,
        set: &SetText,
        stand: usize,
        path: Option<&PixelPath>,
    ) -> Option<Vec<ScreenBox>> {
        let prepared = self.prepared;
        let size = prepared.size_px(self.view.zoom) * self.scale;
        let room = prepared.room * self.view.world_size_px();
        if f64::from(set.width * size) > room || size <= 0.0 {
            return None;
        }
        let style = &prepared.style;
        let padding = style.padding_px;
        let [dx, dy] = style.translate_px;
        let boxes: Vec<ScreenBox> = if let Some(path) = path.filter(|_| prepared.along_line()) {
            let centre = path.length() * self.place as f32;
            let glyphs = path.set(set, size, centre, prepared.max_angle_deg)?;
            let half = size * 0.55 + padding;
            let around = |glyph: &TurnedGlyph| {
                let [x, y] = beside(glyph, style.offset_em[1] * size);
                let (x, y) = (x + dx, y + dy);
                [x - half, y - half, x + half, y + half]
            };
            glyphs.iter().map(around).collect()
        } else {
            let [x, y] = self.point();
            let (x, y) = (x + dx, y + dy);
            let stand = prepared.stands.get(stand)?;
            let [left, top, right, bottom] = set.bounds(stand).map(|v| v * size);
            vec![[
                x + left - padding,
                y + top - padding,
                x + right + padding,
                y + bottom + padding,
            ]]
        };
        let seen = boxes.iter().any(|b| overlap(b, &self.canvas()));
        seen.then_some(boxes)
    }

    fn icon_room(
        &self,
        icon: &Icon,
        set: Option<&SetText>,
        stand: usize,
        path: Option<&PixelPath>,
        taken: &TakenBoxes,
    ) -> Option<ScreenBox> {
        let prepared = self.prepared;
        let style = prepared.icon.as_ref()?;
        let ground = Ground {
            path,
            place: self.place,
            zoom: self.view.zoom,
            scale: self.scale,
            stand,
        };
        let place = icon_place(prepared, icon, set, &ground)?;
        let [x, y] = self.point();
        let [left, top, right, bottom] = place.box_px(style.padding_px);
        let b = [x + left, y + top, x + right, y + bottom];
        let fits = style.allow_overlap || self.is_free(&b, taken);
        (fits && overlap(&b, &self.canvas())).then_some(b)
    }

    fn point(&self) -> [f32; 2] {
        self.view.screen_from_world(self.at).map(|v| v as f32)
    }

    fn canvas(&self) -> ScreenBox {
        [
            -MARGIN_PX,
            -MARGIN_PX,
            self.view.width_px as f32 + MARGIN_PX,
            self.view.height_px as f32 + MARGIN_PX,
        ]
    }
}

/// Where a glyph's middle stands when its text runs beside the line rather than on it.
pub(super) fn beside(glyph: &TurnedGlyph, offset_px: f32) -> [f32; 2] {
    let [cos, sin] = glyph.rotation;
    [
        glyph.centre[0] - offset_px * sin,
        glyph.centre[1] + offset_px * cos,
    ]
}

/// What an icon stands on: its line and its place on it, at which zoom and scale, beside which stand of the text.
pub(super) struct Ground<'a> {
    pub(super) path: Option<&'a PixelPath>,
    pub(super) place: f64,
    pub(super) zoom: f64,
    pub(super) scale: f32,
    pub(super) stand: usize,
}

/// Where the icon stands, from the label's point; `None` where the line is too short for it.
pub(super) fn icon_place(
    prepared: &Prepared,
    icon: &Icon,
    set: Option<&SetText>,
    ground: &Ground<'_>,
) -> Option<IconPlace> {
    let style = prepared.icon.as_ref()?;
    let size = prepared.icon_at(style, ground.zoom).0 * ground.scale;
    if size <= 0.0 {
        return None;
    }
    let direction = match ground.path {
        Some(path) if style.is_along => {
            if path.length() < icon.size_px()[0] * size {
                return None;
            }
            path.direction(path.length() * ground.place as f32)
        }
        _ => [1.0, 0.0],
    };
    let text_px = set.zip(prepared.stands.get(ground.stand));
    let text_px = text_px.map(|(set, stand)| {
        let text_size = prepared.size_px(ground.zoom) * ground.scale;
        set.bounds(stand).map(|v| v * text_size)
    });
    Some(IconPlace::of(style, icon, size, direction, text_px))
}
