//! What the life cycle remembers of an incident beyond its state: returns, the clock that waits,
//! the joint handling, and until when the trail has taken effect.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{IncidentState, Stage};
use crate::clocks::{Limit, StageClock};
use crate::ids::DepartmentId;
use crate::time::Timestamp;
use crate::trail::{Action, Actor, DispatchDuty, TrailEntry};

/// A return (回退) whose returner the matter has not passed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Who returned it.
    pub by: Actor,
    /// To whom: whoever had passed it on from the stage to which it went back, where known.
    pub to: Option<Actor>,
    /// The stage from which it was returned.
    pub from_stage: Stage,
    /// The stage to which it went back.
    pub to_stage: Stage,
    /// When.
    pub at: Timestamp,
    /// The last stage that has to be gone through again. It is later than `from_stage` where
    /// whoever received a return has returned the matter further.
    pub until_stage: Stage,
}

/// A joint handling (会诊).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joint {
    /// 牵头.
    pub lead: DepartmentId,
    /// 协办.
    pub assistants: Vec<DepartmentId>,
}

impl Joint {
    /// The duty of a department in it; `None` where it has none.
    pub fn duty_of(&self, department: &DepartmentId) -> Option<DispatchDuty> {
        if self.lead == *department {
            Some(DispatchDuty::Lead)
        } else {
            self.assistants
                .contains(department)
                .then_some(DispatchDuty::Assist)
        }
    }
}

/// What the life cycle remembers of an incident beyond its state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Course {
    /// The latest instant at which an entry has taken effect. An entry that happened earlier (an
    /// offline hall sent it late) keeps its own time on the record and takes effect at this one,
    /// so that no clock and no state ever begins before the one that it follows.
    pub effective_at: Timestamp,
    /// The handling limit with which it was filed.
    pub limit: Option<Limit>,
    /// The handling clock while no department has the matter: it stands still, and goes on when
    /// the same department is sent again.
    pub waiting_clock: Option<StageClock>,
    /// The last return, until its returner's stage has been gone through again.
    pub returned: Option<Returned>,
    /// Who passed the matter on from each stage, the last time.
    pub passed_on_by: BTreeMap<Stage, Actor>,
    /// The joint handling, once convened.
    pub joint: Option<Joint>,
}

impl Course {
    /// When an entry that happened at `occurred_at` takes effect.
    pub fn effect_of(&self, occurred_at: Timestamp) -> Timestamp {
        occurred_at.max(self.effective_at)
    }

    /// The stage that has to be gone through before the matter may go on from `from` to `to` in
    /// one step; `None` where no returner is passed over.
    pub fn barrier(&self, from: Option<Stage>, to: Option<Stage>) -> Option<Stage> {
        let (returned, from, to) = (self.returned.as_ref()?, from?, to?);
        let is_next = Stage::ALL
            .iter()
            .find(|stage| **stage > from)
            .is_none_or(|next| to <= *next);
        (returned.until_stage > from && !is_next).then_some(returned.until_stage)
    }

    /// Folds an entry that led from `before` with its clock.
    pub(super) fn fold(
        &mut self,
        entry: &TrailEntry,
        before: IncidentState,
        clock_before: Option<StageClock>,
    ) {
        self.effective_at = self.effect_of(entry.occurred_at);
        match &entry.action {
            Action::File { limit, .. } => self.limit = Some(*limit),
            Action::Convene { lead, assistants } => {
                self.joint = Some(Joint {
                    lead: lead.clone(),
                    assistants: assistants.clone(),
                });
            }
            Action::Return => self.fold_return(entry, before),
            _ => {}
        }
        let after = entry.state;
        if (before.stage(), after.stage()) == (Some(Stage::Handle), Some(Stage::Dispatch)) {
            self.waiting_clock = clock_before.map(|mut clock| {
                clock.pause(self.effective_at);
                clock
            });
        } else if after.stage() >= Some(Stage::Handle) || !after.is_open() {
            self.waiting_clock = None;
        }
        if let (Some(from), Some(to)) = (before.stage(), after.stage()) {
            for stage in Stage::ALL {
                if from <= stage && stage < to {
                    self.passed_on_by.insert(stage, entry.by.clone());
                }
            }
        }
        let until = self.returned.as_ref().map(|returned| returned.until_stage);
        if !after.is_open() || (after.stage().is_some() && after.stage() > until) {
            self.returned = None;
        }
    }

    fn fold_return(&mut self, entry: &TrailEntry, before: IncidentState) {
        let (Some(from_stage), Some(to_stage)) = (before.stage(), entry.state.stage()) else {
            return;
        };
        let earlier = self.returned.as_ref().map(|returned| returned.until_stage);
        self.returned = Some(Returned {
            by: entry.by.clone(),
            to: self.passed_on_by.get(&to_stage).cloned(),
            from_stage,
            to_stage,
            at: self.effective_at,
            until_stage: earlier.map_or(from_stage, |earlier| earlier.max(from_stage)),
        });
    }
}
