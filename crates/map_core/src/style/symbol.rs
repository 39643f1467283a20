//! Symbol layers: the properties of their texts and icons, and what these are for one feature.

use super::baked::Baking;
use super::feature_view::Context;
use super::layers::LayerReader;
use super::parse;
use super::property::{Kind, Property};
use super::value::Value;
use super::warnings::Note;
use crate::labels::{Anchor, Face, IconFit, IconStyle, Justify, TextStyle};

/// The names of anchors.
const ANCHORS: [&str; 9] = [
    "center",
    "left",
    "right",
    "top",
    "bottom",
    "top-left",
    "top-right",
    "bottom-left",
    "bottom-right",
];

/// The properties of a symbol layer; it has a text or an icon or both.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    placement: Property,
    spacing: Property,
    sort_key: Option<Property>,
    text: Option<Text>,
    icon: Option<Icon>,
}

#[derive(Clone, Debug)]
struct Text {
    field: Property,
    font: Property,
    size: Property,
    max_width: Property,
    line_height: Property,
    letter_spacing: Property,
    anchor: Property,
    variable_anchor: Option<Property>,
    variable_anchor_offset: Option<Property>,
    justify: Property,
    offset: Property,
    radial_offset: Option<Property>,
    padding: Property,
    transform: Property,
    rotation_alignment: Property,
    max_angle: Property,
    overlap: Overlap,
    ignore_placement: Property,
    optional: Property,
    colour: Property,
    opacity: Property,
    halo_colour: Property,
    halo_width: Property,
    halo_blur: Property,
    translate: Property,
}

#[derive(Clone, Debug)]
struct Overlap {
    word: Option<Property>,
    truth: Property,
}

impl Overlap {
    fn is_allowed(&self, context: &Context<'_>) -> bool {
        match &self.word {
            Some(word) => &*word.text(context) == "always",
            None => self.truth.truth(context),
        }
    }
}

#[derive(Clone, Debug)]
struct Icon {
    image: Property,
    size: Property,
    rotate: Property,
    anchor: Property,
    offset: Property,
    padding: Property,
    rotation_alignment: Property,
    keep_upright: Property,
    overlap: Overlap,
    ignore_placement: Property,
    optional: Property,
    text_fit: Property,
    text_fit_padding: Property,
    colour: Property,
    opacity: Property,
    halo_colour: Property,
    halo_width: Property,
    halo_blur: Property,
    translate: Property,
}

impl Symbol {
    /// Whether the layer asks for icons.
    pub(super) fn has_icons(&self) -> bool {
        self.icon.is_some()
    }
}

/// A symbol layer's properties; without text and icon there is nothing of it to draw.
pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Symbol> {
    let text = reader.optional("text-field", Kind::Template, &Value::text(""));
    let image = reader.optional("icon-image", Kind::Template, &Value::text(""));
    if text.is_none() && image.is_none() {
        reader.say(
            "a symbol layer without text and icon",
            "its layers are left out",
        );
        return None;
    }
    let placement = reader.word(
        "symbol-placement",
        "point",
        &["point", "line", "line-center"],
    );
    // At a point, letters are upright by themselves.
    let is_at_points =
        placement.words_beside(&["point"]).is_empty() && !placement.depends_on_feature();
    let alignments: &[&str] = if is_at_points {
        &["auto", "map", "viewport", "viewport-glyph"]
    } else {
        &["auto", "map", "viewport"]
    };
    Some(Symbol {
        placement,
        spacing: reader.number("symbol-spacing", 250.0),
        sort_key: reader.sort_key("symbol-sort-key"),
        text: text.map(|field| read_text(reader, field, alignments)),
        icon: image.map(|image| read_icon(reader, image)),
    })
}

fn read_text(reader: &mut LayerReader<'_>, field: Property, alignments: &[&str]) -> Text {
    if field.may_be_image() {
        let Note { what, consequence } = parse::image_in_text();
        reader.say(&format!("{what} in \"text-field\""), consequence);
    }
    Text {
        field,
        font: reader.property("text-font", Kind::Other, Value::List([].into())),
        size: reader.number("text-size", 16.0),
        max_width: reader.number("text-max-width", 10.0),
        line_height: reader.number("text-line-height", 1.2),
        letter_spacing: reader.number("text-letter-spacing", 0.0),
        anchor: reader.word("text-anchor", "center", &ANCHORS),
        variable_anchor: reader.optional_words("text-variable-anchor", &ANCHORS),
        variable_anchor_offset: reader.optional_words("text-variable-anchor-offset", &ANCHORS),
        justify: reader.word(
            "text-justify",
            "center",
            &["auto", "left", "center", "right"],
        ),
        offset: reader.pair("text-offset"),
        radial_offset: reader.optional("text-radial-offset", Kind::Number, &Value::Number(0.0)),
        padding: reader.number("text-padding", 2.0),
        transform: reader.word(
            "text-transform",
            "none",
            &["none", "uppercase", "lowercase"],
        ),
        rotation_alignment: reader.word("text-rotation-alignment", "auto", alignments),
        max_angle: reader.number("text-max-angle", 45.0),
        overlap: overlap(reader, "text-overlap", "text-allow-overlap"),
        ignore_placement: reader.truth("text-ignore-placement"),
        optional: reader.truth("text-optional"),
        colour: reader.colour("text-color", "black"),
        opacity: reader.number("text-opacity", 1.0),
        halo_colour: reader.colour("text-halo-color", "transparent"),
        halo_width: reader.number("text-halo-width", 0.0),
        halo_blur: reader.number("text-halo-blur", 0.0),
        translate: reader.pair("text-translate"),
    }
}

fn read_icon(reader: &mut LayerReader<'_>, image: Property) -> Icon {
    let list = |numbers: &[f64]| Value::List(numbers.iter().map(|n| Value::Number(*n)).collect());
    Icon {
        image,
        size: reader.number("icon-size", 1.0),
        rotate: reader.number("icon-rotate", 0.0),
        anchor: reader.word("icon-anchor", "center", &ANCHORS),
        offset: reader.pair("icon-offset"),
        padding: reader.property("icon-padding", Kind::Numbers, list(&[2.0])),
        rotation_alignment: reader.word(
            "icon-rotation-alignment",
            "auto",
            &["auto", "map", "viewport"],
        ),
        keep_upright: reader.truth("icon-keep-upright"),
        overlap: overlap(reader, "icon-overlap", "icon-allow-overlap"),
        ignore_placement: reader.truth("icon-ignore-placement"),
        optional: reader.truth("icon-optional"),
        text_fit: reader.word(
            "icon-text-fit",
            "none",
            &["none", "width", "height", "both"],
        ),
        text_fit_padding: reader.property("icon-text-fit-padding", Kind::Numbers, list(&[0.0; 4])),
        colour: reader.colour("icon-color", "black"),
        opacity: reader.number("icon-opacity", 1.0),
        halo_colour: reader.colour("icon-halo-color", "transparent"),
        halo_width: reader.number("icon-halo-width", 0.0),
        halo_blur: reader.number("icon-halo-blur", 0.0),
        translate: reader.pair("icon-translate"),
    }
}

/// Whether something is drawn over others: by the newer word, else by the older truth.
fn overlap(reader: &mut LayerReader<'_>, word: &'static str, truth: &'static str) -> Overlap {
    Overlap {
        word: reader.optional_word(word, &["never", "always"]),
        truth: reader.truth(truth),
    }
}

/// Where labels of a layer stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    Point,
    Line,
    LineCentre,
}

/// A label's values for one feature.
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of the style, not a state"
)]
pub(crate) struct BakedSymbol {
    pub(crate) text: String,
    pub(crate) icon: Option<IconStyle>,
    pub(crate) placement: Placement,
    pub(crate) spacing_px: f32,
    pub(crate) text_along: bool,
    pub(crate) anchors: Vec<(Anchor, [f32; 2])>,
    pub(crate) max_angle_deg: f32,
    pub(crate) sort_key: f32,
    pub(crate) allow_overlap: bool,
    pub(crate) ignore_placement: bool,
    pub(crate) text_optional: bool,
    pub(crate) style: TextStyle,
}

impl Symbol {
    /// The label, or `None` where there is nothing to show.
    pub(crate) fn baked_for(&self, baking: &Baking<'_>) -> Option<BakedSymbol> {
        let context = baking.context();
        let text = self.text.as_ref().and_then(|text| text.written(&context));
        let placement = match &*self.placement.text(&context) {
            "line" => Placement::Line,
            "line-center" => Placement::LineCentre,
            _ => Placement::Point,
        };
        let icon = self
            .icon
            .as_ref()
            .and_then(|icon| icon.baked_for(baking, placement));
        if text.is_none() && icon.is_none() {
            return None;
        }
        let mut baked = BakedSymbol {
            text: text.unwrap_or_default(),
            icon,
            placement,
            spacing_px: self.spacing.number(&context).max(1.0),
            text_along: false,
            anchors: Vec::new(),
            max_angle_deg: 45.0,
            sort_key: baking.sort_key(self.sort_key.as_ref()),
            allow_overlap: false,
            ignore_placement: false,
            text_optional: false,
            style: TextStyle::default(),
        };
        if let Some(text) = self.text.as_ref().filter(|_| !baked.text.is_empty()) {
            baked.text_along =
                placement != Placement::Point && is_along(&text.rotation_alignment.text(&context));
            baked.anchors = text.anchors(&context);
            baked.max_angle_deg = text.max_angle.number(&context);
            baked.allow_overlap = text.overlap.is_allowed(&context);
            baked.ignore_placement = text.ignore_placement.truth(&context);
            baked.text_optional = text.optional.truth(&context);
            baked.style = text.style_for(baking, placement);
        }
        Some(baked)
    }
}

/// Whether a rotation alignment on a line means that it is turned with the line.
fn is_along(alignment: &str) -> bool {
    alignment != "viewport"
}

impl Text {
    /// The text, or `None` where it is blank.
    fn written(&self, context: &Context<'_>) -> Option<String> {
        let text = self.field.text_without_images(context);
        let text = text.trim();
        (!text.is_empty()).then(|| match &*self.transform.text(context) {
            "uppercase" => text.to_uppercase(),
            "lowercase" => text.to_lowercase(),
            _ => text.to_owned(),
        })
    }

    /// The anchors to be tried in turn with their offsets; empty where there is only the layer's own.
    fn anchors(&self, context: &Context<'_>) -> Vec<(Anchor, [f32; 2])> {
        if let Some(pairs) = &self.variable_anchor_offset {
            let pairs = pairs.items(context);
            let (pairs, _) = pairs.as_chunks::<2>();
            let one = |[name, offset]: &[Value; 2]| {
                let Value::List(offset) = offset else {
                    return (anchor(&name.to_text()), [0.0; 2]);
                };
                let part = |i: usize| offset.get(i).and_then(Value::as_number).unwrap_or(0.0);
                (anchor(&name.to_text()), [part(0) as f32, part(1) as f32])
            };
            return pairs.iter().map(one).collect();
        }
        let Some(names) = &self.variable_anchor else {
            return Vec::new();
        };
        let radial = self.radial_offset.as_ref().map(|r| r.number(context));
        // Which way the offset goes is the anchor's matter, so its sign is not heeded here.
        let fixed = self.offset.two(context).map(f32::abs);
        let names = names.words(context);
        names
            .iter()
            .map(|name| {
                let anchor = anchor(name);
                let [x, y] = away(anchor);
                let offset = match radial {
                    Some(radial) => radial_offset(anchor, radial),
                    None => [x * fixed[0], y * fixed[1]],
                };
                (anchor, offset)
            })
            .collect()
    }

    fn style_for(&self, baking: &Baking<'_>, placement: Placement) -> TextStyle {
        let context = baking.context();
        let max_width = self.max_width.number(&context);
        let anchor = anchor(&self.anchor.text(&context));
        TextStyle {
            face: face(&self.font.words(&context)),
            sizes_px: baking.pair(&self.size),
            opacities: baking.pair(&self.opacity).map(|o| o.clamp(0.0, 1.0)),
            colour: self.colour.colour(&context),
            halo: self.halo_colour.colour(&context),
            halo_width_px: self.halo_width.number(&context).clamp(0.0, 8.0),
            halo_blur_px: self.halo_blur.number(&context).clamp(0.0, 8.0),
            letter_spacing_em: self.letter_spacing.number(&context),
            max_width_em: if placement == Placement::Point && max_width > 0.0 {
                max_width
            } else {
                f32::INFINITY
            },
            line_height_em: self.line_height.number(&context),
            anchor,
            justify: match &*self.justify.text(&context) {
                "auto" => Justify::Auto,
                "left" => Justify::Left,
                "right" => Justify::Right,
                _ => Justify::Centre,
            },
            offset_em: self.radial_offset.as_ref().map_or_else(
                || self.offset.two(&context),
                |radial| radial_offset(anchor, radial.number(&context)),
            ),
            translate_px: self.translate.two(&context),
            padding_px: self.padding.number(&context),
            plate: None,
        }
    }
}

impl Icon {
    /// The icon, or `None` where the feature has none.
    fn baked_for(&self, baking: &Baking<'_>, placement: Placement) -> Option<IconStyle> {
        let context = baking.context();
        let name = self.image.text(&context);
        if name.is_empty() {
            return None;
        }
        // Without a word, icons on lines are turned with them, others are not.
        let is_along =
            placement != Placement::Point && is_along(&self.rotation_alignment.text(&context));
        Some(IconStyle {
            name: name.to_string(),
            sizes: baking.pair(&self.size).map(|size| size.clamp(0.0, 64.0)),
            opacities: baking.pair(&self.opacity).map(|o| o.clamp(0.0, 1.0)),
            colour: self.colour.colour(&context),
            halo: self.halo_colour.colour(&context),
            halo_width_px: self.halo_width.number(&context).clamp(0.0, 8.0),
            halo_blur_px: self.halo_blur.number(&context).clamp(0.0, 8.0),
            turn_deg: self.rotate.number(&context),
            anchor: anchor(&self.anchor.text(&context)),
            offset_px: self.offset.two(&context),
            translate_px: self.translate.two(&context),
            padding_px: self.padding.sides(&context),
            is_along,
            is_kept_upright: self.keep_upright.truth(&context),
            is_optional: self.optional.truth(&context),
            allow_overlap: self.overlap.is_allowed(&context),
            ignore_placement: self.ignore_placement.truth(&context),
            fit: match &*self.text_fit.text(&context) {
                "both" => IconFit::Both,
                "width" => IconFit::Width,
                "height" => IconFit::Height,
                _ => IconFit::None,
            },
            fit_padding_px: self.text_fit_padding.sides(&context),
        })
    }
}

/// The face that a list of fonts asks for, by the words in its first name.
fn face(fonts: &[std::sync::Arc<str>]) -> Face {
    let first = fonts.first().map(|f| f.to_lowercase()).unwrap_or_default();
    if ["bold", "medium", "black"]
        .iter()
        .any(|w| first.contains(w))
    {
        Face::Bold
    } else if ["italic", "oblique"].iter().any(|w| first.contains(w)) {
        Face::Italic
    } else {
        Face::Regular
    }
}

fn anchor(name: &str) -> Anchor {
    match name {
        "left" => Anchor::Left,
        "right" => Anchor::Right,
        "top" => Anchor::Top,
        "bottom" => Anchor::Bottom,
        "top-left" => Anchor::TopLeft,
        "top-right" => Anchor::TopRight,
        "bottom-left" => Anchor::BottomLeft,
        "bottom-right" => Anchor::BottomRight,
        _ => Anchor::Centre,
    }
}

/// The direction in which a box with this anchor lies: to the right and down.
fn away(anchor: Anchor) -> [f32; 2] {
    match anchor {
        Anchor::Centre => [0.0, 0.0],
        Anchor::Left => [1.0, 0.0],
        Anchor::Right => [-1.0, 0.0],
        Anchor::Top => [0.0, 1.0],
        Anchor::Bottom => [0.0, -1.0],
        Anchor::TopLeft => [1.0, 1.0],
        Anchor::TopRight => [-1.0, 1.0],
        Anchor::BottomLeft => [1.0, -1.0],
        Anchor::BottomRight => [-1.0, -1.0],
    }
}

/// An offset of this length away from the label's point.
fn radial_offset(anchor: Anchor, radial: f32) -> [f32; 2] {
    let [x, y] = away(anchor);
    let length = x.hypot(y).max(1.0);
    [x / length * radial.max(0.0), y / length * radial.max(0.0)]
}
