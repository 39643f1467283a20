//! Sets a text: which glyph stands where, in font sizes, before it is put on the map.
//!
//! Made for Chinese and Latin: characters from left to right, lines broken at spaces and between Han characters, no
//! ligatures and no scripts that join.

use super::{Anchor, Face, GlyphMetrics, Justify, TextStyle};

/// How far the middle of a line's letters lies above its baseline, in font sizes: between that of Han characters
/// (0.38) and that of Latin capitals (0.35).
pub(super) const MIDDLE_EM: f32 = 0.36;

/// A glyph of a set text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetGlyph {
    /// Which.
    pub ch: char,
    /// The pen's place in font sizes: from the start of its line to the right, and from the block's upper edge down to
    /// the baseline.
    pub pen: [f32; 2],
    /// How far the pen moves on, in font sizes.
    pub advance: f32,
    /// How much narrower its line is than the block, in font sizes.
    pub slack: f32,
}

/// A set text: a block of lines, which is not yet put at an anchor. Lengths in font sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct SetText {
    /// Line after line, each from left to right.
    pub glyphs: Vec<SetGlyph>,
    /// Width of the widest line.
    pub width: f32,
    /// Height of all lines.
    pub height: f32,
    /// All characters may be set one below the other, as Chinese names along steep roads are.
    pub may_stack: bool,
}

/// Sets a text, or `None` while a glyph is missing. All glyphs are asked for at once, so that the missing ones come
/// together.
pub(super) fn set(
    text: &str,
    style: &TextStyle,
    metrics: &mut dyn GlyphMetrics,
) -> Option<SetText> {
    let raster = metrics.raster_size_px();
    let mut advance_em = |face, ch| Some(metrics.glyph(face, ch)?.advance / raster);
    set_by(text, style, &mut advance_em)
}

/// Whether all glyphs of a set text are there; those that are not are asked for at once.
pub(super) fn has_glyphs(set: &SetText, face: Face, metrics: &mut dyn GlyphMetrics) -> bool {
    let missing = |glyph: &&SetGlyph| metrics.glyph(face, glyph.ch).is_none();
    set.glyphs.iter().filter(missing).count() == 0
}

/// Sets a text by how far each character moves the pen, in font sizes; `None` where that is not known of one.
pub(super) fn set_by(
    text: &str,
    style: &TextStyle,
    advance_em: &mut dyn FnMut(Face, char) -> Option<f32>,
) -> Option<SetText> {
    let mut measured = Vec::new();
    let mut is_whole = true;
    for ch in text.chars().filter(|c| *c == '\n' || !c.is_control()) {
        let advance = if ch == '\n' {
            0.0
        } else {
            let advance = advance_em(style.face, ch);
            is_whole &= advance.is_some();
            advance.unwrap_or(0.0)
        };
        measured.push((ch, advance + style.letter_spacing_em));
    }
    if !is_whole {
        return None;
    }
    let lines = broken(&measured, style.max_width_em, style.letter_spacing_em);
    let widths: Vec<f32> = lines
        .iter()
        .map(|line| width(line, style.letter_spacing_em))
        .collect();
    let widest = widths.iter().copied().fold(0.0, f32::max);
    let mut glyphs = Vec::with_capacity(measured.len());
    for (row, (line, line_width)) in lines.iter().zip(&widths).enumerate() {
        let mut x = 0.0;
        let y = (row as f32 + 0.5) * style.line_height_em + MIDDLE_EM;
        for (ch, advance) in line {
            glyphs.push(SetGlyph {
                ch: *ch,
                pen: [x, y],
                advance: advance - style.letter_spacing_em,
                slack: widest - line_width,
            });
            x += advance;
        }
    }
    Some(SetText {
        glyphs,
        width: widest,
        height: style.line_height_em * lines.len() as f32,
        may_stack: text.chars().all(is_han),
    })
}

/// Where a block is put: which of its points lies at the label's point, moved by how many font sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stand {
    pub(super) anchor: Anchor,
    pub(super) offset_em: [f32; 2],
    pub(super) justify: Justify,
}

impl SetText {
    /// The block's box from the label's point: left, upper, right, lower.
    pub(super) fn bounds(&self, stand: &Stand) -> [f32; 4] {
        let [left, top] = stand.anchor.corner(self.width, self.height);
        let [left, top] = [left + stand.offset_em[0], top + stand.offset_em[1]];
        [left, top, left + self.width, top + self.height]
    }

    /// A glyph's pen from the label's point.
    pub(super) fn pen(&self, glyph: &SetGlyph, stand: &Stand) -> [f32; 2] {
        let [left, top, ..] = self.bounds(stand);
        let slack = match stand.justify {
            Justify::Auto => stand.anchor.share_left(),
            Justify::Left => 0.0,
            Justify::Centre => 0.5,
            Justify::Right => 1.0,
        };
        [
            left + glyph.pen[0] + glyph.slack * slack,
            top + glyph.pen[1],
        ]
    }
}

impl Anchor {
    /// Which share of a box lies to the left of the anchor.
    fn share_left(self) -> f32 {
        match self {
            Self::Left | Self::TopLeft | Self::BottomLeft => 0.0,
            Self::Right | Self::TopRight | Self::BottomRight => 1.0,
            Self::Centre | Self::Top | Self::Bottom => 0.5,
        }
    }

    /// Which share of a box lies above the anchor.
    fn share_above(self) -> f32 {
        match self {
            Self::Top | Self::TopLeft | Self::TopRight => 0.0,
            Self::Bottom | Self::BottomLeft | Self::BottomRight => 1.0,
            Self::Centre | Self::Left | Self::Right => 0.5,
        }
    }

    /// The upper left corner of a box, from the anchor.
    pub(super) fn corner(self, width: f32, height: f32) -> [f32; 2] {
        [-width * self.share_left(), -height * self.share_above()]
    }
}

type Measured = (char, f32);

/// A line's width without the space after its last glyph.
fn width(line: &[Measured], spacing: f32) -> f32 {
    (line.iter().map(|(_, a)| a).sum::<f32>() - spacing).max(0.0)
}

/// Breaks a text into lines of about the same width, none wider than `max_width` unless a word is.
fn broken(text: &[Measured], max_width: f32, spacing: f32) -> Vec<Vec<Measured>> {
    let mut lines = Vec::new();
    for paragraph in text.split(|(ch, _)| *ch == '\n') {
        let total = width(paragraph, spacing);
        let count = if max_width > 0.0 && max_width.is_finite() {
            (total / max_width).ceil().max(1.0)
        } else {
            1.0
        };
        let end = lines.len() + count as usize;
        break_paragraph(paragraph, total / count, max_width, end, &mut lines);
    }
    lines.retain(|line| !line.is_empty());
    lines
}

fn break_paragraph(
    paragraph: &[Measured],
    target: f32,
    max_width: f32,
    end: usize,
    lines: &mut Vec<Vec<Measured>>,
) {
    let mut line: Vec<Measured> = Vec::new();
    let mut line_width = 0.0;
    let mut rest = paragraph;
    while !rest.is_empty() {
        let length = word_length(rest, max_width);
        let (word, after) = rest.split_at(length);
        let visible: f32 = word
            .iter()
            .filter(|(ch, _)| *ch != ' ')
            .map(|(_, a)| a)
            .sum();
        // A word goes to the next line once more than half of it would stick out, on the last line only when it must.
        let is_last = lines.len() + 1 >= end;
        let full = !is_last && line_width + visible / 2.0 > target + 0.01
            || line_width + visible > max_width + 0.01;
        if full && !line.is_empty() {
            trim(&mut line);
            lines.push(std::mem::take(&mut line));
            line_width = 0.0;
        }
        line.extend(word);
        line_width += word.iter().map(|(_, a)| a).sum::<f32>();
        rest = after;
    }
    trim(&mut line);
    lines.push(line);
}

/// How many characters from the start stay together: to the next place where a line may end, which is not within
/// brackets unless what they hold is wider than a line.
fn word_length(text: &[Measured], max_width: f32) -> usize {
    let mut depth = 0_i32;
    let mut first_inside = None;
    let mut width = 0.0;
    for i in 1..text.len() {
        let (before, advance) = text[i - 1];
        width += advance;
        match before {
            '（' | '(' | '《' | '【' | '「' => depth += 1,
            '）' | ')' | '》' | '】' | '」' => depth -= 1,
            _ => {}
        }
        if !may_break(before, text[i].0) {
            continue;
        }
        if depth <= 0 && width <= max_width {
            return i;
        }
        if width > max_width || depth <= 0 {
            return first_inside.unwrap_or(i);
        }
        first_inside = first_inside.or(Some(i));
    }
    let all: f32 = width + text.last().map_or(0.0, |(_, a)| *a);
    first_inside
        .filter(|_| all > max_width)
        .unwrap_or(text.len())
}

fn trim(line: &mut Vec<Measured>) {
    while line.last().is_some_and(|(ch, _)| *ch == ' ') {
        line.pop();
    }
}

/// Whether a line may end between two characters: after a space or a hyphen, or beside a Han character where no
/// punctuation would be torn from its word.
fn may_break(before: char, after: char) -> bool {
    const NEVER_FIRST: &str = "，。、；：！？）》」』】〉”’·,.;:!?)]}";
    const NEVER_LAST: &str = "（《「『【〈“‘([{";
    if after == ' ' || NEVER_FIRST.contains(after) || NEVER_LAST.contains(before) {
        return false;
    }
    matches!(before, ' ' | '-' | '/') || is_han(before) || is_han(after)
}

/// Characters that are set without spaces: Han, kana, and their punctuation and full-width forms.
fn is_han(ch: char) -> bool {
    matches!(ch, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the expected numbers are exact")]
mod tests {
    use super::*;
    use crate::labels::tests::Grotesque;

    fn lines(text: &str, max_width: f32) -> Vec<String> {
        let measured: Vec<Measured> = text
            .chars()
            .map(|c| (c, Grotesque::advance_em(c)))
            .collect();
        broken(&measured, max_width, 0.0)
            .iter()
            .map(|l| l.iter().map(|(c, _)| c).collect())
            .collect()
    }

    #[test]
    fn lines_are_broken_evenly_and_where_they_may_be() {
        for (text, max_width, want) in [
            ("成都市第一人民医院", 5.0, &["成都市第一", "人民医院"][..]),
            ("人民路", 5.0, &["人民路"]),
            ("Piazza della Signoria", 7.0, &["Piazza della", "Signoria"]),
            ("猛追湾（横街）社区", 6.0, &["猛追湾", "（横街）社区"]),
            (
                "Antidisestablishmentarianism",
                3.0,
                &["Antidisestablishmentarianism"],
            ),
            (
                "府南河\nFunan River",
                f32::INFINITY,
                &["府南河", "Funan River"],
            ),
            ("", 5.0, &[]),
        ] {
            assert_eq!(lines(text, max_width), want, "{text}");
        }
    }

    fn stand(anchor: Anchor, justify: Justify) -> Stand {
        Stand {
            anchor,
            offset_em: [0.0; 2],
            justify,
        }
    }

    #[test]
    fn the_anchor_decides_where_the_box_lies() {
        let style = TextStyle {
            line_height_em: 1.0,
            ..TextStyle::default()
        };
        let set = set("人民路", &style, &mut Grotesque::default()).expect("set");
        for (anchor, want) in [
            (Anchor::Centre, [-1.5, -0.5, 1.5, 0.5]),
            (Anchor::Left, [0.0, -0.5, 3.0, 0.5]),
            (Anchor::Top, [-1.5, 0.0, 1.5, 1.0]),
            (Anchor::BottomRight, [-3.0, -1.0, 0.0, 0.0]),
        ] {
            assert_eq!(
                set.bounds(&stand(anchor, Justify::Auto)),
                want,
                "{anchor:?}"
            );
        }
    }

    #[test]
    fn lines_stand_above_each_other_as_they_are_justified() {
        let style = TextStyle {
            max_width_em: 5.0,
            ..TextStyle::default()
        };
        let set = set("成都市第一人民医院", &style, &mut Grotesque::default()).expect("set");
        let second = set.glyphs[5];
        for (anchor, justify, want) in [
            (Anchor::Left, Justify::Auto, 0.0),
            (Anchor::Right, Justify::Auto, -4.0),
            (Anchor::Left, Justify::Right, 1.0),
            (Anchor::Left, Justify::Centre, 0.5),
            (Anchor::Top, Justify::Left, -2.5),
        ] {
            let [x, _] = set.pen(&second, &stand(anchor, justify));
            assert_eq!(x, want, "{anchor:?} {justify:?}");
        }
    }

    #[test]
    fn letter_spacing_stands_between_glyphs_only() {
        let style = TextStyle {
            letter_spacing_em: 0.5,
            ..TextStyle::default()
        };
        let set = set("人民", &style, &mut Grotesque::default()).expect("set");
        assert!((set.width - 2.5).abs() < 1e-6);
        assert!((set.glyphs[1].pen[0] - set.glyphs[0].pen[0] - 1.5).abs() < 1e-6);
    }

    #[test]
    fn a_missing_glyph_makes_the_label_wait() {
        let mut metrics = Grotesque {
            missing: Some('民'),
            ..Grotesque::default()
        };
        assert_eq!(set("人民", &TextStyle::default(), &mut metrics), None);
    }

    #[test]
    fn all_glyphs_of_a_label_are_asked_for_in_one_go() {
        let mut metrics = Grotesque {
            missing: Some('人'),
            ..Grotesque::default()
        };
        assert_eq!(set("人民路\n", &TextStyle::default(), &mut metrics), None);
        assert_eq!(metrics.asked, 3);
    }
}
