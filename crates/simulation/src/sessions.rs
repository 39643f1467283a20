//! Who has signed in at a hall without the line and got no session since: the hall has their PIN in
//! memory, and nobody of them enters it again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::OfficerId;

/// The sessions of one process.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many the backend has given to each officer.
    given: BTreeMap<OfficerId, u32>,
    without_line: BTreeSet<OfficerId>,
}

impl Sessions {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The backend has given one.
    pub fn given(&self, officer: &OfficerId) {
        let mut state = self.state();
        *state.given.entry(officer.clone()).or_default() += 1;
        state.without_line.remove(officer);
    }

    /// How many it has given to an officer.
    pub fn count(&self, officer: &OfficerId) -> u32 {
        self.state().given.get(officer).copied().unwrap_or(0)
    }

    /// An officer, who had been given so many before, sits at the desk, and nobody else does.
    pub fn seated(&self, officer: &OfficerId, before: u32) {
        let is_new = self.count(officer) > before;
        let mut state = self.state();
        state.without_line.clear();
        if !is_new {
            state.without_line.insert(officer.clone());
        }
    }

    /// Nobody sits at the desk.
    pub fn left(&self) {
        self.state().without_line.clear();
    }

    /// Whether the officer may expect not to be asked for the PIN.
    pub fn is_held(&self, officer: &OfficerId) -> bool {
        self.state().without_line.contains(officer)
    }
}
