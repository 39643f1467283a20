//! What the store asks for, builds, keeps and shows.

use map_core::{cover::ZoomRange, projection::LonLat};

use super::*;

fn store() -> TileStore {
    let source = TileSource {
        url: "tiles://localhost/{z}/{x}/{y}".to_owned(),
        zooms: ZoomRange { min: 0, max: 14 },
    };
    TileStore::new(source, MemoryBudget::default())
}

fn view(zoom: f64) -> View {
    View::new(LonLat::new(104.04, 30.64), zoom, 700.0, 500.0, 1.0)
}

#[test]
fn every_tile_is_asked_for_once_and_the_middle_first() {
    let mut store = store();
    store.look_at(&view(14.5));
    let first = store.next_request(0.0).expect("tiles are wanted");
    let middle = LonLat::new(104.04, 30.64).to_world();
    let n = f64::from(1 << 14);
    let (x, y) = ((middle.x * n) as u32, (middle.y * n) as u32);
    assert_eq!(first.url, format!("tiles://localhost/14/{x}/{y}"));
    let mut seen = HashSet::from([first.url]);
    while let Some(request) = store.next_request(0.0) {
        assert!(seen.insert(request.url), "asked for twice");
    }
    assert!(seen.len() <= MAX_UNDER_WAY);
}

#[test]
fn a_tile_is_built_when_it_came_and_awaited_until_then() {
    let mut store = store();
    store.look_at(&view(14.5));
    let awaited = store.awaited();
    let request = store.next_request(0.0).expect("tiles are wanted");
    assert_eq!(store.arrived(request.id, TileAnswer::Empty, 0.0), None);
    assert_eq!(
        store.arrived(request.id, TileAnswer::Empty, 0.0),
        None,
        "a second answer"
    );
    let (key, bytes) = store.next_to_build().expect("it came");
    assert!(bytes.is_empty());
    assert!(store.next_to_build().is_none());
    store.built(key, 1000);
    assert_eq!(store.awaited(), awaited - 1);
    assert!(store.draws().iter().any(|draw| draw.key == key));
}

#[test]
fn a_failed_tile_is_told_once_and_asked_for_again_later() {
    let mut store = store();
    store.look_at(&view(14.5));
    let request = store.next_request(0.0).expect("tiles are wanted");
    let told = store.arrived(request.id, TileAnswer::Failed("500".to_owned()), 0.0);
    assert!(told.expect("it is told").contains("did not come: 500"));
    let others: Vec<_> = std::iter::from_fn(|| store.next_request(0.0)).collect();
    assert!(others.iter().all(|other| other.url != request.url));
    let again = store.retry_at_ms().expect("it waits");
    for other in others {
        store.arrived(other.id, TileAnswer::Empty, 0.0);
    }
    let retried = store.next_request(again).expect("its time has come");
    assert_eq!(retried.url, request.url);
    assert_eq!(
        store.arrived(retried.id, TileAnswer::Failed("500".to_owned()), again),
        None
    );
}

#[test]
fn a_pan_past_the_edge_meets_the_backdrop() {
    let mut store = store();
    let here = view(14.5);
    store.look_at(&here);
    while let Some(request) = store.next_request(0.0) {
        store.arrived(request.id, TileAnswer::Empty, 0.0);
    }
    store.look_at(&here);
    while let Some((key, _)) = store.next_to_build() {
        store.built(key, 1000);
    }
    assert_eq!(store.awaited(), 0);
    store.look_at(&here.dragged(-600.0, -450.0));
    assert!(store.awaited() > 0, "new tiles are needed");
    let coarse = store
        .draws()
        .iter()
        .filter(|draw| draw.key.tile.z == 11)
        .count();
    assert_eq!(
        coarse,
        store.awaited(),
        "each of them has something in its place"
    );
}

#[test]
fn the_backdrop_of_another_view_comes_before_its_own_tiles() {
    let mut store = store();
    filled(&mut store, &view(14.5), 1000);
    let elsewhere = View::new(LonLat::new(121.4, 31.2), 14.5, 700.0, 500.0, 1.0);
    store.look_at(&elsewhere);
    let first = store.next_request(0.0).expect("tiles are wanted");
    assert!(first.url.contains("/11/"), "{}", first.url);
}

#[test]
fn a_view_with_something_in_every_place_asks_for_its_own_tiles_first() {
    let mut store = store();
    filled(&mut store, &view(12.5), 1000);
    store.look_at(&view(13.5));
    let first = store.next_request(0.0).expect("tiles are wanted");
    assert!(first.url.contains("/13/"), "{}", first.url);
}

#[test]
fn deeper_zooms_are_made_of_the_same_tile_without_asking() {
    let mut store = store();
    store.look_at(&view(14.5));
    while let Some(request) = store.next_request(0.0) {
        store.arrived(request.id, TileAnswer::Empty, 0.0);
    }
    store.look_at(&view(16.5));
    let others: Vec<_> = std::iter::from_fn(|| store.next_request(0.0)).collect();
    assert!(
        others.iter().all(|other| other.url.contains("/13/")),
        "only the backdrop"
    );
    let (key, _) = store.next_to_build().expect("made again for the zoom");
    assert_eq!((key.tile.z, key.display_zoom), (14, 16));
}

#[test]
fn the_budget_holds_even_when_the_view_alone_needs_more() {
    let limit = 20_000;
    let budget = MemoryBudget {
        built_tiles: limit,
        ..MemoryBudget::default()
    };
    let mut store = TileStore::new(store().source().clone(), budget);
    store.look_at(&view(14.5));
    while let Some(request) = store.next_request(0.0) {
        store.arrived(request.id, TileAnswer::Empty, 0.0);
    }
    let mut builds = 0;
    while let Some((key, _)) = store.next_to_build() {
        store.built(key, 9_000);
        assert!(store.held_bytes() <= limit, "{} bytes", store.held_bytes());
        store.look_at(&view(14.5));
        builds += 1;
        assert!(builds < 200, "what has no room is built again and again");
    }
    assert!(!store.draws().is_empty(), "what has room is shown");
    assert_eq!(store.awaited(), 0, "nobody waits for what has no room");
    store.look_at(&view(10.5));
    store.look_at(&view(14.5));
    assert!(
        store.awaited() > 0,
        "after a look elsewhere it is tried again"
    );
}

#[test]
fn a_tile_that_is_too_large_is_told_and_not_held() {
    let mut store = store();
    store.look_at(&view(14.5));
    let request = store.next_request(0.0).expect("tiles are wanted");
    let largest = MemoryBudget::default().largest_raw_tile();
    let told = store.arrived(request.id, TileAnswer::Bytes(vec![0; largest + 1]), 0.0);
    assert!(
        told.expect("it is told")
            .contains("no tile may have more than")
    );
    assert_eq!((store.raw_bytes(), store.next_to_build()), (0, None));
}

#[test]
fn a_tile_that_cannot_be_built_is_left_out_at_every_zoom_until_the_style_changes() {
    let mut store = store();
    store.look_at(&view(14.5));
    while let Some(request) = store.next_request(0.0) {
        store.arrived(request.id, TileAnswer::Empty, 0.0);
    }
    let awaited = store.awaited();
    let (refused, _) = store.next_to_build().expect("they came");
    assert!(store.refuse(refused), "it is told");
    assert_eq!(store.awaited(), awaited - 1, "nobody waits for it");
    for zoom in [14.5, 16.5, 10.5, 14.5] {
        store.look_at(&view(zoom));
        while let Some((key, _)) = store.next_to_build() {
            assert_ne!(key.tile, refused.tile, "at zoom {zoom}");
            store.built(key, 1000);
        }
    }
    assert!(!store.refuse(refused), "it is not told again");
    store.restyle();
    store.look_at(&view(14.5));
    let again = std::iter::from_fn(|| store.next_to_build());
    assert!(again.into_iter().any(|(key, _)| key.tile == refused.tile));
}

#[test]
fn what_nobody_builds_any_more_is_built_next() {
    let mut store = store();
    store.look_at(&view(14.5));
    while let Some(request) = store.next_request(0.0) {
        store.arrived(request.id, TileAnswer::Empty, 0.0);
    }
    let (first, _) = store.next_to_build().expect("they came");
    store.not_built(first);
    assert_eq!(store.next_to_build().map(|(key, _)| key), Some(first));
    store.built(first, 1000);
    store.not_built(first);
    assert_ne!(store.next_to_build().map(|(key, _)| key), Some(first));
}

#[test]
fn failures_of_long_ago_are_forgotten() {
    let mut store = store();
    let mut here = view(14.5);
    for _ in 0..400 {
        here = here.dragged(-700.0, 0.0);
        store.look_at(&here);
        while let Some(request) = store.next_request(0.0) {
            store.arrived(request.id, TileAnswer::Failed("away".to_owned()), 0.0);
        }
    }
    assert!(store.failures() <= MAX_FAILURES, "{}", store.failures());
    assert!(store.failures() > 0);
}

fn filled(store: &mut TileStore, view: &View, bytes: usize) {
    store.look_at(view);
    while let Some(request) = store.next_request(0.0) {
        store.arrived(request.id, TileAnswer::Bytes(vec![1]), 0.0);
    }
    while let Some((key, _)) = store.next_to_build() {
        store.built(key, bytes);
        store.turn_over();
    }
}

#[test]
fn what_was_built_is_shown_until_the_new_style_is_built_or_has_failed() {
    let mut store = store();
    let here = view(14.5);
    filled(&mut store, &here, 1000);
    let before = store.draws().to_vec();
    store.restyle();
    store.look_at(&here);
    let mut built = 0;
    while !store.turn_over() {
        assert_eq!(store.draws(), before, "after {built} tiles");
        let (key, _) = store.next_to_build().expect("not all is there");
        if built == 1 {
            store.refuse(key);
        } else {
            store.built(key, 1000);
        }
        built += 1;
    }
    assert!(built > 2 && built == before.len(), "{built}");
    assert_eq!(store.draws().len(), before.len() - 1, "one cannot be built");
}

#[test]
fn a_tile_that_was_not_there_before_is_not_waited_for() {
    let mut store = store();
    let here = view(14.5);
    store.look_at(&here);
    let request = store.next_request(0.0).expect("tiles are wanted");
    store.arrived(request.id, TileAnswer::Bytes(vec![1]), 0.0);
    let (key, _) = store.next_to_build().expect("it came");
    store.built(key, 1000);
    store.restyle();
    store.look_at(&here);
    assert!(!store.turn_over());
    let (key, _) = store.next_to_build().expect("it is built anew");
    store.built(key, 1000);
    assert!(store.awaited() > 0 && store.turn_over());
}

#[test]
fn two_styles_at_a_time_hold_no_more_than_the_budget() {
    let limit = 30_000;
    let budget = MemoryBudget {
        built_tiles: limit,
        ..MemoryBudget::default()
    };
    for bytes in [1_000, 4_000] {
        let mut store = TileStore::new(store().source().clone(), budget);
        let here = view(14.5);
        filled(&mut store, &here, bytes);
        store.restyle();
        store.look_at(&here);
        while let Some((key, _)) = store.next_to_build() {
            store.built(key, bytes);
            store.turn_over();
            assert!(store.held_bytes() <= limit, "{} bytes", store.held_bytes());
        }
        assert!(!store.shows_former() && !store.draws().is_empty());
    }
}

#[test]
fn where_a_service_has_no_picture_the_next_coarser_one_is_fetched_and_enlarged() {
    let mut store = store();
    store.expect_pictures(Some(512));
    let here = view(12.0);
    store.look_at(&here);
    let asked = |store: &mut TileStore| {
        let mut zooms = HashSet::new();
        while let Some(request) = store.next_request(0.0) {
            let z = request.url.split('/').nth(3).expect("a zoom").to_owned();
            let has_it = z != "12" && z != "11";
            let answer = if has_it {
                TileAnswer::Bytes(vec![1])
            } else {
                TileAnswer::Empty
            };
            zooms.insert(z);
            store.arrived(request.id, answer, 0.0);
        }
        zooms
    };
    let zooms = asked(&mut store);
    assert!(zooms.contains("10") && !zooms.contains("8"), "{zooms:?}");
    while let Some((key, _)) = store.next_to_build() {
        store.built(key, 1000);
    }
    assert_eq!(store.awaited(), 0);
    let zooms: HashSet<u8> = store.draws().iter().map(|draw| draw.key.tile.z).collect();
    assert_eq!(zooms, HashSet::from([10]));
    assert_eq!(store.draws().len(), store.cover.tiles.len());
}

#[test]
fn a_vector_tile_that_is_not_there_is_empty_and_hides_the_coarser_one() {
    let mut store = store();
    store.look_at(&view(12.0));
    while let Some(request) = store.next_request(0.0) {
        store.arrived(request.id, TileAnswer::Empty, 0.0);
    }
    while let Some((key, _)) = store.next_to_build() {
        store.built(key, 0);
    }
    assert!(store.draws().iter().all(|draw| draw.key.tile.z == 12));
}

#[test]
fn where_nothing_of_the_style_before_lies_the_new_one_shows_tile_by_tile() {
    let mut store = store();
    filled(&mut store, &view(14.5), 1000);
    store.restyle();
    // Further than any tile that was built, the coarse ones included.
    let elsewhere = view(14.5).dragged(-4_000_000.0, 0.0);
    store.look_at(&elsewhere);
    assert!(store.draws().is_empty(), "nothing was built there");
    store.turn_over();
    while let Some(request) = store.next_request(0.0) {
        store.arrived(request.id, TileAnswer::Bytes(vec![1]), 0.0);
    }
    let (key, _) = store.next_to_build().expect("they came");
    store.built(key, 1000);
    assert_eq!(store.draws().len(), 1, "and others are awaited");
    assert!(store.awaited() > 0);
}

#[test]
fn tiles_that_come_again_while_nobody_builds_wait_only_once() {
    let source = store().source().clone();
    let budget = MemoryBudget {
        raw_tiles: 1,
        ..MemoryBudget::default()
    };
    let mut store = TileStore::new(source, budget);
    store.look_at(&view(14.5));
    let wanted = store.wanted_tiles().len();
    assert!(wanted > 1, "one pushes the other out");
    for _ in 0..50 * wanted {
        let request = store.next_request(0.0).expect("it was pushed out");
        store.arrived(request.id, TileAnswer::Empty, 0.0);
    }
    assert!(store.to_build.len() <= wanted, "{}", store.to_build.len());
}
