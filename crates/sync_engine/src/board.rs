//! The picture in memory, and telling those who watch it what has changed.

mod mailbox;
mod outbox_changes;
mod reckoning;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use domain::situation::{Record, Touched};
use domain::{IncidentId, OrderId, Situation, Timestamp};
use protocol::feed::{
    Line, LineState, Notice, NoticeKind, OutboxItem, Picture, PictureChange, PushedView,
};

use crate::clock::Clock;
use crate::faults::{self, Fault};
use mailbox::Mailbox;
pub use mailbox::{Look, Subscription};
pub use reckoning::{JUMP_MS, Reading};

/// Notices kept for windows that open later.
const NOTICES_KEPT: usize = 100;

/// Numbers of matters by the provisional ones under which they were shown before.
pub type Numbers = BTreeMap<IncidentId, IncidentId>;

/// What the board knows that items of the outbox are shown by.
#[derive(Debug)]
pub struct Glance {
    /// The numbers that matters have got which were shown under provisional ones.
    pub numbers: Arc<Numbers>,
    /// The corrected time.
    pub now: Timestamp,
}

/// Where the board finds the outbox as it is at the moment of looking.
pub trait OutboxView: Send + Sync {
    /// All items, oldest first.
    fn items(&self) -> Vec<OutboxItem>;
}

/// The picture and those who watch it.
pub struct Board {
    clock: Arc<dyn Clock>,
    shared: Mutex<Shared>,
    outbox: OnceLock<Weak<dyn OutboxView>>,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").finish_non_exhaustive()
    }
}

struct Shared {
    /// Its outbox stays empty: it is filled in when somebody looks.
    picture: Picture,
    /// The numbers in the picture of matters that were shown under provisional ones.
    numbers: Arc<Numbers>,
    mailboxes: Vec<Weak<Mailbox>>,
    notices_given: u64,
    views_pushed: u64,
    /// When the difference of the clocks was last measured, or held because the clock was set.
    measured_at: Reading,
    /// The difference that the officers were told of since the start.
    told_offset_ms: Option<i64>,
    closed: bool,
}

impl Board {
    /// A board that shows the situation, with a line that has not been tried yet.
    pub fn new(
        clock: Arc<dyn Clock>,
        situation: Situation,
        reference_version: u64,
        line: Line,
    ) -> Self {
        let measured_at = Reading::of(&*clock);
        let picture = Picture {
            reference_version,
            situation,
            line,
            outbox: Vec::new(),
            officer: None,
            notices: Vec::new(),
            pushed_view: None,
            now: measured_at.civil,
            is_offline_sign_in: false,
        };
        Self {
            clock,
            shared: Mutex::new(Shared {
                numbers: numbers_in(&picture.situation),
                picture,
                mailboxes: Vec::new(),
                notices_given: 0,
                views_pushed: 0,
                measured_at,
                told_offset_ms: None,
                closed: false,
            }),
            outbox: OnceLock::new(),
        }
    }

    /// A line that has not been tried yet.
    pub fn untried_line(
        backend: &str,
        now: Timestamp,
        last_contact: Option<Timestamp>,
        clock_offset_ms: i64,
    ) -> Line {
        Line {
            state: LineState::Connecting,
            since: now,
            last_contact,
            clock_offset_ms,
            behind: 0,
            detail: String::new(),
            backend: backend.to_owned(),
        }
    }

    /// Says where the outbox is; the first call counts.
    pub fn show_outbox(&self, outbox: Weak<dyn OutboxView>) {
        // A second call is a mistake of the caller without consequences.
        self.outbox.set(outbox).ok();
    }

    fn outbox_items(&self) -> Vec<OutboxItem> {
        self.outbox
            .get()
            .and_then(Weak::upgrade)
            .map(|outbox| outbox.items())
            .unwrap_or_default()
    }

    /// The hall's clock corrected by the measured offset.
    pub fn now(&self) -> Timestamp {
        self.corrected(&lock(&self.shared))
    }

    /// Begins to watch; the first look gives the picture.
    pub fn subscribe(self: &Arc<Self>) -> Subscription {
        let mailbox = Arc::new(Mailbox::default());
        let mut shared = lock(&self.shared);
        lock(&mailbox.pending).snapshot_due = true;
        mailbox.closed.store(shared.closed, Ordering::SeqCst);
        mailbox.changed.notify_one();
        shared.mailboxes.retain(|m| m.strong_count() > 0);
        shared.mailboxes.push(Arc::downgrade(&mailbox));
        drop(shared);
        Subscription {
            board: Arc::clone(self),
            mailbox,
        }
    }

    /// The present picture.
    pub fn picture(&self) -> Picture {
        let mut picture = lock(&self.shared).picture.clone();
        picture.now = self.now();
        picture.outbox = self.outbox_items();
        picture
    }

    /// Looks at the picture without copying it; its outbox is empty.
    pub fn read<T>(&self, look: impl FnOnce(&Picture) -> T) -> T {
        look(&lock(&self.shared).picture)
    }

    /// The numbers that matters have got which were shown under provisional ones.
    pub fn numbers(&self) -> Arc<Numbers> {
        Arc::clone(&lock(&self.shared).numbers)
    }

    /// What items of the outbox are shown by; to be taken before the outbox is locked.
    pub fn glance(&self) -> Glance {
        let shared = lock(&self.shared);
        Glance {
            numbers: Arc::clone(&shared.numbers),
            now: self.corrected(&shared),
        }
    }

    /// An order as it is shown.
    pub fn order(&self, id: OrderId) -> Option<domain::Order> {
        self.read(|picture| picture.situation.orders.get(&id).cloned())
    }

    /// Folds changes into the picture and tells the watchers what really changed.
    pub fn publish(&self, changes: impl IntoIterator<Item = PictureChange>) {
        let mut shared = lock(&self.shared);
        let shared = &mut *shared;
        let mut fresh: Vec<_> = changes
            .into_iter()
            .map(|change| about_numbers(change, &shared.numbers))
            .filter_map(|change| fold(&mut shared.picture, change))
            .collect();
        // What the outbox holds about a matter that got its number is about that number now.
        let numbers = fresh.iter().filter_map(number_given);
        let news: Vec<_> = numbers
            .filter(|(provisional, id)| shared.numbers.get(provisional) != Some(id))
            .collect();
        if !news.is_empty() {
            Arc::make_mut(&mut shared.numbers).extend(news);
            fresh.push(PictureChange::Outbox(Vec::new()));
        }
        shared.post(&fresh);
    }

    /// Publishes records.
    pub fn publish_records(&self, records: impl IntoIterator<Item = Record>) {
        self.publish(records.into_iter().map(PictureChange::Record));
    }

    /// Replaces the situation; every watcher starts from a picture again.
    pub fn replace(&self, situation: Situation) {
        let mut shared = lock(&self.shared);
        if shared.picture.situation == situation {
            return;
        }
        shared.numbers = numbers_in(&situation);
        shared.picture.situation = situation;
        for mailbox in shared.mailboxes.iter().filter_map(Weak::upgrade) {
            lock(&mailbox.pending).restart();
            mailbox.changed.notify_one();
        }
    }

    /// Changes the line; watchers are told when more than its age changed.
    pub fn set_line(&self, change: impl FnOnce(&mut Line)) {
        self.change_line(&mut lock(&self.shared), change);
    }

    fn change_line(&self, shared: &mut Shared, change: impl FnOnce(&mut Line)) {
        let before = shared.picture.line.clone();
        change(&mut shared.picture.line);
        if shared.picture.line.state != before.state {
            shared.picture.line.since = self.corrected(shared);
        }
        let line = shared.picture.line.clone();
        let only_age = Line {
            last_contact: before.last_contact,
            ..line.clone()
        } == before;
        if !only_age {
            shared.post(&[PictureChange::Line(line)]);
        }
    }

    /// Tells everybody something once.
    pub fn notify(&self, kind: NoticeKind, detail: String) {
        let mut shared = lock(&self.shared);
        shared.notices_given += 1;
        let notice = Notice {
            number: shared.notices_given,
            at: self.corrected(&shared),
            kind,
            detail,
        };
        let change = fold(&mut shared.picture, PictureChange::Notice(notice));
        shared.post(&Vec::from_iter(change));
    }

    /// Tells the officers what is not among the notices yet.
    pub fn notify_once(&self, kind: NoticeKind, detail: String) {
        let is_known = self.read(|picture| {
            let mut notices = picture.notices.iter();
            notices.any(|notice| notice.kind == kind && notice.detail == detail)
        });
        if !is_known {
            self.notify(kind, detail);
        }
    }

    /// Shows a view on every wall, or lets them return to their own. The view gets its number here.
    pub fn push_view(&self, mut view: Option<PushedView>) {
        let mut shared = lock(&self.shared);
        if let Some(view) = &mut view {
            shared.views_pushed += 1;
            view.number = shared.views_pushed;
        }
        let change = fold(&mut shared.picture, PictureChange::PushedView(view));
        shared.post(&Vec::from_iter(change));
    }

    /// Ends all subscriptions.
    pub fn close(&self) {
        let mut shared = lock(&self.shared);
        shared.closed = true;
        for mailbox in shared.mailboxes.iter().filter_map(Weak::upgrade) {
            mailbox.closed.store(true, Ordering::SeqCst);
            mailbox.changed.notify_one();
        }
    }
}

impl Shared {
    fn post(&self, changes: &[PictureChange]) {
        if changes.is_empty() {
            return;
        }
        for mailbox in self.mailboxes.iter().filter_map(Weak::upgrade) {
            let mut pending = lock(&mailbox.pending);
            for change in changes {
                pending.push(change);
            }
            drop(pending);
            mailbox.changed.notify_one();
        }
    }
}

/// Folds one change; `None` when it changed nothing.
fn fold(picture: &mut Picture, change: PictureChange) -> Option<PictureChange> {
    match change {
        PictureChange::Record(Record::Order(order)) if faults::has(Fault::ShowOlderRecord) => {
            let shown = &mut picture.situation.orders;
            shown.insert(order.id, (*order).clone());
            Some(PictureChange::Record(Record::Order(order)))
        }
        PictureChange::Record(Record::Incident(mut incident)) if faults::has(Fault::EchoStays) => {
            incident.particulars.provisional = None;
            picture.situation.apply(Record::Incident(incident.clone()));
            Some(PictureChange::Record(Record::Incident(incident)))
        }
        PictureChange::Record(record) => {
            let touched = picture.situation.apply(record.clone());
            (touched != Touched::Nothing).then_some(PictureChange::Record(record))
        }
        PictureChange::Positions(mut fixes) => {
            fixes.retain(|fix| {
                if faults::has(Fault::ShowOlderPosition) {
                    picture.situation.lose(fix.person);
                }
                picture.situation.locate(*fix)
            });
            (!fixes.is_empty()).then_some(PictureChange::Positions(fixes))
        }
        PictureChange::PositionsGone(mut people) => {
            people.retain(|person| picture.situation.lose(*person));
            (!people.is_empty()).then_some(PictureChange::PositionsGone(people))
        }
        PictureChange::Line(line) => {
            picture.line = line.clone();
            Some(PictureChange::Line(line))
        }
        PictureChange::Officer(officer) => {
            picture.officer.clone_from(&officer);
            Some(PictureChange::Officer(officer))
        }
        PictureChange::OfflineSignIn(is_offline) => {
            let is_news = picture.is_offline_sign_in != is_offline;
            picture.is_offline_sign_in = is_offline;
            is_news.then_some(PictureChange::OfflineSignIn(is_offline))
        }
        PictureChange::Notice(notice) => {
            picture.notices.push(notice.clone());
            let surplus = picture.notices.len().saturating_sub(NOTICES_KEPT);
            picture.notices.drain(..surplus);
            Some(PictureChange::Notice(notice))
        }
        PictureChange::PushedView(view) => {
            picture.pushed_view.clone_from(&view);
            Some(PictureChange::PushedView(view))
        }
        PictureChange::Reference { version } => {
            picture.reference_version = version;
            Some(PictureChange::Reference { version })
        }
        // The whole outbox is looked up when a frame is built; here it is only known to have changed.
        PictureChange::Outbox(_) => Some(PictureChange::Outbox(Vec::new())),
        PictureChange::IncidentGone(id) => {
            let was_shown = picture.situation.forget_provisional(id);
            was_shown.then_some(PictureChange::IncidentGone(id))
        }
        PictureChange::OutboxItems(items) if items.is_empty() => None,
        PictureChange::OutboxLeft(keys) if keys.is_empty() => None,
        other @ (PictureChange::OutboxItems(_)
        | PictureChange::OutboxLeft(_)
        | PictureChange::TrailGrew(_)) => Some(other),
    }
}

/// Of the record of a matter that was shown under a provisional number, that and its own.
fn number_given(change: &PictureChange) -> Option<(IncidentId, IncidentId)> {
    match change {
        PictureChange::Record(Record::Incident(incident)) => {
            Some((incident.particulars.provisional?, incident.id))
        }
        _ => None,
    }
}

/// Items of the outbox are about the numbers that are shown by now: a matter may have got its own
/// since they were made.
fn about_numbers(change: PictureChange, numbers: &Numbers) -> PictureChange {
    let number = |id: IncidentId| numbers.get(&id).copied().unwrap_or(id);
    match change {
        PictureChange::OutboxItems(mut items) if !numbers.is_empty() => {
            for item in &mut items {
                item.proposal.intent = item.proposal.intent.renumbered(number);
            }
            PictureChange::OutboxItems(items)
        }
        other => other,
    }
}

fn numbers_in(situation: &Situation) -> Arc<Numbers> {
    let incidents = situation.incidents.values();
    let numbered = incidents.filter_map(|i| Some((i.particulars.provisional?, i.id)));
    Arc::new(numbered.collect())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in this module leaves its data half changed when it panics.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
