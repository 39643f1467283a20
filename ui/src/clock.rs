//! The web view's clocks behind two functions; everything else is given its instants.

use domain::Timestamp;

/// The local time of this machine; the hall's corrected time comes with every frame of the feed.
pub fn local_now() -> Timestamp {
    Timestamp::from_unix_ms(js_sys::Date::now() as i64)
}

/// Milliseconds since the page was loaded, whatever the machine's clock is set to.
pub fn page_ms() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or(0.0, |performance| performance.now())
}
