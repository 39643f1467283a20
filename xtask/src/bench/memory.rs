//! Memory of a program and everything it started, read from the kernel.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Proportional set size by program name, in megabytes (10⁶ bytes): pages that several processes
/// share are counted once.
pub fn by_program(first_process: u32) -> BTreeMap<String, f64> {
    let mut totals = BTreeMap::new();
    for process in descendants(first_process) {
        let folder = format!("/proc/{process}");
        // A process may end between the listing and the reading; then it holds no memory.
        let Ok(name) = fs::read_to_string(format!("{folder}/comm")) else {
            continue;
        };
        if let Some(mb) = of_process(process) {
            *totals.entry(name.trim().to_owned()).or_insert(0.0) += mb;
        }
    }
    totals
}

/// Proportional set size of one process in megabytes.
pub fn of_process(process: u32) -> Option<f64> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    Some(proportional_bytes(&rollup)? as f64 / 1.0e6)
}

/// A process and all that it started.
pub fn descendants(first: u32) -> BTreeSet<u32> {
    with_descendants(first, &parents())
}

/// The parent of every process.
fn parents() -> BTreeMap<u32, u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return BTreeMap::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let process = entry.file_name().to_string_lossy().parse::<u32>().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((process, parent_in(&stat)?))
        })
        .collect()
}

/// The parent in a line of `/proc/N/stat`; the name before it may itself hold spaces and braces.
fn parent_in(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

fn with_descendants(first: u32, parents: &BTreeMap<u32, u32>) -> BTreeSet<u32> {
    let mut family = BTreeSet::from([first]);
    loop {
        let before = family.len();
        let children = parents
            .iter()
            .filter(|(_, parent)| family.contains(parent))
            .map(|(child, _)| *child);
        let children: Vec<u32> = children.collect();
        family.extend(children);
        if family.len() == before {
            return family;
        }
    }
}

/// The value of the line `Pss:   123 kB`.
fn proportional_bytes(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_lines_are_read() {
        assert_eq!(parent_in("12 (a (b) c) S 7 12 12 0"), Some(7));
        assert_eq!(parent_in("nonsense"), None);
        assert_eq!(
            proportional_bytes("Rss: 9 kB\nPss:     3 kB\nPss_Dirty: 1 kB\n"),
            Some(3072)
        );
    }

    #[test]
    fn grandchildren_belong_to_the_family_and_strangers_do_not() {
        let parents = BTreeMap::from([(2, 1), (3, 2), (4, 3), (9, 1)]);
        assert_eq!(with_descendants(2, &parents), BTreeSet::from([2, 3, 4]));
    }

    #[test]
    fn this_process_has_memory() {
        let total: f64 = by_program(std::process::id()).values().sum();
        assert!(total > 0.5, "{total} MB");
    }
}
