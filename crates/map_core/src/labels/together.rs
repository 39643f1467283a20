//! Texts and icons of one label: placed together, or one without the other where the style allows it.

use super::tests::{Grotesque, engine, symbol, view};
use super::*;

const HERE: [i16; 2] = [4096, 4096];

fn icon() -> IconStyle {
    IconStyle {
        name: "dot".to_owned(),
        ..IconStyle::default()
    }
}

/// A text below its icon.
fn both(text: &str, at: [i16; 2]) -> SymbolCandidate {
    SymbolCandidate {
        icon: Some(icon()),
        style: TextStyle {
            anchor: Anchor::Top,
            offset_em: [0.0, 1.0],
            ..TextStyle::default()
        },
        sort_key: 1.0,
        ..symbol(text, at)
    }
}

/// What is shown of these labels: texts, then icons.
fn shown(symbols: Vec<SymbolCandidate>) -> (Vec<String>, usize) {
    let mut engine = engine(symbols);
    engine.place(&view(), &mut Grotesque::default(), 0.0);
    let texts = engine.shown_texts().filter(|text| !text.is_empty());
    let mut texts: Vec<String> = texts.map(str::to_owned).collect();
    texts.sort_unstable();
    (texts, engine.shown_icons().count())
}

fn all(texts: &[&str], icons: usize) -> (Vec<String>, usize) {
    (texts.iter().map(|text| (*text).to_owned()).collect(), icons)
}

/// Something more important where the icon, or where the text would stand.
fn in_the_way(of_icon: bool) -> SymbolCandidate {
    if of_icon {
        symbol("挡", HERE)
    } else {
        symbol("碍", [4096, 4096 + 420])
    }
}

#[test]
fn a_text_and_its_icon_are_shown_together_or_not_at_all() {
    assert_eq!(shown(vec![both("站", HERE)]), all(&["站"], 1));
    for (of_icon, left) in [(true, "挡"), (false, "碍")] {
        let found = shown(vec![in_the_way(of_icon), both("站", HERE)]);
        assert_eq!(found, all(&[left], 0), "icon in the way: {of_icon}");
    }
}

#[test]
fn what_is_optional_may_be_missing() {
    let without_text = SymbolCandidate {
        text_optional: true,
        ..both("站", HERE)
    };
    let without_icon = SymbolCandidate {
        icon: Some(IconStyle {
            is_optional: true,
            ..icon()
        }),
        ..both("站", HERE)
    };
    let found = shown(vec![in_the_way(false), without_text.clone()]);
    assert_eq!(found, all(&["碍"], 1));
    assert_eq!(shown(vec![in_the_way(true), without_text]), all(&["挡"], 0));
    let found = shown(vec![in_the_way(true), without_icon.clone()]);
    assert_eq!(found, all(&["挡", "站"], 0));
    assert_eq!(
        shown(vec![in_the_way(false), without_icon]),
        all(&["碍"], 0)
    );
}

#[test]
fn an_icon_that_is_not_in_the_sprite_leaves_the_text() {
    let gone = IconStyle {
        name: "gone".to_owned(),
        ..icon()
    };
    let with_text = SymbolCandidate {
        icon: Some(gone.clone()),
        ..both("站", HERE)
    };
    assert_eq!(shown(vec![with_text]), all(&["站"], 0));
    let alone = SymbolCandidate {
        icon: Some(gone),
        ..both("", HERE)
    };
    assert_eq!(shown(vec![alone]), all(&[], 0));
}

#[test]
fn what_ignores_placement_is_in_nobodys_way() {
    let mut ignoring = both("站", HERE);
    ignoring.sort_key = -1.0;
    ignoring.ignore_placement = true;
    let other = symbol("路", HERE);
    assert_eq!(
        shown(vec![ignoring.clone(), other.clone()]),
        all(&["站"], 1)
    );
    ignoring.icon = Some(IconStyle {
        ignore_placement: true,
        ..icon()
    });
    assert_eq!(shown(vec![ignoring, other]), all(&["站", "路"], 1));
}

#[test]
fn what_may_overlap_is_shown_among_others() {
    let overlapping = SymbolCandidate {
        icon: Some(IconStyle {
            allow_overlap: true,
            ..icon()
        }),
        allow_overlap: true,
        ..both("站", HERE)
    };
    let found = shown(vec![in_the_way(true), in_the_way(false), overlapping]);
    assert_eq!(found, all(&["挡", "碍", "站"], 1));
}

#[test]
fn icons_alone_may_be_close_to_each_other_but_are_not_doubled() {
    // 1 pixel is 16 units.
    let at = |x: i16| both("", [x, 4096]);
    assert_eq!(shown(vec![at(4096), at(4096 + 30 * 16)]), all(&[], 2));
    let overlapping = |x: i16| SymbolCandidate {
        icon: Some(IconStyle {
            allow_overlap: true,
            ..icon()
        }),
        ..both("", [x, 4096])
    };
    assert_eq!(
        shown(vec![overlapping(4096), overlapping(4096 + 12 * 16)]),
        all(&[], 2)
    );
    assert_eq!(
        shown(vec![overlapping(4096), overlapping(4096 + 2 * 16)]),
        all(&[], 1)
    );
}

#[test]
fn every_anchor_is_tried_until_one_has_room() {
    let tried = |anchors: &[Anchor]| SymbolCandidate {
        anchors: anchors.iter().map(|anchor| (*anchor, [0.0; 2])).collect(),
        sort_key: 1.0,
        ..symbol("人民路", HERE)
    };
    // To the right of the point there is something else.
    let neighbour = symbol("挡挡", [4096 + 25 * 16, 4096]);
    let found = shown(vec![neighbour.clone(), tried(&[Anchor::Left])]);
    assert_eq!(found, all(&["挡挡"], 0));
    let found = shown(vec![neighbour, tried(&[Anchor::Left, Anchor::Right])]);
    assert_eq!(found, all(&["人民路", "挡挡"], 0));
}

#[test]
fn icons_along_a_line_are_turned_with_it_and_need_its_length() {
    let street = |to: i16, is_along: bool| SymbolCandidate {
        icon: Some(IconStyle { is_along, ..icon() }),
        path: vec![[4096, 4096], [4096, to]],
        ..both("", HERE)
    };
    let rotation = |symbol: SymbolCandidate| {
        let mut engine = engine(vec![symbol]);
        let mut metrics = Grotesque::default();
        engine.place(&view(), &mut metrics, 0.0);
        let frame = engine.frame(&view(), &mut metrics, 1000.0);
        frame.glyphs.first().map(|g| g.rotation.map(f32::round))
    };
    assert_eq!(rotation(street(6000, true)), Some([0.0, 1.0]), "southwards");
    assert_eq!(
        rotation(street(2000, true)),
        Some([0.0, -1.0]),
        "northwards"
    );
    assert_eq!(rotation(street(6000, false)), Some([1.0, 0.0]));
    assert_eq!(rotation(street(4096 + 10 * 16, true)), None, "too short");
}
