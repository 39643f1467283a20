//! The icons of the shipped map styles, drawn on a canvas of 24 × 24 points with a margin of four for halos.

use super::shapes::{any, circle, plate, polygon, stroke, without};

/// Width and height of every icon in points.
pub const CANVAS: u32 = 24;

/// An icon: the signed distance to its edge at a place on the canvas.
pub struct Drawing {
    pub name: &'static str,
    pub distance: fn([f32; 2]) -> f32,
}

/// All icons, by name in the order of the alphabet.
pub const DRAWINGS: [Drawing; 11] = [
    Drawing {
        name: "bus",
        distance: bus,
    },
    Drawing {
        name: "fire",
        distance: fire,
    },
    Drawing {
        name: "government",
        distance: government,
    },
    Drawing {
        name: "hospital",
        distance: hospital,
    },
    Drawing {
        name: "metro",
        distance: metro,
    },
    Drawing {
        name: "oneway",
        distance: oneway,
    },
    Drawing {
        name: "park",
        distance: park,
    },
    Drawing {
        name: "police",
        distance: police,
    },
    Drawing {
        name: "rail",
        distance: rail,
    },
    Drawing {
        name: "school",
        distance: school,
    },
    Drawing {
        name: "shield",
        distance: shield,
    },
];

/// The plate that a sign is cut out of.
fn sign(p: [f32; 2]) -> f32 {
    plate([12.0, 12.0], [8.0, 8.0], 3.0, p)
}

/// A bus from the front: body, windscreen, lamps, wheels.
fn bus(p: [f32; 2]) -> f32 {
    let body = plate([12.0, 11.5], [7.0, 6.5], 2.0, p);
    let screen = plate([12.0, 10.2], [5.2, 2.6], 0.6, p);
    let lamps = any(&[circle([8.4, 15.4], 1.1, p), circle([15.6, 15.4], 1.1, p)]);
    let wheels = any(&[
        plate([8.2, 18.5], [1.6, 1.5], 0.6, p),
        plate([15.8, 18.5], [1.6, 1.5], 0.6, p),
    ]);
    any(&[without(body, any(&[screen, lamps])), wheels])
}

/// A flame on a sign.
fn fire(p: [f32; 2]) -> f32 {
    let flame = polygon(
        &[
            [12.6, 5.4],
            [14.2, 8.2],
            [15.4, 9.6],
            [16.4, 12.0],
            [16.2, 14.6],
            [14.8, 17.0],
            [12.0, 18.2],
            [9.2, 17.0],
            [7.8, 14.6],
            [7.9, 12.2],
            [9.0, 10.2],
            [9.9, 12.0],
            [10.9, 9.4],
        ],
        p,
    );
    let core = polygon(
        &[
            [12.2, 12.2],
            [13.8, 14.6],
            [13.2, 16.4],
            [12.0, 17.0],
            [10.8, 16.4],
            [10.3, 14.8],
        ],
        p,
    );
    without(sign(p), without(flame, core))
}

/// A house with pillars below a gable.
fn government(p: [f32; 2]) -> f32 {
    let gable = polygon(&[[12.0, 4.2], [20.0, 9.0], [4.0, 9.0]], p);
    let pillar = |x: f32| plate([x, 13.0], [1.2, 3.2], 0.2, p);
    let steps = plate([12.0, 18.4], [8.0, 1.4], 0.4, p);
    any(&[
        gable,
        pillar(6.6),
        pillar(12.0),
        pillar(17.4),
        steps,
        plate([12.0, 9.6], [8.0, 0.6], 0.0, p),
    ])
}

/// A cross on a sign.
fn hospital(p: [f32; 2]) -> f32 {
    let cross = any(&[
        plate([12.0, 12.0], [5.2, 1.7], 0.4, p),
        plate([12.0, 12.0], [1.7, 5.2], 0.4, p),
    ]);
    without(sign(p), cross)
}

/// The letter M on a round sign.
fn metro(p: [f32; 2]) -> f32 {
    let letter = [
        [7.8, 16.0],
        [9.2, 8.6],
        [12.0, 14.2],
        [14.8, 8.6],
        [16.2, 16.0],
    ];
    without(circle([12.0, 12.0], 8.4, p), stroke(&letter, 1.9, p))
}

/// An arrow to the right.
fn oneway(p: [f32; 2]) -> f32 {
    let head = [[13.0, 7.6], [20.0, 12.0], [13.0, 16.4]];
    any(&[
        stroke(&[[5.2, 12.0], [14.0, 12.0]], 2.4, p),
        polygon(&head, p),
    ])
}

/// A tree.
fn park(p: [f32; 2]) -> f32 {
    any(&[
        circle([12.0, 8.6], 4.4, p),
        circle([8.8, 11.4], 3.6, p),
        circle([15.2, 11.4], 3.6, p),
        plate([12.0, 16.4], [1.2, 3.8], 0.4, p),
    ])
}

/// A badge with a star.
fn police(p: [f32; 2]) -> f32 {
    let badge = polygon(
        &[
            [12.0, 3.6],
            [19.4, 6.2],
            [19.4, 11.4],
            [18.0, 15.2],
            [15.4, 18.2],
            [12.0, 20.4],
            [8.6, 18.2],
            [6.0, 15.2],
            [4.6, 11.4],
            [4.6, 6.2],
        ],
        p,
    );
    let star: [[f32; 2]; 10] = std::array::from_fn(|i| {
        let angle = std::f32::consts::PI * (i as f32 / 5.0 - 0.5);
        let radius = if i % 2 == 0 { 4.6 } else { 1.9 };
        [12.0 + radius * angle.cos(), 11.6 + radius * angle.sin()]
    });
    without(badge, polygon(&star, p))
}

/// A train from the front, on rails.
fn rail(p: [f32; 2]) -> f32 {
    let body = plate([12.0, 10.2], [6.0, 6.2], 2.6, p);
    let screen = plate([12.0, 8.8], [4.2, 2.4], 0.6, p);
    let lamp = circle([12.0, 13.9], 1.2, p);
    let rails = any(&[
        stroke(&[[8.6, 17.2], [6.0, 20.0]], 1.7, p),
        stroke(&[[15.4, 17.2], [18.0, 20.0]], 1.7, p),
    ]);
    any(&[without(body, any(&[screen, lamp])), rails])
}

/// A square cap with its tassel.
fn school(p: [f32; 2]) -> f32 {
    let board = polygon(&[[12.0, 5.2], [21.0, 9.4], [12.0, 13.6], [3.0, 9.4]], p);
    let cap = polygon(
        &[
            [7.0, 13.0],
            [12.0, 15.4],
            [17.0, 13.0],
            [17.0, 16.2],
            [14.6, 17.8],
            [12.0, 18.4],
            [9.4, 17.8],
            [7.0, 16.2],
        ],
        p,
    );
    any(&[board, cap, stroke(&[[19.6, 10.4], [19.6, 15.6]], 1.4, p)])
}

/// The plate behind a road's number.
fn shield(p: [f32; 2]) -> f32 {
    plate([12.0, 12.0], [8.0, 8.0], 2.4, p)
}
