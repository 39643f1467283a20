//! The clear palette tells states and levels apart for people who see some colours alike; the rings, the
//! stripes and the ramps of the map do so in every palette.
//!
//! Colours are shown as a complete loss of one kind of cone shows them, by the matrices of severity
//! 1.0 in Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color
//! vision deficiency" (IEEE TVCG 15, 2009), in linear light; their distance is that of CIE 1976 in
//! L*a*b* under D65, where 2.3 is just noticeable side by side.

use std::collections::BTreeMap;

/// Distance at which small marks far from each other are told apart.
const TOLD_APART: f64 = 20.0;
/// Distance of neighbouring steps of a ramp, which lie side by side: twice what is just noticeable there.
const NEIGHBOURS_APART: f64 = 5.0;

const DARK: &str = include_str!("../../assets/theme/theme.css");
const LIGHT: &str = include_str!("../../assets/theme/light.css");
const CLEAR: &str = include_str!("../../assets/theme/clear.css");

/// Colours that stand beside each other and mean different things.
const SETS: [&[&str]; 7] = [
    &["level-micro", "level-small", "level-medium", "level-large"],
    // The ring of what is overdue lies around the fill of a level.
    &[
        "map-overdue",
        "level-micro",
        "level-small",
        "level-medium",
        "level-large",
    ],
    &["lamp-green", "lamp-yellow", "lamp-red"],
    &["person-available", "person-busy", "person-off-duty"],
    RINGS,
    // The ring of what is new lies around the fill of a level, too.
    &[
        "map-new",
        "level-micro",
        "level-small",
        "level-medium",
        "level-large",
    ],
    &["map-camera", "map-camera-offline"],
];

/// Rings around incidents, of which two can lie around each other.
const RINGS: &[&str] = &["map-new", "map-selection", "map-overdue"];

/// Fills of the grids by their open work, from none to most.
const WORK: &[&str] = &[
    "map-grid-0",
    "map-grid-1",
    "map-grid-2",
    "map-grid-3",
    "map-grid-4",
    "map-grid-5",
];

/// Colours whose order is a quantity, from the ground up.
const RAMPS: [&[&str]; 2] = [
    WORK,
    &[
        "map-ground",
        "map-heat-1",
        "map-heat-2",
        "map-heat-3",
        "map-heat-4",
        "map-heat-5",
    ],
];

type Rgb = [f64; 3];

const SIGHTS: [(&str, [Rgb; 3]); 4] = [
    (
        "all cones",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// Colours with their opacities.
type Colours = BTreeMap<&'static str, (Rgb, f64)>;

/// The colours of a part of a theme file, in linear light.
fn colours(css: &'static str) -> Colours {
    css.lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(token, digits)| {
            let digits = digits.trim_end_matches(';');
            let share = |at: usize| {
                let byte = u8::from_str_radix(&digits[at..at + 2], 16).expect("#rrggbb");
                f64::from(byte) / 255.0
            };
            let channel = |at: usize| {
                let share = share(at);
                if share <= 0.040_45 {
                    share / 12.92
                } else {
                    ((share + 0.055) / 1.055).powf(2.4)
                }
            };
            let opacity = if digits.len() > 6 { share(6) } else { 1.0 };
            (token, ([channel(0), channel(2), channel(4)], opacity))
        })
        .collect()
}

/// All looks in both palettes.
fn all_looks() -> [(&'static str, Colours); 4] {
    let [clear_dark, clear_light] = clear_looks();
    [
        ("usual dark", colours(DARK)),
        ("usual light", colours(LIGHT)),
        clear_dark,
        clear_light,
    ]
}

/// The looks with the clear palette over them.
fn clear_looks() -> [(&'static str, Colours); 2] {
    let (over_dark, over_light) = CLEAR
        .split_once("[data-appearance=\"light\"]")
        .expect("a part for each look");
    let over = |look: &'static str, palette: &'static str| {
        let mut all = colours(look);
        all.extend(colours(palette));
        all
    };
    [
        ("dark", over(DARK, over_dark)),
        ("light", over(LIGHT, over_light)),
    ]
}

fn times(matrix: [Rgb; 3], colour: Rgb) -> Rgb {
    matrix.map(|row| row[0] * colour[0] + row[1] * colour[1] + row[2] * colour[2])
}

/// L*a*b* of linear sRGB, under D65.
fn lab(colour: Rgb) -> Rgb {
    let xyz = times(
        [
            [0.412_456_4, 0.357_576_1, 0.180_437_5],
            [0.212_672_9, 0.715_152_2, 0.072_175_0],
            [0.019_333_9, 0.119_192_0, 0.950_304_1],
        ],
        colour.map(|channel| channel.clamp(0.0, 1.0)),
    );
    let bend = |t: f64| {
        if t > 216.0 / 24_389.0 {
            t.cbrt()
        } else {
            (24_389.0 / 27.0 * t + 16.0) / 116.0
        }
    };
    let [x, y, z] = [xyz[0] / 0.950_47, xyz[1], xyz[2] / 1.088_83].map(bend);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(one: Rgb, other: Rgb) -> f64 {
    let squares = one.iter().zip(other).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// A colour over what lies under it, mixed in linear light as the map does.
fn over((colour, opacity): (Rgb, f64), under: Rgb) -> Rgb {
    std::array::from_fn(|at| colour[at] * opacity + under[at] * (1.0 - opacity))
}

/// A colour as it is seen over the map's ground.
fn on_ground(colours: &Colours, token: &str) -> Rgb {
    over(colours[token], colours["map-ground"].0)
}

/// The smallest distance within a set as a sight shows it, with the two colours.
fn closest(colours: &Colours, set: &[&'static str], sight: [Rgb; 3]) -> (f64, String) {
    let seen = |token: &str| lab(times(sight, on_ground(colours, token)));
    let pairs = set.iter().enumerate().flat_map(|(at, one)| {
        let others = set[at + 1..].iter();
        others.map(move |other| {
            (
                distance(seen(one), seen(other)),
                format!("{one} and {other}"),
            )
        })
    });
    pairs
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .expect("a set has two colours")
}

#[test]
fn distances_are_those_of_the_source() {
    // White, and the pure red of sRGB with its distance from white.
    let white = lab([1.0; 3]);
    assert!(
        (white[0] - 100.0).abs() < 0.01 && white[1].abs() < 0.1,
        "{white:?}"
    );
    let red = lab([1.0, 0.0, 0.0]);
    assert!(
        (red[0] - 53.24).abs() < 0.1 && (red[1] - 80.1).abs() < 0.2,
        "{red:?}"
    );
    for (sight, matrix) in SIGHTS {
        let grey = times(matrix, [0.5; 3]);
        let off = grey.iter().map(|channel| (channel - 0.5).abs());
        assert!(off.sum::<f64>() < 1e-4, "{sight} changes grey: {grey:?}");
    }
}

#[test]
fn the_clear_palette_is_told_apart_by_everybody() {
    for (look, colours) in clear_looks() {
        for (sight, matrix) in SIGHTS {
            for set in SETS {
                let (least, pair) = closest(&colours, set, matrix);
                assert!(
                    least >= TOLD_APART,
                    "{look}, {sight}: {pair} are {least:.1} apart"
                );
            }
        }
    }
}

#[test]
fn rings_are_told_apart_by_everybody_in_every_palette() {
    for (look, colours) in all_looks() {
        for (sight, matrix) in SIGHTS {
            let (least, pair) = closest(&colours, RINGS, matrix);
            assert!(
                least >= TOLD_APART,
                "{look}, {sight}: {pair} are {least:.1} apart"
            );
        }
    }
}

#[test]
fn stripes_are_seen_on_every_fill_by_everybody() {
    for (look, colours) in all_looks() {
        for (sight, matrix) in SIGHTS {
            for class in WORK {
                let fill = on_ground(&colours, class);
                let stripe = over(colours["map-hatch"], fill);
                let apart = distance(lab(times(matrix, fill)), lab(times(matrix, stripe)));
                assert!(
                    apart >= TOLD_APART,
                    "{look}, {sight}: stripes on {class} are {apart:.1} apart"
                );
            }
        }
    }
}

#[test]
fn neighbouring_steps_of_a_ramp_differ_and_go_one_way_for_everybody() {
    for (look, colours) in all_looks() {
        for (sight, matrix) in SIGHTS {
            for ramp in RAMPS {
                let steps = ramp.iter();
                let seen: Vec<Rgb> = steps
                    .map(|token| lab(times(matrix, on_ground(&colours, token))))
                    .collect();
                let rises = seen[0][0] < seen[ramp.len() - 1][0];
                for (at, pair) in seen.windows(2).enumerate() {
                    let (one, other) = (ramp[at], ramp[at + 1]);
                    let apart = distance(pair[0], pair[1]);
                    assert!(
                        apart >= NEIGHBOURS_APART,
                        "{look}, {sight}: {one} and {other} are {apart:.1} apart"
                    );
                    assert_eq!(
                        pair[0][0] < pair[1][0],
                        rises,
                        "{look}, {sight}: the lightness turns back from {one} to {other}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_usual_palette_needs_a_clear_one() {
    // If this fails, the usual colours have become clear enough and the other palette can go.
    for look in [DARK, LIGHT] {
        let colours = colours(look);
        let fails = SIGHTS.iter().any(|(_, matrix)| {
            SETS.iter()
                .any(|set| closest(&colours, set, *matrix).0 < TOLD_APART)
        });
        assert!(fails);
    }
}

#[test]
fn words_in_the_clear_palette_can_be_read() {
    let luminance = |rgb: Rgb| 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
    for (look, colours) in clear_looks() {
        let words = SETS[0]
            .iter()
            .chain(SETS[2])
            .chain(&["good", "warn", "bad"]);
        for (word, ground) in words.flat_map(|word| [(word, "surface"), (word, "surface-raised")]) {
            let (one, other) = (luminance(colours[word].0), luminance(colours[ground].0));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= 4.5, "{look}: {word} on {ground}: {contrast:.2}");
        }
    }
}
