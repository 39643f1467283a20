//! What a matter without a number is shown by: the rules and the grids of the cached reference data.

use std::sync::{Arc, OnceLock};

use domain::modes::ModeSession;
use domain::new_matter::Known;
use domain::places::GridIndex;
use protocol::Reference;

/// The reference data with its grids indexed, which is done when the first matter needs them.
#[derive(Debug)]
pub struct Ground {
    reference: Option<Arc<Reference>>,
    grids: OnceLock<GridIndex>,
}

impl Ground {
    /// The ground of this reference data, or none.
    pub const fn of(reference: Option<Arc<Reference>>) -> Self {
        Self {
            reference,
            grids: OnceLock::new(),
        }
    }

    /// What is known in a mode.
    pub fn known(&self, mode: ModeSession) -> Known<'_> {
        let Some(reference) = &self.reference else {
            return Known::default();
        };
        let grids = self.grids.get_or_init(|| {
            // As the backend indexes them, so that it finds the same.
            GridIndex::new(reference.grids.clone())
                .with_responsibility(&reference.responsibility_grids)
        });
        Known {
            rules: Some(&reference.rules),
            grids: Some(grids),
            mode,
            version: reference.version,
        }
    }
}
