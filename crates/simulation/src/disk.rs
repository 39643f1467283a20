//! A disk that loses what was not synced, as a journal in front of rows.
//!
//! A transaction is written as frames that end with a commit mark, like SQLite's write-ahead log
//! does it. A power cut keeps what was synced and a part of what was written since, cut off at any
//! frame; a transaction without its mark is torn and counts for nothing. A process that is killed
//! loses nothing that it has handed to the operating system.

use crate::dice::Dice;

/// What a disk holds.
pub trait Rows: Clone + Default + std::fmt::Debug {
    /// One change of one row.
    type Write: Clone + std::fmt::Debug;

    /// Carries out a change.
    fn carry_out(&mut self, write: Self::Write);
}

#[derive(Debug, Clone)]
enum Frame<W> {
    Write(W),
    Commit,
}

/// The disk of one database.
#[derive(Debug, Clone)]
pub struct Disk<R: Rows> {
    synced: R,
    journal: Vec<Frame<R::Write>>,
    present: R,
    /// What a process goes on with in memory since the disk took no more.
    in_memory: Option<R>,
    /// Nothing more can be written.
    pub is_full: bool,
    /// What lies there can be neither read nor written any more, until it is put aside.
    pub is_broken: bool,
    /// How much longer each access takes, in milliseconds.
    pub slowness_ms: u64,
}

impl<R: Rows> Default for Disk<R> {
    fn default() -> Self {
        Self {
            synced: R::default(),
            journal: Vec::new(),
            present: R::default(),
            in_memory: None,
            is_full: false,
            is_broken: false,
            slowness_ms: 0,
        }
    }
}

impl<R: Rows> Disk<R> {
    /// What a process reads.
    pub const fn rows(&self) -> &R {
        match &self.in_memory {
            Some(rows) => rows,
            None => &self.present,
        }
    }

    /// The process goes on in memory with what it reads, unless it does so already.
    pub fn leave(&mut self) {
        self.in_memory.get_or_insert_with(|| self.present.clone());
    }

    /// Whether it has.
    pub const fn is_left(&self) -> bool {
        self.in_memory.is_some()
    }

    /// The process has ended, and its memory with it; says whether that held anything.
    pub fn lose_memory(&mut self) -> bool {
        self.in_memory.take().is_some()
    }

    /// Writes one transaction; it survives the process, but not yet a power cut.
    pub fn write(&mut self, writes: Vec<R::Write>) {
        if let Some(rows) = &mut self.in_memory {
            for write in writes {
                rows.carry_out(write);
            }
            return;
        }
        for write in writes {
            self.present.carry_out(write.clone());
            self.journal.push(Frame::Write(write));
        }
        self.journal.push(Frame::Commit);
    }

    /// Puts everything that was written where no power cut reaches it.
    pub fn sync(&mut self) {
        let journal = std::mem::take(&mut self.journal);
        self.replay(journal);
    }

    /// Loses what was not synced, or the later part of it.
    pub fn cut_power(&mut self, dice: &Dice) {
        self.in_memory = None;
        let mut journal = std::mem::take(&mut self.journal);
        journal.truncate(dice.between(0, journal.len() as u64) as usize);
        self.replay(journal);
        self.present = self.synced.clone();
    }

    /// Everything goes, as when a damaged file is put aside.
    pub fn begin_anew(&mut self) {
        self.journal.clear();
        self.synced = R::default();
        self.present = R::default();
    }

    fn replay(&mut self, journal: Vec<Frame<R::Write>>) {
        let mut transaction = Vec::new();
        for frame in journal {
            match frame {
                Frame::Write(write) => transaction.push(write),
                Frame::Commit => transaction
                    .drain(..)
                    .for_each(|write| self.synced.carry_out(write)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Numbers(Vec<u32>);

    impl Rows for Numbers {
        type Write = u32;

        fn carry_out(&mut self, write: u32) {
            self.0.push(write);
        }
    }

    #[test]
    fn a_power_cut_leaves_whole_transactions_in_their_order_and_all_that_was_synced() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let mut disk = Disk::<Numbers>::default();
            disk.write(vec![1]);
            disk.sync();
            disk.write(vec![2, 3]);
            disk.write(vec![4]);
            assert_eq!(
                disk.rows().0,
                [1, 2, 3, 4],
                "a killed process loses nothing"
            );
            disk.cut_power(&Dice::new(seed));
            seen.insert(disk.rows().0.clone());
        }
        let expected = [vec![1], vec![1, 2, 3], vec![1, 2, 3, 4]];
        assert_eq!(seen, expected.into_iter().collect());
    }
}
