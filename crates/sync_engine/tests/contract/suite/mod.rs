//! What every pair of stores must do, whatever it keeps its rows in: written against the contract
//! alone, and run over SQLite here and over the simulation's model stores there, so that what the
//! simulation shows of the model holds for the database as well.

pub mod cache;
pub mod outbox;

use domain::Timestamp;
use sync_engine::store::cache::Cached;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::{CacheStore, OutboxStore};

pub const NOW: Timestamp = testkit::clock::FRIDAY_NINE;
/// The label of the backend that everything here is about.
pub const BACKEND: &str = "here";

/// A machine with a disk under both stores; they can be opened again and again.
pub trait Machine {
    fn open_cache(&self) -> (Box<dyn CacheStore>, Cached);
    fn open_outbox(&self) -> (Box<dyn OutboxStore>, Stored);
    /// From now on nothing new finds room on the disk, or it does again.
    fn set_full(&self, is_full: bool);
    /// The power goes; what is open is closed and forgotten after that.
    fn cut_power(&self);
    /// The power is back. What was not synced may be there or not.
    fn switch_on(&self);

    /// What a cache holds when it is opened again.
    async fn read_back(&self, cache: Box<dyn CacheStore>) -> (Box<dyn CacheStore>, Cached) {
        cache.close().await;
        drop(cache);
        self.open_cache()
    }
}

macro_rules! tests {
    ($machine:expr => $($part:ident::$name:ident),* $(,)?) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            crate::suite::$part::$name(&$machine).await;
        }
    )*};
}

/// The tests of a cache that need no disk of its own.
macro_rules! cache_tests {
    ($machine:expr) => {
        crate::suite::tests! {
            $machine =>
            cache::a_batch_is_stored_with_its_cursor_and_read_back,
            cache::a_repeated_batch_changes_nothing_and_an_older_state_is_never_taken,
            cache::a_snapshot_of_the_same_log_keeps_what_is_newer_and_forgets_what_has_gone,
            cache::a_snapshot_of_another_log_replaces_everything,
            cache::what_ended_long_ago_is_removed_with_its_orders_and_trail,
            cache::a_mode_is_kept_with_who_set_it_and_when_also_where_that_is_learnt_later,
            cache::the_newest_position_wins_and_who_is_gone_is_forgotten,
            cache::a_rebuilt_cache_is_empty_and_goes_on,
        }
    };
}

/// The tests of an outbox.
macro_rules! outbox_tests {
    ($machine:expr) => {
        crate::suite::tests! {
            $machine =>
            outbox::a_key_is_added_once_and_numbers_are_never_used_again,
            outbox::every_column_that_may_change_comes_back,
            outbox::what_was_added_survives_a_power_cut,
            outbox::what_is_synced_after_what_is_not_survives_a_power_cut,
            outbox::what_finds_no_room_was_not_taken,
            outbox::what_takes_the_place_of_another_comes_with_all_that_changes_or_not_at_all,
            outbox::a_handover_brings_both_signatures_and_who_sits_there,
            outbox::a_session_can_be_renewed_without_seating_anybody,
            outbox::verifiers_are_kept_changed_and_forgotten,
            outbox::sessions_are_seated_left_and_forgotten,
        }
    };
}

/// Every test of the suite over machines that the expression makes.
macro_rules! every_test {
    ($machine:expr) => {
        crate::suite::cache_tests!($machine);
        crate::suite::outbox_tests!($machine);
        crate::suite::tests! {
            $machine =>
            cache::a_batch_for_which_there_is_no_room_leaves_rows_and_cursor_as_they_were,
            cache::a_power_cut_leaves_rows_and_cursor_together,
        }
    };
}

pub(crate) use {cache_tests, every_test, outbox_tests, tests};
