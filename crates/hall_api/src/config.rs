//! What a hall needs to know before it opens.

use std::path::PathBuf;
use std::sync::Arc;

use sync_engine::store::cache::DEFAULT_BUDGET_BYTES;
use sync_engine::{Clock, Keyring, Pace, SystemClock};

/// Settings of one hall.
#[derive(Debug, Clone)]
pub struct HallConfig {
    /// Directory of the databases; created when missing, held by one hall at a time.
    pub data_dir: PathBuf,
    /// `http://` or `https://` address of the backend, without a path.
    pub backend_url: String,
    /// The hall's key.
    pub backend_key: String,
    /// Name of the backend for people, `embedded` for the built-in one. It also identifies the
    /// backend: what was cached from or queued for another label is never mixed in. The built-in
    /// backend may therefore change its port, and any other should be labelled by its address.
    pub backend_label: String,
    /// Certificates (PEM) of an own authority to trust beside those of the system.
    pub backend_ca_pem: Option<Vec<u8>>,
    /// Where the key of the databases is kept; without one it is kept in a file of the directory.
    pub keyring: Option<Arc<dyn Keyring>>,
    /// What the cache may need on the disk, in bytes; what ended longest ago leaves it first.
    pub cache_budget_bytes: u64,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Timeouts and pauses.
    pub pace: Pace,
}

impl HallConfig {
    /// Settings with the machine's clock, the ordinary pace and no keyring.
    pub fn new(
        data_dir: impl Into<PathBuf>,
        backend_url: impl Into<String>,
        backend_key: impl Into<String>,
        backend_label: impl Into<String>,
    ) -> Self {
        Self {
            data_dir: data_dir.into(),
            backend_url: backend_url.into(),
            backend_key: backend_key.into(),
            backend_label: backend_label.into(),
            backend_ca_pem: None,
            keyring: None,
            cache_budget_bytes: DEFAULT_BUDGET_BYTES,
            clock: Arc::new(SystemClock::new()),
            pace: Pace::default(),
        }
    }
}
