//! The embedded backend with the demo street and its simulated field.
//!
//! It keeps no hall from starting: where it does not open (a full disk, another program that holds its files),
//! the hall shows what it has kept, says why, and the backend is tried again now and then.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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

/// How long after a failed try the backend is tried again; a test does not wait as long.
const TRIES_EVERY: Duration = Duration::from_millis(if cfg!(test) { 50 } else { 30_000 });

/// The backend inside this process: its address is its own, and it may not be open yet. Clones are the same one.
#[derive(Clone)]
pub struct Embedded {
    inner: Arc<Inner>,
}

struct Inner {
    data_dir: PathBuf,
    listener: std::net::TcpListener,
    address: SocketAddr,
    hall_key: String,
    demo_speed: f64,
    base_map: PathBuf,
    rules: Rules,
    /// Why the demo street has no base map, if that is so.
    map_fault: Mutex<Option<String>>,
}

impl Embedded {
    /// Takes a free loopback port for the backend of a data directory, and the key that halls need there. Nothing is
    /// opened yet.
    pub fn claim(data_dir: &Path, demo_speed: f64, rules: Rules) -> Result<Self, StartError> {
        let refuse = |cause: std::io::Error| StartError::Port {
            cause: cause.to_string(),
        };
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(refuse)?;
        listener.set_nonblocking(true).map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        // Without a key of its own the backend will not open, and says why. This one is for this run only, should it
        // open later.
        let hall_key = backend::hall_key_of(&data_dir.join("backend"))
            .unwrap_or_else(|_| backend::mint_secret());
        Ok(Self {
            inner: Arc::new(Inner {
                data_dir: data_dir.join("backend"),
                listener,
                address,
                hall_key,
                demo_speed,
                base_map: data_dir.join(format!("demo-{SHIPPED_SEED}.mbtiles")),
                rules,
                map_fault: Mutex::default(),
            }),
        })
    }

    /// How the hall reaches it.
    pub fn hall_config(&self, data_dir: &Path) -> HallConfig {
        let url = format!("http://{}", self.inner.address);
        HallConfig::new(data_dir, url, &self.inner.hall_key, LABEL)
    }

    /// The demo officers' sign-in names and PINs.
    pub fn demo_pins() -> Vec<(String, String)> {
        demo_street::seed::officers()
            .into_iter()
            .map(|seeded| (seeded.officer.id.0, seeded.pin))
            .collect()
    }

    /// The demo street's base map, once it has been made.
    pub fn base_map(&self) -> Option<PathBuf> {
        let path = &self.inner.base_map;
        path.exists().then(|| path.clone())
    }

    /// Why it has none after [`Embedded::start`].
    pub fn map_fault(&self) -> Option<String> {
        let fault = self.inner.map_fault.lock();
        fault.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens the backend, makes what is missing (street and base map), answers from now on and lets the field work.
    /// Where that fails, `complain` hears why, and it is tried again now and then, with another word only where the
    /// reason is another.
    pub async fn start(&self, complain: impl Fn(String) + Send + 'static) {
        if let Err(cause) = self.try_once().await {
            complain(cause.clone());
            let embedded = self.clone();
            tokio::spawn(async move { embedded.try_on(cause, complain).await });
        }
    }

    async fn try_on(&self, mut said: String, complain: impl Fn(String) + Send + 'static) {
        loop {
            tokio::select! {
                () = self.turn_away() => {}
                () = tokio::time::sleep(TRIES_EVERY) => {}
            }
            match self.try_once().await {
                Ok(()) => return,
                Err(cause) if cause == said => {}
                Err(cause) => {
                    complain(cause.clone());
                    said = cause;
                }
            }
        }
    }

    fn listen(&self) -> std::io::Result<TcpListener> {
        self.inner
            .listener
            .try_clone()
            .and_then(TcpListener::from_std)
    }

    /// Hangs up on whoever calls, so that nobody waits for an answer of a backend that is not there.
    async fn turn_away(&self) {
        let Ok(listener) = self.listen() else {
            return std::future::pending().await;
        };
        loop {
            if listener.accept().await.is_err() {
                // As when the process has too many files open.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    async fn try_once(&self) -> Result<(), String> {
        let inner = Arc::clone(&self.inner);
        let opened = task::spawn_blocking(move || inner.open()).await;
        let backend = opened.map_err(|e| e.to_string())??;
        let listener = self.listen().map_err(|e| e.to_string())?;
        self.run(&backend, listener);
        Ok(())
    }

    fn run(&self, backend: &Backend, listener: TcpListener) {
        let Inner {
            data_dir,
            address,
            demo_speed,
            ..
        } = &*self.inner;
        let key = data_dir.join(backend::HALL_KEY_FILE);
        eprintln!(
            "内置后台在 http://{address}，密钥在 {key}。The embedded backend answers at http://{address}; its key is in {key}.",
            key = key.display(),
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
            speed: *demo_speed,
        };
        tokio::spawn(demo_street::field::run(field));
        if *demo_speed <= COLLEAGUE_UP_TO_SPEED {
            let colleague = demo_street::colleague::ColleagueConfig {
                backend_url: format!("http://{address}"),
                hall_key: backend.hall_key().to_owned(),
                seed: SHIPPED_SEED,
                speed: *demo_speed,
            };
            tokio::spawn(demo_street::colleague::run(colleague));
        }
    }
}

impl Inner {
    /// Opens the backend with its street. Takes seconds on the first start.
    fn open(&self) -> Result<Backend, String> {
        // The hall has its key by now. Where the file has another one, since there was no room for one before, that
        // one counts from the next start on.
        backend::hall_key_of(&self.data_dir).map_err(|e| e.to_string())?;
        let config = BackendConfig {
            hall_key: Some(self.hall_key.clone()),
            ..BackendConfig::in_dir(&self.data_dir, self.rules.clone())
        };
        let backend = Backend::open(config).map_err(|e| e.to_string())?;
        let has_map = self.base_map.exists();
        if backend.is_empty() || !has_map {
            eprintln!(
                "正在生成演示街道，只在首次启动时进行…… Generating the demo street, on the first start only …"
            );
            let wanted = (!has_map).then_some(&*self.base_map);
            let made = make_street(&backend, &self.rules, wanted).map_err(|cause| {
                let place = self.data_dir.display();
                format!(
                    "演示街道无法写入 {place}：{cause}。请检查该磁盘的空间与权限 / \
                     the demo street cannot be written to {place}: {cause}; check the room on that disk and its permissions"
                )
            })?;
            let mut fault = self
                .map_fault
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *fault = made.err();
        }
        Ok(backend)
    }
}

/// Fills an empty backend and writes the base map. A street that cannot be seeded is no street;
/// a base map that cannot be written is only missed.
fn make_street(
    backend: &Backend,
    rules: &Rules,
    base_map: Option<&Path>,
) -> Result<Result<(), String>, String> {
    let plan = Plan::generate(SHIPPED_SEED);
    if backend.is_empty() {
        let seed = demo_street::seed::seed(&plan, rules, SystemClock::new().now());
        backend.load_seed(&seed).map_err(|e| e.to_string())?;
    }
    let Some(path) = base_map else {
        return Ok(Ok(()));
    };
    Ok(demo_street::base_map::write_archive(&plan, path)
        .map(drop)
        .map_err(|e| e.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use hall_api::Hall;
    use protocol::feed::{LineState, Picture};

    use super::*;

    fn claim(dir: &Path) -> (Embedded, Hall) {
        let rules = rules::shipped().expect("the shipped rules");
        let embedded = Embedded::claim(dir, 1.0, rules).expect("a port");
        let hall = Hall::open(embedded.hall_config(dir)).expect("the hall opens first");
        (embedded, hall)
    }

    /// Starts both, and returns where the backend's complaints arrive.
    async fn start(embedded: &Embedded, hall: &Hall) -> mpsc::Receiver<String> {
        let (complain, complaints) = mpsc::channel();
        embedded
            .start(move |cause| complain.send(cause).expect("heard"))
            .await;
        hall.start();
        complaints
    }

    async fn until(hall: &Hall, what: &str, is_so: impl Fn(&Picture) -> bool) {
        let looks = async {
            while !is_so(&hall.picture()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_mins(2), looks).await;
        waited.unwrap_or_else(|_| panic!("{what}: {:?}", hall.picture().line));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_hall_whose_backend_does_not_open_shows_its_cache_says_why_and_gets_the_backend_later()
     {
        let dir = tempfile::tempdir().expect("a temporary directory");
        // The base map takes long to make and has no part in this.
        let map = dir.path().join(format!("demo-{SHIPPED_SEED}.mbtiles"));
        std::fs::write(map, "").expect("written");
        let database = dir.path().join("backend/backend.db");
        std::fs::create_dir_all(&database).expect("something lies in the way");
        let (embedded, hall) = claim(dir.path());
        let complaints = start(&embedded, &hall).await;
        let said = complaints.try_recv().expect("it is said at once");
        assert!(said.contains(&database.display().to_string()), "{said}");
        assert!(
            said.contains("清理") && said.contains("free some space"),
            "{said}"
        );
        until(&hall, "nobody waits for an answer", |p| {
            p.line.state == LineState::Offline
        })
        .await;
        std::fs::remove_dir(&database).expect("removed");
        until(&hall, "it is tried again until it opens", |p| {
            p.line.state == LineState::Online && !p.situation.people.is_empty()
        })
        .await;
        assert!(complaints.try_recv().is_err(), "the same is said once");
        hall.shutdown().await;

        // The backend of before runs on and holds its directory.
        let (embedded, hall) = claim(dir.path());
        let complaints = start(&embedded, &hall).await;
        let said = complaints.try_recv().expect("it is said at once");
        assert!(said.contains("another backend"), "{said}");
        assert!(
            !hall.picture().situation.people.is_empty(),
            "what was kept is shown"
        );
        until(&hall, "the line is down", |p| {
            p.line.state == LineState::Offline
        })
        .await;
        hall.shutdown().await;
    }
}
