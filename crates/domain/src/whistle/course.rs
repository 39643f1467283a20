//! The course of whistles: what the trail of a matter says about each department called.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{CallRef, Progress, WhistlePush, WhistleRefused};
use crate::ids::{DepartmentId, IncidentId, OrderId};
use crate::time::Timestamp;
use crate::trail::{Action, Actor, TrailEntry};

/// One whistle and the departments that it called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhistleState {
    /// Number within the matter, from 1.
    pub number: u16,
    /// What the street deliberated.
    pub deliberation: String,
    /// The reason given for a level that needs one.
    pub override_reason: Option<String>,
    /// The departments called.
    pub departments: BTreeMap<DepartmentId, Progress>,
}

/// Everything that the trail of one matter says about whistles.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MatterWhistles {
    /// Steps of the trail folded so far.
    pub steps: u32,
    /// Whether the matter belongs to a drill; drills are never scored.
    pub is_drill: bool,
    /// Whether the complaint is flagged as unreasonable.
    pub is_unreasonable: bool,
    /// When the matter ended.
    pub ended_at: Option<Timestamp>,
    /// The whistles by number.
    pub whistles: BTreeMap<u16, WhistleState>,
    /// The departments behind the orders sent so far.
    sent: BTreeMap<OrderId, Option<DepartmentId>>,
    /// The orders by which somebody tried: began, finished or gave it back.
    tried: BTreeSet<OrderId>,
}

impl MatterWhistles {
    /// Folds a whole trail, oldest first; entries that the rules of order refuse change nothing.
    pub fn of_trail<'t>(trail: impl IntoIterator<Item = &'t TrailEntry>) -> Self {
        let mut matter = Self::default();
        for entry in trail {
            // A refused entry has changed nothing beyond the count of steps.
            matter.apply(entry).ok();
        }
        matter
    }

    /// Folds the next entry of the trail. An entry of another step changes nothing at all; a step
    /// of a whistle in an illegal order is counted as folded and changes nothing else.
    pub fn apply(&mut self, entry: &TrailEntry) -> Result<(), WhistleRefused> {
        if entry.step != self.steps.saturating_add(1) {
            return Err(WhistleRefused::NotTheNextStep {
                step: entry.step,
                last: self.steps,
            });
        }
        self.steps = entry.step;
        self.check_order(&entry.action)?;
        match &entry.action {
            Action::Report(facts) => self.is_drill = facts.is_drill,
            Action::Dispatch {
                order, department, ..
            } => {
                self.sent.insert(*order, department.clone());
            }
            Action::StartHandling { order }
            | Action::Handled { order, .. }
            | Action::Assisted { order, .. } => {
                self.tried.insert(*order);
            }
            Action::Undispatch { order } if !self.tried.contains(order) => {
                self.sent.remove(order);
            }
            // Whoever was sent has tried and gives it back. A return by the desk itself shows
            // nothing of the kind.
            Action::Return if matches!(entry.by, Actor::Person(_) | Actor::Department(_)) => {
                self.tried.extend(self.sent.keys().copied());
            }
            Action::FlagUnreasonable { is_unreasonable } => self.is_unreasonable = *is_unreasonable,
            Action::CallBack(call) if call.is_reached => self.call_back(call.is_satisfied),
            _ => self.apply_whistle(entry),
        }
        if self.ended_at.is_none() && !entry.state.is_open() {
            self.end(entry.occurred_at);
        }
        Ok(())
    }

    fn apply_whistle(&mut self, entry: &TrailEntry) {
        match &entry.action {
            Action::Whistle {
                whistle,
                departments,
                deliberation,
                push: Some(push),
            } => {
                let called = departments.iter().cloned();
                let state = WhistleState {
                    number: *whistle,
                    deliberation: deliberation.clone(),
                    override_reason: entry.reason.clone(),
                    departments: called.map(|d| (d, Progress::pushed(*push))).collect(),
                };
                self.whistles.insert(*whistle, state);
            }
            Action::SignIn {
                whistle,
                department,
            } => self.change(*whistle, department, |p| {
                p.signed_in_at = Some(entry.occurred_at.max(p.push.at));
            }),
            Action::WhistleHandled {
                whistle,
                department,
                result,
            } => self.change(*whistle, department, |p| {
                p.handled_at = p.signed_in_at.map(|at| entry.occurred_at.max(at));
                p.result = Some(result.clone());
            }),
            Action::RateDepartment {
                whistle,
                department,
                rating,
            } => self.change(*whistle, department, |p| p.rating = Some(*rating)),
            Action::AdjustPoints {
                whistle,
                department,
                points,
            } => self.change(*whistle, department, |p| {
                // What is added cannot be taken, so one of the two is always nothing.
                let points = i32::from(*points);
                let added = u32::try_from(points).unwrap_or(0);
                let taken = u32::try_from(-points).unwrap_or(0);
                p.points_added = p.points_added.saturating_add(added);
                p.points_taken = p.points_taken.saturating_add(taken);
            }),
            _ => {}
        }
    }

    fn change(&mut self, whistle: u16, department: &DepartmentId, how: impl FnOnce(&mut Progress)) {
        let whistle = self.whistles.get_mut(&whistle);
        if let Some(progress) = whistle.and_then(|w| w.departments.get_mut(department)) {
            how(progress);
        }
    }

    fn progresses(&mut self) -> impl Iterator<Item = &mut Progress> {
        self.whistles
            .values_mut()
            .flat_map(|whistle| whistle.departments.values_mut())
    }

    fn call_back(&mut self, is_satisfied: bool) {
        for progress in self.progresses() {
            if progress.handled_at.is_some() {
                progress.is_caller_satisfied = Some(is_satisfied);
            }
        }
    }

    fn end(&mut self, at: Timestamp) {
        self.ended_at = Some(at);
        for progress in self.progresses() {
            progress.ended_at = Some(at.max(progress.push.at));
        }
    }

    /// Whether a step of a whistle keeps the order: whistle, sign-in, completion, rating. Other
    /// actions always do.
    pub fn check_order(&self, action: &Action) -> Result<(), WhistleRefused> {
        match action {
            Action::Whistle {
                whistle,
                departments,
                push,
                ..
            } => self.check_new(*whistle, departments, push.as_ref()),
            Action::SignIn {
                whistle,
                department,
            } => {
                let progress = self.called(*whistle, department)?;
                if progress.signed_in_at.is_some() {
                    return Err(WhistleRefused::SignedInAlready {
                        department: department.clone(),
                    });
                }
                self.check_going_on()
            }
            Action::WhistleHandled {
                whistle,
                department,
                ..
            } => self.check_handled(*whistle, department),
            Action::RateDepartment {
                whistle,
                department,
                rating,
            } => self.check_rating(*whistle, department, *rating),
            Action::AdjustPoints {
                whistle,
                department,
                ..
            } => self.called(*whistle, department).map(|_| ()),
            _ => Ok(()),
        }
    }

    fn check_new(
        &self,
        whistle: u16,
        departments: &[DepartmentId],
        push: Option<&WhistlePush>,
    ) -> Result<(), WhistleRefused> {
        let expected = self.next_number()?;
        if whistle != expected {
            return Err(WhistleRefused::WrongNumber { whistle, expected });
        }
        self.check_departments(departments)?;
        if push.is_none() {
            return Err(WhistleRefused::NotPushed);
        }
        self.check_going_on()
    }

    /// Whether the departments can be called: some, each once, none that is still called.
    pub fn check_departments(&self, departments: &[DepartmentId]) -> Result<(), WhistleRefused> {
        if departments.is_empty() {
            return Err(WhistleRefused::NoDepartment);
        }
        for (i, department) in departments.iter().enumerate() {
            if departments[..i].contains(department) {
                return Err(WhistleRefused::NamedTwice {
                    department: department.clone(),
                });
            }
            if let Some(whistle) = self.open_whistle(department) {
                return Err(WhistleRefused::StillOpen {
                    department: department.clone(),
                    whistle,
                });
            }
        }
        Ok(())
    }

    fn check_handled(&self, whistle: u16, department: &DepartmentId) -> Result<(), WhistleRefused> {
        let progress = self.called(whistle, department)?;
        let department = department.clone();
        if progress.handled_at.is_some() {
            return Err(WhistleRefused::HandledAlready { department });
        }
        if progress.signed_in_at.is_none() {
            return Err(WhistleRefused::NotSignedIn { department });
        }
        self.check_going_on()
    }

    /// Who has finished can be rated, and after the end also who never came.
    fn check_rating(
        &self,
        whistle: u16,
        department: &DepartmentId,
        rating: u8,
    ) -> Result<(), WhistleRefused> {
        let progress = self.called(whistle, department)?;
        if rating > 100 {
            return Err(WhistleRefused::RatingOutOfRange { rating });
        }
        if progress.is_open() {
            return Err(WhistleRefused::NotHandled {
                department: department.clone(),
            });
        }
        Ok(())
    }

    fn check_going_on(&self) -> Result<(), WhistleRefused> {
        match self.ended_at {
            Some(_) => Err(WhistleRefused::MatterEnded),
            None => Ok(()),
        }
    }

    fn called(&self, whistle: u16, department: &DepartmentId) -> Result<&Progress, WhistleRefused> {
        let state = self
            .whistles
            .get(&whistle)
            .ok_or(WhistleRefused::NoSuchWhistle { whistle })?;
        state
            .departments
            .get(department)
            .ok_or_else(|| WhistleRefused::NotCalled {
                whistle,
                department: department.clone(),
            })
    }

    /// The number of the next whistle.
    pub fn next_number(&self) -> Result<u16, WhistleRefused> {
        let last = self.whistles.keys().next_back().copied().unwrap_or(0);
        last.checked_add(1).ok_or(WhistleRefused::NoNumberLeft)
    }

    /// The whistle that a department has not finished.
    pub fn open_whistle(&self, department: &DepartmentId) -> Option<u16> {
        let is_open = |state: &&WhistleState| {
            let progress = state.departments.get(department);
            progress.is_some_and(Progress::is_open)
        };
        self.whistles.values().find(is_open).map(|w| w.number)
    }

    /// Whether the street tried itself: somebody whom it sent, and for none of the departments
    /// called, began, finished or gave it back.
    pub fn has_street_handled(&self, called: &[DepartmentId]) -> bool {
        self.tried.iter().any(|order| {
            let behind = self.sent.get(order).map(Option::as_ref);
            behind.is_some_and(|department| department.is_none_or(|d| !called.contains(d)))
        })
    }
}

/// The whistles of all matters, kept up to date entry by entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WhistleBook {
    matters: BTreeMap<IncidentId, MatterWhistles>,
}

impl WhistleBook {
    /// Folds the next entry of a matter's trail.
    pub fn apply(&mut self, entry: &TrailEntry) -> Result<(), WhistleRefused> {
        self.matters.entry(entry.incident).or_default().apply(entry)
    }

    /// The whistles of one matter.
    pub fn matter(&self, incident: IncidentId) -> Option<&MatterWhistles> {
        self.matters.get(&incident)
    }

    /// Every department called, in the order of matters, whistles and departments.
    pub fn calls(&self) -> impl Iterator<Item = (CallRef, &MatterWhistles, &Progress)> {
        self.matters.iter().flat_map(|(incident, matter)| {
            matter.whistles.values().flat_map(move |whistle| {
                whistle
                    .departments
                    .iter()
                    .map(move |(department, progress)| {
                        let call = CallRef {
                            incident: *incident,
                            whistle: whistle.number,
                            department: department.clone(),
                        };
                        (call, matter, progress)
                    })
            })
        })
    }
}
