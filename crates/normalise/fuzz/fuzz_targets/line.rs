//! Any bytes are an event.
#![no_main]

use domain::event::Event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (mut reader, mut event) = (normalise::Reader::default(), Event::default());
    for line in bytes.split(|byte| *byte == b'\n') {
        reader.line(line, &mut event);
    }
});
