//! The table of order states holds what promise and standard ask, and orders only move forward.

use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::OrderState as S;
use super::*;

fn state() -> impl Strategy<Value = OrderState> {
    proptest::sample::select(OrderState::ALL.to_vec())
}

fn order() -> Order {
    Order {
        id: crate::IntentKey(Uuid::from_u128(1)),
        incident: IncidentId(20_261_120_000_001),
        to: PersonId(1),
        by: OfficerId::from("li.na"),
        instruction: String::new(),
        override_reason: None,
        stamps: vec![stamp(S::Queued, 0)],
    }
}

fn stamp(state: OrderState, minute: i64) -> OrderStamp {
    OrderStamp {
        state,
        at: Timestamp::from_unix_ms(minute * crate::time::MINUTE_MS),
        location: None,
        note: None,
        source_crs: crate::places::Crs::default(),
    }
}

/// The table again, in words and by another way: a rank for each state of the way, and ends that
/// everything under way reaches.
#[test]
fn the_table_is_the_way_forward() {
    let rank = |state| match state {
        S::Queued => 0,
        S::Parked => 1,
        S::Sent => 2,
        S::Delivered => 3,
        S::Read => 4,
        S::Accepted => 5,
        S::Arrived => 6,
        S::Done | S::Refused | S::Withdrawn => 7,
    };
    for from in S::ALL {
        for to in S::ALL {
            assert_eq!(
                from.may_become(to),
                rank(from) < rank(to),
                "{from:?} to {to:?}"
            );
        }
    }
}

#[test]
fn rows_and_columns_follow_the_list_of_all_states() {
    let listed: BTreeSet<_> = S::ALL.into_iter().collect();
    assert_eq!(listed.len(), S::ALL.len());
    for (index, state) in S::ALL.into_iter().enumerate() {
        assert_eq!(state as usize, index, "{state:?}");
        let json = serde_json::to_string(&state).expect("JSON");
        assert_eq!(json, format!("\"{}\"", state.name()));
    }
}

#[test]
fn no_state_can_be_left_and_reached_again() {
    // Depth-first over the table: a cycle would let a status go back.
    fn reaches(from: OrderState, goal: OrderState, seen: &mut BTreeSet<OrderState>) -> bool {
        S::ALL
            .into_iter()
            .filter(|next| from.may_become(*next))
            .any(|next| next == goal || (seen.insert(next) && reaches(next, goal, seen)))
    }
    for state in S::ALL {
        assert!(
            !reaches(state, state, &mut BTreeSet::new()),
            "{state:?} lies on a cycle"
        );
    }
}

#[test]
fn final_states_have_no_way_out_and_all_others_can_be_withdrawn() {
    for state in S::ALL {
        assert_eq!(
            state.is_final(),
            !S::ALL.iter().any(|n| state.may_become(*n))
        );
        assert_eq!(!state.is_final(), state.may_become(S::Withdrawn));
    }
}

#[test]
fn what_the_states_mean() {
    use S::{Accepted, Arrived, Delivered, Done, Parked, Queued, Read, Refused, Sent, Withdrawn};
    let of = |holds: fn(S) -> bool| S::ALL.into_iter().filter(|s| holds(*s)).collect::<Vec<_>>();
    assert_eq!(
        of(S::is_under_way),
        [Queued, Sent, Delivered, Read, Accepted, Arrived]
    );
    assert_eq!(
        of(S::is_answered),
        [Accepted, Arrived, Done, Refused, Withdrawn]
    );
    assert_eq!(
        of(|s| !s.is_under_way()),
        [Parked, Done, Refused, Withdrawn]
    );
}

#[test]
fn the_published_table_has_a_row_and_a_column_for_each_state() {
    let table = state_table_markdown();
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 2 + S::ALL.len());
    assert!(lines.iter().all(|line| line.matches('|').count() == 12));
    assert_eq!(
        lines[0],
        "| from \\ to | queued | parked | sent | delivered | read | accepted | arrived | done | \
         refused | withdrawn |"
    );
    assert_eq!(lines[1], format!("|---|{}", ":-:|".repeat(10)));
    assert_eq!(
        lines[8],
        "| **arrived** |   |   |   |   |   |   |   | ✓ | ✓ | ✓ |"
    );
}

#[test]
fn an_order_knows_its_times() {
    let mut order = order();
    order.stamps = vec![stamp(S::Queued, -7)];
    assert_eq!(
        (order.state(), order.given_at()),
        (S::Queued, stamp(S::Queued, -7).at)
    );
    assert!(order.advance(stamp(S::Sent, 1)));
    assert!(order.advance(stamp(S::Read, 3)));
    assert_eq!(order.reached_at(S::Sent), Some(stamp(S::Sent, 1).at));
    assert_eq!(order.reached_at(S::Delivered), None, "skipped");
    assert_eq!(order.state(), S::Read);
    assert_eq!(order.since(), stamp(S::Read, 3).at);
    order.stamps.clear();
    assert_eq!(
        (order.state(), order.given_at(), order.since()),
        (S::Queued, Timestamp::default(), Timestamp::default())
    );
}

proptest! {
    /// Whatever receipts arrive, in whatever order and however often: the status moves along the
    /// table, a receipt that cannot follow changes nothing, and a repetition never counts twice.
    #[test]
    fn receipts_in_any_order_only_move_forward(receipts in proptest::collection::vec(state(), 0..24)) {
        let mut order = order();
        for (minute, next) in (1..).zip(receipts) {
            let before = order.clone();
            let moved = order.advance(stamp(next, minute));
            prop_assert_eq!(moved, before.state().may_become(next));
            if moved {
                prop_assert_eq!(order.state(), next);
            } else {
                prop_assert_eq!(&order, &before);
            }
            prop_assert!(!order.advance(stamp(next, minute)));
        }
        let reached: BTreeSet<_> = order.stamps.iter().map(|s| s.state).collect();
        prop_assert_eq!(reached.len(), order.stamps.len());
    }
}
