//! The commands of the shell as plain functions over the sync engine.
//!
//! [`Hall`] is one hall: its cache, its outbox and its line. Windows subscribe to its feed and call
//! its commands; nothing here knows which kind of window or transport asks.

mod commands;
mod config;
mod duty;
mod errors;
mod feed;
mod heat;
mod intents;
mod manifest;
mod masking;
mod ranking;
mod reports;
mod walls;

use std::sync::{Arc, Mutex};

use domain::Timestamp;
use protocol::commands::WindowKind;
use protocol::feed::{NoticeKind, Picture};
use sync_engine::client::Address;
use sync_engine::{Engine, EngineConfig};

pub use config::HallConfig;
pub use feed::Feed;
pub use manifest::COMMANDS;
pub use sync_engine::{Clock, Keyring, OpenError, Pace, StoreError, SystemClock};

/// One hall; clones are the same hall. Its commands are methods named like those of the protocol.
#[derive(Debug, Clone)]
pub struct Hall {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    shown_keys: intents::ShownKeys,
    /// The road graph of the newest reference data that somebody was ranked with.
    roads: Mutex<Option<Arc<ranking::Roads>>>,
    walls: walls::Walls,
}

impl Hall {
    /// Opens the data directory and shows what the cache and the outbox hold; no task runs yet.
    pub fn open(config: HallConfig) -> Result<Self, OpenError> {
        let engine = Engine::open(EngineConfig {
            data_dir: config.data_dir,
            address: Address {
                url: config.backend_url,
                key: config.backend_key,
                ca_pem: config.backend_ca_pem,
            },
            backend: config.backend_label,
            keyring: config.keyring,
            cache_budget_bytes: config.cache_budget_bytes,
            clock: config.clock,
            pace: config.pace,
        })?;
        Ok(Self {
            inner: Arc::new(Inner {
                engine,
                shown_keys: intents::ShownKeys::default(),
                roads: Mutex::new(None),
                walls: walls::Walls::default(),
            }),
        })
    }

    fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Starts the puller and the sender on the current tokio runtime; does nothing the second time.
    pub fn start(&self) {
        self.engine().start();
    }

    /// Stops all tasks and feeds, closes the databases and lets go of the data directory. Queued
    /// orders stay on disk.
    pub async fn shutdown(&self) {
        self.engine().shutdown().await;
    }

    /// A feed for one window: a snapshot first, then deltas.
    pub fn subscribe(&self, window: WindowKind) -> Feed {
        let wall = (window == WindowKind::Wall).then(|| self.inner.walls.come());
        Feed::new(self.engine().subscribe(), window, wall)
    }

    /// The present picture as a desk sees it.
    pub fn picture(&self) -> Picture {
        self.engine().picture()
    }

    /// The hall's clock corrected by the measured offset.
    pub fn now(&self) -> Timestamp {
        self.engine().now()
    }

    /// Tells every window something once.
    pub fn notify(&self, kind: NoticeKind, detail: impl Into<String>) {
        self.engine().notify(kind, detail.into());
    }
}
