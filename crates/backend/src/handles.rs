//! File handles: every connection needs one, and systems give a program few unless it asks.

use crate::http::MOST_CONNECTIONS;

/// For the database, the log and what the runtime needs.
const OTHERS: u64 = 256;

/// Asks the system for as many file handles as all connections need. Where it gives fewer, fewer are
/// accepted at the same time, and that is said.
#[cfg(unix)]
pub fn ask_for_enough() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let wanted = MOST_CONNECTIONS as u64 + OTHERS;
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        if soft >= wanted {
            return Ok(soft);
        }
        let given = wanted.min(hard);
        setrlimit(Resource::RLIMIT_NOFILE, given, hard).map(|()| given)
    });
    match raised {
        Ok(given) if given >= wanted => {}
        Ok(given) => {
            tracing::warn!(
                given,
                wanted,
                "few file handles: many halls at once have to wait"
            );
        }
        Err(error) => tracing::warn!(%error, wanted, "the limit of file handles is unknown"),
    }
}

/// Asks for nothing: the system has no such limit.
#[cfg(not(unix))]
pub const fn ask_for_enough() {}
