//! The simulated field: a client of the backend's HTTP interface like any phone gateway.
//!
//! It reports new matters as they come in by hour of day, sends the positions of those on duty,
//! receives orders and lives through them. It knows nothing that the interface does not tell it,
//! except the plan of the street, which it generates from the same seed.
//!
//! [`FieldConfig::speed`] makes the street live faster: waiting, handling and ways get shorter and
//! reports more frequent, while every time that is reported stays the backend's real time.

mod clock;
mod crew;
mod errands;
mod gateway;
mod outbox;

use std::time::Duration;

use domain::particulars::Particulars;
use domain::roads::{RoadGraph, RoadNetworkError, TravelRules};
use domain::{IntentKey, Timestamp};
use protocol::http::{FieldOrders, NewReport};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::dice::Dice;
use crate::matters::{Places, REPORTS_PER_HOUR};
use crate::plan::Plan;
use crate::seed::{key, road_network};

pub use clock::TickClock;
pub use gateway::{Gateway, GatewayError};

use crew::Crew;
use errands::Errands;
use outbox::{Outbox, Outgoing};

/// How the field works.
#[derive(Clone, Debug)]
pub struct FieldConfig {
    /// Where the backend answers, such as `http://127.0.0.1:7700`.
    pub backend_url: String,
    /// The field's key.
    pub field_key: String,
    /// Seed of the street; must be that of the backend's data.
    pub seed: u64,
    /// How many times faster than real the street lives.
    pub speed: f64,
}

const TICK: Duration = Duration::from_millis(500);
const POSITIONS_EVERY_TICKS: u64 = 4;
const ASK_TIME_EVERY: Duration = Duration::from_secs(30);
const WAIT_FOR_ORDERS_MS: u64 = 20_000;
/// Pause after a request that failed.
const PAUSE: Duration = Duration::from_secs(2);
/// At any speed the field reports no more than this many matters in one tick.
const MOST_REPORTS_PER_TICK: usize = 5;

/// Runs the field until the future is dropped. Losing the backend is no end: the field goes on
/// and reports when the line is back.
pub async fn run(config: FieldConfig) {
    let gateway = match Gateway::new(&config.backend_url, &config.field_key) {
        Ok(gateway) => gateway,
        Err(error) => {
            tracing::error!(%error, "the field cannot call the backend");
            return;
        }
    };
    let now = time_of(&gateway).await;
    // The stream differs from run to run, or the second run would repeat the keys of the first.
    let run_seed = config.seed ^ now.unix_ms().unsigned_abs();
    let made = tokio::task::spawn_blocking(move || Street::new(&config, run_seed)).await;
    match made {
        Ok(Ok(street)) => live(street, gateway).await,
        Ok(Err(error)) => tracing::error!(%error, "the demo street has no usable roads"),
        Err(error) => tracing::error!(%error, "the demo street could not be generated"),
    }
}

async fn live(mut street: Street, gateway: Gateway) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let now = time_of(&gateway).await;
    let mut clock = TickClock::new(ticks.tick().await, now);
    let mut tasks = JoinSet::new();
    let outbox = Outbox::start(gateway.clone(), &mut tasks);
    let (found, mut orders) = mpsc::channel(8);
    tasks.spawn(watch_orders(gateway.clone(), found));
    let (said, mut times) = mpsc::channel(1);
    tasks.spawn(ask_time(gateway, said));
    let mut count: u64 = 0;
    let mut tick = ticks.tick().await;
    loop {
        tokio::select! {
            Some(list) = orders.recv() => street.take_orders(list),
            Some(now) = times.recv() => clock.anchor(tick, now),
            next = ticks.tick() => {
                tick = next;
                count += 1;
                let step_s = clock.advance(tick);
                street.advance(clock.now(), step_s, &outbox);
                if count.is_multiple_of(POSITIONS_EVERY_TICKS) {
                    outbox.flush_positions();
                }
            }
        }
    }
}

/// Asks the backend for its time now and then.
async fn ask_time(gateway: Gateway, said: mpsc::Sender<Timestamp>) {
    loop {
        sleep(ASK_TIME_EVERY).await;
        if let Ok(hello) = gateway.hello().await
            && said.send(hello.now).await.is_err()
        {
            return;
        }
    }
}

/// The backend's time, as soon as it answers.
async fn time_of(gateway: &Gateway) -> Timestamp {
    loop {
        match gateway.hello().await {
            Ok(hello) => return hello.now,
            Err(error) => tracing::debug!(%error, "the field waits for the backend"),
        }
        sleep(PAUSE).await;
    }
}

/// Passes on orders as they change.
async fn watch_orders(gateway: Gateway, found: mpsc::Sender<FieldOrders>) {
    let mut cursor = 0;
    loop {
        match gateway.orders(cursor, WAIT_FOR_ORDERS_MS).await {
            Ok(list) => {
                cursor = list.cursor;
                if !list.orders.is_empty() && found.send(list).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "orders could not be fetched");
                // A backend that came back with other data may have other cursors.
                if !error.is_passing() {
                    cursor = 0;
                }
                sleep(PAUSE).await;
            }
        }
    }
}

struct Street {
    crew: Crew,
    errands: Errands,
    places: Places,
    dice: Dice,
    speed: f64,
    /// Expected reports until the next one comes.
    until_next: f64,
}

impl Street {
    fn new(config: &FieldConfig, run_seed: u64) -> Result<Self, RoadNetworkError> {
        let plan = Plan::generate(config.seed);
        let mut dice = Dice::new(run_seed, "arrivals");
        let mut roads = RoadGraph::new(road_network(&plan), &TravelRules::default())?;
        // Everybody who sets out asks for a way of their own, at high speed many at once.
        for mode in RoadGraph::MODES {
            roads.prepare(mode);
        }
        Ok(Self {
            crew: Crew::new(&plan, Dice::new(run_seed, "crew")),
            errands: Errands::new(roads, Dice::new(run_seed, "errands")),
            places: Places::new(&plan),
            speed: config.speed.clamp(0.01, 10_000.0),
            until_next: dice.wait(1.0),
            dice,
        })
    }

    fn take_orders(&mut self, list: FieldOrders) {
        for order in list.orders {
            self.errands.take(order, &mut self.crew);
        }
        tracing::debug!(under_way = self.errands.len(), "orders in the field");
    }

    fn advance(&mut self, now: Timestamp, step_s: f64, outbox: &Outbox) {
        outbox.add_positions(self.crew.advance(now, step_s, self.speed));
        for receipt in self
            .errands
            .advance(now, step_s, self.speed, &mut self.crew)
        {
            outbox.send(Outgoing::Receipt(receipt));
        }
        let rate = REPORTS_PER_HOUR[usize::from(now.local_hour())];
        self.until_next -= rate / 3_600.0 * step_s * self.speed;
        let mut reported = 0;
        while self.until_next <= 0.0 && reported < MOST_REPORTS_PER_TICK {
            self.until_next += self.dice.wait(1.0);
            reported += 1;
            if let Some(report) = self.new_report(now) {
                outbox.send(Outgoing::Report(report));
            }
        }
        self.until_next = self.until_next.max(-1.0);
    }

    fn new_report(&mut self, now: Timestamp) -> Option<NewReport> {
        let matter = self.places.draw(now.local_hour(), &mut self.dice)?;
        let key: IntentKey = key(&mut self.dice);
        Some(NewReport {
            key,
            category: matter.category.to_owned(),
            channel: matter.channel,
            title: matter.title,
            description: matter.description,
            address: matter.address,
            location: matter.location,
            occurred_at: now,
            particulars: Particulars {
                repeats: matter.repeats,
                ..Particulars::default()
            },
            crs: domain::places::Crs::default(),
            is_drill: false,
        })
    }
}
