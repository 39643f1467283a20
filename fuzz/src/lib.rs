//! What the targets share: what crosses a wire with an example of each, and a tile for any style.

pub mod feature_tile;
pub mod map_messages;
pub mod wire;

// The builders of the tests. Their crate as a whole would bring the backend along, to be built with
// instrumentation.
#[path = "../../crates/testkit/src/builders.rs"]
mod builders;

/// The moment of the builders.
mod clock {
    /// Friday, 20 November 2026, 09:00 in Chengdu.
    pub const FRIDAY_NINE: domain::Timestamp = domain::Timestamp::from_unix_ms(1_795_136_400_000);
}

use std::path::Path;

/// The folder in which a search begins, as the one who starts it says.
const SEEDS: &str = "STREETHALL_FUZZ_SEEDS";

/// Puts examples among the inputs that a search begins from.
pub fn plant(examples: &[(String, Vec<u8>)]) {
    let Some(folder) = std::env::var_os(SEEDS) else {
        return;
    };
    for (name, bytes) in examples {
        std::fs::write(Path::new(&folder).join(name), bytes).expect("the folder takes an example");
    }
}
