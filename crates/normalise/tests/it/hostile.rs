//! Whatever comes in place of a log: nothing panics, nothing goes round in circles, and the line is still there.
//!
//! Tried are lines somebody changed (of every shape there is a case of), JSON of any depth, and files that look like EVTX
//! from the first byte to the last. The seed is fixed: what fails, fails for everybody.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::{path::Path, sync::LazyLock};

use domain::event::Event;
use normalise::{LINE, Reader, Shape, Zone};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};

/// Every line of the corpus that is an event's, and some of shapes that have no file there.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/logs"));
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let mut all: Vec<String> = texts.flat_map(|t| t.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    all.retain(|line| !line.is_empty());
    all.extend(
        [
            "<34>1 2026-02-16T20:00:00.123456+07:00 web01 nginx 812 ID47 [a@1 k=\"v\\\"\\]\"][b] BOM'su root' failed",
            "<38>Feb 16 20:00:00 web01 sshd[812]: Failed password for invalid user admin from 203.0.113.9 port 1 ssh2",
            "203.0.113.9 - an [16/Feb/2026:20:00:00 +0700] \"GET /?a=%27 HTTP/1.1\" 200 5 \"-\" \"curl/8\"",
            "#Fields: date time s-ip cs-method cs-uri-stem sc-status",
            "2026-02-16 13:00:00 10.0.0.1 GET /index.aspx 200",
            "{\"@timestamp\":\"2026-02-16T20:00:00Z\",\"winlog\":{\"event_id\":4625,\"event_data\":{\"IpAddress\":\"::1\"}}}",
            "{\"MESSAGE\":\"x\",\"__REALTIME_TIMESTAMP\":\"1771246800000000\",\"_PID\":[1,2]}",
        ]
        .map(str::to_owned),
    );
    assert!(all.len() > 100, "the corpus is there");
    all
});

/// What breaks readers: ends, quotes, escapes, numbers too large, times that are none, half a character.
const PIECES: [&[u8]; 26] = [
    b"\"",
    b"\\",
    b"[",
    b"]",
    b"{",
    b"}",
    b"<",
    b">",
    b"=",
    b"|",
    b":",
    b" ",
    b"\t",
    b"\0",
    b"\xff\xfe",
    b"\xc4",
    b"99999999999999999999999",
    b"-1",
    b"2026-02-30T25:61:61+99:99",
    b"Feb 31 99:99:99",
    b"<999>",
    b"<191>1 - - - - - -",
    b"%00%zz",
    b"type=EXECVE msg=audit(1.1:99999999999): argc=4294967295 a0=",
    b"CEF:0|||||||",
    b"LEEF:2.0|||||x5E|",
];

/// What is done to a line.
#[derive(Debug, Clone)]
enum Edit {
    Cut(usize),
    Begin(usize),
    Insert(usize, &'static [u8]),
    Flip(usize, u8),
    Repeat(usize, usize),
    Splice(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..2_000_usize;
    prop_oneof![
        at.clone().prop_map(Edit::Cut),
        at.clone().prop_map(Edit::Begin),
        (at.clone(), select(PIECES.to_vec())).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Edit::Flip(at, byte)),
        (at.clone(), 1..40_usize).prop_map(|(at, times)| Edit::Repeat(at, times)),
        (at.clone(), at).prop_map(|(at, other)| Edit::Splice(at, other)),
    ]
}

fn edited(mut line: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let place = |at: usize| at % (line.len() + 1);
        match *edit {
            Edit::Cut(at) => line.truncate(place(at)),
            Edit::Begin(at) => drop(line.drain(..place(at))),
            Edit::Insert(at, piece) => drop(line.splice(place(at)..place(at), piece.iter().copied())),
            Edit::Flip(at, byte) => {
                let at = place(at);
                line.get_mut(at).into_iter().for_each(|b| *b ^= byte);
            }
            Edit::Repeat(at, times) => {
                let piece: Vec<u8> = line.iter().skip(place(at)).take(12).copied().collect();
                line.extend(piece.repeat(times));
            }
            Edit::Splice(at, other) => {
                let with = &LINES[other % LINES.len()];
                line.truncate(place(at));
                line.extend(with.bytes().skip(at % (with.len() + 1)));
            }
        }
    }
    line
}

/// Reads a line; what was said of it is said of the line as it came.
fn read(reader: &mut Reader, line: &[u8]) -> Shape {
    let mut event = Event::default();
    let shape = reader.line(line, &mut event);
    if shape != Shape::Nothing {
        assert!(!event.raw().is_empty(), "the line is kept");
        let fields: usize = event.fields().map(|(name, value)| name.len() + value.text.len()).sum();
        // Names of nested objects are told with each of their values: that, and no more, makes an event larger.
        assert!(fields <= (line.len() + 64) * 64, "{fields} bytes of fields of a line of {}", line.len());
    }
    shape
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(6),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn lines_somebody_changed_are_events(from in any::<usize>(), edits in vec(edit(), 0..6)) {
        let line = edited(LINES[from % LINES.len()].as_bytes().to_vec(), &edits);
        let now = Some(jiff::Timestamp::from_second(1_771_246_800).unwrap());
        let mut reader = Reader::new(Zone { zone: jiff::tz::TimeZone::UTC, now });
        read(&mut reader, &line);
        // A reader remembers (columns of IIS, records of auditd): what it remembers does no harm to the next line.
        read(&mut reader, &line);
        read(&mut reader, LINES[from.wrapping_add(1) % LINES.len()].as_bytes());
    }

}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn files_that_look_like_evtx_are_read_to_their_end(
        pieces in vec(piece(), 0..60), sizes in vec(any::<u16>(), 0..3), free in select(vec![0x200_u32, 0x300, 0x1000, u32::MAX]),
    ) {
        let file = file(&pieces, &sizes, free);
        let mut told = 0;
        let read = normalise::evtx::read(&file, &mut Event::default(), |_| told += 1).unwrap();
        prop_assert_eq!(read.records, told);
        prop_assert!(read.records + read.broken <= 0x1_0000 / 24, "each record is looked at once");
    }
}

/// Tokens of the binary XML with what may stand behind them: places within the chunk, far outside, and of their own.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let token = select((0_u8..=0x0f).chain(0x41..=0x4f).collect::<Vec<_>>());
    let place = select(vec![0_u32, 0x18, 0x200, 0x218, 0x21c, 0x230, 0x300, 0xfff0, 0x1_0000, u32::MAX]);
    prop_oneof![
        // A fragment's head, an element with a name told right there, its start's end.
        Just(vec![0x0f, 1, 1, 0]),
        (token.clone(), place.clone(), place.clone()).prop_map(|(token, one, two)| {
            let mut all = vec![token];
            all.extend(one.to_le_bytes());
            all.extend(two.to_le_bytes());
            all
        }),
        // A template: its number, its place, how many values, their sizes and kinds.
        (place, any::<u16>(), any::<u8>()).prop_map(|(place, size, kind)| {
            let mut all = vec![0x0c, 1];
            all.extend(7_u32.to_le_bytes());
            all.extend(place.to_le_bytes());
            all.extend(3_u32.to_le_bytes());
            for n in 0..3_u16 {
                all.extend((size >> (4 * n)).to_le_bytes());
                all.extend([kind.wrapping_add(n as u8), 0]);
            }
            all
        }),
        // A value put in, of a kind.
        (any::<u16>(), any::<u8>()).prop_map(|(n, kind)| vec![0x0d, n as u8, 0, kind]),
        // A counted text that is longer than what is there.
        any::<u16>()
            .prop_map(|n| [vec![0x05, 1], n.to_le_bytes().to_vec(), b"a\0b\0\0\xd8".to_vec()].concat()),
        (token, vec(any::<u8>(), 0..8)).prop_map(|(token, rest)| [vec![token], rest].concat()),
    ]
}

/// A file of one chunk with records of these pieces; `sizes` lie about the sizes of records.
fn file(pieces: &[Vec<u8>], sizes: &[u16], free: u32) -> Vec<u8> {
    let mut file = vec![0; 4096];
    file[..8].copy_from_slice(b"ElfFile\0");
    file[0x28..0x2a].copy_from_slice(&4096_u16.to_le_bytes());
    let mut chunk = b"ElfChnk\0".to_vec();
    chunk.resize(0x200, 0);
    chunk[0x30..0x34].copy_from_slice(&free.to_le_bytes());
    for (n, pieces) in pieces.chunks(12).enumerate() {
        let body = pieces.concat();
        let size = u32::try_from(body.len() + 28).unwrap();
        let said = sizes.get(n).map_or(size, |size| u32::from(*size));
        chunk.extend(0x2a2a_u32.to_le_bytes());
        chunk.extend(said.to_le_bytes());
        chunk.extend([0; 16]);
        chunk.extend(&body);
        chunk.extend(size.to_le_bytes());
    }
    chunk.resize(0x1_0000, 0);
    file.extend(chunk);
    file
}

/// One thing over and over: work and memory in proportion to the line.
#[test]
fn repetition_is_bounded() {
    let deep = |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    let lines = [
        deep("{\"a\":", "}", 100_000),
        format!("{{\"a\":{}}}", deep("[", "]", 100_000)),
        format!("{{{}\"z\":1}}", "\"k\":\"v\",".repeat(50_000)),
        format!("<34>1 - - - - - {} x", "[a b=\"c\"]".repeat(50_000)),
        format!("<38>Feb 16 20:00:00 h sshd[1]: Failed password for {} from", "a from ".repeat(50_000)),
        format!("CEF:0|a|b|1|2|c|3|{}", "a=b ".repeat(50_000)),
        format!("CEF:0|{}", "\\|".repeat(200_000)),
        format!("date=2026-02-16 time=20:00:00 devname=\"f\" {}", "a=\"b ".repeat(50_000)),
        // Once looked through as a whole for every field: a line of 8 MB held up the path for hours.
        format!("type=EXECVE msg=audit(1771246800.1:1): argc=1000000 {}", "a0=41 ".repeat(50_000)),
        format!("<Event>{}", "<Data Name=\"a\">".repeat(50_000)),
        format!("203.0.113.9 - - [16/Feb/2026:20:00:00 +0700] \"{}", "\\\"".repeat(200_000)),
        "%".repeat(300_000),
        "\\".repeat(300_000),
    ];
    let mut reader = Reader::default();
    for line in &lines {
        read(&mut reader, line.as_bytes());
    }
    // Longer than a line may be: cut, not refused.
    assert_eq!(read(&mut reader, &vec![b'a'; LINE + 10]), Shape::Unknown);
}
