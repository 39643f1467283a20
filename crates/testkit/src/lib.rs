//! What tests of several crates share: builders of domain values, a clock that is turned by hand, a
//! real backend on a loopback port, a typed caller, and a proxy that loses, delays and repeats.
//!
//! Everything here is deterministic: no test needs to sleep or to guess a port.

pub mod background;
pub mod builders;
pub mod caller;
pub mod clock;
pub mod framing;
pub mod proxy;
pub mod running;

pub use caller::{Caller, Refused};
pub use clock::FakeClock;
pub use proxy::{Fault, FaultProxy};
pub use running::RunningBackend;
