//! What crosses a wire, from anybody: frames of the feed, messages of the map, bodies of the backend.
#![no_main]

use libfuzzer_sys::fuzz_target;

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
    serde_json::from_slice::<protocol::http::NewReport>(bytes).ok();
});
