//! What crosses a wire, from anybody: frames of the feed, messages of the map, commands of the windows,
//! bodies of the backend, and what a hall reads from one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(init: fuzz::plant(&fuzz::wire::examples()), |bytes: &[u8]| {
    fuzz::wire::read(bytes);
});
