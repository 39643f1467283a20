//! What a seed makes of a run: how many desks, how bad a network, and which troubles.
//!
//! Each seed leaves most kinds of trouble out and exaggerates the others ("swarm testing"), because
//! a run in which everything goes wrong at once seldom comes far enough for the subtle things.

use std::time::Duration;

use crate::dice::Dice;

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// A hall's connections are refused.
    Refused,
    /// What a hall sends and gets vanishes.
    Silence,
    /// The backend is down for everybody.
    BackendDown,
    /// A hall's process is killed.
    Kill,
    /// A hall's machine loses its power.
    PowerCut,
    /// A hall is closed and started again in an orderly way.
    Restart,
    /// A hall's clock is set wrong or right again.
    ClockJump,
    /// A hall's disk is full for a while.
    FullDisk,
    /// A hall's disk is slow for a while.
    SlowDisk,
    /// The backend cuts its change log.
    CutLog,
    /// The backend ends all sessions.
    RevokeSessions,
    /// The reference data changes at the backend.
    NewReference,
    /// A hall's cache is damaged at its next start.
    DamagedCache,
    /// A hall's machine loses its power, and a page of its outbox cannot be read afterwards.
    DamagedOutbox,
    /// An officer switches the line off and on.
    Unplug,
    /// The backend greets a hall and gives it neither changes nor everything.
    NoChanges,
}

impl Trouble {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Refused,
        Self::Silence,
        Self::BackendDown,
        Self::Kill,
        Self::PowerCut,
        Self::Restart,
        Self::ClockJump,
        Self::FullDisk,
        Self::SlowDisk,
        Self::CutLog,
        Self::RevokeSessions,
        Self::NewReference,
        Self::DamagedCache,
        Self::DamagedOutbox,
        Self::Unplug,
        Self::NoChanges,
    ];
}

/// The makings of a run.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Halls.
    pub halls: usize,
    /// Desks in each hall.
    pub desks: usize,
    /// How long there is trouble, before everything heals.
    pub storm: Duration,
    /// When the line of all halls fails at once, and for how long.
    pub outage: (Duration, Duration),
    /// Whether the line goes once more when everybody has signed in after the trouble.
    pub goes_once_more: bool,
    /// When and how the backend is restored from a backup, if it is.
    pub restoration: Option<Restoration>,
    /// Longest pause of a desk between two clicks, in milliseconds.
    pub click_gap_ms: u64,
    /// Longest pause between two troubles, in milliseconds.
    pub trouble_gap_ms: u64,
    /// Troubles that happen, each as often as it stands here.
    pub troubles: Vec<Trouble>,
    /// Requests of a thousand that vanish.
    pub lost_permille: u64,
    /// Answers of a thousand that vanish.
    pub answer_lost_permille: u64,
    /// Connections of a thousand that are cut before the answer.
    pub cut_permille: u64,
    /// Requests of a thousand that the backend cannot carry out at the moment.
    pub busy_permille: u64,
    /// Questions of a thousand that arrive twice.
    pub repeated_permille: u64,
    /// Questions of a thousand that arrive long after their sender has given them up, and answers of a
    /// thousand that come late.
    pub late_permille: u64,
    /// Messages of a thousand that take up to two seconds.
    pub slow_permille: u64,
}

/// How a backend is restored from a backup.
#[derive(Debug, Clone, Copy)]
pub struct Restoration {
    /// When its database is copied.
    pub backup_at: Duration,
    /// How long after that it goes on from the copy.
    pub later: Duration,
    /// For how long before that the halls hear of no changes.
    pub lag: Duration,
    /// Whether no connection is cut by it: what was asked of the one is answered by the other.
    pub is_unseen: bool,
}

impl Recipe {
    /// The whole recipe of a seed, and the dice that go on with it: those of the run, and those of the
    /// restoration.
    pub fn of_seed(seed: u64) -> (Self, Dice, Dice) {
        let (dice, restoration) = (Dice::new(seed), Dice::new(!seed));
        let recipe = Self {
            goes_once_more: seed.is_multiple_of(2),
            ..Self::of(&dice).with_restoration(&restoration)
        };
        (recipe, dice, restoration)
    }

    /// What the dice of a seed make of it.
    fn of(dice: &Dice) -> Self {
        let some = |most| match dice.below(3) {
            0 => 0,
            1 => dice.between(1, most / 5),
            _ => dice.between(1, most),
        };
        let mut troubles: Vec<Trouble> = Vec::new();
        for trouble in Trouble::ALL {
            let times = [0, 0, 1, 3][dice.below(4) as usize];
            troubles.extend(std::iter::repeat_n(trouble, times));
        }
        let begin = dice.millis(15_000, 25_000);
        Self {
            halls: 20,
            desks: dice.between(2, 4) as usize,
            storm: dice.millis(75_000, 110_000),
            outage: (begin, dice.millis(25_000, 40_000)),
            goes_once_more: false,
            restoration: None,
            click_gap_ms: dice.between(12_000, 34_000),
            trouble_gap_ms: dice.between(300, 3_000),
            troubles,
            lost_permille: some(60),
            answer_lost_permille: some(120),
            cut_permille: some(60),
            busy_permille: some(60),
            repeated_permille: some(120),
            late_permille: some(60),
            slow_permille: some(250),
        }
    }

    /// Nothing goes wrong, and nobody does anything.
    pub const fn quiet() -> Self {
        Self {
            halls: 0,
            desks: 0,
            storm: Duration::ZERO,
            outage: (Duration::ZERO, Duration::ZERO),
            goes_once_more: false,
            restoration: None,
            click_gap_ms: 0,
            trouble_gap_ms: 0,
            troubles: Vec::new(),
            lost_permille: 0,
            answer_lost_permille: 0,
            cut_permille: 0,
            busy_permille: 0,
            repeated_permille: 0,
            late_permille: 0,
            slow_permille: 0,
        }
    }

    /// Restores the backend from a backup in every third run, by dice of its own.
    fn with_restoration(mut self, dice: &Dice) -> Self {
        if dice.below(3) == 0 {
            let mut restoration = Restoration {
                backup_at: dice.millis(8_000, 40_000),
                later: dice.millis(4_000, 25_000),
                is_unseen: dice.permille(500),
                lag: dice.millis(0, 2_500),
            };
            if dice.permille(667) {
                // The others mostly fall into the outage, in which nobody is there to meet them.
                let (begin, length) = self.outage;
                restoration.backup_at = begin + length + dice.millis(0, 4_000);
                restoration.later = dice.millis(4_000, 8_000);
            }
            self.restoration = Some(restoration);
        }
        self
    }
}
