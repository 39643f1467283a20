//! The rounds: what the backend does by rule as time goes by, without being asked.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use domain::roads::RoadGraph;
use tokio::time::{MissedTickBehavior, interval};

use crate::Shared;
use crate::intake::escalation::{self, Whereabouts};
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::tables::reference_parts::{self, ROADS};

/// Time between two passes; every limit of the rules is in whole minutes.
const PERIOD: Duration = Duration::from_secs(15);

/// The roads of one version of the reference data.
#[derive(Debug, Default)]
pub struct KnownRoads {
    version: u64,
    graph: Option<Arc<RoadGraph>>,
}

/// Passes on and on, the first one a period after the start.
pub async fn keep(shared: Arc<Shared>) -> Infallible {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick of an interval comes at once.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let shared = Arc::clone(&shared);
        let now = shared.clock.now();
        let pass = tokio::task::spawn_blocking(move || {
            if let Err(error) = shared.save_positions() {
                tracing::error!(%error, "positions were not stored");
            }
            escalate(&shared, now)
        });
        match pass.await {
            Ok(Ok(0)) => {}
            Ok(Ok(steps)) => tracing::info!(steps, "unanswered orders were passed on"),
            Ok(Err(error)) => tracing::error!(%error, "unanswered orders were not looked at"),
            Err(error) => tracing::error!(%error, "a round failed inside"),
        }
    }
}

/// One pass: passes on what is unanswered at the instant and returns how many steps were done. An
/// incident that cannot be passed on is logged and holds up no other.
pub fn escalate(shared: &Shared, now: Timestamp) -> Result<usize, StoreError> {
    // Turns end without anybody asking for it. A look that fails shows nobody more, because halls get
    // no answer without one, so no order waits for it.
    if let Err(error) = shared.renew_visible() {
        tracing::error!(%error, "who may be shown was not looked at");
    }
    let due = shared
        .store
        .read(|db| escalation::due(db, &shared.rules, now))?;
    if due.is_empty() {
        return Ok(0);
    }
    let roads = roads(shared)?;
    let positions = shared.board.all();
    let whereabouts = Whereabouts {
        positions: &positions,
        roads: roads.as_deref(),
    };
    let mut steps = 0;
    for incident in due {
        let done: Result<usize, Refusal> = shared
            .write(|db| escalation::carry_out(db, &shared.rules, now, incident, &whereabouts));
        match done {
            Ok(done) => steps += done,
            Err(error) => tracing::error!(%incident, %error, "an order was not passed on"),
        }
    }
    Ok(steps)
}

/// The roads of the reference data in force, prepared once for each version.
fn roads(shared: &Shared) -> Result<Option<Arc<RoadGraph>>, StoreError> {
    let version = shared.reference().version;
    let mut known = shared.roads.lock().unwrap_or_else(PoisonError::into_inner);
    if known.version != version {
        let network = shared.store.read(|db| reference_parts::get(db, ROADS))?;
        let graph = RoadGraph::new(network.unwrap_or_default(), &shared.rules.travel);
        if let Err(error) = &graph {
            tracing::error!(%error, version, "the road network is unusable");
        }
        *known = KnownRoads {
            version,
            graph: graph.ok().map(Arc::new),
        };
    }
    Ok(known.graph.clone())
}
