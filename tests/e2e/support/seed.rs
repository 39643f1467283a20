//! The demo street as a backend is seeded with it.

use demo_street::plan::Plan;
use demo_street::seed::SHIPPED_SEED;
use hall_api::{Clock as _, SystemClock};
use protocol::Seed;

/// The seed, as it stands now.
pub fn demo() -> Seed {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules are valid");
    demo_street::seed::seed(&plan, &rules, SystemClock::new().now())
}
