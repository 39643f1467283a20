//! Taking turns, medians, and how a result is said.

use std::time::Instant;

/// The figures of one scenario, printed as a table for people and as lines for machines.
#[derive(Debug)]
pub struct Report {
    scenario: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
enum Row {
    Figure {
        name: String,
        value: f64,
        unit: &'static str,
    },
    Ratio {
        figure: String,
        peer: String,
        value: f64,
    },
}

impl Report {
    /// An empty report of a scenario.
    pub fn new(scenario: &str) -> Self {
        Self {
            scenario: scenario.to_owned(),
            rows: Vec::new(),
        }
    }

    /// Adds one raw number.
    pub fn figure(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.rows.push(Row::Figure {
            name: name.into(),
            value,
            unit,
        });
    }

    /// Adds how many times better ours is than the peer; above 1 is better.
    pub fn ratio(&mut self, figure: impl Into<String>, peer: impl Into<String>, value: f64) {
        self.rows.push(Row::Ratio {
            figure: figure.into(),
            peer: peer.into(),
            value,
        });
    }

    /// Adds the median time of each contestant, and the ratio of each to the first, which is ours.
    pub fn times(&mut self, figure: &str, unit: Unit, medians: &[(&str, f64)]) {
        let Some(((_, ours_s), peers)) = medians.split_first() else {
            return;
        };
        for (name, seconds) in medians {
            self.figure(
                format!("{figure}-{name}"),
                seconds * unit.per_second(),
                unit.sign(),
            );
        }
        // Other forms of ours are no peers.
        for (name, seconds) in peers.iter().filter(|(name, _)| !name.starts_with("ours")) {
            self.ratio(figure, *name, seconds / ours_s);
        }
    }

    /// Prints the table, then the lines `figure …` and `ratio …`.
    pub fn print(&self) {
        for row in &self.rows {
            match row {
                Row::Figure { name, value, unit } => println!("{name:<44}{value:>14.3} {unit}"),
                Row::Ratio {
                    figure,
                    peer,
                    value,
                } => println!("{:<44}{value:>14.2} ×", format!("{figure} / {peer}")),
            }
        }
        for line in self.lines() {
            println!("{line}");
        }
    }

    fn lines(&self) -> Vec<String> {
        let scenario = &self.scenario;
        let line = |row: &Row| match row {
            Row::Figure { name, value, unit } => {
                format!("figure {scenario} {name} {value:.3} {unit}")
            }
            Row::Ratio {
                figure,
                peer,
                value,
            } => format!("ratio {scenario} {figure} {peer} {value:.2}"),
        };
        self.rows.iter().map(line).collect()
    }
}

/// Units in which times are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
}

impl Unit {
    const fn per_second(self) -> f64 {
        match self {
            Self::Ns => 1e9,
            Self::Us => 1e6,
            Self::Ms => 1e3,
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Ns => "ns",
            Self::Us => "us",
            Self::Ms => "ms",
        }
    }
}

/// Who takes part: a name and what is timed. Ours comes first.
pub type Contestant<'a> = (&'a str, Box<dyn FnMut() + 'a>);

/// Lets every contestant run once to warm up, then `runs` times in turns, and returns the median
/// seconds of each. Turns share out whatever else the machine is doing.
pub fn take_turns<'a>(runs: usize, contestants: &mut [Contestant<'a>]) -> Vec<(&'a str, f64)> {
    for (_, run) in contestants.iter_mut() {
        run();
    }
    let mut seconds = vec![Vec::with_capacity(runs); contestants.len()];
    for _ in 0..runs {
        for ((_, run), taken) in contestants.iter_mut().zip(&mut seconds) {
            let begun = Instant::now();
            run();
            taken.push(begun.elapsed().as_secs_f64());
        }
    }
    contestants
        .iter()
        .zip(seconds)
        .map(|((name, _), taken)| (*name, median(taken)))
        .collect()
}

/// Who takes part and measures itself: a name and what returns seconds. Ours comes first.
pub type SelfTimed<'a> = (&'a str, Box<dyn FnMut() -> anyhow::Result<f64> + 'a>);

/// The same as [`take_turns`] for contestants of whose turns only a part counts.
pub fn take_timed_turns<'a>(
    runs: usize,
    contestants: &mut [SelfTimed<'a>],
) -> anyhow::Result<Vec<(&'a str, f64)>> {
    let mut seconds = vec![Vec::with_capacity(runs); contestants.len()];
    for turn in 0..=runs {
        for ((_, run), taken) in contestants.iter_mut().zip(&mut seconds) {
            let counted = run()?;
            // The first turn warms up.
            if turn > 0 {
                taken.push(counted);
            }
        }
    }
    let names = contestants.iter().map(|(name, _)| *name);
    Ok(names.zip(seconds.into_iter().map(median)).collect())
}

/// The instant from which a stretch is measured.
pub fn begin() -> Instant {
    Instant::now()
}

/// Seconds that one call takes, with what it returned.
pub fn timed<T>(run: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let result = run();
    (result, begun.elapsed().as_secs_f64())
}

/// The middle value, or the mean of the two in the middle; not a number of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_middles() {
        assert!((median(vec![9.0, 1.0, 4.0]) - 4.0).abs() < 1e-12);
        assert!((median(vec![9.0, 1.0, 4.0, 5.0]) - 4.5).abs() < 1e-12);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn everyone_runs_equally_often_and_in_turns() {
        let order = std::cell::RefCell::new(String::new());
        let mut contestants: Vec<Contestant> = vec![
            ("ours", Box::new(|| order.borrow_mut().push('o'))),
            ("peer", Box::new(|| order.borrow_mut().push('p'))),
        ];
        let medians = take_turns(3, &mut contestants);
        assert_eq!(*order.borrow(), "opopopop");
        assert_eq!(medians.len(), 2);
    }

    #[test]
    fn a_ratio_above_one_means_that_ours_is_better() {
        let mut report = Report::new("road-route");
        report.times(
            "city",
            Unit::Us,
            &[("ours", 1e-6), ("ours-plain", 2e-6), ("peer", 3e-6)],
        );
        assert_eq!(
            report.lines(),
            [
                "figure road-route city-ours 1.000 us",
                "figure road-route city-ours-plain 2.000 us",
                "figure road-route city-peer 3.000 us",
                "ratio road-route city peer 3.00",
            ]
        );
    }
}
