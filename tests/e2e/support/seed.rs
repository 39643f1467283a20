//! The demo street as a seed file for a backend process.

use demo_street::plan::Plan;
use demo_street::seed::SHIPPED_SEED;
use hall_api::{Clock as _, SystemClock};

/// The seed as JSON, as it stands now.
pub fn demo_json() -> String {
    let plan = Plan::generate(SHIPPED_SEED);
    let rules = rules::shipped().expect("the shipped rules are valid");
    let seed = demo_street::seed::seed(&plan, &rules, SystemClock::new().now());
    serde_json::to_string(&seed).expect("a seed is plain data")
}
