//! The roster in time: who is on duty at an instant and by what, who stands in for whom, and when
//! the next turn begins.
//!
//! Two duty sets (平/战两套值班): the daily [`Shift`] of every person is the normal one; an
//! [`EmergencyTurn`] joins from its emergency level on. The normal set goes on working inside the
//! emergency, so the second adds to the first and never takes anybody off.
//!
//! - A turn over midnight belongs to one shift: minutes from its beginning on the one day to its
//!   end on the next.
//! - Who is absent is off duty, whatever else the roster says of them, also as a substitute.
//! - A substitute takes over every turn that falls into the absence, beside the own ones. Nobody
//!   is reached through two absences: a substitute who is absent at the same time is a fault of
//!   the roster ([`check`]), which rules out chains and cycles; while such a roster is stored all
//!   the same, nobody stands in.
//! - Who has an order under way answers for it beyond the end of the shift, until it is done,
//!   refused or withdrawn; a handover (交接班) is a withdrawal and a new order. They are off duty
//!   for every other order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;
use crate::modes::Mode;
use crate::people::{Person, Shift};
use crate::time::{DAY_MS, MINUTE_MS, Timestamp};

/// Entries of one list in a [`DutyPlan`]; the past is cleared away by whoever keeps the roster.
pub const MOST_ENTRIES: usize = 64;
/// The longest absence or extra turn that is believed to be meant.
pub const LONGEST_SPAN_DAYS: i64 = 400;
/// Minutes of a day.
const DAY_MINUTES: u16 = 1_440;

/// What differs from the daily shift.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DutyPlan {
    /// Times of being away, without overlap.
    pub absences: Vec<Absence>,
    /// Turns beyond the daily shift, such as the own half of a swap with nobody absent.
    pub extra_turns: Vec<Span>,
    /// The turn in the emergency duty set.
    pub emergency: Option<EmergencyTurn>,
}

/// A stretch of time: from the first instant to just before the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
}

impl Span {
    /// Whether the instant lies inside.
    pub fn covers(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether the two have an instant in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// Why somebody is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceKind {
    /// 请假: leave or illness.
    Leave,
    /// 换班: the turn is swapped with the substitute, who is absent for the other one in turn.
    Swap,
}

/// A time of being away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// When.
    pub span: Span,
    /// Why.
    pub kind: AbsenceKind,
    /// Who takes over the turns in it (替班); nobody when `None`.
    pub substitute: Option<PersonId>,
}

/// A turn in the emergency duty set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyTurn {
    /// The mildest mode in which it counts; in graver ones it counts as well.
    pub from_mode: Mode,
    /// Daily shift while it counts.
    pub shift: Shift,
}

/// By what somebody is on duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDutyBy {
    /// The daily shift.
    Pattern,
    /// A turn beyond it.
    ExtraTurn,
    /// The emergency duty set.
    EmergencySet,
    /// The turn of somebody who is absent.
    Substitute {
        /// Who is absent.
        of: PersonId,
    },
}

/// Whether somebody is on duty, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// On duty.
    On {
        /// By what.
        by: OnDutyBy,
    },
    /// Off duty.
    Off {
        /// When the next turn begins by the roster as it is; `None` when it has none.
        next_begins_at: Option<Timestamp>,
    },
}

/// How somebody answers for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answering {
    /// On duty.
    OnDuty,
    /// The turn has ended and the order has not: it is to be handed over or finished.
    Overtime,
    /// Not any more: the order has ended.
    No,
}

/// What a position may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PositionUse {
    /// Shown: the person is on duty or carries out an order.
    Shown,
    /// Shown because of the emergency although the roster does not cover it: to be logged.
    ShownAndLogged,
    /// Neither shown nor kept.
    Withheld,
}

/// Whether a position may be shown: none outside the roster, unless in emergency mode, and then it
/// is logged. `duty` is `None` for somebody who is off duty or not in the roster at all.
pub const fn position_use(
    duty: Option<OnDutyBy>,
    has_order_under_way: bool,
    mode: Mode,
) -> PositionUse {
    if duty.is_some() || has_order_under_way {
        PositionUse::Shown
    } else if matches!(mode, Mode::Normal) {
        PositionUse::Withheld
    } else {
        PositionUse::ShownAndLogged
    }
}

/// The people of a roster, prepared for questions about instants.
#[derive(Debug, Clone, Default)]
pub struct Roster<'a> {
    /// Absences by who stands in.
    covers: BTreeMap<PersonId, Vec<(&'a Person, &'a Absence)>>,
}

impl<'a> Roster<'a> {
    /// Prepares a roster. Absences are few, so this costs one pass over the people.
    pub fn of(people: impl IntoIterator<Item = &'a Person>) -> Self {
        let mut covers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for person in people {
            for absence in &person.duty.absences {
                if let Some(substitute) = absence.substitute {
                    covers
                        .entry(substitute)
                        .or_default()
                        .push((person, absence));
                }
            }
        }
        Self { covers }
    }

    fn covers_of(&self, person: PersonId) -> &[(&'a Person, &'a Absence)] {
        self.covers.get(&person).map_or(&[], Vec::as_slice)
    }

    /// By what the person is on duty; `None` when off duty.
    pub fn on_duty(&self, person: &Person, at: Timestamp, mode: Mode) -> Option<OnDutyBy> {
        if is_absent(person, at) {
            return None;
        }
        own_turn(person, at, mode).or_else(|| {
            self.covers_of(person.id)
                .iter()
                .find(|(absent, absence)| {
                    absence.span.covers(at) && own_turn(absent, at, mode).is_some()
                })
                .map(|(absent, _)| OnDutyBy::Substitute { of: absent.id })
        })
    }

    /// Whether the person is on duty, with the reason or the beginning of the next turn.
    pub fn duty(&self, person: &Person, at: Timestamp, mode: Mode) -> Duty {
        match self.on_duty(person, at, mode) {
            Some(by) => Duty::On { by },
            None => Duty::Off {
                next_begins_at: self.next_turn(person, at, mode),
            },
        }
    }

    /// How the person answers for an order in a state at an instant.
    pub fn answering(
        &self,
        person: &Person,
        state: crate::orders::OrderState,
        at: Timestamp,
        mode: Mode,
    ) -> Answering {
        if !state.is_under_way() {
            Answering::No
        } else if self.on_duty(person, at, mode).is_some() {
            Answering::OnDuty
        } else {
            Answering::Overtime
        }
    }

    /// The first instant after `at` at which the person is on duty, looked for among the instants
    /// at which being off can end: the beginning of a turn, and the end or beginning of an absence.
    fn next_turn(&self, person: &Person, at: Timestamp, mode: Mode) -> Option<Timestamp> {
        let covers = self.covers_of(person.id);
        let mut bases = vec![at];
        bases.extend(person.duty.absences.iter().map(|absence| absence.span.to));
        bases.extend(covers.iter().map(|(_, absence)| absence.span.from));
        let mut begins = bases.clone();
        for who in std::iter::once(person).chain(covers.iter().map(|(absent, _)| *absent)) {
            begins.extend(who.duty.extra_turns.iter().map(|turn| turn.from));
            for shift in shifts(who, mode) {
                begins.extend(bases.iter().map(|base| shift.next_begin(*base)));
            }
        }
        begins
            .into_iter()
            .filter(|begin| *begin > at && self.on_duty(person, *begin, mode).is_some())
            .min()
    }
}

/// The shifts that count in a mode.
fn shifts(person: &Person, mode: Mode) -> impl Iterator<Item = Shift> {
    let emergency = person.duty.emergency.filter(|turn| counts(*turn, mode));
    std::iter::once(person.shift).chain(emergency.map(|turn| turn.shift))
}

fn counts(turn: EmergencyTurn, mode: Mode) -> bool {
    mode != Mode::Normal && mode >= turn.from_mode
}

fn is_absent(person: &Person, at: Timestamp) -> bool {
    let absences = &person.duty.absences;
    absences.iter().any(|absence| absence.span.covers(at))
}

/// The turn that the person's own entry gives, absences aside.
fn own_turn(person: &Person, at: Timestamp, mode: Mode) -> Option<OnDutyBy> {
    let plan = &person.duty;
    if person.shift.covers(at) {
        Some(OnDutyBy::Pattern)
    } else if plan.extra_turns.iter().any(|turn| turn.covers(at)) {
        Some(OnDutyBy::ExtraTurn)
    } else if plan
        .emergency
        .is_some_and(|turn| counts(turn, mode) && turn.shift.covers(at))
    {
        Some(OnDutyBy::EmergencySet)
    } else {
        None
    }
}

impl Shift {
    /// The first instant after `base` at which a turn of the shift begins.
    fn next_begin(self, base: Timestamp) -> Timestamp {
        let today = base
            .local_day_start()
            .plus_ms(i64::from(self.from_minute) * MINUTE_MS);
        if today > base {
            today
        } else {
            today.plus_ms(DAY_MS)
        }
    }
}

/// What is wrong with a roster entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterFault {
    /// A shift does not lie within the day.
    #[error("a shift lies in minutes 0 to 1439 of the day, not {from_minute} to {to_minute}")]
    Shift {
        /// As given.
        from_minute: u16,
        /// As given.
        to_minute: u16,
    },
    /// An absence or extra turn ends before it begins, or lasts too long.
    #[error("{} to {} is no span of up to {LONGEST_SPAN_DAYS} days", .0.from.local_ymd(), .0.to.local_ymd())]
    Span(Span),
    /// More entries than are believed to be meant.
    #[error("has more than {MOST_ENTRIES} absences or extra turns: remove those of the past")]
    TooMany,
    /// Absences overlap each other or an extra turn, so that it is unclear which counts.
    #[error("the absence from {} overlaps another absence or an extra turn", .0.from.local_ymd())]
    Overlap(Span),
    /// The substitute is the absent person.
    #[error("stands in for oneself from {}", .0.from.local_ymd())]
    OwnSubstitute(Span),
    /// The substitute is not in the roster.
    #[error("{substitute}, who stands in, is not in the roster")]
    UnknownSubstitute {
        /// Who was named.
        substitute: PersonId,
    },
    /// The substitute is absent at the same time: a chain, or a cycle.
    #[error(
        "{substitute} stands in for {absent} from {} and is absent then: name somebody who is there",
        at.local_ymd()
    )]
    SubstituteAbsent {
        /// Who is absent.
        absent: PersonId,
        /// Who stands in and is absent too.
        substitute: PersonId,
        /// When both begin to be absent.
        at: Timestamp,
    },
}

/// Checks one entry by itself and against the rest of the roster: its substitutes must be there
/// while it is absent, and it must not be absent while it stands in for others.
pub fn check(person: &Person, roster: &BTreeMap<PersonId, Person>) -> Result<(), RosterFault> {
    check_alone(person)?;
    for absence in &person.duty.absences {
        let Some(substitute) = absence.substitute else {
            continue;
        };
        let there = roster
            .get(&substitute)
            .ok_or(RosterFault::UnknownSubstitute { substitute })?;
        check_there(person.id, absence, there)?;
    }
    if person.duty.absences.is_empty() {
        return Ok(());
    }
    for absent in roster.values().filter(|other| other.id != person.id) {
        for absence in &absent.duty.absences {
            if absence.substitute == Some(person.id) {
                check_there(absent.id, absence, person)?;
            }
        }
    }
    Ok(())
}

fn check_there(absent: PersonId, absence: &Absence, there: &Person) -> Result<(), RosterFault> {
    let mut away = there.duty.absences.iter();
    match away.find(|other| other.span.overlaps(absence.span)) {
        Some(other) => Err(RosterFault::SubstituteAbsent {
            absent,
            substitute: there.id,
            at: absence.span.from.max(other.span.from),
        }),
        None => Ok(()),
    }
}

fn check_alone(person: &Person) -> Result<(), RosterFault> {
    let plan = &person.duty;
    let emergency = plan.emergency.map(|turn| turn.shift);
    for shift in std::iter::once(person.shift).chain(emergency) {
        if shift.from_minute >= DAY_MINUTES || shift.to_minute >= DAY_MINUTES {
            return Err(RosterFault::Shift {
                from_minute: shift.from_minute,
                to_minute: shift.to_minute,
            });
        }
    }
    if plan.absences.len() > MOST_ENTRIES || plan.extra_turns.len() > MOST_ENTRIES {
        return Err(RosterFault::TooMany);
    }
    let absences = plan.absences.iter().map(|absence| absence.span);
    for span in absences.chain(plan.extra_turns.iter().copied()) {
        let length_ms = span.to.ms_since(span.from);
        if length_ms <= 0 || length_ms > LONGEST_SPAN_DAYS * DAY_MS {
            return Err(RosterFault::Span(span));
        }
    }
    for (index, absence) in plan.absences.iter().enumerate() {
        let span = absence.span;
        let mut before = plan.absences[..index].iter().map(|other| other.span);
        if before.any(|other| other.overlaps(span))
            || plan.extra_turns.iter().any(|turn| turn.overlaps(span))
        {
            return Err(RosterFault::Overlap(span));
        }
        if absence.substitute == Some(person.id) {
            return Err(RosterFault::OwnSubstitute(span));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
