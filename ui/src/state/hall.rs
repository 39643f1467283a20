//! The picture of the hall and how frames of the feed change it.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::situation::Touched;
use domain::trail::Officer;
use domain::{IncidentId, IntentKey, OrderId, PersonId, Situation, Timestamp};
use protocol::feed::{
    Frame, Line, LineState, Notice, OutboxItem, Picture, PictureChange, PushedView,
};

/// Notices kept for the notice area; older ones are dropped.
const NOTICES_KEPT: usize = 50;

/// The picture as the feed has told it so far.
#[derive(Debug, Clone)]
pub struct Hall {
    /// Incidents, orders, people, positions and mode.
    pub situation: Situation,
    /// The line to the backend.
    pub line: Line,
    /// Proposals on their way, oldest first.
    pub outbox: Vec<OutboxItem>,
    /// The signed-in officer; always `None` on a wall.
    pub officer: Option<Officer>,
    /// Notices since the start, oldest first.
    pub notices: Vec<Notice>,
    /// What the walls show at a desk's request.
    pub pushed_view: Option<PushedView>,
    /// Whether the officer has signed in without the line and is not known at the backend yet.
    pub is_offline_sign_in: bool,
    /// Version of the reference data in force; 0 while there is none.
    pub reference_version: u64,
    /// Whether a first snapshot has arrived.
    pub has_picture: bool,
    /// Number that the next delta must have.
    next_delta: u64,
}

impl Default for Hall {
    fn default() -> Self {
        Self {
            situation: Situation::default(),
            line: Line {
                state: LineState::Connecting,
                since: Timestamp::default(),
                last_contact: None,
                clock_offset_ms: 0,
                behind: 0,
                detail: String::new(),
                backend: String::new(),
            },
            outbox: Vec::new(),
            officer: None,
            notices: Vec::new(),
            pushed_view: None,
            is_offline_sign_in: false,
            reference_version: 0,
            has_picture: false,
            next_delta: 1,
        }
    }
}

/// What one frame changed, so that only that is drawn again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one part of the picture that did or did not change"
)]
pub struct Changes {
    /// A new beginning: everything may have changed; the sets below are then empty.
    pub everything: bool,
    /// Incidents that changed.
    pub incidents: BTreeSet<IncidentId>,
    /// Orders that changed.
    pub orders: BTreeSet<OrderId>,
    /// Roster entries that changed.
    pub people: BTreeSet<PersonId>,
    /// People who moved.
    pub positions: BTreeSet<PersonId>,
    /// Incidents whose trail grew.
    pub trails: BTreeSet<IncidentId>,
    /// Whether the mode changed.
    pub mode: bool,
    /// Whether the line changed.
    pub line: bool,
    /// Whether the outbox changed.
    pub outbox: bool,
    /// Whether another officer is signed in, or none.
    pub officer: bool,
    /// Whether there is a new notice.
    pub notices: bool,
    /// Whether the walls are to show something else.
    pub pushed_view: bool,
    /// Whether other reference data is in force.
    pub reference: bool,
    /// Whether the duty log or a handover changed.
    pub duty: bool,
}

/// Whether a frame could be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It changed this; the instant is the hall's corrected clock.
    Applied(Timestamp, Box<Changes>),
    /// A delta is missing, or none may come before a snapshot: subscribe again.
    Gap,
}

impl Hall {
    /// Whether anything of a backend was ever received.
    pub fn has_data(&self) -> bool {
        self.has_picture && (self.reference_version > 0 || self.line.last_contact.is_some())
    }

    /// Applies a frame; after a gap nothing has changed.
    pub fn take(&mut self, frame: Frame) -> Taken {
        match frame {
            Frame::Snapshot(picture) => {
                let now = picture.now;
                self.begin(*picture);
                let changes = Changes {
                    everything: true,
                    ..Changes::default()
                };
                Taken::Applied(now, Box::new(changes))
            }
            Frame::Delta {
                number,
                now,
                changes,
            } => {
                if !self.has_picture || number != self.next_delta {
                    return Taken::Gap;
                }
                self.next_delta += 1;
                let mut changed = Changes::default();
                for change in changes {
                    self.apply(change, &mut changed);
                }
                Taken::Applied(now, Box::new(changed))
            }
        }
    }

    fn begin(&mut self, picture: Picture) {
        *self = Self {
            situation: picture.situation,
            line: picture.line,
            outbox: picture.outbox,
            officer: picture.officer,
            notices: picture.notices,
            pushed_view: picture.pushed_view,
            is_offline_sign_in: picture.is_offline_sign_in,
            reference_version: picture.reference_version,
            has_picture: true,
            next_delta: 1,
        };
    }

    fn apply(&mut self, change: PictureChange, changed: &mut Changes) {
        match change {
            PictureChange::Record(record) => match self.situation.apply(record) {
                Touched::Nothing => {}
                Touched::Incident(id) => {
                    changed.incidents.insert(id);
                    self.note_numbered(id, changed);
                }
                Touched::Order(id) => {
                    changed.orders.insert(id);
                }
                Touched::Person(id) => {
                    changed.people.insert(id);
                }
                Touched::Mode => changed.mode = true,
                Touched::Duty => changed.duty = true,
            },
            PictureChange::Positions(fixes) => {
                let people = fixes.into_iter().map(|fix| (fix.person, fix));
                let moved =
                    people.filter_map(|(person, fix)| self.situation.locate(fix).then_some(person));
                changed.positions.extend(moved);
            }
            PictureChange::PositionsGone(people) => {
                let gone = people
                    .into_iter()
                    .filter(|person| self.situation.lose(*person));
                changed.positions.extend(gone);
            }
            PictureChange::Line(line) => {
                changed.line |= self.line != line;
                self.line = line;
            }
            PictureChange::Outbox(outbox) => {
                changed.outbox |= self.outbox != outbox;
                self.outbox = outbox;
            }
            PictureChange::OutboxItems(items) => {
                changed.outbox |= take_items(&mut self.outbox, items);
            }
            PictureChange::OutboxLeft(keys) => {
                changed.outbox |= let_go(&mut self.outbox, keys);
            }
            PictureChange::Officer(officer) => {
                changed.officer |= self.officer != officer;
                self.officer = officer;
            }
            PictureChange::Notice(notice) => {
                keep_notice(&mut self.notices, notice);
                changed.notices = true;
            }
            PictureChange::Reference { version } => {
                changed.reference |= self.reference_version != version;
                self.reference_version = version;
            }
            PictureChange::PushedView(view) => {
                changed.pushed_view |= self.pushed_view != view;
                self.pushed_view = view;
            }
            PictureChange::OfflineSignIn(is_offline) => {
                changed.officer |= self.is_offline_sign_in != is_offline;
                self.is_offline_sign_in = is_offline;
            }
            PictureChange::TrailGrew(incident) => {
                changed.trails.insert(incident);
            }
            PictureChange::IncidentGone(incident) => self.forget(incident, changed),
        }
    }

    /// A matter that was shown without a number is given up.
    fn forget(&mut self, incident: IncidentId, changed: &mut Changes) {
        let about_it = self.orders_about(incident);
        if self.situation.forget_provisional(incident) {
            changed.incidents.insert(incident);
            changed.orders.extend(about_it);
        }
    }

    /// With its number a matter takes the place of the one without, and its orders are about it.
    fn note_numbered(&self, id: IncidentId, changed: &mut Changes) {
        let incident = self.situation.incidents.get(&id);
        let provisional = incident.and_then(|incident| incident.particulars.provisional);
        if let Some(provisional) = provisional {
            changed.incidents.insert(provisional);
            changed.orders.extend(self.orders_about(id));
        }
    }

    fn orders_about(&self, incident: IncidentId) -> Vec<OrderId> {
        let orders = self.situation.orders.values();
        let about_it = orders.filter(|order| order.incident == incident);
        about_it.map(|order| order.id).collect()
    }
}

/// Forgets items that have left; says whether there were any.
fn let_go(outbox: &mut Vec<OutboxItem>, keys: Vec<IntentKey>) -> bool {
    let before = outbox.len();
    let left: HashSet<IntentKey> = keys.into_iter().collect();
    outbox.retain(|item| !left.contains(&item.proposal.key));
    outbox.len() != before
}

/// Keeps the newest notices.
fn keep_notice(notices: &mut Vec<Notice>, notice: Notice) {
    notices.push(notice);
    let surplus = notices.len().saturating_sub(NOTICES_KEPT);
    notices.drain(..surplus);
}

/// Takes items as they now are, in one pass over the outbox however many came; new ones are the
/// youngest. Says whether anything changed.
fn take_items(outbox: &mut Vec<OutboxItem>, items: Vec<OutboxItem>) -> bool {
    let mut is_changed = false;
    let mut order = Vec::with_capacity(items.len());
    let mut came = HashMap::with_capacity(items.len());
    for item in items {
        let key = item.proposal.key;
        if came.insert(key, item).is_none() {
            order.push(key);
        }
    }
    for shown in &mut *outbox {
        if let Some(item) = came.remove(&shown.proposal.key) {
            is_changed |= *shown != item;
            *shown = item;
        }
    }
    let new = order.iter().filter_map(|key| came.remove(key));
    let before = outbox.len();
    outbox.extend(new);
    is_changed || outbox.len() != before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::panels::tests::{NOW, incident, picture};
    use domain::situation::Record;
    use domain::{LonLat, PositionFix};

    fn started() -> Hall {
        let mut hall = Hall::default();
        hall.take(Frame::Snapshot(Box::new(picture())));
        hall
    }

    fn delta(number: u64, changes: Vec<PictureChange>) -> Frame {
        Frame::Delta {
            number,
            now: NOW,
            changes,
        }
    }

    fn fix(person: u32, at_ms: i64) -> PositionFix {
        PositionFix {
            person: PersonId(person),
            location: LonLat::new(104.0, 30.6),
            at: NOW.plus_ms(at_ms),
            accuracy_m: 5.0,
            speed_mps: 0.0,
            heading_deg: 0.0,
            source_crs: domain::places::Crs::default(),
            source: domain::PositionSource::default(),
        }
    }

    #[test]
    fn a_picture_without_reference_data_and_contact_holds_nothing_of_a_backend() {
        let mut hall = started();
        hall.reference_version = 0;
        hall.line.last_contact = None;
        assert!(!hall.has_data(), "it never reached its backend");
        hall.line.last_contact = Some(NOW);
        assert!(hall.has_data(), "it has, and there is nothing");
        hall.line.last_contact = None;
        hall.reference_version = 7;
        assert!(hall.has_data(), "it has, before this start");
    }

    #[test]
    fn a_delta_before_the_snapshot_is_a_gap() {
        assert_eq!(Hall::default().take(delta(1, vec![])), Taken::Gap);
    }

    #[test]
    fn deltas_count_from_one_and_a_missing_one_is_a_gap_that_changes_nothing() {
        let mut hall = started();
        assert!(matches!(hall.take(delta(1, vec![])), Taken::Applied(..)));
        let changed = PictureChange::Reference { version: 99 };
        assert_eq!(hall.take(delta(3, vec![changed])), Taken::Gap);
        assert_ne!(hall.reference_version, 99);
        assert!(matches!(hall.take(delta(2, vec![])), Taken::Applied(..)));
    }

    #[test]
    fn who_may_no_longer_be_shown_is_forgotten_and_may_come_back() {
        let mut hall = started();
        hall.take(delta(1, vec![PictureChange::Positions(vec![fix(1, 0)])]));
        let gone = vec![PictureChange::PositionsGone(vec![PersonId(1), PersonId(2)])];
        let Taken::Applied(_, changes) = hall.take(delta(2, gone)) else {
            panic!("the delta was refused");
        };
        assert_eq!(changes.positions, BTreeSet::from([PersonId(1)]));
        assert!(!hall.situation.positions.contains_key(&PersonId(1)));
        hall.take(delta(3, vec![PictureChange::Positions(vec![fix(1, 0)])]));
        assert!(hall.situation.positions.contains_key(&PersonId(1)));
    }

    #[test]
    fn items_of_the_outbox_change_in_their_places_and_new_ones_are_the_youngest() {
        let item = |number: u128, attempts: u32| OutboxItem {
            conflict: None,
            is_held: false,
            can_drop: false,
            proposal: domain::Proposal {
                basis: None,
                key: IntentKey(uuid::Uuid::from_u128(number)),
                officer: "li.na".into(),
                occurred_at: NOW,
                intent: domain::Intent::SetMode {
                    mode: domain::Mode::Normal,
                    is_drill: false,
                },
            },
            state: domain::OrderState::Queued,
            attempts,
            last_error: None,
            next_attempt_at: None,
        };
        let mut hall = started();
        hall.outbox = vec![item(5, 0), item(1, 0), item(3, 0)];
        let came = vec![item(9, 0), item(1, 2), item(4, 0), item(9, 1)];
        hall.take(delta(1, vec![PictureChange::OutboxItems(came)]));
        let wanted = [item(5, 0), item(1, 2), item(3, 0), item(9, 1), item(4, 0)];
        assert_eq!(hall.outbox, wanted);
        let same = hall.take(delta(2, vec![PictureChange::OutboxItems(vec![item(1, 2)])]));
        assert!(matches!(same, Taken::Applied(_, changes) if !changes.outbox));
        let left = [item(5, 0), item(4, 0)].map(|item| item.proposal.key);
        hall.take(delta(3, vec![PictureChange::OutboxLeft(left.to_vec())]));
        assert_eq!(hall.outbox, [item(1, 2), item(3, 0), item(9, 1)]);
    }

    #[test]
    fn a_snapshot_begins_the_count_anew() {
        let mut hall = started();
        hall.take(delta(1, vec![]));
        hall.take(Frame::Snapshot(Box::new(picture())));
        assert!(matches!(hall.take(delta(1, vec![])), Taken::Applied(..)));
    }

    #[test]
    fn a_matter_that_gets_its_number_takes_its_orders_and_its_place_with_it() {
        let mut hall = started();
        let key = |n: u128| domain::IntentKey(uuid::Uuid::from_u128(n));
        let provisional = IncidentId::provisional(key(7));
        let mut echo = incident(1);
        echo.id = provisional;
        let order = domain::Order {
            id: key(8),
            incident: provisional,
            to: PersonId(1),
            by: "li.na".into(),
            instruction: String::new(),
            override_reason: None,
            stamps: Vec::new(),
        };
        let shown = vec![
            PictureChange::Record(Record::Incident(Box::new(echo.clone()))),
            PictureChange::Record(Record::Order(Box::new(order))),
        ];
        hall.take(delta(1, shown));
        let before = hall.situation.incidents.len();
        let mut numbered = echo;
        numbered.id = IncidentId::new(NOW, 99);
        numbered.particulars.provisional = Some(provisional);
        let real = numbered.id;
        let numbered = PictureChange::Record(Record::Incident(Box::new(numbered)));
        let Taken::Applied(_, changes) = hall.take(delta(2, vec![numbered])) else {
            panic!("the delta was refused");
        };
        assert_eq!(changes.incidents, BTreeSet::from([real, provisional]));
        assert_eq!(changes.orders, BTreeSet::from([key(8)]));
        assert_eq!(
            hall.situation.incidents.len(),
            before,
            "one in the other's place"
        );
        assert_eq!(hall.situation.orders[&key(8)].incident, real);
    }

    #[test]
    fn a_matter_that_is_given_up_is_gone_with_its_orders() {
        let mut hall = started();
        let key = domain::IntentKey(uuid::Uuid::from_u128(7));
        let provisional = IncidentId::provisional(key);
        let mut echo = incident(1);
        echo.id = provisional;
        let echo = PictureChange::Record(Record::Incident(Box::new(echo)));
        hall.take(delta(1, vec![echo]));
        let Taken::Applied(_, changes) =
            hall.take(delta(2, vec![PictureChange::IncidentGone(provisional)]))
        else {
            panic!("the delta was refused");
        };
        assert_eq!(changes.incidents, BTreeSet::from([provisional]));
        assert!(!hall.situation.incidents.contains_key(&provisional));
    }

    #[test]
    fn only_what_changed_is_named() {
        let mut hall = started();
        let mut newer = incident(1);
        newer.steps += 1;
        let older = incident(2);
        let frame = delta(
            1,
            vec![
                PictureChange::Record(Record::Incident(Box::new(newer))),
                PictureChange::Record(Record::Incident(Box::new(older))),
                PictureChange::Positions(vec![fix(1, 0), fix(1, -1000)]),
            ],
        );
        let Taken::Applied(_, changes) = hall.take(frame) else {
            panic!("the delta was refused");
        };
        assert_eq!(changes.incidents, BTreeSet::from([incident(1).id]));
        assert_eq!(changes.positions, BTreeSet::from([PersonId(1)]));
        assert!(!changes.everything && !changes.mode && !changes.line);
        assert_eq!(hall.situation.positions[&PersonId(1)].at, NOW);
    }
}
