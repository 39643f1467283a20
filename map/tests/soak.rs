//! A long run in short: a seeded hand pans, zooms, restyles and patches for thousands of frames over
//! limits that are far too small, and what is held never passes them and does not grow.
//!
//! `cargo test --test soak` runs the short one; `cargo test --release --test soak -- --ignored`
//! takes about half an hour on a software driver.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "the golden images use the rest")]
mod scene;

use map_protocol::{Held, Layer, MapMemory, ToMap, View};
use scene::{Setting, shipped_style, town};
use street_map::{budget::MemoryBudget, offscreen::OffscreenMap};

const SEED: u64 = 0x5eed_0123;
const BUDGET: MemoryBudget = MemoryBudget {
    raw_tiles: 120_000,
    waiting_tiles: 400_000,
    built_tiles: 600_000,
    live: 8 << 20,
};

/// A linear congruential generator (Knuth's MMIX constants): the same hand in every run.
struct Hand(u64);

impl Hand {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32) % end
    }

    /// Between -1 and 1.
    fn swing(&mut self) -> f64 {
        f64::from(self.below(2_001)) / 1_000.0 - 1.0
    }
}

fn home(map: &mut OffscreenMap) {
    map.send(ToMap::SetView {
        view: View {
            lon: town::CENTRE[0],
            lat: town::CENTRE[1],
            zoom: 15.2,
        },
        duration_ms: 0,
    });
}

fn do_something(map: &mut OffscreenMap, hand: &mut Hand, styles: &[String; 2]) {
    let (dx, dy) = (hand.swing() * 150.0, hand.swing() * 90.0);
    match hand.below(12) {
        0..=3 => {
            map.map().pointer_pressed(80.0, 60.0, 0.0);
            map.map().pointer_moved(80.0 + dx, 60.0 + dy, 10.0);
            map.map().pointer_released(80.0 + dx, 60.0 + dy, 12.0);
        }
        4..=6 => map.map().wheel(80.0 + dx, 60.0 + dy, dx * 4.0),
        7 => map.send(ToMap::SetPeople {
            people: town::people(dx * 4.0),
            glide_ms: 300,
        }),
        8 => map.send(ToMap::SetIncidents {
            incidents: town::incidents(),
        }),
        9 => map.send(town::grids(Layer::MicroGrids, 6, 4, "微网格")),
        10 if hand.below(6) == 0 => map.send(ToMap::SetStyle {
            style_json: styles[hand.below(2) as usize].clone(),
        }),
        _ => home(map),
    }
}

fn within(memory: &MapMemory, when: &str) {
    for (name, Held { bytes, limit }) in [
        ("tiles as they came", memory.raw_tiles),
        ("waiting tiles", memory.waiting_tiles),
        ("built tiles", memory.built_tiles),
        ("glyphs", memory.glyphs),
        ("live layers", memory.live),
    ] {
        assert!(
            bytes <= limit,
            "{name}: {bytes} of {limit} bytes {when}, seed {SEED:#x}"
        );
    }
}

/// Runs so many rounds of a few frames each.
fn soak(rounds: u32) {
    let mut map = Setting {
        width: 160,
        height: 120,
        ..Setting::default()
    }
    .open();
    map.map().set_budget(BUDGET);
    let styles = ["openmaptiles_dark", "openmaptiles_light"].map(shipped_style);
    let mut hand = Hand(SEED);
    let mut at_rest: Vec<u32> = Vec::new();
    let (mut most_built, mut frames) = (0, 0);
    for round in 1..=rounds {
        do_something(&mut map, &mut hand, &styles);
        for _ in 0..=hand.below(5) {
            map.frame_after(16.0, &town::town_tile);
            frames += 1;
            let memory = map.map().memory();
            within(&memory, &format!("in frame {frames}"));
            most_built = most_built.max(memory.built_tiles.bytes);
        }
        map.messages.clear();
        if round % 50 == 0 {
            // The same picture every time: it may not cost more each time.
            map.send(ToMap::SetPeople {
                people: town::people(0.0),
                glide_ms: 0,
            });
            home(&mut map);
            map.settle(&town::town_tile).unwrap();
            at_rest.push(map.map().memory().live.bytes);
        }
    }
    let [first, rest @ ..] = at_rest.as_slice() else {
        panic!("too few rounds to compare");
    };
    let most = rest.iter().max().unwrap_or(first);
    assert!(*most <= first * 2, "live layers grow: {at_rest:?}");
    assert!(
        most_built > BUDGET.built_tiles as u32 / 2,
        "nothing had to go: {most_built}"
    );
}

#[test]
fn what_is_held_keeps_its_limits_and_does_not_grow() {
    soak(300);
}

#[test]
#[ignore = "takes long; see the head of this file"]
fn what_is_held_keeps_its_limits_for_long() {
    soak(20_000);
}
