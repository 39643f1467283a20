//! Whose position may be shown: of those on duty or with an order under way, and of others while the
//! mode in force allows it. The domain decides; this asks it again whenever an order, the mode, the
//! roster or the time has moved, and puts on record whom the roster does not cover.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::modes::{RulesInMode, rules_in_mode};
use domain::roster::{PositionUse, Roster, position_use};
use domain::{Person, PersonId, Timestamp};

use crate::Shared;
use crate::store::StoreError;
use crate::tables::{modes, orders, people, position_uses};

/// Turns begin and end on minutes; looked at this often, nobody is shown for long after the own.
const SLICE_MS: i64 = 15_000;
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
        let mut state = self.visible.lock();
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
        let outside: Vec<PersonId> = self
            .board
            .all()
            .iter()
            .map(|fix| fix.person)
            .filter(|person| uses.get(person) == Some(&PositionUse::ShownAndLogged))
            .filter(|person| !state.session.1.contains(person))
            .collect();
        self.note(&mut state, outside, now);
        self.board.show(uses, state.session.1.clone());
        state.moment = Some(moment);
        Ok(())
    }

    /// Puts on record whom of these the roster does not cover, before their positions are taken.
    pub fn note_outside_roster(&self, people: BTreeSet<PersonId>) -> Result<(), StoreError> {
        self.renew_visible()?;
        let outside = self.board.unnoted(people);
        if !outside.is_empty() {
            let mut state = self.visible.lock();
            self.note(&mut state, outside.clone(), self.clock.now());
            if outside
                .iter()
                .all(|person| state.session.1.contains(person))
            {
                self.board.note(outside);
            }
        }
        Ok(())
    }

    /// Without its place on record nobody is shown, so a failure only means that they are not.
    fn note(&self, state: &mut State, outside: Vec<PersonId>, at: Timestamp) {
        if outside.is_empty() {
            return;
        }
        let mode_switch = state.session.0;
        let noted = self
            .store
            .write(|db| position_uses::note(db, mode_switch, &outside, at));
        match noted {
            Ok(()) => {
                tracing::info!(
                    people = outside.len(),
                    "positions outside the roster are shown"
                );
                state.session.1.extend(outside);
            }
            Err(error) => tracing::error!(%error, "positions outside the roster are withheld"),
        }
    }
}

impl Visible {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // What is half done is done again, because the moment is written last.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the position of each person may be used for.
fn uses(
    roster: &[Person],
    in_mode: &RulesInMode<'_>,
    busy: &BTreeSet<PersonId>,
    now: Timestamp,
) -> HashMap<PersonId, PositionUse> {
    let turns = Roster::of(roster);
    // Who is called for an exercise is no more to be seen than on any other day.
    let duty_mode = in_mode.duty_mode(false);
    let position_mode = in_mode.position_mode();
    roster
        .iter()
        .map(|person| {
            let duty = turns.on_duty(person, now, duty_mode);
            let is_busy = busy.contains(&person.id);
            (person.id, position_use(duty, is_busy, position_mode))
        })
        .collect()
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
