//! The embedded backend with the demo street and its simulated field.

use std::path::{Path, PathBuf};

use hall_api::HallConfig;

use crate::errors::StartError;

/// The backend inside this process.
pub struct Embedded;

impl Embedded {
    pub async fn open(_data_dir: &Path, _speed: f64) -> Result<Self, StartError> {
        Ok(Self)
    }
    pub fn hall_config(&self, data_dir: &Path) -> HallConfig {
        HallConfig::new(data_dir, "http://127.0.0.1:1", "", "embedded")
    }
    pub fn demo_pins(&self) -> Vec<(String, String)> {
        Vec::new()
    }
    pub async fn start(self, _complain: impl Fn(String)) -> Result<Option<PathBuf>, StartError> {
        Ok(None)
    }
}
