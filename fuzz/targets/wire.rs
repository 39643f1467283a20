//! What crosses a wire, from anybody: frames of the feed, messages of the map, bodies of the backend,
//! and what a hall reads from one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::http;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = protocol::feed::Frame::decode(bytes) {
        // What could be read can be written and read again.
        let again = frame.encode().expect("a frame");
        protocol::feed::Frame::decode(&again).expect("the same frame");
    }
    map_protocol::ToMap::decode(bytes).ok();
    map_protocol::FromMap::decode(bytes).ok();
    serde_json::from_slice::<domain::Proposal>(bytes).ok();
    serde_json::from_slice::<domain::situation::Record>(bytes).ok();
    serde_json::from_slice::<http::NewReport>(bytes).ok();
    serde_json::from_slice::<http::Hello>(bytes).ok();
    serde_json::from_slice::<http::Snapshot>(bytes).ok();
    serde_json::from_slice::<http::Changes>(bytes).ok();
    serde_json::from_slice::<http::Positions>(bytes).ok();
    serde_json::from_slice::<http::Problem>(bytes).ok();
    serde_json::from_slice::<protocol::Reference>(bytes).ok();
});
