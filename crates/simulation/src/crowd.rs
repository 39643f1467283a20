//! Two hundred halls that lose their backend at the same moment and find it again: whether they come
//! back one after the other, as the jitter of their pauses has it.

use std::sync::Arc;
use std::time::Duration;

use sync_engine::Pace;

use crate::dice::Dice;
use crate::hall::Hall;
use crate::recipe::Recipe;
use crate::run::in_simulated_time;
use crate::traffic::most_within;
use crate::variants::Variant;
use crate::world::{News, World};

/// How many.
pub const HALLS: usize = 200;
/// When the backend goes, and for how long: until the pauses of all halls are the longest ones, and
/// have spread.
const OUTAGE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(45));
/// Who is looked at together.
const WINDOW: Duration = Duration::from_millis(200);
/// Halls that may come back within one window. The longest pause is between four and eight seconds,
/// so of 200 halls whose pauses have spread at most one in six comes back within a second, which are
/// seven in a window; nowhere in the forty windows of the return may there be three times as many.
const MOST_TOGETHER: usize = 20;
/// A greeting and what the network adds.
const LATENCY: Duration = Duration::from_secs(1);

/// What is wrong about the return of the halls of a seed.
pub fn come_back(seed: u64, variant: Option<Variant>) -> Vec<String> {
    let (mut wrong, panicked) = in_simulated_time(variant, live(seed, variant));
    wrong.extend(panicked);
    wrong
}

/// What is wrong about how the halls of a seed ask for positions that are not to be had.
pub fn ask_for_positions(seed: u64, variant: Option<Variant>) -> Vec<String> {
    let asking = ask_in_vain(seed, variant);
    let (mut wrong, panicked) = in_simulated_time(variant, asking);
    wrong.extend(panicked);
    wrong
}

fn all_halls(seed: u64, variant: Option<Variant>) -> Arc<World> {
    let dice = Dice::new(seed);
    let recipe = Recipe {
        halls: HALLS,
        outage: OUTAGE,
        ..Recipe::quiet()
    };
    let world = Arc::new(World::new(recipe, variant));
    for number in 0..HALLS {
        Hall::new(number, &world, dice.fork()).boot();
    }
    world
}

async fn ask_in_vain(seed: u64, variant: Option<Variant>) -> Vec<String> {
    let world = all_halls(seed, variant);
    let (begin, length) = OUTAGE;
    tokio::time::sleep(begin).await;
    for hall in 0..HALLS {
        world.set_news(hall, News::NoPositions);
    }
    tokio::time::sleep(length).await;
    let mut wrong = world.violations();
    let spread = begin + length / 2;
    let together = world.traffic(|traffic| {
        wrong.extend_from_slice(traffic.manners().hasty());
        traffic.most_positions_within(WINDOW, spread)
    });
    if together == 0 || together > MOST_TOGETHER {
        wrong.push(format!(
            "{together} of {HALLS} halls asked for positions within {WINDOW:?}"
        ));
    }
    wrong
}

async fn live(seed: u64, variant: Option<Variant>) -> Vec<String> {
    let world = all_halls(seed, variant);
    let (begin, length) = OUTAGE;
    tokio::time::sleep(begin).await;
    world.authority.fall();
    tokio::time::sleep(length).await;
    world.authority.rise();
    let back = begin + length;
    let longest = Pace::default().longest_line_backoff + LATENCY;
    tokio::time::sleep(longest).await;
    let mut wrong = world.violations();
    world.traffic(|traffic| {
        wrong.extend_from_slice(traffic.manners().hasty());
        let first = traffic.first_greetings(back);
        if first.len() < HALLS {
            let missing = HALLS - first.len();
            wrong.push(format!("{missing} halls were not back after {longest:?}"));
        }
        let together = most_within(WINDOW, &first);
        if together > MOST_TOGETHER {
            wrong.push(format!(
                "{together} of {HALLS} halls came back within {WINDOW:?}"
            ));
        }
    });
    wrong
}
