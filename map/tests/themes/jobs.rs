//! Tiles built outside of the map's thread: what becomes of them when their builder is lost.

use map_core::style::Style;
use map_protocol::{FrameStats, FromMap, ToMap, View};
use street_map::{
    app::build::{TileJob, build_with_texts},
    offscreen::OffscreenMap,
    tiles::TileAnswer,
};

use crate::scene::{compare, map_at, shipped_style, town};

const FRAME_MS: f64 = 16.0;

/// A map over the town that has a builder, and the first jobs for it.
fn with_builder(tiles: &dyn Fn(&str) -> TileAnswer) -> (OffscreenMap, Vec<TileJob>) {
    let mut map = map_at(15.2, 1.0);
    map.map().build_outside(true);
    for _ in 0..3 {
        map.frame_after(FRAME_MS, tiles);
    }
    let jobs = std::iter::from_fn(|| map.map().next_job()).collect();
    (map, jobs)
}

/// Lets the builder do what it gets for a while; answers what that was.
fn work(map: &mut OffscreenMap, tiles: &dyn Fn(&str) -> TileAnswer) -> Vec<TileJob> {
    let style = Style::from_json(&shipped_style("openmaptiles_dark")).unwrap();
    let mut done = Vec::new();
    for _ in 0..200 {
        while let Some(job) = map.map().next_job() {
            let mut advance_em = |face, ch| Some(map.advance_em(face, ch));
            match build_with_texts(&style, job.key, &job.bytes, &mut advance_em) {
                Ok(parcel) => map.map().job_done(job.id, parcel),
                Err(reason) => map.map().job_failed(job.id, &reason),
            }
            done.push(job);
        }
        map.frame_after(FRAME_MS, tiles);
    }
    done
}

fn told(map: &OffscreenMap) -> Vec<&str> {
    let mut texts = Vec::new();
    for message in &map.messages {
        if let FromMap::Problem { problem } = message {
            texts.push(problem.text.as_str());
        }
    }
    texts
}

fn zoom_to(map: &mut OffscreenMap, zoom: f64) {
    let [lon, lat] = town::CENTRE;
    map.send(ToMap::SetView {
        view: View { lon, lat, zoom },
        duration_ms: 0,
    });
}

#[test]
fn a_tile_that_ended_its_builder_is_built_by_nobody_again() {
    let (mut map, jobs) = with_builder(&town::town_tile);
    let deadly = &jobs[0];
    map.map()
        .job_failed(deadly.id, "memory access out of bounds");
    map.map().build_outside(true);
    for zoom in [15.2, 17.6, 15.2] {
        zoom_to(&mut map, zoom);
        for job in work(&mut map, &town::town_tile) {
            assert_ne!(job.key.tile, deadly.key.tile, "at zoom {zoom}");
        }
    }
    assert_eq!(told(&map).len(), 1, "{:?}", told(&map));
    assert!(told(&map)[0].contains("memory access out of bounds"));
    let picture = map.picture().unwrap();
    // Without any builder the map does not build it either.
    map.map().build_outside(false);
    map.settle(&town::town_tile).unwrap();
    assert!(map.picture().unwrap().pixels == picture.pixels);
    assert_eq!(told(&map).len(), 1, "{:?}", told(&map));
}

#[test]
fn what_a_lost_builder_had_goes_to_the_next_one_and_then_to_the_map() {
    let (mut map, jobs) = with_builder(&town::town_tile);
    assert_eq!(jobs.len(), 2, "one under way and one that waits");
    map.map().build_outside(true);
    let again: Vec<TileJob> = std::iter::from_fn(|| map.map().next_job()).collect();
    let tiles = |jobs: &[TileJob]| {
        let mut keys: Vec<_> = jobs.iter().map(|job| job.key).collect();
        keys.sort();
        keys
    };
    assert_eq!(tiles(&again), tiles(&jobs));
    // What the lost one still had to say is not heard.
    map.map().job_done(jobs[0].id, b"no parcel".to_vec());
    map.map().job_failed(jobs[1].id, "too late");
    map.map().build_outside(false);
    map.settle(&town::town_tile).unwrap();
    assert!(told(&map).is_empty(), "{:?}", told(&map));
    compare(&map.picture().unwrap(), "base_map");
}

#[test]
fn texts_that_the_builder_has_set_stand_where_the_map_sets_them() {
    let (mut map, _) = with_builder(&town::town_tile);
    map.map().build_outside(true);
    assert!(!work(&mut map, &town::town_tile).is_empty());
    map.settle(&town::town_tile).unwrap();
    compare(&map.picture().unwrap(), "base_map");
}

#[test]
fn a_damaged_tile_is_told_once_wherever_it_is_built() {
    let damaged = |_: &str| TileAnswer::Bytes(vec![0xff; 40]);
    let (mut map, jobs) = with_builder(&damaged);
    assert!(!jobs.is_empty());
    map.map().build_outside(true);
    work(&mut map, &damaged);
    let count = told(&map).len();
    assert!(count > 0);
    map.map().build_outside(false);
    for zoom in [17.6, 15.2] {
        zoom_to(&mut map, zoom);
        map.settle(&damaged).unwrap();
    }
    let mut texts = told(&map);
    texts.sort_unstable();
    let all = texts.len();
    texts.dedup();
    assert_eq!(texts.len(), all, "no tile is told twice: {texts:?}");
}

/// How many tiles the figures say were built, by the builder and by the map itself; they come with a
/// frame, once a second.
fn built(map: &mut OffscreenMap) -> (u32, u32) {
    let stats = figures(map);
    (stats.tiles_built_by_worker, stats.tiles_built_by_page)
}

fn figures(map: &mut OffscreenMap) -> FrameStats {
    map.map().draw_again();
    map.frame_after(1_100.0, &town::town_tile);
    let figures = map.messages.iter().rev().find_map(|message| match message {
        FromMap::Stats { stats } => Some(*stats),
        _ => None,
    });
    figures.expect("figures were told")
}

#[test]
fn the_figures_tell_who_has_built_the_tiles() {
    let (mut map, jobs) = with_builder(&town::town_tile);
    map.map().build_outside(true);
    let done = work(&mut map, &town::town_tile).len() as u32;
    assert!(done >= jobs.len() as u32);
    assert_eq!(built(&mut map), (done, 0));
    map.map().build_outside(false);
    zoom_to(&mut map, 17.6);
    for _ in 0..200 {
        map.frame_after(FRAME_MS, &town::town_tile);
    }
    let (by_worker, by_page) = built(&mut map);
    assert_eq!(by_worker, done);
    assert!(by_page > 0);
    let stats = figures(&mut map);
    assert!(stats.texts_set_by_worker > 0 && stats.texts_set_by_page > 0);
}
