//! Processor time of the browser's threads, as the kernel counts it in nanoseconds.
//!
//! It is the time that a thread ran, so that a busy machine disturbs it little, unlike a clock.

use std::collections::BTreeMap;
use std::fs;

use crate::bench::memory::{descendants, of_process};

/// What a thread does for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The thread of the page itself, which scripts and input share.
    Main,
    /// Workers that the page's scripts started.
    Worker,
    /// The rest of the page's process: compositor, compiler, collector.
    Rest,
    /// The process that draws, in software where there is no graphics card.
    Drawing,
}

/// Nanoseconds by thread.
#[derive(Debug, Clone, Default)]
pub struct Sample(BTreeMap<u32, (Role, u64)>);

/// Memory of the pages' processes in megabytes.
pub fn page_memory_mb(browser: u32) -> f64 {
    let pages = descendants(browser)
        .into_iter()
        .filter(|process| kind_of(*process).is_some_and(|kind| kind == Kind::Page));
    pages.filter_map(of_process).sum()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Page,
    Drawing,
}

fn kind_of(process: u32) -> Option<Kind> {
    let command = fs::read_to_string(format!("/proc/{process}/cmdline")).ok()?;
    if command.contains("--type=renderer") {
        Some(Kind::Page)
    } else {
        command
            .contains("--type=gpu-process")
            .then_some(Kind::Drawing)
    }
}

/// Milliseconds by role.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[expect(clippy::struct_field_names, reason = "units stand in names")]
pub struct Spent {
    pub main_ms: f64,
    pub worker_ms: f64,
    pub rest_ms: f64,
    pub drawing_ms: f64,
}

impl Spent {
    /// Everything that the page's process did.
    pub fn page_ms(&self) -> f64 {
        self.main_ms + self.worker_ms + self.rest_ms
    }
}

impl Sample {
    /// Reads all threads of the browser's processes that belong to pages or to drawing.
    pub fn of_browser(browser: u32) -> Self {
        let mut threads = BTreeMap::new();
        for process in descendants(browser) {
            let Some(kind) = kind_of(process) else {
                continue;
            };
            let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else {
                continue;
            };
            for task in tasks.flatten() {
                let Ok(thread) = task.file_name().to_string_lossy().parse::<u32>() else {
                    continue;
                };
                // A thread may end between the listing and the reading.
                let read = |file: &str| fs::read_to_string(task.path().join(file)).ok();
                let Some(ran_ns) = read("schedstat").as_deref().and_then(ran_ns) else {
                    continue;
                };
                let role = match kind {
                    Kind::Page => role_of(thread == process, &read("comm").unwrap_or_default()),
                    Kind::Drawing => Role::Drawing,
                };
                threads.insert(thread, (role, ran_ns));
            }
        }
        Self(threads)
    }

    /// What was spent since an earlier sample; a thread that began in between counts from its start.
    pub fn since(&self, earlier: &Self) -> Spent {
        let mut spent = Spent::default();
        for (thread, (role, ran_ns)) in &self.0 {
            let before_ns = earlier.0.get(thread).map_or(0, |(_, before)| *before);
            let ms = ran_ns.saturating_sub(before_ns) as f64 / 1.0e6;
            match role {
                Role::Main => spent.main_ms += ms,
                Role::Worker => spent.worker_ms += ms,
                Role::Rest => spent.rest_ms += ms,
                Role::Drawing => spent.drawing_ms += ms,
            }
        }
        spent
    }
}

fn role_of(is_first: bool, name: &str) -> Role {
    if is_first {
        Role::Main
    } else if name.starts_with("DedicatedWorker") {
        Role::Worker
    } else {
        Role::Rest
    }
}

/// The first number of a thread's `schedstat`: how long it ran.
fn ran_ns(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_counted_by_role_and_from_the_start_of_a_new_thread() {
        let before = Sample(BTreeMap::from([
            (1, (Role::Main, 5_000_000)),
            (2, (Role::Worker, 1_000_000)),
        ]));
        let after = Sample(BTreeMap::from([
            (1, (Role::Main, 7_000_000)),
            (2, (Role::Worker, 1_000_000)),
            (3, (Role::Worker, 4_000_000)),
            (9, (Role::Drawing, 500_000)),
        ]));
        let spent = after.since(&before);
        let expected = Spent {
            main_ms: 2.0,
            worker_ms: 4.0,
            rest_ms: 0.0,
            drawing_ms: 0.5,
        };
        assert_eq!(spent, expected);
    }

    #[test]
    fn the_kernels_line_is_read() {
        assert_eq!(ran_ns("123 45 6\n"), Some(123));
        assert_eq!(ran_ns(""), None);
        assert_eq!(role_of(false, "DedicatedWorker\n"), Role::Worker);
        assert_eq!(role_of(true, "chromium\n"), Role::Main);
    }
}
