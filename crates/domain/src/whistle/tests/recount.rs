//! The score a second time, counted from the raw trail by code that shares nothing with the fold,
//! and compared on random trails of thousands of entries, illegal steps among them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::score::{Scope, WhistleScore};
use super::random::random_trail;
use super::*;

/// What the recount finds about one call.
#[derive(Debug, Default)]
struct Found {
    responded: Option<bool>,
    closed: Option<bool>,
    satisfied: Option<bool>,
    added: u64,
    taken: u64,
    rating: Option<u8>,
}

type Key = (IncidentId, u16, DepartmentId);

/// Entries of one matter with their places in it.
type Story<'t> = &'t [(usize, &'t TrailEntry)];

fn hours_ms(limit: Limit) -> i64 {
    assert_eq!(limit.unit, LimitUnit::EmergencyHour);
    i64::from(limit.amount) * 3_600_000
}

/// The place and the time of the end of a matter.
fn end_of(story: Story<'_>) -> Option<(usize, i64)> {
    let ended = story.iter().find(|(_, entry)| {
        matches!(
            entry.state,
            IncidentState::Closed | IncidentState::Cancelled
        )
    });
    ended.map(|(place, entry)| (*place, entry.occurred_at.unix_ms()))
}

/// The first step of that kind of a call between two places.
fn first(
    story: Story<'_>,
    after: usize,
    end: Option<usize>,
    is_it: impl Fn(&Action) -> bool,
) -> Option<(usize, i64)> {
    let found = story
        .iter()
        .find(|(place, entry)| *place > after && is_it(&entry.action));
    found
        .filter(|(place, _)| end.is_none_or(|end| *place <= end))
        .map(|(place, entry)| (*place, entry.occurred_at.unix_ms()))
}

fn judge(done: Option<i64>, end: Option<i64>, deadline: i64, now: i64) -> Option<bool> {
    match done {
        Some(at) => Some(at <= deadline),
        None if end.unwrap_or(now) > deadline => Some(false),
        None => None,
    }
}

/// One call, read off the story from the place of its whistle on.
fn read_call(story: Story<'_>, place: usize, key: &Key, push: WhistlePush, now: i64) -> Found {
    let is_mine = |w: u16, d: &DepartmentId| w == key.1 && *d == key.2;
    let end = end_of(story);
    let end_place = end.map(|(place, _)| place);
    let pushed = push.at.unix_ms();
    let end_ms = end.map(|(_, ms)| ms.max(pushed));
    let signed = first(
        story,
        place,
        end_place,
        |a| matches!(a, Action::SignIn { whistle, department } if is_mine(*whistle, department)),
    );
    let signed_ms = signed.map(|(_, ms)| ms.max(pushed));
    let done = signed.and_then(|(from, _)| {
        first(story, from, end_place, |a| {
            matches!(a, Action::WhistleHandled { whistle, department, .. } if is_mine(*whistle, department))
        })
    });
    let done_ms = done.map(|(_, ms)| ms.max(signed_ms.unwrap_or(i64::MIN)));
    let response_by = pushed + hours_ms(push.response);
    let handling_by = signed_ms.unwrap_or(i64::MAX).min(response_by) + hours_ms(push.handling);
    let mut found = Found {
        responded: judge(signed_ms, end_ms, response_by, now),
        closed: judge(done_ms, end_ms, handling_by, now),
        ..Found::default()
    };
    for (at, entry) in story.iter().filter(|(at, _)| *at > place) {
        let is_done = done.is_some_and(|(done, _)| *at > done);
        let may_rate = is_done || end_place.is_some_and(|end| *at > end);
        match &entry.action {
            Action::CallBack(call) if call.is_reached && is_done => {
                found.satisfied = Some(call.is_satisfied);
            }
            Action::AdjustPoints {
                whistle,
                department,
                points,
            } if is_mine(*whistle, department) => {
                found.added += u64::try_from(*points).unwrap_or(0);
                found.taken += u64::try_from(-i32::from(*points)).unwrap_or(0);
            }
            Action::RateDepartment {
                whistle,
                department,
                rating,
            } if is_mine(*whistle, department) && may_rate && *rating <= 100 => {
                found.rating = Some(*rating);
            }
            _ => {}
        }
    }
    found
}

/// All calls of a matter: whistles in the order of their numbers, each calling somebody, nobody
/// twice, and nobody who has not finished an earlier one.
fn read_matter(story: Story<'_>, now: i64, calls: &mut BTreeMap<Key, Found>) {
    let mut accepted: Vec<(u16, Vec<DepartmentId>, usize)> = Vec::new();
    for (place, entry) in story {
        let Action::Whistle {
            whistle,
            departments,
            push: Some(push),
            ..
        } = &entry.action
        else {
            continue;
        };
        let distinct: BTreeSet<_> = departments.iter().collect();
        let is_finished = |number: u16, department: &DepartmentId, from: usize| {
            let mut signed = false;
            story
                .iter()
                .filter(|(at, _)| (from..*place).contains(at))
                .any(|(_, e)| match &e.action {
                    Action::SignIn {
                        whistle,
                        department: d,
                    } if *whistle == number && d == department => {
                        signed = true;
                        false
                    }
                    Action::WhistleHandled {
                        whistle,
                        department: d,
                        ..
                    } => signed && *whistle == number && d == department,
                    _ => false,
                })
        };
        let is_busy = accepted.iter().any(|(number, called, from)| {
            let again = called.iter().filter(|d| distinct.contains(d));
            again.into_iter().any(|d| !is_finished(*number, d, *from))
        });
        let is_after_end = end_of(story).is_some_and(|(end, _)| *place > end);
        if usize::from(*whistle) != accepted.len() + 1
            || distinct.is_empty()
            || distinct.len() < departments.len()
            || is_busy
            || is_after_end
        {
            continue;
        }
        for department in departments {
            let key = (entry.incident, *whistle, department.clone());
            let found = read_call(story, *place, &key, *push, now);
            calls.insert(key, found);
        }
        accepted.push((*whistle, departments.clone(), *place));
    }
}

fn recount(trail: &[TrailEntry], department: Option<&str>, now: Timestamp) -> BTreeMap<Key, Found> {
    let mut stories: BTreeMap<IncidentId, Vec<(usize, &TrailEntry)>> = BTreeMap::new();
    for (place, entry) in trail.iter().enumerate() {
        stories
            .entry(entry.incident)
            .or_default()
            .push((place, entry));
    }
    let mut calls = BTreeMap::new();
    for story in stories.values() {
        read_matter(story, now.unix_ms(), &mut calls);
    }
    calls.retain(|key, _| department.is_none_or(|d| key.2 == dept(d)));
    calls
}

/// The score by the words of the documentation, over whole numbers: `floor(x + 1/2)` of each term
/// by long division.
fn total(found: &BTreeMap<Key, Found>, rules: &WhistleRules) -> (Vec<(u64, u64)>, Option<u64>) {
    let share = |of: fn(&Found) -> Option<bool>| {
        let due: Vec<bool> = found.values().filter_map(of).collect();
        let good = due.iter().filter(|is_good| **is_good).count();
        (good as u64, due.len() as u64)
    };
    let shares = vec![
        share(|f| f.responded),
        share(|f| f.closed),
        share(|f| f.satisfied),
    ];
    let weights = [
        rules.weights.response,
        rules.weights.closing,
        rules.weights.satisfaction,
    ];
    let terms: Vec<(u64, u64, u64)> = shares
        .iter()
        .zip(weights)
        .filter(|((_, due), _)| *due > 0)
        .map(|((good, due), weight)| (*good, *due, u64::from(weight)))
        .collect();
    let in_force: u64 = terms.iter().map(|term| term.2).sum();
    if in_force == 0 {
        return (shares, None);
    }
    let rates: u64 = terms
        .iter()
        .map(|(good, due, weight)| {
            let (over, under) = (10_000 * weight * good, in_force * due);
            over / under + u64::from(over % under * 2 >= under)
        })
        .sum();
    let added: u64 = found.values().map(|f| f.added).sum();
    let taken: u64 = found.values().map(|f| f.taken).sum();
    let plus = 100 * added.min(u64::from(rules.points.most_added));
    let minus = 100 * taken.min(u64::from(rules.points.most_taken));
    let sum = rates.min(10_000) + plus;
    (shares, Some(sum - minus.min(sum)))
}

fn fold(trail: &[TrailEntry]) -> WhistleBook {
    let mut book = WhistleBook::default();
    for entry in trail {
        book.apply(entry).ok();
    }
    book
}

fn shares(score: &WhistleScore) -> Vec<(u64, u64)> {
    let counts = score.terms.iter();
    counts
        .map(|t| (t.numerator.len() as u64, t.denominator.len() as u64))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn both_computations_agree(seed: u64, length in 1_u64..5_000, until in 0_i64..3_000) {
        let trail = random_trail(seed, length);
        let (book, rules, now) = (fold(&trail), rules(), after(until));
        for department in [None, Some("gas"), Some("fire"), Some("water")] {
            let scope = Scope { department: department.map(dept), ..Scope::everything() };
            let score = book.score(scope.clone(), now, &rules);
            let found = recount(&trail, department, now);
            let (counts, sum) = total(&found, &rules.whistle);
            prop_assert_eq!(shares(&score), counts);
            prop_assert_eq!(score.total_hundredths.map(u64::from), sum);
            let rated: Vec<u8> = book
                .reverse_assessment(&scope)
                .iter()
                .flat_map(|row| row.rated.iter().map(|(_, rating)| *rating))
                .collect();
            let mut by_department: Vec<_> = found.iter().collect();
            by_department.sort_by_key(|(key, _)| key.2.clone());
            let expected: Vec<u8> = by_department.iter().filter_map(|(_, f)| f.rating).collect();
            prop_assert_eq!(rated, expected);
        }
    }

    #[test]
    fn an_illegal_step_changes_nothing_but_the_count(seed: u64) {
        let mut book: BTreeMap<IncidentId, MatterWhistles> = BTreeMap::new();
        for entry in random_trail(seed, 800) {
            let matter = book.entry(entry.incident).or_default();
            let mut before = matter.clone();
            if matter.apply(&entry).is_err() {
                before.steps += 1;
                prop_assert_eq!(&*matter, &before);
            }
        }
    }

    #[test]
    fn every_term_can_be_recomputed_from_its_lists(seed: u64, length in 1_u64..3_000) {
        let rules = rules();
        let score = fold(&random_trail(seed, length)).score(Scope::everything(), after(9_000), &rules);
        let mut rates = None;
        for term in &score.terms {
            let due: BTreeSet<_> = term.denominator.iter().collect();
            prop_assert_eq!(due.len(), term.denominator.len());
            prop_assert!(term.numerator.iter().all(|call| due.contains(call)));
            prop_assert_eq!(term.worth_hundredths.is_none(), due.is_empty());
            if let Some(worth) = term.worth_hundredths {
                rates = Some(rates.unwrap_or(0) + worth);
            }
        }
        let by_hand = rates.map(|rates: u32| {
            (rates.min(10_000) + score.points_added * 100).saturating_sub(score.points_taken * 100)
        });
        prop_assert_eq!(score.total_hundredths, by_hand);
        let most = 10_000 + 100 * u32::from(rules.whistle.points.most_added);
        prop_assert!(score.total_hundredths.is_none_or(|total| total <= most));
    }

    #[test]
    fn two_periods_hold_each_call_once(seed: u64, cut in 0_i64..200) {
        let rules = rules();
        let book = fold(&random_trail(seed, 1_000));
        let now = after(90_000);
        let far = Timestamp::from_unix_ms(i64::MAX);
        let part = |from, before| {
            let scope = Scope { from, before, ..Scope::everything() };
            shares(&book.score(scope, now, &rules))
        };
        let (first, second) = (part(NINE.plus_ms(-HOUR_MS), after(cut)), part(after(cut), far));
        let whole = shares(&book.score(Scope::everything(), now, &rules));
        for ((a, b), all) in first.iter().zip(&second).zip(&whole) {
            prop_assert_eq!((a.0 + b.0, a.1 + b.1), *all);
        }
    }

    #[test]
    fn what_is_due_stays_due(seed: u64, early in 0_i64..2_000, later in 0_i64..2_000) {
        let book = fold(&random_trail(seed, 400));
        let calendar = rules().calendar;
        for (_, _, progress) in book.calls() {
            for standing in [Progress::response, Progress::handling] {
                let first = standing(progress, after(early), &calendar);
                let then = standing(progress, after(early + later), &calendar);
                let is_next = first == then
                    || (first == Standing::Waiting && then == Standing::Overdue);
                prop_assert!(is_next, "{first:?} became {then:?}");
            }
        }
    }
}

#[test]
fn the_random_trails_have_something_to_count() {
    let trail = random_trail(1, 4_000);
    let found = recount(&trail, None, after(9_000));
    let parts: [fn(&Found) -> Option<bool>; 3] = [|f| f.responded, |f| f.closed, |f| f.satisfied];
    for of in parts {
        for wanted in [true, false] {
            let calls = found.values().filter(|f| of(f) == Some(wanted)).count();
            assert!(calls >= 10, "{calls} of {} calls are {wanted}", found.len());
        }
    }
    assert!(found.keys().any(|key| key.1 > 1), "no second whistle");
    let refused = trail.len() - {
        let mut book = WhistleBook::default();
        trail
            .iter()
            .filter(|entry| book.apply(entry).is_ok())
            .count()
    };
    assert!(refused > 100, "{refused} illegal steps");
}
