//! What officers want against what happens meanwhile: over random lives, nothing becomes impossible
//! without being a conflict, and nothing of the own hall's is one.

use proptest::prelude::*;
use proptest::sample::Index;

use super::lives::{live_through, tries};
use super::*;
use crate::conflicts::{Basis, Conflict, Version, conflict, is_possible};
use crate::intents::Intent;
use crate::trail::Mandate;

/// One wish of each kind, about the order of that number.
fn wishes(number: u128) -> Vec<Intent> {
    let incident = IncidentId::new(NOW, 1);
    let steps = all_actions(number).into_iter().map(|action| Intent::Act {
        incident,
        action,
        reason: Some("理由".to_owned()),
    });
    let orders = [
        Intent::SendOrder {
            incident,
            to: PersonId(1),
            instruction: "请到现场".to_owned(),
            override_reason: None,
        },
        Intent::WithdrawOrder {
            incident,
            order: order(number),
            reason: String::new(),
        },
    ];
    // What only the field and the rules do is no wish.
    steps
        .filter(|wish| crate::conflicts::Wanted::of(wish).is_some_and(has_row))
        .chain(orders)
        .collect()
}

fn has_row(wanted: crate::conflicts::Wanted) -> bool {
    crate::conflicts::TABLE
        .iter()
        .any(|row| row.wanted == wanted)
}

fn basis(seen: &Incident) -> Basis {
    Basis {
        seen: Version::of(seen, Vec::new()),
        own: Vec::new(),
        anyway: None,
    }
}

fn against(wish: &Intent, basis: &Basis, now: &Incident, trail: &[TrailEntry]) -> Option<Conflict> {
    conflict(wish, basis, &Version::of(now, Vec::new()), trail)
}

proptest! {
    #[test]
    fn whatever_has_made_a_wish_impossible_is_a_conflict(
        tries in tries(160),
        cut in any::<Index>(),
        number in 1u128..6,
    ) {
        let (trail, states) = live_through(&tries)?;
        let seen = &states[cut.index(states.len())];
        let now = states.last().expect("the report");
        for wish in wishes(number) {
            let is_spoilt = is_possible(&wish, seen) && !is_possible(&wish, now);
            let found = against(&wish, &basis(seen), now, &trail);
            prop_assert!(!is_spoilt || found.is_some(), "{wish:?}: {seen:?} {now:?}");
            let Some(found) = found else { continue };
            // It tells the truth: what is there now, and exactly the steps that were not seen.
            prop_assert_eq!(found.theirs.steps, now.steps);
            prop_assert!(found.since.iter().any(|step| step.is_in_conflict));
            prop_assert!(found.since.iter().all(|step| step.step > seen.steps));
            prop_assert!(found.since.windows(2).all(|two| two[0].step < two[1].step));
        }
    }

    #[test]
    fn who_has_seen_everything_or_done_it_has_no_conflict(
        tries in tries(80),
        cut in any::<Index>(),
        foreign in any::<Index>(),
        number in 1u128..6,
    ) {
        let (mut trail, states) = live_through(&tries)?;
        let seen = &states[cut.index(states.len())];
        let now = states.last().expect("the report");
        for entry in &mut trail {
            let intent = order(1_000 + u128::from(entry.step % 7));
            entry.mandate = Some(Mandate { intent, anyway: None });
        }
        let own = (0..7).map(|n| order(1_000 + n)).collect();
        let own = Basis { own, ..basis(seen) };
        for wish in wishes(number) {
            prop_assert_eq!(against(&wish, &basis(now), now, &trail), None);
            prop_assert_eq!(against(&wish, &own, now, &trail), None);
        }
        // One step of somebody else among the own ones is judged by itself alone.
        let place = foreign.index(trail.len());
        trail[place].mandate = None;
        let single = [trail[place].clone()];
        for wish in wishes(number) {
            let found = against(&wish, &own, now, &trail);
            prop_assert_eq!(&found, &against(&wish, &basis(seen), now, &single));
        }
    }

    #[test]
    fn a_conflict_does_not_go_away_by_what_comes_later(
        tries in tries(80),
        cuts in prop::array::uniform3(any::<Index>()),
        number in 1u128..6,
    ) {
        let (trail, states) = live_through(&tries)?;
        let mut places = cuts.map(|cut| cut.index(states.len()));
        places.sort_unstable();
        let [seen, then, now] = places.map(|place| &states[place]);
        for wish in wishes(number) {
            let early = against(&wish, &basis(seen), then, &trail[..then.steps as usize]);
            let late = against(&wish, &basis(seen), now, &trail[..now.steps as usize]);
            prop_assert!(early.is_none() || late.is_some());
            // Whoever has seen what had happened until then is told of nothing twice.
            let again = against(&wish, &basis(then), now, &trail[..now.steps as usize]);
            let steps = again.iter().flat_map(|found| &found.since);
            prop_assert!(steps.into_iter().all(|step| step.step > then.steps));
        }
    }
}
