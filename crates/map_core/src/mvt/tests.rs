//! The decoder against tiles written here by hand, the specification's own example, and noise.

use proptest::prelude::*;

use super::*;

/// A message of length-delimited and number fields, as the test needs it.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut v: u64) {
        while v >= 0x80 {
            self.0.push(v as u8 | 0x80);
            v >>= 7;
        }
        self.0.push(v as u8);
    }

    fn number(mut self, field: u64, v: u64) -> Self {
        self.varint(field << 3);
        self.varint(v);
        self
    }

    fn bytes(mut self, field: u64, content: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(content.len() as u64);
        self.0.extend_from_slice(content);
        self
    }

    fn packed(self, field: u64, values: &[u64]) -> Self {
        let mut inner = Self::default();
        for v in values {
            inner.varint(*v);
        }
        self.bytes(field, &inner.0)
    }
}

fn feature(kind: u64, geometry: &[u64]) -> Vec<u8> {
    Message::default()
        .number(1, 7)
        .packed(2, &[0, 0, 1, 1])
        .number(3, kind)
        .packed(4, geometry)
        .0
}

fn tile_of(features: &[Vec<u8>]) -> Vec<u8> {
    let mut layer = Message::default()
        .number(15, 2)
        .bytes(1, b"roads")
        .number(5, 4096);
    for f in features {
        layer = layer.bytes(2, f);
    }
    let text = Message::default().bytes(1, "人民路".as_bytes());
    let sint = Message::default().number(6, 5);
    let layer = layer
        .bytes(3, b"name")
        .bytes(3, b"level")
        .bytes(4, &text.0)
        .bytes(4, &sint.0);
    Message::default().bytes(3, &layer.0).0
}

#[test]
fn the_specifications_examples_decode() {
    // Section 4.3.5 of the specification: a multi line, a multi polygon with a hole, two points.
    let tile = tile_of(&[
        feature(2, &[9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8]),
        feature(
            3,
            &[
                9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4,
                13, 26, 0, 8, 8, 0, 0, 7, 15,
            ],
        ),
        feature(1, &[17, 10, 14, 3, 9]),
    ]);
    let tile = Tile::decode(&tile).expect("decodes");
    let layer = tile.layer("roads").expect("a layer");
    assert_eq!(
        layer.features[0].parts,
        [vec![[2, 2], [2, 10], [10, 10]], vec![[1, 1], [3, 5]]]
    );
    let areas: Vec<i64> = layer.features[1]
        .parts
        .iter()
        .map(|r| twice_area(r))
        .collect();
    assert_eq!(areas, [200, 162, -32]);
    assert_eq!(layer.features[2].parts, [vec![[5, 7]], vec![[3, 2]]]);
    let f = &layer.features[0];
    assert_eq!(f.id, Some(7));
    assert_eq!(
        layer.property(f, "name"),
        Some(&Property::Text("人民路".into()))
    );
    assert_eq!(layer.property(f, "level"), Some(&Property::Number(-3.0)));
    assert_eq!(layer.property(f, "absent"), None);
}

#[test]
fn every_number_type_is_read() {
    let value = |m: Message| decode_value(Reader::new(&m.0)).expect("a value");
    let mut float = Message::default();
    float.0.extend([2 << 3 | 5, 0, 0, 0x20, 0x40]);
    assert_eq!(value(float), Property::Number(2.5));
    let mut double = Message::default();
    double.0.push(3 << 3 | 1);
    double.0.extend(0.1_f64.to_le_bytes());
    assert_eq!(value(double), Property::Number(0.1));
    assert_eq!(
        value(Message::default().number(4, (-9_i64) as u64)),
        Property::Number(-9.0)
    );
    assert_eq!(
        value(Message::default().number(5, 300)),
        Property::Number(300.0)
    );
    assert_eq!(value(Message::default().number(7, 1)), Property::Bool(true));
}

#[test]
fn damage_is_named_with_its_place() {
    let good = tile_of(&[feature(1, &[9, 2, 2])]);
    for cut in 1..good.len() {
        let error = Tile::decode(&good[..cut]).expect_err("cut off");
        assert!(
            matches!(
                error,
                DecodeError::Truncated { .. } | DecodeError::Malformed { .. }
            ),
            "{cut}: {error}"
        );
    }
    let nameless = Message::default().bytes(3, &Message::default().number(5, 4096).0);
    assert!(matches!(
        Tile::decode(&nameless.0),
        Err(DecodeError::Malformed {
            what: "layer without a name",
            ..
        })
    ));
    let zero = Message::default().bytes(3, &Message::default().bytes(1, b"a").number(5, 0).0);
    assert!(matches!(
        Tile::decode(&zero.0),
        Err(DecodeError::Malformed { what: "extent", .. })
    ));
}

#[test]
fn absurd_geometry_costs_the_feature_only() {
    let far = 4_000_000_000;
    let tile = tile_of(&[
        feature(2, &[9, far, 0, 10, 2, 2]),
        feature(3, &[9, 0, 0, 10, 2, 2, 15]),
        feature(9, &[9, 0, 0]),
        feature(2, &[9, 0, 0, 10, 2, 2]),
    ]);
    let tile = Tile::decode(&tile).expect("decodes");
    assert_eq!(tile.layers[0].features.len(), 1);
    let lie = tile_of(&[feature(1, &[(1 << 40) << 3 | 1, 0, 0])]);
    assert!(matches!(
        Tile::decode(&lie),
        Err(DecodeError::Truncated { .. })
    ));
}

#[test]
fn rings_wound_the_other_way_round_are_turned() {
    let tile = tile_of(&[feature(3, &[9, 0, 0, 26, 0, 20, 20, 0, 0, 19, 15])]);
    let tile = Tile::decode(&tile).expect("decodes");
    assert_eq!(twice_area(&tile.layers[0].features[0].parts[0]), 200);
}

#[test]
fn an_empty_tile_is_a_tile() {
    assert_eq!(Tile::decode(&[]), Ok(Tile::default()));
}

proptest! {
    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _outcome = Tile::decode(&bytes);
    }

    #[test]
    fn spoilt_tiles_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut tile = tile_of(&[
            feature(2, &[9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8]),
            feature(3, &[9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15]),
        ]);
        for (at, byte) in changes {
            let at = at.index(tile.len());
            tile[at] = byte;
        }
        if let Ok(tile) = Tile::decode(&tile) {
            for layer in &tile.layers {
                prop_assert!(layer.extent > 0);
                for f in &layer.features {
                    let least = match f.kind {
                        GeometryKind::Point => 1,
                        GeometryKind::LineString => 2,
                        GeometryKind::Polygon => 3,
                    };
                    prop_assert!(!f.parts.is_empty() && f.parts.iter().all(|p| p.len() >= least));
                }
            }
        }
    }
}
