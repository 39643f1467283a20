//! One session with the backend, from hello to what breaks it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::time::{DAY_MS, HOUR_MS};
use domain::{PersonId, Timestamp};
use protocol::errors::ErrorCode;
use protocol::feed::{LineState, NoticeKind, PictureChange};
use protocol::http::{Changes, Hello, Positions};

use super::{Puller, Trouble};
use crate::board::Board;
use crate::calls::Calls;
use crate::client::CallError;
use crate::errors::StoreError;
use crate::faults::{self, Fault};
use crate::finishing::finish;
use crate::pace::Pace;
use crate::store::CacheStore;
use crate::store::cache::Meeting;

/// An offset of the two clocks beyond this is told to the officers, in milliseconds.
const NOTABLE_OFFSET_MS: i64 = 30_000;
/// A poll that shows the clocks apart by this much more than measured means that one jumped.
const JUMP_MS: i64 = 2_000;
/// The time of the last contact is written this often, in milliseconds.
const CONTACT_STEP_MS: i64 = 10_000;
/// How often the backend is asked whether those whom the hall would let in still stand as they did,
/// beside the beginning of each session.
const MEETS_OFFICERS_EVERY: Duration = Duration::from_mins(5);
/// Incidents that ended longer ago are removed; the backend's snapshot holds no older ones either.
const KEEPS_ENDED_MS: i64 = 3 * DAY_MS;

impl Puller {
    /// Talks to the backend until something breaks; `failures` is reset once it works.
    pub(super) async fn session(&mut self, failures: &mut u32) -> Trouble {
        let begun = self.begin().await;
        if let Err(trouble) = begun {
            return trouble;
        }
        *failures = 0;
        self.line_is(LineState::Online, String::new());
        let positions = follow_positions(
            Arc::clone(&self.client),
            Arc::clone(&self.cache),
            Arc::clone(&self.board),
            Arc::clone(&self.stage),
            self.pace,
        );
        tokio::select! {
            biased;
            trouble = self.follow_changes() => trouble,
            never = positions => never,
        }
    }

    /// Hello, and a snapshot where the log cannot be continued.
    async fn begin(&mut self) -> Result<(), Trouble> {
        // A session that was cut off may have left a batch between disk and screen.
        drop(self.stage.lock().await);
        self.progress = self.cache.progress().await?;
        let place = self.progress.place();
        self.outbox.assume_log(self.progress.log.clone());
        let met = self.outbox.met_log();
        if let Some(place) = place.as_ref().filter(|p| met.as_ref() == Some(&p.log)) {
            self.outbox.confirm(place.cursor).await?;
        }
        self.outbox.look_for_conflicts(&*self.cache).await?;
        let (hello, offset_ms) = self.greet().await?;
        if place.is_none() || self.progress.street != hello.street {
            self.take_snapshot(hello.street).await?;
            self.contact(self.clock.now(), offset_ms).await?;
        }
        self.take_reference().await?;
        self.meet_officers(true).await
    }

    /// Asks how the officers stand whom the hall would let in without the line.
    async fn meet_officers(&mut self, is_due: bool) -> Result<(), Trouble> {
        let now = self.clock.monotonic();
        let is_fresh = self
            .officers_met_at
            .is_some_and(|at| now.saturating_sub(at) < MEETS_OFFICERS_EVERY);
        if (is_fresh && !is_due) || !self.outbox.has_verifiers() {
            return Ok(());
        }
        let asked = self.outbox.credentials();
        let standings = self.client.officers().await?;
        self.outbox.meet(standings, asked).await?;
        self.officers_met_at = Some(now);
        Ok(())
    }

    /// The backend's greeting, and its clock minus ours in milliseconds.
    async fn greet(&mut self) -> Result<(Hello, i64), Trouble> {
        let asked = self.clock.now();
        let hello = self.client.hello().await?;
        // Before anything is sent to it: what it may have forgotten comes first.
        self.outbox.meet_log(&hello.log).await?;
        let answered = self.clock.now();
        let half_ms = answered.ms_since(asked) / 2;
        let offset_ms = hello.now.ms_since(asked.plus_ms(half_ms));
        if self.progress.cursor.is_some() {
            self.contact(answered, offset_ms).await?;
        } else {
            // Anybody may ask for the greeting: without a picture it says nothing about the age of
            // one, and the key may yet be refused.
            self.board.set_line(|line| line.clock_offset_ms = offset_ms);
        }
        Ok((hello, offset_ms))
    }

    async fn contact(&mut self, at: Timestamp, offset_ms: i64) -> Result<(), Trouble> {
        let before_ms = self.progress.clock_offset_ms;
        let is_news = (offset_ms - before_ms).abs() > JUMP_MS;
        let is_due = self
            .progress
            .last_contact
            .is_none_or(|last| (at.ms_since(last)).abs() >= CONTACT_STEP_MS);
        self.board.set_line(|line| {
            line.clock_offset_ms = offset_ms;
            line.last_contact = Some(at.plus_ms(offset_ms));
        });
        if is_due || is_news {
            self.progress.last_contact = Some(at);
            self.progress.clock_offset_ms = offset_ms;
            let corrected = at.plus_ms(offset_ms);
            self.cache.put_contact(corrected, offset_ms).await?;
        }
        // Also an offset that is as it was is told anew after a start.
        let is_told = self
            .told_offset_ms
            .is_some_and(|told| (offset_ms - told).abs() <= JUMP_MS);
        if !is_told && offset_ms.abs() > NOTABLE_OFFSET_MS {
            self.told_offset_ms = Some(offset_ms);
            self.board
                .notify(NoticeKind::ClockOffset, format!("{:+} s", offset_ms / 1000));
        }
        Ok(())
    }

    /// Fetches everything anew.
    async fn take_snapshot(&mut self, street: String) -> Result<(), Trouble> {
        // A backend that names another street has another log, wherever its numbers stand.
        let known = self.progress.place();
        let known = known.filter(|_| self.progress.street == street);
        let snapshot = self.client.snapshot(known).await?;
        let (cursor, version) = (snapshot.cursor, snapshot.reference_version);
        let log = snapshot.log.clone();
        let meeting = match self.progress.cursor {
            Some(_) if !snapshot.continues => Meeting::OtherLog,
            _ => Meeting::SameLog,
        };
        tracing::info!(cursor, ?meeting, "a snapshot replaces the picture");
        let (cache, outbox) = (Arc::clone(&self.cache), Arc::clone(&self.outbox));
        let (named, said) = (street.clone(), street.clone());
        let met = log.clone();
        let (reference, board) = (Arc::clone(&self.reference), Arc::clone(&self.board));
        let before = self.progress.place().map(|place| place.cursor);
        self.whole(async move {
            outbox.meet_log(&met).await?;
            let situation = cache.install(snapshot, named, meeting).await?;
            if meeting == Meeting::OtherLog {
                // It has left the disk with the log that it belonged to.
                *reference.write().await = None;
            }
            outbox.confirm(cursor).await?;
            outbox.show_over(situation).await;
            outbox.look_for_conflicts(&*cache).await?;
            if let (Meeting::OtherLog, Some(before)) = (meeting, before) {
                let detail = format!("{said}: {before} → {cursor}");
                board.notify(NoticeKind::LogReplaced, detail);
            }
            Ok(())
        })
        .await?;
        self.progress.street = street;
        self.progress.cursor = Some(cursor);
        self.progress.log = Some(log);
        self.progress.reference_wanted = version;
        // A whole snapshot may be more than the budget.
        self.pruned_hour = None;
        Ok(())
    }

    /// Runs what must not stop between disk and screen to its end, even when the session is cut
    /// off in the middle; the next session waits for it.
    async fn whole<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        if faults::has(Fault::LoseBatchOnCut) {
            return work.await;
        }
        let stage = Arc::clone(&self.stage).lock_owned().await;
        finish(async move {
            let result = work.await;
            drop(stage);
            result
        })
        .await
    }

    /// Fetches the reference data when the cache holds another version than the records need.
    async fn take_reference(&mut self) -> Result<(), Trouble> {
        let held = self.reference.read().await.as_ref().map(|r| r.version);
        if held == Some(self.progress.reference_wanted) {
            return Ok(());
        }
        let reference = Arc::new(self.client.reference().await?);
        let version = reference.version;
        if held == Some(version) {
            return Ok(());
        }
        let (cache, outbox) = (Arc::clone(&self.cache), Arc::clone(&self.outbox));
        let (board, held) = (Arc::clone(&self.board), Arc::clone(&self.reference));
        // Cut off in the middle, no later session would see that the screens lack it.
        self.whole(async move {
            cache.put_reference(Arc::clone(&reference)).await?;
            *held.write().await = Some(Arc::clone(&reference));
            outbox.take_reference(reference).await;
            board.publish([PictureChange::Reference { version }]);
            Ok(())
        })
        .await?;
        Ok(())
    }

    async fn follow_changes(&mut self) -> Trouble {
        loop {
            let Some(mut place) = self.progress.place() else {
                // Cannot be: a session begins with a snapshot where there is no place to go on from.
                return Trouble::NoPlace;
            };
            if faults::has(Fault::FollowAnyLog)
                && let Some(log) = self.outbox.met_log()
            {
                place.log = log;
            }
            let after = place.cursor;
            let polled = tokio::select! {
                biased;
                polled = self.client.changes(place) => polled,
                () = self.suspicion.notified() => {
                    // Somebody else could not reach the backend; a quick question settles it.
                    match self.greet().await {
                        Ok(_) => continue,
                        Err(trouble) => return trouble,
                    }
                }
            };
            let step = match polled {
                Err(CallError::Refused(problem))
                    if problem.code == ErrorCode::CursorTooOld && faults::has(Fault::SkipGap) =>
                {
                    self.skip_gap().await
                }
                Ok(changes) if changes.newest < after => self.start_over().await,
                Ok(changes) => self.take_changes(after, changes).await,
                Err(CallError::Refused(problem)) if problem.code == ErrorCode::CursorTooOld => {
                    self.start_over().await
                }
                // One lost connection is no lost line: the backend may answer the next question.
                Err(CallError::Unreachable { .. }) => self.greet().await.map(drop),
                Err(error) => Err(error.into()),
            };
            let step = match step {
                Ok(()) => self.prune().await,
                Err(trouble) => Err(trouble),
            };
            let step = match step {
                Ok(()) => self.meet_officers(false).await,
                Err(trouble) => Err(trouble),
            };
            if let Err(trouble) = step {
                return trouble;
            }
        }
    }

    /// Once an hour, forgets what ended days ago, and more where the cache is too large, so that a
    /// hall that runs for weeks does not grow.
    async fn prune(&mut self) -> Result<(), Trouble> {
        let now = self.board.now();
        let hour = now.unix_ms().div_euclid(HOUR_MS);
        if self.pruned_hour == Some(hour) {
            return Ok(());
        }
        let (cache, outbox) = (Arc::clone(&self.cache), Arc::clone(&self.outbox));
        let over_budget = self
            .whole(async move {
                let pruned = cache.prune(now.plus_ms(-KEEPS_ENDED_MS)).await?;
                if let Some(situation) = pruned.situation {
                    outbox.show_over(situation).await;
                }
                Ok(pruned.over_budget)
            })
            .await?;
        self.pruned_hour = Some(hour);
        let was_over_budget = std::mem::replace(&mut self.is_over_budget, over_budget.is_some());
        if let Some(over) = over_budget.filter(|_| !was_over_budget) {
            let (used, budget) = (over.used_bytes >> 20, over.budget_bytes >> 20);
            let detail = format!("{used} MiB > {budget} MiB");
            self.board.notify(NoticeKind::CacheOverBudget, detail);
        }
        Ok(())
    }

    /// The log no longer continues where we are: everything is fetched anew.
    async fn start_over(&mut self) -> Result<(), Trouble> {
        let (hello, _) = self.greet().await?;
        self.take_snapshot(hello.street).await?;
        self.take_reference().await
    }

    /// What [`Fault::SkipGap`] does in its place.
    async fn skip_gap(&mut self) -> Result<(), Trouble> {
        let snapshot = self.client.snapshot(None).await?;
        self.progress.cursor = Some(snapshot.cursor);
        Ok(())
    }

    async fn take_changes(&mut self, after: u64, changes: Changes) -> Result<(), Trouble> {
        let now = self.clock.now();
        let drift_ms = changes.now.ms_since(now) - self.progress.clock_offset_ms;
        let offset_ms = if drift_ms.abs() > JUMP_MS {
            changes.now.ms_since(now)
        } else {
            self.progress.clock_offset_ms
        };
        self.contact(now, offset_ms).await?;
        let mut before = after;
        for change in &changes.changes {
            if change.cursor <= before {
                return Err(Trouble::OutOfOrder {
                    before,
                    next: change.cursor,
                });
            }
            before = change.cursor;
        }
        let is_known = self.progress.log.as_ref() == Some(&changes.log)
            && self.outbox.met_log().as_ref() == Some(&changes.log);
        if changes.changes.is_empty() && is_known {
            self.board.set_line(|line| line.behind = 0);
            return Ok(());
        }
        let log = changes.log.clone();
        let (cache, board) = (Arc::clone(&self.cache), Arc::clone(&self.board));
        let outbox = Arc::clone(&self.outbox);
        let (cursor, reference_wanted) = self
            .whole(async move {
                outbox.meet_log(&changes.log).await?;
                let applied = cache.apply(changes.log, changes.changes).await?;
                let records = applied.records.into_iter().map(PictureChange::Record);
                let trails = applied.trails.into_iter().map(PictureChange::TrailGrew);
                board.publish(records.chain(trails));
                outbox.confirm(applied.cursor).await?;
                outbox.look_for_conflicts(&*cache).await?;
                Ok((applied.cursor, applied.reference_wanted))
            })
            .await?;
        self.progress.cursor = Some(cursor);
        self.progress.log = Some(log);
        self.progress.reference_wanted = reference_wanted;
        let behind = changes.newest.saturating_sub(cursor);
        self.board.set_line(|line| line.behind = behind);
        self.take_reference().await
    }
}

/// Follows positions. They are lossy: the newest wins and a failure is only tried again, because
/// the other poll finds out how the line is.
async fn follow_positions(
    client: Arc<dyn Calls>,
    cache: Arc<dyn CacheStore>,
    board: Arc<Board>,
    stage: Arc<tokio::sync::Mutex<()>>,
    pace: Pace,
) -> Trouble {
    let mut cursor = 0;
    let mut failures = 0;
    loop {
        let rest = match client.positions(cursor).await {
            Ok(positions) => {
                failures = 0;
                cursor = positions.cursor;
                // A snapshot must not come between disk and screen: it would bring back to the
                // screen what the disk had before.
                let _whole = stage.lock().await;
                let gone = gone(&board, &positions);
                if !positions.fixes.is_empty() || !gone.is_empty() {
                    let fixes = positions.fixes;
                    if let Err(error) = cache.locate(gone.clone(), fixes.clone()).await {
                        return error.into();
                    }
                    board.publish([
                        PictureChange::PositionsGone(gone),
                        PictureChange::Positions(fixes),
                    ]);
                }
                pace.position_pause
            }
            Err(error) => {
                tracing::debug!(%error, "positions are not to be had at the moment");
                failures += 1;
                crate::backoff::pause(failures, pace.first_backoff, pace.longest_line_backoff, 1.0)
            }
        };
        tokio::time::sleep(rest).await;
    }
}

/// Who is shown and may no longer be.
fn gone(board: &Board, answer: &Positions) -> Vec<PersonId> {
    if !answer.is_whole {
        return answer.gone.clone();
    }
    let there: BTreeSet<PersonId> = answer.fixes.iter().map(|fix| fix.person).collect();
    board.read(|picture| {
        let shown = picture.situation.positions.keys();
        shown.filter(|p| !there.contains(p)).copied().collect()
    })
}
