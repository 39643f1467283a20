//! The embedded backend with the demo street and its simulated field.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use backend::{Backend, BackendConfig};
use demo_street::plan::Plan;
use demo_street::seed::SHIPPED_SEED;
use hall_api::{Clock as _, HallConfig, SystemClock};
use rules::Rules;
use tokio::net::TcpListener;
use tokio::task;

use crate::errors::StartError;

/// How the embedded backend is called on the line menu.
const LABEL: &str = "embedded";

/// Above this speed the simulated colleague at the second desk would take every matter before a
/// visitor could click it, so that desk stays empty.
const COLLEAGUE_UP_TO_SPEED: f64 = 10.0;

/// The backend inside this process: open and bound, but not yet answering.
pub struct Embedded {
    backend: Backend,
    listener: TcpListener,
    address: SocketAddr,
    demo_speed: f64,
    base_map: PathBuf,
    rules: Rules,
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "map_err hands its error over by value"
)]
fn refuse(cause: impl ToString) -> StartError {
    StartError::Backend {
        cause: cause.to_string(),
    }
}

impl Embedded {
    /// Opens the backend of a data directory on a free loopback port.
    pub async fn open(data_dir: &Path, demo_speed: f64, rules: Rules) -> Result<Self, StartError> {
        let config = BackendConfig::in_dir(data_dir.join("backend"), rules.clone());
        let backend = Backend::open(config).map_err(refuse)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        let base_map = data_dir.join(format!("demo-{SHIPPED_SEED}.mbtiles"));
        Ok(Self {
            backend,
            listener,
            address,
            demo_speed,
            base_map,
            rules,
        })
    }

    /// How the hall reaches it.
    pub fn hall_config(&self, data_dir: &Path) -> HallConfig {
        let url = format!("http://{}", self.address);
        HallConfig::new(data_dir, url, self.backend.hall_key(), LABEL)
    }

    /// The demo officers' sign-in names and PINs.
    pub fn demo_pins() -> Vec<(String, String)> {
        demo_street::seed::officers()
            .into_iter()
            .map(|seeded| (seeded.officer.id.0, seeded.pin))
            .collect()
    }

    /// Makes what is missing (street and base map), answers from now on and lets the field work.
    /// Returns the demo street's base map; `complain` hears why there is none.
    pub async fn start(self, complain: impl Fn(String)) -> Result<Option<PathBuf>, StartError> {
        let Self {
            backend,
            listener,
            address,
            demo_speed,
            base_map,
            rules,
        } = self;
        let has_map = base_map.exists();
        let mut map = Ok(());
        if backend.is_empty() || !has_map {
            eprintln!(
                "正在生成演示街道，只在首次启动时进行…… Generating the demo street, on the first start only …"
            );
            let (seeded, target) = (backend.clone(), base_map.clone());
            let made = task::spawn_blocking(move || {
                make_street(&seeded, &rules, (!has_map).then_some(target))
            });
            map = made.await.map_err(refuse)??;
        }
        eprintln!(
            "内置后台在 http://{address}，密钥在 {key}。The embedded backend answers at http://{address}; its key is in {key}.",
            key = base_map
                .with_file_name("backend")
                .join(backend::HALL_KEY_FILE)
                .display(),
        );
        let serving = backend.clone();
        tokio::spawn(async move {
            if let Err(error) = serving.serve(listener).await {
                tracing::error!(%error, "the embedded backend ended");
            }
        });
        let field = demo_street::field::FieldConfig {
            backend_url: format!("http://{address}"),
            field_key: backend.field_key().to_owned(),
            seed: SHIPPED_SEED,
            speed: demo_speed,
        };
        tokio::spawn(demo_street::field::run(field));
        if demo_speed <= COLLEAGUE_UP_TO_SPEED {
            let colleague = demo_street::colleague::ColleagueConfig {
                backend_url: format!("http://{address}"),
                hall_key: backend.hall_key().to_owned(),
                seed: SHIPPED_SEED,
                speed: demo_speed,
            };
            tokio::spawn(demo_street::colleague::run(colleague));
        }
        match map {
            Ok(()) => Ok(Some(base_map)),
            Err(cause) => {
                complain(cause);
                Ok(None)
            }
        }
    }
}

/// Fills an empty backend and writes the base map. A street that cannot be seeded ends the start;
/// a base map that cannot be written is only missed.
fn make_street(
    backend: &Backend,
    rules: &Rules,
    base_map: Option<PathBuf>,
) -> Result<Result<(), String>, StartError> {
    let plan = Plan::generate(SHIPPED_SEED);
    if backend.is_empty() {
        let seed = demo_street::seed::seed(&plan, rules, SystemClock::new().now());
        backend.load_seed(&seed).map_err(refuse)?;
    }
    let Some(path) = base_map else {
        return Ok(Ok(()));
    };
    Ok(demo_street::base_map::write_archive(&plan, &path)
        .map(drop)
        .map_err(|e| e.to_string()))
}
