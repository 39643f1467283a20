//! The street: matters are reported, people move, and their phones answer orders.

use std::sync::Arc;

use domain::places::Crs;
use domain::{OrderId, OrderState, PersonId};
use protocol::http::{FieldReceipt, NewPosition};
use testkit::builders;

use crate::authority::{Authority, PEOPLE};
use crate::dice::Dice;
use crate::world::World;

/// Matters that are reported in a run.
const MATTERS: u64 = 14;

/// What a phone may say next, in the order of an order's way.
const ANSWERS: [OrderState; 6] = [
    OrderState::Delivered,
    OrderState::Read,
    OrderState::Accepted,
    OrderState::Arrived,
    OrderState::Done,
    OrderState::Refused,
];

/// Lives on until the trouble is over.
pub async fn live(world: Arc<World>, dice: Dice) {
    let authority = &world.authority;
    let mut reported = 0;
    for _ in 0..6 {
        report(&world, &mut reported);
    }
    let mut rounds = 0u64;
    while world.is_stormy.get() {
        tokio::time::sleep(dice.millis(100, 900)).await;
        rounds += 1;
        match dice.below(10) {
            0 if reported < MATTERS => report(&world, &mut reported),
            0..=4 => walk(&world, &dice),
            _ => answer(&world, &dice),
        }
        if rounds.is_multiple_of(60) {
            authority.escalate();
        }
    }
}

fn report(world: &World, reported: &mut u64) {
    *reported += 1;
    let report = builders::report(u128::from(*reported), world.timeline.now());
    world.authority.report(&report);
}

fn walk(world: &World, dice: &Dice) {
    let positions = (0..dice.between(1, 4)).map(|_| NewPosition {
        person: Authority::person(dice.below(u64::from(PEOPLE))),
        location: builders::CENTRE,
        crs: Crs::default(),
        at: world.timeline.now(),
        accuracy_m: 5.0,
        speed_mps: 1.0,
        heading_deg: dice.below(360) as f32,
    });
    world.authority.locate(positions.collect());
}

fn answer(world: &World, dice: &Dice) {
    let under_way: Vec<(OrderId, PersonId)> = world.authority.present(|situation| {
        let orders = situation.orders.values();
        orders
            .filter(|order| order.state().is_under_way())
            .map(|order| (order.id, order.to))
            .collect()
    });
    let (Some((order, person)), Some(state)) = (dice.pick(&under_way), dice.pick(&ANSWERS)) else {
        return;
    };
    world.authority.take_receipt(FieldReceipt {
        order: *order,
        person: *person,
        state: *state,
        at: world.timeline.now(),
        location: Some(builders::CENTRE),
        crs: Crs::default(),
        note: Some("已处置".to_owned()),
        refusal_reason: (*state == OrderState::Refused).then(|| "graver_matter".into()),
    });
}
