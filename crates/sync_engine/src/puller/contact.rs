//! Contact with the backend: its greeting, and how far its clock is from the machine's.

use std::sync::Arc;
use std::time::Duration;

use protocol::feed::LineState;
use protocol::http::Hello;

use super::{Puller, Trouble};
use crate::board::{Board, JUMP_MS, Reading};
use crate::store::CacheStore;

/// An offset of the two clocks beyond this is told to the officers, in milliseconds.
const NOTABLE_OFFSET_MS: i64 = 30_000;
/// The time of the last contact is written this often, in milliseconds.
const CONTACT_STEP_MS: i64 = 10_000;

/// The backend has greeted.
#[derive(Debug)]
pub struct Greeted {
    /// Its greeting.
    pub hello: Hello,
    /// When it came.
    pub at: Reading,
    /// The backend's clock minus ours then, in milliseconds.
    pub offset_ms: i64,
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
        if self.progress.cursor.is_some() {
            self.contact(at, offset_ms).await?;
        } else {
            // Anybody may ask for the greeting: without a picture it says nothing about the age of
            // one, and the key may yet be refused.
            self.board.measured(at, offset_ms, None);
        }
        Ok(Greeted {
            hello,
            at,
            offset_ms,
        })
    }

    /// The backend has answered, and its clock was so far from ours then.
    pub(super) async fn contact(&mut self, at: Reading, offset_ms: i64) -> Result<(), Trouble> {
        let is_news = (offset_ms - self.progress.clock_offset_ms).abs() > JUMP_MS;
        let is_due = self
            .progress
            .last_contact
            .is_none_or(|last| at.civil.ms_since(last).abs() >= CONTACT_STEP_MS);
        let corrected = at.civil.plus_ms(offset_ms);
        self.board.measured(at, offset_ms, Some(corrected));
        if is_due || is_news {
            self.progress.last_contact = Some(at.civil);
            self.progress.clock_offset_ms = offset_ms;
            self.cache.put_contact(corrected, offset_ms).await?;
        }
        // Also an offset that is as it was is told anew after a start.
        if offset_ms.abs() > NOTABLE_OFFSET_MS && !self.board.knows_offset(offset_ms) {
            self.board.tell_offset(offset_ms);
        }
        Ok(())
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
