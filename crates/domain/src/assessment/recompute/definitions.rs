//! The definitions: what each indicator counts of one incident.

use super::history::{History, Stretch};
use crate::assessment::{AssessmentRules, DueAt, Indicator, Period, ReworkOutOf};
use crate::ids::OrderId;
use crate::incidents::IncidentState as S;
use crate::time::Timestamp;
use crate::trail::{Action, CallBack};

/// From where an incident is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub rules: &'a AssessmentRules,
    pub period: Period,
    pub now: Timestamp,
}

/// One thing in a denominator.
#[derive(Debug)]
pub struct Item {
    /// The step that names it.
    pub step: u32,
    /// Whether it is in the numerator too.
    pub is_hit: bool,
    /// Whose work it is.
    pub order: Option<OrderId>,
}

/// Something that had to be done.
#[derive(Debug, Clone, Copy)]
struct Duty {
    step: u32,
    deadline: Option<Timestamp>,
    done_at: Option<Timestamp>,
    /// When it ceased to be owed without being done.
    void_at: Option<Timestamp>,
    order: Option<OrderId>,
}

impl Duty {
    fn is_done_in_time(&self) -> bool {
        match (self.done_at, self.deadline) {
            (Some(done_at), Some(deadline)) => done_at <= deadline,
            _ => false,
        }
    }

    fn item(&self, is_hit: bool) -> Item {
        Item {
            step: self.step,
            is_hit,
            order: self.order,
        }
    }
}

impl View<'_> {
    /// What an indicator counts of an incident.
    pub fn items(&self, history: &History<'_>, indicator: Indicator) -> Vec<Item> {
        if indicator == Indicator::ValidReporting {
            return self.reported(history).into_iter().collect();
        }
        if !self.counts_work(history) {
            return Vec::new();
        }
        match indicator {
            Indicator::ValidReporting => Vec::new(),
            Indicator::OnTimeFiling => self.filed(history),
            Indicator::OnTimeDispatch => self.dispatched(history),
            Indicator::AccurateDispatch => self.rightly_dispatched(history),
            Indicator::Handling
            | Indicator::OnTimeHandling
            | Indicator::OverduePending
            | Indicator::Extension => self.handled(history, indicator),
            Indicator::Closing | Indicator::OnTimeClosing => self.closed(history, indicator),
            Indicator::Rework => self.reworked(history),
            Indicator::HotlineResponse => self.answered(history),
            Indicator::HotlineResolution => self.called_back(history, |c| c.is_resolved),
            Indicator::HotlineSatisfaction => self.called_back(history, |c| c.is_satisfied),
        }
    }

    /// Work on an incident that was cancelled or is a duplicate counts only by the rules file.
    fn counts_work(&self, history: &History<'_>) -> bool {
        if history.state() != S::Cancelled {
            true
        } else if history.is_duplicate() {
            self.rules.duplicates.is_counted()
        } else {
            self.rules.cancelled.is_counted()
        }
    }

    /// Reported in the period; valid is what was filed and was no mistake.
    fn reported(&self, history: &History<'_>) -> Option<Item> {
        let report = history.entries.first()?;
        if !self.period.contains(report.occurred_at) {
            return None;
        }
        let state = history.state();
        let is_undecided = state == S::Reported || state == S::PendingFile;
        if is_undecided && !self.rules.undecided_reports.is_counted() {
            return None;
        }
        let was_filed = history.has(|action| matches!(action, Action::File { .. }));
        let is_valid = if history.is_duplicate() {
            self.rules.duplicates.is_counted()
        } else {
            was_filed && state != S::Cancelled
        };
        Some(Item {
            step: report.step,
            is_hit: is_valid,
            order: None,
        })
    }

    /// Filed in the period; in time is what was filed by the deadline that stood just before.
    fn filed(&self, history: &History<'_>) -> Vec<Item> {
        let places = 1..history.entries.len();
        let filing = places
            .rev()
            .find(|place| matches!(history.entries[*place].action, Action::File { .. }));
        let Some(place) = filing else {
            return Vec::new();
        };
        let entry = history.entries[place];
        if !self.period.contains(entry.occurred_at) {
            return Vec::new();
        }
        let deadline = history.deadline(place - 1);
        let item = Item {
            step: entry.step,
            is_hit: deadline.is_some_and(|deadline| entry.occurred_at <= deadline),
            order: None,
        };
        vec![item]
    }

    /// Dispatch rounds due in the period; in time is what was dispatched by the deadline.
    fn dispatched(&self, history: &History<'_>) -> Vec<Item> {
        let rounds = history.waits().into_iter();
        rounds
            .map(|round| dispatch_duty(history, round))
            .filter(|duty| self.is_due(duty))
            .map(|duty| duty.item(duty.is_done_in_time()))
            .collect()
    }

    /// Dispatch rounds due in the period, and those without a deadline that were dispatched in it.
    /// Right is a dispatch that was judged so, or that nobody judged and that was not returned.
    fn rightly_dispatched(&self, history: &History<'_>) -> Vec<Item> {
        let rounds = history.waits();
        let mut items = Vec::new();
        for (number, round) in rounds.iter().enumerate() {
            let duty = dispatch_duty(history, *round);
            let is_due = match (duty.deadline, duty.done_at) {
                (None, Some(done_at)) => self.has_come(done_at),
                _ => self.is_due(&duty),
            };
            if !is_due {
                continue;
            }
            let Some(order) = duty.order else {
                items.push(duty.item(false));
                continue;
            };
            // Nobody can judge a dispatch before it.
            let since = round.end.unwrap_or(history.entries.len());
            let mut later = history.entries[since..].iter().rev();
            let verdict = later.find_map(|e| match e.action {
                Action::JudgeDispatch {
                    order: judged,
                    is_right,
                } if judged == order => Some(is_right),
                _ => None,
            });
            let next_round = rounds.get(number + 1).map(|next| next.first);
            let was_returned = next_round.is_some_and(|next| was_returned(history, next));
            match verdict {
                Some(is_right) => items.push(duty.item(is_right)),
                None if self.rules.unjudged_dispatches.is_counted() => {
                    items.push(duty.item(!was_returned));
                }
                None => {}
            }
        }
        items
    }

    /// Handling rounds due in the period.
    fn handled(&self, history: &History<'_>, indicator: Indicator) -> Vec<Item> {
        let mut items = Vec::new();
        for round in history.works() {
            let duty = handling_duty(history, round);
            if !self.is_due(&duty) {
                continue;
            }
            let places = round.first..=history.last(round);
            let is_hit = match indicator {
                Indicator::Handling => duty.done_at.is_some(),
                Indicator::OnTimeHandling => duty.is_done_in_time(),
                Indicator::OverduePending => duty.done_at.is_none() && duty.void_at.is_none(),
                _ => history.entries[places]
                    .iter()
                    .any(|e| e.action == Action::Extend),
            };
            items.push(duty.item(is_hit));
        }
        items
    }

    /// Incidents due to close in the period.
    fn closed(&self, history: &History<'_>, indicator: Indicator) -> Vec<Item> {
        let duty = self.closing_duty(history);
        if !self.is_due(&duty) {
            return Vec::new();
        }
        let is_hit = if indicator == Indicator::Closing {
            duty.done_at.is_some()
        } else {
            duty.is_done_in_time()
        };
        vec![duty.item(is_hit)]
    }

    /// 返工, out of what the rules file sets.
    fn reworked(&self, history: &History<'_>) -> Vec<Item> {
        if self.rules.rework_out_of == ReworkOutOf::DueToClose {
            let duty = self.closing_duty(history);
            let was_reworked = history.has(|action| matches!(action, Action::Rework));
            return if self.is_due(&duty) {
                vec![duty.item(was_reworked)]
            } else {
                Vec::new()
            };
        }
        let mut items = Vec::new();
        for round in history.works() {
            let Some(handled) = history.handled(round) else {
                continue;
            };
            // The check is what ended the round after it was handled; a cancellation is no check.
            let check = round.end.map(|place| history.entries[place]);
            let check = check.filter(|entry| entry.state != S::Cancelled);
            let counts_at = if self.rules.rework_out_of == ReworkOutOf::Checked {
                check.map(|entry| entry.occurred_at)
            } else {
                Some(history.entries[handled].occurred_at)
            };
            if counts_at.is_some_and(|at| self.period.contains(at)) {
                items.push(Item {
                    step: history.entries[round.first].step,
                    is_hit: check.is_some_and(|entry| entry.state.is_open()),
                    order: history.order_of(round),
                });
            }
        }
        items
    }

    fn is_hotline(&self, history: &History<'_>) -> bool {
        self.rules.hotline.channels.contains(&history.facts.channel)
    }

    /// Callers to be answered in the period; a hit is the first contact by the deadline.
    fn answered(&self, history: &History<'_>) -> Vec<Item> {
        let mut contacts = history.entries.iter();
        let contact = contacts.find(|e| e.action == Action::ContactCaller);
        let category = history.category();
        let report = history.entries[0];
        let hotline = &self.rules.hotline;
        let reported_at = report.occurred_at;
        let mut within_ms = i64::MAX;
        for limit in &hotline.exceptions {
            let code = (limit.major.kind, limit.major.major, limit.minor);
            let whole = (category.kind, category.major, None);
            let one = (category.kind, category.major, Some(category.minor));
            if code == whole || code == one {
                within_ms = within_ms.min(limit.within_ms);
            }
        }
        if within_ms == i64::MAX {
            within_ms = hotline.response_within_ms;
        }
        let duty = Duty {
            step: report.step,
            deadline: Some(reported_at.plus_ms(within_ms)),
            done_at: contact.map(|entry| entry.occurred_at),
            void_at: None,
            order: history.last_order(),
        };
        if self.is_hotline(history) && self.is_due(&duty) {
            vec![duty.item(duty.is_done_in_time())]
        } else {
            Vec::new()
        }
    }

    /// The latest call-back, if it was in the period.
    fn called_back(&self, history: &History<'_>, is_good: fn(&CallBack) -> bool) -> Vec<Item> {
        let counts_unreached = self.rules.unreached_call_backs.is_counted();
        let latest = history.entries.iter().rev().find_map(|e| match e.action {
            Action::CallBack(call) if call.is_reached || counts_unreached => Some((e, call)),
            _ => None,
        });
        match latest {
            Some((entry, call))
                if self.is_hotline(history) && self.period.contains(entry.occurred_at) =>
            {
                vec![Item {
                    step: entry.step,
                    is_hit: call.is_reached && is_good(&call),
                    order: history.last_order(),
                }]
            }
            _ => Vec::new(),
        }
    }

    /// Step, order and milliseconds of every order reported done in the period.
    pub fn efforts(&self, history: &History<'_>) -> Vec<(u32, OrderId, i64)> {
        let mut efforts = Vec::new();
        if !self.counts_work(history) {
            return efforts;
        }
        for (place, entry) in history.entries.iter().enumerate() {
            let (Action::Handled { order, .. } | Action::Assisted { order, .. }) = entry.action
            else {
                continue;
            };
            if let Some(spent_ms) = spent_ms(history, order, place)
                && self.period.contains(entry.occurred_at)
            {
                efforts.push((entry.step, order, spent_ms));
            }
        }
        efforts
    }

    /// An incident owes its closing by the deadline of its check, and while it is not handled by
    /// that of its handling.
    fn closing_duty(&self, history: &History<'_>) -> Duty {
        let end = history.end();
        let last_open = end.unwrap_or(history.entries.len()) - 1;
        let is_owed = matches!(
            history.state_behind(last_open),
            S::Dispatched | S::Handling | S::Handled
        );
        let ended = end.map(|place| history.entries[place]);
        let ended_at = ended.map(|entry| entry.occurred_at);
        let is_closed = ended.is_some_and(|entry| {
            let was_forced = entry.action == Action::ForceClose;
            entry.state == S::Closed && (!was_forced || self.rules.forced_closes.is_counted())
        });
        Duty {
            step: history.entries[0].step,
            deadline: history.deadline(last_open).filter(|_| is_owed),
            done_at: ended_at.filter(|_| is_closed),
            void_at: ended_at.filter(|_| !is_closed),
            order: history.last_order(),
        }
    }

    /// Whether a duty is due in the period.
    fn is_due(&self, duty: &Duty) -> bool {
        let Some(deadline) = duty.deadline else {
            return false;
        };
        if duty.void_at.is_some_and(|void_at| void_at <= deadline) {
            return false;
        }
        match (self.rules.due_at, duty.done_at) {
            (DueAt::Settled, Some(done_at)) if done_at < deadline => self.has_come(done_at),
            _ => self.has_come(deadline),
        }
    }

    fn has_come(&self, instant: Timestamp) -> bool {
        self.period.contains(instant) && instant < self.now
    }
}

/// A dispatch round is done by the dispatch that ends it; every other end makes it void. On trails
/// of earlier versions no clock runs for it after a return: the one that stands still there is that
/// of the handling.
fn dispatch_duty(history: &History<'_>, round: Stretch) -> Duty {
    let last = history.last(round);
    let is_clock_for_dispatch = match history.state_behind(last) {
        S::Filed => true,
        S::Returned => history.entries[last]
            .clock
            .is_some_and(|clock| clock.paused_at.is_none()),
        _ => false,
    };
    let end = round.end.map(|place| history.entries[place]);
    let order = end.and_then(|entry| match entry.action {
        Action::Dispatch { order, .. } => Some(order),
        _ => None,
    });
    let ended_at = end.map(|entry| entry.occurred_at);
    Duty {
        step: history.entries[round.first].step,
        deadline: history.deadline(last).filter(|_| is_clock_for_dispatch),
        done_at: ended_at.filter(|_| order.is_some()),
        void_at: ended_at.filter(|_| order.is_none()),
        order,
    }
}

/// A handling round is done when it is handled; every other end makes it void.
fn handling_duty(history: &History<'_>, round: Stretch) -> Duty {
    let handled = history.handled(round);
    let before = handled.map_or(history.last(round), |place| place - 1);
    let end = round.end.filter(|_| handled.is_none());
    let at = |place: usize| history.entries[place].occurred_at;
    Duty {
        step: history.entries[round.first].step,
        deadline: history.deadline(before),
        done_at: handled.map(at),
        void_at: end.map(at),
        order: history.order_of(round),
    }
}

/// Whether the dispatch round that begins at a place began with the return of a matter that was not
/// handled yet.
fn was_returned(history: &History<'_>, place: usize) -> bool {
    history.entries[place].action == Action::Return
        && matches!(history.state_behind(place - 1), S::Dispatched | S::Handling)
}

/// The time that an order took until it was reported done at a place: from its first start (from
/// its dispatch where there is none), without the suspensions that ended since. Clocks that were
/// wrong never make it negative.
fn spent_ms(history: &History<'_>, order: OrderId, done: usize) -> Option<i64> {
    let sent = (0..done).find(|place| {
        matches!(history.entries[*place].action, Action::Dispatch { order: sent, .. } if sent == order)
    })?;
    let start = (sent..done)
        .find(|place| history.entries[*place].action == Action::StartHandling { order })
        .unwrap_or(sent);
    let at = |place: usize| history.entries[place].occurred_at;
    let is_suspended = |place: usize| history.entries[place].state == S::Suspended;
    let mut spent = at(done).ms_since(at(start));
    for resumed in (start..=done).skip(1) {
        if is_suspended(resumed - 1) && !is_suspended(resumed) {
            let begun = (0..resumed).rev().find(|place| !is_suspended(*place));
            let suspended = begun.map_or(0, |before| before + 1);
            spent -= at(resumed).ms_since(at(suspended)).max(0);
        }
    }
    Some(spent.max(0))
}
