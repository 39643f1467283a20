//! What the desk asks the hall to do: one task for each kind of click, carried out or refused with
//! one sentence, and held back until somebody has signed in.

use domain::intents::Mode;
use domain::trail::Action;
use domain::{IncidentId, IntentKey, NewMatter, OfficerId, OrderId, PersonId, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::commands::{
    Act, DropProposal, LogDuty, RetryParked, SeenIncident, SendAnyway, SendOrder, SetLink, SetMode,
    ShowOnWall, SignInOfficer, SignOut, TakeReport, WallPlace, WithdrawOrder, Withdrawal,
};
use protocol::{ErrorCode, UiError};
use rust_i18n::t;

use super::report_state::report_name;
use super::state::{DeskContext, DeskDialog, ProposalView};
use super::typed::may_go_on;
use super::words;
use crate::bindings::call;
use crate::strings;

/// What an officer decided upon.
///
/// It has no default: what the officer saw is known only where it was shown, so each place says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upon {
    /// The incident as it was shown when the officer was asked; `None` where the window did not
    /// have it, which stands for what the hall shows at the click.
    pub seen: Option<SeenIncident>,
    /// The parked proposal in whose place it comes.
    pub replaces: Option<IntentKey>,
}

impl Upon {
    /// Upon an incident as it was shown, in nothing's place.
    pub const fn shown(seen: Option<SeenIncident>) -> Self {
        Self {
            seen,
            replaces: None,
        }
    }
}

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// Send an order.
    Send {
        /// Key of the proposal.
        key: IntentKey,
        /// The incident.
        incident: IncidentId,
        /// Who goes.
        to: PersonId,
        /// Name, for sentences.
        name: String,
        /// What to do.
        instruction: String,
        /// Reason for somebody who is not offered.
        override_reason: Option<String>,
        /// What it was decided upon.
        upon: Upon,
    },
    /// Take an order back.
    Withdraw {
        /// The order.
        order: OrderId,
        /// Why.
        reason: String,
        /// Its incident as it was shown.
        seen: Option<SeenIncident>,
    },
    /// Any other step on an incident.
    Act {
        /// Key of the control.
        key: IntentKey,
        /// The incident.
        incident: IncidentId,
        /// The step.
        action: Action,
        /// Why.
        reason: Option<String>,
        /// What it was decided upon.
        upon: Upon,
    },
    /// Switch the mode.
    SetMode {
        /// Key of the control.
        key: IntentKey,
        /// The mode wanted.
        mode: Mode,
        /// Whether it is only exercised.
        is_drill: bool,
    },
    /// Try a parked proposal again.
    Retry {
        /// The proposal.
        key: IntentKey,
    },
    /// Send a proposal that is in conflict all the same.
    SendAnyway {
        /// The parked proposal.
        parked: IntentKey,
        /// Key of the card.
        key: IntentKey,
        /// Steps of the incident that the card shows.
        seen_steps: u32,
        /// Why.
        reason: String,
    },
    /// Drop a proposal that was refused, or that has not left.
    Drop {
        /// The proposal.
        key: IntentKey,
    },
    /// Stop or start the line.
    SetLink {
        /// Whether it may be used.
        enabled: bool,
    },
    /// Show a part of the map on the wall, or let the wall return.
    ShowOnWall {
        /// What to show.
        place: Option<WallPlace>,
    },
    /// Sign out.
    SignOut,
    /// Take a new matter in.
    TakeReport {
        /// Key of the form.
        key: IntentKey,
        /// When it was reported.
        at: Timestamp,
        /// What was reported.
        matter: Box<NewMatter>,
    },
    /// Write into the duty log.
    LogDuty {
        /// Key of the field.
        key: IntentKey,
        /// What happened.
        text: String,
    },
}

impl Task {
    /// Whether the hall wants to know who does it before anything is tried. The line switch is a
    /// drill at this machine and changes no record; the hall says so itself if it thinks otherwise.
    pub const fn needs_officer(&self) -> bool {
        !matches!(self, Self::SetLink { .. } | Self::SignOut)
    }

    /// Names the call, so that its own button rests while it is under way and no other.
    pub fn name(&self) -> String {
        match self {
            Self::Send { incident, .. } => format!("send {incident}"),
            Self::Withdraw { order, .. } => format!("withdraw {order}"),
            Self::Act { key, .. } => step_name(*key),
            Self::SetMode { .. } => "mode".to_owned(),
            Self::Retry { key } | Self::Drop { key } | Self::SendAnyway { parked: key, .. } => {
                format!("outbox {key}")
            }
            Self::SetLink { .. } => "link".to_owned(),
            Self::ShowOnWall { .. } => "wall".to_owned(),
            Self::SignOut => "sign-out".to_owned(),
            Self::TakeReport { .. } => report_name(),
            Self::LogDuty { .. } => "log-duty".to_owned(),
        }
    }

    /// What it is, for sentences.
    pub fn words(&self) -> String {
        match self {
            Self::Send { name, .. } => t!("desk.propose.what", name = name).into_owned(),
            Self::Withdraw { .. } => t!("desk.orders.undo_what").into_owned(),
            Self::Act { action, .. } => strings::action(action),
            Self::SetMode { mode, is_drill, .. } => words::mode_switch(*mode, *is_drill),
            Self::Retry { .. } => t!("desk.message.retry_what").into_owned(),
            Self::SendAnyway { .. } => t!("conflict.send_what").into_owned(),
            Self::Drop { .. } => t!("desk.message.drop_what").into_owned(),
            Self::SetLink { .. } => t!("desk.message.line_switch_what").into_owned(),
            Self::ShowOnWall { .. } => t!("map_wall.what").into_owned(),
            Self::SignOut => t!("desk.message.sign_out_what").into_owned(),
            Self::TakeReport { .. } => t!("report.send_what").into_owned(),
            Self::LogDuty { .. } => t!("duty.write_what").into_owned(),
        }
    }

    /// The order with the reason for sending somebody who is not offered.
    pub fn overridden(mut self, reason: String) -> Self {
        if let Self::Send {
            override_reason, ..
        } = &mut self
        {
            *override_reason = Some(reason);
        }
        self
    }

    async fn carry_out(self, desk: DeskContext) -> Result<(), UiError> {
        match self {
            Self::Send {
                key,
                incident,
                to,
                instruction,
                override_reason,
                upon,
                ..
            } => {
                call(SendOrder {
                    key,
                    incident,
                    to,
                    instruction,
                    override_reason,
                    seen: upon.seen,
                    replaces: upon.replaces,
                })
                .await?;
                if upon.replaces.is_some() {
                    desk.replacing.set(None);
                }
                desk.order_sent(incident, key);
                Ok(())
            }
            Self::Withdraw {
                order,
                reason,
                seen,
            } => {
                let command = WithdrawOrder {
                    order,
                    reason,
                    seen,
                };
                let became = call(command).await?;
                desk.undo.update(|undo| undo.close(order));
                desk.toasts.tell(withdrawal_words(became));
                Ok(())
            }
            Self::Act {
                key,
                incident,
                action,
                reason,
                upon,
            } => {
                call(Act {
                    key,
                    incident,
                    action,
                    reason,
                    seen: upon.seen,
                    replaces: upon.replaces,
                })
                .await?;
                desk.noted_instead(key, incident);
                Ok(())
            }
            other => other.carry_out_elsewhere(desk).await,
        }
    }

    /// What is no order and no step on an incident.
    async fn carry_out_elsewhere(self, desk: DeskContext) -> Result<(), UiError> {
        match self {
            // These have been carried out already.
            Self::Send { .. } | Self::Withdraw { .. } | Self::Act { .. } => Ok(()),
            Self::SetMode {
                key,
                mode,
                is_drill,
            } => {
                call(SetMode {
                    key,
                    mode,
                    is_drill,
                })
                .await
            }
            Self::Retry { key } => call(RetryParked { key }).await,
            Self::SendAnyway {
                parked,
                key,
                seen_steps,
                reason,
            } => {
                call(SendAnyway {
                    parked,
                    key,
                    seen_steps,
                    reason,
                })
                .await
            }
            Self::Drop { key } => {
                call(DropProposal { key }).await?;
                // What is dropped cannot be taken back a second time.
                desk.undo.update(|undo| undo.close(key));
                Ok(())
            }
            Self::SetLink { enabled } => call(SetLink { enabled }).await,
            Self::ShowOnWall { place } => show_on_wall(desk, place).await,
            Self::SignOut => call(SignOut {}).await,
            Self::TakeReport { key, at, matter } => take_report(desk, key, at, *matter).await,
            Self::LogDuty { key, text } => call(LogDuty { key, text }).await,
        }
    }
}

/// Name of the call that takes a step.
pub fn step_name(key: IntentKey) -> String {
    format!("act {key}")
}

async fn show_on_wall(desk: DeskContext, place: Option<WallPlace>) -> Result<(), UiError> {
    let is_shown = place.is_some();
    call(ShowOnWall { place }).await?;
    if is_shown {
        desk.toasts.tell(t!("map_wall.pushed").into_owned());
    }
    Ok(())
}

async fn take_report(
    desk: DeskContext,
    key: IntentKey,
    at: Timestamp,
    matter: NewMatter,
) -> Result<(), UiError> {
    let incident = call(TakeReport { key, at, matter }).await?;
    desk.report_taken(key, incident);
    Ok(())
}

fn withdrawal_words(became: Withdrawal) -> String {
    match became {
        Withdrawal::Dropped => t!("desk.orders.dropped"),
        Withdrawal::Queued => t!("desk.orders.withdrawal_queued"),
    }
    .into_owned()
}

impl DeskContext {
    /// Carries a task out, after a sign-in where one is needed. A second call of the same name
    /// while the first is under way is left out; it would carry the same key anyway.
    pub fn perform(self, task: Task) {
        if task.needs_officer() && self.role.get_untracked().is_none() {
            if self.dialog.with_untracked(Option::is_none) {
                self.opened_by.set_value(None);
            }
            self.open(DeskDialog::SignIn(Some(Box::new(task))));
            return;
        }
        self.start(task);
    }

    fn start(self, task: Task) {
        let name = task.name();
        if !self.busy.write().insert(name.clone()) {
            return;
        }
        let asked_in = self.dialog.get_untracked();
        let by = self.kept.with_value(|kept| kept.owner().cloned());
        spawn_local(async move {
            let outcome = task.clone().carry_out(self).await;
            self.busy.update(|busy| {
                busy.remove(&name);
            });
            match outcome {
                Ok(()) => {
                    self.forget_done(&task);
                    self.close_answered(asked_in.as_ref());
                }
                Err(error) => self.refused(task, by, &error, asked_in.as_ref()),
            }
        });
    }

    fn refused(
        self,
        task: Task,
        by: Option<OfficerId>,
        error: &UiError,
        asked_in: Option<&DeskDialog>,
    ) {
        let is_asking = self.is_still_open(asked_in);
        let is_free = is_asking || self.dialog.with_untracked(Option::is_none);
        let needs_sign_in = error.code == ErrorCode::SignInNeeded;
        let words = if needs_sign_in {
            t!("desk.message.sign_in_again").into_owned()
        } else {
            error.message.clone()
        };
        if needs_sign_in && is_free {
            self.opened_by.set_value(by);
            self.open(DeskDialog::SignIn(Some(Box::new(task))));
            self.dialog_error.set(Some(words));
        } else if matches!(task, Task::TakeReport { .. }) && self.report.is_open.get_untracked() {
            // Said where the button is; what was typed stays.
            self.close_answered(asked_in);
            self.report.error.set(Some(words));
        } else if is_asking {
            self.dialog_error.set(Some(words));
        } else {
            self.say_failed(&task.words(), &words);
        }
    }

    /// Says that something failed where nothing is open any more that asked for it.
    pub fn say_failed(self, what: &str, why: &str) {
        let what = format!("{what} — {why}");
        self.toasts.fail(t!("desk.message.failed", what = what));
    }

    /// Signs in and goes on with what was begun.
    pub fn sign_in(self, officer: OfficerId, pin: String, then: Option<Box<Task>>) {
        const NAME: &str = "sign-in";
        if !self.busy.write().insert(NAME.to_owned()) {
            return;
        }
        let asked_in = self.dialog.get_untracked();
        spawn_local(async move {
            let who = officer.clone();
            let outcome = call(SignInOfficer { officer, pin }).await;
            self.busy.update(|busy| {
                busy.remove(NAME);
            });
            // Whoever closed the dialog meanwhile no longer wants what was to follow.
            let is_asking = self.is_still_open(asked_in.as_ref());
            match outcome {
                Ok(_) if is_asking => {
                    self.close_dialog();
                    if let Some(task) = then {
                        self.go_on(*task, &who);
                    }
                }
                Ok(_) => {}
                Err(error) if is_asking => self.dialog_error.set(Some(error.message)),
                Err(error) => self.say_failed(&t!("desk.officer.sign_in"), &error.message),
            }
        });
    }

    /// Goes on with what was begun before the sign-in, unless another officer has begun it: nothing is
    /// recorded under the name of somebody who has not asked for it.
    fn go_on(self, task: Task, officer: &OfficerId) {
        if may_go_on(self.opened_by.get_value().as_ref(), officer) {
            self.start(task);
        } else {
            let what = task.words();
            self.toasts
                .warn(t!("desk.message.begun_by_other", what = what));
        }
    }

    /// Whether a call of that name is under way.
    pub fn is_busy(self, name: &str) -> bool {
        self.busy.with(|busy| busy.contains(name))
    }

    fn order_sent(self, incident: IncidentId, order: OrderId) {
        let now = self.hall.exact_now();
        self.undo.update(|undo| {
            undo.prune(now);
            undo.open(order, now);
        });
        self.sent.update(|sent| {
            sent.retain(|(_, known)| *known != order);
            sent.push((incident, order));
            // Only the newest can still be taken back by a key.
            let surplus = sent.len().saturating_sub(20);
            sent.drain(..surplus);
        });
        // Another incident may have been selected meanwhile, with words of its own.
        let shown = self.proposal.with_untracked(ProposalView::incident);
        if shown.is_some_and(|shown| self.first_number(shown) == self.first_number(incident)) {
            self.instruction.set(None);
        }
    }
}
