//! The board of positions by itself.

use domain::LonLat;
use domain::places::Crs;

use super::*;

fn fix(person: u32, at: i64) -> PositionFix {
    PositionFix {
        person: PersonId(person),
        location: LonLat::new(104.0, 30.6),
        at: Timestamp::from_unix_ms(at),
        accuracy_m: 5.0,
        speed_mps: 0.0,
        heading_deg: 0.0,
        source_crs: Crs::default(),
        source: PositionSource::Field,
    }
}

/// What a phone sends to be at `fix`.
fn sent(person: u32, at: i64) -> NewPosition {
    let fix = fix(person, at);
    NewPosition {
        person: fix.person,
        location: fix.location,
        crs: Crs::default(),
        at: fix.at,
        accuracy_m: fix.accuracy_m,
        speed_mps: fix.speed_mps,
        heading_deg: fix.heading_deg,
    }
}

/// A board that may show these people.
fn board(people: &[u32], now: i64) -> PositionBoard {
    let board = PositionBoard::new(Timestamp::from_unix_ms(now));
    allow(&board, people.iter().map(|n| (*n, PositionUse::Shown)));
    board
}

/// Whoever may be shown may be so from the first millisecond on.
fn allow(board: &PositionBoard, uses: impl IntoIterator<Item = (u32, PositionUse)>) {
    allow_since(board, 0, uses);
}

fn allow_since(
    board: &PositionBoard,
    since: i64,
    uses: impl IntoIterator<Item = (u32, PositionUse)>,
) {
    let since = Timestamp::from_unix_ms(since);
    let uses = uses
        .into_iter()
        .map(|(n, used)| (PersonId(n), UseSince { used, since }));
    board.show(uses.collect(), HashSet::new());
}

fn take<const N: usize>(board: &PositionBoard, sent: [NewPosition; N], answer: &mut Accepted) {
    let fixes = board.convert(
        sent,
        PositionSource::Field,
        Timestamp::from_unix_ms(10_000),
        answer,
    );
    board.take(fixes);
}

/// What is stored now, when nothing goes wrong.
fn saved(board: &PositionBoard) -> Unsaved {
    let mut saved = Unsaved::default();
    let done: Result<(), ()> = board.save(|unsaved| {
        saved.moved.clone_from(&unsaved.moved);
        saved.gone.clone_from(&unsaved.gone);
        Ok(())
    });
    assert_eq!(done, Ok(()));
    saved
}

fn nothing() -> Accepted {
    Accepted {
        accepted: 0,
        refused: Vec::new(),
        refused_count: 0,
    }
}

#[test]
fn the_newest_wins_and_a_reader_sees_each_person_once() {
    let board = board(&[1, 2], 10_000);
    board.restore(vec![fix(2, 1)]);
    let start = board.after(0);
    assert_eq!((start.fixes.len(), start.is_whole), (1, true));
    let mut answer = nothing();
    take(&board, [sent(1, 5), sent(1, 7), sent(1, 6)], &mut answer);
    assert_eq!(answer.accepted, 3);
    let news = board.after(start.cursor);
    assert_eq!((news.fixes, news.is_whole), (vec![fix(1, 7)], false));
    assert_eq!(board.after(news.cursor).fixes, []);
    assert_eq!(board.after(u64::MAX).fixes.len(), 2);
    assert_eq!(saved(&board).moved, [fix(1, 7)]);
    assert_eq!(saved(&board), Unsaved::default());
}

#[test]
fn who_may_not_be_shown_is_neither_served_nor_kept() {
    let mut answer = nothing();
    let board = board(&[1, 2], 10_000);
    take(&board, [sent(1, 1), sent(2, 1)], &mut answer);
    saved(&board);
    let seen = board.after(0).cursor;
    allow(
        &board,
        [(1, PositionUse::Shown), (2, PositionUse::Withheld)],
    );
    let news = board.after(seen);
    assert_eq!((news.fixes, news.gone), (vec![], vec![PersonId(2)]));
    assert_eq!(board.after(0).fixes, [fix(1, 1)]);
    assert_eq!(saved(&board).gone, [PersonId(2)]);
    take(&board, [sent(2, 5)], &mut answer);
    assert_eq!((answer.accepted, board.all()), (3, vec![fix(1, 1)]));
    // Back on duty: what was sent in between was not kept, the next one is.
    allow(&board, [(1, PositionUse::Shown), (2, PositionUse::Shown)]);
    assert_eq!(board.all(), [fix(1, 1)]);
    take(&board, [sent(2, 4)], &mut answer);
    let news = board.after(seen);
    assert_eq!((news.fixes, news.gone), (vec![fix(2, 4)], vec![]));
}

#[test]
fn nobody_outside_the_roster_is_shown_before_it_is_on_record() {
    let mut answer = nothing();
    let board = board(&[1], 10_000);
    let outside = (2, PositionUse::ShownAndLogged);
    allow(&board, [(1, PositionUse::Shown), outside]);
    take(&board, [sent(2, 1)], &mut answer);
    assert_eq!(board.all(), []);
    let fixes = [fix(1, 1), fix(2, 1), fix(2, 2)];
    assert_eq!(board.unnoted(&fixes), [PersonId(2)]);
    board.note([PersonId(2)]);
    assert_eq!(board.unnoted(&fixes), []);
    take(&board, [sent(2, 2)], &mut answer);
    assert_eq!(board.all(), [fix(2, 2)]);
}

#[test]
fn what_was_measured_before_it_might_be_shown_is_neither_taken_nor_noted() {
    let mut answer = nothing();
    let board = board(&[], 10_000);
    let uses = [PositionUse::Shown, PositionUse::ShownAndLogged];
    allow(&board, [(1, uses[0]), (2, PositionUse::Withheld)]);
    allow_since(&board, 5_000, [(1, uses[0]), (2, uses[1]), (3, uses[0])]);
    assert_eq!(board.unnoted(&[fix(2, 4_999)]), []);
    assert_eq!(board.unnoted(&[fix(2, 5_000)]), [PersonId(2)]);
    board.note([PersonId(2)]);
    // The first might be shown all along.
    take(&board, [1, 2, 3].map(|n| sent(n, 4_999)), &mut answer);
    assert_eq!((answer.accepted, board.all()), (3, vec![fix(1, 4_999)]));
    take(&board, [1, 2, 3].map(|n| sent(n, 5_000)), &mut answer);
    assert_eq!(board.all().len(), 3);
    // One reason after the other is no new beginning, a pause is one.
    allow_since(&board, 7_000, [(2, uses[0]), (3, PositionUse::Withheld)]);
    allow_since(&board, 8_000, [(2, uses[0]), (3, uses[0])]);
    take(&board, [2, 3].map(|n| sent(n, 6_000)), &mut answer);
    assert_eq!(board.all(), [fix(2, 6_000)]);
}

#[test]
fn a_clock_that_was_set_back_shuts_nobody_out() {
    let board = board(&[], 10_000);
    allow_since(&board, 9_000, [(1, PositionUse::Shown)]);
    allow_since(&board, 2_000, [(1, PositionUse::Shown)]);
    take(&board, [sent(1, 3_000)], &mut nothing());
    assert_eq!(board.all(), [fix(1, 3_000)]);
}

#[test]
fn what_could_not_be_written_is_written_the_next_time() {
    let board = board(&[1, 2], 10_000);
    take(&board, [sent(1, 1), sent(2, 1)], &mut nothing());
    saved(&board);
    allow(&board, [(1, PositionUse::Shown)]);
    take(&board, [sent(1, 2)], &mut nothing());
    assert_eq!(
        board.save(|_| Err("the disk is full")),
        Err("the disk is full")
    );
    let next = saved(&board);
    assert_eq!(
        (next.moved, next.gone),
        (vec![fix(1, 2)], vec![PersonId(2)])
    );
}

#[test]
fn one_after_the_other_takes_and_writes() {
    let board = board(&[1], 10_000);
    take(&board, [sent(1, 1)], &mut nothing());
    let written: Result<(), ()> = board.save(|_| {
        assert!(board.saving.try_lock().is_err(), "another may come between");
        Ok(())
    });
    assert_eq!(written, Ok(()));
}

#[test]
fn stored_positions_that_may_not_be_shown_are_removed() {
    let board = board(&[1], 10_000);
    board.restore(vec![fix(1, 1), fix(2, 1)]);
    assert_eq!(board.all(), [fix(1, 1)]);
    let unsaved = saved(&board);
    assert_eq!((unsaved.moved, unsaved.gone), (vec![], vec![PersonId(2)]));
}

#[test]
fn strangers_and_impossible_places_are_refused_with_a_sentence() {
    let now = Timestamp::from_unix_ms(10_000);
    let board = board(&[1], 10_000);
    let mut lost = sent(1, 5);
    lost.location.lat = 91.0;
    let mut answer = nothing();
    let strangers = (100..200).map(|person| sent(person, 5));
    let sent = [lost, sent(1, 99_999)].into_iter().chain(strangers);
    board.take(board.convert(sent, PositionSource::Field, now, &mut answer));
    assert_eq!((answer.accepted, answer.refused_count), (1, 101));
    assert_eq!(answer.refused.len(), NAMED_REFUSALS);
    assert!(
        answer.refused[1].contains("P000100"),
        "{:?}",
        answer.refused
    );
    // The phone whose clock is ahead was measured now.
    assert_eq!(board.all()[0].at, now);
}

#[test]
fn a_shifted_position_is_stored_where_it_is_and_says_what_it_came_in() {
    let board = board(&[1, 2], 10_000);
    let in_gcj02 = NewPosition {
        location: LonLat::new(104.102_542, 30.657_603),
        crs: Crs::Gcj02,
        ..sent(1, 5)
    };
    let mut in_metres = sent(2, 5);
    in_metres.crs = "cgcs2000-3deg-35".parse().expect("a system");
    let mut answer = nothing();
    take(&board, [in_gcj02, in_metres], &mut answer);
    assert_eq!((answer.accepted, answer.refused_count), (1, 1));
    let said = &answer.refused[0];
    assert!(
        said.contains("P000002") && said.contains("in metres"),
        "{said}"
    );
    let [fix] = board.all()[..] else {
        panic!("{:?}", board.all());
    };
    assert_eq!(fix.source_crs, Crs::Gcj02);
    let off_m = fix.location.distance_m(LonLat::new(104.10, 30.66));
    assert!(off_m < 0.2, "{off_m} m");
}

#[test]
fn cursors_grow_over_a_restart() {
    let mut answer = nothing();
    let before = board(&[1], 10);
    take(&before, [sent(1, 5)], &mut answer);
    let after = board(&[1], 11);
    assert!(after.after(0).cursor > before.after(0).cursor);
}
