//! Lets the demo street live over a backend in memory and prints how it stands every ten seconds:
//! `cargo run -p demo_street --example live -- SPEED SECONDS`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backend::clock::{Clock, RealClock};
use backend::{Backend, BackendConfig};
use demo_street::colleague::{self, ColleagueConfig};
use demo_street::field::{self, FieldConfig, Gateway};
use demo_street::plan::Plan;
use demo_street::seed::{SHIPPED_SEED, seed};
use protocol::http::{Snapshot, paths};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|arg| arg.parse::<f64>().ok());
    let speed = numbers.next().unwrap_or(60.0);
    let seconds = numbers.next().unwrap_or(120.0);
    let rules = rules::shipped()?;
    let clock = Arc::new(RealClock);
    let seed = seed(&Plan::generate(SHIPPED_SEED), &rules, clock.now());
    let backend = Backend::open(BackendConfig {
        seed: Some(seed),
        clock: clock.clone(),
        ..BackendConfig::in_memory(rules)
    })?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let backend_url = format!("http://{}", listener.local_addr()?);
    let serving = backend.clone();
    tokio::spawn(async move { serving.serve(listener).await });
    tokio::spawn(field::run(FieldConfig {
        backend_url: backend_url.clone(),
        field_key: backend.field_key().to_owned(),
        seed: SHIPPED_SEED,
        speed,
    }));
    tokio::spawn(colleague::run(ColleagueConfig {
        backend_url: backend_url.clone(),
        hall_key: backend.hall_key().to_owned(),
        seed: SHIPPED_SEED,
        speed,
    }));
    let hall = Gateway::new(&backend_url, backend.hall_key())?;
    for _ in 0..(seconds / 10.0) as usize {
        let now = clock.now();
        let picture: Snapshot = hall.get(paths::SNAPSHOT, 0).await?;
        let picture = picture.situation;
        let mut states: BTreeMap<String, usize> = BTreeMap::new();
        for incident in picture.incidents.values() {
            *states.entry(format!("{:?}", incident.state)).or_default() += 1;
        }
        let overdue = picture
            .incidents
            .values()
            .filter(|i| i.is_overdue(now))
            .count();
        let fresh = picture
            .positions
            .values()
            .filter(|f| now.ms_since(f.at) < 300_000)
            .count();
        let under_way = picture
            .orders
            .values()
            .filter(|o| o.state().is_under_way())
            .count();
        eprintln!(
            "{} {states:?} overdue {overdue}, orders under way {under_way}, positions {} ({fresh} fresh)",
            now.local_hms(),
            picture.positions.len(),
        );
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    Ok(())
}
