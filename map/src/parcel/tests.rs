//! Parcels come back as they went, damaged ones are refused, carpets lose their outlines.

use map_core::{
    colour::Colour,
    labels::{Anchor, Face, IconFit, IconStyle, Justify, SetText, TextStyle},
    tessellate::{Draw, DrawKind, LineVertex},
};

use super::{
    carpet::{CARPET_INDICES, CARPET_OUTLINE_ZOOM, leave_out_outlines},
    runs::SECOND_COLOUR,
    *,
};

fn buckets(draws: &[(u32, DrawKind, Range<u32>)]) -> TileBuckets {
    let tile = TileId {
        z: 14,
        x: 12_934,
        y: 6_709,
    };
    let mut buckets = TileBuckets::empty(TileKey {
        tile,
        display_zoom: 15,
    });
    buckets.draws = draws
        .iter()
        .map(|(layer, kind, range)| Draw {
            layer: *layer,
            kind: *kind,
            range: range.clone(),
        })
        .collect();
    buckets
}

fn symbol() -> SymbolCandidate {
    SymbolCandidate {
        layer: 7,
        text: "望江路".to_owned(),
        icon: Some(IconStyle {
            name: "地铁".to_owned(),
            turn_deg: 30.0,
            anchor: Anchor::TopRight,
            padding_px: [1.0, 2.0, 3.0, 4.0],
            is_along: true,
            is_optional: true,
            fit: IconFit::Width,
            ..IconStyle::default()
        }),
        anchor: [5, -6],
        path: vec![[1, 2], [3, 4], [-5, 6]],
        text_along: true,
        anchors: vec![(Anchor::Left, [0.5, 0.0]), (Anchor::Bottom, [0.0, -1.0])],
        spacing_px: f32::INFINITY,
        max_angle_deg: 45.0,
        zooms: [12.0, 24.0],
        style: TextStyle {
            face: Face::Italic,
            anchor: Anchor::BottomLeft,
            justify: Justify::Right,
            halo_blur_px: 0.5,
            translate_px: [1.0, -1.0],
            plate: Some(Colour::WHITE),
            ..TextStyle::default()
        },
        sort_key: 2.0,
        allow_overlap: true,
        ignore_placement: false,
        text_optional: true,
        set: None,
    }
}

/// The same with its text set by somebody to whom all characters are one font size wide.
fn set_symbol() -> SymbolCandidate {
    let mut symbol = symbol();
    symbol.set_text(&mut |_, _| Some(1.0));
    assert_eq!(
        symbol.set.as_ref().map(|set: &SetText| set.glyphs.len()),
        Some(3)
    );
    symbol
}

#[test]
fn a_parcel_comes_back_as_it_went() {
    let mut buckets = buckets(&[(3, DrawKind::FillOutline, 0..3), (5, DrawKind::Line, 3..6)]);
    buckets.line_vertices = vec![LineVertex::zeroed(); 6];
    buckets.line_indices = vec![0, 1, 2, 3, 5, 4];
    buckets.symbols = vec![
        symbol(),
        SymbolCandidate {
            path: vec![],
            icon: None,
            anchors: vec![],
            ..symbol()
        },
        set_symbol(),
    ];
    let bytes = pack(buckets.clone());
    let parcel = unpack(&bytes).expect("a parcel");
    assert_eq!(parcel.key, buckets.key);
    assert_eq!(parcel.symbols, buckets.symbols);
    assert_eq!(parcel.runs.len(), 1);
    assert_eq!(
        parcel.array(Array::LineIndices),
        bytemuck::cast_slice::<u32, u8>(&buckets.line_indices)
    );
    assert_eq!(
        parcel.array(Array::LineVertices).len(),
        6 * size_of::<LineVertex>()
    );
    assert!(parcel.array(Array::FillVertices).is_empty());
}

#[test]
fn a_damaged_parcel_is_refused() {
    let mut buckets = buckets(&[]);
    buckets.symbols = vec![symbol(), set_symbol()];
    let bytes = pack(buckets);
    for len in 0..bytes.len() {
        assert!(unpack(&bytes[..len]).is_err(), "cut to {len} bytes");
    }
    for at in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 0xff;
        // Some bytes are only numbers; what counts is that nothing panics.
        drop(unpack(&broken));
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(unpack(&longer).is_err());
}

#[test]
fn a_carpet_loses_its_outlines_from_afar_and_nothing_else() {
    let count = CARPET_INDICES + 3;
    let mut buckets = buckets(&[
        (1, DrawKind::Line, 0..3),
        (2, DrawKind::Fill, 0..count),
        (2, DrawKind::FillOutline, 3..9),
        (3, DrawKind::Line, 9..12),
    ]);
    buckets.fill_indices = vec![0; count as usize];
    buckets.line_indices = vec![0, 1, 2, 3, 4, 5, 5, 4, 6, 7, 8, 9];
    buckets.line_vertices = (0..10)
        .map(|at| LineVertex {
            position: [at, 0],
            ..LineVertex::zeroed()
        })
        .collect();
    buckets.key.display_zoom = CARPET_OUTLINE_ZOOM;
    let mut near = buckets.clone();
    assert_eq!(unpack(&pack(near.clone())).expect("a parcel").runs.len(), 3);
    near.key.display_zoom -= 1;
    leave_out_outlines(&mut near);
    assert_eq!(near.line_indices, [0, 1, 2, 3, 4, 5]);
    let places: Vec<i16> = near
        .line_vertices
        .iter()
        .map(|vertex| vertex.position[0])
        .collect();
    assert_eq!(places, [0, 1, 2, 7, 8, 9]);
    let ranges: Vec<_> = near.draws.iter().map(|draw| draw.range.clone()).collect();
    assert_eq!(ranges, [0..3, 0..count, 3..6]);
}

#[test]
fn neighbouring_draws_of_one_pipeline_become_one() {
    let buckets = buckets(&[
        (1, DrawKind::Fill, 0..3),
        (2, DrawKind::Fill, 3..9),
        (2, DrawKind::FillOutline, 0..6),
        (4, DrawKind::Line, 6..12),
        (5, DrawKind::Fill, 9..12),
        (7, DrawKind::Fill, 15..18),
    ]);
    let runs: Vec<_> = runs_of(&buckets)
        .into_iter()
        .map(|run| (run.kind, run.range, run.layers))
        .collect();
    assert_eq!(
        runs,
        [
            (Kind::Fill, 0..9, 1..3),
            (Kind::Line, 0..12, 2..5),
            (Kind::Fill, 9..12, 5..6),
            (Kind::Fill, 15..18, 7..8),
        ]
    );
}

#[test]
fn every_vertex_knows_its_layer() {
    let mut buckets = buckets(&[(3, DrawKind::FillOutline, 0..3), (5, DrawKind::Line, 3..6)]);
    buckets.line_vertices = vec![LineVertex::zeroed(); 6];
    buckets.line_indices = vec![0, 1, 2, 3, 5, 4];
    let outline = 3 | SECOND_COLOUR;
    assert_eq!(
        vertex_layers(&buckets, Kind::Line),
        [outline, outline, outline, 5, 5, 5]
    );
}

#[test]
fn a_picture_comes_back_as_it_went_and_a_wrong_size_is_refused() {
    let key = buckets(&[]).key;
    let picture = Picture {
        size: [2, 1],
        pixels: vec![1, 2, 3, 4, 5, 6, 7, 8],
    };
    let bytes = pack_picture(key, &picture, [0, 3, MAX_STYLE_LAYERS as u32].into_iter());
    let parcel = unpack(&bytes).expect("a parcel");
    assert_eq!((parcel.key, parcel.picture_size), (key, [2, 1]));
    assert_eq!(parcel.array(Array::Picture), picture.pixels);
    let layers: Vec<u32> = parcel.runs.iter().map(|run| run.layers.start).collect();
    assert_eq!(layers, [0, 3], "a layer beyond the paints is not drawn");
    assert!(parcel.runs.iter().all(|run| run.kind == Kind::Picture));
    let wrong = Picture {
        size: [2, 2],
        ..picture
    };
    assert!(unpack(&pack_picture(key, &wrong, 0..1)).is_err());
}
