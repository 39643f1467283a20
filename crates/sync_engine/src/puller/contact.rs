//! Contact with the backend: its greeting, and how far its clock is from the machine's.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use protocol::feed::LineState;
use protocol::http::Hello;

use super::{Puller, Trouble};
use crate::board::{Board, JUMP_MS, Reading};
use crate::store::CacheStore;

/// The time of the last contact is written this often, in milliseconds.
const CONTACT_STEP_MS: i64 = 10_000;

/// The backend has greeted.
#[derive(Debug)]
pub struct Greeted {
    /// Its greeting.
    pub hello: Hello,
    /// When it came.
    pub at: Reading,
}

impl Puller {
    /// Asks for the backend's greeting, and measures its clock by it.
    pub(super) async fn greet(&mut self) -> Result<Greeted, Trouble> {
        let asked = Reading::of(&*self.clock);
        let hello = self.client.hello().await?;
        let at = Reading::of(&*self.clock);
        // Before anything is sent to it: what it may have forgotten comes first.
        self.outbox.meet_log(&hello.log).await?;
        let half_ms = at.ms_after(asked) / 2;
        let offset_ms = hello.now.plus_ms(half_ms).ms_since(at.civil);
        // It says nothing about the street: a backend may greet and give no changes, and what is shown
        // is then as old as it was.
        self.board.measured(at, offset_ms, None);
        self.progress.clock_offset_ms = offset_ms;
        self.board.tell_if_notable(offset_ms);
        Ok(Greeted { hello, at })
    }

    /// The backend has said how things were in the street `age_ms` before `at`. Its clock was known to be
    /// `progress.clock_offset_ms` ahead of ours.
    pub(super) async fn contact(&mut self, at: Reading, age_ms: i64) -> Result<(), Trouble> {
        let offset_ms = self.progress.clock_offset_ms;
        let is_news = (offset_ms - self.kept_offset_ms).abs() > JUMP_MS;
        let is_due = self
            .progress
            .last_contact
            .is_none_or(|last| at.civil.ms_since(last).abs() >= CONTACT_STEP_MS);
        let corrected = at.civil.plus_ms(offset_ms - age_ms);
        self.board.measured(at, offset_ms, Some(corrected));
        // Before the disk is waited for: it may be slow or full.
        self.board.tell_if_notable(offset_ms);
        if is_due || is_news {
            self.cache.put_contact(corrected, offset_ms).await?;
            self.progress.last_contact = Some(at.civil);
            self.kept_offset_ms = offset_ms;
        }
        Ok(())
    }

    /// How long before `at` an answer was written, in milliseconds, by the clock of the backend as it is
    /// known; never longer than since it was asked for. What takes minutes over a slow line says how things
    /// were minutes ago.
    pub(super) fn age_of(&self, written: Timestamp, asked: Reading, at: Reading) -> i64 {
        let corrected = at.civil.plus_ms(self.progress.clock_offset_ms);
        corrected
            .ms_since(written)
            .clamp(0, at.ms_after(asked).max(0))
    }

    /// The difference of the clocks by an answer that was written at `written` and has come to its end
    /// at `at`, to a question that was asked at `asked`. A long answer may be old when it has come:
    /// what was measured before stays where it can be.
    pub(super) fn measure_by(
        &mut self,
        written: Timestamp,
        asked: Reading,
        at: Reading,
        is_long: bool,
    ) {
        let least_ms = written.ms_since(at.civil);
        let most_ms = if is_long {
            least_ms.saturating_add(at.ms_after(asked))
        } else {
            least_ms
        };
        let known_ms = self.progress.clock_offset_ms;
        if known_ms < least_ms - JUMP_MS || known_ms > most_ms + JUMP_MS {
            self.progress.clock_offset_ms = least_ms;
        }
    }
}

/// Holds the time while there is no line by which it would be measured, whenever somebody sets the
/// machine's clock; until the task is aborted.
pub async fn hold_time(board: Arc<Board>, cache: Arc<dyn CacheStore>, rest: Duration) {
    loop {
        tokio::time::sleep(rest).await;
        // With the line the next answer measures it, and that says so.
        if board.read(|picture| picture.line.state == LineState::Online) {
            continue;
        }
        let Some(held) = board.hold_time() else {
            continue;
        };
        tracing::warn!(?held, "the clock of this machine was set");
        // A start with the clock as it is now goes on with the right time.
        if let Some(last_contact) = held.last_contact
            && let Err(error) = cache.put_contact(last_contact, held.clock_offset_ms).await
        {
            tracing::warn!(%error, "the difference of the clocks could not be kept");
        }
    }
}
