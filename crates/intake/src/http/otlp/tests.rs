//! Whatever is sent as logs: read or refused, within bounds. The seed is fixed.

use proptest::{collection::vec, prelude::*, test_runner::RngSeed};

use super::{Records, body, from_json, proto};

/// A field of a message: its number, its kind on the wire, its bytes.
fn field(number: u8, inner: &[u8]) -> Vec<u8> {
    let mut out = vec![(number << 3) | 2];
    let mut len = inner.len();
    while len >= 0x80 {
        out.push((len & 0x7f) as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend(inner);
    out
}

/// A request of one resource with an attribute so long, and so many empty records.
fn request(attribute: usize, records: usize) -> Vec<u8> {
    let value = field(1, &vec![b'x'; attribute]);
    let pair = [field(1, b"service.name"), field(2, &value)].concat();
    let scope = field(2, b"").repeat(records);
    field(1, &[field(1, &field(1, &pair)), field(2, &scope)].concat())
}

#[test]
fn a_small_request_does_not_become_a_batch_beyond_the_limit() {
    let mut few = Records::default();
    assert!(proto::read(&request(100_000, 3), &mut few).is_some());
    assert_eq!((few.all.len(), few.large), (3, false));
    let request = request(100_000, 100_000);
    assert!(request.len() < 1 << 20);
    let mut many = Records::default();
    assert!(proto::read(&request, &mut many).is_none() && many.large);
    assert!(many.all.iter().map(|r| r.line.len()).sum::<usize>() <= body::UNPACKED);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000, failure_persistence: None, rng_seed: RngSeed::Fixed(6), ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_logs_or_none(
        edits in vec((any::<usize>(), any::<u8>()), 0..6), at in any::<usize>(), junk in vec(any::<u8>(), 0..40),
    ) {
        let nested = (0..40).fold(field(1, b"x"), |inner, _| field(5, &field(1, &inner)));
        let log = [field(5, &nested), field(6, &[field(1, b"k"), field(2, &nested)].concat()), vec![0x59, 1, 2, 3, 4, 5, 6, 7, 8]];
        let mut bytes = field(1, &[field(1, &field(1, &field(1, b"a"))), field(2, &field(2, &log.concat()))].concat());
        for (at, byte) in edits {
            let at = at % bytes.len();
            bytes[at] ^= byte;
        }
        let at = at % bytes.len();
        bytes.splice(at..at, junk.iter().copied());
        let _ = proto::read(&bytes, &mut Records::default());
        let _ = proto::read(&junk, &mut Records::default());
        let _ = from_json(&junk, &mut Records::default());
    }

    #[test]
    fn any_json_is_logs_or_none(text in "[\\[\\]{}:,\"0-9a-z-]{0,60}", deep in 0..200_usize) {
        let mut out = Records::default();
        let _ = from_json(text.as_bytes(), &mut out);
        let value = format!("{}{text:?}{}", "{\"arrayValue\":{\"values\":[".repeat(deep), "]}}".repeat(deep));
        let all = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{value},"timeUnixNano":{text:?}}}]}}]}}]}}"#);
        let _ = from_json(all.as_bytes(), &mut out);
    }
}
