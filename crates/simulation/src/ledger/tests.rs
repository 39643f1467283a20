//! What the ledger makes of clicks that queued nothing, and of withdrawals whose order goes.

use domain::{IncidentId, IncidentState};
use testkit::builders::{incident, key, send};

use super::*;

const HALL: usize = 3;

fn place() -> IncidentId {
    incident(1, IncidentState::Filed).id
}

fn compose(ledger: &mut Ledger, number: u128, intent: &Intent, parked: &[u128]) {
    let parked = keys(parked);
    ledger.compose(HALL, key(number), LaneId::Incident(place()), intent, parked);
}

fn keys(numbers: &[u128]) -> BTreeSet<IntentKey> {
    numbers.iter().map(|number| key(*number)).collect()
}

fn parked_before(ledger: &Ledger, number: u128) -> &BTreeSet<IntentKey> {
    let wish = ledger.get(key(number)).expect("it was composed");
    &wish.parked_before
}

#[test]
fn a_wish_waits_for_all_but_what_was_parked_when_it_was_queued() {
    let mut ledger = Ledger::default();
    compose(&mut ledger, 1, &send(place(), 1), &[8]);
    ledger.clicked(key(1), keys(&[8]));
    ledger.not_taken(key(1));
    // Until it is known which click has queued it, any of them may have.
    ledger.clicked(key(1), keys(&[9]));
    assert_eq!(*parked_before(&ledger, 1), keys(&[8, 9]));
    // The parked one is exchanged while the click is under way.
    ledger.stands_in_for(key(10), key(9));
    ledger.promised(key(1), true);
    assert_eq!(*parked_before(&ledger, 1), keys(&[9, 10]));
    // What is parked at a click on what is queued already must not overtake it.
    ledger.clicked(key(1), keys(&[11]));
    ledger.promised(key(1), false);
    assert_eq!(*parked_before(&ledger, 1), keys(&[9, 10]));
}

#[test]
fn a_withdrawal_goes_with_its_order_and_with_no_other() {
    let mut ledger = Ledger::default();
    for (number, order) in [(3, 1), (4, 2)] {
        compose(&mut ledger, order, &send(place(), 1), &[]);
        let withdrawal = Intent::WithdrawOrder {
            incident: place(),
            order: key(order),
            reason: String::new(),
        };
        compose(&mut ledger, number, &withdrawal, &[]);
    }
    ledger.dropped(key(1), Dropped::Yes);
    let dropped = ledger.wishes().filter(|wish| wish.dropped == Dropped::Yes);
    let dropped: BTreeSet<IntentKey> = dropped.map(|wish| wish.key).collect();
    assert_eq!(dropped, keys(&[1, 3]));
}
