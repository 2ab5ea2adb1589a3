//! Any bytes are an EVTX file or none.
#![no_main]

use domain::event::Event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = normalise::evtx::read(bytes, &mut Event::default(), |_| {});
});
