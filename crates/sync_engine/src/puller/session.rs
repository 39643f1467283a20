//! One session with the backend, from hello to what breaks it.

use std::sync::Arc;
use std::time::Duration;

use domain::incidents::SHOWN_AFTER_END_MS;
use domain::time::HOUR_MS;
use protocol::errors::ErrorCode;
use protocol::feed::{LineState, NoticeKind, PictureChange};
use protocol::http::Changes;

use super::positions::follow_positions;
use super::{Puller, Trouble};
use crate::board::Reading;
use crate::client::CallError;
use crate::errors::StoreError;
use crate::faults::{self, Fault};
use crate::finishing::finish;
use crate::outbox::Outbox;
use crate::store::cache::Meeting;

/// How often the backend is asked whether those whom the hall would let in still stand as they did,
/// beside the beginning of each session.
const MEETS_OFFICERS_EVERY: Duration = Duration::from_mins(5);

/// What may be otherwise at the next question: each is looked into once, and is trouble, which ends in
/// a pause, the second time in a row.
#[derive(Debug, Clone, Copy)]
struct Leeway {
    /// The connection was cut.
    for_cut: bool,
    /// The log does not continue where we are.
    for_gap: bool,
}

impl Leeway {
    const WHOLE: Self = Self {
        for_cut: true,
        for_gap: true,
    };

    fn take_cut(&mut self) -> Option<()> {
        let has_some = self.for_cut;
        self.for_cut = faults::has(Fault::AskOnAndOn);
        has_some.then_some(())
    }

    fn take_gap(&mut self) -> Option<()> {
        std::mem::take(&mut self.for_gap).then_some(())
    }
}

impl Puller {
    /// Talks to the backend until something breaks; `failures` is reset once it works.
    pub(super) async fn session(&mut self, failures: &mut u32) -> Trouble {
        if let Err(trouble) = self.begin().await {
            return trouble;
        }
        if faults::has(Fault::ForgetFailures) {
            *failures = 0;
        }
        if faults::has(Fault::TrustGreeting) {
            self.line_is(LineState::Online, String::new());
        }
        if let Err(trouble) = self.catch_up().await {
            return trouble;
        }
        self.line_is(LineState::Online, String::new());
        let positions = follow_positions(
            Arc::clone(&self.client),
            Arc::clone(&self.cache),
            Arc::clone(&self.board),
            Arc::clone(&self.stage),
            Arc::clone(&self.jitter),
            self.pace,
        );
        tokio::select! {
            biased;
            trouble = self.follow_changes(failures) => trouble,
            never = positions => never,
        }
    }

    /// Hello, and a snapshot where the log cannot be continued.
    async fn begin(&mut self) -> Result<(), Trouble> {
        // A session that was cut off may have left a batch between disk and screen.
        drop(self.stage.lock().await);
        self.progress = self.cache.progress().await?;
        self.kept_offset_ms = self.progress.clock_offset_ms;
        let place = self.progress.place();
        self.outbox.assume_log(self.progress.log.clone());
        let met = self.outbox.met_log();
        if let Some(place) = place.as_ref().filter(|p| met.as_ref() == Some(&p.log)) {
            confirm(&self.outbox, place.cursor).await?;
        }
        self.outbox.look_for_conflicts(&*self.cache).await?;
        let greeted = self.greet().await?;
        if place.is_none() || self.progress.street != greeted.hello.street {
            self.take_snapshot(greeted.hello.street).await?;
            // The clock may have been set since it was measured.
            self.contact(greeted.at, 0).await?;
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
        let met = self.outbox.meet(standings, asked).await;
        self.officers_met_at = Some(now);
        match met {
            Err(StoreError::DiskFull { path }) => {
                // Nothing can be queued meanwhile, and they are asked after again; the street goes on.
                tracing::warn!(?path, "how the officers stand cannot be kept");
                Ok(())
            }
            Err(error @ StoreError::Damaged { .. }) => {
                self.outbox.say_damaged(&error);
                Ok(())
            }
            met => Ok(met?),
        }
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
            // Whatever becomes of it, what the cache has come to is shown.
            let confirmed = confirm(&outbox, cursor).await;
            outbox.show_over(situation).await;
            confirmed?;
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

    /// The first question for changes, which is answered at once: whoever greets may all the same be
    /// unable to give any.
    async fn catch_up(&mut self) -> Result<(), Trouble> {
        let mut leeway = Leeway {
            // It has greeted just now.
            for_cut: faults::has(Fault::AskOnAndOn),
            for_gap: true,
        };
        while !self.ask_for_changes(Duration::ZERO, &mut leeway).await? {}
        Ok(())
    }

    /// Asks for changes until something breaks. Only here `failures` is reset: where no more than the
    /// questions that wait are cut off, every session begins well.
    async fn follow_changes(&mut self, failures: &mut u32) -> Trouble {
        let mut leeway = Leeway::WHOLE;
        loop {
            match self.ask_for_changes(self.pace.poll_wait, &mut leeway).await {
                Ok(true) => {
                    *failures = 0;
                    leeway = Leeway::WHOLE;
                }
                Ok(false) => {}
                Err(trouble) => return trouble,
            }
        }
    }

    /// Asks for what follows and takes it; says whether it has come. Otherwise the question is to be
    /// asked again.
    async fn ask_for_changes(
        &mut self,
        wait: Duration,
        leeway: &mut Leeway,
    ) -> Result<bool, Trouble> {
        // A session begins with a snapshot where there is no place to go on from.
        let mut place = self.progress.place().ok_or(Trouble::NoPlace)?;
        if faults::has(Fault::FollowAnyLog)
            && let Some(log) = self.outbox.met_log()
        {
            place.log = log;
        }
        let after = place.cursor;
        let asked = Reading::of(&*self.clock);
        let client = Arc::clone(&self.client);
        let mut call = client.changes(place, wait);
        let polled = loop {
            tokio::select! {
                biased;
                polled = &mut call => break polled,
                () = self.doubted() => {
                    // Somebody else could not reach the backend; a quick question settles it.
                    self.greet().await?;
                    // The connection of a question that only waits may be dead. One over which changes
                    // come is not, and on a slow line they would begin anew at each doubt.
                    if !client.is_receiving_changes() {
                        return Ok(false);
                    }
                }
            }
        };
        let has_come = match polled {
            Ok(changes) if changes.newest >= after => {
                self.take_changes(after, asked, changes).await?;
                true
            }
            Ok(changes) => {
                leeway.take_gap().ok_or(Trouble::OutOfOrder {
                    before: after,
                    next: changes.newest,
                })?;
                self.start_over().await?;
                false
            }
            Err(error) => {
                self.look_into(error, leeway).await?;
                false
            }
        };
        self.prune().await?;
        self.meet_officers(false).await?;
        Ok(has_come)
    }

    /// Resolves when the line is to be looked at because something could not be sent.
    async fn doubted(&mut self) {
        self.suspicion.notified().await;
        let now = self.clock.monotonic();
        tokio::time::sleep(self.doubts.rest(now, &self.pace, &self.jitter)).await;
    }

    /// Looks once into what may be otherwise at the next question.
    async fn look_into(&mut self, error: CallError, leeway: &mut Leeway) -> Result<(), Trouble> {
        let is_gap = matches!(&error, CallError::Refused(problem) if problem.code == ErrorCode::CursorTooOld);
        if is_gap && faults::has(Fault::SkipGap) {
            return self.skip_gap().await;
        }
        if is_gap && leeway.take_gap().is_some() {
            return self.start_over().await;
        }
        // One lost connection is no lost line: the backend may answer the next question.
        let is_cut = matches!(error, CallError::Unreachable { .. });
        if is_cut && leeway.take_cut().is_some() {
            return self.greet().await.map(drop);
        }
        Err(error.into())
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
                let pruned = cache.prune(now.plus_ms(-SHOWN_AFTER_END_MS)).await?;
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
        let greeted = self.greet().await?;
        self.take_snapshot(greeted.hello.street).await?;
        self.take_reference().await
    }

    /// What [`Fault::SkipGap`] does in its place.
    async fn skip_gap(&mut self) -> Result<(), Trouble> {
        let snapshot = self.client.snapshot(None).await?;
        self.progress.cursor = Some(snapshot.cursor);
        Ok(())
    }

    async fn take_changes(
        &mut self,
        after: u64,
        asked: Reading,
        changes: Changes,
    ) -> Result<(), Trouble> {
        let now = Reading::of(&*self.clock);
        self.measure_by(changes.now, asked, now, !changes.changes.is_empty());
        let age_ms = self.age_of(changes.now, asked, now);
        self.contact(now, age_ms).await?;
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
            // What could not be removed the last time is.
            confirm(&self.outbox, after).await?;
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
                confirm(&outbox, applied.cursor).await?;
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

/// Removes what the cache, which has come to `cursor`, holds the effects of. Where the disk has no room for
/// that, or the outbox is damaged, it stays a while longer: neither the line nor the picture waits for it.
async fn confirm(outbox: &Outbox, cursor: u64) -> Result<(), StoreError> {
    match outbox.confirm(cursor).await {
        Err(error @ StoreError::Damaged { .. }) => {
            outbox.say_damaged(&error);
            Ok(())
        }
        Err(StoreError::DiskFull { path }) => {
            tracing::warn!(
                ?path,
                "what is done stays in the outbox until there is room"
            );
            Ok(())
        }
        other => other,
    }
}
