//! Whose position may be shown: of those on duty or with an order under way, and of others while the
//! mode in force allows it. The domain decides; this asks it again whenever an order, the mode, the
//! roster or the time has moved, and puts on record whom the roster does not cover.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::modes::{RulesInMode, rules_in_mode};
use domain::roster::{OnDutyBy, PositionUse, Roster, position_use};
use domain::{Person, PersonId, PositionSource, Timestamp};
use protocol::http::{Accepted, NewPosition};

use crate::Shared;
use crate::positions::UseSince;
use crate::store::StoreError;
use crate::tables::{modes, orders, people, position_uses};

/// Turns begin and end on minutes; looked at this often, nobody is shown for long after the own.
const SLICE_MS: i64 = 15_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Shortest time between two looks that nobody asked for.
const SHORTEST_REST: Duration = Duration::from_millis(100);

/// What the last answer was made of.
#[derive(Debug, Default)]
pub struct Visible {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    roster: Vec<Person>,
    moment: Option<Moment>,
    /// The switch of the mode in force, and who was noted in it.
    session: (u64, HashSet<PersonId>),
}

/// As long as this is the same, so is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    mode_switch: u64,
    orders: u64,
    slice: i64,
}

impl Shared {
    /// Reads the roster again after an import.
    pub fn renew_roster(&self) -> Result<(), StoreError> {
        {
            let mut state = self.visible.lock();
            state.roster = self.store.read(|db| people::all(db))?;
            state.moment = None;
        }
        self.renew_visible()
    }

    /// Brings the board of positions to what may be shown now. Costs two small reads while nothing
    /// has moved.
    pub fn renew_visible(&self) -> Result<(), StoreError> {
        self.renew(&mut self.visible.lock())
    }

    fn renew(&self, state: &mut State) -> Result<(), StoreError> {
        loop {
            let now = self.clock.now();
            let (session, moment) = self.store.read(|db| -> Result<_, StoreError> {
                let (mode_switch, session) = modes::last_switch(db)?;
                let moment = Moment {
                    mode_switch,
                    orders: orders::newest_change(db)?,
                    slice: now.unix_ms().div_euclid(SLICE_MS),
                };
                Ok((session, moment))
            })?;
            if state.moment == Some(moment) {
                return Ok(());
            }
            let busy = self.store.read(|db| orders::people_under_way(db))?;
            let in_mode = rules_in_mode(&self.rules, session);
            let uses = uses(&state.roster, &in_mode, &busy, now);
            if state.session.0 != moment.mode_switch {
                state.session = (moment.mode_switch, HashSet::new());
            }
            // Who is shown already goes on being shown, once that is on record.
            let is_outside = |person: &PersonId| {
                let known = uses.get(person);
                known.is_some_and(|known| known.used == PositionUse::ShownAndLogged)
            };
            let fixes = self.board.all();
            let outside = fixes.iter().map(|fix| fix.person).filter(is_outside);
            if self.note(state, outside.collect(), now) {
                self.board.show(uses, state.session.1.clone());
                state.moment = Some(moment);
                return Ok(());
            }
        }
    }

    /// Takes positions, once everybody of these whom the roster does not cover is on record. Nobody is
    /// put there for a position that is not taken.
    pub fn take_positions(
        &self,
        positions: Vec<NewPosition>,
        by: PositionSource,
        answer: &mut Accepted,
    ) -> Result<(), StoreError> {
        // Held to the end: nobody else changes what may be shown while it is put on record.
        let mut state = self.visible.lock();
        self.renew(&mut state)?;
        let now = self.clock.now();
        let fixes = self.board.convert(positions, by, now, answer);
        loop {
            let outside = self.board.unnoted(&fixes);
            if self.note(&mut state, outside.clone(), now) {
                let noted = &state.session.1;
                self.board
                    .note(outside.into_iter().filter(|person| noted.contains(person)));
                break;
            }
            self.renew(&mut state)?;
        }
        self.board.take(fixes);
        Ok(())
    }

    /// Puts on record who of these is not yet. Without their place on record nobody is shown, so a
    /// failure only means that they are not. `false` says that the mode was switched since the look,
    /// so that nobody was put on record and it is to be looked again.
    fn note(&self, state: &mut State, mut outside: Vec<PersonId>, at: Timestamp) -> bool {
        let (mode_switch, noted) = &mut state.session;
        outside.retain(|person| !noted.contains(person));
        if outside.is_empty() {
            return true;
        }
        // The one writer: nobody switches between the question and the record.
        let done = self.store.write(|db| -> Result<bool, StoreError> {
            let is_in_force = modes::last_switch(db)?.0 == *mode_switch;
            if is_in_force {
                position_uses::note(db, *mode_switch, &outside, at)?;
            }
            Ok(is_in_force)
        });
        match done {
            Ok(true) => {
                tracing::info!(
                    people = outside.len(),
                    "positions outside the roster are shown"
                );
                noted.extend(outside);
            }
            Ok(false) => return false,
            Err(error) => tracing::error!(%error, "positions outside the roster are withheld"),
        }
        true
    }
}

impl Visible {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // What is half done is done again, because the moment is written last.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the position of each person may be used for, and since when if that is new: since the turn
/// began, or from now on where it is an order, the mode or the turn of somebody else. The beginning
/// of a turn is computed rather than seen, so it is the same after a restart.
fn uses(
    roster: &[Person],
    in_mode: &RulesInMode<'_>,
    busy: &BTreeSet<PersonId>,
    now: Timestamp,
) -> HashMap<PersonId, UseSince> {
    let turns = Roster::of(roster);
    // Who is called for an exercise is no more to be seen than on any other day.
    let duty_mode = in_mode.duty_mode(false);
    let position_mode = in_mode.position_mode();
    roster
        .iter()
        .map(|person| {
            let duty = turns.on_duty(person, now, duty_mode);
            let use_since = UseSince {
                used: position_use(duty, busy.contains(&person.id), position_mode),
                since: duty
                    .and_then(|by| turn_began(person, by, now))
                    .unwrap_or(now),
            };
            (person.id, use_since)
        })
        .collect()
}

/// When the present turn of somebody on duty began; `None` when it takes more than the person's own
/// entry to say so.
fn turn_began(person: &Person, by: OnDutyBy, now: Timestamp) -> Option<Timestamp> {
    let plan = &person.duty;
    let began = match by {
        OnDutyBy::Pattern => {
            let from_ms = i64::from(person.shift.from_minute) * MINUTE_MS;
            let today = now.local_day_start().plus_ms(from_ms);
            if today <= now {
                today
            } else {
                today.plus_ms(-DAY_MS)
            }
        }
        OnDutyBy::ExtraTurn => plan.extra_turns.iter().find(|turn| turn.covers(now))?.from,
        OnDutyBy::EmergencySet | OnDutyBy::Substitute { .. } => return None,
    };
    // Who comes back in the middle of a turn is on duty from then on.
    let back = plan.absences.iter().map(|absence| absence.span.to);
    Some(back.filter(|back| *back <= now).fold(began, Timestamp::max))
}

/// Looks again after every change, so that halls that wait hear of it.
pub async fn keep(shared: Arc<Shared>) -> Infallible {
    let mut newest = shared.newest.subscribe();
    loop {
        if newest.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        look(&shared).await;
        tokio::time::sleep(SHORTEST_REST).await;
    }
}

/// One look, beside the asynchronous tasks.
pub async fn look(shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    match tokio::task::spawn_blocking(move || shared.renew_visible()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "who may be shown was not looked at"),
        Err(error) => tracing::error!(%error, "who may be shown failed inside"),
    }
}

#[cfg(test)]
mod tests;
