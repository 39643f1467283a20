//! The table and the machine-readable lines of a comparison.

use std::collections::BTreeMap;
use std::fs;

use crate::bench::Figure;

/// Figures of which less is better and that are worth a ratio.
const COMPARED: [&str; 6] = [
    "main-cpu",
    "page-cpu",
    "to-pixel",
    "complete",
    "uploaded",
    "page-memory",
];

/// Prints a table with a column per contestant, then a line per figure.
pub fn print_figures(scenario: &str, order: &[&str], figures: &BTreeMap<&str, Vec<Figure>>) {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for figure in order
        .iter()
        .flat_map(|name| figures.get(name).into_iter().flatten())
    {
        let entry = (figure.name.as_str(), figure.unit.as_str());
        if !names.contains(&entry) {
            names.push(entry);
        }
    }
    print!("{:<30}", "");
    for contestant in order {
        print!("{contestant:>14}");
    }
    println!();
    for (name, unit) in &names {
        print!("{:<30}", format!("{name}, {unit}"));
        for contestant in order {
            match value_of(figures, contestant, name) {
                Some(value) => print!("{value:>14.2}"),
                None => print!("{:>14}", "–"),
            }
        }
        println!();
    }
    for contestant in order {
        for figure in figures.get(contestant).into_iter().flatten() {
            println!(
                "figure {scenario} {contestant}-{} {:.3} {}",
                figure.name, figure.value, figure.unit
            );
        }
    }
}

/// Prints how many times better ours is than each peer.
pub fn print_ratios(
    scenario: &str,
    ours: &str,
    order: &[&str],
    figures: &BTreeMap<&str, Vec<Figure>>,
) {
    for name in COMPARED {
        let Some(own) = value_of(figures, ours, name).filter(|own| *own > 0.0) else {
            continue;
        };
        for peer in order.iter().filter(|peer| **peer != ours) {
            if let Some(theirs) = value_of(figures, peer, name) {
                println!("ratio {scenario} {name} {peer} {:.3}", theirs / own);
            }
        }
    }
}

fn value_of(figures: &BTreeMap<&str, Vec<Figure>>, contestant: &str, name: &str) -> Option<f64> {
    let of_contestant = figures.get(contestant)?;
    let found = of_contestant.iter().find(|figure| figure.name == name)?;
    Some(found.value)
}

/// The machine in a few words.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    format!(
        "{cores} cores, {} · load {}",
        model.unwrap_or_else(|| "unknown processor".to_owned()),
        load()
    )
}

/// How many threads wanted to run in the last minute.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace()
        .next()
        .unwrap_or("unknown")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_one_contestant_lacks_is_no_value() {
        let figures = BTreeMap::from([("ours", vec![Figure::new("main-cpu", 2.0, "ms")])]);
        assert_eq!(value_of(&figures, "ours", "main-cpu"), Some(2.0));
        assert_eq!(value_of(&figures, "ours", "uploaded"), None);
        assert_eq!(value_of(&figures, "floor", "main-cpu"), None);
    }
}
