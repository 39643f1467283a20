//! Assessment (考核评价): every indicator as numerator, denominator and the work behind each.
//!
//! Two computations answer the same question and share no code: [`Assessment`] keeps counts while
//! entries of the trail arrive, for a screen; [`recompute()`] goes through the trail alone, slowly
//! and readably, for whoever doubts a number. They share the words (indicators, subjects, periods,
//! groups), the choices of the rules file ([`AssessmentRules`]) and the definitions, which are
//! written out in `docs/assessment.md`.
//!
//! # What is counted
//!
//! A table is made for a period `from <= t < to`, seen at the instant `now`. What happened
//! (`occurred_at`) at or after the end of the period is not seen, so that a table of the past
//! changes by late arrivals only. Drills are never counted. Of an incident that is cancelled (作废)
//! or marked as a duplicate nothing is counted but its report, unless the rules file says
//! otherwise.
//!
//! The *standing deadline* of a clock is its deadline while it runs; while it stands still (a
//! suspension, a return) it has none, unless it had run out before it was stopped.
//!
//! - A **dispatch round** begins when a matter comes to wait for dispatch (filed, returned, taken
//!   back, reworked) and is done by the dispatch that ends the wait.
//! - A **handling round** begins with that dispatch and is done when the matter is handled. Before
//!   that it ends undone by a return, by the taking back of its last order, by a forced close or
//!   a cancellation; then it counts only if its deadline had passed.
//! - **Closing** is owed once for each incident, at the standing deadline of its check; while it is
//!   not handled yet, at that of its handling.
//!
//! A round or an incident is **due** in the period that holds its deadline, or, where the rules
//! file has `due_at = "settled"`, the earlier of its deadline and its being done. Nothing is due
//! before its instant has come: that of a due round lies before `now` too.

mod counted;
mod counts;
mod figures;
mod live;
mod matter;
mod period;
mod recompute;
mod rules;

pub use figures::{
    By, CompositeScore, CompositeTerm, Effort, Figures, GroupKey, Indicator, Ratio, Row, Subject,
    Table, hundredths,
};
pub use live::Assessment;
pub use period::{Each, Period};
pub use recompute::recompute;
pub use rules::{
    AssessmentRules, CompositeRule, Counting, DueAt, HotlineChannels, Missing, ResponseLimit,
    ReworkOutOf, TermRule,
};

#[cfg(test)]
mod tests;
