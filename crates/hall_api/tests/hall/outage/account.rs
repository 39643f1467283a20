//! What has to have come of every action, and the comparison with what the backend has.

use std::collections::{BTreeMap, HashMap};

use domain::duty::LogEntry;
use domain::trail::{Action, ActionKind, Actor, TrailEntry};
use domain::{IncidentId, IntentKey, OfficerId, OrderId, OrderState, Situation, Timestamp};
use hall_api::Hall;
use protocol::commands::GetTrail;
use protocol::http::{Receipt, Snapshot};

/// What an action has to have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A note whose text is the key.
    Note,
    /// An order whose number is the key.
    Order,
    /// The order is withdrawn.
    Withdrawal(OrderId),
    /// Another step.
    Step(ActionKind),
    /// The mode was switched.
    Mode,
    /// A matter is opened, taken in by telephone.
    Report,
    /// An entry of the duty log whose text is the key.
    Entry,
    /// A signature on the handover of that name.
    Signature(IntentKey),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Done,
    /// Dropped before it was sent.
    TakenBack,
    /// Refused by the backend, with a reason.
    Parked,
}

#[derive(Debug)]
struct Entry {
    key: IntentKey,
    officer: OfficerId,
    incident: Option<IncidentId>,
    at: Timestamp,
    effect: Effect,
    fate: Fate,
}

/// Every action in the order of the clicks.
#[derive(Debug, Default)]
pub struct Account {
    entries: Vec<Entry>,
    places: HashMap<IntentKey, usize>,
    /// Proposals that other halls have made.
    pub others: usize,
}

impl Account {
    /// What was written into the duty log and what was signed: each by its officer at its time, and
    /// of each officer in the order of the desk.
    fn settle_duty(&self, db: &rusqlite::Connection, snapshot: &Snapshot) {
        let mut newest: HashMap<&OfficerId, u64> = HashMap::new();
        let handovers = &snapshot.situation.handovers;
        for entry in &self.entries {
            let cursor = match entry.effect {
                Effect::Entry => {
                    let (written, cursor) = entry_in(db, entry.key);
                    let told = (&written.officer, written.at, written.text);
                    assert_eq!(told, (&entry.officer, entry.at, entry.key.to_string()));
                    cursor
                }
                Effect::Signature(sheet) => {
                    let handover = &handovers[&sheet];
                    let sides = (&handover.sheet.outgoing, &handover.sheet.incoming);
                    let (officer, signature) = if entry.key == sheet {
                        (sides.0, handover.outgoing)
                    } else {
                        (sides.1, handover.incoming)
                    };
                    assert_eq!(*officer, entry.officer, "{entry:?}");
                    assert_eq!(signature.map(|s| s.at), Some(entry.at), "{entry:?}");
                    let sql = "SELECT receipt FROM proposals WHERE key = ?1";
                    let key = entry.key.to_string();
                    let found: String = db.query_row(sql, [key], |row| row.get(0)).unwrap();
                    receipt(&found)
                }
                _ => continue,
            };
            let before = newest.insert(&entry.officer, cursor);
            assert!(
                before < Some(cursor),
                "{entry:?} has overtaken what was before it"
            );
        }
    }

    pub fn expect(
        &mut self,
        key: IntentKey,
        officer: &OfficerId,
        incident: Option<IncidentId>,
        at: Timestamp,
        effect: Effect,
    ) {
        self.places.insert(key, self.entries.len());
        self.entries.push(Entry {
            key,
            officer: officer.clone(),
            incident,
            at,
            effect,
            fate: Fate::Done,
        });
    }

    fn entry(&mut self, key: IntentKey) -> &mut Entry {
        let place = self.places.get(&key).expect("the key is one of ours");
        &mut self.entries[*place]
    }

    pub fn take_back(&mut self, key: IntentKey) {
        self.entry(key).fate = Fate::TakenBack;
    }

    pub fn parked(&mut self, key: IntentKey) {
        let entry = self.entry(key);
        assert_eq!(entry.fate, Fate::Done, "{key} is parked and something else");
        entry.fate = Fate::Parked;
    }

    /// What is shown, without the orders that an officer has dropped: only this hall knows of them,
    /// and it shows them as withdrawn until it starts again.
    pub fn without_dropped(&self, mut situation: Situation) -> Situation {
        let is_done = |key: &IntentKey| {
            let place = self.places.get(key);
            place.is_none_or(|place| self.entries[*place].fate == Fate::Done)
        };
        situation.orders.retain(|key, _| is_done(key));
        situation
    }

    pub fn dropped(&self) -> usize {
        let all = self.entries.iter();
        all.filter(|entry| entry.fate == Fate::TakenBack).count()
    }

    /// Compares with the backend's table of proposals, its trails and its orders.
    pub async fn settle(&self, db: &rusqlite::Connection, hall: &Hall, snapshot: &Snapshot) {
        let carried_out = keys(db);
        for entry in &self.entries {
            let times = carried_out.get(&entry.key).copied().unwrap_or(0);
            let wanted = usize::from(entry.fate == Fate::Done);
            assert_eq!(times, wanted, "{entry:?}");
        }
        let done = self.entries.iter().filter(|e| e.fate == Fate::Done);
        assert_eq!(carried_out.len(), done.count() + self.others);

        self.settle_duty(db, snapshot);
        let mut of_incidents: BTreeMap<IncidentId, Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            match entry.incident {
                // What was wanted about a matter without a number was done about its number.
                Some(incident) => {
                    let number = snapshot.situation.number_of(incident);
                    assert!(!number.is_provisional(), "{entry:?} is about no matter");
                    of_incidents.entry(number).or_default().push(entry);
                }
                None if entry.effect == Effect::Mode => entry.check_mode(db),
                None => {}
            }
        }
        let mut trails: BTreeMap<IncidentId, Vec<&TrailEntry>> = BTreeMap::new();
        for step in &snapshot.trail {
            trails.entry(step.incident).or_default().push(step);
        }
        for (incident, entries) in of_incidents {
            let trail = trails.remove(&incident).expect("it is still shown");
            let cached = hall.get_trail(GetTrail { incident }).await.unwrap();
            assert!(trail.iter().copied().eq(&cached), "the trail of {incident}");
            let mut before = 0;
            for entry in entries {
                let Some(place) = entry.place_in(&trail, snapshot) else {
                    continue;
                };
                assert!(place > before, "{entry:?} has overtaken what was before it");
                before = place;
            }
        }
    }
}

/// When and by whom an entry of the duty log was written, and where among all that was carried out.
fn entry_in(db: &rusqlite::Connection, key: IntentKey) -> (LogEntry, u64) {
    let sql = "SELECT body, receipt FROM duty_log JOIN proposals ON key = id WHERE id = ?1";
    let found: (String, String) = db
        .query_row(sql, [key.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("the entry is there");
    (serde_json::from_str(&found.0).unwrap(), receipt(&found.1))
}

fn receipt(text: &str) -> u64 {
    let receipt: Receipt = serde_json::from_str(text).unwrap();
    receipt.cursor
}

fn keys(db: &rusqlite::Connection) -> HashMap<IntentKey, usize> {
    let mut read = db.prepare("SELECT key FROM proposals").unwrap();
    let mut rows = read.query([]).unwrap();
    let mut keys = HashMap::new();
    while let Some(row) = rows.next().unwrap() {
        let key: String = row.get(0).unwrap();
        *keys.entry(key.parse().unwrap()).or_default() += 1;
    }
    keys
}

impl Entry {
    fn is_this(&self, action: &Action) -> bool {
        match (self.effect, action) {
            (Effect::Note, Action::Note { text }) => *text == self.key.to_string(),
            (Effect::Order, Action::Dispatch { order, .. }) => *order == self.key,
            (Effect::Withdrawal(withdrawn), Action::Undispatch { order }) => withdrawn == *order,
            (Effect::Step(kind), action) => action.kind() == kind,
            (Effect::Report, Action::Report(_)) => true,
            _ => false,
        }
    }

    /// Where in the trail it stands: exactly once with its officer and its time where it was carried
    /// out, and nowhere otherwise.
    fn place_in(&self, trail: &[&TrailEntry], snapshot: &Snapshot) -> Option<u32> {
        let is_step = matches!(self.effect, Effect::Step(_));
        let found: Vec<_> = trail
            .iter()
            .filter(|step| self.is_this(&step.action))
            .filter(|step| !is_step || step.occurred_at == self.at)
            .collect();
        if let Effect::Withdrawal(order) = self.effect {
            let stamps = &snapshot.situation.orders[&order].stamps;
            let taken_back = |stamp: &&domain::orders::OrderStamp| {
                stamp.state == OrderState::Withdrawn && stamp.at == self.at
            };
            let times = stamps.iter().filter(taken_back).count();
            assert_eq!(times, usize::from(self.fate == Fate::Done), "{self:?}");
            // An order that its matter no longer counted leaves no step.
            let step = found.iter().find(|step| step.occurred_at == self.at);
            return step.map(|step| step.step);
        }
        if self.fate != Fate::Done {
            assert!(found.is_empty(), "{self:?} had an effect: {found:?}");
            return None;
        }
        let [step] = found.as_slice() else {
            panic!("{self:?} had {} effects", found.len());
        };
        assert_eq!(step.occurred_at, self.at, "{self:?}");
        assert_eq!(step.by, Actor::Officer(self.officer.clone()), "{self:?}");
        Some(step.step)
    }

    fn check_mode(&self, db: &rusqlite::Connection) {
        let sql = "SELECT count(*) FROM modes WHERE occurred_at = ?1 AND officer = ?2";
        let asked = (self.at.unix_ms(), &self.officer.0);
        let times: i64 = db.query_row(sql, asked, |row| row.get(0)).unwrap();
        assert_eq!(times, i64::from(self.fate == Fate::Done), "{self:?}");
    }
}
