//! One run: a seed becomes a world, the world has its trouble, everything heals, and then it must
//! be as it was promised.

use std::sync::Arc;
use std::time::Duration;

use sync_engine::faults;

use crate::calm::Calm;
use crate::desk::{self, Desk};
use crate::hall::Hall;
use crate::recipe::Recipe;
use crate::variants::Variant;
use crate::world::{News, Road, World};
use crate::{checks, field, panics, storm};

/// Copies that are still on their way when the trouble ends arrive within this time.
const STRAGGLERS: Duration = Duration::from_secs(25);
/// How long the line goes when everybody has signed in.
const LAST_OUTAGE: Duration = Duration::from_secs(3);
/// By then everything has to be quiet.
const PATIENCE: Duration = Duration::from_mins(2);

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// Broken promises, in the order of their discovery.
    pub violations: Vec<String>,
    /// What has happened, in its order: the same in every run of the seed.
    pub history: Vec<String>,
    /// What was wished.
    pub wishes: usize,
    /// Calls over all lines.
    pub calls: u64,
}

impl Outcome {
    /// Where the history of another run first differs, if it does.
    pub fn parting(&self, other: &Self) -> Option<String> {
        let (ours, theirs) = (&self.history, &other.history);
        let same = ours.iter().zip(theirs).take_while(|(one, two)| one == two);
        let at = same.count();
        if (at, at) == (ours.len(), theirs.len()) {
            return None;
        }
        let (one, two) = (ours.get(at), theirs.get(at));
        Some(format!("line {at}: {one:?} and {two:?}"))
    }
}

/// Lives through it in simulated time, with something broken on purpose or not; says also how many
/// tasks panicked, if any did.
pub(crate) fn in_simulated_time<T>(
    variant: Option<Variant>,
    life: impl Future<Output = T>,
) -> (T, Option<String>) {
    panics::begin();
    let (calm, mut builder) = (
        Calm::default(),
        tokio::runtime::Builder::new_current_thread(),
    );
    calm.keep(builder.enable_time().start_paused(true));
    let runtime = builder
        .build()
        .expect("a runtime without input and output can always be built");
    faults::inject(variant.and_then(Variant::fault));
    let outcome = runtime.block_on(life);
    calm.end();
    drop(runtime);
    faults::inject(None);
    let panicked = panics::count();
    let said = (panicked > 0).then(|| format!("{panicked} tasks panicked"));
    (outcome, said)
}

/// Runs a seed, with something broken on purpose or not.
pub fn run(seed: u64, variant: Option<Variant>) -> Outcome {
    let (mut outcome, panicked) = in_simulated_time(variant, live(seed, variant));
    outcome.violations.extend(panicked);
    outcome
}

async fn live(seed: u64, variant: Option<Variant>) -> Outcome {
    let (recipe, dice, of_restoration) = Recipe::of_seed(seed);
    let world = Arc::new(World::new(recipe, variant));
    let halls: Vec<Arc<Hall>> = (0..world.recipe.halls)
        .map(|number| Hall::new(number, &world, dice.fork()))
        .collect();
    for hall in &halls {
        hall.boot();
        for _ in 0..world.recipe.desks {
            tokio::spawn(Desk::new(Arc::clone(hall), dice.fork()).work());
        }
    }
    tokio::spawn(field::live(Arc::clone(&world), dice.fork()));
    tokio::spawn(storm::rage(Arc::clone(&world), halls.clone(), dice.fork()));
    tokio::spawn(storm::outage(Arc::clone(&world)));
    tokio::spawn(storm::restoration(
        Arc::clone(&world),
        halls.clone(),
        of_restoration,
    ));
    endure(&world).await;
    if !world.is_broken() {
        heal(&world, &halls).await;
    }
    if !world.is_broken() {
        settle(&world, &halls).await;
    }
    let calls = world.traffic(|traffic| traffic.calls);
    Outcome {
        seed,
        violations: world.violations(),
        history: world.take_history(),
        wishes: world.authority.ledger(|ledger| ledger.wishes().count()),
        calls,
    }
}

/// The time of trouble; a broken promise ends it.
async fn endure(world: &World) {
    let over = tokio::time::Instant::now() + world.recipe.storm;
    while tokio::time::Instant::now() < over && !world.is_broken() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    world.is_stormy.set(false);
}

/// Everything is mended, every hall runs, and its officers sign in when the line is back.
async fn heal(world: &World, halls: &[Arc<Hall>]) {
    // What was begun in the storm ends by itself.
    tokio::time::sleep(STRAGGLERS).await;
    for hall in halls {
        world.set_road(hall.number, Road::Open);
        world.set_news(hall.number, News::Given);
        storm::set_disks(hall, false, 0);
        hall.boot();
        if let Some(process) = hall.process() {
            world.traffic(|traffic| traffic.switched(hall.number));
            process.engine.set_link(true);
        }
    }
    // Whose session the backend has ended is asked for the PIN with the line, and only with it.
    let until = tokio::time::Instant::now() + PATIENCE;
    while !halls.iter().all(|hall| hall.is_online()) && tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    for hall in halls {
        if let Some(process) = hall.process() {
            // Whoever has entered the PIN without the line does not enter it again.
            let officers = hall.officers().into_iter();
            for officer in officers.filter(|officer| !process.sessions.is_held(officer)) {
                desk::sign_in(&process, officer).await;
            }
        }
    }
    if !world.recipe.goes_once_more {
        // What has failed is tried again by the timer alone.
        return;
    }
    // Nobody touches anything when the line comes back.
    world.authority.fall();
    tokio::time::sleep(LAST_OUTAGE).await;
    world.authority.rise();
}

/// Everything is sent and shown, and then checked.
async fn settle(world: &World, halls: &[Arc<Hall>]) {
    let until = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if halls.iter().all(|hall| hall.is_quiet()) {
            break;
        }
    }
    for hall in halls.iter().filter(|hall| !hall.is_quiet()) {
        hall.broken(format!(
            "it is not quiet after {PATIENCE:?}: {}",
            hall.state_in_words()
        ));
    }
    // The last answers go to the screens.
    tokio::time::sleep(Duration::from_secs(10)).await;
    checks::all(world, halls);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_panics_is_counted_though_nobody_waits_for_it() {
        let ((), quiet) = in_simulated_time(None, async {});
        assert_eq!(quiet, None);
        let ((), said) = in_simulated_time(None, async {
            tokio::spawn(async { panic!("on purpose") });
            tokio::time::sleep(LAST_OUTAGE).await;
        });
        assert_eq!(said.as_deref(), Some("1 tasks panicked"));
    }
}
