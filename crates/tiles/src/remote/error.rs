//! Why a remote source gives no tile. No message has more of the address than scheme and host, since keys stand in
//! the rest.

use super::template::TemplateError;

/// Why a remote source gives no tile, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// The address cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The client cannot be made.
    #[error(
        "the certificates for the tile source {name} cannot be loaded ({cause}); check the system's certificates"
    )]
    Client {
        /// Scheme and host.
        name: String,
        /// What the library says.
        cause: String,
    },
    /// No answer came.
    #[error("the tile source {name} cannot be reached ({cause}); check the line and the address")]
    Unreachable {
        /// Scheme and host.
        name: String,
        /// What the library says.
        cause: String,
    },
    /// The source does not let this hall in, or not to this tile.
    #[error(
        "the tile source {name} refuses with status {status}; check the key, whether it may be used from here, and \
         whether the source covers this place"
    )]
    Refused {
        /// Scheme and host.
        name: String,
        /// 401 or 403.
        status: u16,
    },
    /// Another status than success.
    #[error("the tile source {name} answers with status {status}; it is asked again later")]
    Status {
        /// Scheme and host.
        name: String,
        /// The status.
        status: u16,
    },
    /// The source sends elsewhere.
    #[error(
        "the tile source {name} sends to {to}, which is not asked; if that is right, put it into the tile address"
    )]
    Redirected {
        /// Scheme and host.
        name: String,
        /// Where to.
        to: String,
    },
    /// The answer is no tile.
    #[error(
        "the tile source {name} answers with {found} instead of a tile; check the key and the tile address"
    )]
    Rubbish {
        /// Scheme and host.
        name: String,
        /// What it looks like.
        found: &'static str,
    },
    /// The answer is too large.
    #[error(
        "the tile source {name} answers with more than {limit_bytes} bytes for one tile; check the tile address"
    )]
    TooLarge {
        /// Scheme and host.
        name: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// The source failed and is left alone for a while.
    #[error(
        "the tile source {name} failed {failures} times in a row and is asked again in {wait_s} s; the last time: {cause}"
    )]
    Resting {
        /// Scheme and host.
        name: String,
        /// How often.
        failures: u32,
        /// How long still, in seconds.
        wait_s: i64,
        /// The last failure.
        cause: String,
    },
}
