//! The web view's clock behind one function; everything else is given its instants.

use domain::Timestamp;

/// The local time of this machine; the hall's corrected time comes with every frame of the feed.
pub fn local_now() -> Timestamp {
    Timestamp::from_unix_ms(js_sys::Date::now() as i64)
}
