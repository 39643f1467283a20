//! A real backend on a loopback port of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use backend::{Backend, BackendConfig};
use domain::rules::Rules;
use protocol::Seed;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::background::Background;
use crate::builders;
use crate::caller::Caller;
use crate::clock::FakeClock;

/// A backend that answers until this value is dropped.
#[derive(Debug)]
pub struct RunningBackend {
    /// The backend itself.
    pub backend: Backend,
    /// Its clock.
    pub clock: FakeClock,
    address: SocketAddr,
    serving: Option<JoinHandle<std::io::Result<()>>>,
    background: Background,
}

impl RunningBackend {
    /// A backend in memory with the test seed.
    pub fn start() -> Self {
        Self::start_with(builders::seed())
    }

    /// A backend in memory with a seed.
    pub fn start_with(seed: Seed) -> Self {
        Self::open(None, Some(seed), builders::rules(), FakeClock::default(), 0)
    }

    /// A backend in memory without anything in it.
    pub fn start_empty() -> Self {
        Self::open(None, None, builders::rules(), FakeClock::default(), 0)
    }

    /// A backend over a directory, which gets the test seed where it is empty. A `port` other than
    /// 0 brings it back to the address that halls know.
    pub fn start_in(data_dir: &Path, clock: FakeClock, port: u16) -> Self {
        let (seed, rules) = (builders::seed(), builders::rules());
        Self::open(Some(data_dir), Some(seed), rules, clock, port)
    }

    /// A backend over a directory under rules of one's own; an empty directory gets the seed.
    pub fn start_under(rules: Rules, data_dir: &Path, seed: Seed) -> Self {
        Self::open(Some(data_dir), Some(seed), rules, FakeClock::default(), 0)
    }

    fn open(
        data_dir: Option<&Path>,
        seed: Option<Seed>,
        rules: Rules,
        clock: FakeClock,
        port: u16,
    ) -> Self {
        let background = Background::start();
        let config = BackendConfig {
            data_dir: data_dir.map(Path::to_owned),
            seed,
            clock: Arc::new(clock.clone()),
            ..BackendConfig::in_memory(rules)
        };
        let backend = Backend::open(config).expect("the test backend opens");
        let listener = background
            .run(TcpListener::bind(("127.0.0.1", port)))
            .expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound address");
        let serving = backend.clone();
        let serving = background
            .handle()
            .spawn(async move { serving.serve(listener).await });
        Self {
            backend,
            clock,
            address,
            serving: Some(serving),
            background,
        }
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A caller with the hall's key.
    pub fn hall(&self) -> Caller {
        Caller::new(self.base_url(), self.backend.hall_key())
    }

    /// A caller with the field's key.
    pub fn field(&self) -> Caller {
        Caller::new(self.base_url(), self.backend.field_key())
    }

    /// Stops answering and waits until open requests are answered and the directory is free.
    pub fn stop(mut self) {
        self.backend.stop();
        if let Some(serving) = self.serving.take() {
            self.background.run(async move {
                // Connections that clients keep open end with the thread.
                let patience = std::time::Duration::from_secs(5);
                tokio::time::timeout(patience, serving).await.ok();
            });
        }
    }
}

impl Drop for RunningBackend {
    fn drop(&mut self) {
        self.backend.stop();
    }
}
